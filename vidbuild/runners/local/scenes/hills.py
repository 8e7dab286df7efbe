"""Hills: ridges in mist under a sky, mountains or dunes by the prompt's words, pines where it names trees."""

from vidbuild.runners.local.colour import mix
from vidbuild.runners.local.prompt import vocabulary
from vidbuild.runners.local.scenes.ground import drifting, haze, line, planted, ridge, sky, sun
from vidbuild.runners.local.stage import Part, Sketch, Stage

_STEEP = vocabulary("mountain cliff rock alp peak summit snow glacier")
_BARE = vocabulary("desert dune sand canyon savanna")

_WOODED = vocabulary("forest wood tree pine jungle")


def stage(sketch: Sketch) -> Stage:
    """Draw the scene."""
    rng, palette = sketch.rng, sketch.palette
    place = (float(rng.uniform(0.34, 0.66)), float(rng.uniform(0.2, 0.36)))
    steep, bare = bool(_STEEP & sketch.words), bool(_BARE & sketch.words)
    crowd = 3 if _WOODED & sketch.words else 1
    horizon = 0.6
    parts: list[Part] = [
        sky(sketch, horizon, place, 0.6),
        sun(sketch, place, 0.075, mix(palette.light, (255, 255, 255), 0.4)),
        drifting(sketch, (0.0, 0.46), (0.40, 0.75, 0.75), 0.022, mix(palette.light, palette.low, 0.35)),
    ]
    count = 5
    for index in range(count):
        depth = 0.16 + 0.84 * (index / (count - 1)) ** 1.25
        base = 0.52 + 0.40 * (index / (count - 1)) ** 1.15
        rise = (0.19 - 0.03 * index if steep and index < 3 else 0.08) * (0.8 if bare else 1.0)
        rough = 0.5 if steep and index < 3 else 0.30
        edge = line(sketch, base, rise, 0.95 - 0.06 * index, rough, depth)
        if not bare and index >= 2:
            edge = planted(sketch, edge, 0.05 + 0.045 * (index - 2) ** 1.4, (34, 16, 9)[index - 2] * crowd)
        parts.append(ridge(sketch, edge, haze(sketch, depth), 0.24 * sketch.size[1], depth))
    return Stage(sketch.size, parts)
