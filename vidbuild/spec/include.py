"""Included files put into the tree: top-level ones merged below the project, those in `shots` in their place.

It decides what is included where; reading is done by the `fetch` that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable

from vidbuild.spec.tree import Node, height
from vidbuild.words.errors import Problem

MOST_FILES = 500
MOST_CHAIN = 16
MOST_DEPTH = 60
Fetch = Callable[[Node], Node | None]
"""Read the file that a node names, relative to the node's own file; `None` where a problem was told."""


class Assembly:
    """One project being put together from its files."""

    def __init__(self, fetch: Fetch):
        self.fetch = fetch
        self.problems: list[Problem] = []
        self.fetched = 0

    def assembled(self, root: Node) -> Node:
        """Give the project's tree with every include resolved away."""
        if type(root.value) is not dict:
            return root
        whole = self._merged(root, (root.file,))
        self._spread(whole, 1, (root.file,))
        return whole

    def _read(self, named: Node, chain: tuple[str, ...]) -> Node | None:
        """Read a named file, unless that would never end."""
        self.fetched += 1
        if self.fetched > MOST_FILES:
            if self.fetched == MOST_FILES + 1:
                self._tell(named, f"a project includes at most {MOST_FILES} files")
            return None
        if len(chain) > MOST_CHAIN:
            self._tell(named, f"files include each other more than {MOST_CHAIN} deep")
            return None
        found = self.fetch(named)
        if found is None:
            return None
        if found.file in chain:
            circle = " -> ".join([*chain[chain.index(found.file) :], found.file])
            self._tell(named, f"files include each other: {circle}")
            return None
        return found

    def _merged(self, root: Node, chain: tuple[str, ...]) -> Node:
        """Merge what a file's top-level `include` names below the file itself."""
        listed = root.get("include")
        if listed is None or type(listed.value) is not list or type(root.value) is not dict:
            return root
        below: Node | None = None
        for named in listed.members():
            if type(named.value) is not str or (found := self._read(named, chain)) is None:
                continue
            if type(found.value) is not dict:
                self._tell(named, f"`{named.value}` must hold a mapping of the project's keys, to be merged")
                continue
            found = self._merged(found, (*chain, found.file))
            if type(found.value) is dict:
                found.value.pop("vidbuild", None)
            below = found if below is None else _over(found, below)
        return root if below is None else _over(root, below)

    def _spread(self, node: Node, depth: int, chain: tuple[str, ...]) -> None:
        """Put the files that entries of `shots` name in their place, at any depth of groups."""
        shots = node.value.get("shots") if type(node.value) is dict else None
        if shots is None or type(shots.value) is not list:
            return
        spread: list[Node] = []
        for entry in shots.value:
            spread += self._entries(entry, depth + 2, chain)
        shots.value = spread

    def _entries(self, entry: Node, depth: int, chain: tuple[str, ...]) -> list[Node]:
        named = entry.get("include")
        if named is None or type(named.value) is not str or len(entry.entries()) > 1:
            self._spread(entry, depth, chain)
            return [entry]
        found = self._read(named, chain)
        if found is None:
            entry.spoil()
            return [entry]
        if depth + height(found) > MOST_DEPTH:
            self._tell(named, f"values are nested deeper than {MOST_DEPTH} levels")
            entry.spoil()
            return [entry]
        held = found.value if type(found.value) is list else [found]
        return [inner for outer in held for inner in self._entries(outer, depth, (*chain, found.file))]

    def _tell(self, named: Node, sentence: str) -> None:
        self.problems.append(Problem(named.mark, sentence))


def _over(upper: Node, lower: Node) -> Node:
    """Merge two mappings deeply: the upper wins, lists and scalars are replaced whole."""
    if type(upper.value) is not dict or type(lower.value) is not dict:
        return upper
    merged = dict(lower.value)
    for key, node in upper.value.items():
        merged[key] = _over(node, merged[key]) if key in merged else node
    whole = Node(merged, upper.style, upper.file, upper.line, upper.column)
    whole.key_line, whole.key_column = upper.key_line, upper.key_column
    return whole
