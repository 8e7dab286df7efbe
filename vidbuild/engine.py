"""The engine: one coroutine an action that asks for its inputs, binds, looks itself up, and only then runs.

A suspending scheduler over constructive traces ("cloud Shake" of *Build Systems à la Carte*). It knows no
mnemonic and no vendor; stores, runners, own files and locks are handed in.
"""

from __future__ import annotations

import asyncio
import errno
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from vidbuild.paths import remaining_paths, shots_and_outputs
from vidbuild.ports import Behind, OwnFiles, Pins, Workspaces
from vidbuild.runners.base import Buyer, Runner
from vidbuild.slots import Slots
from vidbuild.stores.action_cache import ActionCache
from vidbuild.stores.cas import Cas
from vidbuild.words.action import ActionResult, BoundAction, Conduct, Graph, Node, Ref, bind
from vidbuild.words.digest import Digest
from vidbuild.words.errors import ActionFailed, VidbuildError
from vidbuild.words.events import STOPPED, ActionEnded, ActionHit, ActionStarted, Sink
from vidbuild.words.locked import question_of

TWIN_POLL_S, MACHINE_POLL_S, RENEW_S = 0.2, 2.0, 60.0
"""How often a key is looked at again that another process, or another machine, makes; how often a claim is renewed."""

RunnerOf = Callable[[BoundAction, Conduct], Runner]


@dataclass
class Outcome:
    """What a build came to: results by action id, who failed and why, who was skipped for whose sake."""

    results: dict[Digest, ActionResult] = field(default_factory=dict)
    keys: dict[Digest, Digest] = field(default_factory=dict)
    ran: dict[Digest, tuple[float, ActionResult]] = field(default_factory=dict)
    failed: dict[Digest, VidbuildError] = field(default_factory=dict)
    skipped: dict[Digest, Digest] = field(default_factory=dict)
    hits: int = 0


class _Skipped(Exception):
    """An input of this action failed; carries the action that is to blame."""

    def __init__(self, blame: Digest):
        super().__init__(blame)
        self.blame = blame


class Engine:
    """Realizes graphs; one build at a time."""

    def __init__(
        self,
        cas: Cas,
        cache: ActionCache,
        runner_of: RunnerOf,
        own: OwnFiles,
        workspaces: Workspaces,
        pools: Mapping[str, int],
        sink: Sink,
        fail_fast: bool = False,
        buyer: Buyer | None = None,
        pins: Pins | None = None,
        behind: Behind | None = None,
    ):
        self._cas = cas
        self._cache = cache
        self._runner_of = runner_of
        self._own = own
        self._workspaces = workspaces
        self._slots = {name: Slots(size) for name, size in pools.items()}
        self._sink = sink
        self._fail_fast = fail_fast
        self._buyer = buyer
        self._pins = pins
        self._behind = behind

    async def build(self, graph: Graph, outcome: Outcome | None = None) -> Outcome:
        """Realize every action of a graph; what does not depend on a failure is finished.

        Args:
            outcome: filled as things come in, so that a cancelled build's is not lost.
        """
        build = _Build(self, graph, outcome if outcome is not None else Outcome())
        try:
            await build.finish()
        finally:
            await build.stop()
        return build.outcome


def answer(cas: Cas, cache: ActionCache, bound: BoundAction) -> ActionResult | None:
    """Give a remembered result whose blobs are all known to be held."""
    result = cache.get(bound.key)
    if result is None or set(result.outputs) != set(bound.outputs):
        return None
    return result if all(cas.has(blob.digest) for blob in result.outputs.values()) else None


class _Build:
    """One build's tasks and outcome."""

    def __init__(self, engine: Engine, graph: Graph, outcome: Outcome):
        self.engine = engine
        self.graph = graph
        self.outcome = outcome
        self._urgency = remaining_paths(graph)
        self._tasks: dict[Digest, asyncio.Task[ActionResult]] = {}
        self._made_again: set[Digest] = set()
        self._asked: dict[Digest, asyncio.Task[ActionResult]] = {}
        self._questions: dict[Digest, Digest] = {}
        self._stand_ins: dict[Digest, Digest] = {}
        self._failure = asyncio.Event()
        for id in graph.nodes:
            self._tasks[id] = asyncio.create_task(self._realize(id))

    async def finish(self) -> None:
        """Wait for every action; with fail-fast, for the first failure."""
        everything = asyncio.ensure_future(asyncio.wait(set(self._tasks.values()))) if self._tasks else None
        failure = asyncio.ensure_future(self._failure.wait())
        try:
            if everything is not None:
                await asyncio.wait({everything, failure}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for waiter in filter(None, (everything, failure)):
                waiter.cancel()
        if not (self.engine._fail_fast and self.outcome.failed):
            ends = dict.fromkeys(end for deliverable in self.graph.deliverables for end in deliverable.ends)
            await asyncio.gather(*map(self._ensure, ends))

    async def stop(self) -> None:
        """Cancel what still runs and wait until its processes are gone."""
        tasks = (*self._tasks.values(), *self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _realize(self, id: Digest) -> ActionResult:
        node = self.graph.nodes[id]
        try:
            result = await self._answered(id, node)
        except _Skipped as skipped:
            self.outcome.skipped[id] = skipped.blame
            raise
        except Exception as error:
            told = as_failure(error)
            self.outcome.failed[id] = told
            if self.engine._fail_fast:
                self._failure.set()
            raise told from error
        self.outcome.results[id] = result
        return result

    async def _answered(self, id: Digest, node: Node) -> ActionResult:
        made = await self._inputs(node)
        bound = bind(node.action, made)
        found = self._pinned(id, node, made)
        if found is None:
            await self._recalled(bound)
        if found is None and node.conduct.is_paid and self._answer(bound) is None:
            return await self._bought(id, node, bound)
        while found is None and (found := self._answer(bound)) is None:
            inputs = await self._fetched(node, bound)
            async with self.engine._slots[node.action.pool].taken(self._urgency[id]):
                release = self.engine._workspaces.claim(bound.key)
                if release is not None:
                    try:
                        if self._answer(bound) is None:
                            result = await self._made(id, bound, partial(self._run_at_rest, id, bound, inputs))
                            return self._pinned_for_good(id, node, result)
                        continue
                    finally:
                        release()
            await asyncio.sleep(TWIN_POLL_S)
        self.outcome.keys[id] = bound.key
        self.outcome.hits += 1
        self.engine._sink(ActionHit(id, node.action.mnemonic, *self._where(id)))
        found = self._pinned_for_good(id, node, found)
        if node.conduct.is_paid and self.engine._buyer is not None:
            self.engine._buyer.kept(bound, node.conduct, found)
        return found

    def _pinned(self, id: Digest, node: Node, made: Mapping[Ref, Digest]) -> ActionResult | None:
        """Give what is pinned for a step that paid keys are bound from; its bytes may not be here."""
        pins, said = self.engine._pins, node.conduct.question
        if pins is None or said is None:
            return None
        inputs = {name: self._identity(source, made) for name, source in node.action.inputs.items()}
        self._questions[id] = question_of(node.action.mnemonic, said, inputs)
        return None if id in self._made_again else self._stands(id, node)

    def _stands(self, id: Digest, node: Node) -> ActionResult | None:
        """Give the result that is pinned for an action, whole."""
        pins = self.engine._pins
        found = pins.pinned(self._questions[id]) if pins is not None and id in self._questions else None
        return found if found is not None and set(node.action.outputs) <= set(found.outputs) else None

    def _identity(self, source: Ref | Digest, made: Mapping[Ref, Digest]) -> Digest:
        """Say what an input is to a question: a paid result or own file by digest, else how it is asked for."""
        if not isinstance(source, Ref):
            return source
        if self.graph.nodes[source.action].conduct.is_paid:
            return made[source]
        return self._questions.get(source.action) or self.outcome.keys[source.action]

    def _pinned_for_good(self, id: Digest, node: Node, result: ActionResult) -> ActionResult:
        """Pin a result; where one is pinned already that one stands, and lends its name to what was made for it.

        Another ffmpeg may make other bytes of it: paid keys are bound to the pinned ones, so nothing is bought again.
        """
        pins = self.engine._pins
        if pins is None or id not in self._questions:
            return result
        stands = self._stands(id, node)
        if stands is None:
            pins.pin(node.conduct.label, self._questions[id], result)
            return result
        for name, blob in result.outputs.items():
            self._stand_ins[stands.outputs[name].digest] = blob.digest
        return stands

    async def _bought(self, id: Digest, node: Node, bound: BoundAction) -> ActionResult:
        """Have an ask answered; what it is made from is at hand before anything is bought."""
        buyer = self.engine._buyer
        if buyer is None:
            raise ActionFailed(f"the {node.action.mnemonic} would have to be bought, and nothing is bought here")
        paths = {bound.inputs[name]: path for name, path in (await self._fetched(node, bound)).items()}
        asking = _Asking(self, self._urgency[id] - node.conduct.expected, paths)

        async def answered() -> ActionResult:
            result = await buyer.bought(bound, node.conduct, asking)
            self.engine._cache.put(bound, result)
            return replace(result, facts={**result.facts, "cost_usd": asking.usd})

        return await self._made(id, bound, answered)

    async def asked(self, bound: BoundAction, conduct: Conduct, paths: Mapping[Digest, Path]) -> ActionResult:
        """Realize an action that stands in no plan; all who ask for it share the one run."""
        task = self._asked.get(bound.key)
        if task is None:
            task = self._asked[bound.key] = asyncio.create_task(self._aside(bound, conduct, paths))
        return await asyncio.shield(task)

    async def _aside(self, bound: BoundAction, conduct: Conduct, paths: Mapping[Digest, Path]) -> ActionResult:
        await self._recalled(bound)
        while (found := self._answer(bound)) is None:
            release = self.engine._workspaces.claim(bound.key)
            if release is None:
                await asyncio.sleep(TWIN_POLL_S)
                continue
            try:
                if self._answer(bound) is None and (made := await self._alone(bound, conduct, paths)) is not None:
                    return made
            finally:
                release()
        return found

    async def _alone(self, bound: BoundAction, conduct: Conduct, paths: Mapping[Digest, Path]) -> ActionResult | None:
        """Run an action that stands in no plan; `None` where another machine buys it, after a while."""
        behind = self.engine._behind
        if behind is None or not conduct.is_paid:
            return await self._run_aside(bound, conduct, paths)
        claim = await asyncio.to_thread(behind.claim, bound.key)
        if claim is None:
            await asyncio.to_thread(behind.look_again, bound.key)
            await asyncio.sleep(MACHINE_POLL_S)
            return None
        made: ActionResult | None = None
        renewing = asyncio.create_task(_renewed(behind, claim))
        try:
            await asyncio.to_thread(behind.look_again, bound.key)
            made = self._answer(bound)
            if made is None:
                made = await self._run_aside(bound, conduct, paths)
            return made
        finally:
            renewing.cancel()
            await asyncio.to_thread(behind.settle, claim, bound.key, made)

    async def _run_aside(self, bound: BoundAction, conduct: Conduct, paths: Mapping[Digest, Path]) -> ActionResult:
        """Run an action that stands in no plan: a vendor's job holds none of our slots."""
        inputs = {
            name: paths.get(digest) or await self._bytes(None, name, digest) for name, digest in bound.inputs.items()
        }
        if conduct.is_paid:
            result = await self._run(conduct, bound, inputs)
        else:
            async with self.engine._slots["cpu"].taken(conduct.expected + conduct.behind):
                result = await self._run(conduct, bound, inputs)
        self.engine._cache.put(bound, result)
        return result

    async def _recalled(self, bound: BoundAction) -> None:
        """Have what isn't here looked for behind the stores."""
        if self.engine._behind is not None and self._answer(bound) is None:
            await asyncio.to_thread(self.engine._behind.recall, bound.key, self.engine._cache.get(bound.key))

    def _answer(self, bound: BoundAction) -> ActionResult | None:
        return answer(self.engine._cas, self.engine._cache, bound)

    async def _inputs(self, node: Node) -> Mapping[Ref, Digest]:
        made = {}
        for ref in node.action.refs:
            result = await self._result(ref.action)
            made[ref] = result.outputs[ref.output].digest
        return made

    async def _result(self, id: Digest) -> ActionResult:
        """Wait for another action; a waiter's end cancels nobody's work."""
        try:
            return await asyncio.shield(self._tasks[id])
        except _Skipped as skipped:
            raise _Skipped(skipped.blame) from None
        except VidbuildError:
            raise _Skipped(id) from None

    async def _made(self, id: Digest, bound: BoundAction, make: Callable[[], Awaitable[ActionResult]]) -> ActionResult:
        """Make what an action asks for, and tell how it went."""
        where = self._where(id)
        started = time.monotonic()
        self.engine._sink(ActionStarted(id, bound.mnemonic, *where, self.graph.nodes[id].conduct.is_paid))
        error: str | None = STOPPED
        result = None
        try:
            result = await make()
            error = None
        except VidbuildError as failure:
            error = failure.sentence
            raise
        except Exception as failure:
            told = as_failure(failure)
            error = told.sentence
            raise told from failure
        finally:
            seconds = time.monotonic() - started
            cost = result.facts.get("cost_usd") if result else None
            self.engine._sink(ActionEnded(id, bound.mnemonic, *where, seconds, cost, error))
        self.outcome.ran[id] = (seconds, result)
        self.outcome.keys.setdefault(id, bound.key)
        return result

    async def _run_at_rest(self, id: Digest, bound: BoundAction, inputs: Mapping[str, Path]) -> ActionResult:
        """Run and record an action; one whose own file moved while it was read is bound and run once more."""
        conduct = self.graph.nodes[id].conduct
        result = await self._run(conduct, bound, inputs)
        moved = self._rebound(bound)
        if moved is not None:
            bound = moved
            result = await self._run(conduct, bound, inputs)
            if self._rebound(bound) is not None:
                raise ActionFailed("an own file changes while it is read", hint="build again when the file is at rest")
        self.engine._cache.put(bound, result)
        self.outcome.keys[id] = bound.key
        return result

    def _rebound(self, bound: BoundAction) -> BoundAction | None:
        """Bind again to own files that are not what they were, or say `None` when all stand."""
        moved = {name: self.engine._own.moved(digest) for name, digest in bound.inputs.items()}
        if not any(moved.values()):
            return None
        inputs = {name: moved[name] or digest for name, digest in bound.inputs.items()}
        return BoundAction(bound.mnemonic, bound.params, inputs, bound.outputs, bound.tool)

    async def _run(self, conduct: Conduct, bound: BoundAction, inputs: Mapping[str, Path]) -> ActionResult:
        """Run in a clean directory and take the outputs in, hashed."""
        engine = self.engine
        started = time.monotonic()
        with engine._workspaces.opened(inputs, bound.outputs) as workspace:
            facts = await engine._runner_of(bound, conduct).run(bound, conduct, workspace)
            blobs = {}
            for name, media_type in bound.outputs.items():
                path = workspace.outputs[name]
                if not path.is_file():
                    raise ActionFailed(f"{bound.mnemonic} ended without its output `{name}`")
                blobs[name] = await asyncio.to_thread(engine._cas.put, path, media_type)
        return ActionResult(blobs, {"seconds": round(time.monotonic() - started, 3), **facts})

    async def _fetched(self, node: Node, bound: BoundAction) -> Mapping[str, Path]:
        """Find the bytes of every input, before a slot is taken: a lost one is made again first."""
        sources = node.action.inputs
        return {name: await self._bytes(sources.get(name), name, digest) for name, digest in bound.inputs.items()}

    async def _bytes(self, source: Ref | Digest | None, name: str, digest: Digest) -> Path:
        """Find the bytes of an input or a finished file; a derived blob that is damaged or gone is made again, once."""
        own = self.engine._own.path(digest)
        if own is not None:
            return own
        found = await asyncio.to_thread(self.engine._cas.fetch, digest)
        if found is None and isinstance(source, Ref):
            again = (await self._again(source.action)).outputs[source.output].digest
            if again == digest or source.action in self._questions:
                found = await asyncio.to_thread(self.engine._cas.fetch, self._stand_ins.get(again, again))
        elif found is None and (buyer := self.engine._buyer) and await buyer.again(digest, _Asking(self, 0.0, {})):
            found = await asyncio.to_thread(self.engine._cas.fetch, digest)
        if found is None:
            facts = {"input": name, "digest": digest}
            raise ActionFailed("bytes that the store should hold are damaged or gone", facts, "build again")
        return found

    async def _again(self, id: Digest) -> ActionResult:
        """Realize an action anew whose result turned out to be damaged; all who find that share the one new run."""
        if id not in self._made_again:
            self._made_again.add(id)
            if id not in self.outcome.ran:
                self.outcome.hits -= 1
            self._tasks[id] = asyncio.create_task(self._realize(id))
        return await self._result(id)

    async def _ensure(self, end: Ref) -> None:
        """See that a finished file's bytes are there, whole."""
        result = self.outcome.results.get(end.action)
        if result is not None:
            try:
                await self._bytes(end, end.output, result.outputs[end.output].digest)
            except VidbuildError as error:
                self.outcome.failed.setdefault(end.action, error)
            except _Skipped:
                return

    def _where(self, id: Digest) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return shots_and_outputs(self.graph, id)


class _Asking:
    """The engine, as who answers one ask meets it.

    Args:
        behind: the longest path that waits for the answer.
    """

    def __init__(self, build: _Build, behind: float, paths: Mapping[Digest, Path]):
        self._build = build
        self._behind = behind
        self._paths = paths
        self.usd: float = 0

    async def result(self, action: BoundAction, conduct: Conduct) -> ActionResult:
        return await self._build.asked(action, replace(conduct, behind=self._behind), self._paths)

    def spent(self, usd: float) -> None:
        self.usd += usd


async def _renewed(behind: Behind, claim: Any) -> None:
    """Keep a claim as long as it is needed."""
    while True:
        await asyncio.sleep(RENEW_S)
        await asyncio.to_thread(behind.renew, claim)


def as_failure(error: Exception) -> VidbuildError:
    """Put any exception of a run into words: ours as they are, the system's as such, the rest as a mistake of ours."""
    if isinstance(error, VidbuildError):
        return error
    if isinstance(error, OSError) and error.errno == errno.ENOSPC:
        return ActionFailed("no room is left on the disk of the store", hint="make room, or name another store")
    if isinstance(error, OSError):
        facts = {"because": error.strerror or str(error), "file": str(error.filename or "unknown")}
        return ActionFailed("a file of the store can't be read or written", facts)
    return ActionFailed(f"BUG: {type(error).__name__}: {error}")
