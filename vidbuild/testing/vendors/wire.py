"""A small HTTP/1.1 server on loopback that can also misbehave: late, slow, short, cut off, reset, for ever.

It reads requests whole and sends answers as they say; what to answer it leaves to a function. It knows no vendor.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import struct
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

_LARGEST = 256 * 1024 * 1024
_SAME = -1
_ARRIVAL_S = 0.05


@dataclass(frozen=True)
class Asked:
    """A request, read whole.

    Args:
        port: of ours, that it came to.
        peer: the port that it came from.
        path: decoded, without its query.
        headers: by name in lower case.
        fate: what was planned for the job that it makes, if it makes one (`faults.Fault`).
    """

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    port: int = 0
    peer: int = 0
    fate: Any = None

    @cached_property
    def json(self) -> Any:
        """The body as JSON, or `None` where it isn't any."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class How:
    """How an answer is sent.

    Args:
        length: what `Content-Length` says; the body's own by default, `None` for no such header.
        cut: so many bytes of the body are sent, then it ends; `None` for all.
        midway: called when those were sent and had time to arrive.
        stall_s: how long nothing comes after those.
        end: `keep` the connection, `close` it, `reset` it.
        wait_s: before the first byte.
        drip_s: after each single byte; 0 for all at once.
        times: so often the body is sent.
    """

    length: int | None = _SAME
    cut: int | None = None
    midway: Callable[[], object] | None = None
    stall_s: float = 0.0
    end: str = "keep"
    wait_s: float = 0.0
    drip_s: float = 0.0
    times: int = 1


@dataclass(frozen=True)
class Answer:
    """What is sent back."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    how: How = How()


def said(document: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Answer with JSON."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Answer(status, {"Content-Type": "application/json", **(headers or {})}, body)


NOTHING = Answer(0, how=How(end="reset"))
"""The connection is reset without an answer."""


class Server:
    """Listens on any number of loopback ports, in the running event loop."""

    def __init__(self, respond: Callable[[Asked], Awaitable[Answer]]):
        self._respond = respond
        self._servers: list[asyncio.Server] = []
        self._open: set[asyncio.Task[None]] = set()

    async def listen(self, port: int = 0) -> int:
        """Listen on a port, any free one by default; give its number."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", port, backlog=4096)
        self._servers.append(server)
        return int(server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and drop every connection."""
        for server in self._servers:
            server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass
        except asyncio.CancelledError:
            writer.transport.abort()
        finally:
            self._open.discard(task)
            with contextlib.suppress(Exception):
                writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; say whether the connection goes on."""
        asked = await _read(reader, writer)
        if asked is None:
            return False
        answer = await self._respond(asked)
        keeps = asked.headers.get("connection", "").lower() != "close"
        return await _send(answer, writer, keeps)


async def _read(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Asked | None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.decode("latin-1").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {
        name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)
    }
    if headers.get("expect", "").lower() == "100-continue":
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    if headers.get("transfer-encoding", "").lower() == "chunked":
        body = await _chunks(reader)
    else:
        length = int(headers.get("content-length") or 0)
        if length > _LARGEST:
            return None
        body = await reader.readexactly(length)
    place = urlsplit(target)
    ours, theirs = writer.get_extra_info("sockname")[1], writer.get_extra_info("peername")[1]
    query = dict(parse_qsl(place.query, keep_blank_values=True))
    return Asked(method.upper(), unquote(place.path), query, headers, body, ours, theirs)


async def _chunks(reader: asyncio.StreamReader) -> bytes:
    parts = []
    while size := int((await reader.readline()).split(b";")[0], 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    while (await reader.readline()).strip():
        pass
    return b"".join(parts)


async def _send(answer: Answer, writer: asyncio.StreamWriter, keeps: bool) -> bool:
    how = answer.how
    await asyncio.sleep(how.wait_s)
    if answer.status:
        body = answer.body if how.cut is None else answer.body[: how.cut]
        await _write(writer, _head(answer, keeps) + (b"" if how.times > 1 else body), how.drip_s)
        if how.times > 1:
            for _ in range(how.times):
                await _write(writer, body, how.drip_s)
    await asyncio.sleep(how.stall_s)
    if how.midway is not None:
        await asyncio.sleep(_ARRIVAL_S)
        how.midway()
    if how.end == "reset":
        _reset(writer)
    return how.end == "keep" and keeps and how.length is not None


def _head(answer: Answer, keeps: bool) -> bytes:
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.how.length is not None:
        lines.append(f"Content-Length: {len(answer.body) if answer.how.length == _SAME else answer.how.length}")
    if not keeps or answer.how.end != "keep" or answer.how.length is None:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1", "replace")


async def _write(writer: asyncio.StreamWriter, data: bytes, drip_s: float) -> None:
    if not drip_s:
        writer.write(data)
        await writer.drain()
        return
    for at in range(len(data)):
        writer.write(data[at : at + 1])
        await writer.drain()
        await asyncio.sleep(drip_s)


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close so that the peer sees a reset, not an end."""
    plain = writer.get_extra_info("socket")
    plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
