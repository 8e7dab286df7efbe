"""What a YAML syntax error probably means, in words for people who write prompts.

It sees the parser's complaint and the lines around it, nothing else.
"""

from __future__ import annotations

import re
from typing import Any

from vidbuild.words.errors import Mark, Problem

MOST_COLUMNS = 4000
_START = re.compile(r"^(?P<lead>\s*(?:- +)*(?:[\w.\"'-]+ *: +)?)(?P<sign>\{\{|[\[*%@`&!])(?P<rest>.*)$")
_COLON = re.compile(r"^\s*(?:- +)*[\w.-]+ *: +(?![\"'\[{|>]).*?(?P<colon>:)(?: |$)")
_QUOTED = re.compile(r"^\s*(?:- +)*[\w.-]+ *: +(?P<quote>[\"'])")


def unquoted(sign: str, mark: Mark) -> Problem:
    """Tell that a text starts with a character that YAML takes for its own."""
    return Problem(mark, f"a text that starts with `{sign}` must be quoted", hint="put the whole text in double quotes")


def explained(error: Any, rows: list[str], file: str) -> Problem:
    """Give the one problem of a syntax error: its place and its likely cause."""
    place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if place is None:
        return Problem(Mark(file, 1, 1), "this is not YAML")
    line, column = place.line + 1, place.column + 1
    complaint = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    near = getattr(error, "context_mark", None)
    return (
        _opening(rows, line, file)
        or _colon(complaint, rows, line, file)
        or _tab(rows, line, file)
        or _unclosed(complaint, context, near, file)
        or _quote(rows, line, file)
        or _indentation(complaint, Mark(file, line, column))
        or Problem(Mark(file, line, column), f"this is not YAML: {complaint or context}")
    )


def _row(rows: list[str], line: int) -> str:
    return rows[line - 1][:MOST_COLUMNS] if 1 <= line <= len(rows) else ""


def _opening(rows: list[str], line: int, file: str) -> Problem | None:
    """Find a value that starts with a sign of YAML's own and goes on as text."""
    found = _START.match(_row(rows, line))
    if not found:
        return None
    sign, rest = found["sign"], found["rest"].rstrip()
    if sign == "[" and ("]" not in rest or rest.endswith(("]", ","))):
        return None
    return unquoted(sign, Mark(file, line, len(found["lead"]) + 1))


def _colon(complaint: str, rows: list[str], line: int, file: str) -> Problem | None:
    if not complaint.startswith("mapping values are not allowed"):
        return None
    if found := _COLON.match(_row(rows, line)):
        mark = Mark(file, line, found.start("colon") + 1)
        return Problem(mark, "a text with `: ` in it must be quoted", hint="put the whole text in double quotes")
    row = _row(rows, line)
    mark = Mark(file, line, len(row) - len(row.lstrip()) + 1)
    hint = "give it the same indentation as the keys beside it, or quote the text above"
    return Problem(mark, "this line is indented deeper than its neighbours, whose value ended above", hint=hint)


def _tab(rows: list[str], line: int, file: str) -> Problem | None:
    row = _row(rows, line)
    indent = row[: len(row) - len(row.lstrip())]
    if "\t" not in indent:
        return None
    return Problem(Mark(file, line, indent.index("\t") + 1), "a tab can't indent", hint="indent with spaces")


def _unclosed(complaint: str, context: str, near: Any, file: str) -> Problem | None:
    if near is None:
        return None
    mark = Mark(file, near.line + 1, near.column + 1)
    if "quoted scalar" in context:
        if "end of stream" in complaint:
            return Problem(mark, "the quote that opens here is never closed")
        if "escape" in complaint:
            hint = "write `\\\\` for a backslash, or use single quotes"
            return Problem(mark, "a backslash in double quotes starts an escape that YAML doesn't know", hint=hint)
    for kind, signs in (("flow mapping", "{ }"), ("flow sequence", "[ ]")):
        if kind in context:
            sentence = f"the `{signs[0]}` that opens here lacks a `,` between two entries, or its `{signs[2]}`"
            return Problem(mark, sentence)
    return None


def _quote(rows: list[str], line: int, file: str) -> Problem | None:
    """Find a quoted text that ends before its line does."""
    found = _QUOTED.match(_row(rows, line))
    if not found:
        return None
    quote = found["quote"]
    hint = "write '' for a single quote inside single quotes" if quote == "'" else 'write \\" for a quote inside'
    return Problem(Mark(file, line, found.start("quote") + 1), "the quoted text ends before its line does", hint=hint)


def _indentation(complaint: str, mark: Mark) -> Problem | None:
    if "expected '-' indicator" in complaint or "expected key" in complaint or "<block end>" in complaint:
        hint = "give keys of one mapping, and the `-` of one list, the same indentation"
        return Problem(mark, "the indentation doesn't fit the lines above", hint=hint)
    return None
