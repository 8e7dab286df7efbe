"""Sounds in which every instant can be found again, and the ear that finds it: offsets in samples, clicks.

A sound is seeded noise below 3.5 kHz, so that a step between two samples is never its own; it rises from silence.
Float samples in rows of two channels. It knows nothing of files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

RATE = 48_000
LEVEL = 0.07
"""Root mean square of a sound; its peaks stay under 0.4."""

_PERIOD_S = 32
_BAND_HZ = (60, 3500)
_RISE_S = 0.1
_BLOCK = 240
_STEP = 0.09
_SILENT = 0.004


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard at a place: how many samples late the sound is, or `None` where it is not this sound at all."""

    at: int
    late: int | None


def noise(seed: int, samples: int, rate: int = RATE) -> Any:
    """Make the first samples of the sound with this seed; at every rate it is the same sound."""
    whole = _whole(seed, rate)
    return np.concatenate([whole] * -(-samples // len(whole)))[:samples] if samples > len(whole) else whole[:samples]


def lay(samples: int, parts: Sequence[tuple[int, Any]], edge: int = 0) -> Any:
    """Sum sounds at their places, each with straight ramps of `edge` samples at its ends."""
    track = np.zeros((samples, 2), np.float32)
    for at, part in parts:
        part = part[: samples - at]
        if edge:
            place = np.arange(len(part))
            part = part * (np.minimum(np.minimum(place + 1, len(part) - place), edge) / edge)[:, None]
        track[at : at + len(part)] += part
    return track


def listen(heard: Any, reference: Any, places: Sequence[int], window: int = 8192, reach: int = 4800) -> list[Heard]:
    """Measure at each place how late a sound is against a reference, at most `reach` samples either way.

    Where the reference is silent, the sound must be so too.
    """
    found = []
    for at in places:
        there = reference[at : at + window]
        if len(there) < window // 2:
            continue
        padded = np.zeros((len(there) + 2 * reach, 2), np.float32)
        first, last = max(0, at - reach), min(len(heard), at + len(there) + reach)
        if last > first:
            padded[first - at + reach : last - at + reach] = heard[first:last]
        found.append(Heard(at, _late(padded.sum(axis=1), there.sum(axis=1), reach)))
    return found


def clicks(heard: Any, reference: Any, late: int = 0) -> list[int]:
    """List the samples at which a sound steps and the reference, that much earlier, does not."""
    aligned = heard[late:] if late >= 0 else np.concatenate([np.zeros((-late, 2), np.float32), heard])
    length = min(len(aligned), len(reference)) // _BLOCK * _BLOCK
    ours, theirs = _steps(aligned[:length]), _steps(reference[:length])
    near = np.maximum(theirs, np.maximum(np.roll(theirs, 1), np.roll(theirs, -1)))
    return [int(block) * _BLOCK for block in np.flatnonzero(ours > near + _STEP)]


@lru_cache(maxsize=64)
def _whole(seed: int, rate: int) -> Any:
    """Make one period: random amplitudes and phases of the frequencies in the band, turned into samples."""
    low, high = (hertz * _PERIOD_S for hertz in _BAND_HZ)
    chance = np.random.default_rng(seed)
    waves = chance.standard_normal((2, 2, high - low))
    spectrum = np.zeros((2, _PERIOD_S * rate // 2 + 1), np.complex64)
    spectrum[:, low:high] = waves[0] + 1j * waves[1]
    made = np.fft.irfft(spectrum, _PERIOD_S * rate, axis=1)
    made *= LEVEL / np.sqrt(np.mean(np.square(made)))
    made = np.ascontiguousarray(made.T, np.float32)
    rise = int(_RISE_S * rate)
    made[:rise] *= (np.arange(rise) / rise)[:, None]
    made.flags.writeable = False
    return made


def _late(heard: Any, reference: Any, reach: int) -> int | None:
    """Correlate a window with a wider stretch, at every shift."""
    if np.sqrt(np.mean(np.square(reference))) < _SILENT / 4:
        middle = heard[reach : reach + len(reference)]
        return 0 if np.sqrt(np.mean(np.square(middle))) < _SILENT else None
    size = 1 << (len(heard) + len(reference)).bit_length()
    product = np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size))
    alike = np.fft.irfft(product, size)[: 2 * reach + 1]
    power = np.concatenate([[0.0], np.cumsum(np.square(heard, dtype=np.float64))])
    there = np.sqrt(np.maximum(power[len(reference) :] - power[: -len(reference)], 1e-9))[: 2 * reach + 1]
    alike = alike / (there * np.sqrt(np.sum(np.square(reference, dtype=np.float64))))
    best = int(np.argmax(alike))
    return best - reach if alike[best] > 0.8 else None


def _steps(samples: Any) -> Any:
    """Give the greatest bend between three samples, block by block."""
    bends = np.zeros(len(samples), np.float32)
    if len(samples) > 2:
        bends[1:-1] = np.abs(np.diff(samples, 2, axis=0)).max(axis=1)
    return bends.reshape(-1, _BLOCK).max(axis=1)
