"""Connections to hosts, one request after the other over each: the only module that knows httpx and its engine.

httpx's own transports keep connections in a pool that looks at all of them twice for each request, which doubles a
poll's CPU; a lane is a transport that holds one. It knows no vendor, no key and no retry.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpcore
import httpx

from vidbuild.runners.vendor.addresses import BadAddress, Place, is_loopback
from vidbuild.runners.vendor.outcomes import NO_ADDRESS, CannotRead, Unreached

CONNECT_S = 10.0
STALL_S = 60.0
IDLE_S = 30.0
"""How long an idle connection is used again: shorter than the 60 s and more that servers keep one."""
_PLAIN: Mapping[str, Any] = {"timeout": {"connect": CONNECT_S}}
READS: Mapping[str, Any] = {"timeout": {"connect": CONNECT_S, "read": STALL_S}}
"""For long answers: each next part must come in time."""
_UNREACHED = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.ProxyError)


@dataclass(frozen=True)
class Answering:
    """An answer whose body is still to come; header names are in lower case."""

    status: int
    headers: dict[str, str]
    _body: httpx.AsyncByteStream = field(repr=False)

    async def body(self, most_bytes: int) -> bytes:
        """Read the whole body, undecoded.

        Raises:
            CannotRead: it was cut off, or is larger than the cap.
        """
        chunks, left = list[bytes](), most_bytes
        try:
            async for chunk in self._body:
                chunks.append(chunk)
                left -= len(chunk)
                if left < 0:
                    raise CannotRead(f"gave an answer larger than {most_bytes} bytes")
        except CannotRead:
            raise
        except Exception as error:
            raise CannotRead(_reason(error)) from error
        finally:
            await self._body.aclose()
        return b"".join(chunks)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the body as it comes, undecoded.

        Raises:
            CannotRead: it was cut off.
        """
        try:
            async for chunk in self._body:
                yield chunk
        except Exception as error:
            raise CannotRead(_reason(error)) from error
        finally:
            await self._body.aclose()


class _Body(httpx.AsyncByteStream):
    """An answer's body on its connection."""

    def __init__(self, stream: Any):
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        found: AsyncIterator[bytes] = self._stream.__aiter__()
        return found

    async def aclose(self) -> None:
        await self._stream.aclose()


class Lane(httpx.AsyncBaseTransport):
    """One connection to one host, for one request at a time."""

    def __init__(self, connection: httpcore.AsyncConnectionInterface):
        self._connection = connection

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request and read the head of its answer; what goes wrong is httpcore's to raise."""
        url = request.url
        sent = httpcore.Request(
            request.method,
            httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        answer = await self._connection.handle_async_request(sent)
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer.stream))

    async def aclose(self) -> None:
        """Close the connection."""
        await self._connection.aclose()

    async def send(
        self,
        method: str,
        url: httpx.URL,
        headers: Sequence[tuple[bytes, bytes]],
        body: bytes = b"",
        extensions: Mapping[str, Any] = _PLAIN,
    ) -> Answering:
        """Send a request and read the head of its answer.

        Args:
            headers: all that are sent.
            extensions: httpx's: `sni_hostname`, `trace`, `timeout`.

        Raises:
            Unreached: no connection came about.
            CannotRead: there is no answer.
        """
        extensions = {**_PLAIN, **extensions}
        try:
            request = httpx.Request(method, url, headers=headers, stream=httpx.ByteStream(body), extensions=extensions)
            answer = await self.handle_async_request(request)
        except _UNREACHED as error:
            raise Unreached(_reason(error)) from error
        except Exception as error:
            # What its parts let through (`ssl`, sockets) counts as well: what breaks an exchange may have cost money.
            raise CannotRead(_reason(error)) from error
        stream = answer.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        return Answering(answer.status_code, dict(answer.headers.items()), stream)

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent over it any more."""
        return self._connection.is_closed()

    @property
    def is_stale(self) -> bool:
        """Whether it rested for too long, or the server closed it meanwhile."""
        return self._connection.is_closed() or self._connection.has_expired()


class Lanes:
    """Opens lanes: directly, or through a proxy.

    Args:
        tls: trust anchors other than the packaged ones; the environment's are ignored.
        proxy: for all but this machine's own hosts; the environment's are ignored.
    """

    def __init__(self, tls: ssl.SSLContext | None, proxy: str | None):
        anchors = tls or httpx.create_ssl_context(trust_env=False)
        self._direct = httpcore.AsyncConnectionPool(ssl_context=anchors, keepalive_expiry=IDLE_S)
        self._proxied = self._direct
        if proxy is not None:
            self._proxied = httpcore.AsyncHTTPProxy(proxy, ssl_context=anchors, keepalive_expiry=IDLE_S)

    def lane(self, place: Place, address: str | None = None) -> Lane:
        """Prepare a connection to a place, or to an address that was checked for it; the first request opens it."""
        pool = self._direct if is_loopback(place.host) else self._proxied
        origin = httpcore.Origin(place.scheme.encode(), (address or place.host).encode(), place.port)
        return Lane(pool.create_connection(origin))

    @staticmethod
    def url(place: Place, address: str | None = None) -> httpx.URL:
        """Write a place as httpx has it.

        Raises:
            BadAddress: httpx can't.
        """
        try:
            return httpx.URL(place.at(address or place.host))
        except httpx.InvalidURL as error:
            raise BadAddress("is not a plain http or https one") from error


def is_unwritten(error: BaseException) -> bool:
    """Say whether nothing of what was to be written went out: anyio raises this where the connection broke before."""
    return isinstance(error, httpcore.WriteError)


def _reason(error: Exception) -> str:
    found = list(_causes(error))
    for cause in found:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return f"has a certificate that does not hold: {cause.verify_message}"
    if any(isinstance(cause, ConnectionRefusedError) for cause in found):
        return "refused the connection"
    if any(type(cause).__name__ == "gaierror" for cause in found):
        return NO_ADDRESS
    for kind, reason in (
        (httpcore.ConnectTimeout, "took no connection in time"),
        (httpcore.ProxyError, "could not be reached through the proxy"),
        (httpcore.ConnectError, "could not be connected to"),
        (httpcore.TimeoutException, "stopped sending"),
        (httpcore.ProtocolError, "broke off, or does not speak HTTP"),
        (httpcore.NetworkError, "broke the connection"),
    ):
        if isinstance(error, kind):
            return reason
    return f"could not be asked ({type(error).__name__})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an exception, what caused it, and the members of groups."""
    seen, stack = set[int](), list[BaseException | None]([error])
    while stack:
        top = stack.pop()
        if top is None or id(top) in seen:
            continue
        seen.add(id(top))
        yield top
        stack += [top.__cause__, top.__context__]
        if isinstance(top, BaseExceptionGroup):
            stack += top.exceptions
