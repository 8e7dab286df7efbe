"""Equal bytes from two clean builds; where finished files go: `--output`, `--only`, `--out`, other project files."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from small_projects import GENERATED, set_up, set_up_filmed

from vidbuild.testing.studio import Built, Studio


def paths(built: Built) -> list[str]:
    """Give the paths of the finished files, as the last line tells them."""
    return [row["path"] for row in built.last["deliverables"]]


def standing(studio: Studio) -> list[str]:
    """Name the finished videos that stand below `build/`."""
    return [path for path in studio.files() if path.endswith(".mp4")]


@pytest.mark.parametrize("kind", ["generated", pytest.param("filmed", marks=pytest.mark.slow)])
def test_two_clean_builds_give_identical_bytes(master: Callable[[str], Studio], tmp_path: Path, kind: str) -> None:
    """In two folders, with other stores and other job counts."""
    other = Studio(tmp_path / "another" / "deeper" / "project")
    set_up(other, GENERATED) if kind == "generated" else set_up_filmed(other)
    other.build("--jobs", "1" if kind == "filmed" else "5")
    assert other.files() == master(kind).files()
    assert standing(other) == ["build/tall.mp4", "build/wide.mp4"]


def test_two_outputs_of_one_profile_are_told_apart_by_name(generated: Studio) -> None:
    """Each at its own path."""
    generated.edit("  - wide\n", "  - wide\n  - {platform: wide, name: blurred, reframe: blur}\n")
    assert paths(generated.build()) == ["build/wide.mp4", "build/blurred.mp4", "build/tall.mp4"]


def test_output_builds_that_output_alone(empty: Studio) -> None:
    """Nothing is made for the other, and a full build then makes the rest."""
    set_up(empty, GENERATED)
    first = empty.build("--output", "tall")
    assert (paths(first), standing(empty)) == (["build/tall.mp4"], ["build/tall.mp4"])
    assert {output for row in first.listed for output in row.outputs} == {"tall"}
    rest = empty.build()
    assert {row.mnemonic for row in rest.ran()} == {"Segment", "Deliver", "Poster"}
    assert {output for row in rest.listed for output in row.outputs} == {"wide"}


def test_output_leaves_other_finished_files_as_they_are(generated: Studio) -> None:
    """Even where they are out of date."""
    before = generated.files()["build/wide.mp4"]
    generated.edit("into a cup, slow", "into a glass, slow")
    generated.build("--output", "tall")
    assert generated.files()["build/wide.mp4"] == before


def test_only_builds_one_shot_and_touches_no_deliverable(generated: Studio) -> None:
    """To `build/shots/SHOT.mp4`; what the film has already isn't made again."""
    before = generated.files()
    built = generated.build("--only", "crema")
    assert paths(built) == ["build/shots/crema.mp4"]
    assert built.ran("Footage", "Segment", "Music") == set()
    after = generated.files()
    assert {path: after[path] for path in before} == before
    assert sorted(set(after) - set(before)) == ["build/shots/crema.mp4"]
    assert built.last["deliverables"][0]["frames"] == 6


def test_only_makes_what_the_shot_needs_and_nothing_else(empty: Studio) -> None:
    """The shot that it continues, of that the take alone."""
    set_up(empty, GENERATED)
    built = empty.build("--only", "serve")
    assert {(row.mnemonic, *row.shots) for row in built.ran("Footage", "Segment", "Music")} == {
        ("Footage", "crema"),
        ("Footage", "serve"),
        ("Segment", "serve"),
    }


def test_out_inside_the_project_is_told_relative(generated: Studio) -> None:
    """With `/`, from the project file's folder; `build/` is left alone."""
    before = generated.files()
    built = generated.build("--out", "finished/today")
    assert paths(built) == ["finished/today/wide.mp4", "finished/today/tall.mp4"]
    assert (generated.folder / "finished/today/wide.mp4").read_bytes() == before["build/wide.mp4"]
    assert (built.ran(), generated.files()) == (set(), before)


def test_out_that_leads_out_of_the_project_is_told_absolute(generated: Studio, tmp_path: Path) -> None:
    """As JSON tells it, and as it stands."""
    out = tmp_path / "else where"
    built = generated.build("--out", str(out))
    assert paths(built) == [f"{out}/wide.mp4", f"{out}/tall.mp4"]
    assert (out / "wide.mp4").is_file()
    assert [row["path"] for row in generated.plan("--out", str(out))["deliverables"]] == paths(built)


def test_drafts_have_a_folder_of_their_own(draft: Studio) -> None:
    """Below `build/draft/`, as `plan` tells it too."""
    assert standing(draft) == ["build/draft/tall.mp4", "build/draft/wide.mp4"]
    assert [row["path"] for row in draft.plan("--draft")["deliverables"]] == [
        "build/draft/wide.mp4",
        "build/draft/tall.mp4",
    ]


@pytest.mark.parametrize(
    ("file", "options", "folder"),
    [("film.yaml", (), "build/film"), ("film.yaml", ("--draft",), "build/film/draft"), ("project.yaml", (), "build"),
     ("a film.v2.yml", (), "build/a film.v2")],
)  # fmt: skip
def test_a_project_file_of_another_name_has_a_folder_of_its_own(
    generated: Studio, file: str, options: tuple[str, ...], folder: str
) -> None:
    """`build/<project>/`, and `draft/` below it."""
    (generated.folder / "project.yaml").rename(generated.folder / file)
    generated.file = file
    planned = [row["path"] for row in generated.plan(*options)["deliverables"]]
    assert planned == [f"{folder}/wide.mp4", f"{folder}/tall.mp4"]


def test_only_of_a_project_file_of_another_name_stays_below_its_folder(generated: Studio) -> None:
    """Beside its deliverables."""
    (generated.folder / "project.yaml").rename(generated.folder / "film.yaml")
    generated.file = "film.yaml"
    assert paths(generated.build("--only", "pour")) == ["build/film/shots/pour.mp4"]


def test_a_project_may_be_named_by_its_folder_from_elsewhere(generated: Studio, tmp_path: Path) -> None:
    """The files are the same, and paths are told from the project's folder."""
    import json

    done = generated.run_bare("build", "--json", str(generated.folder))
    last = json.loads(done.stdout.splitlines()[-1])
    assert [row["path"] for row in last["deliverables"]] == ["build/wide.mp4", "build/tall.mp4"]
    assert (last["ran"], last["hits"]) == ([], 16)


@pytest.mark.slow
def test_two_projects_of_one_folder_keep_apart(generated: Studio) -> None:
    """Each has its own finished files and its own memory of what was said."""
    other = GENERATED.replace("slow pull-out", "pan left")
    generated.write("other.yaml", other)
    before = generated.files()
    twin = Studio(generated.folder, generated.store, "other.yaml")
    twin.build()
    assert {path: data for path, data in generated.files().items() if not path.startswith("build/other/")} == before
    generated.edit("warm guitar, 90 bpm", "warm guitar, 120 bpm")
    assert "slow pull-out" not in generated.run("why", "serve").stdout
    assert "nothing has changed" in generated.run("why", "serve").stdout
