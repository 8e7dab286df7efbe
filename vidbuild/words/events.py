"""What a build tells while it runs: small records, each one line of `--json`.

It knows nothing of terminals; a sink is any callable that takes an event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vidbuild.words.digest import Digest

STOPPED = "stopped"
"""What an action's end says as its error when the build was ended around it."""


@dataclass(frozen=True, slots=True)
class BuildStarted:
    """The graph is planned and work begins; again where lines had to be spoken before it was known."""

    project: str
    actions: int
    deliverables: int
    draft: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """The build waits for another one that holds the project."""

    holder: str


@dataclass(frozen=True, slots=True)
class ActionStarted:
    """A runner took an action.

    Args:
        is_bought: whether it is vendors' jobs that make it.
    """

    id: Digest
    mnemonic: str
    shots: tuple[str, ...]
    outputs: tuple[str, ...]
    is_bought: bool = False


@dataclass(frozen=True, slots=True)
class ActionEnded:
    """An action ran: `error` is `None` when it succeeded."""

    id: Digest
    mnemonic: str
    shots: tuple[str, ...]
    outputs: tuple[str, ...]
    seconds: float
    cost_usd: float | None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class ActionHit:
    """An action was answered without running."""

    id: Digest
    mnemonic: str
    shots: tuple[str, ...]
    outputs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JobMoved:
    """A vendor's job got on.

    Args:
        attempt: the attempt's key.
        label: whose it is (`shot pour`).
        state: `waiting` (for the vendor to take more), `sent`, `queued`, `running`; at its end `done`, `failed`,
            `refused`, `lost` (only the user can clear it up), `left` (as it stands, for a later build); `reshoot` of
            one that is done.
        progress: 0 to 1 where the vendor tells it.
        why: what is wrong with a job that failed, with a take that is not good enough.
    """

    attempt: Digest
    label: str
    model: str
    state: str
    progress: float | None = None
    cost_usd: float | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence for the user that ends nothing (a warning, a note of the plan)."""

    text: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """A finished file stands at its path."""

    path: str
    seconds: float


@dataclass(frozen=True)
class BuildEnded:
    """The last word of a build, on every exit."""

    status: str
    exit: int
    ran: tuple[Mapping[str, Any], ...] = ()
    failed: tuple[Mapping[str, Any], ...] = ()
    hits: int = 0
    deliverables: tuple[Mapping[str, Any], ...] = ()
    error: str | None = field(default=None)


Event = BuildStarted | Waiting | ActionStarted | ActionEnded | ActionHit | JobMoved | Told | Delivered | BuildEnded
Sink = Callable[[Event], None]
