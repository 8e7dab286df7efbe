"""Lines spoken here, by the runner of the local models, for tests that listen to them."""

from __future__ import annotations

import asyncio
import json
import tempfile
import wave
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from vidbuild.runners.base import Workspace
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.words.action import BoundAction, Conduct


@dataclass(frozen=True)
class Spoken:
    """A line as it was made: its bytes, its samples at their rate, its words with times."""

    data: bytes
    samples: Any
    rate: int
    words: Sequence[Mapping[str, Any]]

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate


def spoken(text: str, voice: str = "en-us") -> Spoken:
    """Have a line spoken."""
    ask = {"kind": "speech", "text": text, "voice": voice, "seed": 0, "take": 0}
    outputs = {"sound": "audio/wav", "words": "application/json"}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workspace = Workspace(folder, {}, {each: folder / f"{each}.out" for each in outputs})
        action = BoundAction("Speech", ask, {}, outputs, "local/voice@2")
        asyncio.run(LocalRunner(Path("ffmpeg")).run(action, Conduct(), workspace))
        words = json.loads(workspace.outputs["words"].read_text())["words"]
        with wave.open(str(workspace.outputs["sound"])) as sound:
            samples = np.frombuffer(sound.readframes(sound.getnframes()), np.int16)
            return Spoken(workspace.outputs["sound"].read_bytes(), samples, sound.getframerate(), words)
