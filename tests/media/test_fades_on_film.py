"""Fades as they come out of the command line: how bright each picture is and how loud, and that nothing else moves."""

from __future__ import annotations

import os
from fractions import Fraction

import av
import numpy as np
import pytest
from test_assembly import EDGE, FILM, PLAIN, WIDE, film, project

from vidbuild.runners.ffmpeg import find
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect
from vidbuild.testing.studio import Studio

FFMPEG = find(os.environ)
SHOTS = """\
  - {id: still, file: white.png, duration_s: 10, fade_in_s: 1, fade_out_s: 3}
  - fade_in_s: 1.5
    shots:
      - {id: one, file: white.png, duration_s: 1}
      - {id: two, file: white.png, duration_s: 1.5, transition: {type: dissolve, duration_s: 0.25}}
  - {id: moving, file: moving.mov, duration_s: 1, fade_in_s: 0.5}
"""
NTSC = Fraction(30_000, 1001)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Build a white still whose fade crosses a piece's edge, a group that fades over a transition, and footage."""
    studio = project(
        tmp_path_factory.mktemp("fades"), SHOTS, "  - wide\n  - {platform: wide, name: fast, fps: 29.97}\n"
    )
    studio.still("white.png", "white", "192x108")
    film(studio, moving=Clip(1, frames=30, sound_codec=PLAIN))
    studio.build()
    return studio


def brightness(studio: Studio, name: str) -> np.ndarray:
    """Give how bright each picture is, from 0 to 1."""
    with av.open(str(studio.folder / "build" / f"{name}.mp4")) as container:
        levels = [frame.to_ndarray()[: frame.height].mean() for frame in container.decode(video=0)]
    return (np.array(levels) - 16) / 219


def test_a_fade_goes_evenly_over_a_piece_s_edge(studio: Studio) -> None:
    """The k-th of N pictures is k/(N+1) of the shot; 72 of them, of which 24 lie in the first piece."""
    shown = brightness(studio, "wide")
    assert shown[:24] == pytest.approx((np.arange(24) + 1) / 25, abs=0.01)
    assert shown[24:168] == pytest.approx(1, abs=0.01)
    assert shown[168:240] == pytest.approx((72 - np.arange(72)) / 73, abs=0.01)


def test_a_group_s_fade_goes_evenly_over_a_transition(studio: Studio) -> None:
    """36 pictures over two shots and the window between them; both are white."""
    shown = brightness(studio, "wide")[240:294]
    assert shown == pytest.approx(np.minimum((np.arange(54) + 1) / 37, 1), abs=0.012)


def test_a_fade_goes_by_time_at_another_rate(studio: Studio) -> None:
    """As bright at 29.97 pictures a second as at 24 at the same time, to within a picture's share."""
    shown = brightness(studio, "fast")
    times = np.arange(300) / float(NTSC)
    assert shown[:300] == pytest.approx(np.clip(np.minimum(times, 10 / 3 - times / 3), 0, 1), abs=0.04)


def test_nothing_but_brightness_changes(studio: Studio) -> None:
    """Every picture is the right one as soon as its mark can be read, and the sound fades in with it."""
    white, clip = (6, WIDE), Clip(1, frames=30, sound_codec=PLAIN)
    shots = [Laid(white, 240), Laid(white, 24), Laid(white, 36, lead=6), Laid(clip, 24)]
    expected = expect(shots, FILM, FILM, WIDE, EDGE)
    part = np.clip((np.arange(24_000) + 0.5) / 24_000, 0, 1)
    expected.sound[-48_000:-24_000] *= (part * part * (3 - 2 * part))[:, None]
    report = judge(studio.folder / "build" / "wide.mp4", expected, FFMPEG)
    bright = 294 + 8
    assert (len(expected.pictures), [at for at, _, _ in report.wrong if at >= bright]) == (318, [])
    assert {heard.late for heard in report.heard[-1:]} == {0}
    assert (report.clicks, report.facts, report.uneven, report.said) == ([], [], [], "")
