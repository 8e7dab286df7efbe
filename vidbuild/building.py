"""One build from start to end: the project's lock, the plan, the engine, the finished files, the trace.

It tells a sink what happens and gives the last word; it prints nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbuild import approving, auditing, documents, drifting, past, purchasing, verifying
from vidbuild.engine import Outcome
from vidbuild.plan.approved import Approved
from vidbuild.plan.money import Consent
from vidbuild.plan.why import describe
from vidbuild.session import Planned, Session, open_state
from vidbuild.stores import durable, trace, uses
from vidbuild.stores.job_log import Stage, Standing, standing
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.purse import Purse
from vidbuild.stores.stamp import stamp_of
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.action import Deliverable, Graph, bind
from vidbuild.words.amounts import counted, usd_of
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import ActionFailed, BusyError, Exit, VidbuildError, shown
from vidbuild.words.events import ActionHit, BuildEnded, BuildStarted, Delivered, Event, Sink, Told, Waiting

_BUSY_POLL_S = 0.2
STOPS: Mapping[int, Exit] = {signal.SIGINT: Exit.INTERRUPTED, signal.SIGTERM: Exit.TERMINATED}
"""Signals that stop a build, and how it ends then."""


@dataclass(frozen=True)
class Conditions:
    """How a build goes about it; nothing here changes what is made.

    Args:
        consent: what the user said of money.
        ask: puts a question to the user.
        retry_refused: whether what a vendor refused before is sent again.
        locked: whether what is generated must come from the lock; `frozen`: and no vendor is asked for anything.
        approved: the plan that is kept to.
    """

    jobs: int
    fail_fast: bool = False
    wait: bool = True
    consent: Consent = field(default_factory=Consent)
    ask: Callable[[str], bool] = lambda question: False
    retry_refused: bool = False
    locked: bool = False
    frozen: bool = False
    approved: Approved | None = None


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
    uses.touch(session.store, _request(session))
    planned = session.plan()
    graph = planned.graph
    sink(BuildStarted(planned.project.name, len(graph.nodes), len(graph.deliverables), session.settings.draft))
    for text in (*graph.notes, *(shown(problem, planned.sources) for problem in planned.warnings)):
        sink(Told(text))
    for text in auditing.disagreements(session):
        sink(Told(text))
    _make_room(session, graph)
    if conditions.locked or conditions.frozen:
        for text in drifting.check(session, planned, conditions.frozen):
            sink(Told(text))
    purse, consent = None, conditions.consent
    if conditions.approved is not None:
        consent = approving.held_to(session, planned, conditions.approved, consent)
    if not conditions.frozen:
        purse = approving.approved(session, planned, consent, conditions.ask, sink)
    outcome, stopped = Outcome(), None
    if planned.unheard:
        graph = first_act(planned)
        outcome, stopped = _realized(session, conditions, graph, purse, sink)
        if stopped is None and not outcome.failed:
            planned, graph, outcome, stopped = _second_act(session, conditions, purse, outcome, sink)
    else:
        outcome, stopped = _realized(session, conditions, graph, purse, sink)
    if stopped is not None:
        _tell_jobs(session, sink)
    finished = _delivered(session, graph, outcome, sink)
    _shared(session, sink, stopped is not None)
    past.remember(session, graph, outcome)
    verifying.remember(session)
    exit = stopped or _exit(outcome)
    used = set(outcome.keys.values())
    uses.note(session.store, _request(session), session.settings.file, used, is_whole=exit is Exit.BUILT)
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


def realize(session: Session, conditions: Conditions, graph: Graph, sink: Sink) -> tuple[Outcome, Exit | None]:
    """Make what a graph lacks and costs nothing; nothing is bought, and no finished file is written."""
    outcome, stopped = _realized(session, conditions, graph, None, sink)
    _shared(session, sink, stopped is not None)
    return outcome, stopped


def remade(session: Session, jobs: int, sink: Sink) -> Mapping[str, Path]:
    """Make a project's finished files of what there is, and give where their bytes are by path; nothing is bought.

    Raises:
        ActionFailed: something can't be made.
    """
    planned, conditions = session.plan(), Conditions(jobs)
    if planned.unheard:
        outcome, stopped = realize(session, conditions, first_act(planned), sink)
        if stopped is None and not outcome.failed:
            planned = session.plan()
    graph = planned.graph
    outcome, stopped = realize(session, conditions, graph, sink)
    if stopped is not None:
        raise KeyboardInterrupt
    if outcome.failed:
        raise ActionFailed(_told(graph, outcome))
    files = {}
    for deliverable in graph.deliverables:
        for path, ref in ((deliverable.path, deliverable.source), *deliverable.companions.items()):
            found = session.cas.fetch(outcome.results[ref.action].outputs[ref.output].digest)
            if found is None:
                raise ActionFailed(f"the bytes of `{path}` are damaged or gone")
            files[path] = found
    return files


def _shared(session: Session, sink: Sink, is_stopped: bool) -> None:
    """Wait until what was made is sent to the store that is shared; say what went to and fro, and what was wrong."""
    if session.behind is None:
        return
    traffic = session.behind.stop() if is_stopped else session.behind.flush()
    for text in session.told:
        sink(Told(text))
    session.told.clear()
    told = [
        f"{count} {way} ({size / 1e6:.1f} MB)"
        for way, count, size in (
            ("fetched", traffic.fetched, traffic.fetched_bytes),
            ("sent", traffic.sent, traffic.sent_bytes),
        )
        if count
    ]
    if traffic.unsent:
        told.append(f"{counted(traffic.unsent, 'result')} not sent, which `vidbuild push` does")
    if told:
        sink(Told(f"the shared store: {', '.join(told)}"))


def first_act(planned: Planned) -> Graph:
    """Give what makes the lines that lengths and times hang on, and nothing else."""
    nodes = {
        id: node
        for id, node in planned.graph.nodes.items()
        if not node.action.refs and bind(node.action, {}).key in planned.unheard
    }
    return replace(planned.graph, nodes=nodes, places={id: planned.graph.places[id] for id in nodes}, deliverables=())


def _second_act(
    session: Session, conditions: Conditions, purse: Purse | None, first: Outcome, sink: Sink
) -> tuple[Planned, Graph, Outcome, Exit | None]:
    """Plan again with what was heard, and build that; nothing is bought past what was approved before."""
    planned = session.plan()
    if planned.unheard:
        raise ActionFailed("a line was spoken, and can't be heard", hint="build again")
    graph = planned.graph
    if conditions.locked or conditions.frozen:
        drifting.check(session, planned, conditions.frozen)
    if conditions.approved is not None:
        approving.held_to(session, planned, conditions.approved, conditions.consent)
    sink(BuildStarted(planned.project.name, len(graph.nodes), len(graph.deliverables), session.settings.draft))
    for text in graph.notes:
        sink(Told(text))
    if session.lock is not None:
        approving.note(session, planned)

    def told(event: Event) -> None:
        """Pass on what is new: what the first act told isn't told again."""
        if not (isinstance(event, ActionHit) and event.id in first.ran):
            sink(event)

    outcome, stopped = _realized(session, conditions, graph, purse, told)
    outcome.hits -= len(first.ran.keys() & outcome.results.keys() - outcome.ran.keys())
    outcome.ran = {**{id: ran for id, ran in first.ran.items() if id in graph.nodes}, **outcome.ran}
    return planned, graph, outcome, stopped


def _exit(outcome: Outcome) -> Exit:
    """Give the exit code: what only the user can clear up comes before what was not allowed, that before the rest."""
    codes = {error.exit for error in outcome.failed.values()}
    return next(
        (code for code in (Exit.UNCLEAR, Exit.DRIFTED, Exit.UNAPPROVED) if code in codes),
        Exit.FAILED if codes else Exit.BUILT,
    )


def _tell_jobs(session: Session, sink: Sink) -> None:
    """Say what is still running at vendors when a build is stopped, and what it costs."""
    standings = jobs_out(session)
    out = [one.intent for one in standings if one.stage is Stage.OUT]
    unclear = [one.intent for one in standings if one.stage is not Stage.OUT]
    earlier = [intent for intent in unclear if float(intent.get("unix", 0)) < session.started_ns / 1e9]
    unclear = [intent for intent in unclear if intent not in earlier]
    if out:
        told = "1 job runs on at its vendor" if len(out) == 1 else f"{len(out)} jobs run on at their vendors"
        made = "what it makes" if len(out) == 1 else "what they make"
        sink(Told(f"{told}, {_at_most(out)}; build again, or `vidbuild jobs resume`, to get {made}"))
    if unclear:
        told = "1 job is" if len(unclear) == 1 else f"{len(unclear)} jobs are"
        sink(Told(f"it is not known whether {told} made, {_at_most(unclear)}; build again: nothing is paid twice"))
    if earlier:
        sink(
            Told(f"unclear since earlier builds: {counted(len(earlier), 'job')}; `vidbuild jobs list` says what to do")
        )


def _at_most(intents: Sequence[Mapping[str, Any]]) -> str:
    """Say what jobs cost at most, and whose they are."""
    known = [usd for intent in intents if (usd := usd_of(intent.get("reserved_usd"))) is not None]
    unknown = " and what nobody knows" if len(known) < len(intents) else ""
    whose = ", ".join(f"{intent.get('label')} ({intent.get('provider')})" for intent in intents[:4])
    more = f" and {len(intents) - 4} more" if len(intents) > 4 else ""
    return f"up to ${float(sum(known)):.2f}{unknown}: {whose}{more}"


def jobs_out(session: Session) -> list[Standing]:
    """List this project's jobs that are out, and those of which nobody knows."""
    mine = str(session.settings.file.absolute())
    found = [standing(session.jobs.steps(key)) for key in session.jobs.open_attempts()]
    return [one for one in found if one.intent.get("project") == mine]


def _realized(
    session: Session, conditions: Conditions, graph: Graph, purse: Purse | None, sink: Sink
) -> tuple[Outcome, Exit | None]:
    """Run the engine until it is done, or until a signal stops it."""
    workspaces = WorkspacesOnDisk(session.store)
    outcome = Outcome()
    caught: list[Exit] = []

    async def run() -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None

        def stop(number: int, frame: object) -> None:
            if not caught:
                caught.append(STOPS[number])
                with contextlib.suppress(RuntimeError):  # the loop was just closed: everything is made
                    loop.call_soon_threadsafe(task.cancel)

        for number in STOPS:
            signal.signal(number, stop)
        async with contextlib.AsyncExitStack() as stack:
            vendors = buyer = None
            if purse is not None:
                opening = purchasing.opened(session, purse, sink, conditions.retry_refused)
                counter = await stack.enter_async_context(opening)
                vendors, buyer = counter.jobs, counter.buyer
            engine = session.engine(workspaces, conditions.jobs, sink, conditions.fail_fast, vendors, buyer)
            await engine.build(graph, outcome)

    before = {number: signal.getsignal(number) for number in STOPS}
    try:
        asyncio.run(run())
    except asyncio.CancelledError:
        caught.append(Exit.INTERRUPTED)
    finally:
        for number, handler in before.items():
            # Whoever is impatient and stops it again would lose the last word, which comes in a moment.
            signal.signal(number, signal.SIG_IGN if caught else handler)
        workspaces.close()
    return outcome, caught[0] if caught else None


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
    store = session.store
    below = (folder for place in ("*", "cas/??", "ac/??", "jobs/parcels") for folder in store.glob(place))
    ours = (session.settings.state, store, *below)
    for folder in (*folders, *ours):
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
            _check_size(deliverable, blob.size)
            _put(session, blob.digest, place)
            for path, ref in deliverable.companions.items():
                made = outcome.results.get(ref.action)
                if made is not None:
                    _put(session, made.outputs[ref.output].digest, session.settings.home / path)
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


def _check_size(deliverable: Deliverable, size: int) -> None:
    """Fail for a file that is larger than whom it is for takes it."""
    if deliverable.most is not None and size > deliverable.most:
        made, most = (f"{count / 1_000_000:.1f} MB" for count in (size, deliverable.most))
        hint = "make it shorter, or lower its platform's rate (`video: {maxrate_kbps}`)"
        raise ActionFailed(f"`{deliverable.path}` is {made}, and `{deliverable.output}` takes {most}", hint=hint)


def _put(session: Session, digest: Digest, place: Path) -> None:
    session.looked.made[str(place.absolute())] = digest
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


def _request(session: Session) -> str:
    """Name this request, as its trace is named."""
    return trace.trace_path(session.store, session.settings.asked("build")).name


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
