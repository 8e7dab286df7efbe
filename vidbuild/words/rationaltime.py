"""Exact time: a count of frames (or samples) at a rational rate, and half-open ranges of it.

No floats. It knows nothing of shots or files; whose time a range is in, its owner says.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

SAMPLE_RATE = 48_000
_NTSC = {Fraction(n * 1000, 1001): n for n in (24, 30, 48, 60, 120)}


@dataclass(frozen=True, slots=True)
class RationalTime:
    """`value` frames at `rate` frames a second."""

    value: int
    rate: Fraction

    @property
    def seconds(self) -> Fraction:
        """The same instant in exact seconds."""
        return self.value / self.rate

    def rescaled(self, rate: Fraction) -> RationalTime:
        """Give the nearest instant on another clock, half up."""
        return RationalTime(frames_in(self.seconds, rate), rate)


@dataclass(frozen=True, slots=True)
class TimeRange:
    """Frames `start` (in) to `end` (out, not in it) at one rate.

    start   end
      |######|      4 frames: start, start+1, start+2, start+3
    """

    start: int
    end: int
    rate: Fraction

    @property
    def frames(self) -> int:
        """How many frames lie in it."""
        return self.end - self.start

    @property
    def start_seconds(self) -> Fraction:
        """Where it begins, in exact seconds."""
        return self.start / self.rate

    @property
    def seconds(self) -> Fraction:
        """How long it lasts, in exact seconds."""
        return self.frames / self.rate


def half_up(value: Fraction) -> int:
    """Round to the nearest whole number, halves up."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def frames_in(seconds: Fraction, rate: Fraction) -> int:
    """Snap a length in seconds to a frame clock: nearest, half up."""
    return half_up(seconds * rate)


def exact_rate(written: int | Decimal | Fraction) -> Fraction:
    """Read a frame rate: 23.976, 29.97 and 59.94 mean N x 1000/1001."""
    value = Fraction(written)
    for exact in _NTSC:
        if abs(value - exact) < Fraction(1, 200) and value != round(value):
            return exact
    return value


def rate_text(rate: Fraction) -> str:
    """Write a rate for argv and keys: `24` or `24000/1001`."""
    return str(rate)


def rate_number(rate: Fraction) -> float | int:
    """Give a rate as a number of at most three decimals, for people and JSON."""
    return int(rate) if rate.denominator == 1 else round(float(rate), 3)


def seconds_text(seconds: Fraction) -> str:
    """Write exact seconds for a key: `6`, `6.5`, or a fraction where decimals don't end."""
    rest = seconds.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return str(seconds)
    return decimal_text(seconds, 12).rstrip("0").rstrip(".") if seconds.denominator != 1 else str(seconds.numerator)


def decimal_text(value: Fraction, places: int = 6) -> str:
    """Write a fraction with a fixed number of decimals, half up: what ffmpeg takes as seconds."""
    scaled = half_up(abs(value) * 10**places)
    sign = "-" if value < 0 and scaled else ""
    return f"{sign}{scaled // 10**places}.{scaled % 10**places:0{places}d}"


def clock_text(seconds: Fraction) -> str:
    """Write a length for people: `18 s`, `7.25 s`."""
    text = decimal_text(seconds, 3).rstrip("0").rstrip(".")
    return f"{text} s"
