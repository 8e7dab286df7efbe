"""docs/tutorial.md, done: from nothing to a colleague's clone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, read

from vidbuild.testing.studio import Studio

TUTORIAL = ROOT / "docs/tutorial.md"


@pytest.mark.slow
def test_the_tutorial(tmp_path: Path) -> None:
    """From nothing to a colleague's clone; drafts and takes are made, the takes by doubles of the vendors."""
    read(TUTORIAL, tmp_path)


def test_the_tutorial_commits_what_init_writes_for_git(tmp_path: Path) -> None:
    """Before the lock, so that it is committed as it is merged later."""
    started = Studio(tmp_path / "film")
    assert started.run_bare("init", ".").returncode == 0
    (rule,) = [
        line
        for line in (started.folder / ".gitattributes").read_text().splitlines()
        if line.startswith("vidbuild.lock")
    ]
    page = TUTORIAL.read_text()
    assert f"echo '{rule}' > .gitattributes\ngit add .gitignore .gitattributes project.yaml vidbuild.lock\n" in page


def test_the_tutorials_projects_and_plans(tmp_path: Path) -> None:
    """All of it that makes nothing, so that a mistake shows in the fast tests."""
    read(TUTORIAL, tmp_path, is_hasty=True)
