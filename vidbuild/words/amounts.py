"""Ages and sizes as people write them, `30d`, `20GB`, and amounts of money as programs do; how many of something."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

SECONDS: Mapping[str, int] = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}
BYTES: Mapping[str, int] = {
    "": 1,
    "b": 1,
    "kb": 10**3,
    "mb": 10**6,
    "gb": 10**9,
    "tb": 10**12,
    "kib": 2**10,
    "mib": 2**20,
    "gib": 2**30,
    "tib": 2**40,
}
MOST = 10**40
"""Numbers from here on are none that anybody pays, or writes into a lock."""
_USD = re.compile(r"[0-9]{1,40}(?:/[0-9]{1,40}|(?:\.[0-9]{1,40})?(?:[eE][-+]?[0-9]{1,2})?)", re.ASCII)
"""Short enough to be worked with, wherever it comes from: `1e-999999999` would take hours."""
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]*)", re.ASCII)


def seconds_of(text: str) -> int | None:
    """Read an age, `30d`; `None` where it is none."""
    return _read(text, SECONDS)


def bytes_of(text: str) -> int | None:
    """Read a size, `20GB`; `None` where it is none."""
    return _read(text, BYTES)


def usd_of(value: object) -> Fraction | None:
    """Read an amount of money: exact text, or a number; anything else is unknown."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal, Fraction)):
        return None
    if isinstance(value, int) and not 0 <= value < MOST:
        return None
    if _USD.fullmatch(text := str(value)) is None:
        return None
    try:
        usd = Fraction(text)
    except ZeroDivisionError:
        return None
    return usd if max(usd.numerator, usd.denominator) < MOST else None


def size_text(count: int) -> str:
    """Write a size with three digits or so, `1.24 GB`."""
    for unit in ("TB", "GB", "MB", "kB"):
        if count >= (whole := BYTES[unit.lower()]):
            amount = count / whole
            return f"{amount:.{0 if amount >= 100 else 1 if amount >= 10 else 2}f} {unit}"
    return counted(count, "byte")


def counted(count: int, what: str, several: str | None = None) -> str:
    """Count things, `1 blob`, `2 blobs`.

    Args:
        several: what more or less than one of them are called, where that isn't `what` with an s.
    """
    return f"{count} {what if count == 1 else several or f'{what}s'}"


def _read(text: str, units: Mapping[str, int]) -> int | None:
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found[2].lower() not in units:
        return None
    return int(Fraction(found[1]) * units[found[2].lower()])
