"""`check`, `show`, `models`, `platforms`, `schema`: what there is, without making anything."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from vidbuild import packaged
from vidbuild.approving import out_of_reach, to_buy
from vidbuild.catalog.freshness import LONGEST_DAYS, doubtful, stale
from vidbuild.catalog.listing import model_lines, model_rows
from vidbuild.catalog.model import Catalog, Profile
from vidbuild.console import say
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.share import share
from vidbuild.words.amounts import counted
from vidbuild.words.errors import Exit, Problem, SpecError, UsageError, VidbuildError, clean, shown
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import clock_text, rate_number

_OLD = 10
"""The exit code of a check that finds something to do, as of `plan --detailed-exitcode`."""


def check(projects: Sequence[Settings], as_json: bool = False) -> int:
    """Tell every mistake of projects, or what they come to; what is wrong with one keeps none of the others back."""
    worst = Exit.BUILT
    for settings in projects:
        try:
            worst = max(worst, _check(settings, as_json))
        except VidbuildError as error:
            if len(projects) == 1:
                raise
            say(error.text() if isinstance(error, SpecError) else f"error: {settings.file}: {error.text()}", sys.stderr)
            worst = max(worst, error.exit)
    return worst


def _check(settings: Settings, as_json: bool) -> Exit:
    """Tell every mistake of a project, or what it comes to."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan()
        lacking = out_of_reach(session, to_buy(planned.graph, session.survey(planned.graph)))
    except SpecError as error:
        if not as_json:
            raise
        say(json.dumps(_checked(settings, error.problems)))
        return Exit.INVALID
    finally:
        session.close()
    if as_json:
        say(json.dumps(_checked(settings, planned.warnings, lacking)))
        return Exit.BUILT
    for problem in planned.warnings:
        say(shown(problem, planned.sources), sys.stderr)
    tell_out_of_reach(lacking)
    project, graph = planned.project, planned.graph
    length = max((deliverable.seconds for deliverable in graph.deliverables), default=None)
    told = f", {clock_text(length)}" if length is not None else ""
    counts = f"{counted(len(project.shots), 'shot')}, {counted(len(graph.deliverables), 'output')}"
    say(f"{settings.file}: {counts}{told}: no mistakes")
    return Exit.BUILT


def _checked(settings: Settings, problems: Iterable[Problem], lacking: Collection[str] = ()) -> dict[str, Any]:
    """Write what a check found as programs read it; its schema is `check.schema.json`."""
    rows = [
        {
            "file": problem.mark.file if problem.mark else None,
            "line": problem.mark.line if problem.mark else None,
            "column": problem.mark.column if problem.mark else None,
            "sentence": problem.sentence,
            "facts": list(problem.facts),
            "hint": problem.hint,
            "warning": problem.warning,
        }
        for problem in problems
    ]
    ok = all(row["warning"] for row in rows)
    told = {"vidbuild_check": 1, "project": str(settings.file), "ok": ok}
    return {**told, "problems": rows, "lacking": [*lacking]}


def tell_out_of_reach(lacking: Collection[str]) -> None:
    """Tell what a build would lack: no mistake of the project."""
    for sentence in lacking:
        say(f"note: {clean(sentence)}", sys.stderr)
    if lacking:
        say("hint: a build needs these; `--draft` makes everything here, free", sys.stderr)


def show(settings: Settings, variant: str | None = None) -> int:
    """Print a project as it was understood, of several languages one."""
    from vidbuild.spec.show import shown_project
    from vidbuild.words.names import closest

    session = Session(settings, os.environ)
    try:
        loaded = session.load(session.catalog())
    finally:
        session.close()
    known = {project.language or "": project for project in loaded.projects}
    if variant is not None and variant not in known:
        hint = closest(variant, known) if loaded.project.language else "the project has no `languages`"
        raise UsageError(f"no variant is called `{clean(variant)[:80]}`", hint=hint)
    say(shown_project(known[variant] if variant is not None else loaded.project).rstrip())
    return Exit.BUILT


def models(settings: Settings, as_json: bool = False) -> int:
    """List models, the project's own too: what they make, cost and need, and whether their keys are there."""
    present = frozenset(name for name, value in os.environ.items() if value.strip())
    if as_json:
        say(json.dumps({"vidbuild_models": 1, "models": [*model_rows(_catalog(settings), present)]}))
        return Exit.BUILT
    for line in model_lines(_catalog(settings), present):
        say(line)
    return Exit.BUILT


def models_checked(settings: Settings) -> int:
    """Tell which facts of the catalog are older than ninety days, and which are in doubt."""
    catalog = _catalog(settings)
    old = list(stale(catalog, datetime.datetime.now(datetime.UTC).date()))
    for one in old:
        say(clean(one.text))
    say(f"{counted(len(old), 'entry', 'entries')} older than {LONGEST_DAYS} days" if old else "all facts are recent")
    say("")
    say("remembered or inferred, in whole or in part (their files say which part):")
    for line in doubtful(catalog):
        say(clean(line))
    return _OLD if old else Exit.BUILT


def _catalog(settings: Settings) -> Catalog:
    """Give the catalog of a project, or the packaged one where there is no project."""
    if not settings.file.is_file():
        return packaged.catalog()
    session = Session(settings, os.environ)
    try:
        return session.catalog()
    finally:
        session.close()


def platforms(settings: Settings, as_json: bool = False) -> int:
    """List platforms, the project's own too: size, rates, limits."""
    profiles = sorted(_catalog(settings).profiles.values(), key=lambda profile: profile.name)
    if as_json:
        say(json.dumps({"vidbuild_platforms": 1, "platforms": [_platform(profile) for profile in profiles]}))
        return Exit.BUILT
    for profile in profiles:
        say(f"{profile.name:<16} {_size(profile):<12} {_limits(profile):<46} {profile.title}")
    return Exit.BUILT


def _platform(profile: Profile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "title": profile.title,
        "width": profile.width,
        "height": profile.height,
        "fps_max": rate_number(profile.fps_max) if profile.fps_max else None,
        "max_s": float(profile.max_s) if profile.max_s else None,
        "max_mb": profile.max_mb,
        "codec": None if profile.form else profile.codec,
        "form": profile.form,
        "lufs": None if profile.lufs is None else float(profile.lufs),
        "captions": profile.captions,
    }


def _size(profile: Profile) -> str:
    if profile.form is not None:
        return "sound alone"
    return f"{profile.width}x{profile.height}" if profile.width else "as the film"


def _limits(profile: Profile) -> str:
    limits = [f"up to {rate_number(profile.fps_max)} fps"] if profile.fps_max else []
    limits += [f"up to {clock_text(profile.max_s)}"] if profile.max_s else []
    limits += [f"up to {profile.max_mb} MB"] if profile.max_mb else []
    return ", ".join(limits) or "any rate and length"


def schema(name: str) -> int:
    """Print a schema."""
    file = share(f"schemas/{name}.schema.json")
    if not file.is_file() or "/" in name:
        known = sorted(path.name.removesuffix(".schema.json") for path in share("schemas").glob("*.schema.json"))
        raise UsageError(f"no schema is called `{name}`", hint=closest(name, known))
    say(file.read_text().rstrip())
    return Exit.BUILT
