"""What a command that looks after a store knows: what it holds, the projects that use it, their locks, other places.

Projects are those that are named, and those that built with the store or bought with it; a lock that can't be read is
told apart from none. It removes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from vidbuild.session import Session
from vidbuild.settings import Settings, lock_name, store_folder
from vidbuild.stores.action_cache import DiskActionCache
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.holdings import Holdings, holdings
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.job_log import JobLog, standing
from vidbuild.stores.lockfile import LockFile
from vidbuild.stores.remotes import remote
from vidbuild.stores.remotes.remote import Remote
from vidbuild.stores.uses import all_uses
from vidbuild.stores.workspaces import settled
from vidbuild.words.errors import UsageError, VidbuildError
from vidbuild.words.locked import Lock


@dataclass
class Inventory:
    """A store, opened, and what is known of it.

    Args:
        projects: project files, absolute.
        unreadable: locks that can't be read, with why.
    """

    root: Path
    index: Index
    memory: Memory
    cas: DiskCas
    cache: DiskActionCache
    held: Holdings
    projects: Sequence[Path] = ()
    unreadable: Mapping[Path, str] = field(default_factory=dict)


def taken(store: str | None, named: Sequence[Path], environ: Mapping[str, str]) -> Inventory:
    """Take stock of a store.

    Raises:
        UsageError: there is none, or a project that is named isn't there.
    """
    root = store_folder(store, environ)
    if not any((root / name).is_dir() for name in ("cas", "ac", "jobs")):
        raise UsageError(f"there is no store at `{root}`", hint="a build makes one; name another with `--store`")
    for project in named:
        if not Settings(project).file.is_file():
            hint = "name the project file, or its folder"
            raise UsageError(f"there is no project `{Settings(project).file}`", hint=hint)
    index = Index(root / "index")
    memory = Memory(index)
    cas, cache = DiskCas(root, memory), DiskActionCache(root, index)
    cas.recover()
    at = settled(root)  # before anything is read: locks too
    projects = _projects(root, named)
    locks: dict[str, Lock] = {}
    unreadable: dict[Path, str] = {}
    for project in projects:
        path = project.parent / lock_name(project)
        try:
            if path.exists():
                locks[str(path)] = LockFile(path).value
        except VidbuildError as error:
            unreadable[path] = error.sentence
    held = holdings(root, cas, cache, locks, at)
    return Inventory(root, index, memory, cas, cache, held, projects, unreadable)


def elsewhere(named: Sequence[Path], store: str | None, environ: Mapping[str, str]) -> list[Remote]:
    """Open the stores that are shared: as the environment or the user's configuration names one, and the projects."""
    urls: dict[str, Remote] = {}
    for project in (*named, None):
        session = Session(Settings(project or Path("project.yaml"), draft=True, store=store), environ)
        try:
            told = session.load(session.catalog()).project.remote if project is not None else None
            place = session.shared(told)
        finally:
            session.close()
        if place is not None and place.url not in urls:
            urls[place.url] = remote.opened(place.url, environ)
    return list(urls.values())


def _projects(root: Path, named: Sequence[Path]) -> list[Path]:
    """List the project files that are named, that built here, and that bought here."""
    log = JobLog(root)
    bought = (standing(log.steps(key)).intent.get("project") for key in log.attempts())
    found = [Settings(project).file.absolute() for project in named]
    found += [use.project for _, use in all_uses(root)] + [Path(str(project)) for project in bought if project]
    return list(dict.fromkeys(found))
