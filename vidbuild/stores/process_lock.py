"""Locks between processes, held by the kernel: a killed holder holds nothing.

Every flock of the house is taken here. A lock file names its holder, for who has to wait.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
from pathlib import Path


class ProcessLock:
    """An exclusive lock on a file."""

    def __init__(self, path: Path):
        self._path = path
        self._descriptor: int | None = None

    def take(self, purpose: str = "") -> bool:
        """Try to take the lock; say whether it is ours."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        if not self._is_still(descriptor):
            os.close(descriptor)
            return self.take(purpose)
        note = {"pid": os.getpid(), "host": socket.gethostname(), "purpose": purpose}
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps(note).encode(), 0)
        self._descriptor = descriptor
        return True

    def holder(self) -> str:
        """Name who holds the lock, in words."""
        try:
            note = json.loads(self._path.read_text())
            return f"`{note['purpose']}` (process {note['pid']} on {note['host']})"
        except (OSError, ValueError, KeyError, TypeError):
            return "another process"

    def release(self, remove: bool = False) -> None:
        """Give the lock back; `remove` takes the file away too."""
        if self._descriptor is None:
            return
        if remove:
            self._path.unlink(missing_ok=True)
        os.close(self._descriptor)
        self._descriptor = None

    def _is_still(self, descriptor: int) -> bool:
        """Say whether the file we locked is the one at the path; a holder before us may have removed it."""
        try:
            return os.path.samestat(os.fstat(descriptor), os.stat(self._path))
        except FileNotFoundError:
            return False
