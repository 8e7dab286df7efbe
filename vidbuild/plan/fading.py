"""Fades from and to black on a cut: which pictures and samples of each shot they touch, and how far on they are there.

Each is told on the shots' own clocks, so a shot that moves takes its fade along. A fade of N pictures shows 1/(N+1) to
N/(N+1) of them, as a transition does; between two clocks it goes by time. It makes no actions.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from vidbuild.media import framing, sound
from vidbuild.plan.timeline import Cut, Span
from vidbuild.spec.model import Fades
from vidbuild.words.errors import Mark, Problem
from vidbuild.words.rationaltime import clock_text, frames_in

_WAYS = (("in", "fade_in_s"), ("out", "fade_out_s"))


@dataclass(frozen=True, slots=True)
class _Way:
    """One fade on the cut: `frames` of the project's clock from frame `start` of the cut on."""

    way: str
    start: int
    frames: int


class Fading:
    """All fades of a project, on its cut."""

    def __init__(self, fades: Sequence[Fades], whole: Cut):
        self._whole = whole
        self._spans = {span.shot.id: span for span in whole.spans}
        self._all = [(each, spans) for each in fades if (spans := self._under(each))]
        self._film: list[_Way] = []
        self._over: dict[str, list[_Way]] = {span.shot.id: [] for span in whole.spans}
        for each, spans in self._all:
            if not each.shots:
                self._film += self._ways(each, spans)
                continue
            for span in spans:
                self._over[span.shot.id] += self._ways(each, spans)

    def problems(self) -> list[Problem]:
        """Tell fades that are longer than what they lie over, and those beside a transition."""
        found: list[Problem] = []
        for each, spans in self._all:
            found += [*self._too_long(each, spans), *self._beside(each, spans)]
        return found

    def seen(self, span: Span, first: int, frames: int, rate: Fraction) -> tuple[framing.Fade, ...]:
        """Give the fades over `frames` pictures of a shot, at an output's rate, from its own picture `first` on."""
        found, begins = [], self._spans[span.shot.id].start
        for way in (*self._film, *self._over[span.shot.id]):
            start = (way.start - begins) / self._whole.rate * rate
            length = way.frames / self._whole.rate * rate
            touches = first < start + length if way.way == "in" else first + frames > start
            if touches:
                found.append(framing.Fade(way.way, first + 1 - start, length + 1))
        return tuple(found)

    def heard(self, span: Span) -> tuple[sound.Fade, ...]:
        """Give the fades over a shot's own sound; the film's lies over the whole mix."""
        span = self._spans[span.shot.id]
        return tuple(
            self._sounding(way, span.start)
            for way in self._over[span.shot.id]
            if (way.start + way.frames > span.start if way.way == "in" else way.start < span.end)
        )

    def film(self) -> tuple[sound.Fade, ...]:
        """Give the fades over all that is heard of the film."""
        return tuple(self._sounding(way, 0) for way in self._film)

    def _sounding(self, way: _Way, start: int) -> sound.Fade:
        at, until = (
            sound.samples_in(frame / self._whole.rate) for frame in (way.start - start, way.start - start + way.frames)
        )
        return sound.Fade(way.way, at, until - at)

    def _under(self, fades: Fades) -> tuple[Span, ...]:
        """Give what a fade lies over: of a group what is in this cut, nothing where that doesn't stand side by side."""
        if not fades.shots:
            return self._whole.spans
        places = [place for place, span in enumerate(self._whole.spans) if span.shot.id in fades.shots]
        if not places or len(places) != places[-1] - places[0] + 1:
            return ()
        return self._whole.spans[places[0] : places[-1] + 1]

    def _ways(self, fades: Fades, spans: Sequence[Span]) -> Iterator[_Way]:
        frames = frames_in(fades.in_s, self._whole.rate), frames_in(fades.out_s, self._whole.rate)
        if frames[0]:
            yield _Way("in", spans[0].start, frames[0])
        if frames[1]:
            yield _Way("out", spans[-1].end - frames[1], frames[1])

    def _too_long(self, fades: Fades, spans: Sequence[Span]) -> list[Problem]:
        there = spans[-1].end - spans[0].start
        lengths = {key: frames_in(getattr(fades, key.removeprefix("fade_")), self._whole.rate) for _, key in _WAYS}
        found = [
            Problem(mark, f"`{key}` of {fades.whose} is shorter than one frame", hint="make it longer, or remove it")
            for key, mark in fades.marks.items()
            if getattr(fades, key.removeprefix("fade_")) and not lengths[key]
        ]
        if sum(lengths.values()) <= there:
            return found
        told = tuple(
            f"`{key}` is {clock_text(Fraction(frames) / self._whole.rate)}" for key, frames in lengths.items() if frames
        )
        both = "the two fades" if len(told) == 2 else "the fade"
        sentence = f"{both} of {fades.whose} can't be longer than it, which is {clock_text(there / self._whole.rate)}"
        return [*found, Problem(_mark(fades), sentence, told, f"make {both.removeprefix('the ')} shorter")]

    def _beside(self, fades: Fades, spans: Sequence[Span]) -> Iterator[Problem]:
        """Tell a fade at an edge that a transition has already."""
        after = {before.shot.id: later for before, later in pairwise(self._whole.spans)}
        coming, following = spans[0], after.get(spans[-1].shot.id)
        for length, key, span, how in (
            (fades.in_s, "fade_in_s", coming, "comes in by"),
            (fades.out_s, "fade_out_s", following, "goes out under"),
        ):
            if length and span is not None and span.shot.transition is not None and span.lead:
                kind = span.shot.transition.kind
                sentence = f"{fades.whose} {how} a `{kind}`, and `{key}` fades it at the same edge"
                other = span.shot.marks.get("transition")
                facts = (f"the `{kind}` is in line {other.line}",) if other else ()
                hint = f"remove `{key}` or the transition; `fade-to-black` is both"
                yield Problem(fades.marks.get(key), sentence, facts, hint)


def words(fades: Sequence[framing.Fade], rate: Fraction) -> dict[str, str]:
    """Say what fades, for people."""
    return {f"fade {fade.way}": clock_text((fade.length - 1) / rate) for fade in fades}


def _mark(fades: Fades) -> Mark | None:
    return next(iter(fades.marks.values()), None)
