"""`init` and `clean`: beginning a project, tidying it."""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from vidbuild.console import say
from vidbuild.settings import DEFAULT_PROJECT, Settings, out_folder, store_folder
from vidbuild.share import share
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.words.amounts import counted
from vidbuild.words.digest import digest_stream
from vidbuild.words.errors import BusyError, Exit, UsageError
from vidbuild.words.errors import clean as clean_text
from vidbuild.words.names import did_you_mean

STARTER = "starter"
"""The template that is taken where none is named; it builds without `--draft` too."""

_FOR_GIT = {
    ".gitignore": "build/\n.vidbuild/\n",
    ".gitattributes": (
        "# The lock is written by vidbuild. Git merges it by line; `vidbuild lock --resolve` ends a conflict.\n"
        "vidbuild.lock text eol=lf linguist-generated\n"
    ),
}
_PLAIN = re.compile(r"(?!(?:null|true|false)$)[A-Za-z][A-Za-z0-9_-]*")
_FINISHED = frozenset(
    {".mp4", ".mov", ".webm", ".m4a", ".mp3", ".wav", ".jpg", ".webp", ".gif", ".srt", ".vtt"},
)


def init(folder: Path, name: str) -> int:
    """Write the project of a template, called as its folder is; nothing that stands there is touched."""
    known = _templates()
    if name not in known:
        raise UsageError(
            f"there is no template `{clean_text(name)}`",
            hint=did_you_mean(name, known) or "`vidbuild init --list` lists them",
        )
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"`{folder}` is a file", hint="name a folder")
    template = known[name]
    files = [path for path in sorted(template.rglob("*")) if path.is_file()]
    for path in files:
        if (folder / path.relative_to(template)).exists():
            raise UsageError(f"`{folder / path.relative_to(template)}` is there already", hint="name another folder")
    for path in files:
        target = folder / path.relative_to(template)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    project = folder / DEFAULT_PROJECT
    if _PLAIN.fullmatch(folder.resolve().name):
        text = project.read_text(encoding="utf-8")
        project.write_text(text.replace(f"\nname: {name}\n", f"\nname: {folder.resolve().name}\n", 1), encoding="utf-8")
    for file, text in _FOR_GIT.items():
        if not (folder / file).exists():
            (folder / file).write_text(text)
    say(f"started {project}")
    where = "" if folder == Path(".") else f"cd {shlex.quote(str(folder))} && "
    say(f"next: {where}vidbuild build{'' if name == STARTER else ' --draft'}")
    return Exit.BUILT


def templates() -> int:
    """List what a project can be started from, each by the first line of its project file."""
    for name, folder in _templates().items():
        with open(folder / DEFAULT_PROJECT, encoding="utf-8") as stream:
            print(f"{name:<20} {stream.readline().removeprefix('#').strip()}")
    return Exit.BUILT


def _templates() -> Mapping[str, Path]:
    """Find the shipped templates by name, the simplest first."""
    found = {path.parent.name: path.parent for path in sorted(share("templates/projects").glob(f"*/{DEFAULT_PROJECT}"))}
    return {STARTER: found.pop(STARTER), **found}


def clean(settings: Settings) -> int:
    """Remove finished files that the store could give back, the folders that this empties, and past words."""
    lock = ProcessLock(settings.state / "lock")
    if settings.state.is_dir() and not lock.take("vidbuild clean"):
        raise BusyError(f"a build holds the project: {lock.holder()}", hint="wait until it has ended")
    try:
        removed = _remove_finished(settings)
        for past in settings.state.glob("past*.json"):
            past.unlink()
    finally:
        lock.release()
    say(f"removed {counted(removed, 'file')}")
    return Exit.BUILT


def _remove_finished(settings: Settings) -> int:
    store = store_folder(settings.store, os.environ)
    cas = DiskCas(store, Memory(Index(store / "index")))
    base = settings.home / out_folder(settings)
    removed = 0
    for sheet in (base / "takes").glob("*.png"):
        sheet.unlink()
        removed += 1
    with contextlib.suppress(OSError):
        (base / "takes").rmdir()
    for path in _finished(base):
        with open(path, "rb") as stream:
            digest = digest_stream(stream)
        if not cas.has(digest):
            say(f"kept {path}: its content is not in the store", sys.stderr)
            continue
        path.unlink()
        removed += 1
        for folder in path.parents:
            if any(folder.iterdir()) or folder == settings.home or not folder.is_relative_to(base):
                break
            folder.rmdir()
    return removed


def _finished(base: Path) -> list[Path]:
    """List videos, posters and captions below a folder, not looking into hidden ones."""
    found = []
    for folder, folders, names in os.walk(base):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(folder, name) for name in sorted(names) if Path(name).suffix in _FINISHED]
    return [path for path in found if path.is_file() and not path.is_symlink()]
