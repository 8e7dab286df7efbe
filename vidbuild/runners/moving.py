"""Pictures of a moving window: each is drawn out of a whole picture at exact places, between pixels too.

YUV4MPEG2 goes in and comes out. Chroma stands at the left of its pairs of pixels, as in H.264. It knows no ffmpeg.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from vidbuild.media import moving
from vidbuild.media.moving import Box

Planes = tuple[Image.Image, Image.Image, Image.Image]
_MAGIC, _FRAME = b"YUV4MPEG2 ", b"FRAME"
_LINE = 256


def moved(told: Mapping[str, Any], followed: Sequence[Path], stream: BinaryIO) -> Iterator[bytes]:
    """Give the pictures of a moving window as a step says, one for each of the stream's, or all of a still.

    A stream that ends early gives fewer: they are counted when all is done.

    Args:
        followed: the files that say where it looks, if it follows something.
    """
    size = size_of(stream)
    if size is None:
        return
    frame = (int(told["size"][0]), int(told["size"][1]))
    wide, high = moving.held(size, frame, told["mode"])
    yield b"YUV4MPEG2 W%d H%d F%s Ip A1:1 C420mpeg2\n" % (wide, high, _rate(told["rate"]))
    parts = [json.loads(path.read_text(encoding="utf-8")) for path in followed]
    windows = moving.windows(told, size, frame, parts)
    before: tuple[Box, bytes] | None = None
    for window, planes in zip(windows, _pictures(stream, size, "still" in told), strict=False):
        if before is None or "still" not in told or before[0] != window:
            before = (window, drawn(planes, window, (wide, high)))
        yield before[1]


def drawn(planes: Planes, window: Box, size: tuple[int, int]) -> bytes:
    """Draw what lies in a window of a picture at a size, as a frame of the stream."""
    luma, *chroma = planes
    parts = [b"FRAME\n", _plane(luma, window, size)]
    # Chroma sample k stands at luma pixel 2k: half a chroma pixel is a quarter more on the left than on the right.
    across = window.width / size[0]
    left = window.left / 2 + (1 - across) / 4
    half = Box(left, window.top / 2, window.width / 2, window.height / 2)
    parts += [_plane(plane, half, (size[0] // 2, size[1] // 2)) for plane in chroma]
    return b"".join(parts)


def _plane(plane: Image.Image, window: Box, size: tuple[int, int]) -> bytes:
    left = min(max(window.left, 0.0), max(0.0, plane.width - window.width))
    top = min(max(window.top, 0.0), max(0.0, plane.height - window.height))
    box = (left, top, min(left + window.width, plane.width), min(top + window.height, plane.height))
    return plane.resize(size, Image.Resampling.BICUBIC, box=box).tobytes()


def _pictures(stream: BinaryIO, size: tuple[int, int], is_still: bool) -> Iterable[Planes]:
    """Read the pictures of a stream; a still is given again and again."""
    while (planes := read(stream, size)) is not None:
        yield planes
        while is_still:
            yield planes


def read(stream: BinaryIO, size: tuple[int, int]) -> Planes | None:
    """Read the next picture; `None` where there is no whole one."""
    if not stream.readline(_LINE).startswith(_FRAME):
        return None
    width, height = size
    found = []
    for wide, high in ((width, height), (width // 2, height // 2), (width // 2, height // 2)):
        data = stream.read(wide * high)
        if len(data) < wide * high:
            return None
        found.append(Image.frombuffer("L", (wide, high), data, "raw", "L", 0, 1))
    return found[0], found[1], found[2]


def size_of(stream: BinaryIO) -> tuple[int, int] | None:
    """Read the size of a stream's pictures, which are 4:2:0 with even sides; `None` where there is no stream."""
    head = stream.readline(_LINE)
    if not head.startswith(_MAGIC):
        return None
    told = {part[:1]: part[1:] for part in head.split()[1:]}
    return int(told[b"W"]), int(told[b"H"])


def _rate(rate: str) -> bytes:
    return (rate.replace("/", ":") if "/" in rate else f"{rate}:1").encode()
