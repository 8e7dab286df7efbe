"""The content-addressed store: blobs by the sha256 of their bytes, as plain read-only files.

It verifies what it gives (remembered by stamp). It knows nothing of actions or of who made a blob.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from vidbuild.stores import durable
from vidbuild.stores.index import Memory
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.stamp import Stamp, stamp_of
from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest, digest_bytes, digest_stream, is_digest

YOUNG_S = 3600
"""A blob that was read or put here so long ago at most is as old as that says: it isn't made younger again."""
DAMAGED, LEAVING, REFUSED = ".damaged-", ".leaving-", ".refused"
"""What follows a digest in the names of damaged blobs, of those that are being removed, and of what never was one."""
SWEEPING = "gc.lock"
"""The lock of who sweeps a store; it lies there only while somebody does, or where one was killed at it."""


class Cas(Protocol):
    """What any place for bytes can be asked."""

    def has(self, digest: Digest) -> bool:
        """Say whether the bytes are known to be here; they are not read."""

    def fetch(self, digest: Digest) -> Path | None:
        """Give a verified file with these bytes, or `None`; a damaged one is set aside and told as absent."""

    def put(self, source: Path, media_type: str) -> Blob:
        """Take a finished file in; the file is gone from where it was."""

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        """Take bytes in."""


class DiskCas:
    """Blobs under `cas/ab/<digest>`."""

    def __init__(self, root: Path, memory: Memory):
        self._sweeping = root / SWEEPING
        self._root = root / "cas"
        self._memory = memory
        self._taken: dict[Digest, Stamp] = {}

    def has(self, digest: Digest) -> bool:
        return os.path.exists(self.where(digest))

    def fetch(self, digest: Digest) -> Path | None:
        path = self.where(digest)
        stamp = stamp_of(path)
        if stamp is None:
            return None
        if self._taken.get(digest) == stamp or self._memory.digest(path) == digest:
            return path if stamp[1] > time.time_ns() - YOUNG_S * 10**9 or self._freshen(digest) else None
        try:
            with open(path, "rb") as stream:
                found = digest_stream(stream)
        except FileNotFoundError:
            return None
        if stamp_of(path) != stamp:
            return self.fetch(digest)  # put anew while it was read
        if found != digest:
            self.set_aside(path, digest)
            return None
        self._memory.remember(path, stamp, digest)
        return path if self._freshen(digest) else None

    def put(self, source: Path, media_type: str) -> Blob:
        with open(source, "rb") as stream:
            digest = digest_stream(stream)
            size = os.fstat(stream.fileno()).st_size
        if self._has_fresh(digest):
            source.unlink()
        else:
            durable.move_in(source, self.where(digest))
            self._recall(digest)
        return Blob(digest, size, media_type)

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        digest = digest_bytes(data)
        if not self._has_fresh(digest):
            durable.write_bytes(self.where(digest), data, durable.READ_ONLY)
            self._recall(digest)
        return Blob(digest, len(data), media_type)

    def where(self, digest: Digest) -> Path:
        """Name the file that holds a blob, whether it is there or not."""
        if not is_digest(digest):
            raise ValueError(f"BUG: not a digest: {digest!r}")
        return self._root / digest[:2] / digest

    def all(self) -> Iterator[tuple[Digest, Path]]:
        """List every blob."""
        for path in sorted(self._root.glob("??/*")):
            if is_digest(path.name):
                yield Digest(path.name), path

    def take_in(self, source: Path, digest: Digest) -> None:
        """Take a file in whose bytes were just now seen to have this digest; it is on disk after `settle`."""
        path = self.where(digest)
        durable.move_in(source, path, is_synced=False)
        if (stamp := stamp_of(path)) is not None:
            self._taken[digest] = stamp

    def settle(self) -> None:
        """See that what was taken in is on disk, and only then believe it by its stamp in later runs too."""
        if not self._taken:
            return
        durable.sync_file_system(self._root)
        while self._taken:
            digest, stamp = self._taken.popitem()
            if stamp_of(self.where(digest)) == stamp:
                self._memory.remember(self.where(digest), stamp, digest)

    def remove(self, digest: Digest, before: float) -> bool:
        """Remove a blob, unless it was put here after a moment (Unix time); say whether it is gone.

        Whoever puts it here again meanwhile either finds no file, and writes one, or makes ours younger, which is then
        put back: so nothing is lost that a running build relies on.
        """
        path = self.where(digest)
        aside = path.with_name(f"{digest}{LEAVING}{os.getpid()}")
        try:
            if path.stat().st_mtime >= before:
                return False
            os.rename(path, aside)
            if aside.stat().st_mtime >= before:
                os.rename(aside, path)
                return False
            aside.unlink()
        except FileNotFoundError:
            return False
        self._memory.forget(path)
        return True

    def recover(self) -> None:
        """Put back what a killed process was about to remove; where none was killed, or one is at it, do nothing."""
        if not self._sweeping.exists() or not (lock := ProcessLock(self._sweeping)).take("look after a killed sweep"):
            return
        try:
            for path in self._root.glob(f"??/*{LEAVING}*"):
                digest = path.name.partition(LEAVING)[0]
                if is_digest(digest):
                    with contextlib.suppress(FileNotFoundError):
                        os.replace(path, path.with_name(digest))
        finally:
            lock.release(remove=True)

    def _has_fresh(self, digest: Digest) -> bool:
        """Say whether a blob is here, whole, and make it young."""
        return self.fetch(digest) is not None and self._freshen(digest)

    def _freshen(self, digest: Digest) -> bool:
        """Make a blob young, so that nobody sweeps what is about to be used; say whether it is still here."""
        try:
            os.utime(self.where(digest))
        except FileNotFoundError:
            return False
        except OSError:
            return True
        self._recall(digest)
        return True

    def _recall(self, digest: Digest) -> None:
        path = self.where(digest)
        stamp = stamp_of(path)
        if stamp is not None:
            self._memory.remember(path, stamp, digest)

    def refuse(self, path: Path, digest: Digest) -> None:
        """Keep for a look what came from elsewhere under a digest that it hasn't got: the last such file alone."""
        with contextlib.suppress(OSError):
            os.replace(path, path.with_name(f"{digest}{REFUSED}"))

    def set_aside(self, path: Path, digest: Digest) -> None:
        """Keep a damaged blob for a look, under a name that no digest has."""
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{digest}{DAMAGED}")
            os.close(handle)
            os.replace(path, name)
