"""How the frame moves over each shot: its motion on the shot's own clock. It makes no actions."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.media.moving import Gaze, Move
from vidbuild.plan import timeline
from vidbuild.plan.timeline import Cut, Span
from vidbuild.spec.model import When
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, seconds_text


def gaze(span: Span, first: int) -> Gaze | None:
    """Say how the frame moves over a shot, from its picture `first` on; `None` where it stands still."""
    move = _move(span)
    return Gaze(first, move) if move is not None else None


def problems(whole: Cut) -> list[Problem]:
    """Tell moves that end before they begin."""
    found = []
    for span in whole.spans:
        times = _times(span)
        if times is not None and times[1] <= times[0]:
            mark = span.shot.marks.get("motion") or span.shot.marks.get("")
            sentence = f"the motion of `{span.shot.id}` ends at {clock_text(times[1])}, before it begins"
            facts = (f"it begins at {clock_text(times[0])}", f"the shot is {clock_text(span.seconds)} long")
            found.append(Problem(mark, sentence, facts, "give `at` as [from, to] in seconds of the shot"))
    return found


def words(span: Span) -> dict[str, str]:
    """Say in words how a shot moves, where it does."""
    motion, times = span.shot.motion, _times(span)
    if motion is None or times is None:
        return {}
    told = f"{motion.kind} by {seconds_text(motion.scale)}"
    if motion.focus is not None:
        told += f" at {', '.join(seconds_text(part) for part in motion.focus)}"
    if motion.start or motion.end is not None:
        told += f", {clock_text(times[0])} to {clock_text(times[1])}"
    return {"motion": told}


def _move(span: Span) -> Move | None:
    motion, times = span.shot.motion, _times(span)
    if motion is None or times is None:
        return None
    start, end = times  # in a shorter cut of the shot it may never begin: then it rests
    return Move(motion.kind, motion.focus, motion.scale, start, max(end, start + 1 / span.rate))


def _times(span: Span) -> tuple[Fraction, Fraction] | None:
    """Give when a shot's move begins and ends, in seconds of its own time; `None` where that isn't settled."""
    motion = span.shot.motion
    if motion is None or isinstance(motion.start, When) or isinstance(motion.end, When):
        return None
    end = span.seconds if motion.end is None else timeline.snapped(motion.end, span.rate)
    return timeline.snapped(motion.start, span.rate), end
