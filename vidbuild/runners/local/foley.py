"""Make a sound effect by the words of its prompt, seeded: a whoosh, a click, a bell, or what a place sounds like.

It is meant for drafts: the right kind of sound at the right time, at a modest level. Knows nothing of files or mixes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from vidbuild.runners.local.colour import F32
from vidbuild.runners.local.prompt import words
from vidbuild.runners.local.seeded import generator
from vidbuild.runners.local.voices import RATE

REVISION = 1

_PERIOD = 12
_BLOCK = 10 * RATE
_PEAK = 0.5


@dataclass(frozen=True)
class _Kind:
    """A kind of effect: the words that ask for it, how long it is by itself, and whether it goes on for ever."""

    words: str
    seconds: float
    goes_on: bool = False


_KINDS = {
    "whoosh": _Kind("whoosh swoosh swish sweep fly flyby pass transition woosh air swipe", 0.9),
    "click": _Kind("click tap button switch tick key shutter snap camera pop toggle mouse latch clack", 0.12),
    "keys": _Kind("typing type keyboard typewriter", 2.0),
    "impact": _Kind("impact hit thud boom bang slam explosion crash punch drop door knock thump stomp gunshot", 1.4),
    "riser": _Kind("riser rise build tension suspense uplifter", 3.0),
    "bell": _Kind("bell ding chime notification sparkle magic glass clink success coin ring twinkle", 1.6),
    "steps": _Kind("footstep step walk run boot heel", 3.0),
    "pour": _Kind("pour water splash drip liquid bubble coffee drink tap fizz", 3.0),
    "rain": _Kind("rain drizzle shower storm thunder downpour", 8.0, True),
    "wind": _Kind("wind breeze gust blizzard howl mountain desert", 8.0, True),
    "sea": _Kind("sea ocean wave beach surf shore", 8.0, True),
    "crowd": _Kind(
        "crowd cafe restaurant chatter people murmur audience applause market office bar street city", 8.0, True
    ),
    "engine": _Kind("engine car motor traffic drone machine fan hum train plane truck", 8.0, True),
    "room": _Kind("ambience ambient room tone atmosphere background forest night bird", 8.0, True),
}


def samples(prompt: str, seed: int, seconds: float | None = None) -> Iterator[F32]:
    """Yield the effect as blocks of (n, 2) float32 at 48 kHz; as long as its kind is, where no length is asked for."""
    name, length = kind(prompt), count(prompt, seconds)
    rng = generator("foley", name, prompt, seed)
    if _KINDS[name].goes_on:
        yield from _going_on(name, rng, length)
        return
    line = _ended(_struck(name, rng, length))
    for start in range(0, length, _BLOCK):
        block = np.zeros((min(_BLOCK, length - start), 2), np.float32)
        there = line[start : start + len(block)]
        block[: len(there)] = there
        yield block


def count(prompt: str, seconds: float | None = None) -> int:
    """Count the samples of an effect."""
    return max(1, round((_KINDS[kind(prompt)].seconds if seconds is None else seconds) * RATE))


def kind(prompt: str) -> str:
    """Choose the kind that most words of a prompt ask for; a whoosh, where none does."""
    said = words(prompt)
    score = {name: sum(word in each.words.split() for word in said) for name, each in _KINDS.items()}
    return max(score, key=lambda name: score[name]) if any(score.values()) else "whoosh"


def _struck(name: str, rng: np.random.Generator, length: int) -> F32:
    """Make a sound that ends by itself; what is asked to be longer is followed by silence, but for what repeats."""
    match name:
        case "whoosh":
            return _whoosh(rng, length)
        case "click":
            return _click(rng)
        case "keys":
            return _repeated(rng, length, (0.09, 0.22), lambda: _click(rng) * np.float32(rng.uniform(0.5, 1)))
        case "steps":
            return _repeated(rng, length, (0.5, 0.56), lambda: _step(rng))
        case "impact":
            return _impact(rng)
        case "bell":
            return _bell(rng)
        case "riser":
            return _riser(rng, length)
    return _pour(rng, length)


def _going_on(name: str, rng: np.random.Generator, length: int) -> Iterator[F32]:
    """Repeat twelve seconds without a seam, under a swell of another period, so that it is never twice the same."""
    low, high, tilt, swell, slow = {
        "rain": (700, 9000, -0.2, 0.15, 7.3),
        "wind": (80, 700, -0.6, 0.6, 5.1),
        "sea": (100, 4000, -0.5, 0.85, 8.7),
        "crowd": (180, 2200, -0.5, 0.25, 3.7),
        "engine": (40, 500, -0.8, 0.1, 4.3),
        "room": (60, 1500, -0.9, 0.1, 9.1),
    }[name]
    ground = _band(rng, _PERIOD * RATE, low, high, tilt)
    if name in ("rain", "crowd"):
        ground *= np.float32(0.7) + np.float32(0.6) * _band(rng, _PERIOD * RATE, 1, 12, -0.3)
    if name == "engine":
        turn = np.arange(_PERIOD * RATE) * (2 * np.pi * round(rng.uniform(48, 70)) / RATE)
        ground += np.float32(0.3) * (np.sin(turn) + np.sin(2 * turn) / 2 + np.sin(3 * turn) / 3)[:, None]
    ground *= np.float32(_PEAK / 2 / np.abs(ground).max())
    phase = float(rng.uniform(0, 2 * np.pi))
    for start in range(0, length, _BLOCK):
        where = np.arange(start, min(start + _BLOCK, length))
        level = 1 - swell / 2 + swell / 2 * np.sin(2 * np.pi * where / (slow * RATE) + phase)
        edge = np.minimum(np.minimum(where + 1, length - where) / (RATE / 5), 1)
        yield (ground[where % len(ground)] * (level * edge)[:, None]).astype(np.float32)


def _band(rng: np.random.Generator, length: int, low: float, high: float, tilt: float) -> F32:
    """Make noise that repeats after its length, in a band of frequencies, at most 1 high."""
    hertz = np.fft.rfftfreq(length, 1 / RATE)
    shape = np.where((hertz >= low) & (hertz <= high), np.maximum(hertz, 1) ** tilt, 0)
    waves = rng.standard_normal((2, 2, len(hertz)))
    line = np.fft.irfft(shape * (waves[0] + 1j * waves[1]), length, axis=1).T
    made: F32 = (line / np.abs(line).max()).astype(np.float32)
    return made


def _whoosh(rng: np.random.Generator, length: int) -> F32:
    """Noise that brightens and darkens as it passes from one side to the other."""
    part = np.arange(length) / length
    near = np.sin(np.pi * part**0.7) ** 2
    dull, bright = _band(rng, length, 120, 900, -0.4), _band(rng, length, 900, 6000, -0.5)
    side = part if rng.uniform() < 0.5 else 1 - part
    pan = np.stack([np.cos(side * np.pi / 2), np.sin(side * np.pi / 2)], axis=1) * 1.2
    made: F32 = ((dull * near[:, None] + bright * (near**3)[:, None]) * pan).astype(np.float32)
    return made


def _click(rng: np.random.Generator) -> F32:
    age = np.arange(RATE // 10) / RATE
    tone = np.sin(2 * np.pi * rng.uniform(1400, 2600) * age) * np.exp(-age * 240)
    hiss = rng.uniform(-1, 1, len(age)) * np.exp(-age * 900)
    return _sides(tone * 0.6 + hiss * 0.6)


def _step(rng: np.random.Generator) -> F32:
    age = np.arange(RATE // 4) / RATE
    thump = np.sin(2 * np.pi * rng.uniform(75, 95) * age) * np.exp(-age * 38)
    scrape = _band(rng, len(age), 500, 4000, -0.3)[:, 0] * np.exp(-age * 30) * (1 - np.exp(-age * 400))
    return _sides(thump * 0.7 + scrape * 0.5)


def _impact(rng: np.random.Generator) -> F32:
    age = np.arange(round(1.4 * RATE)) / RATE
    turn = 2 * np.pi * (rng.uniform(38, 52) * age + 4.5 * (1 - np.exp(-age * 22)))
    boom = np.sin(turn) * np.exp(-age * 4.2)
    rubble = _band(rng, len(age), 60, 1200, -0.5)[:, 0] * np.exp(-age * 7)
    crack = rng.uniform(-1, 1, len(age)) * np.exp(-age * 160)
    return _sides(boom * 0.8 + rubble * 0.6 + crack * 0.35)


def _bell(rng: np.random.Generator) -> F32:
    age = np.arange(round(1.6 * RATE)) / RATE
    pitch = rng.uniform(900, 1400)
    partials = ((1, 1.0, 3.2), (2.0, 0.5, 4.5), (2.76, 0.45, 6), (5.4, 0.25, 11), (8.9, 0.12, 18))
    return _sides(
        sum(level * np.sin(2 * np.pi * pitch * step * age) * np.exp(-age * fall) for step, level, fall in partials)
    )


def _riser(rng: np.random.Generator, length: int) -> F32:
    """A tone and noise that climb until they stop."""
    part = np.arange(length) / length
    turn = np.cumsum(2 * np.pi * (110 * 2 ** (3 * part**1.5)) / RATE)
    hiss = _band(rng, length, 1500, 9000, -0.3)[:, 0] * part**3
    return _sides((np.sin(turn) + np.sin(2 * turn) / 3) * 0.4 * part**1.5 + hiss * 0.7)


def _pour(rng: np.random.Generator, length: int) -> F32:
    """Water: a soft stream full of small round drops."""
    part = np.arange(length) / length
    stream = _band(rng, length, 300, 5000, -0.4)[:, 0] * np.minimum(1, part * 12) * np.minimum(1, (1 - part) * 8)
    line = stream * 0.5
    for at in np.sort(rng.integers(0, max(1, length - 4800), length // 1600)):
        age = np.arange(2400) / RATE
        drop = np.sin(2 * np.pi * (rng.uniform(500, 1500) * age + 4000 * age * age)) * np.exp(-age * 130)
        end = min(length, at + len(drop))
        line[at:end] += 0.22 * drop[: end - at] * rng.uniform(0.3, 1)
    return _sides(line)


def _repeated(rng: np.random.Generator, length: int, apart: tuple[float, float], make: object) -> F32:
    """Make a sound again and again for a length."""
    assert callable(make)
    line = np.zeros((length, 2), np.float32)
    at = 0
    while at < length:
        one = make()[: length - at]
        line[at : at + len(one)] += one
        at += round(rng.uniform(*apart) * RATE)
    return line


def _sides(line: Any) -> F32:
    return np.repeat(np.asarray(line, np.float32)[:, None], 2, axis=1)


def _ended(line: F32) -> F32:
    """Bring a sound to its level, with a rise over 1 ms and a fall over its last 20 ms."""
    top = float(np.abs(line).max())
    line = line * np.float32(_PEAK / top) if top else line
    rise, fall = min(len(line), RATE // 1000), min(len(line), RATE // 50)
    line[:rise] *= (np.arange(rise, dtype=np.float32) / rise)[:, None]
    line[len(line) - fall :] *= (np.arange(fall, 0, -1, dtype=np.float32) / fall)[:, None]
    return line
