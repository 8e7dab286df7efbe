"""The index: what plain files say, kept where it is quick to ask. Rebuilt at will, never carried or trusted.

diskcache under it is used for text only: its pickles are refused (CVE-2025-69872), its eviction is off
(it deletes what was paid for), and trouble of any kind is an empty index.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import diskcache
from diskcache.core import MODE_RAW

from vidbuild.stores.stamp import Stamp, stamp_of
from vidbuild.words.digest import Digest

_TROUBLE = (sqlite3.Error, diskcache.Timeout, OSError)


class TextDisk(diskcache.Disk):  # type: ignore[misc]
    """A diskcache disk that holds text and refuses to unpickle."""

    def put(self, key: Any) -> Any:
        if not isinstance(key, str):
            raise TypeError("BUG: index keys are text")
        return key, True

    def get(self, key: Any, raw: Any) -> Any:
        return key

    def store(self, value: Any, read: Any, key: Any = diskcache.core.UNKNOWN) -> Any:
        if not isinstance(value, str):
            raise TypeError("BUG: index values are text")
        return 0, MODE_RAW, None, value

    def fetch(self, mode: Any, filename: Any, value: Any, read: Any) -> Any:
        if mode != MODE_RAW or filename is not None or not isinstance(value, str):
            return None
        return value


class Index:
    """Text by key, shared by all processes that use a store; where it can't be had, it is empty and keeps nothing."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._cache = self._opened()

    def get(self, key: str) -> str | None:
        """Give the text under a key, or `None`."""
        try:
            found = self._cache.get(key) if self._cache is not None else None
        except _TROUBLE:
            return None
        return found if isinstance(found, str) else None

    def put(self, key: str, text: str) -> None:
        """Keep a text; failing to is no trouble, only slower later."""
        with contextlib.suppress(*_TROUBLE):
            if self._cache is not None:
                self._cache.set(key, text)

    def drop(self, key: str) -> None:
        """Forget a text."""
        with contextlib.suppress(*_TROUBLE):
            if self._cache is not None:
                self._cache.delete(key)

    def close(self) -> None:
        """Let go of the database."""
        if self._cache is not None:
            self._cache.close()

    def _opened(self) -> diskcache.Cache | None:
        """Open the database; one that is none is thrown away, since it holds nothing of its own."""
        try:
            return self._made()
        except sqlite3.DatabaseError as error:
            if isinstance(error, sqlite3.OperationalError):
                return None
        except _TROUBLE:
            return None
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            return self._made()
        except _TROUBLE:
            return None

    def _made(self) -> diskcache.Cache:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        settings = {"disk": TextDisk, "eviction_policy": "none", "cull_limit": 0, "size_limit": 2**62}
        return diskcache.Cache(str(self._folder), timeout=10, **settings)


class Memory:
    """What is remembered of files by their stamps: digests, and that a blob was verified."""

    def __init__(self, index: Index):
        self._index = index

    def digest(self, path: Path) -> Digest | None:
        """Give the digest that a file had, if its stamp still stands."""
        text = self._index.get(f"file:{path}")
        stamp = stamp_of(path)
        if text is None or stamp is None:
            return None
        known = json.loads(text)
        return Digest(known[4]) if tuple(known[:4]) == stamp else None

    def remember(self, path: Path, stamp: Stamp, digest: Digest) -> None:
        """Keep the digest of a file that had this stamp before and after it was read.

        Precondition: the file was not touched in the last two seconds, or is a blob of ours; else a later
        write might leave its stamp as it is.
        """
        self._index.put(f"file:{path}", json.dumps([*stamp, digest]))

    def forget(self, path: Path) -> None:
        """Forget a file that is gone."""
        self._index.drop(f"file:{path}")

    def note(self, kind: str, digest: Digest) -> str | None:
        """Give a text that was kept about a content (its probe, its parsed form)."""
        return self._index.get(f"{kind}:{digest}")

    def keep_note(self, kind: str, digest: Digest, text: str) -> None:
        """Keep a text about a content."""
        self._index.put(f"{kind}:{digest}", text)
