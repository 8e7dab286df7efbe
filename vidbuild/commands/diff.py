"""`vidbuild diff`: what of finished files is otherwise: pictures, sound, loudness, length, captions.

Each side is a file, a folder, or a git revision, whose files are made again of what the store holds. It ends like diff:
0 where nothing that is seen, heard or read differs, 1 where something does, 2 in trouble.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from vidbuild import building, revisions
from vidbuild.approving import to_buy
from vidbuild.commands import diff_sheet
from vidbuild.commands.diff_words import Compared, document, sentences
from vidbuild.commands.room import see_room
from vidbuild.console import say, sink_for
from vidbuild.drifting import numbered
from vidbuild.plan.why import describe
from vidbuild.runners import comparing
from vidbuild.session import Session
from vidbuild.settings import Settings, out_folder
from vidbuild.stores import durable
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.errors import Exit, SpecError, UsageError, VidbuildError, clean

DIFFERENT, TROUBLE = 1, 2
MOST_FILES = 2000
MOST_SHOWN = 120
"""Places that a sheet shows, of all files."""


def run(settings: Settings, was: str, now: str | None, sheet: str | None, as_json: bool) -> int:
    """Compare two sides; draw the sheet where something differs."""
    try:
        return _run(settings, was, now, sheet, as_json)
    except VidbuildError as error:
        say(error.text() if isinstance(error, SpecError) else f"error: {error.text()}", sys.stderr)
        return TROUBLE


def _run(settings: Settings, was: str, now: str | None, sheet: str | None, as_json: bool) -> int:
    place = _room(Path(sheet or "diff.html"))
    session = Session(settings, os.environ)
    try:
        sides = _Sides(session)
        old, new = sides.files(was), sides.files(now) if now is not None else sides.here()
        if (len(old), len(new)) == (1, 1) and "" in old and "" in new:
            name = Path(now or was).name
            old, new = {name: old[""]}, {name: new[""]}
        elif "" in old or "" in new:
            raise UsageError("one is a file, and the other isn't", hint="name two files, two folders, or two revisions")
        found = asyncio.run(_compared(session, old, new))
    finally:
        session.close()
    names = (was, now if now is not None else out_folder(settings))
    different = any(one.state != "same" for one in found)
    if as_json:
        say(json.dumps(document(found, *names)))
    else:
        for one in found:
            say(clean(f"{one.name}: {'; '.join(sentences(one))}"))
    if different and (sheet is not None or not as_json):
        durable.write_bytes(place, diff_sheet.page(found, *names).encode())
        diff_sheet.picture(found, names, place.with_suffix(".png"))
        say(f"side by side: {clean(str(place))}, {clean(place.with_suffix('.png').name)}", sys.stderr)
    return DIFFERENT if different else Exit.BUILT


def _room(page: Path) -> Path:
    """See that a sheet takes no other file's place; its picture stands beside it."""
    if page.suffix.lower() not in (".html", ".htm"):
        raise UsageError(f"`{page}` is no name for the sheet", hint="it is a page: name a file that ends in `.html`")
    see_room(page, "sheet", b"<!doctype html>" + diff_sheet.MARK.encode())
    picture = page.with_suffix(".png")
    if not page.exists():
        see_room(picture, "sheet's picture", b"(?!)")
    return page


class _Sides:
    """Finds the files of each side, by name; a file that was named itself has none."""

    def __init__(self, session: Session):
        self._session = session
        self._is_planned = False

    def files(self, named: str) -> Mapping[str, Path]:
        path = Path(named)
        if path.is_file():
            return {"": path}
        return _listed(path) if path.is_dir() else self._made(named)

    def here(self) -> Mapping[str, Path]:
        """Give the finished files that are there of the project as it is now."""
        session = self._session
        planned, folder, found = session.plan(), out_folder(session.settings), {}
        for deliverable in planned.graph.deliverables:
            for path in (deliverable.path, *deliverable.companions):
                if (place := session.settings.home / path).is_file():
                    found[_below(path, folder)] = place
        if not found:
            raise UsageError(f"there are no finished files in `{folder}`", hint="build, or name a second side")
        return found

    def _made(self, ref: str) -> Mapping[str, Path]:
        """Make the finished files of a revision again, of what was bought for it."""
        if not self._is_planned:
            self._is_planned = True
            with contextlib.suppress(SpecError):  # the revision is what counts
                self._session.plan()
        if not self._session.settings.file.exists():
            raise UsageError(f"`{ref}` is no file and no folder", hint="a revision needs its project: `--project FILE`")
        with revisions.opened(self._session, ref, os.environ) as there:
            if not there.has_project:
                raise UsageError(f"`{self._session.settings.file.name}` is not in {ref}")
            graph = there.session.plan().graph
            lacking = to_buy(graph, there.session.survey(graph))
            if lacking:
                told = [describe(graph, node.action.id) for node in lacking]
                hint = "name the store that holds them (`remote:` or VIDBUILD_REMOTE), or compare drafts: `--draft`"
                raise UsageError(f"what {ref} shows was bought, and isn't here", numbered(told), hint)
            say(f"making {clean(ref)} ({there.commit[:12]})", sys.stderr)
            made = building.remade(there.session, os.cpu_count() or 1, sink_for(False, sys.stderr.isatty()))
            return {_below(path, out_folder(there.session.settings)): place for path, place in made.items()}


def _below(path: str, folder: str) -> str:
    pure = PurePosixPath(path)
    return str(pure.relative_to(folder)) if pure.is_relative_to(folder) else path


def _listed(folder: Path) -> Mapping[str, Path]:
    """List the files below a folder, hidden ones left out."""
    found: dict[str, Path] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            found[name.as_posix()] = path
            if len(found) > MOST_FILES:
                raise UsageError(f"`{folder}` holds more than {MOST_FILES} files", hint="name a folder of videos")
    if not found:
        raise UsageError(f"there is nothing in `{folder}`")
    return found


async def _compared(session: Session, old: Mapping[str, Path], new: Mapping[str, Path]) -> list[Compared]:
    found, left = [], MOST_SHOWN
    workspaces = WorkspacesOnDisk(session.store)
    try:
        for name in dict.fromkeys((*old, *new)):
            was, now = old.get(name), new.get(name)
            if was is None or now is None:
                said = [comparing.facts(path, name) if path is not None else None for path in (was, now)]
                found.append(Compared(name, said[0], said[1]))
                continue
            with workspaces.opened({}, ()) as workspace:
                most = min(left, comparing.MOST_SPOTS)
                beside = await comparing.compared(session.ffmpeg, was, now, name, workspace.folder, most)
            left -= len(beside.spots)
            found.append(Compared(name, beside.was, beside.now, beside))
    finally:
        workspaces.close()
    return found
