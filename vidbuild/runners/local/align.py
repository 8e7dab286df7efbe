"""Lay a text over an own recording of it: words by their lengths, between the pauses that are heard.

What is a pause is told by the recording's own loudness. It opens no file of the project: it is given samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vidbuild.media import hearing, spoken
from vidbuild.words.rationaltime import SAMPLE_RATE

REVISION = 1
_BELOW_DB, _FLOOR_DB = 38, -60
_BLOCK_MS, _LEAST_MS = 10, 140


def words(text: str, samples: Any) -> Mapping[str, Any]:
    """Give the words of a recording with their times, in the form of `Speech`'s second output.

    Args:
        samples: 48 kHz 16-bit, rows of channels.
    """
    peak = hearing.peak(samples)
    loud = 20 * math.log10(peak / 32_767) if peak else 0
    told = {
        "block_ms": _BLOCK_MS,
        "silent_db": max(round(loud) - _BELOW_DB, _FLOOR_DB),
        "silent_least_ms": _LEAST_MS,
    }
    pauses = hearing.silences(samples, told)
    return spoken.document(tuple(spoken.aligned(text, Fraction(len(samples), SAMPLE_RATE), pauses)))
