"""A sheet: one painted layer, kept in YUV with its cover, laid over a picture at eighths of a pixel.

Everything per frame is integer arithmetic. Knows nothing of what is painted on it.

    picture = (picture * open + paint) >> 8        open = 256 - cover, paint = colour * cover
"""

from collections import OrderedDict
from collections.abc import Callable

import numpy as np

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import F32, U16, yuv

_KEPT = 24  # copies of one sheet moved sideways that are kept: all eighths of three planes


class Canvas:
    """A picture being composed: Y, U and V as 16-bit numbers; rows from `floor` on will be covered anyway."""

    def __init__(self, size: tuple[int, int]) -> None:
        width, height = size
        self.size = size
        self.floor = height
        self.planes: tuple[U16, U16, U16] = (
            np.zeros((height, width), np.uint16),
            np.zeros((height // 2, width // 2), np.uint16),
            np.zeros((height // 2, width // 2), np.uint16),
        )


class Sheet:
    """Paint with cover, standing at `place`, moving `depth` as much as the nearest things do."""

    def __init__(
        self,
        paint: list[F32],
        cover: F32,
        place: tuple[int, int],
        depth: float = 0.0,
        path: Callable[[float], tuple[float, float]] | None = None,
    ) -> None:
        self.place = (place[0] & ~1, place[1] & ~1)
        self.depth = depth
        self.path = path
        self._layers = _layers(paint, cover)
        self._solid = [_solid_from(layer[0]) for layer in self._layers]
        self._body = [paint[solid:] >> 8 for (_, paint), solid in zip(self._layers, self._solid, strict=True)]
        self._shifted: OrderedDict[tuple[int, int], tuple[U16, U16]] = OrderedDict()

    def covers_from(self, size: tuple[int, int], seconds: float, view: View) -> int:
        """Return the picture's row from which on nothing behind the sheet can be seen."""
        left, top = self._corner(seconds, view)
        height, width = self._layers[0][0].shape
        fills = left >= 0 and (left >> 3) + size[0] <= width and (top >> 3) + size[1] <= height
        return max(0, min(size[1], 2 * self._solid[1] + 2 - (top >> 3))) if fills else size[1]

    def lay(self, canvas: Canvas, seconds: float, view: View) -> None:
        """Draw over the canvas, where the camera's look and the sheet's own path put it."""
        left, top = self._corner(seconds, view)
        for plane, target in enumerate(canvas.planes):
            if plane == 1:
                left, top = left >> 1, top >> 1
            floor = (canvas.floor + 1) // 2 if plane else canvas.floor
            self._blend(plane, target[:floor], left, top)

    def _corner(self, seconds: float, view: View) -> tuple[int, int]:
        """Return where in the sheet the picture's upper left corner lies, in eighths of a pixel."""
        x, y = self.path(seconds) if self.path else (0.0, 0.0)
        x, y = self.place[0] + view.x * self.depth + x, self.place[1] + view.y * self.depth + y
        return round(-x * 8), round(-y * 8)

    def _blend(self, plane: int, target: U16, left: int, top: int) -> None:
        height, width = self._layers[plane][0].shape
        column, row = left >> 3, top >> 3
        x0, x1 = max(0, -column), min(target.shape[1], width - column)
        y0, y1 = max(0, -row), min(target.shape[0], height - row)
        if x0 >= x1 or y0 >= y1:
            return
        columns = slice(x0 + column, x1 + column)
        solid = self._solid[plane]
        edge = min(y1, max(y0, solid - row))
        if y0 < edge:
            part = target[y0:edge, x0:x1]
            gap, paint = self._at(plane, left & 7)
            gap = _raised(gap, (y0 + row, edge + row), columns, top & 7, 0)
            paint = _raised(paint, (y0 + row, edge + row), columns, top & 7, 3)
            np.multiply(part, gap, out=part)
            np.add(part, paint, out=part)
            np.right_shift(part, 8, out=part)
        if edge < y1:
            target[edge:y1, x0:x1] = self._body[plane][edge + row - solid : y1 + row - solid, columns]

    def _at(self, plane: int, x: int) -> tuple[U16, U16]:
        """Return the part that is not solid, moved left by eighths of a pixel."""
        key = (plane, x)
        if key not in self._shifted:
            rows = self._solid[plane] + 1
            gap, paint = self._layers[plane]
            self._shifted[key] = (_moved(gap[:rows], x, 0), _moved(paint[:rows], x, 3))
            if len(self._shifted) > _KEPT:
                self._shifted.popitem(last=False)
        return self._shifted[key]


def _layers(paint: list[F32], cover: F32) -> list[tuple[U16, U16]]:
    """Return (open, paint) for Y, U and V, with a fixed grain of half a level against banding."""
    height, width = cover.shape[0] & ~1, cover.shape[1] & ~1
    whole = np.rint(cover[:height, :width] * 256).astype(np.float32)
    half = _quartered(whole)
    grain = np.random.Generator(np.random.PCG64(height * 65536 + width)).integers(0, 256, (height, width))
    layers = []
    for plane, colour in enumerate(yuv(*paint)):
        wet = np.broadcast_to(colour, cover.shape)[:height, :width] * whole
        dense = whole
        if plane:
            wet, dense = _quartered(wet), half
        dense = np.rint(dense)
        noise = np.where(dense > 0, grain[: dense.shape[0], : dense.shape[1]], 128)
        layers.append(((256 - dense).astype(np.uint16), (wet + noise).astype(np.uint16)))
    return layers


def _quartered(plane: F32) -> F32:
    result: F32 = (plane[0::2, 0::2] + plane[1::2, 0::2] + plane[0::2, 1::2] + plane[1::2, 1::2]) / np.float32(4)
    return result


def _solid_from(gap: U16) -> int:
    """Return the first row from which on nothing shines through."""
    clear = np.flatnonzero(gap.max(axis=1))
    return int(clear[-1]) + 2 if len(clear) else 0


def _moved(layer: U16, x: int, spare: int) -> U16:
    """Return the layer moved left by eighths of a pixel, its last column held."""
    return _between(layer, np.concatenate([layer[:, 1:], layer[:, -1:]], axis=1), x, spare) if x else layer


def _raised(layer: U16, span: tuple[int, int], columns: slice, y: int, spare: int) -> U16:
    """Return some rows of a layer, moved up by eighths of a pixel."""
    first, last = span
    rows = layer[first:last, columns]
    if y == 0:
        return rows
    under = layer[first + 1 : last + 1, columns]
    if len(under) < len(rows):
        under = np.concatenate([under, rows[-1:]])
    return _between(rows, under, y, spare)


def _between(one: U16, other: U16, eighths: int, spare: int) -> U16:
    """Return a mean of two layers, `eighths` of it the other's, giving up `spare` low bits to stay within 16."""
    mean: U16 = (one >> spare) * np.uint16(8 - eighths)
    mean += (other >> spare) * np.uint16(eighths)
    if spare < 3:
        mean >>= np.uint16(3 - spare)
    return mean
