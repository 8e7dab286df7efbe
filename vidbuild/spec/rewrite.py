"""A wrong value written as it is probably meant: the hint that can be copied.

It sees one node, its path, and the part of the schema that refuses it; what refuses it, it doesn't know.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from decimal import Decimal
from math import gcd
from typing import Any

from vidbuild.spec import scalars
from vidbuild.spec.tree import Node, Style

_NUMBERS = {"number", "integer"}
_UNIT = re.compile(r"([-+]?[0-9]+(?:\.[0-9]+)?)\s*[A-Za-z%]+\Z")
_CLOCK = re.compile(r"([0-9]{1,3}):([0-5][0-9](?:\.[0-9]+)?)\Z")
_RATIO = re.compile(r"([1-9][0-9]{0,4})\s*[xX\u00d7*/_, -]\s*([1-9][0-9]{0,4})\Z")
_NAME = re.compile(r"[A-Za-z0-9_./@-]+\Z")
_BARE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@ -]*\Z")


def rewritten(node: Node, path: list[str | int], part: Mapping[str, Any]) -> str | None:
    """Give the hint that writes a refused value as the schema wants it, where that is plain."""
    written = part.get("type", ())
    kinds = {written} if isinstance(written, str) else set(written)
    kinds |= _NUMBERS if "x-unit" in part or "a number" in part.get("x-form", "") else set()
    value = node.value
    if type(value) is dict:
        return _listed(node, path) if kinds == {"array"} else None
    if type(value) is not str or not value.strip():
        return None
    if short := part.get("x-short-name" if _NAME.match(value) else "x-short", part.get("x-short")):
        return f"write `{short.format(_flow(value))}`"
    if slug := part.get("x-slug"):
        return _slug(value, slug)
    if kinds & _NUMBERS:
        return _number(node, value.strip(), "integer" not in kinds or "number" in kinds)
    if "pattern" in part and (ratio := _RATIO.match(value)):
        width, height = int(ratio[1]), int(ratio[2])
        if re.search(part["pattern"], size := f"{width}x{height}"):
            return f"write `{size}`"
        return f'write `"{width // gcd(width, height)}:{height // gcd(width, height)}"`'
    return f"write `[{_flow(value)}]`" if kinds == {"array"} else None


def _listed(node: Node, path: list[str | int]) -> str:
    """Write a mapping where a list belongs: one entry, or named ones."""
    entries = node.entries()
    name = next(iter(entries), "...")
    if path == ["outputs"]:
        names_platform = "platform" in entries
        return "put `- ` before its first key" if names_platform else f"write `- {name}`"
    if path[-1:] == ["shots"]:
        children = [child for child in entries.values() if type(child.value) is dict]
        return f"write each as an entry: `- id: {name}`" if children else "put `- ` before the first key of each shot"
    return "write a list"


def _number(node: Node, text: str, may_have_decimals: bool) -> str | None:
    """Write a number without its quotes or its unit."""
    if scalars.is_number(text):
        if not may_have_decimals and not text.lstrip("+-").isdigit():
            return None
        return "leave out the quotes" if node.style is Style.QUOTED else f"write `{text}`"
    if found := _UNIT.match(text):
        return f"write `{found[1]}`"
    if found := _CLOCK.match(text):
        return f"write `{int(found[1]) * 60 + Decimal(found[2])}`"
    return None


def _slug(text: str, kind: str) -> str | None:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^A-Za-z0-9_]+", "-", plain).strip("-")[:64]
    return f"write `{slug.lower() if kind == 'lower' else slug}`" if slug else None


def _flow(text: str) -> str:
    """Write a text so that it can stand in a flow mapping."""
    short = text if len(text) <= 40 else f"{text[:40]}..."
    return short if _BARE.match(short) else json.dumps(short, ensure_ascii=False)
