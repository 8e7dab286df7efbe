"""Making a mix as loud as is asked, under a true peak: heard, turned up or down, limited, encoded, heard once more.

It runs what a `level` step says through pipes, in blocks of 10 s, and knows nothing of stems.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vidbuild.media import limiting
from vidbuild.runners import wave
from vidbuild.words.rationaltime import decimal_text

Run = Callable[[Sequence[str], Iterable[bytes] | None], Awaitable[None]]
"""Runs an argv, with what is fed to it."""

_SILENCE = -70
_MOST_GAIN_DB = 30.0
_NEAR_LU = 0.1
_TRIES = 6
_ROUNDS = 8
_LOUDER = 3
"""Rounds in which both loudness and peak are mended; what is left of them is for the peak alone, which is a limit."""
_BETWEEN = 1.3
"""How much higher than its samples a wave is taken to be, before it is looked at closely."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What a meter says: integrated loudness in LUFS, `None` for silence and for a moment of sound; the true peak."""

    lufs: float | None
    peak: float = 0.0


@dataclass
class _Leveller:
    """A mix with a gain in dB, limited below a ceiling in dB; an encoder gets `lead` silent samples before it."""

    mix: wave.Pcm
    ceiling_db: float
    lead: int = 0
    gain_db: float = 0.0
    loudest: float = 0.0

    @property
    def may_limit(self) -> bool:
        """Whether anything may have to be limited, by its loudest sample."""
        return self.loudest * _factor(self.gain_db) * _BETWEEN > _factor(self.ceiling_db)

    def plain(self) -> Iterator[bytes]:
        """Give the mix as it is, and note its loudest sample."""
        for block in self.mix.blocks():
            self.loudest = max(self.loudest, float(np.abs(block).max(initial=0.0)))
            yield block.tobytes()

    def levelled(self) -> Iterator[bytes]:
        """Give the mix as it will sound."""
        gain, ceiling = _factor(self.gain_db), _factor(self.ceiling_db)
        for first in range(0, self.mix.samples, wave.BLOCK):
            last = min(first + wave.BLOCK, self.mix.samples)
            begin, end = max(0, first - limiting.CONTEXT), min(self.mix.samples, last + limiting.CONTEXT)
            around = ((begin - first + limiting.CONTEXT, last + limiting.CONTEXT - end), (0, 0))
            rows, _ = limiting.limited(np.pad(self.mix.read(begin, end) * gain, around), ceiling)
            yield np.ascontiguousarray(rows, "<f4").tobytes()

    def led(self) -> Iterator[bytes]:
        """Give the mix as it will sound, behind what the encoder needs before it."""
        yield bytes(self.lead * wave.FRAME)
        yield from self.levelled()

    def turn(self, by_lu: float) -> bool:
        """Turn it up or down, in hundredths of a decibel, up no further than is sensible; say whether that moved it."""
        before, self.gain_db = self.gain_db, min(_MOST_GAIN_DB, round(self.gain_db + by_lu, 2))
        return self.gain_db != before


async def level(step: Mapping[str, Any], folder: Path, run: Run) -> Mapping[str, str]:
    """Encode a mix as a step says, and give its loudness and true peak where it has a target.

    What is limited, and what the codec leaves out, makes it quieter than the gain alone says; so it is heard again.
    """
    sound = _Leveller(wave.opened_wav(folder / step["from"]), float(Fraction(step["ceiling_db"])), step.get("lead", 0))
    if "lufs" not in step:
        await run(step["encode"], sound.led())
        return {}
    target = float(Fraction(step["lufs"]))

    async def measured(feed: Iterable[bytes]) -> float | None:
        await run(step["measure"], feed)
        return read(folder / "loudness.txt").lufs

    lufs, slope = await measured(sound.plain()), 1.0
    for _ in range(_TRIES):
        before = (sound.gain_db, lufs)
        if lufs is None or abs(target - lufs) < _NEAR_LU / 2 or not sound.turn((target - lufs) / slope):
            break
        lufs = await measured(sound.levelled()) if sound.may_limit else target
        slope = _slope(before, (sound.gain_db, lufs))
    return await _encoded(step, folder, run, sound, target, is_silent=lufs is None)


async def _encoded(
    step: Mapping[str, Any], folder: Path, run: Run, sound: _Leveller, target: float, is_silent: bool
) -> Mapping[str, str]:
    """Encode until what comes out of the codec is as loud as is asked and under its peak."""
    most = _factor(float(Fraction(step["peak_db"])))
    heard = Heard(None)
    for number in range(1, _ROUNDS + 1):
        await run(step["encode"], sound.led())
        if is_silent:
            return {"lufs": "silence"}
        await run(step["check"], None)
        heard = read(folder / "loudness.txt")
        miss = target - heard.lufs if heard.lufs is not None else 0.0
        if number == _ROUNDS:
            break
        moved = number <= _LOUDER and abs(miss) >= _NEAR_LU and sound.turn(miss)
        if heard.peak > most:
            sound.ceiling_db -= 20 * math.log10(heard.peak / most) + 0.2
        elif not moved:
            break
    peak = 20 * math.log10(max(heard.peak, 1e-6))
    return {
        "lufs": _text(heard.lufs or _SILENCE),
        "true peak": _text(peak),
        "gain": _text(sound.gain_db),
    }


def _slope(before: tuple[float, float | None], after: tuple[float, float | None]) -> float:
    """Say how much louder a decibel of gain makes it: less than 1 LU where much is limited."""
    if before[1] is None or after[1] is None or after[0] == before[0]:
        return 1.0
    return min(1.0, max(0.2, (after[1] - before[1]) / (after[0] - before[0])))


def read(path: Path) -> Heard:
    """Read what the meter printed last."""
    last: dict[str, str] = {}
    with open(path) as lines:
        for line in lines:
            name, _, value = line.partition("=")
            last[name] = value
    try:
        lufs = float(last.get("lavfi.r128.I", "nan"))
    except ValueError:
        lufs = math.nan
    return Heard(lufs if lufs > _SILENCE else None, float(last.get("lavfi.r128.true_peak", 0)))


def _factor(decibels: float) -> float:
    return float(10.0 ** (decibels / 20.0))


def _text(value: float) -> str:
    return decimal_text(Fraction(value), 2)
