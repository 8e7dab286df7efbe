"""Presenters and lip-sync: an avatar's take is made from what is said, lips are joined where both exist."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from presented_films import ALL, CAST, HELLO, HOST, JOINED, bought, presented, talking
from small_films import film, since

from vidbuild.testing.shop import Shop


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A film of a presenter and of a guest who answers."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, presented(), talking(), cast=CAST)
        yield shop


def test_a_presenter_and_a_guest_are_built_once(shop: Shop) -> None:
    """Lines first, then what is made with them; the avatar's shot is as long as its line; once is enough."""
    told = shop.plan()["totals"]["cost_usd"]
    assert told["low"] < told["high"]
    built = shop.build("--yes")
    assert bought(shop) == ALL
    assert [row.vendor for row in shop.vendors.ledger[:2]] == ["elevenlabs"] * 2
    (file,) = built.last["deliverables"]
    spoken = len(HELLO) * 0.06
    assert 2 + spoken <= file["seconds"] < 2 + spoken + 0.2
    count = len(shop.vendors.requests)
    assert shop.build().ran() == set()
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    assert since(shop, count) == []


@pytest.mark.slow
def test_another_machine_buys_nothing(shop: Shop, tmp_path: Path) -> None:
    """The lock and the store are enough, even when all that was made here is made anew: what is said is pinned."""
    shop.build("--yes")
    lock = shop.lock.read_text()
    assert lock.count("pin:") >= 2
    other = shop.copy(tmp_path / "other")
    for path in (other.store / "ac").rglob("*"):
        if path.is_file() and '"mnemonic":"Sound"' in path.read_text().replace(" ", ""):
            path.unlink()
    count = len(shop.vendors.ledger)
    other.build()
    assert len(shop.vendors.ledger) == count
    assert shop.lock.read_text() == lock


def test_what_the_vendor_gets_is_what_is_heard(shop: Shop) -> None:
    """The presenter gets the line alone; the joined line is as long as the take, and the take itself is sent."""
    shop.build("--yes")
    jobs = {str(job.body["model"]): job for job in shop.vendors.keyed.jobs.values()}
    avatar, lips = jobs["plain-avatar-1"], jobs["plain-lipsync-1"]
    assert avatar.body["avatar"] == "ann"
    assert len(HELLO) * 0.06 == pytest.approx(float(avatar.wants.seconds), abs=0.1)
    assert set(lips.body) == {"model", "footage", "said"}
    assert float(lips.wants.seconds) == pytest.approx(2, abs=0.1)


def test_a_draft_is_free_and_reads_no_lock(shop: Shop) -> None:
    """A figure presents, the wave of the line is seen over the footage; nobody is asked."""
    built = shop.build("--draft")
    assert {row.mnemonic for row in built.ran("Footage", "LipSync", "Speech")} == {"Footage", "LipSync", "Speech"}
    assert len(shop.vendors.requests) == 0
    assert not shop.lock.exists()
    assert shop.build("--draft").ran() == set()


def test_a_presenter_that_fails_is_replaced_by_the_next_with_its_own_avatar(shop: Shop) -> None:
    """An id is its vendor's own: the second model of the list gets the second id, and its attempt is kept as one of
    the same ask."""
    avatars = [{"model": "plain-keyed-avatar", "id": "ann"}, {"model": "heygen", "id": "ann_office"}]
    film(shop, presented(), cast={"host": {**HOST, "avatar": avatars}})
    shop.vendors.keyed.fault("submit", "refused")
    shop.build("--yes")
    (job,) = shop.vendors.heygen.jobs.values()
    assert job.body["avatar_id"] == "ann_office"
    assert shop.lock.read_text().count("ask:") == 2
    count = len(shop.vendors.requests)
    assert shop.build().ran() == set()
    assert since(shop, count) == []


@pytest.mark.slow
def test_own_footage_is_joined_from_its_in_point_on(shop: Shop) -> None:
    """What lies between in-point and out-point is sent, and a trim sends nothing again."""
    shop.film("plate.mp4", 4, tone=440)
    own = {
        "id": "plate", "file": "plate.mp4", "in_s": 1, "out_s": 3, "duration_s": 1.5, "cast": ["guest"],
        "lipsync": JOINED, "say": {"by": "guest", "text": "Thanks."},
    }  # fmt: skip
    film(shop, own, cast=CAST)
    built = shop.build("--yes")
    assert bought(shop) == ["elevenlabs", "plain-lipsync-1"]
    (job,) = shop.vendors.keyed.jobs.values()
    assert float(job.wants.seconds) == pytest.approx(2, abs=0.1)
    assert built.last["deliverables"][0]["seconds"] == pytest.approx(1.5, abs=0.1)
    film(shop, {**own, "duration_s": 1}, cast=CAST)
    shop.build("--yes")
    assert len(shop.vendors.ledger) == 2


@pytest.mark.slow  # a build of its own, for what no other test looks at
def test_takes_of_a_shot_are_its_footage_and_not_what_was_joined(shop: Shop) -> None:
    """A presenter's take is one; what lips were joined in isn't."""
    shop.build("--yes")
    for shot in ("intro", "talk"):
        (take,) = json.loads(shop.run("takes", shot, "--json").stdout)
        assert take["current"], shot
    assert take["model"] == "plain-keyed-video"


def test_what_cannot_be_made_is_told_before_it_is_bought(shop: Shop) -> None:
    """Kinds of models, speeds, and a shot that is longer than its line can be, however slowly it is spoken."""
    wrong = {**HOST, "avatar": {"model": "kling-3", "id": "x"}}
    film(shop, presented(), talking(lipsync="kling-3", speed=2), cast={**CAST, "host": wrong})
    told = shop.run("build", "--yes")
    assert told.returncode == 2
    for words in ("`kling-3` makes footage, not avatar", "`kling-3` makes footage, not lipsync", "runs as fast as"):
        assert words.replace("runs", "doesn't run") in told.stderr
    assert len(shop.vendors.ledger) == 0
    film(shop, presented(duration_s=9), cast=CAST)
    told = shop.run("build", "--yes")
    assert told.returncode == 2
    assert "`intro` shows 9 s, and what is said in it is" in told.stderr
    assert len(shop.vendors.ledger) == 0
