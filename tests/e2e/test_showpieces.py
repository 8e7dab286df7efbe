"""The films in `projects/`: checked and planned as they are; slow tests build each as a draft and run its own tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from vidbuild.testing.studio import Studio

PROJECTS = Path(__file__).parents[2] / "projects"
NAMES = sorted(path.parent.name for path in PROJECTS.glob("*/project.yaml"))
WITH_TESTS = [name for name in NAMES if "\ntests:" in (PROJECTS / name / "project.yaml").read_text()]


def copied(folder: Path, name: str) -> Studio:
    """Copy a film without what was built of it."""
    shutil.copytree(PROJECTS / name, folder / "film", ignore=shutil.ignore_patterns("build", ".vidbuild"))
    return Studio(folder / "film")


def test_there_are_showpieces() -> None:
    """An ad and a training film with tests of their own among them."""
    assert {"espresso", "own-footage", "product-ad", "training"} <= set(NAMES)
    assert {"product-ad", "training"} <= set(WITH_TESTS)


@pytest.mark.parametrize("name", NAMES)
def test_it_is_checked_and_its_draft_is_free(tmp_path: Path, name: str) -> None:
    """No mistake with the models that it names, nothing to pay as a draft."""
    studio = copied(tmp_path, name)
    assert studio.run("fmt", "--check").returncode == 0, "as `vidbuild fmt` lays it out"
    checked = studio.run("check")
    assert (checked.returncode, "no mistakes" in checked.stdout) == (0, True), checked.stderr
    assert studio.plan("--draft")["totals"]["cost_usd"]["high"] == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_TESTS)
def test_its_draft_is_what_its_own_tests_say(tmp_path: Path, name: str) -> None:
    """Built without a key, then measured."""
    studio = copied(tmp_path, name)
    built = studio.start("--draft").finish()
    assert built.exit == 0, built.told
    tested = studio.run("test", "--draft")
    assert tested.returncode == 0, tested.stdout + tested.stderr
