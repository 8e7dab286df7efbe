"""When everything happens: shots on the project's frame clock, and the same cut on an output's.

Every length is snapped by itself, so a shot's frames never depend on its neighbours. It knows no files but
by what their headers say, and makes no actions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from vidbuild.catalog.model import Profile
from vidbuild.media.probe import OwnFile
from vidbuild.spec.model import DEFAULT_SECONDS, Filmed, FrameOf, Output, Project, Prompted, Shot
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, frames_in, half_up

PIECE_S = 8
REST_S = 2


@dataclass(frozen=True)
class Span:
    """A shot in the cut: `frames` on the project's clock, from frame `start` of the cut on.

    Args:
        lead: how many of them its transition takes: the shot before ends with them. The first shot comes from
            black or white in them.
    """

    shot: Shot
    frames: int
    start: int
    rate: Fraction
    lead: int = 0

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return self.frames / self.rate

    @property
    def start_seconds(self) -> Fraction:
        """Where it begins in the cut."""
        return self.start / self.rate

    @property
    def end(self) -> int:
        """The frame of the cut at which it is over."""
        return self.start + self.frames


@dataclass(frozen=True)
class Cut:
    """Shots end to end at the project's rate, but for the overlaps of transitions.

    |--shot 0--|----shot 1----|
    0          |start 1    |--shot 2--|
                           start 2    frames
    """

    spans: tuple[Span, ...]
    rate: Fraction

    @property
    def frames(self) -> int:
        """How long the cut is."""
        return self.spans[-1].end if self.spans else 0

    @property
    def seconds(self) -> Fraction:
        """How long the cut is, exactly."""
        return self.frames / self.rate


@dataclass(frozen=True, slots=True)
class Stretch:
    """A shot on an output's clock: so many frames, of which transitions show the first `lead` and the last `tail`."""

    span: Span
    frames: int
    lead: int
    tail: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a shot that is encoded by itself: `frames` from frame `first` of the shot, at an output's rate."""

    index: int
    first: int
    frames: int


@dataclass(frozen=True)
class Portion:
    """A shot's frames in an output, at its rate: from `first` on, in a window `shift` frames later on its clock."""

    span: Span
    first: int
    frames: int
    output: Output
    rate: Fraction
    shift: int = 0


def cut(shots: Sequence[Shot], rate: Fraction, own: Mapping[str, OwnFile]) -> tuple[Cut, list[Problem]]:
    """Lay shots end to end, each as long as it says or as its own footage is."""
    spans: list[Span] = []
    problems: list[Problem] = []
    start = 0
    for shot in shots:
        seconds, found = length(shot, rate, own)
        problems += found
        frames = max(1, frames_in(seconds, rate))
        if not found and frames_in(seconds, rate) < 1:
            problems.append(
                Problem(
                    shot.marks.get("duration_s", shot.marks.get("")),
                    f"shot `{shot.id}` is shorter than one frame",
                    (f"{clock_text(seconds)} at {float(rate):g} frames a second",),
                )
            )
        before = spans[-1] if spans else None
        lead, found = _lead(shot, frames, rate, before)
        problems += found
        spans.append(Span(shot, frames, start - (lead if before else 0), rate, lead))
        start = spans[-1].end
    return Cut(tuple(spans), rate), problems


def broken_promises(project: Project, whole: Cut) -> list[Problem]:
    """Compare each promised `duration_s` with what its shots add up to; a length that is a mistake is passed over."""
    told = {span.shot.id for span in whole.spans if span.shot.duration_s is None and "duration_s" in span.shot.marks}
    spans = {span.shot.id: span for span in whole.spans if span.shot.id not in told}
    problems = []
    for promise in project.promises:
        if not set(promise.shots) <= set(spans):
            continue
        shots = [spans[shot] for shot in promise.shots]
        frames = shots[-1].end - shots[0].start if shots else 0
        if frames != frames_in(promise.seconds, whole.rate):
            whose = f"group `{promise.group}`" if promise.group else "the project"
            problems.append(
                Problem(
                    promise.mark,
                    f"{whose} promises {clock_text(promise.seconds)}, but its shots add up to"
                    f" {clock_text(frames / whole.rate)}",
                    tuple(f"{span.shot.id}: {clock_text(span.seconds)}{_less(span)}" for span in shots[:12]),
                    "change `duration_s` here or of a shot, or leave the promise out",
                )
            )
    return problems


def doubled(whole: Cut) -> list[str]:
    """Tell transitions that blend a shot with what it continues: the same picture twice, a little apart."""
    found = []
    for before, after in pairwise(whole.spans):
        init = after.shot.source.init if isinstance(after.shot.source, Prompted) else None
        if after.lead and isinstance(init, FrameOf) and init.last and init.shot == before.shot.id:
            found.append(
                f"`{after.shot.id}` continues `{before.shot.id}`: a cut between them can't be seen, a transition can"
            )
    return found


def output_rate(rate: Fraction, asked: Fraction | None, profile: Profile) -> Fraction:
    """Give the rate an output runs at: the project's (or the asked one) where allowed, else the nearest allowed."""
    wanted = asked or rate
    allowed = [fps for fps in profile.fps_allowed if not profile.fps_max or fps <= profile.fps_max]
    if not allowed:
        return min(wanted, profile.fps_max) if profile.fps_max else wanted
    return wanted if wanted in allowed else min(allowed, key=lambda fps: (abs(fps - wanted), fps))


def on_clock(whole: Cut, rate: Fraction) -> tuple[Stretch, ...]:
    """Give each shot's frames on another clock; boundaries are rounded from exact cumulative time."""

    def tick(frame: int) -> int:
        return half_up(frame / whole.rate * rate)

    starts = [tick(span.start) for span in whole.spans]
    ends = [tick(span.end) for span in whole.spans]
    leads = [tick(span.start + span.lead) - start for span, start in zip(whole.spans, starts, strict=True)]
    return tuple(
        Stretch(span, end - start, lead, tail)
        for span, start, end, lead, tail in zip(whole.spans, starts, ends, leads, [*leads, 0][1:], strict=True)
    )


def bodies(stretch: Stretch, rate: Fraction) -> tuple[Piece, ...]:
    """Give the pieces of a shot, less what its transitions show of it."""
    first, last = stretch.lead, stretch.frames - stretch.tail
    clipped = (
        Piece(piece.index, max(piece.first, first), min(piece.first + piece.frames, last) - max(piece.first, first))
        for piece in (pieces(stretch.frames, rate) if stretch.frames else ())
    )
    return tuple(piece for piece in clipped if piece.frames > 0)


def pieces(frames: int, rate: Fraction) -> tuple[Piece, ...]:
    """Cut a shot at multiples of 8 s of its own time; a rest under 2 s joins the piece before.

    20 s:   |---8---|---8---|-4-|
    17 s:   |---8---|----9-----|
    """
    count = max(1, int(frames / rate // PIECE_S))
    if frames / rate - count * PIECE_S >= REST_S and frames / rate > PIECE_S:
        count += 1
    edges = [half_up(index * PIECE_S * rate) for index in range(count)] + [frames]
    return tuple(Piece(i, edges[i], edges[i + 1] - edges[i]) for i in range(count))


def _lead(shot: Shot, frames: int, rate: Fraction, before: Span | None) -> tuple[int, list[Problem]]:
    """Give the frames that a shot's transition takes, and what is wrong with it; 0 where something is."""
    transition = shot.transition
    if transition is None:
        return 0, []
    lead = frames_in(transition.seconds, rate)
    mark = shot.marks.get("transition") or shot.marks.get("")
    asked = f"the `{transition.kind}` into `{shot.id}` lasts {clock_text(transition.seconds)}"
    if before is None and not transition.kind.startswith("fade"):
        sentence = f"`{shot.id}` can't come in by `{transition.kind}`: there is no shot before it"
        return 0, [Problem(mark, sentence, hint="the first shot may come from black or white: `fade`, `fade-to-white`")]
    if lead < 1:
        return 0, [Problem(mark, f"{asked}, which is shorter than one frame", hint="make it longer, or use `cut`")]
    if lead >= frames:
        facts = (f"`{shot.id}` lasts {clock_text(frames / rate)}",)
        return 0, [Problem(mark, f"{asked}, and leaves nothing of it", facts, "make it shorter, or the shot longer")]
    if before is not None and lead + before.lead >= before.frames:
        own = (f"its own transition takes {clock_text(before.lead / rate)}",) if before.lead else ()
        facts = (f"`{before.shot.id}` lasts {clock_text(before.seconds)}", *own)
        sentence = f"{asked}, and leaves nothing of `{before.shot.id}`"
        return 0, [Problem(mark, sentence, facts, "make it shorter, or the shot before longer")]
    return lead, []


def _less(span: Span) -> str:
    """Say how much of a shot lies under the one before."""
    return f", {clock_text(span.lead / span.rate)} of it over the one before" if span.lead and span.start else ""


def length(shot: Shot, rate: Fraction, own: Mapping[str, OwnFile]) -> tuple[Fraction, list[Problem]]:
    """Give a shot's seconds, and what is wrong with them."""
    source = shot.source
    if not isinstance(source, Filmed) or source.is_still:
        return shot.duration_s if shot.duration_s is not None else DEFAULT_SECONDS, []
    probe = own[source.file].probe
    end = min(source.out_s, probe.seconds) if source.out_s is not None else probe.seconds
    there = max(Fraction(0), end - snapped(source.in_s, rate)) / shot.speed
    if source.out_s is not None and source.out_s > probe.seconds + 1 / rate:
        mark = shot.marks.get("out_s") or shot.marks.get("")
        sentence = f"`out_s` lies behind the end of `{source.file}`, which is {clock_text(probe.seconds)} long"
        return there or Fraction(1), [Problem(mark, sentence, hint="make it smaller, or leave it out")]
    if shot.duration_s is None:
        if there <= 0:
            return Fraction(1), [_too_short(shot, there, source.in_s, probe.seconds)]
        return there, []
    is_filled = there * rate >= 1 and (shot.fill != "error" or shot.fit == "speed")
    if shot.duration_s > there + 1 / rate and not is_filled:
        return shot.duration_s, [_too_short(shot, there, shot.duration_s, probe.seconds)]
    return shot.duration_s, []


def snapped(seconds: Fraction, rate: Fraction) -> Fraction:
    """Snap an offset to a frame clock."""
    return frames_in(seconds, rate) / rate


def _too_short(shot: Shot, there: Fraction, asked: Fraction, whole: Fraction) -> Problem:
    assert isinstance(shot.source, Filmed)
    pace = f" at {float(shot.speed):g} times its speed" if shot.speed != 1 else ""
    lacks = f"`{shot.source.file}`, which has {clock_text(there)} there{pace}"
    return Problem(
        shot.marks.get("duration_s") or shot.marks.get("in_s") or shot.marks.get("file") or shot.marks.get(""),
        f"shot `{shot.id}` asks for {clock_text(asked)} of {lacks}",
        (f"the file is {clock_text(whole)} long",),
        "make the shot shorter, start earlier with `in_s`, or say what is seen then: `fill: freeze`",
    )
