"""Faults while a job is out: errors, pages, cut or slow answers to polls, jobs that hide or are lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from paid_films import bought, failed, film, made, shot, words

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

POLLS: dict[str, tuple[str, dict[str, Any]]] = {
    "server-error": ("server_error", {"status": 500}),
    "page": ("server_error", {"status": 502, "page": True}),
    "reset": ("reset_before", {}),
    "reset-within": ("reset_within", {}),
    "truncated": ("truncated", {}),
    "html": ("html", {}),
    "json": ("json", {}),
    "empty": ("empty", {}),
    "slow-loris": ("slow", {"seconds": 0.002}),
    "redirected": ("redirect", {}),
    "bomb": ("gzip_bomb", {"megabytes": 128}),
    "not-found": ("missing", {}),
    "gone": ("retired", {"status": 410}),
    "invalid": ("invalid", {}),
}
"""What may befall one poll, by the shot that it befalls."""
SOME = ("page", "truncated", "html", "slow-loris", "redirected", "bomb", "not-found", "gone")


class Scene(NamedTuple):
    """A film whose polls all went wrong once."""

    shop: Shop
    built: Built
    ids: tuple[str, ...] = ()


@pytest.fixture(
    scope="module",
    params=[pytest.param(SOME, id="some"), pytest.param(tuple(POLLS), id="all", marks=pytest.mark.slow)],
)
def troubled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build a film in which a poll of each shot goes wrong in its own way; one job isn't listed at first."""
    with Shop(tmp_path_factory.mktemp("troubled"), "keyed") as shop:
        vendor = shop.vendors.keyed
        for id in request.param:
            what, settings = POLLS[id]
            vendor.fault("poll", what, where=vendor.about(words(id)), **settings)
        vendor.fault("submit", "vanishes", where=words("young"), polls=3)
        ids = (*request.param, "young")
        film(shop, *map(shot, ids))
        yield Scene(shop, shop.build("--yes"), ids)


def test_a_poll_that_goes_wrong_costs_nothing(troubled: Scene) -> None:
    """500, 502, a page, a cut, a reset, a redirect, a bomb, a slow loris: the job is asked for again, and paid once."""
    assert made(troubled.built) == set(troubled.ids)
    assert troubled.shop.submits == troubled.shop.paid == len(troubled.ids)


def test_a_job_that_is_not_found_right_after_its_submit_is_asked_for_again(troubled: Scene) -> None:
    """Vendors list a job a moment late: 404 then is no end."""
    assert bought(troubled.shop, "young") == 1
    assert sum(row.status == 404 for row in troubled.shop.vendors.requests) == 3 + 1


def test_polls_are_never_sent_elsewhere(troubled: Scene) -> None:
    """A redirect is not followed: the next poll goes to the same address."""
    (redirected,) = [row for row in troubled.shop.vendors.requests if row.status == 302]
    assert sum(row.path == redirected.path for row in troubled.shop.vendors.requests) >= 2
    assert troubled.shop.vendors.complaints == []


@pytest.mark.slow
def test_a_429_to_polls_is_no_failure(tmp_path: Path) -> None:
    """It is waited out, as the vendor asks."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", "plain-bare-video"))
        shop.vendors.bare.fault("poll", "busy", retry_after_s=1)
        shop.build("--yes")
        first, second, *_ = [row.at for row in shop.vendors.requests if row.step == "poll"]
        assert (shop.paid, second - first >= 1) == (1, True)


def test_a_job_that_can_not_be_asked_for_is_bought_nowhere_else(tmp_path: Path) -> None:
    """A key that doesn't hold, or is gone, while a job is out: the next build fetches it, whatever model is behind."""
    with Shop(tmp_path / "shop", "bare", latency_s=1.0) as shop:
        film(shop, shot("one", ["kling-2", "plain-bare-video"]))
        shop.vendors.kling.fault("poll", "bad_key")
        (said,) = failed(shop.build("--max-cost", "5", ends=1)).values()
        assert ("a job is out at Kling" in said, "KLING_SECRET_KEY" in said) == (True, True)
        secret = shop.environ.pop("KLING_SECRET_KEY")
        (said,) = failed(shop.build("--max-cost", "5", ends=1)).values()
        assert "a job is out at Kling" in said
        shop.environ["KLING_SECRET_KEY"] = secret
        shop.build("--max-cost", "5")
        assert [row.vendor for row in shop.vendors.ledger] == ["kling"]


@pytest.fixture(scope="module")
def vanished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """A job that was accepted two minutes ago, by the log, and that the vendor no longer knows."""
    with Shop(tmp_path_factory.mktemp("vanished"), "bare", "keyed") as shop:
        film(shop, shot("one", ["plain-keyed-video", "plain-bare-video"]))
        shop.vendors.keyed.fault("submit", "vanishes")
        running = shop.start("--yes")
        assert running.wait_for("job_moved", 2)
        running.kill(15)
        assert running.finish().exit == 143
        for path in (shop.store / "jobs").glob("?" * 64):
            steps = [json.loads(line) for line in path.read_text().splitlines()]
            aged = [{**step, "since": step["since"] - 120} if "since" in step else step for step in steps]
            path.write_text("".join(json.dumps(step) + "\n" for step in aged))
        yield Scene(shop, shop.build("--yes", ends=3))


def test_a_job_that_is_lost_may_be_paid_and_is_never_sent_again(vanished: Scene) -> None:
    """A lasting 404: the user decides, whatever other model stands behind; neither that build nor the next submits."""
    shop = vanished.shop
    assert "no longer knows the job" in failed(vanished.built)["one"]
    again = shop.build("--yes", ends=3)
    assert (set(failed(again)), shop.submits, shop.paid) == ({"one"}, 1, 1)


def test_a_lost_job_counts_as_spent_until_the_user_says_otherwise(vanished: Scene) -> None:
    """`jobs list` shows it with its id, `cost` counts it, `jobs resolve --buy-again` buys it anew."""
    shop = vanished.shop
    (row,) = json.loads(shop.run("jobs", "list", "--json").stdout)
    assert (row["stage"], row["job"]) == ("vanished", shop.vendors.ledger[0].job)
    assert json.loads(shop.run("cost", "--json").stdout)["total"]["out_usd"] == pytest.approx(0.1)
    shop.run("jobs", "resolve", row["attempt"], "--buy-again")
    shop.build("--yes")
    assert shop.paid == 2
    assert json.loads(shop.run("cost", "--json").stdout)["total"]["usd"] == pytest.approx(0.2)
