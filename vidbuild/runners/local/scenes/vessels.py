"""Vessels that stand on a table: cup, bottle, bowl and vase, turned bodies lit from one side.

Each takes where its foot stands in the picture and the side that light comes from (1 left, -1 right).
"""

from math import cos, pi, sin

import numpy as np

from vidbuild.runners.local.colour import F32, Rgb, mix, ramp
from vidbuild.runners.local.painting import Painting, bulged, curved, ellipse
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.stage import Sketch
from vidbuild.runners.local.texture import shape

_DEPTH = 0.62


def cup(sketch: Sketch, at: tuple[float, float], way: float) -> Sheet:
    """Make a cup of coffee on a saucer."""
    unit, palette = sketch.unit, sketch.palette
    painting, middle = _ground(sketch, 0.72, 0.46)
    foot = painting.size[1] - 0.07 * unit
    white = mix(palette.light, palette.low, 0.25)
    shade = mix(white, palette.near, 0.52)
    grid = painting.grid
    painting.add(
        mix(shade, palette.near, 0.25),
        ellipse(grid, (middle, foot + 0.010 * unit), (0.285 * unit, 0.052 * unit), 2.0),
    )
    painting.add(
        _lit(painting, middle, 0.28 * unit, white, shade, way),
        ellipse(grid, (middle, foot), (0.285 * unit, 0.05 * unit), 2.0),
    )
    painting.add(
        mix(shade, palette.near, 0.2),
        ellipse(grid, (middle, foot + 0.003 * unit), (0.14 * unit, 0.022 * unit), 0.02 * unit) * np.float32(0.6),
    )
    top = foot - 0.25 * unit
    side = middle + way * 0.175 * unit
    ring = ellipse(grid, (side, top + 0.095 * unit), (0.088 * unit, 0.080 * unit), 1.8)
    ring = ring * (1 - ellipse(grid, (side, top + 0.092 * unit), (0.058 * unit, 0.052 * unit), 1.8))
    painting.add(mix(white, shade, 0.62), ring)
    rows = curved(
        [(top, 0.185), (top + 0.10 * unit, 0.178), (top + 0.19 * unit, 0.135), (foot - 0.012 * unit, 0.085)],
        8,
    )
    body, across = bulged(grid, middle, [(row, half * unit) for row, half in rows])
    painting.add(_turned(across, white, shade, way), body)
    painting.add(
        _turned(across, white, shade, way),
        ellipse(grid, (middle, foot - 0.014 * unit), (0.086 * unit, 0.014 * unit), 1.4),
    )
    painting.add(mix(white, (255, 255, 255), 0.55), ellipse(grid, (middle, top), (0.186 * unit, 0.036 * unit), 1.6))
    painting.add(
        mix(shade, palette.near, 0.18),
        ellipse(grid, (middle, top + 0.003 * unit), (0.172 * unit, 0.030 * unit), 1.6),
    )
    coffee: Rgb = mix((74, 42, 26), palette.near, 0.3)
    drink = ellipse(grid, (middle, top + 0.009 * unit), (0.166 * unit, 0.024 * unit), 1.6)
    painting.add(coffee, drink)
    crema = ellipse(grid, (middle - way * 0.04 * unit, top + 0.012 * unit), (0.10 * unit, 0.013 * unit), 0.02 * unit)
    painting.add(mix(coffee, (214, 160, 104), 0.75), crema * drink * np.float32(0.85))
    return _stand(sketch, painting, at, 0.07)


def bowl(sketch: Sketch, at: tuple[float, float], way: float) -> Sheet:
    """Make a bowl with something bright in it."""
    unit, palette = sketch.unit, sketch.palette
    painting, middle = _ground(sketch, 0.66, 0.36)
    foot, grid = painting.size[1] - 0.05 * unit, painting.grid
    top = foot - 0.19 * unit
    glaze = mix(palette.accent, palette.light, 0.2)
    shade = mix(glaze, palette.near, 0.6)
    rows = curved([(top, 0.29), (top + 0.07 * unit, 0.27), (top + 0.14 * unit, 0.19), (foot, 0.10)], 8)
    body, across = bulged(grid, middle, [(row, half * unit) for row, half in rows])
    painting.add(_turned(across, glaze, shade, way), body)
    painting.add(_turned(across, glaze, shade, way), ellipse(grid, (middle, foot), (0.10 * unit, 0.015 * unit), 1.4))
    painting.add(mix(glaze, palette.light, 0.6), ellipse(grid, (middle, top), (0.29 * unit, 0.056 * unit), 1.6))
    painting.add(
        mix(shade, palette.near, 0.2),
        ellipse(grid, (middle, top + 0.004 * unit), (0.275 * unit, 0.048 * unit), 1.6),
    )
    for index in range(9):
        angle = index * 2.4
        radius = 0.05 * unit * (0.8 + 0.4 * ((index * 7) % 5) / 5)
        spot = (middle + cos(angle) * 0.15 * unit, top + sin(angle) * 0.018 * unit - 0.012 * unit)
        colour = mix(mix(palette.low, palette.accent, (index % 4) / 4), palette.far, 0.25)
        ball = ellipse(grid, spot, (radius, radius * 0.82), 1.6) * (grid[1] < top + 0.045 * unit)
        painting.add(
            _lit(
                painting,
                spot[0],
                radius,
                mix(colour, palette.light, 0.35),
                mix(colour, palette.near, 0.4),
                way,
            ),
            ball,
        )
    return _stand(sketch, painting, at, 0.05)


def bottle(sketch: Sketch, at: tuple[float, float], way: float) -> Sheet:
    """Make a bottle with a label and a cap."""
    unit, palette = sketch.unit, sketch.palette
    painting, middle = _ground(sketch, 0.5, 0.66)
    foot, grid = painting.size[1] - 0.04 * unit, painting.grid
    glass = mix(palette.accent, palette.near, 0.25)
    light, shade = mix(glass, palette.light, 0.55), mix(glass, palette.near, 0.68)
    rows = [
        (0.56, 0.034),
        (0.47, 0.036),
        (0.42, 0.06),
        (0.37, 0.108),
        (0.32, 0.12),
        (0.02, 0.12),
        (0.0, 0.112),
    ]
    profile = [(row, half * unit) for row, half in curved([(foot - up * unit, half) for up, half in rows], 8)]
    body, across = bulged(grid, middle, profile)
    painting.add(_turned(across, light, shade, way), body)
    painting.add(_turned(across, light, shade, way), ellipse(grid, (middle, foot), (0.112 * unit, 0.016 * unit), 1.4))
    paper = mix(palette.light, palette.low, 0.3)
    x, y = grid
    label = np.clip(y - (foot - 0.27 * unit), 0, 1) * np.clip((foot - 0.07 * unit) - y, 0, 1) * body
    painting.tint(_turned(across, paper, mix(paper, palette.near, 0.5), way), label.astype(np.float32))
    mark = ellipse(grid, (middle - 0.02 * way * unit, foot - 0.185 * unit), (0.038 * unit, 0.038 * unit), 1.5)
    painting.tint(mix(palette.accent, palette.near, 0.15), mark)
    for index, half in enumerate((0.06, 0.042)):
        row = foot - (0.115 - 0.022 * index) * unit
        bar = np.clip(0.5 + 0.0045 * unit - np.abs(y - row), 0, 1) * np.clip(
            0.5 + half * unit - np.abs(x - middle + 0.02 * way * unit), 0, 1
        )
        painting.tint(mix(palette.near, paper, 0.35), bar.astype(np.float32))
    cap, across = bulged(grid, middle, [(foot - 0.60 * unit, 0.042 * unit), (foot - 0.525 * unit, 0.042 * unit)])
    painting.add(_turned(across, mix(palette.light, palette.far, 0.2), mix(palette.near, palette.far, 0.3), way), cap)
    return _stand(sketch, painting, at, 0.04)


def vase(sketch: Sketch, at: tuple[float, float], way: float) -> Sheet:
    """Make a vase with a spray of leaves."""
    unit, palette = sketch.unit, sketch.palette
    painting, middle = _ground(sketch, 0.72, 0.78)
    foot, grid = painting.size[1] - 0.04 * unit, painting.grid
    top = foot - 0.33 * unit
    clay = mix(palette.low, palette.far, 0.35)
    light, shade = mix(clay, palette.light, 0.5), mix(clay, palette.near, 0.55)
    leaf = mix((92, 130, 88), palette.near, 0.25)
    for index in range(11):
        angle = -pi / 2 + (index - 5) * 0.20 + float(sketch.rng.uniform(-0.08, 0.08))
        reach = float(sketch.rng.uniform(0.24, 0.40)) * unit
        colour = mix(leaf, palette.light if index % 3 else palette.accent, 0.12 + 0.2 * (index % 3 == 0))
        painting.add(colour, shape(_leaf((middle, top + 0.02 * unit), angle, reach, 0.034 * unit), painting.size))
    rows = [(0.33, 0.062), (0.29, 0.05), (0.22, 0.10), (0.13, 0.128), (0.05, 0.10), (0.0, 0.07)]
    profile = [(row, half * unit) for row, half in curved([(foot - up * unit, half) for up, half in rows], 8)]
    body, across = bulged(grid, middle, profile)
    painting.add(_turned(across, light, shade, way), body)
    painting.add(_turned(across, light, shade, way), ellipse(grid, (middle, foot), (0.07 * unit, 0.012 * unit), 1.4))
    return _stand(sketch, painting, at, 0.04)


def _leaf(foot: tuple[float, float], angle: float, reach: float, wide: float) -> list[tuple[float, float]]:
    """Return a leaf's outline: a stem, then a blade that widens and comes to a point."""
    ahead, beside = (cos(angle), sin(angle)), (-sin(angle), cos(angle))
    outline = [(0.0, 0.08), (0.4, 0.08), (0.62, 0.9), (0.78, 0.95), (0.92, 0.45), (1.0, 0.0)]
    one = curved(outline, 5)
    both = one + [(along, -out) for along, out in reversed(one)]
    bend = 0.18 * cos(angle)
    return [
        (
            foot[0] + reach * along * ahead[0] + wide * out * beside[0],
            foot[1] + reach * along * ahead[1] + wide * out * beside[1] + reach * abs(bend) * along * along,
        )
        for along, out in both
    ]


def _ground(sketch: Sketch, wide: float, tall: float) -> tuple[Painting, float]:
    painting = Painting((round(wide * sketch.unit), round(tall * sketch.unit)))
    return painting, painting.size[0] / 2


def _stand(sketch: Sketch, painting: Painting, at: tuple[float, float], below: float) -> Sheet:
    left = round(at[0] - painting.size[0] / 2)
    top = round(at[1] - painting.size[1] + below * sketch.unit)
    return painting.sheet((left, top), _DEPTH)


def _turned(across: F32, light: Rgb, shade: Rgb, way: float) -> list[F32]:
    """Shade a turned body: a soft highlight at the lit side, a little light from behind at the other."""
    where = np.clip(across * np.float32(way), -1, 1)
    glint = mix(light, (255, 255, 255), 0.35)
    stops = [(-1.0, mix(light, shade, 0.35)), (-0.62, light), (-0.45, glint), (-0.25, light), (0.75, shade)]
    return ramp([*stops, (1.0, mix(shade, light, 0.22))], where)


def _lit(painting: Painting, middle: float, half: float, light: Rgb, shade: Rgb, way: float) -> list[F32]:
    x, _ = painting.grid
    return ramp(
        [(-1.0, light), (1.0, shade)],
        np.clip((x - np.float32(middle)) / np.float32(half) * np.float32(way), -1, 1),
    )
