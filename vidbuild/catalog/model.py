"""What the catalog holds, as values: platform profiles and models. It knows no file and no vendor's protocol."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.words.names import written_as

JOB_VALUES = (
    "model", "prompt", "negative", "seed", "seconds", "aspect", "options", "silent", "voice", "language", "init", "end",
    "references", "frames", "nonce", "asked", "since", "sound", "each", "tag", "judging", "verdict",
    "id", "avatar", "line", "clip", "workflow",
)  # fmt: skip
"""What templates of the wire may name of a job, beside the values that its provider or route defines."""
FILE_VALUES = ("file", "file_name", "size", "type", "sha256")
"""What templates of an upload may name, beside what its steps keep."""

NOWHERE = ".invalid"
"""The end of a host that can't be (RFC 6761): a provider with such a base is wherever the environment says."""


@dataclass(frozen=True, slots=True)
class Preview:
    """A short animation beside a video: its form (`webp`, `gif`), width, pictures a second, length."""

    form: str = "webp"
    width: int = 480
    fps: Fraction = Fraction(10)
    seconds: Fraction = Fraction(4)


@dataclass(frozen=True, slots=True)
class Rung:
    """A smaller rendition of a video: the length of its short side, its quality and its highest rate."""

    lines: int
    crf: int
    maxrate_kbps: int | None = None


@dataclass(frozen=True)
class Profile:
    """A platform's profile.

    Args:
        width, height: in pixels; `None` for the master picture at 1080 lines.
        fps_allowed, fps_max: rates that the platform takes; empty and `None` for any.
        codec: how pictures are encoded: `h264`, `h265`, `av1`, `vp9`, `prores`.
        preset, crf: how fast and how well, in x264's words.
        maxrate_kbps, bufsize_kbps: the highest rate, and over how much buffer; no bound where `None`.
        form: the form of a file of sound alone (`m4a`, `mp3`); `None` for a video.
        also: further forms of the same video (`webm`).
        ladder: smaller renditions of it.
        stems: whether the stems of its sound stand beside it.
        audio_kbps: the rate of its sound.
        lufs: integrated loudness of its sound; as it comes where `None`.
        peak_db: its true peak at most.
        min_s, max_s: the shortest and the longest video it takes, in seconds.
        max_mb: the largest file it takes, in millions of bytes.
        captions: its habit: `burn` or `none`.
        poster: the size of its thumbnail, where not the picture's own.
        preview: a short animation beside it.
        safe: what its own signs may cover at the top, right, bottom and left, as parts of the picture.
    """

    name: str
    width: int | None
    height: int | None
    title: str = ""
    fps_allowed: tuple[Fraction, ...] = ()
    fps_max: Fraction | None = None
    codec: str = "h264"
    preset: str = "veryfast"
    crf: int = 20
    maxrate_kbps: int | None = None
    bufsize_kbps: int | None = None
    form: str | None = None
    also: tuple[str, ...] = ()
    ladder: tuple[Rung, ...] = ()
    stems: bool = False
    audio_kbps: int = 192
    lufs: Fraction | None = None
    peak_db: Fraction = Fraction(-1)
    min_s: Fraction | None = None
    max_s: Fraction | None = None
    max_mb: int | None = None
    captions: str = "none"
    poster: tuple[int, int] | None = None
    preview: Preview | None = None
    safe: tuple[Fraction, Fraction, Fraction, Fraction] = (Fraction(5, 100),) * 4


@dataclass(frozen=True)
class Lengths:
    """Which lengths a model makes, in seconds: some, or a range in steps."""

    choices: tuple[Fraction, ...] = ()
    least: Fraction | None = None
    most: Fraction | None = None
    step: Fraction = Fraction(1)

    def enough(self, needed: Fraction) -> Fraction | None:
        """Give the least that it makes that is at least what is needed, or `None`."""
        if self.choices:
            return min((length for length in self.choices if length >= needed), default=None)
        if self.least is None or self.most is None:
            return needed
        steps = max(0, -int(-(needed - self.least) // self.step))
        found = self.least + steps * self.step
        return found if found <= self.most else None

    @property
    def longest(self) -> Fraction | None:
        """The longest that it makes."""
        return max(self.choices) if self.choices else self.most


@dataclass(frozen=True)
class Accepts:
    """What a model takes beside a prompt.

    Args:
        init, end: a first and a last picture: `no`, `yes` or `must`.
        references: how many pictures of cast members; 0 for none.
        form: how it takes them: `reference`, `tag` (named in the prompt as `@ref1`), `first frame`.
        sound: whether footage has sound: `never`, `asked` (an option or `sound: keep`), `always`.
    """

    init: str = "no"
    end: str = "no"
    references: int = 0
    form: str = "reference"
    seed: bool = False
    negative: bool = False
    sound: str = "never"


@dataclass(frozen=True)
class Price:
    """One line of a price list; the first line whose conditions hold is the price.

    Args:
        usd: for each `per`.
        per: `second`, `take`, `1000 characters`, `minute`.
        when: options with the values they must have (a left out option has its default), `init` and `sound`, each
            true or false, and `seconds`, the longest that is bought at it.
    """

    usd: Fraction
    per: str
    when: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Workflow:
    """A graph of nodes that a vendor runs, with slots that are filled for each job.

    Args:
        graph: by node id: `class_type`, `inputs`, perhaps `_meta`.
        slots: node id, input, and the template of what it gets; without a value the graph's own stays.
    """

    graph: Mapping[str, Any]
    slots: tuple[tuple[str, str, Any], ...] = ()


@dataclass(frozen=True)
class Route:
    """One way to reach a model.

    Args:
        provider: the provider's name.
        id: the vendor's own id of the model.
        operation: which of the provider's operations makes it, by what is asked (`end`, `init`, `references`, `text`)
            or for all (`any`).
        send: names of the wire's values that this route writes otherwise, each a template of `vidbuild.wire.forms`.
        prices: the price list here, where it is not the model's.
        cost: where the vendor tells what it took, at this model's prices; empty where the operation says it.
        workflow: what the vendor runs for it, where that is a graph of nodes; templates name it `$workflow`.
    """

    provider: str
    id: str
    operation: Mapping[str, str]
    send: Mapping[str, Any] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    cost: tuple[Mapping[str, Any], ...] = ()
    workflow: Workflow | None = None

    def takes(self, uses: Collection[str]) -> bool:
        """Say whether it makes something of these: `init`, `end`, `references`; of none of them, from text alone."""
        return "any" in self.operation or any(way in self.operation for way in uses or ("text",))


@dataclass(frozen=True)
class Model:
    """A model that authors name.

    Args:
        kind: what it makes: `footage`, `picture`, `music`, `speech`, `effect`, `judge`, `card`, `avatar`, `lipsync`.
        revision: bumped by hand whenever a local model draws otherwise; vendors' stay at 1.
        strengths: what it is good at, in words that `needs` names.
        options: its own options by name, each a JSON schema with `default` where the vendor's is known.
        prompt_limit: the longest prompt, in `characters`, or UTF-16 units where `prompt_unit` is `utf16`.
        template: how its prompt is put together (`vidbuild.plan.prompts`).
        latency_s: the usual wait for one attempt (its median), and what 95 in 100 stay under.
        reshoot_rate: which part of its attempts is likely to be shot again.
        replaced_by: set when the model is retired.
        facts: source and certainty of each of its keys.
        still_at: providers that have a retired model all the same.
        unreachable: why nobody can ask for it, where that is so.
        instead: models to use instead of such a one, the nearest first.
        checked: the day its facts were looked up.
        is_own: whether a file of the project defines it.
    """

    name: str
    kind: str
    title: str = ""
    revision: int = 1
    aliases: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    lengths: Lengths = Lengths()
    aspects: tuple[str, ...] = ()
    accepts: Accepts = Accepts()
    options: Mapping[str, Any] = field(default_factory=dict)
    prompt_limit: int | None = None
    prompt_unit: str = "characters"
    template: str = ""
    prices: tuple[Price, ...] = ()
    latency_s: tuple[float, float] = (90.0, 240.0)
    reshoot_rate: Fraction = Fraction(1, 10)
    routes: tuple[Route, ...] = ()
    retired_on: str | None = None
    replaced_by: str | None = None
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    still_at: tuple[str, ...] = ()
    unreachable: str = ""
    instead: tuple[str, ...] = ()
    checked: str | None = None
    is_own: bool = False

    @property
    def is_local(self) -> bool:
        """Whether it is part of vidbuild and free."""
        return self.name.startswith("local/")

    def aspect(self, asked: str) -> str | None:
        """Give its own word for an aspect, which is asked for in lowest terms: `21:9` for `7:3`."""
        return next((own for own in self.aspects if _ratio(own) == _ratio(asked)), None)

    def way(self, uses: Collection[str], missing: Mapping[str, Collection[str]]) -> Route | None:
        """Give the route that is taken: the first that takes what is used and lacks no key, else the first."""
        takes = self.accepts
        kinds = {"init": takes.init != "no", "end": takes.end != "no", "references": takes.references > 0}
        asked = {kind for kind, is_taken in kinds.items() if is_taken and kind in uses}
        if "references" in asked and takes.form == "first frame":
            asked = asked - {"references"} | {"init"}
        able = [route for route in self.routes if route.takes(asked)] or self.routes
        return min(able, key=lambda route: bool(missing.get(route.provider)), default=None)

    @property
    def is_free(self) -> bool:
        """Whether it costs nothing, as what runs on the user's own machine: `auto` would always choose it."""
        return bool(self.prices) and not any(price.usd for price in self.prices)

    @property
    def tool(self) -> str:
        """The model's name and revision, as keys hold it."""
        return f"{self.name}@{self.revision}"


def _ratio(aspect: str) -> Fraction:
    width, _, height = aspect.partition(":")
    return Fraction(int(width), int(height))


@dataclass(frozen=True)
class Provider:
    """How a vendor is talked to: data only; `vidbuild.wire` reads it, `vidbuild.runners.vendor` acts by it.

    Args:
        base: the address that paths are added to, without a slash at its end.
        hosts: further addresses of its own, by name.
        keys: the environment variables that hold its secrets.
        auth: `kind` (`none`, `header`, `jwt_hs256`, `oauth`) and what it needs.
        settings: values of templates that the environment gives, by name: the variable of each.
        headers: sent with every request that is signed.
        errors: where an error is told, and what its codes and words mean (`vidbuild.wire.reading`).
        limits: `concurrent` jobs, requests `per_minute`, the bytes of one picture (`picture_bytes`).
        poll: seconds: `least_s` between two polls of one job, `usual_s`.
        operations: what can be asked, by name; what the file says for `every` operation is filled in.
        uploads: how files get there that jobs name (`vidbuild.wire.uploads`).
        idempotency: `header` that carries our nonce, where the vendor makes one job of equal nonces; else empty.
        domains: hosts, or patterns of them (`*.example.com`), that its answers may send us to with the key.
        facts: source and certainty of each of its keys, those of operations as `operation.key`.
        is_own: whether a file of the project defines it, and so may not be trusted.

    All mappings are as in `schemas/provider.schema.json`.
    """

    name: str
    title: str
    base: str
    keys: tuple[str, ...]
    auth: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, Any] = field(default_factory=dict)
    limits: Mapping[str, Any] = field(default_factory=dict)
    poll: Mapping[str, Any] = field(default_factory=dict)
    operations: Mapping[str, Any] = field(default_factory=dict)
    hosts: Mapping[str, str] = field(default_factory=dict)
    uploads: Mapping[str, Any] = field(default_factory=dict)
    idempotency: Mapping[str, str] = field(default_factory=dict)
    domains: tuple[str, ...] = ()
    settings: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    checked: str | None = None
    is_own: bool = False

    @property
    def base_variable(self) -> str:
        """The environment variable that overrides the base address."""
        return self.variable("")

    def variable(self, host: str) -> str:
        """The environment variable that overrides the base address, or one of the further hosts."""
        parts = ("VIDBUILD", self.name, *([host] if host else []), "URL")
        return "_".join(parts).upper().replace("-", "_").replace(".", "_")

    @property
    def variables(self) -> tuple[str, ...]:
        """The environment variables that it can't be reached without: keys, settings, the address of what has none."""
        host = self.base.partition("//")[2].partition("/")[0]
        address = (self.base_variable,) if host.endswith(NOWHERE) else ()
        return (*self.keys, *self.settings.values(), *address)


@dataclass(frozen=True)
class Catalog:
    """Profiles, models and providers by name, and the names that people write for models."""

    profiles: Mapping[str, Profile]
    models: Mapping[str, Model]
    aliases: Mapping[str, str] = field(default_factory=dict)
    providers: Mapping[str, Provider] = field(default_factory=dict)

    def model(self, written: str) -> Model | None:
        """Find a model by its name or an alias, as people write them."""
        name = written_as(written, (*self.models, *self.aliases))
        return None if name is None else self.models.get(self.aliases.get(name, name))
