"""What a person sees: `rich` on a terminal, plain lines in a pipe or in CI, JSON lines for programs.

Each is a sink for events. Data goes to standard output, the rest to standard error; legible without colour.
"""

from __future__ import annotations

import json
import sys
import time
from fractions import Fraction
from typing import TYPE_CHECKING, TextIO

from vidbuild import documents
from vidbuild.words.amounts import counted
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

if TYPE_CHECKING:
    from rich.console import RenderableType

_BAR_WIDTH = 24
_JOBS_SHOWN = 6


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
        """Tell each turn of a job once, but not that it waits; of progress every quarter."""
        if event.state == "waiting":
            return
        quarter = None if event.progress is None else int(event.progress * 4)
        turn = (event.state, quarter)
        if self._told.get(event.attempt) != turn:
            self._told[event.attempt] = turn
            say(job_words(event), sys.stderr)


class Bar:
    """A progress bar with what is made here at the moment; below it the jobs at vendors, and what they came to so far.

    It begins with the first action: before that, questions may be asked.

    Args:
        stream: the terminal; standard error without it.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        from rich.console import Console
        from rich.live import Live
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
        from rich.table import Column

        made_here = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1))
        columns = (BarColumn(_BAR_WIDTH), MofNCompleteColumn(), TimeElapsedColumn(), made_here)
        self._console = Console(file=stream or sys.stderr)
        self._progress = Progress(*columns, console=self._console, expand=True)
        self._task = self._progress.add_task("", total=None)
        self._running: dict[str, str] = {}
        self._waiting: dict[str, JobMoved] = {}
        self._out: dict[str, tuple[JobMoved, float]] = {}
        self._usd = Fraction(0)
        self._live = Live(get_renderable=self._shown, console=self._console, transient=True)

    def __call__(self, event: Event) -> None:
        if isinstance(event, BuildStarted):
            self._progress.reset(self._task, total=event.actions)
        elif isinstance(event, ActionStarted):
            self._live.start()
            if not event.is_bought:
                self._running[event.id] = _named(event)
        elif isinstance(event, JobMoved):
            self._job(event)
        elif isinstance(event, (ActionEnded, ActionHit)):
            self._live.start()
            self._running.pop(event.id, None)
            self._progress.advance(self._task)
            if isinstance(event, ActionEnded) and event.error not in (None, STOPPED):
                self._say(f"{_named(event)} failed: {event.error}")
        elif isinstance(event, (Waiting, Told)):
            self._say(f"waiting for {event.holder}" if isinstance(event, Waiting) else event.text)
        elif isinstance(event, BuildEnded):
            self.close()
            summary(event)

    def close(self) -> None:
        """Take the bar away, and give the terminal back as it was."""
        self._live.stop()

    def _say(self, text: str) -> None:
        """Write above the bar."""
        self._console.print(clean(text), markup=False, highlight=False, soft_wrap=True)

    def _job(self, event: JobMoved) -> None:
        """Take note of where a job is; what ends is told above the bar."""
        self._waiting.pop(event.attempt, None)
        if event.state == "waiting":
            self._waiting[event.attempt] = event
        elif event.state in ("sent", "queued", "running"):
            _, since = self._out.get(event.attempt, (event, time.monotonic()))
            self._out[event.attempt] = event, since
        else:
            self._out.pop(event.attempt, None)
            self._usd += Fraction(str(event.cost_usd or 0))
            self._say(job_words(event))

    def _shown(self) -> RenderableType:
        """Draw the bar, and a line for each of the first jobs that are out; the rest is counted."""
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        from vidbuild.plan.price import usd_text

        self._progress.update(self._task, description=" | ".join([*reversed(list(self._running.values()))][:2]))
        out, waiting = list(self._out.values()), len(self._waiting)
        table = Table.grid(padding=(0, 2))
        for _ in range(4):
            table.add_column(no_wrap=True, overflow="ellipsis")
        for event, since in out[:_JOBS_SHOWN]:
            minutes, seconds = divmod(int(time.monotonic() - since), 60)
            progress = "" if event.progress is None else f" {event.progress:.0%}"
            cells = (f"  {event.label}", event.model, f"{event.state}{progress}", f"{minutes}:{seconds:02}")
            table.add_row(*(Text(clean(cell)) for cell in cells))
        counts = [counted(len(out) - _JOBS_SHOWN, "more job")] if len(out) > _JOBS_SHOWN else []
        counts += [f"{waiting} wait for a place"] if waiting else []
        counts += [f"{usd_text(self._usd)} so far"] if self._usd else []
        lines = [table] if out else []
        return Group(self._progress, *lines, *([Text(f"  {', '.join(counts)}")] if counts else []))


def job_words(event: JobMoved) -> str:
    """Tell of a job in a line."""
    from vidbuild.plan.price import usd_text

    progress = "" if event.progress is None else f" {event.progress:.0%}"
    cost = "" if event.cost_usd is None else f", {usd_text(Fraction(str(event.cost_usd)))}"
    if event.state == "reshoot":
        return clean(f"{event.label}: the take by {event.model} is not good enough: {event.why}")
    why = f": {event.why}" if event.why else ""
    return clean(f"{event.label}: {event.model} {event.state}{progress}{cost}{why}")


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
        size = f"{file['width']}x{file['height']}, {file['fps']} fps, " if file["frames"] else ""
        say(f"{clean(str(file['path']))}  {size}{file['seconds']:g} s")


def _named(event: ActionStarted | ActionEnded) -> str:
    shots = ", ".join(event.shots[:3]) + (" ..." if len(event.shots) > 3 else "")
    outputs = ", ".join(event.outputs[:3]) + (" ..." if len(event.outputs) > 3 else "")
    return clean(" · ".join(part for part in (event.mnemonic, shots, outputs) if part))
