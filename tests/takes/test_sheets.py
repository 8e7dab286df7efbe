"""Contact sheets: a row a take, six pictures each, text that is only drawn."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from vidbuild.runners import ffmpeg
from vidbuild.runners.sheets import sheet
from vidbuild.testing import marks
from vidbuild.testing.clips import Clip, make
from vidbuild.testing.marks import Mark

FFMPEG = ffmpeg.find({})


def test_six_evenly_spaced_pictures_stand_in_a_row(take: Path, tmp_path: Path) -> None:
    """From the first part of the take to the last."""
    sheet([("take 1, k7e31ab: kling-3", take), ("take 2", take)], tmp_path / "sheet.png")
    luma = np.asarray(Image.open(tmp_path / "sheet.png").convert("L"))
    for top in (52, 52 + 180 + 40):
        cells = [luma[top : top + 180, 18 + 326 * column : 338 + 326 * column] for column in range(6)]
        seen = [marks.read(cell, marks.view((320, 180), (320, 180))) for cell in cells]
        assert seen == [Mark(3, frame) for frame in (4, 12, 20, 28, 36, 44)]


def test_tall_and_turned_takes_and_stills_stand_upright(tmp_path: Path) -> None:
    """Held in their cells, whatever their shape."""
    turned = make(Clip(4, (108, 192), quarter_turns=1, sound_rate=0), tmp_path / "turned.mov", FFMPEG)
    Image.new("RGB", (64, 64), "red").save(tmp_path / "still.png")
    sheet([("turned", turned), ("still", tmp_path / "still.png")], tmp_path / "sheet.png")
    drawn = Image.open(tmp_path / "sheet.png").convert("RGB")
    cell = np.asarray(drawn.convert("L"))[52 : 52 + 240, 18 + 92 : 18 + 92 + 135]
    assert marks.read(cell, marks.view((108, 192), (135, 240))) is not None
    assert drawn.getpixel((18 + 160, 52 + 240 + 40 + 100)) == (255, 0, 0)


def test_a_circled_take_has_its_ring(take: Path, tmp_path: Path) -> None:
    """As on a camera report."""
    sheet([("take 1", take), ("take 2", take)], tmp_path / "ringed.png", {1})
    sheet([("take 1", take), ("take 2", take)], tmp_path / "plain.png")
    changed = np.argwhere(
        np.asarray(Image.open(tmp_path / "ringed.png")) != np.asarray(Image.open(tmp_path / "plain.png"))
    )
    assert changed[:, 0].min() >= 18 + 40 + 180
    assert changed[:, 0].max() < 18 + 40 + 180 + 40


@pytest.mark.parametrize(
    "label",
    ["", "%d %s {} \x1b[2J\r\n<script>", "\u202egnp.exe \u0000", "日本語 🎬 עברית", "x" * 100_000, "\ud800"],
    ids=["empty", "escapes", "bidi", "scripts", "endless", "half"],
)
def test_a_label_is_only_drawn(label: str, take: Path, tmp_path: Path) -> None:
    """Vendors and authors may write what they like."""
    sheet([(label, take)], tmp_path / "sheet.png")
    assert Image.open(tmp_path / "sheet.png").size == (1986, 256)


def test_a_take_that_can_not_be_read_leaves_its_row_empty(take: Path, tmp_path: Path) -> None:
    """The others are still shown."""
    (tmp_path / "broken.mp4").write_bytes(b"nothing")
    sheet(
        [("broken", tmp_path / "broken.mp4"), ("gone", tmp_path / "gone.mp4"), ("good", take)], tmp_path / "sheet.jpg"
    )
    assert Image.open(tmp_path / "sheet.jpg").format == "JPEG"


def test_the_same_takes_give_the_same_sheet(take: Path, tmp_path: Path) -> None:
    """Nothing in it depends on when it was drawn."""
    for name in ("one.png", "two.png"):
        sheet([("take 1", take)], tmp_path / name, {0})
    assert (tmp_path / "one.png").read_bytes() == (tmp_path / "two.png").read_bytes()
