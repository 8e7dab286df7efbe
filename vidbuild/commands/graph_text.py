"""An overview as text that other programs draw: DOT for Graphviz, Mermaid for Markdown, JSON.

What authors wrote is text in each of them, never markup.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator
from typing import Any

from vidbuild.documents import usd_range
from vidbuild.plan.overview import Card, Overview, tallied
from vidbuild.plan.price import costs_text
from vidbuild.survey import Standing
from vidbuild.words.errors import clean

WORDS = {
    Standing.LOST: "lost",
    Standing.RESUME: "to resume",
    Standing.RUN: "to make",
    Standing.UNKNOWN: "waiting",
    Standing.CACHED: "kept",
}
FILLS = {
    "lost": "#f4b6b6",
    "buy": "#ffcf9e",
    "resume": "#bcd8f5",
    "make": "#fff0b8",
    "wait": "#eeeeee",
    "keep": "#d9ecd9",
}
"""The colour of each look; words always say the same."""
_LOOKS = {
    Standing.LOST: "lost",
    Standing.RESUME: "resume",
    Standing.RUN: "make",
    Standing.UNKNOWN: "wait",
    Standing.CACHED: "keep",
}
_LONGEST = 48


def look(card: Card) -> str:
    """Name how a card is drawn: as what will be done about it."""
    return "buy" if card.buys and card.standing not in (Standing.LOST, Standing.RESUME) else _LOOKS[card.standing]


def short(text: str, most: int = _LONGEST) -> str:
    """Give a text's beginning, in one line."""
    line = " ".join(clean(text).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def lines(card: Card) -> list[str]:
    """Tell a card's facts, standing and price, a line each."""
    told = [tallied(card.counts, WORDS), costs_text([card.cost]) if card.buys else ""]
    return [line for line in (*map(short, card.facts), " · ".join(filter(None, told))) if line]


def dot(seen: Overview) -> str:
    """Write an overview for Graphviz."""
    return "\n".join(_dot(seen)) + "\n"


def _dot(seen: Overview) -> Iterator[str]:
    yield f"digraph {_quoted(seen.project)} {{"
    yield '  rankdir=LR; nodesep=0.15; ranksep=0.6; bgcolor="white";'
    yield '  node [shape=box, style="filled,rounded", fontname="sans-serif", fontsize=10, margin="0.12,0.06"];'
    yield '  edge [color="#8a8a8a", arrowsize=0.6];'
    names = {id: f"n{number}" for number, id in enumerate(seen.cards)}
    yield from (f"  {names[card.id]} [{_dot_card(card)}];" for card in seen.cards.values())
    shots = " -> ".join(names[card.id] for card in seen.of("shot"))
    if shots:
        yield f"  {{ rank=same; {shots} [style=invis, weight=10]; }}"
    for one, other in seen.links:
        how = " [style=dashed, constraint=false]" if _is_chain(seen, one, other) else ""
        yield f"  {names[one]} -> {names[other]}{how};"
    for number, (together, outputs) in enumerate(seen.cuts()):
        if len(outputs) > 1 and len(together) > 1:
            yield f'  cut{number} [shape=point, width=0.08, label=""];'
            yield from (f"  {names[shot]} -> cut{number} [arrowhead=none];" for shot in together)
            yield from (f"  cut{number} -> {names[output]};" for output in outputs)
        else:
            yield from (f"  {names[shot]} -> {names[output]};" for shot in together for output in outputs)
    yield "}"


def _is_chain(seen: Overview, one: str, other: str) -> bool:
    """Say whether a shot continues another."""
    return seen.cards[one].kind == seen.cards[other].kind == "shot"


def _dot_card(card: Card) -> str:
    text = "<br/>".join(html.escape(line) for line in lines(card))
    title = f"<b>{html.escape(short(card.title))}</b>"
    pen = ', penwidth=2, color="#b3541e"' if look(card) in ("buy", "lost") else ', color="#999999"'
    return f'label=<{title}<br/>{text}>, fillcolor="{FILLS[look(card)]}"{pen}'


def _quoted(text: str) -> str:
    """Write a text as a quoted name of DOT."""
    escaped = short(text, 200).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def mermaid(seen: Overview) -> str:
    """Write an overview as Markdown's diagrams are written."""
    return "\n".join(_mermaid(seen)) + "\n"


def _mermaid(seen: Overview) -> Iterator[str]:
    yield "flowchart LR"
    names = {id: f"n{number}" for number, id in enumerate(seen.cards)}
    for kind, title in (
        ("cast", "cast"),
        ("shot", "shots"),
        ("sound", ""),
        ("output", "finished files"),
        ("action", ""),
    ):
        cards = seen.of(kind)
        if cards and title:
            yield f"  subgraph {kind}_ [{title}]"
        for card in cards:
            text = "<br/>".join(_entities(line) for line in lines(card))
            yield f'    {names[card.id]}["<b>{_entities(short(card.title))}</b><br/>{text}"]:::{look(card)}'
        if cards and title:
            yield "  end"
    for one, other in seen.links:
        yield f"  {names[one]} {'-. continues .->' if _is_chain(seen, one, other) else '-->'} {names[other]}"
    for number, (shots, outputs) in enumerate(seen.cuts()):
        if len(outputs) > 1 and len(shots) > 1:
            yield f'  cut{number}(("cut"))'
            yield f"  {' & '.join(names[shot] for shot in shots)} --- cut{number}"
            yield f"  cut{number} --> {' & '.join(names[output] for output in outputs)}"
        else:
            yield from (f"  {names[shot]} --> {names[output]}" for shot in shots for output in outputs)
    for name, fill in FILLS.items():
        pen = "stroke:#b3541e,stroke-width:2px" if name in ("buy", "lost") else "stroke:#999"
        yield f"  classDef {name} fill:{fill},color:#222,{pen}"


def _entities(text: str) -> str:
    """Write a text so that Mermaid shows it as it stands: signs by number."""
    return "".join(char if char.isalnum() or char in " .,-/" else f"#{ord(char)};" for char in text)


def document(seen: Overview) -> str:
    """Write an overview as JSON; its schema is `graph.schema.json`."""
    return json.dumps(
        {
            "vidbuild_graph": 1,
            "project": seen.project,
            "cards": [_card(card) for card in seen.cards.values()],
            "links": [{"from": one, "to": other} for one, other in seen.links],
            "cells": [
                {"shot": shot, "output": output, "counts": _counts(counts)}
                for (shot, output), counts in seen.cells.items()
            ],
        }
    )


def _card(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "kind": card.kind,
        "title": card.title,
        "facts": list(card.facts),
        "standing": str(card.standing),
        "counts": _counts(card.counts),
        "buys": card.buys,
        "unpriced": card.cost.unpriced,
        "cost_usd": usd_range(card.cost.cost),
    }


def _counts(counts: Any) -> dict[str, int]:
    return {str(standing): counts[standing] for standing in Standing if counts.get(standing)}
