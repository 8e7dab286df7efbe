"""The same video on another class of CPU: what the store held has the same bytes, so the same frames; what is made
again there is made of the same pictures and shows the same ones.

Another CPU is this one with less: the command finds another `/proc/cpuinfo`, and ffmpeg is told to use no vector
instructions. Its bytes are the same ones, so keys are. What x264 does without its own is in docs/design.md.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
from small_films import film, shot

from vidbuild.runners import ffmpeg
from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

WRAPPED = '#!/bin/sh\n[ -e {folder}/other ] && set -- -cpuflags 0 "$@"\nexec {binary} "$@"\n'
"""An ffmpeg that is on another CPU while there is a file beside it that says so."""
PROGRAM = """\
import pathlib
import vidbuild.toolchain
vidbuild.toolchain.CPUINFO = pathlib.Path({cpuinfo!r})
from vidbuild.cli import main
main()
"""
Record = tuple[str, Mapping[str, str]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """A film of two bought shots, the second of which goes on from the first, and own footage with sound; pushed."""
    folder = tmp_path_factory.mktemp("cpu")
    with Shop(folder / "shop", "keyed") as shop:
        program = folder / "ffmpeg"
        program.write_text(WRAPPED.format(folder=folder, binary=ffmpeg.find(os.environ)))
        program.chmod(0o755)
        (folder / "remote").mkdir()
        shop.environ |= {"VIDBUILD_FFMPEG": str(program), "VIDBUILD_REMOTE": str(folder / "remote")}
        shop.film("own.mp4", 1)
        film(shop, shot("one"), shot("two", "crema", init_image="one.last_frame"), {"id": "own", "file": "own.mp4"})
        shop.build("--yes")
        yield shop


@pytest.fixture
def elsewhere(made: Shop, tmp_path: Path) -> Iterator[Studio]:
    """A clone without store, finished files and keys, on another CPU; with a copy of the remote."""
    clone = made.copy(tmp_path / "clone")
    for folder in (clone.store, clone.folder / "build", clone.folder / ".vidbuild"):
        shutil.rmtree(folder)
    shutil.copytree(made.environ["VIDBUILD_REMOTE"], tmp_path / "remote")
    clone.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
    for key in made.vendors.secrets:
        clone.environ.pop(key, None)
    (tmp_path / "cpuinfo").write_text("flags\t\t: fpu sse2\n")
    (tmp_path / "another_cpu.py").write_text(PROGRAM.format(cpuinfo=str(tmp_path / "cpuinfo")))
    clone.environ["PYTHONPATH"] += f":{tmp_path}"
    clone.program = "another_cpu"
    other = Path(made.environ["VIDBUILD_FFMPEG"]).with_name("other")
    other.touch()
    yield clone
    other.unlink()


def classes(made: Shop, elsewhere: Studio) -> tuple[str, str]:
    """Give the class of CPU that the lock names, and the one that the last build elsewhere found."""
    noted = json.loads((elsewhere.folder / ".vidbuild" / "toolchain-project.json").read_text())
    return LockFile(made.lock).value.toolchain["cpu"], noted["cpu"]


def records(studio: Studio, *mnemonics: str) -> dict[str, Record]:
    """Give what a store remembers of these mnemonics: by key, what it is and the digests of what it made."""
    found = {}
    for path in studio.store.glob("ac/*/*"):
        told = json.loads(path.read_text())
        if told["action"]["mnemonic"] in mnemonics:
            outputs = {name: blob[0] for name, blob in told["outputs"].items()}
            found[path.name] = (told["action"]["mnemonic"], outputs)
    return found


def frames(studio: Studio, path: Path) -> bytes:
    """Decode every picture by the studio's ffmpeg, and give their hashes."""
    argv = [studio.environ["VIDBUILD_FFMPEG"], "-v", "error", "-i", path, "-map", "0:v", "-f", "framehash", "-"]
    return subprocess.run(argv, capture_output=True, check=True).stdout


def samples(studio: Studio, path: Path) -> np.ndarray:
    """Decode sound."""
    argv = [studio.environ["VIDBUILD_FFMPEG"], "-v", "error", "-i", path, "-map", "0:a", "-f", "f32le", "-"]
    return np.frombuffer(subprocess.run(argv, capture_output=True, check=True).stdout, "<f4")


def test_what_the_store_held_is_the_same_on_any_cpu(made: Shop, elsewhere: Studio) -> None:
    """The class is in no key: nothing runs, the files have the same bytes, and the lock keeps its line."""
    before, lock = len(made.vendors.requests), made.lock.read_bytes()
    built = elsewhere.build("--frozen")
    here, there = classes(made, elsewhere)
    assert here != there
    assert (built.ran(), elsewhere.files()) == (set(), made.files())
    assert (len(made.vendors.requests), (elsewhere.folder / "vidbuild.lock").read_bytes()) == (before, lock)


def test_what_is_made_again_on_another_cpu_is_made_of_the_same_frames(made: Shop, elsewhere: Studio) -> None:
    """Of the remote the bought takes alone are left: they decode to the same pictures, and all that reads them has
    the same key. What is finished shows the same pictures; sound is the same up to AAC, and as loud behind it.
    """
    remote, lock = Path(elsewhere.environ["VIDBUILD_REMOTE"]), made.lock.read_bytes()
    takes = [blob.digest for one in LockFile(made.lock).value.bought.values() for blob in one.outputs.values()]
    for path in (*remote.glob("ac/*"), *remote.glob("cas/*")):
        if path.name not in takes:
            path.unlink()
    here = [frames(made, made.store / "cas" / take[:2] / take) for take in takes]
    assert {row.mnemonic for row in elsewhere.build("--frozen").ran()} >= {"Segment", "Sound", "Mix", "Deliver"}
    assert (elsewhere.folder / "vidbuild.lock").read_bytes() == lock
    held = [elsewhere.store / "cas" / take[:2] / take for take in takes]
    assert [frames(elsewhere, path) for path in held] == here
    assert records(elsewhere, "Segment") == records(made, "Segment")
    assert frames(elsewhere, elsewhere.folder / "build/wide.mp4") == frames(made, made.folder / "build/wide.mp4")
    sounds = records(made, "Sound")
    assert records(elsewhere, "Sound").keys() == sounds.keys()
    for key, (_, outputs) in sounds.items():
        pair = [(made, outputs["sound"]), (elsewhere, records(elsewhere, "Sound")[key][1]["sound"])]
        one, other = (samples(made, studio.store / "cas" / digest[:2] / digest) for studio, digest in pair)
        assert np.abs(one - other).max() < 1e-6
    one, other = (samples(made, studio.folder / "build" / "wide.mp4") for studio in (made, elsewhere))
    assert len(one) == len(other)
    assert abs(20 * np.log10(np.std(one) / np.std(other))) < 0.1


@pytest.mark.slow
def test_verify_names_the_cpu_and_what_it_makes_otherwise(elsewhere: Studio) -> None:
    """Sound and JPEGs are reckoned otherwise; frames aren't, above all not those that what is bought starts from."""
    elsewhere.build("--frozen")
    done = elsewhere.run("verify", "--json")
    told = json.loads(done.stdout)
    assert told["environment"]["differs"] == ["cpu"]
    assert {row["mnemonic"] for row in told["differs"] if row["is_first"]} <= {"Sound", "Poster"}
    assert {row["mnemonic"] for row in told["differs"]} <= {"Sound", "Poster", "Mix", "Deliver"}
