"""Transitions as they come out of the command line: every frame that is not in a window is right to the frame."""

from __future__ import annotations

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from test_assembly import EDGE, FILM, WIDE, film, project

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect
from vidbuild.testing.studio import Studio

FFMPEG = find(os.environ)
SHOTS = """\
  - {id: one, file: one.mov, in_s: 0.25, duration_s: 1, transition: {type: fade, duration_s: 0.25}}
  - {id: two, file: two.mov, duration_s: 1, transition: {type: dissolve, duration_s: 0.25}}
  - {id: three, file: three.mov, in_s: 0.5, duration_s: 1, transition: {type: wipe-left, duration_s: 0.125}}
  - {id: still, file: picture.png, duration_s: 1, transition: {type: push-up, duration_s: 0.25}}
  - {id: four, file: two.mov, duration_s: 0.75, transition: {type: fade-to-white, duration_s: 0.5}}
"""


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Build a cut of moving and still pictures of several rates, with a transition of every sort."""
    studio = project(
        tmp_path_factory.mktemp("transitions"), SHOTS, "  - wide\n  - {platform: wide, name: fast, fps: 30}\n"
    )
    film(
        studio,
        one=Clip(1, frames=48, sound_rate=0),
        two=Clip(2, rate=Fraction(30), frames=45, sound_rate=0),
        three=Clip(3, rate=Fraction(25), frames=50, sound_rate=0),
    )
    clips.still(6, studio.folder / "picture.png")
    studio.build()
    return studio


def laid() -> list[Laid]:
    """Say what the cut is."""
    return [
        Laid(Clip(1, frames=48, sound_rate=0), 24, Fraction(6, 24), lead=6),
        Laid(Clip(2, rate=Fraction(30), frames=45, sound_rate=0), 24, lead=6),
        Laid(Clip(3, rate=Fraction(25), frames=50, sound_rate=0), 24, Fraction(12, 24), lead=3),
        Laid((6, WIDE), 24, lead=6),
        Laid(Clip(2, rate=Fraction(30), frames=45, sound_rate=0), 18, lead=12),
    ]


@pytest.mark.parametrize(("name", "rate"), [("wide", FILM), ("fast", Fraction(30))])
def test_every_frame_outside_of_a_window_is_right(studio: Studio, name: str, rate: Fraction) -> None:
    """At the project's rate and at another one; the first frames come out of black."""
    expected = expect(laid(), FILM, rate, WIDE, EDGE)
    rising = int(rate / 4)
    report = judge(studio.folder / "build" / f"{name}.mp4", expected, FFMPEG)
    report.black = [at for at in report.black if at >= rising]
    assert report.flaws() == []


def pictures(studio: Studio, name: str) -> np.ndarray:
    """Give the luma of every picture."""
    with av.open(str(studio.folder / "build" / f"{name}.mp4")) as container:
        return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)]).astype(float)


def test_a_dissolve_goes_evenly_from_one_shot_to_the_next(studio: Studio) -> None:
    """The k-th of N pictures is k/(N+1) of the next shot: found by least squares."""
    shown = pictures(studio, "wide")
    cut = studio.copy(studio.folder.parent / "hard")
    cut.edit(", transition: {type: dissolve, duration_s: 0.25}", "")
    cut.build()
    hard = pictures(cut, "wide")
    for k in range(6):
        before, after = hard[18 + k], hard[24 + k]
        weight = ((shown[18 + k] - before) * (after - before)).sum() / ((after - before) ** 2).sum()
        assert weight == pytest.approx((k + 1) / 7, abs=0.02)


def test_a_fade_to_white_goes_there_and_comes_back_evenly(studio: Studio) -> None:
    """The k-th of N pictures is |1 - 2k/(N+1)| of a shot, and the rest is white: found by least squares."""
    shown = pictures(studio, "wide")
    cut = studio.copy(studio.folder.parent / "harder")
    cut.edit(", transition: {type: fade-to-white, duration_s: 0.5}", "")
    cut.build()
    hard = pictures(cut, "wide")
    for k in range(12):
        side = hard[69 + k] if k < 6 else hard[81 + k]
        weight = ((shown[69 + k] - 255) * (side - 255)).sum() / ((side - 255) ** 2).sum()
        assert weight == pytest.approx(abs(1 - 2 * (k + 1) / 13), abs=0.03)
