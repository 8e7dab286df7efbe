"""Puffs: soft clouds of one colour that rise, sway, grow and fade: steam, mist, smoke, glows.

Drawn one by one over small squares. Knows nothing of scenes.
"""

from dataclasses import dataclass, field
from math import pi, sin

import numpy as np
from numpy.typing import NDArray

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import Rgb, yuv
from vidbuild.runners.local.sheet import Canvas
from vidbuild.runners.local.texture import disc

_SIZES = 8


@dataclass(frozen=True)
class Puff:
    """One of them: born at (x, y) every `period` seconds, `phase` of a life old at the start."""

    x: float
    y: float
    rise: float  # pixels upward in a life
    sway: float
    period: float
    phase: float


@dataclass(frozen=True)
class Puffs:
    """Puffs of one colour, growing from the first radius to the second, `strength` of 256 dense."""

    each: tuple[Puff, ...]
    radii: tuple[float, float]
    colour: Rgb
    strength: int
    depth: float = 0.0
    _stamps: list[tuple[NDArray[np.int32], NDArray[np.int32]]] = field(default_factory=list)

    def lay(self, canvas: Canvas, seconds: float, view: View) -> None:
        """Draw all of them over the canvas."""
        if not self._stamps:
            self._stamps.extend(_stamp(self.radii, step) for step in range(_SIZES))
        colour = [round(part) for part in yuv(*self.colour)]
        for puff in self.each:
            age = (seconds / puff.period + puff.phase) % 1.0
            strength = round(self.strength * sin(pi * age) ** 1.5)
            if strength <= 0:
                continue
            x = puff.x + puff.sway * sin(2 * pi * (age * 0.8 + puff.phase)) * (0.3 + age) + view.x * self.depth
            y = puff.y - puff.rise * age + view.y * self.depth
            stamps = self._stamps[min(_SIZES - 1, int(age * _SIZES))]
            for plane, target in enumerate(canvas.planes):
                step = 2 if plane else 1
                stamp = stamps[1 if plane else 0]
                _press(target, stamp, round(x / step), round(y / step), colour[plane], strength)


def _stamp(radii: tuple[float, float], step: int) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    radius = radii[0] + (radii[1] - radii[0]) * (step + 0.5) / _SIZES
    sizes = (radius, radius / 2)
    whole, half = (np.rint(disc(0, 2 * size, 2 * max(1, round(size))) * 512).astype(np.int32) for size in sizes)
    return whole, half


def _press(target: NDArray[np.uint16], stamp: NDArray[np.int32], x: int, y: int, colour: int, strength: int) -> None:
    side = len(stamp)
    left, top = x - side // 2, y - side // 2
    x0, x1 = max(0, left), min(target.shape[1], left + side)
    y0, y1 = max(0, top), min(target.shape[0], top + side)
    if x0 >= x1 or y0 >= y1:
        return
    part = target[y0:y1, x0:x1]
    there = part.astype(np.int32)
    there += ((colour - there) * stamp[y0 - top : y1 - top, x0 - left : x1 - left] * strength + 32768) >> 16
    part[...] = there
