"""What goes to a vendor and comes back, as values: jobs, requests, responses, answers. No I/O, no vendor by name."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any


@dataclass(frozen=True)
class Media:
    """Bytes that are sent along.

    Args:
        name: of the file, where it is sent as one.
    """

    data: bytes = field(repr=False)
    media_type: str
    name: str = ""


@dataclass(frozen=True)
class Job:
    """What one attempt asks of a vendor, in our words.

    Args:
        kind: `footage`, `picture`, `music`, `speech`, `effect`, `judge`, `avatar`, `lipsync`.
        model: the vendor's own id, from the route.
        prompt: as written for this model, negative and cast folded in where it takes none.
        negative: as one text, where the model takes one; else empty.
        seed: `None` where the model takes none.
        seconds: the length asked for; `None` where the kind has none.
        aspect: `16:9`; `None` where the kind has none.
        options: the model's own, as the author wrote them.
        silent: whether sound is to be left out.
        voice, language: of speech; `prompt` is then the text.
        avatar: the vendor's own id of who presents.
        pictures: by slot: `init`, `end`, `reference0`, `reference1`, ..., `frame0`, ... (a judge's); beside
            them `line`, what is said as sound, and `clip`, footage.
        nonce: ours, made once per purchase; sent where the vendor takes such a thing.
        enclosed: what is said of files that the vendor holds already, by `vidbuild.wire.uploads.Enclosure.id`.
    """

    kind: str
    model: str
    prompt: str
    nonce: str
    negative: str = ""
    seed: int | None = None
    seconds: Fraction | None = None
    aspect: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False
    voice: str | None = None
    language: str | None = None
    avatar: str | None = None
    pictures: Mapping[str, Media] = field(default_factory=dict)
    enclosed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """One HTTP request without its secrets; who sends it signs it.

    Args:
        is_signed: whether the provider's auth belongs on it.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    is_signed: bool = True


@dataclass(frozen=True)
class Response:
    """What came back; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Cause(enum.StrEnum):
    """Why a vendor said no."""

    REFUSED = "refused"
    INVALID = "invalid"
    KEY = "key"
    CREDIT = "credit"
    BUSY = "busy"
    SERVER = "server"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    GONE = "gone"
    RETIRED = "retired"


@dataclass(frozen=True)
class Wrong:
    """A vendor said no.

    Args:
        message: the vendor's own words, to be cleaned before they are shown.
        code: the vendor's own code.
        retry_after_s: when it may be tried again, as the vendor says.
        is_unmade: whether it is sure that no job was made by the request that this answers.
        has_ended: whether the job itself is over, and not a request about it wrong.
        usd: what it cost all the same, where the vendor tells.
    """

    cause: Cause
    message: str = ""
    code: str = ""
    retry_after_s: float | None = None
    is_unmade: bool = False
    has_ended: bool = False
    usd: Fraction | None = None


@dataclass(frozen=True)
class Accepted:
    """A job was made: its handle is all that is needed to find it again (`id`, and addresses where the vendor gives
    them), safe to be written down."""

    handle: Mapping[str, str]
    usd: Fraction | None = None


@dataclass(frozen=True)
class Pending:
    """A job is not done.

    Args:
        state: `queued` or `running`.
        progress: 0 to 1.
        wait_s: how long the vendor wants us to wait before we ask again.
    """

    state: str = "running"
    progress: float | None = None
    wait_s: float | None = None


@dataclass(frozen=True)
class Artifact:
    """One thing that a job made: an address to fetch it from, or its bytes.

    Args:
        is_signed: whether the key is needed to fetch it.
        is_told: whether the file tells how it was made, which is taken out of it.
    """

    media_type: str
    url: str | None = None
    data: bytes | None = field(default=None, repr=False)
    is_signed: bool = False
    is_told: bool = False


@dataclass(frozen=True)
class Done:
    """A job is done: what it made by output name (`video`, `picture`, `sound`, `words`, `answers`)."""

    artifacts: Mapping[str, Artifact]
    usd: Fraction | None = None
    handle: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


Answer = Accepted | Pending | Done | Wrong
