"""How the frame moves over each shot: its motion on the shot's own clock. It makes no actions."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.media.framing import Frame, View
from vidbuild.media.moving import Gaze, Move
from vidbuild.plan import timeline
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import World
from vidbuild.spec.model import Card, Filmed, Output, Project, Reframe, Shot, When
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, seconds_text


def gaze(span: Span, first: int, reframe: Reframe, crops: bool) -> Gaze | None:
    """Say how the frame moves over a shot, from its picture `first` on; `None` where it stands still.

    What is followed is `following`'s.

    Args:
        crops: whether the frame leaves anything out: else there is nowhere to look.
    """
    move, path = _move(span), _path(span, reframe) if crops else ()
    return Gaze(first, move, path) if move is not None or path else None


def reframe_of(shot: Shot, output: Output, project: Project) -> Reframe:
    """Say how a shot meets an output's aspect: by itself, the output, the project."""
    return shot.reframe or output.reframe or project.reframe or Reframe()


def shape_of(shot: Shot, project: Project, world: World) -> tuple[int, int]:
    """Give the width and height of a shot's own picture: of a take in lowest terms."""
    if isinstance(shot.source, Filmed):
        probe = world.own[shot.source.file].probe
        return probe.width, probe.height
    return project.aspect


def crops(shot: Shot, frame: Frame, project: Project, world: World) -> bool:
    """Say whether a frame leaves something out of a shot's picture, by as much as can be seen."""
    if isinstance(shot.source, Card):
        return False
    width, height = shape_of(shot, project, world)
    wide, high = width * frame.height, height * frame.width
    return frame.mode == "crop" and abs(wide - high) * 100 > max(wide, high)


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


def reframe_words(view: View) -> str:
    """Say in words how a view meets its frame."""
    frame, gaze = view.frame, view.gaze
    if frame.mode != "crop":
        return frame.mode
    if gaze is not None and (gaze.follow or gaze.path):
        points = (f"{seconds_text(x)}, {seconds_text(y)}" for _, x, y in gaze.path)
        return f"crop along {'; '.join(points)}" if gaze.path else "crop, following"
    return f"crop at {seconds_text(frame.focus[0])}, {seconds_text(frame.focus[1])}"


def _path(span: Span, reframe: Reframe) -> tuple[tuple[Fraction, Fraction, Fraction], ...]:
    """Give a path's points with their seconds; those that have none are spread from the shot's start to its end."""
    last = len(reframe.path) - 1
    return tuple(
        (point[2] if len(point) == 3 else span.seconds * number / last, point[0], point[1])
        for number, point in enumerate(reframe.path)
    )


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
