"""Interior: light from a window on a wall, a table, and on it the cup, bottle, bowl or vase that was named."""

import numpy as np

from vidbuild.runners.local.backdrop import Backdrop
from vidbuild.runners.local.colour import F32, Rgb, mix, ramp
from vidbuild.runners.local.painting import Painting
from vidbuild.runners.local.prompt import vocabulary
from vidbuild.runners.local.puffs import Puff, Puffs
from vidbuild.runners.local.scenes.ground import swell
from vidbuild.runners.local.scenes.vessels import bottle, bowl, cup, vase
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.sparks import Sparks
from vidbuild.runners.local.stage import Part, Sketch, Stage
from vidbuild.runners.local.texture import clouds

_TABLE = 0.70  # of the height
_CUPS = vocabulary("cup mug coffee espresso tea latte crema saucer teapot barista")
_BOTTLES = vocabulary("bottle perfume wine product packshot shampoo serum juice beer oil jar phone watch")
_BOWLS = vocabulary("bowl food plate soup salad ramen noodle pasta fruit breakfast")
_VASES = vocabulary("vase flower plant home room house sofa bedroom window lamp shelf")
_HOT = vocabulary("soup ramen noodle")


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    rng, height, unit = sketch.rng, sketch.size[1], sketch.unit
    at = (sketch.near_middle(0.62, 0.02), height * (_TABLE + 0.095))
    glow = float(rng.choice([0.24, 0.3, 0.7, 0.76]))
    way = 1.0 if glow < 0.5 else -1.0  # the light comes from this side
    parts: list[Part] = [
        _wall(sketch, glow),
        _window_light(sketch, glow, way),
        _shelf(sketch, way),
        _table(sketch, glow),
    ]
    make = cup
    for names, other in ((_VASES, vase), (_BOWLS, bowl), (_BOTTLES, bottle), (_CUPS, cup)):
        make = other if names & sketch.words else make
    parts += [_shadow(sketch, at, way), make(sketch, at, way)]
    if make is cup or _HOT & sketch.words:
        parts.append(_steam(sketch, (at[0], at[1] - (0.30 if make is cup else 0.2) * unit)))
    parts.append(_dust(sketch))
    return Stage(sketch.size, parts)


def _wall(sketch: Sketch, glow: float) -> Backdrop:
    depth, (width, height), palette = 0.12, sketch.size, sketch.palette
    across, up = sketch.margin(depth)
    x = (np.arange(width + 2 * across, dtype=np.float32) - across - glow * width) / sketch.unit
    y = (np.arange(height + 2 * up, dtype=np.float32) - up - 0.25 * height) / sketch.unit
    away = np.sqrt((x * x)[None, :] + (y * y)[:, None]) * np.float32(0.62)
    shade = mix(palette.far, palette.near, 0.30)
    stops = [(0.0, mix(palette.low, palette.light, 0.3)), (0.35, mix(palette.low, palette.mid, 0.55))]
    stops += [(0.75, mix(palette.far, palette.mid, 0.35)), (1.3, shade)]
    return Backdrop(ramp(stops, away), (across, up), depth, sketch.size)


def _window_light(sketch: Sketch, glow: float, way: float) -> Sheet:
    """Throw the light of a window with four panes aslant on the wall; it breathes sideways like a curtain's."""
    unit = sketch.unit
    side = (round(0.72 * unit), round(0.66 * unit))
    painting = Painting(side)
    x, y = painting.grid
    lean = (x - side[0] / 2) * np.float32(way) - (y - side[1] / 2) * np.float32(0.22)
    fall = y - side[1] / 2 - (x - side[0] / 2) * np.float32(0.10 * way)
    soft = np.float32(0.028 * unit)
    cover = np.zeros((painting.size[1], painting.size[0]), np.float32)
    for column in (-1, 1):
        for row in (-1, 1):
            dx = np.abs(lean - np.float32(column * 0.105 * unit)) - np.float32(0.092 * unit)
            dy = np.abs(fall - np.float32(row * 0.125 * unit)) - np.float32(0.112 * unit)
            cover += np.clip(0.5 - dx / soft, 0, 1) * np.clip(0.5 - dy / soft, 0, 1)
    painting.add(mix(sketch.palette.light, (255, 255, 255), 0.25), np.minimum(cover, 1) * np.float32(0.5))
    place = (round(glow * sketch.size[0] - side[0] / 2), round(0.30 * sketch.size[1] - side[1] / 2))
    sway = 0.008 * unit
    return painting.sheet(place, 0.12, lambda t: (sway * swell(t, 6.1, 0.0) + sway * 0.5 * swell(t, 2.9, 0.3), 0.0))


def _shelf(sketch: Sketch, way: float) -> Sheet:
    """Set blurred vessels on a shelf at the shaded side, out of focus."""
    unit, palette, rng = sketch.unit, sketch.palette, sketch.rng
    side = (round(0.78 * unit), round(0.42 * unit))
    painting = Painting(side)
    x, y = painting.grid
    blur = 0.022 * unit
    wood = mix(palette.near, palette.far, 0.30)
    floor = 0.80 * side[1]
    plank = np.clip(0.5 + (0.013 * unit - np.abs(y - floor - 0.013 * unit)) / blur, 0, 1)
    plank = plank * np.clip(0.5 + (0.35 * unit - np.abs(x - side[0] / 2)) / blur, 0, 1)
    place = 0.15
    while place < 0.85:
        half, tall = float(rng.uniform(0.030, 0.062)) * unit, float(rng.uniform(0.09, 0.26)) * unit
        colour = mix(mix(palette.far, palette.accent, float(rng.uniform(0, 0.75))), palette.near, 0.28)
        middle = (place * side[0] + half, floor - tall / 2)
        dx, dy = np.abs(x - middle[0]) / half, np.abs(y - middle[1]) / (tall / 2)
        body = np.clip(0.5 + (1 - (dx**4 + dy**6) ** np.float32(0.2)) * half / blur, 0, 1).astype(np.float32)
        painting.add(colour, body * np.float32(0.9))
        place += (2 * half + float(rng.uniform(0.02, 0.09)) * unit) / side[0]
    painting.add(wood, plank.astype(np.float32) * np.float32(0.95))
    middle_x = (0.5 + 0.34 * way) * sketch.size[0]
    at = (round(middle_x - side[0] / 2), round(0.36 * sketch.size[1] - side[1] / 2))
    return painting.sheet(at, 0.22)


def _table(sketch: Sketch, glow: float) -> Sheet:
    depth, palette = 0.6, sketch.palette
    across, up = sketch.margin(depth)
    top = round(_TABLE * sketch.size[1])
    width, height = sketch.size[0] + 2 * across, sketch.size[1] - top + up + 2
    painting = Painting((width, height))
    x, y = painting.grid
    wood = mix(palette.far, palette.accent, 0.22)
    column = ramp(
        [
            (0, mix(wood, palette.light, 0.45)),
            (0.5, mix(wood, palette.near, 0.18)),
            (1, mix(wood, palette.near, 0.5)),
        ],
        y / np.float32(height),
    )
    grain = clouds(painting.size, (3.0, 16.0), 3, sketch.rng) - np.float32(0.5)
    away = (x - np.float32(glow * sketch.size[0] + across)) / np.float32(sketch.unit * 0.7)
    shine = np.float32(0.38) * np.exp(-away * away) * (1 - y / np.float32(height)) ** 2
    paint = [
        band + grain * 16 + (np.float32(light) - band) * shine
        for band, light in zip(column, palette.light, strict=True)
    ]
    rounded = np.clip(y - np.float32(0.5), 0, 1) * np.ones_like(x)
    painting.add([np.clip(band, 0, 255) for band in paint], rounded)
    rim = np.exp(-y / np.float32(max(1.0, 0.004 * sketch.unit))) * np.float32(0.5) * np.ones_like(x)
    painting.tint(palette.light, rim.astype(np.float32))
    return painting.sheet((-across, top), depth)


def _shadow(sketch: Sketch, at: tuple[float, float], way: float) -> Sheet:
    unit = sketch.unit
    side = (round(1.1 * unit), round(0.26 * unit))
    painting = Painting(side)
    x, y = painting.grid
    dx = (x - side[0] / 2 - np.float32(way * 0.10 * unit)) / np.float32(0.40 * unit)
    dy = (y - side[1] / 2) / np.float32(0.115 * unit)
    long = (np.clip(1 - dx * dx - dy * dy, 0, 1) ** np.float32(1.5) * np.float32(0.62)).astype(np.float32)
    painting.add(mix(sketch.palette.near, (0, 0, 0), 0.2), long)
    return painting.sheet((round(at[0] - side[0] / 2), round(at[1] - side[1] / 2 + 0.008 * unit)), 0.62)


def _steam(sketch: Sketch, at: tuple[float, float]) -> Puffs:
    rng, unit = sketch.rng, sketch.unit
    count = 11
    each = tuple(
        Puff(
            at[0] + float(rng.uniform(-0.07, 0.07)) * unit,
            at[1],
            float(rng.uniform(0.30, 0.46)) * unit,
            float(rng.uniform(-0.05, 0.05)) * unit,
            float(rng.uniform(3.4, 5.2)),
            (index + float(rng.uniform(0, 0.6))) / count,
        )
        for index in range(count)
    )
    light: Rgb = mix(sketch.palette.light, (255, 255, 255), 0.5)
    return Puffs(each, (0.045 * unit, 0.11 * unit), light, 150, 0.62)


def _dust(sketch: Sketch) -> Sparks:
    rng, count = sketch.rng, 34

    def spread(low: float, high: float) -> F32:
        return rng.uniform(low, high, count).astype(np.float32)

    drift = (spread(-0.012, 0.02) * sketch.unit, spread(-0.014, 0.008) * sketch.unit)
    return Sparks(
        spread(0, sketch.size[0]), spread(0, sketch.size[1]), max(1.2, 0.0036 * sketch.unit),
        spread(12, 42), spread(0.08, 0.25), spread(0, 1), 0.1, 0.8, drift,
    )  # fmt: skip
