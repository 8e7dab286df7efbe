"""When a job is asked for again: within bounds, closer where it matters, better with every wait that was seen."""

from __future__ import annotations

import json
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbuild.runners.vendor.cadence import (
    KEPT,
    UNKNOWN,
    Cadence,
    Latencies,
    Latency,
    Wait,
    learned,
    recalled,
    told,
    usual_s,
)

KNOWN = Latency(math.log(100), 0.33, 50)
CADENCE = Cadence()
ages = st.floats(0, 1e5)
latencies = st.builds(Latency, st.floats(-3, 8), st.floats(0.05, 2))
waits = st.builds(
    lambda after, more: Wait(after, after + more), st.floats(0, 1e4), st.floats(0.01, 1e4) | st.just(math.inf)
)


@given(latencies, ages, st.floats(1e-3, 100))
def test_an_interval_keeps_within_its_bounds(latency: Latency, age_s: float, alpha: float) -> None:
    """Never closer than half a second; never wider than 15 s once jobs may have ended."""
    wait_s = CADENCE.wait_s(latency, age_s, alpha)
    assert wait_s >= 0.5
    if age_s >= latency.first_s:
        assert wait_s <= 15


@given(ages, st.floats(1e-3, 10), st.floats(1, 10))
def test_what_is_worth_more_delay_is_asked_less_often(age_s: float, alpha: float, more: float) -> None:
    """The interval grows with alpha."""
    assert CADENCE.wait_s(KNOWN, age_s, alpha) <= CADENCE.wait_s(KNOWN, age_s, alpha * more) + 1e-9


@given(latencies, ages, st.floats(0.01, 60), st.floats(0, 60))
def test_the_vendors_hint_and_minimum_are_kept(latency: Latency, age_s: float, least_s: float, hint_s: float) -> None:
    """A vendor that wants to be left alone is."""
    assert CADENCE.wait_s(latency, age_s, 0.1, least_s, hint_s) >= max(least_s, hint_s)


def test_a_hint_does_not_put_a_job_off_for_ever() -> None:
    """A vendor's hour is five minutes."""
    assert CADENCE.wait_s(KNOWN, 100, 0.1, hint_s=3600) == 300


@pytest.mark.parametrize("odd", [None, 0, -5, math.nan])
def test_a_hint_that_says_nothing_is_none(odd: float | None) -> None:
    """Whatever a vendor sends, the job is asked for again."""
    assert CADENCE.wait_s(KNOWN, 100, 0.1, hint_s=odd) == CADENCE.wait_s(KNOWN, 100, 0.1)


def test_the_first_poll_comes_when_the_first_jobs_may_have_ended() -> None:
    """At the age that 4 in 100 stay under, not before."""
    first_s = CADENCE.wait_s(KNOWN, 0, 1)
    assert first_s == pytest.approx(100 * math.exp(-1.7507 * 0.33))
    assert CADENCE.wait_s(KNOWN, first_s - 10, 1) == pytest.approx(10)


def test_the_first_poll_can_be_brought_forward() -> None:
    """Where vendors are known to be quick (loopback ones), nothing waits for a catalog's word."""
    quick = Cadence(closest_s=0.01, widest_s=0.05, first_most_s=0.02)
    assert quick.wait_s(UNKNOWN, 0, 1) == 0.02
    assert quick.wait_s(UNKNOWN, 1, 1) <= 0.05


def test_the_usual_cadence_is_kept_where_it_is_asked_for() -> None:
    """8 s in a job's first minute, then 15 s, whatever is known."""
    usual = Cadence(is_learned=False)
    assert [usual.wait_s(KNOWN, age_s, 0.05) for age_s in (0, 59, 60, 500)] == [8, 8, 15, 15]
    assert [usual_s(age_s) for age_s in (0, 60)] == [8, 15]
    assert usual.wait_s(KNOWN, 0, 0.05, least_s=10) == 10


def test_a_user_may_name_the_interval() -> None:
    """The vendor's minimum and hint still count."""
    assert [Cadence(fixed_s=3).wait_s(KNOWN, 0, 0.1, least_s) for least_s in (0, 5)] == [3, 5]


def test_a_job_that_others_wait_for_is_asked_for_closest() -> None:
    """So is the one that is expected to end last; the more slack, the wider."""
    others = [CADENCE.alpha(KNOWN, False, slack_s) for slack_s in (0, 20, 60, 500, math.inf)]
    assert CADENCE.alpha(KNOWN, True) == others[0]
    assert others == sorted(others)
    assert others[-1] >= 10 * others[0]


def test_a_model_that_nothing_was_seen_of_is_asked_for_less_often() -> None:
    """Most polls would come too early."""
    assert CADENCE.alpha(UNKNOWN, True) > CADENCE.alpha(KNOWN, True)


def test_the_catalogs_word_is_where_learning_begins() -> None:
    """Median and 95 in 100; where it says nothing that can be, 90 s."""
    latency = told((60, 180))
    assert latency.quantile_s(0) == pytest.approx(60)
    assert latency.quantile_s(1.6448536) == pytest.approx(180)
    assert told(None) == told((90, 90)) == told((0, 5)) == told((math.nan, 1)) == UNKNOWN
    assert UNKNOWN.quantile_s(0) == pytest.approx(90)


@pytest.mark.parametrize("median_s", [4, 100, 600])
def test_what_was_seen_outweighs_what_was_assumed(median_s: float) -> None:
    """After forty waits the law is known, whatever was assumed before."""
    drawn = random.Random(1)
    seen = [median_s * math.exp(0.3 * drawn.gauss(0, 1)) for _ in range(40)]
    latency = learned(UNKNOWN, [Wait(0.97 * wait_s, wait_s) for wait_s in seen])
    assert latency.quantile_s(0) == pytest.approx(median_s, rel=0.2)
    assert latency.seen == 40


def test_a_model_that_is_quicker_than_assumed_is_found_out_though_only_first_polls_saw_it() -> None:
    """A job that was done when first asked for was quicker by nobody knows how much: the first poll moves forward."""
    latencies = Latencies()
    first_polls = []
    for _ in range(12):
        first_s = CADENCE.wait_s(latencies.of("quick"), 0, 1)
        first_polls.append(first_s)
        latencies.saw("quick", Wait(0, first_s))
    assert first_polls == sorted(first_polls, reverse=True)
    assert first_polls[-1] < first_polls[0] / 3


def test_a_job_that_nobody_saw_done_tells_that_it_takes_longer() -> None:
    """Failed and given up at an age: latencies of at least that are likelier."""
    assert learned(UNKNOWN, [Wait(300)] * 3).mu > UNKNOWN.mu
    assert learned(UNKNOWN, [Wait(1)] * 3).mu == pytest.approx(UNKNOWN.mu, abs=0.01)


@given(st.lists(waits, max_size=20))
def test_nothing_that_was_seen_breaks_what_is_known(seen: list[Wait]) -> None:
    """Intervals of any width, open ones too, give a law that can be worked with."""
    latency = learned(UNKNOWN, seen)
    assert math.isfinite(latency.mu)
    assert 0.05 <= latency.sigma < 20
    assert 0.5 <= CADENCE.wait_s(latency, latency.quantile_s(0), 0.1) <= 15


@given(latencies, ages)
def test_a_hazard_is_a_number(latency: Latency, age_s: float) -> None:
    """Far out in either tail too."""
    assert latency.hazard(age_s) >= 0
    assert math.isfinite(latency.hazard(age_s))


def test_a_job_that_is_long_overdue_is_asked_for_ever_less_often() -> None:
    """Whatever was known of the model was wrong: a quick one that hangs for minutes is not asked every second."""
    quick = told((1.5, 3.0))
    waits_s = [CADENCE.wait_s(quick, age_s, 0.07) for age_s in (2, 10, 60, 300, 3600)]
    assert waits_s == sorted(waits_s)
    assert waits_s[0] <= 1
    assert waits_s[-1] >= 10


def test_a_hazard_goes_on_smoothly_where_the_far_tail_begins() -> None:
    """No step between the exact form and the far one."""
    latency = Latency(0, 1)
    near, far = (latency.hazard(math.exp(z)) * math.exp(z) for z in (8 * 1.5 - 1e-9, 8 * 1.5 + 1e-9))
    assert near == pytest.approx(far, rel=1e-3)


def test_what_was_seen_goes_to_the_next_build_as_plain_json() -> None:
    """Waits by model, the last ones of each."""
    latencies = Latencies()
    for number in range(KEPT + 10):
        latencies.saw("kling-3", Wait(80 + number, 85 + number))
    latencies.saw("veo", Wait(30))
    record = json.loads(json.dumps(latencies.record(), allow_nan=False))
    assert record["waits"]["veo"] == [[30, None]]
    assert len(record["waits"]["kling-3"]) == KEPT
    assert recalled(record).of("kling-3") == latencies.of("kling-3")
    assert recalled(record).of("veo") == latencies.of("veo")


@pytest.mark.parametrize(
    "odd",
    [
        None, [], "x", {}, {"vidbuild_latency": 2, "waits": {"m": [[1, 2]]}}, {"vidbuild_latency": 1},
        {"vidbuild_latency": 1, "waits": [1]},
        {"vidbuild_latency": 1, "waits": {"m": 5, "n": [None, "ab", [1], [2, 1], [-1, 2], ["a", 1], [1, 10**400], {}]}},
        {"vidbuild_latency": 1, "waits": {"m": [[float("nan"), 2], [1, float("inf")], [True, None]]}},
    ],
)  # fmt: skip
def test_a_memory_that_can_not_be_read_is_empty(odd: object) -> None:
    """Losing it costs a few polls, never a build."""
    assert recalled(odd).of("m").mu == pytest.approx(UNKNOWN.mu, abs=0.02)


def test_models_are_known_apart() -> None:
    """What one model takes says nothing of another."""
    latencies = Latencies()
    latencies.saw("slow", Wait(500, 510))
    assert latencies.of("other", (20, 40)) == told((20, 40))
    assert latencies.of("slow", (20, 40)).mu > told((20, 40)).mu
