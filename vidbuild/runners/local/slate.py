"""The slate: a narrow band along the foot of every frame with the prompt's words, the seed and the time.

It holds nothing that is not in a draft's key: no id, no length. Knows nothing of the picture above it.
"""

from fractions import Fraction

import numpy as np
from PIL import Image, ImageFont

from vidbuild.runners.local.colour import U8, Planes
from vidbuild.runners.local.lettering import BOLD, REGULAR, covered, drawn, font

_GROUND, _WORDS, _NUMBERS = 24, 222, 168  # brightness of the band and of its text


def band_height(size: tuple[int, int]) -> int:
    """Return how many rows the slate covers, an even number."""
    return max(14, 2 * round(min(size) * 0.027))


class Slate:
    """The band for one shot; only the time on it changes."""

    def __init__(self, words: str, seed: int, size: tuple[int, int]) -> None:
        self._size, self._height = size, band_height(size)
        face, strong = font(REGULAR, self._height * 0.60), font(BOLD, self._height * 0.60)
        self._baseline = round(self._height * 0.70)
        pad = round(self._height * 0.6)
        self._marks = {char: self._mark(char, strong) for char in "0123456789:."}
        self._clock = size[0] - pad - sum(self._marks[char].shape[1] for char in "00:00.0")
        band = Image.new("L", (size[0], self._height), 0)
        number = drawn(f"seed {seed}", face, self._height, self._baseline)
        left = self._clock - 2 * pad - number.width
        band.paste(number.point([value * _NUMBERS // _WORDS for value in range(256)]), (max(pad, left), 0))
        line = _shortened(covered(words), face, left - 3 * pad)
        band.paste(drawn(line, face, self._height, self._baseline), (pad, 0))
        self._band = _inked(np.asarray(band))

    def lay(self, planes: Planes, seconds: Fraction, strength: int = 256) -> None:
        """Draw over the foot of the planes, `strength` of 256 dense."""
        y, u, v = planes
        ground = self._band.copy()
        place = self._clock
        for char in clock(seconds):
            mark = self._marks[char]
            part = ground[:, place : place + mark.shape[1]]
            part[...] = mark[:, : part.shape[1]]
            place += mark.shape[1]
        chroma = np.full((self._height // 2, self._size[0] // 2), 128, np.uint8)
        for plane, over in ((y, ground), (u, chroma), (v, chroma)):
            foot = plane[-over.shape[0] :]
            foot[...] = over if strength >= 256 else mixed(foot, over, strength)

    def _mark(self, char: str, face: ImageFont.FreeTypeFont) -> U8:
        """Return a digit in a cell as wide as the widest, or a sign in a narrower one."""
        wide = round(face.getlength("0" if char.isdigit() else ":")) + 1
        cell = Image.new("L", (wide, self._height), 0)
        cell.paste(drawn(char, face, self._height, self._baseline), (round((wide - face.getlength(char)) / 2), 0))
        return _inked(np.asarray(cell))


def clock(seconds: Fraction) -> str:
    """Return a running time as minutes, seconds and tenths: `00:03.5`."""
    tenths = int(seconds * 10)
    return f"{tenths // 600 % 100:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def mixed(one: U8, other: U8, amount: int) -> U8:
    """Return `amount` of 256 of the other picture over the one."""
    part = one.astype(np.uint16) * np.uint16(256 - amount)
    part += other.astype(np.uint16) * np.uint16(amount)
    part += np.uint16(128)
    part >>= 8
    return part.astype(np.uint8)


def _inked(cover: U8) -> U8:
    return (_GROUND + (cover.astype(np.uint16) * (_WORDS - _GROUND) + 127) // 255).astype(np.uint8)


def _shortened(text: str, face: ImageFont.FreeTypeFont, width: float) -> str:
    """Return the text, or as many of its first characters as fit before three dots."""
    text = text[:400]
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""
