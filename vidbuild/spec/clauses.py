"""A text in lines: one for each clause, so that two authors who change two clauses change two lines.

Lines are parted only where a single space stands, which is what YAML reads for the break. It knows no YAML else.
"""

from __future__ import annotations

import re

_SPACE = re.compile(r"(?<![\\ \t]) (?![ \t])")
_ENDS = re.compile(r"[,;!?…][\"'”’)\]]*\Z")
_STOPS = re.compile(r"\w{3}\.[\"'”’)\]]*\Z|[\w)\]][\"'”’)\]]+\.\Z")
_TEMPLATE = re.compile(r"\{\{|\{%|\}\}|%\}")


def clauses(text: str, width: int) -> list[str]:
    """Give a text's clauses, those that are longer than the width in several lines."""
    words = _words(text)
    found: list[list[str]] = [[]]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        found[-1].append(word)
        if following and _is_end(word, following):
            found.append([])
    return [line for clause in found for line in _filled(clause, width)]


def _words(text: str) -> list[str]:
    """Part a text at its single spaces, but not within a template."""
    words: list[str] = []
    depth = 0
    for word in _SPACE.split(text):
        if depth > 0:
            words[-1] += f" {word}"
        else:
            words.append(word)
        depth += sum(1 if sign[0] == "{" else -1 for sign in _TEMPLATE.findall(word))
        depth = max(depth, 0)
    return words


def _is_end(word: str, following: str) -> bool:
    """Say whether a clause or a sentence ends with a word."""
    if _ENDS.search(word):
        return True
    return bool(_STOPS.search(word)) and not following[0].islower()


def _filled(words: list[str], width: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
