"""Finished files as they come out of the command line: every frame and every sample, judged against the shots alone."""

from __future__ import annotations

import os
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip
from vidbuild.testing.judge import judge
from vidbuild.testing.reference import Laid, expect, faded_out
from vidbuild.testing.studio import Studio

FFMPEG = find(os.environ)
FILM = Fraction(24)
NTSC = Fraction(30_000, 1001)
EDGE = 240
WIDE, TALL, SQUARE, FEED = (192, 108), (108, 192), (108, 108), (108, 134)
PLAIN = ("-c:a", "pcm_s16le")

PROFILE = """\
name: {name}
size: [{size[0]}, {size[1]}]
video: {{preset: ultrafast, crf: 20}}
"""


def project(folder: Path, shots: str, outputs: str, more: str = "", fps: str = "24") -> Studio:
    """Write a project of own footage with four small profiles."""
    studio = Studio(folder / "project")
    for name, size in (("wide", WIDE), ("tall", TALL), ("even", SQUARE), ("feed", FEED)):
        studio.write(f"platforms/{name}.yaml", PROFILE.format(name=name, size=size))
    studio.write("project.yaml", f"vidbuild: 1\nname: small\nfps: {fps}\nshots:\n{shots}outputs:\n{outputs}{more}")
    return studio


def film(studio: Studio, **made: Clip) -> Mapping[str, Clip]:
    """Make the project's own footage: `take=Clip(...)` becomes `take.mov`."""
    for name, clip in made.items():
        clips.make(clip, studio.folder / f"{name}.mov", FFMPEG)
    return made


def flaws(studio: Studio, name: str, *expected: object) -> list[str]:
    """Judge one finished file."""
    return judge(studio.folder / "build" / f"{name}.mp4", expect(*expected), FFMPEG).flaws()  # type: ignore[arg-type]


MODES = ("crop", "pad", "blur")

# A cut of several rates, in several frames

CUT = """\
  - {id: film, file: film.mov, in_s: 0.5, out_s: 1.5}
  - {id: video, file: video.mov, in_s: 0.25, duration_s: 1}
  - {id: mute, file: mute.mov, duration_s: 0.75}
  - {id: ntsc, file: ntsc.mov, in_s: 0.3, duration_s: 0.75}
  - {id: picture, file: picture.png, duration_s: 0.5}
  - {id: whole, file: whole.mov}
"""
OUTPUTS = """\
  - wide
  - {platform: wide, name: fast, fps: 30}
  - tall
  - {platform: even, reframe: {mode: crop, focus: [0.4, 0.5]}}
  - {platform: feed, reframe: pad}
  - {platform: tall, name: blurred, reframe: blur}
  - {platform: even, name: fast-blurred, reframe: blur, fps: 30}
"""


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, list[Laid]]:
    """Build a cut of 24, 30, 25 and 29.97 frames a second, a still, and a silent clip between sounding ones."""
    studio = project(tmp_path_factory.mktemp("several"), CUT, OUTPUTS)
    made = film(
        studio,
        film=Clip(1, frames=48, sound_codec=PLAIN),
        video=Clip(2, rate=Fraction(30), frames=45, sound_codec=PLAIN),
        mute=Clip(3, rate=Fraction(25), frames=25, sound_rate=0),
        ntsc=Clip(4, rate=NTSC, frames=45, sound_codec=PLAIN),
        whole=Clip(5, frames=18, sound_codec=PLAIN),
    )
    clips.still(6, studio.folder / "picture.png")
    studio.build()
    return studio, [
        Laid(made["film"], 24, Fraction(12, 24)),
        Laid(made["video"], 24, Fraction(6, 24)),
        Laid(made["mute"], 18),
        Laid(made["ntsc"], 18, Fraction(7, 24)),
        Laid((6, WIDE), 12),
        Laid(made["whole"], 18),
    ]


def reframed(shots: list[Laid], mode: str, focus: tuple[float, float] = (0.5, 0.5)) -> list[Laid]:
    """Fit every shot in another way."""
    return [Laid(shot.clip, shot.frames, shot.start, mode, focus) for shot in shots]


def test_every_frame_and_sample_is_right_at_the_project_s_rate(several: tuple[Studio, list[Laid]]) -> None:
    """24, 30, 25 and 29.97 frames a second, a still and a silent clip in one cut at 24."""
    studio, shots = several
    assert flaws(studio, "wide", shots, FILM, FILM, WIDE, EDGE) == []


def test_every_frame_and_sample_is_right_at_another_rate(several: tuple[Studio, list[Laid]]) -> None:
    """The same cut at 30 frames a second: frames come twice only where the clocks say so."""
    studio, shots = several
    assert flaws(studio, "fast", shots, FILM, Fraction(30), WIDE, EDGE) == []


def test_every_frame_survives_a_centre_crop_to_upright(several: tuple[Studio, list[Laid]]) -> None:
    """16:9 to 9:16."""
    studio, shots = several
    assert flaws(studio, "tall", shots, FILM, FILM, TALL, EDGE) == []


def test_a_crop_looks_where_its_focus_says(several: tuple[Studio, list[Laid]]) -> None:
    """16:9 to 1:1 about a point left of the middle."""
    studio, shots = several
    assert flaws(studio, "even", reframed(shots, "crop", (0.4, 0.5)), FILM, FILM, SQUARE, EDGE) == []


def test_every_frame_lies_in_the_middle_of_a_padded_frame(several: tuple[Studio, list[Laid]]) -> None:
    """16:9 on black bars to 4:5."""
    studio, shots = several
    assert flaws(studio, "feed", reframed(shots, "pad"), FILM, FILM, FEED, EDGE) == []


def test_every_frame_lies_in_the_middle_of_a_blurred_frame(several: tuple[Studio, list[Laid]]) -> None:
    """16:9 on its own blurred cover to 9:16."""
    studio, shots = several
    assert flaws(studio, "blurred", reframed(shots, "blur"), FILM, FILM, TALL, EDGE) == []


def test_a_blurred_frame_at_another_rate_shows_every_frame(several: tuple[Studio, list[Laid]]) -> None:
    """Both halves of a blurred picture keep in step at 30 frames a second."""
    studio, shots = several
    assert flaws(studio, "fast-blurred", reframed(shots, "blur"), FILM, Fraction(30), SQUARE, EDGE) == []


# A shot that is cut into pieces, and music


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, list[Laid], np.ndarray]:
    """Build a shot of 20.5 s, in three pieces, between short ones, over music that ends before the cut does."""
    shots = """\
  - {id: first, file: first.mov, duration_s: 0.5}
  - {id: long, file: long.mov, in_s: 1, duration_s: 20.5}
  - {id: last, file: last.mov, duration_s: 0.5, sound: drop}
"""
    music = "audio: {music: {file: song.mov, in_s: 0.5, gain_db: -6, fade_out_s: 1.5}}\n"
    outputs = "  - wide\n  - {platform: wide, name: fast, fps: 30}\n"
    studio = project(tmp_path_factory.mktemp("long"), shots, outputs, music)
    made = film(
        studio,
        first=Clip(1, frames=24, sound_codec=PLAIN),
        long=Clip(2, frames=530, sound_codec=PLAIN),
        last=Clip(3, rate=Fraction(25), frames=25),
        song=Clip(9, size=(32, 32), frames=24 * 26, sound_codec=PLAIN),
    )
    studio.build()
    laid = [
        Laid(made["first"], 12),
        Laid(made["long"], 492, Fraction(1)),
        Laid(made["last"], 12, silent=True),
    ]
    samples = 516 * 2000
    song = made["song"].samples(24_000, samples) * 10 ** (-6 / 20)
    return studio, laid, faded_out(song, samples, 72_000)


@pytest.mark.slow
def test_a_shot_in_pieces_is_without_a_seam(long: tuple[Studio, list[Laid], np.ndarray]) -> None:
    """20.5 s of one shot are three pieces; nothing shows it, and music fades out under it."""
    studio, shots, music = long
    assert flaws(studio, "wide", shots, FILM, FILM, WIDE, EDGE, music) == []


@pytest.mark.slow
def test_a_shot_in_pieces_is_without_a_seam_at_another_rate(long: tuple[Studio, list[Laid], np.ndarray]) -> None:
    """Pieces begin at the right frame of their source where each of its frames comes more often than once."""
    studio, shots, music = long
    assert flaws(studio, "fast", shots, FILM, Fraction(30), WIDE, EDGE, music) == []


# Footage as it comes

ODD = {
    "of an odd size": (Clip(1, size=(193, 109), sound_codec=PLAIN), ".mkv", "crop"),
    "of a variable frame rate": (Clip(2, frames=30, skips=3, sound_codec=PLAIN), ".mov", "crop"),
    "lying on its side": (Clip(3, quarter_turns=1, sound_codec=PLAIN), ".mov", "crop"),
    "standing on its head": (Clip(4, quarter_turns=2, sound_codec=PLAIN), ".mov", "crop"),
    "with oblong pixels": (Clip(5, pixel=Fraction(4, 3), sound_codec=PLAIN), ".mov", "crop"),
    "with sound at 44.1 kHz": (Clip(6, frames=30, sound_rate=44_100, sound_codec=PLAIN), ".mov", "crop"),
    "with AAC and B-frames": (Clip(7, frames=30, codec=clips.CAMERA), ".mp4", "crop"),
    "that is upright": (Clip(8, size=(108, 192), sound_codec=PLAIN), ".mov", "pad"),
    "of 59.94 frames a second": (Clip(9, rate=2 * NTSC, frames=60, sound_codec=PLAIN), ".mov", "crop"),
    "of 23.976 frames a second": (Clip(10, rate=NTSC * 4 / 5, frames=28, sound_codec=PLAIN), ".mkv", "crop"),
}


ENDING_LATE = (16, 22, 46, 52)
"""Lengths at 30 frames a second that are longer at 24, so that a slower clock asks for a picture behind their end."""

MP2 = ("-c:a", "mp2", "-b:a", "256k")
FILES = {
    "MP4 with AAC and B-frames": (Clip(1, frames=72, codec=clips.CAMERA, sound_codec=("-c:a", "aac")), ".mp4"),
    "Matroska": (Clip(2, frames=72, clock=1000, codec=clips.CAMERA, sound_codec=PLAIN), ".mkv"),
    "QuickTime with 44.1 kHz": (Clip(3, frames=72, sound_rate=44_100, sound_codec=PLAIN), ".mov"),
    "QuickTime, the picture late": (Clip(4, frames=72, late=Fraction(9, 100), sound_codec=PLAIN), ".mov"),
    "MPEG-TS, the picture late": (Clip(5, frames=72, late=Fraction(9, 100), sound_codec=MP2), ".ts"),
    "MPEG-TS with one key frame": (Clip(6, frames=72, sound_codec=MP2), ".ts"),
}


@pytest.mark.slow
def test_footage_as_it_comes_is_shown_upright_and_in_time(tmp_path: Path) -> None:
    """Odd sizes, variable rates, turned, oblong, 44.1 kHz, B-frames, upright, 59.94 and 23.976 in one cut."""
    shots = "".join(
        f"  - {{id: s{clip.shot}, file: s{clip.shot}{suffix}, duration_s: 0.75, reframe: {mode}}}\n"
        for clip, suffix, mode in ODD.values()
    )
    studio = project(tmp_path, shots, "  - wide\n")
    for clip, suffix, _ in ODD.values():
        clips.make(clip, studio.folder / f"s{clip.shot}{suffix}", FFMPEG)
    studio.build()
    laid = [Laid(clip, 18, mode=mode) for clip, _, mode in ODD.values()]
    assert flaws(studio, "wide", laid, FILM, FILM, WIDE, EDGE) == []


def test_a_still_of_an_odd_size_fills_its_frame(tmp_path: Path) -> None:
    """An odd number of rows and columns, cropped, padded and on blur."""
    shots = "".join(f"  - {{id: {mode}, file: odd.png, duration_s: 0.25, reframe: {mode}}}\n" for mode in MODES)
    studio = project(tmp_path, shots, "  - wide\n  - tall\n")
    clips.still(1, studio.folder / "odd.png", (193, 109))
    studio.build()
    laid = [Laid((1, (193, 109)), 6, mode=mode) for mode in MODES]
    assert flaws(studio, "wide", laid, FILM, FILM, WIDE) == []
    assert flaws(studio, "tall", laid, FILM, FILM, TALL) == []


def test_the_last_frame_of_a_whole_clip_is_shown_on_a_slower_clock(tmp_path: Path) -> None:
    """30 frames a second at 25: the end of a clip falls between two ticks, and the picture before it comes once."""
    shots = "".join(f"  - {{id: s{frames}, file: s{frames}.mov}}\n" for frames in ENDING_LATE)
    studio = project(tmp_path, shots, "  - {platform: wide, fps: 25}\n")
    rate = Fraction(30)
    made = film(studio, **{f"s{n}": Clip(n, rate=rate, frames=n, sound_codec=PLAIN) for n in ENDING_LATE})
    studio.build()
    laid = [Laid(clip, round(clip.frames * 0.8)) for clip in made.values()]
    assert flaws(studio, "wide", laid, FILM, Fraction(25), WIDE, EDGE) == []


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=() if kind.startswith("MP4") or "late" in kind else pytest.mark.slow) for kind in FILES],
)
def test_an_in_point_is_exact_in_every_kind_of_file(tmp_path: Path, kind: str) -> None:
    """Frames and samples, near the start and after a seek, whatever index and clock a file has.

    MPEG-TS is asked for its picture alone: samples at 48 kHz don't fall on its clock of 90 kHz.
    """
    clip, suffix = FILES[kind]
    silent = suffix == ".ts"
    sound = ", sound: drop" if silent else ""
    shots = "".join(f"  - {{id: s{n}, file: a{suffix}, in_s: {n / 24:.4f}, duration_s: 0.5{sound}}}\n" for n in (5, 53))
    outputs = "  - wide\n  - {platform: wide, name: fast, fps: 30}\n"
    studio = project(tmp_path, shots, outputs)
    clips.make(clip, studio.folder / f"a{suffix}", FFMPEG)
    studio.build()
    laid = [Laid(clip, 12, Fraction(n, 24), silent=silent) for n in (5, 53)]
    assert flaws(studio, "wide", laid, FILM, FILM, WIDE, EDGE) == []
    assert flaws(studio, "fast", laid, FILM, Fraction(30), WIDE, EDGE) == []


def test_a_project_at_29_97_keeps_sound_and_picture_together(tmp_path: Path) -> None:
    """A clock whose frames are no whole number of samples, at its own rate and at 25."""
    shots = "".join(f"  - {{id: s{n}, file: s{n}.mov, in_s: 0.2, duration_s: 0.7}}\n" for n in (1, 2, 3))
    outputs = "  - wide\n  - {platform: wide, name: pal, fps: 25}\n"
    studio = project(tmp_path, shots, outputs, fps="29.97")
    rates = {1: NTSC, 2: FILM, 3: Fraction(25)}
    made = film(studio, **{f"s{n}": Clip(n, rate=rate, frames=40, sound_codec=PLAIN) for n, rate in rates.items()})
    studio.build()
    laid = [Laid(made[f"s{n}"], 21, 6 / NTSC) for n in rates]
    assert flaws(studio, "wide", laid, NTSC, NTSC, WIDE, EDGE) == []
    assert flaws(studio, "pal", laid, NTSC, Fraction(25), WIDE, EDGE) == []
