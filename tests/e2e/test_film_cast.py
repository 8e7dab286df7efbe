"""Cast: pictures made once and given to each model in the form it takes; what a change to one of them touches."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from small_films import PICTURE, VIDEO, film, shot, since

from vidbuild.testing.shop import Shop

DESCRIBED = "a woman in her thirties, short grey hair"
CAST = {
    "barista": {
        "description": DESCRIBED,
        "image": {"model": PICTURE, "prompt": "portrait of {{ description }}"},
    },
    "cup": {"image": {"file": "cup.png"}},
}
LINES = {"lines": 360}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A film whose shots name one member to models of three kinds, and start from the user's own picture; built."""
    with Shop(tmp_path_factory.mktemp("cast") / "shop", "keyed") as shop:
        shop.still("cup.png", "orange", "640x360")
        group = {
            "id": "bar",
            "seed": 884412,
            "shots": [
                shot("refs", "{{ cast.barista }} waves", model="seedance-2", duration_s=4),
                shot("frame", "{{ cast.barista }} stands", model="gen-4", duration_s=5),
                shot("described", "{{ cast.barista }} pours"),
            ],
        }
        film(shop, group, shot("own", "a table", init_image="cup"), cast=CAST)
        shop.build("--yes")
        yield shop


def sent(shop: Shop, words: str) -> dict[str, Any]:
    """Give what a vendor got for a prompt that holds some words."""
    found = [job.body for vendor in shop.vendors.all for job in vendor.jobs.values()]
    (body,) = [dict(body) for body in found if words in str(body.get("prompt", body.get("promptText")))]
    return body


def picture(uri: str) -> Image.Image:
    """Open a picture that was sent as a data URI."""
    return Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("RGB")


def test_a_members_picture_is_generated_once_for_all_shots(shop: Shop) -> None:
    """Whoever gets it."""
    assert sent(shop, "portrait")["prompt"] == f"portrait of {DESCRIBED}"
    assert sum("portrait" in row.asked.get("prompt", "") for row in shop.vendors.ledger) == 1
    assert shop.vendors.complaints == []


def test_each_model_gets_it_in_the_form_it_takes(shop: Shop) -> None:
    """As a reference, as its first frame; a model that takes neither reads the description."""
    reference = picture(sent(shop, "waves")["references"][0]["uri"])
    first = picture(sent(shop, "stands")["promptImage"][0]["uri"])
    assert reference.tobytes() == first.tobytes()
    described = sent(shop, "pours")
    assert described["prompt"] == f"{DESCRIBED} pours"
    assert "first_frame" not in described


def test_the_users_own_pixels_are_what_is_sent(shop: Shop) -> None:
    """Whole, and not drawn anew."""
    with Image.open(shop.folder / "cup.png") as own:
        assert picture(sent(shop, "a table")["first_frame"]).tobytes() == own.convert("RGB").tobytes()


def test_a_groups_seed_is_that_of_its_shots(shop: Shop) -> None:
    """Models that take none are sent none."""
    assert [sent(shop, words)["seed"] for words in ("waves", "stands", "pours")] == [884412] * 3
    assert sent(shop, "a table")["seed"] == 0


def test_the_plan_shows_what_a_change_to_a_member_touches_and_its_price(shop: Shop) -> None:
    """The member's picture and the shots that name it, not the others."""
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    shop.edit("short grey hair", "long red hair")
    totals = shop.plan()["totals"]
    shop.edit("long red hair", "short grey hair")
    assert list(totals["by_shot"]) == ["cast barista", "shot described", "shot frame", "shot refs"]
    assert totals["by_shot"]["cast barista"]["cost_usd"] == {"low": 0.03, "expected": 0.033, "high": 0.06}
    assert totals["cost_usd"]["high"] == pytest.approx(0.06 + 2 * (4 * 0.36 + 5 * 0.05 + 0.1))


def test_a_picture_that_is_saved_again_with_equal_pixels_costs_nothing(shop: Shop) -> None:
    """Its bytes are others, its pixels are not."""
    count = len(shop.vendors.requests)
    with Image.open(shop.folder / "cup.png") as own:
        own.save(shop.folder / "cup.png", compress_level=0)
    shop.build("--yes")
    assert since(shop, count) == []
    assert VIDEO in (shop.folder / "vidbuild.lock").read_text()
