"""What several scenes stand on: skies, suns, drifting clouds, ridges and the trees on them.

Knows a sketch and makes parts of it; knows no scene.
"""

from math import ceil, pi, sin

import numpy as np

from vidbuild.runners.local.backdrop import Backdrop
from vidbuild.runners.local.colour import F32, Rgb, mix, ramp
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.stage import Sketch
from vidbuild.runners.local.texture import below, clouds, disc, rolling, smooth

FINE = 3  # samples of a ridge's line for each column


def sky(sketch: Sketch, horizon: float, sun: tuple[float, float], glow: float) -> Backdrop:
    """Paint a sky down to the horizon (a part of the height), brightest round the sun (parts of the size)."""
    width, height = sketch.size
    depth = 0.12
    across, up = sketch.margin(depth)
    palette = sketch.palette
    rows = (np.arange(height + 2 * up, dtype=np.float32) - up) / np.float32(height * horizon)
    stops = [
        (-0.2, palette.top),
        (0.1, palette.top),
        (0.62, palette.mid),
        (1.0, palette.low),
        (1.6, palette.low),
    ]
    column = ramp(stops, rows)
    x = (np.arange(width + 2 * across, dtype=np.float32) - across - sun[0] * width) / sketch.unit
    y = (np.arange(height + 2 * up, dtype=np.float32) - up - sun[1] * height) / sketch.unit
    away = (x * x)[None, :] + (y * y)[:, None]
    shine = np.float32(glow) / (1 + away * 7) + np.float32(glow * 0.5) / (1 + away * 60)
    paint = [
        line[:, None] + (np.float32(light) - line[:, None]) * shine
        for line, light in zip(column, palette.light, strict=True)
    ]
    return Backdrop(paint, (across, up), depth, sketch.size)


def sun(sketch: Sketch, place: tuple[float, float], radius: float, colour: Rgb, soft: float = 1.8) -> Sheet:
    """Make a disc in the sky; place in parts of the size, radius in parts of the shorter side."""
    pixels = radius * sketch.unit
    side = 2 * ceil(pixels + soft + 1)
    corner = (round(place[0] * sketch.size[0] - side / 2), round(place[1] * sketch.size[1] - side / 2))
    paint = [np.full((side, side), band, np.float32) for band in colour]
    return Sheet(paint, disc(pixels, soft, side), corner, 0.12)


def drifting(
    sketch: Sketch, rows: tuple[float, float], cover: tuple[float, float, float], speed: float, colour: Rgb
) -> Sheet:
    """Make clouds between two heights, drifting for ever; cover is (from, to, most) of the noise."""
    width, height = sketch.size
    depth = 0.16
    across, _ = sketch.margin(depth)
    top, deep = round(rows[0] * height), max(8, round((rows[1] - rows[0]) * height)) & ~1
    period = 2 * ceil(width * 0.75)
    cells = (max(2.0, period / (deep * 0.95)), 2.2)
    field = clouds((period, deep), cells, 4, sketch.rng)
    fade = np.sin(np.linspace(0, 3.1415, deep, dtype=np.float32)) ** np.float32(0.8)
    tile = smooth(cover[0], cover[1], field * (np.float32(0.55) + np.float32(0.45) * fade[:, None]))
    tile *= np.float32(cover[2]) * fade[:, None]
    whole = np.tile(tile, (1, ceil((width + 2 * across + period) / period)))
    shade = np.float32(1) - np.linspace(0, 0.10, deep, dtype=np.float32)[:, None]
    paint = [np.broadcast_to(np.float32(band) * shade, whole.shape) for band in colour]
    pace = speed * sketch.unit
    start = float(sketch.rng.uniform(0, period))
    return Sheet(paint, whole, (-across, top), depth, lambda t: (-((start + pace * t) % period), 0.0))


def ridge(sketch: Sketch, line: F32, colours: tuple[Rgb, Rgb], fade: float, depth: float) -> Sheet:
    """Make the ground below a line of heights in pixels: first colour at its edge, second `fade` pixels down."""
    across, up = sketch.margin(depth)
    top = (int(line.min()) - 4) & ~1
    paint, cover = shaded(line - top, max(8, sketch.size[1] + up - top), colours, fade)
    return Sheet(paint, cover, (-across, top), depth)


def shaded(edge: F32, height: int, colours: tuple[Rgb, Rgb], fade: float) -> tuple[list[F32], F32]:
    """Return paint and cover of what lies below an edge with `FINE` samples for each column."""
    middle = edge.reshape(-1, FINE).mean(axis=1)
    soft = np.convolve(np.pad(middle, 12, mode="edge"), np.full(25, 1 / 25), mode="valid").astype(np.float32)
    rows = np.arange(height, dtype=np.float32)[:, None]
    part = np.clip((rows - soft[None, :]) / np.float32(fade), 0, 1)
    part = np.sqrt(part) * np.float32(0.35) + part * np.float32(0.65)
    first, second = colours
    paint = [np.float32(one) + part * np.float32(other - one) for one, other in zip(first, second, strict=True)]
    return paint, below(edge, height, FINE)


def line(sketch: Sketch, base: float, rise: float, period: float, rough: float, depth: float) -> F32:
    """Return a ridge's line for this depth: base and rise in parts of the height, period of the shorter side."""
    across, _ = sketch.margin(depth)
    length = (sketch.size[0] + 2 * across) * FINE
    octaves = 6 if rough > 0.42 else 4
    shape = rolling(length, max(8.0, period * sketch.unit * FINE), octaves, rough, sketch.rng)
    return (np.float32(base) - np.float32(rise) * shape) * np.float32(sketch.size[1])


def planted(sketch: Sketch, edge: F32, tall: float, count: int) -> F32:
    """Return the line with pines standing on it; tall in parts of the shorter side."""
    result = edge.copy()
    places = sketch.rng.uniform(0, len(edge), count)
    sizes = sketch.rng.uniform(0.45, 1.0, count) * tall * sketch.unit
    for place, size in zip(places, sizes, strict=True):
        half = size * 0.24 * FINE
        low, high = max(0, int(place - half)), min(len(edge), int(place + half) + 1)
        if high <= low:
            continue
        away = np.abs(np.arange(low, high, dtype=np.float32) - np.float32(place)) / np.float32(half)
        body = np.maximum(0, 1 - away)
        body = body ** np.float32(1.25) + np.float32(0.16) * (0.5 - (body * 5) % 1.0) * (body < 0.85)
        foot = edge[min(len(edge) - 1, int(place))]
        result[low:high] = np.minimum(result[low:high], foot + size * 0.06 - size * body)
    return result


def haze(sketch: Sketch, depth: float) -> tuple[Rgb, Rgb]:
    """Return the colours of ground at this depth: its edge, and the mist at its foot."""
    palette = sketch.palette
    edge = mix(palette.far, palette.near, depth**0.9)
    return edge, mix(edge, palette.low, 0.62 * (1 - depth) + 0.04)


def swell(seconds: float, period: float, phase: float) -> float:
    """Return a slow sine."""
    return sin(2 * pi * (seconds / period + phase))
