"""A key written into a project's text: one line changes, comments and all else stay as they are. Text in, text out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from vidbuild.words.errors import Mark

_VALUE = re.compile(r"""[A-Za-z0-9_.-]+|"[A-Za-z0-9_.-]*"|'[A-Za-z0-9_.-]*'""")


def with_key(text: str, marks: Mapping[str, Mark], key: str, value: str) -> str | None:
    """Write `key: value` into the mapping that the marks are of; `None` where that takes a hand.

    Args:
        marks: where the values of its keys stand, and `""` for where it begins.
    """
    lines = text.splitlines(keepends=True)
    if key in marks:
        return _replaced(lines, marks[key], value)
    start = marks[""]
    row = lines[start.line - 1]
    if row[start.column - 1 : start.column] == "{":
        return _into_flow(lines, start, key, value)
    indent = " " * (start.column - 1)
    own = sorted(mark.line for name, mark in marks.items() if _stands_alone(lines, name, mark, start))
    if own:
        at = own[0] - 1
    elif start.line == len(lines) or not lines[start.line].startswith(indent + " "):
        at = start.line
    else:
        return None
    if at and not lines[at - 1].endswith("\n"):
        lines[at - 1] += "\n"
    return "".join([*lines[:at], f"{indent}{key}: {value}\n", *lines[at:]])


def _replaced(lines: list[str], mark: Mark, value: str) -> str | None:
    row = lines[mark.line - 1]
    found = _VALUE.match(row, mark.column - 1)
    if found is None:
        return None
    is_json = row[: found.start()].rstrip().endswith('":')
    lines[mark.line - 1] = row[: found.start()] + (_in_json(value) if is_json else value) + row[found.end() :]
    return "".join(lines)


def _into_flow(lines: list[str], start: Mark, key: str, value: str) -> str:
    row = lines[start.line - 1]
    rest = row[start.column :] + "".join(lines[start.line :])
    quoted = rest.lstrip().startswith('"')
    written = f'"{key}": {_in_json(value)}' if quoted else f"{key}: {value}"
    comma = "" if rest.lstrip().startswith("}") else ","
    if comma and not row[start.column :].strip():
        following = lines[start.line]
        indent = following[: len(following) - len(following.lstrip())]
        lines.insert(start.line, f"{indent}{written}{comma}\n")
    else:
        space = " " if comma else ""
        lines[start.line - 1] = f"{row[: start.column]}{written}{comma}{space}{row[start.column :]}"
    return "".join(lines)


def _in_json(value: str) -> str:
    return value if value.isdigit() else f'"{value}"'


def _stands_alone(lines: list[str], name: str, mark: Mark, start: Mark) -> bool:
    """Say whether a key begins a line of its own, at the mapping's own depth."""
    if not name or mark.file != start.file or not start.line < mark.line <= len(lines):
        return False
    return lines[mark.line - 1].startswith(f"{' ' * (start.column - 1)}{name}:")
