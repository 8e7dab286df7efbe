"""An overview as a picture: shots down, finished files across, and in each cell what is made of the one for the other.

It is drawn by itself, needs no program, and shows standings by colour and by words.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping

from vidbuild.commands.graph_text import FILLS, WORDS, look, short
from vidbuild.plan.overview import SOUND, Card, Overview, tallied
from vidbuild.plan.price import Total, costs_text
from vidbuild.survey import Standing
from vidbuild.words.amounts import counted

EDGE, HEAD, ROW, GAP = 24, 96, 46, 6
ARCS, LEFT, CELL = 70, 400, 118
_FONT = "font-family='system-ui, sans-serif'"
_INK, _PALE = "#222222", "#666666"


def svg(seen: Overview) -> str:
    """Draw an overview."""
    return "\n".join(_Picture(seen).drawn()) + "\n"


class _Picture:
    """Where each card stands: rows for cast, shots and sound, columns for files."""

    def __init__(self, seen: Overview):
        self.seen = seen
        self.rows = [*seen.of("cast"), *seen.of("shot"), *seen.of("sound")]
        self.columns = seen.of("output")
        self.top = EDGE + HEAD + GAP
        self.width = 2 * EDGE + ARCS + LEFT + GAP + len(self.columns) * (CELL + GAP)
        self.height = self.top + len(self.rows) * (ROW + GAP) + 44
        self.at = {card.id: self.top + number * (ROW + GAP) for number, card in enumerate(self.rows)}

    def drawn(self) -> Iterator[str]:
        """Give the picture, an element a line."""
        size = f"width='{self.width}' height='{self.height}' viewBox='0 0 {self.width} {self.height}'"
        yield f"<svg xmlns='http://www.w3.org/2000/svg' {size} {_FONT}>"
        yield f"<title>{_escaped(self.seen.project)}</title>"
        yield f"<rect width='{self.width}' height='{self.height}' fill='white'/>"
        yield _text(EDGE, EDGE + 16, short(self.seen.project, 60), 18, bold=True)
        yield _text(EDGE, EDGE + 38, self._sum(), 12, _PALE)
        for number, card in enumerate(self.columns):
            yield from self._column(card, EDGE + ARCS + LEFT + GAP + number * (CELL + GAP))
        for card in self.rows:
            yield from self._row(card)
        yield from self._arcs()
        yield from self._legend()
        yield "</svg>"

    def _sum(self) -> str:
        cost = sum((card.cost for card in self.seen.cards.values()), Total())
        made = sum(card.standing is not Standing.CACHED for card in self.columns)
        return f"{costs_text([cost])}; {made} of {counted(len(self.columns), 'finished file')} would change"

    def _column(self, card: Card, left: int) -> Iterator[str]:
        yield _box(left, EDGE, CELL, HEAD - GAP, FILLS[look(card)])
        for number, line in enumerate(_broken(card.title, 15)):
            yield _text(left + 8, EDGE + 20 + number * 15, line, 12, bold=True)
        for number, line in enumerate(card.facts[0].split(", ") if card.facts else ()):
            yield _text(left + 8, EDGE + 50 + number * 12, line, 10, _PALE)

    def _row(self, card: Card) -> Iterator[str]:
        top = self.at[card.id]
        yield _box(EDGE + ARCS, top, LEFT, ROW, FILLS[look(card)], is_strong=look(card) in ("buy", "lost"))
        title = f"{card.title} (cast)" if card.kind == "cast" else card.title
        yield _text(EDGE + ARCS + 10, top + 18, short(title, 34), 13, bold=True)
        price = costs_text([card.cost]) if card.buys else tallied(card.counts, WORDS)
        yield _text(EDGE + ARCS + LEFT - 10, top + 18, short(price, 40), 11, _INK, "end")
        yield _text(EDGE + ARCS + 10, top + 36, short(" · ".join([*card.facts[1:2], *card.facts[:1]]), 68), 10, _PALE)
        for number, column in enumerate(self.columns):
            left = EDGE + ARCS + LEFT + GAP + number * (CELL + GAP)
            counts = self.seen.cells.get((card.id, column.id))
            if counts:
                yield from _cell(counts, left, top)
            elif card.id == SOUND and (SOUND, column.id) in self.seen.links:
                yield _box(left, top, CELL, ROW, FILLS["keep" if card.standing is Standing.CACHED else "make"])
                yield _text(left + CELL // 2, top + 27, "mixed in", 11, _PALE, "middle")

    def _arcs(self) -> Iterator[str]:
        """Lead from what a shot is made from to it, outside on the left."""
        for one, other in self.seen.links:
            if one in self.at and other in self.at:
                begin, end = self.at[one] + ROW // 2 + 6, self.at[other] + ROW // 2 - 6
                reach = min(ARCS - 10, 16 + abs(end - begin) // 6)
                edge = EDGE + ARCS
                path = f"M {edge} {begin} C {edge - reach} {begin}, {edge - reach} {end}, {edge - 7} {end}"
                yield f"<path d='{path}' fill='none' stroke='#8a8a8a' stroke-width='1.3'/>"
                yield f"<path d='M {edge - 8} {end - 4} L {edge} {end} L {edge - 8} {end + 4} Z' fill='#8a8a8a'/>"

    def _legend(self) -> Iterator[str]:
        told = {
            "keep": "kept",
            "make": "made here",
            "buy": "bought",
            "resume": "out at a vendor",
            "wait": "waits for others",
        }
        left, top = EDGE, self.height - 28
        for name, words in (*told.items(), ("lost", "lost")):
            yield _box(left, top, 14, 14, FILLS[name], is_strong=name in ("buy", "lost"))
            yield _text(left + 20, top + 11, words, 11, _PALE)
            left += 34 + len(words) * 7


def _cell(counts: Mapping[Standing, int], left: int, top: int) -> Iterator[str]:
    card = Card("", "", "", counts=dict(counts))
    pieces, again = sum(counts.values()), sum(count for each, count in counts.items() if each is not Standing.CACHED)
    words = (
        "kept" if not again else f"{again} of {pieces}" if again < pieces else f"all {pieces}" if pieces > 1 else "made"
    )
    words = "waits" if card.standing is Standing.UNKNOWN and again == pieces else words
    yield _box(left, top, CELL, ROW, FILLS[look(card)])
    yield _text(left + CELL // 2, top + 27, words, 11, _INK if again else _PALE, "middle")


def _broken(text: str, most: int) -> list[str]:
    """Give a name in two lines at the most."""
    line = short(text, 2 * most)
    return [line] if len(line) <= most else [line[:most], line[most:]]


def _box(left: int, top: int, width: int, height: int, fill: str, is_strong: bool = False) -> str:
    pen = "stroke='#b3541e' stroke-width='2'" if is_strong else "stroke='#bbbbbb'"
    return f"<rect x='{left}' y='{top}' width='{width}' height='{height}' rx='5' fill='{fill}' {pen}/>"


def _text(
    left: int, base: int, text: str, size: int, ink: str = _INK, anchor: str = "start", bold: bool = False
) -> str:
    weight = " font-weight='600'" if bold else ""
    place = f"x='{left}' y='{base}' font-size='{size}' fill='{ink}' text-anchor='{anchor}'{weight}"
    return f"<text {place}>{_escaped(text)}</text>"


def _escaped(text: str) -> str:
    return html.escape(text)
