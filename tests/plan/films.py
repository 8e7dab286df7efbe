"""Small films for tests of planning: a catalog by hand, shots, worlds, and a shop that buys what a plan asks for.

The shop keeps a lock as a build would, but by itself: what it predicts and what the planner predicts must agree.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any, ClassVar

from vidbuild.catalog.model import Accepts, Lengths, Model, Price, Route
from vidbuild.media.fonts import FAMILY, Face, FontFile, Typeface
from vidbuild.media.probe import OwnFile, Probe
from vidbuild.media.spoken import Spoken, Word
from vidbuild.packaged import catalog
from vidbuild.plan import attempts
from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import (
    Card,
    FilePicture,
    Filmed,
    FrameOf,
    Line,
    Member,
    Music,
    Output,
    Picture,
    Project,
    Prompted,
    Shot,
    Still,
    Voice,
)
from vidbuild.stores import lock_changes
from vidbuild.words.action import Blob, BoundAction, Graph, Node, Ref, bind
from vidbuild.words.digest import Digest, digest_of
from vidbuild.words.locked import Asked, Bought, Lock, Pin, attempt_id, question_of


def priced(usd: str, per: str = "second") -> tuple[Price, ...]:
    """Give a price list of one line."""
    return (Price(Fraction(usd), per),)


def by(provider: str) -> tuple[Route, ...]:
    """Give the one route through a provider."""
    return (Route(provider, "its-id", {"any": "make"}),)


_MODE = {"mode": {"enum": ["std", "pro"], "default": "std"}}
MODELS = (
    Model(
        "kling-3", "footage", strengths=("hands", "close-up"), lengths=Lengths(least=Fraction(3), most=Fraction(10)),
        aspects=("16:9", "9:16"), accepts=Accepts("yes", "yes", 0, negative=True, sound="asked"), options=_MODE,
        prompt_limit=200, prices=priced("0.1"), routes=by("kling"),
    ),
    Model(
        "hailuo-3", "footage", strengths=("hands", "motion"), lengths=Lengths(choices=(Fraction(6), Fraction(15))),
        aspects=("16:9", "9:16", "1:1"), accepts=Accepts("yes", "yes", 2, seed=True, sound="always"),
        options={"resolution": {"enum": ["768p", "2k"]}}, prices=priced("0.2"), routes=by("runway"),
    ),
    Model(
        "veo-3.1", "footage", strengths=("dialogue",), lengths=Lengths(choices=(Fraction(4), Fraction(8))),
        accepts=Accepts("no", "no"), prices=priced("0.4"), routes=by("runway"),
    ),
    Model(
        "wan-3", "footage", lengths=Lengths(least=Fraction(1), most=Fraction(60)),
        accepts=Accepts("must", "no", form="first frame"), routes=by("fal"),
    ),
    Model("sora-2", "footage", routes=by("fal"), retired_on="2026-09-24", replaced_by="veo-3.1"),
    Model("flux-2-pro", "picture", accepts=Accepts(references=3, seed=True), prices=priced("0.06", "take"),
          options={"resolution": {"enum": ["720p", "1080p"]}}, routes=by("fal")),
    Model("gpt-image-2", "picture", prices=priced("0.09", "take"), routes=by("fal")),
    Model("stable-audio-2", "music", lengths=Lengths(least=Fraction(1), most=Fraction(190)),
          prices=priced("0.2", "take"), options={"steps": {"type": "integer"}}, routes=by("stability")),
    Model("elevenlabs", "speech", prices=priced("0.12", "1000 characters"),
          options={"stability": {"type": "number", "minimum": 0, "maximum": 1}}, routes=by("elevenlabs")),
    Model("elevenlabs-sfx", "effect", lengths=Lengths(least=Fraction(1, 2), most=Fraction(30), step=Fraction(1, 2)),
          prices=priced("0.012"), options={"loop": {"type": "boolean"}}, routes=by("elevenlabs")),
    Model("vision-judge", "judge", prices=priced("0.02", "take"), routes=by("fal")),
)  # fmt: skip
_PACKAGED = catalog()
_LOCAL = {name: model for name, model in _PACKAGED.models.items() if model.is_local}
CATALOG = replace(
    _PACKAGED,
    models={**_LOCAL, **{model.name: model for model in MODELS}},
    aliases={"kling": "kling-3", "stable-audio": "stable-audio-2"},
    providers={},
)


def with_models(*models: Model, **aliases: str) -> Any:
    """Give the catalog with models exchanged or added, and aliases moved."""
    known = {**CATALOG.models, **{model.name: model for model in models}}
    return replace(CATALOG, models=known, aliases={**CATALOG.aliases, **aliases})


def still_file(name: str) -> OwnFile:
    """Give a picture file with content of its own."""
    return OwnFile(digest_of(name), Probe("still", Fraction(0), 800, 800, Fraction(0), False))


OWN = {
    "a.mp4": OwnFile(digest_of("a.mp4"), Probe("video", Fraction(30), 1920, 1080, Fraction(30), True)),
    "cup.png": still_file("cup.png"),
    "anna.png": still_file("anna.png"),
    "profile.png": still_file("profile.png"),
    "logo.png": still_file("logo.png"),
    "song.wav": OwnFile(digest_of("song.wav"), Probe("sound", Fraction(5), 0, 0, Fraction(0), True)),
    "clap.wav": OwnFile(digest_of("clap.wav"), Probe("sound", Fraction(1), 0, 0, Fraction(0), True)),
}
FFMPEG = "ffmpeg version 9 sha256:0"
_ADVANCES = dict.fromkeys(range(0x20, 0x2000), 600)
FONT = FontFile(digest_of("a font"), tuple(Face(FAMILY, bold, 1000, _ADVANCES) for bold in (False, True)))
TYPEFACES = {role: Typeface((FONT,)) for role in ("text", "title")}
FINAL, DRAFT = Request(), Request(draft=True)
YOUTUBE, SQUARE = Output("youtube", "youtube"), Output("square", "square")


def shot(id: str, prompt: str = "a cup", seconds: str = "6", **said: Any) -> Shot:
    """Give a shot of a vendor's model; what is said goes to the source or to the shot, by its name."""
    of_shot = {name: said.pop(name) for name in list(said) if name in Shot.__dataclass_fields__}
    source = replace(Prompted(prompt, prompt, (), ("kling-3",), {}, 0), **said)
    return replace(Shot(id, source, Fraction(seconds)), **of_shot)


def filmed(id: str, seconds: str = "6", **said: Any) -> Shot:
    """Give a shot of own footage."""
    return Shot(id, Filmed("a.mp4", **said), Fraction(seconds))


def card(id: str, seconds: str = "2", **said: Any) -> Shot:
    """Give a title card."""
    return Shot(id, Card("The title", **said), Fraction(seconds))


def film(*shots: Shot, outputs: Iterable[Output] = (YOUTUBE,), **said: Any) -> Project:
    """Give a project."""
    return replace(Project("p", Fraction(24), (16, 9), shots, tuple(outputs)), **said)


def cast(*members: Member) -> dict[str, Member]:
    """Give members by name."""
    return {member.name: member for member in members}


ANNA = Member("anna", "tall Anna", (FilePicture("anna.png"),))
PORTRAIT = Still("portrait of Anna", ("flux-2-pro",), label="anna")
VOICE = Voice(("elevenlabs",), "Rachel")
MUSIC = Music(prompt="warm guitar", models=("stable-audio-2",))


def line(id: str = "pour", text: str = "Come in.", **said: Any) -> Line:
    """Give a spoken line."""
    return replace(Line(id, text, VOICE), **said)


def said(seconds: str, *words: tuple[str, str, str]) -> Spoken:
    """Give a line as it was spoken: how long, and words with their times."""
    return Spoken(Fraction(seconds), tuple(Word(text, Fraction(start), Fraction(end)) for text, start, end in words))


def effect(label: str = "sfx pour", prompt: str = "rain", **said: Any) -> Music:
    """Give a sound effect."""
    return replace(Music(prompt=prompt, models=("elevenlabs-sfx",), label=label), **said)


def last_of(id: str) -> Picture:
    """Give the last picture of a shot."""
    return FrameOf(id, True)


@dataclass
class Shop:
    """A buyer of whatever plans ask for, and the lock that it fills.

    Another ffmpeg takes other pictures from moving ones, and the same from stills. What pictures are called here is in
    `golden/paid_keys.json`, since keys are bound from it: leave it as it is.

    Args:
        alike: own files whose pixels are those of another one, by digest.
        spoken: lines that were heard, by the key of what made their words.
        failing: takes of which no attempt passes, from 0.
        arrays, imaging: the libraries that reckon and scale here.
        pins_hold: whether pictures are bound from their pins; else they are made anew each time.
    """

    lock: Lock = field(default_factory=Lock)
    catalog: Any = CATALOG
    own: Mapping[str, OwnFile] = field(default_factory=lambda: OWN)
    ffmpeg: str = FFMPEG
    missing: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alike: dict[Digest, Digest] = field(default_factory=dict)
    failing: set[int] = field(default_factory=set)
    spoken: dict[Digest, Spoken] = field(default_factory=dict)
    arrays: str = "numpy"
    imaging: str = "pillow"
    pins_hold: ClassVar[bool] = True
    bills: list[BoundAction] = field(default_factory=list)

    @property
    def world(self) -> World:
        """What planning is told now."""
        libraries = {"arrays": self.arrays, "imaging": self.imaging}
        return World(self.catalog, self.own, self.ffmpeg, self.lock, self.missing, TYPEFACES, self.spoken, **libraries)

    def planned(self, project: Project, request: Request = FINAL) -> Graph:
        """Plan a project that has no mistakes."""
        found = plan(project, self.world, request)
        assert found.graph is not None, found.problems
        return found.graph

    def sentences(self, project: Project, request: Request = FINAL) -> list[str]:
        """Give what is wrong with a project."""
        return [problem.sentence for problem in plan(project, self.world, request).problems]

    def build(self, project: Project, request: Request = FINAL) -> list[BoundAction]:
        """Buy what a project asks for and the lock hasn't; give the asks that were bought, in order."""
        return self.fill(self.planned(project, request))

    def fill(self, graph: Graph) -> list[BoundAction]:
        """Buy what a plan asks for and the lock hasn't."""
        new = len(self.bills)
        made: dict[Ref, Digest] = {}
        names: dict[Ref, Digest] = {}
        for id, node in graph.nodes.items():
            bound = bind(node.action, made)
            outputs, name = self._answered(node, bound, names)
            for output in node.action.outputs:
                made[Ref(id, output)] = outputs[output]
                names[Ref(id, output)] = name or outputs[output]
        self.lock = lock_changes.with_models(self.lock, graph.routed)
        return self.bills[new:]

    def _answered(
        self, node: Node, bound: BoundAction, names: Mapping[Ref, Digest]
    ) -> tuple[Mapping[str, Digest], Digest | None]:
        """Give what an action makes, and what questions call it where not by that."""
        conduct = node.conduct
        if conduct.is_paid:
            return {name: blob.digest for name, blob in self._bought(node, bound).items()}, None
        if conduct.question is None:
            return {name: digest_of([bound.key, name]) for name in bound.outputs}, bound.key
        inputs = {slot: names[it] if isinstance(it, Ref) else it for slot, it in node.action.inputs.items()}
        question = question_of(bound.mnemonic, conduct.question, inputs)
        if question not in self.lock.pins or not self.pins_hold:
            pixels = {slot: self.alike.get(it, it) for slot, it in inputs.items()}
            made = question_of(bound.mnemonic, conduct.question, pixels)
            drawn_by = "" if set(pixels.values()) <= {file.digest for file in OWN.values()} else self.ffmpeg
            blobs = {name: Blob(digest_of([made, name, drawn_by]), 1, kind) for name, kind in bound.outputs.items()}
            self.lock = lock_changes.with_pin(self.lock, conduct.label, Pin(question, blobs))
        return {name: blob.digest for name, blob in self.lock.pins[question].outputs.items()}, question

    def _bought(self, node: Node, ask: BoundAction) -> Mapping[str, Blob]:
        for take in range(node.conduct.takes):
            candidate = attempts.of_take(ask, take) if take else ask
            candidate = attempts.covering(self.lock, candidate) or candidate
            known = self.lock.asks.get(candidate.key)
            if known is None:
                self.bills.append(candidate)
                known = self._enter(node, candidate)
            if known.answer is not None:
                return known.answer.outputs
        raise AssertionError("nothing passed")

    def _enter(self, node: Node, ask: BoundAction) -> Asked:
        """Write an attempt down; it passes unless its take is to fail."""
        hire, take = node.conduct.hires[0], ask.params["take"]
        attempt = attempts.attempt(ask, hire, 0, ask.params.get("negative", ()))
        outputs = {name: Blob(digest_of([attempt.key, name]), 1, kind) for name, kind in ask.outputs.items()}
        entry = Bought(attempt_id(attempt.key), attempt.key, hire.model, 0, "v/1", None, "2026-11-20", outputs)
        seconds = Fraction(ask.params["seconds"]) if "seconds" in ask.params else None
        asked = Asked(ask.key, attempts.unsized(ask), seconds, None, (), take)
        self.lock = lock_changes.with_bought(self.lock, node.conduct.label, asked, entry)
        if take not in self.failing:
            self.lock = lock_changes.with_circled(self.lock, ask.key, attempt.key)
        return self.lock.asks[ask.key]


def nodes(graph: Graph, *mnemonics: str) -> list[Node]:
    """Give the nodes of some kinds, in order."""
    return [node for node in graph.nodes.values() if node.action.mnemonic in mnemonics]


def asked(graph: Graph) -> list[Mapping[str, Any]]:
    """Give the params of everything that would be asked of vendors."""
    return [node.action.params for node in graph.nodes.values() if node.conduct.is_paid]


def footage(graph: Graph) -> dict[str, Node]:
    """Give the takes by the first shot that shows them; candidates have their number behind."""
    found = {}
    for node in nodes(graph, "Footage"):
        place = graph.places[node.action.id][0]
        found[f"{place.shot}{f' {place.role}' if place.role else ''}"] = node
    return found
