"""The job log: what was sent to vendors, by attempt, append-only, every record on disk before the next step.

It holds intent (with nonce), job id, outcome, stored. It decides nothing: who reads it does.
"""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbuild.stores import durable
from vidbuild.words.digest import Digest, is_digest

CLOSED = frozenset({"unmade", "stored", "failed", "refused", "lost", "again"})
"""Steps after which an attempt needs nothing more."""


class Stage(enum.StrEnum):
    """How far an attempt has come."""

    FRESH = "fresh"
    INTENDED = "intended"
    OUT = "out"
    VANISHED = "vanished"
    STORED = "stored"
    REFUSED = "refused"


OPEN = frozenset({Stage.INTENDED, Stage.OUT, Stage.VANISHED})
"""Stages that leave something to do."""


@dataclass(frozen=True)
class Standing:
    """What the log says of an attempt.

    Args:
        intent: what was written before the last send.
        handle: what the vendor calls the job by.
        since: when the job was accepted, in seconds of Unix time.
        message: the vendor's own words of a refusal.
        is_given_up: whether the user said that what was bought last is lost.
        usd: what the vendor said that it costs when it took the job, where it did.
    """

    stage: Stage
    intent: Mapping[str, Any] = field(default_factory=dict)
    handle: Mapping[str, str] = field(default_factory=dict)
    since: float = 0.0
    message: str = ""
    is_given_up: bool = False
    usd: str | None = None


def standing(steps: Iterable[Mapping[str, Any]]) -> Standing:
    """Say how an attempt stands: the last purchase counts; one that failed, was never made or was given up is none."""
    found = Standing(Stage.FRESH)
    for step in steps:
        name = step.get("step")
        if name == "intent":
            found = Standing(Stage.INTENDED, step)
        elif name == "submitted":
            handle = {str(key): str(value) for key, value in dict(step.get("handle") or {}).items()}
            found = Standing(Stage.OUT, found.intent, handle, float(step.get("since", 0)), usd=step.get("usd"))
        elif name == "vanished":
            found = replace(found, stage=Stage.VANISHED)
        elif name == "stored":
            found = replace(found, stage=Stage.STORED)
        elif name == "refused":
            found = Standing(Stage.REFUSED, found.intent, found.handle, found.since, str(step.get("message", "")))
        elif name in CLOSED:
            found = Standing(Stage.FRESH, found.intent, is_given_up=name in ("lost", "again"))
    return found


class JobLog:
    """One file of JSON lines an attempt, under `jobs/<attempt key>`."""

    def __init__(self, root: Path):
        self.folder = root / "jobs"

    def append(self, attempt: Digest, step: str, **facts: Any) -> None:
        """Write a step of an attempt, in ASCII, since it holds words of vendors; it is on disk when this returns."""
        line = json.dumps({"step": step, **facts}, sort_keys=True)
        durable.append_line(self._where(attempt), line.encode())

    def steps(self, attempt: Digest) -> tuple[Mapping[str, Any], ...]:
        """Read an attempt's steps in order; a torn line is none."""
        try:
            text = self._where(attempt).read_text(errors="replace")
        except OSError:
            return ()
        return tuple(_steps(text))

    def attempts(self) -> tuple[Digest, ...]:
        """List every attempt that was ever logged."""
        if not self.folder.is_dir():
            return ()
        return tuple(Digest(path.name) for path in sorted(self.folder.iterdir()) if is_digest(path.name))

    def open_attempts(self) -> tuple[Digest, ...]:
        """List the attempts that leave something to do: one that is fetched once more was bought, and is none."""
        return tuple(key for key in self.attempts() if standing(self.steps(key)).stage in OPEN)

    def held(self) -> Mapping[tuple[str, str], Digest]:
        """Name the attempt that holds each job, by provider and the vendor's id; the oldest where several do."""
        found: dict[tuple[str, str], tuple[float, Digest]] = {}
        for key in self.attempts():
            now = standing(self.steps(key))
            if now.handle:
                name = str(now.intent.get("provider")), now.handle.get("id", "")
                found[name] = min((now.since, key), found.get(name, (math.inf, key)))
        return {name: key for name, (_, key) in found.items()}

    def keep(self, attempt: Digest, name: str, data: bytes) -> None:
        """Keep what came with a vendor's answer until it is stored; it is on disk when this returns."""
        durable.write_bytes(self._parcel(attempt, name), data)

    def kept(self, attempt: Digest, name: str) -> Path | None:
        """Give the file of what was kept, or `None`."""
        path = self._parcel(attempt, name)
        return path if path.is_file() else None

    def drop(self, attempt: Digest, names: Iterable[str]) -> None:
        """Let go of what was kept, once it is stored."""
        for name in names:
            self._parcel(attempt, name).unlink(missing_ok=True)

    def _parcel(self, attempt: Digest, name: str) -> Path:
        return self.folder / "parcels" / f"{self._where(attempt).name}.{name}"

    def _where(self, attempt: Digest) -> Path:
        if not is_digest(attempt):
            raise ValueError(f"BUG: not an attempt's key: {attempt!r}")
        return self.folder / attempt


def _steps(text: str) -> Iterator[Mapping[str, Any]]:
    for line in text.splitlines():
        try:
            step = json.loads(line)
        except ValueError:
            continue
        if isinstance(step, dict):
            yield step
