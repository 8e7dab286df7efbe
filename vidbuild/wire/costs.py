"""What something cost, where the vendor tells: amounts at paths of its answer, each at a price. It knows no vendor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.wire.paths import Reply
from vidbuild.words import amounts


def usd_of(reply: Reply, said: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None) -> Fraction | None:
    """Add up what an answer tells; `None` where it lacks an amount.

    Args:
        said: `at` and `usd_each`, once or for several amounts.
    """
    lines = [said] if isinstance(said, Mapping) else said or ()
    found = [_amount(reply.at(line["at"]), line["usd_each"]) for line in lines]
    known = [usd for usd in found if usd is not None]
    return amounts.usd_of(sum(known, Fraction(0))) if known and len(known) == len(found) else None


def _amount(found: Any, usd_each: Any) -> Fraction | None:
    if not isinstance(found, (int, float)) or isinstance(found, bool) or not 0 <= found < 1e9:
        return None
    usd = amounts.usd_of(found)
    return None if usd is None else usd * Fraction(usd_each)
