"""What every shot's picture comes from: asks, own files, cards, and the frames that lie between shots.

It chooses the seconds of every ask, once for all its uses. What is cut out of a source is the planner's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.media import framing
from vidbuild.plan import asks, timeline
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.timeline import Cut
from vidbuild.plan.world import PICTURE, VIDEO, World, local_size, master_size
from vidbuild.spec.model import Card, FilePicture, Filmed, MomentOf, Picture, Project, Prompted, Shot, pictures_of
from vidbuild.words.action import Action, Conduct, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, seconds_text


class Sources:
    """The sources of a project's shots, planned into a builder."""

    def __init__(
        self,
        project: Project,
        world: World,
        whole: Cut,
        models: Mapping[str, Model],
        builder: GraphBuilder,
        draft: bool,
    ):
        self._draft = draft
        self._project = project
        self._world = world
        self._models = models
        self._builder = builder
        self._spans = {span.shot.id: span for span in whole.spans}
        self._made: dict[str, Ref | Digest] = {}
        self.notes: list[str] = []
        self.problems: list[Problem] = []

    def of(self, shot: Shot) -> Ref | Digest:
        """Give the take or the file that a shot's picture is cut from; a card has none."""
        return self._made[shot.id]

    def make(self) -> None:
        """Make what every shot's picture comes from; shots that others start from come first."""
        order = _order(self._project.shots)
        seconds = self._seconds(order)
        for id in order:
            shot = self._spans[id].shot
            self._check_moments(shot, seconds)
            if isinstance(shot.source, Filmed):
                self._made[id] = self._world.own[shot.source.file].digest
            elif isinstance(shot.source, Prompted):
                self._made[id] = self._footage(shot, shot.source, seconds[id])

    def _check_moments(self, shot: Shot, seconds: Mapping[str, Fraction]) -> None:
        """Tell a `SHOT@t` that lies behind the end of what it is taken from."""
        for key, picture in pictures_of(shot):
            if not isinstance(picture, MomentOf):
                continue
            source = self._spans[picture.shot].shot.source
            length = None
            if isinstance(source, Prompted):
                length = asks.stepped(seconds[picture.shot], asks.LOCAL_STEP_S)
            elif isinstance(source, Filmed) and not source.is_still:
                length = self._world.own[source.file].probe.seconds
            if length is not None and picture.seconds >= length:
                sentence = (
                    f"`{_picture_words(picture)}` lies behind the end of that take, which is {clock_text(length)} long"
                )
                self.problems.append(Problem(shot.marks.get(key) or shot.marks.get(""), sentence))

    def _seconds(self, order: Sequence[str]) -> Mapping[str, Fraction]:
        """Choose the seconds of every ask: uses of one question share the longest that any needs."""
        unsized: dict[str, Mapping[str, Any]] = {}
        pictures: dict[str, dict[str, Picture]] = {}
        times: dict[str, dict[str, str]] = {}
        for id in order:
            shot = self._spans[id].shot
            unsized[id] = self._words_of(shot)
            pictures[id] = dict(pictures_of(shot))
            times[id] = {
                slot: seconds_text(self._moment(picture))
                for slot, picture in pictures[id].items()
                if not isinstance(picture, FilePicture)
            }
        files = {path: own.digest for path, own in self._world.own.items()}
        found = asks.questions(order, unsized, pictures, files, times)
        longest: dict[Digest, Fraction] = {}
        uses: dict[Digest, list[str]] = {}
        for id in order:
            if id in self._models:
                longest[found[id]] = max(longest.get(found[id], Fraction(0)), self._spans[id].seconds)
                uses.setdefault(found[id], []).append(id)
        for shots in uses.values():
            if len(shots) > 1:
                self.notes.append(f"shots {', '.join(f'`{id}`' for id in shots)} ask for the same and share one take")
        return {id: longest[found[id]] for id in order if id in self._models}

    def _words_of(self, shot: Shot) -> Mapping[str, Any]:
        """Give what a shot's source is, for its question."""
        source = shot.source
        if isinstance(source, Filmed):
            return {"file": self._world.own[source.file].digest}
        if isinstance(source, Card):
            return _card_words(source)
        return asks.footage(source, self._project.aspect, self._local_frame(shot.id), self._draft)

    def _footage(self, shot: Shot, source: Prompted, needed: Fraction) -> Ref:
        model = self._models[shot.id]
        seconds = asks.stepped(needed, asks.LOCAL_STEP_S)
        ask = asks.footage(source, self._project.aspect, self._local_frame(shot.id), self._draft)
        ask["seconds"] = seconds_text(seconds)
        inputs = {
            slot.removesuffix("_image"): self._picture(picture, shot.id, slot) for slot, picture in pictures_of(shot)
        }
        words = {
            "prompt": source.prompt,
            "negative": ", ".join(source.negative),
            "seed": str(source.seed),
            "model": model.tool,
            "length of the take": clock_text(seconds),
        }
        if "options" in ask:
            words["options"] = str(dict(source.options))
        conduct = Conduct(expected=float(seconds) * 1.2)
        action = Action("Footage", ask, inputs, VIDEO, model.tool)
        return Ref(self._builder.add(action, Place(shot.id), words, conduct), "video")

    def _local_frame(self, shot: str) -> asks.LocalFrame | None:
        if not self._models[shot].is_local:
            return None
        width, height = local_size(self._project, self._world.catalog)
        return asks.LocalFrame(self._project.fps, width, height)

    def _picture(self, picture: Picture, shot: str, role: str) -> Ref:
        """Plan the PNG that a generation starts from."""
        words = {"picture": _picture_words(picture)}
        if isinstance(picture, FilePicture):
            own = self._world.own[picture.path]
            return self._frame(own.digest, None, own.probe.matrix, Place(shot, role=role), words)
        place = Place(picture.shot, role=_picture_words(picture).removeprefix(picture.shot))
        other = self._spans[picture.shot].shot
        if isinstance(other.source, Card):
            return self.card(other, other.source, master_size(self._project), place)
        matrix, still = "auto", False
        if isinstance(other.source, Filmed):
            probe = self._world.own[other.source.file].probe
            matrix, still = probe.matrix, other.source.is_still
        late, seeks = self._world.reading(other.source)
        window = None if still else framing.Window(self._moment(picture), 1, self._project.fps, 1, late, seeks)
        return self._frame(self._made[other.id], window, matrix, place, words)

    def _moment(self, picture: Picture) -> Fraction:
        """Say which time of the other shot's source a picture is, on the project's clock."""
        assert not isinstance(picture, FilePicture)
        span = self._spans[picture.shot]
        source = span.shot.source
        if isinstance(picture, MomentOf):
            return timeline.snapped(picture.seconds, self._project.fps)
        first = timeline.snapped(source.in_s, self._project.fps) if isinstance(source, Filmed) else Fraction(0)
        return first + ((span.frames - 1) / self._project.fps if picture.last else 0)

    def _frame(
        self,
        source: Ref | Digest,
        window: framing.Window | None,
        matrix: str,
        place: Place,
        words: Mapping[str, str],
    ) -> Ref:
        params = {"steps": framing.still("clip", window, matrix)}
        action = Action("Frame", params, {"clip": source}, PICTURE, self._world.ffmpeg)
        return Ref(self._builder.add(action, place, words, Conduct(expected=0.3)), "picture")

    def card(self, shot: Shot, card: Card, size: tuple[int, int], place: Place) -> Ref:
        """Plan a card's picture, drawn at the size that it is shown at."""
        model = self._world.catalog.models["local/card"]
        inputs: dict[str, Ref | Digest] = {}
        if card.logo is not None:
            own = self._world.own[card.logo]
            inputs["logo"] = self._frame(own.digest, None, own.probe.matrix, Place(shot.id, role="logo"), {})
        if card.background is not None and not isinstance(card.background, str):
            inputs["background"] = self._picture(card.background, shot.id, "background")
        params = {"kind": "card", "size": list(size), **_card_words(card)}
        words = {key: value for key, value in _card_words(card).items() if isinstance(value, str)}
        action = Action("Picture", params, inputs, PICTURE, model.tool)
        return Ref(self._builder.add(action, place, words, Conduct(expected=0.5)), "picture")


def _order(shots: Sequence[Shot]) -> tuple[str, ...]:
    """Order shots so that those that others start from come first; there are no cycles (the reader saw to it)."""
    needs = {shot.id: [asks.other_shot(picture) for _, picture in pictures_of(shot)] for shot in shots}
    done: dict[str, None] = {}
    for shot in shots:
        waiting = [shot.id]
        while waiting:
            missing = [other for other in needs[waiting[-1]] if other is not None and other not in done]
            if missing:
                waiting += missing
            else:
                done[waiting.pop()] = None
    return tuple(done)


def _card_words(card: Card) -> dict[str, Any]:
    words: dict[str, Any] = {"title": card.title}
    if card.subtitle:
        words["subtitle"] = card.subtitle
    if isinstance(card.background, str):
        words["background"] = card.background
    return words


def _picture_words(picture: Picture) -> str:
    if isinstance(picture, FilePicture):
        return picture.path
    if isinstance(picture, MomentOf):
        return f"{picture.shot}@{seconds_text(picture.seconds)}"
    return f"{picture.shot}.{'last' if picture.last else 'first'}_frame"
