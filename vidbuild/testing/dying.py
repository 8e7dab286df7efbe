"""The command, dead by its own hand: `python -m vidbuild.testing.dying` kills itself at one moment of its run.

A moment is what outlives a process, or leaves it: each line of the job log, each sync, rename and removal of a file,
each request to a vendor and each answer. It knows their names and order; what a build owes afterwards, tests say.
"""

from __future__ import annotations

import json
import os
import re
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidbuild.testing.studio import Built, Studio

AT = "VIDBUILD_DIES_AT"
"""The moment to die at: a number, counted from 1, or the name of a moment, of which the first is meant."""
SEEN = "VIDBUILD_MOMENTS"
"""The file that moments are written to, a name a line, each just before it comes."""
_HERE = "vidbuild.testing.dying"
_UNTOLD = re.compile(r"[0-9a-f]{64}(\..+)?|\.new-.*|tmp.{8}|\d+-.{8}")
"""Parts of paths that no name of a moment holds: digests, names of temporary files."""


def killed(studio: Studio, moment: str | int, *options: str) -> Built:
    """Build until a moment comes, and be killed there; a build that ends without it has its own exit code."""
    studio.environ[AT] = str(moment)
    try:
        return _started(studio, *options)
    finally:
        del studio.environ[AT]


def moments(studio: Studio, *options: str) -> tuple[Built, list[str]]:
    """Build in peace, and name the moments that came."""
    seen = studio.folder.parent / "moments"
    studio.environ[SEEN] = str(seen)
    try:
        built = _started(studio, *options)
    finally:
        del studio.environ[SEEN]
    found = seen.read_text().splitlines()
    seen.unlink()
    return built, found


def _started(studio: Studio, *options: str) -> Built:
    before, studio.program = studio.program, _HERE
    try:
        return studio.start(*options).finish()
    finally:
        studio.program = before


class Moments:
    """Counts moments, and kills this process at one of them.

    Args:
        at: its number or its name; nothing for none.
        seen: where to write their names.
    """

    def __init__(self, at: str, seen: Path | None):
        self._at = at
        self._seen = os.open(seen, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) if seen else None
        self._count = 0
        self._guard = threading.Lock()
        self._write = os.write

    def comes(self, name: str, halfway: Callable[[], object] = lambda: None) -> None:
        """Let a moment come; who dies in it does a half of the thing first."""
        with self._guard:
            self._count += 1
            if self._seen is not None:
                self._write(self._seen, f"{name}\n".encode())
            if self._at in (name, str(self._count)):
                halfway()
                os.kill(os.getpid(), signal.SIGKILL)

    def watch_files(self) -> None:
        """Let each change of a file be a moment, just before it is made; a line of the job log, another halfway."""
        write, sync, replace, unlink = os.write, os.fsync, os.replace, os.unlink

        def watched_write(descriptor: int, data: bytes) -> int:
            step = _step(data)
            if step:
                self.comes(f"write {step}")
                self.comes(f"half of {step}", lambda: write(descriptor, bytes(data)[: len(data) // 2]))
            return write(descriptor, data)

        def watched_sync(descriptor: int) -> None:
            self.comes(f"sync {_named(_path(descriptor))}")
            sync(descriptor)

        def watched_replace(source: Any, target: Any, **where: Any) -> None:
            is_whole = not _UNTOLD.fullmatch(os.path.basename(source))
            self.comes(f"move {_named(str(source))}" if is_whole else f"rename {_named(str(target))}")
            replace(source, target, **where)

        def watched_unlink(path: Any, **where: Any) -> None:
            self.comes(f"remove {_named(str(path))}")
            unlink(path, **where)

        os.write, os.fsync = watched_write, watched_sync  # type: ignore[assignment]
        os.replace, os.unlink = watched_replace, watched_unlink  # type: ignore[assignment]

    def watch_vendors(self) -> None:
        """Let each request to a vendor be a moment, its answer another, and each download likewise."""
        from vidbuild.runners.vendor.transport import Transport

        exchange, fetch = Transport.exchange, Transport.fetch

        async def watched_exchange(self_: Transport, request: Any, *told: Any, **more: Any) -> Any:
            self.comes(f"ask {request.method}")
            outcome = await exchange(self_, request, *told, **more)
            self.comes(f"answer {request.method}")
            return outcome

        async def watched_fetch(self_: Transport, *told: Any, **more: Any) -> Any:
            self.comes("download")
            fetched = await fetch(self_, *told, **more)
            self.comes("downloaded")
            return fetched

        Transport.exchange = watched_exchange  # type: ignore[assignment, method-assign]
        Transport.fetch = watched_fetch  # type: ignore[assignment, method-assign]


def _path(descriptor: int) -> str:
    return os.readlink(f"/proc/self/fd/{descriptor}")


def _named(path: str) -> str:
    """Name a file by the last part of its path that is the same in every build."""
    path = re.sub(r"/(cas|ac|locks|traces)/[0-9a-f]{2}.*$", r"/\1", path)
    return next((part for part in reversed(path.split("/")) if not _UNTOLD.fullmatch(part)), "")


def _step(data: bytes) -> str:
    """Name the step that a line of the job log tells; nothing for what is no such line."""
    try:
        return str(json.loads(data)["step"])
    except (ValueError, KeyError, TypeError):
        return ""


def main() -> None:
    """Run the command, and die in it."""
    from vidbuild import cli

    seen = os.environ.get(SEEN)
    watching = Moments(os.environ.get(AT, ""), Path(seen) if seen else None)
    watching.watch_files()
    watching.watch_vendors()
    cli.main()


if __name__ == "__main__":
    main()
