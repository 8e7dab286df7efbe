"""The films in `projects/`: checked and planned as they are; slow tests build each as a draft and run its own tests."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from films_as_they_are import builds_as_draft, is_right

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
    is_right(copied(tmp_path, name))


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_TESTS)
def test_its_draft_is_what_its_own_tests_say(tmp_path: Path, name: str) -> None:
    """Built without a key, then measured."""
    builds_as_draft(copied(tmp_path, name))
