"""docs/commands.md is what the commands say of themselves, and every command says enough."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from vidbuild.cli import cli

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tools"))

import write_commands  # noqa: E402 - a tool, not a module of the package


def commands(group: click.Group = cli, name: str = "vidbuild") -> Iterator[tuple[str, click.Command]]:
    """Give every command by its whole name."""
    for word, command in group.commands.items():
        yield f"{name} {word}", command
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {word}")


def test_the_page_is_current() -> None:
    """`make commands` writes what stands there."""
    assert write_commands.page() == (ROOT / "docs/commands.md").read_text()


def test_every_command_and_option_says_what_it_does() -> None:
    """A sentence of its own, which the list of commands shows whole or begins with."""
    mute = [name for name, command in commands() if not (command.help or "").strip().partition("\n")[0].endswith(".")]
    assert mute == []
    silent = [
        f"{name} {param.name}"
        for name, command in commands()
        for param in command.params
        if isinstance(param, click.Option) and not (param.help or "").endswith((".", ".)", ")"))
    ]
    assert silent == []


def test_no_list_of_commands_cuts_a_sentence() -> None:
    """In the 80 columns of a small terminal, each command's sentence stands whole behind its name."""
    groups = [("vidbuild", cli), *(pair for pair in commands() if isinstance(pair[1], click.Group))]
    pages = {name: group.get_help(click.Context(group, info_name=name, terminal_width=80)) for name, group in groups}
    assert [line for page in pages.values() for line in page.splitlines() if re.match(r"  .*\.\.\.\Z", line)] == []


def test_json_is_said_alike_everywhere() -> None:
    """One name, one meaning; and so are the store and the profile."""
    options: dict[str, set[str]] = {}
    for _, command in commands():
        for param in command.params:
            if isinstance(param, click.Option) and param.opts[0] in ("--json", "--store", "--profile", "--draft"):
                options.setdefault(param.opts[0], set()).add(param.help or "")
    assert {name: len(texts) for name, texts in options.items()} == dict.fromkeys(options, 1)
