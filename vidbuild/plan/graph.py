"""Gathering actions into a graph: equal actions are one node, places are kept beside them.

It knows nothing of shots but their names in places.
"""

from __future__ import annotations

from collections.abc import Mapping

from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Node, Place, Ref
from vidbuild.words.digest import Digest


class GraphBuilder:
    """Collects actions in an order where inputs come first."""

    def __init__(self) -> None:
        self._nodes: dict[Digest, Node] = {}
        self._places: dict[Digest, dict[Place, None]] = {}

    def add(self, action: Action, place: Place, words: Mapping[str, str], conduct: Conduct) -> Digest:
        """Add an action at a place; one that is there already only gains the place."""
        known = self._nodes.get(action.id)
        if known is None:
            missing = [ref for ref in action.refs if ref.action not in self._nodes]
            if missing:
                raise ValueError(f"BUG: {action.mnemonic} comes before its input {missing[0]}")
            self._nodes[action.id] = Node(action, conduct, words)
        elif dict(known.action.outputs) != dict(action.outputs):
            raise ValueError(f"BUG: {action.mnemonic} is planned twice, with other outputs")
        self._places.setdefault(action.id, {})[place] = None
        return action.id

    def finish(self, deliverables: tuple[Deliverable, ...], notes: tuple[str, ...]) -> Graph:
        """Give the graph of what the deliverables need, and nothing else."""
        needed = self._needed(deliverables)
        nodes = {id: node for id, node in self._nodes.items() if id in needed}
        places = {id: tuple(self._places[id]) for id in nodes}
        return Graph(nodes, places, deliverables, notes)

    def _needed(self, deliverables: tuple[Deliverable, ...]) -> set[Digest]:
        needed: set[Digest] = set()
        ends: list[Ref] = [d.source for d in deliverables] + [d.poster for d in deliverables if d.poster]
        waiting = [ref.action for ref in ends]
        while waiting:
            id = waiting.pop()
            if id not in needed:
                needed.add(id)
                waiting += [ref.action for ref in self._nodes[id].action.refs]
        return needed
