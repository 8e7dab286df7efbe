"""Draw an animatic shot: a pleasant moving picture seeded by its prompt, with a slate, as yuv420p frames.

What is seen at a time does not depend on the take's length. Knows nothing of encoders, actions or files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidbuild.runners.local.colour import U8, Planes, planes
from vidbuild.runners.local.setting import setting
from vidbuild.runners.local.slate import Slate, mixed
from vidbuild.runners.local.stage import enlarged

REVISION = 1

_DISSOLVE = 1.5  # seconds
_SLATE_FADE = 0.4
_CREEP = 0.02  # how much a given picture is enlarged in a second


@dataclass(frozen=True)
class AnimaticShot:
    """What to draw; `slate` is the prompt's own first words, `init` and `end` are pictures of any size."""

    prompt: str
    slate: str
    seed: int
    frames: int
    fps: Fraction
    size: tuple[int, int]
    init: NDArray[np.uint8] | None = None
    end: NDArray[np.uint8] | None = None


def frames(shot: AnimaticShot) -> Iterator[bytes]:
    """Yield the shot's frames, each as the Y, U and V planes of one yuv420p picture (BT.709, limited range)."""
    scene, camera = setting(shot.prompt, shot.seed, shot.size)
    slate = Slate(shot.slate, shot.seed, shot.size)
    init = None if shot.init is None else planes(fitted(shot.init, shot.size))
    end = None if shot.end is None else planes(fitted(shot.end, shot.size))
    for index in range(shot.frames):
        gone, left = (float(Fraction(number) / shot.fps) for number in (index, shot.frames - 1 - index))
        out = _eased(gone / _DISSOLVE) if init is not None else 256
        into = _eased(1 - left / _DISSOLVE) if end is not None and index else 0
        picture = scene.draw(gone, camera.view(gone)) if out > 0 and into < 256 else None
        if init is not None and out < 256:
            picture = _dissolved(enlarged(init, 1 + _CREEP * gone) if index else init, picture, out)
        if end is not None and into > 0:
            picture = _dissolved(picture, enlarged(end, 1 + _CREEP * left) if left else end, into)
        assert picture is not None
        shown = min(
            _eased(gone / _SLATE_FADE) if init is not None else 256,
            _eased(left / _SLATE_FADE) if end is not None else 256,
        )
        if shown:
            picture = (picture[0].copy(), picture[1].copy(), picture[2].copy())
            slate.lay(picture, Fraction(index) / shot.fps, shown)
        yield b"".join(plane.tobytes() for plane in picture)


def fitted(picture: U8, size: tuple[int, int]) -> U8:
    """Return the picture scaled to cover the size, cropped centrally; at the same size, itself."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(width / size[0], height / size[1])
    left, top = (width - size[0] * scale) / 2, (height - size[1] * scale) / 2
    box = (left, top, width - left, height - top)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC, box))


def _dissolved(one: Planes | None, other: Planes | None, amount: int) -> Planes:
    """Return `amount` of 256 of the other picture over the one; either may be absent where it isn't seen."""
    if one is None or other is None:
        seen = one or other
        assert seen is not None
        return seen
    y, u, v = (mixed(before, after, amount) for before, after in zip(one, other, strict=True))
    return y, u, v


def _eased(part: float) -> int:
    """Return 0..256 along an even curve."""
    part = min(1.0, max(0.0, part))
    return round(256 * part * part * (3 - 2 * part))
