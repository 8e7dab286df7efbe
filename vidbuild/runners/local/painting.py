"""A painting: shapes laid over one another on a clear ground, made into one sheet at the end.

Colours are kept multiplied by their cover. Knows no scene.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from vidbuild.runners.local.colour import F32, Rgb
from vidbuild.runners.local.sheet import Sheet

Paint: TypeAlias = Rgb | list[F32]


class Painting:
    """A clear ground of the given width and height, to be painted on."""

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size[0] + (size[0] & 1), size[1] + (size[1] & 1)
        self.size = (width, height)
        self.cover: F32 = np.zeros((height, width), np.float32)
        self._paint = [np.zeros((height, width), np.float32) for _ in range(3)]

    @property
    def grid(self) -> tuple[F32, F32]:
        """Return the columns' and the rows' middles, to compute shapes with."""
        width, height = self.size
        half = np.float32(0.5)
        return np.arange(width, dtype=np.float32)[None, :] + half, np.arange(height, dtype=np.float32)[:, None] + half

    def add(self, paint: Paint, cover: F32, at: tuple[int, int] = (0, 0)) -> None:
        """Lay paint over what is there; the cover's upper left corner lies at `at` and must fit."""
        x, y = at
        rows, columns = slice(y, y + cover.shape[0]), slice(x, x + cover.shape[1])
        rest = 1 - cover
        colours: list[Any] = list(paint)
        for band, colour in zip(self._paint, colours, strict=True):
            band[rows, columns] = band[rows, columns] * rest + cover * colour
        self.cover[rows, columns] = self.cover[rows, columns] * rest + cover

    def tint(self, paint: Paint, cover: F32) -> None:
        """Lay paint over what is painted already, and nowhere else."""
        self.add(paint, cover * self.cover)

    def sheet(
        self,
        place: tuple[int, int],
        depth: float,
        path: Callable[[float], tuple[float, float]] | None = None,
    ) -> Sheet:
        """Make a sheet of the painting."""
        safe = np.maximum(self.cover, np.float32(1 / 1024))
        return Sheet([band / safe for band in self._paint], np.minimum(self.cover, 1), place, depth, path)


def ellipse(grid: tuple[F32, F32], middle: tuple[float, float], radii: tuple[float, float], soft: float) -> F32:
    """Return the cover of an ellipse whose edge is `soft` pixels wide."""
    x, y = grid
    dx, dy = (
        (x - np.float32(middle[0])) / np.float32(radii[0]),
        (y - np.float32(middle[1])) / np.float32(radii[1]),
    )
    away = np.sqrt(dx * dx + dy * dy)
    near = np.float32(min(radii) / soft)
    result: F32 = np.clip((1 - away) * near + np.float32(0.5), 0, 1)
    return result


def bulged(
    grid: tuple[F32, F32], middle: float, profile: list[tuple[float, float]], soft: float = 1.4
) -> tuple[F32, F32]:
    """Return the cover of a turned body, and where across it each sample lies (-1..1).

    The profile lists (row, half its width) from its top down.
    """
    x, y = grid
    heights, halves = [row for row, _ in profile], [half for _, half in profile]
    column = y[:, 0]
    half = np.interp(column, heights, halves).astype(np.float32)
    inside = np.clip((column - heights[0]) + 0.5, 0, 1) * np.clip((heights[-1] - column) + 0.5, 0, 1)
    away = x - np.float32(middle)
    cover = np.clip((half[:, None] - np.abs(away)) / np.float32(soft) + np.float32(0.5), 0, 1)
    return cover * inside[:, None].astype(np.float32), away / np.maximum(half, 1)[:, None]


def curved(points: list[tuple[float, float]], steps: int = 8) -> list[tuple[float, float]]:
    """Return more points along a smooth line through the given ones (Catmull-Rom, ends held)."""
    held = [points[0], *points, points[-1]]
    line: list[tuple[float, float]] = []
    for index in range(len(points) - 1):
        a, b, c, d = held[index : index + 4]
        for step in range(steps):
            t = step / steps
            line.append((_through(a[0], b[0], c[0], d[0], t), _through(a[1], b[1], c[1], d[1], t)))
    return [*line, points[-1]]


def _through(a: float, b: float, c: float, d: float, t: float) -> float:
    bend = 2 * a - 5 * b + 4 * c - d
    return 0.5 * (2 * b + (c - a) * t + bend * t * t + (3 * b - a - 3 * c + d) * t * t * t)
