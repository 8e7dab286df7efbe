"""Night sky: stars that twinkle, a moon, the Milky Way, an aurora where it is named, dark ridges below."""

from dataclasses import replace

import numpy as np

from vidbuild.runners.local.colour import PALETTES, Rgb, mix
from vidbuild.runners.local.painting import Painting, ellipse
from vidbuild.runners.local.prompt import vocabulary
from vidbuild.runners.local.scenes.ground import drifting, line, planted, ridge, sky, swell
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.sparks import Sparks
from vidbuild.runners.local.stage import Part, Sketch, Stage
from vidbuild.runners.local.texture import clouds, smooth

_AURORA = vocabulary("aurora northern polar")


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    if not sketch.palette.is_dark:
        dark = PALETTES["night"]
        bands = {name: mix(getattr(sketch.palette, name), getattr(dark, name), 0.87) for name in ("top", "mid", "low")}
        sketch = replace(sketch, palette=replace(dark, **bands))
    rng, palette = sketch.rng, sketch.palette
    moon = (float(rng.uniform(0.34, 0.66)), float(rng.uniform(0.2, 0.34)))
    parts: list[Part] = [sky(sketch, 0.95, moon, 0.16), _milky_way(sketch)]
    if _AURORA & sketch.words:
        parts += [_curtain(sketch, index) for index in range(2)]
    parts += [_stars(sketch, 260, 0.0021, 75), _stars(sketch, 46, 0.0038, 150), _moon(sketch, moon)]
    parts.append(drifting(sketch, (0.42, 0.84), (0.42, 0.85, 0.34), 0.018, palette.low))
    for index, depth in enumerate((0.3, 0.6, 1.0)):
        edge = line(sketch, 0.78 + 0.075 * index, 0.075, 0.9, 0.45 if index == 0 else 0.3, depth)
        if index:
            edge = planted(sketch, edge, 0.08 + 0.07 * (index - 1), (30, 12)[index - 1])
        first = mix(palette.far, palette.near, 0.25 + 0.37 * index)
        parts.append(
            ridge(sketch, edge, (first, mix(first, palette.mid, 0.4 - 0.2 * index)), 0.2 * sketch.size[1], depth)
        )
    return Stage(sketch.size, parts)


def _stars(sketch: Sketch, count: int, radius: float, level: float) -> Sparks:
    rng, (width, height) = sketch.rng, sketch.size
    across, up = sketch.margin(0.1)
    return Sparks(
        rng.uniform(-across, width + across, count).astype(np.float32),
        (rng.uniform(0, 1, count) ** 1.2 * (height * 0.86 + 2 * up) - up).astype(np.float32),
        max(1.0, radius * sketch.unit),
        (rng.uniform(0.3, 1, count) ** 2 * level + 18).astype(np.float32),
        rng.uniform(0.12, 0.5, count).astype(np.float32),
        rng.uniform(0, 1, count).astype(np.float32),
        0.45,
        0.1,
    )


def _milky_way(sketch: Sketch) -> Sheet:
    """Brush a faint band of light aslant over the sky."""
    across, up = sketch.margin(0.1)
    width, height = sketch.size[0] + 2 * across, round(sketch.size[1] * 0.9) + 2 * up
    painting = Painting((width, height))
    x, y = painting.grid
    lean = float(sketch.rng.uniform(0.35, 0.7)) * float(sketch.rng.choice([-1, 1]))
    away = (x - width / 2) / sketch.unit * np.float32(lean) + (y - height * 0.4) / sketch.unit
    band = np.exp(-(away * away) * np.float32(14)).astype(np.float32)
    noise = clouds(painting.size, (6.0, 5.0), 5, sketch.rng)
    cover = band * smooth(0.25, 0.85, noise) * np.float32(0.42)
    painting.add(mix(sketch.palette.low, sketch.palette.light, 0.45), cover)
    return painting.sheet((-across, -up), 0.1)


def _curtain(sketch: Sketch, index: int) -> Sheet:
    """Hang a curtain of polar light that sways."""
    across, _ = sketch.margin(0.14)
    width, height = sketch.size
    period = 2 * round(width * 0.8)
    painting = Painting((period, round(height * 0.62)))
    _, y = painting.grid
    folds = clouds(painting.size, (5.0, 1.0), 2, sketch.rng)[:1]
    rays = clouds(painting.size, (36.0, 1.0), 3, sketch.rng)[:1]
    foot = height * (np.float32(0.30) + np.float32(0.26) * folds)
    rise = (foot - y) / np.float32(height * 0.3)
    cover = np.where(rise > 0, np.exp(-rise * np.float32(1.7)), np.exp(rise * np.float32(22)))
    cover = (cover * (np.float32(0.25) + np.float32(0.75) * rays) * np.float32(0.5)).astype(np.float32)
    colours: tuple[Rgb, Rgb] = ((96, 240, 178), (120, 130, 240)) if index == 0 else ((70, 220, 200), (190, 110, 230))
    part = np.clip(rise, 0, 1).astype(np.float32)
    paint = [np.float32(a) + part * np.float32(b - a) for a, b in zip(*colours, strict=True)]
    paint, cover = [np.tile(band, (1, 3)) for band in paint], np.tile(cover, (1, 3))
    pace, sway = (0.012, -0.017)[index] * sketch.unit, 0.02 * sketch.unit

    def path(seconds: float) -> tuple[float, float]:
        x = period / 3 + pace * seconds + sway * swell(seconds, 7.0 + index, 0.3 * index)
        return -(x % period), 0.0

    return Sheet(paint, cover, (-across, round(height * (-0.02 + 0.05 * index))), 0.14, path)


def _moon(sketch: Sketch, place: tuple[float, float]) -> Sheet:
    radius = 0.062 * sketch.unit
    painting = Painting((2 * round(radius + 3), 2 * round(radius + 3)))
    middle = painting.size[0] / 2
    light = mix(sketch.palette.light, (255, 255, 255), 0.5)
    painting.add(light, ellipse(painting.grid, (middle, middle), (radius, radius), 1.6))
    stains = smooth(0.5, 0.8, clouds(painting.size, (3.0, 3.0), 3, sketch.rng)) * np.float32(0.22)
    painting.tint(mix(light, sketch.palette.low, 0.75), stains)
    dusk = ellipse(
        painting.grid, (middle - radius * 0.45, middle - radius * 0.2), (radius * 1.25, radius * 1.25), radius
    )
    painting.tint(mix(light, sketch.palette.mid, 0.85), (1 - dusk) * np.float32(0.9))
    corner = (round(place[0] * sketch.size[0] - middle), round(place[1] * sketch.size[1] - middle))
    return painting.sheet(corner, 0.12)
