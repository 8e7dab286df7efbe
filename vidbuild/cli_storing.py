"""The commands that look after the store."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from vidbuild.options import JSON, STORE


@click.group()
def store() -> None:
    """Look after the store."""


_PROJECTS = click.argument("projects", metavar="[PROJECT]...", type=click.Path(path_type=Path), nargs=-1)


@store.command()
@_PROJECTS
@STORE
@JSON
def verify(projects: tuple[Path, ...], store: str | None, as_json: bool) -> None:
    """Find what is damaged or lost, and mend what can be.

    Every blob is hashed and every record read. What is damaged is set aside: derived results are made again by the next
    build; what was paid for is fetched again, from the store that is shared or by its vendor's job. Exit 1 where
    anything is damaged, 3 where something that was paid for is lost.
    """
    from vidbuild.commands import store_verify as command

    sys.exit(command.run(store, projects, as_json, os.environ))


@store.command()
@_PROJECTS
@STORE
@JSON
def stats(projects: tuple[Path, ...], store: str | None, as_json: bool) -> None:
    """Tell what the store holds, of which projects, and what it cost."""
    from vidbuild.commands import store as command

    sys.exit(command.stats(store, projects, as_json, os.environ))


@store.command()
@_PROJECTS
@STORE
@click.option("--keep", metavar="AGE", help="Keep what was used since: 30d, 12h, 4w.")
@click.option("--max-size", metavar="SIZE", help="Remove the longest unused until it has this size: 20GB, 500MiB.")
@click.option("--paid", is_flag=True, help="Let go of what was paid for too, after a list of what would be lost.")
@click.option("--yes", is_flag=True, help="Agree to that list.")
@click.option("--dry-run", is_flag=True, help="Remove nothing; tell what would be.")
@JSON
def gc(projects: tuple[Path, ...], store: str | None, **told: Any) -> None:
    """Remove what isn't used, the longest unused first.

    Derived results go first: they are made again when they are needed. What was paid for stays while a lock or a
    build names it (of PROJECTs, and of all that built with this store), or while it lies nowhere else, unless --paid
    is given.
    """
    from vidbuild.commands import store as command

    sys.exit(command.gc(store, projects, command.Wanted(**told), os.environ))
