"""All loopback vendors together: one event loop in a thread, one port each, their addresses as an environment.

`Vendors` is what tests use; `python -m vidbuild.testing.vendors` runs it as a process of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from vidbuild.runners import ffmpeg
from vidbuild.testing.vendors.anthropic import Anthropic
from vidbuild.testing.vendors.ark import Ark
from vidbuild.testing.vendors.bfl import Bfl
from vidbuild.testing.vendors.cartesia import Cartesia
from vidbuild.testing.vendors.comfyui import ComfyUI
from vidbuild.testing.vendors.elevenlabs import ElevenLabs
from vidbuild.testing.vendors.fal import Fal
from vidbuild.testing.vendors.faults import Fault
from vidbuild.testing.vendors.gateway import Gateway
from vidbuild.testing.vendors.gemini import Gemini
from vidbuild.testing.vendors.heygen import HeyGen
from vidbuild.testing.vendors.higgsfield import Higgsfield
from vidbuild.testing.vendors.kling import Kling
from vidbuild.testing.vendors.ledger import LEDGER, REQUESTS, Ledger, Purchase, Requests
from vidbuild.testing.vendors.luma import DreamMachine, Luma
from vidbuild.testing.vendors.minimax import MiniMax
from vidbuild.testing.vendors.openai import OpenAi
from vidbuild.testing.vendors.plain import MOODS, Plain
from vidbuild.testing.vendors.replicate import Replicate
from vidbuild.testing.vendors.runway import Runway
from vidbuild.testing.vendors.stability import Stability
from vidbuild.testing.vendors.sync import SyncSo
from vidbuild.testing.vendors.synthesia import Synthesia
from vidbuild.testing.vendors.takes import Studio
from vidbuild.testing.vendors.vendor import House, Latency, Vendor
from vidbuild.testing.vendors.vertex import PROJECT, Vertex
from vidbuild.testing.vendors.wire import Answer, Asked, Server, said

_PATIENCE_S = 20.0


class Vendors:
    """Every vendor on loopback, from `with` to its end.

    Args:
        folder: where ledger and requests are written.
        latency_s: how long jobs take; each vendor's own can be set later.
        lines, most_s: takes are at most so high (the shorter side) and so long, for speed; `None` for as asked. Below
            360 lines they fail the check `size`.
        max_inflight: of each vendor.
        takes: where takes are kept between sessions; a folder of this user in the temporary folder by default.
        has_files_elsewhere: whether files lie on a port of their own, as on another host.
        more: kinds of vendors beside those here; each has one key.
    """

    def __init__(
        self,
        folder: Path,
        latency_s: Latency = 0.05,
        *,
        lines: int | None = None,
        most_s: int | None = None,
        max_inflight: int | None = None,
        takes: Path | None = None,
        has_files_elsewhere: bool = False,
        more: Sequence[type[Vendor]] = (),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.requests = Requests(folder / REQUESTS)
        studio = Studio(takes or kept(), ffmpeg.find(os.environ), lines, most_s)
        self._house = House(studio, self.requests, lambda name: Ledger(folder / LEDGER, name))
        given: dict[str, Any] = {"house": self._house, "latency_s": latency_s, "max_inflight": max_inflight}
        self.runway = Runway(**given)
        self.kling = Kling(**given)
        self.fal = Fal(**given)
        self.elevenlabs = ElevenLabs(**given)
        self.stability = Stability(**given)
        self.ark = Ark(**given)
        self.gemini = Gemini(**given)
        self.openai, self.gateway, self.anthropic = OpenAi(**given), Gateway(**given), Anthropic(**given)
        self.vertex = Vertex(**given)
        self.cartesia, self.replicate = Cartesia(**given), Replicate(**given)
        self.higgsfield = Higgsfield(**given)
        self.heygen, self.synthesia, self.sync = HeyGen(**given), Synthesia(**given), SyncSo(**given)
        self.luma = Luma(**given)
        self.dream_machine = DreamMachine(**given)
        self.comfyui = ComfyUI(**given)
        self.minimax = MiniMax(**given)
        self.bfl = Bfl(**given)
        self.keyed, self.listed, self.bare = (Plain(mood, **given) for mood in MOODS)
        self._more = tuple(kind(**given) for kind in more)
        named = (each for each in vars(self).values() if isinstance(each, Vendor))
        self.all: tuple[Vendor, ...] = (*self._more, *named)
        self.url = ""
        self._has_files_elsewhere = has_files_elsewhere
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="loopback vendors", daemon=True)
        self._ports: dict[int, Vendor] = {}
        self._server = Server(self._respond)
        self._quit = threading.Event()

    def __enter__(self) -> Vendors:
        """Start."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(_PATIENCE_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop; complain where a double itself was at fault."""
        asyncio.run_coroutine_threadsafe(self._server.close(), self._loop).result(_PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)
        self.requests.close()
        if kind is None and self._house.troubles:
            raise AssertionError(f"the loopback vendors were at fault: {self._house.troubles}")

    @property
    def environ(self) -> dict[str, str]:
        """The environment in which a program meets these vendors: addresses and keys."""
        found = {f"VIDBUILD_{each.name.upper().replace('-', '_')}_URL": each.url for each in self.all}
        hosts = {"VIDBUILD_FAL_REST_URL": f"{self.fal.url}/rest"}
        hosts |= {"VIDBUILD_SYNTHESIA_UPLOAD_URL": f"{self.synthesia.url}/upload"}
        return {**found, **hosts, **self.secrets, "GOOGLE_CLOUD_PROJECT": PROJECT, "VIDBUILD_VENDORS_URL": self.url}

    @property
    def secrets(self) -> dict[str, str]:
        """The keys by variable; they must turn up nowhere."""
        return {variable: key for each in self.all for variable, key in each.secrets.items()}

    @property
    def ledger(self) -> list[Purchase]:
        """All purchases, oldest first."""
        return sorted((row for each in self.all for row in each.ledger), key=lambda row: row.at)

    @property
    def complaints(self) -> list[str]:
        """Why requests were no good, by vendor."""
        return [f"{row.vendor}: {row.complaint}" for row in self.requests if row.complaint]

    @property
    def leaks(self) -> list[str]:
        """Downloads that carried a key."""
        return list(self._house.leaks)

    @property
    def troubles(self) -> list[str]:
        """Mistakes of the doubles themselves."""
        return list(self._house.troubles)

    def forgive(self) -> None:
        """Forget the mistakes of the doubles, where a test meant them."""
        self._house.troubles.clear()

    @property
    def encodes(self) -> int:
        """How many takes were encoded and not found."""
        return self._house.studio.encodes

    def called(self, name: str) -> Vendor:
        """Give a vendor by its name."""
        return next(each for each in self.all if each.name == name)

    def wait(self) -> None:
        """Wait until somebody asks to stop, over HTTP."""
        self._quit.wait()

    def stop(self) -> None:
        """Let `wait` return."""
        self._quit.set()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._loop.shutdown_default_executor())
        self._loop.close()

    async def _listen(self) -> None:
        files = f"http://127.0.0.1:{await self._server.listen()}" if self._has_files_elsewhere else ""
        for each in self.all:
            port = await self._server.listen()
            self._ports[port] = each
            each.url, each.files_url = f"http://127.0.0.1:{port}", files
        self.url = f"http://127.0.0.1:{await self._server.listen()}"

    async def _respond(self, asked: Asked) -> Answer:
        vendor = self._ports.get(asked.port)
        if vendor is not None:
            return await vendor.respond(asked)
        if asked.path.startswith("/files/"):
            token = asked.path.split("/")[2]
            return await next((each for each in self.all if each.has_link(token)), self.all[0]).respond(asked)
        return self._controlled(asked)

    def _controlled(self, asked: Asked) -> Answer:
        """Answer to whoever runs the vendors; a web page can't ask this."""
        if "origin" in asked.headers or asked.headers.get("host") != self.url.removeprefix("http://"):
            return said({"error": "not from a web page"}, 403)
        if asked.method == "POST" and asked.headers.get("content-type") == "application/json":
            body = asked.json
            try:
                return said(self._posted(asked.path, body if isinstance(body, dict) else {}))
            except (KeyError, TypeError, ValueError, StopIteration) as error:
                return said({"error": f"{type(error).__name__}: {error}"}, 400)
        told: Mapping[str, Callable[[], Any]] = {
            "/-/ledger": lambda: [asdict(row) for row in self.ledger],
            "/-/requests": lambda: [asdict(row) for row in self.requests],
            "/-/state": self._state,
        }
        if asked.method == "GET" and asked.path in told:
            return said(told[asked.path]())
        return said({"error": "no such path"}, 404)

    def _posted(self, path: str, body: dict[str, Any]) -> Any:
        if path == "/-/faults":
            vendor = self.called(body.pop("vendor"))
            fault = vendor.fault(**body)
            return {"planned": fault.what}
        if path == "/-/settings":
            vendor = self.called(body.pop("vendor"))
            for name, value in body.items():
                if name not in ("latency_s", "max_inflight", "rate", "in_band", "list_lag_s", "is_telling"):
                    raise KeyError(name)
                setattr(vendor, name, value)
            return {"set": sorted(body)}
        if path == "/-/clear":
            for each in self.all:
                each.script.clear()
            return {"cleared": True}
        if path == "/-/quit":
            self.stop()
            return {"quits": True}
        raise KeyError(path)

    def _state(self) -> dict[str, Any]:
        vendors = {
            each.name: {"inflight": each.inflight, "peak": each.peak, "turned_away": each.turned_away}
            for each in self.all
        }
        told = {"complaints": self.complaints, "leaks": self.leaks, "troubles": self.troubles, "encodes": self.encodes}
        return {"vendors": vendors, **told}


@contextlib.contextmanager
def apart(folder: Path, **settings: Any) -> Iterator[dict[str, str]]:
    """Run the vendors in a process of their own; give its environment, in which `VIDBUILD_VENDORS_URL` steers it.

    Args:
        settings: as the options of `python -m vidbuild.testing.vendors`, with `_` for `-`.
    """
    argv = [sys.executable, "-m", "vidbuild.testing.vendors", "--folder", str(folder)]
    for name, value in settings.items():
        argv += [f"--{name.replace('_', '-')}", str(value)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            yield dict(json.loads(line))
        finally:
            process.terminate()


def kept() -> Path:
    """Give the folder where takes are kept between sessions: this user's own, in the temporary folder."""
    folder = Path(tempfile.gettempdir()) / f"vidbuild-takes-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise PermissionError(f"{folder} is another user's")
    return folder


__all__ = ["Fault", "Vendors", "apart", "kept"]
