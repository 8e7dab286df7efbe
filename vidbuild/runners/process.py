"""Child processes: started in a session of their own, dead with their parent, gone when their run is cancelled.

It knows argv, a folder and bytes; nothing of what a program does.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_TAIL = 64 * 1024
_STOP_S = 2.0
_OPEN_FILES = 65536
_NO_FONTS = Path(__file__).parents[1] / "fonts" / "fonts.conf"
ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PATH": os.defpath,
    "FONTCONFIG_FILE": str(_NO_FONTS),
    "SVT_LOG": "1",  # an encoder that tells its settings whatever ffmpeg is told to tell
}
"""All that a program sees of the machine's settings; of its fonts, none."""


@dataclass(frozen=True)
class Ended:
    """How a process ended, and the last it said on standard error."""

    code: int
    log: str


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a process that reads what strangers sent may use, at most.

    Args:
        memory: bytes of address space, the program itself included.
        cpu_s: seconds of CPU time, of all its threads together.
        file_bytes: the largest file it may write.
        open_files: how many files it may hold open.
    """

    memory: int
    cpu_s: int
    file_bytes: int
    open_files: int


@dataclass(frozen=True, slots=True)
class Pipes:
    """Ends of pipes that a process gets: its standard output, if it is one, and more to read from by their numbers."""

    output: int = asyncio.subprocess.DEVNULL
    inputs: tuple[int, ...] = ()


async def run(
    argv: Sequence[str],
    folder: Path,
    feed: Iterable[bytes] | None = None,
    bounds: Bounds | None = None,
    pipes: Pipes | None = None,
) -> Ended:
    """Run a program to its end; `feed` goes to its standard input, made in another thread as it is taken."""
    async with _started(argv, folder, feed is not None, bounds, pipes or Pipes()) as process:
        tail = asyncio.ensure_future(_tail(process.stderr))
        if feed is not None and process.stdin is not None:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                await _feed(process.stdin, feed)
        code = await process.wait()
        return Ended(code, await tail)


@contextlib.asynccontextmanager
async def _started(
    argv: Sequence[str], folder: Path, fed: bool, bounds: Bounds | None, pipes: Pipes
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a process; however the body ends, the whole process group is gone afterwards."""
    process = await asyncio.create_subprocess_exec(
        *argv,
        cwd=folder,
        env=ENVIRONMENT,
        stdin=asyncio.subprocess.PIPE if fed else asyncio.subprocess.DEVNULL,
        stdout=pipes.output,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        preexec_fn=_prepared(bounds),
        pass_fds=pipes.inputs,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), _STOP_S)
            except (TimeoutError, asyncio.CancelledError):
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                await process.wait()


def allow_open_files() -> int:
    """Let this process hold as many files and connections open as the system lets it, and give how many that is.

    Many jobs at once need many connections; the usual soft limit is 1,024. Where it can't be raised it stays.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < most:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def _prepared(bounds: Bounds | None) -> Callable[[], None] | None:
    """Give what a child does before it becomes the program: it dies with its parent, and keeps to its bounds.

    Where the kernel has no such call (elsewhere than on Linux), a child may outlive a killed build.
    """
    dies = ctypes.CDLL(None, use_errno=True).prctl if sys.platform.startswith("linux") else None
    if dies is None and bounds is None:
        return None
    limits = _limits(bounds) if bounds else ()

    def prepare() -> None:
        if dies is not None:
            dies(_PR_SET_PDEATHSIG, signal.SIGKILL)
        for limit, most in limits:
            resource.setrlimit(limit, (most, most))

    return prepare


def _limits(bounds: Bounds) -> tuple[tuple[int, int], ...]:
    """Give each limit of the system with its value, never above what this process itself may have."""
    asked = (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_CPU, bounds.cpu_s),
        (resource.RLIMIT_FSIZE, bounds.file_bytes),
        (resource.RLIMIT_NOFILE, bounds.open_files),
        (resource.RLIMIT_AS, bounds.memory),
    )
    hard = {limit: resource.getrlimit(limit)[1] for limit, _ in asked}
    return tuple((limit, most if hard[limit] < 0 else min(most, hard[limit])) for limit, most in asked)


async def _feed(pipe: asyncio.StreamWriter, feed: Iterable[bytes]) -> None:
    """Write chunks as they are made; making one does not hold up the event loop."""
    chunks = iter(feed)
    while (chunk := await asyncio.to_thread(next, chunks, None)) is not None:
        pipe.write(chunk)
        await pipe.drain()
    pipe.close()


async def _tail(pipe: asyncio.StreamReader | None) -> str:
    """Read all that a pipe gives and keep its end."""
    kept = b""
    while pipe is not None and (chunk := await pipe.read(_TAIL)):
        kept = (kept + chunk)[-_TAIL:]
    return kept.decode(errors="replace")
