"""The planner: a project and what is known of the world, to one graph for all deliverables.

Values in, values out. It decides what is made from what; argv come from the media floor, lengths from the
timeline, models from routing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from vidbuild.media import ffargs, framing
from vidbuild.plan import hiring, limits, timeline, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.known import Known
from vidbuild.plan.routing import Routed, Router
from vidbuild.plan.soundtrack import Soundtrack
from vidbuild.plan.sources import Sources, taken_words
from vidbuild.plan.timeline import Cut, Piece, Span
from vidbuild.plan.world import VIDEO, Request, World, output_size
from vidbuild.spec.model import Card, Filmed, Output, Project, Reframe
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, half_up, rate_number, seconds_text

DRAFT_ENCODER = ffargs.Encoder("ultrafast", 23)


@dataclass
class Plan:
    """A graph, or the problems that stand in its way."""

    graph: Graph | None
    problems: list[Problem] = field(default_factory=list)


def plan(project: Project, world: World, request: Request) -> Plan:
    """Plan a request as one graph."""
    problems = mistakes(project, world, request)
    if problems:
        return Plan(None, problems)
    whole, _ = timeline.cut(project.shots, project.fps, world.own)
    routed = route(project, world, whole, request.draft)
    builder = GraphBuilder(Known(world.lock))
    sources = Sources(project, world, whole, routed, builder, request.draft)
    sources.make()
    if sources.problems:
        return Plan(None, sources.problems)
    soundtrack = Soundtrack(project, world, routed, sources, builder, request.draft)
    deliverables = _Deliverables(project, world, request, sources, soundtrack, builder).all(whole)
    notes = [*sources.notes, *_silence(project, request.draft)]
    return Plan(hiring.settled(builder.finish(deliverables, tuple(notes), routed.pins)))


def route(project: Project, world: World, whole: Cut, draft: bool) -> Routed:
    """Say who makes what of a project."""
    router = Router(world.catalog, world.lock, world.missing, project.replaced, draft)
    seconds = {span.shot.id: span.seconds for span in whole.spans}
    for name, wanted, marks in sorted(wants.wants(project, seconds, draft), key=_by_length):
        router.route(name, wanted, marks)
    return router.finish()


def _by_length(want: wants.Want) -> Fraction:
    """Order what is routed: short things first, so that a long one doesn't choose a dearer model for all."""
    return want[1].seconds or Fraction(0)


def _silence(project: Project, draft: bool) -> list[str]:
    """Say what a draft leaves out of the sound."""
    if not draft or not (project.lines or any(cue.file is None for cue in project.effects)):
        return []
    return ["a draft leaves spoken lines and generated effects out"]


def mistakes(project: Project, world: World, request: Request) -> list[Problem]:
    """Tell what stands in the way of a plan; of a project that is partly read, what is wrong with that part."""
    there = [shot for shot in project.shots if not isinstance(shot.source, Filmed) or shot.source.file in world.own]
    whole, problems = timeline.cut(there, project.fps, world.own)
    if not problems:
        problems += timeline.broken_promises(project, whole)
    problems += route(project, world, whole, request.draft).problems
    for output in chosen_outputs(project, request):
        profile = world.catalog.profiles.get(output.platform)
        if profile is not None:
            problems += limits.broken(output, profile, project, whole)
    return problems


def chosen_outputs(project: Project, request: Request) -> tuple[Output, ...]:
    """Give the outputs that a request asks for; for one shot by itself, the one that shows it."""
    named = tuple(output for output in project.outputs if not request.outputs or output.name in request.outputs)
    return named[:1] if request.only is not None else named


@dataclass
class _Deliverables:
    """The finished files of a request, planned into a builder."""

    project: Project
    world: World
    request: Request
    sources: Sources
    soundtrack: Soundtrack
    builder: GraphBuilder

    def all(self, whole: Cut) -> tuple[Deliverable, ...]:
        """Plan every deliverable of the request."""
        chosen = chosen_outputs(self.project, self.request)
        if self.request.only is None:
            return tuple(self._deliverable(output, whole, True, output.name) for output in chosen)
        span = next(span for span in whole.spans if span.shot.id == self.request.only)
        alone = Cut((Span(span.shot, span.frames, 0, span.rate),), whole.rate)
        return (self._deliverable(chosen[0], alone, False, f"shots/{self.request.only}"),)

    def _deliverable(self, output: Output, whole: Cut, with_music: bool, name: str) -> Deliverable:
        profile = self.world.catalog.profiles[output.platform]
        rate = timeline.output_rate(self.project.fps, output.fps, profile)
        size = output_size(output, self.project, self.world.catalog)
        encoder = DRAFT_ENCODER if self.request.draft else ffargs.Encoder(profile.preset, profile.crf)
        made: list[tuple[Span, Piece, Ref]] = []
        for span, frames in timeline.on_clock(whole, rate):
            for piece in timeline.pieces(frames, rate) if frames else ():
                made.append((span, piece, self._segment(span, piece, output, rate, size, encoder)))
        mix = self.soundtrack.mix(whole, output.name, profile.audio_kbps, with_music)
        frames = sum(piece.frames for _, piece, _ in made)
        inputs = {f"s{index:05d}": ref for index, (_, _, ref) in enumerate(made)}
        joined = ffargs.join_list([(slot, made[i][1].frames) for i, slot in enumerate(inputs)], rate)
        params = {"steps": [joined, ffargs.deliver(rate, "mix")], "frames": frames}
        action = Action("Deliver", params, {**inputs, "mix": mix}, VIDEO, self.world.ffmpeg)
        words = {"shots in order": ", ".join(span.shot.id for span in whole.spans)}
        id = self.builder.add(action, Place(output=output.name), words, Conduct(expected=0.2))
        return Deliverable(
            output.name, None, f"{self.request.folder}/{name}.mp4", Ref(id, "video"),
            frames, rate, size[0], size[1], frames / rate,
            self._poster(output, made, rate) if with_music else None,
        )  # fmt: skip

    def _segment(
        self, span: Span, piece: Piece, output: Output, rate: Fraction, size: tuple[int, int], encoder: ffargs.Encoder
    ) -> Ref:
        shot, source = span.shot, span.shot.source
        reframe = shot.reframe or output.reframe or self.project.reframe or Reframe()
        matrix = self.world.own[source.file].probe.matrix if isinstance(source, Filmed) else "auto"
        frame = framing.Frame(*size, reframe.mode, reframe.focus, matrix)
        if isinstance(source, Card):
            clip: Ref | Digest = self.sources.card(shot, source, size, Place(shot.id, output.name))
            frame = framing.Frame(*size)
        else:
            clip = self.sources.of(shot)
            for candidate in self.sources.candidates(shot):
                self.builder.keep(candidate)
        if isinstance(source, Card) or (isinstance(source, Filmed) and source.is_still):
            step = framing.still_segment("clip", piece.frames, rate, frame, encoder)
        else:
            first = timeline.snapped(source.in_s, self.project.fps) if isinstance(source, Filmed) else Fraction(0)
            spare = self.sources.spare(shot) * -(-rate // self.project.fps)
            late, seeks = self.world.reading(source)
            window = framing.Window(first + piece.first / rate, piece.frames, rate, spare, late, seeks)
            step = framing.segment("clip", window, frame, encoder)
        params = {"steps": [step], "frames": piece.frames}
        action = Action("Segment", params, {"clip": clip}, VIDEO, self.world.ffmpeg)
        words = {
            **({"file": source.file} if isinstance(source, Filmed) else {}),
            **taken_words(shot),
            "length": clock_text(piece.frames / rate),
            "start in the source": clock_text(piece.first / rate),
            "reframe": _reframe_words(frame),
            "picture size": f"{size[0]}x{size[1]}",
            "frame rate": f"{rate_number(rate)}",
            "encoding": f"{encoder.preset}, crf {encoder.crf}",
        }
        cost = float(piece.frames) * size[0] * size[1] * 1.5e-8
        place = Place(shot.id, output.name, piece=piece.index)
        return Ref(self.builder.add(action, place, words, Conduct(expected=cost)), "video")

    def _poster(self, output: Output, made: Sequence[tuple[Span, Piece, Ref]], rate: Fraction) -> Ref:
        """Plan the thumbnail: the moment that the output names, else the middle of the first shot."""
        shot = output.poster.shot if output.poster else made[0][0].shot.id
        own = [(piece, ref) for span, piece, ref in made if span.shot.id == shot]
        last = own[-1][0].first + own[-1][0].frames - 1
        index = last // 2
        if output.poster is not None:
            index = min(half_up(limits.poster_time(output.poster, self.project) * rate), last)
        piece, ref = next((piece, ref) for piece, ref in reversed(own) if piece.first <= index)
        params = {"steps": [framing.poster("piece", index - piece.first)]}
        action = Action("Poster", params, {"piece": ref}, {"picture": "image/jpeg"}, self.world.ffmpeg)
        words = {"poster": f"{shot} at {clock_text(index / rate)}"}
        place = Place(shot, output.name)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.2)), "picture")


def _reframe_words(frame: framing.Frame) -> str:
    if frame.mode != "crop":
        return frame.mode
    return f"crop at {seconds_text(frame.focus[0])}, {seconds_text(frame.focus[1])}"
