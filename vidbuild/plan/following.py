"""What says where an automatic crop looks: `Path` actions over parts of a source, whatever is shown of it where.

A source is looked at in parts of 30 s of its own time, each with what lies around it: so neither a trim nor another
output makes a path anew, and an hour of footage isn't watched for a shot of five seconds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from vidbuild.media import framing, moving
from vidbuild.media.framing import View
from vidbuild.media.measures import GRID
from vidbuild.media.moving import Gaze
from vidbuild.media.windows import Window
from vidbuild.plan import moves
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.timeline import Span
from vidbuild.plan.world import World
from vidbuild.spec.model import Project, Reframe
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import half_up, rate_text

REVISION = 1
"""Bumped whenever the same pictures may be looked at elsewhere (`media.following`)."""

FACES_REVISION = 1
"""The same for faces, which are looked for in pictures of at most so many pixels a side."""
FACES_SIDE = 640

PART_S, CONTEXT_S = 30, 5
"""How long a part is, and how much around it is watched: more than a point hangs on."""

FACES = "faces"
PATH = {"path": "application/json"}


@dataclass(frozen=True)
class Following:
    """Plans how views move over their sources, and what they follow there, on the project's frames."""

    project: Project
    world: World
    builder: GraphBuilder

    @property
    def rate(self) -> Fraction:
        """The clock that paths are told on."""
        return self.project.fps

    def moved(
        self, view: View, clip: Ref | Digest, span: Span, first: int, reframe: Reframe
    ) -> tuple[View, dict[str, Ref | Digest]]:
        """Give a view of a shot, from its picture `first` on, as it moves, and what it follows by slot."""
        crops = moves.crops(span.shot, view.frame, self.project, self.world)
        gaze = moves.gaze(span, first, reframe, crops)
        if not (reframe.follows and crops):
            return replace(view, gaze=gaze), {}
        grid = _fine(moves.shape_of(span.shot, self.project, self.world)) if reframe.follows == FACES else GRID
        paths = self._paths(clip, view, grid, Place(span.shot.id))
        spans = tuple(_span(window) for window in view.all)
        return replace(view, gaze=replace(gaze or Gaze(first), follow=tuple(paths), spans=spans)), paths

    def _paths(self, clip: Ref | Digest, view: View, grid: tuple[int, int], place: Place) -> dict[str, Ref | Digest]:
        """Give what says where a view of a source looks, by slot, in order."""
        length = half_up(PART_S * self.rate)
        numbers = {0} if view.is_still else set[int]()
        for span in () if view.is_still else map(_span, view.all):
            end = span.start + span.frames * span.speed / view.window.rate
            first, last = (int(at * self.rate) // length for at in (span.start, min(end, span.until or end)))
            numbers |= {*range(first, last + 1)}
        found = (self._path(clip, view, grid, number * length, length, place) for number in sorted(numbers))
        return {f"{view.slot}_path{index}": path for index, path in enumerate(found)}

    def _path(
        self, clip: Ref | Digest, view: View, grid: tuple[int, int], begin: int, frames: int, place: Place
    ) -> Ref:
        around = half_up(CONTEXT_S * self.rate)
        first, until = max(0, begin - around), begin + frames
        sent = Window(first / self.rate, until + around - first, self.rate, 0, view.window.late, view.window.seeks)
        argv = framing.shrunk("clip", sent, view.frame.matrix, view.is_still, grid)
        step = {"argv": argv, "rate": rate_text(self.rate), "first": first, "from": begin, "until": until}
        tool, follows = f"{self.world.reckoner}, following@{REVISION}", "auto"
        if grid != GRID:
            step["finds"] = follows = FACES
            tool = f"{tool}, {FACES}@{FACES_REVISION}, {self.world.faces}"
        action = Action("Path", {"steps": [{"watch": step}]}, {"clip": clip}, PATH, tool)
        conduct = Conduct(expected=float(sent.frames / self.rate) * 0.2)
        return Ref(self.builder.add(action, place, {"reframe": f"crop at {follows}"}, conduct), "path")


def unable(project: Project, world: World) -> list[Problem]:
    """Tell that faces are to be followed, and nothing here finds them."""
    shots, outputs = ([each.reframe for each in these] for these in (project.shots, project.outputs))
    told = (project.reframe, *outputs, *shots)
    if world.faces or not any(reframe is not None and reframe.follows == FACES for reframe in told):
        return []
    sentence = "nothing is installed that finds faces, which `focus: faces` asks for"
    return [Problem(None, sentence, hint="install it: `pip install 'vidbuild[faces]'`; or use `focus: auto`")]


def _fine(shape: tuple[int, int]) -> tuple[int, int]:
    """Give the size of pictures in which faces are looked for: as wide for its height as the source."""
    width, height = (max(2, 2 * half_up(Fraction(side * FACES_SIDE, 2 * max(shape)))) for side in shape)
    return width, height


def _span(window: Window) -> moving.Span:
    """Say which times of a source a window shows."""
    pace = window.pace
    if pace is None:
        return moving.Span(window.frames, window.start)
    until = None if pace.end is None else pace.origin + (pace.end - 1) * pace.speed / window.rate
    return moving.Span(window.frames, window.start, pace.speed, until)
