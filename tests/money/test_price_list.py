"""Prices: one attempt by the model's list, an action by its conduct, a plan by shot and provider."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from vidbuild.catalog.model import Model, Price
from vidbuild.plan.price import Cost, Total, by_provider, by_shot, costs_text, price, price_of, total, usd_text
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import Action, Conduct, Graph, Hire, Judging, Node
from vidbuild.words.digest import Digest

F = Fraction
KLING = Model(
    "kling-3",
    "footage",
    options={"mode": {"enum": ["std", "pro"], "default": "std"}, "audio": {"type": "boolean"}, "seed": {}},
    prices=(
        Price(F("0.168"), "second", {"mode": "pro", "audio": True}),
        Price(F("0.112"), "second", {"mode": "pro"}),
        Price(F("0.084"), "second"),
    ),
)


def model(*prices: Price, **options: Any) -> Model:
    return Model("m", "footage", options=options, prices=prices)


@pytest.mark.parametrize(
    ("options", "usd"),
    [
        ({}, "0.84"),
        ({"mode": "std"}, "0.84"),
        ({"mode": "pro", "audio": False}, "1.12"),
        ({"mode": "pro", "audio": True}, "1.68"),
        ({"mode": "pro"}, "1.68"),
    ],
    ids=["by default", "as written", "false is said", "both", "dearest where a default is unknown"],
)
def test_the_first_line_whose_conditions_hold_is_the_price(options: Mapping[str, Any], usd: str) -> None:
    """A left out option has its default."""
    assert price_of(KLING, {"options": options, "seconds": F(10)}) == F(usd)


@pytest.mark.parametrize(
    ("line", "facts", "usd"),
    [
        (Price(F("0.1"), "second"), {"seconds": F("2.5")}, F("0.25")),
        (Price(F("0.75"), "minute"), {"seconds": F(90)}, F("1.125")),
        (Price(F("0.2"), "take"), {}, F("0.2")),
        (Price(F("0.12"), "1000 characters"), {"characters": 250}, F("0.03")),
        (Price(F("0.1"), "second"), {"seconds": None}, None),
        (Price(F("0.1"), "1000 characters"), {}, None),
        (Price(F("0.1"), "take", {"init": True}), {"init": False}, None),
        (Price(F("0.1"), "take", {"sound": True}), {"sound": True}, F("0.1")),
        (Price(F("0.1"), "take", {"who": "knows"}), {}, None),
    ],
)
def test_a_price_is_for_what_it_is_counted_by(line: Price, facts: Mapping[str, Any], usd: Fraction | None) -> None:
    """Exact; what the list doesn't tell is unknown, never free."""
    assert price_of(model(line), facts) == usd


def test_a_model_without_a_list_has_an_unknown_price() -> None:
    """It isn't taken for free."""
    assert price_of(model(), {"seconds": F(5)}) is None


def test_numbers_are_equal_whatever_they_are_written_as_but_no_number_is_true() -> None:
    """YAML gives `1080` and `1080.0`."""
    lines = (
        Price(F(9), "take", {"lines": Decimal("1080.0")}),
        Price(F(5), "take", {"fast": True}),
        Price(F(1), "take"),
    )
    options = {"lines": {"default": 720}, "fast": {"default": False}}
    assert price_of(model(*lines, **options), {"options": {"lines": 1080}}) == 9
    assert price_of(model(*lines, **options), {"options": {"fast": 1}}) == 1


def hire(name: str, usd: str | None, rate: str = "0", provider: str = "", high: str | None = None) -> Hire:
    known = None if usd is None else F(usd)
    return Hire(name, f"{name}@1", provider or name, F(high) if high else known, known, F(rate))


def node(*hires: Hire, reshoots: int = 0, judge: Hire | None = None, label: str = "shot a") -> Node:
    judging = Judging((judge,), ("is it a cup?",), F(1, 2)) if judge else None
    action = Action(
        "Footage", {"prompt": label, "by": [one.model for one in hires]}, {}, {"video": "video/mp4"}, "kling-3@1"
    )
    return Node(action, Conduct(hires, reshoots=reshoots, judge=judging, label=label))


KLING_1 = hire("kling", "1", "0.1", high="1.2")
HAILUO = hire("hailuo", "2", "0.5")
JUDGE = hire("judge", "0.02", provider="fal")


@pytest.mark.parametrize(
    ("priced", "low", "expected", "high"),
    [
        (node(), "0", "0", "0"),
        (node(KLING_1), "1", "1", "1.2"),
        (node(KLING_1, reshoots=1), "1", "1.1", "2.4"),
        (node(KLING_1, reshoots=2), "1", "1.11", "3.6"),
        (node(KLING_1, HAILUO), "1", "1.2", "3.2"),
        (node(KLING_1, HAILUO, reshoots=1), "1", "1.13", "6.4"),
        (node(KLING_1, reshoots=1, judge=JUDGE), "1.02", "1.122", "2.48"),
        (node(KLING_1, HAILUO, judge=JUDGE), "1.02", "1.222", "3.28"),
        (node(hire("odd", "1", rate="7"), reshoots=2), "1", "3", "3"),
    ],
)
def test_low_is_one_attempt_and_high_is_all_of_them(priced: Node, low: str, expected: str, high: str) -> None:
    """Expected goes by how often a model's takes are shot again; each take is judged once, and twice at most."""
    assert price(priced) == Cost(F(low), F(expected), F(high))


@pytest.mark.parametrize(
    ("standing", "low", "expected", "high"),
    [
        (Standing.RUN, "1.02", "1.122", "2.48"),
        (Standing.CACHED, "0", "0", "0"),
        (Standing.RESUME, "0", "0.122", "1.28"),
        (Standing.UNKNOWN, "0", "1.122", "2.48"),
        (Standing.LOST, "0", "0", "0"),
    ],
)
def test_a_price_is_of_what_is_still_to_be_paid(standing: Standing, low: str, expected: str, high: str) -> None:
    """What is out is spent, what waits may be kept, what is lost isn't bought unasked."""
    priced = node(KLING_1, reshoots=1, judge=JUDGE)
    assert price(priced, standing) == Cost(F(low), F(expected), F(high))


@pytest.mark.parametrize(
    "priced",
    [node(hire("new", None)), node(KLING_1, hire("new", None)), node(KLING_1, judge=hire("new", None))],
    ids=["the model", "a fallback", "the judge"],
)
def test_one_unknown_price_makes_the_whole_unknown(priced: Node) -> None:
    """Nobody is shown a sum that leaves something out."""
    assert price(priced) is None


def graph(*nodes: tuple[Node, Standing]) -> tuple[Graph, Mapping[Digest, Surveyed]]:
    found = {one.action.id: one for one, _ in nodes}
    return Graph(found, {}, ()), {one.action.id: Surveyed(standing, None) for one, standing in nodes}


PLAN = graph(
    (node(KLING_1, HAILUO, judge=JUDGE, label="shot a"), Standing.RUN),
    (node(hire("kling-2", "3", provider="kling"), label="shot b"), Standing.UNKNOWN),
    (node(hire("new", None), label="shot b"), Standing.CACHED),
    (node(hire("new", None), label="shot c"), Standing.RUN),
    (node(hire("new", None), label="shot d"), Standing.RESUME),
    (node(hire("voice", "0.5", provider="eleven"), label="audio"), Standing.CACHED),
    (node(label="shot a"), Standing.RUN),
)


def test_a_plan_is_summed_up_once() -> None:
    """What is out at an unknown price holds nothing up."""
    whole = Total(Cost(F("1.02"), F("4.222"), F("6.28")), 1)
    assert total(*PLAN) == whole
    assert sum(by_shot(*PLAN).values(), Total()) == whole
    assert sum(by_provider(*PLAN).values(), Total()) == whole


def test_a_plan_is_summed_up_by_shot() -> None:
    """By the labels of the lock."""
    assert by_shot(*PLAN) == {
        "shot a": Total(Cost(F("1.02"), F("1.222"), F("3.28"))),
        "shot b": Total(Cost(F(0), F(3), F(3))),
        "shot c": Total(Cost(), 1),
    }


def test_a_plan_is_summed_up_by_provider() -> None:
    """Fallbacks and judges count where their money goes."""
    assert by_provider(*PLAN) == {
        "fal": Total(Cost(F("0.02"), F("0.022"), F("0.08"))),
        "hailuo": Total(Cost(F(0), F("0.2"), F(2))),
        "kling": Total(Cost(F(1), F(4), F("4.2"))),
        "new": Total(Cost(), 1),
    }


@pytest.mark.parametrize(
    ("usd", "text"), [(F(0), "$0.00"), (F("0.84"), "$0.84"), (F("12.345"), "$12.35"), (F("0.0034"), "$0.0034")]
)
def test_amounts_are_written_in_cents_where_cents_say_something(usd: Fraction, text: str) -> None:
    """And never as nothing where it is something."""
    assert usd_text(usd) == text


@pytest.mark.parametrize(
    ("totals", "text"),
    [
        ([], "free"),
        ([Total(Cost(F(1), F(1), F(1)))], "$1.00"),
        ([Total(Cost(F(1), F(2), F(3))), Total(Cost(), 2)], "$1.00 to $3.00, likely $2.00; 2 of unknown price"),
        ([Total(Cost(), 1)], "1 of unknown price"),
    ],
)
def test_a_plan_says_what_it_costs(totals: list[Total], text: str) -> None:
    """Unknown is shown as unknown."""
    assert costs_text(totals) == text
