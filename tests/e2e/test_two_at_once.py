"""Two builds at once: of one project, of two projects with one store, and locks that nobody holds any more."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_projects import GENERATED, set_up

from vidbuild.testing.studio import Running, Studio, check_last_word


@pytest.fixture
def held(generated: Studio) -> Iterator[tuple[Studio, Running]]:
    """A build that stands still in the middle of its work."""
    generated.edit("into a cup, slow", "into a glass, slow")
    running = generated.start()
    assert running.wait_for("action_started")
    running.kill(signal.SIGSTOP)
    yield generated, running
    running.kill(signal.SIGCONT)
    running.kill()


def test_the_second_build_waits_says_for_whom_and_finds_everything_made(held: tuple[Studio, Running]) -> None:
    """It goes on when the first has ended."""
    studio, first = held
    second = studio.start()
    assert second.wait_for("waiting")
    assert str(first.process.pid) in second.events[-1]["holder"]
    first.kill(signal.SIGCONT)
    one, two = first.finish(), second.finish()
    check_last_word(two)
    assert (one.status, two.status, two.ran()) == ("built", "built", set())
    assert one.sha256 == two.sha256


def test_no_wait_exits_4_and_says_for_whom(held: tuple[Studio, Running]) -> None:
    """The status is `busy`."""
    studio, first = held
    built = studio.build("--no-wait", ends=4)
    assert built.status == "busy"
    assert str(first.process.pid) in built.told


def test_a_build_goes_on_when_the_one_it_waits_for_is_killed(held: tuple[Studio, Running]) -> None:
    """The kernel gives the lock back."""
    studio, first = held
    second = studio.start()
    assert second.wait_for("waiting")
    first.kill()
    built = second.finish()
    assert built.status == "built"
    check_last_word(built)


@pytest.mark.parametrize(("number", "exit"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_build_that_waits_can_be_interrupted(held: tuple[Studio, Running], number: int, exit: int) -> None:
    """It has a last word, and the other one isn't disturbed."""
    studio, first = held
    second = studio.start()
    assert second.wait_for("waiting")
    second.kill(number)
    built = second.finish()
    assert built.exit == exit
    check_last_word(built)
    first.kill(signal.SIGCONT)
    assert first.finish().status == "built"


def test_plan_and_why_need_no_lock(held: tuple[Studio, Running]) -> None:
    """To look is always allowed."""
    studio, _ = held
    assert studio.plan()["totals"]["run"] > 0
    assert studio.run("why", "pour").returncode == 0


def test_two_projects_share_a_store_at_once(tmp_path: Path) -> None:
    """Both succeed with the same bytes, and no take is made twice."""
    studios = [set_up(Studio(tmp_path / name / "project", tmp_path / "store"), GENERATED) for name in ("one", "two")]
    running = [studio.start() for studio in studios]
    one, two = (each.finish() for each in running)
    for built in (one, two):
        check_last_word(built)
    assert (one.status, two.status) == ("built", "built")
    assert studios[0].files() == studios[1].files()
    assert {row["id"] for row in one.last["ran"]} & {row["id"] for row in two.last["ran"]} == set()
    assert len(one.listed) + len(two.listed) == 16


def test_a_stale_lock_of_a_dead_process_blocks_nobody(generated: Studio) -> None:
    """A lock is what the kernel holds, not a file that lies there."""
    gone = subprocess.Popen(["true"])
    gone.wait()
    note = {"pid": gone.pid, "host": os.uname().nodename, "purpose": "vidbuild build"}
    generated.write(".vidbuild/lock", json.dumps(note))
    generated.edit("into a cup, slow", "into a glass, slow")
    built = generated.build("--no-wait")
    assert (built.status, built.named("waiting")) == ("built", [])


@pytest.mark.slow
def test_two_first_builds_of_one_project_at_once_both_succeed(empty: Studio) -> None:
    """Nothing is there yet: no store, no state, no folder for finished files."""
    set_up(empty, GENERATED)
    one, two = (each.finish() for each in [empty.start(), empty.start()])
    assert (one.status, two.status) == ("built", "built")
    assert {len(one.listed), len(two.listed)} == {0, 16}
