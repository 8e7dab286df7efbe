"""What the lock holds, as values: what was bought, which take stands, and what paid keys were bound from.

It knows neither the lock's text nor where it lies.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from vidbuild.words.action import Blob
from vidbuild.words.amounts import MOST, usd_of
from vidbuild.words.digest import Digest, digest_of, is_digest

ANEW = "anew"
"""What is circled of an ask that is asked anew: no attempt, until one of them passes today's checks."""
FONT_SLOT = "font"
"""How the slots of fonts begin that an action draws with."""
_ID = re.compile(r"k[0-9a-f]{4,64}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


@dataclass(frozen=True)
class Bought:
    """One attempt that was bought and is kept.

    Args:
        id: `k` and the first digits of the key, as `take:` names it.
        key: the attempt's key.
        model: its name in the catalog.
        seed: as sent; `None` where the model takes none.
        job: `provider/the vendor's own id`.
        usd: what it cost; `None` when nobody told.
        on: the day, `2026-11-20`.
        outputs: what it made, by output name.
    """

    id: str
    key: Digest
    model: str
    seed: int | None
    job: str
    usd: Fraction | None
    on: str
    outputs: Mapping[str, Blob]

    @property
    def is_sound(self) -> bool:
        """Whether a lock can hold it: what comes from a store may say anything."""
        return (
            is_digest(self.key)
            and _ID.fullmatch(self.id) is not None
            and self.key.startswith(self.id[1:])
            and isinstance(self.model, str)
            and isinstance(self.job, str)
            and (self.seed is None or (type(self.seed) is int and abs(self.seed) < MOST))
            and (self.usd is None or usd_of(self.usd) == self.usd)
            and (not self.on or _DAY.fullmatch(self.on) is not None)
            and all(0 <= blob.size < MOST for blob in self.outputs.values())
        )


@dataclass(frozen=True)
class Asked:
    """One ask with its attempts.

    Args:
        ask: the ask's key.
        unsized: the key of the ask without its seconds.
        seconds: what was asked for; `None` where an ask has none.
        circled: the id of the attempt that answers the ask; `None` while none passed; `ANEW` where the author wants
            all of them judged again.
        take: the ask's take number (0 is take 1).
    """

    ask: Digest
    unsized: Digest
    seconds: Fraction | None
    circled: str | None
    attempts: tuple[Bought, ...]
    take: int = 0

    @property
    def answer(self) -> Bought | None:
        """The attempt that answers."""
        return next((bought for bought in self.attempts if bought.id == self.circled), None)

    @property
    def is_anew(self) -> bool:
        """Whether it is asked anew: what answered it before, here or elsewhere, doesn't count."""
        return self.circled == ANEW


@dataclass(frozen=True)
class Pin:
    """A result that paid keys were bound from, found by its question."""

    question: Digest
    outputs: Mapping[str, Blob]


@dataclass(frozen=True)
class Lock:
    """All that a lock says; labels are `shot ID`, `cast NAME`, `say ID`, `audio`.

    Args:
        toolchain: what the project is made with, by name; `vidbuild verify` compares with it.
    """

    models: Mapping[str, str] = field(default_factory=dict)
    styles: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, Digest] = field(default_factory=dict)
    made: Mapping[str, tuple[Asked | Pin, ...]] = field(default_factory=dict)
    toolchain: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def asks(self) -> Mapping[Digest, Asked]:
        """Asks by key."""
        return {entry.ask: entry for entry in self._entries() if isinstance(entry, Asked)}

    @cached_property
    def unsized(self) -> Mapping[Digest, tuple[Asked, ...]]:
        """Asks that are answered, or were until they were asked anew, by their key without seconds; shortest first."""
        found: dict[Digest, list[Asked]] = {}
        for ask in self.asks.values():
            if ask.answer is not None or ask.is_anew:
                found.setdefault(ask.unsized, []).append(ask)
        return {key: tuple(sorted(asks, key=lambda ask: ask.seconds or 0)) for key, asks in found.items()}

    @cached_property
    def tried(self) -> Mapping[Digest, tuple[Asked, ...]]:
        """Asks with attempts, answered or not, by their key without seconds."""
        found: dict[Digest, list[Asked]] = {}
        for ask in self.asks.values():
            if ask.attempts:
                found.setdefault(ask.unsized, []).append(ask)
        return {key: tuple(asks) for key, asks in found.items()}

    @cached_property
    def bought(self) -> Mapping[str, Bought]:
        """Attempts by id and by key."""
        return {name: one for ask in self.asks.values() for one in ask.attempts for name in (one.id, one.key)}

    @property
    def attempts(self) -> Iterator[tuple[str, Asked, Bought]]:
        """Every attempt with its label and its ask; one that stands in several places each time."""
        for label, entries in self.made.items():
            for entry in entries:
                if isinstance(entry, Asked):
                    yield from ((label, entry, one) for one in entry.attempts)

    @cached_property
    def made_by(self) -> Mapping[Digest, Bought]:
        """Attempts by the digest of what they made."""
        return {blob.digest: one for one in self.bought.values() for blob in one.outputs.values()}

    @cached_property
    def labels(self) -> Mapping[Digest, str]:
        """What everything that it names was made for, by the digest of its bytes."""
        return {
            blob.digest: label
            for label, entries in self.made.items()
            for entry in entries
            for one in (entry.attempts if isinstance(entry, Asked) else (entry,))
            for blob in one.outputs.values()
        }

    @cached_property
    def pins(self) -> Mapping[Digest, Pin]:
        """Pins by question."""
        return {entry.question: entry for entry in self._entries() if isinstance(entry, Pin)}

    def _entries(self) -> Iterator[Asked | Pin]:
        for entries in self.made.values():
            yield from entries


def attempt_id(key: Digest) -> str:
    """Give the id that people name an attempt by."""
    return f"k{key[:6]}"


def bought_of(key: object, facts: Mapping[str, Any], outputs: Mapping[str, Blob]) -> Bought | None:
    """Read a purchase from the facts of its record; `None` where a lock could not hold it."""
    model, job, on, usd = (facts.get(name) for name in ("model", "job", "on", "usd"))
    if not is_digest(key) or not all(isinstance(text, str) for text in (model, job, on)):
        return None
    if usd is not None and usd_of(usd) is None:
        return None
    found = Digest(str(key))
    bought = Bought(attempt_id(found), found, str(model), facts.get("seed"), str(job), usd_of(usd), str(on), outputs)
    return bought if bought.is_sound else None


def question_of(mnemonic: str, said: Mapping[str, Any], inputs: Mapping[str, Digest]) -> Digest:
    """Give a pin's question: what is asked in the spec's words, without argv and tool.

    Args:
        inputs: for each input the digest of a paid result or own file, else (a step made here) that step's question,
            for a local take its ask. Fonts are left out: the author's own are told in the words, and another
            version of those that ship makes nothing that is paid anew.
    """
    asked = {name: digest for name, digest in inputs.items() if not name.startswith(FONT_SLOT)}
    return digest_of({"mnemonic": mnemonic, "question": said, "inputs": asked})
