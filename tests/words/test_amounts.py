"""Ages and sizes as people write them."""

from __future__ import annotations

import pytest

from vidbuild.words.amounts import bytes_of, seconds_of, size_text


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
