"""Pictures as vendors are given them: data URIs and bare base64, read and looked at before anything is made.

It knows no vendor; what is no picture is a `No`.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import warnings
from fractions import Fraction

from PIL import Image

from vidbuild.testing.vendors.fields import No

_DATA = re.compile(r"data:(image/[a-z+.-]+);base64,(.*)", re.DOTALL)
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/jpg": "JPEG", "image/webp": "WEBP"}


def of_uri(uri: object, field: str, most: int) -> bytes | None:
    """Read a data URI of at most so many bytes; `None` for an https address, which nobody here fetches.

    Raises:
        No: it is neither, or no picture of the type that it says.
    """
    if isinstance(uri, str) and uri.startswith("https://"):
        return None
    found = _DATA.fullmatch(uri) if isinstance(uri, str) else None
    if found is None:
        raise No("invalid", f"{field} must be an https address or a data URI of a picture")
    if len(found[0]) > most:
        raise No("invalid", f"{field} is larger than {most} bytes")
    return looked_at(_decoded(found[2], field), field, _FORMATS.get(found[1], ""))


def of_base64(text: object, field: str, most: int, media_type: str = "") -> bytes | None:
    """Read bare base64, without any prefix, of the media type that is told; `None` for an https address.

    Raises:
        No: it is neither, or no picture.
    """
    if isinstance(text, str) and text.startswith("https://"):
        return None
    if not isinstance(text, str) or text.startswith("data:"):
        raise No("invalid", f"{field} must be base64 without a data: prefix, or an https address")
    data = _decoded(text, field)
    if len(data) > most:
        raise No("invalid", f"{field} is larger than {most} bytes")
    return looked_at(data, field, _FORMATS.get(media_type, ""))


def _decoded(text: str, field: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise No("invalid", f"{field} is no base64") from error


def looked_at(data: bytes, field: str, expected: str = "") -> bytes:
    """See that bytes are a picture, of an expected form.

    Raises:
        No: they are none.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data)) as picture:
                picture.load()
                found = picture.format
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise No("invalid", f"{field} is no picture") from error
    if expected and found != expected:
        raise No("invalid", f"{field} says {expected} and is {found}")
    return data


def size_of(data: bytes) -> tuple[int, int]:
    """Give a picture's width and height."""
    with Image.open(io.BytesIO(data)) as picture:
        return picture.size


def at_lines(ratio: str, lines: int, first: bytes | None = None) -> tuple[int, int]:
    """Give the size of a take whose short side is so long: of a shape like `16:9`, or the first picture's own."""
    width, height = size_of(first) if first is not None else tuple(int(part) for part in ratio.split(":"))
    scale = Fraction(lines, min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2
