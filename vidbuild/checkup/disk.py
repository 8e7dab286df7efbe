"""What the disk of the store, and of the finished files, can do: room, links, shared extents, locks, syncing, case.

A folder of its own is made for the look, and removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from vidbuild.checkup.finding import Finding
from vidbuild.stores import durable
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.words.amounts import size_text

LITTLE = 2 * 10**9
"""Less room than that is told."""


def room(what: str, folder: Path) -> Finding:
    """Say how much room is left, and whether it is little."""
    free = shutil.disk_usage(folder).free
    said = f"{folder}, {size_text(free)} free"
    if free < LITTLE:
        return Finding(what, said, hint="make room: `vidbuild store gc --keep 30d`")
    return Finding(what, said)


def abilities(what: str, folder: Path, finished: Path | None) -> Finding:
    """Say what a folder's file system can do that builds rely on.

    Args:
        finished: the folder of finished files, where it is there; blobs are copied to it.
    """
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=".look-") as name:
            place = Path(name)
            lacking = [told for told, look in _NEEDED.items() if not _works(look, place)]
            able = [f"fsync {_fsync_ms(place):.1f} ms"]
            able += ["case counts" if _is_case_kept(place) else "case doesn't count"]
            able += ["copies share extents" if _shares(place, finished or place) else "copies take room"]
    except OSError as error:
        why = f"`{folder}` can't be written: {error.strerror or error}"
        return Finding(what, why, True, "name another store with `--store` or VIDBUILD_STORE")
    if lacking:
        hint = "put the store on a local disk: `--store` or VIDBUILD_STORE"
        return Finding(what, f"no {', no '.join(lacking)}; {', '.join(able)}", True, hint)
    return Finding(what, f"links, locks, renames; {', '.join(able)}")


def _works(look: Callable[[Path], bool], place: Path) -> bool:
    try:
        return look(place)
    except OSError:
        return False


def _links(place: Path) -> bool:
    (place / "file").write_bytes(b"x")
    (place / "link").symlink_to(place / "file")
    return (place / "link").read_bytes() == b"x"


def _locks(place: Path) -> bool:
    """Two open files of one lock: the second must not get it."""
    first, second = ProcessLock(place / "lock"), ProcessLock(place / "lock")
    try:
        return first.take("look") and not second.take("look")
    finally:
        first.release()
        second.release()


def _renames(place: Path) -> bool:
    (place / "new").write_bytes(b"new")
    (place / "old").write_bytes(b"old")
    os.chmod(place / "old", durable.READ_ONLY)
    os.replace(place / "new", place / "old")
    return (place / "old").read_bytes() == b"new"


_NEEDED = {"symbolic links": _links, "locks": _locks, "renames over a file": _renames}


def _fsync_ms(place: Path) -> float:
    began = time.monotonic()
    durable.write_bytes(place / "synced", b"x")
    return (time.monotonic() - began) * 1000


def _is_case_kept(place: Path) -> bool:
    (place / "case").touch()
    return not (place / "CASE").exists()


def _shares(place: Path, other: Path) -> bool:
    """Say whether a copy from one place to another can share its extents."""
    (place / "source").write_bytes(b"x" * 4096)
    with (
        contextlib.suppress(OSError),
        tempfile.TemporaryFile(dir=other) as target,
        open(place / "source", "rb") as from_,
    ):
        fcntl.ioctl(target.fileno(), durable.FICLONE, from_.fileno())
        return True
    return False
