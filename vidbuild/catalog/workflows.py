"""Workflows: graphs of nodes in a file, with slots that a route names; both become one value of the catalog.

The form is ComfyUI's API format, `{"<id>": {"class_type", "inputs", "_meta": {"title"}}}`. It reads no file and runs
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from vidbuild.catalog.model import Workflow
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem
from vidbuild.words.names import did_you_mean


def workflow_of(said: Mapping[str, Any], texts: Mapping[str, str]) -> Workflow:
    """Make a workflow of what a route says, whose mistakes were told before; a file that isn't there has no nodes."""
    graph = _graph(texts.get(said["file"], "{}"))
    places = ((_place(graph, slot), template) for slot, template in said.get("slots", {}).items())
    return Workflow(graph, tuple((*place, template) for place, template in places if place is not None))


def mistakes(said: Node, texts: Mapping[str, str]) -> Iterator[Problem]:
    """Tell what is wrong with a route's workflow: its file, and slots that are nowhere in it."""
    file, slots = said.get("file"), said.get("slots")
    if file is None:
        return
    name = str(file.value)
    if name not in texts:
        hint = did_you_mean(name, list(texts)) or "it lies in the folder `workflows` beside the project file"
        yield Problem(file.mark, f"there is no workflow `{name}`", hint=hint)
        return
    graph = _graph(texts[name])
    if not graph:
        hint = "save it in ComfyUI with `Export (API)`, which writes nodes by their numbers"
        yield Problem(file.mark, f"`{name}` is no workflow in the API format", hint=hint)
        return
    for slot in slots.entries() if slots is not None else ():
        at = slots.entries()[slot].mark if slots is not None else file.mark
        if _place(graph, slot) is None:
            hint = (
                did_you_mean(slot, list(_slots(graph))) or "write NODE.INPUT: a node's title or number, and its input"
            )
            yield Problem(at, f"`{name}` has no input `{slot}` that could be filled", hint=hint)


def _graph(text: str) -> dict[str, Any]:
    """Read a graph; nothing for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    is_graph = isinstance(found, dict) and all(
        isinstance(node, dict) and isinstance(node.get("class_type"), str) and isinstance(node.get("inputs"), dict)
        for node in found.values()
    )
    return found if is_graph else {}


def _place(graph: Mapping[str, Any], slot: str) -> tuple[str, str] | None:
    """Find the node and the input that a slot names: by the node's title, which is the only one, else by its number."""
    return _slots(graph).get(slot)


def _slots(graph: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """Name every input that is no link, by number and, where that is the node's alone, by title."""
    titles = [_title(node) for node in graph.values()]
    found: dict[str, tuple[str, str]] = {}
    for number, node in graph.items():
        title = _title(node)
        names = [number, *([title] if title and titles.count(title) == 1 else [])]
        for input, value in node["inputs"].items():
            if not isinstance(value, list):
                found |= {f"{name}.{input}": (number, input) for name in names}
    return found


def _title(node: Mapping[str, Any]) -> str:
    told = node.get("_meta")
    title = told.get("title") if isinstance(told, dict) else None
    return title if isinstance(title, str) else ""
