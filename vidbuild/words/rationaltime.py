"""Exact time: seconds as fractions, frames and samples as whole numbers at a rational rate.

No floats; ranges are half-open. It knows nothing of shots or files.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

SAMPLE_RATE = 48_000
_NTSC = {Fraction(n * 1000, 1001): n for n in (24, 30, 48, 60, 120)}


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
