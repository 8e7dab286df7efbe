"""The engine's conduct: what runs, in what order, what waits, what a failure takes with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from vidbuild.engine import Engine, Outcome
from vidbuild.paths import remaining_paths
from vidbuild.runners.base import Workspace
from vidbuild.testing.memory import MemoryActionCache, MemoryCas, MemoryFiles, RecordingRunner, TemporaryWorkspaces
from vidbuild.words.action import Action, BoundAction, Conduct, Deliverable, Graph, Node, Ref
from vidbuild.words.digest import Digest, digest_bytes
from vidbuild.words.events import ActionEnded, ActionHit, Event


class Bench:
    """An engine on memory doubles, with the runner's log and the events."""

    def __init__(self, folder: Path, slots: int = 1, fail_fast: bool = False):
        self.runner = RecordingRunner()
        self.cas = MemoryCas(folder / "cas")
        self.cache = MemoryActionCache()
        self.own = MemoryFiles()
        self.events: list[Event] = []
        self.workspaces = TemporaryWorkspaces(folder / "work")
        self.engine = Engine(
            self.cas, self.cache, lambda action, conduct: self.runner, self.own, self.workspaces,
            {"cpu": slots}, self.events.append, fail_fast,
        )  # fmt: skip

    def build(self, *actions: Action | Node) -> Outcome:
        self.runner.log.clear()
        return asyncio.run(self.engine.build(graph(*actions)))

    @property
    def ran(self) -> list[Any]:
        return [action.params["name"] for action in self.runner.log]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def step(name: str, *sources: Action, mnemonic: str = "Step", **params: Any) -> Action:
    inputs: dict[str, Ref | Digest] = {f"in{index}": Ref(source.id, "out") for index, source in enumerate(sources)}
    return Action(mnemonic, {"name": name, **params}, inputs, {"out": "text/plain"}, "tool")


def graph(*actions: Action | Node) -> Graph:
    nodes = [action if isinstance(action, Node) else Node(action) for action in actions]
    return Graph({node.action.id: node for node in nodes}, {}, ())


def test_inputs_are_made_before_what_is_made_from_them(bench: Bench) -> None:
    """A chain runs in order."""
    a = step("a")
    b = step("b", a)
    bench.build(a, b, step("c", b))
    assert bench.ran == ["a", "b", "c"]


def test_a_second_build_runs_nothing(bench: Bench) -> None:
    """Everything is a hit."""
    a = step("a")
    bench.build(a, step("b", a))
    outcome = bench.build(a, step("b", a))
    assert (bench.ran, outcome.hits) == ([], 2)


def test_what_comes_out_as_before_stops_the_change_there(bench: Bench, tmp_path: Path) -> None:
    """Early cutoff: keys hold the digests of inputs, not their recipes."""

    class Deaf(RecordingRunner):
        async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
            self.log.append(action)
            for path in workspace.outputs.values():
                path.write_text("always the same")
            return {}

    bench.runner = Deaf()
    first, second = step("a", seed=1), step("a", seed=2)
    bench.build(first, step("b", first))
    bench.build(second, step("b", second))
    assert bench.ran == ["a"]


def test_twins_with_one_key_run_once(bench: Bench) -> None:
    """Two actions of different ids that bind to one key share one run."""
    own = tmp_own(bench, b"content")
    a = Action("Step", {"name": "maker"}, {"file": own}, {"out": "t"}, "tool")
    b = Action("Step", {"name": "maker"}, {"file": own}, {"out": "t"}, "tool", pool="cpu")
    assert a.id == b.id
    left, right = step("x", mnemonic="L"), step("y", mnemonic="L")
    bench.runner = Same()
    twin1 = Action("Twin", {"name": "twin"}, {"in": Ref(left.id, "out")}, {"out": "t"}, "tool")
    twin2 = Action("Twin", {"name": "twin"}, {"in": Ref(right.id, "out")}, {"out": "t"}, "tool")
    outcome = bench.build(left, right, twin1, twin2)
    assert sorted(bench.ran) == ["twin", "x", "y"]
    assert outcome.hits == 1


class Same(RecordingRunner):
    """Makes the same bytes whatever it is asked."""

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        self.log.append(action)
        await asyncio.sleep(0.01)
        for path in workspace.outputs.values():
            path.write_text("same")
        return {}


def tmp_own(bench: Bench, content: bytes) -> Digest:
    path = bench.workspaces.folder.parent / "own.bin"
    path.write_bytes(content)
    digest = digest_bytes(content)
    bench.own.paths[digest] = path
    return digest


def test_a_failure_takes_only_what_depends_on_it(bench: Bench) -> None:
    """Keep-going is the default; who was not made knows for whose sake."""
    bad = step("bad", mnemonic="Bad")
    behind, beside = step("behind", bad), step("beside")
    bench.runner.fails.add("Bad")
    outcome = bench.build(bad, behind, beside)
    assert set(outcome.failed) == {bad.id}
    assert outcome.skipped == {behind.id: bad.id}
    assert set(outcome.results) == {beside.id}


def test_fail_fast_starts_nothing_after_a_failure(tmp_path: Path) -> None:
    """The first failure ends the build."""
    bench = Bench(tmp_path, fail_fast=True)
    bench.runner.fails.add("Bad")
    bad = Node(step("bad", mnemonic="Bad"), Conduct(expected=9))
    outcome = bench.build(bad, *(step(f"later{index}") for index in range(20)))
    assert len(outcome.ran) < 20
    assert len(outcome.failed) == 1


def test_a_failed_action_is_tried_again_by_the_next_build(bench: Bench) -> None:
    """A failure is remembered nowhere."""
    bad = step("bad", mnemonic="Bad")
    bench.runner.fails.add("Bad")
    bench.build(bad)
    bench.runner.fails.clear()
    assert set(bench.build(bad).ran) == {bad.id}


def test_the_longest_remaining_path_takes_the_slot_first(bench: Bench) -> None:
    """With one slot, the head of the long chain goes before an equal of no consequence."""
    lone, head = step("lone"), step("head")
    tail = Node(step("tail", head), Conduct(expected=10))
    blocker = Node(step("blocker"), Conduct(expected=100))
    bench.build(blocker, lone, head, tail)
    assert bench.ran.index("head") < bench.ran.index("lone")


def test_remaining_paths_add_up_towards_the_end() -> None:
    """An action's urgency is its own cost and the longest behind it."""
    a = step("a")
    b, c = step("b", a), step("c", a)
    nodes = (Node(a, Conduct(expected=1)), Node(b, Conduct(expected=2)), Node(c, Conduct(expected=5)))
    assert remaining_paths(graph(*nodes)) == {a.id: 6.0, b.id: 2.0, c.id: 5.0}


def test_no_slot_is_held_while_waiting_for_inputs(bench: Bench) -> None:
    """One slot is enough for a chain of a thousand."""
    actions = [step("0")]
    for index in range(1, 1000):
        actions.append(step(str(index), actions[-1]))
    assert len(bench.build(*actions).ran) == 1000


def test_a_lost_derived_blob_is_made_again(bench: Bench) -> None:
    """A record whose bytes are gone is a miss."""
    a = step("a")
    outcome = bench.build(a, step("b", a))
    path = bench.cas.fetch(outcome.results[a.id].outputs["out"].digest)
    assert path is not None
    path.unlink()
    bench.build(a, step("b", a))
    assert bench.ran == ["a"]


def test_a_damaged_input_is_made_again_before_it_is_used(bench: Bench) -> None:
    """It is found when its bytes are read, and its maker runs again."""
    a = step("a")
    outcome = bench.build(a)
    path = bench.cas.fetch(outcome.results[a.id].outputs["out"].digest)
    assert path is not None
    path.write_text("damaged")
    again = bench.build(a, step("b", a))
    assert bench.ran == ["a", "b"]
    assert again.failed == {}


def test_a_damaged_input_of_two_readers_is_made_again_once(bench: Bench) -> None:
    """Both find the damage; they share the one new run, and it is no hit any more."""
    a = step("a")
    outcome = bench.build(a)
    path = bench.cas.fetch(outcome.results[a.id].outputs["out"].digest)
    assert path is not None
    path.write_text("damaged")
    again = bench.build(a, step("b", a), step("c", a), step("d", a))
    assert sorted(bench.ran) == ["a", "b", "c", "d"]
    assert (again.failed, again.hits, len(again.ran)) == ({}, 0, 4)


def test_a_finished_file_that_is_damaged_is_made_again(bench: Bench) -> None:
    """Nobody reads a deliverable in the graph, so the engine looks at it at the end."""
    a = step("a")
    finished = Deliverable("o", None, "o.mp4", Ref(a.id, "out"), 1, Fraction(24), 2, 2, Fraction(1))
    whole = Graph({a.id: Node(a)}, {}, (finished,))
    outcome = asyncio.run(bench.engine.build(whole))
    path = bench.cas.fetch(outcome.results[a.id].outputs["out"].digest)
    assert path is not None
    path.write_text("damaged")
    again = asyncio.run(bench.engine.build(whole))
    assert (set(again.ran), again.hits, again.failed) == ({a.id}, 0, {})


def test_a_mistake_of_ours_fails_one_action_and_not_the_build(bench: Bench) -> None:
    """An exception that nobody expected is told as a bug, and the rest is finished."""

    class Buggy(RecordingRunner):
        async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
            if action.params["name"] == "bad":
                raise KeyError("oops")
            return await super().run(action, conduct, workspace)

    bench.runner = Buggy()
    bad, good = step("bad"), step("good")
    outcome = bench.build(bad, step("behind", bad), good)
    assert [error.sentence for error in outcome.failed.values()] == ["BUG: KeyError: 'oops'"]
    assert set(outcome.ran) == {good.id}


def test_an_own_file_that_moves_once_is_bound_again(bench: Bench) -> None:
    """The result is recorded under what was really read."""
    old, new = tmp_own(bench, b"old"), digest_bytes(b"new")
    action = Action("Step", {"name": "a"}, {"file": old}, {"out": "t"}, "tool")

    def move(bound: BoundAction) -> None:
        if bound.inputs["file"] == old:
            (bench.workspaces.folder.parent / "own.bin").write_bytes(b"new")
            bench.own.paths[new] = bench.own.paths[old]
            bench.own.moves[old] = new

    bench.runner.before = move
    outcome = bench.build(action)
    bound = BoundAction("Step", {"name": "a"}, {"file": new}, {"out": "t"}, "tool")
    assert outcome.keys[action.id] == bound.key
    assert set(bench.cache.results) == {bound.key}


def test_an_own_file_that_keeps_moving_is_an_error(bench: Bench) -> None:
    """Bound again once, then told."""
    old, new, newer = tmp_own(bench, b"old"), digest_bytes(b"new"), digest_bytes(b"newer")
    bench.own.paths |= {new: bench.own.paths[old], newer: bench.own.paths[old]}
    bench.own.moves |= {old: new, new: newer}
    outcome = bench.build(Action("Step", {"name": "a"}, {"file": old}, {"out": "t"}, "tool"))
    assert [error.sentence for error in outcome.failed.values()] == ["an own file changes while it is read"]
    assert bench.cache.results == {}


def test_every_action_is_told_once(bench: Bench) -> None:
    """Each either ran or was a hit."""
    a = step("a")
    bench.build(a)
    bench.events.clear()
    b = step("b", a)
    bench.build(a, b)
    told = [(type(event), event.id) for event in bench.events if isinstance(event, (ActionEnded, ActionHit))]
    assert told == [(ActionHit, a.id), (ActionEnded, b.id)]


def test_a_cancelled_build_keeps_what_was_finished_and_leaves_no_workspace(tmp_path: Path) -> None:
    """A waiter's end cancels nobody's work, the build's end cancels all of it."""
    bench = Bench(tmp_path)

    class Hangs(RecordingRunner):
        async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
            if action.params["name"] == "hang":
                await asyncio.sleep(60)
            return await super().run(action, conduct, workspace)

    bench.runner = Hangs()
    a = step("a")
    outcome = Outcome()

    async def run() -> None:
        async with asyncio.timeout(0.5):
            await bench.engine.build(graph(a, step("hang", a)), outcome)

    with pytest.raises(TimeoutError):
        asyncio.run(run())
    assert set(outcome.ran) == {a.id}
    assert list(bench.workspaces.folder.iterdir()) == []


def test_a_runner_that_ends_without_its_output_has_failed(bench: Bench) -> None:
    """Exit without a file is no success."""

    class Empty(RecordingRunner):
        async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
            return {}

    bench.runner = Empty()
    outcome = bench.build(step("a"))
    assert [error.sentence for error in outcome.failed.values()] == ["Step ended without its output `out`"]
