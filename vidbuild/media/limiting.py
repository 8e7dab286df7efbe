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
_CHUNK = 512
_NEAR = 0.6
"""What share of the ceiling samples must reach before the wave between them is looked at."""

CONTEXT = 2 * _REACH + _TAPS
"""Samples beside a block that decide how its edges are turned down."""


def limited(rows: Any, ceiling: float) -> tuple[Any, bool]:
    """Turn samples down where they, or the wave between them, would pass a ceiling; say whether any were.

    The gain falls and rises smoothly over 20 ms on both sides of a peak, so nothing is delayed and nothing clicks.

    Args:
        rows: two channels, with `CONTEXT` samples before and behind those that come back.
    """
    kept = slice(CONTEXT, len(rows) - CONTEXT)
    if not len(rows) or np.abs(rows).max() < ceiling * _NEAR:
        return rows[kept], False
    least = np.minimum(1.0, ceiling / np.maximum(_peaks(rows, ceiling * _NEAR), 1e-9))
    if least.min() >= 1.0:
        return rows[kept], False
    least = np.pad(least, _REACH, constant_values=1.0)
    gain = _averaged(_averaged(_least_of(least, 2 * _REACH + 1), _REACH + 1), _REACH + 1)
    gain = np.pad(gain, (len(rows) - len(gain)) // 2, constant_values=1.0)[kept]
    return rows[kept] * gain[:, None], bool(gain.min() < 1.0)


def true_peak(rows: Any) -> float:
    """Give the greatest value of the wave through some samples."""
    return float(_peaks(rows, float(np.abs(rows).max()) * _NEAR).max()) if len(rows) else 0.0


def _peaks(rows: Any, least: float) -> Any:
    """Give for each sample the greatest value from it to the next one, on four times as fine a clock.

    Args:
        least: where no sample of a chunk is as great, the wave between them is left out.
    """
    peaks = np.maximum(np.abs(rows[:, 0]), np.abs(rows[:, 1]))
    count = -(-len(peaks) // _CHUNK)
    chunks = np.pad(peaks, (0, count * _CHUNK - len(peaks))).reshape(count, _CHUNK)
    loud = np.flatnonzero(chunks.max(axis=1) >= least)
    around = np.pad(rows, ((_TAPS, _TAPS + count * _CHUNK - len(rows)), (0, 0)))
    part = around[loud[:, None] * _CHUNK + np.arange(_CHUNK + 2 * _TAPS)]
    for channel in range(2) if len(loud) else ():
        line = part[:, :, channel].ravel()
        for phase in range(1, _PHASES):
            between = np.abs(np.convolve(line, _kernel(phase), "same")).reshape(len(loud), -1)
            chunks[loud] = np.maximum(chunks[loud], between[:, _TAPS:-_TAPS])
    return chunks.ravel()[: len(peaks)]


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
