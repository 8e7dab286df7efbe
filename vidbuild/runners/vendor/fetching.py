"""Downloads of results: streamed to a file under a deadline and a cap, each hop of a redirect checked anew.

It knows HTTP's signs of a bad download, not what a film looks like inside: that is for `untrusted`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urljoin

from vidbuild.runners.vendor.addresses import BadAddress, Place, place_of
from vidbuild.runners.vendor.lanes import Answering
from vidbuild.runners.vendor.outcomes import CannotRead, Fault, Fetched, FetchFailed

MOST_HOPS = 3
_WRITTEN_AT_ONCE = 2**20
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EXPIRED = frozenset({400, 401, 403, 404, 410})
"""Signed links end so: 403 at S3 and Azure, 400 (`ExpiredToken`) at Google."""
_BUSY = frozenset({408, 425, 429})

Open = Callable[[Place, Mapping[str, str]], contextlib.AbstractAsyncContextManager[Answering]]
"""Opens an address for reading once it was checked: `Transport.reading`."""


async def fetched(
    opened: Open,
    url: str,
    path: Path,
    most_bytes: int,
    deadline_s: float,
    headers: Mapping[str, str],
    expected_size: int | None,
) -> Fetched:
    """Fetch an address into a new file, and sync it.

    Args:
        headers: sent to the address itself, never on to where it redirects.
        expected_size: in bytes, where the vendor told.

    Raises:
        FetchFailed: it is not there whole, and nothing is left at the path.
        OSError: it can't be written.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with open(descriptor, "wb", buffering=0) as target:
            try:
                async with asyncio.timeout(deadline_s):
                    return await _followed(opened, url, target, most_bytes, headers, expected_size)
            except TimeoutError as error:
                sentence = f"`{_host(url)}` did not give the whole result within {deadline_s:g} s"
                raise FetchFailed(Fault.SLOW, sentence) from error
    except BaseException:
        path.unlink(missing_ok=True)
        raise


async def _followed(
    opened: Open,
    url: str,
    target: BinaryIO,
    most_bytes: int,
    headers: Mapping[str, str],
    expected_size: int | None,
) -> Fetched:
    """Follow redirects by hand, then take the body."""
    for _ in range(MOST_HOPS + 1):
        try:
            place = place_of(url)
        except BadAddress as error:
            raise FetchFailed(Fault.FORBIDDEN, f"the result's address {error}") from error
        try:
            async with opened(place, headers) as answering:
                location = answering.headers.get("location")
                if answering.status not in _REDIRECTS or not location:
                    _judge(answering, place.name, most_bytes, expected_size)
                    return await _taken(answering, target, place.name, most_bytes, expected_size)
        except BadAddress as error:
            sentence = f"the result's address at `{place.name}` {error}"
            raise FetchFailed(Fault.FORBIDDEN, sentence) from error
        except CannotRead as error:
            raise FetchFailed(Fault.UNREACHABLE, f"`{place.name}` {error}") from error
        url, headers = _next(url, location, place), {}
    raise FetchFailed(Fault.FORBIDDEN, f"`{place.name}` redirects more than {MOST_HOPS} times")


def _next(url: str, location: str, place: Place) -> str:
    try:
        return urljoin(url, location)
    except ValueError as error:
        raise FetchFailed(Fault.FORBIDDEN, f"`{place.name}` redirects to what is no address") from error


def _judge(answering: Answering, host: str, most_bytes: int, expected_size: int | None) -> None:
    """Tell by its head that an answer is no result."""
    status, told = answering.status, _length(answering.headers)
    if status != 200:
        facts = {"status": str(status)}
        if status in _EXPIRED:
            raise FetchFailed(Fault.EXPIRED, f"`{host}` does not give the result any more", facts)
        if status in _BUSY or status >= 500:
            retry_after_s = _retry_after(answering.headers)
            raise FetchFailed(Fault.BUSY, f"`{host}` can't give the result right now", facts, retry_after_s)
        raise FetchFailed(Fault.ODD, f"`{host}` answers the download with a status that is no result", facts)
    if answering.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise FetchFailed(Fault.ODD, f"`{host}` gives the result in a coding that was not asked for")
    kind = media_type(answering.headers)
    if is_text(kind):
        raise FetchFailed(Fault.NOT_MEDIA, f"`{host}` gives a page or a message instead of the result", {"type": kind})
    if told is not None and told > most_bytes:
        facts = {"size": f"{told} bytes", "at most": f"{most_bytes} bytes"}
        raise FetchFailed(Fault.TOO_LARGE, f"the result at `{host}` is too large", facts)
    if told is not None and expected_size is not None and told != expected_size:
        raise _cut(host, told, expected_size)


async def _taken(
    answering: Answering, target: BinaryIO, host: str, most_bytes: int, expected_size: int | None
) -> Fetched:
    """Write the body to the file, and sync it; writing is done aside, since a slow disk must not stop other jobs."""
    size, waiting = 0, bytearray()
    told = _length(answering.headers)
    try:
        async for chunk in answering.chunks():
            size += len(chunk)
            if size > most_bytes:
                facts = {"at most": f"{most_bytes} bytes"}
                raise FetchFailed(Fault.TOO_LARGE, f"the result at `{host}` is too large", facts)
            waiting += chunk
            if len(waiting) >= _WRITTEN_AT_ONCE:
                await _aside(_write, target, bytes(waiting))
                waiting.clear()
    except CannotRead as error:
        facts = {"received": f"{size} bytes"} | ({"told": f"{told} bytes"} if told is not None else {})
        raise FetchFailed(Fault.TRUNCATED, f"the result from `{host}` was cut off", facts) from error
    if size == 0:
        raise FetchFailed(Fault.EMPTY, f"`{host}` gives an empty result")
    if expected_size is not None and size != expected_size:
        raise _cut(host, size, expected_size)
    await _aside(_finish, target, bytes(waiting))
    is_whole = told is not None or "chunked" in answering.headers.get("transfer-encoding", "").lower()
    return Fetched(size, media_type(answering.headers), is_whole or expected_size is not None)


def _cut(host: str, size: int, expected_size: int) -> FetchFailed:
    facts = {"size": f"{size} bytes", "the vendor says": f"{expected_size} bytes"}
    return FetchFailed(Fault.TRUNCATED, f"the result from `{host}` is not whole", facts)


async def _aside(write: Callable[[BinaryIO, bytes], None], target: BinaryIO, data: bytes) -> None:
    """Write in a thread; whoever cancels waits for it, lest the file be closed under its hands."""
    writing = asyncio.ensure_future(asyncio.to_thread(write, target, data))
    try:
        await asyncio.shield(writing)
    except asyncio.CancelledError:
        await asyncio.wait([writing])
        raise


def _write(target: BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[target.write(view) :]


def _finish(target: BinaryIO, data: bytes) -> None:
    _write(target, data)
    os.fsync(target.fileno())


def media_type(headers: Mapping[str, str]) -> str:
    """Give the media type that a head tells, in lower case without parameters; empty where it tells none."""
    return headers.get("content-type", "").split(";", 1)[0].strip().lower()


def is_text(kind: str) -> bool:
    """Say whether a media type is that of a page or message, and so of no result."""
    return kind.startswith("text/") or kind.split("/")[-1].split("+")[-1] in ("json", "xml", "html", "xhtml")


def _length(headers: Mapping[str, str]) -> int | None:
    told = headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else None


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Read `Retry-After` in seconds; its other form, a date, would need a clock that agrees with the vendor's."""
    told = headers.get("retry-after", "").strip()
    return float(told) if told.isascii() and told.isdigit() and len(told) < 6 else None


def _host(url: str) -> str:
    try:
        return place_of(url).name
    except BadAddress:
        return "the vendor"
