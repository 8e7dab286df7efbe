"""`vidbuild fmt`: files laid out in place, or what that would change; nothing is made again afterwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vidbuild.testing.studio import Studio

UGLY = """\
vidbuild: 1
# the look
style: {template: cinematic}
shots:
- {id: a, model: local/animatic, duration_s: 1, prompt: "hills at dawn, a slow push-in over them, and so on"}   # hills
"""
NEAT = """\
vidbuild: 1
# the look
style: {template: cinematic}
shots:
  # hills
  - id: a
    model: local/animatic
    duration_s: 1
    prompt: "hills at dawn, a slow push-in over them, and so on"
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A project that nobody laid out."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", UGLY)
    return studio


def test_a_project_is_laid_out_in_place(studio: Studio) -> None:
    """Its mode stays, a link to it stays a link, and the second time nothing is done."""
    (studio.folder / "project.yaml").chmod(0o640)
    (studio.folder / "link.yaml").symlink_to("project.yaml")
    assert studio.run_bare("fmt", "link.yaml").stdout == "link.yaml: laid out\n"
    assert (studio.folder / "project.yaml").read_text() == NEAT
    assert (studio.folder / "project.yaml").stat().st_mode & 0o777 == 0o640
    assert (studio.folder / "link.yaml").is_symlink()
    again = studio.run_bare("fmt")
    assert (again.returncode, again.stdout) == (0, "")


def test_nothing_is_made_again(studio: Studio) -> None:
    """No key moves: a build after it finds everything kept."""
    assert studio.build("--only", "a").status == "built"
    assert studio.run_bare("fmt", ".").returncode == 0
    assert studio.build("--only", "a").listed == ()


def test_what_would_change_is_told_and_not_written(studio: Studio) -> None:
    """`--check` for CI, `--diff` as a patch that applies."""
    told = studio.run_bare("fmt", "--check")
    assert (told.returncode, told.stdout) == (1, "project.yaml: `vidbuild fmt` would change it\n")
    told = studio.run_bare("fmt", "--diff")
    assert told.returncode == 1
    assert (studio.folder / "project.yaml").read_text() == UGLY
    patched = subprocess.run(["patch", "-p1"], cwd=studio.folder, input=told.stdout, text=True, capture_output=True)
    assert patched.returncode == 0, patched.stdout
    assert (studio.folder / "project.yaml").read_text() == NEAT
    assert studio.run_bare("fmt", "--check", "--diff").returncode == 0


def test_a_file_that_is_wrong_is_told_and_the_others_are_laid_out(studio: Studio) -> None:
    """With line and column, and exit 2; no byte of it is touched."""
    studio.write("bad.yaml", "a: {b\nc: [\n")
    told = studio.run_bare("fmt", "bad.yaml", "project.yaml")
    assert told.returncode == 2
    assert "bad.yaml:" in told.stderr
    assert "hint" in told.stderr or "lacks" in told.stderr
    assert (studio.folder / "bad.yaml").read_text() == "a: {b\nc: [\n"
    assert (studio.folder / "project.yaml").read_text() == NEAT
    for name, content, said in (
        ("board.json", "{}", "is JSON"),
        ("vidbuild.lock", "a: 1", "is a lock"),
        ("nope.yaml", None, "isn't there"),
    ):
        if content is not None:
            studio.write(name, content)
        told = studio.run_bare("fmt", name)
        assert told.returncode == 2
        assert said in told.stderr


def test_an_editor_pipes_a_text_through(studio: Studio) -> None:
    """Standard input to standard output."""
    words = [sys.executable, "-m", "vidbuild", "fmt", "-"]
    piped = subprocess.run(words, input=UGLY.encode(), capture_output=True, env=studio.environ, check=True)
    assert piped.stdout.decode() == NEAT
