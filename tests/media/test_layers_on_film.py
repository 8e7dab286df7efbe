"""Layers as they come out of the command line: every frame right beside them, and each seen in just its frames."""

from __future__ import annotations

import os
from fractions import Fraction

import numpy as np
import pytest
from test_assembly import EDGE, FILM, TALL, WIDE, film, project
from test_transitions_on_film import pictures

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect
from vidbuild.testing.studio import Ran, Studio

FFMPEG = find(os.environ)
SHOTS = """\
  - id: one
    file: one.mov
    duration_s: 10.5
    layers:
      - {file: white, place: bottom-left, scale: 0.1, at: [7.5, 8.5], fade_in_s: 0.25}
      - {file: two.mov, place: bottom-right, scale: 0.2, shape: circle, at: [9.5, end]}
  - {id: two, file: two.mov, duration_s: 1, transition: {type: push-left, duration_s: 0.5}}
  - id: three
    file: picture.png
    duration_s: 1
    layers:
      - {box: [0.4, 0.5, 0.2, 0.4], at: 0.5, colour: "#ffffff"}
      - {blur: [0, 0.7, 0.3, 0.3], shape: rounded}
      - {file: picture.png, place: right, scale: 0.2, motion: push-in}
"""
MORE = """\
cast: {white: {image: white.png, exact: true}}
layers: {file: white, place: left, scale: 0.05, at: [10, end]}
"""
OUTPUTS = """\
  - wide
  - {platform: tall, reframe: pad, fps: 30}
"""
CLIPS = {"one": Clip(1, frames=264, sound_rate=0), "two": Clip(2, rate=Fraction(30), frames=45, sound_rate=0)}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A cut of three shots, one of two pieces, with layers of every sort; built once."""
    studio = project(tmp_path_factory.mktemp("layered"), SHOTS, OUTPUTS, MORE)
    film(studio, **CLIPS)
    clips.still(3, studio.folder / "picture.png")
    studio.still("white.png", "white", "40x40")
    studio.build()
    return studio


@pytest.fixture
def studio(base: Studio, tmp_path: object) -> Studio:
    """That film, to be edited."""
    return base.copy(tmp_path / "copy")  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "rate", "size", "mode"),
    [("wide", FILM, WIDE, "crop"), ("tall", Fraction(30), TALL, "pad")],
)
def test_every_frame_beside_layers_is_right(
    base: Studio, name: str, rate: Fraction, size: tuple[int, int], mode: str
) -> None:
    """None is wrong, doubled, lost or of another time, at two rates and in another frame."""
    shots = [
        Laid(CLIPS["one"], 252, mode=mode),
        Laid(CLIPS["two"], 24, mode=mode, lead=12),
        Laid((3, WIDE), 24, mode=mode),
    ]
    assert judge(base.folder / "build" / f"{name}.mp4", expect(shots, FILM, rate, size, EDGE), FFMPEG).flaws() == []


def seen(studio: Studio, name: str, rows: slice, columns: slice, level: int = 215) -> list[int]:
    """List the frames in which a part of the picture is white all over."""
    return [at for at, each in enumerate(pictures(studio, name)) if (each[rows, columns] > level).all()]


def test_layers_are_seen_in_just_their_frames(base: Studio) -> None:
    """Over the edge of a piece, from a transition to the end of the film, from half a second of a shot on."""
    assert seen(base, "wide", slice(85, 99), slice(13, 27)) == list(range(180 + 5, 204))
    assert seen(base, "wide", slice(50, 56), slice(12, 18)) == list(range(240, 288))
    assert seen(base, "wide", slice(58, 94), slice(76, 78), 180) == list(range(276, 288))
    assert seen(base, "tall", slice(94, 98), slice(7, 10)) == list(range(300, 360))


def test_a_window_moves_over_a_layer_s_picture(base: Studio) -> None:
    """In its own frame, eased: but for the first and the last every picture of it is another."""
    shown = pictures(base, "wide")[268:284, 46:64, 146:180]
    assert (np.abs(np.diff(shown, axis=0)).mean(axis=(1, 2)) > 0.3).all()


def test_a_layer_of_the_film_stands_still_while_the_shots_below_it_are_pushed(base: Studio) -> None:
    """In every picture of the window."""
    shown = pictures(base, "wide")[240:252, 50:56, 12:18]
    assert np.ptp(shown) < 25


def test_a_layer_encodes_again_what_it_touches(studio: Studio) -> None:
    """An opacity: the window that the layer is seen in, and what comes behind it. A region: its one piece."""
    wide = ("wide",)
    studio.edit("  - {platform: tall, reframe: pad, fps: 30}\n", "")
    studio.edit("at: [10, end]}", "at: [10, end], opacity: 0.9}")
    behind = {Ran("Segment", (shot,), wide) for shot in ("two", "three")}
    assert studio.build().counted == behind | {Ran("Join", ("one", "two"), wide)}
    studio.edit("[0, 0.7, 0.3, 0.3]", "[0, 0.6, 0.3, 0.3]")
    assert studio.build().counted == {Ran("Segment", ("three",), wide)}
