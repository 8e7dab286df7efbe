"""Sparks: many small points of light that twinkle, drift or drive: stars, glitter, dust, lamps, rain.

All of them are drawn at once, at sixteenths of a pixel. Knows nothing of scenes.
"""

from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import F32, Rgb, yuv
from vidbuild.runners.local.sheet import Canvas

_SINE = np.rint(np.sin(np.arange(1024) * (2 * np.pi / 1024)) * 256).astype(np.int64)
_BRIGHTEST = 235


@dataclass(frozen=True)
class Sparks:
    """Points of light; every list has one number for each of them."""

    x: F32
    y: F32
    radius: float
    strength: F32  # levels of brightness added at most
    rate: F32  # twinkles a second
    phase: F32  # of the twinkle, 0..1
    steady: float = 0.3  # how much of the strength is always there
    depth: float = 0.0
    drift: tuple[F32, F32] | None = None  # pixels a second
    tint: Rgb | None = None

    def lay(self, canvas: Canvas, seconds: float, view: View) -> None:
        """Add their light to the canvas."""
        across, down = self._where(canvas, seconds, view)
        turn = np.rint((self.rate * np.float32(seconds) + self.phase) * 1024).astype(np.int64) & 1023
        steady = round(self.steady * 256)
        level = np.rint(self.strength).astype(np.int64) * (steady * 512 + (256 - steady) * (256 + _SINE[turn])) >> 9
        place, weight = _spread(across, down, self.radius, canvas.planes[0].shape)
        flat = canvas.planes[0].reshape(-1)
        np.add.at(flat, place, (level[:, None] * weight >> 16).astype(np.uint16).reshape(-1))
        flat[place] = np.minimum(flat[place], _BRIGHTEST)
        if self.tint is not None:
            self._tinge(canvas, across, down, level)

    def _where(self, canvas: Canvas, seconds: float, view: View) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        x, y = self.x + np.float32(view.x * self.depth), self.y + np.float32(view.y * self.depth)
        if self.drift is not None:
            width, height = canvas.size
            pad = np.float32(4 * self.radius)
            x = np.mod(x + self.drift[0] * np.float32(seconds) + pad, width + 2 * pad) - pad
            y = np.mod(y + self.drift[1] * np.float32(seconds) + pad, height + 2 * pad) - pad
        return np.rint(x * 16).astype(np.int64), np.rint(y * 16).astype(np.int64)

    def _tinge(
        self, canvas: Canvas, across: NDArray[np.int64], down: NDArray[np.int64], level: NDArray[np.int64]
    ) -> None:
        assert self.tint is not None
        place, weight = _spread(across >> 1, down >> 1, max(1.0, self.radius * 0.7), canvas.planes[1].shape)
        part = (np.minimum(level * 3, 256)[:, None] * weight >> 8).reshape(-1)
        for plane, wanted in zip(canvas.planes[1:], yuv(*self.tint)[1:], strict=True):
            flat = plane.reshape(-1)
            there = flat[place].astype(np.int64)
            flat[place] = (there + ((round(wanted) - there) * part >> 8)).astype(np.uint16)


def _spread(
    across: NDArray[np.int64], down: NDArray[np.int64], radius: float, shape: tuple[int, ...]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which samples each point touches, and how much, in 1/256; what lies outside weighs nothing."""
    height, width = shape
    half, reach = ceil(radius), max(16, round(radius * 16))
    around = np.arange(-half, half + 1)
    columns, rows = (across >> 4)[:, None] + around, (down >> 4)[:, None] + around
    beside = np.maximum(0, reach - np.abs(columns * 16 + 8 - across[:, None])) * 256 // reach
    above = np.maximum(0, reach - np.abs(rows * 16 + 8 - down[:, None])) * 256 // reach
    beside *= (columns >= 0) & (columns < width)
    above *= (rows >= 0) & (rows < height)
    weight = above[:, :, None] * beside[:, None, :] >> 8
    place = np.clip(rows, 0, height - 1)[:, :, None] * width + np.clip(columns, 0, width - 1)[:, None, :]
    return place.reshape(-1), weight.reshape(len(across), -1)
