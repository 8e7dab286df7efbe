"""What a command was told, and the paths that follow from it. Standard library only: it is read before all else."""

from __future__ import annotations

import os
import posixpath
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

STORE_VARIABLE = "VIDBUILD_STORE"
DEFAULT_PROJECT = "project.yaml"


@dataclass(frozen=True)
class Settings:
    """What a command was told.

    Args:
        project: the project file, or a folder that holds `project.yaml`.
        out: the folder for finished files, as given; `build` beside the project without it.
        store: the store's folder, as given.
        profile: the overlay of the project that was asked for by name.
    """

    project: Path
    draft: bool = False
    outputs: tuple[str, ...] = ()
    only: str | None = None
    out: str | None = None
    store: str | None = None
    rehash: bool = False
    profile: str | None = None

    @property
    def file(self) -> Path:
        """The project file itself."""
        return self.project / DEFAULT_PROJECT if self.project.is_dir() else self.project

    @property
    def home(self) -> Path:
        """The folder that the project file stands in."""
        return self.file.parent

    @property
    def state(self) -> Path:
        """The project's own folder for traces, past words and the process lock."""
        return self.home / ".vidbuild"

    def asked(self, command: str) -> Mapping[str, Any]:
        """Give all that tells this request from another, for the trace."""
        told = (self.draft, self.only, sorted(self.outputs), self.out, self.store, self.profile)
        return {"command": command, "file": str(self.file.absolute()), "told": told, "in": os.getcwd()}


def store_folder(given: str | None, environ: Mapping[str, str]) -> Path:
    """Name the store: as given, else by `VIDBUILD_STORE`, else in the user's data folder."""
    named = given or environ.get(STORE_VARIABLE)
    if named:
        return Path(named).absolute()
    if sys.platform.startswith("linux") and (environ.get("XDG_DATA_HOME") or environ.get("HOME")):
        return Path(environ.get("XDG_DATA_HOME") or f"{environ['HOME']}/.local/share", "vidbuild").absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("vidbuild"))


def out_folder(settings: Settings) -> str:
    """Name the folder of finished files, relative to the project's where it lies below it, with `/`."""
    if settings.out is None:
        base = "build"
    else:
        given, home = Path(os.path.abspath(settings.out)), Path(os.path.abspath(settings.home))
        base = given.relative_to(home).as_posix() if given.is_relative_to(home) else given.as_posix()
    stem = settings.file.stem
    parts = [base] + ([stem] if settings.file.name != DEFAULT_PROJECT else []) + (["draft"] if settings.draft else [])
    parts += [settings.profile] if settings.profile else []
    return posixpath.normpath("/".join(parts))


def lock_name(file: Path) -> str:
    """Name the lock beside a project file."""
    return "vidbuild.lock" if file.name == DEFAULT_PROJECT else f"{file.stem}.lock"
