"""The fonts that a project's texts are set in: those that ship, and the brand's own; read, never the machine's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from pathlib import Path

from vidbuild.media.fonts import Face, FontFile, NotAFont, Typeface, faces
from vidbuild.share import PACKAGE
from vidbuild.spec.model import Card, Project
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.words.errors import Problem, VidbuildError

PACKAGED = tuple(PACKAGE / "fonts" / f"VidbuildSans-{weight}.ttf" for weight in ("Regular", "Bold"))
ROLES = ("text", "title")
MOST_BYTES = 64 * 2**20


def gather(
    project: Project, home: Path, accepted: Collection[str], own: OwnFilesOnDisk
) -> tuple[Mapping[str, Typeface], list[Problem]]:
    """Read the fonts that a project needs, by role; none where nothing is written."""
    has_cards = any(isinstance(shot.source, Card) for shot in project.shots)
    if not project.texts and not project.brand.files and project.captions is None and not has_cards:
        return {}, []
    packaged = tuple(FontFile(own.digest(path), _packaged(path)) for path in PACKAGED)
    read: dict[str, FontFile] = {}
    problems = []
    for path in project.brand.files:
        if path not in accepted:
            continue  # the reader has told it, and where
        try:
            read[path] = _own(home / path, own)
        except NotAFont as error:
            facts = (str(error),)
            problems.append(Problem(project.brand.marks.get(path), f"`{path}` can't be read as a font", facts))
        except VidbuildError as error:
            problems.append(Problem(project.brand.marks.get(path), error.sentence, tuple(error.facts.values())))
    found = {}
    for role in ROLES:
        first = project.brand.fonts.get(role) or project.brand.fonts.get("text", ())
        names = (*first, None, *project.brand.fonts.get("more", ()))
        files = [packaged if name is None else (read[name],) for name in names if name is None or name in read]
        found[role] = Typeface(tuple(dict.fromkeys(file for group in files for file in group)))
    return found, problems


def _own(path: Path, own: OwnFilesOnDisk) -> FontFile:
    digest = own.digest(path)
    if path.stat().st_size > MOST_BYTES:
        raise NotAFont(f"it is larger than {MOST_BYTES // 2**20} MB")
    return FontFile(digest, faces(path.read_bytes()))


@cache
def _packaged(path: Path) -> tuple[Face, ...]:
    return faces(path.read_bytes())
