"""Draw a title or end card: a logo, a title, a subtitle, inside the middle four fifths of the picture.

Text is drawn as written, in the packaged font, never interpreted. Knows nothing of files or projects.
"""

from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vidbuild.runners.local.animatic import fitted
from vidbuild.runners.local.colour import U8
from vidbuild.runners.local.lettering import BOLD, REGULAR, font, uncovered

__all__ = ["REVISION", "picture", "uncovered"]

REVISION = 1

_SAFE = 0.10  # of each side stays free on every edge
_TITLE, _SUBTITLE = (
    0.120,
    0.42,
)  # first size in parts of the shorter side; the subtitle's in parts of the title's
_LEAST = 7.0  # pixels: smaller text can't be read at any size of picture
_MOST_CHARACTERS = 600  # of title and subtitle together: more is no card
_MOST_LINES = 5  # of a title, before it is set smaller
_GLOW, _DEEP = (38, 44, 58), (16, 18, 26)


@dataclass(frozen=True)
class _Block:
    """Lines of text of one size."""

    lines: list[str]
    face: ImageFont.FreeTypeFont
    leading: float
    ink: int  # 0 for the title's colour, 1 for the subtitle's

    @property
    def line_height(self) -> float:
        return self.face.size * self.leading

    @property
    def height(self) -> float:
        return len(self.lines) * self.line_height


def picture(
    title: str,
    subtitle: str,
    size: tuple[int, int],
    background: NDArray[np.uint8] | tuple[int, int, int] | None = None,
    logo: NDArray[np.uint8] | None = None,
) -> U8:
    """Return the card as (H, W, 3) sRGB; raise ValueError for characters without a glyph or text without room."""
    if missing := uncovered(title + subtitle):
        raise ValueError(f"the card's font has no glyph for {' '.join(f'{char!r}' for char in missing)}")
    image, inks = _ground(size, background)
    room = (size[0] * (1 - 2 * _SAFE), size[1] * (1 - 2 * _SAFE))
    mark = None if logo is None else _mark(logo, room, bool((title + subtitle).strip()))
    taken = mark.height + 0.06 * min(size) if mark else 0.0
    blocks = _fit(title, subtitle, (room[0], room[1] - taken), min(size))
    top = (size[1] - taken - _height(blocks)) / 2
    if mark:
        top += 0 if blocks else 0.03 * min(size)
        image.paste(mark, (round((size[0] - mark.width) / 2), round(top)), mark)
        top += taken
    for block in blocks:
        _set(ImageDraw.Draw(image), block, (size[0] / 2, top), inks[block.ink])
        top += block.height + _gap(blocks)
    return np.asarray(image)


def _ground(
    size: tuple[int, int], background: NDArray[np.uint8] | tuple[int, int, int] | None
) -> tuple[Image.Image, tuple[tuple[int, int, int], tuple[int, int, int]]]:
    """Return what the text stands on, and the two inks that can be read on it."""
    on_dark, on_light = ((250, 249, 246), (208, 209, 213)), ((24, 26, 32), (70, 74, 84))
    if isinstance(background, np.ndarray):  # a veil makes any picture dark enough
        veiled = fitted(background, size).astype(np.uint16) * np.uint16(112) >> 8
        return Image.fromarray(veiled.astype(np.uint8)), on_dark
    if background is not None:
        luma = (background[0] * 54 + background[1] * 183 + background[2] * 19) >> 8
        return Image.new("RGB", size, background), on_dark if luma < 140 else on_light
    width, height = size
    rows = np.arange(height, dtype=np.float64)[:, None] / height - 0.42
    columns = np.arange(width, dtype=np.float64)[None, :] / width - 0.5
    away = np.clip(np.sqrt(rows * rows + columns * columns) * 1.35, 0, 1)
    away = away * away * (3 - 2 * away)
    grain = np.random.Generator(np.random.PCG64(7)).uniform(-0.5, 0.5, (height, width))
    bands = [one + (other - one) * away + grain for one, other in zip(_GLOW, _DEEP, strict=True)]
    return Image.fromarray(np.rint(np.stack(bands, axis=-1)).astype(np.uint8)), on_dark


def _mark(logo: NDArray[np.uint8], room: tuple[float, float], with_text: bool) -> Image.Image:
    """Return the logo scaled into its share of the room."""
    height, width = logo.shape[:2]
    share = (0.5, 0.30) if with_text else (0.7, 0.6)
    scale = min(room[0] * share[0] / width, room[1] * share[1] / height)
    wanted = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Image.fromarray(logo).resize(wanted, Image.Resampling.LANCZOS)


def _fit(title: str, subtitle: str, room: tuple[float, float], unit: int) -> list[_Block]:
    """Set title and subtitle at the greatest size at which both lie within the room."""
    least = min(_LEAST, unit * _TITLE / 2)
    size = unit * _TITLE if len(title) + len(subtitle) <= _MOST_CHARACTERS else 0.0
    while size >= least:
        if _area(title, subtitle, size, least) > room[0] * room[1]:
            size *= 0.94
            continue
        wrapped = [
            _wrapped(title, BOLD, size, room[0], size < unit * 0.035),
            _wrapped(subtitle, REGULAR, max(least, size * _SUBTITLE), room[0], True),
        ]
        if all(lines is not None for lines, _ in wrapped):
            blocks = [
                _Block(lines, face, leading, ink)
                for ink, ((lines, face), leading) in enumerate(zip(wrapped, (1.16, 1.36), strict=True))
                if lines
            ]
            short = all(block.ink or len(block.lines) <= _MOST_LINES for block in blocks) or size < unit * 0.045
            if _height(blocks) <= room[1] and short:
                return blocks
        size *= 0.94
    raise ValueError("the card's text is too long for its picture")


def _area(title: str, subtitle: str, size: float, least: float) -> float:
    """Return what the text takes at least, in square pixels, to pass over sizes that are hopeless."""
    lower = max(least, size * _SUBTITLE)
    return (
        font(BOLD, size).getlength(" ".join(title.split())) * size
        + font(REGULAR, lower).getlength(" ".join(subtitle.split())) * lower
    )


def _wrapped(
    text: str, path: Path, size: float, width: float, may_break: bool
) -> tuple[list[str] | None, ImageFont.FreeTypeFont]:
    """Break the text into lines of about equal length, or return none if a word is too long."""
    face = font(path, size)
    lines: list[str] = []
    for paragraph in normalize("NFC", text).splitlines():
        words = paragraph.split()
        if any(face.getlength(word) > width for word in words):
            if not may_break:
                return None, face
            words = [part for word in words for part in _broken(word, face, width)]
        widths = {word: face.getlength(word) for word in (" ", *words)}
        fewest = len(_filled(words, widths, width))
        low, high = max([width / 4, *(widths[word] for word in words)]), width
        while high - low > size / 4 and fewest > 1:  # the narrowest measure that gives as few lines
            middle = (low + high) / 2
            if len(_filled(words, widths, middle)) > fewest:
                low = middle
            else:
                high = middle
        lines += _filled(words, widths, high)
    return lines, face


def _filled(words: list[str], widths: dict[str, float], width: float) -> list[str]:
    lines: list[list[str]] = []
    used = 0.0
    for word in words:
        if lines and used + widths[" "] + widths[word] <= width:
            lines[-1].append(word)
            used += widths[" "] + widths[word]
        else:
            lines.append([word])
            used = widths[word]
    return [" ".join(line) for line in lines]


def _broken(word: str, face: ImageFont.FreeTypeFont, width: float) -> list[str]:
    parts = [""]
    for char in word:
        if parts[-1] and face.getlength(parts[-1] + char) > width:
            parts.append("")
        parts[-1] += char
    return parts


def _gap(blocks: list[_Block]) -> float:
    return blocks[0].face.size * 0.28


def _height(blocks: list[_Block]) -> float:
    return sum(block.height for block in blocks) + (_gap(blocks) if len(blocks) == 2 else 0)


def _set(draw: ImageDraw.ImageDraw, block: _Block, place: tuple[float, float], ink: tuple[int, int, int]) -> None:
    """Draw the lines below a place, each centred on it."""
    for index, line in enumerate(block.lines):
        baseline = place[1] + (index + 0.5) * block.line_height + block.face.size * 0.34
        draw.text((place[0], round(baseline)), line, font=block.face, fill=ink, anchor="ms")
