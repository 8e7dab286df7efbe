"""The command line as a whole: its first page, what stands before a command, names that are nearly right."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from vidbuild.cli import cli
from vidbuild.sections import EXITS, REST, SECTIONS, Sections
from vidbuild.testing.studio import Studio
from vidbuild.words.errors import Exit


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A project of one shot, in its own folder."""
    studio = Studio(tmp_path / "project")
    studio.write("project.yaml", "vidbuild: 1\nshots:\n- {id: a, duration_s: 1, card: {title: A}}\n")
    return studio


def test_every_command_stands_in_one_section() -> None:
    """None is left over, none is listed twice, and the first page shows them all, each with its sentence."""
    assert isinstance(cli, Sections)
    named = [name for names in SECTIONS.values() for name in names]
    assert len(named) == len(set(named))
    assert [title for title, _ in cli.by_section(click.Context(cli)) if title == REST] == []
    page = CliRunner().invoke(cli, ["--help"]).stdout
    shown = set(re.findall(r"^  ([a-z]+)  +[A-Z]", page, re.MULTILINE))
    assert shown == set(cli.commands)


def test_every_exit_code_is_on_the_first_page() -> None:
    """A program's author has to look no further."""
    assert set(EXITS) == set(Exit)
    page = " ".join(CliRunner().invoke(cli, ["--help"]).stdout.split())
    assert [code for code in Exit if f"{int(code)} {EXITS[code]}" not in page] == []


def test_it_works_in_another_folder(studio: Studio) -> None:
    """`-C` stands before any command; what `build --json` says last is said there too."""
    beside = Studio(studio.folder.parent / "beside", studio.store)
    assert beside.run_bare("-C", str(studio.folder), "check").returncode == 0
    wrong = beside.run_bare("-C", str(studio.folder), "build", "--json", "--output", "nope")
    assert wrong.returncode == 2
    assert json.loads(wrong.stdout.splitlines()[-1])["status"] == "invalid"
    nowhere = beside.run_bare("-C", "nowhere", "check")
    assert nowhere.returncode == 2
    assert "`nowhere`: No such file or directory" in nowhere.stderr


def test_a_command_that_is_nearly_right_is_named(studio: Studio) -> None:
    """Commands, those of groups, and options."""
    for words, meant in ((("buidl",), "build"), (("jobs", "lits"), "list"), (("plan", "--darft"), "--draft")):
        told = studio.run_bare(*words)
        assert told.returncode == 2
        assert re.search(rf"Did you mean '?{meant}'?\?", told.stderr)


def test_colours_can_be_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """By an option, which is the variable that all terminal programs know."""
    monkeypatch.setenv("NO_COLOR", "")
    CliRunner().invoke(cli, ["--no-color", "platforms"])
    assert os.environ["NO_COLOR"] == "1"


@pytest.mark.parametrize("words", [["--version"], ["platforms"], ["schema"]])
def test_what_can_not_be_said_is_a_failure(studio: Studio, words: list[str]) -> None:
    """Whoever reads a file that a full disk cut off would take it for whole."""
    with open("/dev/full", "w") as full:
        argv = [sys.executable, "-m", "vidbuild", *words]
        ended = subprocess.run(argv, stdout=full, stderr=subprocess.PIPE, env=studio.environ, text=True)
    assert ended.returncode == 1
    assert "No space left" in ended.stderr
