"""What a vendor remembers for its judges: each paid purchase, on disk before it is answered; each request, counted.

`ledger.jsonl` is fsynced line by line, so that any process may read it at any time; `requests.jsonl` is not.
It knows nothing of vendors' wires.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, overload

LEDGER = "ledger.jsonl"
REQUESTS = "requests.jsonl"


@dataclass(frozen=True)
class Purchase:
    """An accepted submit: money was spent.

    Args:
        at: seconds since 1970.
        digest: of what was asked for, without the client's own tag: two purchases of one thing have one digest.
        tag: the client's nonce, key or tag, where the vendor takes one.
        usd: its list price.
        asked: the short fields of the body, as sent.
    """

    vendor: str
    at: float
    path: str
    job: str
    digest: str
    tag: str
    usd: float
    asked: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Seen:
    """A request that came in.

    Args:
        step: `upload`, `submit`, `poll`, `result`, `download`, `cancel`, `list`, `lookup`, `other`.
        status: that it was answered with; 0 for none.
        fault: which fault befell it, or nothing.
        complaint: why it was no good, where the vendor says so; empty for every request that is well formed.
        at: seconds of the monotonic clock.
    """

    vendor: str
    step: str
    method: str
    path: str
    status: int
    fault: str
    complaint: str
    at: float


class Ledger(Sequence[Purchase]):
    """The purchases of one vendor, oldest first.

    Args:
        path: a file, shared by all vendors of a folder.
    """

    def __init__(self, path: Path, vendor: str):
        self._path = path
        self._vendor = vendor
        self._rows: list[Purchase] = []

    def add(self, path: str, job: str, digest: str, tag: str, usd: float, asked: Mapping[str, Any]) -> Purchase:
        """Write a purchase down; it is on disk when this returns."""
        row = Purchase(self._vendor, time.time(), path, job, digest, tag, usd, asked)
        _append(self._path, asdict(row), True)
        self._rows.append(row)
        return row

    @property
    def usd(self) -> float:
        """All that was spent."""
        return sum(row.usd for row in self._rows)

    @property
    def twice(self) -> set[str]:
        """Digests of what was bought more than once."""
        digests = [row.digest for row in self._rows]
        return {digest for digest in digests if digests.count(digest) > 1}

    @overload
    def __getitem__(self, index: int) -> Purchase: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Purchase]: ...

    def __getitem__(self, index: int | slice) -> Purchase | Sequence[Purchase]:
        """Give a purchase by its place."""
        return self._rows[index]

    def __len__(self) -> int:
        """Say how many purchases there are."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Purchase]:
        """Go over them as they are now."""
        return iter(list(self._rows))


class Requests(Sequence[Seen]):
    """All requests of all vendors, oldest first."""

    def __init__(self, path: Path):
        self._stream = open(path, "a", buffering=1, encoding="utf-8")  # noqa: SIM115 # closed by `close`
        self._lock = threading.Lock()
        self._rows: list[Seen] = []

    def add(self, row: Seen) -> None:
        """Note a request."""
        with self._lock:
            self._rows.append(row)
            if not self._stream.closed:
                self._stream.write(json.dumps(asdict(row), ensure_ascii=False) + "\n")

    def of(self, vendor: str = "", step: str = "") -> list[Seen]:
        """Give those of one vendor, of one step."""
        return [row for row in self if vendor in ("", row.vendor) and step in ("", row.step)]

    def close(self) -> None:
        """Close the file."""
        self._stream.close()

    @overload
    def __getitem__(self, index: int) -> Seen: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Seen]: ...

    def __getitem__(self, index: int | slice) -> Seen | Sequence[Seen]:
        """Give a request by its place."""
        return self._rows[index]

    def __len__(self) -> int:
        """Say how many requests came."""
        return len(self._rows)

    def __iter__(self) -> Iterator[Seen]:
        """Go over them as they are now."""
        return iter(list(self._rows))


def purchases(folder: Path, vendor: str = "") -> list[Purchase]:
    """Read the ledger of a folder, from any process; a torn last line is left out."""
    try:
        lines = (folder / LEDGER).read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError:
        return []
    rows = [Purchase(**json.loads(line)) for line in lines]
    return [row for row in rows if vendor in ("", row.vendor)]


def _append(path: Path, row: Mapping[str, Any], synced: bool) -> None:
    line = json.dumps(row, ensure_ascii=False) + "\n"
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, line.encode())
        if synced:
            os.fsync(descriptor)
    finally:
        os.close(descriptor)
