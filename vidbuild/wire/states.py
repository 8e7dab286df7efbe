"""How a job is, in the words of any vendor: what its file says, else what such words usually mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vidbuild.wire.values import Cause

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"
OPEN = frozenset({QUEUED, RUNNING})
_CUSTOM = {
    QUEUED: "queued pending in_queue submitted waiting preparing queueing throttled created",
    RUNNING: "running processing in_progress starting dreaming reasoning generating canceling",
    DONE: "succeeded succeed success completed complete ready done",
    FAILED: "failed fail error incomplete",
    "refused": "nsfw rejected moderated content_moderated request_moderated",
    "cancelled": "cancelled canceled",
    "expired": "expired",
    "gone": "not_found task_not_found",
    "credit": "budget_exceeded",
}


def state_of(status: str, words: Mapping[str, Sequence[str]]) -> str:
    """Say what a status word means; a word that nobody knows means that the job still runs."""
    said = _folded(status)
    for state, some in words.items():
        if said in map(_folded, some):
            return state
    return next((state for state, some in _CUSTOM.items() if said in some.split()), RUNNING)


def cause_of(state: str) -> Cause | None:
    """Give the cause that a state is, where it is more than failed."""
    return Cause(state) if state not in (FAILED, DONE) else None


def progress_of(found: Any) -> float | None:
    """Read progress, 0 to 1; anything else is none."""
    told = seconds_of(found)
    return told if told is not None and told <= 1 else None


def seconds_of(found: Any) -> float | None:
    """Read a number that is not less than 0."""
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < 1e7:
        return None
    return float(found)


def _folded(word: str) -> str:
    return word.strip().lower().replace(" ", "_").replace("-", "_")
