"""What any remote place can be asked, and which place a URL names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from vidbuild.words.digest import Digest
from vidbuild.words.errors import UsageError

VARIABLE = "VIDBUILD_REMOTE"
TOKEN_VARIABLE = "VIDBUILD_REMOTE_TOKEN"
_BUCKETS = ("s3", "gs")
_FORMS = "use http(s)://HOST/PATH, s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or the path of a folder"


class RemoteTrouble(Exception):
    """The remote can't be asked, or answered otherwise than it should; says what, without any secret.

    Args:
        is_down: whether nothing can be expected of further questions.
        hint: what to do about it.
    """

    def __init__(self, sentence: str, is_down: bool = False, hint: str | None = None):
        super().__init__(sentence)
        self.sentence, self.is_down, self.hint = sentence, is_down, hint


class Target(Protocol):
    """Where bytes go."""

    def write(self, data: Any, /) -> int:
        """Take some bytes; say how many."""


class Remote(Protocol):
    """A place for objects by path; it may be asked from several threads at once. All raise `RemoteTrouble`."""

    claims: bool
    """Whether `create` is sure to make an object for one asker alone."""

    def read(self, path: str, most: int) -> bytes | None:
        """Give a small object whole; `None` where there is none. One of more bytes than `most` is trouble."""

    def fetch(self, path: str, to: Target, most: int) -> bool:
        """Copy an object into a file; say whether there was one. More bytes than `most` are trouble."""

    def has(self, path: str) -> bool:
        """Say whether there is an object."""

    def write(self, path: str, source: Path | bytes) -> None:
        """Put an object there, whole or not at all."""

    def create(self, path: str, data: bytes) -> bool:
        """Put a small object where there is none; say whether it was put."""

    def remove(self, path: str) -> None:
        """Take an object away, if it is there."""


def is_held(remote: Remote, digest: Digest, size: int) -> bool:
    """Say whether a remote holds a blob, whole: it is read to its end and hashed, and trouble is a no."""
    seen = Hashed()
    try:
        return remote.fetch(f"cas/{digest}", seen, size) and seen.sum.hexdigest() == digest
    except RemoteTrouble:
        return False


class Hashed:
    """Bytes on their way into a file, or into none: they are counted and hashed as they pass."""

    def __init__(self, to: Target | None = None) -> None:
        self._to = to
        self.sum = hashlib.sha256()
        self.count = 0

    def write(self, data: bytes) -> int:
        """Pass on all of some bytes."""
        self.sum.update(data)
        self.count += len(data)
        left = memoryview(data)
        while self._to is not None and left:
            left = left[self._to.write(left) :]
        return len(data)


def shown(url: str) -> str:
    """Write a URL without what must not be seen of it."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def check(url: str) -> None:
    """See that a URL is one.

    Raises:
        UsageError: it is none; what it says isn't, since a password may be in it.
    """
    try:
        urlsplit(url).port  # noqa: B018 - it is read here, and raises
    except ValueError as error:
        raise unread() from error


def unread() -> UsageError:
    """Say that a URL is none."""
    return UsageError("the URL of the shared store can't be read: its host or port is none", hint=_FORMS)


def opened(url: str, environ: Mapping[str, str]) -> Remote:
    """Open the place that a URL names: `http(s)://`, `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, a folder.

    Raises:
        UsageError: it names none, or what it needs isn't installed.
    """
    check(url)
    scheme = urlsplit(url).scheme
    if scheme in ("http", "https"):
        from vidbuild.stores.remotes.http import HttpRemote

        return HttpRemote(url, environ.get(TOKEN_VARIABLE))
    if scheme in _BUCKETS:
        try:
            from vidbuild.stores.remotes.s3 import S3Remote

            return S3Remote(url, environ)
        except ImportError as error:
            hint = "install it: `pip install 'vidbuild[s3]'`"
            raise UsageError(f"nothing is installed that reaches `{shown(url)}`", hint=hint) from error
    if scheme in ("", "file"):
        from vidbuild.stores.remotes.folder import FolderRemote

        return FolderRemote(Path(url.removeprefix("file://")))
    raise UsageError(f"`{shown(url)}` names no remote store", hint=_FORMS)
