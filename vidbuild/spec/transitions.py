"""Nodes -> the transition by which each shot comes in: its own, or that of a group which it begins. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from vidbuild.spec.inherit import Held, number
from vidbuild.spec.model import Transition
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node

USUAL_S = Fraction(1, 2)
CUT = "cut"


def leading(entries: Iterable[Entry], held: Mapping[Entry, Held]) -> dict[Entry, Node]:
    """Give the node of each shot's transition; that of a group is its first shot's that takes part.

    The nearest wins: a shot's own over a group's, an inner group's over an outer one's.
    """
    found: dict[Entry, Node] = {}
    begun: set[Entry] = set()
    for entry in entries:
        if not entry.is_shot or held[entry].muted:
            continue
        around: Entry | None = entry
        while around is not None and around not in begun:
            begun.add(around)
            written = around.node.get("transition")
            if written is not None:
                found.setdefault(entry, written)
            around = around.parent
    return found


def transition_of(node: Node | None) -> Transition | None:
    """Read a transition; `None` for a cut."""
    if node is None:
        return None
    if type(node.value) is str:
        return None if node.value == CUT else Transition(node.value, USUAL_S)
    kind, length = node.get("type"), node.get("duration_s")
    if kind is None or kind.value == CUT:
        return None
    return Transition(str(kind.value), number(length) if length else USUAL_S)
