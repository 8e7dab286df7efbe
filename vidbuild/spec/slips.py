"""Slips of the hand that YAML accepts and nobody means.

A ` #` that cuts a prompt is a warning; a key that a comma left behind, and a colour that became a comment,
are told where the schema finds them (`sentences`). Syntax that YAML itself refuses is in `syntax`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from vidbuild.spec.tree import Node, Style
from vidbuild.words.errors import Mark, Problem

_PROMPTS = frozenset({"prompt", "negative", "template", "style_preamble", "description", "questions"})
_TEXTS = _PROMPTS | {"title", "subtitle", "text", "script", "say"}


def slips(root: Node, sources: Mapping[str, str]) -> list[Problem]:
    """Find texts that a ` #` cuts short."""
    rows = {file: text.splitlines() for file, text in sources.items()}
    return [told for node in _texts(root) if (told := _cut(node, rows.get(node.file, []))) is not None]


def _texts(root: Node) -> Iterable[Node]:
    """Walk the plain values of keys that hold words for people or models."""
    stack: list[tuple[Node, bool]] = [(root, False)]
    while stack:
        node, is_text = stack.pop()
        if is_text and node.style is Style.CUT:
            yield node
        if type(node.value) is dict:
            stack += [(child, is_text or key in _TEXTS or key == "with") for key, child in node.value.items()]
        elif type(node.value) is list:
            stack += [(child, is_text) for child in node.value]


def _cut(node: Node, rows: list[str]) -> Problem | None:
    """Tell a comment that looks like the rest of the text: one space before `#`, or none after it."""
    line = node.line
    while line <= len(rows):
        row = rows[line - 1]
        start = row.find(" #", node.column - 1 if line == node.line else 0)
        if start >= 0:
            break
        line += 1
    else:
        return None
    after = row[start + 2 : start + 3]
    if row[start - 1 : start] in (" ", "\t") and after in ("", " ", "#", "-", "="):
        return None
    sentence = "what follows ` #` is a comment and no part of this text"
    hint = "quote the whole text if it belongs to it; else put two spaces before the `#`"
    return Problem(Mark(node.file, line, start + 2), sentence, hint=hint, warning=True)
