"""What a build would do, decided without doing it: each action's standing, over the same graph that is built.

Pure but for the two questions that are handed in (is there a result, is a paid job out).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vidbuild.words.action import ActionResult, BoundAction, Graph, Ref, bind
from vidbuild.words.digest import Digest


class Standing(enum.StrEnum):
    """How an action stands before a build."""

    CACHED = "cached"
    RUN = "run"
    RESUME = "resume"
    UNKNOWN = "unknown"
    LOST = "lost"


@dataclass(frozen=True)
class Surveyed:
    """One action's standing; `bound` is `None` until its inputs are known, `waits` names whom it waits for."""

    standing: Standing
    bound: BoundAction | None
    result: ActionResult | None = None
    waits: tuple[Digest, ...] = ()


def survey(
    graph: Graph,
    look_up: Callable[[BoundAction], ActionResult | None],
    is_out: Callable[[Digest], bool] = lambda key: False,
) -> Mapping[Digest, Surveyed]:
    """Say for each action whether it is answered, runs, is resumed, or can't be known yet."""
    standings: dict[Digest, Surveyed] = {}
    made: dict[Ref, Digest] = {}
    for id, node in graph.nodes.items():
        waits = tuple(dict.fromkeys(ref.action for ref in node.action.refs if ref not in made))
        if waits:
            standings[id] = Surveyed(Standing.UNKNOWN, None, None, waits)
            continue
        bound = bind(node.action, made)
        result = look_up(bound)
        if result is None:
            out = is_out(bound.key)
            standings[id] = Surveyed(Standing.RESUME if out else Standing.RUN, bound)
            continue
        standings[id] = Surveyed(Standing.CACHED, bound, result)
        for name, blob in result.outputs.items():
            made[Ref(id, name)] = blob.digest
    return standings
