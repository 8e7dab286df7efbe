"""The tempo that a prompt for music names. It knows no sound."""

from __future__ import annotations

import re
from fractions import Fraction

from vidbuild.words.rationaltime import SAMPLE_RATE


def bar_in(prompt: str) -> Fraction | None:
    """Give the samples of a bar of four beats, where a prompt names a tempo."""
    beats = tempo_in(prompt)
    return Fraction(4 * 60 * SAMPLE_RATE, beats) if beats else None


def tempo_in(prompt: str) -> int | None:
    """Give the beats a minute that a prompt names (50 to 200)."""
    named = re.search(r"\b(\d{2,3})\s*-?\s*bpm\b", prompt.lower())
    return min(200, max(50, int(named[1]))) if named else None
