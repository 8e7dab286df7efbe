"""An order in which everything comes behind what it needs. It doesn't know what the things are."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


def ordered(wanted: Iterable[T], behind: Callable[[T], list[T]]) -> tuple[T, ...]:
    """Order what is wanted, and all that it needs.

    There are no circles (the reader saw to it). A chain may be as long as the film: nothing here recurs.
    """
    done: dict[T, None] = {}
    needs: dict[T, list[T]] = {}
    for each in wanted:
        waiting = [each]
        while waiting:
            if waiting[-1] not in needs:
                needs[waiting[-1]] = behind(waiting[-1])
            missing = [other for other in needs[waiting[-1]] if other not in done]
            if missing:
                waiting += reversed(missing)
            else:
                done[waiting.pop()] = None
    return tuple(done)
