"""The index is quick, and nothing in it can hurt."""

from __future__ import annotations

import pickle
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from vidbuild.stores.index import Index, Memory
from vidbuild.stores.stamp import stamp_of
from vidbuild.words.digest import digest_bytes


class Payload:
    """Writes a file when it is unpickled."""

    def __init__(self, target: Path):
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (open, (str(self.target), "w"))


def test_a_pickle_in_the_database_is_never_unpickled(tmp_path: Path) -> None:
    """CVE-2025-69872: a row edited to hold a pickle must not run."""
    index = Index(tmp_path / "index")
    index.put("ac:x", "text")
    index.close()
    with sqlite3.connect(tmp_path / "index" / "cache.db") as database:
        payload = pickle.dumps(Payload(tmp_path / "ran"))
        database.execute("UPDATE Cache SET mode = 4, value = ?", (sqlite3.Binary(payload),))
    assert Index(tmp_path / "index").get("ac:x") is None
    assert not (tmp_path / "ran").exists()


def test_a_file_name_in_the_database_is_never_opened(tmp_path: Path) -> None:
    """A row that names a file outside gives nothing."""
    (tmp_path / "secret").write_text("secret")
    index = Index(tmp_path / "index")
    index.put("ac:x", "text")
    index.close()
    with sqlite3.connect(tmp_path / "index" / "cache.db") as database:
        database.execute("UPDATE Cache SET mode = 3, filename = '../secret', value = NULL")
    assert Index(tmp_path / "index").get("ac:x") is None


@pytest.mark.parametrize("content", [b"", b"garbage" * 1000])
def test_a_database_that_is_none_is_thrown_away(content: bytes, tmp_path: Path) -> None:
    """It held nothing of its own."""
    Index(tmp_path / "index").close()
    (tmp_path / "index" / "cache.db").write_bytes(content)
    index = Index(tmp_path / "index")
    index.put("k", "v")
    assert index.get("k") == "v"


def test_nothing_is_ever_evicted(tmp_path: Path) -> None:
    """diskcache's defaults delete what is oldest once it holds a gigabyte."""
    index = Index(tmp_path / "index")
    assert (index._cache.eviction_policy, index._cache.cull_limit, index._cache.size_limit) == ("none", 0, 2**62)


def test_only_text_is_kept(tmp_path: Path) -> None:
    """Anything else would be pickled."""
    with pytest.raises(TypeError):
        Index(tmp_path / "index").put("k", 1)  # type: ignore[arg-type]


def test_a_file_that_was_touched_is_not_remembered(tmp_path: Path) -> None:
    """Its stamp no longer stands."""
    path, memory = tmp_path / "f", Memory(Index(tmp_path / "index"))
    path.write_bytes(b"one")
    stamp = stamp_of(path)
    assert stamp is not None
    memory.remember(path, stamp, digest_bytes(b"one"))
    known = memory.digest(path)
    path.write_bytes(b"three")
    assert (known, memory.digest(path)) == (digest_bytes(b"one"), None)


def test_two_processes_share_an_index(tmp_path: Path) -> None:
    """What one keeps, the other finds."""
    imports = "from vidbuild.stores.index import Index; from pathlib import Path"
    code = f"{imports}; Index(Path({str(tmp_path)!r})).put('k', 'v')"
    subprocess.run([sys.executable, "-c", code], check=True)
    assert Index(tmp_path).get("k") == "v"
