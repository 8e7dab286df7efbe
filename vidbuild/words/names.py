"""Names that are nearly right: the hint that goes with a misspelt one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable
from itertools import islice

MOST_HINTS = 100
"""How many mistakes of one kind get a `did you mean`: to find the nearest word costs more than all else."""
_MOST_KNOWN = 2000
_BETWEEN = re.compile(r"[\s_]+")


def did_you_mean(wrong: str, known: Iterable[str], how: str = "did you mean `{}`?") -> str | None:
    """Give the hint that names the nearest known word, if one is near."""
    by_fold = {name.casefold(): name for name in islice(known, _MOST_KNOWN)}
    near = difflib.get_close_matches(wrong[:100].casefold(), by_fold, n=1, cutoff=0.6)
    return how.format(by_fold[near[0]]) if near else None


def written_as(written: str, known: Collection[str]) -> str | None:
    """Give the known name that was written, in any case, with spaces or `_` for `-`: `Kling 2.5` is `kling-2.5`."""
    if written in known:
        return written
    plain = _BETWEEN.sub("-", written.strip().lower())
    return plain if plain in known else None


def closest(wrong: str, known: Iterable[str]) -> str:
    """Give the hint for a misspelt name: the nearest known one, else the list of a few."""
    names = list(dict.fromkeys(known))
    return did_you_mean(wrong, names) or f"known are {', '.join(f'`{name}`' for name in names[:12])}"
