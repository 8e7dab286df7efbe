"""What of a plan's finished videos is measured for a project's `tests`: further actions behind those of the graph.

It reads the graph alone: which parts a file is copied together from, which lines its mix lays where, which cues and
texts its pieces draw. Whether a video is as it should be it doesn't know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild.media import screening
from vidbuild.media.asserting import LETTERED, MEASURED
from vidbuild.spec.model import Assertion
from vidbuild.words.action import Action, Conduct, Deliverable, Graph, Node, Place, Ref
from vidbuild.words.digest import Digest

_LINE = "l"
"""What slots of spoken lines begin with, in a mix."""
_PIECES = ("srt", "vtt")


@dataclass(frozen=True)
class Screening:
    """One finished video, what is asserted of it, and what is measured for that.

    Args:
        shots: where each shot stands in it, in seconds from and to.
        film, captions: the measurements of the whole, where one is needed.
        letters: those of its pieces with text, with the time at which each begins.
    """

    deliverable: Deliverable
    assertions: tuple[Assertion, ...]
    shots: Mapping[str, tuple[tuple[Fraction, Fraction], ...]] = field(default_factory=dict)
    film: Ref | None = None
    captions: Ref | None = None
    letters: tuple[tuple[Fraction, Ref], ...] = ()

    @property
    def measured(self) -> Iterator[Ref]:
        """All measurements."""
        yield from (ref for ref in (self.film, self.captions) if ref is not None)
        yield from (ref for _, ref in self.letters)


def screened(
    graph: Graph, asserted: Mapping[str | None, Sequence[Assertion]], ffmpeg: str
) -> tuple[Graph, tuple[Screening, ...]]:
    """Add the measurements that assertions need to a graph.

    Args:
        asserted: what is asserted, by the language of the project.
    """
    adding = _Adding(graph, f"{ffmpeg} screening@{screening.REVISION}")
    found = []
    for each in graph.deliverables:
        about = [one for one in asserted.get(each.variant, ()) if not one.outputs or each.output in one.outputs]
        if about:
            found.append(adding.screening(each, tuple(about)))
    return adding.whole(), tuple(found)


@dataclass(frozen=True)
class _Part:
    """A part of a finished video: whose pictures, from which one on."""

    id: Digest
    action: Action
    first: int
    shots: tuple[str, ...]

    @property
    def frames(self) -> int:
        return int(self.action.params["frames"])


class _Adding:
    """Adds measurements to a graph."""

    def __init__(self, graph: Graph, tool: str):
        self.graph = graph
        self.tool = tool
        self.nodes = dict(graph.nodes)
        self.places = dict(graph.places)

    def whole(self) -> Graph:
        """Give the graph with all that was added."""
        return replace(self.graph, nodes=self.nodes, places=self.places)

    def screening(self, each: Deliverable, about: tuple[Assertion, ...]) -> Screening:
        """Measure what assertions need to know of a finished video."""
        parts = list(self._parts(each))
        keys = {one.key for one in about}
        return Screening(
            each,
            about,
            _spans(parts, each.fps),
            self._film(each) if keys & MEASURED else None,
            self._captions(each, parts) if "captions" in keys else None,
            tuple(self._letters(each, parts)) if keys & LETTERED else (),
        )

    def _parts(self, each: Deliverable) -> Iterator[_Part]:
        """Give what a video is copied together from, in order."""
        first = 0
        action = self.graph.nodes[each.source.action].action
        for slot, source in action.inputs.items():
            if slot == "mix" or not isinstance(source, Ref):
                continue
            made = self.graph.nodes[source.action].action
            places = self.graph.places[source.action]
            shots = dict.fromkeys(place.shot for place in places if place.shot and place.output == each.output)
            yield _Part(source.action, made, first, tuple(shots))
            first += int(made.params["frames"])

    def _add(self, params: Mapping[str, Any], inputs: Mapping[str, Ref | Digest], place: Place) -> Ref:
        action = Action("Measure", params, inputs, screening.FACTS, self.tool)
        self.nodes[action.id] = Node(action, Conduct(expected=1))
        self.places[action.id] = (*self.places.get(action.id, ()), place)
        return Ref(action.id, "facts")

    def _film(self, each: Deliverable) -> Ref:
        return self._add(screening.film(each.frames > 0), {"take": each.source}, _place(each, "film"))

    def _captions(self, each: Deliverable, parts: Sequence[_Part]) -> Ref:
        """Lay the captions of a video against the lines that are heard in it."""
        inputs: dict[str, Ref | Digest] = {}
        voices, tracks = [], dict[str, list[dict[str, Any]]]()
        mix = self.graph.nodes[each.source.action].action.inputs["mix"]
        assert isinstance(mix, Ref)
        mixed = self.graph.nodes[mix.action].action
        for sound in _laid(mixed.params["steps"]):
            slot = sound["from"].strip("{}").removeprefix("in:")
            if slot.startswith(_LINE) and slot in mixed.inputs:
                inputs[slot] = mixed.inputs[slot]
                voices.append({"from": slot, "at": sound["at"], "samples": sound["samples"], "is_voice": True})
        for part in parts:
            if (cues := part.action.inputs.get("cues")) is not None:
                slot = f"cues{part.first:08d}"
                inputs[slot] = cues
                said = {"from": slot, "clock": _clock(self.graph, cues), "frames": part.frames, "at": part.first}
                tracks.setdefault("drawn", []).append(said)
        for suffix, ref in each.beside.items():
            if suffix.rpartition(".")[2] in _PIECES:
                inputs[suffix.replace(".", "_")] = ref
                tracks[suffix] = [{"from": suffix.replace(".", "_")}]
        return self._add(screening.captions(str(each.fps), voices, tracks), inputs, _place(each, "captions"))

    def _letters(self, each: Deliverable, parts: Iterable[_Part]) -> Iterator[tuple[Fraction, Ref]]:
        """Look at the letters of every piece that has some; in a transition, of those that stand over both shots."""
        for part in parts:
            clocks = self.graph.lettered.get(part.id, {})
            texts = [step["text"] for step in part.action.params["steps"] if "text" in step]
            written = {text["name"]: text["lines"] for text in texts}
            files = [
                {"name": name, "clock": clock, **({"lines": written[name]} if name in written else {"from": "cues"})}
                for name, clock in clocks.items()
                if name in written or "cues" in part.action.inputs
            ]
            if not files:
                continue
            inputs = {slot: source for slot, source in part.action.inputs.items() if slot.startswith("font")}
            if "cues" in part.action.inputs:
                inputs["cues"] = part.action.inputs["cues"]
            params = screening.lettering((each.width, each.height), part.frames, files)
            place = replace(_place(each, "lettering"), shot=next(iter(part.shots), None))
            yield part.first / each.fps, self._add(params, {**inputs, "piece": Ref(part.id, "video")}, place)


def _place(each: Deliverable, role: str) -> Place:
    return Place(output=each.output, variant=each.variant, role=role)


def _laid(steps: Sequence[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Give the sounds that a mix lays."""
    return next((step["lay"]["sounds"] for step in steps if "lay" in step), ())


def _clock(graph: Graph, cues: Ref | Digest) -> int:
    """Give the first picture on the clock of a window's captions."""
    assert isinstance(cues, Ref)
    return int(graph.nodes[cues.action].action.params["steps"][0]["cues"]["first"])


def _spans(parts: Sequence[_Part], rate: Fraction) -> dict[str, tuple[tuple[Fraction, Fraction], ...]]:
    """Say where each shot stands; a window of a transition belongs to both."""
    found: dict[str, list[tuple[Fraction, Fraction]]] = {}
    for part in parts:
        for shot in part.shots:
            spans = found.setdefault(shot, [])
            start, end = part.first / rate, (part.first + part.frames) / rate
            if spans and spans[-1][1] == start:
                spans[-1] = (spans[-1][0], end)
            else:
                spans.append((start, end))
    return {shot: tuple(spans) for shot, spans in found.items()}
