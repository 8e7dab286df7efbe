"""Blending: one picture over another in integer arithmetic, and a dissolve that goes by a picture's light.

Knows pictures as planes; knows nothing of scenes, slates or time.
"""

import numpy as np
from PIL import Image

from vidbuild.runners.local.colour import U8, Planes

_SOFT = 150  # steps of 256 that one place of a picture takes of a whole dissolve
_CELLS = 9  # patches across the shorter side that open as one


def mixed(one: U8, other: U8, parts: U8 | Image.Image) -> U8:
    """Return the other picture over the one, `parts` of 255 dense at each place."""
    mask = parts if isinstance(parts, Image.Image) else Image.fromarray(parts)
    return np.asarray(Image.composite(Image.fromarray(other), Image.fromarray(one), mask))


class Dissolve:
    """A way between a picture and what follows it: its bright middle opens first, its dark edges last."""

    def __init__(self, picture: Planes) -> None:
        luma = Image.fromarray(picture[0])
        width, height = luma.size
        small = (max(2, round(width * _CELLS / min(luma.size))), max(2, round(height * _CELLS / min(luma.size))))
        light = np.asarray(luma.resize(small, Image.Resampling.BOX)).astype(np.int64)
        light = (light - light.min()) * 255 // max(40, int(light.max() - light.min()))
        across, down = (np.abs(np.arange(count) * 2 + 1 - count) * 255 // count for count in small)
        away = np.maximum(across[None, :], down[:, None])
        late = ((255 - light) * 5 + away * 3) // 8
        late = (late - late.min()) * 255 // max(1, int(late.max() - late.min()))
        whole = Image.fromarray(late.astype(np.uint8)).resize(luma.size, Image.Resampling.BICUBIC)
        self._late = (whole, whole.resize((width // 2, height // 2), Image.Resampling.BOX))

    def at(self, picture: Planes, other: Planes, gone: float) -> Planes:
        """Return the two pictures where 0..1 of the way to the other is gone."""
        part = np.clip((gone * (255 + _SOFT) - np.arange(256)) / _SOFT, 0, 1)
        table = [int(level) for level in np.rint(255 * part * part * (3 - 2 * part))]
        whole, half = (late.point(table) for late in self._late)
        y, u, v = (mixed(*each) for each in zip(picture, other, (whole, half, half), strict=True))
        return y, u, v
