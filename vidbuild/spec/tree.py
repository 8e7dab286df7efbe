"""What a text says before anyone knows what it means: nodes with their places.

Values only. It knows YAML's kinds of scalars, not the language's keys.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from decimal import Decimal

from vidbuild.words.errors import Mark

Scalar = None | bool | int | Decimal | str


class Style(enum.IntEnum):
    """How a node was written, as far as a mistake may follow from it."""

    PLAIN = 0
    QUOTED = 1
    LITERAL = 2
    FOLDED = 3
    BLOCK = 4
    FLOW = 5
    BARE = 6
    """A key in a flow mapping without `:` and value: what a comma in a text leaves behind."""
    CUT = 7
    """A plain text that a ` #` comment follows."""
    HASHED = 8
    """Nothing, because the value starts with `#` and so is a comment."""
    RENDERED = 9
    """A text that a template gave."""
    COMPUTED = 10
    """A text that one single `{{ ... }}` gave."""
    EMPTY = 11
    """Nothing after the key's colon, where `null` would be written out."""
    BROKEN = 12
    """A node whose mistake is told: nobody says more about it."""


class Node:
    """A scalar, a list of nodes or a mapping of nodes, with the places of its value and its key."""

    __slots__ = ("column", "file", "key_column", "key_line", "line", "style", "value")

    def __init__(
        self,
        value: Scalar | list[Node] | dict[str, Node],
        style: Style,
        file: str,
        line: int,
        column: int,
    ):
        self.value = value
        self.style = style
        self.file = file
        self.line = line
        self.column = column
        self.key_line = 0
        self.key_column = 0

    @property
    def mark(self) -> Mark:
        """Where the value begins."""
        return Mark(self.file, self.line, self.column)

    @property
    def key_mark(self) -> Mark:
        """Where the key begins, or the value where there is none."""
        return Mark(self.file, self.key_line, self.key_column) if self.key_line else self.mark

    @property
    def is_broken(self) -> bool:
        """Whether its mistake is told already."""
        return self.style is Style.BROKEN

    def entries(self) -> dict[str, Node]:
        """Give a mapping's entries that hold; nothing for other kinds and broken nodes."""
        if type(self.value) is not dict or self.is_broken:
            return {}
        return {key: node for key, node in self.value.items() if node.style is not Style.BROKEN}

    def marks(self) -> dict[str, Mark]:
        """Give the place of each entry's value, of those with mistakes too."""
        return {key: node.mark for key, node in self.value.items()} if type(self.value) is dict else {}

    def members(self) -> list[Node]:
        """Give a list's members that hold; nothing for other kinds and broken nodes."""
        if type(self.value) is not list or self.is_broken:
            return []
        return [node for node in self.value if not node.is_broken]

    def get(self, key: str) -> Node | None:
        """Give the node under a key, or `None` where it is absent or broken."""
        if type(self.value) is not dict or self.style is Style.BROKEN:
            return None
        found = self.value.get(key)
        return None if found is None or found.style is Style.BROKEN else found

    def has(self, key: str) -> bool:
        """Say whether the author wrote a key, right or wrong."""
        return type(self.value) is dict and key in self.value

    def spoil(self) -> None:
        """Set it aside: its mistake is told."""
        self.style = Style.BROKEN

    def copy(self) -> Node:
        """Copy it with all below it."""
        value = self.value
        if type(value) is list:
            value = [node.copy() for node in value]
        elif type(value) is dict:
            value = {key: node.copy() for key, node in value.items()}
        twin = Node(value, self.style, self.file, self.line, self.column)
        twin.key_line, twin.key_column = self.key_line, self.key_column
        return twin


def plain(node: Node) -> object:
    """Give a node's value in Python's own types, decimals exact; broken entries are left out."""
    value = node.value
    if type(value) is dict:
        return {key: plain(entry) for key, entry in value.items() if entry.style is not Style.BROKEN}
    if type(value) is list:
        return [plain(member) for member in value]
    return value


def without_nulls(root: Node, kept: frozenset[str]) -> None:
    """Leave out every entry that is a literal `null`, but not below the keys that hold others' values."""
    stack = [root]
    while stack:
        node = stack.pop()
        if type(node.value) is dict:
            node.value = {
                key: child for key, child in node.value.items() if child.value is not None or child.style != Style.PLAIN
            }
            stack += [child for key, child in node.value.items() if key not in kept]
        elif type(node.value) is list:
            stack += node.value


def leaves(node: Node) -> Iterator[Node]:
    """Walk the texts at and below a node, in the author's order."""
    stack = [node]
    while stack:
        top = stack.pop()
        if type(top.value) is str:
            yield top
        elif type(top.value) is dict:
            stack.extend(reversed(top.value.values()))
        elif type(top.value) is list:
            stack.extend(reversed(top.value))


def height(node: Node) -> int:
    """Say how many levels lie at and below a node."""
    level, deepest = [node], 0
    while level:
        deepest += 1
        level = [child for parent in level for child in children(parent)]
    return deepest


def children(node: Node) -> list[Node]:
    """List the nodes directly below one."""
    if type(node.value) is dict:
        return list(node.value.values())
    return node.value if type(node.value) is list else []
