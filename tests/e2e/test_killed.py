"""Builds that are killed, interrupted and terminated: the next one goes on from what was finished."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from small_projects import GENERATED, set_up

from vidbuild.testing.studio import Built, Studio, check_last_word, wait_until

LENGTH = 16
"""How many actions the small project has."""


@pytest.fixture(scope="module")
def unkilled(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The small project, built in peace."""
    studio = set_up(Studio(tmp_path_factory.mktemp("unkilled") / "project"), GENERATED)
    built = studio.build()
    assert len(built.listed) == LENGTH
    return studio


@pytest.fixture
def fresh(empty: Studio) -> Studio:
    """The small project, not built yet."""
    return set_up(empty, GENERATED)


def killed_after(studio: Studio, endings: int) -> Built:
    """Start a build and kill it when so many actions have ended."""
    running = studio.start()
    running.wait_for("action_ended", endings)
    running.kill()
    return running.finish()


@pytest.mark.slow
def test_a_build_killed_again_and_again_goes_on_from_what_was_finished(fresh: Studio, unkilled: Studio) -> None:
    """Killed after every third action that ended: nothing that ended is run again, the files are the same."""
    done: set[str] = set()
    for _ in range(LENGTH):
        built = killed_after(fresh, 3)
        started = {line["id"] for line in built.named("action_started")}
        assert not started & done
        done |= built.ended_ids
        assert fresh.is_left_alone()
        if built.exit == 0:
            break
    last = fresh.build()
    assert not {row["id"] for row in last.last["ran"]} & done
    assert fresh.files() == unkilled.files()
    assert fresh.litter() == []


@pytest.mark.slow
def test_a_build_killed_at_random_moments_leaves_no_process_and_no_litter(fresh: Studio, unkilled: Studio) -> None:
    """From the first import to the last file: five moments, one build after another."""
    moments, done = random.Random(20261121), set[str]()
    for _ in range(5):
        running = fresh.start()
        time.sleep(moments.uniform(0.05, 1.3))
        running.kill()
        built = running.finish()
        assert not {line["id"] for line in built.named("action_started")} & done
        done |= built.ended_ids
        assert fresh.is_left_alone()
    fresh.build()
    assert fresh.files() == unkilled.files()
    assert fresh.litter() == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["build_started", "delivered"])
def test_a_build_killed_at_a_turn_is_finished_by_the_next(fresh: Studio, unkilled: Studio, moment: str) -> None:
    """At the turn from planning to work, and from made to delivered."""
    running = fresh.start()
    running.wait_for(moment)
    running.kill()
    running.finish()
    assert fresh.is_left_alone()
    fresh.build()
    assert fresh.files() == unkilled.files()


@pytest.mark.parametrize(
    ("number", "exit"),
    [
        pytest.param(signal.SIGINT, 130, id="SIGINT"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM", marks=pytest.mark.slow),
    ],
)
def test_an_interrupted_build_ends_in_time_with_its_last_word(fresh: Studio, number: int, exit: int) -> None:
    """130 or 143 within five seconds, what ran is told, the children are gone, the next build goes on."""
    running = fresh.start()
    running.wait_for("action_ended", 3)
    since = time.monotonic()
    running.kill(number)
    built = running.finish()
    assert time.monotonic() - since < 5
    assert built.exit == exit
    check_last_word(built)
    assert {row["id"] for row in built.last["ran"]} == built.ended_ids
    assert fresh.processes() == []
    assert not {row["id"] for row in fresh.build().last["ran"]} & built.ended_ids


@pytest.mark.parametrize(("number", "exit"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("cpu_s", [0.16, 0.3])
def test_a_build_interrupted_before_its_work_has_a_last_word(
    fresh: Studio, number: int, exit: int, cpu_s: float
) -> None:
    """While it imports and reads; the last line stands on every exit, without a traceback."""
    running = fresh.start()
    assert wait_until(lambda: _cpu_seconds(running.process.pid) >= cpu_s, 20)
    running.kill(number)
    built = running.finish()
    assert built.exit == exit, f"exit {built.exit} instead of {exit}\n{built.stderr}"
    check_last_word(built)


@pytest.mark.parametrize(("number", "exit"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_build_interrupted_while_it_asks_ffmpeg_who_it_is_has_a_last_word(
    fresh: Studio, number: int, exit: int
) -> None:
    """At planning there are children too; they are gone afterwards."""
    slow = fresh.write("slow-ffmpeg", "#!/bin/sh\nexec sleep 20\n")
    slow.chmod(0o755)
    fresh.environ["VIDBUILD_FFMPEG"] = str(slow)
    running = fresh.start()
    assert wait_until(lambda: any(name.startswith("sleep ") for name in fresh.processes()), 20)
    running.kill(number)
    built = running.finish()
    assert fresh.is_left_alone()
    assert built.exit == exit, f"exit {built.exit} instead of {exit}\n{built.stderr}"
    check_last_word(built)


def test_a_build_interrupted_twice_still_has_its_last_word(fresh: Studio) -> None:
    """An impatient hand on ^C: no traceback, children gone."""
    running = fresh.start()
    running.wait_for("action_ended", 2)
    running.kill(signal.SIGINT)
    time.sleep(0.02)
    running.kill(signal.SIGINT)
    built = running.finish()
    assert built.exit == 130
    check_last_word(built)
    assert fresh.processes() == []


@pytest.mark.slow
def test_a_build_in_a_terminal_that_goes_away_leaves_no_process(fresh: Studio) -> None:
    """SIGHUP, as a closed terminal sends it."""
    running = fresh.start()
    running.wait_for("action_started", 2)
    running.kill(signal.SIGHUP)
    running.finish()
    assert wait_until(lambda: not fresh.processes(), 5)
    assert fresh.build().status == "built"


def test_a_half_written_file_of_a_killed_build_is_gone_after_the_next(generated: Studio) -> None:
    """Such as a kill in the middle of a copy leaves: beside a finished file, in the store."""
    digest = next(path for path in (generated.store / "cas").glob("??/*"))
    left = [generated.folder / "build" / ".new-abcd1234", digest.parent / ".new-abcd1234"]
    kept = generated.folder / "build" / ".new-of-the-user"
    for path in (*left, kept):
        path.write_bytes(b"half")
    generated.edit("into a cup, slow", "into a glass, slow")
    generated.build()
    assert [path.name for path in left if path.exists()] == []
    assert kept.exists(), "only names that we give are swept"


def test_work_folders_of_killed_builds_are_swept(generated: Studio) -> None:
    """Whatever moment they are left from: with a lock file, and made but not locked yet."""
    work = generated.store / "work"
    for name in ("1-locked", "2-bare"):
        (work / name).mkdir(parents=True)
    (work / "1-locked" / "lock").write_text("")
    long_ago = time.time() - 3600
    for path in work.iterdir():
        os.utime(path, (long_ago, long_ago))
    generated.edit("into a cup, slow", "into a glass, slow")
    generated.build()
    assert generated.litter() == []


def _cpu_seconds(pid: int) -> float:
    """Say how much CPU a process has used: how far it has come, however busy the machine is."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
