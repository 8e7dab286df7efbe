"""Bodies of requests in the form that a vendor takes: JSON, a form with files, the bytes of one file."""

from __future__ import annotations

import json
from typing import Any

from vidbuild.wire.forms import plain
from vidbuild.wire.multipart import multipart
from vidbuild.wire.values import Media


def encoded(fields: Any, form: str) -> tuple[str, bytes]:
    """Give content type and body; the same fields give the same bytes."""
    if form == "multipart":
        return multipart(fields)
    if form == "bytes":
        assert isinstance(fields, Media)
        return fields.media_type, fields.data
    body = json.dumps(plain(fields), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return "application/json", body.encode()
