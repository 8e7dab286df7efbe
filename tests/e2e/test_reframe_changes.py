"""The row "reframe" of the table "What changes what", for what moves: motion, paths, automatic crops."""

from __future__ import annotations

from pathlib import Path

import pytest
from small_projects import add_profile, set_up

from vidbuild.testing.studio import Ran, Studio

PROJECT = """\
vidbuild: 1
name: moving
fps: 12
shots:
  - {id: run, file: run.mp4, duration_s: 0.5, motion: push-in}
  - {id: stay, file: stay.mp4, duration_s: 0.5, transition: {type: dissolve, duration_s: 0.25}}
outputs:
  - {platform: tall, reframe: {focus: auto}}
  - {platform: even, reframe: {focus: auto}}
  - {platform: wide, reframe: {focus: auto}}
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """Two shots, one that moves, in three outputs: two crop, and follow what is there."""
    studio = set_up(Studio(tmp_path_factory.mktemp("moving") / "project"), PROJECT)
    add_profile(studio, "even", 96, 96)
    studio.film("run.mp4", 1.5, tone=440)
    studio.film("stay.mp4", 1.5, tone=220)
    ran = studio.build()
    assert ran.status == "built", ran.told
    assert sorted(row for row in ran.listed if row.mnemonic == "Path") == [
        Ran("Path", ("run",), ()), Ran("Path", ("stay",), ()),
    ]  # fmt: skip
    return studio


@pytest.fixture
def studio(built: Studio, tmp_path: Path) -> Studio:
    return built.copy(tmp_path / "project")


def test_nothing_changed_runs_nothing(studio: Studio) -> None:
    """Paths are remembered like anything else."""
    assert studio.build().ran() == set()


def test_a_motion_makes_its_shot_s_pieces_and_joins_again(studio: Studio) -> None:
    """In every output; no path is looked for anew."""
    studio.edit("motion: push-in", "motion: {type: pan-left, scale: 1.5}")
    ran = studio.build()
    assert {(row.mnemonic, row.shots) for row in ran.counted} == {("Segment", ("run",)), ("Join", ("run", "stay"))}
    assert {row.mnemonic for row in ran.beside} <= {"Deliver", "Poster"}


def test_an_output_s_reframe_makes_its_pieces_and_joins_again(studio: Studio) -> None:
    """The other outputs stand, and what is followed isn't looked at again."""
    studio.edit("{platform: tall, reframe: {focus: auto}}", "{platform: tall, reframe: {focus: [[0, 0.5], [1, 0.5]]}}")
    ran = studio.build()
    assert {row.outputs for row in ran.counted} == {("tall",)}
    assert {row.mnemonic for row in ran.counted} == {"Segment", "Join"}
    assert ran.ran("Path") == set()


@pytest.mark.slow
def test_a_trim_makes_the_last_piece_again_and_no_path(studio: Studio) -> None:
    """`duration_s`, within what is there: of the shot that doesn't move."""
    studio.edit("stay.mp4, duration_s: 0.5", "stay.mp4, duration_s: 0.4")
    ran = studio.build()
    assert {(row.mnemonic, row.shots) for row in ran.counted if row.shots} == {("Segment", ("stay",))}
    assert ran.ran("Path") == set()


@pytest.mark.slow
def test_a_build_from_nothing_gives_the_same_bytes(studio: Studio, tmp_path: Path) -> None:
    """Windows, pipes and paths repeat exactly."""
    studio.edit("motion: push-in", "motion: {focus: [0.7, 0.4], scale: 2, at: [0.25, 0.75]}")
    first = studio.build().sha256
    with Studio(tmp_path / "clean" / "project") as clean:
        for path in studio.folder.rglob("*"):
            if path.is_file() and path.suffix in (".yaml", ".mp4") and "build" not in path.parts:
                to = clean.folder / path.relative_to(studio.folder)
                to.parent.mkdir(parents=True, exist_ok=True)
                to.write_bytes(path.read_bytes())
        assert clean.build().sha256 == first
