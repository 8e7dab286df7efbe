"""Textures from noise: rolling lines, clouds, soft discs, and the cover of shapes with smooth edges.

Pure tables of float32 in 0..1, made once a shot. Knows no colours.
"""

from math import ceil

import numpy as np
from PIL import Image, ImageDraw

from vidbuild.runners.local.colour import F32, U8


def rolling(length: int, period: float, octaves: int, rough: float, rng: np.random.Generator) -> F32:
    """Return a smooth line of noise about 0, mostly within -1..1; `period` is its longest wave in samples."""
    where = np.arange(length, dtype=np.float64)
    line = np.zeros(length)
    strength, total = 1.0, 0.0
    for _ in range(octaves):
        knots = rng.uniform(-1, 1, ceil(length / period) + 3)
        place = where / period + rng.uniform(0, 1)
        low = place.astype(np.int64)
        part = place - low
        part = part * part * (3 - 2 * part)
        line += strength * (knots[low] * (1 - part) + knots[low + 1] * part)
        total += strength
        strength *= rough
        period = max(2.0, period / 2.1)
    return (line / total).astype(np.float32)


def clouds(size: tuple[int, int], cells: tuple[float, float], octaves: int, rng: np.random.Generator) -> F32:
    """Return a field of soft noise in 0..1 that repeats across; `cells` are its largest waves each way."""
    width, height = size
    small = (max(8, width // 4), max(4, height // 4))
    total = np.zeros((small[1], small[0]), np.float32)
    strength = 1.0
    across, down = cells
    for _ in range(octaves):
        columns, rows = max(2, round(across)), max(2, round(down) + 1)
        grid = rng.uniform(0, 1, (rows, columns)).astype(np.float32)
        wrapped = np.concatenate([grid[:, -2:], grid, grid[:, :2]], axis=1)
        image = Image.fromarray(wrapped).resize(small, Image.Resampling.BICUBIC, (2, 0, 2 + columns, rows))
        total += strength * np.asarray(image)
        strength *= 0.52
        across, down = across * 2.03, down * 2.03
    total -= total.min()
    total /= max(1e-6, float(total.max()))
    ring = np.concatenate([total[:, -2:], total, total[:, :2]], axis=1)
    whole = Image.fromarray(ring).resize(size, Image.Resampling.BICUBIC, (2, 0, 2 + small[0], small[1]))
    result: F32 = np.clip(np.asarray(whole), 0, 1)
    return result


def smooth(low: float, high: float, field: F32) -> F32:
    """Return 0 below `low`, 1 above `high` and an even curve between."""
    part = np.clip((field - np.float32(low)) / np.float32(high - low), 0, 1)
    result: F32 = part * part * (3 - 2 * part)
    return result


def disc(radius: float, soft: float, side: int) -> F32:
    """Return the cover of a disc in the middle of a square, its edge `soft` pixels wide."""
    line = np.arange(side, dtype=np.float32) + np.float32(0.5 - side / 2)
    away = np.sqrt(line[:, None] ** 2 + line[None, :] ** 2)
    return smooth(0, 1, np.float32(0.5) + (np.float32(radius) - away) / np.float32(soft))


def below(edge: F32, height: int, fine: int) -> F32:
    """Return the cover of what lies below a line; the line has `fine` samples for each column."""
    rows = np.arange(height, dtype=np.float32)[:, None] + np.float32(0.5)
    width = len(edge) // fine
    top, bottom = max(0, int(edge.min()) - 2), min(height, int(edge.max()) + 3)
    cover = np.zeros((height, width), np.float32)
    cover[bottom:] = 1
    columns = edge.reshape(width, fine)
    for part in range(fine):
        cover[top:bottom] += np.clip(rows[top:bottom] - columns[None, :, part] + 0.5, 0, 1) / np.float32(fine)
    return cover


def shape(points: list[tuple[float, float]], size: tuple[int, int]) -> F32:
    """Return the cover of a polygon, its edges smoothed."""
    fine = 3
    image = Image.new("L", (size[0] * fine, size[1] * fine), 0)
    ImageDraw.Draw(image).polygon([(x * fine, y * fine) for x, y in points], fill=255)
    return cover(np.asarray(image.reduce(fine)))


def cover(bytes_: U8) -> F32:
    """Return 8-bit cover as numbers in 0..1."""
    return bytes_.astype(np.float32) / np.float32(255)
