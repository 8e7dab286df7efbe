"""Every text and every caption, as it comes, stands and goes, inside the safe area of every packaged profile.

Measured on the pixels, in small pictures: all that is laid out is laid out in parts of the picture.
"""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vidbuild.media import ass, captions, text
from vidbuild.media.captions import Word
from vidbuild.media.fonts import FontFile, Typeface, faces
from vidbuild.media.text import Area, Preset
from vidbuild.packaged import catalog
from vidbuild.plan.lettering import safe_area
from vidbuild.runners.ffmpeg import find
from vidbuild.runners.process import ENVIRONMENT
from vidbuild.words.digest import Digest

FFMPEG = find(os.environ)
FILES = tuple(sorted((Path(captions.__file__).parents[1] / "fonts").glob("VidbuildSans-*.ttf")))
FONTS = Typeface(tuple(FontFile(Digest(path.name), faces(path.read_bytes())) for path in FILES))
MASTER = (1920, 1080)


def small(width: int, height: int) -> tuple[int, int]:
    """Give a picture of the same shape with a short side of 270 pixels."""
    return width * 270 // min(width, height), height * 270 // min(width, height)


SHAPES = {
    (size, safe_area(profile, size)): name
    for name, profile in sorted(catalog().profiles.items())
    for size in [small(profile.width or MASTER[0], profile.height or MASTER[1])]
}
"""One profile of each shape and safe area."""
RATE = Fraction(24)
LONG = "Ågjpqy, مرحبا بالعالم ที่นี่ก้ำ क्षत्रिय: the first one is on us, and so is the second {W}"
FRAMES = 12
SEEN = 24
"""How much brighter than nothing a pixel is that is drawn."""


def laid(name: str, preset: Preset, place: str, first: int, safe: Area, size: tuple[int, int]) -> list[ass.Event]:
    """Write a text, or captions, over `FRAMES` pictures from one on."""
    if name in captions.PRESETS:
        parts = text.units(LONG)
        share = Fraction(FRAMES, RATE * len(parts))
        start = first / RATE
        words = [Word(word.strip(), start + i * share, start + (i + 1) * share) for i, word in enumerate(parts)]
        points = int(preset.size * min(size) + Fraction(1, 2))
        made = captions.without_overlaps([captions.cues(words, preset, points, safe.width, FONTS)])
        return captions.events(made, name, preset, safe, size, FONTS, RATE)
    setting = text.set_in(LONG, preset, "shrink", text.reserved(place, safe, size), place, size, FONTS)
    assert setting is not None
    return text.drawn(setting, preset, FONTS, first, first + FRAMES, RATE)[0]


def pictures(events: list[ass.Event], frames: int, size: tuple[int, int], folder: Path) -> np.ndarray:
    """Draw events over grey, where both an outline and letters are seen; give how far each pixel is from it."""
    (folder / "fonts").mkdir()
    for file in FILES:
        (folder / "fonts" / file.name).symlink_to(file)
    (folder / ass.FILE).write_text("\n".join(ass.lines(events, size)) + "\n", encoding="utf-8")
    source = f"color=0x808080:s={size[0]}x{size[1]}:r=50,format=gray"
    graph = f"{source},settb={ass.CLOCK},setpts=N,ass={ass.FILE}:fontsdir=fonts"
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", graph, "-frames:v", str(frames), "-f", "rawvideo", "-"]
    said = subprocess.run(argv, cwd=folder, env=ENVIRONMENT, capture_output=True, check=True)
    drawn = np.frombuffer(said.stdout, np.uint8).reshape(-1, size[1], size[0])
    return np.abs(drawn.astype(np.int16) - int(drawn[-1, 0, 0]))


@pytest.mark.parametrize(("size", "safe"), SHAPES, ids=SHAPES.values())
def test_what_is_burned_stays_inside_the_safe_area(size: tuple[int, int], safe: Area, tmp_path: Path) -> None:
    """Captions of each preset, titles, lower thirds and callouts at their places and in the corners."""
    presets = {**captions.PRESETS, **text.PRESETS}
    looks = [(each, preset, preset.place) for each, preset in presets.items()]
    looks += [("title", text.PRESETS["title"], place) for place in ("top-left", "bottom-right")]
    looks.append(("callout", Preset(Fraction(1, 20), back="#000000", motion="slide", motion_out="rise"), "bottom-left"))
    events = [
        event
        for number, (each, preset, place) in enumerate(looks)
        for event in laid(each, preset, place, number * FRAMES, safe, size)
    ]
    shown = pictures(events, len(looks) * FRAMES, size, tmp_path) > SEEN
    for number, (each, _, place) in enumerate(looks):
        rows, columns = np.nonzero(shown[number * FRAMES : (number + 1) * FRAMES].any(axis=0))
        found = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
        told = f"{each} at {place}: {found} in {safe}"
        assert safe.left <= found[0] < found[2] <= safe.right, told
        assert safe.top <= found[1] < found[3] <= safe.bottom, told
