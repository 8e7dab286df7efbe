"""Clean directories for runs, on the store's own file system, and claims on keys between processes.

What a killed build left here is swept by the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from vidbuild.runners.base import Workspace
from vidbuild.stores.cas import YOUNG_S
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.words.digest import Digest


class WorkspacesOnDisk:
    """One folder a process below `work/`, which it holds a lock on; claims below `locks/`."""

    def __init__(self, root: Path):
        self._root = root
        (root / "work").mkdir(parents=True, exist_ok=True)
        with gate_held(root, "open a workspace"):
            self._sweep()
            self._folder = Path(tempfile.mkdtemp(dir=root / "work", prefix=f"{os.getpid()}-"))
            self._lock = ProcessLock(self._folder / "lock")
            self._lock.take("work")

    @contextlib.contextmanager
    def opened(self, inputs: Mapping[str, Path], outputs: Iterable[str]) -> Iterator[Workspace]:
        """Open a clean directory with inputs linked; it is gone when the context ends."""
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            linked = {}
            for name, path in inputs.items():
                linked[name] = folder / f"in-{name}"
                linked[name].symlink_to(path.absolute())
            yield Workspace(folder, linked, {name: folder / f"out-{name}" for name in outputs})
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def claim(self, key: Digest) -> Callable[[], None] | None:
        """Keep other processes from making a key; `None` when somebody makes it already."""
        lock = claim_on(self._root, key)
        return (lambda: lock.release(remove=True)) if lock.take("make") else None

    def close(self) -> None:
        """Leave nothing behind."""
        self._lock.release()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove the folders of processes that are gone; the gate is held, so none is just being made."""
        for folder in (self._root / "work").iterdir():
            lock = ProcessLock(folder / "lock")
            if lock.take("sweep"):
                shutil.rmtree(folder, ignore_errors=True)
                lock.release()


def gate_path(root: Path) -> Path:
    """Name the lock without which no build begins to make anything."""
    return root / "work.lock"


def running_since(root: Path) -> float | None:
    """Say when the oldest build began that runs now, in Unix time; `None` while none does. The gate must be held."""
    began = []
    for folder in (root / "work").glob("*"):
        lock = ProcessLock(folder / "lock")
        try:
            if lock.take("look"):
                lock.release()
            else:
                began.append((folder / "lock").stat().st_mtime)
        except OSError:
            continue  # it ended just now
    return min(began, default=None)


def settled(root: Path) -> float:
    """Say since when a store may change under the eyes of who looks at it from now on: Unix time, by its file system.

    What a build that begins later uses is younger; one that runs makes nothing younger that is so for an hour.
    """
    with gate_held(root, "look at the store"):
        since = running_since(root)
        return since - YOUNG_S if since is not None else gate_path(root).stat().st_mtime


@contextlib.contextmanager
def gate_held(root: Path, purpose: str) -> Iterator[None]:
    """Let no build begin to make anything."""
    gate = ProcessLock(gate_path(root))
    while not gate.take(purpose):
        time.sleep(0.01)
    try:
        yield
    finally:
        gate.release()


def claim_on(root: Path, key: Digest) -> ProcessLock:
    """Name the lock that whoever makes a key holds."""
    return ProcessLock(root / "locks" / key[:2] / key)
