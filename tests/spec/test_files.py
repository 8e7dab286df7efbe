"""Files: nothing outside the root is touched, whatever it is called."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vidbuild.spec.load import confined, root_of
from vidbuild.words.errors import SpecError


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A work tree with a project in a folder of it, and something beside it."""
    for name in ("repo/.git/x", "repo/films/a.mp4", "repo/shared/b.mp4", "outside/c.mp4"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def test_the_root_is_the_work_tree_or_the_folder(tree: Path) -> None:
    """A `.git` entry in a parent, be it a folder or a file."""
    assert root_of(tree / "repo/films/project.yaml") == tree / "repo"
    assert root_of(tree / "outside/project.yaml") == tree / "outside"
    (tree / "outside/.git").write_text("gitdir: elsewhere\n")
    assert root_of(tree / "outside/project.yaml") == tree / "outside"


@pytest.mark.parametrize("written", ["a.mp4", "./a.mp4", "../films/a.mp4", "../shared/b.mp4"])
def test_files_inside_the_root_are_found(tree: Path, written: str) -> None:
    """`..` may be used inside it."""
    assert confined(tree / "repo", tree / "repo/films", written).is_file()


@pytest.mark.parametrize(
    "written",
    ["../../outside/c.mp4", "/etc/passwd", "~/x.mp4", "C:\\x.mp4", "../..", "out.mp4", "outdir/c.mp4", "."],
)
def test_ways_out_are_refused(tree: Path, written: str) -> None:
    """By `..`, absolute, by links of files and of folders; and folders are no files."""
    (tree / "repo/films/out.mp4").symlink_to(tree / "outside/c.mp4")
    (tree / "repo/films/outdir").symlink_to(tree / "outside")
    with pytest.raises(SpecError):
        confined(tree / "repo", tree / "repo/films", written)


def test_links_inside_the_root_are_followed(tree: Path) -> None:
    """A link whose target lies inside is a file like others."""
    (tree / "repo/films/in.mp4").symlink_to(tree / "repo/shared/b.mp4")
    assert confined(tree / "repo", tree / "repo/films", "in.mp4") == tree / "repo/films/in.mp4"


def test_a_root_reached_by_a_link_is_the_same_root(tree: Path) -> None:
    """The way to the project doesn't matter."""
    (tree / "short").symlink_to(tree / "repo/films")
    base = tree / "short"
    assert confined(root_of(base / "project.yaml"), base, "a.mp4") == base / "a.mp4"


def test_pipes_and_circles_of_links_are_refused(tree: Path) -> None:
    """And nothing waits for them."""
    os.mkfifo(tree / "repo/films/pipe.mp4")
    (tree / "repo/films/loop.mp4").symlink_to("loop.mp4")
    for name in ("pipe.mp4", "loop.mp4"):
        with pytest.raises(SpecError):
            confined(tree / "repo", tree / "repo/films", name)


@pytest.mark.parametrize("written", ["nope.mp4", "a.mp4/x.mp4", "nope/x.mp4"])
def test_what_is_not_there_is_absent(tree: Path, written: str) -> None:
    """Absence is told apart from refusal."""
    with pytest.raises(FileNotFoundError):
        confined(tree / "repo", tree / "repo/films", written)
