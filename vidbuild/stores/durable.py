"""Writing so that a kill or a power cut leaves the old content or the new, never a mix.

It knows paths and bytes only. What is written is on disk when a function returns.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

READ_ONLY = 0o444
FICLONE = 0x40049409
_NEW = ".new-"
"""How `tempfile` names go on from here: eight small letters, digits and underscores."""
_JUST_MADE_S = 0.1
"""A file this young may not have its lock yet."""


def write_bytes(path: Path, data: bytes, mode: int = 0o644, is_synced: bool = True) -> None:
    """Put bytes at a path: temporary name in the same folder, fsync, rename, fsync of the folder."""
    with _fresh(path, mode, is_synced) as target:
        target.write(data)


def move_in(source: Path, path: Path, mode: int = READ_ONLY, is_synced: bool = True) -> None:
    """Move a finished file to its place in a store; on one file system nothing is copied.

    Args:
        is_synced: whether it must be on disk when this returns; what isn't may be torn by a power cut until
            `sync_file_system`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if is_synced:
        with open(source, "rb") as stream:
            os.fsync(stream.fileno())
    os.chmod(source, mode)
    try:
        os.replace(source, path)
    except OSError:
        with open(source, "rb") as stream, _fresh(path, mode) as target:
            shutil.copyfileobj(stream, target, 1 << 20)
        source.unlink()
    if is_synced:
        sync_folder(path.parent)


def copy_out(source: Path, path: Path, mode: int = 0o644) -> None:
    """Copy a blob out of a store (sharing its extents where the file system can), never as a link."""
    with open(source, "rb") as stream, _fresh(path, mode) as target:
        try:
            fcntl.ioctl(target.fileno(), FICLONE, stream.fileno())
        except OSError:
            shutil.copyfileobj(stream, target, 1 << 20)


def append_line(path: Path, line: bytes) -> None:
    """Append one line to a file and sync it; a torn last line of an earlier kill is closed first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        size = os.fstat(descriptor).st_size
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        left = (b"\n" if torn else b"") + line + b"\n"
        while left:
            left = left[os.write(descriptor, left) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if fresh:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Make everything last that was written to a folder's file system: one wait for many files."""
    libc = ctypes.CDLL(None, use_errno=True)
    if not hasattr(libc, "syncfs"):
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if libc.syncfs(descriptor) != 0:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(folder))
    finally:
        os.close(descriptor)


def sweep(folder: Path) -> None:
    """Remove what killed writers left in a folder: their locks are gone, a living writer's is not."""
    for left in folder.glob(_NEW + "[a-z0-9_]" * 8) if folder.is_dir() else ():
        with contextlib.suppress(OSError), open(left, "rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            youth = _JUST_MADE_S - (time.time() - os.fstat(stream.fileno()).st_ctime)
            if youth > 0:  # who makes it may be about to lock it
                fcntl.flock(stream, fcntl.LOCK_UN)
                time.sleep(min(youth, _JUST_MADE_S))
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


@contextlib.contextmanager
def fresh(folder: Path) -> Iterator[tempfile._TemporaryFileWrapper[bytes]]:
    """Open a file in a folder that nobody sweeps while it is open; it is gone at the end, unless it was moved."""
    folder.mkdir(parents=True, exist_ok=True)
    target = tempfile.NamedTemporaryFile(dir=folder, prefix=_NEW, delete=False)  # noqa: SIM115 - closed below
    try:
        with target:
            fcntl.flock(target, fcntl.LOCK_EX)
            yield target
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(target.name)


@contextlib.contextmanager
def _fresh(path: Path, mode: int, is_synced: bool = True) -> Iterator[tempfile._TemporaryFileWrapper[bytes]]:
    """Open a temporary file beside a path; on success it takes the path's name, else it is gone."""
    with fresh(path.parent) as target:
        yield target
        target.flush()
        os.fchmod(target.fileno(), mode)
        if is_synced:
            os.fsync(target.fileno())
        os.replace(target.name, path)
    if is_synced:
        sync_folder(path.parent)
