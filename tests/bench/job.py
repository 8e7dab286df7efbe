"""The job that the bench measures: a minute as an editor would hand it over, and its parts made ready for everyone.

Ten shots with three dissolves, three lower thirds, ten spoken and captioned lines, music that steps back under them,
-14 LUFS, three outputs. What differs between tools is how they are told; the footage, the recordings and the cut don't.
"""

from __future__ import annotations

import subprocess
import sys
import wave
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vidbuild.runners.local import voice, voice_child
from vidbuild.testing import clips, sounds
from vidbuild.testing.clips import Clip
from vidbuild.testing.reference import Laid

RATE = Fraction(24)
OVER = 12
"""Frames of a dissolve."""

SLOT = 144
DISSOLVES = (2, 5, 8)
"""Shots that come in over the one before."""

TITLED = (0, 3, 6)
"""Shots with a lower third, from 1 s to 4.5 s."""

NAMES = ("Ada Lovelace", "Grace Hopper", "Mary Jackson")
SAID = (
    "Every film begins with a list of shots.", "Someone has to say what each one shows.",
    "Then the camera rolls, or a model does.", "Takes come back, and some are not good.",
    "Those are shot again, and the rest is kept.", "What was paid for is never paid twice.",
    "The cut goes together from what is there.", "One word changes, and one piece is made.",
    "The others are copied as they were before.", "And the same film comes out anywhere.",
)  # fmt: skip
SAID_AT = Fraction(1, 2)
"""Seconds from its shot's start at which each line is spoken."""

SIZES = {"wide": (1920, 1080), "tall": (1080, 1920), "flat": (1080, 1080)}
MODES = {"wide": "crop", "tall": "crop", "flat": "blur"}
MUSIC_DB, DUCK_DB = -14, -12
MUSIC = 90 * sounds.RATE
"""Samples of the music."""


@dataclass(frozen=True)
class Job:
    """A cut and the files that it is made of.

    Args:
        clips: of every shot, as long as the shot is.
        lines: recordings of what is said over each shot.
        spare: a clip that may replace another.
    """

    clips: tuple[Path, ...]
    lines: tuple[Path, ...]
    music: Path
    spare: Path

    @property
    def frames(self) -> tuple[int, ...]:
        """How long each shot is, what dissolves show of it included."""
        return tuple(length(index, len(self.clips)) for index in range(len(self.clips)))

    @property
    def starts(self) -> tuple[int, ...]:
        """The frame of the cut at which each shot begins."""
        return tuple(SLOT * index for index in range(len(self.clips)))

    @property
    def seconds(self) -> int:
        """How long the cut is."""
        return int(SLOT * len(self.clips) / RATE)

    def laid(self, output: str, changed: int | None = None) -> list[Laid]:
        """Say what must be seen of an output, for the judge; the shot `changed` shows the spare clip."""
        return [
            Laid(clip(SPARE if index == changed else number(index)), frames, mode=MODES[output], lead=lead(index))
            for index, frames in enumerate(self.frames)
        ]

    def heard(self, music_db: int) -> Any:
        """Give what must be heard: samples in rows of two. Where a line is said the music is lower, at once."""
        samples = self.seconds * sounds.RATE
        music = sounds.lay(samples, [(at, recorded(self.music)[: samples - at]) for at in range(0, samples, MUSIC)])
        music *= 10 ** (music_db / 20)
        parts = []
        for line, start in zip(self.lines, self.starts, strict=True):
            at = int((start / RATE + SAID_AT) * sounds.RATE)
            parts.append((at, recorded(line)))
            music[at : at + len(parts[-1][1])] *= 10 ** (DUCK_DB / 20)
        return sounds.lay(samples, [*parts, (0, music)])


SPARE = 60


def number(index: int) -> int:
    """Give the number that a shot's marks say; a long cut shows the ten clips again."""
    return index % 10 + 1


def said(index: int) -> str:
    """Give what is written under a shot: in a long cut each minute's is its own, so that no piece is made for two."""
    return SAID[index % 10] + (f" (Part {index // 10 + 1}.)" if index >= 10 else "")


def lead(index: int) -> int:
    """Say how many frames of a shot lie over the one before."""
    return OVER if index % 10 in DISSOLVES else 0


def length(index: int, count: int) -> int:
    """Say how many frames a shot has; one that ends in a dissolve has a handle more."""
    return SLOT + (lead(index + 1) if index + 1 < count else 0)


def clip(shot: int) -> Clip:
    """Describe a clip: a vendor's take of 1080p24, silent, half a second longer than its slot."""
    return Clip(shot, (1920, 1080), RATE, SLOT + OVER, sound_rate=0, grain=10, codec=clips.CAMERA)


def ready(folder: Path, ffmpeg: Path, minutes: int = 1) -> Job:
    """Make the files that are not there yet, two at a time."""
    folder.mkdir(parents=True, exist_ok=True)

    def made(shot: int) -> Path:
        path = folder / f"clip{shot:02}.mp4"
        if not path.exists():
            clips.make(clip(shot), folder / f"new-{path.name}", ffmpeg).rename(path)
        return path

    with ThreadPoolExecutor(2) as pool:
        ten, spare = list(pool.map(made, range(1, 11))), made(SPARE)
    lines = [_spoken(text, folder / f"line{index:02}.wav") for index, text in enumerate(SAID)]
    music = folder / "music.wav"
    if not music.exists():
        _write(music, sounds.noise(7, MUSIC) * 3)
    return Job(tuple(ten * minutes), tuple(lines * minutes), music, spare)


def recorded(path: Path) -> Any:
    """Read a recording as samples in rows of two."""
    resampler = av.AudioResampler("flt", "stereo", sounds.RATE)
    parts = []
    with av.open(str(path)) as container:
        for frame in [*container.decode(audio=0), None]:
            parts += [each.to_ndarray().reshape(-1, 2) for each in resampler.resample(frame)]
    return np.concatenate(parts)


def _spoken(text: str, path: Path) -> Path:
    """Have a line spoken, once."""
    if not path.exists():
        argv = [sys.executable, "-I", voice_child.__file__, str(voice.library()), str(voice.data()), "en-us", "150"]
        subprocess.run(argv, input=text.encode(), cwd=path.parent, check=True)
        _write(path, recorded(path.parent / "sound.wav"))
    return path


def _write(path: Path, samples: Any) -> None:
    with wave.open(str(path), "wb") as target:
        target.setnchannels(2)
        target.setsampwidth(2)
        target.setframerate(sounds.RATE)
        target.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def texts(job: Job) -> tuple[list[tuple[str, Fraction, Fraction]], list[tuple[str, Fraction, Fraction]]]:
    """List lower thirds and captions with when they are seen, in seconds of the cut, for those who are told times."""
    starts = [start / RATE for start in job.starts]
    titles = [
        (NAMES[index // 3 % 3], starts[index] + 1, starts[index] + Fraction(9, 2))
        for index in TITLED
        if index < len(starts)
    ]
    said = [(SAID[index % 10], start + SAID_AT, start + SAID_AT + 3) for index, start in enumerate(starts)]
    return titles, said
