"""Paths into a vendor's JSON, and a response read by them. It knows no vendor and no meaning.

`data.videos[0].url` is one; `steps[type=output].url` looks at those of a list that are such, `parts[*].data` at all,
and takes the last one that has what follows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vidbuild.wire.values import Response

_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[(\*|[A-Za-z0-9_-]+=[^\[\]]*)\]")
_HEADER = "header:"


def at(found: Any, path: str) -> Any:
    """Give what lies at a path, or `None`."""
    return _under(found, _STEP.findall(path))


def _under(found: Any, steps: Sequence[tuple[str, str, str]]) -> Any:
    for count, (name, number, such) in enumerate(steps, start=1):
        if such and isinstance(found, list):
            members = [_under(member, steps[count:]) for member in reversed(found) if _is_such(member, such)]
            return next((member for member in members if member is not None), None)
        if name and isinstance(found, dict):
            found = found.get(name)
        elif number and isinstance(found, list) and int(number) < len(found):
            found = found[int(number)]
        else:
            return None
    return found


def _is_such(member: Any, such: str) -> bool:
    name, _, value = such.partition("=")
    return such == "*" or (isinstance(member, dict) and text_of(member.get(name)) == value)


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
