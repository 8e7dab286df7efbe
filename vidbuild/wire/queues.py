"""Jobs that a vendor tells by their own id: in lists of those that run or wait, and in paths that hold the id."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vidbuild.wire import states
from vidbuild.wire.paths import Reply, at

_REQUESTS = frozenset({"then", "query", "body", "path", "address"})
"""What is sent; templates fill ids in there."""


def of_job(said: Mapping[str, Any], handle: Mapping[str, str]) -> Mapping[str, Any]:
    """Put a job's id into the paths that name it, like `{id}.status`."""
    if "id" not in handle:
        return said
    return {name: one if name in _REQUESTS else _named(one, handle) for name, one in said.items()}


def _named(one: Any, handle: Mapping[str, str]) -> Any:
    if isinstance(one, str):
        return one.replace("{id}", handle["id"])
    return of_job(one, handle) if isinstance(one, Mapping) else one


def place_of(reply: Reply, listed: Mapping[str, Any], id: str) -> str | None:
    """Say where the lists of jobs have one: `running`, `queued`, or nowhere (``); `None` where there are no lists."""
    lists = {state: reply.at(listed[state]) for state in (states.RUNNING, states.QUEUED)}
    if not all(isinstance(rows, list) for rows in lists.values()):
        return None
    return next((state for state, rows in lists.items() if any(at(row, listed["at"]) == id for row in rows)), "")
