"""The property: after any edits, an incremental build gives the bytes that a build from nothing gives."""

from __future__ import annotations

import copy
import shutil
from pathlib import Path
from random import Random

import pytest
from whole_film import EDITS, Edit, Spec, set_up, write

from vidbuild.testing.studio import Studio


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> tuple[Studio, Spec]:
    """The film, built once."""
    studio = Studio(tmp_path_factory.mktemp("whole") / "project")
    spec = set_up(studio)
    studio.build()
    return studio, spec


def edited(spec: Spec, edits: list[Edit], chance: Random) -> Spec:
    """Give a film after some edits."""
    spec = copy.deepcopy(spec)
    for edit in edits:
        edit(spec, chance)
    return spec


def is_equal_to_clean(studio: Studio, folder: Path) -> bool:
    """Build the same project from an empty store, elsewhere, and compare every finished file."""
    kept = shutil.ignore_patterns("build", ".vidbuild", "vidbuild.lock")
    shutil.copytree(studio.folder, folder / "clean" / "project", ignore=kept)
    clean = Studio(folder / "clean" / "project")
    clean.build()
    assert len(studio.files()) >= 6
    return studio.files() == clean.files()


def test_a_session_of_edits_gives_what_a_clean_build_gives(master: tuple[Studio, Spec], tmp_path: Path) -> None:
    """Three builds one after the other, some edits before each; pictures and sound to the byte."""
    studio, spec = master[0].copy(tmp_path / "copy"), master[1]
    chance = Random(4)
    for _ in range(2):
        spec = edited(spec, chance.sample(EDITS, 4), chance)
        write(studio, spec)
        built = studio.build()
        assert built.hits > 0
    assert is_equal_to_clean(studio, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(12))
def test_any_session_of_edits_gives_what_a_clean_build_gives(
    master: tuple[Studio, Spec], tmp_path: Path, seed: int
) -> None:
    """Random sessions."""
    studio, spec = master[0].copy(tmp_path / "copy"), master[1]
    chance = Random(seed)
    for _ in range(chance.randint(1, 3)):
        spec = edited(spec, chance.sample(EDITS, chance.randint(1, 5)), chance)
        write(studio, spec)
        studio.build()
    assert is_equal_to_clean(studio, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("edit", EDITS, ids=lambda edit: edit.__name__.strip("_"))
def test_an_edit_and_its_undoing_build_nothing(master: tuple[Studio, Spec], tmp_path: Path, edit: Edit) -> None:
    """What was built once is there: going back runs nothing."""
    studio, spec = master[0].copy(tmp_path / "copy"), master[1]
    write(studio, edited(spec, [edit], Random(1)))
    studio.build()
    write(studio, spec)
    assert not studio.build().counted
