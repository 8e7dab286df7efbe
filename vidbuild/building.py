"""One build from start to end: the project's lock, the plan, the engine, the finished files, the trace.

It tells a sink what happens and gives the last word; it prints nothing.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vidbuild import documents, past
from vidbuild.engine import Outcome
from vidbuild.plan.why import describe
from vidbuild.session import Planned, Session, open_state
from vidbuild.stores import durable, trace
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.stamp import stamp_of
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.action import Graph
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import ActionFailed, BusyError, Exit, VidbuildError, shown
from vidbuild.words.events import BuildEnded, BuildStarted, Delivered, Sink, Told, Waiting

_BUSY_POLL_S = 0.2


@dataclass(frozen=True)
class Conditions:
    """How a build goes about it; nothing here changes what is made."""

    jobs: int
    fail_fast: bool = False
    wait: bool = True


def build(session: Session, conditions: Conditions, sink: Sink) -> BuildEnded:
    """Build a project; give the last word. A spec that does not hold, or a busy project, is raised."""
    lock = ProcessLock(session.settings.state / "lock")
    if session.settings.file.exists():
        open_state(session.settings)
        _take(lock, conditions.wait, sink)
    try:
        return _build(session, conditions, sink)
    finally:
        lock.release()


def _take(lock: ProcessLock, wait: bool, sink: Sink) -> None:
    """Take the project's lock, or wait and say for whom."""
    told = False
    while not lock.take("vidbuild build"):
        if not wait:
            raise BusyError(f"another build holds the project: {lock.holder()}", hint="leave `--no-wait` out to wait")
        if not told:
            sink(Waiting(lock.holder()))
            told = True
        time.sleep(_BUSY_POLL_S)


def _build(session: Session, conditions: Conditions, sink: Sink) -> BuildEnded:
    planned = session.plan()
    graph = planned.graph
    sink(BuildStarted(planned.project.name, len(graph.nodes), len(graph.deliverables), session.settings.draft))
    for text in (*graph.notes, *(shown(problem, planned.sources) for problem in planned.warnings)):
        sink(Told(text))
    outcome, stopped = _realized(session, conditions, graph, sink)
    finished = _delivered(session, graph, outcome, sink)
    past.remember(session, graph, outcome)
    exit = stopped or (Exit.FAILED if outcome.failed else Exit.BUILT)
    last = BuildEnded(
        exit.status,
        int(exit),
        documents.ran(graph, outcome),
        documents.failed(graph, outcome),
        outcome.hits,
        tuple(finished.values()),
        error=_told(graph, outcome) if outcome.failed else None,
    )
    if exit is Exit.BUILT:
        _trace(session, planned, last)
    return last


def _realized(session: Session, conditions: Conditions, graph: Graph, sink: Sink) -> tuple[Outcome, Exit | None]:
    """Run the engine until it is done, or until a signal stops it."""
    _make_room(session, graph)
    workspaces = WorkspacesOnDisk(session.store)
    engine = session.engine(workspaces, conditions.jobs, sink, conditions.fail_fast)
    outcome = Outcome()
    caught: list[Exit] = []

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(exit: Exit) -> None:
            if not caught:
                caught.append(exit)
                task.cancel()

        loop.add_signal_handler(signal.SIGINT, stop, Exit.INTERRUPTED)
        loop.add_signal_handler(signal.SIGTERM, stop, Exit.TERMINATED)
        await engine.build(graph, outcome)

    before = signal.getsignal(signal.SIGTERM)
    try:
        asyncio.run(run())
    except asyncio.CancelledError:
        return outcome, caught[0] if caught else Exit.INTERRUPTED
    finally:
        signal.signal(signal.SIGTERM, before)
        workspaces.close()
    return outcome, None


def _make_room(session: Session, graph: Graph) -> None:
    """See that finished files can be written before anything is made, and sweep what a killed build left."""
    folders = {(session.settings.home / deliverable.path).parent for deliverable in graph.deliverables}
    for folder in sorted(folders):
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise VidbuildError(f"`{folder}` can't be made", {"because": error.strerror or str(error)}) from error
        if not os.access(folder, os.W_OK):
            raise VidbuildError(f"`{folder}` can't be written", hint="name another folder with `--out`")
    for folder in (*folders, *session.store.glob("cas/??"), *session.store.glob("ac/??")):
        durable.sweep(folder)


def _delivered(session: Session, graph: Graph, outcome: Outcome, sink: Sink) -> Mapping[Digest, Mapping[str, object]]:
    """Put every finished deliverable at its path; one that stands there already is left as it is."""
    finished = {}
    for deliverable in graph.deliverables:
        result = outcome.results.get(deliverable.source.action)
        if result is None:
            continue
        blob = result.outputs[deliverable.source.output]
        place = session.settings.home / deliverable.path
        try:
            _put(session, blob.digest, place)
            poster = outcome.results.get(deliverable.poster.action) if deliverable.poster else None
            if poster is not None and deliverable.poster is not None:
                _put(session, poster.outputs[deliverable.poster.output].digest, poster_place(place))
        except (OSError, VidbuildError) as error:
            said = (
                error
                if isinstance(error, VidbuildError)
                else ActionFailed(f"`{deliverable.path}` can't be written", {"because": error.strerror or str(error)})
            )
            outcome.failed[deliverable.source.action] = said
            continue
        finished[deliverable.id] = documents.delivered(deliverable, blob.digest)
        sink(Delivered(deliverable.path, float(deliverable.seconds)))
    return finished


def poster_place(video: Path) -> Path:
    """Name the poster beside a video."""
    return video.with_suffix(".jpg")


def _put(session: Session, digest: Digest, place: Path) -> None:
    session.looked.made.add(str(place.absolute()))
    if stands(session, digest, place):
        return
    source = session.cas.fetch(digest)
    if source is None:
        raise ActionFailed(f"the bytes of `{place.name}` are damaged or gone", hint="build again")
    durable.copy_out(source, place)
    stamp = stamp_of(place)
    if stamp is not None:
        session.memory.remember(place.absolute(), stamp, digest)


def stands(session: Session, digest: Digest, place: Path) -> bool:
    """Say whether a file at a path has this content."""
    if not place.is_file():
        return False
    known = session.memory.digest(place.absolute())
    if known is None:
        with open(place, "rb") as stream:
            known = digest_stream(stream)
    return known == digest


def _trace(session: Session, planned: Planned, last: BuildEnded) -> None:
    """Note all that was looked at, so that the next build knows at once that nothing changed."""
    session.note_world()
    ended = {
        "hits": last.hits + len(last.ran),
        "deliverables": list(last.deliverables),
        "warnings": [shown(problem, planned.sources) for problem in planned.warnings],
    }
    path = trace.trace_path(session.store, session.settings.asked("build"))
    try:
        trace.write(path, session.looked, ended, session.started_ns, session.environ)
    except OSError:
        path.unlink(missing_ok=True)


def _told(graph: Graph, outcome: Outcome) -> str:
    """Put every failure into words, with who waited for it."""
    told = []
    blamed: dict[Digest, list[str]] = {}
    for other, blame in outcome.skipped.items():
        blamed.setdefault(blame, []).append(describe(graph, other))
    for id, error in outcome.failed.items():
        waiting = blamed.get(id, [])
        lines = [f"{describe(graph, id)} failed: {error.text()}"]
        if waiting:
            lines.append(
                f"  not made for its sake: {', '.join(waiting[:4])}"
                + (f" and {len(waiting) - 4} more" if len(waiting) > 4 else "")
            )
        told.append("\n".join(lines))
    return "\n\n".join(told)
