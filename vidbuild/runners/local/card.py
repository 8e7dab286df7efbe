"""Draw what a title or end card's text stands on: a colour, a darkened picture or a quiet glow, and a logo.

Knows nothing of text, files or projects.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidbuild.runners.local.animatic import fitted
from vidbuild.runners.local.colour import U8

REVISION = 2

_GLOW, _DEEP = (38, 44, 58), (16, 18, 26)


def ground(
    size: tuple[int, int],
    background: NDArray[np.uint8] | tuple[int, int, int] | None = None,
    logo: NDArray[np.uint8] | None = None,
    place: Sequence[int] | None = None,
) -> U8:
    """Return the card without its text as (H, W, 3) sRGB; the logo lies at left, top, width and height."""
    image = _ground(size, background)
    if logo is not None and place is not None:
        left, top, width, height = place
        mark = Image.fromarray(logo).resize((width, height), Image.Resampling.LANCZOS)
        image.paste(mark, (left, top), mark)
    return np.asarray(image)


def _ground(size: tuple[int, int], background: NDArray[np.uint8] | tuple[int, int, int] | None) -> Image.Image:
    if isinstance(background, np.ndarray):  # a veil makes any picture dark enough
        veiled = fitted(background, size).astype(np.uint16) * np.uint16(112) >> 8
        return Image.fromarray(veiled.astype(np.uint8))
    if background is not None:
        return Image.new("RGB", size, background)
    width, height = size
    rows = np.arange(height, dtype=np.float64)[:, None] / height - 0.42
    columns = np.arange(width, dtype=np.float64)[None, :] / width - 0.5
    away = np.clip(np.sqrt(rows * rows + columns * columns) * 1.35, 0, 1)
    away = away * away * (3 - 2 * away)
    grain = np.random.Generator(np.random.PCG64(7)).uniform(-0.5, 0.5, (height, width))
    bands = [one + (other - one) * away + grain for one, other in zip(_GLOW, _DEEP, strict=True)]
    return Image.fromarray(np.rint(np.stack(bands, axis=-1)).astype(np.uint8))
