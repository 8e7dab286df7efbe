"""Where a picture is looked at: what moves and stands out is kept in sight, smoothly, and cuts are jumps."""

from __future__ import annotations

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidbuild.media import following, moving
from vidbuild.media.measures import GRID
from vidbuild.plan.following import CONTEXT_S, REVISION
from vidbuild.runners.following import watched

RATE = Fraction(12)
Place = Callable[[int], tuple[float, float]]


def film(frames: int, subject: Place | None, pan: int = 0, colour: int = 0, seed: int = 3) -> tuple[Any, list[Any]]:
    """Draw a disc, perhaps coloured, that moves over a blotched ground, which a camera pans over, with grain."""
    chance = np.random.default_rng(seed)
    blotches = chance.normal(0, 18, (16, 28 + abs(pan) * frames // 6))
    ground = 110 + np.kron(blotches, np.ones((6, 6)))
    down, across = np.mgrid[0 : GRID[1], 0 : GRID[0]]
    luma = np.empty((frames, GRID[1], GRID[0]), np.uint8)
    chroma = [np.full((frames, GRID[1] // 2, GRID[0] // 2), 128, np.uint8) for _ in range(2)]
    for frame in range(frames):
        left = pan * frame if pan >= 0 else -pan * (frames - frame)
        picture = ground[: GRID[1], left : left + GRID[0]] + chance.normal(0, 2, luma.shape[1:])
        if subject is not None:
            x, y = subject(frame)
            disc = (across - x * GRID[0]) ** 2 + (down - y * GRID[1]) ** 2 < 144
            picture[disc] = 60 + 30 * np.sin(frame / 2 + across[disc] / 3)
            chroma[1][frame][disc[::2, ::2]] += colour
        luma[frame] = np.clip(picture, 0, 255)
    return luma, chroma


def joined(*films: tuple[Any, list[Any]]) -> tuple[Any, list[Any]]:
    """Put films one behind the other."""
    luma = np.concatenate([each[0] for each in films])
    return luma, [np.concatenate([each[1][plane] for each in films]) for plane in range(2)]


@pytest.mark.parametrize("pan", [0, 1, -1], ids=["stands", "pans right", "pans left"])
def test_who_walks_through_the_picture_is_followed(pan: int) -> None:
    """From left to right in six seconds, whatever the camera does: never out of a 9:16 window, 0.16 to each side."""

    def walk(frame: int) -> tuple[float, float]:
        return 0.2 + 0.6 * frame / 71, 0.55

    found, cuts = following.points(*film(72, walk, pan), RATE)
    assert cuts == []
    assert np.abs(found[:, 0] - [walk(frame)[0] for frame in range(72)]).max() < 0.12


def test_what_has_another_colour_is_looked_at_where_nothing_moves() -> None:
    """A coloured disc on the left."""
    luma, chroma = film(1, lambda _: (0.25, 0.5), colour=40)
    found, _ = following.points(luma, chroma, RATE)
    assert found[0, 0] == pytest.approx(0.25, abs=0.05)


def test_where_nothing_stands_out_the_middle_is_looked_at() -> None:
    """A flat picture."""
    luma = np.full((12, GRID[1], GRID[0]), 90, np.uint8)
    found, _ = following.points(luma, [np.full((12, 45, 80), 128, np.uint8)] * 2, RATE)
    assert np.abs(found - 0.5).max() < 0.02


def test_a_path_is_smooth_and_never_hurries() -> None:
    """Somebody runs to and fro: less than two thirds of the picture a second, and no jerks."""
    found, _ = following.points(*film(96, lambda frame: (0.5 + 0.35 * np.sin(frame / 4), 0.5)), RATE)
    steps = np.diff(found[:, 0])
    assert np.abs(steps).max() * RATE < 2 / 3
    assert np.abs(np.diff(steps)).max() < 0.02


def test_a_cut_of_the_camera_is_a_jump() -> None:
    """Before it nothing is known of what comes, nor after it of what was."""
    left, right = film(36, lambda _: (0.2, 0.5)), film(36, lambda _: (0.8, 0.5), seed=9)
    found, cuts = following.points(*joined(left, right), RATE)
    assert cuts == [36]
    assert (found[35, 0], found[36, 0]) == pytest.approx((0.2, 0.8), abs=0.06)


def test_a_film_watched_in_parts_is_looked_at_alike() -> None:
    """A point hangs on nothing that is further away than the context of a part."""
    luma, chroma = film(168, lambda frame: (0.5 + 0.3 * np.sin(frame / 20), 0.5))
    whole, _ = following.points(luma, chroma, RATE)
    begin, around = 96, CONTEXT_S * int(RATE)
    part, _ = following.points(luma[begin - around :], [plane[begin - around :] for plane in chroma], RATE)
    assert np.array_equal(whole[begin:], part[around:])


def test_where_it_looks_changes_with_its_revision(golden: Callable[[str, Any], None]) -> None:
    """Points of a small film, to a fiftieth of the picture: raise `plan.following.REVISION` with them."""
    walk, other = film(48, lambda frame: (0.2 + 0.01 * frame, 0.4)), film(24, None, pan=1, colour=20, seed=5)
    found, cuts = following.points(*joined(walk, other), RATE)
    golden("followed.json", {"revision": REVISION, "cuts": cuts, "points": (50 * found[::6]).round().tolist()})


def test_what_is_written_is_read_back_on_every_clock(tmp_path: Path) -> None:
    """Pictures 24 to 47 of a source of 60 that cuts at 36; a shot that begins with 24, at twice the rate."""
    luma, chroma = joined(film(36, lambda _: (0.2, 0.5)), film(24, lambda _: (0.8, 0.5), seed=9))
    sent = tmp_path / "sent.y4m"
    head = f"YUV4MPEG2 W{GRID[0]} H{GRID[1]} F12:1\n".encode()
    pictures = (b"FRAME\n" + b"".join(plane[at].tobytes() for plane in (luma, *chroma)) for at in range(60))
    sent.write_bytes(head + b"".join(pictures))
    with open(sent, "rb") as stream:
        watched({"rate": "12", "first": 0, "from": 24, "until": 48}, tmp_path / "path.json", stream)
    path = json.loads((tmp_path / "path.json").read_text())
    assert (path["first"], len(path["points"]), path["cuts"]) == (24, 24, [36])
    gaze = {
        "rate": "24", "first": 0, "frames": 48, "mode": "crop", "focus": ["0.5", "0.5"],
        "follow": {"from": ["clip_path0"], "spans": [{"frames": 48, "start": "2"}]},
    }  # fmt: skip
    boxes = list(moving.windows(gaze, (1600, 900), (90, 160), [path]))
    middles = np.array([box.left + box.width / 2 for box in boxes]) / 1600
    assert np.abs(middles[::2] - [x / 10_000 for x, _ in path["points"]]).max() < 1e-9
    assert np.abs(np.diff(middles)[[22, 24]]).max() < 0.01
    assert middles[24] - middles[23] > 0.4
