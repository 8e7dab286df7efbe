"""What a build would do, decided without doing it: each action's standing, over the same graph that is built.

Pure but for the questions that are handed in; it binds by the same rules as the engine.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vidbuild.words.action import ActionResult, BoundAction, Graph, Node, Ref, bind
from vidbuild.words.digest import Digest
from vidbuild.words.locked import question_of


class Standing(enum.StrEnum):
    """How an action stands before a build."""

    CACHED = "cached"
    RUN = "run"
    RESUME = "resume"
    UNKNOWN = "unknown"
    LOST = "lost"


@dataclass(frozen=True)
class Surveyed:
    """One action's standing.

    Args:
        bound: `None` until its inputs are known.
        waits: whom it waits for.
        is_anew: whether what was bought of it is judged again.
        question: what a result is pinned by that a paid key is bound from, where it is known.
    """

    standing: Standing
    bound: BoundAction | None
    result: ActionResult | None = None
    waits: tuple[Digest, ...] = ()
    is_anew: bool = False
    question: Digest | None = None


@dataclass(frozen=True)
class Memories:
    """What a survey asks.

    Args:
        answer: the remembered result of a bound action whose bytes are here.
        is_out: whether a paid job is out for an ask.
        locked: what the lock says of an ask, whether its bytes are here or not.
        pinned: what the lock pins for a question.
        is_anew: whether an ask is asked anew, and something was bought of it.
    """

    answer: Callable[[BoundAction], ActionResult | None]
    is_out: Callable[[Digest], bool] = lambda key: False
    locked: Callable[[Digest], ActionResult | None] = lambda key: None
    pinned: Callable[[Digest], ActionResult | None] = lambda question: None
    is_anew: Callable[[Digest], bool] = lambda key: False


def survey(graph: Graph, memories: Memories) -> Mapping[Digest, Surveyed]:
    """Say for each action whether it is answered, runs, is resumed, was lost, or can't be known yet."""
    looking = _Looking(graph, memories)
    return {id: looking.at(id, node) for id, node in graph.nodes.items()}


class _Looking:
    """A walk over a graph, inputs first."""

    def __init__(self, graph: Graph, memories: Memories):
        self._graph = graph
        self._memories = memories
        self._made: dict[Ref, Digest] = {}
        self._identities: dict[Ref, Digest] = {}

    def at(self, id: Digest, node: Node) -> Surveyed:
        action = node.action
        waits = tuple(dict.fromkeys(ref.action for ref in action.refs if ref not in self._made))
        bound = None if waits else bind(action, self._made)
        question = self._question(node)
        if question is not None:
            self._identities.update({Ref(id, name): question for name in action.outputs})
        pinned = self._memories.pinned(question) if question is not None else None
        if pinned is not None and set(action.outputs) <= set(pinned.outputs):
            return self._known(id, node, Surveyed(Standing.CACHED, bound, pinned, question=question))
        if bound is None:
            return Surveyed(Standing.UNKNOWN, None, None, waits, question=question)
        if question is None and not node.conduct.is_paid:
            self._identities.update({Ref(id, name): bound.key for name in action.outputs})
        result = self._memories.answer(bound)
        if result is not None:
            return self._known(id, node, Surveyed(Standing.CACHED, bound, result, question=question))
        locked = self._memories.locked(bound.key) if node.conduct.is_paid else None
        if locked is not None and set(locked.outputs) == set(bound.outputs):
            return self._known(id, node, Surveyed(Standing.LOST, bound, locked))
        is_anew = node.conduct.is_paid and self._memories.is_anew(bound.key)
        out = node.conduct.is_paid and self._memories.is_out(bound.key)
        standing = Standing.RESUME if out or is_anew else Standing.RUN
        return Surveyed(standing, bound, is_anew=is_anew, question=question)

    def _known(self, id: Digest, node: Node, surveyed: Surveyed) -> Surveyed:
        assert surveyed.result is not None
        for name, blob in surveyed.result.outputs.items():
            self._made[Ref(id, name)] = blob.digest
            if node.conduct.is_paid:
                self._identities[Ref(id, name)] = blob.digest
        return surveyed

    def _question(self, node: Node) -> Digest | None:
        """Give the question that a step is pinned by, where all that it hangs on is known."""
        if node.conduct.question is None:
            return None
        inputs = {}
        for name, source in node.action.inputs.items():
            identity = self._identities.get(source) if isinstance(source, Ref) else source
            if identity is None:
                return None
            inputs[name] = identity
        return question_of(node.action.mnemonic, node.conduct.question, inputs)
