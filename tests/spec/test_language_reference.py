"""docs/language.md is what the schema says: every key with a form, a sample that holds, and what it makes again."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from vidbuild.spec import reader
from vidbuild.spec.tree import plain

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import write_language  # noqa: E402 - a tool, not a module of the package

PAGE = (ROOT / "docs/language.md").read_text()
HAND, _, WRITTEN = PAGE.partition(write_language.MARKER)
INHERITED = {"id", "at", "include"}
"""Keys that make nothing again by themselves, or what the key makes that holds them."""


def keys(schema: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    """Give every key that is built, by its section and name, its references followed."""
    return [
        (f"{title}.{name}", full)
        for title, part in write_language.sections(schema)
        for name, inner in part["properties"].items()
        for full in [write_language.reach(schema, inner)]
        if not full.get("x-planned")
    ]


def test_the_page_is_current(schema: Mapping[str, Any]) -> None:
    """`python tools/write_language.py` writes what stands there."""
    assert HAND.startswith("# The language\n")
    assert "\n" + write_language.page(schema) == WRITTEN


def test_every_key_has_a_sample_that_holds(schema: Mapping[str, Any]) -> None:
    """By its own schema, and as it is written on the page it reads as itself."""
    for name, full in keys(schema):
        assert full.get("examples"), f"{name} has no sample: give it `examples`"
        (sample,) = full["examples"]
        found = [
            error.message for error in Draft202012Validator({**full, "$defs": schema["$defs"]}).iter_errors(sample)
        ]
        assert not found, (name, found)
        text = f"{name.rpartition('.')[2]}: {write_language.written(sample)}"
        reading = reader.read(text, "sample.yaml")
        assert not reading.problems, (text, reading.problems)
        json_form = reader.read(json.dumps({name.rpartition(".")[2]: sample}), "sample.json").root
        assert plain(reading.root) == plain(json_form), text


def test_every_key_says_what_it_makes_again_in_a_word_of_the_page(schema: Mapping[str, Any]) -> None:
    """The words are those of the table at the top."""
    words = {line.split("|")[1].strip() for line in HAND.splitlines() if line.startswith("| ")} - {"word", "---"}
    for name, full in keys(schema):
        said = full.get("x-changes", "")
        if name.rpartition(".")[2] not in INHERITED:
            assert said, f"{name} doesn't say what it makes again: give it `x-changes`"
        assert {word.strip() for word in said.split(",") if word} <= words, (name, said)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": "b, c", "d": [1, True]}, '{a: "b, c", d: [1, true]}'),
        ("#102040", '"#102040"'),
        ("16:9", "16:9"),
        ("is it: so", '"is it: so"'),
        ("", '""'),
        ("true", '"true"'),
    ],
)
def test_samples_are_written_as_people_write_them(value: object, text: str) -> None:
    """Quotes only where they are needed."""
    assert write_language.written(value) == text
