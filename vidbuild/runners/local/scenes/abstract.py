"""Abstract: silk-like folds of colour that flow, computed small for every frame and enlarged.

Integer arithmetic with a table of sines, so that every machine draws the same.
"""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import Planes, mix, ramp, yuv
from vidbuild.runners.local.stage import Sketch

_SINE = np.rint(np.sin(np.arange(4096) * (2 * np.pi / 4096)) * 1024).astype(np.int32)
_SHARE = 4  # the field is computed at a quarter of the picture's size
_TONES = 1024


class Silk:
    """A flowing field of colour."""

    def __init__(self, sketch: Sketch) -> None:
        rng, (width, height) = sketch.rng, sketch.size
        self._size, self._unit = sketch.size, sketch.unit
        self._field = (max(32, width // _SHARE), max(32, height // _SHARE))
        self._turns = [
            (float(rng.uniform(0.5, 0.85)), float(rng.uniform(0, 6.283)), float(rng.uniform(0.03, 0.06)))
            for _ in range(5)
        ]
        self._shift = float(rng.uniform(0, 1))
        palette = sketch.palette
        deep = mix(palette.near, palette.top, 0.35)
        colours = [deep, palette.top, palette.mid, palette.low, palette.light, palette.low, palette.accent]
        colours += [mix(palette.accent, palette.far, 0.5), palette.far, palette.top, deep]
        stops = [(index / (len(colours) - 1), colour) for index, colour in enumerate(colours)]
        tones = ramp(stops, np.arange(_TONES, dtype=np.float32) / _TONES)
        self._tones = [np.rint(band * 16).astype(np.int32) for band in yuv(*tones)]

    def draw(self, seconds: float, view: View) -> Planes:
        """Return the picture as Y, U and V."""
        height_field = self._flow(seconds, view)
        tone = (height_field >> 3) + round((self._shift + seconds * 0.012) * _TONES) & (_TONES - 1)
        slope = np.zeros_like(height_field)
        slope[:, 1:-1] = height_field[:, 2:] - height_field[:, :-2]
        slope[1:-1] += (height_field[2:] - height_field[:-2]) >> 1
        slope = np.clip(slope * self._field[0] // (self._unit * self._field[0] // self._size[0]), -2600, 2600)
        sheen = slope * slope >> 18
        luma = self._tones[0][tone] + (slope * 3 >> 4) + np.where(slope > 0, sheen * 12, 0)
        small = (np.clip(luma >> 4, 16, 235), self._tones[1][tone] >> 4, self._tones[2][tone] >> 4)
        width, height = self._size
        sizes = ((width, height), (width // 2, height // 2), (width // 2, height // 2))
        y, u, v = (_enlarged(plane.astype(np.uint8), size) for plane, size in zip(small, sizes, strict=True))
        return np.clip(y, 16, 235), u, v  # enlarging overshoots

    def _flow(self, seconds: float, view: View) -> NDArray[np.int32]:
        """Return the field's heights: waves bent by waves."""
        width, height = self._field
        pixel = self._size[0] / width / self._unit / view.zoom * 4096
        x0, y0 = (-view.x / self._unit * 0.6 * 4096, -view.y / self._unit * 0.6 * 4096)
        x = np.rint((np.arange(width) + 0.5 - width / 2) * pixel + x0).astype(np.int32)[None, :]
        y = np.rint((np.arange(height) + 0.5 - height / 2) * pixel + y0).astype(np.int32)[:, None]
        bend_x = bend_y = np.zeros((height, width), np.int32)
        for index, (often, angle, pace) in enumerate(self._turns):
            along, beside = round(256 * np.cos(angle) * often), round(256 * np.sin(angle) * often)
            turn = ((x + bend_x) * along + (y + bend_y) * beside >> 8) + round(seconds * pace * 4096 + index * 700)
            wave = _SINE[turn & 4095]
            if index % 2 == 0:
                bend_x = bend_x + wave + (wave >> 1)
            else:
                bend_y = bend_y + wave + (wave >> 2)
        folds: NDArray[np.int32] = bend_x + bend_y + (_SINE[(bend_x - bend_y + x >> 1) & 4095] >> 1)
        return folds


def stage(sketch: Sketch) -> Silk:
    """Draw the scene."""
    return Silk(sketch)


def _enlarged(plane: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BICUBIC))
