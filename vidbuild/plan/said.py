"""What is said in which shot: the lines that a presenter presents, and those that are joined with lips.

Pure. How long lines are is told; who makes what of them, `presenting` and `lipsync` know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from vidbuild.spec.model import Line, Presented, Project, Shot
from vidbuild.words.errors import Problem

Range = tuple[Fraction, Fraction, Fraction]
"""A length at the least, likely, and at the most."""


def own_lines(project: Project, shot: str) -> tuple[Line, ...]:
    """Give the lines that a shot says itself, in order."""
    return tuple(line for line in project.lines if line.shot == line.until == shot)


def joined(project: Project, shot: Shot) -> tuple[Line, ...]:
    """Give the lines that are joined with lips in a shot: its own, said by those who are in it."""
    if shot.lipsync is None:
        return ()
    return tuple(line for line in own_lines(project, shot.id) if line.by in shot.cast)


def needed(project: Project) -> set[str]:
    """Name the lines that have to be heard before it is known what is made with them, and for how much."""
    return {
        line.id
        for shot in project.shots
        for line in (own_lines(project, shot.id) if isinstance(shot.source, Presented) else joined(project, shot))
    }


def length(lines: Sequence[Line], spoken: Mapping[str, Range], rest_s: Fraction) -> Range:
    """Say how long is what is said in a shot, up to its last line's end and a rest behind it."""
    ends = [tuple(_start(line) + seconds for seconds in spoken[line.id]) for line in lines if line.id in spoken]
    least, likely, most = (max((end[which] for end in ends), default=Fraction(0)) + rest_s for which in range(3))
    return least, likely, most


def _start(line: Line) -> Fraction:
    assert isinstance(line.at, Fraction), "BUG: a time was not settled"
    return line.at


def problems(project: Project) -> list[Problem]:
    """Tell lips that can't be joined: those of footage that runs otherwise than it was made."""
    found = []
    for shot in project.shots:
        if not joined(project, shot) or (shot.speed == 1 and shot.fit != "speed"):
            continue
        key = "fit" if shot.fit == "speed" else "speed"
        sentence = f"`lipsync` joins lips with a line, and `{shot.id}` doesn't run as fast as it was made"
        hint = f"remove `{key}`, or write `lipsync: none`"
        found.append(Problem(shot.marks.get(key) or shot.marks.get(""), sentence, hint=hint))
    return found
