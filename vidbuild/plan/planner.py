"""The planner: a project and what is known of the world, to one graph for all deliverables.

Values in, values out. It decides what is made from what; argv come from the media floor, lengths from the
timeline, models from routing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from vidbuild.catalog.model import Profile
from vidbuild.media import ffargs, framing, joins, sound
from vidbuild.media.windows import Window
from vidbuild.plan import cards, cuts, fading, hiring, limits, moves, pacing, speaking, timeline, wants
from vidbuild.plan.captions import Captions
from vidbuild.plan.cuts import Film
from vidbuild.plan.fading import Fading
from vidbuild.plan.following import Following
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.known import Known
from vidbuild.plan.layers import Laid, Layers, Portion
from vidbuild.plan.overlays import Drawing, Overlays, Part
from vidbuild.plan.routing import Routed, Router
from vidbuild.plan.soundtrack import Soundtrack, beds_of
from vidbuild.plan.sources import Sources, taken_words
from vidbuild.plan.timeline import Cut, Piece, Span, Stretch
from vidbuild.plan.world import VIDEO, Request, World, output_size
from vidbuild.spec.model import Card, Filmed, FrameOf, Output, Project, Prompted, Reframe
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, half_up, rate_number

DRAFT_ENCODER = ffargs.Encoder("ultrafast", 23)


@dataclass
class Plan:
    """A graph, or the problems that stand in its way.

    Args:
        unheard: the keys of the lines that have to be spoken before lengths and times are known; as long as there
            are any the graph is of guesses, and holds what makes them.
    """

    graph: Graph | None
    problems: list[Problem] = field(default_factory=list)
    unheard: frozenset[Digest] = frozenset()


def plan(project: Project, world: World, request: Request) -> Plan:
    """Plan a request as one graph."""
    settled = speaking.settled(project, world, request.draft)
    problems = [*settled.problems, *mistakes(settled.project, world, request, bool(settled.unheard))]
    if problems:
        return Plan(None, problems, settled.unheard)
    films = cuts.films(project, settled, world, request.draft)
    if films.problems:
        return Plan(None, list(films.problems), films.unheard)
    project, whole = settled.project, films.film.whole
    routed = route(project, world, whole, request.draft)
    builder = GraphBuilder(Known(world.lock))
    sources = Sources(project, world, whole, routed, builder, request.draft, settled.lengths)
    sources.make()
    if sources.problems:
        return Plan(None, sources.problems)
    beds = [
        bed for output in project.outputs for bed in beds_of(films.of(output).project.music, films.of(output).whole)
    ]

    def scene(film: Film) -> _Scene:
        fades = Fading(film.project.fades, film.whole)
        soundtrack = Soundtrack(film.project, world, routed, sources, builder, request.draft, film.settled, fades, beds)
        captions = Captions(film.project, world, film.whole, builder, lambda: soundtrack.captioned(film.whole))
        overlays = Overlays(film.project, world, film.whole, captions)
        return _Scene(film.whole, soundtrack, overlays, Layers(film.project, world, film.whole), fades)

    film, others = scene(films.film), {name: scene(other) for name, other in films.others.items()}
    film.soundtrack.speak(films.hung_on)
    deliverables = _Deliverables(project, world, request, sources, film, others, builder).all()
    notes = [*settled.notes, *films.notes, *sources.notes, *_doubled(whole)]
    for output in chosen_outputs(project, request):
        notes += [note for note in others.get(output.name, film).notes(output) if note not in notes]
    graph = hiring.settled(builder.finish(deliverables, tuple(notes), routed.pins))
    return Plan(graph, unheard=films.unheard)


def route(project: Project, world: World, whole: Cut, draft: bool) -> Routed:
    """Say who makes what of a project."""
    router = Router(world.catalog, world.lock, world.missing, project.replaced, draft)
    seconds = {span.shot.id: pacing.needed(span) for span in whole.spans}
    for name, wanted, marks in sorted(wants.wants(project, seconds, draft), key=_by_length):
        router.route(name, wanted, marks)
    return router.finish()


def _doubled(whole: Cut) -> list[str]:
    """Tell transitions that blend a shot with what it continues: the same picture twice, a little apart."""
    found = []
    for before, after in pairwise(whole.spans):
        init = after.shot.source.init if isinstance(after.shot.source, Prompted) else None
        if after.lead and isinstance(init, FrameOf) and init.last and init.shot == before.shot.id:
            found.append(
                f"`{after.shot.id}` continues `{before.shot.id}`: a cut between them can't be seen, a transition can"
            )
    return found


def _by_length(want: wants.Want) -> Fraction:
    """Order what is routed: short things first, so that a long one doesn't choose a dearer model for all."""
    return want[1].seconds or Fraction(0)


def mistakes(project: Project, world: World, request: Request, is_guessed: bool = False) -> list[Problem]:
    """Tell what stands in the way of a plan; of a project that is partly read, what is wrong with that part."""
    there = [shot for shot in project.shots if not isinstance(shot.source, Filmed) or shot.source.file in world.own]
    whole, problems = timeline.cut(there, project.fps, world.own)
    is_guessed = is_guessed or any(shot.pad_s is not None or shot.at is not None for shot in there)
    if not problems and not is_guessed:
        problems += [*timeline.broken_promises(project, whole), *moves.problems(whole)]
        problems += Fading(project.fades, whole).problems()
    problems += route(project, world, whole, request.draft).problems
    chosen = chosen_outputs(project, request)
    own = {output.name: cuts.mistakes(output, project, world, problems) for output in chosen if output.shots}
    for output in chosen:
        problems += own[output.name][1] if output.shots else ()
        profile = world.catalog.profiles.get(output.platform)
        if profile is not None and not is_guessed:
            problems += limits.broken(output, profile, project, own[output.name][0] if output.shots else whole)
    is_whole = len(there) == len(project.shots) and not speaking.has_times(project)
    if world.typefaces and not problems and not is_guessed and is_whole:
        captions = Captions(project, world, whole, GraphBuilder(Known(world.lock)), tuple)
        problems += Overlays(project, world, whole, captions).problems(chosen)
        problems += cards.problems(project, world, chosen)
    if not problems and not is_guessed and is_whole:
        problems += Layers(project, world, whole).problems()
    return problems


def chosen_outputs(project: Project, request: Request) -> tuple[Output, ...]:
    """Give the outputs that a request asks for; for one shot by itself, the one that shows it."""
    named = tuple(output for output in project.outputs if not request.outputs or output.name in request.outputs)
    return named[:1] if request.only is not None else named


@dataclass(frozen=True)
class _Scene:
    """A cut with its sound, with what is written and laid over it, and with its fades."""

    whole: Cut
    soundtrack: Soundtrack
    overlays: Overlays
    layers: Layers
    fades: Fading

    def notes(self, output: Output) -> list[str]:
        """Say what of it doesn't keep to an output's safe area."""
        return [*self.overlays.notes([output]), *self.layers.notes([output])]


@dataclass(frozen=True)
class _Look:
    """How the pictures of one output are made."""

    output: Output
    rate: Fraction
    size: tuple[int, int]
    encoder: ffargs.Encoder
    overlays: Overlays
    layers: Layers
    fades: Fading

    @property
    def words(self) -> dict[str, str]:
        """What the author said of it."""
        return {
            "picture size": f"{self.size[0]}x{self.size[1]}",
            "frame rate": f"{rate_number(self.rate)}",
            "encoding": f"{self.encoder.preset}, crf {self.encoder.crf}",
        }

    def cost(self, frames: int) -> float:
        """Guess the seconds that so many pictures take."""
        return float(frames) * self.size[0] * self.size[1] * 1.5e-8


@dataclass(frozen=True)
class _Part:
    """A part of a deliverable, encoded by itself: `frames` from frame `first` of a shot on."""

    span: Span
    first: int
    frames: int
    ref: Ref


@dataclass
class _Deliverables:
    """The finished files of a request, planned into a builder."""

    project: Project
    world: World
    request: Request
    sources: Sources
    film: _Scene
    others: Mapping[str, _Scene]
    builder: GraphBuilder

    def all(self) -> tuple[Deliverable, ...]:
        """Plan every deliverable of the request."""
        chosen = chosen_outputs(self.project, self.request)
        if self.request.only is None:
            scenes = ((output, self.others.get(output.name, self.film)) for output in chosen)
            return tuple(self._deliverable(output, scene, True, output.name) for output, scene in scenes)
        span = next(span for span in self.film.whole.spans if span.shot.id == self.request.only)
        alone = Cut((Span(span.shot, span.frames, 0, span.rate),), self.film.whole.rate)
        return (self._deliverable(chosen[0], replace(self.film, whole=alone), False, f"shots/{self.request.only}"),)

    def _deliverable(self, output: Output, scene: _Scene, with_music: bool, name: str) -> Deliverable:
        whole = scene.whole
        profile = self.world.catalog.profiles[output.platform]
        rate = timeline.output_rate(self.project.fps, output.fps, profile)
        size = output_size(output, self.project, self.world.catalog)
        encoder = DRAFT_ENCODER if self.request.draft else ffargs.Encoder(profile.preset, profile.crf)
        look = _Look(output, rate, size, encoder, scene.overlays, scene.layers, scene.fades)
        made: list[_Part] = []
        before: Stretch | None = None
        for stretch in timeline.on_clock(whole, rate):
            if stretch.lead:
                made.append(_Part(stretch.span, 0, stretch.lead, self._join(before, stretch, look)))
            for piece in timeline.bodies(stretch, rate):
                made.append(_Part(stretch.span, piece.first, piece.frames, self._segment(stretch.span, piece, look)))
            before = stretch
        mix = scene.soundtrack.mix(whole, output.name, _loudness(profile), with_music)
        frames = sum(part.frames for part in made)
        inputs = {f"s{index:05d}": part.ref for index, part in enumerate(made)}
        joined = ffargs.join_list([(slot, part.frames) for slot, part in zip(inputs, made, strict=True)], rate)
        params = {"steps": [joined, ffargs.deliver(rate, "mix")], "frames": frames}
        action = Action("Deliver", params, {**inputs, "mix": mix}, VIDEO, self.world.ffmpeg)
        words = {"shots in order": ", ".join(span.shot.id for span in whole.spans)}
        id = self.builder.add(action, Place(output=output.name), words, Conduct(expected=0.2))
        return Deliverable(
            output.name, None, f"{self.request.folder}/{name}.mp4", Ref(id, "video"),
            frames, rate, size[0], size[1], frames / rate,
            self._poster(output, made, rate) if with_music else None,
            scene.overlays.captions.sidecars(output) if with_music else {},
        )  # fmt: skip

    def _segment(self, span: Span, piece: Piece, look: _Look) -> Ref:
        """Plan one piece of a shot."""
        place = Place(span.shot.id, look.output.name, piece=piece.index)
        inputs, view, laid = self._view(span, piece.first, piece.frames, "clip", look)
        drawing = look.overlays.drawn([Part(span, piece.first, piece.frames)], look.output, look.rate, place)
        drawn = drawing.drawn if drawing else None
        step = framing.segment(view, look.encoder, drawn)
        params = {"steps": _with_text(drawing, step), "frames": piece.frames}
        inputs |= drawing.inputs if drawing else {}
        action = Action("Segment", params, inputs, VIDEO, self.world.encoder(step))
        source = span.shot.source
        words = {
            **({"file": source.file} if isinstance(source, Filmed) else {}),
            **taken_words(span.shot),
            "length": clock_text(piece.frames / look.rate),
            "start in the source": clock_text(piece.first / look.rate),
            "reframe": moves.reframe_words(view),
            **laid.words,
            **fading.words(view.fades, look.rate),
            **moves.words(span),
            **(pace.words if (pace := self.sources.pace(span)) else {}),
            **(drawing.words if drawing else {}),
            **look.words,
        }
        conduct = Conduct(expected=look.cost(piece.frames))
        return Ref(self.builder.add(action, place, words, conduct), "video")

    def _join(self, before: Stretch | None, after: Stretch, look: _Look) -> Ref:
        """Plan the window in which a shot comes in, over the end of the one before."""
        transition, frames = after.span.shot.transition, after.lead
        assert transition is not None
        first = before.frames - frames if before is not None else 0
        ending = self._part(before.span, first, frames, look) if before is not None else None
        beginning = self._part(after.span, 0, frames, look)
        across: Collection[int] = ()
        if ending is not None and not look.fades.seen(after.span, 0, frames, look.rate):
            across = look.layers.across(ending, beginning)
        inputs, view, laid = self._view(after.span, 0, frames, "after", look, across)
        told = laid.words
        parts = [Part(after.span, 0, frames)]
        if before is not None:  # on the clock of the shot that ends
            parts = [Part(before.span, first, frames), Part(after.span, 0, frames, first)]
        drawing = look.overlays.drawn(
            parts, look.output, look.rate, Place(after.span.shot.id, look.output.name, role="join")
        )
        drawn = drawing.drawn if drawing else None
        inputs |= drawing.inputs if drawing else {}
        if ending is None:
            step = joins.rise(transition.kind, view, look.encoder, drawn)
        else:
            more, other, under = self._view(ending.span, first, frames, "before", look, across)
            over = look.layers.over(ending, "over", self.sources.member, only=across)
            inputs |= {**more, **over.inputs}
            told = Laid(told=[*under.told, *laid.told, *over.told]).words
            step = joins.join(transition.kind, other, view, look.encoder, drawn, tuple(over.layers))
        params = {"steps": _with_text(drawing, step), "frames": frames}
        action = Action("Join", params, inputs, VIDEO, self.world.encoder(step))
        words = {"transition": transition.kind, "length": clock_text(frames / look.rate), **look.words}
        words |= {**told, **(drawing.words if drawing else {})}
        conduct = Conduct(expected=look.cost(frames) * 2)
        shots = [stretch.span.shot.id for stretch in (before, after) if stretch is not None]
        for shot in shots:
            place = Place(shot, look.output.name, role=f"into {after.span.shot.id}")
            id = self.builder.add(action, place, words, conduct)
        return Ref(id, "video")

    def _part(self, span: Span, first: int, frames: int, look: _Look) -> Portion:
        return Portion(span, first, frames, look.output, look.rate)

    def _view(
        self, span: Span, first: int, frames: int, slot: str, look: _Look, apart: Collection[int] = ()
    ) -> tuple[dict[str, Ref | Digest], framing.View, Laid]:
        """Give what a part of a shot is made from, and how: `frames` from its own frame `first` on.

        Args:
            apart: layers that are left out.
        """
        shot, source, rate = span.shot, span.shot.source, look.rate
        reframe = shot.reframe or look.output.reframe or self.project.reframe or Reframe()
        matrix = self.world.own[source.file].probe.matrix if isinstance(source, Filmed) else "auto"
        frame = framing.Frame(*look.size, reframe.mode, reframe.focus, matrix)
        if isinstance(source, Card):
            clip: Ref | Digest = self.sources.card(
                shot, source, *cards.areas(look.output, self.project, self.world), Place(shot.id, look.output.name)
            )
            frame = framing.Frame(*look.size)
        else:
            clip = self.sources.of(shot)
            for candidate in self.sources.candidates(shot):
                self.builder.keep(candidate)
        is_still = isinstance(source, Card) or (isinstance(source, Filmed) and source.is_still)
        start = timeline.snapped(source.in_s, self.project.fps) if isinstance(source, Filmed) else Fraction(0)
        spare = self.sources.spare(shot) * -(-rate // self.project.fps)
        late, seeks = self.world.reading(source)
        window = Window(start + first / rate, frames, rate, spare, late, seeks)
        pace, more = self.sources.pace(span), list[Window]()
        if pace is not None:
            window, *more = pace.windows(first, frames, rate, window)
        fades = look.fades.seen(span, first, frames, rate)
        view = framing.View(slot, window, frame, is_still, fades, more=tuple(more))
        view, followed = Following(self.project, self.world, self.builder).moved(view, clip, span, first, reframe)
        names = "layer" if slot == "clip" else f"{slot}_layer"
        laid = look.layers.over(self._part(span, first, frames, look), names, self.sources.member, apart)
        view = replace(view, marks=tuple(laid.marks), layers=tuple(laid.layers))
        return {slot: clip, **followed, **laid.inputs}, view, laid

    def _poster(self, output: Output, made: Sequence[_Part], rate: Fraction) -> Ref:
        """Plan the thumbnail: the moment that the output names, else the middle of the first shot.

        A picture that a transition blends is none: the nearest one of the shot alone is taken.
        """
        shot = output.poster.shot if output.poster else made[0].span.shot.id
        own = [part for part in made if part.span.shot.id == shot]
        own = own[1:] if len(own) > 1 and own[0].span.lead else own
        last = own[-1].first + own[-1].frames - 1
        index = last // 2
        if output.poster is not None:
            index = min(half_up(limits.poster_time(output.poster, self.project) * rate), last)
        index = max(index, own[0].first)
        piece, ref = next((part, part.ref) for part in reversed(own) if part.first <= index)
        params = {"steps": [framing.poster("piece", index - piece.first)]}
        action = Action("Poster", params, {"piece": ref}, {"picture": "image/jpeg"}, self.world.ffmpeg)
        words = {"poster": f"{shot} at {clock_text(index / rate)}"}
        place = Place(shot, output.name)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.2)), "picture")


def _with_text(drawing: Drawing | None, step: ffargs.Step) -> list[ffargs.Step]:
    """Put what is drawn in front of the step that draws it."""
    return [*(drawing.steps if drawing else ()), step]


def _loudness(profile: Profile) -> sound.Loudness:
    return sound.Loudness(profile.audio_kbps, profile.lufs, profile.peak_db)
