"""Keeping sound under a true peak: how far each sample is turned down, without a delay.

Samples in, samples out, block by block with what lies around a block. It knows no file and no loudness.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

from vidbuild.words.rationaltime import SAMPLE_RATE

_REACH = SAMPLE_RATE // 50
_TAPS = 16
_PHASES = 4
CONTEXT = 2 * _REACH + _TAPS
"""Samples beside a block that decide how its edges are turned down."""


def limited(rows: Any, ceiling: float) -> tuple[Any, bool]:
    """Turn samples down where they, or the wave between them, would pass a ceiling; say whether any were.

    The gain falls and rises smoothly over 20 ms on both sides of a peak, so nothing is delayed and nothing clicks.

    Args:
        rows: two channels, with `CONTEXT` samples before and behind those that come back.
    """
    kept = slice(CONTEXT, len(rows) - CONTEXT)
    if not len(rows) or np.abs(rows).max() < ceiling / 2:
        return rows[kept], False
    least = np.minimum(1.0, ceiling / np.maximum(_peaks(rows), 1e-9))
    if least.min() >= 1.0:
        return rows[kept], False
    least = np.pad(least, _REACH, constant_values=1.0)
    gain = _averaged(_averaged(_least_of(least, 2 * _REACH + 1), _REACH + 1), _REACH + 1)
    gain = np.pad(gain, (len(rows) - len(gain)) // 2, constant_values=1.0)[kept]
    return rows[kept] * gain[:, None], bool(gain.min() < 1.0)


def true_peak(rows: Any) -> float:
    """Give the greatest value of the wave through some samples."""
    return float(_peaks(rows).max()) if len(rows) else 0.0


def _peaks(rows: Any) -> Any:
    """Give for each sample the greatest value from it to the next one, on four times as fine a clock."""
    peaks = np.abs(rows).max(axis=1)
    loud = np.flatnonzero(peaks > 0.25 * peaks.max())
    first, last = max(0, int(loud[0]) - 1), int(loud[-1]) + 2
    part = rows[max(0, first - _TAPS) : last + _TAPS]
    for phase in range(1, _PHASES):
        for channel in range(rows.shape[1]):
            between = np.abs(np.convolve(part[:, channel], _kernel(phase), "same"))
            between = between[min(first, _TAPS) :][: last - first]
            peaks[first : first + len(between)] = np.maximum(peaks[first : first + len(between)], between)
    return peaks


@cache
def _kernel(phase: int) -> Any:
    """Give the filter that reads a wave `phase` quarters behind a sample: a windowed sinc."""
    place = np.arange(-_TAPS, _TAPS + 1) + phase / _PHASES
    return np.sinc(place) * np.kaiser(2 * _TAPS + 1, 6.0)


def _least_of(line: Any, width: int) -> Any:
    """Give the least value in every window of a width."""
    done = 1
    while done < width:
        step = min(done, width - done)
        line = np.minimum(line[:-step], line[step:])
        done += step
    return line


def _averaged(line: Any, width: int) -> Any:
    """Give the mean of every window of a width."""
    total = np.cumsum(np.concatenate([[0.0], line], dtype=np.float64))
    return (total[width:] - total[:-width]) / width
