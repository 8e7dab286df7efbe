"""Sea: water to the horizon, glitter below the sun, a headland, a sail, sand where the prompt names a beach."""

import numpy as np

from vidbuild.runners.local.colour import Rgb, mix, ramp
from vidbuild.runners.local.painting import Painting, curved
from vidbuild.runners.local.prompt import vocabulary
from vidbuild.runners.local.scenes.ground import drifting, line, ridge, sky, sun, swell
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.sparks import Sparks
from vidbuild.runners.local.stage import Part, Sketch, Stage
from vidbuild.runners.local.texture import clouds, shape, smooth

_HORIZON = 0.54
_BEACH = vocabulary("beach sand shore surf")


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    rng, palette = sketch.rng, sketch.palette
    place = (float(rng.choice([0.4, 0.6])) + float(rng.uniform(-0.03, 0.03)), float(rng.uniform(0.24, 0.38)))
    land = mix(palette.far, palette.low, 0.35)
    parts: list[Part] = [
        sky(sketch, _HORIZON + 0.02, place, 0.6),
        sun(sketch, place, 0.07, mix(palette.light, (255, 255, 255), 0.4)),
        drifting(sketch, (0.0, 0.46), (0.40, 0.78, 0.7), 0.02, mix(palette.light, palette.low, 0.35)),
        ridge(sketch, line(sketch, _HORIZON + 0.02, 0.075, 1.1, 0.4, 0.14), (palette.far, land), 40, 0.14),
        _water(sketch, place[0]),
    ]
    for index, (top, deep, speed) in enumerate(((0.0, 0.09, 0.008), (0.06, 0.16, -0.014), (0.17, 0.29, 0.022))):
        parts.append(_waves(sketch, _HORIZON + top, deep, speed, index))
    parts.append(_glitter(sketch, place[0]))
    parts.append(_sail(sketch, 0.5 + float(rng.uniform(0.04, 0.07)) * (1 if place[0] < 0.5 else -1)))
    if _BEACH & sketch.words:
        parts += _sand(sketch)
    return Stage(sketch.size, parts)


def _water(sketch: Sketch, sun_at: float) -> Sheet:
    depth, palette = 0.2, sketch.palette
    across, up = sketch.margin(depth)
    width, height = sketch.size[0] + 2 * across, round(sketch.size[1] * (1 - _HORIZON)) + up
    painting = Painting((width, height))
    x, y = painting.grid
    deep = mix(palette.near, palette.far, 0.18)
    column = ramp([(0, mix(palette.far, palette.low, 0.55)), (0.25, palette.far), (1, deep)], y / np.float32(height))
    away = (x - np.float32(sun_at * sketch.size[0] + across)) / (np.float32(0.10 * sketch.unit) + y * np.float32(0.5))
    shine = np.float32(0.5) / (1 + away * away * 3) * (1 - y / np.float32(height) * np.float32(0.75))
    paint = [line_ + (np.float32(light) - line_) * shine for line_, light in zip(column, palette.light, strict=True)]
    painting.add(paint, np.ones((painting.size[1], painting.size[0]), np.float32))
    return painting.sheet((-across, round(_HORIZON * sketch.size[1])), depth)


def _waves(sketch: Sketch, top: float, deep: float, speed: float, index: int) -> Sheet:
    """Draw crests as long streaks of light and shade that drift and sway; nearer ones are larger."""
    depth = 0.25 + 0.2 * index
    across, _ = sketch.margin(depth)
    height = max(6, round(deep * sketch.size[1])) & ~1
    period = 2 * round(sketch.size[0] * 0.6)
    waves = (period / (sketch.unit * (0.06, 0.13, 0.24)[index]), (7, 7, 6)[index])
    field = clouds((period, height), waves, 3, sketch.rng)
    fade = np.sin(np.linspace(0.05, 3.09, height, dtype=np.float32))[:, None]
    crest, trough = smooth(0.56, 0.78, field) * np.float32(0.42), smooth(0.46, 0.22, field) * np.float32(0.26)
    sway = 0.012 * sketch.unit * (1 + index)
    cover = np.tile((crest + trough) * fade, (1, 3))
    light: Rgb = mix(sketch.palette.light, sketch.palette.low, 0.4)
    side = np.tile(crest / np.maximum(crest + trough, np.float32(1e-4)), (1, 3))
    paint = [np.float32(d) + side * np.float32(b - d) for b, d in zip(light, sketch.palette.near, strict=True)]

    def path(seconds: float) -> tuple[float, float]:
        x = speed * sketch.unit * seconds + sway * swell(seconds, 5.3 + index, index * 0.3)
        return -((x + period / 2) % period), 0.0

    return Sheet(paint, cover, (-across, round(top * sketch.size[1])), depth, path)


def _glitter(sketch: Sketch, sun_at: float) -> Sparks:
    rng, count = sketch.rng, 130
    far = rng.uniform(0, 1, count) ** 1.5
    x = sun_at * sketch.size[0] + rng.normal(0, 1, count) * (0.05 + 0.20 * far) * sketch.unit
    y = (_HORIZON + 0.012 + far * (0.97 - _HORIZON)) * sketch.size[1]
    return Sparks(
        x.astype(np.float32),
        y.astype(np.float32),
        max(1.1, 0.0036 * sketch.unit),
        rng.uniform(50, 130, count).astype(np.float32),
        rng.uniform(0.4, 1.1, count).astype(np.float32),
        rng.uniform(0, 1, count).astype(np.float32),
        0.0,
        0.3,
    )


def _sail(sketch: Sketch, at: float) -> Sheet:
    """Set a small boat on the water that bobs as it goes."""
    side = max(24, round(0.17 * sketch.unit)) & ~1
    painting = Painting((side, side))
    hull = curved([(0.2, 0.80), (0.82, 0.80), (0.74, 0.9), (0.3, 0.9), (0.2, 0.80)], 4)
    main = [*curved([(0.52, 0.06), (0.60, 0.4), (0.80, 0.74)], 6), (0.52, 0.76)]
    jib = [(0.48, 0.14), *curved([(0.48, 0.14), (0.36, 0.5), (0.24, 0.74)], 6), (0.48, 0.74)]
    palette = sketch.palette
    white = mix(palette.light, (255, 255, 255), 0.5)
    for points, colour in ((main, white), (jib, mix(white, palette.accent, 0.75)), (hull, palette.near)):
        painting.add(colour, shape([(x * side, y * side) for x, y in points], painting.size))
    start, pace = at * sketch.size[0] - side / 2, 0.008 * sketch.unit
    place = (round(start), round((_HORIZON + 0.055) * sketch.size[1] - side * 0.9))
    bob = 0.0035 * sketch.unit
    return painting.sheet(place, 0.3, lambda t: (-pace * t, bob * swell(t, 3.7, 0.1)))


def _sand(sketch: Sketch) -> list[Part]:
    """Lay a beach in front, with a line of foam that comes and goes."""
    edge = line(sketch, 0.90, 0.03, 1.3, 0.3, 0.9)
    warm: Rgb = mix((236, 210, 172), sketch.palette.low, 0.35)
    foam = ridge(sketch, edge, (mix(warm, (255, 255, 255), 0.75), warm), 0.03 * sketch.size[1], 0.9)
    rush = 0.014 * sketch.unit
    foam.path = lambda t: (0.0, rush * swell(t, 4.6, 0.2) - rush)
    wet = mix(warm, sketch.palette.near, 0.28)
    return [
        foam,
        ridge(sketch, edge + np.float32(0.02 * sketch.size[1]), (wet, warm), 0.07 * sketch.size[1], 0.9),
    ]
