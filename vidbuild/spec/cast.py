"""The cast as its nodes say it: the words for each member, who is given to models, and what a prompt says of them.

Pure. The members' own pictures and voices are read by `resolve` and `speech`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from vidbuild.spec.inherit import folded
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import MOST_HINTS, did_you_mean

RESERVED = frozenset({"all", "auto", "longest", "none"})
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,63}\Z")


@dataclass(frozen=True)
class Given:
    """A member whose pictures a model is given, and where that is said."""

    name: str
    mark: Mark


def description_of(member: Node) -> str:
    """Give a member's description, folded; empty where there is none."""
    written = member.get("description")
    return folded(written.value) if written is not None and type(written.value) is str else ""


def members_in(root: Node) -> dict[str, Node]:
    """Give the project's members by name, as nodes."""
    written = root.get("cast")
    return written.entries() if written is not None else {}


class Roster:
    """The members of a project by name.

    Args:
        mentioned: the members that a text names by `{{ cast.NAME }}`, by the text's node.
    """

    def __init__(self, root: Node, mentioned: Mapping[int, tuple[str, ...]]):
        self.nodes = members_in(root)
        self._mentioned = mentioned
        self._descriptions = {name: description_of(node) for name, node in self.nodes.items()}
        self._forms: dict[str, re.Pattern[str]] = {}

    def has_picture(self, name: str) -> bool:
        """Say whether a member has a picture, right or wrong."""
        return self.nodes[name].has("image")

    def is_exact(self, name: str) -> bool:
        """Say whether no model is given a member's picture."""
        exact = self.nodes[name].get("exact")
        return exact is not None and exact.value is True

    def named(self, prompt: Node | None, listed: Sequence[Node] | None) -> tuple[str, ...]:
        """Name the members who are seen where a prompt and a list name them; an empty list refuses all."""
        implied = self._mentioned.get(id(prompt), ()) if prompt is not None else ()
        found = dict.fromkeys([*implied, *(str(node.value) for node in listed or ())])
        return () if listed is not None and not listed else tuple(name for name in found if name in self.nodes)

    def said(self, prompt: Node, words: str, listed: Sequence[Node] | None) -> tuple[str, tuple[Given, ...]]:
        """Give a prompt with the descriptions of members that it doesn't name, and those given to the model.

        Args:
            words: the prompt's text, folded, behind its style.
            listed: what `cast` lists; an empty list refuses those that the prompt implies.
        """
        named = {name: prompt.mark for name in self._mentioned.get(id(prompt), ()) if name in self.nodes}
        for node in listed or ():
            name = str(node.value)
            if name not in self.nodes or name in named:
                continue
            named[name] = node.mark
            words = self._described(words, name)
        if listed is not None and not listed:
            named = {}
        given = (Given(name, mark) for name, mark in named.items())
        return words, tuple(each for each in given if self.has_picture(each.name) and not self.is_exact(each.name))

    def _described(self, words: str, name: str) -> str:
        """Add a member's description to a prompt that doesn't hold it yet."""
        description = self._descriptions[name]
        if not description:
            return words
        if name not in self._forms:
            self._forms[name] = re.compile(rf"(?<!\w){re.escape(description)}(?!\w)")
        if self._forms[name].search(words):
            return words
        return f"{words}{' ' if words.endswith(('.', '!', '?')) else '. '}{description}"


def check_names(roster: Roster, entries: Iterable[Entry]) -> list[Problem]:
    """Tell members whose names can't be, or are those of shots."""
    shots = {each.id: each.node for each in entries if each.is_shot}
    told = []
    for name, node in roster.nodes.items():
        if not _NAME.match(name):
            hint = "write letters, digits, `_` and `-`, at most 64"
            told.append(Problem(node.key_mark, f"`{name[:64]}` is no name of a cast member", hint=hint))
        elif name in RESERVED:
            sentence = f"`{name}` means something else in the language"
            told.append(Problem(node.key_mark, sentence, hint="choose another name"))
        elif name in shots:
            sentence = f"`{name}` is a cast member and, in line {shots[name].line}, a shot"
            told.append(
                Problem(node.key_mark, sentence, ("shots and members share their names",), "rename one of them")
            )
    return told


def check_listed(lists: Iterable[Node], roster: Roster) -> list[Problem]:
    """Tell members that lists name and nobody knows."""
    told: list[Problem] = []
    for node in (member for written in lists for member in written.members()):
        if str(node.value) not in roster.nodes:
            told.append(unknown(node, roster, len(told) < MOST_HINTS))
    return told


def unknown(node: Node, roster: Roster, hints: bool = True) -> Problem:
    """Tell a member that nobody knows."""
    near = did_you_mean(str(node.value), roster.nodes) if hints else None
    return Problem(
        node.mark, f"nobody in `cast` is called `{str(node.value)[:64]}`", hint=near or "define it under `cast`"
    )
