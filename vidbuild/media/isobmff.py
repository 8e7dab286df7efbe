"""The structure of mp4 and mov files, checked: boxes tile the file, the index agrees with itself, nothing lies outside.

It decodes no sample and takes time linear in their number. Layouts: ISO/IEC 14496-12, Apple's QuickTime File Format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from vidbuild.media.kinds import Broken, Bytes, Structure

_MOST_BOXES = 200_000
_MOST_SAMPLES = 2_000_000
_MOST_INDEX = 64 * 1024 * 1024
_MOST_TRACKS = 64
_MOST_PADDING = 64


@dataclass(frozen=True, slots=True)
class _Box:
    name: bytes
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Track:
    number: int
    handler: bytes
    samples: int
    seconds: Fraction | None
    width: int = 0
    height: int = 0


def structure(data: Bytes) -> Structure:
    """Walk a file's index and give what it says."""
    top = list(_boxes(data, 0, len(data)))
    indexes = [box for box in top if box.name == b"moov"]
    if len(indexes) != 1:
        raise Broken("its index (moov) is missing" if not indexes else "it has two indexes (moov)")
    if indexes[0].end - indexes[0].start > _MOST_INDEX:
        raise Broken("its index is larger than any real one", again=False)
    parts = list(_boxes(data, indexes[0].start, indexes[0].end))
    traks = [box for box in parts if box.name == b"trak"]
    if len(traks) > _MOST_TRACKS:
        raise Broken("it has more tracks than any real file", again=False)
    tracks = [_track(data, box) for box in traks]
    is_fragmented = any(box.name == b"mvex" for box in parts)
    later = _fragments(data, top) if is_fragmented else {}
    counts = {track.number: track.samples + later.get(track.number, 0) for track in tracks}
    pictures = [track for track in tracks if track.handler == b"vide" and counts[track.number]]
    sounds = [track for track in tracks if track.handler == b"soun" and counts[track.number]]
    if not pictures and not sounds:
        raise Broken("its index lists neither pictures nor sound")
    first = (pictures or sounds)[0]
    seconds = None if is_fragmented else first.seconds
    shown = counts[first.number] if pictures else 0
    return Structure(shown, first.width, first.height, seconds, bool(sounds))


def _boxes(data: Bytes, start: int, end: int) -> Iterator[_Box]:
    """Walk boxes, which must tile a range exactly but for a little padding of zeros."""
    for _ in range(_MOST_BOXES):
        if start == end or (end - start <= _MOST_PADDING and not any(data[start:end])):
            return
        if end - start < 8:
            raise Broken("it is cut off")
        size, name = struct.unpack_from(">I4s", data, start)
        body = start + 8
        if size == 1:
            size, body = struct.unpack_from(">Q", data, body)[0], start + 16
        elif size == 0 and name == b"mdat":
            size = end - start
        if start + size < body or not all(32 <= char < 127 or char == 0xA9 for char in name):
            raise Broken("its boxes contradict each other")
        if start + size > end:
            raise Broken("it is cut off")
        yield _Box(name, body, start + size)
        start += size
    raise Broken("it has more boxes than any real file", again=False)


def _named(data: Bytes, within: _Box) -> Mapping[bytes, _Box]:
    """Give the boxes in a box by name, the first of each."""
    found: dict[bytes, _Box] = {}
    for box in _boxes(data, within.start, within.end):
        found.setdefault(box.name, box)
    return found


def _one(data: Bytes, within: _Box, *path: bytes) -> _Box:
    """Follow a path of boxes down."""
    for name in path:
        found = _named(data, within).get(name)
        if found is None:
            raise Broken(f"its index is incomplete ({name.decode('latin-1')} is missing)")
        within = found
    return within


def _track(data: Bytes, trak: _Box) -> _Track:
    header, media = _one(data, trak, b"tkhd"), _one(data, trak, b"mdia")
    (number,) = struct.unpack_from(">I", data, header.start + (20 if data[header.start] else 12))
    at = _one(data, media, b"hdlr").start + 8
    handler = bytes(data[at : at + 4])
    _refuse_outside(data, media)
    if handler not in (b"vide", b"soun"):
        return _Track(number, handler, 0, None)
    clock = _one(data, media, b"mdhd")
    (scale,) = struct.unpack_from(">I", data, clock.start + (20 if data[clock.start] else 12))
    table = _one(data, media, b"minf", b"stbl")
    sizes = _sizes(data, table)
    ticks = _ticks(data, table, len(sizes))
    _refuse_beyond(data, table, sizes)
    width, height = 0, 0
    if handler == b"vide":
        width, height = struct.unpack_from(">HH", data, _one(data, table, b"stsd").start + 40)
    return _Track(number, handler, len(sizes), Fraction(ticks, scale) if scale else None, width, height)


def _refuse_outside(data: Bytes, media: _Box) -> None:
    """Refuse a track whose samples lie in another file."""
    within: _Box | None = media
    for name in (b"minf", b"dinf", b"dref"):
        within = _named(data, within).get(name) if within else None
    for entry in _boxes(data, within.start + 8, within.end) if within else ():
        if not data[entry.start + 3] & 1:
            raise Broken("it names media outside itself", again=False)


def _counted(data: Bytes, start: int, end: int, each: int) -> int:
    """Read how many entries a table has; they must fit into it."""
    (count,) = struct.unpack_from(">I", data, start)
    if count > _MOST_SAMPLES or start + 4 + count * each > end:
        raise Broken("its index contradicts itself")
    return int(count)


def _sizes(data: Bytes, table: _Box) -> tuple[int, ...]:
    """Give the size of every sample."""
    box = _one(data, table, b"stsz")
    (each,) = struct.unpack_from(">I", data, box.start + 4)
    count = _counted(data, box.start + 8, box.end, 0 if each else 4)
    return (each,) * count if each else struct.unpack_from(f">{count}I", data, box.start + 12)


def _ticks(data: Bytes, table: _Box, samples: int) -> int:
    """Sum the durations of all samples; there must be as many of them."""
    box = _one(data, table, b"stts")
    count = _counted(data, box.start + 4, box.end, 8)
    runs = struct.unpack_from(f">{2 * count}I", data, box.start + 8)
    if sum(runs[::2]) != samples:
        raise Broken("its index contradicts itself")
    return sum(run * ticks for run, ticks in zip(runs[::2], runs[1::2], strict=True))


def _refuse_beyond(data: Bytes, table: _Box, sizes: tuple[int, ...]) -> None:
    """Check that every chunk of samples lies inside the file, and that the chunks hold all of them."""
    if not sizes:
        return
    boxes = _named(data, table)
    chunks = boxes.get(b"co64") or _one(data, table, b"stco")
    width, form = (8, "Q") if chunks.name == b"co64" else (4, "I")
    count = _counted(data, chunks.start + 4, chunks.end, width)
    offsets = struct.unpack_from(f">{count}{form}", data, chunks.start + 8)
    sample = 0
    for first, last, per in _runs(data, table, count):
        for offset in offsets[first - 1 : last]:
            if offset + sum(sizes[sample : sample + per]) > len(data):
                raise Broken("it is cut off")
            sample += per
    if sample != len(sizes):
        raise Broken("its index contradicts itself")


def _runs(data: Bytes, table: _Box, chunks: int) -> Iterator[tuple[int, int, int]]:
    """Give which chunks, from and to, hold how many samples each."""
    box = _one(data, table, b"stsc")
    count = _counted(data, box.start + 4, box.end, 12)
    rows = list(struct.iter_unpack(">III", data[box.start + 8 : box.start + 8 + 12 * count]))
    for (first, per, _), follower in zip(rows, [*rows[1:], None], strict=True):
        last = follower[0] - 1 if follower else chunks
        if not 1 <= first <= last <= chunks:
            raise Broken("its index contradicts itself")
        yield first, last, per


def _fragments(data: Bytes, top: list[_Box]) -> Mapping[int, int]:
    """Count the samples of a fragmented file by track."""
    found: dict[int, int] = {}
    for moof in (box for box in top if box.name == b"moof"):
        for traf in (box for box in _boxes(data, moof.start, moof.end) if box.name == b"traf"):
            (number,) = struct.unpack_from(">I", data, _one(data, traf, b"tfhd").start + 4)
            for box in _boxes(data, traf.start, traf.end):
                if box.name == b"trun":
                    found[number] = found.get(number, 0) + struct.unpack_from(">I", data, box.start + 4)[0]
    return found
