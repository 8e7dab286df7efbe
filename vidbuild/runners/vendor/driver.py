"""The driver of one attempt: intent, submit, job id, polls, download, vetting. Every step is on disk before the next.

It never sends a submit whose predecessor's outcome is unknown: it looks it up where the vendor can, else the user
decides. What an attempt is worth, and whether its take is good, others know.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
import math
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

from vidbuild.catalog.model import Catalog, Model, Provider
from vidbuild.plan import attempts
from vidbuild.runners.base import Workspace
from vidbuild.runners.untrusted import BadMedia
from vidbuild.runners.vendor import jobs
from vidbuild.runners.vendor.cadence import Cadence, Latencies, Latency, Wait
from vidbuild.runners.vendor.outcomes import Fetched, FetchFailed, Redirected, Unanswered, Unsent
from vidbuild.runners.vendor.pace import Pace, Turn
from vidbuild.stores.job_log import JobLog, Stage, Standing, standing
from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Pending, Request, Response, Wrong
from vidbuild.words.action import BoundAction, Conduct, Hire
from vidbuild.words.digest import Digest, digest_bytes
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed
from vidbuild.words.events import JobMoved, Sink
from vidbuild.words.locked import Bought

INLINE = "inline"
"""The id of a job whose answer came with the submit."""
KEY_LIFE_S = 20 * 3600
"""An idempotency key is trusted for so long (vendors keep them a day)."""
GRACE_S = 4.0
"""A submit that is under way when the build is stopped may still be answered for so long."""
TRIES = 4
"""How often a download, a lookup or a submit that surely reached nobody is tried."""
YOUNG_S = 60.0
"""A job that isn't found at this age may not be listed yet."""
TROUBLE_S = 900.0
"""After so long without a good answer to any poll the build goes on without the job; the job stays logged."""
LONGEST_S = 6 * 3600.0
MOST_BYTES = 2**30
FETCH_S = 600.0


class Exchange(Protocol):
    """The edge to vendors; `vidbuild.runners.vendor.transport` is the real one."""

    async def exchange(
        self, request: Request, signed: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None
    ) -> Response | Unsent | Unanswered | Redirected:
        """Send one request and give its answer, or why there is none."""

    async def fetch(
        self, url: str, path: Path, most_bytes: int, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Download to a new file; raise `FetchFailed`."""


class NoAnswer(Exception):
    """A request got no answer.

    Args:
        is_unmade: whether it is sure that the vendor did not act on it.
    """

    def __init__(self, outcome: Unsent | Unanswered | Redirected):
        reason = f"it sends us to {outcome.to}" if isinstance(outcome, Redirected) else outcome.reason
        super().__init__(f"{outcome.host} {reason}")
        self.is_unmade = isinstance(outcome, Unsent) or (isinstance(outcome, Redirected) and outcome.is_unmade)


class Purse(Protocol):
    """Who keeps the caps."""

    def reserve(self, attempt: Digest, label: str, usd: Fraction | None) -> None:
        """Set money aside; raise `OverBudget`."""

    def settle(self, attempt: Digest, usd: Fraction | None) -> None:
        """Say what it came to."""

    def release(self, attempt: Digest) -> None:
        """Say that nothing was bought."""


@dataclass
class Desk:
    """What the drivers of a build share.

    Args:
        bases: the address to reach each provider at.
        sign: puts a provider's secrets on headers, at a time.
        masked: takes secrets and control characters out of a vendor's words.
        vet: sees that a file is what it must be; raises `BadMedia`.
        now: Unix time in seconds.
        nonce: gives a new nonce.
        project: whose purchases these are.
        locked: what the lock knows of an attempt.
        paid: what was bought in this build, by attempt.
    """

    catalog: Catalog
    transport: Exchange
    bases: Callable[[Provider], str]
    sign: Callable[[Provider, Mapping[str, str], float], Mapping[str, str]]
    masked: Callable[[str], str]
    vet: Callable[[Path, str], Awaitable[object]]
    log: JobLog
    purse: Purse
    pace: Callable[[Provider], Pace]
    latencies: Latencies
    now: Callable[[], float]
    nonce: Callable[[], str]
    sink: Sink
    project: str = ""
    cadence: Cadence = field(default_factory=Cadence)
    retry_refused: bool = False
    locked: Callable[[Digest], Bought | None] = lambda key: None
    paid: dict[Digest, Fraction | None] = field(default_factory=dict)
    out: dict[tuple[str, str], Digest] = field(default_factory=dict)


class JobRunner:
    """Runs attempts; each has one hire in its conduct."""

    def __init__(self, desk: Desk):
        self._desk = desk

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        return await _Attempt(self._desk, action, conduct, workspace).made()


class _Attempt:
    """One attempt on its way."""

    def __init__(self, desk: Desk, action: BoundAction, conduct: Conduct, workspace: Workspace):
        self._desk = desk
        self._action = action
        self._conduct = conduct
        self._workspace = workspace
        self._hire: Hire = conduct.hires[0]
        self._model: Model = desk.catalog.models[self._hire.model]
        self._provider: Provider = desk.catalog.providers[self._hire.provider]
        self._route = next(route for route in self._model.routes if route.provider == self._hire.provider)
        slots = jobs.slots(self._model, workspace.inputs)
        self._wire = Wire(self._provider, self._model, self._route, desk.bases(self._provider), slots)
        self._pace = desk.pace(self._provider)
        self._usd: Fraction | None = self._hire.list_usd

    @property
    def _key(self) -> Digest:
        return self._action.key

    async def made(self) -> Mapping[str, Any]:
        """Bring the attempt to its end from wherever it stands; give its facts. A key that is missing is told first."""
        self._signed({})
        before = standing(self._desk.log.steps(self._key))
        if before.stage is Stage.REFUSED and not self._desk.retry_refused:
            facts = {"said": before.message, "model": self._hire.model}
            hint = "write it otherwise, or send it again with `--retry-refused`"
            raise Refused(f"{self._provider.title} refused this before", facts, hint)
        async with self._pace.turn(self._conduct.expected, self._conduct.is_awaited) as turn:
            handle, since = await self._out(turn, before)
            done = self._parcel() if handle.get("id") == INLINE else await self._polled(turn, handle, since, before)
        await self._fetched(done, handle)
        return self._facts(done, handle)

    # from nothing, or from what an earlier build left, to a job that is out

    async def _out(self, turn: Turn, before: Standing) -> tuple[Mapping[str, str], float]:
        if before.stage in (Stage.OUT, Stage.VANISHED, Stage.STORED) and before.handle:
            return self._resumed(turn, before.handle, before.since)
        if before.stage is Stage.INTENDED:
            return await self._cleared_up(turn, before)
        bought = self._desk.locked(self._key)
        if bought is not None:
            provider, _, id = bought.job.partition("/")
            if provider != self._provider.name or not id or id == INLINE:
                raise self._lost("the vendor it was bought from can't give it again")
            return self._resumed(turn, {"id": id}, 0.0)
        return await self._sent(turn, self._desk.nonce())

    def _resumed(self, turn: Turn, handle: Mapping[str, str], since: float) -> tuple[Mapping[str, str], float]:
        turn.resume()
        self._claim(handle)
        self._tell("running")
        return handle, since

    async def _sent(self, turn: Turn, nonce: str) -> tuple[Mapping[str, str], float]:
        """Submit, as often as it is sure that nothing was made."""
        request = self._wire.submit(jobs.job(self._action, self._model, self._route, self._workspace.inputs, nonce))
        reached_nobody = 0
        while True:
            await turn.may_submit()
            self._desk.purse.reserve(self._key, self._conduct.label, self._hire.reservation)
            self._intend(nonce, request)
            try:
                response = await self._submitted(request)
            except NoAnswer as error:
                if not error.is_unmade:
                    return await self._cleared_up(turn, standing(self._desk.log.steps(self._key)))
                self._step("unmade", message=self._desk.masked(str(error)))
                reached_nobody += 1
                if reached_nobody >= TRIES:
                    self._desk.purse.release(self._key)
                    self._pace.failed()
                    raise VendorFailed(
                        f"{self._provider.title} can't be reached",
                        {"because": self._desk.masked(str(error))},
                        "nothing was bought; build again when the network is there",
                    ) from error
                await asyncio.sleep(2.0**reached_nobody)
                continue
            found = await self._taken(turn, response)
            if found is not None:
                return found

    async def _submitted(self, request: Request) -> Response:
        """Send a submit; when the build is stopped meanwhile, the answer is still waited for, and noted."""
        sending = asyncio.create_task(self._exchange(request))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait({sending}, timeout=GRACE_S)
            if sending.done() and not sending.cancelled() and sending.exception() is None:
                self._noted(self._wire.submitted(sending.result()))
            sending.cancel()
            raise

    async def _taken(self, turn: Turn, response: Response) -> tuple[Mapping[str, str], float] | None:
        """Read the answer to a submit; `None` when it may be sent again."""
        answer = self._wire.submitted(response)
        noted = self._noted(answer)
        if noted is not None:
            turn.accepted()
            return noted
        assert isinstance(answer, Wrong)
        if answer.cause is Cause.BUSY:
            self._step("unmade", message=self._said(answer))
            turn.busy(answer.retry_after_s)
            return None
        if answer.cause is Cause.REFUSED:
            raise self._refused(answer)
        if answer.is_unmade:
            self._step("failed", message=self._said(answer))
            self._desk.purse.release(self._key)
            raise self._unusable(answer)
        return await self._cleared_up(turn, standing(self._desk.log.steps(self._key)), self._said(answer))

    def _noted(self, answer: Accepted | Done | Wrong) -> tuple[Mapping[str, str], float] | None:
        """Write down what a submit came to: the job's id, or the very bytes. Nothing is awaited here."""
        now = self._desk.now()
        if isinstance(answer, Accepted):
            self._claim(answer.handle)
            self._usd = answer.usd if answer.usd is not None else self._usd
            self._step("submitted", handle=dict(answer.handle), since=now, usd=_text(answer.usd))
            self._tell("queued")
            return answer.handle, now
        if isinstance(answer, Done):
            for name, artifact in answer.artifacts.items():
                self._desk.log.keep(self._key, name, artifact.data or b"")
            handle = {**answer.handle, "id": INLINE}
            self._usd = answer.usd if answer.usd is not None else self._usd
            kinds = {name: artifact.media_type for name, artifact in answer.artifacts.items()}
            self._step("submitted", handle=handle, since=now, usd=_text(answer.usd), parcels=kinds)
            return handle, now
        return None

    def _intend(self, nonce: str, request: Request) -> None:
        now = self._desk.now()
        self._step(
            "intent",
            nonce=nonce,
            ask=attempts.ask_of(self._action).key,
            action=self._action.record(),
            at=datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="seconds"),
            unix=now,
            project=self._desk.project,
            label=self._conduct.label,
            model=self._hire.model,
            provider=self._provider.name,
            seed=self._action.params.get("seed"),
            reserved_usd=_text(self._hire.reservation),
            list_usd=_text(self._hire.list_usd),
            body=hashlib.sha256(request.body).hexdigest(),
        )
        self._tell("sent")

    def _claim(self, handle: Mapping[str, str]) -> None:
        """See that no other attempt holds this job."""
        name = (self._provider.name, handle["id"])
        if self._desk.out.setdefault(name, self._key) != self._key:
            raise self._unclear("the vendor gave two requests the same job")

    # a submit whose answer is not known

    async def _cleared_up(self, turn: Turn, before: Standing, said: str = "") -> tuple[Mapping[str, str], float]:
        """Find out what became of a submit: by its idempotency key, or by asking for it, or not at all."""
        kept = [name for name in self._workspace.outputs if self._desk.log.kept(self._key, name)]
        if kept and len(kept) == len(self._workspace.outputs):
            return self._answered_in_full(turn)
        intent = before.intent
        nonce, sent_at = str(intent.get("nonce", "")), float(intent.get("unix", 0))
        if self._wire.has_idempotency and self._desk.now() - sent_at < KEY_LIFE_S:
            return await self._sent_again(turn, intent, nonce)
        if self._wire.find(nonce, sent_at) is not None:
            return await self._looked_up(turn, nonce, sent_at)
        raise self._unclear("its answer was lost, and the vendor keeps no list to look it up in", said)

    def _answered_in_full(self, turn: Turn) -> tuple[Mapping[str, str], float]:
        """Go on from an answer whose bytes were kept, and no more."""
        turn.resume()
        handle, now = {"id": INLINE}, self._desk.now()
        self._step("submitted", handle=handle, since=now, parcels=dict(self._action.outputs))
        return handle, now

    async def _sent_again(self, turn: Turn, intent: Mapping[str, Any], nonce: str) -> tuple[Mapping[str, str], float]:
        """Send the same key and the same body again: the vendor gives the job that it made."""
        request = self._wire.submit(jobs.job(self._action, self._model, self._route, self._workspace.inputs, nonce))
        if hashlib.sha256(request.body).hexdigest() != intent.get("body"):
            raise self._unclear("its answer was lost, and it would be written otherwise now")
        for number in range(TRIES):
            await turn.may_submit()
            self._desk.purse.reserve(self._key, self._conduct.label, self._hire.reservation)
            with contextlib.suppress(NoAnswer):
                response = await self._submitted(request)
                answer = self._wire.submitted(response)
                if not isinstance(answer, Wrong) or answer.is_unmade or answer.cause in (Cause.BUSY, Cause.REFUSED):
                    found = await self._taken(turn, response)
                    if found is not None:
                        return found
            await asyncio.sleep(2.0**number)
        raise self._unclear("its answer was lost, and the vendor can't be reached")

    async def _looked_up(self, turn: Turn, nonce: str, sent_at: float) -> tuple[Mapping[str, str], float]:
        """Look for the job by our own tag; where the vendor's list is sure to hold it, its absence is proof."""
        turn.resume()
        for number in range(TRIES):
            request = self._wire.find(nonce, sent_at)
            assert request is not None
            await self._pace.may_poll()
            with contextlib.suppress(NoAnswer):
                found = self._wire.found(await self._exchange(request), nonce)
                if isinstance(found, Accepted):
                    noted = self._noted(found)
                    assert noted is not None
                    return noted
                if found is None and number >= 1 and self._wire.is_list_complete:
                    self._step("unmade", message="not in the vendor's list")
                    return await self._sent(turn, nonce)
            await asyncio.sleep(self._wire.list_lag_s if number < 2 else 2.0**number)
        raise self._unclear("its answer was lost, and the vendor's list does not tell")

    # a job that is out

    async def _polled(self, turn: Turn, handle: Mapping[str, str], since: float, before: Standing) -> Done:
        """Ask for a job until it is done, each time when that is likely to be worth it."""
        loop = asyncio.get_running_loop()
        started = loop.time() - (max(0.0, self._desk.now() - since) if since else 0.0)
        latency = self._desk.latencies.of(self._model.name, self._model.latency_s)
        good_at, seen_s, hint_s, gone = loop.time(), 0.0, None, 0
        is_first = before.stage not in (Stage.FRESH, Stage.INTENDED) or not since
        trouble = 0
        while True:
            age_s = loop.time() - started
            if not is_first:
                await asyncio.sleep(self._wait_s(turn, latency, age_s, hint_s, trouble))
            is_first = False
            await self._pace.may_poll()
            answer = await self._asked(handle)
            age_s = loop.time() - started
            if isinstance(answer, Done):
                self._saw(seen_s, age_s)
                self._usd = answer.usd if answer.usd is not None else self._usd
                self._step("done", usd=_text(answer.usd))
                self._pace.made()
                return answer
            if isinstance(answer, Pending):
                trouble = gone = 0
                good_at, seen_s, hint_s = loop.time(), age_s, answer.wait_s
                self._pace.fine()
                self._tell(answer.state, answer.progress)
            elif answer is None or answer.cause in (Cause.SERVER, Cause.INVALID):
                trouble += 1
            elif answer.cause is Cause.BUSY:
                self._pace.busy_poll(answer.retry_after_s)
            elif answer.cause is Cause.GONE:
                gone += 1
                if age_s > YOUNG_S and gone >= 3:
                    raise self._vanished(before)
            else:
                raise self._ended(answer, seen_s)
            if loop.time() - good_at > TROUBLE_S or age_s > LONGEST_S:
                raise self._still_out(age_s)

    def _wait_s(self, turn: Turn, latency: Latency, age_s: float, hint_s: float | None, trouble: int) -> float:
        alpha = self._desk.cadence.alpha(latency, self._conduct.is_awaited, turn.slack_s)
        is_moved = self._desk.bases(self._provider) != self._provider.base
        least_s = 0.0 if is_moved and self._desk.cadence.fixed_s is not None else self._wire.least_poll_s
        wait_s = self._desk.cadence.wait_s(latency, age_s, alpha, least_s, hint_s)
        return max(wait_s, min(2.0**trouble, 60.0)) if trouble else wait_s

    async def _asked(self, handle: Mapping[str, str]) -> Done | Pending | Wrong | None:
        """Ask for a job once, over as many hops as that takes; `None` when nobody answered."""
        request = self._wire.poll(handle)
        for _ in range(3):
            try:
                response = await self._exchange(request)
            except NoAnswer:
                return None
            answer = self._wire.polled(response, handle)
            if not isinstance(answer, Request):
                return answer
            request = answer
        return None

    def _saw(self, seen_s: float, age_s: float) -> None:
        self._desk.latencies.saw(self._model.name, Wait(min(seen_s, age_s * 0.999), age_s))

    # what a job made

    async def _fetched(self, done: Done, handle: Mapping[str, str]) -> None:
        """Bring in everything that a job made, and see that it is what it must be."""
        missing = [name for name in self._workspace.outputs if name not in done.artifacts]
        if missing:
            self._step("failed", message=f"no {missing[0]} came", usd=_text(self._usd))
            self._desk.purse.settle(self._key, self._usd)
            raise AttemptFailed(f"{self._provider.title} ended the job without its {missing[0]}")
        for name, path in self._workspace.outputs.items():
            done = await self._brought(name, path, done, handle)
        self._same_as_locked()
        self._desk.purse.settle(self._key, self._usd)
        self._desk.paid[self._key] = self._usd
        self._tell("done", usd=self._usd)

    async def _brought(self, name: str, path: Path, done: Done, handle: Mapping[str, str]) -> Done:
        """Bring one file in; fetching again is free, so a bad download is tried again, and a stale link renewed."""
        why: Exception | None = None
        for number in range(TRIES):
            artifact = done.artifacts[name]
            try:
                await self._download(artifact, path)
                await self._desk.vet(path, artifact.media_type)
                return done
            except (FetchFailed, BadMedia) as error:
                why = error
            if artifact.url is None or (isinstance(why, BadMedia) and not why.again):
                self._step("failed", message=self._desk.masked(str(why)), usd=_text(self._usd))
                self._desk.purse.settle(self._key, self._usd)
                raise AttemptFailed(f"what {self._provider.title} sent is no {name}", {"because": str(why)}) from why
            await asyncio.sleep(0.5 * 2.0**number)
            await self._pace.may_poll()
            again = await self._asked(handle)
            done = again if isinstance(again, Done) and name in again.artifacts else done
        raise ActionFailed(
            f"the {name} that {self._provider.title} made can't be fetched",
            {"because": self._desk.masked(str(why)), "job": f"{self._provider.name}/{handle['id']}"},
            "the job is kept: build again to fetch it, without paying again",
        ) from why

    async def _download(self, artifact: Artifact, path: Path) -> None:
        path.unlink(missing_ok=True)
        if artifact.data is not None:
            path.write_bytes(artifact.data)
            return
        assert artifact.url is not None
        headers = self._signed({}) if artifact.is_signed else None
        await self._desk.transport.fetch(artifact.url, path, MOST_BYTES, FETCH_S, headers)

    def _parcel(self) -> Done:
        """Give what came with the answer to the submit, as it was kept."""
        steps = [step for step in self._desk.log.steps(self._key) if step.get("parcels")]
        artifacts = {}
        for name, media_type in (dict(steps[-1]["parcels"]) if steps else {}).items():
            path = self._desk.log.kept(self._key, name)
            if path is not None:
                artifacts[name] = Artifact(media_type, data=path.read_bytes())
        if not artifacts:
            raise self._lost("it came with the answer alone, and is no longer here")
        usd = steps[-1].get("usd")
        self._usd = Fraction(usd) if usd is not None else self._usd
        return Done(artifacts, None)

    def _same_as_locked(self) -> None:
        """What is fetched again for the lock must be what the lock names."""
        bought = self._desk.locked(self._key)
        for name, path in self._workspace.outputs.items():
            if bought is not None and name in bought.outputs:
                found = digest_bytes(path.read_bytes())
                if found != bought.outputs[name].digest:
                    raise self._lost("the vendor gives other bytes now than the lock names")

    # words

    def _facts(self, done: Done, handle: Mapping[str, str]) -> Mapping[str, Any]:
        bought = self._desk.locked(self._key)
        today = datetime.datetime.fromtimestamp(self._desk.now(), datetime.UTC).date().isoformat()
        return {
            "model": self._hire.model,
            "seed": self._action.params.get("seed") if self._model.accepts.seed else None,
            "job": f"{self._provider.name}/{handle['id']}",
            "usd": _text(self._usd),
            "on": bought.on if bought else today,
            **dict(done.facts),
        }

    async def _exchange(self, request: Request) -> Response:
        outcome = await self._desk.transport.exchange(request, self._signed if request.is_signed else None)
        if isinstance(outcome, Response):
            return outcome
        raise NoAnswer(outcome)

    def _signed(self, headers: Mapping[str, str]) -> Mapping[str, str]:
        return self._desk.sign(self._provider, headers, self._desk.now())

    def _step(self, step: str, **facts: Any) -> None:
        self._desk.log.append(self._key, step, **{key: value for key, value in facts.items() if value is not None})

    def _tell(self, state: str, progress: float | None = None, usd: Fraction | None = None) -> None:
        cost = None if usd is None else float(usd)
        self._desk.sink(JobMoved(self._key, self._conduct.label, self._hire.model, state, progress, cost))

    def _said(self, wrong: Wrong) -> str:
        return self._desk.masked(f"{wrong.message} ({wrong.code})" if wrong.code else wrong.message)

    def _refused(self, wrong: Wrong) -> Refused:
        self._step("refused", message=self._said(wrong))
        self._desk.purse.settle(self._key, Fraction(0))
        self._pace.refused()
        self._tell("refused")
        return Refused(
            f"{self._provider.title} refused it",
            {"said": self._said(wrong), "model": self._hire.model},
            "write it otherwise, or name another model behind this one; it is not sent again without `--retry-refused`",
        )

    def _ended(self, wrong: Wrong, seen_s: float) -> ActionFailed:
        """Put the end of a job that made nothing into words; vendors take no money for one that failed."""
        if wrong.cause is Cause.REFUSED:
            return self._refused(wrong)
        if wrong.cause in (Cause.KEY, Cause.CREDIT):
            return self._unusable(wrong)
        self._step("failed", message=self._said(wrong), cause=str(wrong.cause), usd=_text(wrong.usd))
        self._desk.latencies.saw(self._model.name, Wait(seen_s, math.inf))
        self._desk.purse.settle(self._key, wrong.usd or Fraction(0))
        self._pace.failed()
        self._tell("failed")
        how = {Cause.CANCELLED: "was cancelled", Cause.EXPIRED: "expired"}.get(wrong.cause, "failed")
        return AttemptFailed(
            f"the job at {self._provider.title} {how}", {"said": self._said(wrong), "model": self._hire.model}
        )

    def _unusable(self, wrong: Wrong) -> VendorFailed:
        """Put into words why a vendor can't be used, with what to do."""
        title, keys = self._provider.title, " and ".join(self._provider.keys)
        sentence, hint = {
            Cause.KEY: (f"{title} does not accept the key", f"see that {keys} holds a key that is valid"),
            Cause.CREDIT: (f"{title} has no credit left", "buy credit there, then build again: what is paid is kept"),
            Cause.RETIRED: (
                f"{title} no longer has the model `{self._hire.model}`",
                "name another model; `vidbuild models` lists them",
            ),
            Cause.SERVER: (f"{title} has trouble of its own", "build again later; nothing was bought"),
        }.get(wrong.cause, (f"{title} does not take the request", "see what it says; nothing was bought"))
        return VendorFailed(sentence, {"said": self._said(wrong), "model": self._hire.model}, hint)

    def _unclear(self, why: str, said: str = "") -> Unclear:
        usd = self._hire.list_usd
        facts = {"why": why, "attempt": self._key, "price": "unknown" if usd is None else f"${float(usd):.2f}"}
        facts |= {"said": said} if said else {}
        return Unclear(
            f"whether {self._provider.title} made this, and took the money, is not known",
            facts,
            f"look into your jobs at {self._provider.title}, then tell it with `vidbuild jobs resolve "
            f"{self._key[:12]}` and `--job ID`, `--lost` (it was never made) or `--buy-again`",
        )

    def _lost(self, why: str) -> Unclear:
        return Unclear(
            "something that was paid for is in no store any more",
            {"why": why, "attempt": self._key},
            f"find the store that holds it, or buy it again: `vidbuild jobs resolve {self._key[:12]} --buy-again`",
        )

    def _vanished(self, before: Standing) -> Unclear:
        if before.stage is Stage.STORED or not before.intent:
            return self._lost("the vendor has it no more")
        self._step("vanished")
        self._tell("lost")
        return self._unclear("the vendor no longer knows the job that it had accepted")

    def _still_out(self, age_s: float) -> ActionFailed:
        return ActionFailed(
            f"{self._provider.title} has not finished the job after {age_s / 60:.0f} min",
            {"job": f"{self._provider.name}", "attempt": self._key},
            "it is logged: build again to go on waiting, without paying again",
        )


def _text(usd: Fraction | None) -> str | None:
    """Write an amount for the log, exactly."""
    return None if usd is None else str(usd)
