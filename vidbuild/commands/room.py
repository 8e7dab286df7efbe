"""Where a command may write what it is told to write: never in the place of another file.

What stands at the path already must begin as what the command writes.
"""

from __future__ import annotations

import re
from pathlib import Path

from vidbuild.words.errors import UsageError

HEAD = 200
"""Bytes within which a file says what it is."""
_TAKEN = (".lock", ".yaml", ".yml")


def see_room(place: Path, what: str, start: bytes) -> Path:
    """Give a path back where a file of ours may be put; folders that lack are made when it is.

    Args:
        what: what it is called.
        start: a pattern that files of this kind begin with.
    """
    there = next(folder for folder in place.absolute().parents if folder.exists())
    if not there.is_dir():
        raise UsageError(f"`{place}` can't be written: `{there}` is a file, and no folder")
    if place.exists() and not (place.is_file() and re.match(start, _head(place))):
        raise UsageError(
            f"`{place}` is there, and is no {what}", hint=f"name a file that isn't there, or an older {what}"
        )
    if place.suffix.lower() in _TAKEN:
        raise UsageError(f"`{place}` is the name of a project or a lock, and no {what}'s", hint="name it otherwise")
    return place


def _head(place: Path) -> bytes:
    with open(place, "rb") as stream:
        return stream.read(HEAD)
