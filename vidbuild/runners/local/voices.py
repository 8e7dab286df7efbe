"""Voices of a bed: pads, plucks, a bass and soft drums, as short mono sounds at 48 kHz.

Tables of one wave are read at a pitch. Knows nothing of tempo, harmony or prompts.
"""

import numpy as np

from vidbuild.runners.local.colour import F32

RATE = 48_000
_TABLE = 4096


def wave(harmonics: list[float]) -> F32:
    """Return one wave with these strengths of its harmonics, at most 1 high."""
    turn = np.arange(_TABLE) * (2 * np.pi / _TABLE)
    line = sum(level * np.sin(turn * (index + 1)) for index, level in enumerate(harmonics))
    result: F32 = (line / np.max(np.abs(line))).astype(np.float32)
    return result


def pitch(note: float) -> float:
    """Return the frequency of a MIDI note number."""
    return 440.0 * float(2.0 ** ((note - 69) / 12))


def tone(table: F32, frequency: float, length: int, phase: float = 0.0) -> F32:
    """Return a steady tone."""
    step = round(frequency / RATE * 2**32)
    turn = np.arange(length, dtype=np.uint64) * np.uint64(step) + np.uint64(int(phase * 2**32))
    result: F32 = table[((turn & np.uint64(0xFFFFFFFF)) >> np.uint64(20)).astype(np.intp)]
    return result


def pad(table: F32, notes: list[float], length: int, attack: int, release: int) -> F32:
    """Return a chord as (n, 2), each note twice a little out of tune, spread over the two sides."""
    whole = length + release
    sides = np.zeros((whole, 2), np.float32)
    for index, note in enumerate(notes):
        for side, cents in ((0, -4.0), (1, 5.0)):
            sides[:, side] += tone(table, pitch(note + cents / 100), whole, 0.37 * index + 0.21 * side)
    shape = np.ones(whole, np.float32)
    shape[:attack] = _eased(attack)
    shape[length:] = 1 - _eased(release)
    sides *= shape[:, None] / np.float32(len(notes))
    return sides


def pluck(bright: F32, dull: F32, note: float, seconds: float) -> F32:
    """Return a plucked note: bright at once, dull soon, then gone."""
    length = round(seconds * RATE)
    frequency = pitch(note)
    line = tone(bright, frequency, length) * _decay(length, seconds / 14) * np.float32(0.55)
    line += tone(dull, frequency, length) * _decay(length, seconds / 5) * np.float32(0.75)
    return _trimmed(line, 90)


def bass(table: F32, note: float, length: int) -> F32:
    """Return a round low note."""
    line = tone(table, pitch(note), length) * _decay(length, length / RATE / 2.2)
    return _trimmed(line, 500)


def kick() -> F32:
    """Return a soft bass drum."""
    length = round(0.26 * RATE)
    age = np.arange(length) / RATE
    turn = 2 * np.pi * (48 * age + 3.2 * (1 - np.exp(-age * 34)))
    return _trimmed((np.sin(turn) * np.exp(-age * 15)).astype(np.float32), 60)


def brush(rng: np.random.Generator, seconds: float, dull: int) -> F32:
    """Return a burst of noise: a hat when bright and short, a shaker or brush when dull."""
    length = round(seconds * RATE)
    noise = np.diff(rng.uniform(-1, 1, length + 1)).astype(np.float32)
    if dull > 1:
        noise = np.convolve(noise, np.full(dull, 1 / dull), mode="same").astype(np.float32) * np.float32(dull**0.5)
    return _trimmed(noise * _decay(length, seconds / 4) * np.float32(0.5), 100 * dull)


def snare(rng: np.random.Generator) -> F32:
    """Return a gentle snare: noise over a short low tone."""
    length = round(0.2 * RATE)
    body = tone(wave([1.0, 0.3]), 188.0, length) * _decay(length, 0.04)
    noise = rng.uniform(-1, 1, length).astype(np.float32) * _decay(length, 0.05)
    return _trimmed(body * np.float32(0.5) + noise * np.float32(0.35), 60)


def _decay(length: int, seconds: float) -> F32:
    result: F32 = np.exp(np.arange(length) * (-1 / (seconds * RATE))).astype(np.float32)
    return result


def _eased(length: int) -> F32:
    part = (np.arange(length) + 0.5) / max(1, length)
    result: F32 = (part * part * (3 - 2 * part)).astype(np.float32)
    return result


def _trimmed(line: F32, attack: int) -> F32:
    """Return the sound with a rise over the first samples and a fall over the last 10 ms."""
    line[:attack] *= _eased(min(attack, len(line)))
    tail = min(len(line), RATE // 100)
    line[-tail:] *= 1 - _eased(tail)
    return line
