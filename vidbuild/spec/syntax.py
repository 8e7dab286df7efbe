"""What a YAML syntax error probably means, in words for people who write prompts.

It sees the parser's complaint and the lines around it, nothing else. Slips that YAML reads as something else
(`prompt:hills`, `-id: b`) have their words here too.
"""

from __future__ import annotations

import re
from typing import Any

from vidbuild.words.errors import Mark, Problem

MOST_COLUMNS = 4000
MOST_ROWS = 60
"""How far above the parser's place a cause is looked for."""
_START = re.compile(r"^(?P<lead>\s*(?:- +)*(?:[\w.\"'-]+ *: +)?)(?P<sign>\{\{|[\[*%@`&!])(?P<rest>.*)$")
_COLON = re.compile(r"^\s*(?:- +)*[\w.-]+ *: +(?![\"'\[{|>]).*?(?P<colon>:)(?: |$)")
_QUOTED = re.compile(r"^\s*(?:- +)*[\w.-]+ *: +(?P<quote>[\"'])")
_TIGHT = re.compile(r"^ *(?:- +)*(?P<key>[A-Za-z_][\w-]*):(?P<next>[^\s/\\:\"']|[\u00a0\u2007\u202f\u3000])")
_DASHED = re.compile(r"^ *(?P<dash>-[A-Za-z_]\w*)(?:: |:$)")
_KEY = re.compile(r"^\s*(?:- +)*[\w.-]+:(?:\s|$)|^\s*- *[{\[]")
_OPENING = re.compile(r"(?:^|(?<=[:-] )|(?<=[{\[,])|(?<=[{\[,] )) *(?P<quote>[\"'])")
_AFTER = re.compile(r"\s*(?:[,}\]:]|#|$)")
_BLOCK = re.compile(
    r"^(?P<lead> *(?:- +)*)(?P<key>[^\s:#\"'][^:#\"']*: +|[\"'][^\"']*[\"'] *: +)?[|>][-+0-9]{0,2} *(?:#.*)?$"
)
_EMPTY = re.compile(r"(?P<key>[\w.-]+) *: +$")


def unquoted(sign: str, mark: Mark) -> Problem:
    """Tell that a text starts with a character that YAML takes for its own."""
    return Problem(mark, f"a text that starts with `{sign}` must be quoted", hint="put the whole text in double quotes")


def is_dashed(key: str) -> bool:
    """Say whether a key is a `-` and a name in one word."""
    return bool(_DASHED.match(f"{key}:"))


def dashed(key: str, mark: Mark) -> Problem:
    """Tell that a list's `-` lacks its space."""
    return Problem(mark, f"`{key}` is one word: the `-` of a list needs a space", hint="put a space after `-`")


def tight(text: str, mark: Mark) -> Problem | None:
    """Tell a key whose colon lacks its space, in a text that may begin with one."""
    found = _TIGHT.match(text)
    if found is None:
        return None
    is_odd = found["next"].isspace()
    sentence = f"a no-break space follows `{found['key']}:`" if is_odd else f"`{found['key']}:` lacks its space"
    return Problem(mark, sentence, hint="put a space after the colon")


def commented(name: str, mark: Mark) -> Problem:
    """Tell a value that starts with `#` and so is a comment."""
    hint = 'put a value that starts with `#` in quotes, like "#10233f"'
    return Problem(mark, f"{name} is empty: what follows `#` is a comment", hint=hint)


def explained(error: Any, rows: list[str], file: str) -> Problem:
    """Give the one problem of a syntax error: its place and its likely cause."""
    place = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    if place is None:
        return Problem(Mark(file, 1, 1), "this is not YAML")
    line, column = place.line + 1, place.column + 1
    complaint = str(getattr(error, "problem", "") or "")
    context = str(getattr(error, "context", "") or "")
    near = getattr(error, "context_mark", None)
    rows = _without_blocks(rows[: line + 1])
    return (
        _runaway(rows, line, file)
        or _opening(rows, line, file)
        or _wide(complaint, rows, line, file)
        or _space(complaint, context, near, rows, line, file)
        or _deeper(complaint, rows, line, file)
        or _tab(rows, line, file)
        or _comment(context, near, rows, line, file)
        or _unclosed(complaint, context, near, file)
        or _quote(rows, line, file)
        or _indentation(complaint, Mark(file, line, column))
        or Problem(Mark(file, line, column), f"this is not YAML: {complaint or context}")
    )


def _row(rows: list[str], line: int) -> str:
    return rows[line - 1][:MOST_COLUMNS] if 1 <= line <= len(rows) else ""


def _without_blocks(rows: list[str]) -> list[str]:
    """Blank the texts after `|` and `>`: nothing in them is YAML's."""
    kept, inside = [], -1
    for row in rows:
        indent = len(row) - len(row.lstrip(" "))
        if inside >= 0 and (indent > inside or not row.strip()):
            kept.append("")
            continue
        found = _BLOCK.match(row)
        inside = -1 if found is None else len(found["lead"]) if found["key"] else indent
        kept.append(row)
    return kept


def _runaway(rows: list[str], line: int, file: str) -> Problem | None:
    """Find a quote that isn't closed in its line, and that the next quote, some keys later, seems to close."""
    number, start = max(1, line - MOST_ROWS), 0
    while number <= line:
        row = _row(rows, number)
        found = None if row.lstrip().startswith("#") else _OPENING.search(row, start)
        if found is None:
            number, start = number + 1, 0
            continue
        opened, quote, start = number, found["quote"], found.end()
        end = _end(row, quote, start)
        while end < 0 and number < line:
            number += 1
            row = _row(rows, number)
            end = _end(row, quote, 0)
        keys = any(_KEY.match(_row(rows, between)) for between in range(opened + 1, number + 1))
        if keys and (end < 0 or not _AFTER.match(row, end + 1)):
            return _open(quote, Mark(file, opened, found.start("quote") + 1))
        if end < 0:
            return None
        start = end + 1
    return None


def _end(row: str, quote: str, start: int) -> int:
    """Find the quote that closes a text, or -1."""
    while start < len(row):
        if row[start] == quote and row[start : start + 2] != "''":
            return start
        start += 2 if (quote == '"' and row[start] == "\\") or row[start] == quote else 1
    return -1


def _open(quote: str, mark: Mark) -> Problem:
    return Problem(mark, "the quote that opens here is never closed", hint=f"put a `{quote}` where the text ends")


def _opening(rows: list[str], line: int, file: str) -> Problem | None:
    """Find a value that starts with a sign of YAML's own and goes on as text."""
    found = _START.match(_row(rows, line))
    if not found:
        return None
    sign, rest = found["sign"], found["rest"].rstrip()
    if sign == "[" and ("]" not in rest or rest.endswith(("]", ","))):
        return None
    return unquoted(sign, Mark(file, line, len(found["lead"]) + 1))


def _wide(complaint: str, rows: list[str], line: int, file: str) -> Problem | None:
    """Find a text with `: ` in it."""
    found = _COLON.match(_row(rows, line)) if _is_misplaced(complaint) else None
    if not found:
        return None
    mark = Mark(file, line, found.start("colon") + 1)
    return Problem(mark, "a text with `: ` in it must be quoted", hint="put the whole text in double quotes")


def _is_misplaced(complaint: str) -> bool:
    return complaint.startswith("mapping values are not allowed")


def _space(complaint: str, context: str, near: Any, rows: list[str], line: int, file: str) -> Problem | None:
    """Find a colon or a `-` without its space in the lines that the complaint may be about."""
    if _is_misplaced(complaint):
        lines = [number for number in range(line, max(0, line - MOST_ROWS), -1) if _row(rows, number).strip()][:4]
    elif "simple key" in context and near is not None:
        lines = [near.line + 1]
    else:
        lines = [line] if "expected '-' indicator" in complaint or "expected key" in complaint else []
    for number in lines:
        row = _row(rows, number)
        if found := _DASHED.match(row):
            return dashed(found["dash"], Mark(file, number, found.start("dash") + 1))
        if (found := _TIGHT.match(row)) and (told := tight(row, Mark(file, number, found.start("next")))):
            return told
    return None


def _deeper(complaint: str, rows: list[str], line: int, file: str) -> Problem | None:
    if not _is_misplaced(complaint):
        return None
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


def _comment(context: str, near: Any, rows: list[str], line: int, file: str) -> Problem | None:
    """Find a ` #` inside `{ }` or `[ ]` whose comment swallows the end of these."""
    if "flow" not in context:
        return None
    first = near.line + 1 if near is not None and "flow node" not in context else 1
    told, depth = None, 0
    for number in range(max(1, min(first, line - 1), line - MOST_ROWS), line + 1):
        row = _row(rows, number)
        depth, start = _depth(row, depth)
        if start is None or told is not None:
            continue
        mark = Mark(file, number, start + 1)
        if empty := _EMPTY.search(row[:start]):
            told = commented(f"`{empty['key']}`", mark)
        else:
            hint = "put a text with ` #` in it in quotes"
            told = Problem(
                mark, "what follows ` #` is a comment, and with it the end of this `{ }` or `[ ]`", hint=hint
            )
    return told


def _depth(row: str, depth: int) -> tuple[int, int | None]:
    """Count brackets that stay open after a row, and find a comment that swallows one that closes."""
    at, before = 0, ""
    while at < len(row):
        char = row[at]
        if char in "\"'" and before in ("", ":", ",", "{", "[", "-"):
            end = _end(row, char, at + 1)
            at = end if end >= 0 else len(row)
        elif char == "#" and row[at - 1 : at] in ("", " ", "\t"):
            return depth, at if depth > 0 and ("}" in row[at:] or "]" in row[at:]) else None
        elif char in "{[":
            depth += 1
        elif char in "}]":
            depth = max(0, depth - 1)
        before = char if not char.isspace() else before
        at += 1
    return depth, None


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
