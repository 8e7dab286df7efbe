"""What an action costs in USD: low, expected and high. What is made here is free; an unknown price is `None`.

It reads price lists and conducts; what may be spent, and whether anybody agreed to it, `money` says.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model, Price, Route
from vidbuild.plan.attempts import JUDGE_TRIES
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Conduct, Graph, Hire, Node
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import decimal_text


@dataclass(frozen=True, slots=True)
class Cost:
    """A price range in USD."""

    low: Fraction = Fraction(0)
    expected: Fraction = Fraction(0)
    high: Fraction = Fraction(0)

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.low + other.low, self.expected + other.expected, self.high + other.high)


@dataclass(frozen=True, slots=True)
class Total:
    """What several actions cost; those whose price is unknown are counted beside."""

    cost: Cost = Cost()
    unpriced: int = 0

    def __add__(self, other: Total) -> Total:
        return Total(self.cost + other.cost, self.unpriced + other.unpriced)


def price_of(model: Model, facts: Mapping[str, Any], route: Route | None = None) -> Fraction | None:
    """Price one attempt by a model's list, or its route's own, in USD; `None` where the list doesn't tell.

    The first line whose conditions hold is the price. Where an option that nobody wrote has no known default, a line
    that asks for it may hold: the dearest of the lines that may is taken.

    Args:
        facts: `options` as written; `seconds` that are bought, `None` where there are none; `characters` of the text;
            `init` and `sound`, each true or false.
    """
    found: list[Fraction | None] = []
    for line in (route.prices if route else ()) or model.prices:
        holds = [_holds(model, name, value, facts) for name, value in line.when.items()]
        if False in holds:
            continue
        found.append(_amount(line, facts))
        if None not in holds:
            return None if None in found else max(usd for usd in found if usd is not None)
    return None


def _holds(model: Model, name: str, value: Any, facts: Mapping[str, Any]) -> bool | None:
    """Say whether a condition of a price holds; `None` where it can't be known."""
    written = facts.get("options", {})
    if name in model.options:
        schema = model.options[name]
        if name not in written and "default" not in schema:
            return None
        return _same(written.get(name, schema.get("default")), value)
    if name == "seconds":
        return facts.get("seconds") is not None and Fraction(facts["seconds"]) <= Fraction(value)
    if name in ("init", "sound"):
        return bool(bool(facts.get(name)) == value)
    return False


def _same(said: Any, value: Any) -> bool:
    """Compare two values of an option: `720` and `720.0` are one, `true` and `1` are two."""
    numbers = (int, float, Decimal, Fraction)
    if isinstance(said, bool) or isinstance(value, bool):
        return said is value
    if isinstance(said, numbers) and isinstance(value, numbers):
        return Fraction(str(said)) == Fraction(str(value))
    return bool(said == value)


def _amount(line: Price, facts: Mapping[str, Any]) -> Fraction | None:
    if line.per == "take":
        return line.usd
    if line.per == "1000 characters":
        characters = facts.get("characters")
        return None if characters is None else line.usd * characters / 1000
    seconds = facts.get("seconds")
    if seconds is None or line.per not in ("second", "minute"):
        return None
    return line.usd * Fraction(seconds) / (60 if line.per == "minute" else 1)


def is_paid(node: Node) -> bool:
    """Say whether an action buys something."""
    return node.conduct.is_paid


def price(node: Node, standing: Standing = Standing.RUN) -> Cost | None:
    """Price one action as it stands; `None` where a price that it may come to is unknown.

    Low is one attempt and one look at it; expected goes by how often a model's takes are shot again; high is every
    attempt that reshoots and fallbacks allow, each looked at by every judge, as often as one may be asked. What is
    cached costs nothing; of what is out at a vendor the first attempt is spent already; what waits for others may turn
    out to be cached; what is lost isn't bought unasked.
    """
    parts = _parts(node.conduct, standing)
    return None if parts is None else sum(parts.values(), Cost())


def total(graph: Graph, standings: Mapping[Digest, Surveyed]) -> Total:
    """Sum a graph up as it stands; an action that several shots use counts once."""
    return _summed(graph, standings, lambda node, cost: {"": cost}).get("", Total())


def by_shot(graph: Graph, standings: Mapping[Digest, Surveyed]) -> Mapping[str, Total]:
    """Sum up by the labels that the lock groups by (`shot pour`), sorted; together they are the total."""
    return _summed(graph, standings, lambda node, cost: {node.conduct.label: cost})


def by_provider(graph: Graph, standings: Mapping[Digest, Surveyed]) -> Mapping[str, Total]:
    """Sum up by provider, sorted; what has no price counts at its first one. Together they are the total."""

    def divided(node: Node, cost: Total) -> Mapping[str, Total]:
        parts = _parts(node.conduct, standings[node.action.id].standing)
        if parts is None:
            return {node.conduct.hires[0].provider: cost}
        return {provider: Total(part) for provider, part in parts.items()}

    return _summed(graph, standings, divided)


def _summed(
    graph: Graph, standings: Mapping[Digest, Surveyed], divided: Callable[[Node, Total], Mapping[str, Total]]
) -> Mapping[str, Total]:
    found: dict[str, Total] = {}
    for id, node in graph.nodes.items():
        if is_paid(node):
            standing = standings[id].standing
            cost = price(node, standing)
            # What is out is bought; a further attempt of unknown price needs leave of its own.
            unpriced = int(cost is None and standing is not Standing.RESUME)
            whole = Total(cost or Cost(), unpriced)
            for name, part in divided(node, whole).items():
                if part != Total():
                    found[name] = found.get(name, Total()) + part
    return dict(sorted(found.items()))


def _parts(conduct: Conduct, standing: Standing) -> Mapping[str, Cost] | None:
    """Give what each provider is likely to get; `None` where a price is unknown."""
    if not conduct.is_paid or standing in (Standing.CACHED, Standing.LOST):
        return {}
    judges = conduct.judge.hires if conduct.judge else ()
    parts: dict[str, Cost] = {}
    reached, tries = Fraction(1), 1 + conduct.reshoots
    for number, hire in enumerate(conduct.hires):
        again = min(max(hire.reshoot_rate, Fraction(0)), Fraction(1))
        attempts = reached * sum(again**times for times in range(tries))
        for paid, times in ((hire, 1), *((judge, JUDGE_TRIES) for judge in judges)):
            if paid.reservation is None or paid.list_usd is None:
                return None
            is_likely = paid is hire or paid is judges[0]
            is_sure = is_likely and number == 0 and standing is Standing.RUN
            least = paid.list_usd if paid.least_usd is None else paid.least_usd
            low = least if is_sure else Fraction(0)
            expected = attempts * paid.list_usd if is_likely else Fraction(0)
            cost = Cost(low, expected, tries * times * paid.reservation)
            parts[paid.provider] = parts.get(paid.provider, Cost()) + cost
        reached *= again**tries
    if standing is Standing.RESUME:
        first = conduct.hires[0]
        parts[first.provider] = _less(parts[first.provider], first)
    return parts


def _less(cost: Cost, spent: Hire) -> Cost:
    """Take off an attempt that is out: it is spent already."""
    expected, high = cost.expected - (spent.list_usd or 0), cost.high - (spent.reservation or 0)
    return Cost(cost.low, max(expected, Fraction(0)), max(high, Fraction(0)))


def usd_text(usd: Fraction) -> str:
    """Write an amount for people: cents, and more digits where cents would say nothing (`$0.84`, `$0.0034`)."""
    digits = 2 if usd == 0 or usd >= Fraction(1, 100) else 4
    return f"${decimal_text(usd, digits)}"


def costs_text(totals: Iterable[Total]) -> str:
    """Write what several come to, for people: `$1.20 to $3.60, likely $1.45; 2 of unknown price`."""
    whole = sum(totals, Total())
    low, likely, high = (usd_text(usd) for usd in (whole.cost.low, whole.cost.expected, whole.cost.high))
    unknown = f"{whole.unpriced} of unknown price" if whole.unpriced else ""
    if whole.cost.high == 0:
        return unknown or "free"
    known = high if low == high else f"{low} to {high}, likely {likely}"
    return f"{known}; {unknown}" if unknown else known
