"""Requests to vendors over HTTP/1.1: each under one deadline and one cap, no redirect followed, no proxy unasked.

It tells whether a request can have reached the vendor; what an answer means, and whether to try again, is for others.
Downloads are in `fetching`, connections in `lanes`, which is imported at the first request, for httpx is slow to load.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from vidbuild import __version__
from vidbuild.runners.vendor import addresses
from vidbuild.runners.vendor.addresses import BadAddress, Place, Resolve
from vidbuild.runners.vendor.outcomes import (
    NO_ADDRESS,
    CannotRead,
    Fetched,
    Redirected,
    Unanswered,
    Unreached,
    Unsent,
)
from vidbuild.wire.values import Request, Response

if TYPE_CHECKING:
    import httpx

    from vidbuild.runners.vendor.lanes import Answering, Lane, Lanes

Signed = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Adds to a request's headers what shows who sends it."""
Outcome = Response | Unsent | Unanswered | Redirected

MOST_PARSED = 4096
MOST_CONNECTS = 4
_SAFE = frozenset({"GET", "HEAD"})
_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "expect", "upgrade"})
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_VALUE = re.compile(r"[\x21-\x7e]([\x20-\x7e\t]*[\x21-\x7e])?|")


class Transport:
    """Connections to vendors; an asynchronous context, to be used in one event loop.

    Args:
        named: hosts (as `addresses.host_name` writes them) that the user named outside the project: what a stranger's
            address may not be (private, this machine's own by http) these may be.
        proxy: an http or https proxy for all but this machine's own hosts; the environment's are ignored.
        most_per_host: connections in use at once to one host.
        tls: trust anchors other than the packaged ones.
    """

    def __init__(
        self,
        named: Collection[str] = (),
        proxy: str | None = None,
        most_per_host: int = 32,
        tls: ssl.SSLContext | None = None,
        resolver: Resolve = addresses.resolve,
    ):
        self.named = frozenset(named)
        self._proxy = proxy
        self._most_per_host = most_per_host
        self._tls = tls
        self._resolver = resolver
        self._gates: dict[str, asyncio.Semaphore] = {}
        self._idle: dict[str, list[Lane]] = {}
        self._parsed: dict[str, tuple[Place, httpx.URL]] = {}
        self._made: Lanes | None = None

    async def __aenter__(self) -> Transport:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        idle, self._idle = self._idle, {}
        for lanes in idle.values():
            for lane in lanes:
                await _close(lane)

    async def exchange(
        self, request: Request, signed: Signed | None = None, deadline_s: float = 60.0, most_bytes: int = 64 * 2**20
    ) -> Outcome:
        """Send a request and read its whole answer.

        What the vendor may act on (all but GET and HEAD) goes over a fresh connection: on an old one that the server is
        just closing nobody can say whether it arrived. A request that is not signed goes to an address that a vendor
        gave, and is checked like a download's.

        Args:
            signed: gives the headers with the provider's auth; called last, and only for requests that are signed.
            deadline_s: for all of it, from waiting for a connection to the answer's last byte.
            most_bytes: of the answer's body.
        """
        progress = _Progress(request)
        try:
            async with asyncio.timeout(deadline_s):
                return await self._exchanged(request, signed, most_bytes, progress)
        except TimeoutError:
            return progress.lost(f"gave no whole answer within {deadline_s:g} s")

    async def fetch(
        self,
        url: str,
        path: Path,
        most_bytes: int,
        deadline_s: float,
        headers: Mapping[str, str] | None = None,
        expected_size: int | None = None,
    ) -> Fetched:
        """Fetch a result into a new file and sync it (see `fetching.fetched`).

        Raises:
            FetchFailed: it is not there whole, and nothing is left at the path.
        """
        from vidbuild.runners.vendor.fetching import fetched

        return await fetched(self.reading, url, path, most_bytes, deadline_s, headers or {}, expected_size)

    @contextlib.asynccontextmanager
    async def reading(self, place: Place, headers: Mapping[str, str]) -> AsyncIterator[Answering]:
        """Open a stranger's address for reading, over a connection of its own to an address that was checked.

        Raises:
            BadAddress: it may not be contacted.
            CannotRead: no connection, or no answer.
        """
        from vidbuild.runners.vendor.lanes import READS

        try:
            pins = await self._pins(place)
            sending = _Sending("GET", _headers(place, headers, None), b"", READS)
        except OSError as error:
            raise CannotRead(NO_ADDRESS) from error
        except _BadHeader as error:
            raise CannotRead(str(error)) from error
        async with self._pinned(place, pins, sending) as answering:
            yield answering

    async def _exchanged(
        self, request: Request, signed: Signed | None, most_bytes: int, progress: _Progress
    ) -> Outcome:
        try:
            place, url = self._read(request.url)
            progress.host = place.name
            pins = () if request.is_signed else await self._pins(place)
        except BadAddress as error:
            return Unsent(progress.host, f"was not asked: its address {error}")
        except OSError:
            return Unsent(progress.host, NO_ADDRESS)
        gate = self._gates.get(place.origin)
        if gate is None:
            gate = self._gates[place.origin] = asyncio.Semaphore(self._most_per_host)
        async with gate:
            given = signed(request.headers) if signed is not None and request.is_signed else request.headers
            is_safe = request.method in _SAFE
            body = None if is_safe else request.body
            try:
                sending = _Sending(
                    request.method,
                    _headers(place, given, body),
                    body or b"",
                    {} if is_safe else {"trace": progress.saw},
                )
                progress.is_out = is_safe
                if request.is_signed:
                    return await self._asked(place, url, sending, most_bytes, progress)
                async with self._pinned(place, pins, sending) as answering:
                    return await _taken(answering, most_bytes, progress)
            except (Unreached, _BadHeader) as error:
                return Unsent(progress.host, str(error))
            except CannotRead as error:
                return progress.lost(str(error))

    async def _asked(
        self, place: Place, url: httpx.URL, sending: _Sending, most_bytes: int, progress: _Progress
    ) -> Outcome:
        """Send over a connection to a host that is asked again and again; it rests afterwards if all went well."""
        lane = await self._rested(place) if sending.method in _SAFE else None
        if lane is None:
            lane = self._lanes().lane(place)
        is_well = False
        try:
            answering = await lane.send(sending.method, url, sending.headers, sending.body, sending.extensions)
            answer = await _taken(answering, most_bytes, progress)
            is_well = True
        finally:
            idle = self._idle.setdefault(place.origin, [])
            if is_well and not lane.is_closed and len(idle) < self._most_per_host:
                idle.append(lane)
            else:
                await _close(lane)
        return answer

    @contextlib.asynccontextmanager
    async def _pinned(self, place: Place, pins: Sequence[str], sending: _Sending) -> AsyncIterator[Answering]:
        """Send to the first of a place's checked addresses that takes the connection, which is closed afterwards.

        Args:
            pins: none where a proxy looks the name up.
        """
        extensions = {**sending.extensions, "sni_hostname": place.host}
        tried = list(pins[:MOST_CONNECTS]) or [place.host]
        for address in tried:
            lane = self._lanes().lane(place, address)
            try:
                url = self._lanes().url(place, address)
                answering = await lane.send(sending.method, url, sending.headers, sending.body, extensions)
            except Unreached:
                await _close(lane)
                if address == tried[-1]:
                    raise
                continue
            except BaseException:
                await _close(lane)
                raise
            try:
                yield answering
            finally:
                await _close(lane)
            return

    async def _rested(self, place: Place) -> Lane | None:
        """Take the connection that rested last, if any still holds."""
        idle = self._idle.get(place.origin)
        while idle:
            lane = idle.pop()
            if not lane.is_stale:
                return lane
            await _close(lane)
        return None

    def _lanes(self) -> Lanes:
        if self._made is None:
            from vidbuild.runners.vendor.lanes import Lanes

            self._made = Lanes(self._tls, self._proxy)
        return self._made

    def _read(self, url: str) -> tuple[Place, httpx.URL]:
        """Read an address, once for all requests to it: polls of one job are equal."""
        known = self._parsed.get(url)
        if known is None:
            place = addresses.place_of(url)
            if len(self._parsed) >= MOST_PARSED:
                self._parsed.clear()
            self._parsed[url] = known = place, self._lanes().url(place)
        return known

    async def _pins(self, place: Place) -> Sequence[str]:
        """Give the addresses to connect to for a place that a stranger named; none where a proxy looks it up.

        Raises:
            BadAddress: it may not be contacted.
            OSError: it can't be resolved.
        """
        is_own = addresses.is_loopback(place.host)
        resolver = self._resolver if self._proxy is None or is_own else None
        if place.name in self.named and (place.scheme == "https" or is_own):
            return () if resolver is None else await addresses.found(place, resolver)
        return await addresses.checked(place, resolver)


class _BadHeader(ValueError):
    """A header that can't be sent; its value is untold."""


@dataclass(frozen=True, slots=True)
class _Sending:
    """What goes over a connection."""

    method: str
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes
    extensions: Mapping[str, Any]


class _Progress:
    """How far a request got: httpx's trace of one exchange.

    Only what was handed to the connection can have arrived. Where the connection broke before the headers, or
    before any of the body was handed over, the vendor can't have got the request whole. What is safe to send again
    anyway (GET, HEAD) is not traced, since that costs a tenth of a poll: it counts as sent with its connection.
    """

    __slots__ = ("has_body", "host", "is_cut", "is_out", "status")

    def __init__(self, request: Request):
        self.host = ""
        self.has_body = bool(request.body)
        self.is_out = False
        self.is_cut = False
        self.status: int | None = None

    async def saw(self, name: str, info: Mapping[str, Any]) -> None:
        """Take note of one step."""
        if name == "http11.send_request_headers.started":
            # A proxy is asked to CONNECT first, by the same means.
            self.is_out = info["request"].method != b"CONNECT"
        elif name == "http11.send_request_headers.failed" or (
            name == "http11.send_request_body.failed" and self.has_body
        ):
            from vidbuild.runners.vendor.lanes import is_unwritten

            self.is_cut |= is_unwritten(info["exception"])

    def lost(self, reason: str) -> Unsent | Unanswered:
        """Say what became of a request without an answer."""
        if self.is_out and (not self.is_cut or self.status is not None):
            return Unanswered(self.host, reason, self.status)
        return Unsent(self.host, reason)


async def _taken(answering: Answering, most_bytes: int, progress: _Progress) -> Outcome:
    """Read an answer's body, unless it sends us elsewhere.

    Raises:
        CannotRead: it is not whole, or too large.
    """
    progress.status = status = answering.status
    told = answering.headers
    if _length(told) > most_bytes:
        raise CannotRead(f"gave an answer larger than {most_bytes} bytes")
    body = await answering.body(most_bytes)
    if 300 <= status < 400:
        return Redirected(progress.host, status, _host_of(told.get("location", "")))
    return Response(status, told, _decoded(body, told, most_bytes))


async def _close(lane: Lane) -> None:
    with contextlib.suppress(Exception):
        await lane.aclose()


def _headers(place: Place, asked: Mapping[str, str], body: bytes | None) -> list[tuple[bytes, bytes]]:
    """Write the headers of a request; those that frame it are ours.

    Raises:
        _BadHeader: one can't be sent as it is; it is not said what is in it, which may be a key.
    """
    given = {name.lower() for name in asked}
    found = [(b"Host", place.authority.encode())]
    if "user-agent" not in given:
        found.append((b"User-Agent", f"vidbuild/{__version__}".encode()))
    if "accept" not in given:
        found.append((b"Accept", b"*/*"))
    found.append((b"Accept-Encoding", b"identity"))
    for name, value in asked.items():
        if name.lower() in _OURS:
            continue
        if not _HEADER.fullmatch(name) or not _VALUE.fullmatch(value):
            raise _BadHeader(f"was not asked: the header `{name[:64]}` holds what no header can")
        found.append((name.encode(), value.encode()))
    if body is not None:
        found.append((b"Content-Length", str(len(body)).encode()))
    return found


def _length(headers: Mapping[str, str]) -> int:
    told = headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() and len(told) < 20 else 0


def _host_of(location: str) -> str:
    try:
        return addresses.place_of(location).name
    except BadAddress:
        return ""


def _decoded(body: bytes, headers: Mapping[str, str], most_bytes: int) -> bytes:
    """Undo a compression that was not asked for, up to the cap.

    Raises:
        CannotRead: it can't be undone.
    """
    coding = headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity") or not body:
        return body
    if coding not in ("gzip", "x-gzip", "deflate"):
        raise CannotRead("gave an answer in a coding that was not asked for")
    try:
        plain = zlib.decompressobj(zlib.MAX_WBITS | 32 if coding != "deflate" else zlib.MAX_WBITS)
        found = plain.decompress(body, most_bytes + 1)
    except zlib.error as error:
        raise CannotRead("gave an answer that can't be unpacked") from error
    if len(found) > most_bytes or plain.unconsumed_tail:
        raise CannotRead(f"gave an answer larger than {most_bytes} bytes")
    if not plain.eof:
        raise CannotRead("gave an answer that is cut off")
    return found
