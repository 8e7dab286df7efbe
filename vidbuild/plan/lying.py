"""Over which shots a text or a layer lies, and when in each shot's own time; all on the project's frame clock.

Times are the shot's own so that moving a shot with what lies over it changes nothing. It draws nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vidbuild.plan.timeline import Cut, Span
from vidbuild.spec.model import Layer, Text, When
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, frames_in, half_up


@dataclass(frozen=True, slots=True)
class Lasting:
    """How long something lies over a shot: in seconds of the shot's own time, which may lie outside of it."""

    span: Span
    start: Fraction
    end: Fraction

    def frames(self, rate: Fraction) -> tuple[int, int]:
        """Give the shot's first frame that shows it, and the one after the last, at an output's rate."""
        first, last = half_up(self.start * rate), half_up(self.end * rate)
        return first, last + (self.end >= self.span.seconds)  # rounding may leave the shot a frame longer


def over(each: Text | Layer, whole: Cut) -> list[Lasting]:
    """Say over which shots something is seen, and when."""
    rate, spans = whole.rate, under(each, whole)
    origin, length = (spans[0].start, spans[-1].end - spans[0].start) if spans else (0, 0)
    start = frames_in(_plain(each.start), rate)
    end = length if each.end is None else frames_in(_plain(each.end), rate)
    found = []
    for span in spans:
        offset = span.start - origin
        if max(start, offset) < min(end, offset + span.frames):
            found.append(Lasting(span, (start - offset) / rate, (end - offset) / rate))
    return found


def under(each: Text | Layer, whole: Cut) -> tuple[Span, ...]:
    """Give the shots that something may lie over: its own, its group's, all."""
    if each.shot is None:
        return whole.spans
    places = {span.shot.id: place for place, span in enumerate(whole.spans)}
    return whole.spans[places[each.shot] : places[each.until or each.shot] + 1]


def unseen(each: Text | Layer, name: str, whole: Cut) -> list[Problem]:
    """Tell something that is never seen, and how long there is to see it."""
    if over(each, whole):
        return []
    spans = under(each, whole)
    what = "film" if each.shot is None else "shot" if len(spans) == 1 else "group"
    fact = f"the {what} is {clock_text((spans[-1].end - spans[0].start) / whole.rate)} long"
    return [Problem(each.marks.get("at") or each.marks.get(""), f"the {name} is never seen", (fact,))]


def _plain(at: Fraction | When) -> Fraction:
    assert not isinstance(at, When), "BUG: a time is not settled"
    return at
