"""`focus: faces` follows the largest face that stays, whatever else moves and stands out; jumps with cuts.

The face is Eileen Collins': NASA, Great Images, public domain (cut and shrunk from scikit-image's `astronaut.png`).
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vidbuild.media import following
from vidbuild.media.following import Face
from vidbuild.media.measures import GRID
from vidbuild.media.moving import UNITS
from vidbuild.plan.following import _fine
from vidbuild.runners import faces
from vidbuild.runners.following import watched

RATE = Fraction(12)
FACE = Image.open(Path(__file__).with_name("face.jpg"))
FRAMES = 36
SIZE = (640, 360)


def at(frame: int) -> float:
    """Say where the face is: it walks from left to right."""
    return 0.25 + 0.5 * frame / (FRAMES - 1)


def still(frame: int) -> Image.Image:
    """Draw the face, and a bright disc that jumps about in the far corner."""
    picture = Image.new("L", SIZE, 60)
    picture.paste(FACE, (round(at(frame) * SIZE[0]) - FACE.width // 2, 90))
    x = 560 + 30 * (frame % 2) if frame < FRAMES / 2 else 20 + 30 * (frame % 2)
    picture.paste(255, (x, 10, x + 40, 50))
    return picture


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> dict[str, object]:
    """Watch such a film as a step does."""
    folder = tmp_path_factory.mktemp("faces")
    stream = b"YUV4MPEG2 W640 H360 F12:1 Ip A1:1 C420mpeg2\n" + b"".join(
        b"FRAME\n" + still(frame).tobytes() + b"\x80" * (SIZE[0] * SIZE[1] // 2) for frame in range(FRAMES)
    )
    (folder / "film.y4m").write_bytes(stream)
    told = {"rate": "12", "first": 0, "from": 0, "until": FRAMES, "finds": "faces"}
    with open(folder / "film.y4m", "rb") as film:
        watched(told, folder / "path.json", film)
    made: dict[str, object] = json.loads((folder / "path.json").read_text())
    return made


def test_a_face_that_walks_is_followed(path: dict[str, object]) -> None:
    """Within a twelfth of the picture, though something brighter jumps about elsewhere; its hair counts less."""
    points = np.array(path["points"]) / UNITS
    middle = slice(6, FRAMES - 6)  # the ends lag a little: a camera doesn't know what comes
    expected = np.array([at(frame) for frame in range(FRAMES)])
    assert np.abs(points[middle, 0] - expected[middle]).max() < 1 / 12
    assert path["cuts"] == []


def test_without_faces_what_stands_out_is_followed() -> None:
    """As `auto` does, point by point."""
    chance = np.random.default_rng(1)
    luma = chance.integers(0, 255, (24, GRID[1], GRID[0]), np.uint8)
    chroma = [np.full((24, GRID[1] // 2, GRID[0] // 2), 128, np.uint8)] * 2
    (faced, _), (auto, _) = (following.points(luma, chroma, RATE, seen) for seen in ({0: [], 3: []}, None))
    assert (faced == auto).all()


def test_a_face_that_is_seen_once_counts_for_little() -> None:
    """One that stays does, though it is smaller."""
    luma = np.full((48, GRID[1], GRID[0]), 90, np.uint8)
    chroma = [np.full((48, GRID[1] // 2, GRID[0] // 2), 128, np.uint8)] * 2
    stays, once = Face(0.2, 0.5, 0.1), Face(0.9, 0.5, 0.2)
    seen = {index: [stays, *([once] if index == 24 else [])] for index in range(0, 48, 3)}
    found, _ = following.points(luma, chroma, RATE, seen)
    assert np.abs(found[:, 0] - 0.2).max() < 0.01


def test_upright_pictures_are_seen_upright() -> None:
    """A face isn't squeezed: what is sent is as wide for its height as the source."""
    assert _fine((1080, 1920)) == (360, 640)
    assert _fine((16, 9)) == (640, 360)
    assert faces.finder()(np.asarray(still(0).crop((0, 0, 360, 360))))
