"""A plan as the comment of a pull request: what it costs, what it generates anew and rebuilds, and why, in Markdown.

What authors wrote stands in code spans, so that it is never markup, mention or link.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vidbuild.plan.against import GENERATIONS, Compared, generated, told_of
from vidbuild.plan.price import Total, by_shot, costs_text, total
from vidbuild.plan.why import describe
from vidbuild.session import Planned
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Graph
from vidbuild.words.amounts import counted
from vidbuild.words.digest import Digest
from vidbuild.words.errors import clean

MOST = 40
"""Rows of a table; further ones are counted."""
MOST_LETTERS = 24_000
"""Letters of a table: a comment may have 65,536 in all (GitHub's limit)."""
_TICKS = re.compile("`+")
_MARKUP = re.compile(r"[\\`*_{}\[\]()#+!|<>~&@:-]")


@dataclass(frozen=True)
class Reviewed:
    """A planned project with every action's standing and reasons, and how each finished file stands.

    Args:
        against: what is otherwise than it was, where it is held against a revision; that alone is told then.
    """

    planned: Planned
    graph: Graph
    standings: Mapping[Digest, Surveyed]
    why: Mapping[Digest, Sequence[str]]
    stands: Mapping[Digest, Standing]
    unclear: Sequence[str]
    against: Compared | None = None


def markdown(survey: Reviewed) -> str:
    """Write a plan; its first line, which nobody sees, is the same for every plan of the project.

    By it whoever posts it finds the comment that stands there already, and puts this one in its place.
    """
    name = escaped(survey.planned.project.name)
    title = f"### vidbuild: {code(survey.planned.project.name)}"
    lines = [f"<!-- vidbuild plan: {name} -->", title, "", f"**{headline(survey)}**", ""]
    lines += _table(("generated anew", "why", "costs"), list(_bought(survey)))
    heads = ("rebuilt", "made for it") if survey.against is None else ("rebuilt", "made for it", "why")
    lines += _table(heads, list(_rebuilt(survey)))
    notes = [*survey.unclear, *beside(survey.against), *survey.graph.notes]
    lines += [f"- {code(note)}" for note in notes[:MOST]]
    lines += [f"- and {len(notes) - MOST} more"] if len(notes) > MOST else []
    return "\n".join(lines).rstrip() + "\n"


def beside(against: Compared | None) -> list[str]:
    """Tell what is to be known beside what changed since a revision."""
    if against is None:
        return []
    told = [f"compared with {against.ref} ({against.commit[:12]})", *([against.note] if against.note else [])]
    told += [
        f"{path} is neither in {against.ref} nor in its lock: the file that is here counts" for path in against.unpinned
    ]
    told += [f"{path} is no longer made" for path in against.gone]
    if against.rest != Total():
        told.append(f"beside the change, what {against.ref} lacks already: {costs_text([against.rest])}")
    return told


def code(text: str) -> str:
    """Write a text so that GitHub shows it as it stands, in one line, and links nothing of it."""
    said = " ".join(clean(text).split())
    if not said:
        return ""
    fence = "`" * (1 + max(map(len, _TICKS.findall(said)), default=0))
    room = " " if said[0] == "`" or said[-1] == "`" else ""
    return f"{fence}{room}{said}{room}{fence}"


def cell(text: str) -> str:
    """Write a text as `code` does, in a table: there a bar ends a cell, in code spans too."""
    return code(text).replace("|", "\\|")


def escaped(text: str) -> str:
    """Write a text so that no comment of HTML ends in it."""
    return _MARKUP.sub(lambda found: f"&#{ord(found[0])};", " ".join(clean(text).split()))


def headline(survey: Reviewed) -> str:
    """Sum a plan up in a line: what it costs, and how much of the project is made anew."""
    graph, stands, against = survey.graph, survey.stands, survey.against
    if against is None:
        ids = {id for id, found in survey.standings.items() if found.standing not in (Standing.CACHED, Standing.LOST)}
        shots, cost = generated(graph, ids), total(graph, survey.standings)
        again = sum(standing is not Standing.CACHED for standing in stands.values())
    else:
        shots, again, cost = generated(graph, against.why), len(against.rebuilt), against.cost
    told = costs_text([cost])
    costs = "free" if told == "free" else f"costs {told}"
    of_shots, of_files = counted(len(survey.planned.project.shots), "shot"), counted(len(stands), "deliverable")
    verb = "generates" if against is None else "regenerates"
    return f"{costs}, {verb} {len(shots)} of {of_shots}, rebuilds {again} of {of_files}"


def _bought(survey: Reviewed) -> Iterator[tuple[str, ...]]:
    """Tell what would be bought, by what it is for; against a revision all that is generated otherwise."""
    graph, against = survey.graph, survey.against
    costs: Mapping[str, Total] = by_shot(graph, survey.standings)
    told: set[str] = set()
    for id, surveyed in survey.standings.items():
        node, is_kept = graph.nodes[id], surveyed.standing is Standing.CACHED
        is_paid = node.conduct.is_paid
        if against is None and (is_kept or not is_paid):
            continue
        if against is not None and (id not in against.why or node.action.mnemonic not in GENERATIONS):
            continue
        first = node.conduct.label not in told
        told.add(node.conduct.label)
        cost = costs.get(node.conduct.label)
        usd = "kept" if is_kept else "free" if not is_paid else costs_text([cost]) if first and cost else ""
        why = survey.why[id] if against is None else against.why[id]
        yield cell(describe(graph, id)), "; ".join(map(cell, why[:3])), usd


def _rebuilt(survey: Reviewed) -> Iterator[tuple[str, ...]]:
    """Tell which finished files would change, and of how many pieces."""
    graph, against = survey.graph, survey.against
    made: dict[tuple[str | None, str | None], int] = {}
    for id, surveyed in survey.standings.items():
        is_made = surveyed.standing is not Standing.CACHED if against is None else id in against.why
        if is_made and graph.nodes[id].action.mnemonic in ("Segment", "Join", "Mix"):
            for whose in {(place.output, place.variant) for place in graph.places.get(id, ())}:
                made[whose] = made.get(whose, 0) + 1
    for deliverable in graph.deliverables:
        row = cell(deliverable.path), counted(made.get((deliverable.output, deliverable.variant), 0), "piece")
        if against is None:
            if survey.stands[deliverable.id] is not Standing.CACHED:
                yield row
        elif deliverable.id in against.rebuilt:
            yield *row, "; ".join(map(cell, told_of(graph, deliverable, against.why)[:3]))


def _table(heads: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> list[str]:
    if not rows:
        return []
    lines = [f"| {' | '.join(row)} |" for row in rows[:MOST]]
    while sum(map(len, lines)) > MOST_LETTERS:
        lines.pop()
    more = [("and", f"{len(rows) - len(lines)} more", *[""] * (len(heads) - 2))] if len(rows) > len(lines) else []
    top, bottom = ([f"| {' | '.join(row)} |" for row in some] for some in ((heads, ("---",) * len(heads)), more))
    return [*top, *lines, *bottom, ""]
