"""What a file tells of how it was made, taken out: prompts and workflows that some vendors write into their files.

Nothing else moves: what is taken out leaves room of the same size, and the same bytes come out of the same bytes.
"""

from __future__ import annotations

import struct

_TELLING = frozenset({b"udta", b"meta", b"uuid"})
_HOLDING = frozenset({b"moov", b"trak"})
_PNG = b"\x89PNG\r\n\x1a\n"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"eXIf"})


def untold(data: bytes) -> bytes:
    """Give a film, picture or sound without what it tells of itself; other files as they are."""
    if data[4:8] == b"ftyp":
        film = bytearray(data)
        _freed(film, 0, len(film))
        return bytes(film)
    if data.startswith(_PNG):
        return _PNG + b"".join(chunk for kind, chunk in _chunks(data) if kind not in _TEXTS)
    if data.startswith(b"ID3") and len(data) > 10:
        size = sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
        return data[:10] + bytes(min(size, len(data) - 10)) + data[10 + size :]
    return data


def _freed(film: bytearray, start: int, end: int) -> None:
    """Free the boxes of a film that tell something, wherever it has any: the others stay where they are."""
    while start + 8 <= end:
        size, kind = struct.unpack_from(">I4s", film, start)
        head = 8
        if size == 1 and start + 16 <= end:
            size, head = struct.unpack_from(">Q", film, start + 8)[0], 16
        until = end if size == 0 else start + size
        if until > end or until < start + head:
            return
        if kind in _TELLING:
            film[start + 4 : start + 8] = b"free"
            film[start + head : until] = bytes(until - start - head)
        elif kind in _HOLDING:
            _freed(film, start + head, until)
        start = until


def _chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """Part a PNG into its chunks, whole; a torn end is kept as it is."""
    found, start = [], len(_PNG)
    while start + 12 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, start)
        found.append((kind, data[start : start + 12 + size]))
        start += 12 + size
    return [*found, (b"", data[start:])]
