"""Every sample of every page does what the page says; the tutorial, which builds most, has a file of its own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pages import ROOT, blocks, read

ELSEWHERE = {"tutorial.md": "test_tutorial", "ci.md": "test_ci_page", "providers.md": "test_worked_example"}
"""Pages whose samples other tests run."""

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")), *sorted((ROOT / "docs/guides").glob("*.md"))]
PAGES = [page for page in PAGES if page.name not in ELSEWHERE and any(block.language for block in blocks(page))]
BUILD = [page for page in PAGES if any("vidbuild build" in block.text for block in blocks(page))]


def test_there_are_pages_with_samples() -> None:
    """So that a page whose fences are written otherwise doesn't go unseen."""
    assert {"README.md", "sound.md", "text.md", "platforms.md", "money.md"} <= {page.name for page in PAGES}
    assert all(list((ROOT / "tests").rglob(f"{name}.py")) for name in ELSEWHERE.values())


def test_the_targets_that_contributing_names_are_there() -> None:
    """Each target that it names stands in the Makefile, and it names all but those of the README."""
    (block,) = [block for block in blocks(ROOT / "CONTRIBUTING.md") if block.language == "sh"]
    named = set(re.findall(r"make (\w+)", block.text))
    there = set(re.findall(r"^(\w+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert named <= there
    assert there - named <= {"help", "demo", "clean", "peers"}, "CONTRIBUTING.md doesn't name them"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_its_projects_hold_and_its_commands_run(page: Path, tmp_path: Path) -> None:
    """All but what makes something."""
    read(page, tmp_path, is_hasty=True)


def test_what_a_page_says_is_printed_is_compared(tmp_path: Path) -> None:
    """In haste too, where the command was run."""
    page = tmp_path / "page.md"
    page.write_text("```sh\nvidbuild platforms\n```\n\n```text\ntiktok 1x1 ...\n```\n")
    with pytest.raises(AssertionError, match="isn't in"):
        read(page, tmp_path / "place", is_hasty=True)


@pytest.mark.slow
@pytest.mark.parametrize("page", BUILD, ids=lambda page: page.name)
def test_what_it_builds_is_built(page: Path, tmp_path: Path) -> None:
    """The whole page."""
    read(page, tmp_path)
