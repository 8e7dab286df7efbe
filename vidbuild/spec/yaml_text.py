"""Plain values as YAML in block style, so that our own reader gives them back. It knows no projects."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from vidbuild.spec import scalars

_BARE = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_.,/+(;'-][A-Za-z0-9_.,/+();'!?-]*)*\Z")


def rows(value: Any, indent: int) -> Iterator[str]:
    """Write a mapping or list as lines; scalars and empty ones stand on their key's line."""
    pad = " " * indent
    if isinstance(value, Mapping):
        for key, child in value.items():
            yield from _pair(f"{pad}{_scalar(key)}:", child, indent + 2)
    else:
        for child in value:
            if not _is_open(child):
                yield f"{pad}- {_scalar(child)}"
                continue
            first, *rest = rows(child, indent + 2)
            yield f"{pad}- {first[indent + 2 :]}"
            yield from rest


def _pair(key: str, child: Any, indent: int) -> Iterator[str]:
    if _is_open(child):
        yield key
        yield from rows(child, indent)
    else:
        yield f"{key} {_scalar(child)}"


def _is_open(value: Any) -> bool:
    return isinstance(value, (Mapping, list, tuple)) and len(value) > 0


def _scalar(value: Any) -> str:
    """Write a scalar so that the reader gives it back."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "true" if value else "false"
    if isinstance(value, (Mapping, list, tuple)):
        return "{}" if isinstance(value, Mapping) else "[]"
    if not isinstance(value, str):
        return str(value)
    if _BARE.match(value) and _is_text(value):
        return value
    return (
        json.dumps(value, ensure_ascii=False)
        .replace("\x7f", "\\x7f")
        .replace("\x85", "\\N")
        .replace("\u2028", "\\L")
        .replace("\u2029", "\\P")
    )


def _is_text(value: str) -> bool:
    try:
        return scalars.resolve(value) == value
    except scalars.BadScalar:
        return False
