"""Shell completion: the project's own names, out of its text alone; nothing is planned, nothing is complained of."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vidbuild.testing.studio import Studio

FILM = """\
vidbuild: 1
profiles: {preview: {takes: 1}, "bad name": {}}
shots:
  - id: open
    takes: 2
    prompt: "{{ never_defined }}"
  - id: middle
    shots: [{id: in-a-group, file: nowhere.mp4}, {include: more/scene.yaml}]
  - {id: "$(touch owned)", file: nowhere.mp4}
outputs: [youtube, {platform: tiktok, name: clip}, "a*"]
"""
LOCK = """\
vidbuild_lock: 1

made:

  shot middle:
  - ask: 1
    attempts:
    - {id: k00001, key: 1}

  shot open:
  - ask: 2
    attempts:
    - {id: k7e31a, key: 2}
    - {id: k7e32b, key: 3}
"""


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A project that can be read, and not be planned."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", FILM)
    studio.write("more/scene.yaml", "- {id: included, file: x.mp4}\n")
    studio.write("vidbuild.lock", LOCK)
    return studio


def completed(studio: Studio, *words: str) -> list[str]:
    """Give what completes the last of some words, as bash is told."""
    studio.environ |= {
        "_VIDBUILD_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(["vidbuild", *words]),
        "COMP_CWORD": str(len(words)),
    }
    told = studio.run_bare()
    assert (told.returncode, told.stderr) == (0, "")
    return [line.partition(",")[2] for line in told.stdout.splitlines() if line]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("bui",), ["build"]),
        (("jobs", "re"), ["resolve", "resume"]),
        (("build", "--only", ""), ["open", "in-a-group", "included"]),
        (("build", "--only", "in"), ["in-a-group", "included"]),
        (("build", "--output", ""), ["youtube", "clip"]),
        (("plan", "--profile", ""), ["preview"]),
        (("why", "o"), ["open"]),
        (("why", "c"), ["clip"]),
        (("takes", "op"), ["open"]),
        (("pick", "open", ""), ["1", "2", "k7e31a", "k7e32b"]),
        (("pick", "in-a-group", ""), []),
        (("lock", "--adopt", "k7"), ["k7e31a", "k7e32b"]),
        (("schema", "pl"), ["plan", "platform"]),
        (("init", "--template", "st"), ["starter", "storyboard"]),
        (("graph", "--format", "s"), ["svg"]),
        (("-C", "..", "build", "--only", ""), []),
        (("-C", "../project", "build", "--only", "op"), ["open"]),
    ],
)
def test_a_word_is_completed(studio: Studio, words: tuple[str, ...], names: list[str]) -> None:
    """Commands, shots of groups and of included files, outputs, profiles, takes; no name that a shell would run."""
    assert completed(studio, *words) == names
    assert not studio.store.exists()


def test_a_project_that_cannot_be_read_has_no_names(studio: Studio) -> None:
    """Without a word on standard error."""
    for text in ("a: {b\n", "", "- x\n"):
        studio.write("project.yaml", text)
        assert completed(studio, "build", "--only", "") == []
    (studio.folder / "project.yaml").unlink()
    assert completed(studio, "build", "--output", "") == []


@pytest.fixture
def command(studio: Studio) -> Studio:
    """A studio in whose folder `vidbuild` is a command that any shell finds."""
    program = studio.write("bin/vidbuild", f'#!/bin/sh\nexec {sys.executable} -m vidbuild "$@"\n')
    program.chmod(0o755)
    studio.environ["PATH"] = f"{program.parent}:{studio.environ['PATH']}"
    return studio


def shell(studio: Studio, *argv: str) -> str:
    """Run a shell in the project's folder."""
    done = subprocess.run(argv, cwd=studio.folder, env=studio.environ, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_bash_completes(command: Studio) -> None:
    """As it does when the key is pressed; what a project's names hold is never run."""
    script = 'eval "$(vidbuild completion bash)"; COMP_WORDS=(vidbuild build --only ""); COMP_CWORD=3; '
    told = shell(command, "bash", "-c", script + '_vidbuild_completion vidbuild; echo "${COMPREPLY[@]}"')
    assert told.split() == ["open", "in-a-group", "included"]
    assert not (command.folder / "owned").exists()


@pytest.mark.skipif(shutil.which("fish") is None, reason="fish is not here")
def test_fish_completes(command: Studio) -> None:
    """By its own word for what a line may become."""
    told = shell(command, "fish", "-c", 'vidbuild completion fish | source; complete -C "vidbuild build --only "')
    assert sorted(told.split()) == ["in-a-group", "included", "open"]


@pytest.mark.skipif(shutil.which("zsh") is None, reason="zsh is not here")
def test_zsh_takes_the_script(command: Studio) -> None:
    """It is loaded, and answers for the command."""
    script = 'autoload -U compinit; compinit -u -D; eval "$(vidbuild completion zsh)"; echo $_comps[vidbuild]'
    assert shell(command, "zsh", "-f", "-c", script).strip() == "_vidbuild_completion"
