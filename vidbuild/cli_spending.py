"""The commands that look after money: jobs that are out, what was spent, whom to trust with keys."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from vidbuild.options import JSON, PROJECT, STORE
from vidbuild.settings import Settings


@click.group()
def jobs() -> None:
    """Look after jobs that are out at vendors."""


@jobs.command("list")
@PROJECT
@STORE
@click.option("--all", "everywhere", is_flag=True, help="Of every project that shares the store.")
@JSON
def jobs_list(project: Path, store: str | None, everywhere: bool, as_json: bool) -> None:
    """List jobs that are out or unclear."""
    from vidbuild.commands import jobs as command

    sys.exit(command.list_(Settings(project, store=store), everywhere, as_json))


@jobs.command("resume")
@click.argument("key", metavar="[KEY]", required=False)
@PROJECT
@STORE
@JSON
def jobs_resume(key: str | None, project: Path, store: str | None, as_json: bool) -> None:
    """Wait for jobs that are out.

    What they made is kept; nothing is bought, and no video is built.
    """
    from vidbuild.commands import resume as command

    sys.exit(command.run(Settings(project, store=store), key, as_json))


@jobs.command("resolve")
@click.argument("key", metavar="KEY")
@PROJECT
@STORE
@click.option("--job", metavar="ID", help="It is this job at the vendor: fetch that.")
@click.option("--lost", is_flag=True, help="It was never made: send it again, and count nothing.")
@click.option("--buy-again", "again", is_flag=True, help="Buy it again; its price stays spent.")
def jobs_resolve(key: str, project: Path, store: str | None, job: str | None, lost: bool, again: bool) -> None:
    """Say what became of a job that is unclear."""
    from vidbuild.commands import jobs as command

    sys.exit(command.resolve(Settings(project, store=store), key, job, lost, again))


@click.command()
@PROJECT
@STORE
@click.option("--by", type=click.Choice(["shot", "model", "provider", "day"]), help="Add up by this.")
@JSON
def cost(project: Path, store: str | None, by: str | None, as_json: bool) -> None:
    """Show what PROJECT has cost so far."""
    from vidbuild.commands import cost as command

    sys.exit(command.run(Settings(project, store=store), by, as_json))


@click.command()
@click.argument("host", metavar="[HOST]", required=False)
@click.option("--remove", is_flag=True, help="No longer trust HOST.")
def trust(host: str | None, remove: bool) -> None:
    """Trust a host, or list those trusted.

    A project's own providers are asked at hosts that you trust, and nowhere else.
    """
    from vidbuild.commands import trust as command

    sys.exit(command.run(host, remove, os.environ))
