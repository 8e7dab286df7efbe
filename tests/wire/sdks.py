"""Official SDKs beside us: what one sends is recorded on loopback, and put into the form that ours is put into, too.

It knows no vendor but by the keys and headers listed here; `make sdk` installs the packages.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from wire_of import CATALOG

from vidbuild.testing.vendors.forms import parts_of
from vidbuild.testing.vendors.wire import Asked
from vidbuild.wire.signing import authorized
from vidbuild.wire.values import Request

PINNED = {
    "runwayml": "5.24.0",
    "elevenlabs": "2.78.0",
    "fal-client": "1.0.3",
    "luma-agents": "0.5.0",
    "lumaai": "1.21.0",
    "byteplus-python-sdk-v2": "3.0.63",
    "google-genai": "3.4.0",
    "higgsfield-client": "0.2.0",
    "openai": "3.52.0",
    "anthropic": "2.11.0",
    "cartesia": "4.2.0",
    "replicate": "1.0.7",
    "syncsdk": "0.3.0",
}
"""The versions that these facts were read in."""
MODULES = {"byteplus-python-sdk-v2": "byteplussdkarkruntime", "google-genai": "google.genai", "syncsdk": "sync"}
"""Modules that are called otherwise than their packages."""
NOTABLE = (
    *("authorization", "xi-api-key", "x-goog-api-key", "x-api-key", "content-type"),
    *("x-runway-version", "anthropic-version", "cartesia-version"),
)


def needs(package: str) -> Any:
    """Import an SDK, or skip with the reason."""
    try:
        found = importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{package} is not installed: run `make sdk`")
    if found != PINNED[package]:
        pytest.skip(f"{package} {found} is installed, and these facts were read in {PINNED[package]}")
    return importlib.import_module(MODULES.get(package, package.replace("-", "_")))


@dataclass
class Recorder:
    """A server that remembers requests and answers all of them with one JSON."""

    base: str = ""
    seen: list[Mapping[str, Any]] = field(default_factory=list)
    told: Mapping[str, Any] | None = None

    def answer(self) -> Mapping[str, Any]:
        """Give what a test says is told, else what most SDKs can read as an answer."""
        if self.told is not None:
            return self.told
        job = f"{self.base}/fal-ai/veo3.1/requests/r1"
        return {
            "id": "t1",
            "status": "IN_QUEUE",
            "queue_position": 1,
            "logs": None,
            "createdAt": "2026-11-20T00:00:00Z",
            "estimatedCost": {"credits": 1},
            "audio_base64": "SUQz",
            "request_id": "r1",
            "response_url": job,
            "status_url": f"{job}/status",
            "cancel_url": f"{job}/cancel",
        }


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    """A recorder on loopback."""
    recorder = Recorder()

    class Handler(BaseHTTPRequestHandler):
        def do(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            recorder.seen.append(canonical(self.command, self.path, headers, body))
            said = json.dumps(recorder.answer()).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = do_PUT = do_DELETE = do

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    recorder.base = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield recorder
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def canonical(method: str, path: str, headers: Mapping[str, str], body: bytes) -> Mapping[str, Any]:
    """Put a request into a form to compare: JSON's order and insignificant headers don't count."""
    split = urlsplit(path)
    notable = {name: headers[name] for name in NOTABLE if name in headers}
    if not body:
        notable.pop("content-type", None)
    elif (kind := notable.get("content-type", "").partition(";")[0]) == "multipart/form-data":
        notable["content-type"] = kind
    return {
        "method": method,
        "path": split.path,
        "query": dict(parse_qsl(split.query)),
        "headers": notable,
        "body": _body(headers, body),
    }


def ours(request: Request | None, provider: str) -> Mapping[str, Any]:
    """Put our request into the same form, signed."""
    assert request is not None
    known = CATALOG.providers[provider]
    signed = dict(request.headers)
    if request.is_signed:
        signed = dict(authorized(known, request.headers, dict.fromkeys(known.keys, "the-key"), 0, "the-key"))
    path = request.url.partition("//")[2].partition("/")[2]
    return canonical(request.method, f"/{path}", {name.lower(): value for name, value in signed.items()}, request.body)


def _body(headers: Mapping[str, str], body: bytes) -> Any:
    """Read JSON, the parts of a form in order, or give bytes as they are."""
    kind = headers.get("content-type", "")
    if kind.startswith("multipart/"):
        return [(part.name, part.file, part.data) for part in parts_of(Asked("POST", "/", {}, headers, body))]
    if body and kind.startswith(("image/", "video/", "audio/")):
        return body
    return without_nulls(json.loads(body)) if body else None


def without_nulls(body: Any) -> Any:
    """Leave out what is null: some SDKs write all that nobody set so."""
    return {name: value for name, value in body.items() if value is not None} if isinstance(body, dict) else body
