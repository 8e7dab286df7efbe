"""What is seen in pictures: good motions raise no alarm, what is wrong is found where it is."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import motions
import numpy as np
import pytest

from vidbuild.media import seeing
from vidbuild.media.measures import GRID, SEEN

ALL = {**motions.GOOD, **motions.WRONG}


def grid(motion: motions.Motion) -> tuple[Any, list[Fraction]]:
    """Shrink a motion as ffmpeg does, and give it a clock of 24."""
    rows, columns = motions.HEIGHT // GRID[1], motions.WIDTH // GRID[0]
    cells = [picture.reshape(GRID[1], rows, GRID[0], columns).mean(axis=(1, 3)) for picture in motion()]
    grey = np.clip(np.rint(np.array(cells)), 0, 255).astype(np.uint8)
    return grey, [Fraction(index, motions.RATE) for index in range(len(grey) + 1)]


@pytest.mark.parametrize("name", motions.GOOD)
def test_a_good_motion_is_not_cut_and_not_frozen_and_not_black(name: str) -> None:
    """A false alarm costs an attempt."""
    grey, times = grid(motions.GOOD[name])
    assert seeing.cuts(grey, times, SEEN) == []
    assert seeing.frozen(grey, times, SEEN) == []
    assert sum((end - start for start, end in seeing.black(grey, times, SEEN)), Fraction(0)) <= Fraction(1, 8)


@pytest.mark.parametrize(
    ("name", "black", "frozen", "cuts"),
    [
        ("black", [(0, 4)], [], []),
        ("black_in_the_middle", [(1, Fraction(5, 2))], [(1, Fraction(5, 2))], []),
        ("frozen", [], [(0, 4)], []),
        ("freezes", [], [(1, 4)], []),
        ("cut", [], [], [Fraction(50, 24)]),
        ("cut_with_grain", [], [], [Fraction(30, 24)]),
        ("montage", [], [], [1, 2, 3]),
    ],
)
def test_what_is_wrong_is_found_where_it_is(name: str, black: list[Any], frozen: list[Any], cuts: list[Any]) -> None:
    """To the very picture."""
    grey, times = grid(motions.WRONG[name])
    assert seeing.black(grey, times, SEEN) == black
    assert seeing.frozen(grey, times, SEEN) == frozen
    assert seeing.cuts(grey, times, SEEN) == cuts


def test_scenes_are_less_alike_than_one_scene_in_another_light() -> None:
    """There is room on both sides of the threshold."""
    scenes = [motions.textured(seed, *GRID) for seed in range(60, 72)]
    others = [seeing.alike(one, other) for one, other in pairwise(scenes)]
    darker = [seeing.alike(scene, np.roll(scene, (6, 10), (0, 1)) * 0.3 + 12) for scene in scenes]
    assert max(others) < SEEN["cut_alike_percent"] / 100 - 0.1
    assert min(darker) > SEEN["cut_alike_percent"] / 100 + 0.1


def test_times_are_those_of_the_pictures_at_any_rate() -> None:
    """A picture may be shown longer than others."""

    def lasting() -> Iterator[Any]:
        yield from (motions.textured(70 + index) for index in range(4))
        yield from (np.zeros((motions.HEIGHT, motions.WIDTH)) for _ in range(2))

    grey, _ = grid(lasting)
    times = [Fraction(0), Fraction(1, 10), Fraction(1), Fraction(2), Fraction(3), Fraction(7, 2), Fraction(9, 2)]
    assert seeing.black(grey, times, SEEN) == [(Fraction(3), Fraction(9, 2))]


def test_a_take_of_a_picture_or_two_has_no_cuts() -> None:
    """There is nothing to compare a change with."""
    grey, times = grid(lambda: iter([motions.textured(1), motions.textured(2)]))
    assert seeing.cuts(grey, times, SEEN) == []


def test_one_tone_is_uniform_and_a_scene_is_not() -> None:
    """A picture that failed is often a single grey."""
    assert seeing.is_uniform(np.full((90, 160), 127, np.uint8), SEEN)
    assert not seeing.is_uniform(motions.textured(1, *GRID).astype(np.uint8), SEEN)
