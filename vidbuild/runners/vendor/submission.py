"""From nothing, or from what an earlier build left, to a job that is out: intent, submit, job id.

It never sends a submit whose predecessor's outcome is unknown: it looks it up where the vendor can, else the user
decides.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from vidbuild.plan import attempts
from vidbuild.runners.vendor import jobs, sentences, uploading
from vidbuild.runners.vendor.errand import ASKED_S, MADE_S, MOST_HOPS, Errand, NoAnswer, usd_text
from vidbuild.runners.vendor.pace import Turn
from vidbuild.stores.job_log import Stage, Standing
from vidbuild.wire.values import Accepted, Cause, Done, Job, Request, Response, Wrong
from vidbuild.words.amounts import usd_of
from vidbuild.words.errors import ActionFailed

INLINE = "inline"
"""The id of a job whose answer came with the submit."""
KEY_LIFE_S = 20 * 3600
"""An idempotency key is trusted for so long (vendors keep them a day)."""
SKEW_S = 300
"""What was sent later than now by more was written down by a clock that was wrong: its age is not known."""
GRACE_S = 3.5
"""A submit that is under way when the build is stopped may still be answered for so long."""
TRIES = 4
"""How often a lookup, or a submit that surely reached nobody, is tried."""
BUSY_S = 900.0
"""A vendor that takes nothing for so long, while nothing of ours runs there, is given up."""
_INVALID = frozenset({400, 422})
"""The same request is as invalid the second time as it was the first."""


@dataclass(frozen=True)
class Out:
    """A job that is out.

    Args:
        handle: what the vendor calls it by.
        since: when it was accepted, in seconds of Unix time; 0 where that isn't known.
        is_new: whether it was accepted just now.
    """

    handle: Mapping[str, str]
    since: float
    is_new: bool = False


class Submission:
    """An attempt's way to a job."""

    def __init__(self, errand: Errand, turn: Turn):
        self._errand = errand
        self._turn = turn
        self._busy_since: float | None = None
        self._held_before: Mapping[str, Any] = {}
        self._is_renewed = False

    async def out(self) -> Out:
        """Give the job that is out for the attempt, which is bought only where none is, or was."""
        errand, before = self._errand, self._errand.before
        if before.stage in (Stage.OUT, Stage.VANISHED, Stage.STORED) and before.handle:
            errand.usd = errand.usd if before.usd is None else usd_of(before.usd)
            return self._resumed(before.handle, before.since)
        if before.stage is Stage.INTENDED:
            return await self._cleared_up(before)
        if errand.promised is not None:
            id = errand.promised.job.partition("/")[2]
            if not id or id == INLINE:
                raise sentences.lost(errand, "the vendor it was bought from can't give it again")
            return self._resumed({"id": id}, 0.0)
        return await self._sent(errand.desk.nonce())

    def _resumed(self, handle: Mapping[str, str], since: float) -> Out:
        errand = self._errand
        self._turn.resume(max(0.0, errand.desk.now() - since) if since else 0.0)
        self._claim(handle)
        errand.tell("running")
        return Out(handle, since)

    async def _sent(self, nonce: str) -> Out:
        """Submit, as often as it is sure that nothing was made."""
        errand = self._errand
        reached_nobody = 0
        while True:
            job = self._job(nonce)
            enclosed, self._held_before = await self._brought(job)
            request = errand.wire.submit(replace(job, enclosed=enclosed))
            await self._turn.may_submit()
            self._reserve()
            self._intend(nonce, request, enclosed)
            try:
                response = await self._submitted(request, is_first=True)
            except NoAnswer as error:
                if not error.is_unmade:
                    return await self._cleared_up(errand.standing(), errand.desk.masked(str(error)))
                errand.step("unmade", message=errand.desk.masked(str(error)))
                reached_nobody += 1
                if reached_nobody >= TRIES:
                    raise sentences.unreachable(errand, str(error)) from error
                await asyncio.sleep(2.0**reached_nobody)
                continue
            found = await self._taken(response)
            if found is not None:
                return found
            if self._is_renewed:  # another request, which a vendor that knows the nonce would not read
                nonce, self._is_renewed = errand.desk.nonce(), False

    async def _brought(self, job: Job) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Bring a job's files there, once its price is known to be allowed."""
        if not self._errand.wire.enclosures(job):
            return {}, {}
        self._reserve()
        try:
            return await uploading.brought(self._errand, job)
        except ActionFailed:
            self._errand.desk.purse.release(self._errand.key)
            raise

    async def _submitted(self, request: Request, is_first: bool = False) -> Response:
        """Send a submit; when the build is stopped meanwhile, the answer is still waited for, and noted.

        Args:
            is_first: whether what is answered says all about the intent, which no submit before it was sent for.
        """
        deadline_s = MADE_S if self._errand.wire.is_answered_at_once else ASKED_S
        sending = asyncio.create_task(self._errand.exchange(request, deadline_s))
        try:
            return await asyncio.shield(sending)
        except asyncio.CancelledError:
            await asyncio.wait({sending}, timeout=GRACE_S)
            if sending.done() and not sending.cancelled():
                self._note_late(sending, is_first)
            sending.cancel()
            raise

    def _note_late(self, sending: asyncio.Task[Response], is_first: bool) -> None:
        """Write down what came of a submit while the build was being stopped."""
        errand, error = self._errand, sending.exception()
        if error is not None:
            if isinstance(error, NoAnswer) and error.is_unmade and is_first:
                errand.step("unmade", message=errand.desk.masked(str(error)))
            return
        answer = errand.wire.submitted(sending.result())
        if self._noted(answer) is None and isinstance(answer, Wrong) and is_first:
            if answer.cause is Cause.REFUSED:
                sentences.refused(errand, answer)
            elif answer.has_ended:
                sentences.ended(errand, answer, 0.0)
            elif answer.cause is Cause.BUSY or answer.is_unmade:
                errand.step("unmade", message=errand.said(answer))

    async def _taken(self, response: Response) -> Out | None:
        """Read the answer to a submit; `None` when it may be sent again."""
        errand = self._errand
        answer = errand.wire.submitted(response)
        noted = self._noted(answer)
        if noted is not None:
            self._turn.accepted()
            return noted
        assert isinstance(answer, Wrong)
        if answer.cause is Cause.BUSY:
            errand.step("unmade", message=errand.said(answer))
            self._turn.busy(answer.retry_after_s)
            self._see_busy(answer)
            errand.tell("waiting")
            return None
        if answer.cause is Cause.REFUSED:
            raise sentences.refused(errand, answer)
        if self._is_without_file(answer):
            return None
        if answer.has_ended:
            raise sentences.ended(errand, answer, 0.0)
        if answer.is_unmade:
            errand.step("failed", message=errand.said(answer))
            errand.desk.purse.release(errand.key)
            raise sentences.unusable(errand, answer)
        return await self._cleared_up(errand.standing(), errand.said(answer), "its answer names no job")

    def _is_without_file(self, answer: Wrong) -> bool:
        """Say whether a file that a job named may be gone: it is brought there once more, before anything is given up.

        Vendors don't agree in how they say it, and an account may be another than yesterday's.
        """
        held, self._held_before = self._held_before, {}
        if not held or not answer.is_unmade or answer.cause not in (Cause.INVALID, Cause.RETIRED, Cause.GONE):
            return False
        self._errand.step("unmade", message=self._errand.said(answer))
        self._errand.forget(held)
        self._is_renewed = True
        return True

    def _see_busy(self, answer: Wrong, is_out: bool = False) -> None:
        """Give a vendor up that takes nothing, though nothing of ours runs there.

        Args:
            is_out: whether the job that is asked for may be there already.
        """
        now = asyncio.get_running_loop().time()
        if self._busy_since is None or self._errand.pace.running:
            self._busy_since = now
        if now - self._busy_since > BUSY_S:
            told = sentences.too_busy(self._errand, answer, is_out)
            raise sentences.out_of_reach(self._errand, told.sentence) if is_out else told

    def _noted(self, answer: Accepted | Done | Wrong) -> Out | None:
        """Write down what a submit came to: the job's id, or the very bytes. Nothing is awaited here."""
        errand, now = self._errand, self._errand.desk.now()
        if isinstance(answer, Wrong):
            return None
        errand.costs(answer)
        if isinstance(answer, Accepted):
            self._claim(answer.handle)
            errand.step("submitted", handle=dict(answer.handle), since=now, usd=usd_text(answer.usd))
            errand.tell("queued")
            return Out(answer.handle, now, is_new=True)
        for name, artifact in sorted(answer.artifacts.items(), key=lambda one: one[0] in errand.needed):
            errand.desk.log.keep(errand.key, name, artifact.data or b"")
        handle = {**answer.handle, "id": INLINE}
        kinds = {name: artifact.media_type for name, artifact in answer.artifacts.items()}
        errand.step("submitted", handle=handle, since=now, usd=usd_text(answer.usd), parcels=kinds)
        return Out(handle, now, is_new=True)

    def _job(self, nonce: str) -> Job:
        errand = self._errand
        return jobs.job(errand.attempt, errand.model, errand.route, errand.workspace.inputs, nonce)

    def _reserve(self) -> None:
        self._errand.desk.purse.reserve(self._errand.key, self._errand.conduct.label, self._errand.hire.reservation)

    def _intend(self, nonce: str, request: Request, enclosed: Mapping[str, Any]) -> None:
        """Write down what is about to be sent; what was kept of an earlier purchase is no answer to this one."""
        errand, now = self._errand, self._errand.desk.now()
        errand.desk.log.drop(errand.key, errand.workspace.outputs)
        errand.step(
            "intent",
            nonce=nonce,
            ask=attempts.ask_of(errand.attempt).key,
            action=errand.attempt.record(),
            at=datetime.datetime.fromtimestamp(now, datetime.UTC).isoformat(timespec="seconds"),
            unix=now,
            project=errand.desk.project,
            label=errand.conduct.label,
            model=errand.hire.model,
            provider=errand.provider.name,
            seed=errand.attempt.params.get("seed"),
            reserved_usd=usd_text(errand.hire.reservation),
            list_usd=usd_text(errand.hire.list_usd),
            body=hashlib.sha256(request.body).hexdigest(),
            enclosed=dict(enclosed) or None,
        )
        errand.tell("sent")

    def _claim(self, handle: Mapping[str, str]) -> None:
        """See that no other attempt holds this job, in this build or by what earlier ones wrote down."""
        errand, id = self._errand, handle["id"]
        if id == INLINE:
            return
        held = errand.desk.holder(errand.provider.name, id) or errand.key
        if errand.desk.out.setdefault((errand.provider.name, id), held) != errand.key:
            raise sentences.unclear(errand, f"the vendor gave two requests the same job, `{id}`")

    # a submit whose answer is not known

    async def _cleared_up(self, before: Standing, said: str = "", lack: str = "its answer was lost") -> Out:
        """Find out what became of a submit: by its idempotency key, or by asking for it, or not at all."""
        errand, intent = self._errand, before.intent
        if all(errand.desk.log.kept(errand.key, name) for name in errand.needed):
            return self._answered_in_full()
        nonce, sent_at = str(intent.get("nonce", "")), float(intent.get("unix", 0))
        if errand.wire.has_idempotency and -SKEW_S < errand.desk.now() - sent_at < KEY_LIFE_S:
            return await self._sent_again(intent, nonce)
        if errand.wire.find(nonce, sent_at) is not None:
            return await self._looked_up(nonce, sent_at)
        raise sentences.unclear(errand, f"{lack}, and the vendor keeps no list to look it up in", said)

    def _answered_in_full(self) -> Out:
        """Go on from an answer whose bytes were kept, and no more."""
        self._turn.resume()
        errand, handle, now = self._errand, {"id": INLINE}, self._errand.desk.now()
        outputs = errand.attempt.outputs.items()
        kinds = {name: media_type for name, media_type in outputs if errand.desk.log.kept(errand.key, name)}
        errand.step("submitted", handle=handle, since=now, parcels=kinds)
        return Out(handle, now)

    async def _sent_again(self, intent: Mapping[str, Any], nonce: str) -> Out:
        """Send the same key and the same body again: the vendor gives the job that it made.

        A request that names files is no longer as valid as it was, once they are gone: a no then tells nothing.
        """
        errand = self._errand
        job = replace(self._job(nonce), enclosed=intent.get("enclosed") or {})
        if errand.wire.enclosures(job):
            raise sentences.unclear(errand, "its answer was lost, and it names a file that nobody wrote down")
        request = errand.wire.submit(job)
        if hashlib.sha256(request.body).hexdigest() != intent.get("body"):
            raise sentences.unclear(errand, "its answer was lost, and it would be written otherwise now")
        said, tried = "", 0
        while tried < TRIES:
            await self._turn.may_submit()
            self._reserve()
            with contextlib.suppress(NoAnswer):
                response = await self._submitted(request)
                answer = errand.wire.submitted(response)
                if isinstance(answer, Wrong) and answer.cause is Cause.BUSY:
                    self._turn.busy(answer.retry_after_s)
                    self._see_busy(answer, is_out=True)
                    continue
                is_said = response.status in _INVALID and not job.enclosed
                if not isinstance(answer, Wrong) or answer.cause is Cause.REFUSED or is_said:
                    found = await self._taken(response)
                    if found is not None:
                        return found
                else:
                    said = errand.said(answer)
                    self._see_wrong(answer)
            await asyncio.sleep(2.0**tried)
            tried += 1
        raise sentences.unclear(errand, "its answer was lost, and the vendor does not tell", said)

    async def _looked_up(self, nonce: str, sent_at: float) -> Out:
        """Look for the job by our own tag; where the vendor's list is sure to hold it, its absence is proof."""
        errand = self._errand
        self._turn.resume()
        for number in range(TRIES):
            request = errand.wire.find(nonce, sent_at)
            assert request is not None
            await errand.pace.may_poll()
            with contextlib.suppress(NoAnswer):
                found = errand.wire.found(await errand.exchange(request), nonce)
                for _ in range(MOST_HOPS):
                    if isinstance(found, Request):
                        found = errand.wire.found(await errand.exchange(found), nonce)
                if isinstance(found, Accepted):
                    noted = self._noted(found)
                    assert noted is not None
                    return noted
                if isinstance(found, Wrong):
                    self._see_wrong(found)
                elif number >= 1 and errand.wire.is_list_complete:
                    errand.step("unmade", message="not in the vendor's list")
                    return await self._sent(nonce)
            await asyncio.sleep(errand.wire.list_lag_s if number < 2 else 2.0**number)
        raise sentences.unclear(errand, "its answer was lost, and the vendor's list does not tell")

    def _see_wrong(self, wrong: Wrong) -> None:
        """Go on after a passing trouble; without a key that holds there is no use in it.

        What is said of this request says nothing of the one whose answer was lost, which stays open.
        """
        errand = self._errand
        if wrong.cause is Cause.BUSY:
            errand.pace.busy_poll(wrong.retry_after_s)
        elif wrong.cause in (Cause.KEY, Cause.CREDIT):
            told = sentences.unusable(errand, wrong)
            raise sentences.out_of_reach(errand, told.sentence, told.hint or "")
