"""A studio: a temporary project folder with its own store, where the real command runs in a process of its own.

It reads what the command prints and nothing of its insides; what a build should have done, the tests say.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from vidbuild.runners import ffmpeg
from vidbuild.settings import DEFAULT_PROJECT
from vidbuild.share import PACKAGE
from vidbuild.testing.warm import Forked, Starter, is_warm

STATUS_OF_EXIT = {
    0: "built",
    1: "failed",
    2: "invalid",
    3: "unclear",
    4: "busy",
    5: "unapproved",
    6: "drifted",
    130: "interrupted",
    143: "interrupted",
}
LAST_WORD = frozenset({"event", "status", "exit", "ran", "failed", "hits", "deliverables"})
COUNTED = frozenset({"Picture", "Footage", "Speech", "Music", "Effect", "LipSync", "Judge", "Segment", "Join", "Mix"})
"""Mnemonics that the table "What changes what" counts exactly."""

PATIENCE_S = 60.0
"""After which a command is taken to hang, and is killed."""


class Ran(NamedTuple):
    """An action that ran, as `build --json` names it."""

    mnemonic: str
    shots: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Built:
    """What a build printed, and how it ended."""

    events: Sequence[Mapping[str, Any]]
    exit: int
    stderr: str
    seconds: float

    @property
    def last(self) -> Mapping[str, Any]:
        """The last line."""
        return self.events[-1]

    @property
    def status(self) -> str:
        """How it ended, in a word."""
        return str(self.last["status"])

    @property
    def hits(self) -> int:
        """How many actions were answered without running."""
        return int(self.last["hits"])

    @cached_property
    def listed(self) -> tuple[Ran, ...]:
        """Every action that ran, in the order in which they ended."""
        return tuple(Ran(row["mnemonic"], tuple(row["shots"]), tuple(row["outputs"])) for row in self.last["ran"])

    def ran(self, *mnemonics: str) -> set[Ran]:
        """Give the actions that ran, of these mnemonics, or all."""
        return {row for row in self.listed if not mnemonics or row.mnemonic in mnemonics}

    @property
    def counted(self) -> set[Ran]:
        """The actions that ran of those that the table "What changes what" counts."""
        return self.ran(*COUNTED)

    @property
    def beside(self) -> set[Ran]:
        """The actions that ran and that the table doesn't count (`Frame`, `Deliver`, ...)."""
        return self.ran() - self.counted

    def named(self, event: str) -> list[Mapping[str, Any]]:
        """Give the events of one name."""
        return [line for line in self.events if line["event"] == event]

    @property
    def ended_ids(self) -> set[str]:
        """Ids of the actions that ran to their end and succeeded."""
        return {line["id"] for line in self.named("action_ended") if line.get("error") is None}

    @property
    def sha256(self) -> dict[str, str]:
        """The digest of each finished file by its output's name."""
        return {row["output"]: row["sha256"] for row in self.last["deliverables"]}

    @property
    def told(self) -> str:
        """All that it said of what is wrong: on standard error, in sentences of its own, with what failed."""
        failed = (str(row["error"]) for row in self.last.get("failed", ()))
        return "\n".join([self.stderr, *(str(line["text"]) for line in self.named("told")), *failed])


@dataclass
class Running:
    """A build that runs; its events are read as they come."""

    process: subprocess.Popen[str] | Forked
    started: float
    errors: Any
    watch: threading.Timer
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def wait_for(self, event: str, count: int = 1) -> bool:
        """Read on until an event has come so often; say `False` where the build ended before."""
        while sum(line["event"] == event for line in self.events) < count:
            if not self._read():
                return False
        return True

    def kill(self, number: int = signal.SIGKILL) -> None:
        """Send the build a signal; its children are left to themselves."""
        self.process.send_signal(number)

    def finish(self) -> Built:
        """Read to the end and wait; nothing is checked, since a killed build has no last word."""
        while self._read():
            pass
        code, stderr = self.end()
        return Built(tuple(self.events), code, stderr, time.monotonic() - self.started)

    def end(self) -> tuple[int, str]:
        """Wait, and give the exit code and what it complained of."""
        code = self.process.wait()
        self.watch.cancel()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.errors.seek(0)
        stderr = self.errors.read()
        self.errors.close()
        return code, stderr

    def _read(self) -> bool:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if line.endswith("\n"):
            self.events.append(json.loads(line))
        return bool(line)


class Studio:
    """A project folder, a store, and the command.

    Args:
        folder: the project's folder; a temporary one without it, gone when the studio closes.
        store: the store's folder; `store` beside the project's folder without it.
        file: the project file's name.
        source: the source tree that the command runs from; the one that this module is in without it.
    """

    def __init__(
        self,
        folder: Path | None = None,
        store: Path | None = None,
        file: str = DEFAULT_PROJECT,
        source: Path | None = None,
    ):
        self._temporary = Path(tempfile.mkdtemp(prefix="vidbuild-studio-")) if folder is None else None
        self.folder = folder if folder is not None else Path(str(self._temporary)) / "project"
        self.store = store if store is not None else self.folder.parent / "store"
        self.file = file
        self.program = "vidbuild"
        self.patience_s = PATIENCE_S
        self.environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.folder.parent / "home"),
            "PYTHONPATH": str(source or PACKAGE.parent),
            "VIDBUILD_STORE": str(self.store),
        }
        self.folder.mkdir(parents=True, exist_ok=True)

    def __enter__(self) -> Studio:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Remove the temporary folder, unless it is to be kept."""
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)

    def keep(self) -> Path:
        """Leave the folder for a look, and say where it is."""
        self._temporary = None
        print(f"kept: {self.folder}", file=sys.stderr)
        return self.folder

    def copy(self, folder: Path) -> Studio:
        """Give a studio with a copy of the project and of the store, below a folder that isn't there yet."""
        shutil.copytree(self.folder, folder / self.folder.name, symlinks=True)
        if self.store.exists():
            shutil.copytree(self.store, folder / "store")
        return Studio(folder / self.folder.name, folder / "store", self.file)

    # The author's hands

    def write(self, name: str, content: str | bytes) -> Path:
        """Write a file of the project."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def edit(self, old: str, new: str, name: str | None = None, count: int = 1) -> None:
        """Replace a text in the project file (or another); it must stand there exactly so often."""
        path = self.folder / (name or self.file)
        text = path.read_text()
        assert text.count(old) == count, f"`{old}` stands {text.count(old)} times in {path.name}, not {count}"
        path.write_text(text.replace(old, new))

    def place(self, text: str, word: str | None = None) -> str:
        """Say where a text stands in the project file, as `LINE:COLUMN`; of a word in it, where that stands."""
        before, found, _ = (self.folder / self.file).read_text().partition(text)
        assert found, f"`{text}` is not in {self.file}"
        before += text[: text.index(word)] if word else ""
        return f"{before.count(chr(10)) + 1}:{len(before) - before.rfind(chr(10))}"

    def film(self, name: str, seconds: float, *, size: str = "160x90", rate: int = 24, tone: int | None = 440) -> Path:
        """Write own footage: a moving test picture, with a tone unless that is `None`."""
        sound = ["-f", "lavfi", "-i", f"sine=frequency={tone}:sample_rate=48000"] if tone else []
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        argv = ["-f", "lavfi", "-i", f"testsrc=size={size}:rate={rate}", *sound, "-t", str(seconds)]
        codecs = [
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv420p",
            "-c:a",
            "aac",
            "-movflags",
            "+faststart",
        ]
        run_ffmpeg([*argv, *codecs, "-fflags", "+bitexact", "-f", "mp4", f"file:{path}"])
        return path

    def still(self, name: str, colour: str = "orange", size: str = "160x90") -> Path:
        """Write a still of the project as PNG."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        run_ffmpeg(["-f", "lavfi", "-i", f"color={colour}:size={size}", "-frames:v", "1", f"file:{path}"])
        return path

    # The command

    def run(self, command: str, *options: str) -> subprocess.CompletedProcess[str]:
        """Run any command on the project, and wait."""
        return self.run_bare(*self._words(command, options))

    def run_bare(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command that takes no project, and wait."""
        running = self._begin(words)
        assert running.process.stdout is not None
        stdout = running.process.stdout.read()
        code, stderr = running.end()
        return subprocess.CompletedProcess(("vidbuild", *words), code, stdout, stderr)

    def start(self, *options: str) -> Running:
        """Start a build with `--json` and come back at once."""
        return self._begin(self._words("build", ("--json", *options)))

    def _begin(self, words: Sequence[str]) -> Running:
        errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115 - `end` closes it
        process: subprocess.Popen[str] | Forked
        if self.program == "vidbuild" and is_warm(self.environ):
            process = starter().start(words, self.folder, self.environ, errors)
        else:
            process = subprocess.Popen(
                [sys.executable, "-m", self.program, *words],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        watch = threading.Timer(self.patience_s, process.kill)
        watch.daemon = True
        watch.start()
        return Running(process, time.monotonic(), errors, watch)

    def build(self, *options: str, ends: int = 0) -> Built:
        """Build and wait; the exit code must be `ends`, and the last line a right one."""
        built = self.start(*options).finish()
        assert built.exit == ends, f"exit {built.exit}, not {ends}\n{built.stderr}\n{built.events[-1:]}"
        check_last_word(built)
        return built

    def plan(self, *options: str) -> dict[str, Any]:
        """Plan, and give the document of `--json`."""
        done = self.run("plan", "--json", *options)
        assert done.returncode in (0, 10), f"exit {done.returncode}\n{done.stderr}"
        document: dict[str, Any] = json.loads(done.stdout)
        return document

    def _words(self, command: str, options: Sequence[str]) -> list[str]:
        return [command, *options, *([] if self.file == DEFAULT_PROJECT else [self.file])]

    # What is left behind

    def processes(self) -> list[str]:
        """Name the processes that work in the project's folder or in the store, by what they are."""
        return sorted(name for name, place in _working() if self._is_ours(place))

    def is_left_alone(self, within_s: float = 2.0) -> bool:
        """Whether no process works here any more, or soon."""
        return wait_until(lambda: not self.processes(), within_s)

    def litter(self) -> list[str]:
        """Name what no finished build leaves: temporary files, work folders."""
        work = self.store / "work"
        left = [f"work/{path.name}" for path in work.iterdir()] if work.is_dir() else []
        for root in (self.folder, self.store):
            left += [str(path.relative_to(root)) for path in root.rglob(".new-*")]
        return sorted(left)

    def files(self) -> dict[str, bytes]:
        """Give every finished file by its path from the project's folder."""
        found = sorted((self.folder / "build").rglob("*"))
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found if path.is_file()}

    def _is_ours(self, place: str) -> bool:
        return any(place == str(root) or place.startswith(f"{root}/") for root in (self.folder, self.store))


def check_last_word(built: Built) -> None:
    """Check what every build owes on every exit: one last line, that agrees with the exit code and with itself."""
    assert built.events, f"nothing was printed\n{built.stderr}"
    ends = [index for index, line in enumerate(built.events) if line["event"] == "build_ended"]
    assert ends == [len(built.events) - 1], f"`build_ended` is not the last line, once: {ends}\n{built.stderr}"
    assert set(built.last) == LAST_WORD, sorted(set(built.last) ^ LAST_WORD)
    assert (built.last["exit"], built.status) == (built.exit, STATUS_OF_EXIT[built.exit])
    assert "Traceback" not in built.stderr, built.stderr
    ids = [row["id"] for row in built.last["ran"]]
    assert len(ids) == len(set(ids)), "an action stands twice in `ran`"
    started = built.named("build_started")
    if started and built.status == "built":
        assert len(ids) + built.hits == started[-1]["actions"]


@cache
def starter() -> Starter:
    """Give the process that starts this one's commands."""
    return Starter()


def run_ffmpeg(argv: Sequence[str]) -> None:
    """Run the ffmpeg that vidbuild finds, for making what tests need."""
    binary = ffmpeg.find(os.environ)
    subprocess.run([binary, "-y", "-v", "error", "-nostdin", *argv], check=True, timeout=PATIENCE_S)


def wait_until(is_so: Callable[[], bool], within_s: float) -> bool:
    """Ask again and again until it is so; say whether it became so in time."""
    end = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def _working() -> Iterator[tuple[str, str]]:
    """Give every living process of this machine with the folder that it works in."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                name, place = (entry / "comm").read_text().strip(), os.readlink(entry / "cwd")
            except OSError:
                continue
            if state != "Z":
                yield f"{name} {entry.name}", place.removesuffix(" (deleted)")
