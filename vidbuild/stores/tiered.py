"""A local store with a remote behind it: read through, written behind; what comes from afar is believed when verified.

A record must be of the form of records, under its own key, of the action whose digest that key is; a blob's bytes must
have its digest, and be no more than its record or the lock says. All that comes in goes through `_record` and `blob`.
Trouble is a miss, and told.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vidbuild.stores import durable
from vidbuild.stores.action_cache import DiskActionCache, verified
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.claims import Claim, claim_path
from vidbuild.stores.remotes.remote import Hashed, Remote, RemoteTrouble
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.digest import Digest

RECORD_MOST = 1 << 20
BLOB_MOST = 64 << 30
"""Bytes of the largest record and of the largest blob that is taken in."""
AT_ONCE, WAITING, TROUBLES = 8, 4096, 5
"""Requests at once; uploads that may wait; how many troubles in a row make a remote count as gone."""


@dataclass
class Traffic:
    """What went to and fro: objects and bytes, and how many results were not sent after all."""

    fetched: int = 0
    fetched_bytes: int = 0
    sent: int = 0
    sent_bytes: int = 0
    there: int = 0
    unsent: int = 0


class TieredCas:
    """A CAS with a remote behind it."""

    def __init__(self, cas: DiskCas, behind: Behind):
        self._cas = cas
        self._behind = behind

    def has(self, digest: Digest) -> bool:
        return self._cas.has(digest) or self._behind.holds(digest)

    def fetch(self, digest: Digest) -> Path | None:
        """Give a verified file; one that is not here comes from the remote."""
        return self._cas.fetch(digest) or self._behind.blob(digest)

    def put(self, source: Path, media_type: str) -> Blob:
        return self._cas.put(source, media_type)

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        return self._cas.put_bytes(data, media_type)


class TieredCache:
    """An action cache with a remote behind it; what that holds is here once it is recalled."""

    def __init__(self, cache: DiskActionCache, behind: Behind):
        self._cache = cache
        self._behind = behind

    def get(self, key: Digest) -> ActionResult | None:
        return self._cache.get(key)

    def put(self, action: BoundAction, result: ActionResult) -> None:
        """Record what came of an action, here and behind."""
        self._cache.put(action, result)
        self._behind.send(action.key, result)

    def action(self, key: Digest) -> Mapping[str, Any] | None:
        return self._cache.action(key)


class Behind:
    """What stands between the local stores and a remote: it recalls, verifies, takes in, sends, and counts.

    Args:
        told: is given each kind of trouble once, in a sentence.
        reads_only: whether nothing is ever written to the remote.
        owner: names the local store, in claims.
    """

    def __init__(
        self,
        cas: DiskCas,
        cache: DiskActionCache,
        remote: Remote,
        told: Callable[[str], None],
        reads_only: bool,
        owner: str,
    ):
        self._cas, self._cache, self._remote = cas, cache, remote
        self._say = told
        self._told_of: set[str] = set()
        self.reads_only = reads_only
        self._held: dict[Digest, int] = {}
        self._asked: set[str] = set()
        self._there: set[Digest] = set()
        self._blobs: dict[Digest, threading.Lock] = {}
        self._claims: dict[Digest, Claim] = {}
        self._owner = owner
        self._troubles = 0
        self._is_gone = False
        self._guard = threading.Lock()
        self._uploads: queue.Queue[_Upload | None] = queue.Queue(WAITING)
        self._senders: list[threading.Thread] = []
        self.traffic = Traffic()

    def holds(self, digest: Digest) -> bool:
        """Say whether the remote is known to hold a blob."""
        return digest in self._held and not self._is_gone

    def recall(self, key: Digest, known: ActionResult | None) -> None:
        """Look behind for a record, or for the blobs of a result that is known; each is asked for once."""
        if self._is_gone:
            return
        if known is None:
            if self._first(f"ac/{key}") and (result := self._record(key)) is not None:
                # whoever wrote the record wrote its blobs before
                self._held |= {blob.digest: blob.size for blob in result.outputs.values()}
            return
        for blob in known.outputs.values():
            if not self._cas.has(blob.digest) and blob.digest not in self._held and self._first(f"cas/{blob.digest}"):
                with self._troubled():
                    if self._remote.has(f"cas/{blob.digest}"):
                        self._held[blob.digest] = blob.size

    def recall_all(self, known: Mapping[Digest, ActionResult | None]) -> None:
        """Look behind for many at once."""
        if known and not self._is_gone:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(lambda key: self.recall(key, known[key]), known))

    def send(self, key: Digest, result: ActionResult, waits: bool = False) -> None:
        """Have a result sent while the build goes on: its blobs, then its record.

        Args:
            waits: whether to wait where too many are to be sent; else it is left unsent.
        """
        if self.reads_only:
            return
        if not self._senders:
            self._senders = [threading.Thread(target=self._sending, daemon=True) for _ in range(AT_ONCE)]
            for sender in self._senders:
                sender.start()
        try:
            self._uploads.put(_Upload(key, tuple(result.outputs.values())), waits)
        except queue.Full:
            self._leave()

    def claim(self, key: Digest) -> Claim | None:
        """Keep other machines from buying a key; `None` when one of them does already."""
        claim = self._claims.setdefault(key, Claim(self._remote, claim_path(key), self._owner))
        if self._is_gone or self.reads_only or not self._remote.claims:
            return claim
        with self._troubled():
            if claim.take():
                return claim
            self._say_once(f"another machine makes `{key[:12]}`: this one waits for it")
            return None
        return claim if self._is_gone else None

    def renew(self, claim: Claim) -> None:
        """Let a claim stand for longer."""
        if not (self._is_gone or self.reads_only) and self._remote.claims:
            with self._troubled():
                claim.renew()

    def settle(self, claim: Claim, key: Digest, result: ActionResult | None) -> None:
        """Send what was bought, and only then let its claim go.

        Where nothing came of it, a job may be out: the claim stands for as long as nobody renews it.
        """
        if self._is_gone or self.reads_only or result is None:
            return
        with self._troubled():
            self._sent(_Upload(key, tuple(result.outputs.values())))
            if self._remote.claims:
                claim.release()

    def look_again(self, key: Digest) -> None:
        """Ask for a record once more that was not there before."""
        with self._guard:
            self._asked.discard(f"ac/{key}")
        self.recall(key, None)

    def flush(self) -> Traffic:
        """Wait until all is sent, or until somebody is impatient; give what went to and fro."""
        for _ in self._senders:
            self._uploads.put(None)
        try:
            for sender in self._senders:
                sender.join()
        except BaseException:
            self.stop()
            raise
        self._senders = []
        self._cas.settle()
        return self.traffic

    def stop(self) -> Traffic:
        """Wait for nothing that isn't sent yet; `push` sends it another time."""
        with contextlib.suppress(queue.Empty):
            while True:
                self.traffic.unsent += self._uploads.get_nowait() is not None
        for _ in self._senders:
            self._uploads.put(None)
        self._senders = []
        self._cas.settle()
        return self.traffic

    def _sending(self) -> None:
        while (upload := self._uploads.get()) is not None:
            is_sent = False
            if not self._is_gone:
                with self._troubled():
                    self._sent(upload)
                    is_sent = True
            if not is_sent:
                self._leave()

    def _leave(self) -> None:
        with self._guard:
            self.traffic.unsent += 1

    def _sent(self, upload: _Upload) -> None:
        """Send what the remote lacks; a record only behind its blobs."""
        text = self._cache.text(upload.key)
        for blob in upload.blobs:
            path = self._cas.fetch(blob.digest)
            if path is None:
                return
            with self._guard:
                sending = self._blobs.setdefault(blob.digest, threading.Lock())
            with sending:  # who finds it being sent waits until it is
                if blob.digest not in self._there:
                    self._put(blob, path)
        if text is not None:
            self._remote.write(f"ac/{upload.key}", text.encode())

    def _put(self, blob: Blob, path: Path) -> None:
        """Send a blob that the remote lacks."""
        is_there = self._remote.has(f"cas/{blob.digest}")
        if not is_there:
            self._remote.write(f"cas/{blob.digest}", path)
        with self._guard:
            self._there.add(blob.digest)
            self.traffic.there += is_there
            self.traffic.sent += not is_there
            self.traffic.sent_bytes += 0 if is_there else blob.size

    def _record(self, key: Digest) -> ActionResult | None:
        """Take a record in, if it is one."""
        data = None
        with self._troubled():
            data = self._remote.read(f"ac/{key}", RECORD_MOST)
        if data is None:
            return None
        text = data.decode("utf-8", "replace")
        result = verified(text, key)
        if result is None:
            self._say_once(f"the record `{key}` of the remote store is none of ours: it is passed over")
            return None
        self._cache.take_in(key, text)
        return result

    def blob(self, digest: Digest) -> Path | None:
        """Take a blob in, if its bytes are what its name says; `None` where the remote hasn't got it."""
        if self._is_gone:
            return None
        place, size = self._cas.where(digest), self._held.get(digest)
        with durable.fresh(place.parent) as target:
            seen, found = Hashed(target), False
            with self._troubled():
                found = self._remote.fetch(f"cas/{digest}", seen, BLOB_MOST if size is None else size)
            target.flush()
            if not found:
                self._miss(digest)
                return None
            if seen.sum.hexdigest() != digest:
                self._miss(digest)
                self._cas.refuse(Path(target.name), digest)
                self._say_once(f"`{digest}` of the remote store holds other bytes: they are set aside, unused")
                return None
            self._cas.take_in(Path(target.name), digest)
        with self._guard:
            self.traffic.fetched += 1
            self.traffic.fetched_bytes += seen.count
        return self._cas.fetch(digest)

    def _miss(self, digest: Digest) -> None:
        """Take a blob for one that the remote hasn't got, whatever it says when it is asked again."""
        with self._guard:
            self._held.pop(digest, None)
            self._asked.add(f"cas/{digest}")

    def _first(self, what: str) -> bool:
        """Say whether something is asked for the first time."""
        with self._guard:
            is_new = what not in self._asked
            self._asked.add(what)
        return is_new

    @contextlib.contextmanager
    def _troubled(self) -> Iterator[None]:
        """Let trouble be told, and be a miss; too much of it, and the remote isn't asked any more."""
        try:
            yield
        except RemoteTrouble as trouble:
            hint = f" ({trouble.hint})" if trouble.hint else ""
            self._say_once(f"the remote store: {trouble.sentence}{hint}")
            with self._guard:
                self._troubles += 1
                gone = trouble.is_down or self._troubles >= TROUBLES
                was, self._is_gone = self._is_gone, self._is_gone or gone
            if gone and not was:
                self._say("the remote store isn't asked any more in this run")
        else:
            with self._guard:
                self._troubles = 0

    def _say_once(self, sentence: str) -> None:
        with self._guard:
            if sentence in self._told_of:
                return
            self._told_of.add(sentence)
        self._say(sentence)


@dataclass(frozen=True)
class _Upload:
    key: Digest
    blobs: tuple[Blob, ...]
