"""Nodes -> everything that is spoken: lines of shots, groups and the film, each with its voice and anchor.

Pure. How long a line is, and so when its marks are said, others find out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from vidbuild.spec.cast import unknown
from vidbuild.spec.inherit import Held, amount, mapping, names, number, voice_in
from vidbuild.spec.model import Line, Shot, Voice, When
from vidbuild.spec.outline import Entry
from vidbuild.spec.resolve import Resolution, is_spoilt
from vidbuild.spec.spoken_text import pronounced, sentences, unmarked
from vidbuild.spec.times import Times, to_its_end
from vidbuild.spec.tree import Node

FILM = "film"
PAUSE = Fraction(1, 5)
"""Between two lines of one list, in seconds."""


class Anchors:
    """Where what happens in time is anchored, and what it is called.

    A group's keys are anchored at the first of its shots that play; one that has none says nothing.
    """

    def __init__(self, entries: Sequence[Entry], held: Mapping[Entry, Held]):
        self.owners: list[tuple[Node, str, str, Held]] = []
        """Entries that play: node, what it is called, the shot that it is anchored at, what it holds."""
        self.lasts: dict[str, str] = {}
        """The last shot that plays of what is called so."""
        self.around: dict[str, list[str]] = {}
        """What the groups around it are called, the nearest first."""
        firsts: dict[Entry, str] = {}
        lasts: dict[Entry, str] = {}
        for entry in entries:
            above: Entry | None = entry
            while entry.is_shot and not held[entry].muted and above is not None and above not in firsts:
                firsts[above] = str(entry.id)
                above = above.parent
            above = entry
            while entry.is_shot and not held[entry].muted and above is not None:
                lasts[above] = str(entry.id)
                above = above.parent
        groups = 0
        called: dict[Entry, str] = {}
        for entry in entries:
            groups += entry.is_group
            if entry in firsts:
                name = called[entry] = entry.id or f"group_{groups:02d}"
                self.owners.append((entry.node, name, firsts[entry], held[entry]))
                self.lasts[name] = lasts[entry]
                self.around[name] = (
                    [] if entry.parent is None else [called[entry.parent], *self.around[called[entry.parent]]]
                )


class Labels:
    """What lines and effects are called: by their owner, further ones with `.2`, `.3` behind."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def next(self, owner: str) -> str:
        """Give the next label of an owner."""
        self._given[owner] += 1
        return owner if self._given[owner] == 1 else f"{owner}.{self._given[owner]}"


@dataclass(frozen=True)
class Said:
    """All that is spoken, and how times that hang on it are read."""

    lines: tuple[Line, ...]
    times: Times


def said_in(root: Node, anchors: Anchors, resolution: Resolution) -> Said:
    """Give all lines: the film's, then those of groups and shots in the author's order."""
    speech = _Speech(resolution, anchors, _sounds(root))
    speech.take(root, FILM, None, resolution.whole.voice)
    audio = root.get("audio")
    vo = audio.get("vo") if audio else None
    if vo is not None and vo.value is not None:
        speech.take_script(vo, root.has("say"))
    for node, name, shot, held in anchors.owners:
        speech.take(node, name, shot, held.voice)
    shots = [name for _, name, shot, _ in anchors.owners if name == shot]
    times = Times(resolution, shots, speech.said, anchors.around)
    return Said(tuple(speech.timed(times)), times)


def cut_at(shots: Sequence[Shot], anchors: Anchors, times: Times, resolution: Resolution) -> tuple[Shot, ...]:
    """Give the shots with the times that `at` cuts them at; the shot before ends there, and says no length."""
    nodes = {name: node.get("at") for node, name, shot, _ in anchors.owners if name == shot}
    cut = []
    for place, shot in enumerate(shots):
        node = nodes.get(shot.id)
        if node is None:
            cut.append(shot)
            continue
        before = shots[place - 1] if place else None
        if before is None:
            resolution.tell(node.mark, f"`{shot.id}` is the first shot, and begins the film", "remove its `at`")
        elif "duration_s" in before.marks:
            sentence = f"`{before.id}` has `duration_s`, and `at` of `{shot.id}` says where it ends"
            resolution.tell(node.mark, sentence, "remove one of them")
        else:
            cut[-1] = replace(cut[-1], duration_s=None)
        at = times.when(node, _around(shot.id, anchors))
        if not isinstance(at, When) or at.line is None:
            resolution.tell(node.mark, "`at` of a shot is a mark of what its group says", "put `<name>` into its `say`")
            at = Fraction(0)
        cut.append(replace(shot, at=at))
    return tuple(cut)


def _around(shot: str, anchors: Anchors) -> str | None:
    groups = anchors.around.get(shot, [])
    return groups[0] if groups else None


def _sounds(root: Node) -> Mapping[str, str]:
    """Give how words are spoken; of several languages' ways the first."""
    written = root.get("pronounce")
    found = {}
    for name, node in (written.entries() if written else {}).items():
        ways = [node] if type(node.value) is str else list(node.entries().values())
        if ways:
            found[name] = str(ways[0].value)
    return found


class _Speech:
    """Lines being gathered."""

    def __init__(self, resolution: Resolution, anchors: Anchors, sounds: Mapping[str, str]):
        self.resolution = resolution
        self.anchors = anchors
        self.sounds = sounds
        self.labels = Labels()
        self.said: dict[str | None, list[Line]] = {}
        self.waiting: list[tuple[Line, Node | None, str | None, Line | None]] = []

    def timed(self, times: Times) -> list[Line]:
        """Give the lines with their times; one of a list or a script that says none follows the one before."""
        found = []
        for line, at, owner, before in self.waiting:
            if before is not None and at is None:
                found.append(replace(line, at=When(PAUSE, line=before.id)))
                continue
            start, end = times.span(at, owner, line.id)
            found.append(replace(line, at=start, end=to_its_end(end)))
        return found

    def take(self, owner: Node, name: str, shot: str | None, narrator: Voice | None) -> None:
        """Read the `say` of an owner."""
        written = owner.get("say")
        if written is None:
            return
        before: Line | None = None
        presenter = self._presenter(owner) if shot == name else None
        for node in written.members() if type(written.value) is list else [written]:
            text = node if type(node.value) is str else node.get("text")
            if text is not None:
                by = self._speaker(node, presenter)
                voice = Voice((), "") if node.has("file") else self._voice(node, by, narrator)
                is_script = shot is None and not node.has("file")
                at = node.get("at")
                for part in sentences(str(text.value)) if is_script else [str(text.value)]:
                    before, at = self._add(node, text, part, name, shot, voice, at, before, by), None
            elif not node.has("text") and not is_spoilt(node):
                self.resolution.tell(node.mark, "the line says nothing", "give it a `text`")

    def take_script(self, vo: Node, is_second: bool) -> None:
        """Read a storyboard's voice-over."""
        model, id_, script = vo.get("model"), vo.get("voice"), vo.get("script")
        if is_second:
            self.resolution.tell(vo.key_mark, "the project has `say` already", "`audio.vo` is short for it; remove one")
        self.resolution.check_voices([vo], "voice")
        if script is None:
            return
        voice = Voice(names(model) if model else (), str(id_.value) if id_ else "", mapping(vo.get("options")))
        before: Line | None = None
        for part in sentences(str(script.value)):
            before = self._add(vo, script, part, FILM, None, voice, None, before)

    def _add(
        self,
        node: Node,
        text: Node,
        part: str,
        name: str,
        shot: str | None,
        voice: Voice,
        at: Node | None,
        before: Line | None,
        by: Node | None = None,
    ) -> Line:
        """Add a line: a part of a text, at its time or behind the line before it."""
        spoken = pronounced(unmarked(part), self.sounds)
        if not spoken.text:
            self.resolution.tell(text.mark, "the line says nothing", "write what is spoken")
        for mark in spoken.twice:
            self.resolution.tell(text.mark, f"`<{mark}>` stands twice in one line", "call the second otherwise")
        seed, file, fit = node.get("seed"), node.get("file"), node.get("fit")
        line = Line(
            id=self.labels.next(name),
            text=spoken.text,
            voice=voice,
            by=str(by.value) if by else None,
            shot=shot,
            gain_db=amount(node.get("gain_db")) or Fraction(0),
            seed=int(number(seed)) if seed else 0,
            until=self.anchors.lasts[name] if shot else None,
            file=self.resolution.path(file) if file else None,
            fit=str(fit.value) if fit else "error",
            moments=spoken.moments,
            shown=spoken.shown,
            language=self.resolution.language,
            marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
        )
        owner = name if shot else None
        self.said.setdefault(owner, []).append(line)
        self.waiting.append((line, at, owner, before))
        return line

    def _presenter(self, shot: Node) -> Node | None:
        found = shot.get("avatar")
        return found if found is not None and str(found.value) in self.resolution.roster.nodes else None

    def _speaker(self, node: Node, presenter: Node | None) -> Node | None:
        """Give who speaks a line: in a shot that is presented, the presenter."""
        by = node.get("by")
        if presenter is None or (by is not None and by.value == presenter.value):
            return by
        if by is not None:
            sentence = f"`{presenter.value}` presents here, and this line is said by `{by.value}`"
            self.resolution.tell(by.mark, sentence, "remove `by`, or make it a shot of its own")
        return None if node.has("by") else presenter

    def _voice(self, node: Node, by: Node | None, narrator: Voice | None) -> Voice:
        """Give the voice of a line: its own, its speaker's, else the narrator's; nobody's where that is told."""
        member = self.resolution.roster.nodes.get(str(by.value)) if by else None
        if by is not None and member is None:
            self.resolution.problems.append(unknown(by, self.resolution.roster))
        voice = voice_in(node)
        if voice is not None:
            return voice
        if by is not None and member is not None:
            voice = voice_in(member)
            if voice is None:
                hint = f"give `{by.value}` a `voice: {{model: ..., id: ...}}`"
                self.resolution.tell(by.mark, f"`{by.value}` has no voice to speak with", hint)
        elif by is None and not node.has("by"):
            voice = narrator
            if voice is None:
                hint = "name the narrator's: `audio: {voice: {model: ..., id: ...}}`; or who speaks: `by`"
                self.resolution.tell(node.mark, "this line has no voice", hint)
        return voice or Voice((), "")
