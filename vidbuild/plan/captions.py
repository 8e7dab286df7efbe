"""Captions: which spoken lines may be heard over which frames, and the actions that write their cues.

How long a line is, its words mostly tell, when they are made. So a piece's cues are made of every line that may reach
into it, and a piece whose cues come out as they were is kept. Times are the shot's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild.media.captions import PRESETS, lingering
from vidbuild.media.fonts import FontFile, Typeface
from vidbuild.media.text import Area, Preset
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.lettering import kind_of, preset_of, safe_area, uncovered
from vidbuild.plan.timeline import Cut
from vidbuild.plan.world import World, output_size
from vidbuild.spec.model import Line, Output, Project
from vidbuild.spec.spoken_text import sentences
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import seconds_text

CUES = {"cues": "text/x-ass"}
TYPES = {"srt": "application/x-subrip", "vtt": "text/vtt"}
REVISION = 2
"""Bumped when cues are broken or drawn otherwise: they are made by vidbuild itself."""
_TOOL = f"captions@{REVISION}"


@dataclass(frozen=True)
class Spoken:
    """A spoken line in the cut.

    Args:
        at, ends: when it begins and has to be over, in seconds of the cut.
        words: who makes its words.
        tempo: how much faster it is heard than it was spoken.
        translated: the same line of another language, which is read instead.
        length: how long it is as it was spoken, where every plan knows it.
    """

    line: Line
    at: Fraction
    ends: Fraction
    words: Ref
    tempo: Fraction = Fraction(1)
    translated: Line | None = None
    length: Fraction | None = None

    @property
    def until(self) -> Fraction:
        """When the last of it is gone from the picture, however slowly it is spoken, and wherever it pauses."""
        if self.length is None:
            return self.ends
        return min(self.at + self.length / self.tempo + lingering(read(self.line)), self.ends)

    @property
    def record(self) -> dict[str, Any]:
        """What is read of it, as the step that makes cues is told."""
        pieces = self.line.shown if self.translated is None else _beside(self.translated, self.line)
        text = (self.translated or self.line).text
        shown = {"shown": [list(piece) for piece in pieces]} if pieces else {"text": text}
        return shown | ({"tempo": str(self.tempo)} if self.tempo != 1 else {})


@dataclass
class Captions:
    """The captions of a cut.

    Args:
        tongues: the project in each of its languages.
    """

    project: Project
    world: World
    whole: Cut
    builder: GraphBuilder
    spoken: Callable[[], Sequence[Spoken]]
    tongues: Mapping[str | None, Project] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._starts = {span.shot.id: span.start_seconds for span in self.whole.spans}
        self._spoken: Sequence[Spoken] | None = None

    def over(
        self, shot: str, clock: int, shift: int, frames: int, output: Output, rate: Fraction, place: Place
    ) -> tuple[Ref, tuple[FontFile, ...]] | None:
        """Plan the cues over some frames of an output, with the fonts that draw them; `None` where nothing is said.

        Args:
            clock: the first frame's number, in the shot's own time but for a shift.
        """
        habit = output.captions or self.world.catalog.profiles[output.platform].captions
        if self.project.captions is None or habit != "burn":
            return None
        origin = self._starts[shot] - shift / rate
        begins, ends = origin + clock / rate, origin + (clock + frames) / rate
        heard = [each for each in self._lines() if each.at < ends and each.until > begins]
        if not heard:
            return None
        params, inputs, files = self._step(heard, origin, output)
        step = {**params, "rate": str(rate), "first": clock, "frames": frames}
        action = Action("Cues", {"steps": [{"cues": step}]}, inputs, CUES, _TOOL)
        return Ref(self.builder.add(action, place, self._words(heard, origin), Conduct(expected=0.1)), "cues"), files

    def sidecars(self, output: Output) -> dict[str, Ref]:
        """Plan the files of captions beside a video, by suffix: in the languages asked for, else in its own."""
        kinds = self.project.captions.sidecar if self.project.captions is not None else ()
        found: dict[str, Ref] = {}
        for language in (self.project.captions.languages or (None,)) if self.project.captions and kinds else ():
            heard = self._read_in(language)
            if not heard:
                continue
            params, inputs, _ = self._step(heard, Fraction(0), output)
            made = {kind: TYPES[kind] for kind in kinds}
            step = {**params, "seconds": seconds_text(self.whole.seconds)}
            action = Action("Sidecar", {"steps": [{"cues": step}]}, inputs, made, _TOOL)
            place = Place(output=output.name, role=language)
            id = self.builder.add(action, place, self._words(heard, Fraction(0)), Conduct(expected=0.1))
            found |= {f"{language}.{kind}" if language else kind: Ref(id, kind) for kind in made}
        return found

    def _words(self, heard: Sequence[Spoken], origin: Fraction) -> dict[str, str]:
        """Say what is captioned, and when."""
        lines = (f"{each.line.id} from {seconds_text(each.at - origin)} s" for each in heard)
        return {"captions": self.project.captions.preset if self.project.captions else "", "lines": ", ".join(lines)}

    def _read_in(self, language: str | None) -> Sequence[Spoken]:
        """Give what is heard as it is read in a language: by the lines that are called alike there."""
        if language is None or language == self.project.language:
            return self._lines()
        there = {line.id: line for line in self.tongues[language].lines}
        heard = [each for each in self._lines() if each.line.id in there]
        return [replace(each, translated=there[each.line.id]) for each in heard]

    def problems(self) -> list[Problem]:
        """Tell characters of spoken lines that no font has."""
        if self.project.captions is None or not self.world.typefaces:
            return []
        found = []
        for line in self.project.lines:
            missing = self._typeface().uncovered(read(line))
            if missing:
                mark = line.marks.get("text") or line.marks.get("")
                found.append(Problem(mark, *uncovered(f"the captions of `{line.id}`", missing)))
        return found

    def _lines(self) -> Sequence[Spoken]:
        if self._spoken is None:
            self._spoken = self.spoken()
        return self._spoken

    def _preset(self) -> Preset:
        assert self.project.captions is not None
        return preset_of(self.project.captions.preset, self.project.brand)

    def _typeface(self) -> Typeface:
        return self.world.typefaces[self._preset().font]

    def _step(
        self, heard: Sequence[Spoken], origin: Fraction, output: Output
    ) -> tuple[dict[str, Any], dict[str, Ref | Digest], tuple[FontFile, ...]]:
        assert self.project.captions is not None
        preset, size = self._preset(), output_size(output, self.project, self.world.catalog)
        area: Area = safe_area(self.world.catalog.profiles[output.platform], size)
        text = "".join(read(each.translated or each.line) for each in heard)
        drawers = self._typeface().runs(text, preset.bold)
        files = tuple(dict.fromkeys(file for file, _, part in drawers))
        inputs: dict[str, Ref | Digest] = {f"words{number}": each.words for number, each in enumerate(heard)}
        inputs |= {f"font{number}": file.digest for number, file in enumerate(files)}
        look = {key: str(value) if isinstance(value, Fraction) else value for key, value in asdict(preset).items()}
        del look["motion_out"]  # captions go as their words do
        params = {
            "kind": kind_of(self.project.captions.preset, self.project.brand, PRESETS),
            "preset": look,
            "size": list(size),
            "area": [area.left, area.top, area.right, area.bottom],
            "fonts": [f"font{number}" for number in range(len(files))],
            "lines": [
                {"words": f"words{number}", "at": str(each.at - origin), **each.record}
                for number, each in enumerate(heard)
            ],
        }
        return params, inputs, files


def _beside(read_: Line, spoken: Line) -> tuple[tuple[str, int], ...]:
    """Lay a line's sentences under those of the language that is heard; nothing where they aren't as many."""
    heard, shown = sentences(spoken.text), sentences(read(read_))
    if len(heard) != len(shown):
        return ()
    return tuple((text, len(said.split())) for text, said in zip(shown, heard, strict=True))


def read(line: Line) -> str:
    """Give what is read of a line, which may not be what is spoken."""
    return " ".join(text for text, _ in line.shown) or line.text
