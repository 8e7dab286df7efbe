"""Caps and consent: what a build may spend, and whether anybody agreed to it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from vidbuild.plan.money import Approved, Ask, Cap, Consent, Denied, approval, approval_of_shots, caps
from vidbuild.plan.price import Cost, Total
from vidbuild.spec.model import Budget

F = Fraction
NOBODY = Budget()
NONE = Consent()


def budget(max_usd: str | None = None, total_usd: str | None = None) -> Budget:
    return Budget(None if max_usd is None else F(max_usd), None if total_usd is None else F(total_usd))


def said(text: str) -> Consent:
    """Read `--yes --max-cost 3 tty ci --allow-unknown-price` as a consent."""
    words = text.split()
    cost = F(words[words.index("--max-cost") + 1]) if "--max-cost" in words else None
    return Consent("--yes" in words, cost, "tty" in words, "ci" in words, "--allow-unknown-price" in words)


@pytest.mark.parametrize(
    ("project", "user", "consent", "spent", "least", "whose"),
    [
        (NOBODY, NOBODY, "", 0, None, ""),
        (budget("6"), NOBODY, "", 0, 6, "`budget.max_usd` of the project"),
        (budget("6"), budget("4"), "", 0, 4, "`max_usd` of your configuration"),
        (budget("6"), budget("4"), "--max-cost 2", 0, 2, "`--max-cost`"),
        (budget("2"), budget("4"), "--max-cost 6", 0, 2, "`budget.max_usd` of the project"),
        (budget("6", "20"), NOBODY, "", 15, 5, "`budget.total_usd` of the project, of which $15.00 is spent"),
        (budget("6", "20"), NOBODY, "", 25, 0, "`budget.total_usd` of the project, of which $25.00 is spent"),
        (budget("6"), budget(None, "8"), "", 5, 3, "`total_usd` of your configuration, of which $5.00 is spent"),
        (budget("6"), NOBODY, "--yes", 0, 6, "`budget.max_usd` of the project"),
        (budget("6"), NOBODY, "ci", 0, 0, "CI, where nothing is bought without `--max-cost`"),
        (budget("6"), NOBODY, "ci --yes", 0, 0, "CI, where nothing is bought without `--max-cost`"),
        (budget("6"), NOBODY, "ci --max-cost 9", 0, 6, "`budget.max_usd` of the project"),
        (budget("6"), budget("4"), "ci", 0, 4, "`max_usd` of your configuration"),
        (budget("6"), budget(None, "9"), "ci", 0, 6, "`budget.max_usd` of the project"),
        (budget("0"), NOBODY, "--max-cost 9", 0, 0, "`budget.max_usd` of the project"),
    ],
)
def test_the_least_cap_wins(
    project: Budget, user: Budget, consent: str, spent: int, least: int | None, whose: str
) -> None:
    """And says whose it is; under CI it is nothing until somebody outside the project names one."""
    assert caps(project, user, said(consent), F(spent)) == Cap(None if least is None else F(least), whose)


PLAN = Total(Cost(F(2), F("2.5"), F(5)))
MIXED = Total(Cost(F(2), F("2.5"), F(5)), 1)
MAYBE = Total(Cost(F(0), F(1), F(5)))
BLIND = Total(Cost(), 2)
FREE = Total()


def capped(usd: str | None) -> Cap:
    return Cap() if usd is None else Cap(F(usd), "the cap")


@pytest.mark.parametrize(
    ("plan", "cap", "consent", "up_to"),
    [
        (FREE, None, "", 0),
        (FREE, "0", "ci", 0),
        (PLAN, None, "--yes", 5),
        (PLAN, "9", "--yes", 5),
        (PLAN, "9", "--yes tty", 5),
        (PLAN, "3", "--yes", 3),
        (PLAN, "2", "--yes", 2),
        (PLAN, "9", "--max-cost 9", 9),
        (PLAN, "3", "--max-cost 9", 3),
        (PLAN, "9", "--yes --max-cost 9", 9),
        (PLAN, "3", "--max-cost 3 tty", 3),
        (PLAN, "9", "ci --yes", 5),
        (PLAN, "9", "ci --max-cost 9", 9),
        (MIXED, None, "--yes --allow-unknown-price", None),
        (MIXED, "9", "--yes --allow-unknown-price", 9),
        (BLIND, "9", "--max-cost 9 --allow-unknown-price", 9),
        (MAYBE, "0", "ci --yes", 0),
        (MAYBE, None, "", 0),
    ],
)
def test_a_build_may_start(plan: Total, cap: str | None, consent: str, up_to: int | None) -> None:
    """`--yes` agrees to the plan's high end, `--max-cost` to so much, a cap holds whatever was agreed to."""
    answer = approval(plan, capped(cap), said(consent))
    assert isinstance(answer, Approved)
    assert answer.up_to == (None if up_to is None else F(up_to))


@pytest.mark.parametrize(
    ("plan", "cap", "consent", "sentence", "hint"),
    [
        (PLAN, None, "", "this costs $2.00 to $5.00, likely $2.50, and nobody has agreed to it", "`--yes` agrees"),
        (PLAN, "9", "", "this costs $2.00 to $5.00, likely $2.50, and nobody has agreed to it", "`--yes` agrees"),
        (PLAN, "9", "ci", "this costs $2.00 to $5.00, likely $2.50, and nobody has agreed to it", "`--yes` agrees"),
        (PLAN, "9", "ci tty", "this costs $2.00 to $5.00, likely $2.50, and nobody has agreed to it", "`--yes` agrees"),
        (PLAN, "1.99", "--yes", "this costs at least $2.00, and $1.99 may be spent (the cap)", "nothing was submitted"),
        (PLAN, "1.99", "tty", "this costs at least $2.00, and $1.99 may be spent (the cap)", "nothing was submitted"),
        (PLAN, "0", "--yes", "this costs at least $2.00, and nothing may be spent (the cap)", "nothing was submitted"),
        (MIXED, None, "--yes", "the price of 1 paid action is unknown, and so over every cap", "`--allow-unknown-pri"),
        (BLIND, "9", "--max-cost 9", "the price of 2 paid actions is unknown, and so over every cap", "`--allow-unkn"),
        (BLIND, None, "tty", "the price of 2 paid actions is unknown, and so over every cap", "`--allow-unknown-price"),
        (
            BLIND,
            "0",
            "--yes --allow-unknown-price",
            "the price of 2 paid actions is unknown, and nothing may",
            "nothing",
        ),
        (
            BLIND,
            None,
            "--allow-unknown-price",
            "this costs nobody knows what, and nobody has agreed to it",
            "`--yes` agrees",
        ),
    ],
)
def test_a_build_may_not_start(plan: Total, cap: str | None, consent: str, sentence: str, hint: str) -> None:
    """It says why, and what would help."""
    answer = approval(plan, capped(cap), said(consent))
    assert isinstance(answer, Denied)
    assert answer.sentence.startswith(sentence)
    assert answer.hint.startswith(hint)


def test_yes_alone_buys_nothing_in_ci() -> None:
    """The cap of the project changes nothing about that."""
    consent = Consent(yes=True, ci=True)
    answer = approval(PLAN, caps(budget("99"), NOBODY, consent, F(0)), consent)
    assert answer == Denied(
        "this costs at least $2.00, and nothing is bought in CI unasked", "name what it may cost with `--max-cost USD`"
    )


@pytest.mark.parametrize(
    ("plan", "cap", "consent", "asked"),
    [
        (PLAN, None, "tty", Ask("This costs $2.00 to $5.00, likely $2.50. Buy it?", F(5))),
        (
            PLAN,
            "3",
            "tty",
            Ask(
                "This costs $2.00 to $5.00, likely $2.50 (it may cost up to $5.00, and is stopped at $3.00 (the cap);"
                " what is bought by then is kept). Buy it?",
                F(3),
            ),
        ),
        (
            MIXED,
            "9",
            "tty --allow-unknown-price",
            Ask("This costs $2.00 to $5.00, likely $2.50, and 1 paid action of unknown price. Buy it?", F(9)),
        ),
    ],
)
def test_at_a_terminal_the_user_is_asked(plan: Total, cap: str | None, consent: str, asked: Ask) -> None:
    """Before anything is submitted, with the whole range."""
    assert approval(plan, capped(cap), said(consent)) == asked


def test_what_may_be_stopped_on_the_way_is_told() -> None:
    """Low fits the cap, high does not."""
    answer = approval(PLAN, capped("3"), said("--yes"))
    assert answer == Approved(
        F(3), "it may cost up to $5.00, and is stopped at $3.00 (the cap); what is bought by then is kept"
    )


def test_what_is_out_is_fetched_without_consent_and_nothing_new_is_bought() -> None:
    """A plan that may cost nothing starts, with an empty purse."""
    assert approval(MAYBE, Cap(), NONE) == Approved(F(0), "nothing new is bought without `--yes` or `--max-cost`")


def test_a_shot_over_its_own_cap_at_its_low_end_stops_the_plan() -> None:
    """Nothing is submitted, of other shots either."""
    shots = {"shot a": Total(Cost(F(1), F(1), F(4))), "shot b": PLAN}
    assert approval_of_shots(shots, None) is None
    assert approval_of_shots(shots, F(2)) is None
    assert approval_of_shots(shots, F("1.5")) == Denied(
        "`shot b` costs at least $2.00, and one shot may cost $1.50",
        "raise `budget.per_shot_usd`, or choose another model for it",
    )


def test_consent_is_never_a_cap() -> None:
    """`--yes` lifts none."""
    for consent in (NONE, replace(NONE, yes=True)):
        assert caps(budget("6"), budget("7"), consent, F(0)).least == 6
