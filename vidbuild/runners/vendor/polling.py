"""A job that is out is asked for until it is done, each time when that is likely to be worth it.

What an interval is worth, `cadence` says; how many may ask at once, `pace`.
"""

from __future__ import annotations

import asyncio

from vidbuild.runners.vendor import sentences
from vidbuild.runners.vendor.cadence import Latency, Wait
from vidbuild.runners.vendor.errand import Errand, usd_text
from vidbuild.runners.vendor.pace import Turn
from vidbuild.runners.vendor.submission import Out
from vidbuild.wire.values import Cause, Done, Pending, Wrong

YOUNG_S = 60.0
"""A job that isn't found at this age may not be listed yet."""
GONE = 3
"""So many polls in a row must say that a job is not there."""
TROUBLE_S = 900.0
"""After so long without a good answer to any poll the build goes on without the job; the job stays logged."""
LONGEST_S = 6 * 3600.0
MOST_BACK_OFF_S = 60.0


class Polling:
    """One job that is out."""

    def __init__(self, errand: Errand, turn: Turn, out: Out):
        self._errand = errand
        self._turn = turn
        self._out = out
        now = asyncio.get_running_loop().time()
        self._started = now - (max(0.0, errand.desk.now() - out.since) if out.since else 0.0)
        self._good_at = now
        self._seen_s = 0.0
        self._hint_s: float | None = None
        self._trouble = self._gone = 0
        self._said = ""

    async def done(self) -> Done:
        """Give what the job made.

        Raises:
            AttemptFailed, Refused: it made nothing.
            ActionFailed: it is still out, and can't be waited for any more.
            Unclear: the vendor no longer knows it.
        """
        errand = self._errand
        if self._out.is_new:
            await asyncio.sleep(self._wait_s())
        while True:
            await errand.pace.may_poll()
            answer = await errand.asked(self._out.handle)
            if isinstance(answer, Done):
                self._ended_well(answer)
                return answer
            if isinstance(answer, Pending):
                self._seen(answer)
            else:
                self._see_trouble(answer)
            if self._now() - self._good_at > TROUBLE_S or self._age_s() > LONGEST_S:
                raise sentences.still_out(errand, self._age_s(), self._said)
            await asyncio.sleep(self._wait_s())

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _age_s(self) -> float:
        return self._now() - self._started

    @property
    def _is_young(self) -> bool:
        """Whether the vendor may not list it yet; one that only the lock or the user knows was made long ago."""
        return bool(self._out.since) and self._age_s() <= YOUNG_S

    def _latency(self) -> Latency:
        return self._errand.desk.latencies.of(self._errand.model.name, self._errand.model.latency_s)

    def _wait_s(self) -> float:
        """Say when to ask again; an address that the user put in the vendor's place has no minimum of the vendor's."""
        errand, cadence, latency = self._errand, self._errand.desk.cadence, self._latency()
        is_moved = errand.desk.bases(errand.provider) != errand.provider.base
        least_s = 0.0 if is_moved and cadence.fixed_s is not None else errand.wire.least_poll_s
        alpha = cadence.alpha(latency, errand.conduct.is_awaited, self._turn.slack_s)
        wait_s = cadence.wait_s(latency, self._age_s(), alpha, least_s, self._hint_s)
        return max(wait_s, min(2.0**self._trouble, MOST_BACK_OFF_S)) if self._trouble else wait_s

    def _ended_well(self, answer: Done) -> None:
        errand, age_s = self._errand, self._age_s()
        if self._out.since:
            errand.desk.latencies.saw(errand.model.name, Wait(min(self._seen_s, age_s * 0.999), age_s))
        errand.costs(answer)
        errand.step("done", usd=usd_text(answer.usd))
        errand.pace.made()

    def _seen(self, answer: Pending) -> None:
        self._trouble = self._gone = 0
        self._said = ""
        self._good_at, self._seen_s, self._hint_s = self._now(), self._age_s(), answer.wait_s
        self._errand.pace.fine()
        self._errand.tell(answer.state, answer.progress)

    def _see_trouble(self, answer: Wrong | None) -> None:
        """Go on after what may pass; raise where the job has ended, or nobody can tell."""
        errand = self._errand
        self._said = errand.said(answer) if answer is not None else "nobody answers"
        if answer is not None and answer.has_ended:
            raise sentences.ended(errand, answer, self._seen_s)
        if answer is None or answer.cause in (Cause.SERVER, Cause.INVALID):
            self._trouble += 1
        elif answer.cause is Cause.BUSY:
            errand.pace.busy_poll(answer.retry_after_s)
        elif answer.cause is Cause.GONE:
            self._gone += 1
            if self._gone >= GONE and not self._is_young:
                raise sentences.vanished(errand)
        elif answer.cause in (Cause.KEY, Cause.CREDIT):
            told = sentences.unusable(errand, answer)
            raise sentences.out_of_reach(errand, told.sentence, told.hint or "")
        else:
            raise sentences.ended(errand, answer, self._seen_s)
