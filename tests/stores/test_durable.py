"""Writing: the old content or the new, never a mix; logs that outlive a kill."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from vidbuild.stores import durable
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.words.digest import Digest

KEY = Digest("d" * 64)


def test_a_write_that_fails_leaves_the_old_content_and_no_litter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The name changes hands only when all is on disk."""
    path = tmp_path / "f"
    durable.write_bytes(path, b"old")

    def no_room(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", no_room)
    with pytest.raises(OSError, match="No space left"):
        durable.write_bytes(path, b"new")
    assert (path.read_bytes(), [file.name for file in tmp_path.iterdir()]) == (b"old", ["f"])


def test_what_a_killed_writer_left_is_swept_and_a_living_ones_is_not(tmp_path: Path) -> None:
    """A lock tells them apart."""
    code = (
        "import os; from pathlib import Path; from vidbuild.stores import durable;"
        f"context = durable._fresh(Path({str(tmp_path / 'f')!r}), 0o644); context.__enter__(); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert len(list(tmp_path.glob(".new-*"))) == 1
    with durable._fresh(tmp_path / "g", 0o644) as living:
        time.sleep(0.15)
        durable.sweep(tmp_path)
        assert [str(path) for path in tmp_path.glob(".new-*")] == [living.name]


def test_a_writer_that_is_about_to_lock_its_file_keeps_it(tmp_path: Path) -> None:
    """A file is there a moment before its lock is; one that was just made is looked at again."""
    path = tmp_path / ".new-abcdefgh"
    with open(path, "wb") as stream:
        locking = threading.Timer(0.03, fcntl.flock, (stream, fcntl.LOCK_EX))
        locking.start()
        durable.sweep(tmp_path)
        assert path.exists()
        locking.join()


def test_what_leaves_the_store_is_a_copy(tmp_path: Path) -> None:
    """Writing over the copy does not reach the blob."""
    source, copy = tmp_path / "blob", tmp_path / "out"
    durable.write_bytes(source, b"blob", durable.READ_ONLY)
    durable.copy_out(source, copy)
    copy.write_bytes(b"edited")
    assert source.read_bytes() == b"blob"


def test_the_job_log_gives_back_its_steps_in_order(tmp_path: Path) -> None:
    """Intent, then the job's id, then the end."""
    log = JobLog(tmp_path)
    log.append(KEY, "intent", nonce="n1")
    log.append(KEY, "submitted", job="k/1")
    assert [step["step"] for step in log.steps(KEY)] == ["intent", "submitted"]
    assert log.open_attempts() == (KEY,)
    log.append(KEY, "stored")
    assert log.open_attempts() == ()


def test_a_torn_line_is_none_and_does_not_swallow_the_next(tmp_path: Path) -> None:
    """A kill in the middle of a write loses that line alone."""
    log = JobLog(tmp_path)
    log.append(KEY, "intent")
    with open(log.folder / KEY, "ab") as stream:
        stream.write(b'{"step": "subm')
    log.append(KEY, "stored")
    assert [step["step"] for step in log.steps(KEY)] == ["intent", "stored"]


def test_a_lock_has_one_holder_who_is_named(tmp_path: Path) -> None:
    """The second is told whom it waits for."""
    first, second = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    assert (first.take("vidbuild build"), second.take()) == (True, False)
    assert "`vidbuild build` (process" in second.holder()
    first.release()
    assert second.take()


def test_a_dead_process_holds_no_lock(tmp_path: Path) -> None:
    """The kernel gives it back."""
    code = (
        "import os; from pathlib import Path; from vidbuild.stores.process_lock import ProcessLock;"
        f"ProcessLock(Path({str(tmp_path / 'lock')!r})).take('x'); os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    assert ProcessLock(tmp_path / "lock").take()


def test_a_lock_file_that_was_removed_locks_nobody_out(tmp_path: Path) -> None:
    """Two may not hold two files of one name."""
    first, second = ProcessLock(tmp_path / "lock"), ProcessLock(tmp_path / "lock")
    first.take()
    first.release(remove=True)
    assert second.take()
    assert not ProcessLock(tmp_path / "lock").take()


def test_a_line_that_is_written_in_pieces_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that fills up takes a part and says so: half an intent would be none, and its job bought again."""
    write = os.write
    monkeypatch.setattr(durable.os, "write", lambda descriptor, data: write(descriptor, data[:7]))
    log = JobLog(tmp_path)
    log.append(KEY, "intent", nonce="n1")
    assert [step["step"] for step in log.steps(KEY)] == ["intent"]
