"""`vidbuild jobs resume`: wait for jobs that are out and keep what they made, without building anything from it."""

from __future__ import annotations

import asyncio
import os
import sys
from fractions import Fraction

from vidbuild import purchasing
from vidbuild.commands.jobs import Open, opened, unclear
from vidbuild.console import say, sink_for
from vidbuild.engine import Outcome
from vidbuild.plan import attempts
from vidbuild.session import Session, open_state
from vidbuild.settings import Settings
from vidbuild.stores.job_log import Stage
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.purse import Purse
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.words.action import Action, Conduct, Graph, Node
from vidbuild.words.digest import Digest
from vidbuild.words.errors import BusyError, Exit, UsageError, clean
from vidbuild.words.events import Sink


def run(settings: Settings, key: str | None, as_json: bool) -> int:
    """Resume one job by the beginning of its attempt's key, or all that are out for the project."""
    session = Session(settings, os.environ)
    lock = ProcessLock(settings.state / "lock")
    try:
        open_state(settings)
        if not lock.take("vidbuild jobs resume"):
            raise BusyError(f"another build holds the project: {lock.holder()}")
        session.plan()
        found = _meant(session, key)
        left = unclear(session)
        outcome = brought_in(session, [node_of(one) for one in found], sink_for(as_json, False))
    finally:
        lock.release()
        session.close()
    for error in outcome.failed.values():
        say(error.text(), sys.stderr)
    if found:
        say(f"{len(outcome.results)} fetched, {len(outcome.failed)} not", sys.stderr)
    else:
        say("no job is out", sys.stderr)
    for told in left:
        say(told, sys.stderr)
    return max((int(error.exit) for error in outcome.failed.values()), default=int(Exit.BUILT))


def _meant(session: Session, key: str | None) -> list[Open]:
    mine = str(session.settings.file.absolute())
    out = [one for one in opened(session.jobs) if one.standing.stage is not Stage.INTENDED]
    if key is None:
        return [one for one in out if one.standing.intent.get("project") == mine]
    found = [one for one in out if one.attempt.startswith(key)] if len(key) >= 6 else []
    if len(found) != 1:
        raise UsageError(f"no job is out for `{clean(key)}`", hint="`vidbuild jobs list` shows what is out")
    return found


def node_of(one: Open) -> Node:
    """Make an action of a logged attempt, whose key it keeps."""
    sent = attempts.logged(one.standing.intent)
    if sent is None:
        raise UsageError(f"what `{one.attempt[:12]}` was asked for is in no log here", hint="the next build fetches it")
    said, hire = sent
    inputs = {name: Digest(digest) for name, digest in said.inputs.items()}
    action = Action(said.mnemonic, said.params, inputs, said.outputs, said.tool, "vendors")
    return Node(action, Conduct((hire,), label=str(one.standing.intent.get("label", "audio"))))


def brought_in(session: Session, nodes: list[Node], sink: Sink) -> Outcome:
    """Fetch what attempts made, and keep it; nothing is bought."""
    outcome = Outcome()
    workspaces = WorkspacesOnDisk(session.store)

    async def resume() -> None:
        async with purchasing.opened(session, Purse(Fraction(0)), sink) as counter:
            engine = session.engine(workspaces, 1, sink, False, counter.jobs, counter.buyer.resuming())
            graph = Graph({node.action.id: node for node in nodes}, {}, ())
            await engine.build(graph, outcome)

    try:
        asyncio.run(resume())
    finally:
        workspaces.close()
    return outcome
