"""Two rows of pictures (or of short stretches of sound), compared by their digests: which of them differ.

What was put in or left out moves what is behind it and changes none of it. Pure; it knows digests alone, and takes time
that grows with their number and memory for one number each.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """A stretch that differs: what stood there, and what stands there now; one of them may be empty."""

    first: int
    end: int
    now_first: int
    now_end: int

    @property
    def was(self) -> int:
        """How many there were."""
        return self.end - self.first

    @property
    def now(self) -> int:
        """How many there are."""
        return self.now_end - self.now_first


def changes(was: Sequence[Hashable], now: Sequence[Hashable]) -> list[Change]:
    """Give the stretches that differ, in order, apart from each other by at least one that is equal."""
    found: list[Change] = []
    first = now_first = 0
    for end, now_end, length in _runs(was, now):
        found += _within(was, now, Change(first, end, now_first, now_end))
        first, now_first = end + length, now_end + length
    found += _within(was, now, Change(first, len(was), now_first, len(now)))
    return found


def _runs(was: Sequence[Hashable], now: Sequence[Hashable]) -> Iterator[tuple[int, int, int]]:
    """Give stretches that are equal, as far as they reach: at both ends, and around what there is once on each side."""
    lead = _alike(was, now, 0, 0, min(len(was), len(now)))
    end, now_end = len(was), len(now)
    while end > lead and now_end > lead and was[end - 1] == now[now_end - 1]:
        end, now_end = end - 1, now_end - 1
    yield 0, 0, lead
    at, now_at = lead, lead
    for index, other in _anchors(was, now, (lead, end), (lead, now_end)):
        if index < at or other < now_at:
            continue
        while index > at and other > now_at and was[index - 1] == now[other - 1]:
            index, other = index - 1, other - 1
        length = _alike(was, now, index, other, min(end - index, now_end - other))
        yield index, other, length
        at, now_at = index + length, other + length
    yield end, now_end, len(was) - end


def _alike(was: Sequence[Hashable], now: Sequence[Hashable], first: int, now_first: int, most: int) -> int:
    """Count how many are equal from two places on."""
    count = 0
    while count < most and was[first + count] == now[now_first + count]:
        count += 1
    return count


def _anchors(
    was: Sequence[Hashable], now: Sequence[Hashable], of_was: tuple[int, int], of_now: tuple[int, int]
) -> list[tuple[int, int]]:
    """Pair what there is once on each side, as many as keep one order on both (Cohen's patience)."""
    once, now_once = Counter(was[slice(*of_was)]), Counter(now[slice(*of_now)])
    places = {now[index]: index for index in range(*of_now) if now_once[now[index]] == 1}
    pairs = [(index, places[was[index]]) for index in range(*of_was) if once[was[index]] == 1 and was[index] in places]
    tops: list[int] = []
    piles: list[int] = []
    before: list[int] = []
    for number, (_, other) in enumerate(pairs):
        pile = bisect_left(tops, other)
        before.append(piles[pile - 1] if pile else -1)
        tops[pile : pile + 1] = [other]
        piles[pile : pile + 1] = [number]
    row: list[tuple[int, int]] = []
    number = piles[-1] if piles else -1
    while number >= 0:
        row.append(pairs[number])
        number = before[number]
    return row[::-1]


def _within(was: Sequence[Hashable], now: Sequence[Hashable], gap: Change) -> Iterator[Change]:
    """Give what differs in a gap: of as many on both sides place by place, else the gap less its equal ends."""
    if gap.was == gap.now:
        start = None
        for count in range(gap.was + 1):
            differs = count < gap.was and was[gap.first + count] != now[gap.now_first + count]
            if differs and start is None:
                start = count
            elif not differs and start is not None:
                yield Change(gap.first + start, gap.first + count, gap.now_first + start, gap.now_first + count)
                start = None
        return
    lead = _alike(was, now, gap.first, gap.now_first, min(gap.was, gap.now))
    tail, most = 0, min(gap.was, gap.now) - lead
    while tail < most and was[gap.end - 1 - tail] == now[gap.now_end - 1 - tail]:
        tail += 1
    yield Change(gap.first + lead, gap.end - tail, gap.now_first + lead, gap.now_end - tail)
