"""The job of `worlds`, built by vidbuild itself: what is true of the simulation is true of the plan, engine and driver.

A few worlds here; `make schedule` meets many.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from test_schedule import over, polls_per_attempt
from whole_builds import Planned, building, light_folder, planned, practised
from worlds import CHAIN, SHOTS, Ran, World, perfect, ran, usual, world

from vidbuild.paths import remaining_paths
from vidbuild.runners.vendor.cadence import Latencies, recalled
from vidbuild.words.events import Event, JobMoved

WORLDS = [world(seed) for seed in range(12)]
_TURNS = ["waiting", "sent", "queued", "running"]


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Planned:
    """The job, planned once."""
    return planned(tmp_path_factory.mktemp("project"))


@pytest.fixture
def stores() -> Iterator[Path]:
    """Where the stores of builds stand."""
    with light_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def at_best() -> list[Ran]:
    return [perfect(one) for one in WORLDS]


@pytest.mark.slow
def test_without_history_it_takes_at_most_4_in_100_longer_with_12_polls_an_attempt(
    plan: Planned, at_best: list[Ran], stores: Path
) -> None:
    """The catalog knows nothing of the model; every attempt is bought once."""
    builds = [ran(building(plan, stores / str(number), Latencies()), one) for number, one in enumerate(WORLDS)]
    assert over(builds, at_best)[0] <= 0.04
    assert polls_per_attempt(builds) <= 12
    assert [build.attempts for build in builds] == [best.attempts for best in at_best]


@pytest.mark.slow
def test_with_history_it_takes_at_most_2_in_100_longer(plan: Planned, at_best: list[Ran], stores: Path) -> None:
    """Four builds before, whose latencies were written down and read again."""
    history = practised(plan, stores).record()
    builds = [ran(building(plan, stores / str(number), recalled(history)), one) for number, one in enumerate(WORLDS)]
    assert over(builds, at_best)[0] <= 0.02
    assert polls_per_attempt(builds) <= 13


def test_the_usual_cadence_in_the_order_of_the_list_takes_far_longer(at_best: list[Ran]) -> None:
    """In the same worlds; so they are no easy ones."""
    assert over([ran(usual, one) for one in WORLDS], at_best)[0] >= 0.25


def test_a_paid_step_is_expected_to_take_what_its_model_usually_takes(plan: Planned) -> None:
    """So the shots of a chain are more urgent the more shots follow; what is made here weighs little."""
    nodes = {_number(node.conduct.label): node for node in plan.graph.nodes.values() if node.conduct.is_paid}
    usual_s = plan.catalog.models["plain-keyed-video"].latency_s[0]
    assert {node.conduct.expected for node in nodes.values()} == {usual_s}
    paths = remaining_paths(plan.graph)
    urgency = {shot: round(paths[node.action.id] / usual_s) for shot, node in nodes.items()}
    assert urgency == {**dict.fromkeys(SHOTS, 1), 7: 3, 8: 2}


def test_what_another_paid_step_waits_for_is_said_to_be_awaited(plan: Planned) -> None:
    """Over the picture between them; who ends a chain is awaited by nobody who costs anything."""
    awaited = {_number(node.conduct.label) for node in plan.graph.nodes.values() if node.conduct.is_awaited}
    assert awaited == set(CHAIN.values())


def test_the_chain_goes_first_and_keeps_its_slot_from_shot_to_shot(plan: Planned, stores: Path) -> None:
    """Though it is listed last: while four long jobs are out, the fifth slot is the chain's; its end may wait."""
    assert _sent(plan, stores, _with_a_short_chain())[:6] == [7, 0, 1, 2, 3, 8]


def test_a_take_that_fails_its_check_is_shot_again_before_all_who_wait(plan: Planned, stores: Path) -> None:
    """It was measured meanwhile, and its slot was kept."""
    assert _sent(plan, stores, _with_a_short_chain(fails=7))[:7] == [7, 0, 1, 2, 3, 7, 8]


def test_a_job_that_fails_is_sent_again_before_all_who_wait(plan: Planned, stores: Path) -> None:
    """So it is where the vendor says that it made nothing."""
    assert _sent(plan, stores, _with_a_short_chain(fails=8))[:7] == [7, 0, 1, 2, 3, 8, 8]


def test_a_job_tells_how_it_moves_and_why_it_is_no_good(plan: Planned, stores: Path) -> None:
    """In one line each: what it waits for, where it is, what it came to; every job that is told of has an end."""
    told: list[JobMoved] = []

    def sink(event: Event) -> None:
        if isinstance(event, JobMoved):
            told.append(event)

    ran(building(plan, stores, Latencies(), told=sink), _with_a_short_chain(fails=8))
    of_8 = [moved for moved in told if _number(moved.label) == 8]
    turns = [state for state, _ in itertools.groupby(moved.state for moved in of_8)]
    assert turns == [*_TURNS, "failed", *_TURNS, "done"]
    assert [moved.why for moved in of_8 if moved.state == "failed"] == ["it went wrong (failed)"]
    ends = {moved.attempt: moved.state for moved in told}
    assert set(ends.values()) == {"done", "failed"}


def _with_a_short_chain(fails: int | None = None) -> World:
    """Give a world in which other shots take far longer than the chain's, and the first attempt at one fails."""
    usual_s = {shot: 60.0 if shot in CHAIN or shot in CHAIN.values() else 400.0 + shot for shot in SHOTS}
    return World({shot: [(usual_s[shot], shot == fails), (usual_s[shot], False)] for shot in SHOTS})


def _sent(plan: Planned, folder: Path, world: World) -> list[int]:
    """Build, and list the shots in the order in which their jobs were taken by the vendor."""
    sent: list[int] = []

    def told(event: Event) -> None:
        if isinstance(event, JobMoved) and event.state == "queued":
            sent.append(_number(event.label))

    ran(building(plan, folder, Latencies(), told=told), world)
    return sent


def _number(label: str) -> int:
    return int(label.rpartition("-")[2])
