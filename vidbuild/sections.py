"""The first page of help: commands by what they are for, exit codes, and the options that stand before a command.

It knows commands by name alone; what they do, they say themselves.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import click

from vidbuild.words.errors import Exit

SECTIONS = {
    "Build": ("build", "plan", "why", "graph", "check", "test", "verify", "diff", "clean"),
    "Write": ("init", "show", "fmt", "takes", "pick"),
    "Share": ("lock", "outdated", "push", "pull", "store"),
    "Spend": ("cost", "jobs", "trust"),
    "Look up": ("models", "platforms", "styles", "schema", "doctor", "completion"),
}
"""The commands of each section, in its order; what no section names stands under `REST`."""
REST = "Other"
EXITS = {
    Exit.BUILT: "it is done",
    Exit.FAILED: "it failed",
    Exit.INVALID: "the project or the command is wrong",
    Exit.UNCLEAR: "a payment is unclear",
    Exit.BUSY: "another build holds the project",
    Exit.UNAPPROVED: "it needs money or approval",
    Exit.DRIFTED: "a locked build does not hold",
    Exit.INTERRUPTED: "interrupted",
    Exit.TERMINATED: "terminated",
}
SOMETHING = "10 there is something to do (`plan --detailed-exitcode`, `models --check`)"


def exits() -> str:
    """List the exit codes in a line."""
    return ", ".join(f"{int(code)} {meaning}" for code, meaning in EXITS.items())


class Sections(click.Group):
    """The group of all commands, listed by section."""

    def by_section(self, context: click.Context) -> Iterator[tuple[str, list[tuple[str, click.Command]]]]:
        """Give the commands that are shown, section by section."""
        found = {name: self.get_command(context, name) for name in self.list_commands(context)}
        shown = {name: command for name, command in found.items() if command is not None and not command.hidden}
        listed = {name for names in SECTIONS.values() for name in names}
        rest = [name for name in shown if name not in listed]
        for title, names in (*SECTIONS.items(), (REST, rest)):
            rows = [(name, shown[name]) for name in names if name in shown]
            if rows:
                yield title, rows

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List each section's commands with a short sentence; one column for all."""
        found = list(self.by_section(ctx))
        widest = max((len(name) for _, rows in found for name, _ in rows), default=0)
        limit = formatter.width - 6 - widest
        for title, rows in found:
            with formatter.section(title):
                formatter.write_dl([(name.ljust(widest), row.get_short_help_str(limit)) for name, row in rows])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Tell the exit codes."""
        with formatter.section("Exit codes"):
            formatter.write_text(f"{exits()}; {SOMETHING}.")


def go(context: click.Context, option: click.Parameter, folder: str | None) -> None:
    """Work in another folder, as `make -C` does."""
    if folder is not None:
        try:
            os.chdir(folder)
        except OSError as error:
            if context.resilient_parsing:
                return
            raise click.BadParameter(f"`{folder}`: {error.strerror}", context, option) from error


def without_colour(context: click.Context, option: click.Parameter, is_given: bool) -> None:
    """Show no colours, as where NO_COLOR is set: all that draws any asks the environment for that."""
    if is_given:
        os.environ["NO_COLOR"] = "1"
