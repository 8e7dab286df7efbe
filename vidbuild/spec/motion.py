"""Nodes -> how the frame moves over each shot: the nearest `motion`, its times on the shot's own clock. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from vidbuild.spec.inherit import number
from vidbuild.spec.model import Card, Motion, Shot
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.speech import Anchors
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node

NONE = "none"


def moved(shots: Sequence[Shot], anchors: Anchors, times: Times, resolution: Resolution) -> tuple[Shot, ...]:
    """Give the shots with their motions; a card has none."""
    nodes = {name: held.motion for _, name, shot, held in anchors.owners if name == shot and held.motion is not None}
    spoilt: set[int] = set()
    found = []
    for shot in shots:
        node = nodes.get(shot.id)
        if node is None or isinstance(shot.source, Card) or id(node) in spoilt:
            found.append(shot)
            continue
        told = len(resolution.problems)
        found.append(replace(shot, motion=_motion(node, shot.id, times)))
        if len(resolution.problems) > told:  # once is enough, however many shots inherit it
            spoilt.add(id(node))
    return tuple(found)


def _motion(node: Node, shot: str, times: Times) -> Motion | None:
    """Read a motion; `None` for none."""
    if type(node.value) is str:
        return Motion(node.value) if node.value != NONE else None
    kind, focus, scale = node.get("type"), node.get("focus"), node.get("scale")
    if kind is not None and kind.value == NONE:
        return None
    start, end = times.span(node.get("at"), shot)
    made = Motion(str(kind.value) if kind else "push-in", start=start, end=to_its_end(end))
    if focus is not None and len(focus.members()) == 2:
        x, y = (number(member) for member in focus.members())
        made = replace(made, focus=(x, y))
    return replace(made, scale=number(scale)) if scale is not None else made
