"""Paths into a vendor's JSON, and a response read by them. It knows no vendor and no meaning.

`data.videos[0].url` is one; `steps[type=output].url` looks at those of a list that are such, `parts[*].data` at all (of
a mapping too), and takes the last one that has what follows; `answers[].score` is a list of all. Events that a server
sends (`text/event-stream`) are read as lists by their names.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from vidbuild.wire.values import Response

_STEP = re.compile(r"\.?([A-Za-z0-9_-]+)|\[(\d+)\]|\[(\*|[A-Za-z0-9_-]+=[^\[\]]*|)\]")
_HEADER = "header:"
_EVENTS = "text/event-stream"


def at(found: Any, path: str) -> Any:
    """Give what lies at a path, or `None`."""
    return _under(found, list(_STEP.finditer(path)))


def _under(found: Any, steps: Sequence[re.Match[str]]) -> Any:
    for count, step in enumerate(steps, start=1):
        name, number, such = step[1], step[2], step[3]
        if such == "":
            return [_under(member, steps[count:]) for member in found] if isinstance(found, list) else None
        if such and isinstance(found, (list, dict)):
            listed = [*found.values()] if isinstance(found, dict) else found
            members = [_under(member, steps[count:]) for member in reversed(listed) if _is_such(member, such)]
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


def events(body: bytes) -> dict[str, list[Any]]:
    """Read the events of a stream, by their names: `event`, else the `type` that their data tell; data are JSON."""
    found: dict[str, list[Any]] = {}
    for block in re.split(r"\n\n+", body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")):
        lines = [line.partition(":") for line in block.split("\n")]
        said = {name: value.removeprefix(" ") for name, _, value in lines if name == "event"}
        data = _parsed("\n".join(value.removeprefix(" ") for name, _, value in lines if name == "data"))
        if data is not None:
            told = data.get("type") if isinstance(data, dict) else None
            found.setdefault(said.get("event") or str(told or "message"), []).append(data)
    return found


def _parsed(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


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
        """The body as JSON, events as lists by name; `None` where it isn't any."""
        if self.response.headers.get("content-type", "").split(";")[0].strip().lower() == _EVENTS:
            return events(self.response.body)
        return _parsed(self.response.body)

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
