"""What cameras and models show, drawn: good motions that must pass, and takes that are wrong. Luma planes only.

Drawn at 320x180 and scaled up, then encoded as a vendor would. What is seen follows from the name alone.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

WIDTH, HEIGHT, RATE = 320, 180, 24
Picture = Any
Motion = Callable[[], Iterator[Picture]]


def textured(seed: int, width: int = WIDTH, height: int = HEIGHT, low: int = 30, high: int = 220) -> Picture:
    """Draw a scene: smooth ground in several octaves and some things with hard edges in it."""
    chance = np.random.default_rng(seed)
    total = np.zeros((height, width))
    for cells, weight in ((3, 1.0), (8, 0.6), (21, 0.4), (55, 0.25)):
        rows = np.linspace(0, cells - 0.01, height)
        columns = np.linspace(0, cells * width / height - 0.01, width)
        points = chance.uniform(-1, 1, (cells + 2, cells * width // height + 3))
        top, left = rows.astype(int), columns.astype(int)
        down, across = (rows - top)[:, None], (columns - left)[None, :]
        upper = points[top][:, left] * (1 - across) + points[top][:, left + 1] * across
        lower = points[top + 1][:, left] * (1 - across) + points[top + 1][:, left + 1] * across
        total += weight * (upper * (1 - down) + lower * down)
    scene = (low + high) / 2 + (high - low) / 2 * np.clip(total / 1.2, -1, 1)
    for _ in range(12):
        x, y = chance.integers(0, width - 20), chance.integers(0, height - 20)
        w, h = chance.integers(10, width // 4), chance.integers(10, height // 3)
        scene[y : y + h, x : x + w] = chance.uniform(low, high)
    return scene


def disc(scene: Picture, x: float, y: float, radius: float, level: float, soft: float = 2.0) -> Picture:
    """Lay a disc with a soft edge over a scene."""
    rows, columns = np.mgrid[0 : scene.shape[0], 0 : scene.shape[1]]
    share = np.clip((radius - np.hypot(columns - x, rows - y)) / soft, 0, 1)
    return scene + share * (level - scene)


def window(scene: Picture, x: float, y: float) -> Picture:
    """Cut the picture out of a larger scene, between pixels."""
    left, top = int(x), int(y)
    across, down = x - left, y - top
    part = scene[top : top + HEIGHT + 1, left : left + WIDTH + 1]
    rows = part[:-1] * (1 - down) + part[1:] * down
    return rows[:, :-1] * (1 - across) + rows[:, 1:] * across


def grain(picture: Picture, number: int, sigma: float) -> Picture:
    return picture + np.random.default_rng(number).normal(0, sigma, picture.shape)


# Good


def slow_pan() -> Iterator[Picture]:
    scene = textured(1, 700, 200)
    return (window(scene, 0.4 * i, 8) for i in range(96))


def fast_pan() -> Iterator[Picture]:
    scene = textured(2, 2600, 200)
    return (window(scene, 22.0 * i, 8) for i in range(96))


def whip_pan() -> Iterator[Picture]:
    """It stands, is thrown round within five pictures, and stands on something else."""
    scene = textured(3, 1500, 200)
    places = [0.3 * i for i in range(40)] + [12 + 190.0 * i for i in range(1, 6)] + [962 + 0.3 * i for i in range(51)]
    return (window(scene, place, 8) for place in places)


def still_product() -> Iterator[Picture]:
    """A bottle on a table; only a little steam moves, slowly."""
    scene = disc(textured(4, low=90, high=160), 160, 110, 40, 200)
    return (disc(scene, 160 + 6 * np.sin(i / 9), 60 - (i % 48) / 2, 9, 150, 9) for i in range(96))


def still_with_grain() -> Iterator[Picture]:
    scene = textured(5)
    return (grain(disc(scene, 100, 90, 12 + 3 * np.sin(i / 8), 40), i, 6) for i in range(96))


def talking_head() -> Iterator[Picture]:
    """A head that hardly moves, a mouth that does."""
    scene = disc(textured(6, low=60, high=110), 160, 80, 48, 170)
    for i in range(96):
        head = disc(scene, 160, 100, 3 + 3 * abs(np.sin(i / 2.5)), 60)
        yield head if i % 60 > 3 else disc(disc(head, 140, 70, 4, 150), 180, 70, 4, 150)


def slow_zoom() -> Iterator[Picture]:
    scene = textured(7, 640, 360)
    for i in range(96):
        scale = 1.06 - 0.0005 * i
        rows = (90 + (np.arange(HEIGHT) + 0.5) * scale).astype(int)
        columns = (150 + (np.arange(WIDTH) + 0.5) * scale).astype(int)
        yield scene[rows][:, columns]


def handheld() -> Iterator[Picture]:
    scene, chance = textured(8, 400, 260), np.random.default_rng(8)
    x = y = 40.0
    for _ in range(96):
        x = float(np.clip(x + chance.normal(0, 4), 0, 78))
        y = float(np.clip(y + chance.normal(0, 4), 0, 78))
        yield window(scene, x, y)


def jolt() -> Iterator[Picture]:
    """One picture in which the camera is knocked, and stays there."""
    scene = textured(9, 420, 260)
    return (window(scene, 20 + 0.2 * i + (18 if i >= 48 else 0), 20 + (10 if i >= 48 else 0)) for i in range(96))


def lightning() -> Iterator[Picture]:
    scene = textured(10, 420, 200, 20, 120)
    for i in range(96):
        picture = window(scene, 0.5 * i, 8)
        yield picture * 0.3 + 190 if i in (30, 31, 60) else picture


def strobe() -> Iterator[Picture]:
    scene = textured(11, 420, 200, 20, 160)
    return (window(scene, 0.5 * i, 8) * (1.5 if i // 3 % 2 else 0.25) for i in range(96))


def lamp() -> Iterator[Picture]:
    """A light is switched on in a dim room."""
    scene = textured(12, 420, 200)
    shadow = np.linspace(0.5, 1.3, WIDTH)[None, :]
    for i in range(96):
        picture = window(scene, 0.3 * i, 8)
        yield np.clip(picture * shadow, 0, 255) if i >= 48 else picture * 0.22 + 4


def explosion() -> Iterator[Picture]:
    """A blast that fills the picture within a few frames, and smoke after it."""
    scene, smoke = textured(13), textured(14, 420, 200, 90, 200)
    for i in range(96):
        if i < 40:
            yield disc(scene, 160 + 40 * np.sin(i / 12), 120, 20, 30)
        elif i < 43:
            yield disc(scene, 160, 100, 70.0 * (i - 39), 250, 60)
        else:
            share = min(1.0, (i - 43) / 14)
            yield 250 * (1 - share) + window(smoke, 0.8 * i, 6) * share


def fireworks() -> Iterator[Picture]:
    chance = np.random.default_rng(15)
    sky = textured(15, low=4, high=20)
    bursts = [(int(chance.integers(4, 90)), chance.uniform(40, 280), chance.uniform(30, 120)) for _ in range(7)]
    for i in range(96):
        picture = sky
        for start, x, y in bursts:
            if 0 <= i - start < 20:
                picture = disc(picture, x, y, 10 + 4 * (i - start), 230 * (1 - (i - start) / 20) + 10, 30)
        yield picture


def night() -> Iterator[Picture]:
    """A dark street, one lamp, a car that passes."""
    scene = disc(textured(16, low=6, high=26), 60, 40, 7, 200, 10)
    return (disc(scene, 4.0 * i - 20, 130, 8, 120, 8) for i in range(96))


def dark_forest() -> Iterator[Picture]:
    scene = textured(17, 420, 200, 8, 40)
    return (window(scene, 0.6 * i, 8) for i in range(96))


def doubled() -> Iterator[Picture]:
    """Twelve pictures a second, each shown twice, of a quick camera."""
    scene = textured(18, 1600, 200)
    return (window(scene, 24.0 * (i // 2), 8) for i in range(96))


def stutter() -> Iterator[Picture]:
    """Every fourth picture is the one before it."""
    scene = textured(19, 1600, 200)
    return (window(scene, 10.0 * (i - (i % 4 == 3)), 8) for i in range(96))


def dissolve() -> Iterator[Picture]:
    one, two = textured(20, 420, 200), textured(21, 420, 200)
    for i in range(96):
        share = float(np.clip((i - 36) / 24, 0, 1))
        yield window(one, 0.5 * i, 8) * (1 - share) + window(two, 0.5 * i, 8) * share


def short_dip() -> Iterator[Picture]:
    """It comes up from black within a third of a second."""
    scene = textured(22, 420, 200)
    return (window(scene, 0.5 * i, 8) * min(1.0, i / 8) for i in range(96))


def passer_by() -> Iterator[Picture]:
    """Somebody walks close by the lens within six pictures."""
    scene = textured(23)
    for i in range(96):
        picture = disc(scene, 100 + 0.4 * i, 100, 15, 230)
        edge = int((i - 45) * 90)
        if 0 < edge < WIDTH + 320:
            picture = picture.copy()
            picture[:, max(0, edge - 320) : max(0, edge)] = 35
        yield picture


def crowd() -> Iterator[Picture]:
    """Many things move at once, fast, in all directions."""
    chance = np.random.default_rng(24)
    place, speed = chance.uniform(0, 320, (16, 2)), chance.normal(0, 9, (16, 2))
    level, scene = chance.uniform(30, 220, 16), textured(24)
    for i in range(96):
        picture = scene
        for (x, y), (u, v), light in zip(place, speed, level, strict=True):
            picture = disc(picture, (x + u * i) % 320, (y + v * i) % 180, 14, light)
        yield picture


# Wrong


def black() -> Iterator[Picture]:
    return (grain(np.full((HEIGHT, WIDTH), 1.0), i, 1) for i in range(96))


def black_in_the_middle() -> Iterator[Picture]:
    scene = textured(30, 420, 200)
    return (window(scene, 0.5 * i, 8) * (not 24 <= i < 60) for i in range(96))


def frozen() -> Iterator[Picture]:
    scene = textured(31)
    return (scene for _ in range(96))


def freezes() -> Iterator[Picture]:
    """It moves for a second, and then no more."""
    scene = textured(32, 420, 200)
    return (window(scene, 1.0 * min(i, 24), 8) for i in range(96))


def cut() -> Iterator[Picture]:
    one, two = textured(33, 420, 200), textured(34, 420, 200)
    return (window(one if i < 50 else two, 0.8 * i, 8) for i in range(96))


def cut_with_grain() -> Iterator[Picture]:
    one, two = textured(35, 420, 200), textured(36, 420, 200)
    return (grain(window(one if i < 30 else two, 0.8 * i, 8), i, 6) for i in range(96))


def montage() -> Iterator[Picture]:
    scenes = [textured(40 + number, 420, 200) for number in range(4)]
    return (window(scenes[i // 24], 1.5 * (i % 24), 8) for i in range(96))


GOOD: dict[str, Motion] = {
    made.__name__: made
    for made in (
        slow_pan, fast_pan, whip_pan, still_product, still_with_grain, talking_head, slow_zoom, handheld, jolt,
        lightning, strobe, lamp, explosion, fireworks, night, dark_forest, doubled, stutter, dissolve, short_dip,
        passer_by, crowd,
    )
}  # fmt: skip
WRONG: dict[str, Motion] = {
    made.__name__: made for made in (black, black_in_the_middle, frozen, freezes, cut, cut_with_grain, montage)
}


def encoded(motion: Motion, path: Path, ffmpeg: Path, crf: int = 23, size: str = "640x360") -> Path:
    """Encode a motion, scaled up to a size, as H.264."""
    argv = [str(ffmpeg), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}"]
    argv += ["-color_range", "pc", "-r", str(RATE), "-i", "pipe:0", "-vf", f"scale={size}:out_range=tv,format=yuv420p"]
    argv += ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-threads", "1", str(path)]
    raw = b"".join(np.clip(np.rint(picture), 0, 255).astype(np.uint8).tobytes() for picture in motion())
    subprocess.run(argv, input=raw, check=True)
    return path
