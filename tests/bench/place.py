"""A folder to measure in: its environment, its store, and vidbuild's command in it.

What is measured is a copy of the source tree, so that edits while the bench runs don't disturb it.
"""

from __future__ import annotations

import compileall
import os
import shutil
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SETTLED_S = 2.5
"""After so long a file's stamp is believed; a user's files are older than that too."""


@dataclass(frozen=True)
class Place:
    """A project's folder with a store beside it, and the source tree that runs."""

    folder: Path
    source: Path

    @property
    def project(self) -> Path:
        """The project's folder, made where it isn't there."""
        folder = self.folder / "project"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def environ(self) -> Mapping[str, str]:
        """The environment of a user who has nothing else."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder),
            "PYTHONPATH": str(self.source),
            "VIDBUILD_STORE": str(self.folder / "store"),
            "LANG": "C.UTF-8",
        }

    def command(self, *words: str) -> list[str]:
        """Give the argv of vidbuild's command, as the installed script would start it."""
        return [sys.executable, "-c", "from vidbuild.cli import main; main()", *words]


def snapshot(root: Path, folder: Path) -> Path:
    """Copy what runs out of a source tree, byte code made."""
    for name in ("vidbuild", "schemas", "templates"):
        shutil.copytree(root / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    compileall.compile_dir(folder / "vidbuild", quiet=1)
    return folder


def settle() -> None:
    """Wait until what was just written is old enough to be believed by its stamp."""
    time.sleep(SETTLED_S)


PROFILE = """\
name: {name}
size: [{width}, {height}]
video: {{preset: veryfast, crf: 20}}
audio: {{kbps: 192}}
"""


def add_profiles(place: Place, sizes: Mapping[str, tuple[int, int]]) -> None:
    """Write the project's own platform profiles."""
    folder = place.project / "platforms"
    folder.mkdir(exist_ok=True)
    for name, (width, height) in sizes.items():
        (folder / f"{name}.yaml").write_text(PROFILE.format(name=name, width=width, height=height))
