"""How shots run through their sources: from an in-point, faster or slower, and what is seen behind the source's end.

It says how much of a source a shot needs, which windows of it a part of the shot shows, and how its sound is taken.
It makes no actions and chooses no seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from vidbuild.media import sound, windows
from vidbuild.media.windows import Window
from vidbuild.plan.timeline import Span, snapped
from vidbuild.spec.model import Filmed, Prompted, Shot
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, decimal_text, half_up, seconds_text

SLOWEST, FASTEST = Fraction(1, 4), Fraction(4)
_LEAST_LOOP = Fraction(1, 4)


@dataclass(frozen=True)
class Pace:
    """How a shot runs through its source.

    Args:
        start: the in-point, on the project's clock.
        there: how many seconds of the source there are from it on, where they are fewer than the shot needs.
        fill: what is seen behind them: `freeze` or `loop`.
        rate: the project's frame rate.
    """

    start: Fraction
    rate: Fraction
    speed: Fraction = Fraction(1)
    there: Fraction | None = None
    fill: str = "error"

    @property
    def words(self) -> dict[str, str]:
        """Say what isn't usual of it, for people."""
        said = {"speed": f"{decimal_text(self.speed, 3).rstrip('0').rstrip('.')} times"} if self.speed != 1 else {}
        return said | ({"fill": self.fill} if self.there is not None else {})

    def windows(self, first: int, frames: int, rate: Fraction, like: Window) -> tuple[Window, ...]:
        """Give what `frames` pictures at a rate, from the shot's own picture `first` on, show of the source.

        Args:
            like: says how the source is read, and how many pictures may be missing at its end.
        """
        if self.there is None:
            return (self._window(first, frames, rate, like),)
        if self.fill == "freeze":
            end = max(1, half_up(self.there / self.speed * rate))
            return (self._window(first, frames, rate, like, end if first + frames > end else None),)
        return tuple(self._window(*part, rate, like) for part in self._rounds(first, frames, rate))

    def heard(self, seconds: Fraction) -> sound.Pace | None:
        """Say how the shot's own sound is taken; `None` where it is as it is."""
        if self.speed == 1 and self.there is None:
            return None
        there = seconds * self.speed if self.there is None else self.there
        return sound.Pace(self.speed, there, self._round / self.rate if self.fill == "loop" else None)

    @property
    def _round(self) -> int:
        """How many pictures of the project's clock a loop has."""
        assert self.there is not None
        return max(1, int(self.there / self.speed * self.rate // 1))

    def _rounds(self, first: int, frames: int, rate: Fraction) -> Iterator[tuple[int, int]]:
        """Part pictures at the ends of the loop: each part begins at one of its pictures."""
        length = self._round / self.rate * rate
        number = int(first // length)
        while frames > 0:
            begins, ends = half_up(number * length), half_up((number + 1) * length)
            if begins <= first < ends:
                taken = min(frames, ends - first)
                yield first - begins, taken
                first, frames = first + taken, frames - taken
            number += 1 if first >= ends else -1

    def _window(self, first: int, frames: int, rate: Fraction, like: Window, end: int | None = None) -> Window:
        start = self.start + first / rate * self.speed
        if self.speed == 1 and end is None:
            return Window(start, frames, rate, like.spare, like.late, like.seeks, decoder=like.decoder)
        spare = int(-(-like.spare // min(Fraction(1), self.speed)))
        pace = windows.Pace(self.start, self.speed, end)
        return Window(start, frames, rate, spare, like.late, like.seeks, pace, like.decoder)


def held_from(window: Window, sure: Fraction) -> Window:
    """Let a window lack what it shows of a source behind the seconds that are surely there."""
    pace = window.pace
    each = window.rate / (pace.speed if pace is not None else 1)
    end = window.start + window.frames / each
    if pace is not None and pace.end is not None:
        end = min(end, pace.origin + pace.end / each)
    return replace(window, spare=window.spare + max(0, int(-((sure - end) * each // 1))))


def question(pace: windows.Pace) -> dict[str, str]:
    """Say what is asked of a picture beside its time, where the source isn't shown as it runs."""
    said = {"in": seconds_text(pace.origin), "speed": seconds_text(pace.speed)}
    return said | ({"held after": str(pace.end)} if pace.end is not None else {})


def is_whole(shot: Shot) -> bool:
    """Say whether a take is used as long as it is: it ends on a picture that was asked for."""
    return isinstance(shot.source, Prompted) and shot.source.end is not None and shot.fit != "speed"


def is_filled(shot: Shot) -> bool:
    """Say whether footage may be shorter than its shot."""
    return shot.fill != "error" or shot.fit == "speed"


def needed(span: Span) -> Fraction:
    """Say how many seconds of its source a shot needs; with `fit: speed` any will do, and these are the best."""
    shot = span.shot
    return shot.footage_s if shot.footage_s is not None else span.seconds * shot.speed


def pace_of(span: Span, there: Fraction) -> Pace:
    """Say how a shot runs through a source that has so many seconds from its in-point on."""
    shot, rate = span.shot, span.rate
    start = snapped(shot.source.in_s, rate) if isinstance(shot.source, Filmed) else Fraction(0)
    if shot.fit == "speed":
        return Pace(start, rate, there / span.seconds)
    if span.seconds <= there / shot.speed + 1 / rate or shot.fill == "error":
        return Pace(start, rate, shot.speed)
    if shot.fill == "slow":
        return Pace(start, rate, there / span.seconds)
    return Pace(start, rate, shot.speed, there, shot.fill)


def problems(span: Span, pace: Pace) -> list[Problem]:
    """Tell what can't be shown at a pace: too slow, too fast, a loop that is too short."""
    shot, marks = span.shot, span.shot.marks
    facts = (f"the shot is {clock_text(span.seconds)} long",)
    if not SLOWEST <= pace.speed <= FASTEST:
        what = "fit: speed" if shot.fit == "speed" else "fill: slow"
        there = clock_text(pace.speed * span.seconds)
        sentence = f"`{what}` would run the {there} of `{shot.id}` {float(pace.speed):.3g} times as fast"
        hint = "make the shot longer" if pace.speed > 1 else "make the shot shorter"
        mark = marks.get(what.partition(":")[0]) or marks.get("duration_s") or marks.get("")
        return [Problem(mark, sentence, (*facts, "a shot runs 0.25 to 4 times as fast"), hint)]
    if pace.fill == "loop" and pace.there is not None and pace.there / pace.speed < _LEAST_LOOP:
        sentence = f"`fill: loop` would repeat {clock_text(pace.there / pace.speed)} of `{shot.id}`"
        mark = marks.get("fill") or marks.get("")
        return [Problem(mark, sentence, (*facts, "a loop is at least 0.25 s long"), "let it `freeze`")]
    return []


def unbought(span: Span) -> list[Problem]:
    """Tell a `footage_s` that is less than the shot shows, once its length is known."""
    shot, shown = span.shot, span.seconds * span.shot.speed
    if shot.footage_s is None or shot.footage_s + 1 / span.rate >= shown or shot.fill != "error" or shot.fit == "speed":
        return []
    sentence = f"`footage_s` buys {clock_text(shot.footage_s)}, and `{shot.id}` shows {clock_text(shown)} of them"
    hint = "make it longer, or say what is seen then: `fill: freeze`"
    return [Problem(shot.marks.get("footage_s") or shot.marks.get(""), sentence, hint=hint)]
