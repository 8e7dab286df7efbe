"""A crew that is vidbuild itself: the real plan, engine, buyer and driver build the job of `worlds`, on the same clock.

The vendor of a world speaks the plain vendor's wire. Its takes are a few bytes and what is made of them here is made at
once: nothing is encoded, decoded or sent. Stores stand below a folder that is given.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from worlds import CHAIN, LIMIT, SHOTS, Crew, Vendor, ran, world

from vidbuild.catalog.model import Catalog, Provider
from vidbuild.engine import Engine
from vidbuild.runners.base import Runner, Workspace
from vidbuild.runners.generate import Buyer
from vidbuild.runners.vendor import pace
from vidbuild.runners.vendor.cadence import Cadence, Latencies
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.driver import JobRunner
from vidbuild.runners.vendor.outcomes import Fetched
from vidbuild.runners.vendor.pace import Pace
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.lockfile import LockedCache, LockFile
from vidbuild.stores.purse import Purse
from vidbuild.stores.uploads import Uploads
from vidbuild.testing.memory import (
    MemoryActionCache,
    MemoryCas,
    MemoryFiles,
    RecordingRunner,
    TemporaryWorkspaces,
)
from vidbuild.testing.vendors.plain import own_files
from vidbuild.wire.values import Request, Response
from vidbuild.words.action import BoundAction, Conduct, Graph
from vidbuild.words.events import Event

SECONDS = 6
"""Ten shots of so many are the 60 s of the job."""
STARTED = 1_800_000_000.0
"""The Unix time at which virtual time begins."""
_MOST_RESHOOTS = 10
_MEASURED = {
    "kind": "footage",
    "frames": 144,
    "seconds": str(SECONDS),
    "rate": "24",
    "width": 1280,
    "height": 720,
    "has_sound": False,
    "brightness": "0.4",
    "frozen": [],
    "cuts": [],
}


@dataclass(frozen=True)
class Planned:
    """What the real planner made of the job, and the catalog that names the vendor."""

    graph: Graph
    catalog: Catalog
    encoder: str


@contextmanager
def light_folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards, in memory where the system has such: a store waits for the disk often."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="vidbuild-schedule-", dir=memory) as name:
        yield Path(name)


def planned(folder: Path) -> Planned:
    """Plan ten shots of 6 s, three of them a chain listed last; the catalog knows nothing of the model's latency."""
    for path in own_files(folder, "keyed"):
        text = re.sub(r"concurrent: \d+", f"concurrent: {LIMIT}", path.read_text())
        path.write_text(re.sub(r"latency_s: .*\n", "", text))
    project = {
        "vidbuild": 1,
        "name": "sixty-seconds",
        "aspect": "16:9",
        "model": "plain-keyed-video",
        "reshoots": _MOST_RESHOOTS,
        "shots": [_shot(number) for number in SHOTS],
        "outputs": ["youtube"],
    }
    (folder / "project.yaml").write_text(yaml.safe_dump(project, sort_keys=False))
    session = Session(Settings(folder, store=str(folder / "store")), {})
    try:
        return Planned(session.plan().graph, session.known, session.encoder)
    finally:
        session.close()


def _shot(number: int) -> Mapping[str, Any]:
    said = {"id": f"shot-{number}", "duration_s": SECONDS, "prompt": f"a wave rolls in, number {number}"}
    return {**said, "init_image": f"shot-{CHAIN[number]}.last_frame"} if number in CHAIN else said


def building(
    plan: Planned,
    folder: Path,
    latencies: Latencies,
    cadence: Cadence = Cadence(),  # noqa: B008 - a frozen value
    told: Callable[[Event], None] = lambda event: None,
) -> Crew:
    """Build it as `vidbuild build` does, in a folder of its own each time.

    Args:
        told: the sink of the build.
    """
    builds = itertools.count()

    async def crew(vendor: Vendor) -> None:
        await _build(plan, folder / f"build-{next(builds)}", vendor, latencies, cadence, told)

    return crew


def practised(plan: Planned, folder: Path, builds: int = 4) -> Latencies:
    """Give what is known after some builds."""
    latencies = Latencies()
    for seed in range(builds):
        ran(building(plan, folder / f"practice-{seed}", latencies), world(1_000_000 + seed))
    return latencies


async def _build(
    plan: Planned,
    folder: Path,
    vendor: Vendor,
    latencies: Latencies,
    cadence: Cadence,
    told: Callable[[Event], None],
) -> None:
    folder.mkdir(parents=True)
    loop, nonces, paces = asyncio.get_running_loop(), itertools.count(), dict[str, Pace]()
    cas, lock, log = MemoryCas(folder / "cas"), LockFile(folder / "vidbuild.lock"), JobLog(folder)
    cache = LockedCache(lock, MemoryActionCache())

    def pace_of(provider: Provider) -> Pace:
        if provider.name not in paces:
            paces[provider.name] = Pace(provider.name, pace.told(provider.limits), random.Random(0))
        return paces[provider.name]

    async def vet(path: Path, media_type: str) -> None:
        return

    desk = Desk(
        catalog=plan.catalog,
        transport=Line(vendor),
        bases=lambda provider: provider.base,
        sign=lambda provider, headers, now: headers,
        allow=lambda provider, url: None,
        masked=str,
        vet=vet,
        timed=lambda text, sound, words: vet(words, text),
        log=log,
        purse=Purse(None),
        pace=pace_of,
        latencies=latencies,
        now=lambda: STARTED + loop.time(),
        nonce=lambda: f"{next(nonces):032x}",
        sink=told,
        cadence=cadence,
        locked=lambda key: lock.value.bought.get(key),
        uploads=Uploads(folder, lambda: STARTED + loop.time()),
        hosts=lambda provider, host: provider.hosts[host] if host else provider.base,
    )
    buyer = Buyer(lock, log, cas, plan.encoder, desk.paid, told)
    vendors, measuring, made_here = JobRunner(desk), Measuring(), RecordingRunner()

    def runner_of(action: BoundAction, conduct: Conduct) -> Runner:
        if conduct.is_paid:
            return vendors
        return measuring if action.mnemonic == "Measure" else made_here

    workspaces = TemporaryWorkspaces(folder / "work")
    engine = Engine(cas, cache, runner_of, MemoryFiles(), workspaces, {"cpu": 2}, told, buyer=buyer, pins=cache)
    outcome = await engine.build(plan.graph)
    assert not outcome.failed, outcome.failed
    assert set(outcome.results) == set(plan.graph.nodes)


class Line:
    """The plain vendor's wire in front of the vendor of a world: an `Exchange` that takes no time.

    Of the attempts that fail, every other shot's fail at the vendor; the rest are delivered, and are black.
    """

    def __init__(self, vendor: Vendor):
        self._vendor = vendor
        self._shots: list[int] = []

    async def exchange(
        self,
        request: Request,
        signed: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
        deadline_s: float = 60.0,
    ) -> Response:
        """Take a job, or say how one stands."""
        if request.method == "POST":
            return self._submitted(json.loads(request.body))
        job = int(urlsplit(request.url).path.rpartition("-")[2])
        state = self._vendor.look(job)
        if state == "failed" and not self._fails_there(job):
            state = "done"
        told: dict[str, Any] = {"id": f"job-{job}", "state": state}
        if state == "failed":
            told["error"] = {"code": "failed", "message": "it went wrong"}
        elif state == "done":
            told |= {"url": f"https://plain-keyed.example/files/{job}", "usd": 0.6}
        return _said(200, told)

    async def fetch(
        self, url: str, path: Path, most_bytes: int, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Give a take."""
        job = int(url.rpartition("/")[2])
        path.write_text(json.dumps({"job": job, "is_black": self._vendor.jobs[job][1]}))
        return Fetched(path.stat().st_size, "video/mp4", True)

    def _submitted(self, body: Mapping[str, Any]) -> Response:
        shot = int(str(body["prompt"]).split()[-1])
        job = self._vendor.submit(shot)
        if job is None:
            return _said(429, {"error": {"code": "busy", "message": "too many jobs"}})
        self._shots.append(shot)
        return _said(201, {"id": f"job-{job}", "state": "queued"})

    def _fails_there(self, job: int) -> bool:
        return self._shots[job] % 2 == 0


class Measuring:
    """Says of a take of `Line` what would be measured of it."""

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        is_black = json.loads(workspace.inputs["take"].read_text())["is_black"]
        facts = {**_MEASURED, "black": [["0", str(SECONDS)]] if is_black else []}
        workspace.outputs["facts"].write_text(json.dumps(facts))
        return {}


def _said(status: int, body: Mapping[str, Any]) -> Response:
    return Response(status, {"content-type": "application/json"}, json.dumps(body).encode())
