"""A graph as people see it: members of the cast, shots, sound and finished files, with what runs and what it costs.

Thousands of actions become a card for each of these. Values in, values out; how a card is drawn it doesn't know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from vidbuild.plan.price import Total, price
from vidbuild.plan.why import describe
from vidbuild.spec.model import Card as TitleCard
from vidbuild.spec.model import Filmed, Presented, Project, Prompted
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Deliverable, Graph, Node, Place
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import clock_text, rate_number

_SOUNDS = frozenset({"Mix", "Music", "Effect", "Speech", "Sound", "Align"})
SOUND = "sound"
_URGENT = (Standing.LOST, Standing.RESUME, Standing.RUN, Standing.UNKNOWN, Standing.CACHED)


@dataclass
class Card:
    """One thing that people name, with all that is made for it.

    Args:
        id: its kind and name, which no other card has.
        kind: `cast`, `shot`, `sound`, `output`, or `action` where each stands for itself.
        facts: what it is, in a line each.
        counts: how many of its actions stand how.
        cost: what its own purchases come to; an action that several share counts at the first.
        buys: how many of its actions would be bought.
        standing: how it stands as a whole: as the most urgent of its actions does.
    """

    id: str
    kind: str
    title: str
    facts: tuple[str, ...] = ()
    counts: dict[Standing, int] = field(default_factory=dict)
    cost: Total = field(default_factory=Total)
    buys: int = 0

    @property
    def standing(self) -> Standing:
        """How it stands as a whole."""
        return next((each for each in _URGENT if self.counts.get(each)), Standing.CACHED)

    def count(self, standing: Standing, count: int = 1) -> None:
        """Count actions, or a finished file."""
        self.counts[standing] = self.counts.get(standing, 0) + count


@dataclass(frozen=True)
class Overview:
    """All cards with what leads from one to another, and what a finished file shows of a shot.

    Args:
        cards: by id: cast, shots in the film's order, sound, finished files.
        links: pairs of ids; from a shot to a file by no link of their own, but by `cells`.
        cells: by a shot's and a file's id: how many pieces of it stand how.
    """

    project: str
    cards: Mapping[str, Card]
    links: tuple[tuple[str, str], ...]
    cells: Mapping[tuple[str, str], Mapping[Standing, int]]

    def of(self, kind: str) -> list[Card]:
        """Give the cards of a kind."""
        return [card for card in self.cards.values() if card.kind == kind]

    def cuts(self) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
        """Give the shots that go into the same files together with these files, each by id."""
        files: dict[str, list[str]] = {}
        for shot, output in self.cells:
            files.setdefault(shot, []).append(output)
        cuts: dict[tuple[str, ...], list[str]] = {}
        for shot in (card.id for card in self.of("shot") if card.id in files):
            order = [card.id for card in self.of("output") if card.id in files[shot]]
            cuts.setdefault(tuple(order), []).append(shot)
        return [(tuple(shots), outputs) for outputs, shots in cuts.items()]


def overview(
    project: Project, graph: Graph, standings: Mapping[Digest, Surveyed], stands: Mapping[Digest, Standing]
) -> Overview:
    """Gather a graph into cards.

    Args:
        stands: how each finished file stands, by its id.
    """
    looking = _Looking(project, graph)
    for id, node in graph.nodes.items():
        looking.see(id, node, standings[id].standing)
    for deliverable in graph.deliverables:
        looking.cards[_file(deliverable.output, deliverable.variant)].count(stands[deliverable.id])
    kinds = ("cast", "shot", "sound", "output")
    bare = {id for id, card in looking.cards.items() if not card.counts}
    for (shot, _), counts in looking.cells.items():
        if shot in bare:
            for standing, count in counts.items():
                looking.cards[shot].count(standing, count)
    kept = [card for kind in kinds for card in looking.cards.values() if card.kind == kind and card.counts]
    cards = {card.id: card for card in kept}
    links = tuple((one, other) for one, other in looking.links() if one in cards and other in cards)
    return Overview(project.name, cards, links, looking.cells)


def each_action(project: Project, graph: Graph, standings: Mapping[Digest, Surveyed]) -> Overview:
    """Give a card to every action."""
    cards: dict[str, Card] = {}
    for id, node in graph.nodes.items():
        card = Card(id, "action", describe(graph, id), _hired(node))
        card.count(standings[id].standing)
        _charge(card, node, standings[id].standing)
        cards[id] = card
    links = ((ref.action, id) for id, node in graph.nodes.items() for ref in node.action.refs)
    return Overview(project.name, cards, tuple(dict.fromkeys(links)), {})


def _hired(node: Node) -> tuple[str, ...]:
    return tuple(f"{hire.model} ({hire.provider})" for hire in node.conduct.hires[:1])


def _charge(card: Card, node: Node, standing: Standing) -> None:
    """Add what an action would cost to a card."""
    if not node.conduct.is_paid or standing in (Standing.CACHED, Standing.LOST):
        return
    cost = price(node, standing)
    card.cost += Total(unpriced=1) if cost is None else Total(cost)
    card.buys += 1


def _file(output: str | None, variant: str | None) -> str:
    return f"output {output}" if variant is None else f"output {variant} {output}"


class _Looking:
    """A walk over a graph: cards as they are filled, and which actions stand on which."""

    def __init__(self, project: Project, graph: Graph):
        self.graph = graph
        self.cards: dict[str, Card] = {}
        self.cells: dict[tuple[str, str], dict[Standing, int]] = {}
        self._cards_of: dict[Digest, tuple[str, ...]] = {}
        for shot in project.shots:
            self.cards[f"shot {shot.id}"] = Card(f"shot {shot.id}", "shot", shot.id, tuple(_source(shot.source)))
        self.cards[SOUND] = Card(SOUND, "sound", "sound")
        for deliverable in graph.deliverables:
            id = _file(deliverable.output, deliverable.variant)
            variant = f" ({deliverable.variant})" if deliverable.variant else ""
            self.cards[id] = Card(id, "output", f"{deliverable.output}{variant}", (_form(deliverable),))

    def see(self, id: Digest, node: Node, standing: Standing) -> None:
        """Count an action at each card that it serves, its price at the first."""
        names = tuple(dict.fromkeys(self._named(node, place) for place in self.graph.places.get(id, ())))
        self._cards_of[id] = names
        for name in names:
            self.cards[name].count(standing)
        if names:
            card = self.cards[names[0]]
            _charge(card, node, standing)
            hired = [fact for fact in _hired(node) if fact not in card.facts]
            card.facts += tuple(hired if len(card.facts) < 3 else ())
        for place in dict.fromkeys(self.graph.places.get(id, ())):
            if place.shot and place.output and not node.conduct.is_paid:
                cell = self.cells.setdefault((f"shot {place.shot}", _file(place.output, place.variant)), {})
                cell[standing] = cell.get(standing, 0) + 1

    def _named(self, node: Node, place: Place) -> str:
        """Name the card that an action belongs to at a place."""
        if place.shot and (place.output is None or node.conduct.is_paid):
            return self._card("shot", place.shot)
        if place.role and place.role.startswith("cast "):
            return self._card("cast", place.role.removeprefix("cast ").partition(", ")[0])
        if place.output is not None and node.action.mnemonic not in _SOUNDS:
            return _file(place.output, place.variant)
        return SOUND

    def _card(self, kind: str, title: str) -> str:
        id = f"{kind} {title}"
        self.cards.setdefault(id, Card(id, kind, title))
        return id

    def links(self) -> Iterator[tuple[str, str]]:
        """Give what leads from card to card: pictures to shots, shots to those that continue them, sound to files."""
        found: dict[tuple[str, str], None] = {}
        for id, node in self.graph.nodes.items():
            for ref in node.action.refs:
                for one in self._cards_of[ref.action][:1]:
                    for other in self._cards_of[id]:
                        if one != other and self._is_told(one, other):
                            found[one, other] = None
        yield from found

    def _is_told(self, one: str, other: str) -> bool:
        kinds = (self.cards[one].kind, self.cards[other].kind)
        return kinds in (("cast", "shot"), ("shot", "shot"), ("sound", "output"))


def _source(source: object) -> Iterator[str]:
    """Say in a line what a shot's picture comes from."""
    if isinstance(source, Prompted):
        yield source.words
    elif isinstance(source, Filmed):
        yield source.file
    elif isinstance(source, TitleCard):
        yield f"card: {source.title}"
    elif isinstance(source, Presented):
        yield f"presented by {source.member}"


def _form(deliverable: Deliverable) -> str:
    """Say how large and long a finished file is."""
    length = clock_text(deliverable.seconds)
    if not deliverable.width:
        return length
    return f"{deliverable.width}x{deliverable.height}, {rate_number(deliverable.fps)} fps, {length}"


def tallied(counts: Mapping[Standing, int], words: Mapping[Standing, str]) -> str:
    """Say in words how many stand how: `2 to make, 3 kept`."""
    return ", ".join(f"{counts[each]} {words[each]}" for each in _URGENT if counts.get(each))
