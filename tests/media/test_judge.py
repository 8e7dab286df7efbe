"""The judge of finished files finds what is planted in them, and nothing in a file that is right."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips, marks, sounds
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import Report, judge
from vidbuild.testing.marks import Mark
from vidbuild.testing.reference import Laid, expect

FFMPEG = find(os.environ)
RATE = Fraction(24)
SIZE = (192, 108)
FIRST, SECOND = Clip(1, SIZE, frames=24), Clip(2, SIZE, frames=24)
EXPECTED = expect([Laid(FIRST, 24), Laid(SECOND, 24)], RATE, RATE, SIZE, edge=240)
TAGS = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
FAST = ("-movflags", "+faststart")

Planes = list[tuple[Any, Any, Any]]
Judged = Callable[..., Report]


def taken(clip: Clip) -> Planes:
    """Draw every picture of a clip, to be kept."""
    return [(luma.copy(), u.copy(), v.copy()) for luma, u, v in clips.pictures(clip)]


@pytest.fixture(scope="module")
def planes() -> Planes:
    """The pictures of the right film."""
    return taken(FIRST) + taken(SECOND)


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """Encode pictures and sound as a deliverable, and judge it."""

    def encode_and_judge(
        pictures: Planes,
        sound: Any = EXPECTED.sound,
        filters: str = TAGS,
        profile: str = "high",
        more: Sequence[str] = FAST,
    ) -> Report:
        spoken, path = tmp_path / "sound.f32", tmp_path / "film.mp4"
        spoken.write_bytes(sound.astype("<f4").tobytes())
        argv = [
            str(FFMPEG), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{SIZE[0]}x{SIZE[1]}",
            "-r", str(RATE), "-i", "pipe:0", "-f", "f32le", "-ar", "48000", "-ac", "2", "-i", str(spoken),
            "-vf", filters, "-fps_mode", "passthrough", "-c:v", "libx264", "-preset", "superfast", "-crf", "18",
            "-profile:v", profile, "-c:a", "aac", "-b:a", "192k", *more, str(path),
        ]  # fmt: skip
        raw = b"".join(np.ascontiguousarray(plane).tobytes() for picture in pictures for plane in picture)
        subprocess.run(argv, input=raw, check=True)
        return judge(path, EXPECTED, FFMPEG)

    return encode_and_judge


def test_a_right_file_has_no_flaw(planes: Planes, judged: Judged) -> None:
    """Nothing is found where nothing is wrong."""
    assert judged(planes).flaws() == []


def test_a_dropped_frame_is_missing(planes: Planes, judged: Judged) -> None:
    """A film that leaves a frame out is found, though another at the end keeps its length."""
    report = judged([*planes[:7], *planes[8:], planes[-1]])
    assert report.missing == [Mark(1, 7)]
    assert report.wrong[0] == (7, Mark(1, 7), Mark(1, 8))


def test_a_doubled_frame_is_found(planes: Planes, judged: Judged) -> None:
    """A frame that comes twice, in the place of the one after it."""
    report = judged([*planes[:8], planes[7], *planes[9:]])
    assert report.doubled == [8]
    assert report.missing == [Mark(1, 8)]


def test_one_frame_too_many_is_told(planes: Planes, judged: Judged) -> None:
    """A film that goes on after its end."""
    report = judged([*planes, planes[-1]])
    assert (report.frames, report.expected) == (49, 48)
    assert "it has 49 frames, not 48" in report.flaws()


def test_a_black_frame_is_found(planes: Planes, judged: Judged) -> None:
    """One frame without a picture at a join."""
    luma, u, v = planes[24]
    black = (np.full_like(luma, 16), np.full_like(u, 128), np.full_like(v, 128))
    assert judged([*planes[:24], black, *planes[25:]]).black == [24]


def test_a_frozen_picture_is_found_whatever_its_mark_says(planes: Planes, judged: Judged) -> None:
    """A mark that goes on over a picture that doesn't."""
    luma = planes[9][0].copy()
    marks.draw(luma, Mark(1, 10))
    report = judged([*planes[:10], (luma, *planes[9][1:]), *planes[11:]])
    assert (report.frozen, report.wrong) == ([10], [])


def test_another_clip_s_frame_is_wrong(planes: Planes, judged: Judged) -> None:
    """A frame of the second shot stands in the first."""
    report = judged([*planes[:6], planes[30], *planes[7:]])
    assert report.wrong == [(6, Mark(1, 6), Mark(2, 6))]


def test_two_frames_blended_are_neither(planes: Planes, judged: Judged) -> None:
    """A rate conversion that mixes pictures shows no frame for certain."""
    both = tuple(((a.astype(int) + b) // 2).astype(np.uint8) for a, b in zip(planes[6], planes[13], strict=True))
    report = judged([*planes[:6], both, *planes[7:]])
    assert report.wrong == [(6, Mark(1, 6), None)]


def test_sound_that_is_2_ms_late_is_measured_to_the_sample(planes: Planes, judged: Judged) -> None:
    """96 samples at 48 kHz."""
    late = np.concatenate([np.zeros((96, 2), np.float32), EXPECTED.sound[:-96]])
    assert judged(planes, late).late == {96}


def test_sound_that_is_one_sample_early_is_measured(planes: Planes, judged: Judged) -> None:
    """The least that can go wrong."""
    early = np.concatenate([EXPECTED.sound[1:], np.zeros((1, 2), np.float32)])
    assert judged(planes, early).late == {-1}


def test_another_clip_s_sound_is_not_taken_for_a_shift(planes: Planes, judged: Judged) -> None:
    """A sound that is not the reference at all has no offset."""
    assert judged(planes, sounds.noise(40, 96_000)).late == {None}


def test_silence_in_the_place_of_sound_is_told(planes: Planes, judged: Judged) -> None:
    """The second shot is mute, and should not be."""
    sound = EXPECTED.sound.copy()
    sound[48_000:] = 0
    assert {heard.late for heard in judged(planes, sound).heard if heard.at >= 48_000} == {None}


def test_a_click_at_a_join_is_found(planes: Planes, judged: Judged) -> None:
    """A sound that is cut hard where the reference has ramps."""
    sound = EXPECTED.sound.copy()
    sound[48_000:48_040] += 0.3
    assert any(abs(at - 48_000) <= 480 for at in judged(planes, sound).clicks)


def test_sound_that_ends_early_is_told(planes: Planes, judged: Judged) -> None:
    """Picture and sound are the same length to within a frame."""
    report = judged(planes, EXPECTED.sound[: -3 * 2000])
    assert round(report.apart) == 3


def test_an_uneven_step_is_found(planes: Planes, judged: Judged) -> None:
    """Time that stumbles once and goes on."""
    report = judged(planes, filters=f"{TAGS},settb=1/48,setpts=2*N+gte(N\\,20)")
    assert report.uneven == list(range(20, 48))


def test_a_file_whose_index_stands_behind_is_told(planes: Planes, judged: Judged) -> None:
    """No faststart."""
    assert judged(planes, more=()).facts == ["order of the file is False, not True"]


def test_another_profile_and_untagged_colour_are_told(planes: Planes, judged: Judged) -> None:
    """What players and platforms would show in another way."""
    facts = judged(planes, filters=TAGS.replace("trc=bt709", "trc=unknown"), profile="baseline").facts
    assert [fact.split()[0] for fact in facts] == ["profile", "transfer"]


def test_a_damaged_file_is_not_silent(planes: Planes, judged: Judged, tmp_path: Path) -> None:
    """What ffmpeg complains of is told, and what can still be decoded is judged."""
    judged(planes)
    data = bytearray((tmp_path / "film.mp4").read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = bytes(2000)
    (tmp_path / "damaged.mp4").write_bytes(data)
    report = judge(tmp_path / "damaged.mp4", EXPECTED, FFMPEG)
    assert report.said != ""
    assert report.wrong != []
