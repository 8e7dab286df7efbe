"""Own pictures are refused by their header when working with them would take all memory."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from vidbuild.media.probe import too_large
from vidbuild.runners.probing import TooLarge, probe


def header_of(width: int, height: int) -> bytes:
    """Give a PNG that tells of so many pixels, and has few."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    told = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", told) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")


def test_a_still_of_too_many_pixels_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """With its size, and what to do."""
    (tmp_path / "bomb.png").write_bytes(header_of(16000, 16000))
    with pytest.raises(TooLarge) as caught:
        probe(tmp_path / "bomb.png")
    assert caught.value.sentence == "`bomb.png` is too large a picture"
    assert "16000x16000 pixels, 256 million; 100 million" in caught.value.facts["because"]
    assert caught.value.hint == "make it smaller, and name that"


@pytest.mark.parametrize(
    ("kind", "width", "height", "fits"),
    [("still", 10000, 10000, True), ("still", 10001, 10000, False),
     ("video", 8192, 8192, True), ("video", 8193, 8192, False), ("video", 7680, 4320, True)],
)  # fmt: skip
def test_stills_may_have_100_megapixels_and_video_8192_squared(kind: str, width: int, height: int, fits: bool) -> None:
    """Just that many."""
    assert (too_large(kind, width, height) == "") == fits
