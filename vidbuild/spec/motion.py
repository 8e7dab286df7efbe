"""Nodes -> how the frame moves over each shot: the nearest `motion`, its times on the shot's own clock; paths. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from vidbuild.spec.inherit import number, reframe_of
from vidbuild.spec.model import Card, Motion, Prompted, Shot
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.speech import Anchors
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem

NONE = "none"
_PATHS = "[[x, y], ...], spread over the shot, or [[x, y, seconds], ...]"


def moved(shots: Sequence[Shot], anchors: Anchors, times: Times, resolution: Resolution) -> tuple[Shot, ...]:
    """Give the shots with their motions; a card has none."""
    there = {shot.id: shot for shot in shots}
    own = [(node, name, held) for node, name, shot, held in anchors.owners if name == shot and name in there]
    for written, name, _ in own:
        _refuse_strays(written, there[name], resolution)
    nodes = {name: held.motion for _, name, held in own if held.motion is not None}
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


def _refuse_strays(node: Node, shot: Shot, resolution: Resolution) -> None:
    """Tell what a shot says itself and can't be of its kind; what it inherits is passed over."""
    motion, reframe = node.get("motion"), node.get("reframe")
    if motion is not None and isinstance(shot.source, Card):
        sentence = f"`motion` is for stills and footage, and `{shot.id}` shows a `card`"
        resolution.tell(motion.key_mark, sentence, "remove it")
    told = reframe_of(reframe)
    if reframe is not None and told is not None and told.mode == "native" and not isinstance(shot.source, Prompted):
        kind = "card" if isinstance(shot.source, Card) else "file"
        sentence = f"`native` generates a shot again, and `{shot.id}` shows a `{kind}`"
        resolution.tell(reframe.mark, sentence, "use crop, pad or blur")


def broken_paths(node: Node) -> list[Problem]:
    """Tell what is wrong with the focus of a `reframe` that moves."""
    reframe, focus = reframe_of(node), node.get("focus")
    if reframe is None or focus is None or not (reframe.path or reframe.follows):
        return []
    if reframe.mode != "crop":
        sentence = f"a focus that moves is for `crop`, and `{reframe.mode}` shows the whole picture"
        return [Problem(focus.mark, sentence, hint="remove it, or crop")]
    told, path = [], reframe.path
    for point, member in zip(path, focus.members(), strict=False):
        odd = [part for part in member.members()[:2] if not 0 <= number(part) <= 1]
        if odd:
            told.append(Problem(odd[0].mark, "a point's x and y are fractions of the picture, from 0 to 1"))
        if len(point) != len(path[0]):
            told.append(Problem(member.mark, "either every point of a path has its seconds, or none", hint=_PATHS))
    times = [point[2] for point in path if len(point) == 3]
    if not told and any(after <= before for before, after in pairwise(times)):
        told.append(Problem(focus.mark, "the seconds of a path's points must grow", hint=_PATHS))
    return told


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
