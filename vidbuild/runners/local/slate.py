"""The slate: a small plate at the foot of every frame with the shot's words, the seed and the time.

It lies within the middle column that a tall picture is cut from, always at the same place for a picture's size, so
that one plate covers another. It holds nothing that is not in a draft's key: no id, no length.
"""

from fractions import Fraction

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from vidbuild.runners.local.blending import mixed
from vidbuild.runners.local.colour import U8, Planes
from vidbuild.runners.local.lettering import BOLD, REGULAR, covered, drawn, font

_GROUND, _WORDS, _NUMBERS = 26, 222, 160  # brightness of the plate and of its text
_LEGIBLE = 200  # rows of a picture from which on the plate has words
_FINE = 4


def plate(size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return where the plate lies: left, top, width and height, all even."""
    width, height = size
    across = min(0.53 * height, (0.30 if width > height else 0.90) * width)  # 9:16 of the height is 0.5625
    wide = max(8, 2 * int(across / 2))
    tall = 2 * round(wide * (0.182 if height >= _LEGIBLE else 0.25) / 2)
    return (width - wide) // 4 * 2, (height - tall - round(0.02 * min(size))) // 2 * 2, wide, tall


class Slate:
    """The plate for one shot; only the time on it changes."""

    def __init__(self, words: str, seed: int, size: tuple[int, int]) -> None:
        self._left, self._top, wide, tall = plate(size)
        legible = size[1] >= _LEGIBLE
        letter = wide / 25.5 if legible else tall * 0.72
        face, strong = font(REGULAR, letter), font(BOLD, letter if not legible else letter * 0.95)
        step, pad = round(letter * 1.24), round(letter * 0.72)
        self._step, self._baseline = step, round(step * 0.78)
        self._marks = {char: self._mark(char, strong) for char in "0123456789:."}
        clock_wide = sum(self._marks[char].shape[1] for char in "00:00.0")
        self._clock = (wide - pad - clock_wide, tall - step - round(letter * 0.38))
        text = Image.new("L", (wide, tall), 0)
        if legible:
            lines = wrapped(covered(words), face, wide - 2 * pad)
            first = self._clock[1] - 2 * step - round(letter * 0.1) + (step // 2 if len(lines) == 1 else 0)
            for index, line in enumerate(lines):
                text.paste(drawn(line, face, step, self._baseline), (pad, first + index * step))
            number = drawn(f"seed {seed}", face, step, self._baseline).crop((0, 0, self._clock[0] - 2 * pad, step))
            text.paste(_dimmed(number), (pad, self._clock[1]))
        else:
            self._clock = ((wide - clock_wide) // 2, (tall - step) // 2)
        self._face = _inked(np.asarray(text))
        corners = Image.new("L", (wide * _FINE, tall * _FINE), 0)
        ImageDraw.Draw(corners).rounded_rectangle(
            (0, 0, wide * _FINE - 1, tall * _FINE - 1), round(letter * 0.45 * _FINE), fill=255
        )
        self._cover, self._half = (np.asarray(corners.reduce(_FINE * step)) for step in (1, 2))

    def lay(self, planes: Planes, seconds: Fraction) -> None:
        """Draw over the planes."""
        face = self._face.copy()
        place, top = self._clock
        for char in clock(seconds):
            mark = self._marks[char]
            part = face[top : top + self._step, max(0, place) : place + mark.shape[1]]
            part[...] = mark[: part.shape[0], : part.shape[1]]
            place += mark.shape[1]
        for index, plane in enumerate(planes):
            step = 2 if index else 1
            cover = self._half if index else self._cover
            rows, columns = (
                slice(at // step, at // step + length)
                for at, length in zip((self._top, self._left), cover.shape, strict=True)
            )
            part = plane[rows, columns]
            part[...] = mixed(part, np.full(cover.shape, 128, np.uint8) if index else face, cover)

    def _mark(self, char: str, strong: ImageFont.FreeTypeFont) -> U8:
        """Return a digit in a cell as wide as the widest, or a sign in a narrower one."""
        wide = round(strong.getlength("0" if char.isdigit() else ":")) + 1
        cell = Image.new("L", (wide, self._step), 0)
        cell.paste(drawn(char, strong, self._step, self._baseline), (round((wide - strong.getlength(char)) / 2), 0))
        return _inked(np.asarray(_dimmed(cell)))


def clock(seconds: Fraction) -> str:
    """Return a running time as minutes, seconds and tenths: `00:03.5`."""
    tenths = int(seconds * 10)
    return f"{tenths // 600 % 100:02d}:{tenths // 10 % 60:02d}.{tenths % 10}"


def _dimmed(cover: Image.Image) -> Image.Image:
    return cover.point([value * _NUMBERS // _WORDS for value in range(256)])


def _inked(cover: U8) -> U8:
    return (_GROUND + (cover.astype(np.uint16) * (_WORDS - _GROUND) + 127) // 255).astype(np.uint8)


def wrapped(text: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    """Return the text on at most two lines, the second ending in three dots where words are left over."""
    rest = text[:400].split()
    first: list[str] = []
    while rest and face.getlength(" ".join([*first, rest[0]])) <= width:
        first.append(rest.pop(0))
    if not rest:
        return [" ".join(first)]
    if not first:
        return [_shortened(" ".join(rest), face, width)]
    return [" ".join(first), _shortened(" ".join(rest), face, width)]


def _shortened(text: str, face: ImageFont.FreeTypeFont, width: float) -> str:
    """Return the text, or as many of its first characters as fit before three dots."""
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(text + "…") > width:
        text = text[:-1]
    return text.rstrip(" ,;:.") + "…"
