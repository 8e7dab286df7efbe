"""The storyboard form, unchanged, against vendors that speak Kling's and Stability's wires: a film, bought once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import yaml
from PIL import Image
from small_films import since
from test_storyboard import STORYBOARD

from vidbuild.testing import sounds
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built
from vidbuild.testing.vendors import Job

FPS, SECONDS = 12, 3


def chain() -> dict[str, Any]:
    """Give the first two shots of the storyboard, the second chained to the first; shorter, for speed."""
    board: dict[str, Any] = deepcopy(STORYBOARD)
    shots = [{**shot, "duration_s": SECONDS} for shot in board["shots"][:2]]
    return {**board, "fps": FPS, "duration_s": 2 * SECONDS, "shots": shots}


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Shop, Built]]:
    """Build the storyboard once; the first take comes frozen."""
    with Shop(tmp_path_factory.mktemp("board") / "shop") as shop:
        shop.project(**chain())
        shop.vendors.kling.fault("submit", "frozen")
        yield shop, shop.build("--yes")


def jobs(shop: Shop) -> list[Job]:
    """Give Kling's jobs in order."""
    return list(shop.vendors.kling.jobs.values())


def pictures(path: Path, *wanted: int) -> list[Any]:
    """Decode some of a film's pictures, small; it must have as many as the storyboard says."""
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
        assert len(frames) == 2 * SECONDS * FPS
        return [np.asarray(_small(frames[index].to_image())) for index in wanted]


def _small(picture: Image.Image) -> Image.Image:
    return picture.convert("L").resize((160, 90), Image.Resampling.BOX)


def apart(one: Any, other: Any) -> float:
    """Say how different two pictures are, in levels."""
    return float(np.abs(one.astype(np.int16) - other.astype(np.int16)).mean())


def test_three_takes_and_one_bed_are_bought_by_requests_that_vendors_take(bought: tuple[Shop, Built]) -> None:
    """The frozen take is shot again; nothing else is."""
    shop, built = bought
    assert built.status == "built"
    assert [(row.vendor, row.path.rpartition("/")[2]) for row in shop.vendors.ledger if row.vendor == "kling"] == [
        ("kling", "text2video"), ("kling", "text2video"), ("kling", "image2video"),
    ]  # fmt: skip
    assert [row.asked["model"] for row in shop.vendors.stability.ledger] == ["stable-audio-2"]
    assert [row.complaint for row in shop.vendors.requests if row.complaint] == []


def test_the_reshoot_is_told_and_its_negative_sharpened(bought: tuple[Shop, Built]) -> None:
    """For what was wrong, behind what the author wrote."""
    shop, built = bought
    first, again, _ = jobs(shop)
    assert first.body["negative_prompt"] == "text, watermark"
    assert again.body["negative_prompt"] == "text, watermark, frozen picture, still image, slideshow"
    assert again.body["prompt"] == first.body["prompt"]
    (reshoot,) = [event for event in built.named("job_moved") if event["state"] == "reshoot"]
    assert reshoot["label"] == "shot shot_01"
    assert "nothing moves" in reshoot["why"]


def test_the_preamble_stands_in_front_of_every_prompt_as_it_is_written(bought: tuple[Shop, Built]) -> None:
    """The storyboard form is not templated."""
    shop, _ = bought
    for job in jobs(shop):
        assert str(job.body["prompt"]).startswith(str(STORYBOARD["style_preamble"]))


def test_the_second_shot_begins_with_the_last_picture_of_the_first(bought: tuple[Shop, Built]) -> None:
    """What the vendor is sent is the take's own last picture, a PNG; in the film the cut is hardly seen."""
    shop, _ = bought
    sent = jobs(shop)[2].wants.init
    assert sent is not None
    assert sent.startswith(b"\x89PNG")
    cut = SECONDS * FPS
    first, last, following = pictures(shop.folder / "build/master.mp4", 0, cut - 1, cut)
    with Image.open(io.BytesIO(sent)) as picture:
        assert apart(np.asarray(_small(picture)), last) < 3
    assert apart(last, following) < 3
    assert apart(first, last) > 8, "the shot itself moves"


def test_the_music_lies_under_the_whole_film(bought: tuple[Shop, Built]) -> None:
    """The very sound that came, from the first sample on, turned up by one gain; it rings out at the end."""
    shop, _ = bought
    (job,) = shop.vendors.stability.jobs.values()
    reference = sounds.noise(job.wants.flavour % 4, 2 * SECONDS * sounds.RATE)
    heard = decoded_sound(shop.folder / "build/master.mp4")
    places = [at * sounds.RATE for at in range(1, 2 * SECONDS)]
    found = sounds.listen(heard, reference, places)
    assert all(one.late is not None and abs(one.late) <= 48 for one in found), found
    levels = [float(np.sqrt(np.mean(np.square(heard[at : at + sounds.RATE])))) for at in places[:-2]]
    gains = [20 * np.log10(level / sounds.LEVEL) for level in levels]
    assert max(gains) - min(gains) < 0.5


def decoded_sound(path: Path) -> Any:
    """Decode a film's sound: rows of two channels."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().T for frame in container.decode(audio=0)])


def test_the_lock_holds_every_purchase_and_what_the_chain_hangs_on(bought: tuple[Shop, Built]) -> None:
    """Both takes of the first shot, the second of them circled; the picture between the shots is pinned."""
    shop, _ = bought
    lock = yaml.safe_load((shop.folder / "vidbuild.lock").read_text())
    ask, pin = lock["made"]["shot shot_01"]
    assert [attempt["job"].partition("/")[2] for attempt in ask["attempts"]] == [job.id for job in jobs(shop)[:2]]
    assert ask["circled"] == ask["attempts"][1]["id"]
    assert [attempt["usd"] for attempt in ask["attempts"]] == [0.126, 0.126]
    assert pin["picture"][2] == "image/png"
    assert [attempt["model"] for attempt in lock["made"]["shot shot_02"][0]["attempts"]] == ["kling-i2v"]
    assert lock["made"]["audio"][0]["seconds"] == 30
    assert [attempt["model"] for attempt in lock["made"]["audio"][0]["attempts"]] == ["stable-audio-2"]
    told = "".join(path.read_text(errors="replace") for path in (shop.store / "jobs").rglob("*") if path.is_file())
    told += (shop.folder / "vidbuild.lock").read_text()
    assert not [name for name, secret in shop.vendors.secrets.items() if secret in told]


def test_the_second_build_makes_no_request_at_all(bought: tuple[Shop, Built]) -> None:
    """Neither when nothing is looked at again, nor when everything is, nor when the plan is made."""
    shop, _ = bought
    count = len(shop.vendors.requests)
    shop.build()
    shop.build("--rehash")
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    assert since(shop, count) == []
