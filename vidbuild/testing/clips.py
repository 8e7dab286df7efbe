"""Test clips, made fast: marked pictures that move and have some grain, a sound that can be found again, stills.

numpy draws luma and chroma planes, the bundled ffmpeg encodes them. What a clip shows and sounds like at every
instant follows from its record alone. It knows nothing of projects.
"""

from __future__ import annotations

import subprocess
import tempfile
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vidbuild.testing import marks, sounds
from vidbuild.testing.marks import Mark

TINY = ("-c:v", "libx264", "-preset", "ultrafast", "-crf", "18")
"""How small clips for tests are encoded: fast."""

CAMERA = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "23", "-g", "48")
"""How clips for the bench are encoded: as a vendor would, a few Mbit/s at 1920x1080."""


@dataclass(frozen=True)
class Clip:
    """A test clip.

    Args:
        shot: what its marks say, and the seed of picture and sound.
        size: as shown; turned and anamorphic clips are stored otherwise.
        sound_rate: samples a second, 0 for a silent clip.
        late: seconds by which its picture begins after its sound.
        skips: a variable frame rate: after so many frames one tick of the clock is left out.
        quarter_turns: stored turned so often clockwise, with metadata that tells players to turn it back.
        pixel: the shape of a stored pixel, width by height; not for turned clips.
        clock: ticks a second of the container's own clock, where frames must be rounded to it (Matroska: 1000).
        grain: levels of grain.
        codec: ffmpeg's settings for the picture.
    """

    shot: int
    size: tuple[int, int] = (192, 108)
    rate: Fraction = Fraction(24)
    frames: int = 24
    sound_rate: int = sounds.RATE
    late: Fraction = Fraction(0)
    skips: int = 0
    quarter_turns: int = 0
    pixel: Fraction = Fraction(1)
    clock: int = 0
    grain: int = 4
    codec: tuple[str, ...] = TINY
    sound_codec: tuple[str, ...] = ("-c:a", "aac", "-b:a", "160k")

    def time_of(self, frame: int) -> Fraction:
        """Say when a frame is shown."""
        exact = (frame + (frame // self.skips if self.skips else 0)) / self.rate
        return Fraction(int((2 * exact * self.clock + 1) // 2), self.clock) if self.clock else exact

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return self.time_of(self.frames - 1) + 1 / self.rate

    def frames_on(self, rate: Fraction, first: int, count: int) -> list[int]:
        """Say which frames stand at some ticks of a clock: the last whose time, rounded to it, is not later."""
        ticks = [int((2 * self.time_of(frame) * rate + 1) // 2) for frame in range(self.frames)]
        return [max(0, bisect_right(ticks, tick) - 1) for tick in range(first, first + count)]

    def frames_from(self, start: Fraction, speed: Fraction, rate: Fraction, ticks: list[int]) -> list[int]:
        """Say which frames stand at ticks of a clock that begins at `start` and on which it runs `speed` times as fast.

        Half of a tick rounds up, and so does what is a thousandth of one below.
        """
        own = [
            int(((self.time_of(frame) - start) / speed * rate + Fraction(501, 1000)) // 1)
            for frame in range(self.frames)
        ]
        return [max(0, bisect_right(own, tick) - 1) for tick in ticks]

    def samples(self, first: int, count: int) -> Any:
        """Give its sound at 48 kHz, from a sample of its picture's time on; nothing comes after its end."""
        if not self.sound_rate:
            return np.zeros((count, 2), np.float32)
        whole = sounds.noise(self.shot, int((self.late + self.seconds) * sounds.RATE))
        whole = whole[int(self.late * sounds.RATE) + first :][:count]
        return np.pad(whole, ((0, count - len(whole)), (0, 0)))


def make(clip: Clip, path: Path, ffmpeg: Path) -> Path:
    """Encode a clip to a file, whose suffix says the container."""
    width, height = _stored(clip)
    chroma = "yuv420p" if width % 2 == 0 == height % 2 else "yuv444p"
    argv = [str(ffmpeg), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", chroma, "-s", f"{width}x{height}"]
    argv += ["-r", str(clip.rate), "-i", "pipe:0"]
    with tempfile.TemporaryDirectory(prefix="vidbuild-clip-") as folder:
        made = Path(folder, "made.mov") if clip.quarter_turns or clip.late else path
        if clip.sound_rate:
            spoken = Path(folder, "sound.f32")
            count = int((clip.late + clip.seconds) * clip.sound_rate)
            spoken.write_bytes(sounds.noise(clip.shot, count, clip.sound_rate).astype("<f4").tobytes())
            argv += ["-f", "f32le", "-ar", str(clip.sound_rate), "-ac", "2", "-i", str(spoken)]
            argv += clip.sound_codec if made == path else ("-c:a", "pcm_s16le")
        tags = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
        skipped = f",setpts=(N+floor(N/{clip.skips}))/(FRAME_RATE*TB)" if clip.skips else ""
        shape = f",setsar={clip.pixel.numerator}/{clip.pixel.denominator}"
        argv += ["-vf", f"{tags}{shape}{skipped}", "-fps_mode", "passthrough", *clip.codec, str(made)]
        _feed(argv, clip, chroma == "yuv420p")
        if made != path:
            turned = ["-display_rotation:v:0", str(90 * clip.quarter_turns), "-itsoffset", f"{float(clip.late):.6f}"]
            both = ["-i", str(made), "-i", str(made), "-map", "0:v", "-map", "1:a?", "-c:v", "copy", *clip.sound_codec]
            subprocess.run([str(ffmpeg), "-y", "-v", "error", *turned, *both, str(path)], check=True)
    return path


def still(shot: int, path: Path, size: tuple[int, int] = (192, 108)) -> Path:
    """Write a marked still, frame 0 of its shot, in the format that the suffix says."""
    from PIL import Image

    luma = _texture(np.random.default_rng(shot), size[0], size[1])
    marks.draw(luma, Mark(shot, 0))
    Image.fromarray(luma).convert("RGB").save(path)
    return path


def _stored(clip: Clip) -> tuple[int, int]:
    width, height = round(clip.size[0] / clip.pixel), clip.size[1]
    return (height, width) if clip.quarter_turns % 2 else (width, height)


def _feed(argv: list[str], clip: Clip, halved: bool) -> None:
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        assert process.stdin is not None
        for planes in pictures(clip, halved):
            for plane in planes:
                process.stdin.write(np.ascontiguousarray(np.rot90(plane, -clip.quarter_turns)).data)
        process.stdin.close()
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not make a clip: {argv}")


def pictures(clip: Clip, halved: bool = True) -> Iterator[tuple[Any, Any, Any]]:
    """Draw every picture upright, as luma and chroma planes: a panned ground, two circling discs, grain, the mark.

    Args:
        halved: chroma at half the size, as 4:2:0 has it.
    """
    width, height = round(clip.size[0] / clip.pixel), clip.size[1]
    chance = np.random.default_rng(clip.shot)
    step = max(2, height // 90)
    walk = _walk(clip.frames, step, chance)
    ground = _texture(chance, width + 8 * step, height + 8 * step)
    small = (width // 2, height // 2) if halved else (width, height)
    colours = [_texture(chance, small[0] + 8 * step, small[1] + 8 * step) // 4 + 100 for _ in range(2)]
    grain = chance.integers(0, clip.grain + 1, (height + 64, width + 64), np.uint8)
    disc = _disc(max(8, height // 6))
    for frame in range(clip.frames):
        x, y = walk[frame]
        luma = ground[y : y + height, x : x + width].copy()
        for turn in (0.0, 3.1):
            angle = frame * 0.07 + turn + clip.shot
            _blend(luma, disc, width * (0.5 + 0.33 * np.cos(angle)), height * (0.62 + 0.2 * np.sin(1.3 * angle)), turn)
        across, down = chance.integers(0, 64, 2)
        luma += grain[down : down + height, across : across + width]
        marks.draw(luma, Mark(clip.shot, frame), float(clip.pixel))
        u, v = (plane[y // 2 : y // 2 + small[1], x // 2 : x // 2 + small[0]] for plane in colours)
        yield luma, u, v


def _walk(frames: int, step: int, chance: Any) -> list[tuple[int, int]]:
    """Walk in a circle, so that no picture stands where the one before it stood: offsets below eight steps."""
    turned = chance.uniform(0, 6.28) + np.arange(frames) * chance.uniform(0.26, 0.36)
    return [(int(x), int(y)) for x, y in 4 * step + 4 * step * np.stack([np.cos(turned), np.sin(turned)], axis=1)]


def _texture(chance: Any, width: int, height: int) -> Any:
    """Draw smooth noise in several octaves, levels 40 to 200."""
    total = np.zeros((height, width), np.float32)
    for cells, weight in ((4, 1.0), (9, 0.7), (23, 0.5), (61, 0.35), (151, 0.25)):
        points = chance.uniform(-1, 1, (cells + 2, cells * width // height + 2)).astype(np.float32)
        total += weight * _stretched(_stretched(points, height).T, width).T
    return (120 + 80 * np.clip(total / 1.4, -1, 1)).astype(np.uint8)


def _stretched(rows: Any, length: int) -> Any:
    """Stretch rows to a length by straight lines between them."""
    place = np.linspace(0, len(rows) - 1.001, length, dtype=np.float32)
    first = place.astype(np.int32)
    part = (place - first)[:, None]
    return rows[first] * (1 - part) + rows[first + 1] * part


def _disc(radius: int) -> Any:
    """Draw a disc with a soft edge, as shares of one."""
    far = np.hypot(*np.mgrid[-radius:radius, -radius:radius])
    return np.clip((radius - far) / (radius / 4), 0, 1).astype(np.float32)


def _blend(luma: Any, disc: Any, x: float, y: float, turn: float) -> None:
    """Lay a disc over a picture, dark or light, cut off at its edges."""
    height, width = luma.shape
    left, top = int(x) - disc.shape[1] // 2, int(y) - disc.shape[0] // 2
    rows, columns = slice(max(0, top), min(height, top + len(disc))), slice(max(0, left), min(width, left + len(disc)))
    share = disc[rows.start - top : rows.stop - top, columns.start - left : columns.stop - left]
    under = luma[rows, columns]
    under[:] = under + (share * ((70 if turn else 190) - under.astype(np.float32))).astype(np.int16)
