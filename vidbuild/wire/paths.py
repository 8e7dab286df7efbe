"""Paths into a vendor's JSON, `data.videos[0].url`, and a response read by them. It knows no vendor and no meaning."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vidbuild.wire.values import Response

_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+)\]")
_HEADER = "header:"


def at(found: Any, path: str) -> Any:
    """Give what lies at a path, or `None`."""
    for name, number in _STEP.findall(path):
        if name and isinstance(found, dict):
            found = found.get(name)
        elif number and isinstance(found, list) and int(number) < len(found):
            found = found[int(number)]
        else:
            return None
    return found


def text_of(found: Any) -> str | None:
    """Give a text or a number as text; nothing for other kinds."""
    if isinstance(found, bool) or not isinstance(found, (str, int, float)):
        return None
    return str(found)


@dataclass(frozen=True)
class Reply:
    """A response, read by paths; `header:retry-after` is a path too."""

    response: Response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status

    @cached_property
    def json(self) -> Any:
        """The body as JSON; `None` where it isn't any."""
        try:
            return json.loads(self.response.body)
        except (ValueError, RecursionError):
            return None

    def at(self, path: str | None) -> Any:
        """Give what lies at a path, or `None`."""
        if path is None:
            return None
        if path.startswith(_HEADER):
            return self.response.headers.get(path.removeprefix(_HEADER))
        return at(self.json, path)

    def text(self, *paths: str) -> str:
        """Give the first text or number that lies at one of some paths, else nothing."""
        return next((text for path in paths if (text := text_of(self.at(path)))), "")
