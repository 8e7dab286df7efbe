"""Writes docs/language.md from the schema of projects: `python tools/write_language.py`.

It knows how a JSON Schema says things, and nothing of what they mean: each word below the marker stands in the schema,
what is above it is written by hand and kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/language.md"
SCHEMA = ROOT / "schemas/project.schema.json"

FIRST = ("project", "shot", "group", "output")
LIKE_SHOTS = ("project", "group", "profile")

Part = Mapping[str, Any]

MARKER = "<!-- from here on written by tools/write_language.py -->\n"

BOUNDS = {"exclusiveMinimum": "over", "minimum": "from", "maximum": "to"}
PLAIN = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
}


class Section(NamedTuple):
    """A mapping of the language: its heading, its schema, its keys."""

    title: str
    part: Part


def reach(schema: Part, part: Part) -> Part:
    """Follow a reference; what stands beside it comes first."""
    if "$ref" not in part:
        return part
    beside = {key: value for key, value in part.items() if key != "$ref"}
    return {**reach(schema, schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]), **beside}


def sections(schema: Part) -> list[Section]:
    """Give each mapping with keys of its own once: the project, shots, groups and outputs, then what stands in them."""
    found = [Section("project", schema), *_inside(schema, "")]
    for name, part in schema["$defs"].items():
        found += [Section(name, part)] if "properties" in part else []
        found += _inside(part, f"{name}." if "properties" in part else "")
    return sorted(found, key=lambda section: FIRST.index(section.title) if section.title in FIRST else len(FIRST))


def _inside(part: Part, before: str) -> Iterator[Section]:
    for key, inner in part.get("properties", {}).items():
        for held in (inner, inner.get("items", {}), inner.get("additionalProperties", {})):
            if isinstance(held, dict) and "properties" in held:
                yield Section(f"{before}{key}", held)
                yield from _inside(held, f"{before}{key}.")


def written(value: object) -> str:
    """Write a value as YAML in one line, the way people do."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {_inner(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_inner(inner) for inner in value) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    quoted = not value or value[0] in "#{[*&%@!|>'\"-?" or ": " in value or " #" in value or value.endswith(":")
    return json.dumps(value, ensure_ascii=False) if quoted or value in ("true", "false", "null") else value


def _inner(value: object) -> str:
    text = written(value)
    is_plain = isinstance(value, str) and not text.startswith('"')
    return json.dumps(value, ensure_ascii=False) if is_plain and set(text) & set(",{}[]?") else text


def form(schema: Part, part: Part) -> str:
    """Say what a key may hold."""
    full = reach(schema, part)
    if "const" in full:
        return f"`{written(full['const'])}`"
    if full.get("type") == "string" and "enum" in full:
        return " · ".join(f"`{word}`" for word in full["enum"])
    kinds = full.get("type", "any value")
    said = full.get("x-form") or (kinds if isinstance(kinds, str) else " or ".join(kinds))
    said = PLAIN.get(said, said)
    unit = f", {full['x-unit']}" if "x-unit" in full else ""
    if kinds not in ("number", "integer") or "x-form" in full:
        return f"{said}{unit}"
    return " ".join([f"{said}{unit}", *(f"{word} {full[key]}" for key, word in BOUNDS.items() if key in full)])


def row(schema: Part, name: str, part: Part, titles: Mapping[int, str]) -> str:
    """Write a key's line of its table."""
    full = reach(schema, part)
    planned = " **Not built yet: an error that says so.**" if full.get("x-planned") else ""
    default = f"`{written(full['default'])}`" if "default" in full else ""
    sample = f"`{name}: {written(full['examples'][0])}`" if full.get("examples") else ""
    keys = ", ".join(f"[{title}](#{anchor(title)})" for title in _held(schema, part, titles))
    held = f" ({keys})" if keys else ""
    said = f"{full.get('description', '')}{planned}"
    cells = (f"`{name}`", said, form(schema, part) + held, default, sample, full.get("x-changes", ""))
    return "| " + " | ".join(text.replace("|", "\\|") for text in cells) + " |"


def _held(schema: Part, part: Part, titles: Mapping[int, str]) -> list[str]:
    """Name the sections of the mappings that a key may hold."""
    if id(part) in titles:
        return [titles[id(part)]]
    if "$ref" in part:
        return _held(schema, schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], titles)
    inner = (part.get(key) for key in ("items", "additionalProperties", "then", "else"))
    return list(
        dict.fromkeys(title for held in inner if isinstance(held, dict) for title in _held(schema, held, titles))
    )


def page(schema: Part) -> str:
    """Write what follows the marker."""
    found = sections(schema)
    titles = {id(part): title for title, part in found}
    rows = {
        title: {name: row(schema, name, inner, titles) for name, inner in part["properties"].items()}
        for title, part in found
    }
    contents = " · ".join(f"[{title}](#{anchor(title)})" for title, _ in found)
    blocks = [f"Sections: {contents}\n"]
    for title, part in found:
        needs = part.get("required", [])
        must = f"Always there: {', '.join(f'`{key}`' for key in needs)}." if needs else ""
        said = " ".join(filter(None, (part.get("description", ""), must)))
        as_on = [name for name, line in rows[title].items() if title in LIKE_SHOTS and rows["shot"].get(name) == line]
        lines = [f"## {title}", "", *([said, ""] if said else [])]
        if as_on:
            lines += [f"As on a [shot](#shot): {', '.join(f'`{name}`' for name in as_on)}.", ""]
        lines += ["| key | what it is | form | without it | sample | makes again |", "|---|---|---|---|---|---|"]
        lines += [line for name, line in rows[title].items() if name not in as_on]
        blocks.append("\n".join(lines) + "\n")
    return "\n".join(blocks)


def anchor(title: str) -> str:
    """Give the name by which a heading is linked to."""
    return title.lower().replace(".", "").replace(" ", "-")


def main() -> int:
    """Write the page, its beginning kept."""
    beginning = PAGE.read_text(encoding="utf-8").partition(MARKER)[0]
    PAGE.write_text(beginning + MARKER + "\n" + page(json.loads(SCHEMA.read_text(encoding="utf-8"))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
