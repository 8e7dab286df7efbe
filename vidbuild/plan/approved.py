"""A plan that was approved, read back, and held against the plan that there is now: what moved, what became dearer.

Files count by their bytes, everything else by what it comes to: so what was bought since, by this plan or another
build, moves nothing. Pure: where the plan's file lies and what follows from an answer, others know.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.plan.price import price, total, usd_text
from vidbuild.plan.recipes import recipes
from vidbuild.plan.why import describe
from vidbuild.survey import Standing, Surveyed
from vidbuild.words.action import ActionResult, Graph, Node
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark, Problem, SpecError, UsageError

VERSION = 1
PLACES = 4
"""To how many places of a dollar a plan tells prices; what is the same to them has not moved."""


@dataclass(frozen=True)
class Row:
    """One action as it was approved.

    Args:
        what: its name for people.
        hires: models and providers, in the order they are tried.
        result: digests by output, where it was answered; `None` where it was still to be made.
        high: the most that it could cost; `None` where its price was unknown.
    """

    what: str
    hires: tuple[tuple[str, str], ...]
    result: Mapping[str, str] | None
    high: Fraction | None


@dataclass(frozen=True)
class Approved:
    """A plan as it was approved.

    Args:
        vidbuild: the version that planned it.
        draft, outputs, only, profile: what was asked for.
        is_guess: whether lines had still to be spoken, and lengths were guessed.
        spent: what the project had spent by then.
        files: the author's files by path from the project file's folder.
        rows: its actions by recipe.
        high: what it could cost at most.
    """

    vidbuild: str
    draft: bool
    outputs: tuple[str, ...]
    only: str | None
    profile: str | None
    is_guess: bool
    spent: Fraction
    files: Mapping[str, str]
    rows: Mapping[str, Row]
    high: Fraction


@dataclass(frozen=True)
class Today:
    """The plan that there is now, as `Approved` says it."""

    vidbuild: str
    is_guess: bool
    spent: Fraction
    files: Mapping[str, str]
    graph: Graph
    standings: Mapping[Digest, Surveyed]


def parsed(text: str, file: str) -> Approved:
    """Read a plan.

    Raises:
        SpecError: it is no JSON, with the place.
        UsageError: it is no plan, or one of another version.
    """
    try:
        told = json.loads(text, parse_float=Decimal, parse_constant=_refused)
    except json.JSONDecodeError as error:
        problem = Problem(Mark(file, error.lineno, error.colno), f"this is no JSON: {error.msg}", hint=_AGAIN)
        raise SpecError([problem], {file: text}) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{file}` is no plan", {"because": str(error)}, _AGAIN) from None
    version = told.get("vidbuild_plan") if isinstance(told, dict) else None
    if version != VERSION:
        facts = {} if version is None else {"its version": str(version)[:20], "this vidbuild's": str(VERSION)}
        raise UsageError(f"`{file}` is no plan that this vidbuild wrote", facts, _AGAIN)
    try:
        return _approved(told)
    except (KeyError, TypeError, ValueError, AttributeError, ArithmeticError):
        raise UsageError(f"`{file}` is no whole plan", {}, _AGAIN) from None


_AGAIN = "`vidbuild plan -o FILE` writes one"


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _approved(told: Mapping[str, Any]) -> Approved:
    basis = told["basis"]
    asked = basis["asked"]
    return Approved(
        _text(basis["vidbuild"]),
        _flag(asked["draft"]),
        tuple(_text(name) for name in asked["outputs"]),
        None if asked["only"] is None else _text(asked["only"]),
        None if asked["profile"] is None else _text(asked["profile"]),
        _flag(basis["guessed"]),
        _usd(basis["spent_usd"]),
        {_text(path): _text(digest) for path, digest in basis["files"].items()},
        {_text(row["recipe"]): _row(row) for row in told["actions"]},
        _usd(told["totals"]["cost_usd"]["high"]),
    )


def _row(row: Mapping[str, Any]) -> Row:
    shots = ", ".join(f"`{_text(shot)}`" for shot in row["shots"])
    return Row(
        _text(row["mnemonic"]) + (f" of {shots}" if shots else ""),
        tuple((_text(hire["model"]), _text(hire["provider"])) for hire in row["hires"]),
        None if row["result"] is None else {_text(name): _text(made) for name, made in row["result"].items()},
        None if row["cost_usd"] is None else _usd(row["cost_usd"]["high"]),
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError(value)
    return value


def _usd(value: object) -> Fraction:
    usd = usd_of(value) if isinstance(value, (int, Decimal)) else None
    if usd is None or usd >= 10**12:
        raise TypeError(value)
    return usd


def moved(approved: Approved, today: Today) -> list[str]:
    """Tell what is otherwise than it was approved: files first, then what they come to."""
    found = [*_files(approved.files, today.files)]
    made = recipes(today.graph)
    if approved.is_guess == today.is_guess:
        found += _steps(approved, today, made)
    for id, node in today.graph.nodes.items():
        row = approved.rows.get(made[id])
        if row is not None and node.conduct.is_paid:
            found += [f"{describe(today.graph, id)} {said}" for said in _bought(row, node, today.standings[id])]
    if found and approved.vidbuild != today.vidbuild:
        found.append(f"it was planned by vidbuild {approved.vidbuild}, and this is {today.vidbuild}")
    return found


def _files(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for path in sorted({*before, *now}):
        if before.get(path) != now.get(path):
            how = "is new" if path not in before else "is gone" if path not in now else "has other bytes"
            yield f"`{path}` {how}"


def _steps(approved: Approved, today: Today, made: Mapping[Digest, Digest]) -> Iterator[str]:
    """Tell the first of the actions that are otherwise: what only follows from them isn't told."""
    for id, node in today.graph.nodes.items():
        if made[id] not in approved.rows and all(made[ref.action] in approved.rows for ref in node.action.refs):
            yield f"{describe(today.graph, id)} was not approved as it is now"
    gone = [row.what for recipe, row in approved.rows.items() if recipe not in made.values() and row.hires]
    yield from (f"{what} was approved, and is no longer asked for so" for what in dict.fromkeys(gone))


def _bought(row: Row, node: Node, surveyed: Surveyed) -> Iterator[str]:
    """Tell what is otherwise of something paid whose recipe is the same."""
    hires = tuple((hire.model, hire.provider) for hire in node.conduct.hires)
    is_made = surveyed.standing in (Standing.CACHED, Standing.LOST)
    if row.result is None:
        if not is_made and hires != row.hires:
            yield f"would be bought from {_names(hires)}, and not from {_names(row.hires)}"
    elif not is_made:
        yield "was kept, and would be bought again"
    elif surveyed.result is not None and _digests(surveyed.result) != row.result:
        yield "is another take than the one that was kept"


def _digests(result: ActionResult) -> Mapping[str, str]:
    return {name: str(blob.digest) for name, blob in result.outputs.items()}


def _names(hires: Sequence[tuple[str, str]]) -> str:
    return " or ".join(f"{model} ({provider})" for model, provider in hires)


def dearer(approved: Approved, today: Today) -> list[str]:
    """Tell what costs more at most than it was approved to."""
    made = recipes(today.graph)
    found = []
    for id, node in today.graph.nodes.items():
        row, cost = approved.rows.get(made[id]), price(node, today.standings[id].standing)
        if row is None or row.high is None or not node.conduct.is_paid:
            continue
        if cost is None or _told(cost.high) > row.high:
            now = "of unknown price" if cost is None else f"up to {usd_text(cost.high)}"
            found.append(f"{describe(today.graph, id)}: {now}, and up to {usd_text(row.high)} then")
    return found


def allowance(approved: Approved, today: Today) -> Fraction:
    """Give what may still be spent: what was approved less what was spent since, by whatever build."""
    left = max(Fraction(0), approved.high - max(Fraction(0), today.spent - approved.spent))
    high = total(today.graph, today.standings).cost.high
    return high if _told(high) == left else left


def _told(usd: Fraction) -> Fraction:
    """Give an amount as a plan's JSON tells it."""
    return Fraction(str(round(float(usd), PLACES)))
