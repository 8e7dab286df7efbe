"""Exact time: snapping, rates, and how it is written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from vidbuild.words.rationaltime import (
    clock_text,
    decimal_text,
    exact_rate,
    frames_in,
    half_up,
    rate_number,
    seconds_text,
)


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (Decimal("23.976"), Fraction(24000, 1001)),
        (Decimal("23.98"), Fraction(24000, 1001)),
        (Decimal("29.97"), Fraction(30000, 1001)),
        (Decimal("59.94"), Fraction(60000, 1001)),
        (24, Fraction(24)),
        (Decimal("12.5"), Fraction(25, 2)),
    ],
)
def test_rates_that_people_write_mean_exact_ones(written: Decimal | int, exact: Fraction) -> None:
    """23.976 is 24000/1001."""
    assert exact_rate(written) == exact


@pytest.mark.parametrize(("value", "whole"), [("1/2", 1), ("3/2", 2), ("-1/2", 0), ("5/4", 1), ("7/4", 2)])
def test_halves_are_rounded_up(value: str, whole: int) -> None:
    """Nearest, half up: not to even."""
    assert half_up(Fraction(value)) == whole


def test_a_length_is_snapped_by_itself() -> None:
    """Two shots of 0.27 s are 6 + 6 frames at 24, though 0.54 s are 13."""
    assert (frames_in(Fraction("0.27"), Fraction(24)), frames_in(Fraction("0.54"), Fraction(24))) == (6, 13)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(Fraction(6), "6"), (Fraction(13, 2), "6.5"), (Fraction(1, 3), "1/3"), (Fraction(1001, 24000), "1001/24000")],
)
def test_seconds_in_keys_are_exact(seconds: Fraction, text: str) -> None:
    """Decimals where they end, else a fraction."""
    assert seconds_text(seconds) == text
    assert Fraction(text) == seconds


def test_seconds_for_ffmpeg_are_rounded_to_microseconds() -> None:
    """Fixed places, half up, a sign only where something is left."""
    assert [decimal_text(Fraction(n, 3)) for n in (1, 2, -1)] == ["0.333333", "0.666667", "-0.333333"]


def test_lengths_for_people_have_no_idle_zeros() -> None:
    """18 s, not 18.000 s."""
    assert [clock_text(Fraction(text)) for text in ("18", "7.25", "0.5")] == ["18 s", "7.25 s", "0.5 s"]


def test_rates_in_documents_have_at_most_three_decimals() -> None:
    """24 and 23.976."""
    assert [rate_number(rate) for rate in (Fraction(24), Fraction(24000, 1001))] == [24, 23.976]
