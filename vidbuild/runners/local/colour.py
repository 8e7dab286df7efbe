"""Colour: palettes that a prompt's words choose, and the way between sRGB and BT.709 limited-range YUV.

Knows nothing of scenes. Pictures are `(H, W, 3)` uint8; planes are Y at full size, U and V at half.
"""

from colorsys import hsv_to_rgb, rgb_to_hsv
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Rgb: TypeAlias = tuple[float, float, float]
U8: TypeAlias = NDArray[np.uint8]
U16: TypeAlias = NDArray[Any]  # uint16; numpy's stubs lose the width in mixed arithmetic
F32: TypeAlias = NDArray[Any]  # float32, likewise
Planes: TypeAlias = tuple[U8, U8, U8]

# BT.709, limited range, for 8-bit R'G'B', in 1/65536.
_Y = (11966, 40254, 4064)
_U = (-6596, -22189, 28785)
_V = (28785, -26145, -2640)


@dataclass(frozen=True)
class Palette:
    """Seven colours that go together: a sky of three, its light, far and near ground, one accent."""

    top: Rgb
    mid: Rgb
    low: Rgb
    light: Rgb
    far: Rgb
    near: Rgb
    accent: Rgb

    @property
    def is_dark(self) -> bool:
        """Say whether the brightest part of the sky is darker than middle grey."""
        return 0.2126 * self.low[0] + 0.7152 * self.low[1] + 0.0722 * self.low[2] < 118


def _palette(hexes: str) -> Palette:
    colours = [tuple(float(byte) for byte in bytes.fromhex(word)) for word in hexes.split()]
    return Palette(*colours)  # type: ignore[arg-type]  # seven triples, by the table below


PALETTES = {
    "golden": _palette("76709f e2a184 fbdcae fff0cd c68c80 3a2b40 e0663f"),
    "amber": _palette("efc58a f5dbac fdf0d8 fffaf0 d9a67c 55352c c4532d"),
    "day": _palette("4384bb 8cbedd dfeef2 fffdf4 8db0c3 21495a f0a35c"),
    "night": _palette("0a1230 1b2957 42528a dfe6ff 2c3a6a 080d1e f4c66a"),
    "green": _palette("86bcb3 c3dfcf f1f5e1 fffef0 8cb596 1f4036 e6b04c"),
    "pastel": _palette("b3a3d8 edc2d5 fde7df fff8f2 c6a2c3 4d3b60 f08e8e"),
    "mono": _palette("41454c 7f858d cdd0d3 f6f6f4 878d95 17191c d6c6a0"),
    "winter": _palette("7c9ab6 b7ccdb eef4f6 ffffff 9db5c6 2b4256 dd8a6d"),
    "neon": _palette("130b30 3a1862 8c3292 ffd8f6 4b2676 0c0722 34d3dd"),
    "desert": _palette("69a3b4 e4ceb0 f7e4c4 fff6df d19d72 643527 2f7f86"),
    "teal": _palette("1f6b80 63b0b5 d6efe6 fffbe8 5d9ea6 0e3846 fb9c6c"),
}


def jittered(palette: Palette, rng: np.random.Generator) -> Palette:
    """Return the palette with its hue turned and its brightness moved a little, all colours alike."""
    turn, gain = float(rng.uniform(-0.022, 0.022)), float(rng.uniform(0.95, 1.03))

    def moved(colour: Rgb) -> Rgb:
        hue, saturation, value = rgb_to_hsv(*(part / 255 for part in colour))
        red, green, blue = hsv_to_rgb((hue + turn) % 1.0, saturation, min(1.0, value * gain))
        return (round(red * 255), round(green * 255), round(blue * 255))

    return Palette(*(moved(getattr(palette, field.name)) for field in fields(palette)))


def mix(one: Rgb, other: Rgb, amount: float) -> Rgb:
    """Return the colour that lies `amount` of the way from one to the other."""
    return (
        one[0] + (other[0] - one[0]) * amount,
        one[1] + (other[1] - one[1]) * amount,
        one[2] + (other[2] - one[2]) * amount,
    )


def ramp(stops: list[tuple[float, Rgb]], where: F32) -> list[F32]:
    """Return red, green and blue for positions along a gradient; stops are in rising order."""
    places = [place for place, _ in stops]
    return [np.interp(where, places, [colour[band] for _, colour in stops]).astype(np.float32) for band in range(3)]


def yuv(red: Any, green: Any, blue: Any) -> tuple[Any, Any, Any]:
    """Convert numbers or arrays of R'G'B' (0..255) to Y, U and V without rounding."""
    y = 16 + (red * _Y[0] + green * _Y[1] + blue * _Y[2]) / 65536
    u = 128 + (red * _U[0] + green * _U[1] + blue * _U[2]) / 65536
    v = 128 + (red * _V[0] + green * _V[1] + blue * _V[2]) / 65536
    return y, u, v


def planes(picture: U8) -> Planes:
    """Convert a picture of even size to yuv420p in integers, chroma being the mean of each 2x2."""
    wide = picture.astype(np.int32)
    red, green, blue = wide[..., 0], wide[..., 1], wide[..., 2]
    y = ((red * _Y[0] + green * _Y[1] + blue * _Y[2] + 32768) >> 16) + 16
    four = wide[0::2, 0::2] + wide[1::2, 0::2] + wide[0::2, 1::2] + wide[1::2, 1::2]
    red, green, blue = four[..., 0], four[..., 1], four[..., 2]
    u = ((red * _U[0] + green * _U[1] + blue * _U[2] + 131072) >> 18) + 128
    v = ((red * _V[0] + green * _V[1] + blue * _V[2] + 131072) >> 18) + 128
    return y.astype(np.uint8), u.astype(np.uint8), v.astype(np.uint8)


def picture(y: U8, u: U8, v: U8) -> U8:
    """Convert yuv420p planes back to a picture, chroma interpolated between its samples."""
    luma = (y.astype(np.int32) - 16) * 76309
    cb, cr = (_doubled(plane.astype(np.int32) - 128) for plane in (u, v))  # in sixteenths
    red = luma + cr * 7343
    green = luma - cb * 874 - cr * 2183
    blue = luma + cb * 8653
    stacked = np.stack([red, green, blue], axis=-1) + 32768 >> 16
    result: U8 = np.clip(stacked, 0, 255).astype(np.uint8)
    return result


def _doubled(plane: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the plane at twice its size, in sixteenths: each new sample is 3:1 of its neighbours."""
    for axis in (0, 1):
        before = np.concatenate([plane.take([0], axis), plane.take(range(plane.shape[axis] - 1), axis)], axis)
        after = np.concatenate([plane.take(range(1, plane.shape[axis]), axis), plane.take([-1], axis)], axis)
        pair = np.stack([3 * plane + before, 3 * plane + after], axis + 1)
        shape = list(plane.shape)
        shape[axis] *= 2
        plane = pair.reshape(shape)
    return plane
