"""Pins: paid keys are bound from what the lock says, and planning, survey and engine say so alike.

The engine here is the real one, on stores in memory, with a buyer that buys at once; its runner makes other bytes for
another ffmpeg, so that nothing but a pin can hold a paid key where it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    FFMPEG,
    FONT,
    MUSIC,
    OWN,
    PORTRAIT,
    TYPEFACES,
    Shop,
    card,
    cast,
    film,
    filmed,
    last_of,
    line,
    shot,
)

from vidbuild.engine import Engine, Outcome
from vidbuild.plan import attempts
from vidbuild.plan.known import Known
from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request, World
from vidbuild.runners.base import Asking
from vidbuild.spec.model import CastPicture, FilePicture, Member, MomentOf, Project
from vidbuild.stores.lockfile import LockedCache, LockFile
from vidbuild.survey import Memories, Standing, survey
from vidbuild.testing.memory import MemoryActionCache, MemoryCas, MemoryFiles, RecordingRunner, TemporaryWorkspaces
from vidbuild.words.action import Action, ActionResult, Blob, BoundAction, Conduct, Graph, Node, Ref
from vidbuild.words.digest import Digest, digest_bytes, digest_of
from vidbuild.words.locked import Bought, Lock, Pin, attempt_id, question_of

NEWER = "ffmpeg version 10 sha256:1"


@dataclass
class AtOnce:
    """A buyer whose first attempt always passes."""

    lock: LockFile
    bills: list[Digest] = field(default_factory=list)

    async def bought(self, ask: BoundAction, conduct: Conduct, asking: Asking) -> ActionResult:
        self.bills.append(ask.key)
        attempt = attempts.attempt(ask, conduct.hires[0], 0, ())
        result = await asking.result(attempt, conduct)
        seconds = Fraction(ask.params["seconds"]) if "seconds" in ask.params else None
        entry = Bought(attempt_id(attempt.key), attempt.key, "m", 0, "v/1", None, "2026-11-20", result.outputs)
        self.lock.bought(conduct.label, ask.key, attempts.unsized(ask), seconds, ask.params["take"], entry)
        self.lock.circle(ask.key, attempt.key)
        return result

    async def again(self, digest: Digest, asking: Asking) -> bool:
        return False

    def kept(self, ask: BoundAction, conduct: Conduct, result: ActionResult) -> None:
        pass


class Bench:
    """A project's folder, its lock and a store, and builds with one ffmpeg or another."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.lock = LockFile(folder / "vidbuild.lock")
        self.cas = MemoryCas(folder / "cas")
        self.cache = MemoryActionCache()
        self.own = MemoryFiles()
        self.files = {name: self._written(name) for name in OWN}
        self.own.paths[FONT.digest] = folder / "cup.png"
        self.ffmpeg = FFMPEG
        self.runner = RecordingRunner()

    def _written(self, name: str) -> Any:
        content = f"content of {name}".encode()
        path = self.folder / name
        path.write_bytes(content)
        self.own.paths[digest_bytes(content)] = path
        return replace(OWN[name], digest=digest_bytes(content))

    def planned(self, project: Project) -> Graph:
        found = plan(project, World(CATALOG, self.files, self.ffmpeg, self.lock.value, typefaces=TYPEFACES), Request())
        assert found.graph is not None, found.problems
        return found.graph

    def build(self, graph: Graph) -> tuple[Outcome, list[Digest]]:
        """Build; give the outcome and the asks that were bought."""
        self.runner.log.clear()
        buyer, cache = AtOnce(self.lock), LockedCache(self.lock, self.cache)
        engine = Engine(
            self.cas, cache, lambda action, conduct: self.runner, self.own, TemporaryWorkspaces(self.folder / "w"),
            {"cpu": 2}, lambda event: None, False, buyer, cache,
        )  # fmt: skip
        outcome = asyncio.run(engine.build(graph))
        assert outcome.failed == {}
        return outcome, buyer.bills

    def clone(self) -> None:
        """Forget all that was made here; what was bought can be had again."""
        paid = {blob.digest for bought in self.lock.value.bought.values() for blob in bought.outputs.values()}
        for path in (self.folder / "cas").iterdir():
            if path.name not in paid:
                path.unlink()
        self.cache = MemoryActionCache()

    def ran(self, mnemonic: str) -> int:
        return sum(action.mnemonic == mnemonic for action in self.runner.log)


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


CHAIN = film(shot("a"), shot("b", "it goes on", init=last_of("a")), shot("c", "elsewhere", end=last_of("a")))
DRAWN = Member("drawn", "", (replace(PORTRAIT, cast=("anna",)),))
FILMS: Mapping[str, Project] = {
    "a chain": CHAIN,
    "a fixed time": film(shot("a"), shot("b", "x", init=MomentOf("a", Fraction(3, 2)))),
    "own footage": film(filmed("plate", "2", in_s=Fraction(1)), shot("b", "x", init=last_of("plate"))),
    "a file": film(shot("b", "x", init=FilePicture("cup.png"))),
    "a card": film(card("title"), shot("b", "x", init=last_of("title"))),
    "a card with a logo": film(
        card("title", logo="logo.png", background=FilePicture("cup.png")), shot("b", "x", init=last_of("title"))
    ),
    "a card on a paid picture": film(
        shot("a"), card("title", background=last_of("a")), shot("b", "x", init=last_of("title"))
    ),
    "a local take": film(shot("a", models=("local/animatic",)), shot("b", "x", init=last_of("a"))),
    "a local take between": film(
        shot("a"), shot("b", "x", init=last_of("a"), models=("local/animatic",)), shot("c", "y", init=last_of("b"))
    ),
    "a local take from a file": film(
        shot("a", init=FilePicture("cup.png"), models=("local/animatic",)), shot("b", "x", init=last_of("a"))
    ),
    "a member": film(shot("a", references=("anna",)), cast=cast(ANNA)),
    "a member that is drawn": film(shot("a", references=("drawn",)), cast=cast(ANNA, DRAWN)),
    "a member that is a shot": film(
        shot("a"), shot("b", "x", references=("seen",)), cast=cast(Member("seen", "", (last_of("a"),)))
    ),
    "a local still": film(shot("a", init=replace(PORTRAIT, models=("local/still",)))),
    "all at once": film(
        shot("a", takes=2), shot("b", "x", init=last_of("a"), end=CastPicture("drawn")), card("t"),
        shot("c", "y", init=last_of("t"), references=("anna",)),
        cast=cast(ANNA, DRAWN), lines=(line(),), music=(MUSIC,),
    ),
}  # fmt: skip


def paid(graph: Graph) -> list[Digest]:
    """Name the actions that are bought."""
    return [id for id, node in graph.nodes.items() if node.conduct.is_paid]


def surveyed(bench: Bench, graph: Graph) -> dict[Digest, Any]:
    """Look at a graph with nothing but the lock."""
    lock = bench.lock.value

    def locked(key: Digest) -> ActionResult | None:
        asked = lock.asks.get(key)
        return ActionResult(asked.answer.outputs) if asked and asked.answer else None

    def pinned(question: Digest) -> ActionResult | None:
        pin = lock.pins.get(question)
        return ActionResult(pin.outputs) if pin else None

    return dict(survey(graph, Memories(lambda bound: None, locked=locked, pinned=pinned)))


@pytest.mark.parametrize("name", FILMS)
def test_planning_survey_and_engine_bind_paid_actions_alike(name: str, bench: Bench) -> None:
    """With the lock alone: nothing that was made here is at hand, and another ffmpeg would make it otherwise."""
    _, bills = bench.build(bench.planned(FILMS[name]))
    bench.ffmpeg = NEWER
    graph = bench.planned(FILMS[name])
    known = Known(bench.lock.value)
    for node in graph.nodes.values():
        known.note(node.action, node.conduct)
    planned = {id: bound.key for id in paid(graph) if (bound := known.bound(graph.nodes[id].action))}
    seen = {id: standing.bound.key for id, standing in surveyed(bench, graph).items() if id in paid(graph)}
    bench.clone()
    outcome, again = bench.build(graph)
    built = {id: outcome.keys[id] for id in paid(graph)}
    assert planned == seen == built
    assert (sorted(set(built.values())), again) == (sorted(set(bills)), [])


NEEDED = {
    "a card with a logo": 2,
    "a card on a paid picture": 1,
    "a local take between": 1,
    "a local take from a file": 1,
}
"""How many pictures are needed for what is shown: cards and local takes are made here again."""


@pytest.mark.parametrize("name", FILMS)
def test_a_pinned_step_does_not_run_while_nothing_is_bought(name: str, bench: Bench) -> None:
    """Binding needs digests, not bytes."""
    bench.build(bench.planned(FILMS[name]))
    bench.clone()
    bench.build(bench.planned(FILMS[name]))
    assert bench.ran("Frame") == NEEDED.get(name, 0)


def edited(project: Project, id: str, prompt: str) -> Project:
    """Give a shot another prompt."""
    found = [
        replace(each, source=replace(each.source, prompt=prompt)) if each.id == id else each for each in project.shots
    ]
    return replace(project, shots=tuple(found))


def test_what_must_be_bought_is_bound_to_the_pin_and_gets_what_is_made_for_it_now(bench: Bench) -> None:
    """Another ffmpeg draws other bytes: the pin stands, and nobody else is bought again for their sake."""
    bench.build(bench.planned(CHAIN))
    pins = dict(bench.lock.value.pins)
    bench.clone()
    bench.ffmpeg = NEWER
    for prompt in ("it goes on and on", "it goes on for ever"):
        _, bills = bench.build(bench.planned(edited(CHAIN, "b", prompt)))
        assert len(bills) == 1
        assert dict(bench.lock.value.pins) == pins
    assert bench.ran("Frame") <= 1
    _, bills = bench.build(bench.planned(CHAIN))
    assert bills == []


def test_a_picture_made_again_reaches_everybody_by_its_pinned_name(bench: Bench) -> None:
    """Also who asks for it after it was made again: `d` waits for a chain of steps that are made here."""
    local = [shot("0", "0", "1", models=("local/animatic",))]
    for number in range(1, 4):
        before = last_of(f"{number - 1}")
        local.append(shot(f"{number}", f"{number}", "1", init=before, models=("local/animatic",)))
    late = shot("d", "late", init=last_of("3"), end=last_of("a"))
    later = film(*CHAIN.shots, *local, late)
    bench.build(bench.planned(later))
    locked = set(bench.lock.value.asks)
    bench.clone()
    bench.ffmpeg = NEWER
    _, bills = bench.build(bench.planned(edited(later, "c", "another place")))
    assert len(bills) == 1
    assert set(bench.lock.value.asks) == locked | set(bills)


def test_another_ffmpeg_without_a_pin_makes_another_key(bench: Bench) -> None:
    """So the tests above are held up by the pin alone."""
    first, _ = bench.build(bench.planned(CHAIN))
    bench.lock.forget(pins=set(bench.lock.value.pins))
    bench.clone()
    bench.ffmpeg = NEWER
    _, bills = bench.build(bench.planned(CHAIN))
    assert len(bills) == 2
    assert set(first.keys.values()) & set(bills) == set()


def test_a_pin_is_written_under_the_shot_that_the_picture_is_of(bench: Bench) -> None:
    """Or the member."""
    bench.build(bench.planned(FILMS["all at once"]))
    found = {
        label: sum(isinstance(entry, Pin) for entry in entries) for label, entries in bench.lock.value.made.items()
    }
    assert found == {
        "audio": 0, "cast anna": 1, "cast drawn": 1, "say pour": 0, "shot a": 1, "shot b": 0, "shot c": 0, "shot t": 1,
    }  # fmt: skip


def test_nothing_is_pinned_that_no_paid_key_hangs_on(bench: Bench) -> None:
    """A local take may start from a picture too."""
    project = film(shot("a"), shot("b", "x", init=last_of("a"), models=("local/animatic",)), card("t", logo="logo.png"))
    bench.build(bench.planned(project))
    assert dict(bench.lock.value.pins) == {}


def test_questions_stand_only_where_paid_keys_hang_on_them() -> None:
    """Of two cards the one that a take starts from, at the size that it is drawn for it."""
    project = film(card("t"), card("u", subtitle="x"), shot("a", init=last_of("t")), cast=cast(ANNA))
    graph = Shop().planned(project)
    asked = [node.conduct.question for node in graph.nodes.values() if node.conduct.question is not None]
    assert asked == [{"card": {"title": "The title"}, "size": [1920, 1080]}]


def test_a_draft_has_no_questions() -> None:
    """It pins nothing."""
    graph = Shop().planned(FILMS["all at once"], Request(draft=True))
    assert [node for node in graph.nodes.values() if node.conduct.question is not None] == []


def test_who_is_waited_for_is_known() -> None:
    """Paid actions that other paid ones start from, at whatever distance."""
    project = film(
        shot("a"), shot("b", "x", init=last_of("a"), models=("local/animatic",)), shot("c", "y", init=last_of("b")),
        shot("d", "z"), shot("e", "v", references=("drawn",)), cast=cast(ANNA, DRAWN), lines=(line(),),
    )  # fmt: skip
    graph = Shop().planned(project)
    waited = {
        str(node.action.params.get("prompt", "line")): node.conduct.is_awaited
        for node in graph.nodes.values()
        if node.conduct.is_paid
    }
    assert waited == {"a cup": True, "y": False, "z": False, "v": False, "portrait of Anna": True, "line": False}


def frame(source: Any, tool: str = FFMPEG, argv: str = "x", **said: str) -> Node:
    """Give a step that paid keys are bound from."""
    action = Action("Frame", {"steps": [argv]}, {"clip": source}, {"picture": "image/png"}, tool)
    return Node(action, Conduct(question=said or {"picture": "whole"}))


def pin_for(node: Node, inputs: Mapping[str, Digest], outputs: Mapping[str, str]) -> Pin:
    """Give the pin of a step, found by what its inputs are called."""
    question = question_of("Frame", node.conduct.question or {}, inputs)
    return Pin(question, {name: Blob(digest_of(it), 1, "image/png") for name, it in outputs.items()})


@pytest.mark.parametrize(
    ("other", "is_found"),
    [
        (frame(digest_of("cup")), True),
        (frame(digest_of("cup"), tool=NEWER), True),
        (frame(digest_of("cup"), argv="mended"), True),
        (frame(digest_of("other")), False),
        (frame(digest_of("cup"), **{"picture at": "2"}), False),
    ],
    ids=["the same", "another ffmpeg", "another argv", "another file", "another time"],
)
def test_a_pin_is_found_by_its_question(other: Node, is_found: bool) -> None:
    """Hashed without argv and tool."""
    pin = pin_for(frame(digest_of("cup")), {"clip": digest_of("cup")}, {"picture": "pixels"})
    known = Known(Lock(made={"shot a": (pin,)}))
    known.note(other.action, other.conduct)
    paid = Action("Footage", {}, {"init": Ref(other.action.id, "picture")}, {"video": "v"}, "m@1")
    bound = known.bound(paid)
    assert (bound is not None) == is_found
    assert bound is None or bound.inputs == {"init": digest_of("pixels")}


def test_a_pin_that_lacks_an_output_is_none(bench: Bench) -> None:
    """Whoever wrote it: the step is made, and the pin is whole again."""
    bench.build(bench.planned(CHAIN))
    (pin,) = bench.lock.value.pins.values()
    bench.lock.pin("shot a", Pin(pin.question, {"sound": pin.outputs["picture"]}))
    graph = bench.planned(CHAIN)
    standings = {standing.standing for id, standing in surveyed(bench, graph).items() if id in paid(graph)}
    assert standings == {Standing.LOST, Standing.UNKNOWN}
    drawn = [surveyed(bench, graph)[id] for id, node in graph.nodes.items() if node.action.mnemonic == "Frame"]
    assert [standing.standing for standing in drawn] == [Standing.RUN]
    _, bills = bench.build(graph)
    assert bills == []
    assert bench.lock.value.pins[pin.question] == pin


def test_a_local_take_is_called_by_its_ask() -> None:
    """What it starts from is in it, and it must be known."""
    local = Action("Footage", {"prompt": "x"}, {}, {"video": "v"}, "local/animatic@1")
    drawn = frame(Ref(local.id, "video"))
    name = BoundAction("Footage", {"prompt": "x"}, {}, {"video": "v"}, "local/animatic@1").key
    known = Known(Lock(made={"shot a": (pin_for(drawn, {"clip": name}, {"picture": "pixels"}),)}))
    for node in (Node(local), drawn):
        known.note(node.action, node.conduct)
    paid = Action("Footage", {}, {"init": Ref(drawn.action.id, "picture")}, {"video": "v"}, "m@1")
    assert known.bound(paid) is not None


def test_what_starts_from_something_unbought_is_not_known_yet(bench: Bench) -> None:
    """The survey says whom it waits for."""
    graph = bench.planned(CHAIN)
    found = [standing.standing for id, standing in surveyed(bench, graph).items() if id in paid(graph)]
    assert found == [Standing.RUN, Standing.UNKNOWN, Standing.UNKNOWN]
