"""Pictures that are made as PNG: cards, cast members, generated stills, and frames taken out of own files and shots.

What footage is, and which of it a shot shows, it is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Protocol

from vidbuild.media import cards as media_cards
from vidbuild.media import framing
from vidbuild.media.text import Area
from vidbuild.media.windows import Window
from vidbuild.plan import asks, cards, hiring, pacing, timeline, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.pacing import Pace
from vidbuild.plan.routing import Routed
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import PICTURE, World, master_size
from vidbuild.spec.model import (
    Card,
    CastPicture,
    FilePicture,
    Filmed,
    FrameOf,
    MomentOf,
    Picture,
    Project,
    Shot,
    Still,
    pictures_of,
)
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.locked import FONT_SLOT
from vidbuild.words.rationaltime import clock_text, seconds_text


class Footage(Protocol):
    """What shots are cut from."""

    def of(self, shot: Shot) -> Ref | Digest:
        """Give the take or the file."""

    def length(self, shot: Shot) -> Fraction | None:
        """Say how long it is; `None` for what stands still."""

    def pace(self, span: Span) -> Pace | None:
        """Say how a shot runs through it."""

    def windows(self, span: Span, first: int, frames: int, rate: Fraction) -> tuple[Window, ...]:
        """Give what a part of a shot shows of it."""

    def at(self, shot: Shot, start: Fraction, rate: Fraction) -> Window:
        """Give the picture of it at a time."""


class Pictures:
    """The pictures of a project, planned into a builder; each member's once."""

    def __init__(
        self,
        project: Project,
        world: World,
        whole: Cut,
        routed: Routed,
        builder: GraphBuilder,
        draft: bool,
        footage: Footage,
        film: Pictures | None = None,
    ):
        """Begin with none.

        Args:
            film: the pictures of the film, where shots are made once more in another aspect: members' are its.
        """
        self._film = film
        self._draft = draft
        self._project = project
        self._world = world
        self._routed = routed
        self._builder = builder
        self._footage = footage
        self._aspect = asks.aspect_text(project.aspect)
        self._spans = {span.shot.id: span for span in whole.spans}
        self._members: dict[tuple[str, int], Ref] = {}

    def problems(self, shot: Shot) -> list[Problem]:
        """Tell a `SHOT@t` that lies behind the end of what it is taken from."""
        found = []
        for key, picture in pictures_of(shot):
            if not isinstance(picture, MomentOf):
                continue
            length = self._footage.length(self._spans[picture.shot].shot)
            if length is not None and picture.seconds >= length:
                sentence = (
                    f"`{picture_words(picture)}` lies behind the end of that take, which is {clock_text(length)} long"
                )
                found.append(Problem(shot.marks.get(key) or shot.marks.get(""), sentence))
        return found

    def of(self, picture: Picture, shot: str, role: str) -> Ref:
        """Plan the PNG that a generation starts from or is held to."""
        words = {"picture": picture_words(picture)}
        label = f"shot {shot}"
        if isinstance(picture, CastPicture):
            return self.member(picture.member, 0)
        if isinstance(picture, FilePicture):
            own = self._world.own[picture.path]
            return self._frame(own.digest, None, own.probe.matrix, Place(shot, role=role), words, label)
        if isinstance(picture, Still):
            place = Place(shot, role=role)
            return self._frame(self._still(picture, label, place), None, "auto", place, words, label)
        place = Place(picture.shot, role=picture_words(picture).removeprefix(picture.shot))
        other = self._spans[picture.shot].shot
        label = f"shot {picture.shot}"
        if isinstance(other.source, Card):
            size = master_size(self._project)
            return self.card(other, other.source, size, cards.whole(size), place)
        matrix, light, still = "auto", "", False
        if isinstance(other.source, Filmed):
            probe = self._world.own[other.source.file].probe
            matrix, light, still = probe.matrix, probe.light, other.source.is_still
        words |= taken_words(other)
        span, rate = self._spans[other.id], self._project.fps
        if isinstance(picture, FrameOf):
            (window,) = self._footage.windows(span, span.frames - 1 if picture.last else 0, 1, rate)
            words |= pace.words if (pace := self._footage.pace(span)) else {}
        else:
            window = self._footage.at(other, self.moment(picture), rate)
        return self._frame(self._footage.of(other), None if still else window, matrix, place, words, label, light)

    def member(self, name: str, place: int = 0) -> Ref:
        """Plan one of a cast member's pictures as models get it; each is planned once."""
        if self._film is not None:
            return self._film.member(name, place)
        if (name, place) not in self._members:
            self._members[name, place] = self._pictured(name, place)
        return self._members[name, place]

    def _pictured(self, member: str, number: int) -> Ref:
        image, label = self._project.cast[member].images[number], f"cast {member}"
        place = Place(role=f"{label}, picture {number + 1}" if number else label)
        if isinstance(image, FilePicture):
            own = self._world.own[image.path]
            return self._frame(own.digest, None, own.probe.matrix, place, {"picture": image.path}, label)
        if isinstance(image, Still):
            still = self._still(image, label, place)
            return self._frame(still, None, "auto", place, {"picture": image.prompt}, label)
        return self.of(image, member, label)

    def _still(self, still: Still, label: str, place: Place) -> Ref:
        """Plan a generated still."""
        name = wants.still_name(still)
        models = self._routed.models[name]
        size = master_size(self._project) if models[0].is_local else None
        ask = asks.still(still, self._project.aspect, size)
        inputs: dict[str, Ref | Digest] = {}
        given = wants.references(self._project, still.cast) if size is None else ()
        for number, (member, which) in enumerate(given):
            inputs[f"reference{number}"] = self.member(member, which)
        wanted = wants.picture(still, self._aspect, len(given))
        conduct = hiring.conduct(models, wanted, ask, self._world.missing, label, 1)
        action = Action("Picture", ask, inputs, PICTURE, models[0].tool, "cpu" if size else "vendors")
        words = {"prompt": still.prompt, "seed": str(still.seed), "model": action.tool}
        return Ref(self._builder.add(action, place, words, conduct, self._routed.told.get(name, ())), "picture")

    def moment(self, picture: FrameOf | MomentOf) -> Fraction:
        """Say which time of the other shot's source a picture is, on the project's clock."""
        span = self._spans[picture.shot]
        source = span.shot.source
        if isinstance(picture, MomentOf):
            return timeline.snapped(picture.seconds, self._project.fps)
        first = timeline.snapped(source.in_s, self._project.fps) if isinstance(source, Filmed) else Fraction(0)
        return first + ((span.frames - 1) / self._project.fps if picture.last else 0)

    def _frame(
        self,
        source: Ref | Digest,
        window: Window | None,
        matrix: str,
        place: Place,
        words: Mapping[str, str],
        label: str,
        light: str = "",
    ) -> Ref:
        params = {"steps": framing.still("clip", window, matrix, light)}
        action = Action("Frame", params, {"clip": source}, PICTURE, self._world.ffmpeg)
        said = {"picture": "whole"} if window is None else {"picture at": seconds_text(window.start)}
        if window is not None and window.pace is not None:
            said |= pacing.question(window.pace)
        conduct = Conduct(question=None if self._draft else said, label=label, expected=0.3)
        return Ref(self._builder.add(action, place, words, conduct), "picture")

    def card(self, shot: Shot, card: Card, size: tuple[int, int], area: Area, place: Place) -> Ref:
        """Plan a card's picture, drawn at the size that it is shown at, its text inside an area."""
        layout = cards.layout(card, self._project, self._world, size, area)
        assert layout is not None, "BUG: a card that doesn't fit is drawn"
        model = self._world.catalog.models["local/card"]
        inputs: dict[str, Ref | Digest] = {}
        label = f"shot {shot.id}"
        if card.logo is not None:
            own = self._world.own[card.logo]
            logo = Place(shot.id, role="logo")
            inputs["logo"] = self._frame(own.digest, None, own.probe.matrix, logo, {}, label)
        if card.background is not None and not isinstance(card.background, str):
            inputs["background"] = self.of(card.background, shot.id, "background")
        slots = {file: f"{FONT_SLOT}{number}" for number, file in enumerate(layout.files)}
        inputs |= {slot: file.digest for file, slot in slots.items()}
        params = {"kind": "card", "size": list(size), "steps": media_cards.steps(layout, slots, size)}
        if layout.logo is not None:
            params["logo"] = list(layout.logo)
        if isinstance(card.background, str):
            params["background"] = card.background
        told = cards.words(card, self._project, self._world)
        words = {key: value for key, value in told.items() if isinstance(value, str)}
        tool = f"{model.tool} {self._world.reckoner}, {self._world.imaging}"
        action = Action("Picture", params, inputs, PICTURE, tool)
        said = None if self._draft else {"card": told, "size": list(size)}
        conduct = Conduct(question=said, label=label, expected=0.5)
        return Ref(self._builder.add(action, place, words, conduct), "picture")


def taken_words(shot: Shot) -> dict[str, str]:
    """Say which take the author picked, where one is."""
    return {"take": str(shot.take)} if shot.take is not None else {}


def picture_words(picture: Picture) -> str:
    if isinstance(picture, FilePicture):
        return picture.path
    if isinstance(picture, CastPicture):
        return picture.member
    if isinstance(picture, Still):
        return picture.prompt
    if isinstance(picture, MomentOf):
        return f"{picture.shot}@{seconds_text(picture.seconds)}"
    return f"{picture.shot}.{'last' if picture.last else 'first'}_frame"
