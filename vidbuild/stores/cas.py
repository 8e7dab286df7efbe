"""The content-addressed store: blobs by the sha256 of their bytes, as plain read-only files.

It verifies what it gives (remembered by stamp). It knows nothing of actions or of who made a blob.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from vidbuild.stores import durable
from vidbuild.stores.index import Memory
from vidbuild.stores.stamp import stamp_of
from vidbuild.words.action import Blob
from vidbuild.words.digest import Digest, digest_bytes, digest_stream, is_digest


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
        self._root = root / "cas"
        self._memory = memory

    def has(self, digest: Digest) -> bool:
        return os.path.exists(self.where(digest))

    def fetch(self, digest: Digest) -> Path | None:
        path = self.where(digest)
        stamp = stamp_of(path)
        if stamp is None:
            return None
        if self._memory.digest(path) == digest:
            return path
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
        return path

    def put(self, source: Path, media_type: str) -> Blob:
        with open(source, "rb") as stream:
            digest = digest_stream(stream)
            size = os.fstat(stream.fileno()).st_size
        path = self.where(digest)
        if self.fetch(digest) is None:
            durable.move_in(source, path)
            self._recall(path, digest)
        else:
            source.unlink()
        return Blob(digest, size, media_type)

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        digest = digest_bytes(data)
        if self.fetch(digest) is None:
            durable.write_bytes(self.where(digest), data, durable.READ_ONLY)
            self._recall(self.where(digest), digest)
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

    def _recall(self, path: Path, digest: Digest) -> None:
        stamp = stamp_of(path)
        if stamp is not None:
            self._memory.remember(path, stamp, digest)

    def set_aside(self, path: Path, digest: Digest) -> None:
        """Keep a damaged blob for a look, under a name that no digest has."""
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=f"{digest}.damaged-")
            os.close(handle)
            os.replace(path, name)
