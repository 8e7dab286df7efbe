"""Faults of the submit: 429 storms, 5xx, lost answers, resets, answers without a job. Nothing is ever paid twice.

Vendors differ in what they offer after a lost answer: an idempotency key, a list of jobs, or neither.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from paid_films import bought, failed, film, made, shot, words

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built
from vidbuild.testing.vendors.vendor import Vendor

LOST = {
    "500": ("lost", {"status": 500}),
    "502 page": ("lost", {"status": 502, "page": True}),
    "503 nothing made": ("server_error", {"status": 503}),
    "reset, nothing made": ("reset_before", {}),
    "reset": ("reset_after", {}),
    "reset within": ("reset_within", {}),
    "truncated": ("truncated", {}),
    "html": ("html", {}),
    "json": ("json", {}),
    "empty": ("empty", {}),
    "gzip bomb": ("gzip_bomb", {"megabytes": 128}),
    "no id": ("no_id", {}),
    "odd id": ("odd_id", {"id": "../../x"}),
}
"""What may befall the answer to a submit so that nobody knows what became of the job; some jobs were made, some not."""
MOODS = ("keyed", "listed", "bare")
SOME = {
    "keyed": ("500", "503 nothing made", "html"),
    "listed": ("502 page", "reset, nothing made", "no id"),
    "bare": ("503 nothing made", "reset within", "truncated", "odd id"),
}
ALL = {
    "keyed": tuple(name for name in LOST if not name.endswith(" id")),
    "listed": tuple(name for name in LOST if name != "odd id"),
    "bare": tuple(LOST),
}


class Scene(NamedTuple):
    """Shots that each lost an answer, built twice; `lost` has their ids by mood."""

    shop: Shop
    lost: dict[str, list[str]]
    first: Built
    second: Built
    submits: tuple[int, int]


def vendor_of(shop: Shop, mood: str) -> Vendor:
    """Give the plain vendor of a mood."""
    return shop.vendors.called(f"plain-{mood}")


@pytest.fixture(
    scope="module", params=[pytest.param(SOME, id="some"), pytest.param(ALL, id="all", marks=pytest.mark.slow)]
)
def lost(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Build a film in which every submit's answer is lost once, in one way or other; then build it again."""
    with Shop(tmp_path_factory.mktemp("lost"), *MOODS) as shop:
        ids: dict[str, list[str]] = {}
        shots = []
        for mood, names in request.param.items():
            for number, name in enumerate(names):
                what, settings = LOST[name]
                ids.setdefault(mood, []).append(id := f"{mood}-{number}")
                vendor_of(shop, mood).fault("submit", what, where=words(id), **settings)
                shots.append(shot(id, f"plain-{mood}-video"))
        film(shop, *shots)
        first = shop.build("--yes", ends=3)
        submits = shop.submits
        yield Scene(shop, ids, first, shop.build("--yes", ends=3), (submits, shop.submits))


@pytest.mark.parametrize("mood", ["keyed", "listed"])
def test_500_502_503_and_lost_answers_are_retried_with_a_key_or_after_a_look(lost: Scene, mood: str) -> None:
    """The key gives the same job again; the list shows it, or proves that there is none. Each is paid once."""
    assert [bought(lost.shop, id) for id in lost.lost[mood]] == [1] * len(lost.lost[mood])
    assert set(lost.lost[mood]) <= made(lost.first)


def test_with_neither_key_nor_list_a_lost_answer_is_unclear(lost: Scene) -> None:
    """The shot fails with what to do about it, and the build ends with 3."""
    told = failed(lost.first)
    assert set(told) == set(lost.lost["bare"])
    assert all("is not known" in said and "vidbuild jobs resolve" in said for said in told.values())


def test_what_is_unclear_is_never_sent_again_unasked(lost: Scene) -> None:
    """Not in the same build, and not in the next one, which says the same."""
    assert all(bought(lost.shop, id) <= 1 for id in lost.lost["bare"])
    assert vendor_of(lost.shop, "bare").count("submit") == len(lost.lost["bare"])
    assert (lost.submits[1], set(failed(lost.second))) == (lost.submits[0], set(lost.lost["bare"]))


def test_a_job_without_a_proper_id_is_asked_for_nowhere(lost: Scene) -> None:
    """`../../x` is no path of ours; what was sent stays written down."""
    assert {row.step for row in vendor_of(lost.shop, "bare").requests} == {"submit"}


def test_the_same_key_comes_with_the_same_body(lost: Scene) -> None:
    """Else the vendor would complain."""
    assert lost.shop.vendors.complaints == []


def test_what_is_unclear_counts_as_spent(lost: Scene) -> None:
    """Its price stays set aside until somebody says what became of it."""
    told = json.loads(lost.shop.run("cost", "--json").stdout)["total"]
    assert told["out_usd"] == pytest.approx(0.1 * len(lost.lost["bare"]))


def test_jobs_list_shows_what_is_unclear(lost: Scene) -> None:
    """All of it, and how to resolve it."""
    listed = json.loads(lost.shop.run("jobs", "list", "--json").stdout)
    assert {row["label"] for row in listed} == {f"shot {id}" for id in lost.lost["bare"]}
    assert {row["stage"] for row in listed} == {"intended"}


def out(shop: Shop) -> dict[str, str]:
    """Give the keys of open attempts by label."""
    return {row["label"]: row["attempt"] for row in json.loads(shop.run("jobs", "list", "--json").stdout)}


@pytest.mark.slow
def test_the_user_says_what_became_of_it(tmp_path: Path) -> None:
    """`--job` fetches it without paying, `--lost` sends it anew, `--buy-again` counts it twice."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, *(shot(id, "plain-bare-video") for id in ("found", "lost", "again")))
        shop.vendors.bare.fault("submit", "lost", where=words("found"))
        shop.vendors.bare.fault("submit", "reset_before", where=words("lost"))
        shop.vendors.bare.fault("submit", "reset_after", where=words("again"))
        shop.build("--yes", ends=3)
        job = next(row.job for row in shop.vendors.ledger if words("found") in str(row.asked))
        said = {"found": ["--job", job], "lost": ["--lost"], "again": ["--buy-again"]}
        for id, attempt in out(shop).items():
            assert shop.run("jobs", "resolve", attempt, *said[id.removeprefix("shot ")]).returncode == 0
        shop.build("--yes")
        assert {id: bought(shop, id) for id in ("found", "lost", "again")} == {"found": 1, "lost": 1, "again": 2}
        rows = json.loads(shop.run("cost", "--json").stdout)["rows"]
        assert {row["name"]: row["usd"] for row in rows} == {"shot found": 0.1, "shot lost": 0.1, "shot again": 0.2}


@pytest.mark.slow
def test_packaged_vendors_keep_it_too(shop: Shop) -> None:
    """Kling, turned away inside of 200 and then lost, is asked for the task by our name; the others offer nothing."""
    film(
        shop,
        shot("kling", "kling-2"),
        shot("runway", "gen-4.5"),
        audio={"music": {"model": "stable-audio-2", "prompt": "warm guitar"}},
    )
    shop.vendors.kling.fault("submit", "busy")
    shop.vendors.kling.fault("submit", "lost", nth=2)
    for vendor in (shop.vendors.runway, shop.vendors.stability):
        vendor.fault("submit", "lost")
    first = shop.build("--max-cost", "20", ends=3)
    second = shop.build("--max-cost", "20", ends=3)
    assert (made(first), set(failed(second))) == ({"kling"}, {"runway"})
    assert [row["mnemonic"] for row in second.last["failed"]].count("Music") == 1
    assert [len(vendor.ledger) for vendor in (shop.vendors.kling, shop.vendors.runway, shop.vendors.stability)] == [
        1
    ] * 3
    assert shop.submits == 4


# 429


def test_provider_429_storm_is_waited_out(tmp_path: Path) -> None:
    """Retry-After is honoured by all jobs; 429s in a row fail nothing, however many; each shot is paid once."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, *(shot(f"s{number}", "plain-bare-video") for number in range(3)))
        shop.vendors.bare.fault("submit", "busy", times=7, retry_after_s=0.6)
        shop.vendors.bare.fault("download", "busy", retry_after_s=1)
        shop.build("--yes")
        turned_away = [row.at for row in shop.vendors.requests if row.step == "submit" and row.status == 429]
        later = [row.at for row in shop.vendors.requests if row.step == "submit" and row.at > turned_away[2]]
        assert len(turned_away) == 7
        assert min(later) - turned_away[2] >= 0.6
        refused = next(row for row in shop.vendors.requests if row.step == "download" and row.status == 429)
        again = [row.at for row in shop.vendors.requests if row.path == refused.path and row.at > refused.at]
        assert min(again) - refused.at >= 1
        assert shop.paid == 3


# Answers that name no job of ours


def test_the_same_job_for_two_requests_is_refused(tmp_path: Path) -> None:
    """Then and in every build after, whatever the vendor says to the key: a take is never taken for another's."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, shot("one"), shot("two"))
        shop.vendors.keyed.fault("submit", "same_id", nth=2)
        for _ in range(2):
            (said,) = failed(shop.build("--yes", ends=3)).values()
            assert "gave two requests the same job" in said
        assert shop.paid == 2


@pytest.mark.slow
def test_a_redirect_of_a_submit_is_not_followed(tmp_path: Path) -> None:
    """The key stays here; the same address is asked once more, since nothing was made."""
    with Shop(tmp_path / "shop", "bare") as shop:
        film(shop, shot("one", "plain-bare-video"))
        other = shop.vendors.keyed
        shop.vendors.bare.fault("submit", "redirect", to=f"{other.url}/jobs", status=307)
        shop.vendors.bare.fault("poll", "redirect", to=f"{other.url}/jobs/1")
        shop.build("--yes")
        assert (shop.submits, shop.paid, other.requests) == (2, 1, [])
