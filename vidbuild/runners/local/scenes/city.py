"""City: rows of buildings in haze, windows lit where the sky is dark, cars along the street."""

import numpy as np

from vidbuild.runners.local.colour import F32, Rgb, mix
from vidbuild.runners.local.scenes.ground import FINE, drifting, haze, shaded, sky, sun
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.sparks import Sparks
from vidbuild.runners.local.stage import Part, Sketch, Stage

_STREET = 0.885  # of the height


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    rng, palette = sketch.rng, sketch.palette
    place = (float(rng.uniform(0.2, 0.8)), float(rng.uniform(0.2, 0.4)))
    parts: list[Part] = [
        sky(sketch, 0.78, place, 0.35 if palette.is_dark else 0.6),
        sun(sketch, place, 0.06, mix(palette.light, (255, 255, 255), 0.3)),
        drifting(sketch, (0.0, 0.5), (0.42, 0.8, 0.6), 0.02, mix(palette.light, palette.low, 0.5)),
    ]
    for depth, tall, base in ((0.18, 0.34, 0.71), (0.36, 0.40, 0.79), (0.66, 0.34, _STREET)):
        parts.append(_row(sketch, depth, tall, base))
    parts.append(_street(sketch))
    parts += _cars(sketch)
    return Stage(sketch.size, parts)


def _row(sketch: Sketch, depth: float, tall: float, base: float) -> Sheet:
    """Build one row of houses; tall and base in parts of the height."""
    across, up = sketch.margin(depth)
    width, height = sketch.size[0] + 2 * across, sketch.size[1]
    edge = np.full(width * FINE, base * height, np.float32)
    houses = _houses(sketch, width, depth, tall, base)
    for left, right, top in houses:
        edge[left * FINE : right * FINE] = np.minimum(edge[left * FINE : right * FINE], top)
    top = (int(edge.min()) - 4) & ~1
    colours = haze(sketch, depth)
    paint, cover = shaded(edge - top, height + up - top, colours, 0.55 * height)
    lit = _windows(sketch, houses, cover.shape, top, depth)
    dark = sketch.palette.is_dark
    glass: Rgb = mix(sketch.palette.accent, sketch.palette.light, 0.45 if dark else 0.8)
    strength = np.float32((0.85 if dark else 0.34) * (0.45 + 0.55 * depth))
    paint = [band + (np.float32(wanted) - band) * lit * strength for band, wanted in zip(paint, glass, strict=True)]
    return Sheet(paint, cover, (-across, top), depth)


def _houses(sketch: Sketch, width: int, depth: float, tall: float, base: float) -> list[tuple[int, int, int]]:
    """Return (left, right, top) of houses side by side, in pixels; a few are towers."""
    rng, houses, left = sketch.rng, [], 0
    while left < width:
        wide = max(4, round(float(rng.uniform(0.07, 0.15)) * sketch.unit * (0.55 + 0.75 * depth)))
        part = float(rng.uniform(0.3, 0.8)) if rng.uniform() < 0.72 else float(rng.uniform(0.85, 1.2))
        top = round((base - tall * part) * sketch.size[1])
        houses.append((left, min(width, left + wide), top))
        if rng.uniform() < 0.35:  # a set-back storey or a mast on the roof
            inset = max(1, round(wide * float(rng.choice([0.25, 0.45]))))
            rise = round(0.035 * sketch.size[1] * (1.6 if inset > wide * 0.4 else 1.0))
            houses.append((min(width, left + inset), min(width, left + wide - inset), top - rise))
        left += wide + (0 if rng.uniform() < 0.8 else round(wide * 0.3))
    return [house for house in houses if house[1] > house[0]]


def _windows(sketch: Sketch, houses: list[tuple[int, int, int]], shape: tuple[int, ...], top: int, depth: float) -> F32:
    """Return where light falls through windows, 0..1."""
    lit = np.zeros(shape, np.float32)
    cell = max(3, round(0.019 * sketch.unit * (0.5 + 0.7 * depth)))
    pane = (max(1, round(cell * 0.5)), max(1, round(cell * 0.62)))
    share = 0.42 if sketch.palette.is_dark else 0.75
    for left, right, roof in houses:
        columns, rows = (right - left - 2) // cell, (shape[0] - (roof - top)) // (cell + 1) - 1
        if columns < 1 or rows < 1 or right - left < 3 * cell:
            continue
        on = (sketch.rng.uniform(size=(rows, columns)) < share) * sketch.rng.uniform(0.35, 1.0, (rows, columns))
        block = np.zeros((rows, cell + 1, columns, cell), np.float32)
        block[:, : pane[1], :, : pane[0]] = on[:, None, :, None]
        start = (left + (right - left - columns * cell + cell - pane[0]) // 2, roof - top + cell)
        part = lit[start[1] : start[1] + rows * (cell + 1), start[0] : start[0] + columns * cell]
        part[...] = block.reshape(rows * (cell + 1), columns * cell)[: part.shape[0], : part.shape[1]]
    return lit


def _street(sketch: Sketch) -> Sheet:
    """Lay the street at the foot of the nearest houses."""
    across, up = sketch.margin(0.85)
    top = round(_STREET * sketch.size[1]) & ~1
    edge = np.full((sketch.size[0] + 2 * across) * FINE, 0.5, np.float32)
    near = mix(sketch.palette.near, (0, 0, 0), 0.25)
    far = mix(near, sketch.palette.low, 0.12)
    paint, cover = shaded(edge, sketch.size[1] + up - top, (far, near), 0.07 * sketch.size[1])
    return Sheet(paint, cover, (-across, top), 0.85)


def _cars(sketch: Sketch) -> list[Part]:
    """Let lamps drive both ways: white ones to the right, red ones to the left."""
    rng, parts = sketch.rng, list[Part]()
    width, height = sketch.size
    lanes: tuple[tuple[float, float, Rgb], ...] = (
        (0.902, 1.0, (255, 214, 150)),
        (0.920, -1.0, (255, 60, 40)),
    )
    for place, way, tint in lanes:
        count = max(5, round(9 * width / sketch.unit))
        spread = (np.arange(count) + rng.uniform(0.1, 0.9, count)) / count
        pace = np.full(count, way * 0.11 * sketch.unit * float(rng.uniform(0.8, 1.2)), np.float32)
        level = rng.uniform(70, 150, count)
        still = np.zeros(count, np.float32)
        parts.append(
            Sparks(
                (spread * width).astype(np.float32),
                np.full(count, place * height, np.float32),
                max(1.2, 0.0052 * sketch.unit),
                level.astype(np.float32),
                still,
                still,
                1.0,
                0.85,
                (pace, still),
                tint,
            )
        )
    return parts
