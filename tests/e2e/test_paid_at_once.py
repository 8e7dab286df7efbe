"""Builds that buy, several at once: of one project, and of two projects with one store that want the same."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from one_shot import LONG_S, end_all_jobs, write_one_shot

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio, check_last_word, wait_until


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with a project of one shot, at the vendor that offers neither key nor list."""
    with Shop(tmp_path / "shop", "bare", latency_s=1.0) as shop:
        write_one_shot(shop, "plain-bare-video")
        yield shop


@pytest.fixture
def other(shop: Shop, tmp_path: Path) -> Studio:
    """Another project with the same shot, and the same store."""
    other = shop.copy(tmp_path / "other")
    other.store = shop.store
    other.environ["VIDBUILD_STORE"] = str(shop.store)
    return other


@pytest.mark.slow
def test_the_second_build_of_a_project_waits_and_buys_nothing(shop: Shop) -> None:
    """And one that may not wait exits with 4."""
    shop.vendors.bare.latency_s = LONG_S
    first = shop.start("--yes")
    assert wait_until(lambda: shop.paid == 1, 20)
    second = shop.start("--yes")
    assert second.wait_for("waiting")
    busy = shop.build("--yes", "--no-wait", ends=4)
    assert str(first.process.pid) in busy.told
    end_all_jobs(shop)
    one, two = first.finish(), second.finish()
    check_last_word(two)
    assert (one.status, two.status, two.ran()) == ("built", "built", set())
    assert (shop.submits, shop.paid) == (1, 1)


def test_two_projects_that_want_the_same_buy_it_once(shop: Shop, other: Studio) -> None:
    """Started together; both have it in their lock, with the same job."""
    running = [shop.start("--yes"), other.start("--yes")]
    one, two = (each.finish() for each in running)
    for built in (one, two):
        check_last_word(built)
    assert (one.status, two.status) == ("built", "built"), one.told + two.told
    assert (shop.submits, shop.paid) == (1, 1)
    assert shop.files() == other.files()
    assert shop.lock.read_text() == (other.folder / "vidbuild.lock").read_text()


@pytest.mark.slow
def test_a_project_takes_over_the_job_of_another_that_died(shop: Shop, other: Studio) -> None:
    """Its job is out, its claim is the kernel's: who waits for it goes on with that job."""
    shop.vendors.bare.latency_s = LONG_S
    first = shop.start("--yes")
    assert wait_until(lambda: any(row.step == "poll" for row in shop.vendors.requests), 20)
    second = other.start("--yes")
    assert second.wait_for("action_started")
    first.kill(signal.SIGKILL)
    first.finish()
    end_all_jobs(shop)
    built = second.finish()
    check_last_word(built)
    assert built.status == "built", built.told
    assert shop.build("--yes").status == "built"
    assert (shop.submits, shop.paid) == (1, 1)


@pytest.mark.slow
def test_a_job_that_a_build_goes_on_with_is_not_given_up_meanwhile(shop: Shop) -> None:
    """Exit 4: what the user would say of it, the build may just be finding out."""
    shop.vendors.bare.latency_s = LONG_S
    first = shop.start("--yes")
    assert wait_until(lambda: any(row.step == "poll" for row in shop.vendors.requests), 20)
    key = shop.run("jobs", "list").stdout.split()[0]
    done = shop.run("jobs", "resolve", key, "--buy-again")
    assert done.returncode == 4
    assert str(first.process.pid) in done.stderr
    end_all_jobs(shop)
    assert first.finish().status == "built"
    assert (shop.submits, shop.paid) == (1, 1)
