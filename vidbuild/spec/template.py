"""Templates, the parent's side: jobs go to one confined child process, answers come back in order.

The child is started at the first job, has no environment, limits on memory and time, and ends with this.
It knows pipes and clocks, not projects: what is rendered, and with which names, `rendering` decides.
"""

from __future__ import annotations

import contextlib
import importlib.util
import json
import selectors
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Literal, Self

from vidbuild.words.errors import VidbuildError

MOST_SECONDS = 15.0
Names = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Job:
    """One template: a `text` or a `style` to render, a `when` to judge; with names of its own.

    A `cast` is none: it says which members, by name, all later templates see.
    """

    kind: Literal["text", "when", "style", "cast"]
    text: str
    names: Names = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a job gave: a text, a truth (`value`), or an error.

    Args:
        error: `undefined`, `syntax`, `failed`, `limit`, `odd` (a `when` that is neither true nor false), or
            `skipped` (the child ended before this job).
        names: what a style file asks for.
        cast: the members that a text names, in order of their first mention.
    """

    text: str = ""
    value: bool = False
    error: str | None = None
    message: str = ""
    line: int = 1
    name: str | None = None
    attribute: bool = False
    names: tuple[str, ...] = ()
    cast: tuple[str, ...] = ()


class Templates:
    """One child for one load. Use it as a context manager: its end is the child's."""

    def __init__(self, names: Names, seconds: float = MOST_SECONDS):
        self.names = names
        self.seconds = seconds
        self._child: subprocess.Popen[bytes] | None = None
        self._rest = b""
        self._spent = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def render(self, jobs: Sequence[Job]) -> list[Answer]:
        """Give the answers of jobs, one for each."""
        if not jobs:
            return []
        if self._spent:
            return [Answer(error="skipped")] * len(jobs)
        try:
            lines = self._asked(jobs)
        except OSError as error:
            self._end()
            raise VidbuildError("templates can't be rendered", {"because": str(error)}) from error
        answers = [_answer(line) for line in lines[: len(jobs)]]
        if len(answers) < len(jobs):
            why = "takes too long" if self.seconds <= 0 else "takes too much time or memory"
            answers.append(Answer(error="limit", message=why))
            self._spent = True
            self._end()
        return answers + [Answer(error="skipped")] * (len(jobs) - len(answers))

    def _asked(self, jobs: Sequence[Job]) -> list[bytes]:
        """Send jobs in one line, and read lines until all are answered, the child ends, or time is up."""
        fresh = self._child is None
        child = self._child = self._child or _started()
        assert child.stdin is not None
        assert child.stdout is not None
        batch = [{"kind": job.kind, "text": job.text, "names": job.names} for job in jobs]
        try:
            if fresh:
                child.stdin.write(_line(self.names))
            child.stdin.write(_line(batch))
            child.stdin.flush()
        except BrokenPipeError:
            return []
        return self._read(child.stdout, len(jobs))

    def _read(self, pipe: Any, wanted: int) -> list[bytes]:
        lines: list[bytes] = []
        with selectors.DefaultSelector() as ready:
            ready.register(pipe, selectors.EVENT_READ)
            while len(lines) < wanted:
                before = time.monotonic()
                woken = ready.select(max(self.seconds, 0))
                self.seconds -= time.monotonic() - before
                data = pipe.read1(2**16) if woken else b""
                if not data:
                    break
                *whole, self._rest = (self._rest + data).split(b"\n")
                lines += whole
        return lines

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()
        child.wait()


def _started() -> subprocess.Popen[bytes]:
    """Start the child with nothing of ours but three file names."""
    found = importlib.util.find_spec("jinja2")
    folder = [str(Path(found.origin).parent.parent)] if found and found.origin else []
    return subprocess.Popen(
        [sys.executable, "-I", str(Path(__file__).with_name("template_child.py")), *folder],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
        cwd="/",
        start_new_session=True,
    )


def _line(value: object) -> bytes:
    return json.dumps(value, default=_tagged).encode() + b"\n"


def _tagged(value: object) -> object:
    if isinstance(value, Decimal):
        return {"$decimal": str(value)}
    raise TypeError(f"BUG: {type(value).__name__} can't be sent to a template")


def _answer(line: bytes) -> Answer:
    found = json.loads(line)
    if "odd" in found:
        return Answer(error="odd", message=found["odd"])
    fields = ("text", "value", "error", "message", "line", "name", "attribute")
    kept = {key: found[key] for key in fields if key in found}
    return Answer(names=tuple(found.get("names", ())), cast=tuple(found.get("cast", ())), **kept)
