"""One tree for each language: maps by language give way to what they hold for it, and its strings are found.

Pure but for the `read` that it is handed. What a language needs and lacks is an error that names both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from vidbuild.spec.model import Line, Project
from vidbuild.spec.tree import Node, plain
from vidbuild.words.errors import Problem

CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_NAMED = frozenset({"cast", "profiles", "models", "pronounce", "colours", "presets"})
"""Keys below which names are the author's own: a member may be called `en`."""
_OTHERS = frozenset({"options", "note", "vars", "languages"})
"""Keys whose values are not the language's."""
_SPARE = frozenset({"pronounce"})
"""Keys below which a language may say nothing."""
Read = Callable[[str], Node | None]
"""Read a file of the project by its name, if it is there."""


def languages_of(root: Node) -> tuple[str, ...]:
    """Give the languages that a project asks for, the source first; none where it says nothing or something odd."""
    written = root.get("languages")
    found = [node.value for node in written.members()] if written is not None else []
    return tuple(dict.fromkeys(name for name in found if isinstance(name, str) and CODE.fullmatch(name)))


def refused(root: Node) -> list[Problem]:
    """Tell languages that stand twice."""
    written, seen, told = root.get("languages"), set(), []
    for node in written.members() if written is not None else ():
        if node.value in seen:
            told.append(Problem(node.mark, f"the language `{node.value}` stands twice", hint="remove one"))
        seen.add(node.value)
    return told


def in_language(root: Node, languages: Sequence[str], language: str) -> list[Problem]:
    """Put what every map by language holds for one in the map's place; tell maps that hold nothing for it."""
    told: list[Problem] = []
    waiting: list[tuple[Node, str, bool]] = [(root, "", False)]
    while waiting:
        node, key, is_named = waiting.pop()
        if type(node.value) is list:
            waiting += [(member, key, False) for member in node.value]
        elif type(node.value) is dict and not is_named and (held := _by_language(node, languages)):
            strange = [name for name in held if name not in languages]
            if strange:
                sentence = f"`{key}` is said in {_listed(strange)}, which `languages` doesn't name"
                told.append(Problem(held[strange[0]].key_mark, sentence, hint="add it there, or remove it here"))
                node.spoil()
            elif language in held:
                _take(node, held[language])
                waiting.append((node, key, False))
            elif key in _SPARE:
                node.spoil()
            else:
                sentence = f"`{key}` has {_listed(list(held))} and no `{language}`"
                told.append(Problem(node.mark, sentence, hint=f"add `{language}: ...`"))
                node.spoil()
        elif type(node.value) is dict:
            below = key if is_named and key in _SPARE else None
            waiting += [
                (child, below or name, below is None and name in _NAMED)
                for name, child in node.value.items()
                if name not in _OTHERS
            ]
    return told


def _by_language(node: Node, languages: Sequence[str]) -> Mapping[str, Node]:
    """Give a map by language: all keys are languages' codes, one at least is a language of the project."""
    entries = node.value if type(node.value) is dict else {}
    is_map = entries.keys() & set(languages) and all(CODE.fullmatch(key) for key in entries)
    return entries if is_map else {}


def _take(node: Node, held: Node) -> None:
    """Let a node be what it holds, at its place."""
    node.value, node.style = held.value, held.style
    node.file, node.line, node.column = held.file, held.line, held.column


def strings_of(project: str, language: str, read: Read, problems: list[Problem]) -> Mapping[str, Any]:
    """Give a language's strings by key: of the project's own file, then of the one that projects share."""
    found: dict[str, Any] = {}
    for name in (f"strings/{language}.yaml", f"strings/{project}/{language}.yaml"):
        node = read(name)
        if node is None:
            continue
        if type(node.value) is not dict:
            problems.append(Problem(node.mark, "strings are a mapping of texts by key"))
            continue
        found = _over(plain(node), found)
    return found


def _over(upper: Any, lower: Any) -> Any:
    if not isinstance(upper, dict) or not isinstance(lower, dict):
        return upper
    return {**lower, **{key: _over(value, lower.get(key)) for key, value in upper.items()}}


def gathered(told: Mapping[str, Sequence[Problem]]) -> list[Problem]:
    """Give the problems of all languages, each once; one that isn't everywhere says where it is."""
    where: dict[Problem, list[str]] = {}
    for language, problems in told.items():
        for problem in dict.fromkeys(problems):
            where.setdefault(problem, []).append(language)
    return [
        problem if len(found) == len(told) else replace(problem, facts=(*problem.facts, f"in {_listed(found)}"))
        for problem, found in where.items()
    ]


def missing_marks(projects: Iterable[Project]) -> list[Problem]:
    """Tell marks that are spoken in one language and not in another."""
    spoken: dict[str, dict[str, list[Line]]] = {}
    for project in projects:
        for line in project.lines:
            spoken.setdefault(line.id.partition(".")[0], {}).setdefault(str(project.language), []).append(line)
    told = []
    for said in spoken.values():
        marks = {language: {mark for line in lines for mark in line.moments} for language, lines in said.items()}
        for mark in dict.fromkeys(mark for lines in said.values() for line in lines for mark in line.moments):
            there = [language for language in said if mark in marks[language]]
            for language in said.keys() - set(there):
                place = said[language][0].marks
                sentence = f"`<{mark}>` is marked in {_listed(there)} and not in `{language}`"
                told.append(Problem(place.get("text") or place.get(""), sentence, hint=f"put `<{mark}>` into its text"))
    return told


def _listed(languages: Sequence[str]) -> str:
    return ", ".join(f"`{language}`" for language in languages)
