"""Clips, pictures and sounds for the tests of takes, made once."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild.runners import ffmpeg
from vidbuild.testing.clips import Clip, make

FFMPEG = ffmpeg.find({})


@pytest.fixture(scope="session")
def encode(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Encode something with ffmpeg's own arguments to a file of a name, once."""
    folder = tmp_path_factory.mktemp("encoded")

    def made(name: str, arguments: str) -> Path:
        path = folder / name
        if not path.exists():
            argv = [str(FFMPEG), "-nostdin", "-v", "error", "-y", *arguments.split(), str(path)]
            subprocess.run(argv, check=True, stderr=subprocess.DEVNULL)
        return path

    return made


@pytest.fixture(scope="session")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good take: two seconds that move, with sound, its index at its front."""
    folder = tmp_path_factory.mktemp("take")
    made = make(Clip(3, (640, 360), Fraction(24), 48), folder / "made.mp4", FFMPEG)
    path = folder / "take.mp4"
    copied = ["-i", str(made), "-c", "copy", "-movflags", "+faststart", str(path)]
    subprocess.run([str(FFMPEG), "-nostdin", "-v", "error", *copied], check=True)
    return path
