"""What a person sees: `rich` on a terminal, plain lines in a pipe or in CI, JSON lines for programs.

Each is a sink for events. Data goes to standard output, the rest to standard error; legible without colour.
"""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from typing import Any, TextIO

from vidbuild import documents
from vidbuild.words.errors import clean
from vidbuild.words.events import (
    STOPPED,
    ActionEnded,
    ActionHit,
    ActionStarted,
    BuildEnded,
    BuildStarted,
    Event,
    JobMoved,
    Sink,
    Told,
    Waiting,
)


def say(text: str, stream: TextIO | None = None) -> None:
    """Write a line; a reader that is gone is no error."""
    try:
        print(text, file=stream or sys.stdout, flush=True)
    except BrokenPipeError:
        sys.stdout = open("/dev/null", "w")  # noqa: SIM115 - the interpreter flushes it once more at its end


def sink_for(as_json: bool, interactive: bool) -> Sink:
    """Choose how events are shown."""
    if as_json:
        return json_lines
    return Bar() if interactive else PlainLines()


def json_lines(event: Event) -> None:
    """Write an event as one line of JSON."""
    say(json.dumps(documents.event_line(event)))


class PlainLines:
    """A line for each thing that is made, with a count."""

    def __init__(self) -> None:
        self._total = 0
        self._done = 0
        self._told: dict[str, tuple[str, int | None]] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, BuildStarted):
            self._total = event.actions
        elif isinstance(event, ActionHit):
            self._done += 1
        elif isinstance(event, ActionEnded):
            self._done += 1
            how = f"{event.seconds:.1f} s" if event.error is None else event.error
            how = how if event.error in (None, STOPPED) else f"failed: {how}"
            say(f"[{self._done}/{self._total}] {_named(event)} ({clean(how)})", sys.stderr)
        elif isinstance(event, JobMoved):
            self._job(event)
        elif isinstance(event, Waiting):
            say(f"waiting for {clean(event.holder)}", sys.stderr)
        elif isinstance(event, Told):
            say(clean(event.text), sys.stderr)
        elif isinstance(event, BuildEnded):
            summary(event)

    def _job(self, event: JobMoved) -> None:
        """Tell each turn of a job once; of progress every quarter."""
        quarter = None if event.progress is None else int(event.progress * 4)
        turn = (event.state, quarter)
        if self._told.get(event.attempt) != turn:
            self._told[event.attempt] = turn
            say(job_words(event), sys.stderr)


class Bar:
    """A progress bar with what runs at the moment."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
        )
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._task: Any = None
        self._running: dict[str, str] = {}
        self._out: dict[str, str] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, BuildStarted):
            self._progress.start()
            if self._task is None:
                self._task = self._progress.add_task("")
            self._progress.update(self._task, total=event.actions)
        elif isinstance(event, ActionStarted):
            self._running[event.id] = _named(event)
        elif isinstance(event, JobMoved):
            self._jobs(event)
        elif isinstance(event, (ActionEnded, ActionHit)):
            self._running.pop(event.id, None)
            self._progress.advance(self._task)
            if isinstance(event, ActionEnded) and event.error not in (None, STOPPED):
                self._progress.console.print(f"{_named(event)} failed: {clean(event.error or '')}", markup=False)
        elif isinstance(event, (Waiting, Told)):
            text = f"waiting for {event.holder}" if isinstance(event, Waiting) else event.text
            self._progress.console.print(clean(text), markup=False)
        if self._task is not None:
            running = [*self._out.values(), *reversed(self._running.values())]
            more = f" and {len(self._out) - 2} jobs more" if len(self._out) > 2 else ""
            self._progress.update(self._task, description=" | ".join(running[:2]) + more)
        if isinstance(event, BuildEnded):
            self._progress.stop()
            summary(event)

    def _jobs(self, event: JobMoved) -> None:
        """Show jobs that are out; what ends is told above the bar."""
        if event.state in ("sent", "queued", "running"):
            self._out[event.attempt] = job_words(event)
            return
        self._out.pop(event.attempt, None)
        self._progress.console.print(job_words(event), markup=False)


def job_words(event: JobMoved) -> str:
    """Tell of a job in a line."""
    from vidbuild.plan.price import usd_text

    progress = "" if event.progress is None else f" {event.progress:.0%}"
    cost = "" if event.cost_usd is None else f", {usd_text(Fraction(str(event.cost_usd)))}"
    if event.why is not None:
        return clean(f"{event.label}: the take by {event.model} is not good enough: {event.why}")
    return clean(f"{event.label}: {event.model} {event.state}{progress}{cost}")


def summary(event: BuildEnded) -> None:
    """Tell how a build ended and where its files are."""
    if event.error:
        say(event.error, sys.stderr)
    said = f"{event.status}: {len(event.ran)} made, {event.hits} kept"
    said += f", {len(event.failed)} failed" if event.failed else ""
    say(said, sys.stderr)
    if event.status == "interrupted":
        say("what was finished is kept; build again to go on", sys.stderr)
    for file in event.deliverables:
        size = f"{file['width']}x{file['height']}, {file['fps']} fps, {file['seconds']:g} s"
        say(f"{clean(str(file['path']))}  {size}")


def _named(event: ActionStarted | ActionEnded) -> str:
    shots = ", ".join(event.shots[:3]) + (" ..." if len(event.shots) > 3 else "")
    outputs = ", ".join(event.outputs[:3]) + (" ..." if len(event.outputs) > 3 else "")
    return clean(" · ".join(part for part in (event.mnemonic, shots, outputs) if part))
