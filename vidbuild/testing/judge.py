"""The judge of finished files: decodes them with PyAV and says what is wrong, frame by frame and sample by sample.

It is told what a file must be (`reference.Expected`) and trusts nothing that a header says without looking.
"""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from vidbuild.testing import marks, sounds
from vidbuild.testing.marks import Mark
from vidbuild.testing.reference import Expected, Shown
from vidbuild.testing.sounds import Heard

_BLACK = 24.0
_FROZEN = 0.3
_BT709, _TV = 1, 1
_EACH = 0.5


@dataclass
class Report:
    """What was found in a file; frames by their index, empty lists where nothing is wrong.

    Args:
        uneven: frames whose time is not their index over the rate.
        wrong: frames that show something else, with what they should show and what they do.
        missing: marks that should be shown somewhere and never are.
        doubled: frames that show what the frame before shows, and should not.
        black: frames without a picture, where there should be one.
        frozen: frames that don't differ from the frame before, whatever their marks say.
        facts: sentences about streams that are not as they should be.
        apart: how many frames longer the picture lasts than the sound.
        heard: the sound's offset at several places.
        clicks: samples at which the sound steps and the reference doesn't.
        said: what ffmpeg says of the file at `-v error`.
    """

    frames: int = 0
    expected: int = 0
    uneven: list[int] = field(default_factory=list)
    wrong: list[tuple[int, Mark, Mark | None]] = field(default_factory=list)
    missing: list[Mark] = field(default_factory=list)
    doubled: list[int] = field(default_factory=list)
    black: list[int] = field(default_factory=list)
    frozen: list[int] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)
    apart: float = 0.0
    heard: list[Heard] = field(default_factory=list)
    clicks: list[int] = field(default_factory=list)
    said: str = ""

    @property
    def late(self) -> set[int | None]:
        """Every offset of the sound that was measured, in samples; `None` where it is another sound."""
        return {heard.late for heard in self.heard}

    def flaws(self) -> list[str]:
        """Say in sentences all that is wrong."""
        told = list(self.facts)
        if self.frames != self.expected:
            told.append(f"it has {self.frames} frames, not {self.expected}")
        for name in ("uneven", "wrong", "missing", "doubled", "black", "frozen", "clicks"):
            found = getattr(self, name)
            if found:
                told.append(f"{name}: {len(found)}, first {', '.join(map(str, found[:4]))}")
        if abs(self.apart) > 1:
            told.append(f"the picture lasts {self.apart:.2f} frames longer than the sound")
        off = [heard for heard in self.heard if heard.late != 0]
        if off:
            told.append(f"the sound is off at {len(off)} of {len(self.heard)} places, first {off[0]}")
        if self.said:
            told.append(f"ffmpeg says: {self.said[:200]}")
        return told


def judge(path: Path, expected: Expected, ffmpeg: Path | None = None) -> Report:
    """Judge a finished file.

    Args:
        ffmpeg: reads the file once more, where it is given.
    """
    report = Report(expected=len(expected.pictures))
    with av.open(str(path)) as container:
        _facts(container, path, expected, report)
        _compare(_watch(container, expected, report), expected.pictures, report)
    with av.open(str(path)) as container:
        if container.streams.audio:
            _hear(container, expected, report)
    if ffmpeg is not None:
        argv = [str(ffmpeg), "-v", "error", "-nostdin", "-i", str(path), "-f", "null", "-"]
        report.said = subprocess.run(argv, capture_output=True, text=True, check=False).stderr.strip()
    return report


def _facts(container: Any, path: Path, expected: Expected, report: Report) -> None:
    """Compare what streams say of themselves with what every deliverable must say."""
    video, audio = container.streams.video, container.streams.audio
    if len(video) != 1 or len(audio) != 1:
        report.facts.append(f"it has {len(video)} pictures and {len(audio)} sounds, not one of each")
    if not video:
        return
    picture = video[0].codec_context
    found = {
        "codec": (picture.name, "h264"),
        "profile": (picture.profile, "High"),
        "pixels": (picture.pix_fmt, "yuv420p"),
        "primaries": (int(picture.color_primaries), _BT709),
        "transfer": (int(picture.color_trc), _BT709),
        "matrix": (int(picture.colorspace), _BT709),
        "range": (int(picture.color_range), _TV),
        "size": ((picture.width, picture.height), expected.size),
        "pixel shape": (video[0].sample_aspect_ratio or 1, 1),
        "rate": (video[0].average_rate, expected.rate),
        "order of the file": (_is_fast_to_start(path), True),
    }
    if audio:
        sound = audio[0].codec_context
        found["sound"] = ((sound.name, sound.profile, sound.sample_rate, sound.layout.name), _AAC)
        report.apart = float((_seconds(video[0]) - _seconds(audio[0])) * expected.rate)
        found["length of the picture"] = (_seconds(video[0]), len(expected.pictures) / expected.rate)
    report.facts += [f"{name} is {is_!r}, not {must!r}" for name, (is_, must) in found.items() if is_ != must]


_AAC = ("aac", "LC", sounds.RATE, "stereo")


def _seconds(stream: Any) -> Fraction:
    return Fraction((stream.duration or 0) * stream.time_base)


def _is_fast_to_start(path: Path) -> bool:
    """Say whether the index of an MP4 stands before its pictures."""
    kinds = [kind for kind, _ in _boxes(path)]
    return b"moov" in kinds and b"mdat" in kinds and kinds.index(b"moov") < kinds.index(b"mdat")


def _boxes(path: Path) -> Iterator[tuple[bytes, int]]:
    """List the top boxes of an MP4 with their sizes."""
    with open(path, "rb") as stream:
        while len(head := stream.read(8)) == 8:
            size, kind = struct.unpack(">I4s", head)
            rest = size - 8
            if size == 1:
                rest = struct.unpack(">Q", stream.read(8))[0] - 16
            yield kind, size
            if size == 0:
                return
            stream.seek(rest, 1)


def _watch(container: Any, expected: Expected, report: Report) -> list[Mark | None]:
    """Decode every picture; give its mark, and note times, black and frozen pictures."""
    if not container.streams.video:
        return []
    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    shown: list[Mark | None] = []
    before: Any = None
    for index, frame in enumerate(_frames(container, stream, report)):
        if frame.pts is None or frame.pts * frame.time_base != index / expected.rate:
            report.uneven.append(index)
        luma = _luma(frame)
        must = expected.pictures[min(index, len(expected.pictures) - 1)]
        shown.append(marks.read(luma, must.where))
        part = luma[marks.below(must.where, *expected.size)]
        part = part[:: max(1, len(part) // 180)].astype(np.int16)
        if float(part.mean()) < _BLACK:
            report.black.append(index)
        if _has_moved(expected.pictures, index) and _is_alike(part, before):
            report.frozen.append(index)
        before = part
    report.frames = len(shown)
    return shown


def _is_alike(part: Any, before: Any) -> bool:
    return before is not None and before.shape == part.shape and float(np.abs(part - before).mean()) < _FROZEN


def _luma(frame: Any) -> Any:
    plane = frame.planes[0]
    return np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)[: frame.height, : frame.width]


def _has_moved(pictures: Sequence[Shown], index: int) -> bool:
    """Say whether a frame should differ from the one before it."""
    return 0 < index < len(pictures) and pictures[index].mark != pictures[index - 1].mark


def _compare(shown: Sequence[Mark | None], pictures: Sequence[Shown], report: Report) -> None:
    must = [picture.mark for picture in pictures]
    shown = [must[at] if at < len(must) and pictures[at].is_blended else mark for at, mark in enumerate(shown)]
    report.wrong = [(at, right, is_) for at, (right, is_) in enumerate(zip(must, shown, strict=False)) if right != is_]
    report.missing = sorted(set(must) - set(shown))
    report.doubled = [
        at
        for at in range(1, len(shown))
        if shown[at] is not None and shown[at] == shown[at - 1] and (at >= len(must) or must[at] != must[at - 1])
    ]


def _hear(container: Any, expected: Expected, report: Report) -> None:
    """Decode the sound onto its own clock and compare it with the reference."""
    frames = _frames(container, container.streams.audio[0], report)
    heard = _on_timeline(frames, len(expected.sound))
    every = int(_EACH * sounds.RATE)
    joins = [int(join / expected.rate * sounds.RATE) - 4096 for join in expected.joins]
    places = [*range(0, max(1, len(expected.sound) - 4096), every), *(place for place in joins if place >= 0)]
    report.heard = sounds.listen(heard, expected.sound, sorted(places))
    lates = [one.late for one in report.heard if one.late]
    report.clicks = sounds.clicks(heard, expected.sound, lates[0] if lates else 0)


def _frames(container: Any, stream: Any, report: Report) -> Iterator[Any]:
    """Decode a stream as far as it can be."""
    try:
        yield from container.decode(stream)
    except av.error.FFmpegError as error:
        report.facts.append(f"the {stream.type} can't be decoded to its end: {error.strerror}")


def _on_timeline(frames: Iterator[Any], samples: int) -> Any:
    """Give all samples at the places that their timestamps say, on a timeline that is at least so long."""
    blocks: list[tuple[int, Any]] = []
    for frame in frames:
        at = round(frame.pts * frame.time_base * sounds.RATE)
        block = frame.to_ndarray()
        block = block.T if frame.format.is_planar else block.reshape(-1, len(frame.layout.channels))
        blocks.append((at, np.repeat(block, 2, axis=1) if block.shape[1] == 1 else block[:, :2]))
    end = max([samples, *(at + len(block) for at, block in blocks)])
    heard = np.zeros((end, 2), np.float32)
    for at, block in blocks:
        first = max(0, -at)
        heard[at + first : at + len(block)] += block[first:]
    return heard
