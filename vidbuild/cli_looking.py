"""The commands that tell what there is: models, platforms, styles, schemas, this machine."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vidbuild import completing
from vidbuild.options import JSON, PROJECT, STORE
from vidbuild.settings import Settings


@click.command()
@PROJECT
@click.option(
    "--check", "is_checked", is_flag=True, help="Tell facts older than 90 days (then exit 10), and doubtful ones."
)
@JSON
def models(project: Path, is_checked: bool, as_json: bool) -> None:
    """List the models that a project can name, its own too."""
    from vidbuild.commands import inspect

    if is_checked and as_json:
        raise click.UsageError("--check tells people: leave --json out")
    settings = Settings(project, draft=True)
    sys.exit(inspect.models_checked(settings) if is_checked else inspect.models(settings, as_json))


@click.command()
@PROJECT
@STORE
@JSON
def doctor(project: Path, store: str | None, as_json: bool) -> None:
    """Look for what a build needs.

    ffmpeg and what PROJECT asks of it, fonts, disk, the shared store, what its models need, which keys are present
    (never what they hold), and which vendors answer.
    """
    from vidbuild.commands import doctor as command

    sys.exit(command.run(Settings(project, store=store), as_json))


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what makes a shell complete commands, shots and outputs.

    \b
    bash:  eval "$(vidbuild completion bash)"      in ~/.bashrc
    zsh:   eval "$(vidbuild completion zsh)"       in ~/.zshrc, after compinit
    fish:  vidbuild completion fish > ~/.config/fish/completions/vidbuild.fish
    """
    print(completing.script(click.get_current_context().find_root().command, shell))


@click.command()
@PROJECT
@JSON
def platforms(project: Path, as_json: bool) -> None:
    """List the platforms that an output can name, own ones too."""
    from vidbuild.commands import inspect

    sys.exit(inspect.platforms(Settings(project, draft=True), as_json))


@click.command()
@PROJECT
@JSON
def styles(project: Path, as_json: bool) -> None:
    """List the styles that a project can name, its own too.

    With their parameters and a sample. Its own are files in its folder `styles`.
    """
    from vidbuild.commands import styles as command

    sys.exit(command.run(Settings(project, draft=True), as_json))


@click.command()
@click.argument("name", metavar="[NAME]", default="project", shell_complete=completing.schemas)
def schema(name: str) -> None:
    """Print a JSON schema.

    Without NAME that of projects; a NAME that there isn't is answered with those that there are.
    """
    from vidbuild.commands import inspect

    sys.exit(inspect.schema(name))
