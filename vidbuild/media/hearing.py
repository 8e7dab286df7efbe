"""What is heard in PCM: silent spans, peaks, clipping. Samples in, times and whole numbers out.

`measures` says by which numbers. It knows no file and no verdict.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from vidbuild.words.rationaltime import SAMPLE_RATE

_FULL = 32_767


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
