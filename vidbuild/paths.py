"""What a graph says of its actions: whom they serve, and how long the rest behind them takes."""

from __future__ import annotations

from collections.abc import Mapping

from vidbuild.words.action import Graph
from vidbuild.words.digest import Digest


def shots_and_outputs(graph: Graph, id: Digest) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the shots and outputs that an action serves, in order."""
    places = graph.places.get(id, ())
    shots = dict.fromkeys(place.shot for place in places if place.shot)
    outputs = dict.fromkeys(place.output for place in places if place.output)
    return tuple(shots), tuple(outputs)


def remaining_paths(graph: Graph) -> Mapping[Digest, float]:
    """Give each action the expected cost of the longest path from it to an end, itself included."""
    longest: dict[Digest, float] = {}
    behind: dict[Digest, float] = {}
    for id in reversed(list(graph.nodes)):
        node = graph.nodes[id]
        longest[id] = behind.get(id, 0.0) + node.conduct.expected
        for ref in node.action.refs:
            behind[ref.action] = max(behind.get(ref.action, 0.0), longest[id])
    return longest
