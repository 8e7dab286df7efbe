"""What the lock names and no store holds: it is fetched again by its job, without paying.

Where its vendor has it no more, or never kept it, nothing is bought: the user is asked (exit 3).
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from one_shot import write_one_bed, write_one_shot

from vidbuild.testing import dying
from vidbuild.testing.shop import Shop


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """One shop for all; each test has a model of its own, or starts from nothing."""
    with Shop(tmp_path_factory.mktemp("again"), "bare") as shop:
        yield shop


def bought(shop: Shop, model: str) -> None:
    """Buy a shot, and lose the store: a clean clone on another machine."""
    shop.forget()
    write_one_bed(shop, model) if model == "stable-audio-2" else write_one_shot(shop, model)
    shop.build("--yes")
    shutil.rmtree(shop.store)


@pytest.mark.parametrize(
    "model", ["kling-2", *(pytest.param(m, marks=pytest.mark.slow) for m in ("plain-bare-video", "gen-4.5"))]
)
def test_a_locked_take_that_no_store_holds_is_fetched_by_its_job(shop: Shop, model: str) -> None:
    """Nobody has to agree, for it costs nothing; the lock and the files stay as they are."""
    bought(shop, model)
    files, lock, submits = shop.files(), shop.lock.read_text(), shop.submits
    built = shop.build()
    assert (shop.submits, shop.lock.read_text(), shop.files()) == (submits, lock, files)
    assert sum(row["cost_usd"] or 0 for row in built.last["ran"]) == 0
    assert shop.run("jobs", "list", "--all").stdout == "no job is out\n"


@pytest.mark.slow
def test_a_build_killed_while_it_fetches_again_leaves_no_job_open(shop: Shop) -> None:
    """Nothing was sent, so nothing is out; the next build fetches it once more."""
    bought(shop, "plain-bare-video")
    submits = shop.submits
    assert dying.killed(shop, "download").exit == -9
    assert shop.run("jobs", "list", "--all").stdout == "no job is out\n"
    assert shop.build().status == "built"
    assert shop.submits == submits


@pytest.mark.slow
def test_a_locked_take_that_its_vendor_has_no_more_is_not_bought_again(shop: Shop) -> None:
    """Exit 3, at once, and nothing is sent until the user says that it is given up."""
    bought(shop, "plain-bare-video")
    shop.vendors.bare.jobs.clear()
    submits = shop.submits
    built = shop.build("--yes", ends=3)
    assert built.seconds < 20
    assert "in no store any more" in built.told
    assert shop.submits == submits
    key = built.told.partition("jobs resolve ")[2].split()[0]
    done = shop.run("jobs", "resolve", key, "--buy-again")
    assert done.returncode == 0, done.stderr
    shop.build(ends=5)
    assert shop.build("--yes").status == "built"
    assert shop.submits == submits + 1


@pytest.mark.slow
def test_a_locked_bed_that_came_with_its_answer_is_not_bought_again(shop: Shop) -> None:
    """Stability's answers are the sound itself: there is nothing to fetch."""
    bought(shop, "stable-audio-2")
    submits = shop.submits
    built = shop.build("--yes", ends=3)
    assert "can't give it again" in built.told
    assert shop.submits == submits
