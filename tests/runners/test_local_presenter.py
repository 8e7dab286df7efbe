"""The presenter that is drawn here opens its mouth with what is said, and is somebody else for each avatar."""

from fractions import Fraction

import numpy as np
import pytest

from vidbuild.runners.local.presenter import Presentation, frames, loudness

SIZE = (160, 90)


def drawn(avatar: str, *heard: float, seed: int = 0, size: tuple[int, int] = SIZE) -> list[bytes]:
    """Draw a presenter who is so loud at each frame."""
    return list(frames(Presentation(avatar, seed, Fraction(12), size, heard)))


def test_a_mouth_is_open_where_it_is_loud() -> None:
    """Silence, noise, silence: shut, open, and shut again within a tenth of a second."""
    noise = np.random.default_rng(0).uniform(-0.5, 0.5, 8000).astype(np.float32)
    quiet = np.zeros(8000, np.float32)
    heard = loudness(np.concatenate([quiet, noise, quiet]), 8000, Fraction(10))
    assert len(heard) == 30
    assert max(heard[:10]) == 0
    assert min(heard[10:20]) > 0.9
    assert max(heard[21:]) == 0


def test_a_last_part_of_a_frame_is_a_frame() -> None:
    """A take is never shorter than its line."""
    assert len(loudness(np.zeros(8001, np.float32), 8000, Fraction(10))) == 11
    assert loudness(np.zeros(0, np.float32), 8000, Fraction(10)) == (0.0,)


def test_only_the_mouth_differs_between_loud_and_quiet() -> None:
    """In the middle of the picture, where every crop shows it."""
    shut, wide = drawn("ann", 0.0) + drawn("ann", 1.0)
    luma = SIZE[0] * SIZE[1]
    away = np.abs(np.frombuffer(shut[:luma], np.uint8).astype(int) - np.frombuffer(wide[:luma], np.uint8))
    rows, columns = np.nonzero(away.reshape(SIZE[1], SIZE[0]) > 8)
    assert 0 < len(rows) < 0.02 * luma
    assert 0.3 * SIZE[0] < columns.min()
    assert columns.max() < 0.7 * SIZE[0]


def test_each_avatar_and_seed_is_somebody_else_and_always_the_same() -> None:
    """Its id and the seed decide, and nothing else."""
    ann = drawn("ann", 0.5)
    assert drawn("ann", 0.5) == ann
    assert len({ann[0], drawn("bert", 0.5)[0], drawn("ann", 0.5, seed=1)[0]}) == 3


@pytest.mark.parametrize("size", [(160, 90), (90, 160), (64, 64), (320, 180)])
def test_any_shape_is_drawn_whole(size: tuple[int, int]) -> None:
    """Each frame is one yuv420p picture."""
    assert [len(frame) for frame in drawn("ann", 0.0, 1.0, size=size)] == [size[0] * size[1] * 3 // 2] * 2
