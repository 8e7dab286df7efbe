"""Mixes for tests: sounds made in numpy, mixed by the step runner alone, heard as samples and as ffmpeg meters them.

Samples are float rows of two channels at 48 kHz.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
import numpy as np

from vidbuild.media.sound import Fade, Laid, Loudness, mix
from vidbuild.runners import wave
from vidbuild.runners.base import Workspace
from vidbuild.runners.ffmpeg import find
from vidbuild.runners.steps import StepsRunner
from vidbuild.words.action import BoundAction, Conduct

FFMPEG = find(os.environ)
RATE = 48_000


@dataclass(frozen=True)
class Mixed:
    """A mix as it was made: the file, and the sum of its stems before it was levelled."""

    folder: Path
    facts: Mapping[str, Any]

    @property
    def file(self) -> Path:
        """The encoded sound."""
        return self.folder / "sound.m4a"

    @property
    def sum(self) -> Any:
        """The stems as they were laid."""
        pcm = wave.opened_wav(self.folder / "mix.wav")
        return pcm.read(0, pcm.samples)

    def samples(self) -> Any:
        """Decode the file, each sample at the place that its timestamp says."""
        with av.open(str(self.file)) as container:
            frames = [(round(frame.pts * frame.time_base * RATE), frame.to_ndarray()) for frame in container.decode()]
        rows = np.zeros((max(at + part.shape[1] for at, part in frames), 2), np.float32)
        for at, part in frames:
            first = max(0, -at)
            rows[at + first : at + part.shape[1]] = part[:, first:].T
        return rows

    def metered(self) -> tuple[float, float]:
        """Give integrated loudness and true peak, as ffmpeg's meter tells people."""
        argv = [FFMPEG, "-hide_banner", "-nostdin", "-i", self.file, "-af", "ebur128=peak=true", "-f", "null", "-"]
        said = subprocess.run(argv, capture_output=True, text=True, check=True).stderr.rpartition("Summary:")[2]
        found = re.search(r"I:\s+(-?[\d.]+) LUFS.*Peak:\s+(-?[\d.]+|-inf) dBFS", said, re.DOTALL)
        assert found is not None, said
        return float(found[1]), float(found[2])


def mixed(
    folder: Path,
    samples: int,
    laid: Sequence[Laid],
    sounds: Mapping[str, Any],
    loudness: Loudness | None = None,
    fades: Sequence[Fade] = (),
) -> Mixed:
    """Mix sounds by slot."""
    paths = {slot: written(folder / f"{slot}.wav.in", rows) for slot, rows in sounds.items()}
    return mixed_files(folder, samples, laid, paths, loudness, fades)


def mixed_files(
    folder: Path,
    samples: int,
    laid: Sequence[Laid],
    paths: Mapping[str, Path],
    loudness: Loudness | None = None,
    fades: Sequence[Fade] = (),
) -> Mixed:
    """Mix files that lie in the folder, by slot."""
    action = BoundAction(
        "Mix", {"steps": mix(samples, laid, loudness or Loudness(), fades)}, {}, {"sound": "audio/mp4"}, ""
    )
    place = Workspace(folder, paths, {"sound": folder / "sound.m4a"})
    return Mixed(folder, asyncio.run(StepsRunner(FFMPEG).run(action, Conduct(), place)))


def written(path: Path, rows: Any) -> Path:
    """Write samples as PCM."""
    wave.write(path, len(rows), [rows])
    return path


def tone(seconds: float, hertz: float = 440.0, level: float = 0.1) -> Any:
    """Make a steady tone on both sides."""
    turn = np.arange(round(seconds * RATE)) * (2 * np.pi * hertz / RATE)
    return np.repeat((level * np.sin(turn))[:, None], 2, axis=1).astype("f4")


def level_db(rows: Any) -> float:
    """Give the root mean square in dB of full scale."""
    return float(10 * np.log10(np.mean(np.square(rows, dtype=np.float64)) + 1e-20))
