"""The planner: a project and what is known of the world, to one graph for all deliverables.

Values in, values out. It decides what is made from what; argv come from the media floor, lengths from the
timeline, models from routing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

from vidbuild.catalog.model import Rung
from vidbuild.media import ffargs, framing, joins
from vidbuild.plan import cards, cuts, fading, finishing, hiring, longest, moves, timeline
from vidbuild.plan.captions import Captions
from vidbuild.plan.cuts import Film, Films
from vidbuild.plan.fading import Fading
from vidbuild.plan.finishing import Finishing
from vidbuild.plan.following import Following
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.known import Known
from vidbuild.plan.layers import Laid, Layers
from vidbuild.plan.lines import Lines
from vidbuild.plan.lipsync import LipSyncs
from vidbuild.plan.mistakes import chosen_outputs, mistakes
from vidbuild.plan.native import NATIVE, Natives, Shown
from vidbuild.plan.overlays import Overlays
from vidbuild.plan.pictures import taken_words
from vidbuild.plan.presenting import Presenters
from vidbuild.plan.routes import route
from vidbuild.plan.routing import Routed
from vidbuild.plan.soundtrack import Beds, Soundtrack, beds_of
from vidbuild.plan.sources import Sources, Uses
from vidbuild.plan.timeline import Cut, Piece, Portion, Span, Stretch
from vidbuild.plan.world import VIDEO, Request, World, output_size
from vidbuild.spec.languages import gathered
from vidbuild.spec.model import Card, Filmed, Output, Project
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, rate_number

__all__ = ["Plan", "mistakes", "plan", "plan_all"]


@dataclass
class Plan:
    """A graph, or the problems that stand in its way.

    Args:
        unheard: the keys of the lines that have to be spoken before lengths and times are known; as long as there
            are any the graph is of guesses, and holds what makes them.
    """

    graph: Graph | None
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    unheard: frozenset[Digest] = frozenset()


def plan(project: Project, world: World, request: Request) -> Plan:
    """Plan a request as one graph."""
    return plan_all((project,), world, request)


def plan_all(projects: Sequence[Project], world: World, request: Request) -> Plan:
    """Plan a request for each language of a project as one graph: what they share is made once."""
    settled = longest.settled(projects, world, request.draft)
    unheard = frozenset(key for one in settled for key in one.unheard)
    problems = gathered(
        {
            str(one.project.language): [*one.problems, *mistakes(one.project, world, request, bool(unheard))]
            for one in settled
        }
    )
    warnings = gathered({str(one.project.language): one.warnings for one in settled})
    if problems:
        return Plan(None, problems, warnings, unheard)
    films = [cuts.films(*each, world, request.draft) for each in zip(projects, settled, strict=True)]
    unheard = unheard.union(*(each.unheard for each in films))
    if problems := [problem for each in films for problem in each.problems]:
        return Plan(None, problems, warnings, unheard)
    builder, pins, uses = GraphBuilder(Known(world.lock)), dict[str, str](), Uses()
    made: list[tuple[Films, Routed, Shown, Natives]] = []
    for one, each in zip(settled, films, strict=True):
        routed = route(one.project, world, each.film.whole, request.draft, pins)
        own = builder.of(one.project.language)
        lines = Lines(world, routed, own, request.draft)
        presenters = Presenters(one.project, world, routed, lines, one.spoken, one.tempos, request.draft)
        whole = each.film.whole
        sources = Sources(
            one.project, world, whole, routed, own, request.draft, one.lengths, uses, presenters=presenters
        )
        sources.gather()
        lipsyncs = LipSyncs(one.project, world, routed, own, lines, one.tempos, request.draft)
        natives = Natives(one.project, world, whole, routed, sources, pins, one.lengths, uses, own, lipsyncs)
        made.append((each, routed, Shown(sources, lipsyncs), natives))
    for _, _, shown, natives in made:
        shown.film.make()
        natives.make()
    wrong = [problem for *_, shown, natives in made for problem in (*shown.film.problems, *natives.problems)]
    if problems := wrong:
        return Plan(None, problems, warnings, unheard)
    beds = [
        bed
        for each in films
        for output in each.film.project.outputs
        for bed in beds_of(each.of(output).project.music, each.of(output).whole)
    ]
    tongues = {one.project.language: one.project for one in settled}
    finished = [_finished(*each, world, request, beds, tongues, builder) for each in made]
    notes = dict.fromkeys(note for _, told in finished for note in told)
    deliverables = tuple(deliverable for found, _ in finished for deliverable in found)
    graph = hiring.settled(builder.finish(deliverables, tuple(notes), pins))
    return Plan(graph, [], warnings, unheard)


def _finished(
    films: Films,
    routed: Routed,
    shown: Shown,
    natives: Natives,
    world: World,
    request: Request,
    beds: Beds,
    tongues: Mapping[str | None, Project],
    builder: GraphBuilder,
) -> tuple[tuple[Deliverable, ...], list[str]]:
    """Plan the deliverables of one language, and say what is to be told."""
    project, whole, sources = films.film.project, films.film.whole, shown.film
    builder = builder.of(project.language)

    def scene(film: Film, shown: Shown, cut: str | None = None) -> _Scene:
        fades = Fading(film.project.fades, film.whole)
        soundtrack = Soundtrack(
            film.project, world, routed, shown, builder, request.draft, film.settled, fades, beds, cut
        )  # fmt: skip
        captions = Captions(film.project, world, film.whole, builder, lambda: soundtrack.captioned(film.whole), tongues)
        overlays = Overlays(film.project, world, film.whole, captions)
        return _Scene(film.whole, soundtrack, overlays, Layers(film.project, world, film.whole), fades, shown)

    film = scene(films.film, shown)
    others = {
        output.name: scene(films.of(output), natives.shown.get(output.name, film.shown), output.name)
        for output in project.outputs
        if output.name in films.others or output.name in natives.shown
    }
    film.soundtrack.speak(films.hung_on)
    deliverables = _Deliverables(project, world, request, sources, film, others, builder).all()
    notes = [*films.film.settled.notes, *films.notes, *sources.notes, *natives.notes, *timeline.doubled(whole)]
    for output in chosen_outputs(project, request):
        notes += [note for note in others.get(output.name, film).notes(output) if note not in notes]
    return deliverables, notes


@dataclass(frozen=True)
class _Scene:
    """A cut with its sound, with what is written and laid over it, and with its fades."""

    whole: Cut
    soundtrack: Soundtrack
    overlays: Overlays
    layers: Layers
    fades: Fading
    shown: Shown

    def notes(self, output: Output) -> list[str]:
        """Say what of it doesn't keep to an output's safe area."""
        return [*self.overlays.notes([output]), *self.layers.notes([output])]


@dataclass(frozen=True)
class _Look:
    """How the pictures of one output are made.

    Args:
        role: which rendition of it they are; `None` for the first.
    """

    output: Output
    rate: Fraction
    size: tuple[int, int]
    encoder: ffargs.Encoder
    overlays: Overlays
    layers: Layers
    fades: Fading
    shown: Shown
    role: str | None = None

    @property
    def words(self) -> dict[str, str]:
        """What the author said of it."""
        return {
            "picture size": f"{self.size[0]}x{self.size[1]}",
            "frame rate": f"{rate_number(self.rate)}",
            "encoding": self.encoder.words,
        }

    def cost(self, frames: int) -> float:
        """Guess the seconds that so many pictures take."""
        return float(frames) * self.size[0] * self.size[1] * 1.5e-8


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
        span = next((span for span in self.film.whole.spans if span.shot.id == self.request.only), None)
        if span is None or not chosen:
            return ()  # another language has it
        alone = Cut((Span(span.shot, span.frames, 0, span.rate),), self.film.whole.rate)
        scene = self.film if chosen[0].shots else self.others.get(chosen[0].name, self.film)
        return (self._deliverable(chosen[0], replace(scene, whole=alone), False, f"shots/{self.request.only}"),)

    def _deliverable(self, output: Output, scene: _Scene, with_music: bool, name: str) -> Deliverable:
        whole, profile = scene.whole, self.world.catalog.profiles[output.platform]
        finish = Finishing(self.project, self.world.ffmpeg, self.builder)
        rate = timeline.output_rate(self.project.fps, output.fps, profile)
        encoder = finishing.encoder(profile, output, self.request.draft)
        form = finishing.form_of(profile, encoder)
        mix = scene.soundtrack.mix(whole, output.name, finishing.loudness(profile, form), with_music)
        folder = "/".join(filter(None, (self.request.folder, self.project.language)))
        path, most = f"{folder}/{name}.{form}", profile.max_mb and profile.max_mb * 1_000_000
        beside = scene.overlays.captions.sidecars(output) if with_music else {}
        is_final = with_music and not self.request.draft
        if is_final and profile.stems:
            beside |= {f"-{stem}.wav": ref for stem, ref in scene.soundtrack.stems(whole, output.name).items()}
        if profile.form is not None:
            ref = finish.sound(output, whole, mix, form)
            variant = self.project.language
            return Deliverable(output.name, variant, path, ref, 0, rate, 0, 0, whole.seconds, None, beside, most)
        size = output_size(output, self.project, self.world.catalog)
        look = _Look(output, rate, size, encoder, scene.overlays, scene.layers, scene.fades, scene.shown)
        made = self._parts(whole, look)
        for rung in profile.ladder if is_final else ():
            small = self._smaller(look, rung)
            ref = finish.video(output, self._parts(whole, small), rate, mix, form, small.role)
            beside |= {f"-{small.role}.{form}": ref}
        for other in profile.also if is_final else ():
            of_other = scene.soundtrack.mix(whole, output.name, finishing.loudness(profile, other), with_music)
            look_of_other = replace(look, encoder=replace(encoder, codec="vp9"), role=other)
            parts = self._parts(whole, look_of_other)
            beside |= {other: finish.video(output, parts, rate, of_other, other, other)}
        if is_final and profile.preview is not None:
            beside |= {profile.preview.form: finish.preview(output, made, rate, profile.preview)}
        frames = sum(part.frames for part in made)
        return Deliverable(
            output.name, self.project.language, path, finish.video(output, made, rate, mix, form, None),
            frames, rate, size[0], size[1], frames / rate,
            finish.poster(output, made, rate, profile.poster) if with_music else None, beside, most,
        )  # fmt: skip

    def _smaller(self, look: _Look, rung: Rung) -> _Look:
        """Give how a smaller rendition is made; its texts are laid out at its own size."""
        output = replace(look.output, lines=rung.lines)
        encoder = replace(look.encoder, crf=rung.crf, maxrate_kbps=rung.maxrate_kbps, bufsize_kbps=None)
        size = output_size(output, self.project, self.world.catalog)
        return replace(look, output=output, size=size, encoder=encoder, role=f"{rung.lines}p")

    def _parts(self, whole: Cut, look: _Look) -> list[finishing.Part]:
        """Plan the pieces and windows of a cut."""
        made: list[finishing.Part] = []
        before: Stretch | None = None
        for stretch in timeline.on_clock(whole, look.rate):
            if stretch.lead:
                made.append(finishing.Part(stretch.span, 0, stretch.lead, self._join(before, stretch, look)))
            for piece in timeline.bodies(stretch, look.rate):
                ref = self._segment(stretch.span, piece, look)
                made.append(finishing.Part(stretch.span, piece.first, piece.frames, ref))
            before = stretch
        return made

    def _segment(self, span: Span, piece: Piece, look: _Look) -> Ref:
        """Plan one piece of a shot."""
        place = Place(span.shot.id, look.output.name, piece=piece.index, role=look.role)
        part = Portion(span, piece.first, piece.frames, look.output, look.rate)
        inputs, view, laid = self._view(part, "clip", look)
        drawing = look.overlays.drawn([part], place)
        view = replace(view, text=drawing.own[0])
        step = framing.segment(view, look.encoder, drawing.over)
        params = {"steps": [*drawing.steps, *framing.turns(view), step], "frames": piece.frames}
        inputs |= drawing.inputs
        action = Action("Segment", params, inputs, VIDEO, self.world.encoder(step))
        words = {
            **_seen_words(span, view, look),
            "length": clock_text(piece.frames / look.rate),
            "start in the source": clock_text(piece.first / look.rate),
            **laid.words,
            **drawing.words,
            **look.words,
        }
        id = self.builder.add(action, place, words, Conduct(expected=look.cost(piece.frames)))
        self.builder.letter(id, drawing.clocks)
        return Ref(id, "video")

    def _join(self, before: Stretch | None, after: Stretch, look: _Look) -> Ref:
        """Plan the window in which a shot comes in, over the end of the one before."""
        transition, frames = after.span.shot.transition, after.lead
        assert transition is not None
        first = before.frames - frames if before is not None else 0
        ending = Portion(before.span, first, frames, look.output, look.rate) if before is not None else None
        beginning = Portion(after.span, 0, frames, look.output, look.rate, first)
        across: Collection[int] = ()
        if ending is not None and not look.fades.seen(after.span, 0, frames, look.rate):
            across = look.layers.across(ending, beginning)
        inputs, view, laid = self._view(beginning, "after", look, across)
        told = laid.words
        place = Place(after.span.shot.id, look.output.name, role=_named("join", look))
        drawing = look.overlays.drawn([ending, beginning] if ending else [beginning], place)
        view = replace(view, text=drawing.own[-1])
        views = [(after.span, view)]
        inputs |= drawing.inputs
        if ending is None:
            step = joins.rise(transition.kind, view, look.encoder, drawing.over)
        else:
            more, other, under = self._view(ending, "before", look, across)
            other = replace(other, text=drawing.own[0])
            views.append((ending.span, other))
            over = look.layers.over(ending, "over", self.sources.pictures.member, only=across)
            inputs |= {**more, **over.inputs}
            told = Laid(told=[*under.told, *laid.told, *over.told]).words
            step = joins.join(transition.kind, other, view, look.encoder, drawing.over, tuple(over.layers))
        turns = framing.turns(*(seen for _, seen in views))
        params = {"steps": [*drawing.steps, *turns, step], "frames": frames}
        action = Action("Join", params, inputs, VIDEO, self.world.encoder(step))
        words = {"transition": transition.kind, "length": clock_text(frames / look.rate), **look.words}
        words |= {**told, **drawing.words}
        words |= {
            f"{key} of `{span.shot.id}`": said
            for span, seen in views
            for key, said in _seen_words(span, seen, look).items()
        }
        conduct = Conduct(expected=look.cost(frames) * 2)
        shots = [stretch.span.shot.id for stretch in (before, after) if stretch is not None]
        for shot in shots:
            place = Place(shot, look.output.name, role=_named(f"into {after.span.shot.id}", look))
            id = self.builder.add(action, place, words, conduct)
        self.builder.letter(id, drawing.above)
        return Ref(id, "video")

    def _view(
        self, part: Portion, slot: str, look: _Look, apart: Collection[int] = ()
    ) -> tuple[dict[str, Ref | Digest], framing.View, Laid]:
        """Give what a part of a shot is made from, and how.

        Args:
            apart: layers that are left out.
        """
        span, shot, source = part.span, part.span.shot, part.span.shot.source
        reframe = moves.reframe_of(shot, look.output, self.project)
        mode = "crop" if reframe.mode == NATIVE else reframe.mode
        frame = framing.Frame(*look.size, mode, reframe.focus)
        if isinstance(source, Filmed) and not look.shown.is_joined(shot):
            probe = self.world.own[source.file].probe
            frame = replace(frame, matrix=probe.matrix, unlike=probe.unlike)
        if isinstance(source, Card):
            areas = cards.areas(look.output, self.project, self.world)
            place = Place(shot.id, look.output.name, role=look.role)
            clip: Ref | Digest = self.sources.pictures.card(shot, source, *areas, place)
            frame = framing.Frame(*look.size)
        else:
            clip = look.shown.of(shot)
            for candidate in look.shown.candidates(shot):
                self.builder.keep(candidate)
        is_still = isinstance(source, Card) or (isinstance(source, Filmed) and source.is_still)
        window, *more = look.shown.windows(span, part.first, part.frames, part.rate)
        fades = look.fades.seen(span, part.first, part.frames, part.rate)
        view = framing.View(slot, window, frame, is_still, fades, more=tuple(more))
        view, followed = Following(self.project, self.world, self.builder).moved(view, clip, span, part.first, reframe)
        names = "layer" if slot == "clip" else f"{slot}_layer"
        laid = look.layers.over(part, names, self.sources.pictures.member, apart)
        view = replace(view, marks=tuple(laid.marks), layers=tuple(laid.layers))
        return {slot: clip, **followed, **laid.inputs}, view, laid


def _seen_words(span: Span, view: framing.View, look: _Look) -> dict[str, str]:
    """Say how a shot is seen."""
    source, pace = span.shot.source, look.shown.pace(span)
    return {
        **({"file": source.file} if isinstance(source, Filmed) else {}),
        **taken_words(span.shot),
        "reframe": moves.reframe_words(view),
        **fading.words(view.fades, look.rate),
        **moves.words(span),
        **(pace.words if pace else {}),
    }


def _named(role: str, look: _Look) -> str:
    return role if look.role is None else f"{role}, {look.role}"
