"""Who used what, and when: a file a request, with the project and the keys of its last build; its time is the last use.

It tells the store's sweep what is still wanted, and where projects and their locks are. Losing it loses nothing but
that. Standard library only, since a build that has nothing to do touches its file.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

FORMAT = 1


@dataclass(frozen=True)
class Use:
    """What the last build of a request used.

    Args:
        project: the project file.
        at: when, in seconds of Unix time.
    """

    project: Path
    keys: frozenset[str]
    at: float


def touch(store: Path, request: str) -> None:
    """Say that what the last build of a request used is in use now; nothing is known of a first build yet."""
    with contextlib.suppress(OSError):
        os.utime(store / "uses" / request)


def note(store: Path, request: str, project: Path, keys: Collection[str], is_whole: bool = True) -> None:
    """Keep what a build used; failing to is no trouble.

    Args:
        is_whole: whether the build came to its end; else what the one before it used is still in use.
    """
    place = store / "uses" / request
    before = None if is_whole else _read(place)
    known = sorted({*keys, *(before.keys if before is not None else ())})
    told = {"vidbuild_use": FORMAT, "project": str(project.absolute()), "keys": known}
    fresh = place.with_name(f"{place.name}.{os.getpid()}")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(json.dumps(told, indent=0))
        os.replace(fresh, place)
    except OSError:
        fresh.unlink(missing_ok=True)


def all_uses(store: Path) -> Iterator[tuple[Path, Use]]:
    """Give every file with what it says; one that can't be read says nothing."""
    for path in sorted((store / "uses").glob("*")):
        if (use := _read(path)) is not None:
            yield path, use


def _read(path: Path) -> Use | None:
    try:
        told = json.loads(path.read_text())
        if told["vidbuild_use"] != FORMAT:
            return None
        keys = frozenset(str(key) for key in told["keys"])
        return Use(Path(str(told["project"])), keys, path.stat().st_mtime)
    except (OSError, ValueError, KeyError, TypeError):
        return None
