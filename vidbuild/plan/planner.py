"""The planner: a project and what is known of the world, to one graph for all deliverables.

Values in, values out. It decides what is made from what; argv come from the media floor, lengths from the
timeline, models from routing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Catalog, Model, Profile
from vidbuild.media import ffargs, framing, sound
from vidbuild.media.probe import OwnFile
from vidbuild.plan import asks, timeline
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.routing import route
from vidbuild.plan.timeline import Cut, Piece, Span
from vidbuild.spec.model import (
    Card,
    FilePicture,
    Filmed,
    MomentOf,
    Music,
    Output,
    Picture,
    Project,
    Prompted,
    Reframe,
    Shot,
    pictures_of,
)
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Place, Ref
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import clock_text, frames_in, half_up, rate_number, seconds_text

DRAFT_ENCODER = ffargs.Encoder("ultrafast", 23)
MASTER_LINES = 1080
LOCAL_LINES = (180, 360, 720)
"""Sizes of local footage: the smallest whose short side covers every output, so that outputs rarely move it."""

VIDEO = {"video": "video/mp4"}
PICTURE = {"picture": "image/png"}
WAVE = {"sound": "audio/wav"}


@dataclass(frozen=True)
class World:
    """What planning is told of the world.

    Args:
        own: the project's own files by path as in the project.
        ffmpeg: the identity of the encoder: its version line and the binary's sha256.
    """

    catalog: Catalog
    own: Mapping[str, OwnFile]
    ffmpeg: str


@dataclass(frozen=True)
class Request:
    """What is asked for: all outputs, some by name, or one shot alone; where it goes, below the project's folder."""

    draft: bool = False
    outputs: tuple[str, ...] = ()
    only: str | None = None
    folder: str = "build"


@dataclass
class Plan:
    """A graph, or the problems that stand in its way."""

    graph: Graph | None
    problems: list[Problem] = field(default_factory=list)


def plan(project: Project, world: World, request: Request) -> Plan:
    """Plan a request as one graph."""
    whole, problems = timeline.cut(project.shots, project.fps, world.own)
    if not problems:
        problems += timeline.broken_promises(project, whole)
    planner = _Planner(project, world, request, whole)
    problems += planner.choose_models()
    problems += planner.check_outputs()
    if any(not problem.warning for problem in problems):
        return Plan(None, problems)
    return Plan(planner.graph(), problems)


class _Planner:
    """One planning, step by step over one builder."""

    def __init__(self, project: Project, world: World, request: Request, whole: Cut):
        self.project = project
        self.world = world
        self.request = request
        self.whole = whole
        self.spans = {span.shot.id: span for span in whole.spans}
        self.builder = GraphBuilder()
        self.models: dict[str, Model] = {}
        self.music_model: Model | None = None
        self.sources: dict[str, Ref | Digest] = {}
        self.notes: list[str] = []

    # What can be wrong

    def choose_models(self) -> list[Problem]:
        """Route every generation; give what can't be routed."""
        problems = []
        for shot in self.project.shots:
            if isinstance(shot.source, Prompted):
                mark = shot.marks.get("model") or shot.marks.get("")
                chosen = self._route("footage", shot.source.models, mark)
                if isinstance(chosen, Problem):
                    problems.append(chosen)
                else:
                    self.models[shot.id] = chosen
                    problems += _foreign_options(chosen, shot.source.options, self.request.draft, mark)
        music = self.project.music
        if music is not None and music.file is None:
            mark = music.marks.get("model") or music.marks.get("")
            chosen = self._route("music", music.models, mark)
            if isinstance(chosen, Problem):
                problems.append(chosen)
            else:
                self.music_model = chosen
                problems += _foreign_options(chosen, music.options, self.request.draft, mark)
        return problems

    def check_outputs(self) -> list[Problem]:
        """Compare the cut with what platforms take."""
        problems = []
        for output in self.project.outputs:
            profile = self.world.catalog.profiles[output.platform]
            if profile.max_s is not None and self.whole.seconds > profile.max_s:
                problems.append(
                    Problem(
                        output.marks.get("") or output.marks.get("platform"),
                        f"`{output.name}` takes {clock_text(profile.max_s)}, and the film is"
                        f" {clock_text(self.whole.seconds)} long",
                        hint="make the film shorter, or leave this output out",
                    )
                )
        return problems

    def _route(self, kind: str, written: Sequence[str], mark: Any) -> Model | Problem:
        return route(kind, written, self.world.catalog, self.request.draft, self.project.replaced, mark)

    # The graph

    def graph(self) -> Graph:
        """Plan every deliverable of the request."""
        self._make_sources()
        if self.request.only is not None:
            deliverables: tuple[Deliverable, ...] = (self._only(self.request.only),)
        else:
            wanted = self.request.outputs
            chosen = [output for output in self.project.outputs if not wanted or output.name in wanted]
            deliverables = tuple(self._deliverable(output, self.whole, True, output.name) for output in chosen)
        return self.builder.finish(deliverables, tuple(self.notes))

    def _only(self, shot: str) -> Deliverable:
        """Plan one shot by itself, as the first output shows it, with its own sound."""
        span = self.spans[shot]
        alone = Cut((Span(span.shot, span.frames, 0, span.rate),), self.whole.rate)
        return self._deliverable(self.project.outputs[0], alone, False, f"shots/{shot}")

    def _make_sources(self) -> None:
        """Make what every shot's picture comes from; shots that others start from come first."""
        order = _order(self.project.shots)
        seconds = self._seconds(order)
        for id in order:
            shot = self.spans[id].shot
            if isinstance(shot.source, Filmed):
                self.sources[id] = self.world.own[shot.source.file].digest
            elif isinstance(shot.source, Prompted):
                self.sources[id] = self._footage(shot, shot.source, seconds[id])

    def _seconds(self, order: Sequence[str]) -> Mapping[str, Fraction]:
        """Choose the seconds of every ask: uses of one question share the longest that any needs."""
        unsized: dict[str, Mapping[str, Any]] = {}
        pictures: dict[str, dict[str, Picture]] = {}
        times: dict[str, dict[str, str]] = {}
        for id in order:
            shot = self.spans[id].shot
            unsized[id] = self._words_of(shot)
            pictures[id] = dict(pictures_of(shot))
            times[id] = {
                slot: seconds_text(self._moment(picture))
                for slot, picture in pictures[id].items()
                if not isinstance(picture, FilePicture)
            }
        files = {path: own.digest for path, own in self.world.own.items()}
        found = asks.questions(order, unsized, pictures, files, times)
        longest: dict[Digest, Fraction] = {}
        uses: dict[Digest, list[str]] = {}
        for id in order:
            if id in self.models:
                longest[found[id]] = max(longest.get(found[id], Fraction(0)), self.spans[id].seconds)
                uses.setdefault(found[id], []).append(id)
        for shots in uses.values():
            if len(shots) > 1:
                self.notes.append(f"shots {', '.join(f'`{id}`' for id in shots)} ask for the same and share one take")
        return {id: longest[found[id]] for id in order if id in self.models}

    def _words_of(self, shot: Shot) -> Mapping[str, Any]:
        """Give what a shot's source is, for its question."""
        source = shot.source
        if isinstance(source, Filmed):
            return {"file": self.world.own[source.file].digest}
        if isinstance(source, Card):
            return _card_words(source)
        return asks.footage(source, self.project.aspect, self._local_frame(shot.id), self.request.draft)

    def _footage(self, shot: Shot, source: Prompted, needed: Fraction) -> Ref:
        model = self.models[shot.id]
        seconds = asks.stepped(needed, asks.LOCAL_STEP_S)
        ask = asks.footage(source, self.project.aspect, self._local_frame(shot.id), self.request.draft)
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
        return Ref(self.builder.add(action, Place(shot.id), words, conduct), "video")

    def _local_frame(self, shot: str) -> asks.LocalFrame | None:
        if not self.models[shot].is_local:
            return None
        lines = max(min(self._size(output)) for output in self.project.outputs)
        short = next((step for step in LOCAL_LINES if step >= lines), LOCAL_LINES[-1])
        width, height = _sized(self.project.aspect, short)
        return asks.LocalFrame(self.project.fps, width, height)

    # Pictures out of shots and files

    def _picture(self, picture: Picture, shot: str, role: str) -> Ref:
        """Plan the PNG that a generation starts from."""
        place = Place(shot, role=role)
        if isinstance(picture, FilePicture):
            own = self.world.own[picture.path]
            return self._frame(own.digest, None, own.probe.matrix, place, {"picture": picture.path})
        words = {"picture": _picture_words(picture)}
        other = self.spans[picture.shot].shot
        if isinstance(other.source, Card):
            return self._card(other, other.source, self._master_size(), place)
        matrix, still = "auto", False
        if isinstance(other.source, Filmed):
            probe = self.world.own[other.source.file].probe
            matrix, still = probe.matrix, other.source.is_still
        window = None if still else framing.Window(self._moment(picture), 1, self.project.fps)
        return self._frame(self.sources[other.id], window, matrix, place, words)

    def _moment(self, picture: Picture) -> Fraction:
        """Say which time of the other shot's source a picture is, on the project's clock."""
        assert not isinstance(picture, FilePicture)
        span = self.spans[picture.shot]
        source = span.shot.source
        if isinstance(picture, MomentOf):
            return timeline.snapped(picture.seconds, self.project.fps)
        first = timeline.snapped(source.in_s, self.project.fps) if isinstance(source, Filmed) else Fraction(0)
        return first + ((span.frames - 1) / self.project.fps if picture.last else 0)

    def _frame(
        self,
        source: Ref | Digest,
        window: framing.Window | None,
        matrix: str,
        place: Place,
        words: Mapping[str, str],
    ) -> Ref:
        params = {"steps": framing.still("clip", window, matrix)}
        action = Action("Frame", params, {"clip": source}, PICTURE, self.world.ffmpeg)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.3)), "picture")

    def _card(self, shot: Shot, card: Card, size: tuple[int, int], place: Place) -> Ref:
        """Plan a card's picture, drawn at the size that it is shown at."""
        model = self.world.catalog.models["local/card"]
        inputs: dict[str, Ref | Digest] = {}
        if card.logo is not None:
            own = self.world.own[card.logo]
            inputs["logo"] = self._frame(own.digest, None, own.probe.matrix, Place(shot.id, role="logo"), {})
        if card.background is not None and not isinstance(card.background, str):
            inputs["background"] = self._picture(card.background, shot.id, "background")
        params = {"kind": "card", "size": list(size), **_card_words(card)}
        words = {key: value for key, value in _card_words(card).items() if isinstance(value, str)}
        action = Action("Picture", params, inputs, PICTURE, model.tool)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.5)), "picture")

    # One deliverable

    def _deliverable(self, output: Output, whole: Cut, with_music: bool, name: str) -> Deliverable:
        profile = self.world.catalog.profiles[output.platform]
        rate = timeline.output_rate(self.project.fps, output.fps, profile)
        size = self._size(output)
        encoder = DRAFT_ENCODER if self.request.draft else ffargs.Encoder(profile.preset, profile.crf)
        made: list[tuple[Span, Piece, Ref]] = []
        for span, frames in timeline.on_clock(whole, rate):
            for piece in timeline.pieces(frames, rate) if frames else ():
                made.append((span, piece, self._segment(span, piece, output, rate, size, encoder)))
        mix = self._mix(whole, output, profile, with_music)
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
            clip: Ref | Digest = self._card(shot, source, size, Place(shot.id, output.name))
            frame = framing.Frame(*size)
        else:
            clip = self.sources[shot.id]
        if isinstance(source, Card) or (isinstance(source, Filmed) and source.is_still):
            step = framing.still_segment("clip", piece.frames, rate, frame, encoder)
        else:
            first = timeline.snapped(source.in_s, self.project.fps) if isinstance(source, Filmed) else Fraction(0)
            window = framing.Window(first + piece.first / rate, piece.frames, rate)
            step = framing.segment("clip", window, frame, encoder)
        params = {"steps": [step], "frames": piece.frames}
        action = Action("Segment", params, {"clip": clip}, VIDEO, self.world.ffmpeg)
        words = {
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
        index = frames_in(output.poster.seconds, rate) if output.poster else last // 2
        piece, ref = next((piece, ref) for piece, ref in reversed(own) if piece.first <= min(index, last))
        params = {"steps": [framing.poster("piece", min(index, last) - piece.first)]}
        action = Action("Poster", params, {"piece": ref}, {"picture": "image/jpeg"}, self.world.ffmpeg)
        words = {"poster": f"{shot} at {clock_text(min(index, last) / rate)}"}
        place = Place(shot, output.name)
        return Ref(self.builder.add(action, place, words, Conduct(expected=0.2)), "picture")

    # Sound

    def _mix(self, whole: Cut, output: Output, profile: Profile, with_music: bool) -> Ref:
        samples = sound.samples_in(whole.seconds)
        inputs: dict[str, Ref | Digest] = {}
        laid = []
        for index, span in enumerate(whole.spans):
            own = self._own_sound(span)
            if own is not None:
                slot = f"s{index:05d}"
                inputs[slot] = own
                at = sound.samples_in(span.start_seconds)
                until = sound.samples_in(span.start_seconds + span.seconds)
                laid.append(sound.Laid(slot, at, until - at, span.shot.gain_db))
        music = self.project.music if with_music else None
        bed = None
        words = {"sounding shots in order": ", ".join(whole.spans[int(slot[1:])].shot.id for slot in inputs)}
        if music is not None:
            inputs["music"], loops = self._music(music, whole)
            bed = sound.Bed("music", loops, music.in_s, music.gain_db, music.fade_in_s, music.fade_out_s)
            words["music"] = _music_words(music)
        words["length of the cut"] = clock_text(whole.seconds)
        params = {"steps": sound.mix(samples, laid, bed, profile.audio_kbps)}
        action = Action("Mix", params, inputs, {"sound": "audio/mp4"}, self.world.ffmpeg)
        conduct = Conduct(expected=float(whole.seconds) * 0.05)
        return Ref(self.builder.add(action, Place(output=output.name), words, conduct), "sound")

    def _own_sound(self, span: Span) -> Ref | None:
        """Plan a shot's own sound, where it has one that is kept."""
        source = span.shot.source
        if not isinstance(source, Filmed) or source.is_still or span.shot.sound == "drop":
            return None
        own = self.world.own[source.file]
        if not own.probe.has_sound:
            return None
        params = {"steps": sound.own("clip", timeline.snapped(source.in_s, self.project.fps), span.seconds)}
        action = Action("Sound", params, {"clip": own.digest}, WAVE, self.world.ffmpeg)
        words = {"length": clock_text(span.seconds), "start in the source": clock_text(source.in_s)}
        return Ref(self.builder.add(action, Place(span.shot.id), words, Conduct(expected=0.2)), "sound")

    def _music(self, music: Music, whole: Cut) -> tuple[Ref | Digest, bool]:
        """Give the bed's source, and whether it must be looped to cover the cut."""
        needed = music.in_s + whole.seconds
        if music.file is not None:
            own = self.world.own[music.file]
            return own.digest, own.probe.seconds < needed
        assert self.music_model is not None
        ask = asks.music(music, needed, self.request.draft)
        words = {"prompt": music.prompt, "seed": str(music.seed), "model": self.music_model.tool}
        action = Action("Music", ask, {}, WAVE, self.music_model.tool)
        id = self.builder.add(action, Place(role="music"), words, Conduct(expected=0.5))
        return Ref(id, "sound"), False

    # Sizes

    def _size(self, output: Output) -> tuple[int, int]:
        profile = self.world.catalog.profiles[output.platform]
        if profile.width is None or profile.height is None:
            return self._master_size()
        return profile.width, profile.height

    def _master_size(self) -> tuple[int, int]:
        return _sized(self.project.aspect, MASTER_LINES)


def _sized(aspect: tuple[int, int], short: int) -> tuple[int, int]:
    """Give an even picture size of an aspect by its short side."""
    wide, high = aspect
    if wide >= high:
        return 2 * half_up(Fraction(short * wide, 2 * high)), short
    return short, 2 * half_up(Fraction(short * high, 2 * wide))


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


def _foreign_options(model: Model, options: Mapping[str, Any], draft: bool, mark: Any) -> list[Problem]:
    """Refuse options that the model does not know; the local models know none."""
    if draft or not options:
        return []
    names = ", ".join(f"`{name}`" for name in options)
    return [Problem(mark, f"the model `{model.name}` takes no options, but {names} is written", hint="remove them")]


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


def _reframe_words(frame: framing.Frame) -> str:
    if frame.mode != "crop":
        return frame.mode
    return f"crop at {seconds_text(frame.focus[0])}, {seconds_text(frame.focus[1])}"


def _music_words(music: Music) -> str:
    parts = [music.file or music.prompt]
    for label, value in (("from", music.in_s), ("gain", music.gain_db), ("fade in", music.fade_in_s), ("fade out", music.fade_out_s)):
        if value:
            parts.append(f"{label} {seconds_text(value)}")
    return ", ".join(parts)
