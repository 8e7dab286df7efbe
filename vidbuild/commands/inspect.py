"""`check`, `show`, `models`, `platforms`, `schema`: what there is, without making anything."""

from __future__ import annotations

import datetime
import os
import sys
from collections.abc import Collection, Sequence

from vidbuild import packaged
from vidbuild.approving import out_of_reach, to_buy
from vidbuild.catalog.freshness import LONGEST_DAYS, doubtful, stale
from vidbuild.catalog.listing import model_lines
from vidbuild.catalog.model import Catalog, Profile
from vidbuild.console import say
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.share import share
from vidbuild.words.errors import Exit, SpecError, UsageError, VidbuildError, clean, shown
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import clock_text, rate_number

_OLD = 10
"""The exit code of a check that finds something to do, as of `plan --detailed-exitcode`."""


def check(projects: Sequence[Settings]) -> int:
    """Tell every mistake of projects, or what they come to; what is wrong with one keeps none of the others back."""
    worst = Exit.BUILT
    for settings in projects:
        try:
            _check(settings)
        except VidbuildError as error:
            if len(projects) == 1:
                raise
            say(error.text() if isinstance(error, SpecError) else f"error: {settings.file}: {error.text()}", sys.stderr)
            worst = max(worst, error.exit)
    return worst


def _check(settings: Settings) -> None:
    """Tell every mistake of a project, or what it comes to."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan()
        lacking = out_of_reach(session, to_buy(planned.graph, session.survey(planned.graph)))
    finally:
        session.close()
    for problem in planned.warnings:
        say(shown(problem, planned.sources), sys.stderr)
    tell_out_of_reach(lacking)
    project, graph = planned.project, planned.graph
    length = max((deliverable.seconds for deliverable in graph.deliverables), default=None)
    told = f", {clock_text(length)}" if length is not None else ""
    counts = f"{_counted(len(project.shots), 'shot')}, {_counted(len(graph.deliverables), 'output')}"
    say(f"{settings.file}: {counts}{told}: no mistakes")


def _counted(count: int, what: str, several: str | None = None) -> str:
    return f"{count} {what if count == 1 else several or f'{what}s'}"


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


def models(settings: Settings) -> int:
    """List models, the project's own too: what they make, cost and need, and whether their keys are there."""
    present = frozenset(name for name, value in os.environ.items() if value.strip())
    for line in model_lines(_catalog(settings), present):
        say(line)
    return Exit.BUILT


def models_checked(settings: Settings) -> int:
    """Tell which facts of the catalog are older than ninety days, and which are in doubt."""
    catalog = _catalog(settings)
    old = list(stale(catalog, datetime.datetime.now(datetime.UTC).date()))
    for one in old:
        say(clean(one.text))
    say(f"{_counted(len(old), 'entry', 'entries')} older than {LONGEST_DAYS} days" if old else "all facts are recent")
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


def platforms() -> int:
    """List platforms: size, rates, limits."""
    for profile in sorted(packaged.catalog().profiles.values(), key=lambda profile: profile.name):
        say(f"{profile.name:<16} {_size(profile):<12} {_limits(profile):<46} {profile.title}")
    return Exit.BUILT


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
