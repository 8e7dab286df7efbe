"""Nodes -> fades from and to black: the film's, of groups and of shots, each over the shots that take part. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction

from vidbuild.spec.inherit import Held, amount
from vidbuild.spec.model import Fades
from vidbuild.spec.outline import Entry
from vidbuild.spec.tree import Node

KEYS = ("fade_in_s", "fade_out_s")


def fades_of(root: Node, entries: Iterable[Entry], held: Mapping[Entry, Held]) -> tuple[Fades, ...]:
    """Give all fades: the film's, then those of groups and shots in the author's order."""
    inside: dict[Entry, list[str]] = {}
    for entry in entries:
        inside[entry] = []
        around: Entry | None = entry
        while entry.is_shot and not held[entry].muted and around is not None:
            inside[around].append(str(entry.id))
            around = around.parent
    owners: list[tuple[Node, tuple[str, ...], str]] = [(root, (), "the film")]
    owners += [(entry.node, tuple(shots), _called(entry)) for entry, shots in inside.items() if shots]
    found = (_fades(node, shots, whose) for node, shots, whose in owners)
    return tuple(fades for fades in found if fades.in_s or fades.out_s)


def _fades(node: Node, shots: tuple[str, ...], whose: str) -> Fades:
    written = {key: child for key in KEYS if (child := node.get(key)) is not None}
    fade_in, fade_out = (amount(written.get(key)) or Fraction(0) for key in KEYS)
    return Fades(shots, fade_in, fade_out, whose, {key: child.mark for key, child in written.items()})


def _called(entry: Entry) -> str:
    if entry.is_shot:
        return f"the shot `{entry.id}`"
    return f"the group `{entry.id}`" if entry.id else f"the group in line {entry.node.line}"
