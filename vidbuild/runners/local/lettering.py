"""Lettering: the packaged font, which characters it has glyphs for, and lines of text as grey cover.

Text is drawn as it stands, with basic layout, so that every machine draws the same. Knows no layout of pictures.
"""

from functools import cache
from pathlib import Path
from unicodedata import normalize

from PIL import Image, ImageDraw, ImageFont

from vidbuild.media.fonts import characters

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


@cache
def _glyphs(path: Path) -> frozenset[int]:
    """Return the characters that a font has glyphs for."""
    return frozenset(characters(path.read_bytes()))
