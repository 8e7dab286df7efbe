"""What every shot's picture comes from: asks, takes that are kept, own files, and what is shown of them.

It chooses the seconds of every ask, once for all its uses. What is cut out of a source is the planner's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model
from vidbuild.media.checks import SHORT
from vidbuild.media.windows import Window
from vidbuild.plan import asks, attempts, cards, hiring, pacing, timeline, wants
from vidbuild.plan.graph import GraphBuilder
from vidbuild.plan.ordering import ordered
from vidbuild.plan.pacing import Pace
from vidbuild.plan.pictures import Pictures, picture_words
from vidbuild.plan.presenting import Presenters
from vidbuild.plan.routing import Routed
from vidbuild.plan.timeline import Cut, Span
from vidbuild.plan.world import VIDEO, World, local_size
from vidbuild.spec.model import (
    Card,
    CastPicture,
    FilePicture,
    Filmed,
    FrameOf,
    MomentOf,
    Picture,
    Presented,
    Project,
    Prompted,
    Shot,
    Still,
    pictures_of,
)
from vidbuild.words.action import Action, Conduct, Judging, Place, Ref
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.errors import Problem
from vidbuild.words.locked import Bought
from vidbuild.words.rationaltime import clock_text, seconds_text

SHOT, MEMBER = "shot", "member"
_Name = tuple[str, str]
Uses = dict[tuple[Digest, int], list[tuple["Sources", str]]]
"""The shots that share each take of a question, of every language."""


class Sources:
    """The sources of a project's shots, planned into a builder."""

    def __init__(
        self,
        project: Project,
        world: World,
        whole: Cut,
        routed: Routed,
        builder: GraphBuilder,
        draft: bool,
        guessed: Mapping[str, tuple[Fraction, Fraction, Fraction]] | None = None,
        uses: Uses | None = None,
        film: Sources | None = None,
        presenters: Presenters | None = None,
    ):
        """Begin with nothing made.

        Args:
            film: the sources of the film, where these are made once more in another aspect: members' pictures are its.
            presenters: who makes shots that are presented; none are made in another aspect.
        """
        self._film = film
        self._presenters = presenters
        self._guessed = guessed or {}
        self.draft = draft
        self._project = project
        self._world = world
        self._routed = routed
        self._builder = builder
        self._aspect = asks.aspect_text(project.aspect)
        self._spans = {span.shot.id: span for span in whole.spans}
        self._made: dict[str, Ref | Digest] = {}
        self._candidates: dict[str, tuple[Digest, ...]] = {}
        self._questions: dict[str, Digest] = {}
        self._said_of: dict[tuple[str, int], Digest] = {}
        self._uses: Uses = uses if uses is not None else {}
        self._lengths: dict[str, Fraction] = {}
        self.pictures: Pictures = Pictures(
            project, world, whole, routed, builder, draft, self, film.pictures if film else None
        )
        self.notes: list[str] = []
        self.problems: list[Problem] = []

    def of(self, shot: Shot) -> Ref | Digest:
        """Give the take or the file that a shot's picture is cut from; a card has none."""
        return self._made[shot.id]

    def candidates(self, shot: Shot) -> tuple[Digest, ...]:
        """Name the takes of a shot that are made beside the one that is shown."""
        return self._candidates.get(shot.id, ())

    def model(self, shot: Shot) -> Model | None:
        """Give the first model of a generated shot."""
        models = self._routed.models.get(wants.shot_name(shot.id))
        return models[0] if models else None

    def maker(self, shot: Shot) -> Model | None:
        """Give the model that made what a shot shows, where it keeps a take, else the first that may make it."""
        kept = self._kept(shot)
        return self._world.catalog.models.get(kept.model) if kept is not None else self.model(shot)

    def make(self) -> None:
        """Make what every shot's picture comes from, once all uses are gathered; what others start from comes first."""
        for kind, name in self._order():
            if kind == MEMBER:
                for place in range(len(self._project.cast[name].images)):
                    self.pictures.member(name, place)
                continue
            shot = self._spans[name].shot
            if isinstance(shot.source, Filmed):
                self._made[name] = self._world.own[shot.source.file].digest
            elif isinstance(shot.source, Prompted):
                self._made[name] = self._footage(shot, shot.source)
            elif isinstance(shot.source, Presented):
                self._made[name] = self._presented(shot, shot.source)
                self.problems += self._presenter.problems(self._spans[name])
            pace = self.pace(self._spans[name])
            self.problems += pacing.problems(self._spans[name], pace) if pace else []
            self.problems += pacing.unbought(self._spans[name])
            self.problems += self.pictures.problems(shot)

    def pace(self, span: Span) -> Pace | None:
        """Say how a shot runs through its source, in this cut; `None` for a picture that stands still."""
        source, seconds = span.shot.source, self.length(span.shot)
        if seconds is None or not isinstance(source, Filmed):
            return pacing.pace_of(span, seconds) if seconds is not None else None
        end = seconds if source.out_s is None else min(source.out_s, seconds)
        return pacing.pace_of(span, end - timeline.snapped(source.in_s, span.rate))

    def length(self, shot: Shot) -> Fraction | None:
        """Say how long what a shot is cut from is; `None` for a picture that stands still."""
        if isinstance(shot.source, Filmed) and not shot.source.is_still:
            return self._world.own[shot.source.file].probe.seconds
        return self._lengths[shot.id] if isinstance(shot.source, Prompted | Presented) else None

    def windows(self, span: Span, first: int, frames: int, rate: Fraction) -> tuple[Window, ...]:
        """Give what `frames` pictures at a rate, from a shot's own picture `first` on, show of its source."""
        shot, source = span.shot, span.shot.source
        start = timeline.snapped(source.in_s, span.rate) if isinstance(source, Filmed) else Fraction(0)
        window = self._window(shot, start + first / rate, frames, rate)
        pace = self.pace(span)
        parts = pace.windows(first, frames, rate, window) if pace is not None else (window,)
        return tuple(self._sure(shot, part) for part in parts)

    def at(self, shot: Shot, start: Fraction, rate: Fraction) -> Window:
        """Give the picture of a shot's source at a time of it."""
        return self._sure(shot, self._window(shot, start, 1, rate))

    def _window(self, shot: Shot, start: Fraction, frames: int, rate: Fraction) -> Window:
        late, seeks = self._world.reading(shot.source)
        rounding = int(-(-rate // self._project.fps))
        return Window(start, frames, rate, rounding, late, seeks, decoder=self._world.decoder(shot.source))

    def _sure(self, shot: Shot, window: Window) -> Window:
        """Hold the last picture where a window lies behind what a bought take surely has."""
        model = self.model(shot)
        is_bought = self._kept(shot) is not None or (model is not None and not model.is_local)
        return pacing.held_from(window, self._lengths[shot.id] * (1 - SHORT)) if is_bought else window

    def judging(self) -> Judging | None:
        """Say through whom takes are judged, where they are."""
        judge, models = self._project.judge, self._routed.models.get(wants.JUDGE)
        return hiring.judging(judge, models, self._world.missing) if judge and models else None

    def _order(self) -> tuple[_Name, ...]:
        """Order shots and members so that those that others start from come first."""
        return ordered(((SHOT, id) for id in self._spans), lambda name: self._behind(*name))

    def _behind(self, kind: str, name: str) -> list[_Name]:
        """List the shots and members that a shot's or a member's pictures come from."""
        found: list[_Name] = []
        if kind == MEMBER:
            pictures = [] if self._film is not None else list(self._project.cast[name].images)
        else:
            shot = self._spans[name].shot
            pictures = [picture for _, picture in pictures_of(shot)]
            found += [(MEMBER, member) for member, _ in self._references(shot)]
        for picture in pictures:
            if isinstance(picture, CastPicture):
                found.append((MEMBER, picture.member))
            elif isinstance(picture, Still):
                found += [(MEMBER, member) for member in picture.cast]
            elif isinstance(picture, FrameOf | MomentOf):
                found.append((SHOT, picture.shot))
        return list(dict.fromkeys(found))

    def gather(self) -> None:
        """Find the shots that ask for the same but for its length: for each take such a group is one question."""
        for kind, name in self._order():
            if kind == MEMBER:
                for place, image in enumerate(self._project.cast[name].images):
                    said = self._said(image) if self._film is None else self._film._said_of[name, place]
                    self._said_of[name, place] = said
                continue
            shot = self._spans[name].shot
            pictures = {slot: self._said(picture) for slot, picture in pictures_of(shot)}
            pictures |= {f"reference{n}": self._said_of[each] for n, each in enumerate(self._references(shot))}
            self._questions[name] = digest_of({"source": self._words_of(shot), "pictures": pictures})
            for take in self._takes(shot) if isinstance(shot.source, Prompted) else ():
                self._uses.setdefault((self._questions[name], take), []).append((self, name))
        mine = [tuple(id for sources, id in uses if sources is self) for uses in self._uses.values()]
        for ids in dict.fromkeys(ids for ids in mine if len(ids) > 1):
            self.notes.append(f"shots {', '.join(f'`{id}`' for id in ids)} ask for the same and share one take")

    def _said(self, picture: Picture) -> Digest:
        """Say what a picture is, for the question of what starts from it."""
        if isinstance(picture, FilePicture):
            return self._world.own[picture.path].digest
        if isinstance(picture, CastPicture):
            return self._said_of[picture.member, 0]
        if isinstance(picture, Still):
            given = [self._said_of[each] for each in wants.references(self._project, picture.cast)]
            model = self._routed.models[wants.still_name(picture)][0]
            ask = asks.still(picture, self._project.aspect, None)
            return digest_of({"still": ask, "model": model.tool, "cast": given})
        shot = self._spans[picture.shot].shot
        is_moving = not isinstance(shot.source, Card) and not (isinstance(shot.source, Filmed) and shot.source.is_still)
        at = seconds_text(self.pictures.moment(picture)) if is_moving else ""
        said: dict[str, Any] = {"of": self._questions[picture.shot], "takes": [shot.takes, shot.take], "at": at}
        pace = [seconds_text(shot.speed), shot.fit, shot.fill, seconds_text(self._spans[picture.shot].seconds)]
        if is_moving and isinstance(picture, FrameOf) and pace[:3] != ["1", "trim", "error"]:
            said["pace"] = pace
        return digest_of(said)

    def _words_of(self, shot: Shot) -> Mapping[str, Any]:
        """Give what a shot's source is, for its question."""
        source = shot.source
        if isinstance(source, Filmed):
            return {"file": self._world.own[source.file].digest}
        if isinstance(source, Card):
            logo = {"logo": self._world.own[source.logo].digest} if source.logo is not None else {}
            return cards.words(source, self._project, self._world) | logo
        if isinstance(source, Presented):
            return self._presenter.words(shot, source)
        model = self.model(shot)
        said = {"ask": self._ask(shot, source, 0), "model": model.tool if model else ""}
        return said | ({"seconds": seconds_text(self._needed(shot.id))} if pacing.is_whole(shot) else {})

    def _takes(self, shot: Shot) -> tuple[int, ...]:
        """Count the takes that a shot asks for, from 0; none where it keeps one that was bought."""
        is_generated = isinstance(shot.source, Prompted | Presented)
        if not is_generated or (isinstance(shot.take, str) and self._kept(shot) is not None):
            return ()
        if isinstance(shot.take, int):
            return (shot.take - 1,)
        return tuple(range(1 if self.draft else shot.takes))

    def _ask(self, shot: Shot, source: Prompted, take: int) -> dict[str, Any]:
        local = self._local_frame(shot)
        return asks.footage(source, self._project.aspect, local, self.draft, take, shot.sound == "drop")

    def _footage(self, shot: Shot, source: Prompted) -> Ref | Digest:
        """Plan the takes of a shot; give the one that it shows."""
        if isinstance(shot.take, str) and not self.draft:
            kept = self._kept(shot)
            if kept is not None:
                return self._keep(shot, source, shot.take, kept)
            self._tell_unbought(shot, shot.take)
        takes = self._passing(shot, source) or self._takes(shot)
        shown, *beside = [self._take(shot, source, take) for take in takes]
        self._candidates[shot.id] = tuple(ref.action for ref in beside)
        return shown

    @property
    def _presenter(self) -> Presenters:
        assert self._presenters is not None, "BUG: a presenter is filmed in another aspect"
        return self._presenters

    @property
    def aspect(self) -> tuple[int, int]:
        """The aspect in which they are made."""
        return self._project.aspect

    def _presented(self, shot: Shot, source: Presented) -> Ref | Digest:
        """Plan the takes of a presenter; give the one that is shown."""
        self._lengths[shot.id] = self._presenter.length(shot, source)
        if isinstance(shot.take, str) and not self.draft:
            if (kept := self._kept(shot)) is not None:
                return kept.outputs["video"].digest
            self._tell_unbought(shot, shot.take)
        shown, *beside = [self._presentation(shot, source, take) for take in self._takes(shot)]
        self._candidates[shot.id] = tuple(ref.action for ref in beside)
        return shown

    def _presentation(self, shot: Shot, source: Presented, take: int) -> Ref:
        action, conduct, words = self._presenter.planned(shot, source, take, self.judging())
        if take == 0 and shot.take is None and not self.draft:
            conduct = replace(conduct, takes=shot.takes)
        told = self._routed.told.get(wants.shot_name(shot.id), ())
        place = Place(shot.id, role=f"take {take + 1}" if take else None)
        return Ref(self._builder.add(action, place, words, conduct, told), "video")

    def _passing(self, shot: Shot, source: Prompted) -> tuple[int, ...]:
        """Leave out the takes of which the lock says that no attempt passed, where another one did."""
        takes = self._takes(shot)
        if self.draft or shot.take is not None or len(takes) == 1:
            return takes
        failed = []
        for take in takes:
            bound = self._builder.known.bound(self._planned_take(shot, source, take, Fraction(0))[0])
            asked = self._world.lock.tried.get(attempts.unsized(bound), ()) if bound else ()
            if not asked:
                break
            if any(ask.answer is not None or ask.is_anew for ask in asked):
                return tuple(other for other in takes if other not in failed)
            failed.append(take)
        return takes

    def _kept(self, shot: Shot) -> Bought | None:
        """Give the attempt that a shot keeps by its id."""
        bought = self._world.lock.bought.get(shot.take) if isinstance(shot.take, str) and not self.draft else None
        return bought if bought is not None and "video" in bought.outputs else None

    def _keep(self, shot: Shot, source: Prompted, id: str, bought: Bought) -> Digest:
        """Give the pixels of an attempt that the project circles by its id, whatever the recipe has become."""
        asked = [ask for ask in self._world.lock.asks.values() if bought in ask.attempts]
        keys = set()
        for take in {ask.take for ask in asked}:
            bound = self._builder.known.bound(self._planned_take(shot, source, take, Fraction(0))[0])
            keys.add(attempts.unsized(bound) if bound is not None else None)
        if all(ask.unsized not in keys for ask in asked):
            self.notes.append(f"shot `{shot.id}`: the take `{id}` is kept, its recipe has changed")
        length = max((ask.seconds or Fraction(0) for ask in asked), default=Fraction(0))
        if length < self._needed(shot.id) and not pacing.is_filled(shot):
            mark = shot.marks.get("duration_s") or shot.marks.get("take") or shot.marks.get("")
            needed = clock_text(self._needed(shot.id))
            sentence = f"the take `{id}` is {clock_text(length)} long, and the shot `{shot.id}` shows {needed}"
            hint = "make the shot shorter, or take `take` out: a longer one is then bought"
            self.problems.append(Problem(mark, sentence, hint=hint))
        self._lengths[shot.id] = length
        return bought.outputs["video"].digest

    def _tell_unbought(self, shot: Shot, id: str) -> None:
        known = ", ".join(sorted(name for name in self._world.lock.bought if name.startswith("k"))[:6])
        mark = shot.marks.get("take") or shot.marks.get("")
        facts = (f"the lock holds {known}",) if known else ("the lock holds none",)
        self.problems.append(
            Problem(mark, f"no take `{id}` was bought", facts, f"`vidbuild takes {shot.id}` lists them")
        )

    def _take(self, shot: Shot, source: Prompted, take: int) -> Ref:
        """Plan one take: with the seconds of a locked one that covers the cut, else with what is needed now."""
        action, conduct = self._planned_take(shot, source, take, self._seconds(shot, source, take))
        self._lengths.setdefault(shot.id, Fraction(action.params["seconds"]))
        words = {
            "prompt": source.prompt,
            "negative": ", ".join(source.negative),
            "seed": str(source.seed),
            "model": action.tool,
            "length of the take": clock_text(Fraction(action.params["seconds"])),
        }
        words |= {key: picture_words(picture) for key, picture in pictures_of(shot)}
        if source.references and not self.draft:
            words["cast"] = ", ".join(source.references)
        if "options" in action.params:
            words["options"] = str(dict(source.options))
        told = self._routed.told.get(wants.shot_name(shot.id), ())
        if take == 0 and shot.take is None and not self.draft:
            conduct = replace(conduct, takes=shot.takes)
        role = f"take {take + 1}" if take else None
        if self._film is not None:
            role = f"native {self._aspect}{f', {role}' if role else ''}"
        return Ref(self._builder.add(action, Place(shot.id, role=role), words, conduct, told), "video")

    def _planned_take(self, shot: Shot, source: Prompted, take: int, seconds: Fraction) -> tuple[Action, Conduct]:
        models = self._routed.models[wants.shot_name(shot.id)]
        ask = self._ask(shot, source, take) | {"seconds": seconds_text(seconds)}
        wanted = wants.footage(shot, source, self._aspect, seconds, len(self._references(shot)))
        conduct = hiring.conduct(
            models, wanted, ask, self._world.missing, f"shot {shot.id}", shot.reshoots, self.judging()
        )
        if shot.id in self._guessed:
            least, usual, most = (length * shot.speed for length in self._guessed[shot.id])
            conduct = hiring.guessed(conduct, models, wanted, (least, usual, most), self._world.missing)
        pool = "cpu" if models[0].is_local else "vendors"
        return Action("Footage", ask, self._inputs(shot), VIDEO, models[0].tool, pool), conduct

    def _inputs(self, shot: Shot) -> dict[str, Ref | Digest]:
        """Plan the pictures that a take starts from and is held to."""
        inputs: dict[str, Ref | Digest] = {
            slot.removesuffix("_image"): self.pictures.of(picture, shot.id, slot) for slot, picture in pictures_of(shot)
        }
        for number, (member, place) in enumerate(self._references(shot)):
            inputs[f"reference{number}"] = self.pictures.member(member, place)
        return inputs

    def _references(self, shot: Shot) -> tuple[tuple[str, int], ...]:
        """Name the members' pictures that a vendor's model is given; what is made here takes none."""
        model = self.model(shot)
        if not isinstance(shot.source, Prompted) or model is None or model.is_local:
            return ()
        return wants.references(self._project, shot.source.references)

    def _seconds(self, shot: Shot, source: Prompted, take: int) -> Fraction:
        """Choose the seconds of a take: those of the shortest locked one that covers the cut, else the least enough.

        Uses of one question that no locked take covers share one new ask, for the longest of them.
        """
        model = self.model(shot)
        assert model is not None
        uses = self._uses[self._questions[shot.id], take]
        lengths = [sources._asked(id, model) for sources, id in uses]
        if model.is_local:
            return asks.stepped(max(lengths), asks.LOCAL_STEP_S)
        locked = self._locked_seconds(self._planned_take(shot, source, take, Fraction(0))[0])
        own, is_whole = self._asked(shot.id, model), pacing.is_whole(shot)
        covering = [seconds for seconds in locked if (seconds == own if is_whole else seconds >= own)]
        if covering:
            return covering[0]
        found = model.lengths.enough(max(lengths))
        return max(lengths) if found is None else found

    def _needed(self, id: str) -> Fraction:
        return pacing.needed(self._spans[id])

    def _asked(self, id: str, model: Model) -> Fraction:
        """Say how much a shot wants of a model: what it needs, or what can be had of that where it is filled."""
        needed, longest = self._needed(id), model.lengths.longest
        return min(needed, longest) if longest is not None and pacing.is_filled(self._spans[id].shot) else needed

    def _locked_seconds(self, action: Action) -> list[Fraction]:
        """List the lengths of locked takes of an ask, the shortest first."""
        bound = self._builder.known.bound(action)
        asked = self._world.lock.unsized.get(attempts.unsized(bound), ()) if bound else ()
        return [ask.seconds for ask in asked if ask.seconds is not None]

    def _local_frame(self, shot: Shot) -> asks.LocalFrame | None:
        model = self.model(shot)
        if model is None or not model.is_local:
            return None
        width, height = local_size(self._project, self._world.catalog)
        return asks.LocalFrame(self._project.fps, width, height)
