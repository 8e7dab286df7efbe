"""A key written into a project's text: the line changes, and nothing else."""

from __future__ import annotations

import pytest
import yaml

from vidbuild.spec.edits import with_key
from vidbuild.words.errors import Mark


def marks(text: str, shot: str, **values: str) -> dict[str, Mark]:
    """Say where a shot begins and where the values of its keys stand, by texts that come once."""
    return {"": _mark(text, shot), **{key: _mark(text, value) for key, value in values.items()}}


def _mark(text: str, part: str) -> Mark:
    assert text.count(part) == 1
    before = text[: text.index(part)]
    return Mark("p", before.count("\n") + 1, len(before) - before.rfind("\n"))


BLOCK = "shots:\n  - id: pour  # the first\n    prompt: a cup\n"
FLOW = "shots:\n- {id: pour, prompt: a cup}  # short\n"
JSON = '{"shots": [\n  {\n    "id": "pour",\n    "prompt": "a cup"\n  }\n]}\n'
SHORT = '{"shots": [{"id": "pour", "prompt": "a cup"}]}\n'


@pytest.mark.parametrize(
    ("text", "shot", "value", "line"),
    [
        (BLOCK, "id: pour", "2", "    take: 2\n"),
        (BLOCK, "id: pour", "k1a2b3c", "    take: k1a2b3c\n"),
        (FLOW, "{id", "2", "- {take: 2, id: pour, prompt: a cup}  # short\n"),
        (JSON, '{\n    "id', "2", '    "take": 2,\n'),
        (JSON, '{\n    "id', "k1a2b3c", '    "take": "k1a2b3c",\n'),
        (SHORT, '{"id', "k1a2b3c", '{"shots": [{"take": "k1a2b3c", "id": "pour", "prompt": "a cup"}]}\n'),
    ],
)
def test_a_key_is_added_as_the_text_is_written(text: str, shot: str, value: str, line: str) -> None:
    """In blocks, in flow mappings, in JSON; comments stay."""
    edited = with_key(text, marks(text, shot), "take", value)
    assert edited is not None
    assert line in edited.splitlines(keepends=True)
    assert str(yaml.safe_load(edited)["shots"][0]["take"]) == value
    assert edited.count("#") == text.count("#")


@pytest.mark.parametrize(
    ("written", "value", "becomes"),
    [
        ("take: 1", "2", "take: 2"),
        ("take: k1a2b3c", "2", "take: 2"),
        ("take: 'k1a2b3c'", "2", "take: 2"),
        ('take: "k1a2b3c"', "k4d5e6f", "take: k4d5e6f"),
        ('"take": 1', "k1a2b3c", '"take": "k1a2b3c"'),
        ('"take": "k1a2b3c"', "1", '"take": 1'),
    ],
)
def test_a_value_is_replaced_whatever_its_quotes(written: str, value: str, becomes: str) -> None:
    """A number stays one; JSON stays JSON."""
    text = f"shots: [{{{written}, prompt: x}}]  # {{}}\n"
    edited = with_key(text, marks(text, "{" + written, take=written.partition(": ")[2]), "take", value)
    assert edited == text.replace(written, becomes)


def test_what_takes_a_hand_is_not_touched() -> None:
    """A value that is no plain word."""
    text = "shots: [{take: *one, prompt: x}]\n"
    assert with_key(text, marks(text, "{take", take="*one"), "take", "2") is None
