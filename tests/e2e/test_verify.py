"""`vidbuild verify`: everything is made once more, and what comes out otherwise is named with what differs."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_films import film, shot, since
from small_projects import GENERATED, set_up

from vidbuild.runners import ffmpeg
from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

Verified = tuple[int, dict[str, Any]]


def verified(studio: Studio, *options: str) -> Verified:
    """Verify, and give the exit code and the document of `--json`."""
    done = studio.run("verify", "--json", *options)
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def planted(folder: Path, name: str, when: str = "") -> Path:
    """Write an ffmpeg of another identity: it encodes pieces otherwise, or only while a file called `when` is there."""
    path, binary = folder / name, ffmpeg.find(os.environ)
    path.write_text(ODD.format(test=f"[ -e {folder / when} ]" if when else "true", binary=binary))
    path.chmod(0o755)
    return path


ODD = """#!/bin/sh
case "$*" in *stitchable*) if {test}; then
  for one in "$@"; do shift; [ "$last" = -crf ] && one=35; last=$one; set -- "$@" "$one"; done
fi;; esac
exec {binary} "$@"
"""


def snapshot(studio: Studio) -> dict[str, int]:
    """Give every file of the store and the project, but for an index, and when it was written."""
    roots = (studio.store, studio.folder)
    files = (path for root in roots for path in root.rglob("*") if path.is_file())
    return {str(path): path.stat().st_mtime_ns for path in files if not {"index", "locks"} & set(path.parts)}


def test_what_was_built_here_comes_out_the_same(generated: Studio) -> None:
    """Every action runs again, nothing is written in the store or the project, and nothing is left behind."""
    before = snapshot(generated)
    code, told = verified(generated)
    assert (code, told["status"], told["differs"], told["unknown"], told["failed"]) == (0, "same", [], [], [])
    assert told["same"] == len(generated.plan()["actions"])
    assert told["environment"]["differs"] == []
    assert {path for path in snapshot(generated) if path not in before} <= {str(generated.store / "work.lock")}
    assert generated.litter() == []


ONE = """\
vidbuild: 1
fps: 12
shots: [{id: pour, duration_s: 0.5, model: local/animatic, prompt: a cup is poured}]
outputs: [wide]
"""


def test_a_step_that_gives_other_bytes_with_the_same_tools_is_named(empty: Studio, tmp_path: Path) -> None:
    """The first by itself; what is made from it is counted beside, and the tools are not blamed."""
    set_up(empty, ONE)
    empty.environ["VIDBUILD_FFMPEG"] = str(planted(tmp_path, "ffmpeg", when="odd"))
    empty.build()
    (tmp_path / "odd").touch()
    code, told = verified(empty)
    assert (code, told["status"], told["environment"]["differs"]) == (1, "differs", [])
    first = [row for row in told["differs"] if row["is_first"]]
    assert {row["mnemonic"] for row in first} == {"Segment"}
    assert {row["mnemonic"] for row in told["differs"] if not row["is_first"]} == {"Deliver", "Poster"}
    said = empty.run("verify").stdout
    assert said.startswith(f"the first that differs: Segment of `pour` for `{first[0]['outputs'][0]}`, `video`: made ")
    assert "the tools are the same" in said
    (tmp_path / "odd").unlink()
    assert verified(empty)[0] == 0


@pytest.mark.slow
def test_another_ffmpeg_is_named_and_what_it_makes_otherwise(generated: Studio, tmp_path: Path) -> None:
    """What is held lies under the keys of the ffmpeg that made it: it is found by what the last build noted."""
    generated.environ["VIDBUILD_FFMPEG"] = str(planted(tmp_path, "other"))
    code, told = verified(generated)
    assert (code, told["environment"]["differs"], told["environment"]["held_by"]) == (1, ["ffmpeg"], "the last build")
    assert {row["mnemonic"] for row in told["differs"]} == {"Segment", "Deliver", "Poster"}
    said = generated.run("verify").stdout
    assert "the first that differs: Segment of `pour`" in said
    assert f"ffmpeg: {told['environment']['here']['ffmpeg']} here, {told['environment']['held']['ffmpeg']} as" in said
    generated.environ["VIDBUILD_FFMPEG"] = str(planted(tmp_path, "alike", when="never"))
    code, told = verified(generated)
    assert (code, told["status"], told["environment"]["differs"]) == (0, "same", ["ffmpeg"])


def test_what_was_never_built_has_nothing_to_be_compared_with(empty: Studio) -> None:
    """It says so at once, and makes nothing."""
    set_up(empty, GENERATED)
    code, told = verified(empty)
    assert (code, told["status"], told["same"]) == (1, "unknown", 0)
    assert "build first" in empty.run("verify").stdout
    assert not (empty.store / "cas").exists()


@pytest.fixture
def bought(tmp_path: Path) -> Iterator[Shop]:
    """A film of two bought shots, the second of which goes on from the first, in a shared store."""
    with Shop(tmp_path / "shop", "keyed") as shop_:
        (tmp_path / "remote").mkdir()
        shop_.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
        film(shop_, shot("one"), shot("two", "crema", init_image="one.last_frame"))
        shop_.build("--yes")
        yield shop_


def test_what_was_bought_is_lent_and_what_is_pinned_is_made_again(bought: Shop, tmp_path: Path) -> None:
    """On a machine without keys that has the lock and the shared store alone; the lock says what it was made with.

    Where a take is nowhere, it is named, and nothing is made for a comparison that can't be whole.
    """
    clone = bought.copy(tmp_path / "clone")
    for folder in (clone.store, clone.folder / "build", clone.folder / ".vidbuild"):
        shutil.rmtree(folder)
    for key in bought.vendors.secrets:
        clone.environ.pop(key, None)
    count, lock = len(bought.vendors.requests), bought.lock.read_bytes()
    clone.environ["VIDBUILD_FFMPEG"] = str(planted(tmp_path, "other"))
    code, told = verified(clone)
    assert (code, told["environment"]["held_by"], told["environment"]["differs"]) == (1, "the lock", ["ffmpeg"])
    assert {row["mnemonic"] for row in told["differs"] if row["is_first"]} == {"Segment"}
    plan = bought.plan()["actions"]
    free = [row["mnemonic"] for row in plan if row["mnemonic"] != "Footage"]
    assert "Frame" in free
    assert told["same"] + len({row["id"] for row in told["differs"]}) == len(free)
    assert (since(bought, count), (clone.folder / "vidbuild.lock").read_bytes()) == ([], lock)
    digest = next(iter(LockFile(bought.lock).value.made_by))
    for place in (bought.store / "cas" / digest[:2] / digest, Path(bought.environ["VIDBUILD_REMOTE"]) / "cas" / digest):
        os.chmod(place, 0o600)
        place.unlink()
    done = bought.run("verify")
    assert (done.returncode, digest in done.stderr) == (6, True)


@pytest.mark.slow
def test_a_lock_says_once_what_its_project_is_made_with(bought: Shop, tmp_path: Path) -> None:
    """A colleague with another ffmpeg builds and buys, and that line stays as it was."""
    first = LockFile(bought.lock).value.toolchain
    assert set(first) == {"ffmpeg", "numpy", "pillow", "fonts", "cpu", "vidbuild"}
    assert "sha256:" in first["ffmpeg"]
    bought.environ["VIDBUILD_FFMPEG"] = str(planted(tmp_path, "other"))
    bought.edit("crema", "crema from above")
    bought.build("--yes")
    assert LockFile(bought.lock).value.toolchain == first
    assert bought.run("lock", "--toolchain").returncode == 0
    assert LockFile(bought.lock).value.toolchain != first
    assert bought.build("--locked").status == "built"
