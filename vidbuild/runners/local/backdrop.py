"""The backdrop: the rearmost painting, whose light wanders slowly so that no two frames are equal.

Kept at 8.8 fixed point with grain, so that soft gradients show no bands. Knows nothing of scenes.
"""

from math import pi, sin

import numpy as np

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import F32, U16, yuv
from vidbuild.runners.local.sheet import Canvas

_SWING = 420.0  # of the wandering light, in 1/256 of a level


class Backdrop:
    """An opaque painting that reaches past the picture by `margin` on each side."""

    def __init__(self, paint: list[F32], margin: tuple[int, int], depth: float, size: tuple[int, int]) -> None:
        self.margin = (margin[0] & ~1, margin[1] & ~1)
        self.depth = depth
        height, width = paint[0].shape
        grain = np.random.Generator(np.random.PCG64(height * 65536 + width)).integers(0, 256, (height, width))
        self._planes: list[U16] = []
        for plane, colour in enumerate(yuv(*paint)):
            step = 2 if plane else 1
            part = colour[::step, ::step] if plane else np.clip(colour - 3.0, 16, 228)  # leaves room for the light
            self._planes.append((part * 256 + grain[: part.shape[0], : part.shape[1]]).astype(np.uint16))
        self._across = np.arange(size[0], dtype=np.float64) / size[0]
        self._down = np.arange(size[1], dtype=np.float64) / size[1]

    def lay(self, canvas: Canvas, seconds: float, view: View) -> None:
        """Fill the canvas."""
        left = self.margin[0] - round(view.x * self.depth)
        top = self.margin[1] - round(view.y * self.depth)
        for plane, whole in enumerate(canvas.planes):
            step = 2 if plane else 1
            target = whole[: (canvas.floor + step - 1) // step]
            height, width = target.shape
            rows, columns = (
                slice(top // step, top // step + height),
                slice(left // step, left // step + width),
            )
            if plane:
                np.right_shift(self._planes[plane][rows, columns], 8, out=target)
                continue
            across, down = self._light(seconds)
            np.add(self._planes[0][rows, columns], across[None, :], out=target)
            np.add(target, down[:height, None], out=target)
            np.right_shift(target, 8, out=target)

    def _light(self, seconds: float) -> tuple[U16, U16]:
        across = np.sin(2 * pi * (self._across * 0.45 - seconds * 0.11)) * _SWING + _SWING
        down = np.sin(2 * pi * (self._down * 0.35 + seconds * 0.07)) * _SWING / 2 + _SWING
        down += sin(2 * pi * seconds * 0.19) * _SWING / 3
        return np.rint(across).astype(np.uint16), np.rint(down).astype(np.uint16)
