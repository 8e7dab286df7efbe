"""Requests to vendors over HTTP/1.1: each under one deadline and one cap, no redirect followed, no proxy unasked.

The only module that knows httpx, which is imported at the first request. It tells whether a request can have
reached the vendor; what an answer means, and whether to try again, is for others. Downloads are in `fetching`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import ssl
import zlib
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from vidbuild import __version__
from vidbuild.runners.vendor import addresses
from vidbuild.runners.vendor.addresses import BadAddress, Place, Resolve
from vidbuild.runners.vendor.outcomes import Fetched, Redirected, Unanswered, Unsent
from vidbuild.wire.values import Request, Response

if TYPE_CHECKING:
    import httpx

Signed = Callable[[Mapping[str, str]], Mapping[str, str]]
"""Adds to a request's headers what shows who sends it."""
Outcome = Response | Unsent | Unanswered | Redirected

CONNECT_S = 10.0
STALL_S = 60.0
IDLE_S = 30.0
"""How long an idle connection is used again: shorter than the usual 60 s and more of servers' own."""
MOST_PARSED = 4096
MOST_CONNECTS = 4
_NO_ADDRESS = "has no address: its name can't be resolved"
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
        self._idle: dict[str, list[httpx.AsyncHTTPTransport]] = {}
        self._parsed: dict[str, tuple[Place, httpx.URL]] = {}

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
        progress = _Progress(bool(request.body))
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

    async def _exchanged(
        self, request: Request, signed: Signed | None, most_bytes: int, progress: _Progress
    ) -> Outcome:
        try:
            place, url = self._read(request.url)
            progress.host = place.name
            pins = () if request.is_signed else await self._pins(place)
        except BadAddress as error:
            return progress.lost(f"was not asked: its address {error}")
        except OSError:
            return progress.lost(_NO_ADDRESS)
        urls = [_url(place.at(address)) for address in pins] or [url]
        gate = self._gates.get(place.origin)
        if gate is None:
            gate = self._gates[place.origin] = asyncio.Semaphore(self._most_per_host)
        async with gate:
            given = signed(request.headers) if signed is not None and request.is_signed else request.headers
            is_safe = request.method in _SAFE
            try:
                headers = _headers(place, given, None if is_safe else request.body)
            except _BadHeader as error:
                return progress.lost(f"was not asked: {error}")
            lane = self._lane(place, fresh=bool(pins) or not is_safe)
            extensions: dict[str, Any] = {"timeout": {"connect": CONNECT_S}, "trace": progress}
            if pins:
                extensions["sni_hostname"] = place.host
            answer: Outcome | None = None
            try:
                body = b"" if is_safe else request.body
                answer = await _asked(lane, request.method, urls, headers, body, extensions, most_bytes)
            finally:
                if type(answer) is Response and not pins:
                    await self._rest(place, lane)
                else:
                    await _close(lane)
            return answer

    def _read(self, url: str) -> tuple[Place, httpx.URL]:
        """Read an address, once for all requests to it: polls of one job are equal."""
        known = self._parsed.get(url)
        if known is None:
            place = addresses.place_of(url)
            if len(self._parsed) >= MOST_PARSED:
                self._parsed.clear()
            self._parsed[url] = known = place, _url(place.at(place.host))
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

    def _lane(self, place: Place, fresh: bool) -> httpx.AsyncHTTPTransport:
        """Take the connection that rested last, or a new one; each is a transport of its own, since httpx's pool looks
        at all its connections twice for each request."""
        idle = self._idle.get(place.origin)
        if idle and not fresh:
            return idle.pop()
        import httpx

        if self._tls is None:
            self._tls = httpx.create_ssl_context(trust_env=False)
        return httpx.AsyncHTTPTransport(
            verify=self._tls,
            trust_env=False,
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=IDLE_S),
            proxy=None if addresses.is_loopback(place.host) else self._proxy,
        )

    async def _rest(self, place: Place, lane: httpx.AsyncHTTPTransport) -> None:
        idle = self._idle.setdefault(place.origin, [])
        if len(idle) < self._most_per_host:
            idle.append(lane)
        else:
            await _close(lane)

    @contextlib.asynccontextmanager
    async def reading(self, place: Place, headers: Mapping[str, str]) -> AsyncIterator[Reading]:
        """Open a stranger's address for reading, over a connection of its own to an address that was checked.

        Raises:
            BadAddress: it may not be contacted.
            CannotRead: no connection, or no answer.
        """
        try:
            pins = await self._pins(place)
        except OSError as error:
            raise CannotRead(_NO_ADDRESS) from error
        try:
            sent = _headers(place, headers, None)
        except _BadHeader as error:
            raise CannotRead(f"was not asked: {error}") from error
        urls = [_url(place.at(address)) for address in pins or [place.host]]
        extensions = {"timeout": {"connect": CONNECT_S, "read": STALL_S}, "sni_hostname": place.host}
        lane = self._lane(place, fresh=True)
        try:
            with _translated():
                response = await _opened(lane, "GET", urls, sent, b"", extensions)
            yield Reading(response.status_code, dict(response.headers.items()), response)
        finally:
            await _close(lane)


class CannotRead(Exception):
    """An address could not be read; the text follows the host's name."""


@dataclass(frozen=True)
class Reading:
    """An answer whose body is still to come; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    _response: httpx.Response = field(repr=False)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body as it comes, undecoded.

        Raises:
            CannotRead: it was cut off.
        """
        with _translated():
            async for chunk in _stream(self._response):
                yield chunk


class _BadHeader(ValueError):
    """A header that can't be sent; its value is untold."""


class _Progress:
    """How far a request got: httpx's trace of one exchange.

    Only what was handed to the connection can have arrived. Where the connection broke before the headers, or
    before any of the body was handed over, the vendor can't have got the request whole.
    """

    __slots__ = ("has_body", "host", "is_cut", "is_out", "status")

    def __init__(self, has_body: bool):
        self.host = ""
        self.has_body = has_body
        self.is_out = False
        self.is_cut = False
        self.status: int | None = None

    async def __call__(self, name: str, info: Mapping[str, Any]) -> None:
        if name == "http11.send_request_headers.started":
            # A proxy is asked to CONNECT first, by the same means.
            self.is_out = info["request"].method != b"CONNECT"
        elif name == "http11.send_request_headers.failed":
            self.is_cut |= _is_write_error(info["exception"])
        elif name == "http11.send_request_body.failed":
            self.is_cut |= self.has_body and _is_write_error(info["exception"])

    def lost(self, reason: str) -> Unsent | Unanswered:
        """Say what became of a request without an answer."""
        if self.is_out and (not self.is_cut or self.status is not None):
            return Unanswered(self.host, reason, self.status)
        return Unsent(self.host, reason)


def _is_write_error(error: BaseException) -> bool:
    """Say whether nothing of what was to be written went out: anyio raises this where the connection broke before."""
    import httpcore

    return isinstance(error, httpcore.WriteError)


async def _asked(
    lane: httpx.AsyncHTTPTransport,
    method: str,
    urls: Sequence[httpx.URL],
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    extensions: dict[str, Any],
    most_bytes: int,
) -> Outcome:
    """Send over one connection, read the answer; whatever goes wrong becomes a value."""
    progress: _Progress = extensions["trace"]
    try:
        with _translated():
            response = await _opened(lane, method, urls, headers, body, extensions)
            progress.status = status = response.status_code
            told = dict(response.headers.items())
            if 300 <= status < 400:
                return Redirected(progress.host, status, _host_of(told.get("location", "")))
            if _length(told) > most_bytes:
                return progress.lost(f"gave an answer larger than {most_bytes} bytes")
            chunks, size = list[bytes](), 0
            async for chunk in _stream(response):
                chunks.append(chunk)
                size += len(chunk)
                if size > most_bytes:
                    return progress.lost(f"gave an answer larger than {most_bytes} bytes")
            return Response(status, told, _decoded(b"".join(chunks), told, most_bytes))
    except CannotRead as error:
        return progress.lost(str(error))


async def _opened(
    lane: httpx.AsyncHTTPTransport,
    method: str,
    urls: Sequence[httpx.URL],
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    extensions: dict[str, Any],
) -> httpx.Response:
    """Send to the first of the addresses that takes the connection, and read the answer's head."""
    import httpx

    tried = urls[:MOST_CONNECTS]
    for url in tried:
        stream = httpx.ByteStream(body)
        sent = httpx.Request(method, url, headers=headers, stream=stream, extensions=extensions)
        try:
            return await lane.handle_async_request(sent)
        except (httpx.ConnectError, httpx.ConnectTimeout):
            if url is tried[-1]:
                raise
    raise CannotRead(_NO_ADDRESS)


async def _stream(response: httpx.Response) -> AsyncIterator[bytes]:
    """Give the body as it comes, and close what is left of it."""
    import httpx

    stream = response.stream
    assert isinstance(stream, httpx.AsyncByteStream)
    try:
        async for chunk in stream:
            yield chunk
    finally:
        await stream.aclose()


def _url(text: str) -> httpx.URL:
    import httpx

    try:
        return httpx.URL(text)
    except httpx.InvalidURL as error:
        raise BadAddress("is not a plain http or https one") from error


async def _close(lane: httpx.AsyncHTTPTransport) -> None:
    with contextlib.suppress(Exception):
        await lane.aclose()


@contextlib.contextmanager
def _translated() -> Iterator[None]:
    """Make httpx's exceptions ours, in words that tell no header and no address.

    What else its parts let through (`ssl`, sockets) counts as well: whatever breaks an exchange may have cost money.
    """
    try:
        yield
    except CannotRead:
        raise
    except Exception as error:
        raise CannotRead(_reason(error)) from error


def _reason(error: Exception) -> str:
    import httpx

    found = list(_causes(error))
    for cause in found:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"has a certificate that does not hold: {cause.verify_message}"
    if any(isinstance(cause, ConnectionRefusedError) for cause in found):
        return "refused the connection"
    if any(isinstance(cause, OSError) and type(cause).__name__ == "gaierror" for cause in found):
        return _NO_ADDRESS
    for kind, reason in (
        (httpx.ConnectTimeout, "took no connection in time"),
        (httpx.ProxyError, "could not be reached through the proxy"),
        (httpx.ConnectError, "could not be connected to"),
        (httpx.TimeoutException, "stopped sending"),
        (httpx.RemoteProtocolError, "broke off, or does not speak HTTP"),
        (httpx.NetworkError, "broke the connection"),
    ):
        if isinstance(error, kind):
            return reason
    return f"could not be asked ({type(error).__name__})"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    stack = [error]
    while stack:
        top = stack.pop()
        if top is None or id(top) in seen:
            continue
        seen.add(id(top))
        yield top
        stack += [top.__cause__, top.__context__]
        if isinstance(top, BaseExceptionGroup):
            stack += top.exceptions


def _headers(place: Place, asked: Mapping[str, str], body: bytes | None) -> list[tuple[bytes, bytes]]:
    """Write the headers of a request, ours last where they must hold.

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
            raise _BadHeader(f"the header `{name[:64]}` holds what no header can")
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
    """Undo a compression that was not asked for, up to the cap."""
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
