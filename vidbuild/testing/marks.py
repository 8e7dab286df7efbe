"""Marks in pictures that machines read: which shot and which frame of it, as a small barcode at the top centre.

A mark survives 16:9, centre crops to 9:16, 1:1 and 4:5, and shrinking into `pad` and `blur`; the reader finds it by
geometry alone. It knows luma planes; nothing of files or codecs.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SHOTS, FRAMES = 64, 1024
"""How many shots and frames of a shot a mark can tell apart."""

_COLUMNS, _ROWS = 8, 3
_WIDTH, _HEIGHT, _TOP, _QUIET = 0.48, 0.18, 0.04, 0.03
_DARK, _LIGHT = 30, 220
_SURELY_DARK, _SURELY_LIGHT = 105, 145
_CHECK = 0x5A


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """What a picture says of itself: frame `frame` of the source `shot`."""

    shot: int
    frame: int


@dataclass(frozen=True, slots=True)
class View:
    """The rectangle that a whole source picture covers in a frame, in pixels; it may reach past the frame."""

    left: float
    top: float
    width: float
    height: float


def view(
    source: tuple[int, int], frame: tuple[int, int], mode: str = "crop", focus: tuple[float, float] = (0.5, 0.5)
) -> View:
    """Say where a source of an upright, square-pixel size comes to lie in a frame."""
    (w, h), (wide, high) = source, frame
    scale = max(wide / w, high / h) if mode == "crop" else min(wide / w, high / h)
    if mode != "crop":
        return View((wide - w * scale) / 2, (high - h * scale) / 2, w * scale, h * scale)
    left = min(max(w * focus[0] - wide / scale / 2, 0), w - wide / scale)
    top = min(max(h * focus[1] - high / scale / 2, 0), h - high / scale)
    return View(-left * scale, -top * scale, w * scale, h * scale)


def draw(luma: Any, mark: Mark, pixel: float = 1.0) -> None:
    """Draw a mark into a luma plane of rows; `pixel` is the shape of its pixels, width by height."""
    height, width = luma.shape
    quiet = _QUIET * height
    left, top, across, down = _box(View(0, 0, width, height), pixel)
    right, bottom = left + across * _COLUMNS, top + down * _ROWS
    luma[round(top - quiet) : round(bottom + quiet), round(left - quiet / pixel) : round(right + quiet / pixel)] = _DARK
    for index, bit in enumerate(_bits(mark)):
        row, column = divmod(index, _COLUMNS)
        x, y = left + column * across, top + row * down
        luma[round(y) : round(y + down), round(x) : round(x + across)] = _LIGHT if bit else _DARK


def read(luma: Any, where: View) -> Mark | None:
    """Read the mark of a picture that lies at a view, or `None` where there is none to be read for certain."""
    code = 0
    for rows, columns in _cells(where, luma.shape[1], luma.shape[0]):
        cell = luma[rows, columns]
        level = float(cell.mean()) if cell.size else 0.0
        if _SURELY_DARK < level < _SURELY_LIGHT:
            return None
        code = code << 1 | (level >= _SURELY_LIGHT)
    said, check = code >> 8, code & 0xFF
    return Mark(said >> 10, said & 0x3FF) if _check(said) == check else None


def below(where: View, width: int, height: int) -> tuple[slice, slice]:
    """Give the rows and columns of a frame that show the picture below its mark."""
    _, top, _, down = _box(where)
    first = max(0, round(top + down * _ROWS + _QUIET * where.height) + 1)
    last = min(height, round(where.top + where.height))
    return slice(first, last), slice(max(0, round(where.left)), min(width, round(where.left + where.width)))


def _bits(mark: Mark) -> list[int]:
    if not (0 <= mark.shot < SHOTS and 0 <= mark.frame < FRAMES):
        raise ValueError(f"BUG: a mark can't say {mark}")
    said = mark.shot << 10 | mark.frame
    code = said << 8 | _check(said)
    return [code >> (_COLUMNS * _ROWS - 1 - index) & 1 for index in range(_COLUMNS * _ROWS)]


def _check(said: int) -> int:
    """Give the eight check bits of sixteen; never those of a plain dark or plain light field."""
    return zlib.crc32(said.to_bytes(2, "big")) & 0xFF ^ _CHECK


def _box(where: View, pixel: float = 1.0) -> tuple[float, float, float, float]:
    """Give left and top of the grid, and a cell's width and height."""
    across = _WIDTH * where.height / pixel / _COLUMNS
    left = where.left + where.width / 2 - across * _COLUMNS / 2
    return left, where.top + _TOP * where.height, across, _HEIGHT * where.height / _ROWS


@lru_cache(maxsize=256)
def _cells(where: View, width: int, height: int) -> tuple[tuple[slice, slice], ...]:
    """Give the middle of every cell as rows and columns, at least one pixel, empty where the frame cuts it off."""
    left, top, across, down = _box(where)
    cells = []
    for index in range(_COLUMNS * _ROWS):
        row, column = divmod(index, _COLUMNS)
        cells.append((_middle(top + row * down, down, height), _middle(left + column * across, across, width)))
    return tuple(cells)


def _middle(start: float, length: float, limit: int) -> slice:
    """Give the pixels whose centres lie in the middle half of a stretch."""
    first, last = round(start + length * 0.25), round(start + length * 0.75)
    if last <= first:
        first = int(start + length / 2)
        last = first + 1
    return slice(max(0, first), last) if last <= limit and first >= 0 else slice(0, 0)
