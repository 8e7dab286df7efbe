"""`check`, `show`, `models`, `platforms`, `schema`: what there is, without making anything."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping

from vidbuild.catalog.model import Model, Profile
from vidbuild.console import say
from vidbuild.packaged import catalog
from vidbuild.plan.routing import DRAFT
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.share import share
from vidbuild.words.errors import Exit, UsageError, shown
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import clock_text, rate_number


def check(settings: Settings) -> int:
    """Tell every mistake of a project, or what it comes to."""
    session = Session(settings, os.environ)
    try:
        planned = session.plan()
    finally:
        session.close()
    for problem in planned.warnings:
        say(shown(problem, planned.sources), sys.stderr)
    project, graph = planned.project, planned.graph
    length = max((deliverable.seconds for deliverable in graph.deliverables), default=None)
    told = f", {clock_text(length)}" if length is not None else ""
    say(f"{settings.file}: {len(project.shots)} shots, {len(graph.deliverables)} outputs{told}: no mistakes")
    return Exit.BUILT


def show(settings: Settings) -> int:
    """Print a project as it was understood."""
    from vidbuild.spec.show import shown_project

    session = Session(settings, os.environ)
    try:
        loaded = session.load(session.catalog())
    finally:
        session.close()
    say(shown_project(loaded.project).rstrip())
    return Exit.BUILT


def models(environ: Mapping[str, str]) -> int:
    """List models: kind, keys and whether they are set, how they stand."""
    listed = sorted(catalog().models.values(), key=lambda model: (not model.is_local, model.kind, model.name))
    for model in listed:
        say(f"{model.name:<18} {model.kind:<8} {_standing(model, environ):<44} {model.title}")
    return Exit.BUILT


def _standing(model: Model, environ: Mapping[str, str]) -> str:
    if model.is_local:
        return "free, always there" + (" (drafts)" if model.name in DRAFT.values() else "")
    if model.retired_on:
        return f"retired {model.retired_on}, use {model.replaced_by}"
    keys = ""
    return f"not driven yet; {keys}"


def platforms() -> int:
    """List platforms: size, rates, limits."""
    for profile in sorted(catalog().profiles.values(), key=lambda profile: profile.name):
        say(f"{profile.name:<16} {_size(profile):<12} {_limits(profile):<34} {profile.title}")
    return Exit.BUILT


def _size(profile: Profile) -> str:
    return f"{profile.width}x{profile.height}" if profile.width else "as the film"


def _limits(profile: Profile) -> str:
    limits = [f"up to {rate_number(profile.fps_max)} fps"] if profile.fps_max else []
    limits += [f"up to {clock_text(profile.max_s)}"] if profile.max_s else []
    return ", ".join(limits) or "any rate and length"


def schema(name: str) -> int:
    """Print a schema."""
    file = share(f"schemas/{name}.schema.json")
    if not file.is_file() or "/" in name:
        known = sorted(path.name.removesuffix(".schema.json") for path in share("schemas").glob("*.schema.json"))
        raise UsageError(f"no schema is called `{name}`", hint=closest(name, known))
    say(file.read_text().rstrip())
    return Exit.BUILT
