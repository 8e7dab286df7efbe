"""What is seen in pictures shrunk to grids of grey cells: black and frozen spans, cuts. Whole numbers in, indices out.

`measures` says by which numbers. It knows no file, no clock but the times it is given, and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

Span = tuple[Fraction, Fraction]

_BLOCK = 10
_REACH = (12, 8)
_RETURN = (1, 2, 3, 5, 8)
_NEAR = 4
_FAINT = 4.0


def black(grey: Any, times: Sequence[Fraction], seen: Mapping[str, int]) -> list[Span]:
    """Give the spans in which the picture is black.

    Args:
        grey: pictures x rows x columns, 8-bit.
        times: when each picture begins, and at last when the last one ends; one more than pictures.
    """
    level, most = seen["black_level"], seen["black_cells"]
    dark = [bool((grey[at] > level).sum() <= most) for at in range(len(grey))]
    spans, start = [], 0
    for index in range(len(dark) + 1):
        if index == len(dark) or not dark[index]:
            if start < index:
                spans.append((times[start], times[index]))
            start = index + 1
    return _lasting(spans, seen["black_least_ms"])


def frozen(grey: Any, times: Sequence[Fraction], seen: Mapping[str, int]) -> list[Span]:
    """Give the spans in which nothing moves: every picture is like the first of its span, so that drift adds up."""
    spans, start = [], 0
    for index in range(1, len(grey) + 1):
        if index == len(grey) or not _still(grey[start], grey[index], seen):
            spans.append((times[start], times[index]))
            start = index
    return _lasting(spans, seen["frozen_least_ms"])


def cuts(grey: Any, times: Sequence[Fraction], seen: Mapping[str, int]) -> list[Fraction]:
    """Give the times at which another scene begins at once.

    A cut stands alone among its neighbours (a fast camera, a strobe, doubled pictures do not), changes the picture
    nearly everywhere, and what was there is neither found again at another place nor a few pictures later (a jolt,
    a lamp, lightning).
    """
    if len(grey) < 3:
        return []
    moved = np.abs(np.diff(grey.astype(np.int16), axis=0)).mean(axis=(1, 2))
    found = []
    for index in range(len(moved)):
        around = moved[max(0, index - seen["cut_around"]) : index + seen["cut_around"] + 1].copy()
        around[min(index, seen["cut_around"])] = 0
        stands_out = 100 * moved[index] >= seen["cut_times_percent"] * around.max()
        if moved[index] >= seen["cut_levels"] and stands_out and _is_another(grey, index, seen):
            found.append(times[index + 1])
    return found


def is_uniform(grey: Any, seen: Mapping[str, int]) -> bool:
    """Say whether one picture is a single tone."""
    return int(grey.max()) - int(grey.min()) <= seen["uniform_levels"]


def _lasting(spans: list[Span], least_ms: int) -> list[Span]:
    return [(start, end) for start, end in spans if (end - start) * 1000 >= least_ms]


def _still(one: Any, other: Any, seen: Mapping[str, int]) -> bool:
    differing = np.abs(one.astype(np.int16) - other) > seen["frozen_levels"]
    return bool(differing.sum() <= seen["frozen_cells"])


def _is_another(grey: Any, index: int, seen: Mapping[str, int]) -> bool:
    """Say whether the picture after `index` shows another scene."""
    before, after = grey[index], grey[index + 1]
    if min(before.std(), after.std()) < seen["cut_contrast"]:
        return False
    if 100 * _changed(before, after) < seen["cut_blocks_percent"]:
        return False
    later = [index + step for step in _RETURN if index + step < len(grey)]
    return all(100 * alike(before, grey[at]) <= seen["cut_alike_percent"] for at in later)


def _changed(one: Any, other: Any) -> float:
    """Give the share of blocks that differ by more than a little."""
    rows, columns = one.shape[0] // _BLOCK, one.shape[1] // _BLOCK
    far = np.abs(one.astype(np.int16) - other)[: rows * _BLOCK, : columns * _BLOCK]
    return float((far.reshape(rows, _BLOCK, columns, _BLOCK).mean(axis=(1, 3)) > 6).mean())


def alike(one: Any, other: Any) -> float:
    """Say how alike what two pictures show is, -1 to 1, whatever the light: the best over all small shifts."""
    first, second = _drawn(one), _drawn(other)
    best = -1.0
    rows, columns = first.shape
    for down in range(-_REACH[1], _REACH[1] + 1):
        for across in range(-_REACH[0], _REACH[0] + 1):
            left = first[max(0, down) : rows + min(0, down), max(0, across) : columns + min(0, across)]
            right = second[max(0, -down) : rows + min(0, -down), max(0, -across) : columns + min(0, -across)]
            power = np.sqrt((left * left).sum() * (right * right).sum())
            if power > 0:
                best = max(best, float((left * right).sum() / power))
    return best


def _drawn(picture: Any) -> Any:
    """Give what is drawn in a picture at half its size: each cell against its neighbourhood, in its contrast."""
    rows, columns = picture.shape[0] // 2, picture.shape[1] // 2
    small = picture[: 2 * rows, : 2 * columns].reshape(rows, 2, columns, 2).mean(axis=(1, 3))
    raised = small - _around(small)
    return raised / np.sqrt(np.maximum(_around(raised * raised), 0) + _FAINT)


def _around(picture: Any) -> Any:
    """Give the mean of every cell's neighbourhood."""
    padded = np.pad(picture, ((_NEAR + 1, _NEAR), (_NEAR + 1, _NEAR)), mode="edge").cumsum(axis=0).cumsum(axis=1)
    wide = 2 * _NEAR + 1
    total = padded[wide:, wide:] - padded[:-wide, wide:] - padded[wide:, :-wide] + padded[:-wide, :-wide]
    return total / wide**2
