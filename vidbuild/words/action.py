"""The waist: what is planned (`Action`), what is hashed and executed (`BoundAction`), what came of it (`ActionResult`).

Nothing here knows a mnemonic's meaning, a store, or how anything is run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from vidbuild.words.digest import Digest, digest_of, plain


@dataclass(frozen=True, slots=True)
class Ref:
    """An output of another action, by that action's id."""

    action: Digest
    output: str


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes in a store: their digest, how many, what they are."""

    digest: Digest
    size: int
    media_type: str


@dataclass(frozen=True)
class Action:
    """A planned step. Its id is a digest of what it does, so steps equal but for their place are one.

    Args:
        mnemonic: what kind of step (`Segment`, `Footage`, ...).
        params: plain values; everything that decides bytes and is not an input.
        inputs: by slot name; a `Ref` where another action makes it, a `Digest` of an own file.
        outputs: the names of what it makes, with their media types.
        tool: what makes it, by identity (an encoder's version and sha256, a model's name and revision).
        pool: whose slots it takes while it runs; not part of the id.
    """

    mnemonic: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Ref | Digest]
    outputs: Mapping[str, str]
    tool: str
    pool: str = "cpu"

    @cached_property
    def id(self) -> Digest:
        """The digest of mnemonic, params, tool and inputs (Refs by id)."""
        inputs = {
            name: {"action": source.action, "output": source.output} if isinstance(source, Ref) else source
            for name, source in self.inputs.items()
        }
        return digest_of({"mnemonic": self.mnemonic, "params": self.params, "tool": self.tool, "inputs": inputs})

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The inputs that other actions make."""
        return tuple(source for source in self.inputs.values() if isinstance(source, Ref))


@dataclass(frozen=True)
class BoundAction:
    """An action whose inputs are all digests: the whole content of a key, and all that says *what* to make."""

    mnemonic: str
    params: Mapping[str, Any]
    inputs: Mapping[str, Digest]
    outputs: Mapping[str, str]
    tool: str

    @cached_property
    def key(self) -> Digest:
        """The action key: the digest of this record."""
        return digest_of(self.record())

    def record(self) -> dict[str, Any]:
        """Give the record in JSON's own types, as it is hashed and kept beside a result."""
        made: dict[str, Any] = plain(
            {
                "mnemonic": self.mnemonic,
                "params": self.params,
                "inputs": self.inputs,
                "outputs": self.outputs,
                "tool": self.tool,
            }
        )
        return made


def bind(action: Action, made: Mapping[Ref, Digest]) -> BoundAction:
    """Replace every `Ref` by the digest of what it names; every one of them must be in `made`."""
    inputs = {name: made[source] if isinstance(source, Ref) else source for name, source in action.inputs.items()}
    return BoundAction(action.mnemonic, action.params, inputs, action.outputs, action.tool)


@dataclass(frozen=True)
class Hire:
    """One model that may make an ask, and what an attempt by it may cost.

    Args:
        model: its name in the catalog.
        tool: its name and revision, as keys hold it.
        provider: through whom it is reached.
        reservation: the high price of one attempt in USD, set aside before its intent; `None` when unknown.
        list_usd: the list price of one attempt in USD; `None` when unknown.
        least_usd: what it may cost at the least, where that is not the list price: its length is guessed.
        reshoot_rate: which part of its attempts is likely to be shot again, 0 to 1.
        own: what of the ask is otherwise for this model: an avatar's id is its vendor's own.
    """

    model: str
    tool: str
    provider: str
    reservation: Fraction | None = None
    list_usd: Fraction | None = None
    reshoot_rate: Fraction = Fraction(0)
    least_usd: Fraction | None = None
    own: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Conduct:
    """How, when and through whom a thing is made: never hashed, never decides what.

    Args:
        hires: the models that may make an ask, in the order they are tried; none for what is made here.
        checks: what a take must be, by the name of the check (`vidbuild.media.checks`).
        reshoots: further attempts after a failed one.
        takes: how many takes were asked for, of which the first that passes is shown; this ask is the first of them.
        judge: what a vision model is asked about a take, and through whom; `None` without one.
        label: whose group of the lock it belongs to (`shot pour`).
        question: what is asked in the spec's words, for a step that paid keys are bound from; its pin is found by it.
        routed_by: the question that routing answers, in words; the lock may pin its answer.
        objection: why nothing new is bought this way, though what was bought stands; empty where nothing is said of it.
        is_awaited: whether another paid action waits for it.
        expected: what it likely costs in CPU seconds (made here) or waiting (at a vendor), for the order.
        behind: the longest path that waits for it, in the same seconds; the engine says so of what it is asked for.
    """

    hires: tuple[Hire, ...] = ()
    checks: Mapping[str, Any] = field(default_factory=dict)
    reshoots: int = 0
    takes: int = 1
    judge: Judging | None = None
    label: str = ""
    question: Mapping[str, Any] | None = None
    routed_by: str = ""
    objection: str = ""
    is_awaited: bool = False
    expected: float = 0.0
    behind: float = 0.0

    @property
    def is_paid(self) -> bool:
        """Whether a vendor is asked, for money."""
        return bool(self.hires)


@dataclass(frozen=True)
class Judging:
    """What a vision model is asked about a take.

    Args:
        hires: the models that may look, in the order they are tried.
        questions: each is answered from 0 (no) to 1 (yes).
        threshold: what every answer must reach.
        options: the models' own, as written.
    """

    hires: tuple[Hire, ...]
    questions: tuple[str, ...]
    threshold: Fraction
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ActionResult:
    """What came of a bound action: blobs by output name, and facts about the making that are never compared.

    Facts: cost, seconds, provider job, seed, attempts, measured frames and size.
    """

    outputs: Mapping[str, Blob]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the project an action stands; a relation beside the graph, never hashed.

    Args:
        shot: a shot's id, or `None` for what belongs to a cut or a whole.
        output: an output's name, or `None` for what all outputs share.
        variant: a variant's key, or `None` without variants.
        piece: which piece of the shot, counted from 0.
        role: what tells apart two steps of one mnemonic at one place (`init`, `music`).
    """

    shot: str | None = None
    output: str | None = None
    variant: str | None = None
    piece: int | None = None
    role: str | None = None


@dataclass(frozen=True)
class Node:
    """An action in the graph with its conduct, and what the author said that led to it, by key of the language.

    The words serve `why` alone: they are never hashed and reach no runner. So does what is told of its routing.
    """

    action: Action
    conduct: Conduct = Conduct()
    words: Mapping[str, str] = field(default_factory=dict)
    told: tuple[str, ...] = ()


@dataclass(frozen=True)
class Deliverable:
    """A finished file: which output of which action is written where.

    Args:
        id: the digest of output, variant and path.
        path: relative to the project file's folder, with `/`; below the out folder.
        frames, fps, width, height, seconds: what the file will be, exactly.
        beside: files that stand beside it, by their suffix (`srt`), or by what follows its name (`-720p.mp4`).
        most: how many bytes it may have; a limit of whom it is for, of no key.
    """

    output: str
    variant: str | None
    path: str
    source: Ref
    frames: int
    fps: Fraction
    width: int
    height: int
    seconds: Fraction
    poster: Ref | None = None
    beside: Mapping[str, Ref] = field(default_factory=dict)
    most: int | None = None

    @property
    def companions(self) -> Mapping[str, Ref]:
        """What stands beside it, by path: its poster, captions, renditions."""
        stem = self.path.rpartition(".")[0]
        poster = {"jpg": self.poster} if self.poster is not None else {}
        return {
            f"{stem}{'' if last.startswith('-') else '.'}{last}": ref for last, ref in {**poster, **self.beside}.items()
        }

    @property
    def ends(self) -> tuple[Ref, ...]:
        """All that it is made of: the video, its poster, what stands beside."""
        return (self.source, *((self.poster,) if self.poster is not None else ()), *self.beside.values())

    @cached_property
    def id(self) -> Digest:
        """The digest of output, variant and path."""
        return digest_of({"output": self.output, "variant": self.variant, "path": self.path})


@dataclass(frozen=True)
class Graph:
    """All actions of a request by id, in an order where inputs come first, with places and what is delivered.

    Args:
        routed: the answers to questions of routing, as the lock pins them.
        lettered: the files of text that an action draws, with the number of its first picture on their clocks.
    """

    nodes: Mapping[Digest, Node]
    places: Mapping[Digest, tuple[Place, ...]]
    deliverables: tuple[Deliverable, ...]
    notes: tuple[str, ...] = ()
    routed: Mapping[str, str] = field(default_factory=dict)
    lettered: Mapping[Digest, Mapping[str, int]] = field(default_factory=dict)
