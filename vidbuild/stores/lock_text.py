"""The lock as text: strictly read, written in one form, so that git merges what two branches bought.

Entries stand under the first label of those that use them, one attempt a line, groups apart by a blank line; a group
that doesn't change keeps its bytes. It knows neither where a lock lies nor what its entries are for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from vidbuild.spec import reader, scalars
from vidbuild.spec.tree import Node
from vidbuild.stores.lock_conflict import Conflict, parted
from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest, is_digest
from vidbuild.words.errors import Mark, Problem, SpecError, clean
from vidbuild.words.locked import ANEW, Asked, Bought, Lock, Pin
from vidbuild.words.names import closest
from vidbuild.words.rationaltime import seconds_text

_Found = TypeVar("_Found", Asked, Bought, Pin)

VERSION = 1
BLOCKS = ("toolchain", "models", "styles", "files")
"""What a lock holds beside what was made: texts by name."""
_OF_ASK = ("ask", "unsized", "take", "seconds", "circled", "attempts")
_OF_ATTEMPT = ("id", "key", "model", "seed", "job", "usd", "on")
_PLAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_./@+ -]*[A-Za-z0-9_./@+-])?\Z")
_LONGEST_SIMPLE_KEY = 1000
"""libyaml takes a key of up to 1024 characters without a `?` before it."""

_NUMBER = re.compile(r"[0-9]{1,40}(?:/[0-9]{1,40})?\Z")
_BY_NOTHING = re.compile(r"/0+\Z")
_ID = re.compile(r"k[0-9a-f]{4,64}\Z")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")
_RESOLVE = "`vidbuild lock --resolve` keeps all that both sides bought, and tells where they answered otherwise"
_RESTORE = "take the lock from git again, or remove the entry: what it names is then looked for in the store alone"


def written(lock: Lock) -> str:
    """Write a lock; equal locks give equal texts.

    Control characters, which no lock can hold, are written as their escapes' letters.
    """
    return Form().written(lock)


class Form:
    """Writes locks that follow one another: what stays between two of them is not put into words again."""

    def __init__(self) -> None:
        self._groups: dict[str, tuple[tuple[Asked | Pin, ...], list[str], str]] = {}

    def written(self, lock: Lock) -> str:
        """Write a lock, as `written` does."""
        parts = [f"vidbuild_lock: {VERSION}\n"]
        for name in BLOCKS:
            block: Mapping[str, str] = getattr(lock, name)
            if block:
                parts.append(f"\n{name}:\n")
                parts += [f"{_key(key)} {_scalar(block[key])}\n" for key in sorted(block)]
        labels = sorted(label for label, entries in lock.made.items() if entries)
        if labels:
            parts.append("\nmade:\n")
            parts += [self._group(label, lock.made[label]) for label in labels]
        return "".join(parts)

    def _group(self, label: str, entries: tuple[Asked | Pin, ...]) -> str:
        known, said, text = self._groups.get(label, ((), [], ""))
        if known is entries:
            return text
        kept = {id(entry): words for entry, words in zip(known, said, strict=True)}
        said = [kept.get(id(entry)) or _entry(entry) for entry in entries]
        text = f"\n{_key(label)}\n{''.join(said)}"
        self._groups[label] = (entries, said, text)
        return text


def _entry(entry: Asked | Pin) -> str:
    if isinstance(entry, Pin):
        return "".join([f"  - pin: {_scalar(entry.question)}\n", *_outputs_below(entry.outputs)])
    rows = [f"  - ask: {_scalar(entry.ask)}", f"    unsized: {_scalar(entry.unsized)}"]
    rows += [f"    take: {entry.take + 1}"] if entry.take else []
    rows += [f"    seconds: {_number(entry.seconds)}"] if entry.seconds is not None else []
    rows += [f"    circled: {_scalar(entry.circled)}"] if entry.circled is not None else []
    rows += ["    attempts:" if entry.attempts else "    attempts: []"]
    rows += [f"    - {_attempt(bought)}" for bought in entry.attempts]
    return "\n".join(rows) + "\n"


def _attempt(bought: Bought) -> str:
    said = [("id", _scalar(bought.id)), ("key", _scalar(bought.key)), ("model", _scalar(bought.model))]
    said += [("seed", str(bought.seed))] if bought.seed is not None else []
    said += [("job", _scalar(bought.job))] if bought.job else []
    said += [("usd", _number(bought.usd))] if bought.usd is not None else []
    said += [("on", _scalar(bought.on))] if bought.on else []
    if not bought.is_sound:
        raise ValueError(f"BUG: no lock could hold the attempt {bought!r}")
    if taken := set(bought.outputs) & set(_OF_ATTEMPT):
        raise ValueError(f"BUG: an attempt's output can't be called {taken.pop()!r} in the lock")
    said += [(_scalar(name), _blob(bought.outputs[name])) for name in sorted(bought.outputs)]
    return "{" + ", ".join(f"{name}: {text}" for name, text in said) + "}"


def _outputs_below(outputs: Mapping[str, Blob]) -> Iterator[str]:
    if "pin" in outputs:
        raise ValueError("BUG: a pin's output can't be called 'pin' in the lock")
    for name in sorted(outputs):
        yield f"    {_scalar(name)}: {_blob(outputs[name])}\n"


def _blob(blob: Blob) -> str:
    return f"[{_scalar(blob.digest)}, {blob.size}, {_scalar(blob.media_type)}]"


def _key(text: str) -> str:
    """Write a key of a block, two spaces in, up to its colon."""
    said = _scalar(text)
    return f"  {said}:" if len(said) < _LONGEST_SIMPLE_KEY else f"  ? {said}\n  :"


def _number(value: Fraction) -> str:
    text = seconds_text(value)
    return text if Fraction(text) == value else str(value)


def _scalar(text: str) -> str:
    """Write a text: plain where nothing could read it as anything else, else in double quotes."""
    if _PLAIN.match(text) and _stays_text(text):
        return text
    return '"' + "".join(_ESCAPED.get(char) or _char(char) for char in text) + '"'


def _stays_text(text: str) -> bool:
    try:
        return scalars.resolve(text) == text
    except scalars.BadScalar:
        return False


_ESCAPED = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _char(char: str) -> str:
    if char.isprintable():
        return char
    code = ord(char)
    if reader.CONTROL.match(char):
        return f"\\\\u{code:04x}" if code <= 0xFFFF else f"\\\\U{code:08x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def parsed(text: str, file: str, is_contradictory: bool = False) -> Lock:
    """Read a lock.

    An entry may stand under any label, and twice where both are equal.

    Args:
        file: what places in errors are told by.
        is_contradictory: whether entries and attempts that stand in several places may say several things.

    Raises:
        SpecError: with every mistake; a merge conflict, a lock of another version and damage are told apart.
    """
    if conflicts := parted(text, file)[2]:
        raise _told([_conflict(file, conflicts)], text, file)
    reading = reader.read(text, file)
    problems = [_mended(problem) for problem in reading.problems if not problem.warning]
    if reading.root is None:
        raise _told(problems, text, file)
    read = _Reading(problems, is_contradictory)
    lock = read.lock(reading.root)
    if problems:
        raise _told(sorted(problems, key=_place), text, file)
    return lock


def _told(problems: list[Problem], text: str, file: str) -> SpecError:
    return SpecError([replace(one, hint=one.hint or _RESTORE) for one in problems], {file: text})


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.mark.line, problem.mark.column) if problem.mark else (0, 0)


def _conflict(file: str, conflicts: Sequence[Conflict]) -> Problem:
    facts = [f"lines {one.first} to {one.last}: `{clean(one.ours)}` and `{clean(one.theirs)}`" for one in conflicts[:8]]
    facts += [f"and {len(conflicts) - 8} more"] if len(conflicts) > 8 else []
    sentence = "the lock holds a merge conflict; it can't be read until that is resolved"
    return Problem(Mark(file, conflicts[0].first, 1), sentence, tuple(facts), _RESOLVE)


def _mended(problem: Problem) -> Problem:
    """Of two groups with one name nothing may be thrown away: both were paid for."""
    if "stands here twice" in problem.sentence:
        return replace(problem, hint="make them one, with the entries of both below it")
    return problem


class _Reading:
    """One reading of a lock: what it finds wrong goes to `problems`."""

    def __init__(self, problems: list[Problem], is_contradictory: bool):
        self.problems = problems
        self._is_contradictory = is_contradictory
        self._seen: dict[str, tuple[object, int]] = {}

    def lock(self, root: Node) -> Lock:
        if not self._is(root, dict, "a lock is a mapping that begins with `vidbuild_lock: 1`"):
            return Lock()
        version = root.get("vidbuild_lock")
        if version is None or type(version.value) is not int:
            self._tell(root.mark, "this is no lock: `vidbuild_lock: 1` is missing")
            return Lock()
        if version.value != VERSION:
            sentence = f"this lock has version {version.value}, and this vidbuild reads version {VERSION}"
            self._tell(version.mark, sentence, "use the vidbuild that wrote it, or a newer one")
            return Lock()
        self._known(root, ("vidbuild_lock", *BLOCKS, "made"))
        return Lock(
            self._texts(root.get("models")),
            self._texts(root.get("styles")),
            {name: Digest(text) for name, text in self._texts(root.get("files"), digests=True).items()},
            self._made(root.get("made")),
            self._texts(root.get("toolchain")),
        )

    def _tell(self, mark: Mark, sentence: str, hint: str | None = None) -> None:
        self.problems.append(Problem(mark, sentence, hint=hint))

    def _is(self, node: Node, kind: type, sentence: str) -> bool:
        if type(node.value) is not kind:
            if not node.is_broken:
                self._tell(node.mark, sentence)
            return False
        return True

    def _known(self, node: Node, names: tuple[str, ...]) -> None:
        for name, child in node.entries().items():
            if name not in names:
                self._tell(child.key_mark, f"`{name}` is not known here", closest(name, names))

    def _texts(self, block: Node | None, digests: bool = False) -> dict[str, str]:
        if block is None or not self._is(block, dict, "this must be a mapping"):
            return {}
        found = {}
        for name, node in block.entries().items():
            text = self._digest(node) if digests else self._text(node)
            if text is not None:
                found[name] = text
        return found

    def _made(self, block: Node | None) -> dict[str, tuple[Asked | Pin, ...]]:
        if block is None or not self._is(block, dict, "`made` must hold groups"):
            return {}
        groups = {}
        for label, group in block.entries().items():
            if self._is(group, list, f"the group `{label}` must be a list of entries"):
                entries = [self._entry(node) for node in group.members()]
                if found := tuple(entry for entry in entries if entry is not None):
                    groups[label] = found
        return groups

    def _entry(self, node: Node) -> Asked | Pin | None:
        if not self._is(node, dict, "an entry begins with `ask:` or `pin:`"):
            return None
        if node.has("ask"):
            return self._asked(node)
        if node.has("pin"):
            return self._pin(node)
        self._tell(node.mark, "an entry begins with `ask:` or `pin:`")
        return None

    def _asked(self, node: Node) -> Asked | None:
        self._known(node, _OF_ASK)
        ask, unsized = self._digest(self._needed(node, "ask")), self._digest(self._needed(node, "unsized"))
        take = self._whole(node.get("take"), 1)
        attempts, circled = self._attempts(self._needed(node, "attempts")), self._text(node.get("circled"))
        if attempts is None or ask is None or unsized is None:
            return None
        ids = [bought.id for bought in attempts]
        is_whole = len(ids) == len(node.entries()["attempts"].members())
        if is_whole and circled is not None and circled not in (ANEW, *ids):
            mark = node.entries()["circled"].mark
            self._tell(
                mark, f"`{circled}` is circled, and no attempt here has that id", closest(circled, ids) if ids else None
            )
        asked = Asked(ask, unsized, self._fraction(node.get("seconds")), circled, attempts, (take or 1) - 1)
        return self._once(f"ask {ask}", asked, node)

    def _attempts(self, node: Node | None) -> tuple[Bought, ...] | None:
        if node is None or not self._is(node, list, "`attempts` must be a list"):
            return None
        found = tuple(self._attempt(member) for member in node.members())
        return tuple(bought for bought in found if bought is not None)

    def _attempt(self, node: Node) -> Bought | None:
        if not self._is(node, dict, "an attempt is a mapping on one line"):
            return None
        id, key = self._text(self._needed(node, "id")), self._digest(self._needed(node, "key"))
        model = self._text(self._needed(node, "model"))
        seed, job, on = self._whole(node.get("seed"), None), self._text(node.get("job")), self._text(node.get("on"))
        usd, outputs = self._fraction(node.get("usd")), self._outputs(node, _OF_ATTEMPT)
        if id is None or key is None or model is None:
            return None
        if not _ID.match(id) or not key.startswith(id[1:]):
            self._tell(node.entries()["id"].mark, f"the id `{id}` is not `k` and the first digits of the key")
        if on is not None and not _DAY.match(on):
            self._tell(node.entries()["on"].mark, f"`{on}` is no day, as in `2026-11-20`")
        bought = Bought(id, key, model, seed, job or "", usd, on or "", outputs)
        return self._once(f"id {id}", self._once(f"key {key}", bought, node), node)

    def _pin(self, node: Node) -> Pin | None:
        question = self._digest(self._needed(node, "pin"))
        outputs = self._outputs(node, ("pin",))
        return None if question is None else self._once(f"pin {question}", Pin(question, outputs), node)

    def _once(self, name: str, found: _Found, node: Node) -> _Found:
        """Tell an entry that stands in two places and says two things."""
        first, line = self._seen.setdefault(name, (found, node.line))
        if first != found and not self._is_contradictory:
            kind, _, said = name.partition(" ")
            sentence = f"the {kind} `{said[:12]}` stands here and in line {line}, and they differ"
            self._tell(node.mark, sentence, _RESOLVE)
        return found

    def _outputs(self, node: Node, fields: tuple[str, ...]) -> dict[str, Blob]:
        found: dict[str, Blob] = {}
        for name, child in node.entries().items():
            if name in fields:
                continue
            if isinstance(child.value, list):
                if (blob := self._blob(child)) is not None:
                    found[name] = blob
            else:
                self._tell(child.key_mark, f"`{name}` is not known here", closest(name, fields))
        return found

    def _blob(self, node: Node) -> Blob | None:
        parts = node.members()
        if len(parts) != 3:
            self._tell(node.mark, "an output is `[sha256, size in bytes, media type]`")
            return None
        digest, size, media_type = self._digest(parts[0]), self._whole(parts[1], 0), self._text(parts[2])
        return None if digest is None or size is None or media_type is None else Blob(digest, size, media_type)

    def _needed(self, node: Node, name: str) -> Node | None:
        if not node.has(name):
            self._tell(node.mark, f"`{name}` is missing here")
        return node.get(name)

    def _text(self, node: Node | None) -> str | None:
        if node is None or not self._is(node, str, "this must be a text"):
            return None
        return str(node.value)

    def _digest(self, node: Node | None) -> Digest | None:
        text = self._text(node)
        if node is None or text is None or is_digest(text):
            return None if text is None else Digest(text)
        self._tell(node.mark, f"`{text[:70]}` is no digest: 64 hex digits in lower case")
        return None

    def _whole(self, node: Node | None, least: int | None) -> int | None:
        if node is None or not self._is(node, int, "this must be a whole number"):
            return None
        number = node.value
        if isinstance(number, int) and (least is None or number >= least):
            return number
        self._tell(node.mark, f"this must be a whole number from {least}")
        return None

    def _fraction(self, node: Node | None) -> Fraction | None:
        if node is None or node.is_broken:
            return None
        value = node.value
        if type(value) is str and _NUMBER.match(value) and not _BY_NOTHING.search(value):
            return Fraction(value)
        if (type(value) is int or type(value) is Decimal) and value >= 0:
            return Fraction(value)
        self._tell(node.mark, "this must be a number that is not negative")
        return None
