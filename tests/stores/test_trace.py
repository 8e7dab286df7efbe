"""The trace: it says "nothing changed" only when nothing did."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from vidbuild.stores import trace
from vidbuild.stores.trace import Looked

ENDED = {"hits": 3, "deliverables": [], "warnings": []}


class World:
    """A traced world: a file, an absent name, a folder, a variable."""

    def __init__(self, folder: Path):
        self.file, self.absent, self.listed = folder / "file", folder / "absent", folder / "listed"
        self.made = folder / "made"
        self.file.write_text("content")
        self.made.write_text("finished")
        self.listed.mkdir()
        self.path = folder / "trace"
        self.environ: dict[str, str] = {"VARIABLE": "open sesame"}
        os.utime(self.file, ns=(1, 1))
        time.sleep(0.03)
        self.started_ns = time.time_ns()

    def write(self) -> None:
        made = {str(self.made): hashlib.sha256(b"finished").hexdigest()}
        looked = Looked({str(self.file)}, made, {str(self.absent)}, variables={"VARIABLE", "OTHER"})
        looked.list_folder(self.listed)
        trace.write(self.path, looked, ENDED, self.started_ns, self.environ)

    def unchanged(self) -> Mapping[str, Any] | None:
        return trace.unchanged(self.path, self.environ)


@pytest.fixture
def world(tmp_path: Path) -> World:
    made = World(tmp_path)
    made.write()
    return made


def test_an_untouched_world_is_unchanged(world: World) -> None:
    """It gives what the build ended with."""
    assert world.unchanged() == ENDED


def test_what_a_build_left_counts_not_what_lies_there_when_its_trace_is_written(tmp_path: Path) -> None:
    """A finished file that somebody else wrote over before the trace was isn't taken for the build's."""
    world = World(tmp_path)
    world.made.write_text("FINISHED")
    world.write()
    assert world.unchanged() is None


def set_variable(world: World) -> None:
    world.environ["OTHER"] = "set"


def same_size(world: World) -> None:
    world.file.write_text("CONTENT")
    os.utime(world.file, ns=(1, 1))


CHANGES: dict[str, Callable[[World], object]] = {
    "a file's content": lambda world: world.file.write_text("other"),
    "a file's content, of the same size and mtime": same_size,
    "a finished file's content": lambda world: world.made.write_text("edited"),
    "a finished file is gone": lambda world: world.made.unlink(),
    "a file is gone": lambda world: world.file.unlink(),
    "an absent name appears": lambda world: world.absent.write_text(""),
    "a folder gains a name": lambda world: (world.listed / "new").write_text(""),
    "a folder is gone": lambda world: world.listed.rmdir(),
    "a variable": lambda world: world.environ.update(VARIABLE="other"),
    "a variable is set": set_variable,
    "a variable is unset": lambda world: world.environ.clear(),
    "the trace is torn": lambda world: world.path.write_text(world.path.read_text()[:50]),
    "the trace lacks what it ended with": lambda world: world.path.write_text(
        world.path.read_text().replace("hits", "h")
    ),
    "the trace is garbage": lambda world: world.path.write_bytes(b"\0\xff"),
    "the trace is of another form": lambda world: world.path.write_text('{"vidbuild_trace": 2}'),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(change: str, world: World) -> None:
    """Whatever was looked at counts."""
    CHANGES[change](world)
    assert world.unchanged() is None


DURING: dict[str, Callable[[World], object]] = {
    "a file that was read is edited": lambda world: world.file.write_text("edited"),
    "a name that was absent appears": lambda world: world.absent.write_text(""),
}


@pytest.mark.parametrize("change", DURING)
def test_no_trace_is_written_when_something_moves_while_a_build_runs(change: str, world: World) -> None:
    """The build may have read the old content: the next one looks for itself."""
    DURING[change](world)
    world.write()
    assert not world.path.exists()


def test_a_finished_file_is_judged_by_its_content_while_it_is_young(world: World) -> None:
    """A write within the clock's grain leaves the stamp as it is: the content tells."""
    text = world.path.read_text()
    digest = trace._content(str(world.made))
    assert digest in text
    world.path.write_text(text.replace(digest, "0" * 64))
    assert world.unchanged() is None


def test_no_value_of_a_variable_is_in_a_trace(world: World) -> None:
    """One might be a secret."""
    assert "open sesame" not in world.path.read_text()


def test_the_trace_needs_the_standard_library_alone() -> None:
    """It is read before anything else is imported."""
    import subprocess
    import sys

    heavy = ("yaml", "asyncio", "diskcache", "click")
    code = f"import sys, vidbuild.stores.trace; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"
