"""`vidbuild verify`: everything that is made here is made once more, in a clean store, and compared with what is held.

What was bought and what the lock pins is lent by the real store; no vendor is asked, and nothing is written there. What
is held may have been made with other tools, as the lock or the last build says: then it is found under their keys.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbuild import drifting
from vidbuild.engine import Outcome
from vidbuild.paths import shots_and_outputs
from vidbuild.plan.why import describe
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings
from vidbuild.stores import durable
from vidbuild.stores.action_cache import ActionCache, DiskActionCache
from vidbuild.stores.cas import Cas, DiskCas
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.lockfile import LockedCache
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.survey import Memories, survey
from vidbuild.toolchain import Toolchain, differences, recalled
from vidbuild.words.action import ActionResult, Blob, BoundAction, Graph
from vidbuild.words.digest import Digest
from vidbuild.words.errors import UsageError, VidbuildError
from vidbuild.words.events import Sink
from vidbuild.words.locked import Lock

Results = Mapping[Digest, ActionResult | None]
"""What is held of each action, by its id in the plan of today."""


@dataclass(frozen=True)
class Differing:
    """An output that came out otherwise.

    Args:
        is_first: whether all that it was made from came out as it is held.
    """

    id: Digest
    output: str
    held: Digest
    made: Digest
    is_first: bool


@dataclass
class Verified:
    """What a verification came to.

    Args:
        reference: whose tools made what is held, and `says` who says so.
        same: how many actions came out as they are held.
        unknown: actions of which nothing is held.
    """

    graph: Graph
    reference: Toolchain
    here: Toolchain
    says: str
    same: int = 0
    differing: list[Differing] = field(default_factory=list)
    unknown: list[Digest] = field(default_factory=list)
    failed: dict[Digest, VidbuildError] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`same`, `differs`, `failed`, or `unknown` where nothing was held to compare with."""
        if self.differing:
            return "differs"
        if self.failed:
            return "failed"
        return "same" if self.same else "unknown"

    @property
    def moved(self) -> Mapping[str, tuple[str, str]]:
        """What differs between the tools that made what is held, and those of this machine."""
        return differences(self.reference, self.here)

    def document(self) -> dict[str, Any]:
        """Give all of it in JSON's own types."""
        rows = [
            {**self._row(one.id), "output": one.output, "held": one.held, "made": one.made, "is_first": one.is_first}
            for one in self.differing
        ]
        return {
            "vidbuild_verify": 1,
            "status": self.status,
            "same": self.same,
            "differs": rows,
            "unknown": [self._row(id) for id in self.unknown],
            "failed": [{**self._row(id), "error": error.text()} for id, error in self.failed.items()],
            "environment": {
                "held": dict(self.reference.values),
                "held_by": self.says,
                "here": dict(self.here.values),
                "differs": sorted(self.moved),
            },
        }

    def _row(self, id: Digest) -> dict[str, Any]:
        shots, outputs = shots_and_outputs(self.graph, id)
        its = {"id": id, "mnemonic": self.graph.nodes[id].action.mnemonic, "action": describe(self.graph, id)}
        return {**its, "shots": list(shots), "outputs": list(outputs)}


def verify(session: Session, jobs: int, sink: Sink) -> Verified:
    """Make all of a project's deterministic actions in a clean store, and compare.

    Raises:
        Drifted: the project asks for what its lock doesn't hold, or what it holds is nowhere.
        UsageError: it was never built.
    """
    planned = session.plan()
    if any(node.conduct.is_paid for node in planned.graph.nodes.values()):
        drifting.check(session, planned, is_frozen=True)
    if planned.unheard:
        raise UsageError("lines on which lengths hang were never spoken here", hint="build first, or name the store")
    says, reference, held = _held(session, planned)
    found = Verified(planned.graph, reference, session.toolchain, says)
    free = [id for id, node in planned.graph.nodes.items() if not node.conduct.is_paid]
    if not any(held[id] for id in free):
        found.unknown = free
        return found
    outcome = asyncio.run(_made(session, planned.graph, jobs, sink))
    found.failed = dict(outcome.failed)
    _compare(found, outcome, held)
    return found


def remember(session: Session) -> None:
    """Keep what a build was made with, for verifying it with other tools."""
    path, text = _last(session.settings), json.dumps(dict(session.toolchain.values))
    if not path.exists() or path.read_text() != text:
        durable.write_bytes(path, text.encode())


def _last(settings: Settings) -> Path:
    return settings.state / f"toolchain-{settings.file.stem}{'-draft' if settings.draft else ''}.json"


def _held(session: Session, planned: Planned) -> tuple[str, Toolchain, Results]:
    """Find what is held: as the lock's tools made it, the last build's or today's; those of which most is held."""
    found: list[tuple[str, Toolchain, Results]] = []
    for says, toolchain in _references(session):
        if all(toolchain != known for _, known, _ in found):
            found.append((says, toolchain, _results(session, planned, toolchain)))
    return max(found, key=lambda one: sum(result is not None for result in one[2].values()))


def _references(session: Session) -> Iterator[tuple[str, Toolchain]]:
    """Give the toolchains that may have made what is held, the most telling first."""
    if session.lock is not None and (told := recalled(session.lock.value.toolchain)) is not None:
        yield "the lock", told
    try:
        last = recalled(json.loads(_last(session.settings).read_text()))
    except (OSError, ValueError, TypeError):
        last = None
    if last is not None:
        yield "the last build", last
    yield "this machine", session.toolchain


def _results(session: Session, planned: Planned, toolchain: Toolchain) -> Results:
    """Give what is held of each action, as some tools made it: records are enough, bytes needn't be here."""
    graph = planned.graph if toolchain == session.toolchain else session.plan(made_with=toolchain).graph
    session.survey(graph)  # has the store that is shared asked
    cache = session.locked

    def recorded(bound: BoundAction) -> ActionResult | None:
        result = (cache or session.cache).get(bound.key)
        return result if result is not None and set(result.outputs) == set(bound.outputs) else None

    pinned = cache.pinned if cache is not None else lambda question: None
    standings = survey(graph, Memories(recorded, pinned=pinned))
    return {id: standings[its].result for id, its in zip(planned.graph.nodes, graph.nodes, strict=True)}


async def _made(session: Session, graph: Graph, jobs: int, sink: Sink) -> Outcome:
    """Build in a clean store in the real one's work folder, which is swept also where this is killed."""
    rooms = WorkspacesOnDisk(session.store)
    try:
        with rooms.opened({}, ()) as room:
            index = Index(room.folder / "index")
            cas: Cas = DiskCas(room.folder, Memory(index))
            cache: ActionCache = DiskActionCache(room.folder, index)
            pins = None
            if session.lock is not None:
                cas, cache = _Lending(cas, session.cas, session.lock.value), LockedCache(session.lock, cache)
                pins = _Unmade(cache)
            work = WorkspacesOnDisk(room.folder)
            try:
                return await session.engine(work, jobs, sink, fail_fast=False, apart=(cas, cache, pins)).build(graph)
            finally:
                work.close()
                index.close()
    finally:
        rooms.close()


class _Lending:
    """A clean CAS that is lent, by the real one, what was bought and what is pinned."""

    def __init__(self, cas: Cas, lender: Cas, lock: Lock):
        self._cas = cas
        self._lender = lender
        pinned = (blob.digest for pin in lock.pins.values() for blob in pin.outputs.values())
        self._lent = frozenset((*lock.made_by, *pinned))

    def has(self, digest: Digest) -> bool:
        return self._cas.has(digest) or (digest in self._lent and self._lender.has(digest))

    def fetch(self, digest: Digest) -> Path | None:
        found = self._cas.fetch(digest)
        return found or (self._lender.fetch(digest) if digest in self._lent else None)

    def put(self, source: Path, media_type: str) -> Blob:
        return self._cas.put(source, media_type)

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        return self._cas.put_bytes(data, media_type)


class _Unmade:
    """Pins that aren't known when their step is looked for, so that it runs; then they stand. Nothing is pinned."""

    def __init__(self, pins: LockedCache):
        self._pins = pins
        self._asked: set[Digest] = set()

    def pinned(self, question: Digest) -> ActionResult | None:
        if question in self._asked:
            return self._pins.pinned(question)
        self._asked.add(question)
        return None

    def pin(self, label: str, question: Digest, result: ActionResult) -> None:
        """Pin nothing: the real lock stays as it is."""


def _compare(found: Verified, outcome: Outcome, held: Results) -> None:
    """Compare what ran with what is held; who differs by itself is told apart from who was given something else."""
    otherwise: set[Digest] = set()
    for id, node in found.graph.nodes.items():
        if node.conduct.is_paid or id not in outcome.ran:
            continue
        made, known = outcome.ran[id][1], held[id]
        if known is None:
            found.unknown.append(id)
            continue
        is_first = not any(ref.action in otherwise for ref in node.action.refs)
        wrong = [
            Differing(id, name, blob.digest, made.outputs[name].digest, is_first)
            for name, blob in known.outputs.items()
            if name in made.outputs and made.outputs[name].digest != blob.digest
        ]
        found.differing += wrong
        found.same += not wrong
        if wrong and node.conduct.question is None:  # of what is pinned the pin is read on
            otherwise.add(id)
