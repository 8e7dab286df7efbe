"""Names that are nearly right: the hint that goes with a misspelt one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def closest(wrong: str, known: Iterable[str]) -> str | None:
    """Give the hint for a misspelt name: the nearest known one, else the list of a few."""
    names = list(known)
    near = difflib.get_close_matches(wrong, names, 1, 0.6)
    if near:
        return f"did you mean `{near[0]}`?"
    return f"known are {', '.join(f'`{name}`' for name in names[:12])}" if names else None
