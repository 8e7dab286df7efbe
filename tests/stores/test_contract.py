"""One contract over every place for bytes and every memory of results."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from vidbuild.stores.action_cache import ActionCache, DiskActionCache
from vidbuild.stores.cas import Cas, DiskCas
from vidbuild.stores.index import Index, Memory
from vidbuild.testing.memory import MemoryActionCache, MemoryCas
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.digest import Digest, digest_bytes

ACTION = BoundAction("Footage", {"prompt": "é"}, {"init": Digest("a" * 64)}, {"video": "video/mp4"}, "m@1")
RESULT = ActionResult({"video": Blob(Digest("b" * 64), 7, "video/mp4")}, {"cost_usd": 0.84, "job": "k/1"})


@pytest.fixture(params=["memory", "disk"])
def cas(request: pytest.FixtureRequest, tmp_path: Path) -> Cas:
    if request.param == "memory":
        return MemoryCas(tmp_path / "cas")
    return DiskCas(tmp_path, Memory(Index(tmp_path / "index")))


@pytest.fixture(params=["memory", "disk"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> ActionCache:
    return MemoryActionCache() if request.param == "memory" else DiskActionCache(tmp_path, Index(tmp_path / "index"))


def test_what_was_put_is_there(cas: Cas) -> None:
    """Bytes come back under their digest."""
    blob = cas.put_bytes(b"bytes", "text/plain")
    path = cas.fetch(blob.digest)
    assert blob == Blob(digest_bytes(b"bytes"), 5, "text/plain")
    assert path is not None
    assert (path.read_bytes(), cas.has(blob.digest)) == (b"bytes", True)


def test_a_file_that_is_put_is_gone_from_where_it_was(cas: Cas, tmp_path: Path) -> None:
    """The store takes it in."""
    source = tmp_path / "made"
    source.write_bytes(b"made")
    blob = cas.put(source, "video/mp4")
    assert (cas.has(blob.digest), blob.size, source.exists()) == (True, 4, False)


def test_putting_the_same_bytes_twice_is_the_same_blob(cas: Cas, tmp_path: Path) -> None:
    """Content is its own name."""
    source = tmp_path / "again"
    source.write_bytes(b"x")
    assert cas.put_bytes(b"x", "t").digest == cas.put(source, "t").digest


def test_what_was_never_put_is_absent(cas: Cas) -> None:
    """Absence is a value."""
    digest = digest_bytes(b"never")
    assert (cas.has(digest), cas.fetch(digest)) == (False, None)


def test_damaged_bytes_are_absent(cas: Cas) -> None:
    """What is given is verified."""
    path = cas.fetch(cas.put_bytes(b"whole", "t").digest)
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(b"holed")
    assert cas.fetch(digest_bytes(b"whole")) is None


def test_damaged_bytes_can_be_put_again(cas: Cas) -> None:
    """Damage does not stand in the way of what is whole."""
    path = cas.fetch(cas.put_bytes(b"whole", "t").digest)
    assert path is not None
    path.chmod(0o644)
    path.write_bytes(b"")
    again = cas.fetch(cas.put_bytes(b"whole", "t").digest)
    assert again is not None
    assert again.read_bytes() == b"whole"


def test_a_result_comes_back_as_it_was(cache: ActionCache) -> None:
    """Blobs and facts under the action's key."""
    cache.put(ACTION, RESULT)
    assert cache.get(ACTION.key) == RESULT


def test_the_record_of_a_result_tells_what_it_was_made_from(cache: ActionCache) -> None:
    """`why` reads it."""
    cache.put(ACTION, RESULT)
    assert cache.action(ACTION.key) == ACTION.record()


def test_a_key_that_nobody_recorded_has_no_result(cache: ActionCache) -> None:
    """Absence is a value."""
    assert (cache.get(ACTION.key), cache.action(ACTION.key)) == (None, None)


def record(root: Path) -> Path:
    return root / "ac" / ACTION.key[:2] / ACTION.key


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "[]",
        lambda text: text.replace(ACTION.key, "c" * 64),
        lambda text: text.replace('"vidbuild_result": 1', '"vidbuild_result": 99'),
        lambda text: text.replace("b" * 64, "../../etc/passwd"),
    ],
    ids=["empty", "torn", "of another kind", "under another key", "of another form", "with a path for a digest"],
)
def test_a_record_that_is_not_whole_is_no_record(spoil: Callable[[str], str], tmp_path: Path) -> None:
    """The plain file is the truth, and is checked."""
    DiskActionCache(tmp_path, Index(tmp_path / "index")).put(ACTION, RESULT)
    path = record(tmp_path)
    path.chmod(0o644)
    path.write_text(spoil(path.read_text()))
    assert DiskActionCache(tmp_path, Index(tmp_path / "other index")).get(ACTION.key) is None


def test_the_index_can_be_lost(tmp_path: Path) -> None:
    """It is rebuilt from the plain files."""
    DiskActionCache(tmp_path, Index(tmp_path / "index")).put(ACTION, RESULT)
    assert DiskActionCache(tmp_path, Index(tmp_path / "new")).get(ACTION.key) == RESULT


def test_blobs_and_records_are_read_only_plain_files(tmp_path: Path) -> None:
    """Two levels of folders, no write permission."""
    digest = DiskCas(tmp_path, Memory(Index(tmp_path / "index"))).put_bytes(b"x", "t").digest
    DiskActionCache(tmp_path, Index(tmp_path / "index")).put(ACTION, RESULT)
    paths = [tmp_path / "cas" / digest[:2] / digest, record(tmp_path)]
    assert [path.stat().st_mode & 0o777 for path in paths] == [0o444, 0o444]
