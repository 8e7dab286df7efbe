"""Files that jobs name, in real builds: brought once for all shots and builds, over kills, ends and other routes."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from one_shot import same_words
from paid_films import film, shot

from vidbuild.testing import dying
from vidbuild.testing.shop import Shop
from vidbuild.testing.vendors.vendor import Vendor

KILLED = -signal.SIGKILL
STEPS = (
    *("ask POST", "answer POST", "ask PUT", "answer PUT", "ask GET", "answer GET", "sync uploads", "rename uploads"),
    *("write intent", "half of intent", "write submitted", "half of submitted", "answer GET"),
)
"""A shot from the first step of its file to its job's first poll."""


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop whose keyed vendor is brought every picture before, and Runway and fal the larger ones."""
    with Shop(tmp_path / "shop", "keyed", "bare") as shop:
        for mood in ("keyed", "bare"):
            shop.edit("most_bytes: 7000000", "most_bytes: 0", f"providers/plain-{mood}.yaml")
        shop.still("harbour.png", "0x204060", "320x180")
        yield shop


def chained(id: str, model: str = "plain-keyed-video", **more: Any) -> dict[str, Any]:
    """Give a shot that starts from the picture."""
    return shot(id, model, init_image="harbour.png", **more)


def brought(vendor: Vendor) -> int:
    """Say how many files came to a vendor."""
    return len(vendor.depot.came)


def test_one_picture_of_many_shots_is_brought_once_and_never_again(shop: Shop) -> None:
    """Nor for a shot that is added by a later build; with it goes every request of the second build."""
    film(shop, chained("one"), chained("two"), chained("three"))
    shop.build("--yes")
    assert (shop.paid, brought(shop.vendors.keyed)) == (3, 1)
    assert all(job.wants.init for job in shop.vendors.keyed.jobs.values())
    count = len(shop.vendors.requests)
    shop.build()
    assert len(shop.vendors.requests) == count
    film(shop, chained("one"), chained("two"), chained("three"), chained("four"))
    shop.build("--yes")
    assert (shop.paid, brought(shop.vendors.keyed)) == (4, 1)
    assert shop.vendors.complaints == []
    assert shop.vendors.leaks == []


@pytest.mark.slow
@pytest.mark.parametrize("steps", [STEPS[1::4], pytest.param(STEPS, marks=pytest.mark.slow)], ids=["some", "every"])
def test_a_build_killed_step_by_step_pays_once_and_ends_as_in_peace(shop: Shop, steps: tuple[str, ...]) -> None:
    """Each build is the recovery of the one before; a file that is there is not brought again."""
    film(shop, chained("one"))
    shop.build("--yes")
    peace, lock = shop.files(), same_words(shop.lock.read_text())
    shop.forget()
    for step in steps:
        built = dying.killed(shop, step, "--yes")
        assert built.exit == KILLED, f"nothing died at `{step}`: {built.told}"
    came = brought(shop.vendors.keyed)
    shop.build("--yes")
    assert shop.paid == 2
    assert brought(shop.vendors.keyed) == came
    assert shop.files() == peace
    assert same_words(shop.lock.read_text()) == lock
    assert shop.litter() == []


def test_a_file_that_the_vendor_lost_is_brought_again_and_one_job_is_paid(shop: Shop) -> None:
    """Sooner than it said; the refused submit made nothing."""
    film(shop, chained("one"))
    shop.build("--yes")
    shop.vendors.keyed.depot.lose()
    film(shop, chained("one"), chained("two"))
    shop.build("--yes")
    assert (shop.paid, brought(shop.vendors.keyed), shop.submits) == (2, 2, 3)


@pytest.mark.slow
def test_a_file_whose_time_is_over_is_brought_again_before_anything_is_sent(shop: Shop) -> None:
    """What the vendor's file says of its life is believed; no submit is wasted."""
    shop.edit("lives_s: 86400", "lives_s: 1", "providers/plain-keyed.yaml")
    film(shop, chained("one"))
    shop.build("--yes")
    time.sleep(1)
    film(shop, chained("one"), chained("two"))
    shop.build("--yes")
    assert (shop.paid, brought(shop.vendors.keyed), shop.submits) == (2, 2, 2)


def test_a_lost_answer_with_a_file_is_never_paid_twice(shop: Shop) -> None:
    """With neither key nor list: the user is asked; what is told then ends it, without the file."""
    film(shop, chained("one", "plain-bare-video"))
    shop.vendors.bare.fault("submit", "reset_after")
    for _ in range(2):
        built = shop.build("--yes", ends=3)
    assert "vidbuild jobs resolve" in built.told
    assert (shop.paid, brought(shop.vendors.bare)) == (1, 1)
    key = shop.run("jobs", "list").stdout.split()[0]
    assert shop.run("jobs", "resolve", key, "--job", shop.vendors.ledger[0].job).returncode == 0
    shop.build("--yes")
    assert (shop.paid, brought(shop.vendors.bare)) == (1, 1)


def test_a_vendor_that_takes_no_file_is_passed_over_for_the_next(shop: Shop) -> None:
    """Nothing was bought there."""
    film(shop, chained("one", ["plain-keyed-video", "plain-bare-video"]))
    shop.vendors.keyed.fault("upload", "invalid", times=None)
    shop.build("--yes")
    assert [row.vendor for row in shop.vendors.ledger] == ["plain-bare"]


def test_large_pictures_reach_runway_and_fal_as_their_pages_say(shop: Shop) -> None:
    """Two steps, to an address that they give, without a key; and there the picture is whole."""
    shop.still("large.png", "0x204060", "1920x1080")
    film(
        shop,
        shot("one", "gen-4.5", duration_s=2, init_image="large.png"),
        shot("two", "veo-3.1-fast", duration_s=4, init_image="large.png"),
    )
    shop.environ["KLING_ACCESS_KEY"] = ""
    shop.build("--yes")
    for vendor in (shop.vendors.runway, shop.vendors.fal):
        (job,), (file,) = vendor.jobs.values(), vendor.depot.came
        assert job.wants.init == file.data
        assert len(file.data) > 3_700_000
    assert shop.vendors.complaints == []
    assert shop.vendors.leaks == []
