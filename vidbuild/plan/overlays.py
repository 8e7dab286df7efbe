"""Texts over the picture: where each stands in each output, and what of them is drawn over which frames.

A text is laid out once for an output and drawn with frames at their shot's own time, so that a piece that begins
in the middle of a movement goes on with it, and that moving a shot changes none of its pieces. It makes no actions.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vidbuild.media import ass, ffargs, text
from vidbuild.media.fonts import FontFile, Typeface
from vidbuild.media.text import Area, Preset, Setting
from vidbuild.plan import lying
from vidbuild.plan.captions import Captions
from vidbuild.plan.lettering import listed, preset_of, safe_area, uncovered
from vidbuild.plan.lying import Lasting
from vidbuild.plan.timeline import Cut, Portion
from vidbuild.plan.world import World, output_size
from vidbuild.spec.model import Output, Project, Text
from vidbuild.words.action import Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, seconds_text


@dataclass(frozen=True)
class Drawing:
    """What is drawn over some frames: steps that come before the encoding, fonts by slot, what `why` is told.

    Args:
        over: what stands over all that is seen, its fades and transition too.
        own: what goes with each shot of the frames.
    """

    over: ass.Drawn | None
    own: tuple[ass.Drawn | None, ...]
    steps: tuple[ffargs.Step, ...]
    inputs: Mapping[str, Ref | Digest]
    words: Mapping[str, str]

    @property
    def clocks(self) -> Mapping[str, int]:
        """The number of the first picture on each file's clock."""
        return {file: drawn.clock for drawn in (*self.own, self.over) if drawn is not None for file in drawn.files}

    @property
    def above(self) -> Mapping[str, int]:
        """The same of what stands over all that is seen alone: it comes and goes with no shot."""
        return dict.fromkeys(self.over.files, self.over.clock) if self.over is not None else {}


@dataclass(frozen=True)
class _Sheet:
    """One file of texts: its events, the fonts that draw them, the number of the first frame on its clock, its words.

    Args:
        early: how far its clock is put off, so that nothing begins before 0.
    """

    name: str
    events: tuple[ass.Event, ...]
    files: tuple[FontFile, ...]
    clock: int
    early: int
    told: tuple[str, ...]


@dataclass
class Overlays:
    """All that is written over a project's pictures, on a cut."""

    project: Project
    world: World
    whole: Cut
    captions: Captions
    _settings: dict[tuple[str, int | None, Text], Setting | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._shown: dict[str, list[tuple[Text, Lasting]]] = {}
        for each in self.project.texts:
            for lasting in lying.over(each, self.whole):
                self._shown.setdefault(lasting.span.shot.id, []).append((each, lasting))

    def problems(self, outputs: Iterable[Output]) -> list[Problem]:
        """Tell texts that are never seen in the film, that no font can write, and that don't fit in an output."""
        found: list[Problem] = []
        for each in self.project.texts:
            found += lying.unseen(each, f"text {_named(each)}", self.whole)
        found += [*self._uncovered(), *self.captions.problems()]
        if found:
            return found
        for each in self.project.texts:
            seen = [output for output in outputs if output.has(each.shot)]
            small = [output.name for output in seen if self._setting(each, output) is None]
            if small:
                mark = each.marks.get("text") or each.marks.get("")
                hint = "shorten it, give it a larger `box`, or a preset of a smaller `size`"
                hint = hint if each.fit == "shrink" else f"{hint}; or let it shrink: `fit: shrink`"
                found.append(Problem(mark, f"the text {_named(each)} doesn't fit in {listed(small)}", hint=hint))
        return found

    def notes(self, outputs: Sequence[Output]) -> list[str]:
        """Say which texts go before their time, and which boxes reach out of an output's safe area: texts never do."""
        found, is_film = [], not any(output.shots for output in outputs)
        for each in self.project.texts:
            spans = lying.under(each, self.whole)
            length = (spans[-1].end - spans[0].start) / self.whole.rate
            if is_film and isinstance(each.end, Fraction) and each.end > length:
                what = f"its {'shot' if len(spans) == 1 else 'group'}" if each.shot else "the film"
                found.append(
                    f"the text {_named(each)} goes with {what} at {clock_text(length)}, not at {clock_text(each.end)}"
                )
            out = [
                output.name for output in outputs if each.box and self._area(each, output) != self._box(each, output)
            ]
            if out:
                found.append(f"the box of the text {_named(each)} reaches out of the safe area of {listed(out)}")
        return found

    def drawn(self, parts: Sequence[Portion], place: Place) -> Drawing:
        """Give what is drawn over frames of one shot, or of two that give way to each other."""
        first, output, rate = parts[0], parts[0].output, parts[0].rate
        size = output_size(output, self.project, self.world.catalog)
        above = self._above(parts)
        names = ("own",) if len(parts) == 1 else ("before", "after")
        sheets = [
            self._sheet([replace(part, shift=0)], f"{name}.ass", above, False)
            for part, name in zip(parts, names, strict=True)
        ]
        over = self._sheet(parts, ass.FILE, above, True)
        files: dict[FontFile, None] = {}
        steps: list[ffargs.Step] = []
        told: dict[str, None] = {}
        for sheet in (*sheets, over):
            files |= dict.fromkeys(sheet.files)
            told |= dict.fromkeys(sheet.told)
            if sheet.events:
                steps.append({"text": {"name": sheet.name, "lines": ass.lines(sheet.events, size)}})
        words = {"text": ", ".join(told)} if told else {}
        said = self.captions.over(first.span.shot.id, over.clock, over.early, first.frames, output, rate, place)
        drawn = [over.name] if over.events else []
        if said is not None:
            files |= dict.fromkeys(said[1])
        inputs: dict[str, Ref | Digest] = {f"font{number}": file.digest for number, file in enumerate(files)}
        if files:
            steps.append({"fonts": {"folder": ass.FONTS, "from": list(inputs)}})
        if said is not None:
            inputs["cues"] = said[0]
            steps.append({"named": {"from": "cues", "to": ass.CUES}})
            drawn.append(ass.CUES)
            words["captions"] = self.project.captions.preset if self.project.captions else ""
        own = tuple(ass.Drawn(sheet.clock, (sheet.name,)) if sheet.events else None for sheet in sheets)
        above_all = ass.Drawn(over.clock, tuple(drawn)) if drawn else None
        return Drawing(above_all, own, tuple(steps), inputs, words)

    def _above(self, parts: Sequence[Portion]) -> frozenset[Text]:
        """Give the texts that go with none of the shots: in a transition those of both, else those of several."""
        seen = [{each for each, _ in self._shown.get(part.span.shot.id, ())} for part in parts]
        if len(parts) > 1:
            return frozenset(set.intersection(*seen))
        return frozenset(each for each in seen[0] if each.shot is None or each.until not in (None, each.shot))

    def _sheet(self, parts: Sequence[Portion], name: str, above: Collection[Text], is_above: bool) -> _Sheet:
        """Give the texts over some frames, those that stand above all or the others.

        Only what moves there knows of times outside of them; what begins later lies above.
        """
        shown: dict[Text, tuple[tuple[int, int, str], list[ass.Event]]] = {}
        files: dict[FontFile, None] = {}
        clock = parts[0].first + parts[0].shift
        for part in parts:
            for each, lasting in self._shown.get(part.span.shot.id, ()):
                if each in shown or (each in above) is not is_above:
                    continue
                first, last = lasting.frames(part.rate)
                if first >= part.first + part.frames or last <= part.first:
                    continue
                first, last = first + part.shift, last + part.shift
                made, needed = self._text_events(each, part.output, first, last, part.rate)
                seen = (event.within(clock, clock + part.frames) for event in made)
                shown[each] = (first, last, made[0].text), [event for event in seen if event]
                files |= dict.fromkeys(needed)
        ordered = sorted(shown.values(), key=lambda one: one[0])
        events = [replace(event, layer=layer) for layer, (_, made) in enumerate(ordered) for event in made]
        early = max(0, -min((event.first for event in events), default=0))
        if early:  # a text that comes as its shot begins: the file's clock has no time before 0
            events = [replace(event, first=event.first + early, last=event.last + early) for event in events]
        return _Sheet(name, tuple(events), tuple(files), clock + early, early, tuple(_told(each) for each in shown))

    def _text_events(
        self, each: Text, output: Output, first: int, last: int, rate: Fraction
    ) -> tuple[list[ass.Event], tuple[FontFile, ...]]:
        setting = self._setting(each, output)
        assert setting is not None, "BUG: a text that doesn't fit is drawn"
        preset = self._preset(each)
        return text.drawn(setting, preset, self._typeface(preset), first, last, rate)

    def _setting(self, each: Text, output: Output) -> Setting | None:
        """Lay a text out in an output; `None` where it doesn't fit."""
        key = (output.name, output.lines, each)
        if key not in self._settings:
            preset, size = self._preset(each), self._size(output)
            area, place = self._area(each, output), self._place(each)
            fits = area.width > 0 and area.height > 0
            self._settings[key] = (
                text.set_in(each.text, preset, each.fit, area, place, size, self._typeface(preset)) if fits else None
            )
        return self._settings[key]

    def _size(self, output: Output) -> tuple[int, int]:
        return output_size(output, self.project, self.world.catalog)

    def _place(self, each: Text) -> str:
        return "center" if each.box is not None else each.place or self._preset(each).place

    def _area(self, each: Text, output: Output) -> Area:
        """Give where a text may stand: its box, or its place's area, never out of the safe area."""
        size = self._size(output)
        safe = safe_area(self.world.catalog.profiles[output.platform], size)
        box = self._box(each, output)
        return text.reserved(self._place(each), safe, size) if box is None else box.within(safe)

    def _box(self, each: Text, output: Output) -> Area | None:
        return None if each.box is None else text.fraction_area(each.box, self._size(output))

    def _preset(self, each: Text) -> Preset:
        return preset_of(each.preset, self.project.brand)

    def _typeface(self, preset: Preset) -> Typeface:
        return self.world.typefaces[preset.font]

    def _uncovered(self) -> list[Problem]:
        """Tell characters that no font has."""
        found = []
        for each in self.project.texts:
            missing = self._typeface(self._preset(each)).uncovered(each.text)
            if missing:
                mark = each.marks.get("text") or each.marks.get("")
                found.append(Problem(mark, *uncovered(f"the text {_named(each)}", missing)))
        return found


def _named(each: Text) -> str:
    line = " ".join(each.text.split())
    return f'"{line[:40]}..."' if len(line) > 43 else f'"{line}"'


def _told(each: Text) -> str:
    """Put what an author says of a text into words."""
    said = [each.preset, each.place or "", each.fit if each.fit != "shrink" else ""]
    said += ["box " + " ".join(seconds_text(part) for part in each.box)] if each.box else []
    times = [seconds_text(at) for at in (each.start, each.end) if isinstance(at, Fraction)]
    return f"{_named(each)} ({', '.join(filter(None, said))}; from {' to '.join(times)} s)"
