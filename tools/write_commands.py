"""Writes docs/commands.md from the commands themselves: `python tools/write_commands.py`.

Every command with its usage, what it says of itself, its arguments and options. A test compares the page with them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs/commands.md"
sys.path.insert(0, str(ROOT))

from vidbuild.cli import cli  # noqa: E402
from vidbuild.sections import EXITS, SOMETHING, Sections  # noqa: E402

HEAD = """\
# Commands

This page is written from the commands themselves (`make commands`); `vidbuild COMMAND --help` says the same.
"""


def page() -> str:
    """Write the page."""
    return "\n".join([HEAD, *_lines()]).rstrip() + "\n"


def _lines() -> Iterator[str]:
    context = click.Context(cli, info_name="vidbuild")
    assert isinstance(cli, Sections)
    found = list(cli.by_section(context))
    for title, rows in found:
        names = (f"[{name}](#vidbuild-{name})" for name, _ in rows)
        yield f"- **{title}**: {', '.join(names)}"
    yield ""
    yield from _command(cli, context, 2, "vidbuild")
    yield "Exit codes:"
    yield ""
    yield "| code | when |"
    yield "|---|---|"
    for code, meaning in EXITS.items():
        yield f"| {int(code)} | {meaning} |"
    code, _, meaning = SOMETHING.partition(" ")
    yield f"| {code} | {meaning} |"
    yield ""
    for _, rows in found:
        for name, command in rows:
            yield from _with_those_below(command, click.Context(command, context, name), f"vidbuild {name}")


def _with_those_below(command: click.Command, context: click.Context, name: str) -> Iterator[str]:
    yield from _command(command, context, 2, name)
    if isinstance(command, click.Group):
        for below in command.list_commands(context):
            child = command.get_command(context, below)
            if child is not None and not child.hidden:
                yield from _command(child, click.Context(child, context, below), 3, f"{name} {below}")


def _command(command: click.Command, context: click.Context, depth: int, name: str) -> Iterator[str]:
    yield f"{'#' * depth} {name}"
    yield ""
    yield f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
    yield ""
    yield from _said(command.help or "")
    rows = [row for each in command.params if (row := each.get_help_record(context)) is not None]
    told = [(option, text) for option, text in rows if text]
    if told:
        yield "| option | what it does |"
        yield "|---|---|"
        yield from (f"| `{_cell(option)}` | {_cell(text)} |" for option, text in told)
        yield ""


def _said(text: str) -> Iterator[str]:
    """Give a help text's paragraphs; those that keep their lines as a block."""
    for paragraph in text.strip().split("\n\n"):
        if paragraph.startswith("\b\n"):
            yield from ("```", paragraph.removeprefix("\b\n"), "```", "")
        else:
            yield from (" ".join(paragraph.split()).replace("*", "\\*"), "")


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
