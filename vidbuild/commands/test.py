"""`vidbuild test`: what a project asserts of its finished videos, measured and told: to people, as JSON, as JUnit."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from vidbuild.approving import to_buy
from vidbuild.building import Conditions, first_act, realize, stands
from vidbuild.commands.room import see_room
from vidbuild.console import Bar, say, sink_for
from vidbuild.engine import Outcome
from vidbuild.media.asserting import Measured, Verdict, judged
from vidbuild.plan.screening import Screening, screened
from vidbuild.plan.why import describe
from vidbuild.runners.comparing import CAPTIONS
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings
from vidbuild.spec.model import Assertion
from vidbuild.stores import durable
from vidbuild.words.action import ActionResult, Graph, Ref
from vidbuild.words.errors import ActionFailed, Exit, OverBudget, UsageError, VidbuildError, clean, shown
from vidbuild.words.events import BuildStarted, Event, Sink, Told

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

Edges = tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Tested:
    """One assertion about one finished video, and what came of it.

    Args:
        error: why it couldn't be measured, instead of a verdict.
    """

    asserted: Assertion
    path: str
    output: str
    variant: str | None
    verdict: Verdict | None = None
    error: str = ""

    @property
    def passed(self) -> bool:
        """Whether it is so."""
        return self.verdict is not None and self.verdict.passed

    @property
    def name(self) -> str:
        """What it is called."""
        return f"{self.asserted.name}: {self.asserted.key}" if self.asserted.name else self.asserted.key

    @property
    def text(self) -> str:
        """What was found and is needed, in a line."""
        return self.error if self.verdict is None else f"{self.verdict.found}; needed: {self.verdict.needed}"


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Test, and say what came of it."""
    report: Path | None = told["junit"]
    if report is not None:
        see_room(report, "report", rb"(<\?xml[^>]*>\s*)?<testsuites")
    if settings.only is not None:
        raise UsageError("tests are about whole videos", hint="leave `--only` out; `--output NAME` tests one video")
    session = Session(settings, os.environ)
    interactive = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    sink: Sink = _quiet if told["as_json"] else sink_for(False, interactive)
    try:
        planned = session.plan()
        for problem in planned.warnings:
            say(shown(problem, planned.sources), sys.stderr)
        jobs = told["jobs"] or session.configuration.jobs or os.cpu_count() or 1
        found, stopped = _tested(session, planned, Conditions(jobs), sink)
    finally:
        session.close()
        if isinstance(sink, Bar):
            sink.close()
    if stopped is not None:
        return int(stopped)
    if report is not None:
        durable.write_bytes(report.absolute(), junit(planned.project.name, found))
    if told["as_json"]:
        say(json.dumps(document(planned.project.name, found)))
    else:
        _tell(found)
    return int(Exit.BUILT if all(one.passed for one in found) else Exit.FAILED)


def _quiet(event: Event) -> None:
    """Tell what people have to know beside a document."""
    if isinstance(event, Told):
        say(clean(event.text), sys.stderr)


def _tested(session: Session, planned: Planned, conditions: Conditions, sink: Sink) -> tuple[list[Tested], Exit | None]:
    """Measure what is asserted of the finished videos, and judge it."""
    asserted = {project.language: project.assertions for project in planned.projects}
    if not any(asserted.values()):
        say("note: the project has no `tests`: nothing is measured", sys.stderr)
        say("hint: say in the project what must be so: `tests: [{duration_s: [5, 60]}]`", sys.stderr)
        return [], None
    _check_bought(session, planned.graph)
    if planned.unheard:
        outcome, stopped = realize(session, conditions, first_act(planned), sink)
        if stopped is not None:
            return [], stopped
        if outcome.failed:
            raise next(iter(outcome.failed.values()))
        planned = session.plan()
        _check_bought(session, planned.graph)
    graph, screenings = screened(planned.graph, asserted, session.encoder)
    if not screenings:
        raise UsageError("none of its `tests` is about a video that is asked for")
    draft = session.settings.draft
    sink(BuildStarted(planned.project.name, len(graph.nodes), len(graph.deliverables), draft))
    outcome, stopped = realize(session, conditions, graph, sink)
    if stopped is not None:
        return [], stopped
    platforms = {output.name: output.platform for project in planned.projects for output in project.outputs}
    edges = {name: session.known.profiles[platform].safe for name, platform in platforms.items()}
    judged_all = (_judged(session, graph, each, outcome, edges[each.deliverable.output]) for each in screenings)
    return [one for some in judged_all for one in some], None


def _check_bought(session: Session, graph: Graph) -> None:
    bought = to_buy(graph, session.survey(graph))
    lacking = [describe(graph, node.action.id) for node in bought]
    if lacking:
        facts = {str(number): text for number, text in enumerate(lacking[:8], 1)}
        facts |= {"and": f"{len(lacking) - 8} more"} if len(lacking) > 8 else {}
        raise OverBudget("what is tested has to be bought first, and tests buy nothing", facts, "build first")


def _judged(session: Session, graph: Graph, each: Screening, outcome: Outcome, edges: Edges) -> list[Tested]:
    """Judge every assertion about one video; what can't be measured is told as that."""
    of = each.deliverable
    try:
        measured = _measured(session, graph, each, outcome, edges)
    except VidbuildError as error:
        return [Tested(one, of.path, of.output, of.variant, error=error.sentence) for one in each.assertions]
    return [Tested(one, of.path, of.output, of.variant, judged(one, measured)) for one in each.assertions]


def _measured(session: Session, graph: Graph, each: Screening, outcome: Outcome, edges: Edges) -> Measured:
    """Read all that was measured of one video."""

    def facts(ref: Ref) -> Any:
        path = session.cas.fetch(_result(graph, outcome, ref).outputs[ref.output].digest)
        if path is None:
            raise ActionFailed("what was measured is damaged or gone")
        return json.loads(path.read_text())

    of = each.deliverable
    whole = _result(graph, outcome, of.source).outputs[of.source.output]
    files = {of.path: of.source}
    if each.captions is not None:
        files |= {path: ref for path, ref in of.companions.items() if path.endswith(CAPTIONS)}
    for path, ref in files.items():
        place = session.settings.home / path
        if not stands(session, _result(graph, outcome, ref).outputs[ref.output].digest, place):
            is_there = "is not what the project makes now" if place.exists() else "is not there"
            raise ActionFailed(f"`{path}` {is_there}: build again")
    film, captions = (facts(ref) if ref is not None else None for ref in (each.film, each.captions))
    letters = [(start, facts(ref)) for start, ref in each.letters]
    return Measured(film, captions, letters, each.shots, whole.size, of.fps, edges)


def _result(graph: Graph, outcome: Outcome, ref: Ref) -> ActionResult:
    """Give what an action made; why it made nothing is raised."""
    blame = outcome.skipped.get(ref.action, ref.action)
    if blame in outcome.failed:
        error = outcome.failed[blame]
        raise ActionFailed(f"{describe(graph, blame)} failed: {error.sentence}", error.facts, error.hint)
    if ref.action not in outcome.results:
        raise ActionFailed(f"{describe(graph, ref.action)} was not made")
    return outcome.results[ref.action]


def document(project: str, found: Sequence[Tested]) -> dict[str, Any]:
    """Write what came of all assertions, as `schemas/tests.schema.json` says."""
    return {
        "vidbuild_tests": 1,
        "project": project,
        "tests": [
            {
                "name": one.name,
                "key": one.asserted.key,
                "at": str(one.asserted.mark),
                "output": one.output,
                "variant": one.variant,
                "path": one.path,
                "passed": one.passed,
                "found": one.verdict.found if one.verdict else None,
                "needed": one.verdict.needed if one.verdict else None,
                "places": list(one.verdict.places) if one.verdict else [],
                "error": one.error or None,
            }
            for one in found
        ],
        "passed": sum(one.passed for one in found),
        "failed": sum(not one.passed for one in found),
    }


def junit(project: str, found: Sequence[Tested]) -> bytes:
    """Write what came of all assertions as JUnit does: a suite for each video, a case for each assertion."""
    root = ElementTree.Element("testsuites", {"name": clean(project), **_counts(found)})
    for path in dict.fromkeys(one.path for one in found):
        mine = [one for one in found if one.path == path]
        suite = ElementTree.SubElement(root, "testsuite", {"name": clean(path), **_counts(mine)})
        for one in mine:
            mark = one.asserted.mark
            where = {"file": mark.file, "line": str(mark.line)} if mark is not None else {}
            about = {"classname": clean(path), "name": clean(one.name), "time": "0", **where}
            case = ElementTree.SubElement(suite, "testcase", about)
            if not one.passed:
                kind = "failure" if one.verdict is not None else "error"
                said = ElementTree.SubElement(case, kind, {"message": clean(one.text), "type": one.asserted.key})
                said.text = clean("\n".join([*(one.verdict.places if one.verdict else ()), str(mark)]))
    ElementTree.indent(root)
    return f"{_HEAD}{ElementTree.tostring(root, 'unicode')}\n".encode()


def _counts(found: Sequence[Tested]) -> dict[str, str]:
    failures = sum(one.verdict is not None and not one.passed for one in found)
    errors = sum(one.verdict is None for one in found)
    return {"tests": str(len(found)), "failures": str(failures), "errors": str(errors)}


def _tell(found: Sequence[Tested]) -> None:
    width = max((len(one.path) for one in found), default=0)
    for one in found:
        word = "ok" if one.passed else "FAILED" if one.verdict is not None else "ERROR"
        say(clean(f"{word:<7} {one.path:<{width}}  {one.name}: {one.text}"))
        if not one.passed:
            for place in one.verdict.places if one.verdict else ():
                say(clean(f"          {place}"))
            say(clean(f"          {one.asserted.mark}"))
    failed = sum(not one.passed for one in found)
    say(f"{len(found) - failed} passed, {failed} failed")
