"""`init --template`: what is listed, started, checked and planned without a key; slow tests build each as a draft."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from films_as_they_are import builds_as_draft, is_right

from vidbuild.testing.studio import Studio

KINDS = ("starter", "ad", "explainer", "product-over-plate", "short-film", "storyboard", "training")
TEMPLATES = Path(__file__).parents[2] / "templates/projects"
CRAFT = {
    "starter": {"init_image", "card"},
    "ad": {"shots", "exact", "callout", "max_usd"},
    "explainer": {"at: wash", "karaoke", "lower-third", "card"},
    "product-over-plate": {"file: footage/table.mp4", "exact", "reframe: blur", "fade_in_s"},
    "short-film": {"description", "init_image", "dissolve", "music", "takes", "judge"},
    "storyboard": {"panels/1.png", "end_image", "motion"},
    "training": {"languages: [en, de]", "avatar", "captions", "sidecar", "box", "blur", "duration_s: auto"},
}
"""What each kind is there to show."""


def started(folder: Path, kind: str) -> Studio:
    """Start a project of a kind."""
    studio = Studio(folder / "film")
    ran = studio.run_bare("init", "--template", kind)
    assert ran.returncode == 0, ran.stderr
    return studio


def test_they_are_listed_with_what_they_are(tmp_path: Path) -> None:
    """The simplest first; each by the first line of its file."""
    listed = Studio(tmp_path / "film").run_bare("init", "--list").stdout.splitlines()
    assert tuple(line.split()[0] for line in listed) == KINDS
    for kind, line in zip(KINDS, listed, strict=True):
        first = (TEMPLATES / kind / "project.yaml").read_text().splitlines()[0]
        assert first.startswith("# ")
        assert line.endswith(first.removeprefix("# "))


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_checked_and_planned_as_it_is(tmp_path: Path, kind: str) -> None:
    """No mistake with the models that it names; nothing costs money as a draft; it is called as its folder."""
    studio = started(tmp_path, kind)
    text = (studio.folder / "project.yaml").read_text()
    assert yaml.safe_load(text)["name"] == "film"
    assert [word for word in CRAFT[kind] if word not in text] == []
    assert ("a build needs these" in is_right(studio)) == (kind != "starter"), "real models stand in all but the first"


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_it_builds_as_a_draft(tmp_path: Path, kind: str) -> None:
    """Without a key, at once."""
    builds_as_draft(started(tmp_path, kind))


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path: Path) -> None:
    """And nothing is written."""
    studio = Studio(tmp_path / "film")
    ran = studio.run_bare("init", "--template", "trainings", "new")
    assert ran.returncode == 2
    assert "there is no template `trainings`" in ran.stderr
    assert "did you mean `training`?" in ran.stderr
    assert list(studio.folder.iterdir()) == []


def test_nothing_that_is_there_is_touched(tmp_path: Path) -> None:
    """One file of the template stands there: none is written."""
    studio = Studio(tmp_path / "film")
    studio.write("assets/logo.png", b"mine")
    ran = studio.run_bare("init", "--template", "ad")
    assert (ran.returncode, "`assets/logo.png` is there already" in ran.stderr) == (2, True)
    assert [path.name for path in studio.folder.rglob("*")] == ["assets", "logo.png"]


def test_a_folder_whose_name_is_no_plain_word_keeps_the_templates(tmp_path: Path) -> None:
    """`true` as a name would be no text."""
    studio = Studio(tmp_path)
    for folder in ("my film", "true"):
        assert studio.run_bare("init", folder).returncode == 0
        assert yaml.safe_load((tmp_path / folder / "project.yaml").read_text())["name"] == "starter"
