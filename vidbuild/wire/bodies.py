"""Bodies of requests in the form that a vendor takes: JSON, a form with files, the bytes of one file; and queries."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from vidbuild.wire.forms import plain, text
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


def with_query(url: str, query: Mapping[str, Any]) -> str:
    """Add a query to an address; what that says already is not said again."""
    there = {key for key, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}
    added = urlencode({key: text(value) for key, value in query.items() if key not in there})
    return url + ("&" if "?" in url else "?") + added if added else url
