"""Footage at another speed, and footage that is shorter than its shot: the right picture at every frame.

In pieces of 8 s, in joins, at the project's rate and another one, from footage of 24 and of 29.97 pictures a second.
"""

from __future__ import annotations

import os
from fractions import Fraction

import pytest
from test_assembly import FILM, NTSC, WIDE, film, project

from vidbuild.runners.ffmpeg import find
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect
from vidbuild.testing.studio import Studio

FFMPEG = find(os.environ)
SHOTS = """\
  - {id: half, file: ntsc.mov, in_s: 0.3, duration_s: 10.5, speed: 0.5}
  - {id: more, file: ntsc.mov, in_s: 1, duration_s: 2, speed: 1.5, transition: {type: dissolve, duration_s: 0.25}}
  - {id: twice, file: film.mov, in_s: 1.25, duration_s: 2, speed: 2, transition: {type: wipe-left, duration_s: 0.25}}
  - {id: odd, file: film.mov, in_s: 0.2, duration_s: 1, speed: 3.7}
  - {id: held, file: film.mov, in_s: 2.5, duration_s: 10.25, fill: freeze}
  - {id: out, file: ntsc.mov, in_s: 1, out_s: 2, duration_s: 1.5, fill: freeze}
  - {id: round, file: film.mov, in_s: 3, out_s: 4.25, duration_s: 10.25, fill: loop}
  - {id: quick, file: ntsc.mov, in_s: 2, out_s: 3.5, duration_s: 2, speed: 1.5, fill: loop}
  - {id: slow, file: film.mov, in_s: 1, out_s: 2, duration_s: 1.6, fill: slow}
  - {id: fitted, file: film.mov, in_s: 1, out_s: 4, duration_s: 1.5, fit: speed}
"""
CLIPS = {
    "film": Clip(1, frames=24 * 6, sound_rate=0),
    "ntsc": Clip(2, rate=NTSC, frames=30 * 6, sound_rate=0),
}


def laid() -> list[Laid]:
    """Say what the cut is, on its frame clock."""
    film, ntsc, half = CLIPS["film"], CLIPS["ntsc"], Fraction(1, 2)
    return [
        Laid(ntsc, 252, Fraction(7, 24), speed=half),
        Laid(ntsc, 48, Fraction(1), lead=6, speed=3 * half),
        Laid(film, 48, Fraction(5, 4), lead=6, speed=Fraction(2)),
        Laid(film, 24, Fraction(5, 24), speed=Fraction(37, 10)),
        Laid(film, 246, Fraction(5, 2), there=Fraction(7, 2)),
        Laid(ntsc, 36, Fraction(1), there=Fraction(1)),
        Laid(film, 246, Fraction(3), there=Fraction(5, 4), fill="loop"),
        Laid(ntsc, 48, Fraction(2), speed=3 * half, there=Fraction(3, 2), fill="loop"),
        Laid(film, 38, Fraction(1), speed=Fraction(24, 38)),
        Laid(film, 36, Fraction(1), speed=Fraction(2)),
    ]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Build the cut at two rates."""
    studio = project(
        tmp_path_factory.mktemp("paced"), SHOTS, "  - wide\n  - {platform: wide, name: fast, fps: 29.97}\n"
    )
    film(studio, **CLIPS)
    studio.build()
    return studio


@pytest.mark.parametrize(("name", "rate"), [("wide", FILM), ("fast", NTSC)])
def test_every_picture_is_the_right_one(studio: Studio, name: str, rate: Fraction) -> None:
    """Whatever the speed, and behind the end of the footage."""
    expected = expect(laid(), FILM, rate, WIDE)
    report = judge(studio.folder / "build" / f"{name}.mp4", expected, FFMPEG)
    assert report.flaws() == []
