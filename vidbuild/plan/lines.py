"""Spoken lines, planned into a builder: each by speech or from a recording, and what is said in a shot as one sound.

Where a line is heard in a cut is `soundtrack`'s.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from vidbuild.media import sound
from vidbuild.plan import hiring, speaking, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.routing import Routed
from vidbuild.plan.world import BOUGHT_SOUND, World
from vidbuild.spec.model import Line
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.rationaltime import seconds_text


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """What a line is heard from, and the output that tells its words with their times."""

    sound: Ref | Digest
    words: Ref


class Lines:
    """The spoken lines of a project."""

    def __init__(self, world: World, routed: Routed, builder: GraphBuilder, draft: bool):
        self._world = world
        self._routed = routed
        self._builder = builder
        self._draft = draft

    def of(self, line: Line) -> SpokenLine:
        """Plan what a line sounds like, and when its words are said."""
        name = wants.line_name(line)
        place = Place(line.shot, role=name)
        words = {"spoken": line.text}
        if line.file is not None:
            action = speaking.action_of(line, "", self._world, self._draft)
            id = self._builder.add(action, place, words | {"file": line.file}, Conduct(expected=0.3))
            return SpokenLine(self._world.own[line.file].digest, Ref(id, "words"))
        models = self._routed.models[name]
        action = speaking.action_of(line, models[0].tool, self._world, self._draft)
        conduct = hiring.conduct(models, wants.speech(line), action.params, self._world.missing, name, 1)
        words |= {"voice": line.voice.id, "seed": str(line.seed), "model": action.tool}
        id = self._builder.add(action, place, words, conduct, self._routed.told.get(name, ()))
        return SpokenLine(Ref(id, "sound"), Ref(id, "words"))

    def said(
        self,
        shot: str,
        lines: Sequence[Line],
        tempos: Mapping[str, Fraction],
        rest_s: Fraction = Fraction(0),
        whole_s: Fraction | None = None,
    ) -> Ref:
        """Plan what is said in a shot as one sound, from the shot's start on.

        Args:
            rest_s: how much silence there is behind the last line.
            whole_s: how long it is in all, where that isn't told by the lines.
        """
        inputs, placed, told = dict[str, Ref | Digest](), list[tuple[str, Fraction, Fraction]](), list[list[str]]()
        for number, line in enumerate(lines):
            assert isinstance(line.at, Fraction), "BUG: a time was not settled"
            slot, tempo = f"line{number}", tempos.get(line.id, Fraction(1))
            inputs[slot] = self.of(line).sound
            placed.append((slot, line.at, tempo))
            told.append([seconds_text(line.at), seconds_text(tempo)])
        question: dict[str, object] = {"said": told}
        question |= {"rest": seconds_text(rest_s)} if rest_s else {}
        question |= {"seconds": seconds_text(whole_s)} if whole_s is not None else {}
        action = Action(
            "Sound", {"steps": sound.said(placed, rest_s, whole_s)}, inputs, BOUGHT_SOUND, self._world.ffmpeg
        )
        conduct = Conduct(question=None if self._draft else question, label=f"shot {shot}", expected=0.2)
        words = {"said": " ".join(line.text for line in lines)}
        return Ref(self._builder.add(action, Place(shot, role="said"), words, conduct), "sound")
