"""Portrait: a figure without a face against soft lights out of focus, lit along one side, breathing."""

import numpy as np

from vidbuild.runners.local.backdrop import Backdrop
from vidbuild.runners.local.colour import F32, Rgb, mix, ramp
from vidbuild.runners.local.painting import Painting, curved
from vidbuild.runners.local.prompt import vocabulary
from vidbuild.runners.local.scenes.ground import swell
from vidbuild.runners.local.sheet import Sheet
from vidbuild.runners.local.sparks import Sparks
from vidbuild.runners.local.stage import Part, Sketch, Stage
from vidbuild.runners.local.texture import disc, shape

_MALE = vocabulary("man he boy father actor male")


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    way = float(sketch.rng.choice([-1.0, 1.0]))  # where the light comes from: -1 left, 1 right
    hair = "short" if _MALE & sketch.words else str(sketch.rng.choice(["bob", "bun", "long", "short"]))
    parts: list[Part] = [_ground(sketch, way), _lights(sketch, 0), _lights(sketch, 1)]
    parts += [_figure(sketch, way, hair), _dust(sketch)]
    return Stage(sketch.size, parts)


def presenter(sketch: Sketch) -> tuple[Stage, tuple[float, float, float]]:
    """Draw somebody who speaks to the camera: the scene, and the middle of the mouth with the figure's unit."""
    way = float(sketch.rng.choice([-1.0, 1.0]))
    hair = str(sketch.rng.choice(["bob", "bun", "long", "short"]))
    figure, unit = _figure(sketch, way, hair), _unit(sketch)
    stage = Stage(sketch.size, [_ground(sketch, way), _lights(sketch, 0), figure])
    return stage, (figure.place[0] + round(1.12 * unit) / 2, figure.place[1] + (0.405 + 0.06) * unit, unit)


def _ground(sketch: Sketch, way: float) -> Backdrop:
    depth, (width, height), palette = 0.1, sketch.size, sketch.palette
    across, up = sketch.margin(depth)
    x = (np.arange(width + 2 * across, dtype=np.float32) - across - (0.5 + 0.3 * way) * width) / sketch.unit
    y = (np.arange(height + 2 * up, dtype=np.float32) - up - 0.32 * height) / sketch.unit
    away = np.sqrt((x * x)[None, :] + (y * y)[:, None]) * np.float32(0.6)
    deep = mix(palette.top, palette.near, 0.35)
    stops = [
        (0.0, mix(palette.low, palette.light, 0.3)),
        (0.3, palette.low),
        (0.65, palette.mid),
        (1.1, palette.top),
    ]
    return Backdrop(ramp([*stops, (1.6, deep)], away), (across, up), depth, sketch.size)


def _lights(sketch: Sketch, index: int) -> Sheet:
    """Scatter discs of light out of focus, drifting to and fro."""
    rng, unit, palette = sketch.rng, sketch.unit, sketch.palette
    depth = 0.2 + 0.14 * index
    across, _ = sketch.margin(depth)
    spare = round(0.06 * unit)
    size = (sketch.size[0] + 2 * (across + spare), round(sketch.size[1] * 0.92))
    painting = Painting(size)
    colours = (
        palette.light,
        palette.accent,
        mix(palette.low, palette.light, 0.5),
        mix(palette.accent, palette.light, 0.55),
    )
    for _ in range(round(9 * (size[0] + size[1]) / (2 * unit))):
        radius = float(rng.uniform(0.028, 0.085)) * unit * (0.75 + 0.5 * index)
        stamp = disc(radius, max(2.0, radius * 0.16), 2 * round(radius * 1.12 + 2))
        side = len(stamp)
        if side >= min(painting.size):
            continue
        ring = stamp * np.float32(0.75) + np.float32(0.25) * stamp * disc(radius * 0.8, radius * 0.5, side)[::-1]
        spot = (int(rng.integers(0, painting.size[0] - side)), int(rng.integers(0, painting.size[1] - side)))
        painting.add(colours[int(rng.integers(0, 4))], ring * np.float32(rng.uniform(0.10, 0.34)), spot)
    sway, period = 0.05 * unit, 17.0 + 6 * index

    def path(seconds: float) -> tuple[float, float]:
        return sway * swell(seconds, period, 0.1 + 0.4 * index), 0.0

    return painting.sheet((-across - spare, round(0.01 * sketch.size[1])), depth, path)


def _unit(sketch: Sketch) -> int:
    """Give the size that a figure is measured by."""
    return round(min(sketch.size[1], 1.35 * sketch.size[0]))


def _figure(sketch: Sketch, way: float, hair_style: str) -> Sheet:
    """Paint head, hair, neck and shoulders, dark against the light, with a rim of light."""
    palette = sketch.palette
    unit = _unit(sketch)
    up = sketch.margin(0.6)[1]
    side = (round(1.12 * unit), round(0.90 * unit) + up + 4)
    painting, scale = Painting(side), float(unit)
    skin = mix(mix(palette.accent, (196, 142, 112), 0.55), palette.near, 0.46)
    cloth, hair = mix(palette.near, palette.accent, 0.16), mix(palette.near, (20, 14, 16), 0.35)
    middle = side[0] / 2 / scale
    for paint, points in _pieces(hair_style):
        colour = {"skin": skin, "cloth": cloth, "hair": hair}[paint]
        line = [((middle + way * x) * scale, (y + 0.06) * scale) for x, y in points]
        _model(painting, colour, shape(line, painting.size), palette.light, palette.near, way, unit)
    place = (round(sketch.near_middle(0.6, 0.04) - side[0] / 2), round(sketch.size[1] - 0.895 * unit))
    breath = 0.0042 * unit
    return painting.sheet(place, 0.6, lambda t: (0.0, -breath * (1 + swell(t, 4.1, 0.0))))


def _model(painting: Painting, colour: Rgb, cover: F32, light: Rgb, dark: Rgb, way: float, unit: int) -> None:
    """Add a piece with a broad turn of light over it and a narrow rim at its lit edge."""
    x, y = painting.grid
    turn = np.clip((x / painting.size[0] - np.float32(0.5)) * np.float32(way) * 2 + np.float32(0.45), 0, 1)
    fall = np.clip(y / np.float32(painting.size[1]), 0, 1) * np.float32(0.35)
    bright, deep = mix(colour, light, 0.30), mix(colour, dark, 0.55)
    part = np.clip(turn - fall, 0, 1)
    part = part * part * (3 - 2 * part)
    painting.add([np.float32(d) + part * np.float32(b - d) for b, d in zip(bright, deep, strict=True)], cover)
    shift = max(1, round(0.014 * unit))
    behind = np.zeros_like(cover)
    for step in range(1, shift + 1):
        moved = np.roll(cover, -round(way) * step, axis=1)
        moved = np.roll(moved, max(1, step // 2), axis=0)
        moved[: max(1, step // 2)] = 0
        behind += cover * (1 - moved)
    painting.add(light, behind / np.float32(shift) * np.float32(0.7))


def _pieces(hair: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """Return what is painted, rear to front, as outlines in parts of the shorter side; +x is the lit side."""
    shoulders = [(-0.50, 1.3), (-0.47, 0.86), (-0.40, 0.70), (-0.24, 0.615), (-0.10, 0.565), (0.0, 0.575)]
    shoulders += [(0.10, 0.565), (0.24, 0.615), (0.40, 0.70), (0.47, 0.86), (0.50, 1.3)]
    neck = [
        (-0.085, 0.40),
        (-0.08, 0.53),
        (-0.13, 0.60),
        (0.0, 0.645),
        (0.13, 0.60),
        (0.08, 0.53),
        (0.085, 0.40),
    ]
    head = [(0.0, 0.10), (0.10, 0.135), (0.140, 0.235), (0.130, 0.345), (0.085, 0.435), (0.0, 0.475)]
    head += [(-0.085, 0.435), (-0.130, 0.345), (-0.140, 0.235), (-0.10, 0.135), (0.0, 0.10)]
    cap = [
        (-0.150, 0.30),
        (-0.158, 0.19),
        (-0.10, 0.085),
        (0.0, 0.058),
        (0.10, 0.085),
        (0.158, 0.19),
        (0.150, 0.29),
    ]
    fringe = [(0.128, 0.25), (0.09, 0.195), (0.0, 0.165), (-0.07, 0.19), (-0.125, 0.24), (-0.150, 0.30)]
    bob = [
        (-0.15, 0.22),
        (-0.185, 0.34),
        (-0.18, 0.47),
        (-0.12, 0.505),
        (0.12, 0.505),
        (0.18, 0.47),
        (0.185, 0.34),
        (0.15, 0.22),
    ]
    long = [
        (-0.15, 0.20),
        (-0.19, 0.36),
        (-0.215, 0.56),
        (-0.17, 0.70),
        (0.17, 0.70),
        (0.215, 0.56),
        (0.19, 0.36),
        (0.15, 0.20),
    ]
    bun = [
        (0.085 * x, 0.03 + 0.07 * y)
        for x, y in ((0, -1), (0.9, -0.5), (0.9, 0.6), (0, 1.1), (-0.9, 0.6), (-0.9, -0.5), (0, -1))
    ]
    rear = {"bob": bob, "long": long, "bun": bun}.get(hair)
    pieces = [("hair", curved(rear, 6))] if rear else []
    pieces += [("skin", curved(neck, 6)), ("cloth", curved(shoulders, 6)), ("skin", curved(head, 6))]
    return [*pieces, ("hair", curved(cap + fringe, 6))]


def _dust(sketch: Sketch) -> Sparks:
    rng, count = sketch.rng, 26

    def spread(low: float, high: float) -> F32:
        return rng.uniform(low, high, count).astype(np.float32)

    drift = (spread(-0.02, 0.02) * sketch.unit, spread(-0.03, -0.006) * sketch.unit)
    return Sparks(
        spread(0, sketch.size[0]), spread(0, sketch.size[1]), max(1.2, 0.004 * sketch.unit),
        spread(14, 46), spread(0.1, 0.3), spread(0, 1), 0.1, 0.9, drift,
    )  # fmt: skip
