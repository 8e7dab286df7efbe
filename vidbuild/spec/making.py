"""One tree on its way to a project: from a text's nodes to values, in the order in which steps need each other.

    judge `when`, render leaves -> validate -> inherit -> render styles -> resolve

It opens no file by itself: a `Door` does, which keeps what was told on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from vidbuild.spec import (
    assertions,
    cues,
    deliver,
    fades,
    layers,
    lettering,
    motion,
    resolve,
    slips,
    speech,
    styles,
    terms,
)
from vidbuild.spec.cast import Roster, check_listed, check_names
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
from vidbuild.spec.tree import Node
from vidbuild.spec.validate import validated
from vidbuild.words.errors import Problem
from vidbuild.words.names import did_you_mean, written_as


@dataclass(frozen=True)
class Vocabulary:
    """The names that projects may use.

    Args:
        models: names and aliases that resolve.
        styles: packaged styles by full name, `cinematic@1`.
        pinned: the full name that a bare one stands for, `cinematic`; the newest version without it.
        unspoken: says of a voice's id that nobody here speaks by it, what there is instead; nothing of any other.
    """

    models: frozenset[str]
    platforms: frozenset[str]
    styles: Mapping[str, Path]
    pinned: Mapping[str, str] = field(default_factory=dict)
    unspoken: Callable[[str], str | None] = lambda id: None


class Door(Protocol):
    """What a project's files are read through."""

    path: Path
    file: str
    problems: list[Problem]
    sources: dict[str, str]
    unversioned: dict[str, str]
    muted: dict[str, None]
    storyboard: bool

    def found(self, node: Node, written: str, base: Path) -> Path | None:
        """Look for a file of the project; tell why it can't be had."""

    def beside(self, node: Node) -> Path:
        """Give the folder of the file that a node stands in."""

    def shown(self, path: Path) -> str:
        """Name a file as problems do."""

    def text(self, path: Path, file: str, named: Node | None) -> str | None:
        """Read a file's text; tell why it can't be read."""


class Making:
    """One tree on its way to a project."""

    def __init__(
        self,
        door: Door,
        root: Node,
        vocabulary: Vocabulary,
        schema: Mapping[str, Any],
        profile: str | None = None,
        columns: Mapping[str, Any] | None = None,
    ):
        self.door = door
        self.root = root
        self.profile_name = profile
        self.profile: Node | None = None
        self.columns = columns or {}
        self.mentioned: Mapping[int, tuple[str, ...]] = {}
        """The members that a text names, by the text's node."""
        self.vocabulary = vocabulary
        self.schema = schema
        self.entries = outline(root)
        self.storyboard = door.storyboard

    @property
    def language(self) -> str | None:
        """The language that is made, of a project with several."""
        return self.columns.get("language")

    def project(self) -> Project | None:
        """Take all steps; `None` where the tree is no project at all."""
        if type(self.root.value) is not dict:
            self.door.problems += validated(self.root, (), self.schema)
            return None
        self.profile = profile_of(self.root, self.profile_name)
        self.door.problems += slips.slips(self.root, self.door.sources) + refused_names(self.root, self.columns)
        if self.storyboard:
            self.door.problems += unrendered(self.root, self.entries)
        with Templates(names_of(self.root, self.columns)) as templates:
            stands = self._rendered(templates)
            self.door.problems += validated(self.root, self.entries, self.schema)
            whole, held = inherited(self.root, self.entries, stands, self.profile)
            preambles = self._preambles(templates, [held[each] for each in self._styled(held)])
        return self._resolved(stands, whole, held, preambles)

    def _rendered(self, templates: Templates) -> dict[int, bool]:
        """Judge every `when`, then render every leaf of a file that is templated."""
        rendering = Rendering(self.root, self.entries, self.door.sources, self.columns)
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
        if name := styles.packaged(written, self.vocabulary.styles, self.vocabulary.pinned):
            if name not in self.vocabulary.styles:
                self.door.problems.append(styles.unpinned(named, name))
                return None
            if name != written:
                self.door.unversioned[written] = name
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
        unspoken = self.vocabulary.unspoken
        resolution = resolve.Resolution(self.door.file, gallery, preambles, models, whole, unspoken, self.language)
        resolution.problems += [*resolve.check_ids(self.entries), *check_names(roster, self.entries)]
        names = named(self.root)
        resolution.check_models(names.models)
        resolution.check_voices(names.voices, "id")
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
            remote=terms.remote_of(self.root),
            assertions=assertions.assertions_of(self.root, plays, resolution),
            texts=lettering.texts_of(self.root, anchors, said.times, brand, resolution),
            fades=fades.fades_of(self.root, self.entries, held),
            layers=layers.layers_of(self.root, anchors, said.times, brand, resolution),
            brand=brand,
            captions=lettering.captions_of(self.root, brand, resolution),
            profile=self.profile_name,
            language=self.language,
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
        self.door.muted |= {str(each.id): None for each in mine if held[each].muted}
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
            if written_as(str(node.value), self.vocabulary.models) is None:
                hint = did_you_mean(str(node.value), self.vocabulary.models)
                self.door.problems.append(Problem(node.mark, f"no model is called `{node.value}`", hint=hint))
        return {old: str(node.value) for old, node in pairs.items()}
