"""Any text is a project or a list of mistakes: never another exception, never a long wait."""

from __future__ import annotations

import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbuild.spec import reader
from vidbuild.spec.show import shown_project
from vidbuild.words.errors import SpecError

PIECES = [
    "vidbuild: 1\n", "model: kling-3\n", "shots:\n", "  - ", "    ", "prompt: ", "x",
    "file: a.mp4\n", "card: ", "{title: x}\n", "id: ", "a", "\n", "{", "}", "[", "]", ", ", ": ",
    "'", '"', " #", "&a ", "*a", "!t ", "|", ">", "{{ a }}", "{{", "{% if %}", "vars: ", "when: ",
    "include: ", "style: ", "with: ", "outputs: ", "youtube", "- ", "1", "1e9", "-3", ".nan",
    "null", "true", "16:9", "duration_s: ", "seed: ", "init_image: ", "a.last_frame", "\t", "\xe9",
    "\u2028", "\x00", "---\n", "<<: ", "? ", "audio: ", "music: ", "reframe: ", "focus: ",
    "options: ", "note: ", "cast: ", "image: ", "description: ", "{{ cast.a }}", "say: ", "text: ",
    "by: ", "voice: ", "sfx: ", "take: ", "takes: ", "k7", "profiles: ", "judge: ", "needs: ", "exact: ",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=200) | st.lists(st.sampled_from(PIECES), max_size=40).map("".join))
def test_the_reader_survives_any_text(text: str) -> None:
    """It gives a root or problems, or both."""
    reading = reader.read(text, "p.yaml")
    assert reading.root is not None or reading.problems


TEXTS = given(st.lists(st.sampled_from(PIECES), min_size=3, max_size=40).map("".join))
BYTES = given(st.binary(max_size=300))
SOME = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@SOME
@TEXTS
def test_the_door_survives_any_text(desk, text: str) -> None:
    """It gives a project that can be shown, or mistakes that can be told."""
    start = time.monotonic()
    comes_in(desk, "vidbuild: 1\nmodel: kling-3\nshots:\n  - prompt: x\n" + text)
    assert time.monotonic() - start < 5


@SOME
@BYTES
def test_the_door_survives_any_bytes(desk, data: bytes) -> None:
    """Files of other programs are refused in words."""
    comes_in(desk, data)


@pytest.mark.slow
@MANY
@TEXTS
def test_the_door_survives_many_texts(desk, text: str) -> None:
    """The same, at length."""
    comes_in(desk, "vidbuild: 1\nmodel: kling-3\nshots:\n  - prompt: x\n" + text)


@pytest.mark.slow
@MANY
@BYTES
def test_the_door_survives_many_files(desk, data: bytes) -> None:
    """The same, at length."""
    comes_in(desk, data)


def comes_in(desk, written: str | bytes) -> None:
    try:
        told = shown_project(desk.load(written).project)
    except SpecError as error:
        told = error.text()
    assert told
