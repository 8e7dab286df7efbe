"""Reading headers and counting packets with PyAV: files to `Probe` values. It decides nothing."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av

from vidbuild.media.ffargs import FORMATS
from vidbuild.media.probe import Probe, assumed_matrix, too_large
from vidbuild.words.errors import VidbuildError

_STILL_CODECS = frozenset({"png", "mjpeg", "webp", "bmp", "tiff", "jpegls", "jpeg2000"})
_STILL_FORMATS = ("image2", "_pipe", "png", "jpeg", "webp")
_OPTIONS = {"protocol_whitelist": "file", "format_whitelist": FORMATS}
_UNINDEXED = ("mpegts", "mpeg")
_UNTAGGED = 2
_FULL = 2
_COMMON = {1: "bt709", _UNTAGGED: "untold", 6: "smpte170m"}
_MATRICES = {**_COMMON, 5: "bt470bg", 9: "bt2020nc"}
_PRIMARIES = {**_COMMON, 5: "bt470bg", 9: "bt2020", 12: "display-p3"}
_TRANSFERS = {**_COMMON, 13: "srgb", 16: "pq", 18: "hlg"}
_LIGHTS = {16: "pq", 18: "hlg"}
_WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9", "libvpx": "libvpx", "libvpx-vp9": "libvpx-vp9"}


class NotMedia(VidbuildError):
    """A file that is no picture, video or sound that can be read."""


class TooLarge(VidbuildError):
    """A picture of so many pixels that working with it would take all memory."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in a finished video: pictures (packets), size, and how many encoder headers it has."""

    frames: int
    width: int
    height: int
    parameter_sets: int


def probe(path: Path) -> Probe:
    """Read a file's header, and of a still its first picture."""
    with opened(path) as container:
        if not container.streams.video:
            return _sound(container)
        stream = container.streams.video[0]
        is_still = _is_still(container, stream)
        coded = stream.codec_context
        if why := too_large("still" if is_still else "video", coded.width, coded.height):
            raise TooLarge(f"`{path.name}` is too large a picture", {"because": why}, "make it smaller, and name that")
        if is_still:
            return _still(container, stream)
        return _video(container, stream)


def colours(path: Path) -> Mapping[str, str]:
    """Give what a file's first picture says of how its colours are to be read; of RGB, nothing is left to say."""
    with opened(path) as container:
        frame = next(container.decode(video=0))
        if _is_rgb(frame):
            return {}
        return {
            "range": "full" if int(frame.color_range) == _FULL else "broadcast",
            "matrix": _MATRICES.get(number := int(frame.colorspace), f"number {number}"),
            "primaries": _PRIMARIES.get(number := int(frame.color_primaries), f"number {number}"),
            "transfer": _TRANSFERS.get(number := int(frame.color_trc), f"number {number}"),
        }


def tally(path: Path) -> Tally:
    """Count the pictures of one of our own videos without decoding it."""
    with opened(path) as container:
        if not container.streams.video:
            return Tally(0, 0, 0, 0)
        stream = container.streams.video[0]
        headers, frames = {bytes(stream.codec_context.extradata or b"")}, 0
        for packet in container.demux(stream):
            if packet.size:
                frames += 1
                if packet.has_sidedata("new_extradata"):
                    headers.add(bytes(packet))
        return Tally(frames, stream.codec_context.width, stream.codec_context.height, len(headers))


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """Open a file with PyAV, by demuxers that open no other file."""
    try:
        with av.open(f"file:{path}", options=dict(_OPTIONS)) as container:
            yield container
    except (av.error.FFmpegError, OSError, ValueError, StopIteration) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise NotMedia(f"`{path.name}` can't be read as a picture, video or sound", {"because": reason}) from error


def _is_still(container: Any, stream: Any) -> bool:
    single = stream.frames in (0, 1) and stream.codec_context.name in _STILL_CODECS
    return single and any(part in container.format.name for part in _STILL_FORMATS)


def _still(container: Any, stream: Any) -> Probe:
    frame = next(container.decode(stream))
    width, height = _shown(frame.width, frame.height, None, _turned(frame))
    matrix = _matrix(stream, frame, width, height)
    is_clear = _has_alpha(frame) and bool((frame.to_ndarray(format="rgba")[..., 3] < 255).any())
    return Probe("still", Fraction(0), width, height, Fraction(0), False, matrix, has_alpha=is_clear)


def _video(container: Any, stream: Any) -> Probe:
    frame = next(container.decode(stream))
    width, height = _shown(frame.width, frame.height, stream.sample_aspect_ratio, _turned(frame))
    return Probe(
        "video",
        _seconds(container, stream),
        width,
        height,
        Fraction(stream.average_rate or stream.guessed_rate or 0),
        bool(container.streams.audio),
        _matrix(stream, frame, width, height),
        _start(container, stream),
        not any(name in container.format.name for name in _UNINDEXED),
        _has_alpha(frame) or bool(_decoder(stream)),
        _LIGHTS.get(int(stream.codec_context.color_trc), ""),
        _decoder(stream),
    )


def _decoder(stream: Any) -> str:
    """Name the decoder that a stream needs whose alpha is a picture beside it."""
    return _WITH_ALPHA.get(stream.codec_context.codec.name, "") if stream.metadata.get("alpha_mode") == "1" else ""


def _has_alpha(frame: Any) -> bool:
    return frame.format.name == "pal8" or any(part.is_alpha for part in frame.format.components)


def _sound(container: Any) -> Probe:
    if not container.streams.audio:
        raise ValueError("it has neither picture nor sound")
    return Probe("sound", _seconds(container, container.streams.audio[0]), 0, 0, Fraction(0), True)


def _seconds(container: Any, stream: Any) -> Fraction:
    """Give a stream's length; one that its header doesn't tell is measured on its packets."""
    if stream.duration is not None and stream.time_base is not None:
        return Fraction(stream.duration * stream.time_base)
    first, last = None, Fraction(0)
    container.seek(0)
    for packet in container.demux(stream):
        time = packet.pts if packet.pts is not None else packet.dts
        if time is not None and packet.size:
            first = time if first is None else min(first, time)
            last = max(last, (time + (packet.duration or 0)) * stream.time_base)
    return last - first * stream.time_base if first is not None else Fraction(0)


def _start(container: Any, stream: Any) -> Fraction:
    """Say when the picture begins after the file does."""
    if stream.start_time is None or container.start_time is None:
        return Fraction(0)
    begins = Fraction(stream.start_time * stream.time_base)
    return max(Fraction(0), begins - Fraction(container.start_time, 1_000_000))


def _turned(frame: Any) -> bool:
    return round(getattr(frame, "rotation", 0) or 0) % 180 == 90


def _shown(width: int, height: int, pixel: Fraction | None, turned: bool) -> tuple[int, int]:
    """Give the size a picture is shown at: square pixels, upright."""
    wide = round(width * Fraction(pixel)) if pixel else width
    return (height, wide) if turned else (wide, height)


def _matrix(stream: Any, frame: Any, width: int, height: int) -> str:
    return assumed_matrix(int(frame.colorspace) != _UNTAGGED, _is_rgb(frame), width, height)


def _is_rgb(frame: Any) -> bool:
    return not frame.format.name.startswith(("yuv", "nv", "p0", "gray", "uyvy", "yuyv"))
