"""A form as multipart/form-data: the same fields give the same bytes, so that a submit can be sent again as it was."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from vidbuild.wire.forms import text
from vidbuild.wire.values import Media

_SUFFIXES = {
    "image/png": "png", "image/jpeg": "jpg", "image/webp": "webp",
    "audio/mpeg": "mp3", "audio/wav": "wav", "audio/mp4": "m4a", "video/mp4": "mp4",
}  # fmt: skip


def multipart(fields: Mapping[str, Any]) -> tuple[str, bytes]:
    """Give content type and body; a list is a field again and again, `Media` a file. The boundary is in no part."""
    parts = [_part(name, value) for name, one in fields.items() for value in _values(one)]
    digest = hashlib.sha256(b"".join(head + body for head, body in parts)).hexdigest()
    boundary = f"vidbuild-{digest[:32]}"
    start = f"--{boundary}\r\n".encode("ascii")
    body = b"".join(start + head + b"\r\n" + body + b"\r\n" for head, body in parts)
    return f"multipart/form-data; boundary={boundary}", body + f"--{boundary}--\r\n".encode("ascii")


def _values(one: Any) -> Iterator[Any]:
    yield from one if isinstance(one, (list, tuple)) else [one]


def _part(name: str, value: Any) -> tuple[bytes, bytes]:
    said = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if not isinstance(value, Media):
        return f"{said}\r\n".encode(), text(value).encode()
    file = value.name or f"{name.removesuffix('[]')}.{suffix(value)}"
    head = f'{said}; filename="{_quoted(file)}"\r\nContent-Type: {value.media_type}\r\n'
    return head.encode(), value.data


def suffix(media: Media) -> str:
    """Give the end of a file's name, by its media type."""
    return _SUFFIXES.get(media.media_type, "bin")


def _quoted(name: str) -> str:
    return name.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22")
