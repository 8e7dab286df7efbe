"""A shot's own sound at another speed: as long as its picture to the sample, at its own pitch, where it is seen."""

from __future__ import annotations

import asyncio
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stems import FFMPEG, RATE, tone, written

from vidbuild.media import sound
from vidbuild.media.sound import Pace
from vidbuild.runners import wave
from vidbuild.runners.base import Workspace
from vidbuild.runners.steps import StepsRunner
from vidbuild.words.action import BoundAction, Conduct

SECONDS = 6
"""How long the footage is: a tone that is loud for the first tenth of every second."""


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the footage's sound."""
    rows = tone(SECONDS, level=0.5)
    rows[(np.arange(len(rows)) % RATE) > RATE // 10] *= 0.02
    return written(tmp_path_factory.mktemp("footage") / "clip.wav", rows)


def taken(footage: Path, folder: Path, start: Fraction, seconds: Fraction, pace: Pace) -> Any:
    """Take a part of it; give its first channel."""
    action = BoundAction("Sound", {"steps": sound.own("clip", start, seconds, pace)}, {}, {"sound": "audio/wav"}, "")
    (folder / "clip.wav").symlink_to(footage)
    place = Workspace(folder, {"clip": folder / "clip.wav"}, {"sound": folder / "sound.wav"})
    asyncio.run(StepsRunner(FFMPEG).run(action, Conduct(), place))
    pcm = wave.opened_wav(folder / "sound.wav")
    return pcm.read(0, pcm.samples)[:, 0]


def onsets(rows: Any) -> list[float]:
    """Say when it becomes loud, in seconds: louder than in the 60 ms before."""
    level = np.abs(rows[: len(rows) // 48 * 48]).reshape(-1, 48).max(axis=1)
    loud = np.concatenate([[False] * 60, level > 0.1])
    return [at / 1000 for at in range(len(level)) if loud[at + 60] and not loud[at : at + 60].any()]


def hertz(rows: Any) -> float:
    """Count the turns of a tone where it is loud."""
    return float(np.argmax(np.abs(np.fft.rfft(rows[: RATE // 2]))) * 2)


@pytest.mark.parametrize("speed", ["0.25", "0.5", "0.8", "1.5", "2", "3.3", "4"])
def test_a_speed_keeps_pitch_and_place(footage: Path, tmp_path: Path, speed: str) -> None:
    """Every second comes after a second of the source, from an in-point on; the length is that of the picture."""
    fast = Fraction(speed)
    seconds = Fraction(int(4 / fast * 30), 30)
    rows = taken(footage, tmp_path, Fraction(3, 2), seconds, Pace(fast, seconds * fast))
    assert len(rows) == -(-seconds * RATE // 1)
    assert hertz(rows) == pytest.approx(440, abs=4)
    expected = [float((second - Fraction(3, 2)) / fast) for second in (2, 3, 4, 5)]
    assert onsets(rows) == pytest.approx(expected, abs=max(0.03, 0.02 / float(fast)))


def test_what_is_held_is_silent(footage: Path, tmp_path: Path) -> None:
    """From where the footage ends, also where the file goes on."""
    rows = taken(footage, tmp_path, Fraction(1), Fraction(3), Pace(Fraction(1), Fraction(3, 2)))
    assert len(rows) == 3 * RATE
    assert onsets(rows) == pytest.approx([0, 1], abs=0.01)
    assert np.abs(rows[RATE * 3 // 2 :]).max() == 0


@pytest.mark.parametrize(("speed", "every"), [("1", 1.5), ("2", 0.75)])
def test_what_is_looped_comes_again_with_its_picture(footage: Path, tmp_path: Path, speed: str, every: float) -> None:
    """Without a click, since it rises and falls at each end."""
    fast = Fraction(speed)
    pace = Pace(fast, Fraction(3, 2), Fraction(3, 2) / fast)
    rows = taken(footage, tmp_path, Fraction(1), Fraction(4), pace)
    assert len(rows) == 4 * RATE
    turns = int(4 // every) + 1
    starts = sorted(turn * every + place / float(fast) for turn in range(turns) for place in (0, 1))
    assert onsets(rows) == pytest.approx([at for at in starts if at < 4], abs=0.03)
    length = round(every * RATE)
    assert np.abs(rows[length - 3 : length + 3]).max() < 0.01
    assert rows[: length // 2] == pytest.approx(rows[length : length + length // 2], abs=1e-4)
