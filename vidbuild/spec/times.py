"""The `at` grammar: seconds, negative from the end, `end`, a mark, a shot's id, `mark + 0.3`; names are looked up here.

Pure. What a time comes to is the plan's: a mark's is known once its line is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from vidbuild.spec.model import Line, When
from vidbuild.spec.resolve import Resolution
from vidbuild.spec.tree import Node
from vidbuild.words.names import did_you_mean

END = "end"
_TIME = re.compile(r"([A-Za-z_][A-Za-z0-9_-]*)(?:(?:\s*(\+)|\s+(-))\s*([0-9]+(?:\.[0-9]+)?))?")
_FORM = "seconds, `end`, a mark or a shot's id, perhaps with `+ 0.3` behind it"


class Times:
    """Reads times, and knows what they may name.

    Args:
        shots: the ids of the shots that play.
        said: the lines of each owner by name, the film's under `None`.
        around: for each owner the groups around it, the nearest first.
    """

    def __init__(
        self,
        resolution: Resolution,
        shots: Sequence[str],
        said: Mapping[str | None, Sequence[Line]],
        around: Mapping[str, Sequence[str]],
    ):
        self._resolution = resolution
        self._shots = frozenset(shots)
        self._said = said
        self._around = around

    def when(self, node: Node | None, owner: str | None, line: str | None = None) -> Fraction | When:
        """Read a time of what an owner holds; `0` where nothing is said.

        Args:
            owner: a shot's or a group's name, `None` for the film.
            line: the line whose time it is: its own marks can't say when it begins.
        """
        if node is None:
            return Fraction(0)
        if isinstance(node.value, (int, Decimal)):
            seconds = Fraction(node.value)
            return seconds if seconds >= 0 else When(seconds, is_end=True)
        found = _TIME.fullmatch(str(node.value).strip())
        if found is None:
            self._resolution.tell(node.mark, f"`at` must be {_FORM}, not `{str(node.value)[:60]}`")
            return Fraction(0)
        offset = Fraction(found[4] or 0) * (-1 if found[3] else 1)
        if found[1] == END:
            return When(offset, is_end=True)
        return self._named(node, found[1], offset, owner, line)

    def span(
        self, node: Node | None, owner: str | None, line: str | None = None
    ) -> tuple[Fraction | When, Fraction | When | None]:
        """Read a point of time, or `[from, to]`: when something begins, and when it ends if that is said."""
        if node is None or type(node.value) is not list:
            return self.when(node, owner, line), None
        first, last = (self.when(member, owner, line) for member in node.members())
        if _after(first) == _after(last) and _seconds(last) <= _seconds(first):
            written = " to ".join(str(member.value) for member in node.members())
            self._resolution.tell(node.mark, f"`at` must end after it begins: {written} is nothing")
        return first, last

    def _named(self, node: Node, name: str, offset: Fraction, owner: str | None, line: str | None) -> Fraction | When:
        lines = self._holding(name, owner, line)
        if len(lines) > 1:
            told = f"`{name}` is marked in {len(lines)} lines"
            self._resolution.tell(node.mark, told, "call the marks otherwise", tuple(f"`{one.id}`" for one in lines))
        if lines:
            return When(offset, line=lines[0].id, mark=name)
        if name in self._shots:
            return When(offset, shot=name)
        known = {mark for said in self._said.values() for each in said for mark in each.moments}
        own = {mark for said in self._said.values() for each in said if each.id == line for mark in each.moments}
        if name in own:
            self._resolution.tell(node.mark, f"`{name}` is in the line itself, and can't say when it begins")
        else:
            hint = did_you_mean(name, [*known, *self._shots]) or f"a mark is `<{name}>` in what is said"
            self._resolution.tell(node.mark, f"no mark and no shot is called `{name}`", hint)
        return Fraction(0)

    def _holding(self, name: str, owner: str | None, line: str | None) -> list[Line]:
        """Give the lines with a mark that are nearest: the owner's, its groups', the film's, else any."""
        outward: list[str | None] = [] if owner is None else [owner, *self._around.get(owner, ())]
        rings = [self._said.get(each, ()) for each in (*outward, None)]
        rings.append([one for said in self._said.values() for one in said])
        for ring in rings:
            found = [one for one in ring if name in one.moments and one.id != line]
            if found:
                return found
        return []


def _after(at: Fraction | When) -> When:
    """Give what a time hangs on."""
    return replace(at, offset=Fraction(0)) if isinstance(at, When) else When()


def _seconds(at: Fraction | When) -> Fraction:
    return at.offset if isinstance(at, When) else at


def to_its_end(end: Fraction | When | None) -> Fraction | When | None:
    """Give an end; nothing where it is that of what holds it, which needs no saying."""
    return None if end == When(is_end=True) else end
