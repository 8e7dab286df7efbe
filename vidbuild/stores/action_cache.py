"""The action cache: results by action key, each a JSON file that carries its key and the record it was made from.

A hit is a record whose blobs the CAS holds. It never decides whether a result is good enough.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

from vidbuild.stores import durable
from vidbuild.stores.index import Index
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest, digest_of, is_digest
from vidbuild.words.locked import bought_of

FORMAT = 1


class ActionCache(Protocol):
    """What any memory of results can be asked."""

    def get(self, key: Digest) -> ActionResult | None:
        """Give the result under a key, or `None`; its blobs are not looked for."""

    def put(self, action: BoundAction, result: ActionResult) -> None:
        """Record what came of an action."""

    def action(self, key: Digest) -> Mapping[str, Any] | None:
        """Give the record that a result was made from, for telling what changed."""


class DiskActionCache:
    """Records under `ac/ab/<key>`, with an index over them."""

    def __init__(self, root: Path, index: Index):
        self._root = root / "ac"
        self._index = index

    def get(self, key: Digest) -> ActionResult | None:
        text = self._index.get(f"ac:{key}")
        if text is not None:
            found = result_of(text, key)
            if found is not None:
                return found
        text = self.text(key)
        found = result_of(text, key) if text is not None else None
        if found is not None:
            self._index.put(f"ac:{key}", _short(key, found))
        return found

    def put(self, action: BoundAction, result: ActionResult) -> None:
        record = {**_fields(action.key, result), "action": action.record()}
        text = json.dumps(record, sort_keys=True, indent=1, ensure_ascii=False)
        durable.write_bytes(self._where(action.key), text.encode(), durable.READ_ONLY)
        self._index.put(f"ac:{action.key}", _short(action.key, result))

    def take_in(self, key: Digest, text: str) -> None:
        """Keep a record that was made elsewhere, and is `verified`; one that a power cut tears is asked for again."""
        durable.write_bytes(self._where(key), text.encode(), durable.READ_ONLY, is_synced=False)

    def action(self, key: Digest) -> Mapping[str, Any] | None:
        text = self.text(key)
        record = _read(text, key) if text is not None else None
        action = record.get("action") if record else None
        return action if isinstance(action, dict) else None

    def paths(self) -> Iterator[tuple[Digest, Path]]:
        """List the file of every record, or of what should be one."""
        for path in sorted(self._root.glob("??/*")):
            if is_digest(path.name):
                yield Digest(path.name), path

    def forget(self, key: Digest) -> None:
        """Remove a record."""
        self._where(key).unlink(missing_ok=True)
        self._index.drop(f"ac:{key}")

    def _where(self, key: Digest) -> Path:
        if not is_digest(key):
            raise ValueError(f"BUG: not a key: {key!r}")
        return self._root / key[:2] / key

    def text(self, key: Digest) -> str | None:
        """Give a record as it is written."""
        path = self._where(key)
        try:
            descriptor = os.open(path, os.O_RDONLY)
        except OSError:
            return None
        with open(descriptor, encoding="utf-8", errors="replace") as stream:
            return stream.read()


def verified(text: str, key: Digest) -> ActionResult | None:
    """Read a record from elsewhere: one that keeps to the form, of just the action that its key is the digest of."""
    try:
        return _verified(text, key)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None


def _verified(text: str, key: Digest) -> ActionResult | None:
    record = _read(text, key)
    result = result_of(text, key) if record is not None else None
    if record is None or result is None or set(record) != {"vidbuild_result", "key", "outputs", "facts", "action"}:
        return None
    action = record["action"]
    if (
        not isinstance(action, dict)
        or digest_of(action) != key
        or set(action.get("outputs", ())) != set(result.outputs)
    ):
        return None
    return result if all(blob.size >= 0 for blob in result.outputs.values()) and _is_sound(result, key) else None


def _is_sound(result: ActionResult, key: Digest) -> bool:
    """Say whether the facts that are read later can be: what was bought, which attempt answers, and what it cost."""
    facts = result.facts
    if "cost_usd" in facts and usd_of(facts["cost_usd"]) is None:
        return False
    if "job" in facts and bought_of(key, facts, result.outputs) is None:
        return False
    answer = facts.get("attempt", {"key": key})
    if not isinstance(answer, Mapping):
        return False
    return "attempt" not in facts or bought_of(answer.get("key"), answer, result.outputs) is not None


def _fields(key: Digest, result: ActionResult) -> dict[str, Any]:
    return {
        "vidbuild_result": FORMAT,
        "key": key,
        "outputs": {name: [blob.digest, blob.size, blob.media_type] for name, blob in result.outputs.items()},
        "facts": dict(result.facts),
    }


def _short(key: Digest, result: ActionResult) -> str:
    return json.dumps(_fields(key, result), separators=(",", ":"))


def _read(text: str, key: Digest) -> dict[str, Any] | None:
    """Read a record; one that is torn, of another form or under another key is no record."""
    try:
        record = json.loads(text)
    except ValueError:
        return None
    if not isinstance(record, dict) or record.get("vidbuild_result") != FORMAT or record.get("key") != key:
        return None
    return record


def result_of(text: str, key: Digest) -> ActionResult | None:
    """Read the result of a record's text; `None` where it is none."""
    record = _read(text, key)
    if record is None:
        return None
    try:
        outputs = {name: Blob(Digest(d), int(s), str(m)) for name, (d, s, m) in record["outputs"].items()}
        facts = dict(record["facts"])
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    if not all(is_digest(blob.digest) for blob in outputs.values()):
        return None
    return ActionResult(outputs, facts)
