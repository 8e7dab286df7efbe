"""What goes wrong on disks, in environments and in people's folders: noticed, mended or told, never passed on."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from small_projects import GENERATED, set_up

from vidbuild.testing.studio import Built, Ran, Studio, wait_until

SECRET = "planted-5ecret-value-1b2f"


def records(studio: Studio, mnemonic: str) -> list[Path]:
    """Find the records of all actions of a kind, as the store's format shows them."""
    found = sorted((studio.store / "ac").glob("??/*"))
    return [path for path in found if json.loads(path.read_text())["action"]["mnemonic"] == mnemonic]


def blob(studio: Studio, record: Path) -> Path:
    """Name the file that holds a record's one output."""
    ((digest, _, _),) = json.loads(record.read_text())["outputs"].values()
    return studio.store / "cas" / digest[:2] / digest


def damage(path: Path) -> None:
    """Flip a byte in the middle of a file, keeping its size and its time."""
    stat = path.stat()
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.chmod(0o644)
    path.write_bytes(data)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    path.chmod(0o444)


def overwrite(path: Path, text: str) -> None:
    """Put other text in place of a read-only file's."""
    path.chmod(0o644)
    path.write_text(text)


# The store


def test_a_damaged_take_is_noticed_and_made_again(generated: Studio) -> None:
    """A byte flipped in the take that an edited shot's piece is cut from."""
    (take,) = (path for path in records(generated, "Footage") if "a barista" in path.read_text())
    damage(blob(generated, take))
    generated.edit("id: pour\n    duration_s: 0.5", "id: pour\n    duration_s: 0.75")
    built = generated.build()
    assert built.ran("Footage", "Segment") == {
        Ran("Footage", ("pour",), ()),
        Ran("Segment", ("pour",), ("wide",)),
        Ran("Segment", ("pour",), ("tall",)),
    }


def test_a_damaged_finished_blob_is_noticed_and_made_again(generated: Studio) -> None:
    """The file was taken away, and what the store holds of it is damaged."""
    before = generated.files()
    for record in records(generated, "Deliver"):
        damage(blob(generated, record))
    shutil.rmtree(generated.folder / "build")
    built = generated.build()
    assert generated.files() == before
    assert {row.mnemonic for row in built.ran()} == {"Deliver"}


def test_a_damaged_blob_never_becomes_a_finished_file(generated: Studio, tmp_path: Path) -> None:
    """A flipped byte in a piece that is copied into the film again."""
    clean = set_up(Studio(tmp_path / "clean" / "project"), GENERATED)
    for record in records(generated, "Segment"):
        damage(blob(generated, record))
    for studio in (generated, clean):
        studio.edit("warm guitar, 90 bpm", "warm guitar, 120 bpm")
    generated.build()
    clean.build()
    assert generated.files() == clean.files()


def test_a_record_that_is_torn_is_no_record(generated: Studio) -> None:
    """Torn, emptied or garbage, with the index over it gone: the actions run again, and the files are the same."""
    before = generated.files()
    torn = records(generated, "Segment")
    for record, content in zip(torn, ["", "{", "garbage", "[]", '{"vidbuild_result": 1}', "\x00" * 400], strict=True):
        overwrite(record, content)
    shutil.rmtree(generated.store / "index")
    built = generated.build()
    assert [row.mnemonic for row in built.listed] == ["Segment"] * 6
    assert generated.files() == before
    assert [json.loads(record.read_text())["key"] for record in torn] == [record.name for record in torn]


def test_a_record_under_another_key_is_no_record(generated: Studio) -> None:
    """A record that was copied to another name is not believed."""
    one, other = records(generated, "Footage")[:2]
    overwrite(one, other.read_text())
    shutil.rmtree(generated.store / "index")
    assert len(generated.build().ran("Footage")) == 1


def test_a_blob_that_is_gone_is_a_miss(generated: Studio) -> None:
    """The record is there, its bytes are not."""
    (record,) = records(generated, "Music")
    blob(generated, record).unlink()
    assert {row.mnemonic for row in generated.build().ran()} == {"Music"}


def _remove_index(folder: Path) -> None:
    shutil.rmtree(folder)


def _garbage_index(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"this is no database" * 400)


def _empty_index(folder: Path) -> None:
    for path in folder.iterdir():
        path.write_bytes(b"")


def _other_tables(folder: Path) -> None:
    _remove_index(folder)
    folder.mkdir()
    with sqlite3.connect(folder / "cache.db") as database:
        database.execute("CREATE TABLE Cache (something TEXT)")
    database.close()


def _broken_pages(folder: Path) -> None:
    path = folder / "cache.db"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xff" * (len(data) - 4096))


@pytest.mark.parametrize("spoil", [_remove_index, _garbage_index, _empty_index, _other_tables, _broken_pages])
def test_an_index_that_is_gone_or_garbage_is_built_anew(generated: Studio, spoil: Callable[[Path], None]) -> None:
    """It is only an index: nothing is made again, and nothing is said."""
    spoil(generated.store / "index")
    built = generated.build()
    assert (built.ran(), built.hits) == (set(), 16)


@pytest.mark.slow
def test_a_trace_that_is_garbage_is_no_trace(generated: Studio) -> None:
    """Whatever stands in it."""
    generated.build()
    for content in ("", "null", '{"vidbuild_trace": 1}'):
        for path in (generated.store / "traces").iterdir():
            path.write_text(content)
        assert generated.build().hits == 16


def test_store_verify_finds_damage(generated: Studio) -> None:
    """Exit 0 on a sound store, 1 on a damaged one."""
    assert generated.run_bare("store", "verify").returncode == 0
    damage(blob(generated, records(generated, "Music")[0]))
    done = generated.run_bare("store", "verify")
    assert (done.returncode, "1 damaged" in done.stdout) == (1, True)


# Finished files


def test_a_finished_file_that_was_deleted_is_restored(generated: Studio) -> None:
    """With and without a trace: nothing runs, the file is back."""
    before = generated.files()
    generated.build()
    (generated.folder / "build" / "wide.mp4").unlink()
    (generated.folder / "build" / "tall.jpg").unlink()
    built = generated.build()
    assert (built.ran(), generated.files()) == (set(), before)


def test_a_finished_file_that_was_changed_by_hand_is_restored(generated: Studio) -> None:
    """The same size, another byte, the old time."""
    before = generated.files()
    generated.build()
    damage(generated.folder / "build" / "wide.mp4")
    built = generated.build()
    assert (built.ran(), generated.files()) == (set(), before)


def test_a_finished_file_is_no_link_into_the_store(generated: Studio) -> None:
    """Who writes into it spoils no blob."""
    path = generated.folder / "build" / "wide.mp4"
    assert (path.is_symlink(), path.stat().st_nlink) == (False, 1)
    assert os.access(path, os.W_OK)


def test_an_output_folder_that_can_not_be_written_is_told(generated: Studio) -> None:
    """Even root can't write below /proc."""
    built = generated.build("--out", "/proc/vidbuild", ends=1)
    assert "/proc/vidbuild" in built.told


def test_a_file_where_the_output_folder_should_be_is_told(generated: Studio) -> None:
    """No traceback, and the path is named."""
    shutil.rmtree(generated.folder / "build")
    generated.write("build", "a file")
    assert "build" in generated.build(ends=1).told


def test_a_folder_where_a_finished_file_should_be_is_told(generated: Studio) -> None:
    """No traceback, the path is named, and the other file is delivered."""
    (generated.folder / "build" / "wide.mp4").unlink()
    (generated.folder / "build" / "wide.mp4").mkdir()
    built = generated.build(ends=1)
    assert "build/wide.mp4" in built.told
    assert list(built.sha256) == ["tall"]


def test_a_store_that_can_not_be_written_is_told(generated: Studio) -> None:
    """Before anything is made."""
    generated.environ["VIDBUILD_STORE"] = "/proc/vidbuild"
    assert "/proc/vidbuild" in generated.build(ends=1).told


def test_a_state_folder_that_can_not_be_written_is_told(generated: Studio) -> None:
    """A file where `.vidbuild/` should be."""
    shutil.rmtree(generated.folder / ".vidbuild")
    generated.write(".vidbuild", "a file")
    assert ".vidbuild" in generated.build(ends=1).told


# ffmpeg


@pytest.mark.parametrize("kind", ["missing", "folder", "text", "silent"])
def test_an_ffmpeg_that_does_not_run_is_told(generated: Studio, kind: str) -> None:
    """Missing, a folder, a text, or one that says nothing: a sentence that names it."""
    path = generated.folder / "my-ffmpeg"
    if kind == "folder":
        path.mkdir()
    elif kind != "missing":
        path.write_text("#!/bin/sh\nexit 0\n" if kind == "silent" else "no program")
        path.chmod(0o755)
    generated.environ["VIDBUILD_FFMPEG"] = str(path)
    built = generated.build(ends=1)
    assert "my-ffmpeg" in built.told


def test_another_ffmpeg_makes_no_generation_again(generated: Studio) -> None:
    """What is encoded is encoded again by it; takes and the bed stand."""
    from vidbuild.runners import ffmpeg

    other = generated.folder / "other-ffmpeg"
    shutil.copyfile(ffmpeg.find(os.environ), other)
    with open(other, "ab") as stream:
        stream.write(b"\x00")
    other.chmod(0o755)
    generated.environ["VIDBUILD_FFMPEG"] = str(other)
    built = generated.build()
    assert built.ran("Footage", "Music") == set()
    assert len(built.ran("Segment")) == 6


# Names


ODD = 'a project: it\'s 100 %d "odd" 🎬 [x]'


@pytest.mark.slow
def test_a_project_in_a_folder_with_an_odd_name_builds_the_same(tmp_path: Path, generated: Studio) -> None:
    """Spaces, a colon, quotes, a per cent sign, brackets, an emoji; the store in such a folder too."""
    odd = set_up(Studio(tmp_path / ODD / "project", tmp_path / f"{ODD} store"), GENERATED)
    odd.build()
    assert odd.files() == generated.files()


def test_own_footage_with_an_odd_name_is_read(filmed: Studio) -> None:
    """ffmpeg takes it for no protocol, no option and no pattern."""
    names = ["a:b %d 'x'.mp4", "-y.mp4", "🎬 [v]\\;x.mp4"]
    for name, old in zip(names, ("loud", "quiet", "long"), strict=True):
        os.rename(filmed.folder / f"{old}.mp4", filmed.folder / name)
        filmed.edit(f"file: {old}.mp4", f"file: {json.dumps(name, ensure_ascii=False)}")
    filmed.edit("duration_s: 11", "duration_s: 9")
    built = filmed.build()
    assert built.ran("Segment") == {Ran("Segment", ("long",), ("wide",)), Ran("Segment", ("long",), ("tall",))}


# What is no footage


def _fifo(studio: Studio, name: str) -> None:
    os.mkfifo(studio.folder / name)


def _folder(studio: Studio, name: str) -> None:
    (studio.folder / name).mkdir()


def _device(studio: Studio, name: str) -> None:
    (studio.folder / name).symlink_to("/dev/zero")


def _text(studio: Studio, name: str) -> None:
    studio.write(name, "this is no film\n" * 100)


def _nothing(studio: Studio, name: str) -> None:
    studio.write(name, "")


def _playlist(studio: Studio, name: str) -> None:
    studio.write(name, "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n")


def _headless(studio: Studio, name: str) -> None:
    data = (studio.folder / "long.mp4").read_bytes()
    studio.write(name, data[: len(data) // 2] if data.index(b"moov") > len(data) // 2 else data[: data.index(b"moov")])


NO_FILE = {"fifo": _fifo, "folder": _folder, "device": _device}
NO_MEDIA = {"text": _text, "nothing": _nothing, "playlist": _playlist, "headless": _headless}


def _naming(studio: Studio, made: Mapping[str, Callable[[Studio, str], None]]) -> Built:
    """Build a project with a shot more for each of these."""
    for name, make in made.items():
        make(studio, f"{name}.mp4")
        studio.edit("audio:\n", f"  - {{id: {name}, file: {name}.mp4}}\naudio:\n")
    return studio.build(ends=2)


def _untold(studio: Studio, built: Built, names: Iterable[str]) -> list[str]:
    """Name those files that no line of the report points at."""
    heads = {name: f"project.yaml:{studio.place(f'file: {name}.mp4', f'{name}.mp4')}: " for name in names}
    lines = built.stderr.splitlines()
    return [name for name, head in heads.items() if not any(line.startswith(head) for line in lines)]


@pytest.mark.parametrize("made", [NO_FILE, NO_MEDIA], ids=["no file", "no media"])
def test_what_is_no_footage_is_an_error_at_its_place(
    filmed: Studio, made: Mapping[str, Callable[[Studio, str], None]]
) -> None:
    """A pipe, a folder, a device; a text, nothing, a playlist, a film without its header: all told, nothing hangs."""
    built = _naming(filmed, made)
    assert _untold(filmed, built, made) == []
    assert built.seconds < 20


def test_what_is_no_file_and_what_is_no_media_are_told_in_one_run(filmed: Studio) -> None:
    """Every mistake is reported in one run."""
    built = _naming(filmed, NO_FILE | NO_MEDIA)
    assert _untold(filmed, built, NO_FILE | NO_MEDIA) == []


def test_a_list_of_files_is_no_footage(filmed: Studio) -> None:
    """A script for ffmpeg's concat, named `.mp4`, reads no other file."""
    filmed.write("script.mp4", "ffconcat version 1.0\nfile long.mp4\nduration 12\n")
    filmed.edit("file: quiet.mp4", "file: script.mp4")
    assert f"project.yaml:{filmed.place('script.mp4')}: `script.mp4` can't be read" in filmed.build(ends=2).stderr


def test_a_truncated_film_fails_its_shot_and_the_rest_is_finished(filmed: Studio) -> None:
    """Its header promises 12.5 s, half of the pictures are there: exit 1, the shot is named."""
    data = (filmed.folder / "long.mp4").read_bytes()
    filmed.write("long.mp4", data[: len(data) // 2])
    filmed.edit("  - {id: quiet", "  - {id: also, file: loud.mp4, in_s: 0.25, duration_s: 0.5}\n  - {id: quiet")
    built = filmed.build(ends=1)
    assert {tuple(row["shots"]) for row in built.last["failed"]} <= {("long",)}
    assert ("Segment", ("long",)) in {(row["mnemonic"], tuple(row["shots"])) for row in built.last["failed"]}
    assert {row.shots for row in built.ran("Segment")} >= {("also",)}
    assert built.last["deliverables"] == []


@pytest.mark.parametrize("make", [_fifo, _folder, _device])
def test_a_project_file_that_is_no_file_is_told(empty: Studio, make: Callable[[Studio, str], None]) -> None:
    """A named pipe, a folder without a project, a device without an end."""
    make(empty, "odd.yaml")
    empty.file = "odd.yaml"
    built = empty.build(ends=2)
    assert "odd.yaml" in built.told
    assert built.seconds < 20


def test_a_profile_that_is_no_file_is_told(generated: Studio) -> None:
    """A named pipe among the platforms doesn't hold up a build."""
    _fifo(generated, "platforms/pipe.yaml")
    running = generated.start()
    wait_until(lambda: running.process.poll() is not None, 6)
    running.kill()
    built = running.finish()
    assert built.exit == 2
    assert "pipe.yaml" in built.told


def test_footage_behind_a_link_out_of_the_root_is_refused(filmed: Studio, tmp_path: Path) -> None:
    """Its target lies outside, whatever its own name."""
    outside = tmp_path / "outside.mp4"
    shutil.copyfile(filmed.folder / "quiet.mp4", outside)
    (filmed.folder / "quiet.mp4").unlink()
    (filmed.folder / "quiet.mp4").symlink_to(outside)
    assert f"project.yaml:{filmed.place('quiet.mp4')}: " in filmed.build(ends=2).told


def test_a_profile_behind_a_link_out_of_the_root_is_refused(generated: Studio, tmp_path: Path) -> None:
    """Nothing of it is read, and nothing of it is shown."""
    (tmp_path / "outside.yaml").write_text(f"name: {SECRET}\n")
    (generated.folder / "platforms" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    built = generated.build(ends=2)
    assert "link.yaml" in built.told
    assert SECRET not in built.told


@pytest.mark.slow
def test_footage_that_changes_while_it_is_read_never_spoils_the_store(filmed: Studio) -> None:
    """A film replaced in the middle of a build: what is then built from the old one is from the old one."""
    first = filmed.files()
    old = (filmed.folder / "long.mp4").read_bytes()
    filmed.film("long.mp4", 12.5, size="176x144", tone=300)
    running = filmed.start()
    running.wait_for("action_started")
    filmed.write("long.mp4", old)
    built = running.finish()
    assert built.exit in (0, 1)
    assert filmed.build().status == "built"
    assert filmed.files() == first


# Environments


def test_another_environment_rebuilds_nothing(generated: Studio, tmp_path: Path) -> None:
    """Locale, time zone, home, hash seed, terminal, a proxy, the umask."""
    generated.environ |= {
        "LC_ALL": "tr_TR.UTF-8",
        "LANG": "de_DE.UTF-8",
        "TZ": "Pacific/Apia",
        "HOME": str(tmp_path / "elsewhere"),
        "PYTHONHASHSEED": "77",
        "COLUMNS": "40",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "SOURCE_DATE_EPOCH": "1",
    }
    assert generated.build().ran() == set()


def test_a_locale_without_unicode_reads_and_tells_every_script(generated: Studio) -> None:
    """Where standard output takes ASCII alone, a name outside it is read and told all the same."""
    generated.environ |= {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    generated.edit("name: small", "name: klein · 小さい 🎬")
    built = generated.build()
    assert (built.ran(), built.named("build_started")[0]["project"]) == (set(), "klein · 小さい 🎬")


@pytest.mark.slow
def test_another_environment_makes_equal_bytes(generated: Studio, tmp_path: Path) -> None:
    """From nothing."""
    other = set_up(Studio(tmp_path / "other" / "project"), GENERATED)
    other.environ |= {"LC_ALL": "C", "TZ": "Asia/Kathmandu", "PYTHONHASHSEED": "1234", "HOME": "/nonexistent"}
    other.build("--jobs", "1")
    assert other.files() == generated.files()


@pytest.mark.slow
def test_a_secret_of_the_environment_is_written_nowhere(empty: Studio) -> None:
    """Keys of vendors, set as they are in a real shell: in no file, no line, no error."""
    set_up(empty, GENERATED)
    for name in ("KLING_ACCESS_KEY", "KLING_SECRET_KEY", "STABILITY_API_KEY", "MY_TOKEN"):
        empty.environ[name] = SECRET
    built = empty.build()
    empty.edit("model: local/animatic\n    prompt: a barista", "model: kling-3\n    prompt: a barista")
    said = [empty.run(command, *options) for command, *options in
            (["plan", "--show"], ["plan", "--json"], ["check"], ["show"], ["why", "pour"])]  # fmt: skip
    said.append(empty.run_bare("models"))
    words = [built.stderr, json.dumps(built.events), *(done.stdout + done.stderr for done in said)]
    assert [text for text in words if SECRET in text] == []
    assert _holding(empty.folder.parent, SECRET.encode()) == []


def _holding(folder: Path, value: bytes) -> list[str]:
    """Name every file below a folder that holds a value."""
    return [str(path) for path in folder.rglob("*") if path.is_file() and value in path.read_bytes()]
