"""How vendors look at what they are sent: a body against its fields, and `No` where it is no good.

It knows no vendor.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any


class No(Exception):
    """A vendor's no.

    Args:
        kind: `invalid`, `key`, `missing`, `busy`, `credit`, `refused`, `retired`, `server`, `unfinished`, `twice`.
    """

    def __init__(self, kind: str, message: str, retry_after_s: float | None = None):
        super().__init__(message)
        self.kind, self.message, self.retry_after_s = kind, message, retry_after_s


def whole(value: Any, least: int, most: int) -> bool:
    """Say whether a value is a whole number within bounds; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def known(body: Mapping[str, Any], fields: Mapping[str, Callable[[Any], object]], needed: Sequence[str]) -> None:
    """Check a body against its fields: all that are needed, no others, each as its check says.

    Raises:
        No: it is not so.
    """
    for name in needed:
        if name not in body:
            raise No("invalid", f"{name} is required")
    for name, value in body.items():
        if name not in fields:
            raise No("invalid", f"{name} is not a field of this request")
        if not fields[name](value):
            raise No("invalid", f"{name} has the value {json.dumps(value, default=repr)[:80]}, which it can't have")


def text(most: int, least: int = 1, units: bool = False) -> Callable[[Any], bool]:
    """Give a check: text of at most so many characters, or UTF-16 units."""

    def check(value: Any) -> bool:
        if not isinstance(value, str):
            return False
        return least <= (len(value.encode("utf-16-le")) // 2 if units else len(value)) <= most

    return check


def one_of(*values: Any) -> Callable[[Any], bool]:
    """Give a check: one of these, of the same type (1 is not true)."""
    return lambda value: any(value == known and type(value) is type(known) for known in values)


def a_number(least: float, most: float) -> Callable[[Any], bool]:
    """Give a check: a number within bounds."""
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def an_integer(least: int = 0, most: int = 2**32 - 1) -> Callable[[Any], bool]:
    """Give a check: a whole number within bounds."""
    return lambda value: whole(value, least, most)


def a_flag(value: Any) -> bool:
    """Check: true or false."""
    return isinstance(value, bool)
