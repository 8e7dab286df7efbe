"""Own recordings, laid over what they say: against lines whose times are known, since they were spoken here."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from lines import spoken

from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Workspace
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.words.action import BoundAction, Conduct

TEXT = "Come in, and sit down. The first one is on us! Would you like some sugar, or milk?"


def align(path: Path, text: str) -> list[dict[str, object]]:
    """Have a recording laid over a text."""
    folder = path.parent
    outputs = {"words": "application/json"}
    workspace = Workspace(folder, {"sound": path}, {"words": folder / "words.out"})
    action = BoundAction("Align", {"text": text}, {}, outputs, "local/align@1")
    asyncio.run(LocalRunner(ffmpeg.find({})).run(action, Conduct(), workspace))
    found: list[dict[str, object]] = json.loads(workspace.outputs["words"].read_text())["words"]
    return found


@pytest.mark.parametrize("voice", ["en-us", "en+m3"])
def test_words_of_a_recording_are_where_they_are_said(tmp_path: Path, voice: str) -> None:
    """Each to within a quarter of a second, the words behind a pause to within a tenth."""
    line = spoken(TEXT, voice)
    path = tmp_path / "voice.wav"
    path.write_bytes(line.data)
    found = align(path, TEXT)
    assert [word["text"] for word in found] == TEXT.split()
    away = [abs(float(str(one["start_s"])) - other["start_s"]) for one, other in zip(found, line.words, strict=True)]
    assert max(away) < 0.25, away
    behind = [number + 1 for number, word in enumerate(TEXT.split()) if word.endswith((".", "!"))]
    assert all(away[number] < 0.1 for number in behind if number < len(away)), away


def test_a_recording_repeats(tmp_path: Path) -> None:
    """The same words of the same file."""
    path = tmp_path / "voice.wav"
    path.write_bytes(spoken(TEXT).data)
    assert align(path, TEXT) == align(path, TEXT)
