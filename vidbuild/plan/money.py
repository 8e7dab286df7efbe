"""What a build may spend, and whether anybody agreed to it: caps and consent, decided before anything is submitted.

Values in, values out: it asks nobody, and knows neither purse nor ledger.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from vidbuild.plan.price import Total, usd_text
from vidbuild.spec.model import Budget
from vidbuild.words.amounts import counted


class UserCaps(Protocol):
    """What the user's configuration says of money, for every project."""

    @property
    def max_usd(self) -> Fraction | None:
        """What one build may spend."""

    @property
    def total_usd(self) -> Fraction | None:
        """What one project may spend in its life."""


@dataclass(frozen=True)
class Cap:
    """The most that a build may newly spend, and who says so; `None` where nobody does."""

    least: Fraction | None = None
    whose: str = ""


@dataclass(frozen=True)
class Approved:
    """A build may start, and spend so much (`None`: as much as it takes); the purse stops it there.

    Args:
        note: what the user should know all the same; empty where there is nothing.
    """

    up_to: Fraction | None
    note: str = ""


@dataclass(frozen=True)
class Ask:
    """The user has to say yes to a question; then it is as if `Approved(up_to)`."""

    question: str
    up_to: Fraction | None


@dataclass(frozen=True)
class Denied:
    """A build may not start: nothing is submitted, exit 5."""

    sentence: str
    hint: str


@dataclass(frozen=True)
class Consent:
    """What the user said, and where the build runs.

    Args:
        yes: `--yes`: consent to the plan's high end, never a cap.
        max_cost: `--max-cost`: a cap, and consent to spend up to it.
        interactive: whether somebody sits at a terminal.
        ci: whether `CI=true`.
        allow_unknown: `--allow-unknown-price`.
        planned: what an approved plan leaves to be spent: consent to that, and a cap.
    """

    yes: bool = False
    max_cost: Fraction | None = None
    interactive: bool = False
    ci: bool = False
    allow_unknown: bool = False
    planned: Fraction | None = None


def caps(project: Budget, user: UserCaps, consent: Consent, spent: Fraction) -> Cap:
    """Give the least of all caps on this build's new spending.

    Under CI it is 0 until `--max-cost` or the user's configuration gives one: a project's own cap is not consent.

    Args:
        spent: what the project has spent in its life, open jobs included.
    """
    left = f"of which {usd_text(spent)} is spent"
    told = [
        (consent.max_cost, "`--max-cost`"),
        (consent.planned, "the plan that was approved"),
        (project.max_usd, "`budget.max_usd` of the project"),
        (_rest(project.total_usd, spent), f"`budget.total_usd` of the project, {left}"),
        (user.max_usd, "`max_usd` of your configuration"),
        (_rest(user.total_usd, spent), f"`total_usd` of your configuration, {left}"),
    ]
    if consent.ci and consent.max_cost is None and user.max_usd is None and user.total_usd is None:
        told.insert(0, (Fraction(0), "CI, where nothing is bought without `--max-cost`"))
    found = [(usd, whose) for usd, whose in told if usd is not None]
    return Cap(*min(found, key=lambda one: one[0])) if found else Cap()


def _rest(total: Fraction | None, spent: Fraction) -> Fraction | None:
    return None if total is None else max(total - spent, Fraction(0))


def approval(plan: Total, cap: Cap, consent: Consent) -> Approved | Ask | Denied:
    """Say whether a build of this price may start.

    Over a cap at its low end, or of unknown price without leave, nothing is submitted. Over it at its high end only,
    it may start, and the purse stops it. What is surely free, or out at a vendor already, needs no consent.
    """
    if plan == Total():
        return Approved(Fraction(0))
    low, high, unpriced = plan.cost.low, plan.cost.high, plan.unpriced
    if unpriced and not consent.allow_unknown:
        return Denied(
            f"the price of {counted(unpriced, 'paid action')} is unknown, and so over every cap",
            "`--allow-unknown-price` buys it all the same; `vidbuild plan` shows which it is",
        )
    if cap.least is not None and (low > cap.least or (unpriced and not cap.least)):
        return _over(low, unpriced, cap)
    up_to = _up_to(high, unpriced, cap, consent)
    note = "" if cap.least is None or high <= cap.least else _may_stop(high, cap)
    if consent.max_cost is not None or consent.yes or consent.planned is not None:
        return Approved(up_to, note)
    if consent.interactive and not consent.ci:
        return Ask(_question(plan, note), up_to)
    if not low and not unpriced:
        return Approved(Fraction(0), "nothing new is bought without `--yes` or `--max-cost`")
    return Denied(
        f"this costs {_range(plan)}, and nobody has agreed to it",
        "`--yes` agrees to what the plan costs at most, `--max-cost USD` to so much",
    )


def approval_of_shots(shots: Mapping[str, Total], per_shot: Fraction | None) -> Denied | None:
    """Refuse a plan in which one shot costs more than a shot may, at its low end.

    Args:
        shots: by label, as `price.by_shot` gives them.
    """
    for label, total in shots.items():
        if per_shot is not None and total.cost.low > per_shot:
            sentence = (
                f"`{label}` costs at least {usd_text(total.cost.low)}, and one shot may cost {usd_text(per_shot)}"
            )
            return Denied(sentence, "raise `budget.per_shot_usd`, or choose another model for it")
    return None


def _up_to(high: Fraction, unpriced: int, cap: Cap, consent: Consent) -> Fraction | None:
    """Give what is agreed to: the cap that was named now, else the high end, where there is one."""
    if consent.max_cost is not None or unpriced or cap.least is None:
        return cap.least if consent.max_cost is not None or unpriced else high
    return min(high, cap.least)


def _over(low: Fraction, unpriced: int, cap: Cap) -> Denied:
    assert cap.least is not None
    costs = (
        f"this costs at least {usd_text(low)}" if low else f"the price of {counted(unpriced, 'paid action')} is unknown"
    )
    if not cap.least and cap.whose.startswith("CI"):
        return Denied(f"{costs}, and nothing is bought in CI unasked", "name what it may cost with `--max-cost USD`")
    may = f"{usd_text(cap.least)} may be spent" if cap.least else "nothing may be spent"
    return Denied(f"{costs}, and {may} ({cap.whose})", "nothing was submitted; raise that cap, or build less: `--only`")


def _may_stop(high: Fraction, cap: Cap) -> str:
    assert cap.least is not None
    return (
        f"it may cost up to {usd_text(high)}, and is stopped at {usd_text(cap.least)} ({cap.whose});"
        " what is bought by then is kept"
    )


def _question(plan: Total, note: str) -> str:
    return f"This costs {_range(plan)}{f' ({note})' if note else ''}. Buy it?"


def _range(plan: Total) -> str:
    low, likely, high = (usd_text(usd) for usd in (plan.cost.low, plan.cost.expected, plan.cost.high))
    known = high if low == high else f"{low} to {high}, likely {likely}"
    if not plan.unpriced:
        return known
    return (
        f"{known}, and {counted(plan.unpriced, 'paid action')} of unknown price"
        if plan.cost.high
        else "nobody knows what"
    )
