"""The job log: what was sent to vendors, by attempt, append-only, every record on disk before the next step.

It holds intent (with nonce), job id, outcome, stored. It decides nothing: who reads it does.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from vidbuild.stores import durable
from vidbuild.words.digest import Digest, is_digest

CLOSED = frozenset({"stored", "failed", "refused", "lost"})
"""Steps after which an attempt needs nothing more."""


class JobLog:
    """One file of JSON lines an attempt, under `jobs/<attempt key>`."""

    def __init__(self, root: Path):
        self.folder = root / "jobs"

    def append(self, attempt: Digest, step: str, **facts: Any) -> None:
        """Write a step of an attempt; it is on disk when this returns."""
        line = json.dumps({"step": step, **facts}, sort_keys=True, ensure_ascii=False)
        durable.append_line(self._where(attempt), line.encode())

    def steps(self, attempt: Digest) -> tuple[Mapping[str, Any], ...]:
        """Read an attempt's steps in order; a torn line is none."""
        try:
            text = self._where(attempt).read_text(errors="replace")
        except OSError:
            return ()
        return tuple(_steps(text))

    def open_attempts(self) -> tuple[Digest, ...]:
        """List the attempts whose last step leaves something to do."""
        if not self.folder.is_dir():
            return ()
        found = (Digest(path.name) for path in sorted(self.folder.iterdir()) if is_digest(path.name))
        return tuple(key for key in found if (steps := self.steps(key)) and steps[-1].get("step") not in CLOSED)

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
