"""The buyer: asks answered by attempts. The first attempt that passes its checks answers; further ones follow a failed
one, then the next model. Every purchase goes into the lock as it arrives.

It knows asks, attempts, verdicts and the lock; how an attempt is brought in is the driver's.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any

from vidbuild.media import checks, measures
from vidbuild.media.checks import Fault
from vidbuild.plan import asks, attempts
from vidbuild.runners.base import Asking
from vidbuild.stores.cas import Cas
from vidbuild.stores.job_log import JobLog, standing
from vidbuild.stores.lockfile import LockFile
from vidbuild.words.action import ActionResult, BoundAction, Conduct, Hire, Judging
from vidbuild.words.digest import Digest
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed
from vidbuild.words.events import JobMoved, Sink
from vidbuild.words.locked import Bought, attempt_id, bought_of

SHOWN = {
    "footage": "video", "avatar": "video", "lipsync": "video", "picture": "picture", "music": "sound",
    "speech": "sound", "effect": "sound",
}  # fmt: skip
"""Which output of a generation is looked at or listened to, by kind."""


_Told = dict[Digest, tuple[str, ActionFailed]]
"""What went wrong with attempts, by key: the model's name, and the words for it."""
_Sent = tuple[BoundAction, Hire]
"""An attempt, and through whom it was sent."""
MOST_ATTEMPTS = 20
"""An attempt that only the lock knows is looked for among so many of its ask."""


@dataclass
class Buyer:
    """Answers the asks of a build.

    Args:
        ffmpeg: the encoder's identity, for measuring.
        paid: what the driver bought in this build, by attempt.
    """

    lock: LockFile
    log: JobLog
    cas: Cas
    ffmpeg: str
    paid: Mapping[Digest, Fraction | None]
    sink: Sink

    async def bought(self, ask: BoundAction, conduct: Conduct, asking: Asking) -> ActionResult:
        told: _Told = {}
        for take in range(conduct.takes):
            candidate = attempts.of_take(ask, take) if take else ask
            candidate = attempts.covering(self.lock.value, candidate) or self._sent_for(candidate) or candidate
            passed = await self._found(candidate, conduct, asking, told)
            passed = passed or await self._passed(candidate, conduct, asking, told)
            if passed is not None:
                return passed
        raise _nothing_passed(ask, tuple(told.values()))

    async def _found(self, ask: BoundAction, conduct: Conduct, asking: Asking, told: _Told) -> ActionResult | None:
        """Give the first that passes of what earlier builds bought for an ask, or left out at a vendor.

        Whoever made it: to go by the order of models, in which the first may be back, would pay for a second one.
        """
        answer = self._answer(ask)
        for attempt, hire in self._left(ask, conduct, answer):
            try:
                result = await asking.result(attempt, replace(conduct, hires=(hire,)))
            except (Refused, VendorFailed, AttemptFailed) as error:
                told[attempt.key] = hire.model, error
                continue
            self._enter(ask, attempt, conduct, result, asking)
            if answer is not None or not await self._faults(ask, attempt, conduct, result, asking):
                return self._circled(ask, attempt, result)
        return None

    def _left(self, ask: BoundAction, conduct: Conduct, answer: Bought | None) -> Sequence[_Sent]:
        """List the attempts of an ask that are known: the one that answers alone, whatever the checks say now; else
        those whose bytes are here, then those that are out."""
        if answer is not None:
            sent = self._as_sent(ask, conduct, answer)
            return [sent] if sent is not None else []
        asked = self.lock.value.asks.get(ask.key)
        locked = [one for one in asked.attempts if self._is_here(one)] if asked is not None else []
        kept = [sent for one in locked if (sent := self._as_sent(ask, conduct, one)) is not None]
        return list({sent[0].key: sent for sent in (*kept, *self._out.get(ask.key, ()))}.values())

    def _answer(self, ask: BoundAction) -> Bought | None:
        """Give the attempt that answers an ask by the lock, unless the user gave it up."""
        asked = self.lock.value.asks.get(ask.key)
        answer = asked.answer if asked is not None else None
        return answer if answer is not None and not standing(self.log.steps(answer.key)).is_given_up else None

    def _is_here(self, bought: Bought) -> bool:
        return all(self.cas.has(blob.digest) for blob in bought.outputs.values())

    def _as_sent(self, ask: BoundAction, conduct: Conduct, bought: Bought) -> _Sent | None:
        """Give an attempt of the lock as it was sent: by the job log, else as it must have been by its key."""
        logged = attempts.logged(standing(self.log.steps(bought.key)).intent)
        if logged is not None:
            return logged
        for hire in conduct.hires:
            for negative in checks.sharpenings(ask.params.get("negative", ())) if hire.model == bought.model else ():
                for number in range(MOST_ATTEMPTS):
                    attempt = attempts.attempt(ask, hire, number, negative)
                    if attempt.key == bought.key:
                        return attempt, hire
        return None

    def _sent_for(self, ask: BoundAction) -> BoundAction | None:
        """Give the ask of a job that is out and will do: the same, or for a longer take; the shortest of those."""
        asked = (attempts.ask_of(out[0][0]) for out in self._out.values())
        return min((one for one in asked if attempts.covers(one, ask)), key=attempts.seconds_of, default=None)

    @cached_property
    def _out(self) -> Mapping[Digest, Sequence[_Sent]]:
        """The attempts that earlier builds left out at their vendors, by the key of their ask."""
        found: dict[Digest, list[_Sent]] = {}
        for key in self.log.open_attempts():
            sent = attempts.logged(standing(self.log.steps(key)).intent)
            if sent is not None:
                found.setdefault(attempts.ask_of(sent[0]).key, []).append(sent)
        return found

    async def _passed(self, ask: BoundAction, conduct: Conduct, asking: Asking, told: _Told) -> ActionResult | None:
        """Give the first attempt that passes, in the order of models; what went wrong with the others is told."""
        if (answer := self._answer(ask)) is not None:
            raise _gone(answer, "the store that it was bought with is not here")
        number = 0
        for hire in conduct.hires:
            negative: tuple[str, ...] = tuple(ask.params.get("negative", ()))
            for _ in range(1 + conduct.reshoots):
                attempt = attempts.attempt(ask, hire, number, negative)
                number += 1
                try:
                    result = await asking.result(attempt, replace(conduct, hires=(hire,)))
                except (Refused, VendorFailed) as error:
                    told[attempt.key] = hire.model, error
                    break
                except AttemptFailed as error:
                    told[attempt.key] = hire.model, error
                    continue
                self._enter(ask, attempt, conduct, result, asking)
                faults = await self._faults(ask, attempt, conduct, result, asking)
                if not faults:
                    return self._circled(ask, attempt, result)
                failed = _failed(faults)
                told[attempt.key] = hire.model, failed
                self.sink(JobMoved(attempt.key, conduct.label, hire.model, "reshoot", why=failed.sentence))
                negative = checks.sharpened(negative, faults)
        return None

    def kept(self, ask: BoundAction, conduct: Conduct, result: ActionResult) -> None:
        known = self.lock.value.asks.get(ask.key)
        if known is not None and known.answer is not None:
            return
        bought = _bought(result.facts.get("attempt"), result)
        if bought is not None:
            self._write(ask, conduct.label, bought)
            self.lock.circle(ask.key, bought.key)

    async def again(self, digest: Digest, asking: Asking) -> bool:
        bought = self.lock.value.made_by.get(digest)
        if bought is None:
            return False
        before = standing(self.log.steps(bought.key))
        sent = attempts.logged(before.intent)
        if sent is None or before.is_given_up:
            raise _gone(bought, "the store that it was bought with is not here")
        attempt, hire = sent
        await asking.result(attempt, Conduct((hire,), label=str(before.intent.get("label", ""))))
        return True

    def resuming(self) -> Resuming:
        """Give a buyer of attempts themselves, which judges nothing."""
        return Resuming(self)

    def _enter(
        self, ask: BoundAction, attempt: BoundAction, conduct: Conduct, result: ActionResult, asking: Asking
    ) -> None:
        """Write a purchase down: in the lock, and as stored in the job log."""
        self._write(ask, conduct.label, _entry(attempt, result))
        self._stored(attempt, result)
        usd = self.paid.get(attempt.key)
        if usd is not None:
            asking.spent(float(usd))

    def _stored(self, attempt: BoundAction, result: ActionResult) -> None:
        """Close a purchase in the job log: its bytes are in the store, and it is in the lock."""
        steps = self.log.steps(attempt.key)
        if steps and steps[-1].get("step") != "stored":
            outputs = {name: blob.digest for name, blob in result.outputs.items()}
            self.log.append(attempt.key, "stored", outputs=outputs, usd=result.facts.get("usd"))
        self.log.drop(attempt.key, result.outputs)

    def _write(self, ask: BoundAction, label: str, bought: Bought) -> None:
        seconds = Fraction(ask.params["seconds"]) if "seconds" in ask.params else None
        self.lock.bought(label, ask.key, attempts.unsized(ask), seconds, ask.params.get("take", 0), bought)

    def _circled(self, ask: BoundAction, attempt: BoundAction, result: ActionResult) -> ActionResult:
        self.lock.circle(ask.key, attempt.key)
        facts = {name: value for name, value in result.facts.items() if name != "seconds"}
        return ActionResult(result.outputs, {**facts, "attempt": {**facts, "key": attempt.key}})

    async def _faults(
        self, ask: BoundAction, attempt: BoundAction, conduct: Conduct, result: ActionResult, asking: Asking
    ) -> Sequence[Fault]:
        """Measure and judge a take."""
        kind = ask.params["kind"]
        shown = result.outputs[SHOWN[kind]].digest
        measure = measures.measure_action(shown, kind, self.ffmpeg)
        measured = await self._read(await asking.result(measure, Conduct()), "facts")
        faults = checks.verdict(measured, conduct.checks)
        if faults or conduct.judge is None or kind != "footage":
            return faults
        return await self._judged(attempt_id(attempt.key), shown, conduct, conduct.judge, asking)

    async def _judged(
        self, take: str, shown: Digest, conduct: Conduct, judging: Judging, asking: Asking
    ) -> Sequence[Fault]:
        """Ask a vision model about frames of a take; where it answers oddly once again, then the next one."""
        frames = await asking.result(measures.frames_action(shown, self.ffmpeg), Conduct())
        ask = asks.judgement(judging, {name: blob.digest for name, blob in frames.outputs.items()})
        told: list[tuple[str, ActionFailed]] = []
        for place, hire in enumerate(judging.hires):
            held = Conduct((hire,), label=conduct.label, is_awaited=conduct.is_awaited)
            for turn in range(attempts.JUDGE_TRIES):
                attempt = attempts.attempt(ask, hire, place * attempts.JUDGE_TRIES + turn, ())
                try:
                    result = await asking.result(attempt, held)
                    self._enter(ask, attempt, conduct, result, asking)
                    answers = await self._read(result, "answers")
                    faults = checks.judged(answers, judging.questions, judging.threshold)
                except (Refused, VendorFailed) as error:
                    told.append((hire.model, error))
                    break
                except AttemptFailed as error:
                    told.append((hire.model, error))
                    continue
                self.lock.circle(ask.key, attempt.key)
                return faults
        raise _unjudged(take, conduct.label, told)

    async def _read(self, result: ActionResult, name: str) -> Any:
        path = await asyncio.to_thread(self.cas.fetch, result.outputs[name].digest)
        if path is None:
            raise ActionFailed(f"the {name} of a take are damaged or gone", hint="build again")
        return json.loads(path.read_text())


class Resuming:
    """Brings in attempts that are out, and enters them; which of them answers their ask, the next build says."""

    def __init__(self, buyer: Buyer):
        self._buyer = buyer

    async def bought(self, ask: BoundAction, conduct: Conduct, asking: Asking) -> ActionResult:
        result = await asking.result(ask, conduct)
        self._buyer._enter(attempts.ask_of(ask), ask, conduct, result, asking)
        return result

    async def again(self, digest: Digest, asking: Asking) -> bool:
        return await self._buyer.again(digest, asking)

    def kept(self, ask: BoundAction, conduct: Conduct, result: ActionResult) -> None:
        self._buyer._write(attempts.ask_of(ask), conduct.label, _entry(ask, result))
        self._buyer._stored(ask, result)


def _entry(attempt: BoundAction, result: ActionResult) -> Bought:
    """Give a purchase as the lock holds it."""
    bought = bought_of(attempt.key, result.facts, result.outputs)
    if bought is None:
        sentence = f"what the store says of the take `{attempt_id(attempt.key)}` is damaged"
        hint = (
            f"remove the file `ac/{attempt.key[:2]}/{attempt.key}` of the store, and build again: it is bought already"
        )
        raise ActionFailed(sentence, hint=hint)
    return bought


def _bought(said: object, result: ActionResult) -> Bought | None:
    """Read a purchase from the facts of a remembered ask."""
    return bought_of(said.get("key"), said, result.outputs) if isinstance(said, Mapping) else None


def _gone(bought: Bought, why: str) -> Unclear:
    """Say that something paid can't be had, and not even be asked for."""
    facts = {"why": why, "take": bought.id, "job": bought.job}
    hint = (
        "find that store, show another take (`vidbuild takes` lists them), or give it up and buy another: "
        f"`vidbuild jobs resolve {bought.key[:12]} --buy-again`"
    )
    return Unclear("something that was paid for is in no store any more", facts, hint)


def _unjudged(take: str, label: str, told: Sequence[tuple[str, ActionFailed]]) -> ActionFailed:
    """Say that a take could not be judged. Nothing is known to be wrong with it, so no other is bought in its place."""
    facts = {f"asked {number}": f"{model}: {_line(error)}" for number, (model, error) in enumerate(told, 1)}
    hint = f"it is kept: `vidbuild pick {label.removeprefix('shot ')} {take}` shows it as it is; or ask it otherwise"
    return ActionFailed(f"the take `{take}` can't be judged", facts, hint)


def _line(error: ActionFailed) -> str:
    """Put what went wrong with one attempt into a line."""
    facts = ", ".join(f"{label}: {fact}" for label, fact in error.facts.items())
    return "; ".join(part for part in (f"{error.sentence} ({facts})" if facts else error.sentence, error.hint) if part)


def _failed(faults: Sequence[Fault]) -> ActionFailed:
    return ActionFailed("; ".join(fault.sentence for fault in faults))


def _nothing_passed(ask: BoundAction, told: Sequence[tuple[str, ActionFailed]]) -> ActionFailed:
    """Say why no attempt answers: one alone in its own words, several each in a line."""
    if len(told) == 1 and not isinstance(told[0][1], AttemptFailed) and told[0][1].hint:
        return told[0][1]
    facts = {f"attempt {number}": f"{model}: {_line(error)}" for number, (model, error) in enumerate(told, 1)}
    hint = "write it otherwise, raise `reshoots`, or name another model behind this one; what was bought is kept"
    if all(isinstance(error, Refused) for _, error in told):
        return Refused("every model refused it", facts, "write it otherwise, or send it again with `--retry-refused`")
    return ActionFailed(f"no take of this {ask.params['kind']} is good enough", facts, hint)
