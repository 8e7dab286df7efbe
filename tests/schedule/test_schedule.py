"""The ten-shot, 60 s job at a vendor that takes its time: how much longer it takes than with perfect polling.

The goals are the issue's; the worlds, and what is compared, are in `worlds.py`. `tests/bench/schedule.py` prints the
table.
"""

from __future__ import annotations

from statistics import mean, pstdev

import pytest
from worlds import LIMIT, SHOTS, Ran, Vendor, World, learning, perfect, practised, ran, usual, world

from vidbuild.runners.vendor.cadence import Latencies, recalled
from vidbuild.testing.clock import run_virtual

WORLDS = [world(seed) for seed in range(250)]


@pytest.fixture(scope="module")
def at_best() -> list[Ran]:
    """Each world's build with every end known at once, the longest remaining path first."""
    return [perfect(one) for one in WORLDS]


def over(builds: list[Ran], at_best: list[Ran]) -> tuple[float, float]:
    """Give by which part builds take longer than the best on the mean, with two standard errors."""
    longer = [build.wall_s - best.wall_s for build, best in zip(builds, at_best, strict=True)]
    whole = mean(best.wall_s for best in at_best)
    return mean(longer) / whole, 2 * pstdev(longer) / len(longer) ** 0.5 / whole


def polls_per_attempt(builds: list[Ran]) -> float:
    return sum(build.polls for build in builds) / sum(build.attempts for build in builds)


def test_without_history_a_build_takes_at_most_4_in_100_longer_with_12_polls_an_attempt(at_best: list[Ran]) -> None:
    """All that is known of the latency is learned within the build."""
    builds = [ran(learning(Latencies()), one) for one in WORLDS]
    part, doubt = over(builds, at_best)
    assert part + doubt <= 0.04
    assert polls_per_attempt(builds) <= 12


def test_with_history_a_build_takes_at_most_2_in_100_longer(at_best: list[Ran]) -> None:
    """What four earlier builds saw is enough; it costs no more polls."""
    history = practised().record()
    builds = [ran(learning(recalled(history)), one) for one in WORLDS]
    part, doubt = over(builds, at_best)
    assert part + doubt <= 0.02
    assert polls_per_attempt(builds) <= 12


def test_the_usual_cadence_in_the_order_of_the_list_takes_a_third_longer(at_best: list[Ran]) -> None:
    """What is compared with is as bad as it was measured to be, and perfect polling as good."""
    builds = [ran(usual, one) for one in WORLDS]
    assert 0.28 <= over(builds, at_best)[0] <= 0.42
    assert 9 <= polls_per_attempt(builds) <= 13
    assert mean(best.wall_s for best in at_best) == pytest.approx(378, rel=0.05)


def test_no_build_ends_before_its_chain_could(at_best: list[Ran]) -> None:
    """Neither the best nor ours: the simulation cheats nobody."""
    for one, best in list(zip(WORLDS, at_best, strict=True))[:20]:
        chain = sum(until_done(one, shot) for shot in (7, 8, 9))
        assert min(best.wall_s, ran(learning(Latencies()), one).wall_s) >= chain - 1e-3


def until_done(world: World, shot: int) -> float:
    """Give the seconds of all attempts at a shot, up to the first that doesn't fail."""
    total = 0.0
    for seconds, fails in world.attempts[shot]:
        total += seconds
        if not fails:
            break
    return total


def test_the_same_world_goes_the_same_way_twice() -> None:
    """The virtual clock leaves nothing to chance."""
    assert ran(learning(Latencies()), WORLDS[0]) == ran(learning(Latencies()), WORLDS[0])


def test_a_vendor_that_takes_fewer_jobs_than_it_says_costs_little() -> None:
    """Three at once where five are allowed: the limit is learned, every shot is made, few submits are turned away."""
    for one in WORLDS[:20]:
        vendor = Vendor(one, limit=LIMIT - 2)
        run_virtual(learning(Latencies())(vendor))
        assert set(vendor.made) == set(SHOTS)
        assert vendor.turned_away <= 12
