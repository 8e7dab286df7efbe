"""A job that a loopback vendor was paid for: when it begins and ends, and how. It knows no vendor's wire."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vidbuild.testing.vendors.faults import Fault
from vidbuild.testing.vendors.takes import Wants

_ENDS = {
    "fails": "failed",
    "refused_at_end": "refused",
    "cancelled": "cancelled",
    "expired": "expired",
}


@dataclass
class Job:
    """A job that was paid for.

    Args:
        path: that it was submitted to.
        body: as it was submitted, parsed.
        tag: the client's nonce, key or tag.
        begins, ends: seconds of the monotonic clock; it waits until it begins.
        fate: what was planned to become of it.
        polls: how often its state was asked for.
        links: the token of each file, by its place among the results.
    """

    id: str
    path: str
    body: Mapping[str, Any]
    wants: Wants
    usd: float
    tag: str = ""
    made: float = 0.0
    begins: float = 0.0
    ends: float = 0.0
    fate: Fault | None = None
    polls: int = 0
    is_cancelled: bool = False
    links: dict[int, str] = field(default_factory=dict)
    unix: float = field(default_factory=time.time)
    answered: Any = None

    @property
    def end(self) -> str:
        """How it ends: `done`, `failed`, `refused`, `cancelled`, `expired`."""
        if self.is_cancelled:
            return "cancelled"
        return _ENDS.get(self.fate.what, "done") if self.fate else "done"

    @property
    def state(self) -> str:
        """What it is now: `queued`, `running`, or its end."""
        now = time.monotonic()
        polls = self.fate.settings.get("polls") if self.fate and self.end != "done" else None
        if self.is_cancelled or (polls is not None and self.polls >= polls) or (polls is None and now >= self.ends):
            return self.end
        return "running" if now >= self.begins + 0.1 * (self.ends - self.begins) else "queued"

    @property
    def has_begun(self) -> bool:
        """Whether it waits for no other job any more."""
        return time.monotonic() >= self.begins

    @property
    def has_ended(self) -> bool:
        """Whether it takes no place at the vendor any more."""
        return self.state not in ("queued", "running")

    @property
    def progress(self) -> float:
        """How far it is, 0 to 1."""
        length = max(self.ends - self.begins, 1e-9)
        return round(min(1.0, max(0.0, (time.monotonic() - self.begins) / length)), 2)

    @property
    def words(self) -> str:
        """What the vendor says of its bad end."""
        return str(self.fate.settings.get("message", "")) if self.fate else ""

    @property
    def code(self) -> str:
        """The code that was planned for its bad end, if any was."""
        return str(self.fate.settings.get("code", "")) if self.fate else ""
