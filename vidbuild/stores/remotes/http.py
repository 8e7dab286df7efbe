"""A plain HTTP store as a remote: GET, HEAD, PUT and DELETE below a URL.

bazel-remote serves it when run with `--disable_http_ac_validation` (github.com/buchgr/bazel-remote, README, "HTTP
1.1"), nginx with its WebDAV module, any server that keeps what is PUT.

It speaks by urllib3, which takes from a socket as much as we like at a time. httpx, by which vendors are asked, takes
64 KB, which costs more than to hash them: a third of the bytes a second, on loopback (`make bench`).
"""

from __future__ import annotations

import base64
import contextlib
import ssl
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote

import certifi
import urllib3
from urllib3 import exceptions

from vidbuild.stores.remotes.remote import RemoteTrouble, Target, unread
from vidbuild.words.errors import UsageError

CONNECT_S, SILENCE_S, LEAST_BYTES_S = 5.0, 20.0, 20_000
"""How long a connection and a silence may take, and how slow bytes may come in the long run."""
CONNECTIONS = 16
"""In use at once; who wants one more waits."""
_READ, _SENT, _SAID = 1 << 20, 1 << 18, 1 << 16
"""Bytes that are read and sent at a time, and the most that is read of what a server says to what it was sent."""
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_VALIDATES = "is it bazel-remote? then run it with `--disable_http_ac_validation`: records are JSON"


class HttpRemote:
    """Objects below a URL; its user and password, or a token, go with every request. Redirects are not followed."""

    claims = False  # nothing tells whether a server heeds `If-None-Match`, and some don't

    def __init__(self, url: str, token: str | None = None):
        try:
            told = urllib3.util.parse_url(url)
        except exceptions.LocationParseError as error:
            raise unread() from error
        if not told.host:
            raise unread()
        self._path = (told.path or "").rstrip("/")
        if (token or told.auth) and told.scheme != "https" and told.host.strip("[]") not in _LOOPBACK:
            shown = f"{told.scheme}://{told.netloc}{self._path}"
            raise UsageError(f"a secret would go to `{shown}` in the clear", hint="use https")
        self._headers = {"Accept-Encoding": "identity"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        elif told.auth:
            self._headers["Authorization"] = f"Basic {base64.b64encode(unquote(told.auth).encode()).decode()}"
        self._pool = _pool(told.scheme == "https", told.host, told.port)

    def read(self, path: str, most: int) -> bytes | None:
        with self._streamed(path) as chunks:
            return None if chunks is None else b"".join(chunks.upto(most))

    def fetch(self, path: str, to: Target, most: int) -> bool:
        with self._streamed(path) as chunks:
            if chunks is None:
                return False
            for chunk in chunks.upto(most):
                to.write(chunk)
            return True

    def has(self, path: str) -> bool:
        return self._said("HEAD", path, ok=(200, 404)) == 200

    def write(self, path: str, source: Path | bytes) -> None:
        ok = (200, 201, 202, 204)
        hint = _VALIDATES if path.startswith("ac/") else None
        if isinstance(source, bytes):
            self._said("PUT", path, ok, body=source, hint=hint)
            return
        with open(source, "rb") as stream:
            length = {"Content-Length": str(source.stat().st_size)}
            self._said("PUT", path, ok, body=stream, headers=length, hint=hint)

    def create(self, path: str, data: bytes) -> bool:
        ok = (200, 201, 202, 204, 412)
        return self._said("PUT", path, ok, body=data, headers={"If-None-Match": "*"}) != 412

    def remove(self, path: str) -> None:
        self._said("DELETE", path, ok=(200, 202, 204, 404))

    def _said(
        self,
        method: str,
        path: str,
        ok: tuple[int, ...],
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
        hint: str | None = None,
    ) -> int:
        """Ask, and give the status; little is read of what comes with it, since nothing is done with it.

        Args:
            hint: what to do about a 400.
        """
        with self._asked(method, path, body, headers) as answer:
            answer.read(_SAID)
            _check(answer, path, ok, hint)
            return answer.status

    @contextlib.contextmanager
    def _streamed(self, path: str) -> Iterator[_Chunks | None]:
        began = time.monotonic()
        with self._asked("GET", path) as answer:
            _check(answer, path, ok=(200, 404))
            if answer.status == 404:
                answer.read(_SAID)
                yield None
            else:
                yield _Chunks(answer, path, began)

    @contextlib.contextmanager
    def _asked(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        """Ask; a connection whose answer isn't read to its end is closed."""
        try:
            answer = self._pool.urlopen(
                method,
                f"{self._path}/{path}",
                body,
                {**self._headers, **(headers or {})},
                retries=False,
                redirect=False,
                preload_content=False,
                decode_content=False,
            )
            try:
                yield answer
            finally:
                answer.close()
                answer.release_conn()  # closed or not, it counts as used until it is given back
        except exceptions.HTTPError as error:
            raise _trouble(path, error) from error


class _Chunks:
    """An object as it comes in."""

    def __init__(self, answer: urllib3.BaseHTTPResponse, path: str, began: float):
        self._answer, self._path, self._began = answer, path, began

    def upto(self, most: int) -> Iterator[bytes]:
        """Give the bytes; too many, too few or too slow are trouble."""
        count = 0
        while chunk := self._answer.read1(_READ, decode_content=False):
            count += len(chunk)
            if count > most:
                raise RemoteTrouble(f"`{self._path}` is larger than {most} bytes")
            if time.monotonic() - self._began > SILENCE_S + count / LEAST_BYTES_S:
                raise RemoteTrouble(f"`{self._path}` comes too slowly", is_down=True)
            yield chunk


class _Patient(urllib3.connection.HTTPConnection):
    """A connection whose sending may stand still for as long as its reading may, once it is made."""

    def connect(self) -> None:
        super().connect()
        self.sock.settimeout(SILENCE_S)


class _PatientTls(_Patient, urllib3.connection.HTTPSConnection):
    """The same, by TLS."""


def _pool(by_tls: bool, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
    """Open connections to a host, as many as may be used at once."""
    silence = urllib3.Timeout(connect=CONNECT_S, read=SILENCE_S)
    if not by_tls:
        plain = urllib3.HTTPConnectionPool(host, port, silence, CONNECTIONS, block=True, blocksize=_SENT)
        plain.ConnectionCls = _Patient
        return plain
    anchors = ssl.create_default_context()  # those of this machine: a company's own store may have its own
    anchors.load_verify_locations(certifi.where())
    tls = urllib3.HTTPSConnectionPool(
        host, port, silence, CONNECTIONS, block=True, blocksize=_SENT, ssl_context=anchors
    )
    tls.ConnectionCls = _PatientTls
    return tls


def _check(answer: urllib3.BaseHTTPResponse, path: str, ok: tuple[int, ...], hint: str | None = None) -> None:
    status = answer.status
    if status in ok:
        return
    if status in (401, 403):
        said = "may not be read or written with these credentials"
        raise RemoteTrouble(f"`{path}` {said} ({status})", is_down=True, hint="see VIDBUILD_REMOTE_TOKEN")
    if 300 <= status < 400:
        raise RemoteTrouble(f"`{path}` is answered by a redirect ({status}), which is not followed", is_down=True)
    is_down = status in (429, 500, 502, 503, 504)
    raise RemoteTrouble(f"`{path}` is answered by {status}", is_down=is_down, hint=hint if status == 400 else None)


def _trouble(path: str, error: exceptions.HTTPError) -> RemoteTrouble:
    """Say what a request failed by; only of a connection that broke off can anything more be expected."""
    causes = (error, *error.args, error.__cause__, error.__context__)
    for kinds, said in _FAILED.items():
        if any(isinstance(cause, kinds) for cause in causes):
            return RemoteTrouble(f"`{path}`: {said}", is_down=True)
    return RemoteTrouble(f"`{path}`: the connection broke off", is_down=False)


_FAILED: Mapping[tuple[type[BaseException], ...], str] = {
    (exceptions.NameResolutionError,): "its host has no address",
    (exceptions.NewConnectionError,): "it can't be reached",
    (exceptions.TimeoutError, TimeoutError): "it doesn't answer in time",
    (exceptions.SSLError, ssl.SSLError): "its certificate doesn't hold, or it doesn't speak TLS",
}
