"""What vendors deliver: real takes, sounds and pictures, made by the local ffmpeg and kept, so each is encoded once.

A take moves, is as long, as large and as fast as asked, begins with the picture it was given, and follows from what
was asked for alone. Pictures are drawn small and scaled up, for speed. It knows no vendor and no HTTP.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vidbuild.testing import clips, marks, sounds
from vidbuild.testing.clips import Clip

MEDIA = {"mp4": "video/mp4", "png": "image/png", "mp3": "audio/mpeg", "wav": "audio/wav"}
LOOKS = frozenset({"black", "frozen", "short", "wrong_size", "silent", "jumps"})
"""What can be wrong with a take that is whole: `Wants.look`."""

_REVISION = 1
_SHORT_SIDE = 180
_VOICES = 4
_BLEND_S = Fraction(1, 2)
_CHARACTER_S = 0.06


@dataclass(frozen=True)
class Wants:
    """What a job is to make.

    Args:
        form: `mp4`, `png`, `mp3`, `wav`.
        digest: of all that was asked for; what is seen and heard follows from it.
        size: in pixels.
        sound: whether a take has sound.
        init, end: pictures that it begins and ends with, as files' bytes.
        text: spoken text; sounds only.
        sample_rate, kbps: of sounds.
        look: `""`, or one of `LOOKS`.
        factor: how much of the length, or of the size, a take is where that is what is wrong with it.
    """

    form: str
    digest: str
    seconds: Fraction = Fraction(0)
    size: tuple[int, int] = (1280, 720)
    rate: Fraction = Fraction(24)
    sound: bool = False
    init: bytes | None = None
    end: bytes | None = None
    text: str = ""
    sample_rate: int = 44_100
    kbps: int = 128
    look: str = ""
    factor: float = 0.5

    @property
    def flavour(self) -> int:
        """Which of 64 looks it has; marks in its pictures say it (`vidbuild.testing.marks`)."""
        return int(self.digest[:8], 16) % marks.SHOTS


class Studio:
    """Makes what is wanted, or finds it in its folder.

    Args:
        folder: where takes are kept, also for later sessions.
        lines: takes and pictures are at most so high (the shorter side), whatever was asked for; `None` for as asked.
        most_s: nothing is longer, whatever was asked for; for tests that look at requests alone.
    """

    def __init__(self, folder: Path, ffmpeg: Path, lines: int | None = None, most_s: int | None = None):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._ffmpeg, self._lines, self._most_s = folder, ffmpeg, lines, most_s
        self.encodes = 0

    def make(self, wants: Wants) -> bytes:
        """Give the file's bytes: the same for equal wants, others for each digest."""
        wants = self._fitted(wants)
        path = self._folder / f"{_recipe(wants)}.{wants.form}"
        if not path.exists():
            self.encodes += 1
            descriptor, name = tempfile.mkstemp(suffix=f".{wants.form}", dir=self._folder)
            os.close(descriptor)
            made = Path(name)
            try:
                _MAKERS[wants.form](wants, made, self._ffmpeg)
                os.replace(made, path)
            finally:
                made.unlink(missing_ok=True)
        return stamped(path.read_bytes(), wants.form, wants.digest)

    def _fitted(self, wants: Wants) -> Wants:
        """Take the look into account where it changes measures alone, and the greatest height."""
        width, height = wants.size
        if self._lines is not None and min(width, height) > self._lines:
            part = Fraction(self._lines, min(width, height))
            width, height = _even(width * part), _even(height * part)
        if wants.look == "wrong_size":
            width, height = _even(height * wants.factor), _even(width * wants.factor)
        seconds = wants.seconds if self._most_s is None else min(wants.seconds, Fraction(self._most_s))
        if wants.look == "short":
            seconds = max(Fraction(1, 10), seconds * Fraction(wants.factor).limit_denominator(1000))
        look = wants.look if wants.look in ("black", "frozen", "jumps", "silent") else ""
        return replace(wants, size=(width, height), seconds=seconds, look=look)


def spoken(text: str, speed: float = 1.0) -> tuple[list[float], list[float]]:
    """Say when each character of a text begins and ends, in seconds."""
    each = _CHARACTER_S / speed
    edges = [round(index * each, 3) for index in range(len(text) + 1)]
    return edges[:-1], edges[1:]


def stamped(data: bytes, form: str, digest: str) -> bytes:
    """Put a digest into a file where players pass over it, so that no two jobs deliver equal bytes."""
    mark = digest[:64].encode()
    if form == "mp4":
        return data + struct.pack(">I4s", 8 + len(mark), b"free") + mark
    if form == "mp3":
        return data + b"TAG" + mark[:30].ljust(30) + mark[30:60].ljust(30) + b" " * 65
    if form == "wav":
        grown = data + struct.pack("<4sI", b"note", len(mark)) + mark
        return grown[:4] + struct.pack("<I", len(grown) - 8) + grown[8:]
    text = b"tEXtComment\0" + mark
    chunk = struct.pack(">I", len(text) - 4) + text + struct.pack(">I", zlib.crc32(text))
    return data[:-12] + chunk + data[-12:]


def flipped(data: bytes) -> bytes:
    """Flip bits all over the middle of a file; what its boxes say stays as it was."""
    bent = bytearray(data)
    for at in range(len(data) // 2, len(data) * 9 // 10, max(1, len(data) // 200)):
        bent[at] ^= 0x5A
    return bytes(bent)


def _recipe(wants: Wants) -> str:
    """Name what is encoded: all but what is only stamped on."""
    seen = [hashlib.sha256(picture).hexdigest() if picture else "" for picture in (wants.init, wants.end)]
    parts = [_REVISION, wants.form, wants.flavour, wants.seconds, wants.size, wants.rate, wants.sound, *seen]
    parts += [wants.text, wants.sample_rate, wants.kbps, wants.look]
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()[:40]


def _even(length: float | Fraction) -> int:
    return max(16, round(length / 2) * 2)


def _film(wants: Wants, path: Path, ffmpeg: Path) -> None:
    frames = max(1, round(wants.seconds * wants.rate))
    part = min(Fraction(1), Fraction(_SHORT_SIDE, min(wants.size)))
    drawn = Clip(wants.flavour, (_even(wants.size[0] * part), _even(wants.size[1] * part)), wants.rate, frames)
    argv = [str(ffmpeg), "-y", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p"]
    argv += ["-s", "{}x{}".format(*drawn.size), "-r", str(wants.rate), "-i", "pipe:0"]
    width, height = wants.size
    graph = [f"[0:v]scale={width}:{height}:flags=bilinear,format=yuv420p,setsar=1[v0]"]
    with tempfile.TemporaryDirectory(prefix="vidbuild-take-") as folder:
        given = [(name, getattr(wants, name)) for name in ("init", "end") if getattr(wants, name)]
        length = min(frames, max(1, round(_BLEND_S * wants.rate)))
        for index, (name, data) in enumerate(given, 1):
            still = Path(folder, f"{name}.png")
            _covering(data, wants.size).save(still, compress_level=1)
            argv += ["-loop", "1", "-framerate", str(wants.rate), "-i", str(still)]
            graph += _blended(name, index, frames - length, length)
        coded: list[str] = []
        if wants.sound:
            heard = Path(folder, "sound.f32")
            count = int(Fraction(frames) / wants.rate * sounds.RATE)
            samples = sounds.noise(wants.flavour % _VOICES, count) * (wants.look != "silent")
            heard.write_bytes(samples.astype("<f4").tobytes())
            argv += ["-f", "f32le", "-ar", str(sounds.RATE), "-ac", "2", "-i", str(heard)]
            coded = ["-map", f"{len(given) + 1}:a", "-c:a", "aac", "-b:a", "128k"]
        tags = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
        argv += ["-filter_complex", ";".join([*graph, f"[v{len(given)}]{tags}[v]"]), "-map", "[v]", *coded]
        argv += ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "24", "-g", "48", "-threads", "1"]
        argv += ["-frames:v", str(frames), "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
        _feed([*argv, "-movflags", "+faststart", str(path)], _pictures(drawn, wants.look))


def _blended(name: str, index: int, room: int, length: int) -> list[str]:
    """Lay a still over the take at its start or end, and let it go, or come, within some frames."""
    fade, late = (f"out:s=0:n={length}", 0) if name == "init" else (f"in:s=0:n={max(1, length - 1)}", room)
    still = f"trim=end_frame={length},format=yuva420p,fade={fade}:alpha=1,setsar=1"
    moved = f"setpts=PTS-STARTPTS+{late}/(FR*TB)"
    over = f"[v{index - 1}][s{index}]overlay=format=yuv420:eof_action=pass[v{index}]"
    return [f"[{index}:v]{still},{moved}[s{index}]", over]


def _pictures(drawn: Clip, look: str) -> Iterable[tuple[Any, Any, Any]]:
    if look == "black":
        width, height = drawn.size
        small = np.full((height // 2, width // 2), 128, np.uint8)
        return [(np.full((height, width), 16, np.uint8), small, small)] * drawn.frames
    if look == "frozen":
        return [next(iter(clips.pictures(drawn)))] * drawn.frames
    if look == "jumps":
        part = max(1, drawn.frames // 4)
        others = [replace(drawn, shot=(drawn.shot + 17 * turn) % marks.SHOTS) for turn in range(5)]
        return (
            picture
            for turn, other in enumerate(others)
            for frame, picture in enumerate(clips.pictures(other))
            if turn * part <= frame < (turn + 1) * part
        )
    return clips.pictures(drawn)


def _covering(data: bytes, size: tuple[int, int]) -> Any:
    """Scale a picture to cover a size, and crop its middle."""
    with Image.open(io.BytesIO(data)) as opened:
        picture = opened.convert("RGB")
    scale = max(size[0] / picture.width, size[1] / picture.height)
    picture = picture.resize((max(size[0], round(picture.width * scale)), max(size[1], round(picture.height * scale))))
    left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
    return picture.crop((left, top, left + size[0], top + size[1]))


def _feed(argv: list[str], pictures: Iterable[tuple[Any, Any, Any]]) -> None:
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        try:
            for planes in pictures:
                for plane in planes:
                    process.stdin.write(np.ascontiguousarray(plane).data)
            process.stdin.close()
        except BrokenPipeError:
            pass
        said = process.stderr.read()
    if process.returncode:
        raise RuntimeError(f"ffmpeg could not make a take: {said.decode(errors='replace')[-500:]}")


def _picture(wants: Wants, path: Path, ffmpeg: Path) -> None:
    """Draw a still: a frame of this flavour's take, in a colour of its own, scaled."""
    part = min(Fraction(1), Fraction(_SHORT_SIDE, min(wants.size)))
    drawn = Clip(wants.flavour, (_even(wants.size[0] * part), _even(wants.size[1] * part)), frames=1)
    if wants.look == "black":
        picture = Image.new("RGB", wants.size)
    else:
        luma, u, v = next(iter(clips.pictures(drawn)))
        planes = [Image.fromarray(plane).resize(wants.size) for plane in (luma, u, v)]
        picture = Image.merge("YCbCr", planes).convert("RGB")
    picture.save(path, "PNG", compress_level=1)


def _sound(wants: Wants, path: Path, ffmpeg: Path) -> None:
    """Encode noise of the wanted length; for spoken text it is as long as that, with pauses between the words."""
    seconds = wants.seconds or Fraction(spoken(wants.text)[1][-1]).limit_denominator(1000)
    samples = sounds.noise(wants.flavour % _VOICES, max(1, int(seconds * sounds.RATE))).copy()
    for begin, end, character in zip(*spoken(wants.text), wants.text, strict=True):
        if character.isspace():
            scale = float(seconds) / spoken(wants.text)[1][-1]
            samples[int(begin * scale * sounds.RATE) : int(end * scale * sounds.RATE)] = 0
    if wants.look in ("silent", "black"):
        samples[:] = 0
    argv = [str(ffmpeg), "-y", "-v", "error", "-f", "f32le", "-ar", str(sounds.RATE), "-ac", "2", "-i", "pipe:0"]
    coded = ["-c:a", "libmp3lame", "-b:a", f"{wants.kbps}k"] if wants.form == "mp3" else ["-c:a", "pcm_s16le"]
    argv += ["-ar", str(wants.sample_rate), *coded, "-fflags", "+bitexact", "-flags:a", "+bitexact", str(path)]
    subprocess.run(argv, input=samples.astype("<f4").tobytes(), check=True, capture_output=True)


_MAKERS = {"mp4": _film, "png": _picture, "mp3": _sound, "wav": _sound}
