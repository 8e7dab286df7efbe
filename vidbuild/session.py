"""The session: the one place that wires stores, runners, catalog and planner together for a command.

It reads the environment, the clock and the disk so that no floor below has to. It prints nothing.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vidbuild.catalog import loader
from vidbuild.catalog.model import Catalog
from vidbuild.engine import Engine
from vidbuild.media.probe import OwnFile, Probe
from vidbuild.plan.planner import Plan, mistakes, plan
from vidbuild.plan.world import Request, World
from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Runner
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.runners.steps import StepsRunner
from vidbuild.settings import STORE_VARIABLE, Settings, lock_name, out_folder
from vidbuild.share import PACKAGE, share
from vidbuild.spec.load import Loaded, Vocabulary, load, ordered
from vidbuild.spec.model import Card, FilePicture, Filmed, Project, pictures_of
from vidbuild.stores.action_cache import DiskActionCache
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.stores.trace import Looked, package_files
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.survey import Surveyed, survey
from vidbuild.words.action import BoundAction, Conduct, Graph
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark, Problem, SpecError, UsageError, VidbuildError
from vidbuild.words.events import Sink

CONSULTED = (ffmpeg.VARIABLE, STORE_VARIABLE, "XDG_DATA_HOME", "HOME")


@dataclass
class Planned:
    """A project read and planned."""

    project: Project
    graph: Graph
    warnings: tuple[Problem, ...]
    sources: Mapping[str, str]


@dataclass
class Session:
    """Everything that a command on one project needs, opened."""

    settings: Settings
    environ: Mapping[str, str]
    looked: Looked = field(default_factory=Looked)

    def __post_init__(self) -> None:
        self.started_ns = time.time_ns()
        self.store = store_folder(self.settings.store, self.environ)
        try:
            self.store.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.index = Index(self.store / "index")
        except OSError as error:
            raise VidbuildError(
                f"the store `{self.store}` can't be used",
                {"because": error.strerror or str(error)},
                f"name another with `--store` or {STORE_VARIABLE}",
            ) from error
        self.memory = Memory(self.index)
        self.cas = DiskCas(self.store, self.memory)
        self.cache = DiskActionCache(self.store, self.index)
        self.jobs = JobLog(self.store)
        self.own = OwnFilesOnDisk(self.memory, self.started_ns, self.settings.rehash)
        self.ffmpeg = ffmpeg.find(self.environ)
        self.looked.variables.update(CONSULTED)

    def close(self) -> None:
        """Let go of the store."""
        self.index.close()

    def catalog(self) -> Catalog:
        """Give the packaged catalog with the project's own platforms."""
        folder = self.settings.home / "platforms"
        own: dict[str, str] = {}
        if folder.is_dir():
            self.looked.folders.add(str(folder.absolute()))
            files = sorted(folder.glob("*.yaml"))
            self.looked.files.update(str(file.absolute()) for file in files)
            own = {f"platforms/{file.name}": file.read_text(errors="replace") for file in files}
        else:
            self.looked.absent.add(str(folder.absolute()))
        catalog = packaged_catalog()
        if not own:
            return catalog
        catalog, problems = loader.with_platforms(catalog, own, schema("platform"))
        if any(not problem.warning for problem in problems):
            raise SpecError(problems, own)
        return catalog

    def load(self, catalog: Catalog) -> Loaded:
        """Read the project."""
        known = Vocabulary(
            models=frozenset((*catalog.models, *catalog.aliases)),
            platforms=frozenset(catalog.profiles),
            styles={path.stem: path for path in sorted(share("templates/styles").glob("*.j2"))},
        )
        loaded = load(self.settings.file, known, schema("project"))
        self.looked.files.update(str(path.absolute()) for path in loaded.read)
        self.looked.absent.update(str(path.absolute()) for path in loaded.sought)
        return loaded

    def plan(self) -> Planned:
        """Read and plan the project; every mistake found on the way is one error."""
        catalog = self.catalog()
        try:
            loaded = self.load(catalog)
            told: tuple[Problem, ...] = ()
        except SpecError as error:
            if not isinstance(error.partial, Loaded):
                raise
            loaded, told = error.partial, error.problems
        project = loaded.project
        own, problems = self._own_files(project)
        world = World(catalog, own, self._encoder())
        if told or problems:
            made = Plan(None, [*problems, *mistakes(project, world, self._request())])
        else:
            self._check_request(project)
            made = plan(project, world, self._request())
        if made.graph is None:
            raise SpecError(ordered((*(told or loaded.warnings), *made.problems), loaded.sources), loaded.sources)
        return Planned(project, made.graph, loaded.warnings, loaded.sources)

    def engine(self, workspaces: WorkspacesOnDisk, jobs: int, sink: Sink, fail_fast: bool) -> Engine:
        """Wire an engine over this session's stores."""
        steps, local = StepsRunner(self.ffmpeg), LocalRunner(self.ffmpeg)

        def runner_of(action: BoundAction, conduct: Conduct) -> Runner:
            return local if action.tool.startswith("local/") else steps

        return Engine(self.cas, self.cache, runner_of, self.own, workspaces, {"cpu": jobs}, sink, fail_fast)

    def survey(self, graph: Graph) -> Mapping[Digest, Surveyed]:
        """Say how every action stands."""
        from vidbuild.engine import answer

        return survey(
            graph, lambda bound: answer(self.cas, self.cache, bound), set(self.jobs.open_attempts()).__contains__
        )

    def note_world(self) -> None:
        """Add to what was looked at all that every build depends on."""
        self.looked.files.update(package_files(PACKAGE))
        for shared in ("schemas", "templates"):
            self.looked.files.update(package_files(share(shared)))
        self.looked.files.add(str(self.ffmpeg))
        lock = self.settings.home / lock_name(self.settings.file)
        (self.looked.files if lock.exists() else self.looked.absent).add(str(lock.absolute()))
        jobs = self.jobs.folder
        (self.looked.folders if jobs.exists() else self.looked.absent).add(str(jobs))

    def _check_request(self, project: Project) -> None:
        from vidbuild.words.names import closest

        if self.settings.only is not None:
            ids = [shot.id for shot in project.shots]
            if self.settings.only not in ids:
                raise UsageError(f"no shot is called `{self.settings.only}`", hint=closest(self.settings.only, ids))
        names = [output.name for output in project.outputs]
        for name in self.settings.outputs:
            if name not in names:
                raise UsageError(f"no output is called `{name}`", hint=closest(name, names))

    def _request(self) -> Request:
        settings = self.settings
        return Request(settings.draft, settings.outputs, settings.only, out_folder(settings))

    def _encoder(self) -> str:
        return ffmpeg.identity(self.ffmpeg, self.memory)

    def _own_files(self, project: Project) -> tuple[Mapping[str, OwnFile], list[Problem]]:
        """Hash and probe the project's own files; give what can't be read as problems."""
        from vidbuild.runners.probing import NotMedia

        found: dict[str, OwnFile] = {}
        problems: list[Problem] = []
        for path, mark in _mentioned(project).items():
            place = self.settings.home / path
            if not place.exists():
                continue  # the reader has told it, and where
            self.looked.files.add(str(place.absolute()))
            try:
                digest = self.own.digest(place)
                found[path] = OwnFile(digest, self._probe(place, digest))
            except NotMedia as error:
                facts = tuple(f"{name} {fact}" for name, fact in error.facts.items())
                problems.append(Problem(mark, f"`{path}` can't be read as a picture, video or sound", facts))
            except VidbuildError as error:
                problems.append(Problem(mark, error.sentence, tuple(error.facts.values()), error.hint))
        problems += _wrong_kinds(project, found) if not problems else []
        return found, problems

    def _probe(self, path: Path, digest: Digest) -> Probe:
        """Read a file's header, once for each content."""
        text = self.memory.note("probe", digest)
        if text is not None:
            return _probe_from(json.loads(text))
        from vidbuild.runners.probing import probe

        made = probe(path)
        told = {name: str(getattr(made, name)) for name in Probe.__slots__}
        self.memory.keep_note("probe", digest, json.dumps(told))
        return made


def store_folder(given: str | None, environ: Mapping[str, str]) -> Path:
    """Name the store: as given, else by `VIDBUILD_STORE`, else in the user's data folder."""
    named = given or environ.get(STORE_VARIABLE)
    if named:
        return Path(named).absolute()
    import platformdirs

    return Path(platformdirs.user_data_dir("vidbuild"))


def schema(name: str) -> Mapping[str, Any]:
    """Read one of the shipped schemas."""
    found: Mapping[str, Any] = json.loads(share(f"schemas/{name}.schema.json").read_text())
    return found


def packaged_catalog() -> Catalog:
    """Read vidbuild's own catalog."""
    folders = (PACKAGE / "catalog" / "platforms", PACKAGE / "catalog" / "models")
    platforms, models = ({file.name: file.read_text() for file in sorted(folder.glob("*.yaml"))} for folder in folders)
    return loader.packaged(platforms, models)


def open_state(settings: Settings) -> None:
    """Make the project's own folder, which git is told to pass over."""
    ignore = settings.state / ".gitignore"
    if ignore.exists():
        return
    try:
        settings.state.mkdir(parents=True, exist_ok=True)
        ignore.write_text("*\n")
    except OSError as error:
        raise VidbuildError(
            f"`{settings.state}` can't be written", {"because": error.strerror or str(error)}
        ) from error


def _mentioned(project: Project) -> Mapping[str, Mark | None]:
    """List the project's own files with a place that names each."""
    found: dict[str, Mark | None] = {}
    for shot in project.shots:
        for key, picture in pictures_of(shot):
            if isinstance(picture, FilePicture):
                found.setdefault(picture.path, shot.marks.get(key) or shot.marks.get(""))
        if isinstance(shot.source, Filmed):
            found.setdefault(shot.source.file, shot.marks.get("file") or shot.marks.get(""))
        elif isinstance(shot.source, Card) and shot.source.logo is not None:
            found.setdefault(shot.source.logo, shot.marks.get("card") or shot.marks.get(""))
    if project.music is not None and project.music.file is not None:
        found.setdefault(project.music.file, project.music.marks.get("file") or project.music.marks.get(""))
    return found


def _wrong_kinds(project: Project, own: Mapping[str, OwnFile]) -> list[Problem]:
    """Tell files that are not what their place needs: sound as a shot, a silent video as music."""
    problems = []
    for shot in project.shots:
        mark = shot.marks.get("file") or shot.marks.get("")
        if isinstance(shot.source, Filmed) and shot.source.file in own:
            kind = own[shot.source.file].probe.kind
            if kind == "sound":
                problems.append(Problem(mark, f"`{shot.source.file}` has no picture", hint="name a video or a still"))
            elif (kind == "still") != shot.source.is_still:
                problems.append(
                    Problem(mark, f"`{shot.source.file}` is a {kind}, and its name says otherwise", hint="rename it")
                )
        for key, picture in pictures_of(shot):
            if isinstance(picture, FilePicture) and picture.path in own and own[picture.path].probe.kind != "still":
                problems.append(Problem(shot.marks.get(key), f"`{picture.path}` is no picture"))
    music = project.music
    if music is not None and music.file and music.file in own and not own[music.file].probe.has_sound:
        problems.append(Problem(music.marks.get("file"), f"`{music.file}` has no sound"))
    return problems


def _probe_from(told: Mapping[str, str]) -> Probe:
    from fractions import Fraction

    return Probe(
        told["kind"],
        Fraction(told["seconds"]),
        int(told["width"]),
        int(told["height"]),
        Fraction(told["rate"]),
        told["has_sound"] == "True",
        told["matrix"],
    )
