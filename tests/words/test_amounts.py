"""Ages and sizes as people write them, money as programs do."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from vidbuild.words.amounts import bytes_of, counted, seconds_of, size_text, usd_of


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("30d", 2592000), ("12h", 43200), ("4w", 2419200), ("1.5h", 5400), ("0s", 0), (" 2 D ", 172800)],
)
def test_an_age_is_read(text: str, seconds: int) -> None:
    """In any unit up to weeks."""
    assert seconds_of(text) == seconds


@pytest.mark.parametrize("text", ["", "d", "30", "-1d", "1y", "1e9d", "30 d d", "\u0663d"])
def test_what_is_no_age_is_none(text: str) -> None:
    """A number without a unit is none: nobody would know which it is in."""
    assert seconds_of(text) is None


@pytest.mark.parametrize(
    ("text", "count"), [("20GB", 20 * 10**9), ("1.5TiB", 3 * 2**39), ("500", 500), ("0B", 0), ("3 mb", 3_000_000)]
)
def test_a_size_is_read(text: str, count: int) -> None:
    """By thousands, or by 1024 where it says so."""
    assert bytes_of(text) == count


@pytest.mark.parametrize("text", ["", "GB", "-5GB", "5 XB", "5GBs", "1e3"])
def test_what_is_no_size_is_none(text: str) -> None:
    assert bytes_of(text) is None


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.00 kB"), (12_340_000, "12.3 MB"), (123_400_000_000, "123 GB")],
)
def test_a_size_is_written_short(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize("value", ["21/25", "0.84", "8.4e-1", 0.84, Decimal("0.84"), Fraction(21, 25)], ids=str)
def test_an_amount_is_read_exactly(value: object) -> None:
    assert usd_of(value) == Fraction(21, 25)


@pytest.mark.parametrize(
    "value",
    [
        *(None, True, "", "free", "-1", "1/0", "nan", "1e-999999999", "1e99", "9" * 41, 10**5000, float("inf")),
        *(Decimal("1e-9999999999"), [1], "\u0663"),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, int) else "int",
)
def test_what_is_no_amount_is_unknown_at_once(value: object) -> None:
    """Some of these would take hours to be worked out."""
    assert usd_of(value) is None


def test_things_are_counted_as_they_are_said() -> None:
    """One of them is no plural."""
    assert [counted(count, "blob") for count in (0, 1, 2)] == ["0 blobs", "1 blob", "2 blobs"]
    assert [counted(count, "entry", "entries") for count in (1, 2)] == ["1 entry", "2 entries"]
    assert size_text(1) == "1 byte"
