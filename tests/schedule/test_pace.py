"""How fast a provider is worked: within its limits, urgent first, back from every 429, and no further when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pytest

from vidbuild.runners.vendor import pace as pacing
from vidbuild.runners.vendor.pace import Limits, Pace, Turn
from vidbuild.testing.clock import run_virtual
from vidbuild.words.errors import VendorFailed


def now() -> float:
    return asyncio.get_running_loop().time()


def paced(concurrent: int = 5, per_minute: float | None = None) -> Pace:
    return Pace("acme", Limits(concurrent, per_minute), random.Random(1))


@dataclass
class Strict:
    """A vendor that answers 429 to whoever comes too often, or while too many are out.

    Args:
        taken: when which job was taken; `turned_away`: when one wasn't.
    """

    concurrent: int = 1000
    opens_at: float = 0.0
    retry_after_s: float | None = None
    out: int = 0
    peak: int = 0
    taken: list[tuple[float, str]] = field(default_factory=list)
    turned_away: list[float] = field(default_factory=list)

    def submit(self, name: str) -> bool:
        if now() < self.opens_at or self.out >= self.concurrent:
            self.turned_away.append(now())
            return False
        self.out += 1
        self.peak = max(self.peak, self.out)
        self.taken.append((now(), name))
        return True


async def job(pace: Pace, vendor: Strict, name: str, priority: float = 0, for_s: float = 100, **how: Any) -> None:
    """Submit as often as it takes, and wait for the end."""
    async with pace.turn(priority, **how) as turn:
        await turn.may_submit()
        while True:
            await asyncio.sleep(0.05)
            if vendor.submit(name):
                break
            turn.busy(vendor.retry_after_s)
            await turn.may_submit()
        turn.accepted()
        await asyncio.sleep(for_s)
        vendor.out -= 1
        pace.made()


def all_of(jobs: Callable[[], Iterable[Coroutine[Any, Any, None]]]) -> float:
    """Run jobs at once on the virtual clock; give when the last one ended."""

    async def run() -> float:
        await asyncio.gather(*jobs())
        return now()

    return run_virtual(run())


def many(pace: Pace, vendor: Strict, count: int, for_s: float = 100) -> float:
    return all_of(lambda: [job(pace, vendor, str(number), for_s=for_s) for number in range(count)])


def test_no_more_jobs_are_out_than_the_provider_takes() -> None:
    """Its file says how many; five where it says nothing."""
    vendor = Strict()
    assert many(paced(3), vendor, 9) == pytest.approx(300, abs=1)
    assert vendor.peak == 3
    assert pacing.told({}) == Limits(5, None)
    assert pacing.told({"concurrent": 2, "per_minute": 30}) == Limits(2, 30.0)


def test_the_most_urgent_goes_first_even_when_it_comes_a_little_later() -> None:
    """Jobs of one build come forward one after the other: the first ones don't take every slot."""
    vendor, pace = Strict(), paced(2)

    async def late() -> None:
        await asyncio.sleep(0.05)
        await job(pace, vendor, "chain", 300)

    all_of(lambda: [*(job(pace, vendor, f"plain {number}", 100) for number in range(4)), late()])
    assert vendor.taken[0][1] == "chain"


def test_the_most_urgent_goes_first_when_the_gate_opens() -> None:
    """After a 429 who waits is let in by the longest remaining path, not by who was turned away first."""
    vendor, pace = Strict(opens_at=30, retry_after_s=40), paced(2)

    async def late() -> None:
        await asyncio.sleep(20)
        await job(pace, vendor, "urgent", 300)

    all_of(lambda: [*(job(pace, vendor, f"plain {number}", 100) for number in range(4)), late()])
    assert vendor.taken[0][1] == "urgent"


def test_retry_after_is_kept_by_all_jobs_of_the_provider() -> None:
    """Nobody submits before the vendor wants it; then it goes on as if nothing had been."""
    vendor, pace = Strict(opens_at=30, retry_after_s=45), paced(4)
    many(pace, vendor, 10)
    assert len(vendor.turned_away) == 4
    assert min(at for at, _ in vendor.taken) >= 45
    assert min(at for at, _ in vendor.taken) < 47


def test_a_vendor_that_asks_for_a_day_is_asked_again_sooner() -> None:
    """Its word counts, up to a quarter of an hour."""
    vendor, pace = Strict(opens_at=1, retry_after_s=86400), paced(1)
    assert many(pace, vendor, 1) < 1100


@pytest.mark.parametrize("retry_after_s", [None, 0, -1, float("nan")])
def test_without_a_word_the_back_off_grows(retry_after_s: float | None) -> None:
    """Each time in a row about twice as long, up to a minute, by chance up to half of it shorter."""
    vendor, pace = Strict(opens_at=400, retry_after_s=retry_after_s), paced(1)
    many(pace, vendor, 1)
    gaps = [later - sooner for sooner, later in pairwise(vendor.turned_away)]
    assert len(vendor.turned_away) < 20
    for number, gap in enumerate(gaps):
        whole_s = min(2**number, 60)
        assert whole_s / 2 <= gap <= whole_s + 0.1
    assert len({round(gap, 3) for gap in gaps[-4:]}) == 4


def test_a_storm_ends_and_is_forgotten() -> None:
    """Fifty jobs meet 429s for a minute: few requests are wasted, and afterwards as many are out as before."""
    vendor, pace = Strict(opens_at=60), paced(10)
    ended = many(pace, vendor, 50, for_s=30)
    assert len(vendor.turned_away) < 30
    assert vendor.peak == 10
    assert ended < 60 + 60 + 5 * 30 + 60


def test_how_many_a_vendor_takes_is_learned() -> None:
    """One that takes three of the ten that are allowed is soon left alone with a fourth."""
    vendor, pace = Strict(concurrent=3), paced(10)
    ended = many(pace, vendor, 30)
    assert vendor.peak == 3
    assert len(vendor.turned_away) < 7 + 20
    assert ended < 10 * 100 * 1.1


def test_at_least_one_job_is_out_whatever_happens() -> None:
    """Fewer than one would be none."""
    vendor, pace = Strict(opens_at=5000), paced(5)
    many(pace, vendor, 5)
    assert len(vendor.taken) == 5
    assert pace.concurrent >= 1


def test_requests_a_minute_are_kept() -> None:
    """By submits and polls together, but for a short burst."""
    vendor, pace, sent = Strict(), paced(100, per_minute=60), list[float]()

    async def polls() -> None:
        for _ in range(20):
            await pace.may_poll()
            sent.append(now())

    all_of(lambda: [*(job(pace, vendor, str(number)) for number in range(60)), polls(), polls(), polls()])
    sent += [at for at, _ in vendor.taken]
    assert max(at for at, _ in vendor.taken) < 65
    for start in range(0, 120, 10):
        assert sum(start <= at < start + 60 for at in sent) <= 60 + 7


def test_the_most_urgent_goes_first_where_requests_are_counted() -> None:
    """Who comes while others wait for their minute is not put behind them."""
    vendor, pace = Strict(), paced(100, per_minute=6)

    async def late() -> None:
        await asyncio.sleep(15)
        await job(pace, vendor, "urgent", 300)

    all_of(lambda: [*(job(pace, vendor, f"plain {number}", 100) for number in range(10)), late()])
    assert "urgent" in [name for _, name in vendor.taken[:3]]


def test_a_429_to_a_poll_slows_all_polls_and_is_forgotten_later() -> None:
    """A vendor that takes 30 polls a minute and does not say so is asked little more often than that."""

    async def run() -> tuple[list[float], int]:
        pace, seen, turned_away = paced(100), list[float](), 0

        async def polling() -> None:
            nonlocal turned_away
            while now() < 1200:
                await asyncio.sleep(10)
                await pace.may_poll()
                if sum(at > now() - 60 for at in seen) >= 30:
                    turned_away += 1
                    pace.busy_poll()
                else:
                    seen.append(now())
                    pace.fine()

        await asyncio.gather(*(polling() for _ in range(20)))
        return seen, turned_away

    seen, turned_away = run_virtual(run())
    assert len(seen) > 0.7 * 30 * 20
    assert turned_away < 0.25 * len(seen)


def test_one_429_at_a_build_s_beginning_is_no_crawl() -> None:
    """A minute is not waited for to know how fast requests came."""

    async def run() -> float:
        pace = paced()
        for _ in range(3):
            await pace.may_poll()
        pace.busy_poll(1)
        for _ in range(10):
            await pace.may_poll()
            pace.fine()
        return now()

    assert run_virtual(run()) < 30


def test_after_a_429_to_a_poll_nobody_polls_or_submits_for_a_while() -> None:
    """The back-off is shared."""

    async def run() -> tuple[float, float]:
        pace, vendor = paced(), Strict()
        pace.busy_poll(20)
        submitted = asyncio.create_task(job(pace, vendor, "one", for_s=0))
        await pace.may_poll()
        polled = now()
        await submitted
        return polled, vendor.taken[0][0]

    polled, submitted = run_virtual(run())
    assert 20 <= polled < 21
    assert 20 <= submitted < 21


def test_a_429_is_no_failure() -> None:
    """However many there are, buying goes on."""
    vendor, pace = Strict(opens_at=3000), paced(5)
    many(pace, vendor, 5)
    assert len(vendor.turned_away) > 20
    assert len(vendor.taken) == 5


async def _ended(pace: Pace, tell: Callable[[], None], priority: float = 0) -> None:
    async with pace.turn(priority) as turn:
        await turn.may_submit()
        turn.accepted()
        await asyncio.sleep(10)
        tell()


@pytest.mark.parametrize(
    ("how", "said"), [("failed", "5 jobs in a row failed at acme"), ("refused", "acme refused 5 jobs in a row")]
)
def test_after_five_in_a_row_nothing_more_is_bought(how: str, said: str) -> None:
    """Who waits is told so, and who comes later; it is a sentence, not a hang."""

    async def run() -> list[BaseException | None]:
        pace = paced(1)
        tell = getattr(pace, how)
        found = await asyncio.gather(*(_ended(pace, tell) for _ in range(8)), return_exceptions=True)
        with pytest.raises(VendorFailed, match="in a row"):
            await _ended(pace, tell)
        return found

    found = run_virtual(run())
    assert [type(error) for error in found] == [type(None)] * 5 + [VendorFailed] * 3
    assert said in str(found[-1])


def test_a_job_that_ends_well_forgives_what_went_wrong_before() -> None:
    """Only a row without a good one counts."""

    async def run() -> None:
        pace = paced(1)
        for number in range(30):
            await _ended(pace, pace.made if number % 5 == 4 else pace.failed)

    run_virtual(run())


def test_a_stop_reaches_those_who_were_turned_away() -> None:
    """A job that waits for the gate ends with the sentence too, and at once."""

    async def run() -> float:
        pace = paced(1)
        vendor = Strict(opens_at=10_000, retry_after_s=900)
        waits = asyncio.create_task(job(pace, vendor, "waits"))
        await asyncio.sleep(1)
        for _ in range(5):
            pace.failed()
        with pytest.raises(VendorFailed):
            await waits
        return now()

    assert run_virtual(run()) < 2


def test_a_stop_holds_for_who_has_a_slot_already_and_has_bought_nothing() -> None:
    """A job that was looked for and never was is not submitted after the stop either."""

    async def run() -> int:
        pace = paced(2)
        async with pace.turn(0) as turn:
            turn.resume()
            for _ in range(5):
                pace.refused()
            with pytest.raises(VendorFailed):
                await turn.may_submit()
        return pace.running

    assert run_virtual(run()) == 0


def test_many_jobs_that_are_as_long_are_none_of_them_the_last() -> None:
    """Each has slack: the last of a crowd ends later than any of them is expected to."""

    async def slack_s(count: int) -> float:
        pace = paced(count)
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(count):
                turn = await stack.enter_async_context(pace.turn(100))
                turn.resume()
            return turn.slack_s

    assert [round(run_virtual(slack_s(count))) for count in (1, 4, 1000)] == [0, 50, 112]


def test_jobs_of_an_earlier_build_count_among_those_that_are_out() -> None:
    """They wait for no slot, and no more are bought beside them than the vendor takes; a stop is none of theirs."""

    async def run() -> tuple[float, list[float]]:
        pace, vendor = paced(2), Strict()

        async def resumed() -> float:
            async with pace.turn(0) as turn:
                turn.resume(age_s=30)
                began = now()
                await asyncio.sleep(50)
                return began

        began = [asyncio.create_task(resumed()) for _ in range(3)]
        await asyncio.sleep(0)
        assert pace.running == 3
        await job(pace, vendor, "new")
        return vendor.taken[0][0], await asyncio.gather(*began)

    submitted, began = run_virtual(run())
    assert began == [0, 0, 0]
    assert 50 <= submitted < 51


def test_the_slot_of_a_job_that_others_wait_for_is_kept_for_what_follows() -> None:
    """A chain's next shot comes forward a few seconds later, and needn't wait for the next slot."""
    vendor, pace = Strict(), paced(2)

    async def chain() -> None:
        await job(pace, vendor, "first", 200, is_awaited=True, expected_s=100)
        await asyncio.sleep(6)
        await job(pace, vendor, "second", 101)

    all_of(lambda: [chain(), *(job(pace, vendor, str(number), 100, 150) for number in range(4))])
    assert {name: at for at, name in vendor.taken}["second"] < 110


def test_a_kept_slot_goes_to_who_waits_when_nobody_follows() -> None:
    """After ten seconds; at once where who waits is more urgent than what may follow."""
    vendor, pace = Strict(), paced(1)
    all_of(lambda: [job(pace, vendor, "first", 200, is_awaited=True, expected_s=100), job(pace, vendor, "next", 90)])
    assert vendor.taken[1][0] == pytest.approx(110, abs=1)
    vendor, pace = Strict(), paced(1)
    all_of(lambda: [job(pace, vendor, "first", 200, is_awaited=True, expected_s=100), job(pace, vendor, "next", 150)])
    assert vendor.taken[1][0] == pytest.approx(100, abs=1)


def test_how_urgent_a_job_is_beside_the_others_is_known() -> None:
    """The longest remaining path has no slack; of jobs that are out, the time that they have been is gone."""

    async def run() -> tuple[float, float, float]:
        pace = paced(5)
        async with pace.turn(300) as long, pace.turn(100) as short:
            for turn in (long, short):
                await turn.may_submit()
                turn.accepted()
            first = long.slack_s, short.slack_s
            await asyncio.sleep(50)
            async with pace.turn(290):
                return (*first, long.slack_s)

    assert run_virtual(run()) == (0, pytest.approx(200, abs=0.2), pytest.approx(40, abs=0.2))


def test_a_cancelled_job_gives_its_slot_back() -> None:
    """Whether it was out, or waiting."""

    async def run() -> tuple[int, int]:
        pace, vendor = paced(1), Strict()
        tasks = [asyncio.create_task(job(pace, vendor, str(number))) for number in range(3)]
        await asyncio.sleep(5)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return pace.running, pace.queued

    assert run_virtual(run()) == (0, 0)


def test_a_turn_is_given_back_once() -> None:
    """A submit that met a 429 holds none, and its end gives none back."""

    async def run() -> int:
        pace = paced(2)
        async with pace.turn(0) as turn:
            assert isinstance(turn, Turn)
            await turn.may_submit()
            turn.busy(1)
        return pace.running

    assert run_virtual(run()) == 0
