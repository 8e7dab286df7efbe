"""Pictures that shots start from: their grammar, the shots and members that they name, and circles among these.

`SHOT.last_frame`, `SHOT.first_frame`, `SHOT@1.5`, a cast name, or a picture file; anything else is told with
these forms. Generated stills are `resolve`'s.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from vidbuild.spec.cast import Roster
from vidbuild.spec.model import STILL_SUFFIXES, CastPicture, FilePicture, FrameOf, MomentOf, Picture, suffix_of
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import MOST_HINTS, did_you_mean

FILES = ("picture files are png, jpg, webp, bmp, tif",)
FORMS = ("a picture is SHOT.last_frame, SHOT.first_frame, SHOT@1.5, a cast name, or a file: png, jpg, webp, bmp, tif",)
_FRAME = re.compile(r"(?P<shot>.+)\.(?P<which>last|first)_frame\Z", re.DOTALL)
_MOMENT = re.compile(r"(?P<shot>[^@]+)@(?P<seconds>[0-9]{1,5}(?:\.[0-9]{1,12})?)\Z")
_PART = re.compile(r"\A([A-Za-z0-9_-]+)(?:[.@ ].*)?\Z", re.DOTALL)


@dataclass(frozen=True)
class Reference:
    """One shot or member waiting for a picture of another."""

    owner: str
    key: str
    other: str
    mark: Mark


class Gallery:
    """The shots and the cast of a project, by name, and the references among them."""

    def __init__(self, entries: Sequence[Entry], muted: Mapping[Entry, bool], roster: Roster):
        self.roster = roster
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
        if written in self.roster.nodes:
            return self._member(written, node, key, owner)
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

    def wait(self, owner: str, key: str, other: str, mark: Mark) -> None:
        """Note that a shot or a member waits for another's picture."""
        self.references.append(Reference(owner, key, other, mark))

    def _member(self, name: str, node: Node, key: str, owner: str) -> CastPicture | None:
        if not self.roster.has_picture(name):
            self._tell(node, f"`{name}` has no picture", "give the member an `image`")
        elif self.roster.is_exact(name) and key != "background":
            sentence = f"no model is given the picture of `{name}`, since it is `exact`"
            self._tell(node, sentence, f"remove `exact` from `{name}`, or name another picture")
        else:
            self.wait(owner, key, name, node.mark)
            return CastPicture(name)
        return None

    def _named(self, shot: str, node: Node, key: str, owner: str) -> str | None:
        if shot in self.groups and shot not in self.shots:
            self._tell(node, f"`{shot}` is a group, and a picture is of one shot", "name one of its shots")
        elif shot in self.roster.nodes and shot not in self.shots:
            self._tell(node, f"`{shot}` is a cast member, and no shot", f"write `{shot}` for the member's picture")
        elif shot not in self.shots:
            hint = did_you_mean(shot, self.shots) if len(self.problems) < MOST_HINTS else None
            self._tell(node, f"no shot is called `{shot[:64]}`", hint)
        elif self.shots[shot]:
            sentence = f"`{key}` names the shot `{shot}`, which its `when` mutes"
            self._tell(node, sentence, "name another shot, or mute this one too")
        else:
            if owner:
                self.wait(owner, key, shot, node.mark)
            return shot
        return None

    def _meant(self, written: str) -> str | None:
        found = _PART.match(written)
        near = found[1] if found else written
        if near in self.shots:
            return f"did you mean `{near}.last_frame`?"
        return did_you_mean(near, self.roster.nodes) if len(self.problems) < MOST_HINTS else None

    def _tell(self, node: Node, sentence: str, hint: str | None, facts: tuple[str, ...] = ()) -> None:
        self.problems.append(Problem(node.mark, sentence, facts, hint))

    def circles(self) -> Iterator[Problem]:
        """Tell each circle of shots and members that wait for each other's pictures, once."""
        edges: dict[str, list[Reference]] = {}
        for reference in self.references:
            edges.setdefault(reference.owner, []).append(reference)
        done: set[str] = set()
        for start in edges:
            for circle, mark in _walk(start, edges, done):
                yield self._circle(circle, mark)

    def _circle(self, circle: Sequence[str], mark: Mark) -> Problem:
        is_cast = any(name in self.roster.nodes for name in circle)
        who = "shots and cast members" if is_cast else "shots"
        shown = " -> ".join(circle if len(circle) <= 12 else [*circle[:6], "...", *circle[-5:]])
        hint = "let one of them start from a file, or from nothing"
        if is_cast and len(circle) == 2:
            hint = "write `{{ description }}` in the member's own prompt"
        return Problem(mark, f"{who} wait for each other's pictures: {shown}", hint=hint)


def _walk(start: str, edges: Mapping[str, Sequence[Reference]], done: set[str]) -> Iterator[tuple[Sequence[str], Mark]]:
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
        elif reference.other in places:
            yield [*path[places[reference.other] :], reference.other], reference.mark
        elif reference.other not in done:
            places[reference.other] = len(path)
            path.append(reference.other)
            branches.append(iter(edges.get(reference.other, ())))
