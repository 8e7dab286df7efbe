"""What was found of one thing that a build needs."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One line of a check-up.

    Args:
        what: the thing: `ffmpeg`, `disk`, ...
        said: how it is, for people.
        is_wrong: whether a build would fail for it.
        hint: what to do.
    """

    what: str
    said: str
    is_wrong: bool = False
    hint: str | None = None

    def row(self) -> dict[str, Any]:
        """Give it for programs."""
        return asdict(self)
