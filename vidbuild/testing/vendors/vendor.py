"""What every loopback vendor shares: requests counted, faults befalling them, jobs with their purchases, files.

A vendor of its own kind adds its wire: which request is which step, what is checked, and the form of each answer.
All but planning faults and reading happens in the event loop's thread. It knows no vendor's wire.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import json
import re
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from vidbuild.testing.vendors import depot, faults
from vidbuild.testing.vendors.depot import Depot
from vidbuild.testing.vendors.faults import Fault, Script
from vidbuild.testing.vendors.fields import No
from vidbuild.testing.vendors.jobs import Job
from vidbuild.testing.vendors.ledger import Ledger, Requests, Seen
from vidbuild.testing.vendors.takes import LOOKS, MEDIA, Studio, Wants
from vidbuild.testing.vendors.wire import Answer, Asked

__all__ = ["House", "Job", "Latency", "Vendor", "digest_of"]
Latency = float | Sequence[float] | Callable[["Job"], float]
"""How long jobs take, in real seconds: all the same, from a list (its last for all further), or by job."""

_SHORT = 300
_FILE = re.compile(r"/files/[0-9a-f]{32}/")


@dataclass(frozen=True)
class House:
    """What all vendors of one folder share.

    Args:
        troubles: mistakes of the doubles themselves; there must be none.
        leaks: downloads that carried a key.
    """

    studio: Studio
    requests: Requests
    ledger_of: Callable[[str], Ledger]
    troubles: list[str] = field(default_factory=list)
    leaks: list[str] = field(default_factory=list)
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))


class Vendor:
    """A vendor on loopback; `url` is its base address.

    Args:
        signs_files: whether its files want its key; other vendors' must come without one.
        latency_s: how long its jobs take.
        max_inflight: over so many jobs at once it says no, or lets them wait; `None` for any number.
    """

    name = ""
    variables: tuple[str, ...] = ()
    key = ""
    lets_wait = False
    rate = 24
    signs_files = False
    secret_headers: tuple[str, ...] = ("authorization", "xi-api-key", "x-api-key", "x-key", "x-goog-api-key")

    def __init__(self, house: House, latency_s: Latency = 0.05, max_inflight: int | None = None):
        self.house = house
        self.latency_s = latency_s
        self.max_inflight = max_inflight
        self.url = self.files_url = ""
        self.ledger = house.ledger_of(self.name)
        self.script = Script()
        self.depot = Depot()
        self.jobs: dict[str, Job] = {}
        self.tagged: dict[str, Job] = {}
        self.peak = 0
        self.turned_away = 0
        self._links: dict[str, tuple[Job, int]] = {}
        self._dead: set[str] = set()
        self._going: list[Job] = []
        self._count = itertools.count()

    # What a vendor of its own kind says.

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is; `other` for none that is known."""
        raise NotImplementedError

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Do what was asked for.

        Raises:
            No: it can't be, or mustn't be.
        """
        raise NotImplementedError

    def no(self, no: No) -> Answer:
        """Say no in its own form."""
        raise NotImplementedError

    # What tests use.

    def fault(
        self,
        step: str,
        what: str,
        nth: int = 1,
        times: int | None = 1,
        where: str | Callable[[Asked], bool] | None = None,
        **settings: Any,
    ) -> Fault:
        """Plan a fault: see `faults.Fault`, and `faults.FAULTS` for what there is and its settings."""
        return self.script.plan(Fault(step, what, nth, times, where, settings))

    def about(self, words: str) -> Callable[[Asked], bool]:
        """Say yes to polls and downloads of jobs whose submit held these words: a `where` for faults."""

        def is_about(asked: Asked) -> bool:
            parts = asked.path.split("/")
            found = [job for name, job in list(self.jobs.items()) if name in parts]
            found += [job for token, (job, _) in list(self._links.items()) if token in parts]
            return any(words in json.dumps(job.body) for job in found)

        return is_about

    @property
    def secrets(self) -> dict[str, str]:
        """Its keys by variable."""
        return dict.fromkeys(self.variables, self.key)

    @property
    def requests(self) -> list[Seen]:
        """The requests that came to it."""
        return self.house.requests.of(self.name)

    @property
    def complaints(self) -> list[str]:
        """Why requests were no good; faults that were planned are not among it."""
        return [row.complaint for row in self.requests if row.complaint]

    def count(self, step: str) -> int:
        """Say how many requests of a step came."""
        return len(self.house.requests.of(self.name, step))

    @property
    def inflight(self) -> int:
        """How many jobs are out now."""
        return sum(not job.has_ended for job in list(self._going))

    @property
    def waiting(self) -> int:
        """How many jobs wait for others to end."""
        return sum(not job.has_begun for job in list(self._going))

    # What happens to a request.

    async def respond(self, asked: Asked) -> Answer:
        """Answer a request, or let what was planned befall it."""
        step = "download" if _FILE.match(asked.path) else self.step_of(asked)
        step = "upload" if asked.path.startswith(depot.PATH) else step
        fault = self.script.due(step, asked)
        complaint = ""
        try:
            answer, complaint = await self._under(fault, asked, step)
        except Exception as error:
            self.house.troubles.append(f"{self.name} {asked.method} {asked.path}: {type(error).__name__}: {error}")
            answer = Answer(500, {"Content-Type": "text/plain"}, b"the test double itself is at fault")
        what = fault.what if fault else ""
        row = Seen(self.name, step, asked.method, asked.path, answer.status, what, complaint, time.monotonic())
        self.house.requests.add(row)
        return answer

    async def _under(self, fault: Fault | None, asked: Asked, step: str) -> tuple[Answer, str]:
        complaint = ""
        if fault is not None and fault.what in faults.INSTEAD:
            made = faults.instead(fault, asked, self.url.replace("127.0.0.1", "localhost"))
            if made is None:
                made = self._expire(asked) if fault.what == "link_expired" else self.no(_as_no(fault))
                if "status" in fault.settings:
                    made = replace(made, status=int(fault.settings["status"]))
            return made, ""
        try:
            if step == "download":
                answer = await self._file(asked, fault)
            elif asked.path.startswith(depot.PATH):
                self._see_no_key(asked)
                self.depot.fill(asked)
                answer = Answer(200)
            else:
                fated = fault if fault is not None and fault.what in faults.FATES else None
                answer = await self.answer(replace(asked, fate=fated), step)
        except No as no:
            answer = self.no(no)
            complaint = no.message if no.kind in ("invalid", "key") else ""
        if fault is not None and fault.what in faults.SENDING:
            if fault.what == "lost":
                status = int(fault.settings.get("status", 500))
                no_answer = self.no(No("server", "internal error"))
                answer = faults.page(status) if fault.settings.get("page") else replace(no_answer, status=status)
            answer = faults.spoiled(fault, asked, answer)
        return answer, complaint

    # Jobs.

    def accept(self, asked: Asked, body: Mapping[str, Any], wants: Wants, usd: float, tag: str = "") -> Job:
        """Make a job of a submit that was found good: this is the purchase.

        Raises:
            No: there are too many already.
        """
        now = time.monotonic()
        self._going = [job for job in self._going if not job.has_ended]
        full = self.max_inflight is not None and len(self._going) >= self.max_inflight
        self.turned_away += full
        if full and not self.lets_wait:
            raise No("busy", "too many jobs at once")
        begins = now
        if full and self.max_inflight is not None:
            begins = max(now, sorted(job.ends for job in self._going)[-self.max_inflight])
        job = Job(str(uuid.uuid4()), asked.path, body, looking(wants, asked.fate), usd, tag, now, begins, begins)
        job.fate = asked.fate
        job.ends = begins + self._seconds(job)
        self._named(job)
        self.ledger.add(asked.path, job.id, digest_of(body, tag), tag, usd, _short(body))
        self.jobs[job.id] = job
        if tag:
            self.tagged[tag] = job
        self._going.append(job)
        self.peak = max(self.peak, len(self._going))
        return job

    def job(self, name: str) -> Job:
        """Find a job that is polled, and count the poll.

        Raises:
            No: there is none, or it hides.
        """
        job = self.jobs.get(name)
        if job is None:
            raise No("missing", f"no job {name}")
        job.polls += 1
        if job.fate is not None and job.fate.what == "vanishes" and job.polls <= job.fate.settings.get("polls", 1e9):
            raise No("missing", f"no job {name}")
        return job

    def told_id(self, job: Job) -> str | None:
        """Give the id that the answer to a submit tells; `None` for none at all."""
        return None if job.fate is not None and job.fate.what == "no_id" else job.id

    def link(self, job: Job, place: int = 0) -> str:
        """Give the address of one of a job's files; a fresh one where the last has expired."""
        token = job.links.get(place)
        if token is None or token in self._dead:
            token = uuid.uuid4().hex
            job.links[place] = token
            self._links[token] = (job, place)
        return f"{self.files_url or self.url}/files/{token}/result.{job.wants.form}"

    async def made(self, wants: Wants) -> bytes:
        """Make, or find, what is wanted, while other requests go on."""
        async with self.house.turns:
            return await asyncio.to_thread(self.house.studio.make, wants)

    async def done(self, job: Job) -> bytes:
        """Wait for a job whose submit is answered with its result, and make that.

        Raises:
            No: it was planned to end badly; it is paid for all the same.
        """
        await asyncio.sleep(max(0.0, job.ends - time.monotonic()))
        if job.end != "done":
            raise No("refused" if job.end == "refused" else "server", job.words)
        return await self.made(job.wants)

    def token_of(self, asked: Asked) -> str:
        """Give the token in a download's path."""
        return asked.path.split("/")[2]

    def has_link(self, token: str) -> bool:
        """Say whether one of its files is reached by a token."""
        return token in self._links

    def _seconds(self, job: Job) -> float:
        latency, index = self.latency_s, next(self._count)
        if callable(latency):
            seconds = latency(job)
        else:
            seconds = latency if isinstance(latency, int | float) else latency[min(index, len(latency) - 1)]
        fate = job.fate
        return float(fate.settings.get("seconds", 10 * seconds)) if fate and fate.what == "late" else float(seconds)

    def _named(self, job: Job) -> None:
        if job.fate is not None and job.fate.what == "same_id" and self.jobs:
            job.id = list(self.jobs)[-1]
        if job.fate is not None and job.fate.what == "odd_id":
            job.id = str(job.fate.settings.get("id", "../../x"))

    async def _file(self, asked: Asked, fault: Fault | None) -> Answer:
        """Serve a file to whoever has its link; a key must not come along."""
        self._see_no_key(asked)
        token = self.token_of(asked)
        if token in self._dead or token not in self._links:
            return Answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
        job, _ = self._links[token]
        data = await self.made(looking(job.wants, fault))
        return Answer(200, {"Content-Type": MEDIA[job.wants.form]}, data)

    def _see_no_key(self, asked: Asked) -> None:
        shown = [name for name in self.secret_headers if name in asked.headers]
        if shown and not self.signs_files:
            self.house.leaks.append(f"{self.name} {asked.path}: {', '.join(shown)}")

    def address(self, slot: str) -> str:
        """Give the address that a file may be brought to."""
        return f"{self.url}{depot.PATH}{slot}"

    def _expire(self, asked: Asked) -> Answer:
        self._dead.add(self.token_of(asked))
        return Answer(403, {"Content-Type": "application/xml"}, b"<Error><Code>ExpiredToken</Code></Error>")


def digest_of(body: Mapping[str, Any], tag: str = "") -> str:
    """Take the digest of what was asked for: the body without the client's own tag, wherever that stands."""
    bare = {name: value for name, value in body.items() if not (tag and value == tag)}
    return hashlib.sha256(json.dumps(bare, sort_keys=True, default=repr).encode()).hexdigest()


def _as_no(fault: Fault) -> No:
    kinds = {"server_error": "server", "out_of_credit": "credit", "bad_key": "key", "link_expired": "missing"}
    kind = kinds.get(fault.what, fault.what)
    after = fault.settings.get("retry_after_s")
    return No(kind, str(fault.settings.get("message", fault.what.replace("_", " "))), after)


def looking(wants: Wants, fault: Fault | None) -> Wants:
    if fault is None or fault.what not in LOOKS:
        return wants
    return replace(wants, look=fault.what, factor=float(fault.settings.get("factor", 0.5)))


def _short(body: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value
        for name, value in body.items()
        if isinstance(value, int | float | bool) or (isinstance(value, str) and len(value) <= _SHORT)
    }
