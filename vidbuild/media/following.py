"""Where a picture should be looked at: what moves, stands out and is coloured otherwise, smoothed over time. Pure.

Pictures shrunk to a grid in, points out. A point hangs on what is seen within 4.5 s before and after it, and on nothing
else, so that a film may be looked at in parts. What a face is, it is told; it knows no file.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np

from vidbuild.media import seeing
from vidbuild.media.measures import GRID, SEEN

_MAP_S, _PATH_S, _REACH = 0.4, 0.7, 3
_FAINT, _MOVING, _STANDING, _COLOURED, _NOTHING = 5.0, 1.0, 0.25, 0.4, 0.02
_NEAR, _AROUND, _WIDE = 1.0, 6.0, 5.0
_SHARP = 6
_COLUMNS, _ROWS = GRID[0] // 2, GRID[1] // 2


_STAYS_S, _GAP_S = 1.0, 1.2


class Face(NamedTuple):
    """A face in a picture: its middle in fractions of the picture, its width as a part of the picture's."""

    x: float
    y: float
    width: float


def points(
    luma: Any, chroma: Sequence[Any], rate: Fraction, faces: Mapping[int, Sequence[Face]] | None = None
) -> tuple[Any, list[int]]:
    """Give where each picture should be looked at, in fractions, and the indices at which the camera cuts.

    Args:
        luma: pictures x rows x columns of the grid, 8-bit; chroma has half as many of both.
        faces: those of the pictures in which they were looked for, where they are what matters.
    """
    times = [Fraction(index) for index in range(len(luma) + 1)]
    cuts = [int(time) for time in seeing.cuts(luma, times, SEEN)]
    found = np.empty((len(luma), 2))
    for first, last in zip([0, *cuts], [*cuts, len(luma)], strict=True):
        part = slice(first, last)
        maps = _smoothed(_maps(luma[part], [plane[part] for plane in chroma]), _MAP_S * rate)
        peaks = _peaks(maps)
        if faces is not None:
            looked = {index - first: seen for index, seen in faces.items() if first <= index < last}
            peaks = _faced(peaks, looked, rate)
        found[part] = _smoothed(peaks, _PATH_S * rate)
    return found, cuts


def _faced(peaks: Any, looked: Mapping[int, Sequence[Face]], rate: Fraction) -> Any:
    """Put in for the points of one scene where its largest face is, wherever one is near in time.

    A face counts by how large it is in all the pictures around, so that one that is found once counts for little.
    """
    chosen = {
        index: max(seen, key=lambda face: _standing(face, index, looked, float(rate) * _STAYS_S))
        for index, seen in looked.items()
        if seen
    }
    if not chosen:
        return peaks
    times = sorted(chosen)
    far = np.abs(np.arange(len(peaks))[:, None] - np.array(times)[None, :])
    found = np.array([chosen[time][:2] for time in times])[far.argmin(axis=1)]
    return np.where((far.min(axis=1) <= float(rate) * _GAP_S)[:, None], found, peaks)


def _standing(face: Face, index: int, looked: Mapping[int, Sequence[Face]], reach: float) -> float:
    near = (other for time, seen in looked.items() if abs(time - index) <= reach for other in seen)
    return sum(other.width for other in near if abs(other.x - face.x) + abs(other.y - face.y) < face.width)


def _maps(luma: Any, chroma: Sequence[Any]) -> Any:
    """Say how much each cell of each picture of one scene draws the eye."""
    shades = luma.reshape(len(luma), _ROWS, 2, _COLUMNS, 2).mean(axis=(2, 4), dtype=np.float32)
    moving = _blurred(_moving(shades), _NEAR)
    still = np.median(moving, axis=(1, 2), keepdims=True)
    drawn = _MOVING * _singled(np.clip(moving - _FAINT - 2 * still, 0, 60))
    drawn += _STANDING * _singled(np.abs(_blurred(shades, _NEAR) - _blurred(shades, _AROUND)))
    colours = [_blurred(plane.astype(np.float32), _NEAR) for plane in chroma]
    other = sum(np.abs(colour - np.median(colour, axis=(1, 2), keepdims=True)) for colour in colours)
    return (_NOTHING + drawn + _COLOURED * _singled(other)) * _prior()


def _singled(maps: Any) -> Any:
    """Say where a map stands out: one place of its kind counts for much, many alike for little."""
    maps = _blurred(maps, _WIDE)
    mean, most = maps.mean(axis=(1, 2), keepdims=True), maps.max(axis=(1, 2), keepdims=True)
    alone = np.clip((most - mean) / (most + mean + 1e-6), 0, 1) * np.clip(most, 0, 1)
    return np.clip(maps - mean, 0, None) / (most - mean + 1e-6) * alone


def _moving(shades: Any) -> Any:
    """Give by how much each cell changed, once the camera's own movement is taken out."""
    found = np.zeros_like(shades)
    raised = shades - shades.mean(axis=(1, 2), keepdims=True)
    waves = np.fft.rfft2(raised)
    for index in range(1, len(shades)):
        cross = waves[index] * np.conj(waves[index - 1])
        match = np.fft.irfft2(cross / (np.abs(cross) + 1e-6), s=(_ROWS, _COLUMNS))
        down, across = np.unravel_index(int(match.argmax()), match.shape)
        panned = np.abs(shades[index] - np.roll(shades[index - 1], (int(down), int(across)), (0, 1)))
        stood = np.abs(shades[index] - shades[index - 1])
        found[index] = panned if np.median(panned) < np.median(stood) else stood
    if len(shades) > 1:
        found[0] = found[1]
    return found


def _peaks(maps: Any) -> Any:
    """Give the middle of what draws the eye most, in fractions of the picture."""
    high = maps.max(axis=(1, 2), keepdims=True)
    weights = (maps / np.maximum(high, 1e-6)) ** _SHARP + 1e-9
    total = weights.sum(axis=(1, 2))
    x = (weights.sum(axis=1) * ((np.arange(_COLUMNS) + 0.5) / _COLUMNS)).sum(axis=1) / total
    y = (weights.sum(axis=2) * ((np.arange(_ROWS) + 0.5) / _ROWS)).sum(axis=1) / total
    return np.stack([x, y], axis=1)


def _smoothed(values: Any, spread: Fraction | float) -> Any:
    """Smooth along time within one scene, by a bell that ends at three times its spread."""
    spread = float(spread)
    reach = math.ceil(_REACH * spread)
    total, weights = np.zeros_like(values), np.zeros(len(values), values.dtype)
    for offset in range(-min(reach, len(values) - 1), min(reach, len(values) - 1) + 1):
        weight = math.exp(-0.5 * (offset / spread) ** 2)
        into, of = (
            slice(max(0, -offset), len(values) - max(0, offset)),
            slice(max(0, offset), len(values) + min(0, offset)),
        )
        total[into] += weight * values[of]
        weights[into] += weight
    return total / weights.reshape(-1, *[1] * (values.ndim - 1))


def _blurred(maps: Any, spread: float) -> Any:
    """Blur every map; at its edges by what is there."""
    return _bell(_ROWS, spread) @ maps @ _bell(_COLUMNS, spread).T


def _bell(length: int, spread: float) -> Any:
    far = np.arange(length)[:, None] - np.arange(length)[None, :]
    weights = np.exp(-0.5 * (far / spread) ** 2).astype(np.float32)
    return weights / weights.sum(axis=1, keepdims=True)


def _prior() -> Any:
    """Prefer the middle a little: that is where people put what matters."""
    x, y = ((np.arange(length) + 0.5) / length - 0.5 for length in (_COLUMNS, _ROWS))
    far = (x[None, :] / 0.45) ** 2 + (y[:, None] / 0.45) ** 2
    return (0.5 + 0.5 * np.exp(-0.5 * far)).astype(np.float32)
