"""A project's style: found, rendered once for each set of parameters, its parameters checked.

It hands jobs to `template`; what a style file says, it doesn't know.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidbuild.spec.inherit import folded
from vidbuild.spec.rendering import Render
from vidbuild.spec.template import Answer, Job
from vidbuild.spec.tree import Node, plain
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.names import did_you_mean

Params = Mapping[str, Node]


@dataclass(frozen=True)
class StyleFile:
    """One style template: what it is called, its text, and where the project names it."""

    name: str
    text: str
    named: Node


def packaged(name: str, styles: Mapping[str, Path], pinned: Mapping[str, str]) -> str | None:
    """Give the packaged style that a name means: itself, or of a bare name the version that is pinned, else the newest.

    A version that is pinned may be one that nobody has.
    """
    if name in styles:
        return name
    versions = [known for known in styles if known.rpartition("@")[0] == name and known.rpartition("@")[2].isdigit()]
    newest = max(versions, key=lambda known: int(known.rpartition("@")[2]), default=None)
    return pinned.get(name, newest) if newest is not None else None


def unknown(node: Node, styles: Iterable[str]) -> Problem:
    """Tell a style that nobody has."""
    known = sorted({name for full in styles for name in (full, full.rpartition("@")[0])})
    hint = did_you_mean(str(node.value), known) or "a style of your own is a file, like `styles/mine.j2`"
    return Problem(node.mark, f"no style is called `{str(node.value)[:80]}`", hint=hint)


def unpinned(node: Node, pinned: str) -> Problem:
    """Tell a version that a bare name is pinned to, and nobody has."""
    name = str(node.value)
    sentence = f"the lock says that `{name}` is `{pinned[:80]}`, and this vidbuild has no such style"
    hint = f"build with the vidbuild that has it, or take `{name}` out of the lock's `styles`: the newest is taken then"
    return Problem(node.mark, sentence, hint=hint)


class Preambles:
    """The rendered style of each set of parameters."""

    def __init__(self, file: StyleFile | None, text: str):
        self.file = file
        self.text = text
        self.problems: list[Problem] = []
        self.is_lost = False
        """Whether the project names a template that could not be read: that is told already."""
        self._known: dict[str, str] = {}

    def render(self, render: Render, sets: Iterable[Params]) -> None:
        """Render every set of parameters once, and tell what is wrong with them."""
        if self.file is None:
            if not self.is_lost:
                self._refuse(next((params for params in sets if params), {}))
            return
        fresh = {_key(params): params for params in sets}
        jobs = [Job("style", self.file.text, _values(params)) for params in fresh.values()]
        told: set[tuple[str, str]] = set()
        for (key, params), answer in zip(fresh.items(), render(jobs), strict=True):
            self._known[key] = folded(f"{answer.text} {self.text}")
            for found in self._mistakes(self.file, params, answer):
                if (str(found.mark), found.sentence) not in told:
                    told.add((str(found.mark), found.sentence))
                    self.problems.append(found)

    def of(self, params: Params) -> str:
        """Give the preamble for a set of parameters."""
        return folded(self.text) if self.file is None else self._known.get(_key(params), "")

    def _refuse(self, params: Params) -> None:
        for node in params.values():
            hint = "name a style: `template: cinematic`"
            self.problems.append(
                Problem(node.key_mark, "`with` is for a style's `template`, and there is none", hint=hint)
            )
            return

    def _mistakes(self, file: StyleFile, params: Params, answer: Answer) -> Iterable[Problem]:
        if answer.error is None:
            for name, node in params.items():
                if name not in answer.names:
                    hint = did_you_mean(name, answer.names) or f"it has {_listed(answer.names)}"
                    yield Problem(node.key_mark, f"the style `{file.name}` has no parameter `{name}`", hint=hint)
        elif answer.error == "undefined" and not answer.attribute:
            hint = did_you_mean(str(answer.name), params) or "give it under the style's `with`"
            yield Problem(file.named.mark, f"the style `{file.name}` needs `{answer.name}`", hint=hint)
        elif answer.error != "skipped":
            sentence = f"this template can't be rendered: {answer.message.rstrip('.')}"
            yield Problem(Mark(file.name, answer.line, 1), sentence)


def _values(params: Params) -> dict[str, object]:
    return {name: plain(node) for name, node in params.items()}


def _key(params: Params) -> str:
    return json.dumps(_values(params), sort_keys=True, default=str) if params else ""


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names) or "none"
