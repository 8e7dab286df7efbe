"""A film over ten vendors: reshoots, chained frames, a cast, a presenter, a joined line; bought once, for good."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_films import film, since

from vidbuild.stores.job_log import JobLog, Stage, standing
from vidbuild.testing import dying
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

VENDORS = ("ark", "elevenlabs", "fal", "gemini", "heygen", "higgsfield", "kling", "runway", "stability", "sync")
MOVED = "veo-3.1-fast"
"""Reached through fal, and where its key is not there through Runway."""
VOICE = {"model": "elevenlabs", "id": "Rachel"}
CAST: Mapping[str, Any] = {
    "mara": {
        "description": "a woman in her thirties, short grey hair",
        "image": {"model": "flux-2-pro", "prompt": "portrait of {{ description }}", "options": {"resolution": "720p"}},
        "voice": VOICE,
    },
    "host": {"description": "a host", "voice": VOICE, "avatar": {"model": "heygen", "id": "ann"}},
}
SHOTS: tuple[Mapping[str, Any], ...] = (
    {"id": "dawn", "model": "kling-3", "prompt": "a harbour at dawn, slow pan", "duration_s": 3},
    {"id": "boat", "model": "higgsfield-dop", "prompt": "a boat leaves", "init_image": "dawn.last_frame"},
    {"id": "wake", "model": "gen-4.5", "prompt": "its wake", "duration_s": 2, "init_image": "boat.last_frame"},
    {"id": "pier", "model": "seedance-2.5", "prompt": "{{ cast.mara }} waves from the pier", "duration_s": 4},
    {"id": "gulls", "model": MOVED, "prompt": "gulls over the water", "duration_s": 4, "sound": "drop"},
    {"id": "town", "model": "gemini-omni", "prompt": "a town wakes", "duration_s": 3, "sound": "drop"},
    {"id": "talk", "model": "kling-3", "prompt": "{{ cast.mara }} at a table", "duration_s": 3,
     "say": {"by": "mara", "text": "We sail at noon."}, "lipsync": "sync-lipsync-2"},
    {"id": "intro", "avatar": "host", "say": "Hello, and welcome aboard."},
)  # fmt: skip


def project(shop: Shop, *more: Mapping[str, Any], **changes: Any) -> None:
    """Write the film, with further shots; `changes` of a shot by its id."""
    shots = [{"duration_s": 5, **shot, **changes.get(shot["id"], {})} for shot in (*SHOTS, *more)]
    for shot in shots:
        if "avatar" in shot:
            del shot["duration_s"]
    music = {"model": "stable-audio-2.5", "prompt": "warm guitar"}
    film(shop, *shots, cast=CAST, audio={"music": music, "voice": VOICE}, reshoots=1, negative=["text"])


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Built]]:
    """The film, built once; the first take of one vendor comes frozen, of another black, and one is refused a file."""
    with Shop(tmp_path_factory.mktemp("many") / "shop") as shop:
        project(shop)
        shop.vendors.kling.fault("submit", "frozen", where="harbour")
        shop.vendors.runway.fault("submit", "black", where="wake")
        shop.vendors.higgsfield.fault("upload", "server_error")
        yield shop, shop.build("--yes")


def test_every_vendor_is_asked_in_its_own_words_and_paid(bought: tuple[Shop, Built]) -> None:
    """Whatever was sent was taken; no key came along to a file, or is told anywhere."""
    shop, built = bought
    assert built.status == "built"
    assert sorted({row.vendor for row in shop.vendors.ledger}) == sorted(VENDORS)
    assert shop.vendors.complaints == []
    assert shop.vendors.leaks == []
    assert [vendor.name for vendor in shop.vendors.all if vendor.depot.twice] == []
    told = "".join(path.read_text(errors="replace") for path in (shop.store / "jobs").rglob("*") if path.is_file())
    told += (shop.folder / "vidbuild.lock").read_text() + built.told
    told += "".join(path.read_text() for path in (shop.store / "uploads").iterdir())
    assert not [name for name, secret in shop.vendors.secrets.items() if secret in told]


def test_bad_takes_are_shot_again_once_and_nothing_else_is(bought: tuple[Shop, Built]) -> None:
    """By the vendor that made them, with what was wrong told."""
    shop, _ = bought
    count = {name: len(shop.vendors.called(name).ledger) for name in VENDORS}
    assert count == {
        "kling": 3, "runway": 2, "higgsfield": 1, "fal": 2, "ark": 1, "gemini": 1, "stability": 1,
        "elevenlabs": 2, "heygen": 1, "sync": 1,
    }  # fmt: skip


def test_what_continues_a_shot_begins_with_its_last_picture(bought: tuple[Shop, Built]) -> None:
    """From one vendor to the next, and to the third: brought there as each takes it."""
    shop, _ = bought
    (boat,) = shop.vendors.higgsfield.jobs.values()
    wakes = [job for job in shop.vendors.runway.jobs.values() if "wake" in str(job.body)]
    assert boat.wants.init == shop.vendors.higgsfield.depot.came[-1].data
    assert len({job.wants.init for job in wakes}) == 1
    assert wakes[0].wants.init not in (None, boat.wants.init)


def test_the_second_build_makes_no_request(bought: tuple[Shop, Built]) -> None:
    """Neither when nothing is looked at again, nor when everything is."""
    shop, _ = bought
    count = len(shop.vendors.requests)
    shop.build()
    shop.build("--rehash")
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    assert since(shop, count) == []


def test_a_model_that_moves_to_another_route_buys_nothing(bought: tuple[Shop, Built]) -> None:
    """What was bought through one vendor stands, though the next purchase goes through another."""
    shop, _ = bought
    count, paid, key = len(shop.vendors.requests), shop.paid, shop.environ["FAL_KEY"]
    shop.environ["FAL_KEY"] = ""
    try:
        project(shop, gulls={"duration_s": 3})
        assert shop.plan()["totals"]["cost_usd"]["high"] == 0
        shop.build()
        assert since(shop, count) == []
        rays = {"id": "rays", "model": MOVED, "prompt": "rays of light", "duration_s": 4, "sound": "drop"}
        project(shop, rays, gulls={"duration_s": 3})
        shop.build("--yes")
        assert [row.vendor for row in shop.vendors.ledger[paid:]] == ["runway"]
        lock = yaml.safe_load((shop.folder / "vidbuild.lock").read_text())
        held = {name: [one["job"].split("/")[0] for one in lock["made"][f"shot {name}"][0]["attempts"]]
                for name in ("gulls", "rays")}  # fmt: skip
        assert held == {"gulls": ["fal"], "rays": ["runway"]}
    finally:
        shop.environ["FAL_KEY"] = key


INLINE = ("elevenlabs", "stability")
"""Vendors whose answer is what was asked for: where it died on its way, it is bought again."""


@pytest.mark.slow
def test_the_film_killed_again_and_again_is_paid_once(tmp_path: Path) -> None:
    """Each build is the recovery of the one before; where a vendor can't tell, its books are told."""
    with Shop(tmp_path / "shop", latency_s=0.3) as shop:
        project(shop)
        for step in ("ask PUT", "answer PUT", "rename uploads", "answer GET", "download", "downloaded", "write stored"):
            built = dying.killed(shop, step, "--yes")
            assert built.exit == -signal.SIGKILL, f"nothing died at `{step}`: {built.told}"
            tell(shop)
        shop.build("--yes")
        assert {one.name for one in shop.vendors.all if one.ledger.twice} <= set(INLINE)
        assert {one.name for one in shop.vendors.all if len(one.ledger)} == set(VENDORS)


def tell(shop: Shop) -> None:
    """Say of each purchase whose answer was lost which job it is, as the vendor's books know it."""
    log = JobLog(shop.store)
    held = {id for _, id in log.held()}
    for key in log.open_attempts():
        now = standing(log.steps(key))
        provider = str(now.intent.get("provider"))
        if now.stage is not Stage.INTENDED or provider in ("higgsfield", "heygen", "kling"):
            continue
        words = str(now.intent["action"]["params"]["ask"]["params"].get("prompt", ""))
        made = [row.job for row in shop.vendors.called(provider).ledger if row.job not in held]
        (job,) = [id for id in made if words in str(shop.vendors.called(provider).jobs[id].body)] or [""]
        option = ["--buy-again"] if provider in INLINE and job else ["--job", job] if job else ["--lost"]
        assert shop.run("jobs", "resolve", key[:12], *option).returncode == 0
