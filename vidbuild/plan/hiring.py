"""How a generation is gone about: through whom, at what price, held to which checks. Nothing of it is in a key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.media import checks
from vidbuild.plan import price
from vidbuild.plan.routing import Wanted, price_facts, too_dear
from vidbuild.spec.model import Judge
from vidbuild.words.action import Conduct, Graph, Hire, Judging, Node


def conduct(
    models: Sequence[Model],
    wanted: Wanted,
    ask: Mapping[str, Any],
    missing: Mapping[str, tuple[str, ...]],
    label: str,
    reshoots: int = 0,
    judging: Judging | None = None,
) -> Conduct:
    """Give the conduct of an ask; a local model's names nobody.

    Args:
        missing: what each provider lacks to be reached; a model goes through its first able route that lacks nothing.
        label: whose group of the lock it belongs to.
    """
    if models[0].is_local:
        return Conduct(expected=float(wanted.seconds or 1) * 1.2)
    seconds = Fraction(ask["seconds"]) if "seconds" in ask else None
    able = [model for model in models[1:] if not model.is_local and _makes(model, seconds, wanted.is_whole)]
    hires = tuple(hire(model, wanted, seconds, missing) for model in (models[0], *able))
    held = checks.expected(ask, "init" in wanted.uses)
    dear = too_dear(models[0], wanted, missing) or ""
    expected, question = models[0].latency_s[0], wanted.question
    return Conduct(
        hires, held, reshoots, judge=judging, label=label, expected=expected, routed_by=question, objection=dear
    )


def _makes(model: Model, seconds: Fraction | None, is_whole: bool) -> bool:
    """Say whether a model makes a length; a take that several shots share may be longer than one of them."""
    made = None if seconds is None else model.lengths.enough(seconds)
    return seconds is None or (made == seconds if is_whole else made is not None)


def hire(model: Model, wanted: Wanted, seconds: Fraction | None, missing: Mapping[str, tuple[str, ...]]) -> Hire:
    """Say through whom a model is reached, and what one attempt costs by the list."""
    route = model.way(wanted.uses, missing)
    assert route is not None
    sold = model.lengths.enough(seconds) if seconds is not None else None
    usd = price.price_of(model, price_facts(model, wanted, sold or seconds), route)
    return Hire(model.name, model.tool, route.provider, usd, usd, model.reshoot_rate)


def guessed(
    conduct: Conduct,
    models: Sequence[Model],
    wanted: Wanted,
    lengths: tuple[Fraction, Fraction, Fraction],
    missing: Mapping[str, tuple[str, ...]],
) -> Conduct:
    """Give the conduct of an ask whose length is guessed: its price is low for the least of it, high for the most."""
    by_name = {model.name: model for model in models}
    hires = []
    for each in conduct.hires:
        model = by_name[each.model]
        sold = (model.lengths.enough(length) or model.lengths.longest or length for length in lengths)
        least, usual, most = (hire(model, wanted, seconds, missing) for seconds in sold)
        hires.append(replace(usual, least_usd=least.list_usd, reservation=most.reservation))
    return replace(conduct, hires=tuple(hires))


def judging(judge: Judge, models: Sequence[Model], missing: Mapping[str, tuple[str, ...]]) -> Judging:
    """Say through whom takes are judged."""
    wanted = Wanted("judge", judge.models, options=judge.options)
    hires = tuple(hire(model, wanted, None, missing) for model in models)
    return Judging(hires, judge.questions, judge.threshold, judge.options)


def settled(graph: Graph) -> Graph:
    """Mark the paid actions that other paid actions wait for, and keep questions only where paid keys hang on them."""
    feeding: set[str] = set()
    for id in reversed(list(graph.nodes)):
        node = graph.nodes[id]
        if node.conduct.is_paid or id in feeding:
            feeding.update(ref.action for ref in node.action.refs)
    return replace(graph, nodes={id: _settled(node, id in feeding) for id, node in graph.nodes.items()})


def _settled(node: Node, is_feeding: bool) -> Node:
    conduct = node.conduct
    if conduct.is_paid and is_feeding:
        return replace(node, conduct=replace(conduct, is_awaited=True))
    if conduct.question is not None and not is_feeding:
        return replace(node, conduct=replace(conduct, question=None))
    return node
