"""The session: the one place that wires stores, runners, catalog and planner together for a command.

It reads the environment, the clock and the disk so that no floor below has to. It prints nothing.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property, partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import urlsplit

from vidbuild import assets, packaged, sharing, typefaces
from vidbuild.catalog import loader
from vidbuild.catalog.model import Catalog, Provider
from vidbuild.configuration import configuration
from vidbuild.engine import Engine
from vidbuild.media import moving
from vidbuild.media.fonts import Typeface
from vidbuild.media.probe import OwnFile
from vidbuild.media.spoken import Spoken, words_in
from vidbuild.plan import speaking
from vidbuild.plan.planner import Plan, mistakes, plan_all
from vidbuild.plan.world import Request, World
from vidbuild.ports import Pins
from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Buyer, Runner
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.runners.measuring import MeasuringRunner
from vidbuild.runners.steps import StepsRunner
from vidbuild.runners.vendor.accounts import with_accounts
from vidbuild.runners.vendor.trust import Trust
from vidbuild.settings import STORE_VARIABLE, Settings, lock_name, out_folder, store_folder
from vidbuild.share import PACKAGE, share
from vidbuild.spec.files import confined, root_of, taken
from vidbuild.spec.load import Loaded, Vocabulary, load, ordered
from vidbuild.spec.model import Project, RemoteStore
from vidbuild.spec.reader import MOST_BYTES, decode
from vidbuild.stores import durable, ledger
from vidbuild.stores.action_cache import ActionCache, DiskActionCache
from vidbuild.stores.cas import Cas, DiskCas
from vidbuild.stores.index import Index, Memory
from vidbuild.stores.job_log import JobLog, standing
from vidbuild.stores.lockfile import LockedCache, LockFile
from vidbuild.stores.own_files import OwnFilesOnDisk
from vidbuild.stores.remotes import remote
from vidbuild.stores.tiered import Behind, TieredCache, TieredCas
from vidbuild.stores.trace import Looked, package_files
from vidbuild.stores.workspaces import WorkspacesOnDisk
from vidbuild.survey import Memories, Standing, Surveyed, survey
from vidbuild.toolchain import Toolchain, toolchain
from vidbuild.words.action import ActionResult, BoundAction, Conduct, Graph
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Mark, Problem, SpecError, UsageError, VendorFailed, VidbuildError
from vidbuild.words.events import Sink
from vidbuild.words.locked import Lock

CONSULTED = (ffmpeg.VARIABLE, STORE_VARIABLE, remote.VARIABLE, *sharing.VARIABLES, "XDG_DATA_HOME", "HOME", "PATH")


@dataclass
class Planned:
    """A project read and planned.

    Args:
        unheard: the keys of the lines that a first act has to make; until then the graph is of guesses.
        projects: the project in each of its languages.
        styles: the version that was taken of each style that is named without one.
        muted: the shots that a `when` leaves out.
    """

    project: Project
    graph: Graph
    warnings: tuple[Problem, ...]
    sources: Mapping[str, str]
    own: Mapping[str, Digest]
    unheard: frozenset[Digest] = frozenset()
    projects: tuple[Project, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    muted: tuple[str, ...] = ()


@dataclass
class Session:
    """Everything that a command on one project needs, opened.

    Args:
        told: gathers what is to be said of the store that is shared.
    """

    settings: Settings
    environ: Mapping[str, str]
    looked: Looked = field(default_factory=Looked)
    told: list[str] = field(default_factory=list)

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
        local = DiskCas(self.store, self.memory)
        local.recover()
        self.cas: Cas = local
        self.cache: ActionCache = DiskActionCache(self.store, self.index)
        self.behind: Behind | None = None
        self.jobs = JobLog(self.store)
        self.own = OwnFilesOnDisk(self.memory, self.started_ns, self.settings.rehash)
        self.ffmpeg = ffmpeg.find(self.environ)
        self.looked.variables.update(CONSULTED)
        self.configuration = configuration(self.environ)
        self.lock: LockFile | None = None
        self.trust: Trust | None = None
        self.known: Catalog = Catalog({}, {})
        self.bring: Callable[[Path], None] = lambda path: None

    def close(self) -> None:
        """Let go of the store; a build that came to its end has waited for what it sends."""
        if self.behind is not None:
            self.behind.stop()
        self.index.close()

    def catalog(self) -> Catalog:
        """Give the packaged catalog with the project's own platforms, models and providers."""
        problems: list[Problem] = []
        texts = {kind: self._own_texts(kind, problems) for kind in ("platforms", "models", "providers")}
        texts["workflows"] = self._own_texts("workflows", problems, "json")
        schemas = {name: packaged.schema(name) for name in ("platform", "model", "provider")}
        own, wrong = loader.with_own(packaged.catalog(), **texts, schemas=schemas)
        problems += wrong
        if any(not problem.warning for problem in problems):
            raise SpecError(problems, {name: text for known in texts.values() for name, text in known.items()})
        return own

    def _own_texts(self, kind: str, problems: list[Problem], suffix: str = "yaml") -> Mapping[str, str]:
        """Read the files of one of the project's own folders."""
        folder, home = self.settings.home / kind, self.settings.home
        self.looked.list_folder(folder)
        texts: dict[str, str] = {}
        for file in sorted(folder.glob(f"*.{suffix}")) if folder.is_dir() else ():
            name = f"{kind}/{file.name}"
            try:
                text, wrong = decode(taken(confined(root_of(self.settings.file), home, name), MOST_BYTES), name)
                texts[name] = text
                problems += wrong
            except SpecError as error:
                problems.append(replace(error.problems[0], mark=Mark(name, 1, 1)))
            except OSError as error:
                problems.append(Problem(Mark(name, 1, 1), f"`{name}` can't be read: {error.strerror or error}"))
            self.looked.files.add(str(file.absolute()))
        return texts

    def load(self, catalog: Catalog) -> Loaded:
        """Read the project."""
        known = Vocabulary(
            models=frozenset((*catalog.models, *catalog.aliases)),
            platforms=frozenset(catalog.profiles),
            styles=packaged.styles(),
            pinned=self._pinned(),
            unspoken=packaged.unspoken,
        )
        loaded = load(self.settings.file, known, packaged.schema("project"), self.settings.profile, self.bring)
        self.looked.files.update(str(path.absolute()) for path in loaded.read)
        self.looked.absent.update(str(path.absolute()) for path in loaded.sought)
        return loaded

    def _pinned(self) -> Mapping[str, str]:
        """Give the lock's versions of styles; a lock that can't be read is told once the project is."""
        if not self.settings.draft and self.lock is None:
            with contextlib.suppress(VidbuildError):
                self.lock = LockFile(self.settings.home / lock_name(self.settings.file))
        return self.lock.value.styles if self.lock is not None else {}

    def plan(
        self, seen_as: Callable[[Project], Project] = lambda project: project, made_with: Toolchain | None = None
    ) -> Planned:
        """Read and plan the project; every mistake found on the way is one error.

        Args:
            seen_as: gives the project that is planned for the one that was read.
            made_with: whose keys are planned; those of this machine without it.
        """
        catalog = self.catalog()
        try:
            loaded = self.load(catalog)
            told: tuple[Problem, ...] = ()
        except SpecError as error:
            if not isinstance(error.partial, Loaded):
                raise
            loaded, told = error.partial, error.problems
        projects, own, fonts, problems = loaded.projects, dict[str, OwnFile](), dict[str, Typeface](), list[Problem]()
        for project in projects:
            found, told_of = assets.gather(project, self.settings.home, loaded.accepted, self.own, self.memory)
            faces, unread = typefaces.gather(project, self.settings.home, loaded.accepted, self.own)
            own |= found
            fonts |= faces
            problems += [*told_of, *unread]
        named = (*own, *(path for project in projects for path in project.brand.files))
        self.looked.files.update(str((self.settings.home / path).absolute()) for path in named)
        self._open_trust(catalog)
        self._open_remote(loaded.project)
        if not self.settings.draft and self.lock is None:
            self.lock = LockFile(self.settings.home / lock_name(self.settings.file))
        lock = self.lock.value if self.lock is not None else Lock()
        numpy, pillow = (made_with.numpy, made_with.pillow) if made_with else (version("numpy"), version("pillow"))
        world = World(
            catalog, own, made_with.ffmpeg if made_with else self.encoder, lock, self._missing(), fonts,
            resampler=resampler(pillow), arrays=f"numpy {numpy}", imaging=f"pillow {pillow}",
            faces=_extra("opencv-python-headless"),
        )  # fmt: skip
        if told or problems:
            wrong = [problem for project in projects for problem in mistakes(project, world, self._request())]
            made = Plan(None, [*problems, *wrong])
        else:
            self._check_request(projects)
            self._check_links()
            lines = [speaking.keys(project, world, self.settings.draft) for project in projects]
            spoken = self._heard(key for keys in lines for key in keys.values())
            made = plan_all([seen_as(project) for project in projects], replace(world, spoken=spoken), self._request())
        if made.graph is None:
            raise SpecError(
                ordered((*(told or loaded.warnings), *made.problems, *made.warnings), loaded.sources), loaded.sources
            )
        self._check_paths(loaded, made.graph)
        digests = {path: file.digest for path, file in own.items()}
        warnings = tuple(ordered((*loaded.warnings, *made.warnings), loaded.sources))
        muted, styles, seen = loaded.muted, loaded.styles, loaded.sources
        return Planned(loaded.project, made.graph, warnings, seen, digests, made.unheard, projects, styles, muted)

    def _heard(self, keys: Iterable[Digest]) -> Mapping[Digest, Spoken]:
        """Read the words and lengths of lines that were spoken before, and are here."""
        cache, found = self.locked or self.cache, {}
        for key in dict.fromkeys(keys):
            result = cache.get(key)
            if result is None or "words" not in result.outputs:
                continue
            words = self.cas.fetch(result.outputs["words"].digest)
            sound = self.cas.fetch(result.outputs["sound"].digest) if "sound" in result.outputs else None
            if words is None or (sound is None and "sound" in result.outputs):
                continue
            length = assets.probed(sound, result.outputs["sound"].digest, self.memory).seconds if sound else Fraction(0)
            found[key] = Spoken(length, words_in(words.read_text(errors="replace")))
        return found

    @property
    def locked(self) -> LockedCache | None:
        """The results that are known here, the lock's first; `None` where there is no lock, as in a draft."""
        return LockedCache(self.lock, self.cache) if self.lock is not None else None

    def engine(
        self,
        workspaces: WorkspacesOnDisk,
        jobs: int,
        sink: Sink,
        fail_fast: bool,
        vendors: Runner | None = None,
        buyer: Buyer | None = None,
        apart: tuple[Cas, ActionCache, Pins | None] | None = None,
    ) -> Engine:
        """Wire an engine over this session's stores; without a buyer nothing is bought.

        Args:
            apart: other stores, behind which there is nothing.
        """
        steps, local, measuring = StepsRunner(self.ffmpeg), LocalRunner(self.ffmpeg), MeasuringRunner(self.ffmpeg)

        def runner_of(action: BoundAction, conduct: Conduct) -> Runner:
            if conduct.is_paid and vendors is not None:
                return vendors
            if action.mnemonic == "Measure":
                return measuring
            return local if action.tool.startswith("local/") else steps

        pools = {"cpu": jobs}
        if apart is not None:
            return Engine(*apart[:2], runner_of, self.own, workspaces, pools, sink, fail_fast, buyer, apart[2])
        pins = self.locked
        stores = (self.cas, pins or self.cache)
        return Engine(*stores, runner_of, self.own, workspaces, pools, sink, fail_fast, buyer, pins, self.behind)

    def survey(self, graph: Graph) -> Mapping[Digest, Surveyed]:
        """Say how every action stands; what isn't here is looked for in the store that is shared."""
        asked: set[Digest] = set()
        while True:
            found = self._surveyed(graph)
            if self.behind is None:
                return found
            cache = self.locked or self.cache
            lacking = {
                each.bound.key: cache.get(each.bound.key)
                for each in found.values()
                if each.bound is not None and each.standing is not Standing.CACHED and each.bound.key not in asked
            }
            if not lacking:
                return found
            self.behind.recall_all(lacking)
            asked |= lacking.keys()

    def _surveyed(self, graph: Graph) -> Mapping[Digest, Surveyed]:
        from vidbuild.engine import answer

        cache = self.locked
        if self.lock is None or cache is None:
            return survey(graph, Memories(partial(answer, self.cas, self.cache)))
        lock = self.lock.value
        out = {standing(self.jobs.steps(key)).intent.get("ask") for key in self.jobs.open_attempts()}

        def locked(key: Digest) -> ActionResult | None:
            asked = lock.asks.get(key)
            if asked is None or asked.answer is None or standing(self.jobs.steps(asked.answer.key)).is_given_up:
                return None
            return cache.get(key)

        def is_anew(key: Digest) -> bool:
            asked = lock.asks.get(key)
            return asked is not None and asked.is_anew and bool(asked.attempts)

        remembered = partial(answer, self.cas, cache)
        return survey(graph, Memories(remembered, out.__contains__, locked, cache.pinned, is_anew))

    def spent(self) -> Fraction:
        """Say what the project has spent in its life, by its lock and the job log."""
        lock = self.lock.value if self.lock is not None else Lock()
        return ledger.spent(self.jobs, lock, str(self.settings.file.absolute()))

    def note_world(self) -> None:
        """Add to what was looked at all that every build depends on."""
        for folder in (PACKAGE, share("schemas"), share("templates")):
            self.looked.files.update(package_files(folder))
        catalogs = (PACKAGE / "catalog" / kind for kind in ("models", "platforms", "providers"))
        for listed in (share("templates/styles"), *catalogs):
            self.looked.list_folder(listed)
        self.looked.files.add(str(self.ffmpeg))
        lock = self.settings.home / lock_name(self.settings.file)
        if self.lock is not None and lock.exists():
            self.looked.made[str(lock.absolute())] = None
        else:
            self.looked.name(lock)
        self.looked.list_folder(self.jobs.folder)

    def _check_request(self, projects: Sequence[Project]) -> None:
        from vidbuild.words.names import closest

        if self.settings.only is not None:
            ids = list(dict.fromkeys(shot.id for project in projects for shot in project.shots))
            if self.settings.only not in ids:
                raise UsageError(f"no shot is called `{self.settings.only}`", hint=closest(self.settings.only, ids))
        names = list(dict.fromkeys(output.name for project in projects for output in project.outputs))
        for name in self.settings.outputs:
            if name not in names:
                raise UsageError(f"no output is called `{name}`", hint=closest(name, names))

    def _check_paths(self, loaded: Loaded, graph: Graph) -> None:
        """Refuse to write over what the project is made from."""
        home = self.settings.home
        sources = {os.path.realpath(path) for path in (*loaded.read, *(home / path for path in loaded.accepted))}
        for deliverable in graph.deliverables:
            for path in (deliverable.path, *deliverable.companions):
                if (place := os.path.realpath(home / path)) in sources:
                    output = deliverable.output
                    sentence = f"the output `{output}` would be written over a file that the project is made from"
                    raise UsageError(sentence, {"file": place}, "give the output another `name`, or another `--out`")

    def _check_links(self) -> None:
        """Refuse to write through a link out of the project's root."""
        home, folder = self.settings.home, self.settings.home / out_folder(self.settings)
        root = root_of(self.settings.file)
        for written in (folder, self.settings.state):
            if os.path.abspath(written).startswith(os.path.abspath(home)) and not _lies_in(written, root):
                sentence = f"`{written}` is a link that leads out of the project"
                raise UsageError(sentence, hint="remove the link, or name another folder with `--out`")

    def _open_remote(self, project: Project) -> None:
        """Put the store that is shared behind the local one, if there is one."""
        if self.behind is not None or (shared := self.shared(project.remote)) is None:
            return
        cas, cache = DiskCas(self.store, self.memory), DiskActionCache(self.store, self.index)
        place = remote.opened(shared.url, self.environ)
        self.behind = Behind(cas, cache, place, self.told.append, shared.reads_only, self._name())
        self.cas, self.cache = TieredCas(cas, self.behind), TieredCache(cache, self.behind)

    def shared(self, told: RemoteStore | None) -> RemoteStore | None:
        """Give the store that is shared, given what the project says of it."""
        usual, home = self.configuration.remote, self.settings.home
        return sharing.shared(told, usual, home, self.environ, self._is_trusted)

    def _is_trusted(self, url: str) -> bool:
        """Say whether a store counts that the project names: at a trusted host, or in its own folders."""
        if "://" not in url:
            return _lies_in(Path(url), root_of(self.settings.file))
        return (urlsplit(url).hostname or "") in self.configuration.trust

    def _name(self) -> str:
        """Name the local store, for claims: by a word that it is given once."""
        file = self.store / "name"
        if not file.exists():
            durable.write_bytes(file, secrets.token_hex(16).encode())
        return file.read_text()

    def _open_trust(self, catalog: Catalog) -> None:
        self.known = catalog
        providers = tuple(catalog.providers.values())
        self.trust = Trust(with_accounts(self.environ, providers), self.configuration.trust, providers)

    def _missing(self) -> Mapping[str, tuple[str, ...]]:
        """Say what every provider lacks to be reached."""
        return {provider.name: self._lacks(provider) for provider in self.known.providers.values()}

    def _lacks(self, provider: Provider) -> tuple[str, ...]:
        assert self.trust is not None
        if missing := self.trust.missing(provider):
            return missing
        try:
            self.trust.secrets(provider)
        except VendorFailed as error:
            return (error.hint or error.sentence,)
        return ()

    def _request(self) -> Request:
        settings = self.settings
        return Request(settings.draft, settings.outputs, settings.only, out_folder(settings))

    @property
    def encoder(self) -> str:
        """The identity of ffmpeg."""
        return ffmpeg.identity(self.ffmpeg, self.memory)

    @cached_property
    def toolchain(self) -> Toolchain:
        """What things are made with on this machine."""
        return toolchain(self.encoder)


def resampler(pillow: str) -> str:
    """The identity of what draws moving windows, with a version of Pillow: equal ones draw equal pixels."""
    return f"moving@{moving.REVISION}, pillow {pillow}"


def _extra(package: str) -> str:
    """Name a library and its version, without importing it; nothing where the extra isn't installed."""
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return ""


def _lies_in(path: Path, root: Path) -> bool:
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(root))


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
