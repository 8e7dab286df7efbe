"""Where a tree names models, voices and cast members: one walk over it, however deep they stand.

It sees nodes and keys, and knows neither models nor members.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidbuild.spec.inherit import NONE
from vidbuild.spec.tree import Node

_OTHERS = frozenset({"options", "note", "vars", "with", "models", "when"})
"""Keys whose values are not the language's, or name models otherwise."""


@dataclass(frozen=True)
class Named:
    """The nodes that name something.

    Args:
        models: the value of every `model`, and of every `lipsync` that is a name.
        members: the value of every `cast` that is a list.
        voices: the value of every `voice` that is a mapping.
        reframes: the value of every `reframe` that is a mapping.
    """

    models: tuple[Node, ...]
    members: tuple[Node, ...]
    voices: tuple[Node, ...]
    reframes: tuple[Node, ...]


def named(root: Node) -> Named:
    """Find what names models and members, in the author's order."""
    models: list[Node] = []
    members: list[Node] = []
    voices: list[Node] = []
    reframes: list[Node] = []
    stack = [root]
    while stack:
        node = stack.pop()
        if type(node.value) is list:
            stack += reversed(node.members())
            continue
        below: list[Node] = []
        for key, child in node.entries().items():
            if key in ("cast", "profiles") and type(child.value) is dict:
                below += child.entries().values()  # under names of the author's own
            elif key == "model" or (key == "lipsync" and type(child.value) is str and child.value != NONE):
                models.append(child)
            elif key == "cast" and type(child.value) is list:
                members.append(child)
            elif key == "voice" and type(child.value) is dict:
                voices.append(child)
                below.append(child)
            elif key == "reframe" and type(child.value) is dict:
                reframes.append(child)
            elif key not in _OTHERS and type(child.value) in (dict, list):
                below.append(child)
        stack += reversed(below)
    return Named(tuple(models), tuple(members), tuple(voices), tuple(reframes))
