"""`vidbuild cost`: what a project has cost so far, by shot, model, provider or day."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vidbuild.console import say
from vidbuild.plan.price import usd_text
from vidbuild.settings import Settings, lock_name, store_folder
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.ledger import Certainty, Purchase, purchases
from vidbuild.stores.lockfile import LockFile
from vidbuild.words.errors import Exit, UsageError, clean

NAMES: Mapping[str, Callable[[Purchase], str]] = {
    "shot": lambda one: one.label,
    "model": lambda one: one.model,
    "provider": lambda one: one.provider,
    "day": lambda one: one.at[:10],
}
"""What each way of adding up groups by."""
_PAID = (Certainty.TOLD, Certainty.LOCKED)
"""What is known as what was paid."""


@dataclass(frozen=True)
class Sum:
    """Purchases added up.

    Args:
        usd: of those whose price is known.
        listed: how much of what is closed nobody but a price list tells.
        out: how much of it is for jobs whose end is not known yet.
        unknown: how many have no known price.
    """

    name: str
    attempts: int
    usd: Fraction
    listed: Fraction
    out: Fraction
    unknown: int

    def row(self) -> dict[str, Any]:
        """Give it for programs, in US dollars."""
        amounts = {"usd": self.usd, "listed_usd": self.listed, "out_usd": self.out}
        said = {name: round(float(usd), 6) for name, usd in amounts.items()}
        return {"name": self.name, "attempts": self.attempts, **said, "unknown": self.unknown}


def run(settings: Settings, by: str | None, as_json: bool) -> int:
    """Show what a project has cost."""
    if not settings.file.is_file():
        raise UsageError(f"there is no project `{settings.file}`", hint="name the project file, or its folder")
    log = JobLog(store_folder(settings.store, os.environ))
    lock = LockFile(settings.home / lock_name(settings.file)).value
    bought = purchases(log, lock, str(settings.file.absolute()))
    by = by or "shot"
    groups: dict[str, list[Purchase]] = {}
    for one in bought:
        groups.setdefault(NAMES[by](one) or "unknown", []).append(one)
    sums = [added_up(name, of) for name, of in groups.items()]
    sums.sort(key=lambda one: (Fraction(0) if by == "day" else -one.usd, one.name))
    whole = added_up("total", bought)
    if as_json:
        say(json.dumps({"vidbuild_cost": 1, "by": by, "rows": [one.row() for one in sums], "total": whole.row()}))
        return Exit.BUILT
    for line in table(by, sums, whole):
        say(clean(line))
    return Exit.BUILT


def added_up(name: str, bought: Iterable[Purchase]) -> Sum:
    """Add purchases up."""
    of = list(bought)
    known = [(one, one.usd) for one in of if one.usd is not None]
    return Sum(
        name,
        len(of),
        sum((usd for _, usd in known), Fraction(0)),
        sum((usd for one, usd in known if not one.is_open and one.certainty not in _PAID), Fraction(0)),
        sum((usd for one, usd in known if one.is_open), Fraction(0)),
        len(of) - len(known),
    )


def table(by: str, sums: Sequence[Sum], whole: Sum) -> list[str]:
    """Set sums in columns, with what has to be known of their total below."""
    if not whole.attempts:
        return ["nothing was bought yet"]
    rows = [(by, "attempts", "cost")]
    rows += [(one.name, str(one.attempts), _cost(one)) for one in (*sums, whole)]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    lines = [f"{name:<{first}}  {attempts:>{second}}  {cost}" for name, attempts, cost in rows]
    if whole.out:
        lines.append(f"{usd_text(whole.out)} of it is set aside for jobs that are out: `vidbuild jobs list` shows them")
    if whole.listed:
        lines.append(f"{usd_text(whole.listed)} of it is by list price, where the vendor didn't tell")
    if whole.unknown:
        lines.append("what has no known price is in no sum: look into your account at the vendor")
    return lines


def _cost(one: Sum) -> str:
    if not one.unknown:
        return usd_text(one.usd)
    unknown = f"{one.unknown} unknown"
    return f"{usd_text(one.usd)} + {unknown}" if one.usd or one.unknown < one.attempts else unknown
