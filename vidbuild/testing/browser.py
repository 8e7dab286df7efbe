"""Whether finished files play in a browser: a headless Chromium plays each to its end and counts the pictures it shows.

It serves one folder on loopback, and knows nothing of projects. Nothing is reached but that folder.
"""

from __future__ import annotations

import contextlib
import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, Queue
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PATIENCE_S = 90.0
_FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--mute-audio", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)  # fmt: skip
_PAGE = """<!doctype html><meta charset=utf-8><video id=v muted playsinline preload=auto></video><script>
const v = document.getElementById('v'), seen = [];
let dropped = 0;
const tell = how => {
  const quality = v.getVideoPlaybackQuality();
  fetch('/told', {method: 'POST', body: JSON.stringify({how, at: v.currentTime, length: v.duration, seen,
    total: quality.totalVideoFrames, dropped: quality.droppedVideoFrames, width: v.videoWidth, height: v.videoHeight,
    error: v.error ? v.error.message : ''})});
};
const step = (now, frame) => { seen.push(frame.mediaTime); v.requestVideoFrameCallback(step); };
v.requestVideoFrameCallback(step);
v.addEventListener('ended', () => setTimeout(() => tell('ended'), 200));
v.addEventListener('error', () => tell('error'));
v.src = '/file';
v.playbackRate = RATE;
v.play().catch(error => tell(String(error)));
</script>"""


@dataclass(frozen=True)
class Played:
    """How a file played.

    Args:
        how: `ended`, or what went wrong.
        seconds, at: its length, and where it stood in the end.
        total, dropped: pictures that were decoded, and those of them that came too late to be shown.
        times: when the pictures that were shown stand in the file.
    """

    how: str
    seconds: float
    at: float
    total: int
    dropped: int
    size: tuple[int, int]
    times: tuple[float, ...]
    error: str = ""


def found() -> str | None:
    """Find a Chromium; `None` where there is none."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def played(chromium: str, file: Path, rate: float = 1.0) -> Played:
    """Play a file from its first to its last picture.

    Args:
        rate: how much faster than real.
    """
    told: Queue[dict[str, Any]] = Queue()
    handler = partial(_Handler, file, _PAGE.replace("RATE", str(rate)), told)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with _browsing(chromium, f"http://127.0.0.1:{server.server_address[1]}/"):
            said = told.get(timeout=PATIENCE_S)
    except Empty:
        return Played("nothing was told in time", 0, 0, 0, 0, (0, 0), ())
    finally:
        server.shutdown()
        server.server_close()
    return Played(
        said["how"], said["length"] or 0, said["at"], said["total"], said["dropped"],
        (said["width"], said["height"]), tuple(said["seen"]), said["error"],
    )  # fmt: skip


@contextmanager
def _browsing(chromium: str, address: str) -> Iterator[None]:
    with tempfile.TemporaryDirectory(prefix="vidbuild-browser-", ignore_cleanup_errors=True) as profile:
        argv = [chromium, *_FLAGS, f"--user-data-dir={profile}", address]
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


class _Handler(http.server.BaseHTTPRequestHandler):
    """Gives the page and the file (whole or in ranges, as browsers ask), and takes what the page tells."""

    protocol_version = "HTTP/1.1"

    def __init__(self, file: Path, page: str, told: Queue[dict[str, Any]], *request: Any):
        self._file = file
        self._page = page
        self._told = told
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):  # a browser that is ended in the middle
            super().__init__(*request)

    def do_GET(self) -> None:
        if self.path == "/file":
            self._give_file()
        elif self.path == "/":
            self._give(200, self._page.encode(), "text/html")
        else:
            self._give(404, b"", "text/plain")

    def do_POST(self) -> None:
        self._told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self._give(200, b"", "text/plain")

    def _give_file(self) -> None:
        data = self._file.read_bytes()
        kind = {".webm": "video/webm", ".mp3": "audio/mpeg", ".m4a": "audio/mp4"}.get(self._file.suffix, "video/mp4")
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self._give(200, data, kind)
            return
        first, last = int(asked[1]), int(asked[2] or len(data) - 1)
        self._give(206, data[first : last + 1], kind, f"bytes {first}-{min(last, len(data) - 1)}/{len(data)}")

    def _give(self, status: int, body: bytes, kind: str, part: str | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Accept-Ranges", "bytes")
        if part is not None:
            self.send_header("Content-Range", part)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
