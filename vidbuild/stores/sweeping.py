"""What of a store may go, and in which order: derived results first, the longest unused first; then what was paid for.

`Sweep` decides from what the store holds; `Broom` removes, beside running builds. Job log and records of what was paid
are never removed: they say what was bought, and bring it back from where it still is.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidbuild.stores.action_cache import DiskActionCache
from vidbuild.stores.cas import YOUNG_S, DiskCas
from vidbuild.stores.holdings import File, Holdings, Paid, attempt_of, file_at
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.workspaces import gate_held, running_since
from vidbuild.words.digest import Digest
from vidbuild.words.errors import BusyError

LET_GO = "let go"
"""The step that the job log has of what was swept: it was bought, and isn't missed here."""
LONG_GONE_S = 30 * 86400
"""What was asked for since is remembered, whatever goes."""
AT_ONCE = 256
"""So many removals are made while builds wait to begin."""


@dataclass(frozen=True)
class Limits:
    """What is asked for.

    Args:
        before: what was used since (Unix time) stays.
        most: of older things so much goes that the store has so many bytes; all of it goes without.
    """

    before: float
    most: int | None


@dataclass
class Sweep:
    """What goes.

    Args:
        keys: records of derived results.
        blobs: those that no record has that stays.
        files: what is no record, and what is damaged.
        before: what was used since stays after all.
        size: what the store has when it is done.
    """

    keys: list[Digest] = field(default_factory=list)
    blobs: list[Digest] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    size: int = 0
    before: float = 0.0


def derived(held: Holdings, limits: Limits) -> Sweep:
    """Choose of what can be made again."""
    sweep = Sweep(size=held.size, before=held.at)
    paid = held.paid_blobs
    users = Counter(blob.digest for record in held.records.values() for blob in set(record.result.outputs.values()))
    for at, act in sorted(_candidates(held, paid), key=lambda each: each[0]):
        if at >= limits.before or (limits.most is not None and sweep.size <= limits.most):
            break
        if isinstance(act, File):
            sweep.files.append(act)
            sweep.size -= act.size
            continue
        record = held.records.get(act)
        if record is None:
            digests = [act]
        else:
            sweep.keys.append(act)
            sweep.size -= record.file.size
            digests = [blob.digest for blob in set(record.result.outputs.values())]
        for digest in digests:
            users[digest] -= 1
            if users[digest] <= 0 and digest in held.blobs and digest not in paid and digest not in held.needed:
                sweep.blobs.append(digest)
                sweep.size -= held.blobs[digest].size
    return sweep


def _candidates(held: Holdings, paid: Collection[str]) -> Iterator[tuple[float, Digest | File]]:
    """Give each derived result by its key, each blob that no result has by its digest, and what is no object at all."""
    lasts = held.last_uses()
    named: set[str] = set()
    for key, record in held.records.items():
        digests = {blob.digest for blob in record.result.outputs.values()}
        named |= digests
        if not record.is_paid:
            yield max([lasts[key], *(held.blobs[digest].at for digest in digests if digest in held.blobs)]), key
    for digest, file in held.blobs.items():
        # a take is here before its record is, and before any lock names it
        is_settled = file.at < held.at - YOUNG_S and not held.is_blind
        if is_settled and digest not in named and digest not in paid and digest not in held.needed:
            yield file.at, digest
    for file in held.damaged:
        if (digest := Digest(file.path.name[:64])) not in paid or digest in held.blobs:
            yield file.at, file
    yield from ((file.at, file) for file in held.refused)
    yield from ((file.at, file) for file in held.unread)


def bought(held: Holdings, limits: Limits, size: int, may_go: Callable[[Paid], bool]) -> list[Paid]:
    """Choose of what was paid for: what nothing names first, the longest unused first.

    Args:
        size: what the store has without what is derived and goes.
        may_go: is asked in that order, and only of what would have to go.
    """
    chosen: list[Paid] = []
    used: dict[Digest, float] = {}
    lasts = held.last_uses()
    for key, record in held.records.items():
        if record.is_paid:
            attempt = attempt_of(record)
            used[attempt] = max(used.get(attempt, 0.0), lasts[key])
    keepers = Counter(digest for one in held.paid.values() for digest in one.blobs)

    def at(one: Paid) -> float:
        return max([used.get(one.key, 0.0), *(held.blobs[digest].at for digest in held.here(one))])

    for one in sorted(filter(held.here, held.paid.values()), key=lambda one: (bool(one.named), at(one))):
        if limits.most is not None and size <= limits.most:
            break
        if at(one) >= limits.before or held.needed & one.blobs or not may_go(one):
            continue
        chosen.append(one)
        keepers.subtract(one.blobs)
        size -= sum(held.blobs[digest].size for digest in held.here(one) if not keepers[digest])
    return chosen


class Broom:
    """Removes from a store, a batch at a time; builds begin between batches."""

    def __init__(self, root: Path, cas: DiskCas, cache: DiskActionCache):
        self._root, self._cas, self._cache, self._log = root, cas, cache, JobLog(root)

    def sweep(self, going: Sweep) -> None:
        """Remove what is derived, but for what builds use that run, or that ran since it was chosen."""
        for start in range(0, len(going.keys), AT_ONCE):
            with self._gate():
                for key in going.keys[start : start + AT_ONCE]:
                    self._cache.forget(key)
        for start in range(0, len(going.blobs), AT_ONCE):
            with self._gate():
                since = running_since(self._root)
                before = going.before if since is None else min(going.before, since - YOUNG_S)
                for digest in going.blobs[start : start + AT_ONCE]:
                    self._cas.remove(digest, before)
        for file in going.files:
            if file_at(file.path) == file:
                file.path.unlink(missing_ok=True)

    def let_go(self, held: Holdings, paid: Sequence[Paid]) -> list[Paid]:
        """Remove the bytes of what was paid for, where nothing that stays has them; no build may run then.

        What was used since it was chosen stays. It gives what went.

        Raises:
            BusyError: one runs.
        """
        with self._gate():
            if running_since(self._root) is not None:
                raise BusyError(
                    "a build runs: nothing that was paid for goes beside it", hint="wait until it has ended"
                )
            gone = [one for one in paid if not any(self._is_used(held, digest) for digest in held.here(one))]
            chosen = {one.key for one in gone}
            kept = {digest for one in held.paid.values() if one.key not in chosen for digest in one.blobs}
            for one in gone:
                if self._log.steps(one.key):
                    self._log.append(one.key, LET_GO)
            for digest in sorted({digest for one in gone for digest in held.here(one)} - kept):
                self._cas.remove(digest, held.at)
            return gone

    def _is_used(self, held: Holdings, digest: Digest) -> bool:
        """Say whether a blob was used since stock was taken."""
        file = file_at(self._cas.where(digest))
        return file is not None and file.at >= held.at

    def forget_requests(self, held: Holdings, before: float) -> None:
        """Forget what nobody asked for again for long: traces, and what builds of projects used that are gone.

        A project that isn't there may be on a drive that isn't, so that is for long whatever else goes.
        """
        before = min(before, held.at - LONG_GONE_S)
        for path in (self._root / "traces").glob("[0-9a-f]" * 32):
            if (file := file_at(path)) is not None and file.at < before:
                path.unlink(missing_ok=True)
        for path, use in held.uses:
            if use.at < before and not use.project.exists():
                path.unlink(missing_ok=True)

    def _gate(self) -> contextlib.AbstractContextManager[None]:
        return gate_held(self._root, "sweep the store")
