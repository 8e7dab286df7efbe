"""The shots and groups of a tree: what holds what, in which order, under which ids.

It knows the two keys `shots` and `id`, and `include` by sight; nothing of what a shot says.
"""

from __future__ import annotations

from dataclasses import dataclass

from vidbuild.spec.tree import Node


@dataclass(frozen=True, eq=False)
class Entry:
    """One entry of `shots`.

    Args:
        parent: the group that holds it, or `None` for the project.
        id: as written; a shot without one is named by its place among all shots.
    """

    node: Node
    parent: Entry | None
    is_group: bool
    id: str | None

    @property
    def is_shot(self) -> bool:
        """Whether it is one shot of the film."""
        return not self.is_group


def outline(root: Node) -> tuple[Entry, ...]:
    """List all entries, each group before what it holds, in the author's order."""
    found: list[Entry] = []
    shots = 0
    stack: list[tuple[Node, Entry | None]] = _held(root, None)
    while stack:
        node, parent = stack.pop()
        is_group = node.has("shots")
        shots += not is_group
        entry = Entry(node, parent, is_group, _id(node, None if is_group else shots))
        found.append(entry)
        if is_group:
            stack.extend(_held(node, entry))
    return tuple(found)


def _held(node: Node, entry: Entry | None) -> list[tuple[Node, Entry | None]]:
    shots = node.get("shots")
    return [(child, entry) for child in reversed(shots.members())] if shots else []


def _id(node: Node, place: int | None) -> str | None:
    written = node.get("id")
    if written is not None and type(written.value) is str:
        return written.value
    return None if place is None else f"shot_{place:02d}"
