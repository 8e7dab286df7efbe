"""What is heard in PCM: silent spans, peaks, clipping, speech. Samples in, times, spans and envelopes out.

`measures` and `sound` say by which numbers. It knows no file and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from vidbuild.words.rationaltime import SAMPLE_RATE

_FULL = 32_767
_STEP = SAMPLE_RATE // 50
HOP = SAMPLE_RATE // 20
"""Samples (50 ms) of one row of an envelope."""

Span = tuple[int, int]
"""Samples: the first, and the one behind the last."""


def silences(samples: Any, heard: Mapping[str, int]) -> list[tuple[Fraction, Fraction]]:
    """Give the spans without sound.

    Args:
        samples: 48 kHz 16-bit, rows of channels.
    """
    size = SAMPLE_RATE * heard["block_ms"] // 1000
    level = (_FULL * 10 ** (heard["silent_db"] / 20)) ** 2
    starts = range(0, len(samples), size)
    quiet = [bool(np.square(samples[at : at + size].astype(np.float64)).mean() < level) for at in starts]
    spans, start = [], 0
    for index in range(len(quiet) + 1):
        if index == len(quiet) or not quiet[index]:
            if start < index:
                end = min(index * size, len(samples))
                spans.append((Fraction(start * size, SAMPLE_RATE), Fraction(end, SAMPLE_RATE)))
            start = index + 1
    return [(first, last) for first, last in spans if (last - first) * 1000 >= heard["silent_least_ms"]]


def peak(samples: Any) -> int:
    """Give the greatest sample, 0 to 32768."""
    return int(np.abs(samples.astype(np.int32)).max()) if len(samples) else 0


def clipped(samples: Any) -> int:
    """Count the samples at full scale whose neighbour in time is there as well: a peak alone is no clipping."""
    full = np.abs(samples.astype(np.int32)) >= _FULL
    return int((full[1:] & full[:-1]).sum()) if len(samples) > 1 else 0


def levels(rows: Any) -> Any:
    """Give the mean square of every 20 ms; rows are float samples."""
    square = np.square(rows, dtype=np.float64).mean(axis=1)
    return np.add.reduceat(square, range(0, len(square), _STEP)) / _STEP if len(square) else square


def sounding(levels: Any, floor_db: int) -> list[Span]:
    """Give the spans that are heard: at most `floor_db` below the loudest 20 ms, and above -80 dB of full scale."""
    if not len(levels):
        return []
    heard = levels > max(float(levels.max()) * 10 ** (floor_db / 10), 1e-8)
    edges = np.flatnonzero(np.diff(np.concatenate([[False], heard, [False]]).astype(np.int8)))
    return [(int(first) * _STEP, int(last) * _STEP) for first, last in edges.reshape(-1, 2)]


def joined(spans: Sequence[Span], hold: int) -> list[Span]:
    """Put spans in order, and together where at most `hold` samples lie between them."""
    found: list[Span] = []
    for first, last in sorted(spans):
        if found and first - found[-1][1] <= hold:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def under(spans: Sequence[Span], first: int, last: int, attack: int, release: int) -> Any:
    """Say for samples `first` to `last` how far something is under spans: 1 in them, with a smooth rise and fall.

    The rise begins `attack` samples before a span, the fall ends `release` samples behind it.
    """
    depth = np.zeros(last - first)
    for begin, end in spans:
        if begin - attack >= last or end + release <= first:
            continue
        place = np.arange(max(first, begin - attack), min(last, end + release))
        near = np.minimum((place - (begin - attack)) / attack, ((end + release) - place) / release)
        near = np.clip(near, 0.0, 1.0)
        where = slice(int(place[0]) - first, int(place[-1]) + 1 - first)
        depth[where] = np.maximum(depth[where], near * near * (3.0 - 2.0 * near))
    return depth


def envelope(rows: Any) -> Any:
    """Describe every 50 ms in dB: how loud it is, and how bright. A rest at the end is left out."""
    mono = rows.mean(axis=1, dtype=np.float64)[: len(rows) // HOP * HOP]
    bright = np.diff(mono, prepend=mono[:1])
    power = [np.square(line).reshape(-1, HOP).mean(axis=1) for line in (mono, 8.0 * bright)]
    return 10.0 * np.log10(np.stack(power, axis=1) + 1e-7)
