"""What the tests of the spec floor share: a folder to write projects in, and names to read them with."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vidbuild.spec.load import Loaded, Vocabulary, load
from vidbuild.spec.model import Project
from vidbuild.words.errors import Problem, SpecError

HOUSE = Path(__file__).parents[2]
MODELS = [
    "kling-3",
    "hailuo-3",
    "kling-2",
    "kling-i2v",
    "flux-2-pro",
    "elevenlabs",
    "stable-audio",
    "stable-audio-2",
    "local/animatic",
]
PLATFORMS = ["youtube", "tiktok", "reels", "square", "instagram-feed", "master"]


@pytest.fixture(scope="session")
def schema() -> Mapping[str, Any]:
    """The schema of projects."""
    return json.loads((HOUSE / "schemas/project.schema.json").read_text())


@pytest.fixture(scope="session")
def vocabulary() -> Vocabulary:
    """A small catalog's names, and the packaged styles."""
    styles = {path.stem: path for path in (HOUSE / "templates/styles").glob("*.j2")}
    return Vocabulary(frozenset(MODELS), frozenset(PLATFORMS), styles)


class Desk:
    """A folder with a project in it, and the reading of it."""

    def __init__(self, folder: Path, vocabulary: Vocabulary, schema: Mapping[str, Any]):
        self.folder = folder
        self.vocabulary = vocabulary
        self.schema = schema

    def write(self, name: str, text: str | bytes = b"") -> Path:
        """Write a file beside the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def load(self, text: str | bytes, name: str = "project.yaml") -> Loaded:
        """Write a project and read it, by its name in the current folder."""
        self.write(name, text)
        return load(Path(name), self.vocabulary, self.schema)

    def project(self, text: str) -> Project:
        """Give what a project says."""
        return self.load(text).project

    def mistakes(self, text: str | bytes, name: str = "project.yaml") -> str:
        """Give the words for all that is wrong with a project."""
        with pytest.raises(SpecError) as raised:
            self.load(text, name)
        return raised.value.text()

    def problems(self, text: str) -> tuple[Problem, ...]:
        """Give all that is wrong with a project."""
        with pytest.raises(SpecError) as raised:
            self.load(text)
        return tuple(raised.value.problems)

    def sentences(self, text: str | bytes) -> list[str]:
        """Give place and sentence of each mistake, without the lines they point at."""
        with pytest.raises(SpecError) as raised:
            self.load(text)
        return [
            f"{problem.mark.line}:{problem.mark.column} {problem.sentence}" if problem.mark else problem.sentence
            for problem in raised.value.problems
        ]


@pytest.fixture
def desk(tmp_path: Path, vocabulary: Vocabulary, schema: Mapping[str, Any], monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A fresh folder to write a project in."""
    monkeypatch.chdir(tmp_path)
    return Desk(tmp_path, vocabulary, schema)


@pytest.fixture
def shot_of(desk: Desk) -> Callable[[str], Any]:
    """Read a project of one shot, and give the shot."""
    return lambda keys: desk.project(f"vidbuild: 1\nmodel: kling-3\nshots:\n  - {{{keys}}}\n").shots[0]
