"""Gathering actions into a graph: equal actions are one node, places are kept beside them.

It knows nothing of shots but their names in places.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import replace

from vidbuild.plan.known import Known
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Node, Place
from vidbuild.words.digest import Digest


class GraphBuilder:
    """Collects actions in an order where inputs come first."""

    def __init__(self, known: Known) -> None:
        self.known = known
        self._variant: str | None = None
        self._kept: list[Digest] = []
        self._nodes: dict[Digest, Node] = {}
        self._places: dict[Digest, dict[Place, None]] = {}
        self._lettered: dict[Digest, Mapping[str, int]] = {}

    def of(self, variant: str | None) -> GraphBuilder:
        """Give this builder for what belongs to a variant: one graph, with its places."""
        found = copy(self)
        found._variant = variant
        return found

    def add(
        self, action: Action, place: Place, words: Mapping[str, str], conduct: Conduct, told: tuple[str, ...] = ()
    ) -> Digest:
        """Add an action at a place; one that is there already only gains the place.

        Of the labels that it is added under it has the first, by sort, whatever the order of shots.
        """
        self.known.note(action, conduct)
        known = self._nodes.get(action.id)
        if known is None:
            missing = [ref for ref in action.refs if ref.action not in self._nodes]
            if missing:
                raise ValueError(f"BUG: {action.mnemonic} comes before its input {missing[0]}")
            self._nodes[action.id] = Node(action, conduct, words, told)
        elif dict(known.action.outputs) != dict(action.outputs):
            raise ValueError(f"BUG: {action.mnemonic} is planned twice, with other outputs")
        elif conduct.label < known.conduct.label:
            self._nodes[action.id] = replace(known, conduct=replace(known.conduct, label=conduct.label))
        self._places.setdefault(action.id, {})[replace(place, variant=self._variant) if self._variant else place] = None
        return action.id

    def action(self, id: Digest) -> Action:
        """Give an action that was added."""
        return self._nodes[id].action

    def letter(self, id: Digest, clocks: Mapping[str, int]) -> None:
        """Note on which number each file of text counts from that an action draws."""
        if clocks:
            self._lettered[id] = clocks

    def keep(self, id: Digest) -> None:
        """Have an action made that no deliverable needs: a candidate."""
        if id not in self._kept:
            self._kept.append(id)

    def finish(self, deliverables: tuple[Deliverable, ...], notes: tuple[str, ...], routed: Mapping[str, str]) -> Graph:
        """Give the graph of what the deliverables need, and of what is kept beside."""
        needed = self._needed(deliverables)
        nodes = {id: node for id, node in self._nodes.items() if id in needed}
        places = {id: tuple(self._places[id]) for id in nodes}
        lettered = {id: clocks for id, clocks in self._lettered.items() if id in needed}
        return Graph(nodes, places, deliverables, notes, routed, lettered)

    def _needed(self, deliverables: tuple[Deliverable, ...]) -> set[Digest]:
        needed: set[Digest] = set()
        ends = [ref for deliverable in deliverables for ref in deliverable.ends]
        waiting = [*(ref.action for ref in ends), *self._kept]
        while waiting:
            id = waiting.pop()
            if id not in needed:
                needed.add(id)
                waiting += [ref.action for ref in self._nodes[id].action.refs]
        return needed
