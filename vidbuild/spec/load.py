"""The one door with I/O: a path -> a `Project`, or every mistake at once.

    read -> assemble -> judge `when`, render leaves -> validate -> inherit -> render styles -> resolve

Each step is a neighbour's; here they are called in order, and their problems gathered.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from vidbuild.spec import cues, deliver, fades, layers, lettering, motion, reader, resolve, slips, speech, styles, terms
from vidbuild.spec.cast import Roster, check_listed, check_names
from vidbuild.spec.files import confined, nearby, root_of, taken
from vidbuild.spec.include import Assembly
from vidbuild.spec.inherit import Held, inherited
from vidbuild.spec.members import members_of
from vidbuild.spec.model import Project, Shot
from vidbuild.spec.naming import named
from vidbuild.spec.outline import Entry, outline
from vidbuild.spec.pictures import Gallery
from vidbuild.spec.profile import profile_of
from vidbuild.spec.rendering import Rendering, names_of, refused_names, shot_names, unrendered
from vidbuild.spec.styles import Preambles, StyleFile
from vidbuild.spec.template import Templates
from vidbuild.spec.transitions import leading
from vidbuild.spec.tree import Node, without_nulls
from vidbuild.spec.validate import validated
from vidbuild.words.errors import Mark, Problem, SpecError
from vidbuild.words.names import MOST_HINTS, did_you_mean

__all__ = ["Loaded", "Vocabulary", "confined", "load", "root_of"]
MOST_PROBLEMS = 200
MOST_READ = 32 * 2**20
STARTS = "`vidbuild init DIR` starts a project"
OTHERS = frozenset({"options", "note", "vars"})
"""Keys whose values are not the language's: a `null` in them is a value."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that projects may use.

    Args:
        models: names and aliases that resolve.
        styles: packaged styles by full name, `cinematic@1`.
    """

    models: frozenset[str]
    platforms: frozenset[str]
    styles: Mapping[str, Path]


@dataclass(frozen=True)
class Loaded:
    """A project with what reading it told and touched.

    Args:
        sources: the texts that were read, by the name that marks use.
        read: every file that was read.
        sought: names that were looked for in vain.
        accepted: files of the project that may be opened, as the project names them.
    """

    project: Project
    warnings: tuple[Problem, ...]
    sources: Mapping[str, str]
    read: tuple[Path, ...]
    sought: tuple[Path, ...]
    accepted: frozenset[str]


def load(path: Path, vocabulary: Vocabulary, schema: Mapping[str, Any], profile: str | None = None) -> Loaded:
    """Read a project.

    Args:
        profile: the name of one of the project's `profiles`, laid over it.

    Raises:
        SpecError: with every mistake, and the texts that they point into.
        UsageError: no profile has that name.
    """
    door = _Door(path)
    root = door.project()
    project = _Making(door, root, vocabulary, schema, profile).project() if root is not None else None
    told = ordered(door.problems, door.sources)
    if project is None:
        raise SpecError(_bounded(told), door.sources)
    loaded = Loaded(project, tuple(told), door.sources, tuple(door.read), tuple(door.sought), frozenset(door.accepted))
    if any(not problem.warning for problem in told):
        raise SpecError(_bounded(told), door.sources, loaded)
    return loaded


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
    return [*problems[:MOST_PROBLEMS], Problem(None, f"there are {rest} more mistakes like these")]


class _Door:
    """What was read so far, and the reading of more."""

    def __init__(self, path: Path):
        self.path = path
        self.folder = path.parent
        self.root = root_of(path)
        self.file = str(path)
        self.problems: list[Problem] = []
        self.sources: dict[str, str] = {}
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


class _Making:
    """One tree on its way to a project."""

    def __init__(
        self, door: _Door, root: Node, vocabulary: Vocabulary, schema: Mapping[str, Any], profile: str | None = None
    ):
        self.door = door
        self.root = root
        self.profile_name = profile
        self.profile: Node | None = None
        self.mentioned: Mapping[int, tuple[str, ...]] = {}
        """The members that a text names, by the text's node."""
        self.vocabulary = vocabulary
        self.schema = schema
        self.entries = outline(root)
        self.storyboard = door.storyboard

    def project(self) -> Project | None:
        """Take all steps; `None` where the tree is no project at all."""
        if type(self.root.value) is not dict:
            self.door.problems += validated(self.root, (), self.schema)
            return None
        self.profile = profile_of(self.root, self.profile_name)
        self.door.problems += slips.slips(self.root, self.door.sources) + refused_names(self.root)
        if self.storyboard:
            self.door.problems += unrendered(self.root, self.entries)
        with Templates(names_of(self.root)) as templates:
            stands = self._rendered(templates)
            self.door.problems += validated(self.root, self.entries, self.schema)
            whole, held = inherited(self.root, self.entries, stands, self.profile)
            preambles = self._preambles(templates, [held[each] for each in self._styled(held)])
        return self._resolved(stands, whole, held, preambles)

    def _rendered(self, templates: Templates) -> dict[int, bool]:
        """Judge every `when`, then render every leaf of a file that is templated."""
        rendering = Rendering(self.root, self.entries, self.door.sources)
        outputs = self.root.get("outputs")
        owners = [(each.node, shot_names(each)) for each in self.entries]
        owners += [(node, {}) for node in (outputs.members() if outputs else ())]
        stands = rendering.judge(templates.render, owners)
        if not self.storyboard:
            rendering.render(templates.render, self._muted(stands))
        self.mentioned = rendering.mentioned
        self.door.problems += rendering.problems
        self.entries = outline(self.root)  # again, since an id may be a template
        return stands

    def _muted(self, stands: Mapping[int, bool]) -> set[Entry]:
        muted: set[Entry] = set()
        for entry in self.entries:
            if entry.parent in muted or not stands.get(id(entry.node), True):
                muted.add(entry)
        return muted

    def _styled(self, held: Mapping[Entry, Held]) -> list[Entry]:
        shots = (each for each in self.entries if each.is_shot and not held[each].muted)
        return [each for each in shots if resolve.is_styled(each.node)]

    def _preambles(self, templates: Templates, held: list[Held]) -> Preambles:
        """Find the style and render it for each set of parameters that a shot has."""
        preambles = Preambles(self._style_file(), self._style_text())
        style = self.root.get("style")
        preambles.is_lost = style is not None and style.has("template")
        preambles.render(templates.render, [each.params for each in held])
        self.door.problems += preambles.problems
        return preambles

    def _style_text(self) -> str:
        style, short = self.root.get("style"), self.root.get("style_preamble")
        text = style.get("text") if style else None
        if text is not None and short is not None:
            hint = "`style_preamble` is short for it; remove one of them"
            self.door.problems.append(Problem(short.key_mark, "`style.text` is there already", hint=hint))
        written = text or short
        return str(written.value) if written else ""

    def _style_file(self) -> StyleFile | None:
        """Find the template that `style` names: packaged, or a file of the project."""
        style = self.root.get("style")
        named = style.get("template") if style else None
        if named is None:
            return None
        written = str(named.value)
        if name := styles.packaged(written, self.vocabulary.styles):
            path: Path | None = self.vocabulary.styles[name]
        elif written.endswith(".j2") or "/" in written:
            path = self.door.found(named, written, self.door.beside(named))
            name = self.door.shown(path) if path else ""
        else:
            self.door.problems.append(styles.unknown(named, self.vocabulary.styles))
            return None
        text = self.door.text(path, name, named) if path else None
        return StyleFile(name, text, named) if text is not None else None

    def _resolved(
        self, stands: Mapping[int, bool], whole: Held, held: Mapping[Entry, Held], preambles: Preambles
    ) -> Project:
        """Make the values, then check what they name."""
        roster = Roster(self.root, self.mentioned)
        gallery = Gallery(self.entries, {each: held[each].muted for each in self.entries}, roster)
        replaced = self._replaced()
        models = self.vocabulary.models | frozenset(replaced)
        resolution = resolve.Resolution(self.door.file, gallery, preambles, models, whole)
        resolution.problems += [*resolve.check_ids(self.entries), *check_names(roster, self.entries)]
        names = named(self.root)
        resolution.check_models(names.models)
        resolution.check_voices(names.voices)
        resolution.problems += [problem for node in names.reframes for problem in motion.broken_paths(node)]
        resolution.problems += check_listed(names.members, roster)
        anchors = speech.Anchors(self.entries, held)
        cast = members_of(resolution)
        resolution.brand = brand = lettering.brand_of(self.root, resolution)
        said = speech.said_in(self.root, anchors, resolution)
        shots = speech.cut_at(self._shots(resolution, held), anchors, said.times, resolution)
        shots = motion.moved(shots, anchors, said.times, resolution)
        aspect, odd = resolve.aspect_of(self.root.get("aspect"))
        name, plays = self.root.get("name"), deliver.playing(self.entries, held)
        project = Project(
            name=str(name.value) if name else self.door.path.stem,
            fps=deliver.rate_of(self.root.get("fps")),
            aspect=aspect,
            shots=shots,
            outputs=deliver.outputs_of(self.root, stands, self.vocabulary.platforms, resolution, self.profile, plays),
            music=cues.music_of(self.root, said.times, resolution),
            promises=resolve.promises(self.root, self.entries, held),
            replaced=replaced,
            reframe=whole.reframe,
            storyboard=self.storyboard,
            cast=cast,
            lines=said.lines,
            effects=cues.effects_of(self.root, anchors, said.times, resolution),
            judge=terms.judge_of(self.root, resolution),
            budget=terms.budget_of(self.root),
            texts=lettering.texts_of(self.root, anchors, said.times, brand, resolution),
            fades=fades.fades_of(self.root, self.entries, held),
            layers=layers.layers_of(self.root, anchors, said.times, brand, resolution),
            brand=brand,
            captions=lettering.captions_of(self.root, brand, resolution),
            profile=self.profile_name,
            marks={"": self.root.mark, **{key: node.mark for key, node in self.root.entries().items()}},
        )
        self.door.problems += [*resolution.problems, *gallery.problems, *gallery.circles()]
        self.door.problems += [odd] if odd else []
        for use in resolution.files:
            found = self.door.found(use.node, str(use.node.value), self.door.beside(use.node))
            if found is not None and use.odd is not None:
                self.door.problems.append(use.odd)
        return project

    def _shots(self, resolution: resolve.Resolution, held: Mapping[Entry, Held]) -> tuple[Shot, ...]:
        """Give the shots that take part; tell where there is none."""
        mine = [each for each in self.entries if each.is_shot]
        playing = [each for each in mine if not held[each].muted]
        if not playing and not self._has_broken_shots():
            written = self.root.get("shots")
            why = f"`when` mutes all {len(mine)}" if mine else "`shots` is empty" if written else "`shots` is missing"
            hint = "a shot is `- prompt: ...` with a `model`, or `- file: ...`"
            place = written.mark if written else self.root.mark
            resolution.tell(place, f"the project has no shots: {why}", hint)
        comings = leading(self.entries, held)
        shots = (resolution.shot(each, held[each], comings.get(each)) for each in playing)
        return tuple(shot for shot in shots if shot is not None)

    def _has_broken_shots(self) -> bool:
        written = self.root.value.get("shots") if type(self.root.value) is dict else None
        if written is None:
            return False
        members = written.value if type(written.value) is list else []
        return written.is_broken or any(member.is_broken for member in members)

    def _replaced(self) -> dict[str, str]:
        """Give `models` as written; tell new names that nobody knows."""
        written = self.root.get("models")
        pairs = written.entries() if written else {}
        for node in pairs.values():
            if node.value not in self.vocabulary.models:
                hint = did_you_mean(str(node.value), self.vocabulary.models)
                self.door.problems.append(Problem(node.mark, f"no model is called `{node.value}`", hint=hint))
        return {old: str(node.value) for old, node in pairs.items()}
