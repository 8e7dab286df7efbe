"""Builds that buy, interrupted by ^C or SIGTERM: jobs run on at their vendors, it is said, the next build has them."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_shot import LONG_S, end_all_jobs, write_one_shot

from vidbuild.building import _tell_jobs
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.testing import dying
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built, Running, check_last_word, wait_until
from vidbuild.words.digest import digest_of
from vidbuild.words.events import Told

SIGNALS = pytest.mark.parametrize(
    ("number", "exit"),
    [
        pytest.param(signal.SIGINT, 130, id="SIGINT"),
        pytest.param(signal.SIGTERM, 143, id="SIGTERM", marks=pytest.mark.slow),
    ],
)


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Shop]:
    """A shop of the vendor with an idempotency key, whose jobs take long."""
    with Shop(tmp_path / "shop", "keyed", "bare", latency_s=LONG_S) as shop:
        write_one_shot(shop, "plain-keyed-video")
        yield shop


def out(shop: Shop) -> Running:
    """Start a build and wait until its job is out and was polled."""
    running = shop.start("--yes")
    assert wait_until(lambda: any(row.step == "poll" for row in shop.vendors.requests), 20)
    return running


def stopped(shop: Shop, running: Running, number: int, times: int = 1) -> Built:
    """Send a signal; the build must end within five seconds, with its last word, and leave no process."""
    since = time.monotonic()
    for _ in range(times):
        running.kill(number)
        time.sleep(0.02)
    built = running.finish()
    assert time.monotonic() - since < 5
    check_last_word(built)
    assert shop.processes() == []
    return built


@SIGNALS
def test_an_interrupted_build_says_what_runs_on_and_what_it_costs(keyed: Shop, number: int, exit: int) -> None:
    """The next build gets it, without a further submit."""
    built = stopped(keyed, out(keyed), number)
    assert built.exit == exit
    assert "1 job runs on at its vendor, up to $0.10: shot pour (plain-keyed)" in built.told
    end_all_jobs(keyed)
    assert keyed.build("--yes").status == "built"
    assert (keyed.submits, keyed.paid) == (1, 1)


def test_an_impatient_hand_on_ctrl_c_changes_nothing(keyed: Shop) -> None:
    """Twice, and it still says what runs on."""
    built = stopped(keyed, out(keyed), signal.SIGINT, times=2)
    assert built.exit == 130
    assert "1 job runs on at its vendor" in built.told


@pytest.mark.slow
def test_a_job_of_an_interrupted_build_is_kept_by_jobs_resume(keyed: Shop) -> None:
    """Without building anything from it; the build afterwards asks nobody."""
    stopped(keyed, out(keyed), signal.SIGINT)
    end_all_jobs(keyed)
    done = keyed.run("jobs", "resume")
    assert (done.returncode, keyed.files()) == (0, {}), done.stderr
    before = len(keyed.vendors.requests)
    assert keyed.build("--yes").status == "built"
    assert len(keyed.vendors.requests) == before


def test_an_answer_that_is_on_its_way_at_ctrl_c_is_still_noted(keyed: Shop) -> None:
    """A vendor without key and list: the job's id would be lost with the answer."""
    write_one_shot(keyed, "plain-bare-video")
    keyed.vendors.bare.fault("submit", "hang_after", seconds=1.0)
    running = keyed.start("--yes")
    assert wait_until(lambda: keyed.paid == 1, 20)
    built = stopped(keyed, running, signal.SIGINT)
    assert "1 job runs on at its vendor" in built.told
    end_all_jobs(keyed)
    assert keyed.build("--yes").status == "built"
    assert (keyed.submits, keyed.paid) == (1, 1)


@pytest.mark.slow
def test_a_no_that_is_on_its_way_at_ctrl_c_closes_the_intent(keyed: Shop) -> None:
    """A vendor that takes no more jobs made none: nobody has to be asked."""
    write_one_shot(keyed, "plain-bare-video")
    keyed.vendors.bare.max_inflight = 0
    keyed.vendors.bare.fault("submit", "hang_after", seconds=1.0)
    running = keyed.start("--yes")
    assert wait_until(lambda: keyed.submits == 1, 20)
    built = stopped(keyed, running, signal.SIGINT)
    assert "vendor" not in built.told
    keyed.vendors.bare.max_inflight = None
    end_all_jobs(keyed)
    assert keyed.build("--yes").status == "built"
    assert (keyed.submits, keyed.paid) == (2, 1)


@pytest.mark.slow
@SIGNALS
def test_an_answer_that_does_not_come_holds_nobody_up(keyed: Shop, number: int, exit: int) -> None:
    """Within five seconds all the same, and it is said that nobody knows what became of it; nothing is sent again."""
    write_one_shot(keyed, "plain-bare-video")
    keyed.vendors.bare.fault("submit", "hang_after", seconds=60)
    running = keyed.start("--yes")
    assert wait_until(lambda: keyed.paid == 1, 20)
    built = stopped(keyed, running, number)
    assert built.exit == exit
    assert "shot pour (plain-bare)" in built.told
    assert "not known" in built.told
    keyed.build("--yes", ends=3)
    assert (keyed.submits, keyed.paid) == (1, 1)


@pytest.mark.slow
def test_a_build_interrupted_in_a_download_fetches_it_with_the_next(keyed: Shop) -> None:
    """What had come of the file is gone with the build."""
    end_all_jobs(keyed)
    keyed.vendors.keyed.fault("download", "hang_within", seconds=60)
    running = keyed.start("--yes")
    assert wait_until(lambda: any(row.step == "download" for row in keyed.vendors.requests), 20)
    stopped(keyed, running, signal.SIGINT)
    assert keyed.build("--yes").status == "built"
    assert (keyed.submits, keyed.paid) == (1, 1)
    assert keyed.litter() == []


@pytest.mark.slow
def test_a_job_that_was_stored_and_not_written_down_is_out_no_more_after_resume(tmp_path: Path) -> None:
    """Killed between the lock and the job log: it is counted once before, and is closed then."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        assert dying.killed(shop, "write stored", "--yes").exit == -signal.SIGKILL
        assert "$0.10" in shop.run("cost").stdout.splitlines()[-1 - 2]
        assert shop.run("jobs", "resume").returncode == 0
        assert shop.run("jobs", "list").stdout == "no job is out\n"
        assert shop.paid == 1


def test_what_an_earlier_build_left_unclear_is_not_told_as_of_this_one(tmp_path: Path) -> None:
    """Each by itself: what this one can't know, and what is to be told of the others."""
    project = tmp_path / "project.yaml"
    project.write_text("vidbuild: 1\n")
    session = Session(Settings(project, store=str(tmp_path / "store")), {})
    try:
        for name, since in (("old", -60.0), ("older", -3600.0), ("new", 1.0)):
            about = {"project": str(project), "label": f"shot {name}", "provider": "kling", "reserved_usd": "0.1"}
            session.jobs.append(digest_of(name), "intent", unix=session.started_ns / 1e9 + since, **about)
        told: list[str] = []
        _tell_jobs(session, lambda event: told.append(event.text if isinstance(event, Told) else ""))
    finally:
        session.close()
    assert told == [
        "it is not known whether 1 job is made, up to $0.10: shot new (kling); build again: nothing is paid twice",
        "unclear since earlier builds: 2 jobs; `vidbuild jobs list` says what to do",
    ]
