"""A plan as the comment of a pull request: what it costs, what it generates anew and rebuilds, and why, in Markdown.

What authors wrote is text in it, never markup, mention or link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vidbuild.paths import shots_and_outputs
from vidbuild.plan.price import Total, by_shot, costs_text, total
from vidbuild.plan.why import describe
from vidbuild.session import Planned
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Graph
from vidbuild.words.digest import Digest
from vidbuild.words.errors import clean

MOST = 40
"""Rows of a table; further ones are counted."""
_MARKUP = re.compile(r"[\\`*_{}\[\]()#+!|<>~&@:-]")


@dataclass(frozen=True)
class Reviewed:
    """A planned project with every action's standing and reasons, and how each finished file stands."""

    planned: Planned
    graph: Graph
    standings: Mapping[Digest, Surveyed]
    why: Mapping[Digest, Sequence[str]]
    stands: Mapping[Digest, Standing]
    unclear: Sequence[str]


def markdown(survey: Reviewed) -> str:
    """Write a plan."""
    graph = survey.graph
    lines = [f"### vidbuild: {escaped(survey.planned.project.name)}", "", f"**{_sum(survey)}**", ""]
    lines += _table(("generated anew", "why", "costs"), list(_bought(survey)))
    lines += _table(("rebuilt", "made for it"), list(_rebuilt(survey)))
    notes = [*graph.notes, *survey.unclear]
    return "\n".join([*lines, *(f"- {escaped(note)}" for note in notes[:MOST])]).rstrip() + "\n"


def escaped(text: str) -> str:
    """Write a text so that Markdown shows it as it stands, in one line."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(clean(text).split()))


def _sum(survey: Reviewed) -> str:
    graph, stands = survey.graph, survey.stands
    shots = {
        shot
        for id, surveyed in survey.standings.items()
        if graph.nodes[id].action.mnemonic == "Footage" and surveyed.standing not in (Standing.CACHED, Standing.LOST)
        for shot in shots_and_outputs(graph, id)[0]
    }
    again = sum(standing is not Standing.CACHED for standing in stands.values())
    cost = costs_text([total(graph, survey.standings)])
    costs = "free" if cost == "free" else f"costs {cost}"
    of_shots, of_files = _count(len(survey.planned.project.shots), "shot"), _count(len(stands), "deliverable")
    return f"{costs}, generates {len(shots)} of {of_shots}, rebuilds {again} of {of_files}"


def _bought(survey: Reviewed) -> Iterator[tuple[str, ...]]:
    """Tell what would be bought, by what it is for."""
    graph = survey.graph
    costs: Mapping[str, Total] = by_shot(graph, survey.standings)
    told: set[str] = set()
    for id, surveyed in survey.standings.items():
        node = graph.nodes[id]
        if not node.conduct.is_paid or surveyed.standing is Standing.CACHED:
            continue
        first = node.conduct.label not in told
        told.add(node.conduct.label)
        cost = costs.get(node.conduct.label)
        usd = costs_text([cost]) if first and cost is not None else ""
        yield escaped(describe(graph, id)), "; ".join(map(escaped, survey.why[id][:3])), escaped(usd)


def _rebuilt(survey: Reviewed) -> Iterator[tuple[str, ...]]:
    """Tell which finished files would change, and of how many pieces."""
    graph = survey.graph
    made: dict[str, int] = {}
    for id, surveyed in survey.standings.items():
        if surveyed.standing is not Standing.CACHED and graph.nodes[id].action.mnemonic in ("Segment", "Join", "Mix"):
            for output in shots_and_outputs(graph, id)[1]:
                made[output] = made.get(output, 0) + 1
    for deliverable in graph.deliverables:
        if survey.stands[deliverable.id] is not Standing.CACHED:
            yield escaped(deliverable.path), _count(made.get(deliverable.output, 0), "piece")


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    more = [("and", f"{len(rows) - MOST} more", *[""] * (len(heads) - 2))] if len(rows) > MOST else []
    cells = [heads, tuple("---" for _ in heads), *rows[:MOST], *more]
    return [*(f"| {' | '.join(row)} |" for row in cells), ""]


def _count(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"
