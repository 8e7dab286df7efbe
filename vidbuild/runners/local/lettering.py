"""Lettering: the packaged font, which characters it has glyphs for, and lines of text as grey cover.

Text is drawn as it stands, with basic layout, so that every machine draws the same. Knows no layout of pictures.
"""

import struct
from pathlib import Path
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

_FONTS = Path(__file__).parents[2] / "fonts"
REGULAR, BOLD = _FONTS / "NotoSans-Regular.ttf", _FONTS / "NotoSans-Bold.ttf"


def font(path: Path, size: float) -> ImageFont.FreeTypeFont:
    """Open a packaged font at a size in pixels."""
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def uncovered(text: str) -> list[str]:
    """Return the characters that the font has no glyph for, each once, in order."""
    wanted = dict.fromkeys(char for char in normalize("NFC", text) if not char.isspace())
    if all(" " < char <= "~" for char in wanted):
        return []
    known = _glyphs(REGULAR) & _glyphs(BOLD)
    return [char for char in wanted if ord(char) not in known]


def covered(text: str) -> str:
    """Return the text on one line without the characters that the font has no glyph for."""
    missing = set(uncovered(text))
    return " ".join("".join(char for char in normalize("NFC", text) if char not in missing).split())


def drawn(text: str, face: ImageFont.FreeTypeFont, height: int, baseline: int) -> Image.Image:
    """Return one line of text, white on black, as wide as it is long."""
    image = Image.new("L", (max(1, round(face.getlength(text)) + 1), height), 0)
    ImageDraw.Draw(image).text((0, baseline), text, font=face, fill=255, anchor="ls")
    return image


def _glyphs(path: Path) -> set[int]:
    """Return the code points in a font's character map (OpenType `cmap`, format 4 or 12)."""
    data = path.read_bytes()
    count = struct.unpack_from(">H", data, 4)[0]
    tables = {data[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">I", data, 20 + 16 * i)[0] for i in range(count)}
    start = tables[b"cmap"]
    known: set[int] = set()
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">I", data, start + 8 + 8 * index)[0]
        match struct.unpack_from(">H", data, offset)[0]:
            case 4:
                known |= _segments(data, offset)
            case 12:
                for group in range(struct.unpack_from(">I", data, offset + 12)[0]):
                    first, last, _ = struct.unpack_from(">III", data, offset + 16 + 12 * group)
                    known.update(range(first, last + 1))
    return known


def _segments(data: bytes, offset: int) -> set[int]:
    """Read a format 4 map: runs of characters, each with a shift or a list of glyphs; glyph 0 is none."""
    count = struct.unpack_from(">H", data, offset + 6)[0] // 2
    lasts, firsts, shifts, lists = (
        struct.unpack_from(f">{count}H", data, offset + 14 + 2 * count * part + (2 if part else 0)) for part in range(4)
    )
    known: set[int] = set()
    for index, (first, last, shift, start) in enumerate(zip(firsts, lasts, shifts, lists, strict=True)):
        at = offset + 16 + 6 * count + 2 * index + start
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", data, at + 2 * (code - first))[0] if start else code
            if glyph and (glyph + shift) & 0xFFFF:
                known.add(code)
    return known
