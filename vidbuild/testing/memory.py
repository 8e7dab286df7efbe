"""Stores, own files, workspaces and a runner that live in memory and a temporary folder.

They keep the same contracts as the real ones (tests/stores/test_contract.py runs over both).
"""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbuild.runners.base import Workspace
from vidbuild.words.action import ActionResult, Blob, BoundAction, Conduct
from vidbuild.words.digest import Digest, digest_bytes
from vidbuild.words.errors import ActionFailed


class MemoryCas:
    """Blobs in a temporary folder of its own."""

    def __init__(self, folder: Path):
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)

    def has(self, digest: Digest) -> bool:
        return (self._folder / digest).exists()

    def fetch(self, digest: Digest) -> Path | None:
        path = self._folder / digest
        with self._lock:
            if path.exists() and digest_bytes(path.read_bytes()) != digest:
                path.unlink()
            return path if path.exists() else None

    def put(self, source: Path, media_type: str) -> Blob:
        blob = self.put_bytes(source.read_bytes(), media_type)
        source.unlink()
        return blob

    def put_bytes(self, data: bytes, media_type: str) -> Blob:
        digest = digest_bytes(data)
        with self._lock:
            fresh = self._folder / f"{digest}.fresh"
            fresh.write_bytes(data)
            fresh.replace(self._folder / digest)
        return Blob(digest, len(data), media_type)


@dataclass
class MemoryActionCache:
    """Results in a mapping."""

    results: dict[Digest, ActionResult] = field(default_factory=dict)
    actions: dict[Digest, Mapping[str, Any]] = field(default_factory=dict)

    def get(self, key: Digest) -> ActionResult | None:
        return self.results.get(key)

    def put(self, action: BoundAction, result: ActionResult) -> None:
        self.results[action.key] = result
        self.actions[action.key] = action.record()

    def action(self, key: Digest) -> Mapping[str, Any] | None:
        return self.actions.get(key)


@dataclass
class MemoryFiles:
    """Own files by digest; `moves` says which of them are about to change, and to what."""

    paths: dict[Digest, Path] = field(default_factory=dict)
    moves: dict[Digest, Digest] = field(default_factory=dict)

    def path(self, digest: Digest) -> Path | None:
        return self.paths.get(digest)

    def moved(self, digest: Digest) -> Digest | None:
        return self.moves.get(digest)


@dataclass
class TemporaryWorkspaces:
    """Clean directories below a folder; claims within this process only."""

    folder: Path
    claims: set[Digest] = field(default_factory=set)

    @contextlib.contextmanager
    def opened(self, inputs: Mapping[str, Path], outputs: Iterable[str]) -> Iterator[Workspace]:
        self.folder.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=self.folder))
        try:
            linked = {}
            for name, path in inputs.items():
                linked[name] = folder / f"in-{name}"
                linked[name].symlink_to(path)
            yield Workspace(folder, linked, {name: folder / f"out-{name}" for name in outputs})
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def claim(self, key: Digest) -> Callable[[], None] | None:
        if key in self.claims:
            return None
        self.claims.add(key)
        return lambda: self.claims.discard(key)


@dataclass
class RecordingRunner:
    """Makes outputs that depend on all that an action says and on its inputs' bytes, and keeps a log in order.

    Args:
        fails: mnemonics that fail.
        before: called with an action before it runs.
    """

    log: list[BoundAction] = field(default_factory=list)
    fails: set[str] = field(default_factory=set)
    before: Callable[[BoundAction], None] = lambda action: None

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        self.before(action)
        self.log.append(action)
        if action.mnemonic in self.fails:
            raise ActionFailed(f"{action.mnemonic} fails, as it was told to")
        contents = {name: digest_bytes(path.read_bytes()) for name, path in workspace.inputs.items()}
        said = [action.mnemonic, dict(action.params), action.tool, contents]
        for name, path in workspace.outputs.items():
            path.write_text(json.dumps([*said, name], sort_keys=True, default=str))
        return {}
