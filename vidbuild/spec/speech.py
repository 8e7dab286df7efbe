"""Nodes -> everything that is spoken: lines of shots, groups and the film, each with its voice and anchor.

Pure. It takes marks (`<name>`) out of the text; what they are for is not built yet, nor how long a line is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from vidbuild.spec.cast import unknown
from vidbuild.spec.inherit import Held, amount, mapping, names, number, voice_in
from vidbuild.spec.model import Line, Voice
from vidbuild.spec.outline import Entry
from vidbuild.spec.resolve import Resolution, is_spoilt
from vidbuild.spec.tree import Node

FILM = "film"
_MARK = re.compile(r"<([A-Za-z_][A-Za-z0-9_-]*)>")


class Anchors:
    """Where what happens in time is anchored, and what it is called.

    A group's keys are anchored at the first of its shots that play; one that has none says nothing.
    """

    def __init__(self, entries: Sequence[Entry], held: Mapping[Entry, Held]):
        self.owners: list[tuple[Node, str, str, Held]] = []
        """Entries that play: node, what it is called, the shot that it is anchored at, what it holds."""
        firsts: dict[Entry, str] = {}
        for entry in entries:
            above: Entry | None = entry
            while entry.is_shot and not held[entry].muted and above is not None and above not in firsts:
                firsts[above] = str(entry.id)
                above = above.parent
        groups = 0
        for entry in entries:
            groups += entry.is_group
            if entry in firsts:
                self.owners.append((entry.node, entry.id or f"group_{groups:02d}", firsts[entry], held[entry]))


class Labels:
    """What lines and effects are called: by their owner, further ones with `.2`, `.3` behind."""

    def __init__(self) -> None:
        self._given: Counter[str] = Counter()

    def next(self, owner: str) -> str:
        """Give the next label of an owner."""
        self._given[owner] += 1
        return owner if self._given[owner] == 1 else f"{owner}.{self._given[owner]}"


def unmarked(text: str) -> str:
    """Take marks out of a spoken text, with the white space that only they held apart; vendors' tags stay.

    A tag with attributes or a slash is a vendor's, and so is one that is closed later (`<emphasis>...</emphasis>`).
    """
    spoken, rest = "", 0
    for found in _MARK.finditer(text):
        if f"</{found[1]}>" in text:
            continue
        spoken = _joined(spoken, text[rest : found.start()])
        rest = found.end()
    return _joined(spoken, text[rest:]).strip()


def _joined(before: str, after: str) -> str:
    return before + (after.lstrip() if not before or before[-1].isspace() else after)


def lines_of(root: Node, anchors: Anchors, resolution: Resolution) -> tuple[Line, ...]:
    """Give all lines: the film's, then those of groups and shots in the author's order."""
    speech = _Speech(resolution)
    speech.take(root, FILM, None, resolution.whole.voice)
    audio = root.get("audio")
    vo = audio.get("vo") if audio else None
    if vo is not None and vo.value is not None:
        speech.take_script(vo, root.has("say"))
    for node, name, shot, held in anchors.owners:
        speech.take(node, name, shot, held.voice)
    return tuple(speech.lines)


class _Speech:
    """Lines being gathered."""

    def __init__(self, resolution: Resolution):
        self.resolution = resolution
        self.labels = Labels()
        self.lines: list[Line] = []

    def take(self, owner: Node, name: str, shot: str | None, narrator: Voice | None) -> None:
        """Read the `say` of an owner."""
        written = owner.get("say")
        if written is None:
            return
        nodes = written.members() if type(written.value) is list else [written]
        for place, node in enumerate(nodes):
            if place and not node.has("at"):
                hint = "give each line behind the first an `at`, in seconds from the start"
                self.resolution.tell(node.mark, "lines of one list don't follow each other by themselves yet", hint)
            text = node if type(node.value) is str else node.get("text")
            if text is not None:
                self._add(node, text, name, shot, self._voice(node, narrator))
            elif not node.has("text") and not is_spoilt(node):
                self.resolution.tell(node.mark, "the line says nothing", "give it a `text`")

    def take_script(self, vo: Node, is_second: bool) -> None:
        """Read a storyboard's voice-over."""
        model, id_, script = vo.get("model"), vo.get("voice"), vo.get("script")
        if is_second:
            self.resolution.tell(vo.key_mark, "the project has `say` already", "`audio.vo` is short for it; remove one")
        self.resolution.check_voices([vo])
        if script is None:
            return
        voice = Voice(names(model) if model else (), str(id_.value) if id_ else "", mapping(vo.get("options")))
        self._add(vo, script, FILM, None, voice)

    def _add(self, node: Node, text: Node, name: str, shot: str | None, voice: Voice | None) -> None:
        spoken = unmarked(str(text.value))
        if not spoken:
            self.resolution.tell(text.mark, "the line says nothing", "write what is spoken")
        if voice is None:
            return
        by, seed = node.get("by"), node.get("seed")
        line = Line(
            id=self.labels.next(name),
            text=spoken,
            voice=voice,
            by=str(by.value) if by else None,
            shot=shot,
            at=amount(node.get("at")) or Fraction(0),
            gain_db=amount(node.get("gain_db")) or Fraction(0),
            seed=int(number(seed)) if seed else 0,
            marks={"": node.mark, **{key: child.mark for key, child in node.entries().items()}},
        )
        self.lines.append(line)

    def _voice(self, node: Node, narrator: Voice | None) -> Voice | None:
        """Give who speaks a line: its own voice, its speaker's, else the narrator's."""
        by = node.get("by")
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
        return voice
