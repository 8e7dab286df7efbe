"""The trace of a build that left nothing to do: all that it looked at, in one flat file a request.

It answers "has anything changed?" without parsing YAML or planning, so it imports the standard library alone
and is read before anything else is imported. A trace that can't be read says yes.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbuild.stores.stamp import stamp_of

FORMAT = 1
GRAIN_NS = 20_000_000
"""How far a file system's clock may lie behind ours: its grain."""

SETTLED_NS = 2_000_000_000
"""An entry not at least this much older than the trace's start is hashed, not believed by its stamp."""


@dataclass
class Looked:
    """All that a build looked at.

    Args:
        files: files read.
        made: files written, and their content's digest where it is known: what a finished build left at its paths.
        absent: names looked for in vain.
        folders: what each listed folder held when it was listed; `None` for one that isn't there.
        variables: environment variables consulted.
    """

    files: set[str] = field(default_factory=set)
    made: dict[str, str | None] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    folders: dict[str, str | None] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)

    def list_folder(self, folder: Path) -> None:
        """Note what a folder holds."""
        self.folders[str(folder.absolute())] = _listing(str(folder.absolute()))

    def name(self, path: Path) -> None:
        """Note a file that was looked for, there or not."""
        (self.files if path.exists() else self.absent).add(str(path.absolute()))


def trace_path(folder: Path, request: Mapping[str, Any]) -> Path:
    """Name the trace file of a request."""
    said = json.dumps(request, sort_keys=True).encode()
    return folder / "traces" / hashlib.sha256(said).hexdigest()[:32]


def write(path: Path, looked: Looked, ended: Mapping[str, Any], started_ns: int, environ: Mapping[str, str]) -> None:
    """Write the trace of a build that ended well.

    Nothing is written when something moved while the build ran: the next build looks for itself.

    Args:
        started_ns: when the build began to look.
    """
    if _moved_since(looked, started_ns):
        path.unlink(missing_ok=True)
        return
    trace = {
        "vidbuild_trace": FORMAT,
        "started_ns": started_ns,
        "files": [
            _entry(name, started_ns, looked.made.get(name)) for name in sorted(looked.files | looked.made.keys())
        ],
        "absent": sorted(looked.absent),
        "folders": sorted(looked.folders.items()),
        "variables": {name: _variable(environ, name) for name in sorted(looked.variables)},
        "ended": ended,
    }
    _put(path, trace)


def _moved_since(looked: Looked, started_ns: int) -> bool:
    """Say whether anything that was read was touched after the build began to look (or just before it)."""
    for name in looked.files:
        stamp = stamp_of(name)
        if stamp is None or max(stamp[1], stamp[2]) >= started_ns - GRAIN_NS:
            return True
    return any(os.path.lexists(name) for name in looked.absent) or any(
        _listing(name) != listing for name, listing in looked.folders.items()
    )


def unchanged(path: Path, environ: Mapping[str, str]) -> Mapping[str, Any] | None:
    """Give what the traced build ended with, if nothing that it looked at has changed; else `None`."""
    try:
        trace = json.loads(path.read_bytes())
        if trace["vidbuild_trace"] != FORMAT:
            return None
        now_ns = time.time_ns()
        if not _stands(trace, environ):
            return None
        if any(_is_young(entry, trace["started_ns"]) for entry in trace["files"]):
            files = [_entry(entry[0], now_ns, entry[5]) for entry in trace["files"]]
            _put(path, {**trace, "started_ns": now_ns, "files": files})
        ended: Mapping[str, Any] = trace["ended"]
        return {name: ended[name] for name in ("hits", "deliverables", "warnings")}
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return None


def _stands(trace: Mapping[str, Any], environ: Mapping[str, str]) -> bool:
    """Compare every entry: variables, names that were absent, folders, then files."""
    if any(_variable(environ, name) != value for name, value in trace["variables"].items()):
        return False
    if any(os.path.lexists(name) for name in trace["absent"]):
        return False
    if any(_listing(name) != names for name, names in trace["folders"]):
        return False
    for entry in trace["files"]:
        stamp = stamp_of(entry[0])
        if stamp is None or list(stamp) != entry[1:5]:
            return False
        if _is_young(entry, trace["started_ns"]) and _content(entry[0]) != entry[5]:
            return False
    return True


def _entry(name: str, started_ns: int, content: str | None = None) -> list[Any]:
    """Write a file's stamp, and its content's digest where the stamp alone can't be believed."""
    stamp = stamp_of(name)
    if stamp is None:
        raise OSError(f"{name} is gone")
    entry: list[Any] = [name, *stamp, None]
    if _is_young(entry, started_ns):
        entry[5] = content or _content(name)
    return entry


def _is_young(entry: list[Any], started_ns: int) -> bool:
    return bool(max(entry[2], entry[3]) > started_ns - SETTLED_NS)


def _content(name: str) -> str:
    with open(name, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _listing(name: str) -> str | None:
    try:
        return "\n".join(sorted(os.listdir(name)))
    except OSError:
        return None


def _variable(environ: Mapping[str, str], name: str) -> str | None:
    """Give a variable's digest: a trace holds no values, since one may be a secret."""
    value = environ.get(name)
    return None if value is None else hashlib.sha256(value.encode()).hexdigest()


def _put(path: Path, trace: Mapping[str, Any]) -> None:
    """Replace a trace in one step; it is only a memory, so it need not outlive a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f"{path.name}.*"):
        left.unlink(missing_ok=True)
    fresh = path.with_name(f"{path.name}.{os.getpid()}")
    fresh.write_text(json.dumps(trace, separators=(",", ":")))
    os.replace(fresh, path)


def package_files(package: Path) -> Iterable[str]:
    """List the files that a build's outcome may depend on in an installed package: code and data, not byte code."""
    for folder, folders, names in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__"]
        yield from (os.path.join(folder, name) for name in names if not name.endswith(".pyc"))
