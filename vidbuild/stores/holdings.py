"""What a store holds: every result and every blob, whether it was paid for, what it cost, who used it last.

It reads plain files and decides nothing. What is paid is known by three witnesses, any of which is enough: the record
of an attempt, the job log, and the locks that it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.stores import uses
from vidbuild.stores.action_cache import DiskActionCache, result_of
from vidbuild.stores.cas import DAMAGED, REFUSED, DiskCas
from vidbuild.stores.job_log import JobLog, standing
from vidbuild.stores.uses import Use
from vidbuild.words.action import ActionResult
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest, is_digest
from vidbuild.words.locked import Lock

ANSWERED = "answered"
"""What a record is called that says which attempt answered an ask: it holds no bytes of its own."""


@dataclass(frozen=True)
class File:
    """A file of the store."""

    path: Path
    size: int
    at: float


@dataclass(frozen=True)
class Record:
    """A record of a result.

    Args:
        kind: its mnemonic.
        is_paid: whether it is of an attempt that was bought, or says which one answered.
    """

    key: Digest
    file: File
    kind: str
    result: ActionResult
    is_paid: bool


@dataclass
class Paid:
    """An attempt that was bought.

    Args:
        blobs: what it made, by all witnesses: they may know of several purchases of it, with other bytes each.
        stored: of those, what was stored here last.
        project: the project file that bought it, where the job log here knows.
        named: who names it: locks by path, and builds; nobody where nothing that was shown does.
        is_kept: whether the job log here says that it was stored, and not that it was let go.
    """

    key: Digest
    label: str = ""
    model: str = ""
    job: str = ""
    usd: Fraction | None = None
    blobs: set[Digest] = field(default_factory=set)
    stored: frozenset[Digest] = frozenset()
    project: str = ""
    named: list[str] = field(default_factory=list)
    is_kept: bool = False

    @property
    def words(self) -> str:
        """Say what it is, for people."""
        cost = "of unknown price" if self.usd is None else f"${float(self.usd):.2f}"
        known = ", ".join(part for part in (self.model, self.job) if part)
        return f"{self.label or 'a take'} `k{self.key[:6]}` ({known}), {cost}"


@dataclass
class Holdings:
    """All that a store holds.

    Args:
        at: whatever was used, put here or changed since (Unix time, by the store's file system) may be otherwise.
        unread: records that are none.
        foreign: records that may be some, of another vidbuild or not to be opened now: they stay.
        is_blind: whether some of those can't be opened, so that nobody knows what they name.
        refused: what came from elsewhere, and was something else than its name says.
        needed: digests that jobs which are out were given, and may be given again, and that foreign records name.
        uses: what the last build of each request used.
    """

    at: float = 0.0
    blobs: dict[Digest, File] = field(default_factory=dict)
    records: dict[Digest, Record] = field(default_factory=dict)
    unread: list[File] = field(default_factory=list)
    foreign: list[File] = field(default_factory=list)
    is_blind: bool = False
    damaged: list[File] = field(default_factory=list)
    refused: list[File] = field(default_factory=list)
    paid: dict[Digest, Paid] = field(default_factory=dict)
    needed: frozenset[str] = frozenset()
    uses: list[tuple[Path, Use]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many bytes it all has."""
        records = (record.file for record in self.records.values())
        others = (*self.unread, *self.foreign, *self.damaged, *self.refused)
        return sum(file.size for file in (*self.blobs.values(), *records, *others))

    @property
    def paid_blobs(self) -> Mapping[Digest, list[Paid]]:
        """The attempts that made a blob, by its digest."""
        found: dict[Digest, list[Paid]] = {}
        for one in self.paid.values():
            for digest in one.blobs:
                found.setdefault(digest, []).append(one)
        return found

    def here(self, one: Paid) -> frozenset[Digest]:
        """Give the blobs of an attempt that are here."""
        return frozenset(one.blobs & self.blobs.keys())

    def last_uses(self) -> Mapping[str, float]:
        """Say when each record was last used: by the builds that are known, else when it was made."""
        found: dict[str, float] = {key: record.file.at for key, record in self.records.items()}
        for _, use in self.uses:
            for key in use.keys & self.records.keys():
                found[key] = max(found[key], use.at)
        return found


def holdings(root: Path, cas: DiskCas, cache: DiskActionCache, locks: Mapping[str, Lock], at: float) -> Holdings:
    """Read a store.

    Args:
        at: since when it may change, while it is read and after; see `workspaces.settled`.
        locks: those that are known, by their path.
    """
    found = Holdings(at, uses=list(uses.all_uses(root)))
    for digest, path in cas.all():
        if (file := file_at(path)) is not None:
            found.blobs[digest] = file
    found.damaged, found.refused = (
        [file for path in sorted(root.glob(f"cas/??/*{suffix}*")) if (file := file_at(path)) is not None]
        for suffix in (DAMAGED, REFUSED)
    )
    _read_records(found, cache)
    _read_log(found, JobLog(root))
    for name, lock in locks.items():
        _read_lock(found, name, lock)
    used = {key for _, use in found.uses for key in use.keys}
    for key, record in found.records.items():
        if record.is_paid and key in used and (one := found.paid.get(attempt_of(record))) is not None:
            one.named.append("a build")
    return found


def file_at(path: Path) -> File | None:
    """Look at a file; `None` where it is gone."""
    try:
        told = path.stat()
    except OSError:
        return None
    return File(path, told.st_size, told.st_mtime)


def attempt_of(record: Record) -> Digest:
    """Name the attempt that a paid record is of."""
    said = record.result.facts.get("attempt")
    key = said.get("key") if isinstance(said, Mapping) else None
    return Digest(str(key)) if is_digest(key) else record.key


def _read_records(found: Holdings, cache: DiskActionCache) -> None:
    for key, path in cache.paths():
        file = file_at(path)
        if file is None:
            continue
        text = cache.text(key)
        if text is None and not path.exists():
            continue  # swept just now
        told = _parsed(text)
        if told is None:
            (found.unread if text is not None else found.foreign).append(file)
            found.is_blind |= text is None
            continue
        result = result_of(text or "", key)
        if result is None:
            found.foreign.append(file)
            found.needed |= set(_digests(told))
            continue
        facts = result.facts
        is_bought, is_answer = isinstance(facts.get("job"), str), isinstance(facts.get("attempt"), Mapping)
        kind = ANSWERED if is_answer else _mnemonic(told)
        record = found.records[key] = Record(key, file, kind, result, is_bought or is_answer)
        if record.is_paid:
            one = _attempt(found, attempt_of(record))
            one.blobs |= {blob.digest for blob in result.outputs.values()}
            one.model, one.job = str(facts.get("model", one.model)), str(facts.get("job", one.job))
            one.usd = usd_of(facts.get("usd")) if one.usd is None else one.usd


def _read_log(found: Holdings, log: JobLog) -> None:
    needed: set[str] = set()
    opened = set(log.open_attempts())
    for key in log.attempts():
        steps = log.steps(key)
        intent = standing(steps).intent
        if key in opened:
            needed |= set(_digests(intent))
        stored = [step for step in steps if step.get("step") == "stored"]
        if not stored and key not in found.paid:
            continue
        one = _attempt(found, key)
        one.label, one.project = str(intent.get("label") or one.label), str(intent.get("project") or "")
        one.model = one.model or str(intent.get("model") or "")
        one.is_kept = bool(steps) and steps[-1].get("step") == "stored"
        for step in stored:
            outputs = step.get("outputs")
            made = outputs.values() if isinstance(outputs, Mapping) else ()
            one.stored = frozenset(Digest(digest) for digest in made if is_digest(digest))
            one.blobs |= one.stored
            one.usd = usd_of(step.get("usd")) if one.usd is None else one.usd
    found.needed |= needed


def _read_lock(found: Holdings, name: str, lock: Lock) -> None:
    for label, _, bought in lock.attempts:
        one = _attempt(found, bought.key)
        one.label, one.model, one.job = one.label or label, bought.model, bought.job
        one.usd = bought.usd if bought.usd is not None else one.usd
        one.blobs |= {blob.digest for blob in bought.outputs.values()}
        if name not in one.named:
            one.named.append(name)


def _attempt(found: Holdings, key: Digest) -> Paid:
    return found.paid.setdefault(key, Paid(key))


def _parsed(text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _mnemonic(told: Any) -> str:
    action = told.get("action")
    return str(action.get("mnemonic", "unknown")) if isinstance(action, dict) else "unknown"


def _digests(said: Any) -> Iterable[str]:
    """Give every digest that stands anywhere in what was written down."""
    if is_digest(said):
        yield said
    elif isinstance(said, Mapping):
        for part in said.values():
            yield from _digests(part)
    elif isinstance(said, (list, tuple)):
        for part in said:
            yield from _digests(part)
