"""docs/tutorial.md, done: from nothing to a colleague's clone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import ROOT, read

TUTORIAL = ROOT / "docs/tutorial.md"


@pytest.mark.slow
def test_the_tutorial(tmp_path: Path) -> None:
    """From nothing to a colleague's clone; drafts and takes are made, the takes by doubles of the vendors."""
    read(TUTORIAL, tmp_path)


def test_the_tutorials_projects_and_plans(tmp_path: Path) -> None:
    """All of it that makes nothing, so that a mistake shows in the fast tests."""
    read(TUTORIAL, tmp_path, is_hasty=True)
