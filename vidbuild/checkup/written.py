"""Whether the fonts have every character that a project writes: texts, cards, captions."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from vidbuild.checkup.finding import Finding
from vidbuild.media.fonts import Typeface
from vidbuild.plan.captions import read
from vidbuild.spec.model import Card, Project
from vidbuild.words.amounts import counted

MOST = 8


def coverage(projects: Iterable[Project], typefaces: Mapping[str, Typeface]) -> Finding:
    """Say how many characters there are, and which no font has."""
    written = dict.fromkeys(char for project in projects for text in texts(project) for char in text)
    if not written:
        return Finding("fonts", "nothing is written in this project")
    faces = {face: None for typeface in typefaces.values() for file in typeface.files for face in file.faces}
    families = ", ".join(sorted({face.family for face in faces}))
    whole = "".join(written)
    lacking = [char for char in dict.fromkeys(whole) if all(t.uncovered(char) for t in typefaces.values())]
    if lacking:
        named = ", ".join(f"{char} ({unicodedata.name(char, f'U+{ord(char):04X}')})" for char in lacking[:MOST])
        more = f" and {len(lacking) - MOST} more" if len(lacking) > MOST else ""
        hint = "name a font of your own that has them: `brand: {fonts: {text: FILE}}`"
        return Finding("fonts", f"no font has {named}{more}", True, hint)
    return Finding("fonts", f"{families}: all {counted(len(written), 'different character')} of the project")


def texts(project: Project) -> Iterator[str]:
    """Give everything that is written over the picture, or beside it."""
    yield from (text.text for text in project.texts)
    for shot in project.shots:
        if isinstance(shot.source, Card):
            yield from (shot.source.title, shot.source.subtitle)
    if project.captions is not None:
        yield from map(read, project.lines)
