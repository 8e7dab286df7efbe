"""What a build finds of earlier ones, bought or out at a vendor, comes before anything that is new."""

from __future__ import annotations

import shutil
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from one_shot import LONG_S, end_all_jobs, write_one_shot

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import wait_until

TWO = ["plain-keyed-video", "plain-listed-video"]


def leave_out(shop: Shop) -> None:
    """Build until a job is out and was polled, and stop the build."""
    running = shop.start("--yes")
    assert wait_until(lambda: any(row.step == "poll" for row in shop.vendors.requests), 20)
    running.kill(signal.SIGINT)
    assert running.finish().exit == 130


@pytest.mark.slow
def test_a_job_that_is_out_at_a_fallback_is_waited_for_though_the_first_model_is_back(tmp_path: Path) -> None:
    """The first model's vendor had no credit then; to buy there now would pay for one shot twice."""
    with Shop(tmp_path / "shop", "keyed", "listed", latency_s=LONG_S) as shop:
        shop.vendors.keyed.fault("submit", "out_of_credit")
        write_one_shot(shop, TWO)
        leave_out(shop)
        end_all_jobs(shop)
        assert shop.build("--yes").status == "built"
        assert shop.paid == 1


def test_what_jobs_resume_brought_in_answers_before_anything_is_bought(tmp_path: Path) -> None:
    """It is a take like any other, whichever model of the list made it."""
    with Shop(tmp_path / "shop", "keyed", "listed", latency_s=LONG_S) as shop:
        shop.vendors.keyed.fault("submit", "out_of_credit")
        write_one_shot(shop, TWO)
        leave_out(shop)
        end_all_jobs(shop)
        assert shop.run("jobs", "resume").returncode == 0
        assert shop.build("--yes").status == "built"
        assert shop.paid == 1


def test_a_shot_made_shorter_while_its_job_is_out_takes_what_that_job_makes(tmp_path: Path) -> None:
    """The job's take is long enough, and paid."""
    with Shop(tmp_path / "shop", "keyed", latency_s=LONG_S) as shop:
        write_one_shot(shop, "plain-keyed-video", duration_s=2)
        leave_out(shop)
        end_all_jobs(shop)
        shop.edit('"duration_s": 2', '"duration_s": 1')
        assert shop.build("--yes").status == "built"
        assert shop.paid == 1


def write_two_ways(shop: Shop, *ways: str) -> None:
    """Write a model that two providers may be asked for, the first of them first."""
    text = (shop.folder / "models/plain-keyed-video.yaml").read_text()
    routes = ", ".join(f"{{provider: {way}, id: plain-video-1, operation: video}}" for way in ways)
    shop.write(
        "models/plain-two.yaml", text.partition("routes:")[0].replace("keyed-video", "two") + f"routes: [{routes}]\n"
    )


@pytest.mark.slow
def test_a_job_is_asked_for_where_it_was_sent_though_another_way_comes_first_now(tmp_path: Path) -> None:
    """A change of routes costs nothing, and the other vendor is not asked for what it never heard of."""
    with Shop(tmp_path / "shop", "keyed", "listed", latency_s=LONG_S) as shop:
        write_two_ways(shop, "plain-keyed", "plain-listed")
        write_one_shot(shop, "plain-two", options={"lines": 360})
        leave_out(shop)
        end_all_jobs(shop)
        write_two_ways(shop, "plain-listed", "plain-keyed")
        assert shop.build("--yes").status == "built"
        assert (shop.paid, {row.vendor for row in shop.vendors.requests}) == (1, {"plain-keyed"})


def test_a_job_whose_provider_left_the_catalog_is_bought_nowhere_else(tmp_path: Path) -> None:
    """Exit 3: its files may come back."""
    with Shop(tmp_path / "shop", "keyed", "listed", latency_s=LONG_S) as shop:
        write_two_ways(shop, "plain-keyed", "plain-listed")
        write_one_shot(shop, ["plain-two", "plain-listed-video"], options={"lines": 360})
        leave_out(shop)
        end_all_jobs(shop)
        write_two_ways(shop, "plain-listed")
        built = shop.build("--yes", ends=3)
        assert "no way to it is known any more" in built.told
        write_two_ways(shop, "plain-listed", "plain-keyed")
        assert shop.build("--yes").status == "built"
        assert shop.paid == 1


@pytest.mark.slow
def test_what_the_lock_names_is_not_bought_elsewhere_for_want_of_a_key(tmp_path: Path) -> None:
    """Its vendor may still have it; a fallback whose key is there is no reason to pay again."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        text = (shop.folder / "providers/plain-keyed.yaml").read_text()
        shop.write("providers/plain-keyed.yaml", text.replace("PLAIN_API_KEY", "OTHER_API_KEY"))
        shop.environ["OTHER_API_KEY"] = shop.environ["PLAIN_API_KEY"]
        write_one_shot(shop, ["plain-keyed-video", "kling-2"], duration_s=5)
        shop.build("--yes")
        shutil.rmtree(shop.store)
        shop.edit("a cup is poured", "a cup  is poured")
        del shop.environ["OTHER_API_KEY"]
        built = shop.build("--max-cost", "9", ends=1)
        assert "can't be asked for" in built.told
        assert "OTHER_API_KEY" in built.told
        assert shop.paid == 1


def test_other_bytes_than_the_lock_names_are_not_taken_for_the_take(tmp_path: Path) -> None:
    """What hangs on it would be bought anew; the user is asked."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        write_one_shot(shop, "plain-keyed-video")
        shop.build("--yes")
        lock = shop.lock.read_text()
        shutil.rmtree(shop.store / "cas")
        shutil.rmtree(shop.folder / "build")
        for job in shop.vendors.keyed.jobs.values():
            job.wants = replace(job.wants, seconds=2)
        built = shop.build("--yes", ends=3)
        assert "other bytes" in built.told
        assert (shop.lock.read_text(), shop.paid) == (lock, 1)
