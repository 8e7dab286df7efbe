"""A small HTTP store for tests, which may misbehave: it keeps what is PUT, and answers as it is told to.

As a server of the same kind bazel-remote refuses records that are no protobuf messages, unless it is told not to.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

Answer = tuple[int, Mapping[str, str], bytes]
STALL_S = 60.0


class HttpStore:
    """A store on loopback; a context that ends it.

    Args:
        answers: is given the method, the path and what is held there, and may answer otherwise.
        validates: whether records are refused, as bazel-remote does by default.
        tls: what it speaks TLS with, under the name `localhost`; without it it speaks plain HTTP.
    """

    def __init__(
        self,
        answers: Callable[[str, str, bytes | None], Answer | None] | None = None,
        validates: bool = False,
        tls: ssl.SSLContext | None = None,
    ):
        self.held: dict[str, bytes] = {}
        self.asked: list[tuple[str, str]] = []
        self.headers: list[Mapping[str, str]] = []
        self.answers, self.validates = answers, validates
        self.stalls_at: int | None = None
        self.connections = 0
        store = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                store.connections += 1
                super().setup()

            def _serve(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                store._serve(self, self.rfile.read(length) if length else b"")

            do_GET = do_HEAD = do_PUT = do_DELETE = _serve

            def log_message(self, format: str, *told: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, request: object, client_address: object) -> None:
                """Say nothing of who went away."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        origin = "http://127.0.0.1" if tls is None else "https://localhost"
        self.url = f"{origin}:{self._server.server_port}/store"

    def __enter__(self) -> HttpStore:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, handler: BaseHTTPRequestHandler, body: bytes) -> None:
        method, path = handler.command, handler.path.removeprefix("/store/")
        self.asked.append((method, path))
        self.headers.append(dict(handler.headers))
        status, headers, data = self._answer(method, path, body, handler.headers.get("If-None-Match"))
        handler.send_response(status)
        for name, value in {"Content-Length": str(len(data)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if method == "HEAD":
            return
        if self.stalls_at is not None and len(data) > self.stalls_at:
            handler.wfile.write(data[: self.stalls_at])
            handler.wfile.flush()
            time.sleep(STALL_S)
        else:
            handler.wfile.write(data)

    def _answer(self, method: str, path: str, body: bytes, unless: str | None) -> Answer:
        held = self.held.get(path)
        if self.answers is not None and (told := self.answers(method, path, held)) is not None:
            return told
        if method in ("GET", "HEAD"):
            return (404, {}, b"no") if held is None else (200, {}, held)
        if method == "DELETE":
            self.held.pop(path, None)
            return 204, {}, b""
        if self.validates and path.startswith("ac/"):
            return 400, {}, b"unmarshal: invalid wire format"
        if unless == "*" and held is not None:
            return 412, {}, b""
        self.held[path] = body
        return 201, {}, b""
