"""Where music can be looped so that it goes on: by bars where the tempo is known, else where it sounds alike.

Envelopes and samples in, places in samples out. It knows no file and no timeline.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from vidbuild.media.hearing import HOP
from vidbuild.words.rationaltime import SAMPLE_RATE, half_up

_CROSS = SAMPLE_RATE // 2
_COMPARED = 60
_LEAST = 8 * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Loop:
    """A loop: from sample `end` on music goes on at `start`; both sound for `cross` samples.

    ----------------------end~~~~
                        start~~~~----------------
    """

    start: int
    end: int
    cross: int


@dataclass(frozen=True, slots=True)
class Stretch:
    """`samples` of a sound from its sample `start` on, heard from sample `at` on; it crosses the ones beside it."""

    at: int
    start: int
    samples: int
    cross_in: int = 0
    cross_out: int = 0


def found(envelope: Any, start: int, samples: int, bar: Fraction | None) -> Loop:
    """Choose a loop in music that is `samples` long and heard from `start` on.

    The two places that sound most alike for 3 s, at least half of it apart; with a known bar a whole number apart.
    What fades out at the end, and what is short, is never alike: the loop ends before it, or is all of it.
    """
    there = samples - start
    cross = min(_CROSS, there // 4)
    whole = Loop(start, samples - cross, cross)
    if there < _LEAST:
        return whole
    first, last = -(-start // HOP), (samples - cross) // HOP - _COMPARED
    rows = np.lib.stride_tricks.sliding_window_view(envelope, _COMPARED, axis=0)
    ends = np.arange(first + (last - first) // 2, last)
    best = (np.inf, whole)
    for begin in range(first, first + (last - first) // 3, 5):
        apart = ends - begin
        far = np.abs(rows[ends] - rows[begin]).mean(axis=(1, 2)) + 2.0 * (last - ends) / len(ends)
        if bar is not None:
            off = np.abs(apart * HOP - np.round(apart * HOP / float(bar)) * float(bar))
            far = np.where(off <= HOP, far, np.inf)
        place = int(np.argmin(far))
        if far[place] < best[0]:
            best = (float(far[place]), Loop(begin * HOP, int(ends[place]) * HOP, cross))
    loop = best[1]
    if bar is not None and loop is not whole:
        return replace(loop, end=loop.start + half_up(bar * half_up((loop.end - loop.start) / bar)))
    return loop


def aligned(loop: Loop, read: Callable[[int, int], Any], samples: int) -> Loop:
    """Move a loop's end by at most 50 ms, to where its samples fall together best with those of its start."""
    length = min(SAMPLE_RATE, samples - HOP - loop.end)
    if length < HOP or loop.end - HOP < loop.start:
        return loop
    there = read(loop.end - HOP, loop.end + HOP + length).sum(axis=1, dtype=np.float64)
    here = read(loop.start, loop.start + length).sum(axis=1, dtype=np.float64)
    size = 1 << (len(there) + len(here)).bit_length()
    alike = np.fft.irfft(np.fft.rfft(there, size) * np.conj(np.fft.rfft(here, size)), size)[: 2 * HOP + 1]
    end = loop.end - HOP + int(np.argmax(alike))
    return replace(loop, end=min(end, samples - loop.cross))


def stretches(loop: Loop, start: int, needed: int) -> list[Stretch]:
    """Lay a loop out over a length: from `start` to its end, then again from its start as often as is needed."""
    laid = [Stretch(0, start, loop.end + loop.cross - start, 0, loop.cross)]
    while laid[-1].at + laid[-1].samples < needed:
        at = laid[-1].at + laid[-1].samples - loop.cross
        laid.append(Stretch(at, loop.start, loop.end + loop.cross - loop.start, loop.cross, loop.cross))
    last = laid[-1]
    return [*laid[:-1], replace(last, samples=needed - last.at, cross_out=0)]


def crossed(stretch: Stretch, offset: int, count: int) -> Any:
    """Give the gain of some samples of a stretch where it crosses the ones beside it: equal power."""
    place = np.arange(offset, offset + count)
    gain = np.ones(count)
    for length, away in ((stretch.cross_in, place), (stretch.cross_out, stretch.samples - 1 - place)):
        if length:
            gain *= np.sin(np.clip((away + 0.5) / length, 0.0, 1.0) * (np.pi / 2))
    return gain
