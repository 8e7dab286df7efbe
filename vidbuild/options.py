"""Options and arguments that several commands share, and the settings that they come to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from vidbuild import completing
from vidbuild.settings import DEFAULT_PROJECT, Settings


def _once(context: click.Context, option: click.Parameter, values: tuple[str, ...]) -> str | None:
    """Refuse an option that is given twice, where only one value makes sense."""
    if len(values) > 1:
        raise click.BadParameter("it can be given once", context, option)
    return values[0] if values else None


PROJECT = click.argument("project", type=click.Path(path_type=Path), default=DEFAULT_PROJECT)
DRAFT = click.option("--draft", is_flag=True, help="Make everything here, free, instead of asking vendors.")
OUTPUT = click.option(
    "--output",
    "outputs",
    metavar="NAME",
    multiple=True,
    shell_complete=completing.outputs,
    help="Only this output (repeatable).",
)
ONLY = click.option(
    "--only",
    metavar="SHOT",
    multiple=True,
    callback=_once,
    shell_complete=completing.shots,
    help="Only this shot, to build/shots/SHOT.mp4.",
)
OUT = click.option(
    "--out", metavar="DIR", type=click.Path(), help="The folder for finished files (default: build beside the project)."
)
STORE = click.option(
    "--store",
    metavar="DIR",
    type=click.Path(),
    help="The store's folder (default: VIDBUILD_STORE, else the user's data folder).",
)
PROFILE = click.option(
    "--profile", metavar="NAME", shell_complete=completing.profiles, help="Lay this profile of the project over it."
)
REHASH = click.option("--rehash", is_flag=True, help="Hash own files again instead of trusting their stamps.")
JSON = click.option("--json", "as_json", is_flag=True, help="Write JSON for programs.")


def request_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that choose what is built."""
    for option in (REHASH, STORE, OUT, ONLY, OUTPUT, PROFILE, DRAFT, PROJECT):
        command = option(command)
    return command


def settings_of(told: dict[str, Any]) -> Settings:
    """Gather the options that choose what is built."""
    return Settings(
        told["project"],
        told["draft"],
        tuple(told["outputs"]),
        told["only"],
        told["out"],
        told["store"],
        told["rehash"],
        told["profile"],
    )


def a_shot(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the argument that names a shot."""
    return click.argument("shot", metavar="SHOT", shell_complete=completing.shots)(command)
