"""Nodes against the schema: every mistake becomes one problem in the author's words, at its place.

One entry of `shots` at a time: `accept` passes what is right, jsonschema (`verdicts`) judges the rest. Here
its verdicts are gathered, follow-ups dropped, and what is wrong is set aside in the tree, so that nobody
stumbles over it again. The words are in `sentences`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cached_property
from itertools import islice
from typing import Any

from vidbuild.spec import sentences
from vidbuild.spec.accept import accepting
from vidbuild.spec.outline import Entry
from vidbuild.spec.scalars import BadScalar, resolve
from vidbuild.spec.tree import Node, Style, plain
from vidbuild.words.errors import Problem

MOST_PROBLEMS = 1000
_PLANNED = ("x-planned", "x-planned-values", "x-planned-types")
_UNTYPED = Mapping[str, Any]
_ENTRIES = {"$ref": "#/$defs/entry"}
"""Of lists whose members are judged by themselves."""
Verdict = Any
"""A `ValidationError` of jsonschema, which is imported late."""


def validated(root: Node, entries: tuple[Entry, ...], schema: Mapping[str, Any]) -> list[Problem]:
    """Judge a whole tree, set aside what is wrong, and give the problems."""
    judge = _Judge(schema)
    problems = judge.problems(root, "")
    for entry in entries:
        if len(problems) >= MOST_PROBLEMS:
            break
        role = "included" if entry.node.has("include") else "group" if entry.is_group else "shot"
        problems += judge.problems(entry.node, role)
    return problems


class _Judge:
    """One schema, ready to judge many nodes."""

    def __init__(self, schema: Mapping[str, Any]):
        # Without `$schema`, lest jsonschema choose its own kind of validator over ours.
        self.schema = {key: part for key, part in schema.items() if key != "$schema"}
        self.role = str(schema.get("x-role", "project"))
        self.parts = {
            "": self.schema,
            **{role: part for role, part in schema["$defs"].items() if role in ("shot", "group", "included")},
        }
        self.accepts = {role: accepting(part, schema) for role, part in self.parts.items()}

    @cached_property
    def validator(self) -> Any:
        """The judge who gives reasons."""
        from vidbuild.spec.verdicts import validator_of

        return validator_of(self.schema)

    def problems(self, node: Node, role: str) -> list[Problem]:
        """Give the problems of one node in its role; the empty role is the project."""
        schema = self.parts[role]
        value = _shallow(node)
        if self._reread(node, schema):
            value = _shallow(node)
        if self.accepts[role](value):
            return []
        errors = list(self.validator.evolve(schema=schema).iter_errors(value))
        return [problem for error in _leading(errors) for problem in self._told(node, error, role)]

    def _told(self, node: Node, error: Verdict, role: str) -> Iterator[Problem]:
        """Put one verdict into words, unless its place is told already; set the place aside."""
        path = list(error.absolute_path)
        place = _at(node, path)
        if place is None:
            return
        if error.validator == "additionalProperties" and error.validator_value is False:
            keys = [step for step in path if isinstance(step, str)]
            yield from _strangers(place, error, f".{keys[-1]}" if keys else role or self.role)
            return
        if error.validator == "required" and not _is_plainly_missing(place, error):
            return
        yield sentences.problem(place, path, error, role or self.role)
        if error.validator == "type" or (error.validator != "required" and path):
            place.spoil()

    def _reread(self, node: Node, schema: _UNTYPED) -> bool:
        """Read rendered texts again as scalars where the schema wants something else than text."""
        changed = False
        for leaf, wanted in _rendered(node, schema, self.schema):
            text = str(leaf.value).strip()
            try:
                value = resolve(text)
            except BadScalar:
                continue
            if value is not None and type(value) is not str and _fits(value, wanted, leaf):
                leaf.value, changed = value, True
        return changed


def _shallow(node: Node) -> object:
    """Give a node's plain value, its shots left out: they are judged one by one."""
    if type(node.value) is not dict:
        return plain(node)
    empty: list[object] = []
    return {
        key: empty if key == "shots" and type(child.value) is list else plain(child)
        for key, child in node.value.items()
        if not child.is_broken
    }


def _leading(errors: list[Verdict]) -> list[Verdict]:
    """Keep one verdict for each mistake: the planned, then the outermost, the kind before its bounds."""

    def rank(error: Verdict) -> tuple[bool, int, bool]:
        return (error.validator not in _PLANNED, len(error.absolute_path), error.validator != "type")

    kept: list[Verdict] = []
    even: set[tuple[Any, ...]] = set()
    covered: set[tuple[Any, ...]] = set()
    for error in sorted(errors, key=rank):
        path = tuple(error.absolute_path)
        if any(path[:depth] in covered for depth in range(len(path) + 1)):
            continue
        if error.validator == "multipleOf" and path:
            if path[:-1] in even:
                continue  # once for a list
            even.add(path[:-1])
        kept.append(error)
        if error.validator not in ("required", "additionalProperties"):
            covered.add(path)
    return kept


def _at(node: Node, path: list[str | int]) -> Node | None:
    for step in path:
        value = node.value
        found: Node | None = None
        if type(value) is dict and isinstance(step, str):
            found = value.get(step)
        elif type(value) is list and isinstance(step, int) and step < len(value):
            found = value[step]
        if found is None or found.is_broken:
            return None
        node = found
    return node


def _is_plainly_missing(place: Node, error: Verdict) -> bool:
    """Say whether a key is missing of which nothing is told: neither the key itself nor one that is nearly it."""
    known = error.schema.get("properties", {})
    strange = [key for key in (place.value if type(place.value) is dict else ()) if key not in known]
    missing = [key for key in error.validator_value if not place.has(key)]
    return any(not get_close_matches(key, strange, n=1, cutoff=0.6) for key in missing)


def _strangers(place: Node, error: Verdict, role: str) -> Iterator[Problem]:
    """Tell each unknown key of a mapping, and set it aside."""
    known = list(error.schema.get("properties", {})) if isinstance(error.schema, Mapping) else []
    instead = error.schema.get("x-elsewhere", {}) if isinstance(error.schema, Mapping) else {}
    strangers = ((key, child) for key, child in place.entries().items() if key not in known)
    for key, child in islice(strangers, MOST_PROBLEMS):
        yield sentences.stranger(key, child, known, role, instead.get(key))
        child.spoil()


def _rendered(node: Node, part: _UNTYPED, schema: _UNTYPED) -> Iterator[tuple[Node, _UNTYPED]]:
    """Find rendered texts below a node, with the part of the schema that is for them."""
    part = _aimed(node, part, schema)
    value = node.value
    if node.style in (Style.RENDERED, Style.COMPUTED):
        yield node, part
    elif type(value) is dict:
        known, rest = part.get("properties", {}), part.get("additionalProperties")
        for key, child in value.items():
            wanted = known.get(key, rest if isinstance(rest, Mapping) else {})
            if wanted.get("items") != _ENTRIES:
                yield from _rendered(child, wanted, schema)
    elif type(value) is list:
        for child in value:
            yield from _rendered(child, part.get("items", {}), schema)


def _aimed(node: Node, part: _UNTYPED, schema: _UNTYPED) -> _UNTYPED:
    """Follow references, and a part's words for mappings where the node is one."""
    while True:
        if "$ref" in part:
            part = schema["$defs"][part["$ref"].rsplit("/", 1)[-1]]
        elif type(node.value) is dict and part.get("if") == {"type": "object"}:
            part = part["then"]
        else:
            return part


def _fits(value: object, wanted: _UNTYPED, leaf: Node) -> bool:
    """Say whether the schema would rather have this value than text."""
    kinds = wanted.get("type")
    if kinds is None:
        return leaf.style is Style.COMPUTED
    if "boolean" in kinds and type(value) is bool:
        return "string" not in kinds
    if "string" in kinds and "x-unit" not in wanted:
        return False
    return ("number" in kinds or "integer" in kinds) and type(value) is not bool
