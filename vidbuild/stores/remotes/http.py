"""A plain HTTP store as a remote: GET, HEAD, PUT and DELETE below a URL.

bazel-remote serves it when run with `--disable_http_ac_validation` (github.com/buchgr/bazel-remote, README, "HTTP
1.1"), nginx with its WebDAV module, any server that keeps what is PUT.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import httpx

from vidbuild.stores.remotes.remote import RemoteTrouble, Target, unread
from vidbuild.words.errors import UsageError

CONNECT_S, SILENCE_S, LEAST_BYTES_S = 5.0, 20.0, 20_000
"""How long a connection and a silence may take, and how slow bytes may come in the long run."""
_CHUNK = 1 << 18
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_VALIDATES = "is it bazel-remote? then run it with `--disable_http_ac_validation`: records are JSON"


class HttpRemote:
    """Objects below a URL; its user and password, or a token, go with every request. Redirects are not followed."""

    claims = False  # nothing tells whether a server heeds `If-None-Match`, and some don't

    def __init__(self, url: str, token: str | None = None):
        try:
            told = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise unread() from error
        auth = httpx.BasicAuth(told.username, told.password) if told.username else None
        self._base = str(told.copy_with(username=None, password=None)).rstrip("/")
        if (token or told.username) and told.scheme != "https" and told.host not in _LOOPBACK:
            raise UsageError(f"a secret would go to `{self._base}` in the clear", hint="use https")
        headers = {"Accept-Encoding": "identity", **({"Authorization": f"Bearer {token}"} if token else {})}
        self._client = httpx.Client(
            auth=auth,
            headers=headers,
            timeout=httpx.Timeout(SILENCE_S, connect=CONNECT_S),
            limits=httpx.Limits(max_connections=16),
            follow_redirects=False,
            trust_env=False,
        )

    def read(self, path: str, most: int) -> bytes | None:
        with _Streamed(self._client, f"{self._base}/{path}", path) as found:
            return None if found.is_absent else b"".join(found.chunks(most))

    def fetch(self, path: str, to: Target, most: int) -> bool:
        with _Streamed(self._client, f"{self._base}/{path}", path) as found:
            if found.is_absent:
                return False
            for chunk in found.chunks(most):
                to.write(chunk)
            return True

    def has(self, path: str) -> bool:
        answer = self._asked("HEAD", path)
        _told(answer, path, ok=(200, 404))
        return answer.status_code == 200

    def write(self, path: str, source: Path | bytes) -> None:
        if isinstance(source, bytes):
            answer = self._asked("PUT", path, content=source)
        else:
            length = {"Content-Length": str(source.stat().st_size)}
            answer = self._asked("PUT", path, content=_chunks_of(source), headers=length)
        hint = _VALIDATES if path.startswith("ac/") and answer.status_code == 400 else None
        _told(answer, path, ok=(200, 201, 202, 204), hint=hint)

    def create(self, path: str, data: bytes) -> bool:
        answer = self._asked("PUT", path, content=data, headers={"If-None-Match": "*"})
        _told(answer, path, ok=(200, 201, 202, 204, 412))
        return answer.status_code != 412

    def remove(self, path: str) -> None:
        _told(self._asked("DELETE", path), path, ok=(200, 202, 204, 404))

    def _asked(
        self, method: str, path: str, content: bytes | Iterator[bytes] | None = None,
        headers: dict[str, str] | None = None,
    ) -> httpx.Response:  # fmt: skip
        try:
            return self._client.request(method, f"{self._base}/{path}", content=content, headers=headers)
        except httpx.HTTPError as error:
            raise _trouble(path, error) from error


class _Streamed:
    """An object as it comes in."""

    def __init__(self, client: httpx.Client, url: str, path: str):
        self._client, self._path = client, path
        self._request = client.build_request("GET", url)

    def __enter__(self) -> _Streamed:
        self._began = time.monotonic()
        try:
            self._answer = self._client.send(self._request, stream=True)
        except httpx.HTTPError as error:
            raise _trouble(self._path, error) from error
        try:
            _told(self._answer, self._path, ok=(200, 404))
        except RemoteTrouble:
            self._answer.close()
            raise
        self.is_absent = self._answer.status_code == 404
        return self

    def __exit__(self, *told: object) -> None:
        self._answer.close()

    def chunks(self, most: int) -> Iterator[bytes]:
        """Give the bytes; too many, or too slow, are trouble."""
        count = 0
        try:
            for chunk in self._answer.iter_raw():
                count += len(chunk)
                if count > most:
                    raise RemoteTrouble(f"`{self._path}` is larger than {most} bytes")
                if time.monotonic() - self._began > SILENCE_S + count / LEAST_BYTES_S:
                    raise RemoteTrouble(f"`{self._path}` comes too slowly", is_down=True)
                yield chunk
        except httpx.HTTPError as error:
            raise _trouble(self._path, error) from error
        length = self._answer.headers.get("Content-Length")
        if length is not None and length.isdigit() and int(length) != count:
            raise RemoteTrouble(f"`{self._path}` came with {count} of {length} bytes")


def _chunks_of(source: Path) -> Iterator[bytes]:
    with open(source, "rb") as stream:
        while chunk := stream.read(_CHUNK):
            yield chunk


def _told(answer: httpx.Response, path: str, ok: tuple[int, ...], hint: str | None = None) -> None:
    status = answer.status_code
    if status in ok:
        return
    if status in (401, 403):
        said = "may not be read or written with these credentials"
        raise RemoteTrouble(f"`{path}` {said} ({status})", is_down=True, hint="see VIDBUILD_REMOTE_TOKEN")
    if 300 <= status < 400:
        raise RemoteTrouble(f"`{path}` is answered by a redirect ({status}), which is not followed", is_down=True)
    raise RemoteTrouble(f"`{path}` is answered by {status}", is_down=status in (429, 500, 502, 503, 504), hint=hint)


def _trouble(path: str, error: httpx.HTTPError) -> RemoteTrouble:
    is_down = isinstance(error, (httpx.ConnectError, httpx.TimeoutException))
    return RemoteTrouble(f"`{path}`: {type(error).__name__}", is_down=is_down)
