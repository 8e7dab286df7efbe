"""The property: after any edits, an incremental build gives what a clean one gives (*Build Systems à la Carte*).

It must hold, and it must fail for every key that forgets something.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from vidbuild.engine import Engine
from vidbuild.testing.memory import MemoryActionCache, MemoryCas, MemoryFiles, RecordingRunner, TemporaryWorkspaces
from vidbuild.words.action import Action, BoundAction, Graph, Node, Ref
from vidbuild.words.digest import Digest, digest_bytes, digest_of


@dataclass(frozen=True)
class Step:
    """One step of a made-up project: what it says, and which earlier steps it is made from, under which slots."""

    mnemonic: str
    param: int
    tool: str
    sources: tuple[tuple[str, int], ...]
    file: int | None


def steps(size: int) -> st.SearchStrategy[list[Step]]:
    def one(index: int) -> st.SearchStrategy[Step]:
        source = st.tuples(st.sampled_from(["left", "right"]), st.integers(0, max(0, index - 1)))
        return st.builds(
            Step,
            st.sampled_from(["Footage", "Segment", "Mix"]),
            st.integers(0, 2),
            st.sampled_from(["tool@1", "tool@2"]),
            st.lists(source, min_size=min(index, 2), max_size=2 if index else 0, unique_by=lambda pair: pair[0]).map(
                tuple
            ),
            st.one_of(st.none(), st.integers(0, 1)),
        )

    return st.tuples(*(one(index) for index in range(size))).map(list)


Version = tuple[list[Step], tuple[int, int]]
edits = st.lists(
    st.tuples(st.sampled_from(["param", "tool", "mnemonic", "swap", "file"]), st.integers(0, 4), st.integers(0, 2)),
    min_size=1,
    max_size=3,
)
sessions = st.tuples(steps(5), edits).map(lambda session: versions(*session))


def versions(project: list[Step], changes: list[tuple[str, int, int]]) -> list[Version]:
    """Give a project before and after each edit."""
    files = (0, 0)
    found = [(project, files)]
    for kind, index, value in changes:
        step = project[index]
        if kind == "file":
            files = (value, files[1]) if index % 2 else (files[0], value)
        elif kind == "swap":
            other = {"left": "right", "right": "left"}
            step = replace(step, sources=tuple((other[slot], source) for slot, source in step.sources))
        elif kind == "param":
            step = replace(step, param=value)
        elif kind == "tool":
            step = replace(step, tool=f"tool@{value}")
        else:
            step = replace(step, mnemonic=("Footage", "Segment", "Mix")[value])
        project = [*project[:index], step, *project[index + 1 :]]
        found.append((project, files))
    return found


def graph_of(
    project: list[Step], files: tuple[int, int], paths: MemoryFiles, folder: Path
) -> tuple[Graph, list[Digest]]:
    nodes: dict[Digest, Node] = {}
    ids: list[Digest] = []
    for step in project:
        inputs: dict[str, Ref | Digest] = {slot: Ref(ids[index], "out") for slot, index in step.sources}
        if step.file is not None:
            content = f"file {files[step.file]}".encode()
            path = folder / str(files[step.file])
            path.write_bytes(content)
            inputs["file"] = digest_bytes(content)
            paths.paths[digest_bytes(content)] = path
        action = Action(step.mnemonic, {"param": step.param}, inputs, {"out": "text/plain"}, step.tool)
        nodes[action.id] = Node(action)
        ids.append(action.id)
    return Graph(nodes, {}, ()), ids


def built(
    project: list[Step], files: tuple[int, int], cas: MemoryCas, cache: MemoryActionCache, folder: Path
) -> list[bytes]:
    """Build and give what every step came to."""
    own = MemoryFiles()
    graph, ids = graph_of(project, files, own, folder)
    runner = RecordingRunner()
    engine = Engine(
        cas,
        cache,
        lambda action, conduct: runner,
        own,
        TemporaryWorkspaces(folder / "w"),
        {"cpu": 2},
        lambda event: None,
    )
    outcome = asyncio.run(engine.build(graph))
    contents = []
    for id in ids:
        path = cas.fetch(outcome.results[id].outputs["out"].digest)
        assert path is not None
        contents.append(path.read_bytes())
    return contents


def check(session: list[Version]) -> None:
    """Run a session of edits on one store, each compared with a build from an empty one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cas, cache = MemoryCas(folder / "cas"), MemoryActionCache()
        for number, (project, files) in enumerate(session):
            clean = built(project, files, MemoryCas(folder / f"clean{number}"), MemoryActionCache(), folder)
            assert built(project, files, cas, cache, folder) == clean


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(sessions)
def test_an_incremental_build_gives_what_a_clean_one_gives(session: list[Version]) -> None:
    """Whatever was edited in between."""
    check(session)


def without(field: str) -> Callable[[BoundAction], Digest]:
    """Make a key that forgets a field."""

    def key(action: BoundAction) -> Digest:
        record = action.record()
        if field == "slots":
            record["inputs"] = sorted(record["inputs"].values())
        else:
            del record[field]
        return digest_of(record)

    return key


MUTATIONS = {
    "inputs": ([Step("Mix", 0, "t", (), 0)], (0, 0), [Step("Mix", 0, "t", (), 0)], (1, 0)),
    "params": ([Step("Mix", 0, "t", (), None)], (0, 0), [Step("Mix", 1, "t", (), None)], (0, 0)),
    "tool": ([Step("Mix", 0, "t@1", (), None)], (0, 0), [Step("Mix", 0, "t@2", (), None)], (0, 0)),
    "mnemonic": ([Step("Mix", 0, "t", (), None)], (0, 0), [Step("Segment", 0, "t", (), None)], (0, 0)),
    "slots": (
        [
            Step("A", 0, "t", (), None),
            Step("B", 0, "t", (), None),
            Step("Mix", 0, "t", (("left", 0), ("right", 1)), None),
        ],
        (0, 0),
        [
            Step("A", 0, "t", (), None),
            Step("B", 0, "t", (), None),
            Step("Mix", 0, "t", (("left", 1), ("right", 0)), None),
        ],
        (0, 0),
    ),
}


@pytest.mark.parametrize("field", MUTATIONS)
def test_a_key_that_forgets_something_fails_the_property(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part of the record is there because a build would be wrong without it."""
    before, files, after, later = MUTATIONS[field]
    monkeypatch.setattr(BoundAction, "key", property(without(field)))
    with pytest.raises(AssertionError):
        check([(before, files), (after, later)])


@pytest.mark.parametrize("field", MUTATIONS)
def test_random_sessions_find_a_key_that_forgets_something(field: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The property is strong enough to catch each mutation by itself."""
    monkeypatch.setattr(BoundAction, "key", property(without(field)))

    @settings(
        max_examples=200,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        report_multiple_bugs=False,
    )
    @given(sessions)
    def property_holds(session: list[Version]) -> None:
        check(session)

    with pytest.raises(AssertionError):
        property_holds()


def test_the_sessions_of_the_mutations_hold_with_the_whole_key() -> None:
    """They fail for the mutation's sake alone."""
    for before, files, after, later in MUTATIONS.values():
        check([(before, files), ([replace(step) for step in after], later)])
