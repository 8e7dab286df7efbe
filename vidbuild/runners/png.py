"""The one writer of pictures that feed keys: PNG with stored blocks, so that equal pixels are equal bytes.

zlib versions compress differently; stored blocks do not. It reads PAM (netpbm), which is what ffmpeg hands over.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

_BLOCK = 65_535


def write_png(path: Path, width: int, height: int, rows: bytes, channels: int) -> None:
    """Write 8-bit sRGB pixels (3 channels, or 4 with alpha), rows from the top, without padding."""
    if len(rows) != width * height * channels:
        raise ValueError(f"BUG: {len(rows)} bytes are not {width}x{height}x{channels}")
    stride = width * channels
    raw = b"".join(b"\0" + rows[at : at + stride] for at in range(0, len(rows), stride))
    header = struct.pack(">IIBBBBB", width, height, 8, 6 if channels == 4 else 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"sRGB", b"\0"), (b"IDAT", _stored(raw)), (b"IEND", b""))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, body) for kind, body in chunks))


def read_pam(path: Path) -> tuple[int, int, int, bytes]:
    """Read width, height, channels and pixels of an 8-bit PAM."""
    data = path.read_bytes()
    head, end, pixels = data.partition(b"ENDHDR\n")
    fields = dict(line.split(None, 1) for line in head.decode("ascii", "replace").splitlines() if " " in line)
    if not end or not head.startswith(b"P7") or fields.get("MAXVAL") != "255":
        raise ValueError("BUG: not an 8-bit PAM")
    return int(fields["WIDTH"]), int(fields["HEIGHT"]), int(fields["DEPTH"]), pixels


def write_pam(path: Path, width: int, height: int, rows: bytes) -> None:
    """Write 8-bit RGB pixels as PAM, for ffmpeg to read."""
    head = f"P7\nWIDTH {width}\nHEIGHT {height}\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n"
    path.write_bytes(head.encode() + rows)


def without_alpha(rows: bytes) -> bytes | None:
    """Drop the alpha of RGBA pixels when every pixel is opaque, else say `None`."""
    if rows[3::4].count(255) != len(rows) // 4:
        return None
    kept = bytearray(len(rows) // 4 * 3)
    for channel in range(3):
        kept[channel::3] = rows[channel::4]
    return bytes(kept)


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _stored(raw: bytes) -> bytes:
    """Wrap bytes as a zlib stream of stored blocks."""
    blocks = []
    for at in range(0, len(raw) or 1, _BLOCK):
        part = raw[at : at + _BLOCK]
        last = at + _BLOCK >= len(raw)
        blocks.append(struct.pack("<BHH", last, len(part), len(part) ^ 0xFFFF) + part)
    return b"\x78\x01" + b"".join(blocks) + struct.pack(">I", zlib.adler32(raw))
