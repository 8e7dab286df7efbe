"""Pictures that shots start from: their grammar, the shots that they name, and circles among these.

`SHOT.last_frame`, `SHOT.first_frame`, `SHOT@1.5`, or a picture file; anything else is told with these forms.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from vidbuild.spec.model import STILL_SUFFIXES, FilePicture, FrameOf, MomentOf, Picture, suffix_of
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import MOST_HINTS, did_you_mean

FORMS = ("a picture is SHOT.last_frame, SHOT.first_frame, SHOT@1.5, or a file: png, jpg, webp, bmp, tif",)
_FRAME = re.compile(r"(?P<shot>.+)\.(?P<which>last|first)_frame\Z", re.DOTALL)
_MOMENT = re.compile(r"(?P<shot>[^@]+)@(?P<seconds>[0-9]{1,5}(?:\.[0-9]{1,12})?)\Z")
_PART = re.compile(r"\A([A-Za-z0-9_-]+)(?:[.@ ].*)?\Z", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """One shot naming another by a picture."""

    owner: str
    key: str
    shot: str
    mark: Mark


class Gallery:
    """The shots of a project, by id, and the references among them."""

    def __init__(self, entries: Sequence[Entry], muted: Mapping[Entry, bool]):
        self.shots = {each.id: muted[each] for each in entries if each.is_shot and each.id}
        self.groups = {each.id for each in entries if each.is_group and each.id}
        self.references: list[Reference] = []
        self.problems: list[Problem] = []

    def picture(self, node: Node, key: str, owner: str) -> Picture | None:
        """Read a picture; a file's path is as written."""
        written = str(node.value)
        if suffix_of(written) in STILL_SUFFIXES:
            return FilePicture(written)
        if found := _FRAME.match(written):
            shot = self._named(found["shot"], node, key, owner)
            return FrameOf(shot, found["which"] == "last") if shot else None
        if moment := self.moment(node, key, owner):
            return moment
        if not _MOMENT.match(written):
            self._tell(node, f'`{key}` must be a picture, not "{written[:60]}"', self._meant(written), FORMS)
        return None

    def moment(self, node: Node, key: str, owner: str) -> MomentOf | None:
        """Read a fixed time of a shot's take; tell only what is wrong with a well-formed one."""
        found = _MOMENT.match(str(node.value))
        if not found:
            return None
        shot = self._named(found["shot"], node, key, owner)
        return MomentOf(shot, Fraction(Decimal(found["seconds"]))) if shot else None

    def _named(self, shot: str, node: Node, key: str, owner: str) -> str | None:
        if shot in self.groups and shot not in self.shots:
            self._tell(node, f"`{shot}` is a group, and a picture is of one shot", "name one of its shots")
        elif shot not in self.shots:
            hint = did_you_mean(shot, self.shots) if len(self.problems) < MOST_HINTS else None
            self._tell(node, f"no shot is called `{shot[:64]}`", hint)
        elif self.shots[shot]:
            sentence = f"`{key}` names the shot `{shot}`, which its `when` mutes"
            self._tell(node, sentence, "name another shot, or mute this one too")
        else:
            if owner:
                self.references.append(Reference(owner, key, shot, node.mark))
            return shot
        return None

    def _meant(self, written: str) -> str | None:
        found = _PART.match(written)
        near = found[1] if found else written
        return f"did you mean `{near}.last_frame`?" if near in self.shots else None

    def _tell(self, node: Node, sentence: str, hint: str | None, facts: tuple[str, ...] = ()) -> None:
        self.problems.append(Problem(node.mark, sentence, facts, hint))

    def circles(self) -> Iterator[Problem]:
        """Tell each circle of shots that wait for each other's pictures, once."""
        edges: dict[str, list[Reference]] = {}
        for reference in self.references:
            edges.setdefault(reference.owner, []).append(reference)
        done: set[str] = set()
        for start in edges:
            yield from _walk(start, edges, done)


def _walk(start: str, edges: Mapping[str, Sequence[Reference]], done: set[str]) -> Iterator[Problem]:
    """Follow references from one shot, without recursion: a chain may be as long as the film."""
    if start in done:
        return
    path, places = [start], {start: 0}
    branches = [iter(edges.get(start, ()))]
    while branches:
        reference = next(branches[-1], None)
        if reference is None:
            branches.pop()
            done.add(path[-1])
            del places[path.pop()]
        elif reference.shot in places:
            circle = [*path[places[reference.shot] :], reference.shot]
            shown = " -> ".join(circle if len(circle) <= 12 else [*circle[:6], "...", *circle[-5:]])
            hint = "let one of them start from a file, or from nothing"
            yield Problem(reference.mark, f"shots wait for each other's pictures: {shown}", hint=hint)
        elif reference.shot not in done:
            places[reference.shot] = len(path)
            path.append(reference.shot)
            branches.append(iter(edges.get(reference.shot, ())))
