"""What a build needs of its machine: each look finds what is wrong, and leaves nothing behind."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vidbuild.checkup import disk, remote, toolchain, written
from vidbuild.checkup.toolchain import Needs
from vidbuild.media.fonts import Face, FontFile, Typeface
from vidbuild.runners import ffmpeg
from vidbuild.stores.remotes.folder import FolderRemote
from vidbuild.stores.remotes.remote import opened
from vidbuild.testing.http_store import Answer, HttpStore
from vidbuild.words.digest import Digest

ARGV = [
    "ffmpeg", "-hide_banner", "-c:v", "libvpx-vp9", "-i", "{in:clip}", "-filter_complex",
    "[0:v]fps=24[a];[a]crop=2*min(floor(iw/2)\\,3):4,scale=w=3:h=4[b];[b][1:v]overlay=x=(W-w)/2[c]",
    "-map", "[c]", "-c:v", "libx264", "-c:a", "copy", "{out:video}",
]  # fmt: skip


def graph_of(*steps: Any) -> Any:
    node = SimpleNamespace(action=SimpleNamespace(params={"steps": list(steps)}))
    return SimpleNamespace(nodes={"a": node})


def test_needs_are_what_argv_ask_for() -> None:
    """Wherever they stand in a step; how an input is read is no encoder, and commas in an expression part nothing."""
    found = toolchain.needs(graph_of({"argv": ARGV}, {"level": {"encode": ["-c:a", "aac", "-b:a", "64k"]}}))
    assert found == Needs(frozenset({"libx264", "aac"}), frozenset({"fps", "crop", "scale", "overlay"}))


def test_an_ffmpeg_that_lacks_something_is_wrong() -> None:
    """Each thing by its name; the one that comes with vidbuild has the usual ones."""
    binary = ffmpeg.find(os.environ)
    assert not toolchain.has(binary, Needs(frozenset({"libx264", "aac"}), frozenset({"overlay"}))).is_wrong
    found = toolchain.has(binary, Needs(frozenset({"libx264", "libnone"}), frozenset({"nothing"})))
    assert found.is_wrong
    assert found.said == "ffmpeg lacks the encoder `libnone`, the filter `nothing`"


def test_a_disk_that_works_leaves_nothing_behind(tmp_path: Path) -> None:
    """And one that can't be written says so."""
    assert not disk.abilities("file system", tmp_path, tmp_path).is_wrong
    assert list(tmp_path.iterdir()) == []
    assert disk.abilities("file system", tmp_path / "nowhere", None).is_wrong


@pytest.mark.parametrize("name", ["symbolic links", "locks", "renames over a file"])
def test_a_disk_that_lacks_something_is_wrong(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it refuses, or does something else."""

    def refuses(place: Path) -> bool:
        raise OSError("no such thing here")

    for look in (refuses, lambda place: False):
        monkeypatch.setitem(disk._NEEDED, name, look)
        found = disk.abilities("file system", tmp_path, None)
        assert (found.is_wrong, found.said.startswith(f"no {name};")) == (True, True)


def test_little_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With what makes room."""
    for free, hint in ((disk.LITTLE, None), (disk.LITTLE - 1, "make room: `vidbuild store gc --keep 30d`")):
        monkeypatch.setattr(disk.shutil, "disk_usage", lambda folder, free=free: SimpleNamespace(free=free))
        assert disk.room("store", tmp_path).hint == hint


FACE = Face("Own Sans", False, 1000, {ord(char): 500 for char in "abc é"})
FACES = {"text": Typeface((FontFile(Digest("a" * 64), (FACE,)),))}


def project_of(*texts: str) -> Any:
    return SimpleNamespace(texts=[SimpleNamespace(text=text) for text in texts], shots=[], captions=None, lines=[])


def test_characters_that_no_font_has_are_named() -> None:
    """Each once; a project that writes nothing needs none."""
    assert (
        written.coverage([project_of("abc", "cab é")], FACES).said
        == "Own Sans: all 5 different characters of the project"
    )
    found = written.coverage([project_of("abc Ω", "Ω")], FACES)
    assert (found.is_wrong, "Ω (GREEK CAPITAL LETTER OMEGA)" in found.said) == (True, True)
    assert not written.coverage([project_of()], {}).is_wrong


# The shared store


@pytest.fixture
def store() -> Iterator[HttpStore]:
    with HttpStore() as store:
        yield store


def test_a_store_that_keeps_what_it_is_given_is_well(tmp_path: Path, store: HttpStore) -> None:
    """Looked at twice it holds no more than looked at once, and no claim."""
    remote.probe("here", FolderRemote(tmp_path), False)
    found = remote.probe("here", FolderRemote(tmp_path), False)
    assert (found.is_wrong, found.said) == (False, "here: takes and gives blobs and records; claims")
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2
    said = remote.probe("there", opened(store.url, {}), False).said
    assert "no claims by plain HTTP, though this one heeds `If-None-Match`" in said
    assert sorted(path[:3] for path in store.held) == ["ac/", "cas"]


def test_a_store_that_is_only_read_is_not_written(store: HttpStore) -> None:
    """One question, and no more."""
    assert not remote.probe("there", opened(store.url, {}), True).is_wrong
    assert [method for method, _ in store.asked] == ["HEAD"]


def test_a_store_that_validates_records_is_told_how_not_to(store: HttpStore) -> None:
    """As bazel-remote does by default."""
    store.validates = True
    found = remote.probe("there", opened(store.url, {}), False)
    assert (found.is_wrong, "--disable_http_ac_validation" in str(found.hint)) == (True, True)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((403, {}, b""), "credentials"),
        ((302, {"Location": "http://127.0.0.1:1"}, b""), "redirect"),
        ((200, {}, b"<html>log in</html>"), "other bytes"),
    ],
    ids=["refused", "redirect", "html"],
)
def test_a_store_that_is_none_is_wrong(store: HttpStore, answer: Answer, told: str) -> None:
    """Whatever it answers."""
    store.answers = lambda method, path, held: answer
    found = remote.probe("there", opened(store.url, {}), False)
    assert (found.is_wrong, told in found.said) == (True, True)


def test_a_store_that_gives_another_record_is_wrong(store: HttpStore) -> None:
    """It would be of no use: ours are checked against their keys."""
    store.answers = lambda method, path, held: (
        (200, {}, json.dumps({"key": "other"}).encode()) if method == "GET" and path.startswith("ac/") else None
    )
    assert "another record" in remote.probe("there", opened(store.url, {}), False).said
