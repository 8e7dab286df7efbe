"""The one door with I/O: a path -> a `Project`, or every mistake at once.

    read -> assemble -> for each language: make (`making`)

Each step is a neighbour's; here they are called in order, and their problems gathered.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbuild.spec import reader
from vidbuild.spec.files import confined, nearby, root_of, taken
from vidbuild.spec.include import Assembly
from vidbuild.spec.languages import gathered, in_language, languages_of, missing_marks, refused, strings_of
from vidbuild.spec.making import Making, Vocabulary
from vidbuild.spec.model import Project
from vidbuild.spec.profile import known_profiles
from vidbuild.spec.tree import Node, without_nulls
from vidbuild.words.amounts import counted
from vidbuild.words.errors import Mark, Problem, SpecError
from vidbuild.words.names import MOST_HINTS, did_you_mean

__all__ = ["Loaded", "Vocabulary", "confined", "load", "root_of"]
MOST_PROBLEMS = 200
MOST_READ = 32 * 2**20
STARTS = "`vidbuild init DIR` starts a project"
OTHERS = frozenset({"options", "note", "vars"})
"""Keys whose values are not the language's: a `null` in them is a value."""


@dataclass(frozen=True)
class Loaded:
    """A project with what reading it told and touched.

    Args:
        projects: the project, once for each of its languages.
        sources: the texts that were read, by the name that marks use.
        read: every file that was read.
        sought: names that were looked for in vain.
        accepted: files of the project that may be opened, as the project names them.
        profiles: the names of its profiles.
        styles: the version that was taken of each packaged style that is named without one.
        muted: the shots that a `when` leaves out, in one language at least.
    """

    projects: tuple[Project, ...]
    warnings: tuple[Problem, ...]
    sources: Mapping[str, str]
    read: tuple[Path, ...]
    sought: tuple[Path, ...]
    accepted: frozenset[str]
    profiles: tuple[str, ...] = ()
    styles: Mapping[str, str] = field(default_factory=dict)
    muted: tuple[str, ...] = ()

    @property
    def project(self) -> Project:
        """The project; of several languages the source."""
        return self.projects[0]


def load(
    path: Path,
    vocabulary: Vocabulary,
    schema: Mapping[str, Any],
    profile: str | None = None,
    bring: Callable[[Path], None] = lambda path: None,
) -> Loaded:
    """Read a project.

    Args:
        profile: the name of one of the project's `profiles`, laid over it.
        bring: is told each file that the project names, before it is looked for.

    Raises:
        SpecError: with every mistake, and the texts that they point into.
        UsageError: no profile has that name.
    """
    door = _Door(path, bring)
    root = door.project()
    projects = _made(door, root, vocabulary, schema, profile) if root is not None else ()
    told = ordered(door.problems, door.sources)
    if not projects:
        raise SpecError(_bounded(told), door.sources)
    loaded = Loaded(projects, tuple(told), door.sources, tuple(door.read), tuple(door.sought), frozenset(door.accepted))
    profiles = known_profiles(root) if root is not None else ()
    loaded = replace(loaded, profiles=profiles, styles=door.unversioned, muted=tuple(door.muted))
    if any(not problem.warning for problem in told):
        raise SpecError(_bounded(told), door.sources, loaded)
    return loaded


def _made(
    door: _Door, root: Node, vocabulary: Vocabulary, schema: Mapping[str, Any], profile: str | None
) -> tuple[Project, ...]:
    """Make the project, once for each of its languages; nothing where the tree is no project at all."""
    spoken = languages_of(root)
    if not spoken:
        project = Making(door, root, vocabulary, schema, profile).project()
        return (project,) if project is not None else ()
    before, told, projects = door.problems, {}, []
    for language in spoken:
        door.problems = []
        twin = root.copy()
        columns = {"language": language, "t": strings_of(door.path.stem, language, door.optional, door.problems)}
        door.problems += in_language(twin, spoken, language)
        project = Making(door, twin, vocabulary, schema, profile, columns).project()
        projects += [project] if project is not None else []
        told[language] = door.problems
    door.problems = [*before, *refused(root), *gathered(told)]
    if not any(project.outputs for project in projects):
        written = root.get("outputs") or root
        hint = "leave `outputs` out for one, `master`"
        door.problems.append(Problem(written.mark, "there is no output in any language", hint=hint))
    if not any(not problem.warning for problem in door.problems):
        door.problems += missing_marks(projects)
    return tuple(projects)


def ordered(problems: Iterable[Problem], sources: Mapping[str, str]) -> list[Problem]:
    """Sort problems by place: mistakes before warnings, files in the order they were read."""
    rank = {file: number for number, file in enumerate(sources)}

    def place(problem: Problem) -> tuple[bool, int, int, int]:
        mark = problem.mark or Mark("", 0, 0)
        return (problem.warning, rank.get(mark.file, -1), mark.line, mark.column)

    return sorted(dict.fromkeys(problems), key=place)


def _bounded(problems: list[Problem]) -> list[Problem]:
    if len(problems) <= MOST_PROBLEMS:
        return problems
    rest = len(problems) - MOST_PROBLEMS
    return [*problems[:MOST_PROBLEMS], Problem(None, f"and {counted(rest, 'more mistake')} like these")]


class _Door:
    """What was read so far, and the reading of more."""

    def __init__(self, path: Path, bring: Callable[[Path], None]):
        self.path = path
        self.bring = bring
        self.folder = path.parent
        self.root = root_of(path)
        self.file = str(path)
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}
        self.unversioned: dict[str, str] = {}
        self.muted: dict[str, None] = {}
        self.read: list[Path] = []
        self.sought: list[Path] = []
        self.accepted: set[str] = set()
        self.storyboard = False
        self.bytes = 0

    def project(self) -> Node | None:
        """Read the project file and all that it includes, as one tree."""
        root = self._tree(self.path, self.file, None)
        if root is None:
            return None
        assembly = Assembly(self._included)
        whole = assembly.assembled(root)
        self.problems += assembly.problems
        return whole

    def _included(self, named: Node) -> Node | None:
        path = self.found(named, str(named.value), self.beside(named))
        if path is None:
            return None
        return self._tree(path, self.shown(path), named)

    def beside(self, node: Node) -> Path:
        """Give the folder of the file that a node stands in."""
        return self.folder if node.file == self.file else (self.folder / node.file).parent

    def shown(self, path: Path) -> str:
        """Name a file as problems do: from the project file's folder, with `/`."""
        name = Path(os.path.relpath(path, self.folder)).as_posix()
        return f"./{name}" if name == self.file and path != self.path else name

    def found(self, node: Node, written: str, base: Path) -> Path | None:
        """Look for a file of the project; tell why it can't be had."""
        try:
            self.bring(Path(os.path.normpath(base / written)))
            path = confined(self.root, base, written)
            self.accepted.add(self.shown(path))
            return path
        except SpecError as error:
            self.problems.append(replace(error.problems[0], mark=node.mark))
        except FileNotFoundError:
            self._missing(node, written, base)
        except (OSError, ValueError) as error:
            self.problems.append(Problem(node.mark, f"the file `{written[:80]}` can't be looked at: {error}"))
        return None

    def _missing(self, node: Node, written: str, base: Path) -> None:
        """Tell a file that isn't there, with the one that is probably meant; never the one that names it."""
        missing = Path(os.path.normpath(base / written))
        self.sought.append(missing)
        facts: tuple[str, ...] = ()
        hint = None
        if base != self.folder:
            facts = (f"paths are relative to `{self.shown(base)}/`",)
        if len(self.sought) <= MOST_HINTS // 4:
            here = self.path if node.file == self.file else self.folder / node.file
            beside = nearby(missing)
            if missing.parent == Path(os.path.normpath(here.parent)):
                beside = [name for name in beside if name != here.name]
            hint = self._from_project(written, base) if facts else None
            hint = hint or did_you_mean(missing.name, beside)
        self.problems.append(Problem(node.mark, f"the file `{written}` isn't there", facts, hint))

    def _from_project(self, written: str, base: Path) -> str | None:
        """Give the hint for a path that would be right in the project file itself."""
        try:
            path = confined(self.root, self.folder, written)
        except (SpecError, OSError, ValueError):
            return None
        return f"write `{Path(os.path.relpath(path, base)).as_posix()}`"

    def _tree(self, path: Path, file: str, named: Node | None) -> Node | None:
        text = self.text(path, file, named)
        if text is None:
            return None
        reading = reader.read(text, file)
        start = None if named else STARTS
        self.problems += [
            replace(each, hint=start) if each.sentence == reader.EMPTY else each for each in reading.problems
        ]
        if named is None:
            self.storyboard = reading.root is not None and not reading.root.has("vidbuild")
        if self.storyboard and reading.root is not None:
            without_nulls(reading.root, OTHERS)
        return reading.root

    def optional(self, name: str) -> Node | None:
        """Read a file of the project that may be there."""
        path = self.folder / name
        if not path.is_file():
            self.sought.append(path)
            return None
        found = confined(self.root, self.folder, name)
        text = self.text(found, self.shown(found), None)
        if text is None:
            return None
        reading = reader.read(text, self.shown(found))
        self.problems += reading.problems
        return reading.root

    def text(self, path: Path, file: str, named: Node | None) -> str | None:
        """Read a file's text; tell why it can't be read."""
        mark = named.mark if named else None
        try:
            data = taken(path, reader.MOST_BYTES)
        except FileNotFoundError:
            self.sought.append(path)
            hint = None if named else STARTS
            self.problems.append(Problem(mark, f"the file `{path}` isn't there", hint=hint))
            return None
        except (OSError, ValueError) as error:
            why = getattr(error, "strerror", None) or error
            self.problems.append(Problem(mark, f"the file `{path}` can't be read: {why}"))
            return None
        self.read += [path] if path not in self.read else []
        self.bytes += len(data)
        if self.bytes > MOST_READ:
            self.problems.append(Problem(mark, f"the project's files are larger than {MOST_READ // 2**20} MB together"))
            return None
        text, problems = reader.decode(data, file)
        self.sources.setdefault(file, text)
        self.problems += problems
        return None if problems else text
