"""One attempt at a vendor who does as a test says, on a virtual clock: what a wire would bring, without one."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild import packaged
from vidbuild.catalog import loader
from vidbuild.catalog.model import Catalog, Provider
from vidbuild.plan import attempts
from vidbuild.runners.base import Workspace
from vidbuild.runners.vendor import pace
from vidbuild.runners.vendor.cadence import Latencies
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.driver import JobRunner
from vidbuild.runners.vendor.outcomes import Fault, Fetched, FetchFailed, Redirected, Unanswered, Unsent
from vidbuild.runners.vendor.pace import Pace
from vidbuild.stores.job_log import JobLog, Standing, standing
from vidbuild.stores.purse import Purse
from vidbuild.stores.uploads import Uploads
from vidbuild.testing import vendors
from vidbuild.wire.values import Request, Response
from vidbuild.words.action import BoundAction, Conduct, Hire
from vidbuild.words.digest import digest_bytes
from vidbuild.words.errors import VidbuildError

STARTED = 1_800_000_000.0
INLINE = "most_bytes: 7000000"
"""The Unix time at which virtual time begins."""
USD = Fraction(1, 2)
OUTPUTS = {"footage": ("video", "video/mp4"), "music": ("sound", "audio/mpeg")}

Outcome = Response | Unsent | Unanswered | Redirected
Says = Callable[[Request, int], Outcome | float]
"""What a vendor says to a request, of which so many came before; a number: nothing, for so many seconds."""


def answer(document: Any, status: int = 200, **headers: str) -> Response:
    """Answer with JSON."""
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, {"content-type": "application/json", **told}, json.dumps(document).encode())


def catalog() -> Catalog:
    """Give the packaged catalog with the plain vendor's own files; any picture has to be brought there."""
    own = Path(vendors.__file__).parent / "own"
    texts = {
        kind: {
            f"{kind}/{path.name}": path.read_text().replace(INLINE, "most_bytes: 0")
            for path in (own / kind).glob("*.yaml")
        }
        for kind in ("models", "providers")
    }
    schemas = {name: packaged.schema(name) for name in ("platform", "model", "provider")}
    found, _ = loader.with_own(packaged.catalog(), platforms={}, schemas=schemas, **texts)
    return found


@dataclass
class Line:
    """An exchange that says what a test says.

    Args:
        submit, poll: what is said to those that send something, and to those that ask.
        download_s: how long a download takes; longer than its deadline and it fails.
    """

    submit: Says
    poll: Says
    download_s: float = 0.0
    sent: list[tuple[float, Request]] = field(default_factory=list)
    downloads: int = 0

    async def exchange(
        self,
        request: Request,
        signed: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
        deadline_s: float = 60.0,
    ) -> Outcome:
        """Say it; what takes longer than the deadline is no answer."""
        before = self.count(request.method)
        self.sent.append((asyncio.get_running_loop().time(), request))
        said = (self.submit if request.method == "POST" else self.poll)(request, before)
        if not isinstance(said, float):
            return said
        await asyncio.sleep(min(said, deadline_s))
        return Unanswered("vendor.example", f"gave no whole answer within {deadline_s:g} s")

    async def fetch(
        self, url: str, path: Path, most_bytes: int, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Give a few bytes, or fail at the deadline."""
        self.downloads += 1
        await asyncio.sleep(min(self.download_s, deadline_s))
        if self.download_s > deadline_s:
            raise FetchFailed(Fault.SLOW, f"`files.example` did not give the whole result within {deadline_s:g} s")
        path.write_bytes(b"bytes")
        return Fetched(5, "video/mp4", True)

    def count(self, method: str) -> int:
        """Say how many requests of a method were sent."""
        return sum(request.method == method for _, request in self.sent)


class Place:
    """A folder with a job log, in which attempts of one ask are run.

    Args:
        model: by its name in the catalog.
        pictures: what each take is made from, by slot.

    Attributes:
        later_s: how long after its beginning the next run is.
    """

    def __init__(self, folder: Path, model: str, **pictures: bytes):
        self.folder = folder
        self.pictures = pictures
        self.later_s = 0.0
        self.catalog = catalog()
        self.model = self.catalog.models[model]
        self.log = JobLog(folder)
        self.purse = Purse(Fraction(10))

    def attempt(self, take: int = 0) -> BoundAction:
        """Give the first attempt at a take."""
        output, media_type = OUTPUTS[self.model.kind]
        params = {"kind": self.model.kind, "prompt": "a cup", "seconds": "5", "seed": 0, "take": take, "negative": []}
        if self.model.kind == "footage":
            params["aspect"] = "16:9"
        inputs = {slot: digest_bytes(data) for slot, data in self.pictures.items()}
        ask = BoundAction(self.model.kind.title(), params, inputs, {output: media_type}, self._hire.tool)
        return attempts.attempt(ask, self._hire, 0, ())

    def standing(self, take: int = 0) -> Standing:
        """Say how an attempt stands in the log."""
        return standing(self.log.steps(self.attempt(take).key))

    async def run(self, line: Line, *takes: int) -> list[Mapping[str, Any] | VidbuildError]:
        """Run the attempts at some takes together, as a build of its own does; give their facts, or what went wrong."""
        loop, nonces, paces = asyncio.get_running_loop(), itertools.count(), dict[str, Pace]()

        def pace_of(provider: Provider) -> Pace:
            found = Pace(provider.name, pace.told(provider.limits), random.Random(0))
            return paces.setdefault(provider.name, found)

        def now() -> float:
            return STARTED + self.later_s + loop.time()

        async def vet(path: Path, media_type: str) -> None:
            return

        desk = Desk(
            catalog=self.catalog,
            transport=line,
            bases=lambda provider: provider.base,
            sign=lambda provider, headers, now: headers,
            allow=lambda provider, url: None,
            masked=str,
            vet=vet,
            timed=lambda text, sound, words: vet(words, text),
            log=self.log,
            purse=self.purse,
            pace=pace_of,
            latencies=Latencies(),
            now=now,
            nonce=lambda: f"{next(nonces):032x}",
            sink=lambda event: None,
            uploads=Uploads(self.folder, now),
            hosts=lambda provider, host: provider.hosts[host] if host else provider.base,
        )
        runs = [JobRunner(desk).run(self.attempt(take), self._conduct, self._workspace(take)) for take in takes or (0,)]
        found = await asyncio.gather(*runs, return_exceptions=True)
        for one in found:
            if isinstance(one, BaseException) and not isinstance(one, VidbuildError):
                raise one
        return [one for one in found if not isinstance(one, BaseException) or isinstance(one, VidbuildError)]

    @property
    def _hire(self) -> Hire:
        name = self.model.name
        return Hire(name, f"{name}@{self.model.revision}", self.model.routes[0].provider, USD, USD)

    @property
    def _conduct(self) -> Conduct:
        return Conduct((self._hire,), label="shot one")

    def _workspace(self, take: int) -> Workspace:
        folder = self.folder / f"work-{take}"
        folder.mkdir(exist_ok=True)
        output, _ = OUTPUTS[self.model.kind]
        inputs = {slot: folder / f"in-{slot}" for slot in self.pictures}
        for slot, path in inputs.items():
            path.write_bytes(self.pictures[slot])
        return Workspace(folder, inputs, {output: folder / f"out-{output}"})
