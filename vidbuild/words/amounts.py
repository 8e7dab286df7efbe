"""Ages and sizes as people write them: `30d`, `12h`, `20GB`, `1.5TiB`. Text in, numbers out, and back."""

from __future__ import annotations

import re
from collections.abc import Mapping
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
_AMOUNT = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)\s*([A-Za-z]*)", re.ASCII)


def seconds_of(text: str) -> int | None:
    """Read an age, `30d`; `None` where it is none."""
    return _read(text, SECONDS)


def bytes_of(text: str) -> int | None:
    """Read a size, `20GB`; `None` where it is none."""
    return _read(text, BYTES)


def size_text(count: int) -> str:
    """Write a size with three digits or so, `1.24 GB`."""
    for unit in ("TB", "GB", "MB", "kB"):
        if count >= (whole := BYTES[unit.lower()]):
            amount = count / whole
            return f"{amount:.{0 if amount >= 100 else 1 if amount >= 10 else 2}f} {unit}"
    return f"{count} bytes"


def _read(text: str, units: Mapping[str, int]) -> int | None:
    found = _AMOUNT.fullmatch(text.strip())
    if found is None or found[2].lower() not in units:
        return None
    return int(Fraction(found[1]) * units[found[2].lower()])
