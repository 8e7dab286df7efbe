"""What can go wrong, as data: a `Problem` points into a text, an error carries a sentence, facts and a hint.

It knows how such a thing is put into words, not where it is printed.
"""

from __future__ import annotations

import enum
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


class Exit(enum.IntEnum):
    """The exit codes of the command line."""

    BUILT = 0
    FAILED = 1
    INVALID = 2
    UNCLEAR = 3
    BUSY = 4
    UNAPPROVED = 5
    DRIFTED = 6
    INTERRUPTED = 130
    TERMINATED = 143

    @property
    def status(self) -> str:
        """What the last event of a build calls it."""
        return "interrupted" if self is Exit.TERMINATED else self.name.lower()


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a text that the author wrote; line and column count from 1."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: where, what, the fact that helps, what to do."""

    mark: Mark | None
    sentence: str
    facts: tuple[str, ...] = ()
    hint: str | None = None
    warning: bool = False


class VidbuildError(Exception):
    """Anything that ends a build with a sentence instead of a traceback.

    Args:
        sentence: what is wrong, one sentence without a period.
        facts: labelled facts in a column, e.g. `{"asked": "7 s", "takes": "at most 5 s"}`.
        hint: what to do.
    """

    exit = Exit.FAILED

    def __init__(self, sentence: str, facts: Mapping[str, str] | None = None, hint: str | None = None):
        super().__init__(sentence)
        self.sentence = sentence
        self.facts = dict(facts or {})
        self.hint = hint

    def text(self) -> str:
        """Put the error into words, ready for a terminal."""
        width = max((len(label) for label in self.facts), default=0)
        lines = [clean(self.sentence)]
        lines += [f"  {label:<{width}}  {clean(fact)}" for label, fact in self.facts.items()]
        if self.hint:
            lines.append(f"hint: {clean(self.hint)}")
        return "\n".join(lines)


class SpecError(VidbuildError):
    """The project's text is wrong; it carries every problem that was found.

    Args:
        partial: what could be read all the same, for whoever looks for further mistakes in it.
    """

    exit = Exit.INVALID

    def __init__(
        self, problems: Sequence[Problem], sources: Mapping[str, str] | None = None, partial: object | None = None
    ):
        self.partial = partial
        self.problems = tuple(problems)
        self.sources = dict(sources or {})
        super().__init__(self.problems[0].sentence if self.problems else "the project is not valid")

    def text(self) -> str:
        return "\n\n".join(shown(problem, self.sources) for problem in self.problems)


class UsageError(VidbuildError):
    """The command was asked for something that cannot be (an unknown shot, a bad option)."""

    exit = Exit.INVALID


class BusyError(VidbuildError):
    """Another build holds the project."""

    exit = Exit.BUSY


class ActionFailed(VidbuildError):
    """A runner could not make what an action asks for.

    Args:
        log: the tail of what the tool said.
    """

    def __init__(
        self,
        sentence: str,
        facts: Mapping[str, str] | None = None,
        hint: str | None = None,
        log: str = "",
    ):
        super().__init__(sentence, facts, hint)
        self.log = log

    def text(self) -> str:
        tail = [f"  | {clean(line)}" for line in self.log.splitlines()[-12:]]
        return "\n".join([super().text(), *tail])


class Refused(ActionFailed):
    """A vendor's moderation refused it; it is remembered and not sent again unasked."""


class AttemptFailed(ActionFailed):
    """One attempt came to nothing, and its money is spent or given back; another attempt may do better."""


class VendorFailed(ActionFailed):
    """A vendor can't be used at all right now (no credit, a bad key, a request that it does not take)."""


class Unclear(ActionFailed):
    """What became of something paid can't be known: whether it was bought, or where its bytes are. The user decides."""

    exit = Exit.UNCLEAR


class OverBudget(ActionFailed):
    """It would cost more than is allowed."""

    exit = Exit.UNAPPROVED


class Drifted(VidbuildError):
    """What the lock says is not what the project asks for, and it was to be kept to."""

    exit = Exit.DRIFTED


@dataclass(frozen=True, slots=True)
class Warnings:
    """Warnings that were gathered beside a result, with the texts they point into."""

    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)


def shown(problem: Problem, sources: Mapping[str, str]) -> str:
    """Show a problem as `file:line:col: sentence`, the offending line with a caret, facts and hint."""
    head = f"{problem.mark}: " if problem.mark else ""
    kind = "warning: " if problem.warning else ""
    lines = [f"{clean(head)}{kind}{clean(problem.sentence)}"]
    if problem.mark and problem.mark.file in sources:
        lines += _pointer(problem.mark, sources[problem.mark.file])
    lines += [f"  {clean(fact)}" for fact in problem.facts]
    if problem.hint:
        lines.append(f"hint: {clean(problem.hint)}")
    return "\n".join(lines)


def _pointer(mark: Mark, source: str) -> list[str]:
    """Give the offending line and a caret under its column; a long line is shown from near the column."""
    rows = source.splitlines()
    if not 1 <= mark.line <= len(rows):
        return []
    row, column = rows[mark.line - 1], max(mark.column, 1)
    start = max(0, column - 61) if len(row) > 100 else 0
    window = clean(row[start : start + 100].replace("\t", " "))
    gutter = f"{mark.line:>4} | "
    caret = sum(_cells(char) for char in row[start : column - 1])
    return [f"{gutter}{window}", f"{'':>4} | {'':>{caret}}^"]


def _cells(char: str) -> int:
    """Say how many terminal cells a character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


_BIDI = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}


def clean(text: str) -> str:
    """Escape control and direction characters, so that nobody's text can drive the terminal."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(char if _is_plain(char) else f"\\x{ord(char):02x}" for char in text)


def _is_plain(char: str) -> bool:
    code = ord(char)
    return char == "\n" or char == "\t" or not (code < 32 or 127 <= code < 160 or code in _BIDI)
