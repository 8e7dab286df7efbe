"""Takes of a shot: candidates, the sheet they are seen on, the one that is circled; takes that are no good."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from small_films import VIDEO, film, shot, since

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

RING = (244, 180, 64)
"""The colour of the ring in front of a circled take."""


@pytest.fixture
def keyed(tmp_path: Path) -> Iterator[Shop]:
    """A shop with the plain vendor's models, and nothing written yet."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        yield shop


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Three takes of one shot, and one that continues it, built once."""
    with Shop(tmp_path_factory.mktemp("counter") / "shop", "keyed") as shop:
        film(shop, shot("pour", takes=3), shot("next", "crema", init_image="pour.last_frame"))
        shop.build("--yes")
        yield shop


@pytest.fixture
def three(counter: Shop, tmp_path: Path) -> Studio:
    """A copy of them."""
    return counter.copy(tmp_path / "copy")


def listed(studio: Studio, id: str = "pour") -> list[dict[str, Any]]:
    """List a shot's takes."""
    found: list[dict[str, Any]] = json.loads(studio.run("takes", id, "--json").stdout)
    return found


def circled(studio: Studio) -> list[int]:
    """Say which takes are circled."""
    return [row["take"] for row in listed(studio) if row["circled"]]


def rings(sheet: Path) -> list[bool]:
    """Say of each row of a contact sheet whether a ring is drawn in front of its label."""
    with Image.open(sheet) as opened:
        pixels = np.asarray(opened.convert("RGB")).astype(int)
    near = (np.abs(pixels[:, 18:40] - RING).sum(axis=2) < 60).sum(axis=1) > 0
    rows = (pixels.shape[0] - 36) // 3
    return [bool(near[18 + rows * row : 18 + rows * row + 40].any()) for row in range(3)]


def lose(shop: Studio, row: dict[str, Any]) -> None:
    """Lose the bytes of a take, and what was built."""
    (path,) = (shop.store / "cas").glob(f"??/{row['sha256']}")
    os.chmod(path, 0o600)
    path.unlink()
    shutil.rmtree(shop.folder / "build")


def test_candidates_are_bought_together_and_seeds_lie_a_thousand_apart(three: Studio, counter: Shop) -> None:
    """The first that passes is shown; the sheet has a row each and rings that one."""
    sent = [row.asked["seed"] for row in counter.vendors.ledger if "espresso" in row.asked["prompt"]]
    assert sorted(sent) == [0, 1000, 2000]
    rows = listed(three)
    assert [(row["take"], row["circled"], row["faults"]) for row in rows] == [
        (1, True, []),
        (2, False, []),
        (3, False, []),
    ]
    assert rings(three.folder / "build/takes/pour.png") == [True, False, False]


def test_picking_a_take_costs_what_continues_it_and_picking_back_nothing(three: Studio, counter: Shop) -> None:
    """The other takes stay what they are: of today's recipe."""
    assert "shows take 2" in three.run("pick", "pour", "2").stdout
    assert (circled(three), {row["current"] for row in listed(three)}) == ([2], {True})
    assert rings(three.folder / "build/takes/pour.png") == [False, True, False]
    plan = three.plan()
    assert list(plan["totals"]["by_shot"]) == ["shot next"]
    assert "take added: 2" in three.run("why", "pour").stdout
    paid = counter.paid
    three.build("--yes")
    assert counter.paid == paid + 1
    count = len(counter.vendors.requests)
    three.run("pick", "pour", "1")
    three.build()
    assert since(counter, count) == []


def test_a_take_that_was_not_bought_is_said_to_be_so(three: Studio) -> None:
    """It is bought by the next build, and the plan has its price."""
    assert "not bought yet" in three.run("pick", "pour", "4").stdout
    assert "Footage of `pour`, take 4" in three.run("plan").stdout
    assert three.run("pick", "pour", "k000000").returncode == 2


@pytest.mark.slow
def test_an_attempt_that_is_picked_by_its_id_stays_whatever_the_recipe_becomes(three: Studio, counter: Shop) -> None:
    """Its bytes are fetched again by its job where the store has lost them; where nobody has them: exit 3."""
    last = listed(three)[2]
    three.run("pick", "pour", last["id"])
    three.build("--yes")
    count = len(counter.vendors.requests)
    three.edit("pours espresso", "pours tea")
    built = three.build()
    assert f"the take `{last['id']}` is kept" in built.told
    assert since(counter, count) == []
    lose(three, last)
    three.edit('"fps": 12', '"fps": 10')
    three.build("--yes")
    fetched = [row.step for row in since(counter, count)]
    assert "download" in fetched
    lose(three, last)
    shutil.rmtree(three.store / "jobs")
    three.edit('"fps": 10', '"fps": 8')
    unclear = three.build("--yes", ends=3)
    assert last["id"] in unclear.told
    assert "BUG" not in unclear.told


@pytest.mark.slow
def test_an_id_that_nobody_bought_is_told_with_the_way_to_those_that_were(three: Studio) -> None:
    """And that way works, though the project does not hold."""
    three.edit('"takes": 3', '"takes": 3, "take": "kffffff"')
    wrong = three.run("plan")
    assert wrong.returncode == 2
    assert "vidbuild takes pour" in wrong.stderr
    assert len(listed(three)) == 3
    assert three.run("pick", "pour", "1").returncode == 0
    assert three.run("plan").returncode == 0


def test_a_take_that_fails_its_checks_is_shot_again_then_the_next_model_is_asked(keyed: Shop) -> None:
    """The negative is sharpened for what was wrong, and the next model gets it as it was written; seeds count on."""
    own = (keyed.folder / "models/plain-keyed-video.yaml").read_text()
    keyed.write("models/other-video.yaml", own.replace("plain-keyed-video", "other-video"))
    options = {"lines": 360}
    film(
        keyed,
        shot("bad", "a wave", model=[VIDEO, "other-video"], options=options, negative="text"),
        shot("good", "a cup"),
        shot("after", "it goes on", init_image="bad.last_frame"),
    )
    vendor = keyed.vendors.keyed
    vendor.fault("submit", "black", times=2, where="a wave")
    keyed.build("--yes")
    sent = [row.asked for row in vendor.ledger if row.asked["prompt"] == "a wave"]
    assert [row["seed"] for row in sent] == [0, 1, 2]
    assert [row["negative"] for row in sent] == ["text", "text, black frames, fade to black", "text"]
    assert listed(keyed, "bad")[2]["model"] == "other-video"


@pytest.mark.slow
def test_a_shot_of_which_no_take_is_good_fails_alone_and_says_why(keyed: Shop) -> None:
    """What does not hang on it is finished; the next build buys nothing, and picking a take shows it as it is."""
    film(keyed, shot("bad", "a wave"), shot("good", "a cup"), shot("after", "it goes on", init_image="bad.last_frame"))
    keyed.vendors.keyed.fault("submit", "black", times=2, where="a wave")
    built = keyed.build("--yes", ends=1)
    assert [row["shots"] for row in built.last["failed"]] == [["bad"]]
    assert built.told.count("the take is black") >= 2
    assert ("Segment", ("good",), ("wide",)) in built.ran()
    assert keyed.paid == 3
    count = len(keyed.vendors.requests)
    keyed.build("--yes", ends=1)
    assert since(keyed, count) == []
    assert [row["faults"] != [] for row in listed(keyed, "bad")] == [True, True]
    keyed.run("pick", "bad", listed(keyed, "bad")[0]["id"])
    keyed.build("--yes")
    assert keyed.paid == 4
