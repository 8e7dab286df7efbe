"""The structure of downloaded files, checked: every element, chunk, segment and page lies inside the file.

It decodes nothing and takes time linear in the number of parts. Layouts: RFC 9559 (Matroska), ISO/IEC 15948 (PNG),
ITU T.81 (JPEG), RFC 9649 (WebP), ISO/IEC 11172-3 (MPEG audio), the WAVE form, RFC 9639 (FLAC), RFC 3533 (Ogg).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction

from vidbuild.media import isobmff
from vidbuild.media.kinds import Broken, Bytes, Kind, Structure, mp3_frame

_MOST_PARTS = 200_000
_MOST_PADDING = 64
_UNKNOWN = -1
_CUT = "it is cut off"
_CONTRADICTION = "its parts contradict each other"
_ANIMATED = "an animated picture came instead of a still"

_Part = tuple[int, int, int]
"""A part of a file: its name as a number, where its body begins, where it ends."""


def structure(kind: Kind, data: Bytes) -> Structure:
    """Walk a file's parts and give what it says of itself."""
    try:
        return _WALKS[kind.demuxer](data)
    except (struct.error, IndexError) as error:
        raise Broken(_CONTRADICTION) from error


def _fewer(parts: Iterator[_Part]) -> Iterator[_Part]:
    """Pass parts on, and refuse more of them than any real file has."""
    for count, part in enumerate(parts):
        if count >= _MOST_PARTS:
            raise Broken("it has more parts than any real file", again=False)
        yield part


_MASTERS = {0x18538067, 0x1549A966, 0x1654AE6B, 0xAE, 0xE0}
_SCALE, _DURATION, _TRACK_TYPE, _WIDTH, _HEIGHT = 0x2AD7B1, 0x4489, 0x83, 0xB0, 0xBA


def _webm(data: Bytes) -> Structure:
    """Walk the header elements of a Matroska file, down to its tracks; clusters are passed over."""
    found: dict[int, list[bytes]] = {}
    pending = [(0, len(data), 0)]
    while pending:
        start, end, depth = pending.pop()
        for name, first, last in _fewer(_elements(data, start, end)):
            if name in _MASTERS and depth < 5:
                pending.append((first, last, depth + 1))
            elif name in (_SCALE, _DURATION, _TRACK_TYPE, _WIDTH, _HEIGHT) and last - first <= 8:
                found.setdefault(name, []).append(bytes(data[first:last]))
    types = {int.from_bytes(raw, "big") for raw in found.get(_TRACK_TYPE, ())}
    if not types & {1, 2}:
        raise Broken(_CUT)
    width, height = (int.from_bytes(found.get(name, [b""])[0], "big") for name in (_WIDTH, _HEIGHT))
    return Structure(None if 1 in types else 0, width, height, _webm_seconds(found), 2 in types)


def _webm_seconds(found: Mapping[int, list[bytes]]) -> Fraction | None:
    if _DURATION not in found:
        return None
    raw = found[_DURATION][0]
    (length,) = struct.unpack(">f" if len(raw) == 4 else ">d", raw)
    scale = int.from_bytes(found.get(_SCALE, [b"\x0f\x42\x40"])[0], "big")
    return Fraction(length) * scale / 1_000_000_000 if 0 < length < 1e15 else None


def _elements(data: Bytes, start: int, end: int) -> Iterator[_Part]:
    """Walk elements as (id, start of body, end of body); one of unknown size reaches to the end."""
    while start < end:
        name, at = _number(data, start, keeps_marker=True)
        size, first = _number(data, at, keeps_marker=False)
        last = end if size == _UNKNOWN else first + size
        if last > end:
            raise Broken(_CUT)
        yield name, first, last
        start = last


def _number(data: Bytes, at: int, keeps_marker: bool) -> tuple[int, int]:
    """Read a number of EBML: its value, and where it ends."""
    length = 9 - data[at].bit_length()
    raw = data[at : at + length]
    if length > 8 or len(raw) < length:
        raise Broken(_CUT)
    value = int.from_bytes(raw, "big")
    if keeps_marker:
        return value, at + length
    value &= (1 << 7 * length) - 1
    return (_UNKNOWN if value == (1 << 7 * length) - 1 else value), at + length


def _png(data: Bytes) -> Structure:
    shown: tuple[int, int] | None = None
    for name, first, last in _fewer(_chunks(data, 8)):
        if (shown is None) != (name == _IHDR):
            raise Broken(_CONTRADICTION)
        if shown is None:
            shown = struct.unpack_from(">II", data, first)
        if zlib.crc32(data[first - 4 : last]) != struct.unpack_from(">I", data, last)[0]:
            raise Broken("it is damaged")
        if name == _ACTL:
            raise Broken(_ANIMATED, again=False)
        if name == _IEND:
            return Structure(1, *shown)
    raise Broken(_CUT)


_IHDR, _IEND, _ACTL = (int.from_bytes(name, "big") for name in (b"IHDR", b"IEND", b"acTL"))


def _chunks(data: Bytes, at: int) -> Iterator[_Part]:
    """Walk the chunks of a PNG as (name, start of body, end of body); a checksum stands behind each."""
    while at + 12 <= len(data):
        size, name = struct.unpack_from(">II", data, at)
        if at + 12 + size > len(data):
            return
        yield name, at + 8, at + 8 + size
        at += 12 + size


def _jpeg(data: Bytes) -> Structure:
    shown: tuple[int, int] | None = None
    for name, first, _ in _fewer(_segments(data)):
        if 0xC0 <= name <= 0xCF and name not in (0xC4, 0xC8, 0xCC):
            shown = struct.unpack_from(">HH", data, first + 1)
        elif name == 0xD9 and shown is not None:
            return Structure(1, shown[1], shown[0])
    raise Broken(_CUT)


def _segments(data: Bytes) -> Iterator[_Part]:
    """Walk the segments of a JPEG, past coded picture, stuffed bytes, fill bytes and restarts."""
    at = 2
    while (at := data.find(b"\xff", at)) >= 0 and at + 1 < len(data):
        name = data[at + 1]
        if name == 0xFF:
            at += 1
        elif name <= 0x01 or 0xD0 <= name <= 0xD8:
            at += 2
        elif name == 0xD9:
            yield name, at + 2, at + 2
            at += 2
        else:
            size = struct.unpack_from(">H", data, at + 2)[0]
            if size < 2 or at + 2 + size > len(data):
                raise Broken(_CUT)
            yield name, at + 4, at + 2 + size
            at += 2 + size


def _webp(data: Bytes) -> Structure:
    if struct.unpack_from("<I", data, 4)[0] + 8 > len(data) + 1:
        raise Broken(_CUT)
    name = bytes(data[12:16])
    if name == b"VP8X":
        if data[20] & 2:
            raise Broken(_ANIMATED, again=False)
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
    elif name == b"VP8L":
        bits = struct.unpack_from("<I", data, 21)[0]
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif name == b"VP8 ":
        width, height = (side & 0x3FFF for side in struct.unpack_from("<HH", data, 26))
    else:
        raise Broken(_CONTRADICTION)
    return Structure(1, width, height)


def _mp3(data: Bytes) -> Structure:
    at, samples = _behind_tag(data), dict[int, int]()
    for _ in range(_MOST_PARTS):
        frame = mp3_frame(data, at)
        if frame is None:
            break
        at += frame[0]
        samples[frame[2]] = samples.get(frame[2], 0) + frame[1]
    if at > len(data) or not samples:
        raise Broken(_CUT)
    rest = data[at : at + 8]
    is_padding = len(data) - at <= _MOST_PADDING and not any(data[at:])
    if not is_padding and not rest.startswith((b"TAG", b"APETAGEX", b"LYRICS", b"ID3")):
        raise Broken("it is damaged")
    seconds = sum((Fraction(count, hertz) for hertz, count in samples.items()), Fraction(0))
    return Structure(0, seconds=seconds, has_sound=True)


def _behind_tag(data: Bytes) -> int:
    """Give where sound begins behind an ID3 tag at the start."""
    if data[:3] != b"ID3":
        return 0
    size = 0
    for byte in data[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size + (10 if data[5] & 0x10 else 0)


def _wav(data: Bytes) -> Structure:
    each = 0
    for name, first, last in _fewer(_waves(data)):
        if name == _FMT:
            (each,) = struct.unpack_from("<I", data, first + 8)
        elif name == _DATA:
            is_open = last - first in (0, 0xFFFFFFFF, 0x7FFFFFFF) or data[:4] == b"RF64"
            if last > len(data) and not is_open:
                raise Broken(_CUT)
            if not each:
                raise Broken(_CONTRADICTION)
            return Structure(0, seconds=Fraction((len(data) if is_open else last) - first, each), has_sound=True)
    raise Broken(_CUT)


_FMT, _DATA = (int.from_bytes(name, "little") for name in (b"fmt ", b"data"))


def _waves(data: Bytes) -> Iterator[_Part]:
    """Walk the chunks of a WAVE; the last may reach beyond the file."""
    at = 12
    while at + 8 <= len(data):
        name, size = struct.unpack_from("<II", data, at)
        yield name, at + 8, at + 8 + size
        at += 8 + size + (size & 1)


def _flac(data: Bytes) -> Structure:
    bits = int.from_bytes(data[18:26], "big")
    hertz, samples = bits >> 44, bits & (1 << 36) - 1
    if len(data) < 42 or not hertz:
        raise Broken(_CUT)
    return Structure(0, seconds=Fraction(samples, hertz) if samples else None, has_sound=True)


def _ogg(data: Bytes) -> Structure:
    for _ in _fewer(_pages(data)):
        pass
    return Structure(0, has_sound=True)


def _pages(data: Bytes) -> Iterator[_Part]:
    """Walk the pages of an Ogg file."""
    at = 0
    while at < len(data):
        if data[at : at + 4] != b"OggS":
            raise Broken("it is damaged")
        segments = data[at + 26]
        first = at + 27 + segments
        last = first + sum(data[at + 27 : first])
        if last > len(data):
            raise Broken(_CUT)
        yield data[at + 5], first, last
        at = last


_WALKS: Mapping[str, Callable[[Bytes], Structure]] = {
    "mov": isobmff.structure,
    "matroska": _webm,
    "png_pipe": _png,
    "jpeg_pipe": _jpeg,
    "webp_pipe": _webp,
    "mp3": _mp3,
    "wav": _wav,
    "flac": _flac,
    "ogg": _ogg,
}
