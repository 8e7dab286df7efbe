"""The project's own files, read where they lie: their digests, remembered by stamp, and whether they moved since.

It knows paths and digests; whether a path may be read at all, `spec.load` has said.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from vidbuild.stores.index import Memory
from vidbuild.stores.stamp import Stamp, stamp_of
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import VidbuildError

SETTLED_NS = 2_000_000_000
"""A file touched less than two seconds before it was hashed may be written again under the same stamp."""


class OwnFilesOnDisk:
    """Own files by digest, as they were when they were first asked for."""

    def __init__(self, memory: Memory, now_ns: int, rehash: bool = False):
        self._memory = memory
        self._now_ns = now_ns
        self._rehash = rehash
        self._seen: dict[Digest, dict[Path, Stamp]] = {}

    def digest(self, path: Path) -> Digest:
        """Give a file's digest, hashing it unless its stamp is remembered."""
        stamp = stamp_of(path)
        known = None if self._rehash else self._memory.digest(path)
        digest = known or self._hashed(path)
        if stamp is not None:
            self._seen.setdefault(digest, {})[path] = stamp
            settled = max(stamp[1], stamp[2]) < self._now_ns - SETTLED_NS
            if known is None and stamp == stamp_of(path) and settled:
                self._memory.remember(path, stamp, digest)
        return digest

    def path(self, digest: Digest) -> Path | None:
        """Give a file that has this content, or `None` where none had it; of equal files one that still stands."""
        paths = self._seen.get(digest, {})
        return next((path for path, stamp in paths.items() if stamp_of(path) == stamp), next(iter(paths), None))

    def moved(self, digest: Digest) -> Digest | None:
        """Give the new digest of a file whose stamp no longer stands; `None` where the content is still to be had."""
        paths = self._seen.get(digest, {})
        if not paths or any(stamp_of(path) == stamp for path, stamp in paths.items()):
            return None
        fresh = self.digest(next(iter(paths)))
        return fresh if fresh != digest else None

    def _hashed(self, path: Path) -> Digest:
        try:
            with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
                if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                    raise VidbuildError(f"`{path}` is no regular file")
                return digest_stream(stream)
        except OSError as error:
            raise VidbuildError(f"`{path}` can't be read", {"because": error.strerror or str(error)}) from error
