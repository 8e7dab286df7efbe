"""Plain scalars of YAML 1.2 (core): null, true and false, whole numbers, exact decimals; all else is text.

So `16:9`, `no`, `12:30` and dates are text, and no float ever enters. It knows nothing of places.
"""

from __future__ import annotations

import re
from decimal import Decimal

from vidbuild.spec.tree import Scalar

MOST_DIGITS = 40
_STARTS = frozenset("-+.0123456789~nNtTfF")
_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT = re.compile(r"[-+]?[0-9]+\Z")
_DECIMAL = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE]([-+]?[0-9]+))?\Z")
_BASED = re.compile(r"0(?:o[0-7]+|x[0-9a-fA-F]+)\Z")
_ENDLESS = re.compile(r"[-+]?\.(?:inf|Inf|INF)\Z|\.(?:nan|NaN|NAN)\Z")


class BadScalar(ValueError):
    """A number that is none, or has more digits than anything needs."""


def resolve(text: str) -> Scalar:
    """Give the value of a plain scalar.

    Raises:
        BadScalar: for NaN, infinities, and numbers of more than 40 digits.
    """
    if not text:
        return None
    if text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.match(text):
        return int(_short(text))
    if found := _DECIMAL.match(text):
        return _decimal(_short(text), found[1])
    if _BASED.match(text):
        return int(_short(text[2:]), 8 if text[1] == "o" else 16)
    if _ENDLESS.match(text):
        raise BadScalar("a number must be finite")
    return text


def is_number(text: str) -> bool:
    """Say whether a plain scalar is a number."""
    return bool(_INT.match(text) or _DECIMAL.match(text))


def _short(digits: str) -> str:
    if len(digits) > MOST_DIGITS + 4:
        raise BadScalar(f"a number has at most {MOST_DIGITS} digits")
    return digits


def _decimal(text: str, exponent: str | None) -> Decimal:
    if exponent is not None and abs(int(exponent)) > MOST_DIGITS:
        raise BadScalar(f"a number's exponent is at most {MOST_DIGITS}")
    return Decimal(text)
