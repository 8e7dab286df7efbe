"""Starting the command warm: a process that has imported everything forks one for each command.

What the command does in it is the same; only the half second of imports is saved, its own and its templates' child's,
and the reading of the packaged catalog and of ffmpeg's bytes, which the tests of a thousand commands would pay each
time. It has its own environment, folder, signals and exit code, as any process.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import select
import signal
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

import vidbuild
from vidbuild import packaged
from vidbuild.runners import ffmpeg
from vidbuild.spec import template, template_child
from vidbuild.stores.stamp import stamp_of

_LONGEST = 1 << 20
_LEFT_OUT = ("vidbuild.testing", "vidbuild.__main__")


def is_warm(environ: Mapping[str, str]) -> bool:
    """Whether a process that has imported already may stand in: nothing steers how Python itself starts."""
    steering = {name for name in environ if name.startswith(("PYTHON", "LC_", "LANG"))}
    return steering <= {"PYTHONPATH"} and environ.get("PYTHONPATH") == str(Path(vidbuild.__file__).parents[1])


class Forked:
    """A command that runs, as `subprocess.Popen` tells of one.

    Args:
        told: what the process that forks says of it: its id, later its exit code.
        stdout: what it writes, to read from.
    """

    def __init__(self, told: int, stdout: IO[str]):
        self.stdout: IO[str] | None = stdout
        self.returncode: int | None = None
        self._told = os.fdopen(told)
        self.pid = int(self._told.readline())

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end, at most so many seconds.

        Raises:
            subprocess.TimeoutExpired: it runs on.
        """
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("vidbuild", timeout or 0)
            self.returncode = int(self._told.readline())
            self._told.close()
        return self.returncode

    def poll(self) -> int | None:
        """Give its exit code, or `None` while it runs."""
        return self.wait() if self.returncode is not None or select.select([self._told], [], [], 0)[0] else None

    def send_signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)


class Starter:
    """The process that forks commands; it ends with the one that holds it."""

    def __init__(self) -> None:
        self._line, theirs = socket.socketpair()
        environ = {**os.environ, "PYTHONPATH": str(Path(vidbuild.__file__).parents[1])}
        argv = [sys.executable, "-m", __name__, str(theirs.fileno())]
        self._process = subprocess.Popen(argv, pass_fds=[theirs.fileno()], env=environ, stdin=subprocess.DEVNULL)
        theirs.close()

    def start(
        self,
        words: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        errors: IO[str],
        program: str = "vidbuild.cli",
    ) -> Forked:
        """Start `vidbuild WORDS` in a folder; it reads nothing, and complains to `errors`.

        Args:
            program: the module whose `main` is run; the command's own without it.
        """
        told, tells = os.pipe()
        out, writes = os.pipe()
        asked = {"words": list(words), "folder": str(folder), "environ": dict(environ), "program": program}
        socket.send_fds(self._line, [json.dumps(asked).encode()], [tells, writes, errors.fileno()])
        os.close(tells)
        os.close(writes)
        return Forked(told, os.fdopen(out, encoding="utf-8"))


def _serve(line: socket.socket) -> None:
    """Fork for each request until nobody is there to ask."""
    for module in pkgutil.walk_packages(vidbuild.__path__, "vidbuild."):
        if not module.name.startswith(_LEFT_OUT):
            with contextlib.suppress(ModuleNotFoundError):  # what an extra brings, or the command will say it
                importlib.import_module(module.name)
    packaged.catalog()
    template_child.environments()
    template._started = _Renderer  # type: ignore[assignment]
    binary = ffmpeg.find({})
    ffmpeg.digest_at(binary, stamp_of(binary))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.collect()
    gc.freeze()
    running: dict[int, tuple[int, int]] = {}
    while True:
        ready = select.select([line.fileno(), *running], [], [])[0]
        for ended in running.keys() & ready:
            pid, told = running.pop(ended)
            _tell(told, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
            os.close(told)
            os.close(ended)
        if line.fileno() in ready:
            text, descriptors, _, _ = socket.recv_fds(line, _LONGEST, 3)
            if not text:
                return
            told, stdout, stderr = descriptors
            pid = os.fork()
            if pid == 0:
                line.close()
                for each in (told, *running, *(other for _, other in running.values())):
                    os.close(each)
                _command(json.loads(text), stdout, stderr)
            os.close(stdout)
            os.close(stderr)
            _tell(told, pid)
            running[os.pidfd_open(pid)] = pid, told


def _tell(told: int, number: int) -> None:
    """Tell a command's id, or how it ended, to whom still listens."""
    with contextlib.suppress(BrokenPipeError):
        os.write(told, f"{number}\n".encode())


class _Renderer:
    """The child that renders templates, forked: as `template` has one, under the same limits."""

    def __init__(self) -> None:
        asked, asks = os.pipe()
        answers, answered = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._render(asked, answered)
        os.close(asked)
        os.close(answered)
        self.stdin, self.stdout = os.fdopen(asks, "wb"), os.fdopen(answers, "rb")

    def kill(self) -> None:
        """End it, as one that was waited for never is."""
        os.kill(self._pid, signal.SIGKILL)

    def wait(self) -> None:
        """Wait for its end."""
        os.waitpid(self._pid, 0)

    @staticmethod
    def _render(asked: int, answered: int) -> NoReturn:
        try:
            os.setsid()
            for number, descriptor in enumerate((asked, answered, os.open(os.devnull, os.O_WRONLY))):
                os.dup2(descriptor, number)
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            os.environ.clear()
            os.chdir("/")
            sys.stdin, sys.argv = open(0, closefd=False), [""]  # noqa: SIM115
            template_child.main()
        finally:
            os._exit(0)


def _command(asked: Mapping[str, Any], stdout: int, stderr: int) -> NoReturn:
    """Become the command."""
    code = 1
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.dup2(stdout, 1)
        os.dup2(stderr, 2)
        os.close(stdout)
        os.close(stderr)
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environ"])
        time.tzset()
        sys.stdout, sys.stderr = open(1, "w", encoding="utf-8"), open(2, "w", encoding="utf-8", buffering=1)  # noqa: SIM115
        sys.argv = ["vidbuild", *asked["words"]]
        importlib.import_module(asked["program"]).main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        code = 130
    except BaseException:
        traceback.print_exc()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
