"""Draw somebody who presents, as yuv420p frames: a figure against soft lights whose mouth opens with what is said.

Who it is follows from the avatar's id and the seed. Knows nothing of encoders, actions or files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from vidbuild.runners.local.camera import Camera
from vidbuild.runners.local.colour import F32, PALETTES, U8, Planes, jittered
from vidbuild.runners.local.painting import ellipse
from vidbuild.runners.local.scenes import portrait
from vidbuild.runners.local.seeded import generator
from vidbuild.runners.local.stage import Sketch

REVISION = 1

_SHUT, _OPEN = 0.008, 0.040  # how high a mouth is, in parts of the figure
_WIDE = 0.046
_QUIET_DB = -36.0
_INK = (34, 118, 140)  # Y, U and V
_SHUTS_S = 0.08  # how long a mouth takes to fall shut


@dataclass(frozen=True)
class Presentation:
    """What to draw: `heard` is how loud it is at each frame, 0 to 1 (`loudness`)."""

    avatar: str
    seed: int
    fps: Fraction
    size: tuple[int, int]
    heard: tuple[float, ...]


def loudness(samples: F32, rate: int, fps: Fraction) -> tuple[float, ...]:
    """Say how far a mouth is open at each frame of a sound: samples of one channel, -1 to 1."""
    count = max(1, -int(-Fraction(len(samples), rate) * fps // 1))
    edges = [round(frame * rate / fps) for frame in range(count + 1)]
    parts = [samples[start:end] for start, end in pairwise(edges)]
    levels = [float(np.sqrt(np.mean(np.square(part, dtype=np.float64)))) if len(part) else 0.0 for part in parts]
    most = max(levels) or 1.0
    found, held = [], 0.0
    for level in levels:
        decibels = 20 * np.log10(max(level / most, 1e-6))
        wanted = float(np.clip(1 - decibels / _QUIET_DB, 0, 1))
        held = max(wanted, held - float(1 / (fps * Fraction(_SHUTS_S).limit_denominator(100))))
        found.append(round(held, 4))
    return tuple(found)


def frames(shot: Presentation) -> Iterator[bytes]:
    """Yield the frames, each as the Y, U and V planes of one yuv420p picture (BT.709, limited range)."""
    mood, drawing = (generator(name, shot.avatar, shot.seed) for name in ("mood", "drawing"))
    palette = jittered(PALETTES[str(mood.choice(["day", "amber", "pastel", "winter", "teal"]))], mood)
    camera = Camera("static", shot.size)
    scene, (x, y, unit) = portrait.presenter(Sketch(shot.size, camera.reach, palette, frozenset(), drawing))
    for index, level in enumerate(shot.heard):
        seconds = float(index / shot.fps)
        drawn = scene.draw(seconds, camera.view(seconds))
        picture = (drawn[0].copy(), drawn[1].copy(), drawn[2].copy())
        _mouth(picture, (x, y), (_WIDE * unit, (_SHUT + (_OPEN - _SHUT) * level) * unit))
        yield b"".join(each.tobytes() for each in picture)


def _mouth(picture: Planes, middle: tuple[float, float], radii: tuple[float, float]) -> None:
    """Lay a dark ellipse over a picture."""
    for plane, ink, step in zip(picture, _INK, (1, 2, 2), strict=True):
        _press(plane, ink, (middle[0] / step, middle[1] / step), (radii[0] / step, max(0.6, radii[1] / step)))


def _press(plane: U8, ink: int, middle: tuple[float, float], radii: tuple[float, float]) -> None:
    left, top = (max(0, int(at - radius - 2)) for at, radius in zip(middle, radii, strict=True))
    right, bottom = (int(at + radius + 3) for at, radius in zip(middle, radii, strict=True))
    part = plane[top:bottom, left:right]
    if not part.size:
        return
    rows = np.arange(top, top + part.shape[0], dtype=np.float32)[:, None] + np.float32(0.5)
    columns = np.arange(left, left + part.shape[1], dtype=np.float32)[None, :] + np.float32(0.5)
    cover = ellipse((columns, rows), middle, radii, 1.2)
    part[...] = np.rint(part * (1 - cover) + np.float32(ink) * cover).astype(np.uint8)
