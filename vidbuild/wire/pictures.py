"""Pictures made small enough to be sent: packed without loss if that does, else as JPEG. It knows no vendor."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from vidbuild.wire.values import Media

if TYPE_CHECKING:
    from PIL import Image

QUALITY = 95
"""JPEG's; without thinned colour."""


def fitting(picture: Media, most_bytes: int | None) -> Media:
    """Give a picture of at most so many bytes, as good as that can be; what can't be read, or is none, stays."""
    if most_bytes is None or len(picture.data) <= most_bytes or not picture.media_type.startswith("image/"):
        return picture
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(picture.data)) as opened:
            packed = io.BytesIO()
            opened.save(packed, "PNG", optimize=True)
            if packed.tell() <= most_bytes:
                return Media(packed.getvalue(), "image/png")
            flat = _flat(opened)
    except (OSError, UnidentifiedImageError, ValueError):
        return picture
    for quality in (QUALITY, 85, 70):
        packed = io.BytesIO()
        flat.save(packed, "JPEG", quality=quality, subsampling=0)
        if packed.tell() <= most_bytes:
            break
    return Media(packed.getvalue(), "image/jpeg")


def covering(picture: Media, size: str) -> Media:
    """Scale a picture so that it covers a size, like `1280x720`, and crop what is over, evenly; as PNG."""
    from PIL import Image, ImageOps, UnidentifiedImageError

    width, height = map(int, size.split("x"))
    try:
        with Image.open(io.BytesIO(picture.data)) as opened:
            if opened.size == (width, height) and picture.media_type == "image/png":
                return picture
            made = ImageOps.fit(opened.convert("RGB"), (width, height), Image.Resampling.LANCZOS)
    except (OSError, UnidentifiedImageError, ValueError):
        return picture
    written = io.BytesIO()
    made.save(written, "PNG", compress_level=6)
    return Media(written.getvalue(), "image/png")


def _flat(picture: Image.Image) -> Image.Image:
    """Lay a picture on white where it is transparent: JPEG has no alpha."""
    from PIL import Image

    whole = picture.convert("RGBA")
    ground = Image.new("RGBA", whole.size, "white")
    return Image.alpha_composite(ground, whole).convert("RGB")
