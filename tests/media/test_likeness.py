"""Which pictures of two films differ, by digests."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vidbuild.media.likeness import Change, changes


@pytest.mark.parametrize(
    ("was", "now", "found"),
    [
        ("abcdef", "abcdef", []),
        ("abcdef", "abXYef", [(2, 4, 2, 4)]),
        ("abcdef", "abcXYZdef", [(3, 3, 3, 6)]),
        ("abcXYZdef", "abcdef", [(3, 6, 3, 3)]),
        ("abcdef", "", [(0, 6, 0, 0)]),
        ("", "ab", [(0, 0, 0, 2)]),
        ("aaaaaa", "aabaaa", [(2, 3, 2, 3)]),
        ("abXcdYef", "abcdef", [(2, 3, 2, 2), (5, 6, 4, 4)]),
        ("aaaabbbbcccc", "aaaaXcccc", [(4, 8, 4, 5)]),
        ("0000abc0000", "0000abd0000", [(6, 7, 6, 7)]),
    ],
)
def test_what_differs_is_found_where_it_stands(was: str, now: str, found: list[tuple[int, int, int, int]]) -> None:
    """Changed in place, put in, left out; of pictures that stand still, too."""
    assert changes(was, now) == [Change(*one) for one in found]


@given(st.text("abc", max_size=40), st.text("abc", max_size=40))
def test_the_rest_is_equal(was: str, now: str) -> None:
    """One becomes the other by what is told, and nothing that is told changes nothing."""
    made, at, now_at = "", 0, 0
    for change in changes(was, now):
        assert was[at : change.first] == now[now_at : change.now_first]
        made += was[at : change.first] + now[change.now_first : change.now_end]
        assert was[change.first : change.end] != now[change.now_first : change.now_end]
        at, now_at = change.end, change.now_end
    assert made + was[at:] == now


def test_many_pictures_take_little_time() -> None:
    """An hour at 60 pictures a second, half of it standing still, with a second put in and one left out."""
    was = [*range(108_000), *[0] * 108_000]
    now = [*range(50), *range(300_000, 300_060), *range(50, 107_000), *range(107_060, 108_000), *[0] * 108_000]
    begun = time.process_time()
    assert changes(was, now) == [Change(50, 50, 50, 110), Change(107_000, 107_060, 107_060, 107_060)]
    assert time.process_time() - begun < 5
