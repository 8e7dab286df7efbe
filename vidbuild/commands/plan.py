"""`vidbuild plan` and `vidbuild why`: what a build would do, and for what reason."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from vidbuild import documents, past
from vidbuild.approving import basis, out_of_reach, to_buy
from vidbuild.building import stands
from vidbuild.commands.inspect import tell_out_of_reach
from vidbuild.commands.jobs import unclear
from vidbuild.commands.plan_markdown import Reviewed, beside, headline, markdown
from vidbuild.commands.room import see_room
from vidbuild.console import say
from vidbuild.paths import shots_and_outputs
from vidbuild.plan.against import Compared, Side, compared, is_root
from vidbuild.plan.price import Total, by_provider, by_shot, costs_text, price, total
from vidbuild.plan.why import describe, reasons
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings
from vidbuild.stores import durable
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Deliverable, Graph
from vidbuild.words.amounts import counted
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Exit, SpecError, UsageError, clean, shown
from vidbuild.words.names import closest

SOMETHING = 10
"""The detailed exit code of a plan that has something to do."""


class Survey:
    """A planned project with every action's standing and reasons; of a revision beside it, where one is named.

    Args:
        is_document: whether it is written down as a document, which says what it was planned from.
    """

    def __init__(self, session: Session, ref: str | None = None, is_document: bool = False):
        self.planned: Planned = session.plan()
        self.graph: Graph = self.planned.graph
        self.standings: Mapping[Digest, Surveyed] = session.survey(self.graph)
        said = past.recall(session.settings)
        self.why: Mapping[Digest, Sequence[str]] = {
            id: reasons(self.graph, self.standings, id, said, session.cache.action) for id in self.graph.nodes
        }
        self.unclear = unclear(session)
        self.basis = basis(session, self.planned) if is_document else {}
        self.lacking = out_of_reach(session, to_buy(self.graph, self.standings))
        self.stands = {d.id: self._standing(session, d) for d in self.graph.deliverables}
        self.against = _against(session, ref, Side(self.graph, self.standings)) if ref is not None else None

    def _standing(self, session: Session, deliverable: Deliverable) -> Standing:
        """Say how a deliverable stands: a result that isn't at its path has still to be put there."""
        surveyed = self.standings[deliverable.source.action]
        if surveyed.standing is not Standing.CACHED or surveyed.result is None:
            return surveyed.standing
        place = session.settings.home / deliverable.path
        here = stands(session, surveyed.result.outputs[deliverable.source.output].digest, place)
        whole = here and all((session.settings.home / path).exists() for path in deliverable.companions)
        return Standing.CACHED if whole else Standing.RUN

    @property
    def reviewed(self) -> Reviewed:
        """What a reviewer is told of it."""
        return Reviewed(
            self.planned, self.graph, self.standings, self.why, self.stands, self.unclear, self.against
        )  # fmt: skip

    @property
    def has_something(self) -> bool:
        """Whether a build would do anything."""
        standings = [surveyed.standing for surveyed in self.standings.values()]
        return any(standing is not Standing.CACHED for standing in (*standings, *self.stands.values()))


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Show a plan."""
    if told["as_json"] and told["format"] != "text":
        raise UsageError("`--json` and `--format markdown` are two forms", hint="name one of them")
    into = None if told["into"] is None else see_room(Path(told["into"]), "plan", rb'\s*{\s*"vidbuild_plan"')
    survey = surveyed(settings, told["against"], is_document=into is not None or told["as_json"])
    if into is not None:
        text = json.dumps(_document(survey), indent=1, ensure_ascii=False)
        durable.write_bytes(into, f"{text}\n".encode())
    if told["as_json"]:
        say(json.dumps(_document(survey)))
    elif told["format"] == "markdown":
        say(markdown(survey.reviewed).rstrip("\n"))
    else:
        _tell(survey, told["show"])
    if into is not None:
        say(f"the plan: {clean(str(into))}; `vidbuild build --plan` builds what it says", sys.stderr)
    return SOMETHING if told["detailed_exitcode"] and survey.has_something else Exit.BUILT


def _document(survey: Survey) -> dict[str, Any]:
    name = survey.planned.project.name
    document = documents.plan_document(
        name, survey.graph, survey.standings, survey.why, survey.stands, survey.basis
    )  # fmt: skip
    if survey.against is None:
        return document
    return {**document, "against": documents.compared(survey.graph, survey.against)}


def why(settings: Settings, what: str, as_json: bool = False) -> int:
    """Say why the actions of a shot, an output or one action would run."""
    survey = surveyed(settings)
    found = [id for id in survey.graph.nodes if _is_meant(survey.graph, id, what)]
    if not found:
        raise UsageError(f"nothing here is called `{clean(what)}`", hint=closest(what, _names(survey.graph)))
    if as_json:
        rows = (
            {
                "id": id,
                "what": describe(survey.graph, id),
                "standing": str(survey.standings[id].standing),
                "why": [*survey.why[id]],
                "told": [*survey.graph.nodes[id].told],
            }
            for id in found
        )
        say(json.dumps({"vidbuild_why": 1, "actions": [*rows]}))
        return Exit.BUILT
    for id in found:
        _tell_action(survey, id, (*survey.why[id], *survey.graph.nodes[id].told))
    if all(survey.standings[id].standing is Standing.CACHED for id in found):
        say("nothing has changed since it was built")
    return Exit.BUILT


def _against(session: Session, ref: str, now: Side) -> Compared:
    """Plan the project as it was at a revision, and compare."""
    from vidbuild import revisions

    with revisions.opened(session, ref, os.environ) as there:
        if not there.has_project:
            return compared(now, None, ref, there.commit, f"`{session.settings.file.name}` is not in {ref}")
        try:
            planned = there.session.plan()
        except (SpecError, UsageError) as error:
            note = f"{ref} can't be planned, so all counts as new: {error.sentence}"
            return compared(now, None, ref, there.commit, note)
        before = Side(planned.graph, there.session.survey(planned.graph))
        return replace(compared(now, before, ref, there.commit), unpinned=tuple(there.unpinned))


def surveyed(settings: Settings, ref: str | None = None, is_document: bool = False) -> Survey:
    """Plan a project and look how all of it stands; warnings are told."""
    session = Session(settings, os.environ)
    try:
        survey = Survey(session, ref, is_document)
    finally:
        session.close()
    for problem in survey.planned.warnings:
        say(shown(problem, survey.planned.sources), sys.stderr)
    return survey


def _is_meant(graph: Graph, id: Digest, what: str) -> bool:
    shots, outputs = shots_and_outputs(graph, id)
    mnemonic = graph.nodes[id].action.mnemonic
    return what in shots or what in outputs or what == mnemonic or (len(what) >= 6 and id.startswith(what))


def _names(graph: Graph) -> list[str]:
    names: dict[str, None] = {}
    for id in graph.nodes:
        shots, outputs = shots_and_outputs(graph, id)
        names |= dict.fromkeys((*shots, *outputs, graph.nodes[id].action.mnemonic))
    return list(names)


def _tell(survey: Survey, show: bool) -> None:
    """Tell a plan to a person: what runs and why, what is kept, what it costs."""
    graph, against = survey.graph, survey.against
    for id, surveyed in survey.standings.items():
        if not show and (
            surveyed.standing is Standing.CACHED if against is None else not is_root(against.why.get(id, ()))
        ):
            continue
        why = survey.why[id] if against is None else against.why.get(id, ())
        _tell_action(survey, id, (*why[:3], *graph.nodes[id].told[:1]))
        if show:
            _show(graph, id)
    if against is not None and (count := sum(not is_root(why) for why in against.why.values())):
        say(f"... and {count} that {'follows' if count == 1 else 'follow'} from these")
    for note in (*graph.notes, *beside(against)):
        say(f"note: {clean(note)}")
    tell_out_of_reach(survey.lacking)
    for told in survey.unclear:
        say(f"note: {clean(told)}")
    for deliverable in graph.deliverables:
        say(f"{_WORDS[survey.stands[deliverable.id]]:<8} {clean(deliverable.path)}")
    for heading, parts in (
        ("by shot", by_shot(graph, survey.standings)),
        ("by provider", by_provider(graph, survey.standings)),
    ):
        for name, part in parts.items():
            say(clean(f"{heading}: {name}  {costs_text([part])}"))
    say(_sum(survey))
    if against is not None:
        say(f"against {clean(against.ref)}: {headline(survey.reviewed)}")


def _tell_action(survey: Survey, id: Digest, why: Sequence[str]) -> None:
    """Tell how one action stands, what it costs, and why."""
    said = _WORDS[survey.standings[id].standing]
    say(clean(f"{said:<8} {describe(survey.graph, id)}{_price(survey, id)}"))
    for told in why:
        say(f"           {clean(told)}")


def _price(survey: Survey, id: Digest) -> str:
    """Tell what a paid action costs, and by whom it is made."""
    node, standing = survey.graph.nodes[id], survey.standings[id].standing
    if not node.conduct.is_paid:
        return ""
    cost = price(node, standing)
    usd = "of unknown price" if cost is None else costs_text([Total(cost)])
    return f"  {usd}, {' or '.join(f'{hire.model} ({hire.provider})' for hire in node.conduct.hires)}"


_WORDS = {
    Standing.CACHED: "kept",
    Standing.RUN: "make",
    Standing.RESUME: "resume",
    Standing.UNKNOWN: "waits",
    Standing.LOST: "lost",
}
"""What people read for a standing; an action waits until what it is made from is known, and may then be kept."""


def _sum(survey: Survey) -> str:
    """Sum a plan up in a line; a plan that buys nothing is free."""
    totals = documents.totals(survey.graph, survey.standings)
    told = [counted(totals[standing], *words) for standing, *words in _TOTALS if totals[standing]]
    return f"{', '.join(told)}; {costs_text([total(survey.graph, survey.standings)])}"


_TOTALS = (
    ("run", "to make", "to make"),
    ("unknown", "that waits for them", "that wait for them"),
    ("resume", "to resume", "to resume"),
    ("lost", "lost", "lost"),
    ("cached", "kept", "kept"),
)


def _show(graph: Graph, id: Digest) -> None:
    """Print what an action will run: argv, or the ask."""
    action = graph.nodes[id].action
    say(f"           id {id}")
    if "steps" not in action.params:
        say(f"           ask {clean(json.dumps(dict(action.params), default=str, ensure_ascii=False))}")
        return
    for step in action.params["steps"]:
        for kind, told in step.items():
            text = shlex.join(told) if kind == "argv" else f"{kind} {json.dumps(told, default=str)}"
            say(f"           {clean(text)}")
