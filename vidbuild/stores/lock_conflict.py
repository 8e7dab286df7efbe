"""A text with git's marks of a conflict, parted into what each side had. It knows nothing of what the text says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vidbuild.words.errors import Mark, Problem, SpecError

_MARK = re.compile(r"(?P<sign><{7}|={7}|>{7}|\|{7})(?: (?P<name>.*?))?\r?\n?\Z")
_BASE, _MIDDLE = "|||||||", "======="


@dataclass(frozen=True)
class Conflict:
    """A stretch of lines that git left to people: where it lies, counted from 1, and what its sides are called."""

    first: int
    last: int
    ours: str
    theirs: str


def parted(text: str, file: str) -> tuple[str, str, tuple[Conflict, ...]]:
    """Give a text as each of its two sides had it, and where they conflict.

    Raises:
        SpecError: where the marks of a conflict are not whole.
    """
    ours: list[str] = []
    theirs: list[str] = []
    found: list[Conflict] = []
    begun: tuple[int, str] | None = None
    writing: Sequence[list[str]] = (ours, theirs)
    for number, line in enumerate(re.split(r"(?<=\n)", text), 1):
        mark = _MARK.match(line)
        sign = mark["sign"] if mark else ""
        if sign == "<" * 7 and begun is None:
            begun, writing = (number, _named(mark)), (ours,)
        elif sign == _BASE and begun is not None and writing == (ours,):
            writing = ()
        elif sign == _MIDDLE and begun is not None and theirs not in writing:
            writing = (theirs,)
        elif sign == ">" * 7 and begun is not None and writing == (theirs,):
            found.append(Conflict(begun[0], number, begun[1], _named(mark)))
            begun, writing = None, (ours, theirs)
        elif mark and writing:
            raise _torn(text, file, number)
        else:
            for side in writing:
                side.append(line)
    if begun is not None:
        raise _torn(text, file, begun[0])
    return "".join(ours), "".join(theirs), tuple(found)


def _named(mark: re.Match[str] | None) -> str:
    return (mark["name"] if mark else None) or "one side"


def _torn(text: str, file: str, line: int) -> SpecError:
    hint = "take the file from git again (`git checkout --merge -- FILE` brings the conflict back whole)"
    return SpecError(
        [Problem(Mark(file, line, 1), "a mark of a merge conflict stands alone here", hint=hint)], {file: text}
    )
