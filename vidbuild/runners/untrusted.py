"""Is a downloaded file what it must be? Size, first bytes, structure, then a whole decode in a child on a short rope.

The child is told the one demuxer, may open that one file, has no environment, and little memory and time; every
picture is counted against what the file says. Why each of these: facts on faults, sections 2 and 3. It knows no vendor.
"""

from __future__ import annotations

import asyncio
import json
import mmap
import os
import signal
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from vidbuild.media import containers
from vidbuild.media.kinds import HEAD, Broken, Bytes, Kind, Structure, kind_of
from vidbuild.runners import process
from vidbuild.runners.frame_list import Track, listed
from vidbuild.words.errors import ActionFailed
from vidbuild.words.rationaltime import clock_text

MIB = 1024 * 1024
DECODERS = (
    "h264,hevc,av1,libdav1d,libaom-av1,vp8,vp9,libvpx,libvpx-vp9,mpeg4,prores,mjpeg,png,webp,"
    "aac,mp3,mp3float,opus,libopus,vorbis,libvorbis,flac,alac,ac3,eac3,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_f64le,pcm_u8,pcm_mulaw,pcm_alaw"
)
"""Decoders that may be run on what strangers sent."""

_FAMILIES = {"video": "video", "image": "picture", "audio": "sound"}
_SHORT_OF = Fraction(1, 2)
_TAIL_LINES = 4


class BadMedia(ActionFailed):
    """A downloaded file is not what it must be, and was not kept.

    Args:
        again: whether fetching the same file again may help; buying it again is another question.
    """

    def __init__(self, sentence: str, facts: dict[str, str], again: bool, log: str = ""):
        super().__init__(sentence, facts, log=log)
        self.again = again


@dataclass(frozen=True, slots=True)
class Limits:
    """What a downloaded file may be, and what looking at it may cost.

    Args:
        size: bytes of the file.
        pixels: of a picture of a video; 4096x2304, with room for whole macroblocks.
        still_pixels: of a picture on its own.
        memory: bytes of address space of the child; a large ffmpeg takes 400 MiB of it before it reads anything.
        cpu_s, wall_s: seconds of the child.
    """

    size: int = 1024 * MIB
    pixels: int = 4096 * 2304
    still_pixels: int = 32 * 1000 * 1000
    seconds: int = 900
    memory: int = 900 * MIB
    cpu_s: int = 20
    wall_s: float = 60


@dataclass(frozen=True, slots=True)
class Vetted:
    """What a file that may be kept holds, as it was decoded.

    Args:
        media_type: by its own bytes, whatever the vendor called it.
        frames: pictures decoded; 1 for a still, 0 for sound and text.
        width, height: as decoded, before any turning.
        rate: pictures a second on average; 0 without moving picture.
    """

    media_type: str
    size: int
    frames: int = 0
    seconds: Fraction = Fraction(0)
    width: int = 0
    height: int = 0
    rate: Fraction = Fraction(0)
    has_sound: bool = False


async def vetted(path: Path, media_type: str, ffmpeg: Path, limits: Limits | None = None) -> Vetted:
    """Look through a downloaded file; raise `BadMedia` when it is not wholly what it must be.

    Args:
        media_type: what was asked for; any kind of the same family will do, JSON for `application/json`.
    """
    limits = limits or Limits()
    try:
        if media_type == "application/json":
            return _text(path, media_type, limits)
        family = _FAMILIES[media_type.partition("/")[0]]
        kind, said = await asyncio.to_thread(_read, path, family, limits)
        return await _decoded(path, family, kind, said, ffmpeg, limits)
    except Broken as broken:
        facts = {"expected": media_type, "bytes": str(_size(path))}
        raise BadMedia(broken.sentence, facts, broken.again, broken.log) from broken


def _size(path: Path) -> int:
    return os.stat(path, follow_symlinks=False).st_size


@contextmanager
def _mapped(path: Path) -> Iterator[Bytes]:
    """Read a file where it lies, without a copy of it in memory."""
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as stream:
        if _size(path) == 0:
            yield b""
            return
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            yield data


def _read(path: Path, family: str, limits: Limits) -> tuple[Kind, Structure]:
    """Check all that can be told without decoding."""
    if _size(path) > limits.size:
        raise Broken(f"it is larger than {limits.size // MIB} MiB", again=False)
    with _mapped(path) as data:
        kind = kind_of(data[:HEAD], family)
        try:
            said = containers.structure(kind, data)
        except Broken as broken:
            raise Broken(f"the {family} is no whole file: {broken.sentence}", broken.again) from broken
    if family == "video" and said.pictures is not None and said.pictures < 2:
        what = "sound without a picture" if not said.pictures else "a still picture"
        raise Broken(f"{what} came instead of a video", again=False)
    if family == "sound" and not said.has_sound:
        raise Broken("a video without sound came instead of sound", again=False)
    most = limits.still_pixels if family == "picture" else limits.pixels
    if said.width * said.height > most:
        raise Broken(f"its pictures of {said.width}x{said.height} are larger than any that are taken", again=False)
    if said.seconds is not None and said.seconds > limits.seconds:
        raise Broken(f"it lasts {clock_text(said.seconds)}, longer than any that are taken", again=False)
    return kind, said


def _text(path: Path, media_type: str, limits: Limits) -> Vetted:
    """Check that a file is JSON."""
    if (size := _size(path)) > min(limits.size, 16 * MIB):
        raise Broken("it is larger than any answer in JSON", again=False)
    with _mapped(path) as data:
        try:
            json.loads(bytes(data).decode(), parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            raise Broken("it is no whole JSON") from error
    return Vetted(media_type, size)


def _no_number(name: str) -> None:
    raise ValueError(name)


async def _decoded(path: Path, family: str, kind: Kind, said: Structure, ffmpeg: Path, limits: Limits) -> Vetted:
    """Decode a file whole, and compare what comes with what it says of itself."""
    with tempfile.TemporaryDirectory(prefix="vet-", dir=path.parent) as folder:
        frames = Path(folder, "frames")
        argv = [str(ffmpeg), *_argv(path, family, kind, limits), f"file:{frames}"]
        bounds = process.Bounds(limits.memory, limits.cpu_s, 64 * MIB, 32)
        try:
            async with asyncio.timeout(limits.wall_s):
                ended = await process.run(argv, Path(folder), bounds=bounds)
        except TimeoutError as error:
            raise Broken(f"to decode it takes longer than {limits.wall_s} s", again=False) from error
        if ended.code or ended.log.strip():
            raise _undecoded(family, ended, limits)
        found = listed(frames)
    return _compared(path, family, kind, said, found, limits)


def _argv(path: Path, family: str, kind: Kind, limits: Limits) -> list[str]:
    """Write the decoder's command line: one demuxer, one file, the first error ends it, every frame is listed."""
    pixels = limits.still_pixels if family == "picture" else limits.pixels
    reading = ["-protocol_whitelist", "file", "-codec_whitelist", DECODERS, "-f", kind.demuxer]
    if kind.demuxer == "mov":
        reading += ["-ignore_editlist", "1", "-enable_drefs", "0"]
    tracks = {
        "video": ["-map", "0:V:0", "-map", "0:a:0?", "-c:v", "wrapped_avframe", "-c:a", "pcm_s16le"],
        "picture": ["-map", "0:v:0", "-c:v", "wrapped_avframe"],
        "sound": ["-map", "0:a:0", "-c:a", "pcm_s16le"],
    }[family]
    return [
        "-hide_banner", "-nostdin", "-v", "error", "-xerror", "-err_detect", "explode", "-threads", "1",
        "-filter_threads", "1", "-max_pixels", str(pixels), *reading, "-i", f"file:{path.absolute()}",
        *tracks, "-t", str(limits.seconds + 1), "-fps_mode", "passthrough", "-f", "framecrc", "-y",
    ]  # fmt: skip


def _undecoded(family: str, ended: process.Ended, limits: Limits) -> Broken:
    """Say why the child did not come to its end."""
    log = "\n".join(ended.log.splitlines()[:_TAIL_LINES])
    if ended.code in (-signal.SIGKILL, -signal.SIGXCPU):
        return Broken(f"to decode it takes more than {limits.cpu_s} s of computing", False, log)
    if "Cannot allocate memory" in ended.log:
        return Broken(f"to decode it takes more than {limits.memory // MIB} MiB", False, log)
    return Broken(f"the {family} is damaged: it can't be decoded whole", True, log)


def _compared(
    path: Path, family: str, kind: Kind, said: Structure, found: Mapping[str, Track], limits: Limits
) -> Vetted:
    main = found.get("audio" if family == "sound" else "video")
    if main is None:
        raise Broken(f"the {family} is damaged: nothing in it can be decoded")
    if family == "picture":
        return Vetted(kind.media_type, _size(path), 1, width=main.width, height=main.height)
    if main.seconds > limits.seconds:
        raise Broken(f"it lasts longer than {limits.seconds} s", again=False)
    if said.seconds is not None and main.seconds < said.seconds - _SHORT_OF:
        lengths = f"{clock_text(main.seconds)} of {clock_text(said.seconds)}"
        raise Broken(f"the {family} is damaged: {lengths} can be decoded")
    if family == "sound":
        media_type = kind.media_type.replace("video/", "audio/")
        return Vetted(media_type, _size(path), 0, main.seconds, has_sound=True)
    frames = len(main.starts)
    if said.pictures is not None and frames != said.pictures:
        raise Broken(f"the video is damaged: {frames} of {said.pictures} pictures can be decoded")
    if frames < 2:
        raise Broken("a still picture came instead of a video", again=False)
    if said.has_sound and "audio" not in found:
        raise Broken("the video is damaged: its sound can't be decoded")
    rate = frames / main.seconds if main.seconds else Fraction(0)
    has_sound = "audio" in found
    return Vetted(kind.media_type, _size(path), frames, main.seconds, main.width, main.height, rate, has_sound)
