"""The ledger: what a project bought, by the job log of this store and the project's lock, each purchase once.

The vendor's own word counts, else the list price; what is out, or of unknown end, counts at what was set aside for it.
It decides nothing: caps and consent are `vidbuild.plan.money`'s.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.stores.job_log import CLOSED, JobLog
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest
from vidbuild.words.locked import Bought, Lock


class Certainty(enum.StrEnum):
    """How sure the cost of a purchase is."""

    TOLD = "told"
    LOCKED = "locked"
    LISTED = "listed"
    RESERVED = "reserved"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Purchase:
    """One attempt that was bought, or may have been.

    Args:
        at: when it was sent, `2026-11-20T10:11:12+00:00`; the day alone where only the lock knows it.
        usd: what it costs, `None` when nobody knows.
        certainty: by whom that is known: the vendor, the lock (what was paid on another machine), the vendor's list, or
            only as what was set aside.
        is_open: whether it is out, or what became of it is not known.
    """

    attempt: Digest
    label: str
    model: str
    provider: str
    at: str
    usd: Fraction | None
    certainty: Certainty
    is_open: bool = False


def purchases(jobs: JobLog, lock: Lock, project: str) -> tuple[Purchase, ...]:
    """List a project's purchases, the oldest first.

    Args:
        project: as the job log names it; attempts that the lock holds are the project's in any case.
    """
    found: list[Purchase] = []
    kept: set[Digest] = set()
    for attempt in jobs.attempts():
        locked = lock.bought.get(attempt)
        for bought in _rounds(jobs.steps(attempt)):
            if locked is None and bought.intent.get("project") != project:
                continue
            if bought.is_stored or (locked is not None and bought.job == locked.job):
                kept.add(attempt)
            if (purchase := _purchase(attempt, bought, locked)) is not None:
                found.append(purchase)
    found += [_locked(label, one) for label, one in _attempts(lock) if one.key not in kept]
    return tuple(sorted(found, key=lambda one: (one.at, one.attempt)))


def spent(jobs: JobLog, lock: Lock, project: str) -> Fraction:
    """Sum up what a project spent in its life, jobs that are out included; unknown prices add nothing."""
    return sum((one.usd for one in purchases(jobs, lock, project) if one.usd is not None), Fraction(0))


@dataclass
class _Round:
    """The steps of one purchase: an attempt may be bought again."""

    intent: Mapping[str, Any]
    steps: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def last(self) -> str:
        return str(self.steps[-1].get("step")) if self.steps else "intent"

    @property
    def job(self) -> str:
        """The job as the lock names it; of the last id that it had."""
        ids = [step["handle"].get("id") for step in self.steps if isinstance(step.get("handle"), Mapping)]
        return f"{self.intent.get('provider')}/{ids[-1]}" if ids else ""

    @property
    def is_stored(self) -> bool:
        return any(step.get("step") == "stored" for step in self.steps)

    def told(self, *names: str) -> Fraction | None:
        """Give the last amount that steps of these names tell."""
        amounts = [usd_of(step.get("usd")) for step in self.steps if step.get("step") in names]
        return next((usd for usd in reversed(amounts) if usd is not None), None)


def _rounds(steps: Iterable[Mapping[str, Any]]) -> Iterator[_Round]:
    """Part an attempt's steps into purchases; the same purchase may be sent twice while its end is unknown."""
    current: _Round | None = None
    for step in steps:
        if step.get("step") != "intent":
            if current is not None:
                current.steps.append(step)
            continue
        is_same = (
            current is not None and current.last not in CLOSED and current.intent.get("nonce") == step.get("nonce")
        )
        if current is None or not is_same:
            if current is not None:
                yield current
            current = _Round(step)
    if current is not None:
        yield current


def _purchase(attempt: Digest, bought: _Round, locked: Bought | None) -> Purchase | None:
    """Say what a round came to; `None` where nothing was bought."""
    intent, last = bought.intent, bought.last
    told = bought.told("submitted", "done")
    is_open = last not in CLOSED and not bought.is_stored
    if not bought.is_stored and last in ("unmade", "lost"):
        return None
    if not bought.is_stored and last in ("failed", "refused"):
        usd = bought.told("failed", "refused")
        if usd is None:
            return None
        certainty = Certainty.TOLD if usd == told else Certainty.LISTED
    elif told is not None:
        usd, certainty = told, Certainty.TOLD
    elif is_open:
        usd, certainty = usd_of(intent.get("reserved_usd")), Certainty.RESERVED
    else:
        usd, certainty = _first(bought.told("stored"), bought.told("again")), Certainty.LISTED
        if usd is None and locked is not None and locked.usd is not None:
            usd, certainty = locked.usd, Certainty.LOCKED
        usd = _first(usd, usd_of(intent.get("list_usd")))
        if usd is None:
            usd, certainty = usd_of(intent.get("reserved_usd")), Certainty.RESERVED
    return Purchase(
        attempt,
        str(intent.get("label") or ""),
        str(intent.get("model") or ""),
        str(intent.get("provider") or ""),
        str(intent.get("at") or ""),
        usd,
        certainty if usd is not None else Certainty.UNKNOWN,
        is_open,
    )


def _locked(label: str, one: Bought) -> Purchase:
    """Give a purchase that only the lock knows: it was made on another machine."""
    certainty = Certainty.LOCKED if one.usd is not None else Certainty.UNKNOWN
    return Purchase(one.key, label, one.model, one.job.partition("/")[0], one.on, one.usd, certainty)


def _attempts(lock: Lock) -> Iterator[tuple[str, Bought]]:
    """Give every attempt of a lock once, with the first label that it stands under."""
    first: dict[Digest, tuple[str, Bought]] = {}
    for label, _, one in lock.attempts:
        if one.key not in first or label < first[one.key][0]:
            first[one.key] = label, one
    yield from first.values()


def _first(*amounts: Fraction | None) -> Fraction | None:
    return next((usd for usd in amounts if usd is not None), None)
