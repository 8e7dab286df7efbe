"""`vidbuild graph`: a plan as a picture, or as text that other programs draw."""

from __future__ import annotations

from pathlib import Path

from vidbuild.commands.graph_svg import svg
from vidbuild.commands.graph_text import document, dot, mermaid
from vidbuild.commands.plan import surveyed
from vidbuild.commands.room import see_room
from vidbuild.console import say
from vidbuild.plan.overview import each_action, overview
from vidbuild.settings import Settings
from vidbuild.stores import durable
from vidbuild.words.errors import Exit, UsageError

_WRITERS = {"svg": svg, "dot": dot, "mermaid": mermaid, "json": document}
_START = rb"<svg xmlns='|digraph |flowchart |{\"vidbuild_graph\""


def run(settings: Settings, form: str, is_full: bool, into: str | None) -> int:
    """Write a plan's overview.

    Args:
        is_full: every action for itself, not gathered by shot and file.
    """
    if is_full and form == "svg":
        hint = "`--format dot --full` for Graphviz, or `--format json --full`"
        raise UsageError("the picture gathers actions by shot and file", hint=hint)
    if into is not None:
        see_room(Path(into), "graph", _START)
    survey = surveyed(settings)
    project, graph = survey.planned.project, survey.graph
    seen = (
        each_action(project, graph, survey.standings)
        if is_full
        else overview(project, graph, survey.standings, survey.stands)
    )
    text = _WRITERS[form](seen)
    if into is None:
        say(text.rstrip("\n"))
    else:
        durable.write_bytes(Path(into), text.encode())
    return Exit.BUILT
