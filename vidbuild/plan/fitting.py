"""Which lines are longer than what holds them: their shot, their group, the film, or the time that they are given.

Pure. When lines begin and how long they are is told; of what wasn't spoken yet, as guesses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from vidbuild.media.spoken import Spoken
from vidbuild.spec.model import Line
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text

STRETCH = Fraction(108, 100)
"""How much faster than it was spoken a line may be heard; and how much longer than its room the least guess of a line
has to be before that is told, since voices differ."""
Over = Callable[[Line, Fraction], Fraction]
"""Says by how much a line of some seconds goes on behind the end of what holds it."""


@dataclass
class Fits:
    """What is told of lines that are longer than what holds them.

    Args:
        tempos: how much faster those are heard that may be, by their ids.
    """

    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    tempos: dict[str, Fraction] = field(default_factory=dict)

    def see(self, line: Line, length: Fraction, over: Fraction, draft: bool) -> None:
        """Judge a line whose length is known."""
        room = length - over
        if over <= 0:
            return
        is_near = room > 0 and length <= room * STRETCH
        if line.fit == "stretch" and is_near:
            self.tempos[line.id] = length / room
            return
        if draft and line.file is None:
            told_length = f"the line `{line.id}` is {clock_text(length)} as a draft speaks it"
            self.notes.append(f"{told_length}; {_has(line, room)}")
            return
        ways = f"`fit: stretch` speaks it faster; or {_WAYS}" if line.fit != "stretch" and is_near else _WAYS
        sentence = f"the line `{line.id}` is {clock_text(length)} long, and {_has(line, room)}"
        told = ("`fit: stretch` speaks it at most 8 % faster, which is not enough",) if line.fit == "stretch" else ()
        self.problems.append(Problem(line.marks.get("text") or line.marks.get(""), sentence, told, ways))

    def guess(self, line: Line, least: Fraction, likely: Fraction, over: Fraction) -> None:
        """Judge a line that was never spoken: only what is too long for a quick voice too is told."""
        room = least - over
        if over <= 0 or (room > 0 and least <= room * STRETCH):
            return
        sentence = f"the line `{line.id}` is about {_about(least)} long even if it is spoken quickly (estimated), and"
        told = (f"estimated from its text: a usual voice takes about {_about(likely)}",)
        mark = line.marks.get("text") or line.marks.get("")
        self.warnings.append(Problem(mark, f"{sentence} {_has(line, room)}", told, _WAYS, warning=True))


_WAYS = "make the shot longer (`duration_s: auto`), or the line shorter"


def _about(seconds: Fraction) -> str:
    return clock_text(Fraction(round(seconds * 10), 10))


def _has(line: Line, room: Fraction) -> str:
    """Say what holds a line, and how long that is."""
    whose = "its `at`" if line.end is not None else f"`{line.until}`" if line.until else "the film"
    return f"{whose} has {clock_text(max(room, Fraction(0)))} for it"


def fits(
    lines: Iterable[Line],
    known: Mapping[str, Fraction],
    guesses: Mapping[str, tuple[Spoken, ...]],
    over: Over,
    over_at_least: Over,
    draft: bool,
) -> Fits:
    """Judge lines.

    Args:
        known: how long lines are, by their ids.
        guesses: of the others, how long they are at the least, likely, and at the most.
        over_at_least: says it where every guess is the least.
    """
    found = Fits()
    for line in lines:
        if line.id in known:
            found.see(line, known[line.id], over(line, known[line.id]), draft)
        else:
            least, likely, _ = guesses[line.id]
            found.guess(line, least.seconds, likely.seconds, over_at_least(line, least.seconds))
    return found
