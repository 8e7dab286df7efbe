"""Texts in finished files: seen in just the frames asked for, over pieces and transitions, cheap to change."""

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
PROFILE = "name: wide\nsize: [320, 180]\nvideo: {preset: ultrafast, crf: 18}\nsafe_area: {right: 0.1}\n"
PROJECT = """\
vidbuild: 1
name: small
fps: 12
shots:
  - id: long
    file: grey.png
    duration_s: 12
    text:
      - {text: "{Here}", at: [7, 9], place: top-left, preset: still}
      - {text: "100 %", at: [10, end], place: bottom-right, preset: still}
  - id: next
    file: dark.png
    duration_s: 3
    transition: {type: dissolve, duration_s: 1}
    text: {text: "\\\\N", at: [0, 2], place: center, preset: still}
brand: {presets: {still: {like: callout, motion: none, size: 0.1}}}
outputs: [{platform: wide}]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A film of two stills with three texts, built once."""
    studio = Studio(tmp_path_factory.mktemp("texts") / "project")
    studio.write("platforms/wide.yaml", PROFILE)
    studio.still("grey.png", "0x606060", "320x180")
    studio.still("dark.png", "0x303030", "320x180")
    studio.write("project.yaml", PROJECT)
    studio.build()
    return studio


@pytest.fixture
def studio(base: Studio, tmp_path: Path) -> Studio:
    """That film, to be edited."""
    return base.copy(tmp_path / "copy")


def frames(studio: Studio) -> np.ndarray:
    """Decode the luma of every frame."""
    argv = [
        FFMPEG,
        "-v",
        "error",
        "-i",
        studio.folder / "build" / "wide.mp4",
        "-pix_fmt",
        "gray",
        "-f",
        "rawvideo",
        "-",
    ]
    said = subprocess.run(argv, capture_output=True, check=True)
    return np.frombuffer(said.stdout, np.uint8).reshape(-1, SIZE[1], SIZE[0])


def seen(pictures: np.ndarray, rows: slice, columns: slice) -> list[int]:
    """List the frames in which a part of the picture has something white."""
    return [number for number, picture in enumerate(pictures) if (picture[rows, columns] > 200).any()]


def test_texts_are_seen_in_just_their_frames(base: Studio) -> None:
    """Over the edge of a piece (8 s), to the frame."""
    pictures = frames(base)
    assert len(pictures) == 14 * 12
    assert seen(pictures, slice(0, 60), slice(0, 160)) == list(range(84, 108))
    assert set(range(120, 132)) <= set(seen(pictures, slice(120, 180), slice(160, 320))) <= set(range(120, 144))
    assert set(range(144, 156)) <= set(seen(pictures, slice(70, 110), slice(140, 180))) <= set(range(132, 156))


def test_a_text_gives_way_with_its_shot(base: Studio) -> None:
    """In the dissolve at 11 to 12 s the brightest of one goes by thirteenths as that of the other comes."""
    pictures = frames(base)
    going, coming = (
        pictures[:, rows, columns].max(axis=(1, 2)).astype(float)
        for rows, columns in ((slice(120, 180), slice(200, 288)), (slice(70, 110), slice(140, 180)))
    )
    for each, before, after in ((going, 131, 144), (coming, 131, 144)):
        part = np.arange(1, 13) / 13
        expected = each[before] * (1 - part) + each[after] * part
        assert np.abs(each[132:144] - expected).max() < 8


def test_texts_keep_inside_the_safe_area_of_the_profile(base: Studio) -> None:
    """Measured on the pixels: 5 % on each side, 10 % on the right."""
    rows, columns = np.nonzero((frames(base) > 200).any(axis=0))
    assert rows.min() >= 9
    assert rows.max() < 171
    assert columns.min() >= 16
    assert columns.max() < 288


def test_a_text_makes_the_pieces_again_that_it_touches(studio: Studio) -> None:
    """That of the transition: its window, and the rest of the shot."""
    studio.edit("100 %", "50 %")
    assert studio.build().counted == {Ran("Segment", ("long",), ("wide",)), Ran("Join", ("long", "next"), ("wide",))}


def test_one_text_of_many_leaves_the_other_pieces(studio: Studio) -> None:
    """The one at 7 to 9 s: both pieces there, no join."""
    studio.edit("{Here}", "{There}")
    assert studio.build().counted == {Ran("Segment", ("long",), ("wide",))}


def test_an_edit_undone_is_remembered(studio: Studio) -> None:
    """Byte for byte."""
    before = (studio.folder / "build" / "wide.mp4").read_bytes()
    studio.edit("{Here}", "{There}")
    studio.build()
    assert (studio.folder / "build" / "wide.mp4").read_bytes() != before
    studio.edit("{There}", "{Here}")
    assert studio.build().counted == set()
    assert (studio.folder / "build" / "wide.mp4").read_bytes() == before


def test_plan_says_what_does_not_fit_and_where(studio: Studio) -> None:
    """Before anything is made, with its place."""
    studio.edit('text: "{Here}", at: [7, 9], place: top-left', 'text: "{Here}", at: [7, 9], box: [0, 0, 0.1, 0.1]')
    said = studio.run("plan").stderr
    assert "doesn't fit in `wide`" in said
    assert "project.yaml:9:16" in said


def test_a_character_without_a_font_stops_the_build(studio: Studio) -> None:
    """With a list of them, and the way out."""
    studio.edit("{Here}", "日本")
    said = studio.run("build").stderr
    assert "日 U+65E5, 本 U+672C" in said
    assert "brand: {fonts: {more: [FILE]}}" in said


def test_an_own_font_that_is_none_is_told(studio: Studio) -> None:
    """At its place."""
    studio.write("own.ttf", b"no font")
    studio.edit("brand: {", "brand: {fonts: {more: [own.ttf]}, ")
    assert "`own.ttf` can't be read as a font" in studio.run("plan").stderr
