"""A server on this machine that does as a test's script says, and keeps what it was asked."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass
class Asked:
    """One request as it came in."""

    head: str
    body: bytes = b""

    @property
    def line(self) -> str:
        return self.head.split("\r\n", 1)[0]

    @property
    def headers(self) -> dict[str, str]:
        rows = [row.split(": ", 1) for row in self.head.split("\r\n")[1:] if row]
        return {name.lower(): value for name, value in rows}


Answer = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """What is known of a running server."""

    port: int = 0
    scheme: str = "http"
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    most_open: int = 0
    names: list[str | None] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(answer: Answer, tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    """Serve requests one after the other on each connection, until the answer closes it."""
    server = Server(scheme="https" if tls else "http")
    if tls:
        tls.sni_callback = lambda connection, name, context: server.names.append(name)
    tasks = set[asyncio.Task[None]]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.current_task())  # type: ignore[arg-type]
        server.connections += 1
        server.open += 1
        server.most_open = max(server.most_open, server.open)
        try:
            while not writer.is_closing():
                asked = Asked((await reader.readuntil(b"\r\n\r\n")).decode())
                asked.body = await reader.readexactly(int(asked.headers.get("content-length", 0)))
                server.asked.append(asked)
                await answer(asked, writer)
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            server.open -= 1
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def whole(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    """Answer with a whole body."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        rows = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
        writer.write("\r\n".join([*rows, "", ""]).encode() + body)

    return answer


def cut(raw: bytes) -> Answer:
    """Answer with these very bytes, and close."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(raw)
        await writer.drain()
        writer.close()

    return answer


def dripping(raw: bytes, every_s: float = 0.05) -> Answer:
    """Answer with one byte at a time, for longer than anyone waits."""

    async def answer(asked: Asked, writer: asyncio.StreamWriter) -> None:
        for byte in raw + b" " * 10_000:
            writer.write(bytes([byte]))
            await writer.drain()
            await asyncio.sleep(every_s)

    return answer


async def resetting(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Read the request, then reset the connection."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
