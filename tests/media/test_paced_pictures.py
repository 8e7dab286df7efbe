"""Footage at another speed, and footage that is shorter than its shot: the right picture at every frame.

In pieces of 8 s, in joins, at the project's rate and another one, from footage of 24 and of 29.97 pictures a second.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from test_assembly import FILES, FILM, NTSC, WIDE, film, project

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import marks
from vidbuild.testing.clips import Clip, make
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
  - {id: spin, file: ntsc.mov, in_s: 2, out_s: 3, duration_s: 2.5, speed: 4, fill: loop}
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
        Laid(ntsc, 60, Fraction(2), speed=Fraction(4), there=Fraction(1), fill="loop"),
        Laid(film, 36, Fraction(1), speed=Fraction(2)),
    ]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Build the cut."""
    studio = project(tmp_path_factory.mktemp("paced"), SHOTS, "  - wide\n")
    film(studio, **CLIPS)
    studio.build()
    return studio


def test_every_picture_is_the_right_one(studio: Studio) -> None:
    """Whatever the speed, and behind the end of the footage."""
    report = judge(studio.folder / "build" / "wide.mp4", expect(laid(), FILM, FILM, WIDE), FFMPEG)
    assert report.flaws() == []


@pytest.mark.slow
def test_every_picture_is_the_right_one_at_another_rate(studio: Studio, tmp_path: Path) -> None:
    """Boundaries are rounded from exact time; each picture is that of its own time."""
    fast = studio.copy(tmp_path / "fast")
    fast.edit("  - wide\n", "  - {platform: wide, name: fast, fps: 29.97}\n")
    fast.build()
    report = judge(fast.folder / "build" / "fast.mp4", expect(laid(), FILM, NTSC, WIDE), FFMPEG)
    assert report.flaws() == []


@pytest.mark.slow
def test_a_speed_is_exact_in_every_kind_of_file(tmp_path: Path) -> None:
    """Near the start and after a seek, whatever index and clock a file has; and where its footage is held."""
    shots, cut, odd = "", [], Fraction(7, 5)
    studio = project(tmp_path, "  - {file: x.mov}\n", "  - wide\n")
    for number, (clip, suffix) in enumerate(FILES.values()):
        name = f"a{number}{suffix}"
        make(clip, studio.folder / name, FFMPEG)
        shots += f"  - {{file: {name}, in_s: 0.25, duration_s: 0.5, speed: 1.4, sound: drop}}\n"
        shots += f"  - {{file: {name}, in_s: 2, duration_s: 0.5, speed: 1.4, sound: drop}}\n"
        shots += f"  - {{file: {name}, in_s: 2.5, out_s: 2.75, duration_s: 0.5, fill: freeze, sound: drop}}\n"
        cut += [Laid(clip, 12, start, silent=True, speed=odd) for start in (Fraction(1, 4), Fraction(2))]
        cut.append(Laid(clip, 12, Fraction(5, 2), silent=True, there=Fraction(1, 4)))
    studio.edit("  - {file: x.mov}\n", shots)
    studio.build()
    assert judge(studio.folder / "build" / "wide.mp4", expect(cut, FILM, FILM, WIDE), FFMPEG).flaws() == []


def test_a_last_frame_is_the_last_picture_of_its_shot(studio: Studio, tmp_path: Path) -> None:
    """At another speed, held and looped: the pictures that cards stand on, as models would get them."""
    cards = studio.copy(tmp_path / "cards")
    names = ("half", "odd", "held", "round", "spin", "slow")
    rows = "".join(f"  - {{duration_s: 0.25, card: {{title: ., background: {name}.last_frame}}}}\n" for name in names)
    cards.edit("outputs:\n", f"{rows}outputs:\n")
    cards.build()
    shots = dict(zip((line.split(",")[0].split(": ")[1] for line in SHOTS.splitlines()), laid(), strict=True))
    last = [expect([replace(shots[name], lead=0)], FILM, FILM, WIDE).pictures[-1] for name in names]
    assert {marks.read(picture, last[0].where) for picture in frames(cards)} == {shown.mark for shown in last}


def frames(studio: Studio) -> Iterator[np.ndarray]:
    """Give the luma of every `Frame` that was made."""
    for record in (studio.store / "ac").glob("*/*"):
        told = json.loads(record.read_text())
        if told["action"]["mnemonic"] == "Frame":
            digest = told["outputs"]["picture"][0]
            with av.open(str(studio.store / "cas" / digest[:2] / digest), format="png_pipe") as container:
                yield next(container.decode(video=0)).to_ndarray(format="gray")
