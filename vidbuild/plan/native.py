"""Shots that are generated again in an output's own aspect: other asks, with takes and a price of their own.

What such a shot starts from is made in that aspect too: another native shot, or a still. Cast members' pictures, own
files and cards are those of the film. It knows which shots those are, in which outputs; `Sources` plans them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import gcd

from vidbuild.media.windows import Window
from vidbuild.plan import hiring, moves, pacing, wants
from vidbuild.plan.asks import aspect_text
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.lipsync import LipSyncs
from vidbuild.plan.pacing import Pace
from vidbuild.plan.routes import route
from vidbuild.plan.routing import Routed
from vidbuild.plan.sources import Sources, Uses
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import World, output_size
from vidbuild.spec.model import (
    Card,
    Filmed,
    FrameOf,
    MomentOf,
    Output,
    Project,
    Prompted,
    Shot,
    pictures_of,
)
from vidbuild.words.action import Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem

NATIVE = "native"
Aspect = tuple[int, int]


@dataclass(frozen=True)
class Shown:
    """What the shots of an output are cut from: native takes for some of them, the film's sources for the others."""

    film: Sources
    lipsyncs: LipSyncs
    own: Mapping[str, tuple[Sources, Shot]] = field(default_factory=dict)

    def take(self, shot: Shot) -> Ref | Digest:
        """Give the take or the file that a shot is made from; a card has none."""
        sources, shot = self._for(shot)
        return sources.of(shot)

    def of(self, shot: Shot) -> Ref | Digest:
        """Give what a shot's picture is cut from: its take or file, joined with what is said where it is to be."""
        if not self.lipsyncs.joins(shot):
            return self.take(shot)
        sources, asked = self._for(shot)
        seconds = sources.length(asked)
        assert seconds is not None, "BUG: lips of a still are joined"
        role = f"native {aspect_text(sources.aspect)}" if self.is_native(shot) else None
        return self.lipsyncs.of(asked, sources.of(asked), seconds, role)

    def is_joined(self, shot: Shot) -> bool:
        """Whether what is seen of a shot is joined with what is said in it."""
        return self.lipsyncs.joins(shot)

    def is_native(self, shot: Shot) -> bool:
        """Whether a shot is generated in this output's aspect."""
        return shot.id in self.own

    def candidates(self, shot: Shot) -> tuple[Digest, ...]:
        """Name the takes of a shot that are made beside the one that is shown."""
        sources, shot = self._for(shot)
        return sources.candidates(shot)

    def makes_sound(self, shot: Shot) -> str:
        """Say whether what made a shot's take makes sound: `never`, `asked`, `always`."""
        sources, shot = self._for(shot)
        model = sources.maker(shot)
        return model.accepts.sound if model else "never"

    def windows(self, span: Span, first: int, frames: int, rate: Fraction) -> tuple[Window, ...]:
        """Give what `frames` pictures at a rate, from a shot's own picture `first` on, show of its source."""
        sources, shot = self._for(span.shot)
        found = sources.windows(replace(span, shot=replace(span.shot, take=shot.take)), first, frames, rate)
        return tuple(self.lipsyncs.window(shot, each) for each in found) if self.is_joined(shot) else found

    def pace(self, span: Span) -> Pace | None:
        """Say how a shot runs through its source; `None` for a picture that stands still."""
        sources, shot = self._for(span.shot)
        return sources.pace(replace(span, shot=replace(span.shot, take=shot.take)))

    def _for(self, shot: Shot) -> tuple[Sources, Shot]:
        return self.own.get(shot.id, (self.film, shot))


class Natives:
    """The native takes of a project: those of one aspect are the same, whichever output shows them."""

    def __init__(
        self,
        project: Project,
        world: World,
        whole: Cut,
        routed: Routed,
        film: Sources,
        pins: dict[str, str],
        guessed: Mapping[str, tuple[Fraction, Fraction, Fraction]],
        uses: Uses,
        builder: GraphBuilder,
        lipsyncs: LipSyncs,
    ):
        self._film = film
        self._made: dict[Aspect, Sources] = {}
        for aspect, (part, cut) in _parts(project, world, whole).items():
            own = _routed(part, world, cut, film.draft, pins)
            both = Routed({**routed.models, **own.models}, pins, {**routed.told, **own.told})
            self._made[aspect] = Sources(part, world, cut, both, builder, film.draft, guessed, uses, film)
            self._made[aspect].gather()
        self.shown: dict[str, Shown] = {}
        for output in project.outputs:
            ids = shots_of(output, project, world)
            if ids:
                sources = self._made[aspect_of(output, project, world)]
                shots = {shot.id: (sources, _native(shot)) for shot in project.shots if shot.id in ids}
                self.shown[output.name] = Shown(film, lipsyncs, shots)

    def make(self) -> None:
        """Make them, once all uses are gathered."""
        for sources in self._made.values():
            sources.make()

    @property
    def notes(self) -> list[str]:
        """What is to be told of them that isn't told of the film."""
        return [note for sources in self._made.values() for note in sources.notes if note not in self._film.notes]

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with them that isn't wrong with the film."""
        told = self._film.problems
        return [problem for sources in self._made.values() for problem in sources.problems if problem not in told]


def aspect_of(output: Output, project: Project, world: World) -> Aspect:
    """Give the aspect of an output in lowest terms."""
    width, height = output_size(output, project, world.catalog)
    both = gcd(width, height)
    return width // both, height // both


def shots_of(output: Output, project: Project, world: World) -> tuple[str, ...]:
    """Name the shots that an output shows natively: generated ones, where its aspect isn't the film's."""
    if output.platform not in world.catalog.profiles:  # a mistake that is told
        return ()
    if aspect_of(output, project, world) == project.aspect:
        return ()
    return tuple(
        shot.id
        for shot in project.shots
        if isinstance(shot.source, Prompted) and moves.reframe_of(shot, output, project).mode == NATIVE
    )


def problems(project: Project, world: World, whole: Cut, routed: Routed, draft: bool) -> list[Problem]:
    """Tell native shots that continue what isn't native, and those that nobody can make in their aspect."""
    found: list[Problem] = []
    for output in project.outputs:
        ids = shots_of(output, project, world)
        for shot in project.shots:
            if shot.id in ids:
                found += _broken_chain(shot, ids, output, project, world, whole, routed)
    if found:
        return found
    for part, cut in _parts(project, world, whole).values():
        found += [each for each in _routed(part, world, cut, draft).problems if each not in routed.problems]
    return found


def _parts(project: Project, world: World, whole: Cut) -> dict[Aspect, tuple[Project, Cut]]:
    """Give, for every aspect that shots are made in again, the project of those shots and of what they start from."""
    wanted: dict[Aspect, dict[str, None]] = {}
    for output in project.outputs:
        native = dict.fromkeys(shots_of(output, project, world))
        if native:
            wanted.setdefault(aspect_of(output, project, world), {}).update(native)
    found = {}
    for aspect, ids in wanted.items():
        needed = ids | {
            picture.shot: None
            for shot in project.shots
            if shot.id in ids
            for _, picture in pictures_of(shot)
            if isinstance(picture, FrameOf | MomentOf)
        }
        shots = tuple(_native(shot) for shot in project.shots if shot.id in needed)
        there = {shot.id: shot for shot in shots}
        spans = tuple(replace(span, shot=there[span.shot.id]) for span in whole.spans if span.shot.id in needed)
        part = replace(project, aspect=aspect, shots=shots, layers=(), lines=(), music=(), effects=())
        found[aspect] = (part, Cut(spans, whole.rate))
    return found


def _native(shot: Shot) -> Shot:
    """Give a shot as it is asked for natively: an attempt that is kept by its id was made in the film's aspect."""
    return replace(shot, take=None) if isinstance(shot.take, str) else shot


def _routed(part: Project, world: World, cut: Cut, draft: bool, pins: dict[str, str] | None = None) -> Routed:
    """Say who makes native takes, and the stills that they start from; members' pictures are the film's."""
    members = {wants.still_name(still) for still in wants.stills(part, draft) if still.label in part.cast}
    return route(replace(part, judge=None), world, cut, draft, pins, members)


def _broken_chain(
    shot: Shot, ids: tuple[str, ...], output: Output, project: Project, world: World, whole: Cut, routed: Routed
) -> list[Problem]:
    """Tell what a native shot starts from that is neither native in its output nor a still."""
    by_id = {each.id: each for each in project.shots}
    found = []
    for key, picture in pictures_of(shot):
        if not isinstance(picture, FrameOf | MomentOf) or picture.shot in ids or picture.shot not in by_id:
            continue
        if _is_still(by_id[picture.shot]):
            continue
        chain, films = _chain(picture.shot, ids, by_id)
        named = ", ".join(f"`{id}`" for id in chain)
        facts = [f"{named} would have to be native there too: {_cost(chain, project, world, whole, routed)}"]
        facts = facts if chain else []
        facts += [f"`{id}` is own footage, which is never native: start from a still of it" for id in films]
        sentence = f"`{shot.id}` is native in `{output.name}`, and starts from `{picture.shot}`, which isn't"
        hint = f"give {named} `reframe: native` too, or crop `{shot.id}`" if chain else f"crop `{shot.id}`"
        found.append(Problem(shot.marks.get(key) or shot.marks.get(""), sentence, tuple(facts), hint))
    return found


def _is_still(shot: Shot) -> bool:
    return isinstance(shot.source, Card) or (isinstance(shot.source, Filmed) and shot.source.is_still)


def _chain(id: str, ids: tuple[str, ...], by_id: Mapping[str, Shot]) -> tuple[list[str], list[str]]:
    """Follow what a shot starts from: generated shots that aren't native yet, and own footage at its end."""
    chain: dict[str, None] = {}
    films: dict[str, None] = {}
    waiting = [id]
    while waiting:
        shot = by_id[waiting.pop()]
        if shot.id in chain or shot.id in ids or _is_still(shot):
            continue
        if not isinstance(shot.source, Prompted):
            films[shot.id] = None
            continue
        chain[shot.id] = None
        pictures = [picture for _, picture in pictures_of(shot) if isinstance(picture, FrameOf | MomentOf)]
        waiting += [picture.shot for picture in pictures if picture.shot in by_id]
    return list(chain), list(films)


def _cost(chain: list[str], project: Project, world: World, whole: Cut, routed: Routed) -> str:
    """Say what it costs to make shots once more, one attempt each, by the list."""
    spans = {span.shot.id: span for span in whole.spans}
    total = Fraction(0)
    for id in chain:
        shot, models = spans[id].shot, routed.models.get(wants.shot_name(id))
        assert isinstance(shot.source, Prompted)
        if not models:
            return "at a price that isn't known"
        if models[0].is_local:
            continue
        seconds = pacing.needed(spans[id])
        given = len(wants.references(project, shot.source.references))
        wanted = wants.footage(shot, shot.source, aspect_text(project.aspect), seconds, given)
        usd = hiring.hire(models[0], wanted, seconds, world.missing).list_usd
        if usd is None:
            return "at a price that isn't known"
        total += usd
    return f"about {float(total):.2f} USD" if total else "for nothing"
