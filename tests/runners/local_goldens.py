"""The local engine's goldens: how each is drawn, read, written and compared.

`make golden` writes those that are missing. One that differs is never overwritten: what is drawn may change only with
its REVISION.
"""

import json
from fractions import Fraction
from pathlib import Path

import lines
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidbuild.runners.local import animatic, bed, card, colour, foley, presenter, still, voice

GOLDENS = Path(__file__).parents[1] / "golden" / "local"
SHOTS = {
    "hills": "snow mountains above a pine forest at sunset, pan right",
    "city": "a neon city street at night, push in",
    "sea": "a boat on a calm sea off a beach, static",
    "interior": "espresso pours into a white cup, warm light, pull out",
    "portrait": "portrait of a dancer, dreamy, tilt up",
    "night": "stars and an aurora, tilt down",
    "abstract": "liquid swirls, teal, pan left",
}
PRESENTERS = ("presenter/shut.png", "presenter/open.png")
LINES = {"en": "Come in. The first one is on us.", "ar": "مرحبا بالعالم كيف حالك", "de": "Der Kaffee ist nicht kalt."}
REVISIONS = {
    "animatic": animatic.REVISION,
    "still": still.REVISION,
    "card": card.REVISION,
    "bed": bed.REVISION,
    "foley": foley.REVISION,
    "voice": voice.REVISION,
    "presenter": presenter.REVISION,
}
_MEAN, _MOST = 1.0, 12.0  # levels by which a picture may differ: tables of floats may differ by processor
_RMS = 0.002


def names() -> list[str]:
    """Return the goldens' names, each a path below the model's folder."""
    shots = [f"animatic/{kind}-{frame:03d}.png" for kind in SHOTS for frame in (0, 36)]
    beds, lines = ["bed/upbeat.json", "bed/calm.json"], [f"voice/{name}.json" for name in LINES]
    effects = [f"foley/{kind}.json" for kind in ("whoosh", "impact", "pour", "rain", "engine")]
    return [*shots, "still/sea.png", *PRESENTERS, "card/glow.png", "card/colour.png", *beds, *effects, *lines]


def path(name: str) -> Path:
    """Return where a golden lies for the current revision of its model."""
    model, file = name.split("/")
    return GOLDENS / f"{model}@{REVISIONS[model]}" / file


def draw(name: str) -> NDArray[np.float64]:
    """Draw what a golden holds: a picture of about 160x90, or a bed's loudness every quarter second, an effect's or a
    line's every twentieth, of a line with the times of its words.
    """
    model, file = name.split("/")
    if model == "voice":
        line = lines.spoken(LINES[Path(file).stem])
        blocks = line.samples[: len(line.samples) // 1102 * 1102].reshape(-1, 1102).astype(np.float64) / 32768
        times = [word[edge] for word in line.words for edge in ("start_s", "end_s")]
        return np.concatenate([np.sqrt((blocks**2).mean(axis=1)), times])
    if model == "foley":
        sound = np.concatenate(list(foley.samples(Path(file).stem, 7, 2.0))).astype(np.float64)
        return np.sqrt((sound.reshape(40, -1) ** 2).mean(axis=1))
    if model == "bed":
        sound = np.concatenate(list(bed.samples(f"{Path(file).stem} music", 7, 6))).astype(np.float64)
        return np.sqrt((sound.reshape(24, -1) ** 2).mean(axis=1))
    if model == "presenter":
        shown = presenter.Presentation("ann", 7, Fraction(24), (320, 180), (float(Path(file).stem == "open"),))
        return _small(picture(next(presenter.frames(shown)), shown.size))
    if model == "still":
        return _small(still.picture(SHOTS["sea"], 7, (320, 180)))
    if model == "card":
        logo = np.dstack([np.full((20, 20, 3), (200, 80, 40)), np.linspace(0, 255, 400).reshape(20, 20)]).astype(
            np.uint8
        )
        size = (320, 180) if file == "glow.png" else (180, 320)
        return _small(card.ground(size, None if file == "glow.png" else (40, 90, 60), logo, (70, 40, 60, 40)))
    kind, frame = Path(file).stem.split("-")
    shot = animatic.AnimaticShot(SHOTS[kind], SHOTS[kind], 7, int(frame) + 1, Fraction(24), (320, 180))
    return _small(picture(list(animatic.frames(shot))[-1], shot.size))


def picture(frame: bytes, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Return a yuv420p frame as (H, W, 3)."""
    (width, height), samples = size, np.frombuffer(frame, np.uint8)
    y, u, v = np.split(samples, [width * height, width * height * 5 // 4])
    half = (height // 2, width // 2)
    return colour.picture(y.reshape(height, width), u.reshape(half), v.reshape(half))


def difference(name: str) -> str | None:
    """Say how what is drawn differs from its golden by more than processors do, or return none."""
    found, drawn = read(name), draw(name)
    if found.shape != drawn.shape:
        return f"{name}: {found.shape} became {drawn.shape}"
    away = np.abs(found - drawn)
    if name.endswith(".json"):
        return f"{name}: loudness differs by {away.max():.4f}" if away.max() > _RMS else None
    if away.mean() <= _MEAN and away.max() <= _MOST:
        return None
    return f"{name}: differs by {away.mean():.2f} levels, at most {away.max():.0f}"


def read(name: str) -> NDArray[np.float64]:
    """Read a golden."""
    if name.endswith(".json"):
        return np.array(json.loads(path(name).read_text()), np.float64)
    return np.asarray(Image.open(path(name)).convert("RGB")).astype(np.float64)


def write(name: str) -> None:
    """Write a golden."""
    path(name).parent.mkdir(parents=True, exist_ok=True)
    drawn = draw(name)
    if name.endswith(".json"):
        path(name).write_text(json.dumps([round(float(level), 5) for level in drawn]) + "\n")
    else:
        Image.fromarray(np.rint(drawn).astype(np.uint8)).save(path(name), optimize=True)


def sentence(model: str) -> str:
    """Say what to do when a model draws something else than before."""
    return f"golden frames of local/{model} changed: bump REVISION and run `make golden`"


def _small(drawn: NDArray[np.uint8]) -> NDArray[np.float64]:
    return np.asarray(Image.fromarray(drawn).reduce(2)).astype(np.float64)
