"""Cards in finished files: in any script, with the brand's logo and ground, inside each platform's safe area."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vidbuild.runners.ffmpeg import find
from vidbuild.testing.studio import Ran, Studio

FFMPEG = find(os.environ)
SIZE = (320, 180)
TITLES = ("Slow {Coffee} \\N", "قهوة بطيئة", "धीमी क्षत्रिय कॉफ़ी", "กาแฟช้าๆ ที่นี่", "☕ שלום 🎉")
PROFILE = "name: wide\nsize: [320, 180]\nvideo: {preset: ultrafast, crf: 10}\nsafe_area: {right: 0.2, top: 0.15}\n"
PROJECT = """\
vidbuild: 1
fps: 10
brand:
  logo: logo.png
  colours: {background: "#204060", ink: "#ffe0a0"}
  presets: {card-title: {colour: ink}}
outputs: [{platform: wide}]
shots:
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A film of cards, built once."""
    studio = Studio(tmp_path_factory.mktemp("cards") / "project")
    studio.write("platforms/wide.yaml", PROFILE)
    studio.still("logo.png", "0xff0000", "40x20")
    cards = "".join(
        f"  - {{id: c{number}, duration_s: 0.2, card: {{title: '{title}', subtitle: and more}}}}\n"
        for number, title in enumerate(TITLES)
    )
    studio.write("project.yaml", f"{PROJECT}{cards}  - {{duration_s: 0.2, card: {{title: '-', logo: none}}}}\n")
    studio.build()
    return studio


def pictures(studio: Studio) -> np.ndarray:
    """Decode one picture of each card."""
    argv = [FFMPEG, "-v", "error", "-i", studio.folder / "build" / "wide.mp4", "-vf", "framestep=2"]
    said = subprocess.run([*argv, "-pix_fmt", "rgb24", "-f", "rawvideo", "-"], capture_output=True, check=True)
    return np.frombuffer(said.stdout, np.uint8).reshape(-1, SIZE[1], SIZE[0], 3).astype(int)


def test_every_card_shows_its_text_and_the_brands_logo_inside_the_safe_area(base: Studio) -> None:
    """Measured on the pixels: as far from the left as from the right, a tenth or what the platform asks for."""
    shown = pictures(base)
    assert len(shown) == len(TITLES) + 1
    assert np.abs(shown[:, 0, 0] - [0x20, 0x40, 0x60]).max() < 6
    seen = np.abs(shown - [0x20, 0x40, 0x60]).max(axis=3) > 24
    for picture in seen:
        rows, columns = np.nonzero(picture)
        assert 64 <= columns.min() < columns.max() < 256
        assert 27 <= rows.min() < rows.max() < 162
    red = (shown[..., 0] > 200) & (shown[..., 1] < 60)
    assert [bool(picture.any()) for picture in red] == [True] * len(TITLES) + [False]
    assert ((shown[:, :, :, 0] > 200) & (shown[:, :, :, 1] > 180)).any(axis=(1, 2)).all()


def test_titles_differ_in_every_script(base: Studio) -> None:
    """No two are the same row of boxes."""
    shown = pictures(base)
    assert len({picture.tobytes() for picture in shown}) == len(shown)


def test_a_cards_text_draws_that_card_again(base: Studio, tmp_path: Path) -> None:
    """And encodes it; another's stays."""
    studio = base.copy(tmp_path / "copy")
    studio.edit("กาแฟช้าๆ ที่นี่", "กาแฟ")
    assert studio.build().counted == {Ran("Picture", ("c3",), ("wide",)), Ran("Segment", ("c3",), ("wide",))}
    studio.edit("กาแฟ", "咖啡")
    assert "咖 U+5496, 啡 U+5561" in studio.run("build").stderr
