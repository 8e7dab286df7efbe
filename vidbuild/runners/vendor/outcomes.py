"""What comes of a request that got no answer, and of a download that failed: as values and one error.

It knows what each means for the money: whether the vendor can have got the request, whether a further try may help.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from vidbuild.words.errors import ActionFailed

NO_ADDRESS = "has no address: its name can't be resolved"


class CannotRead(Exception):
    """No answer, or not the whole; the text follows the host's name, and tells no header and no address."""


class Unreached(CannotRead):
    """No connection came about, so nothing was sent."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """The vendor can't have got the request whole: sending it again is safe.

    Args:
        reason: why, in words that follow the host's name ("refused the connection").
    """

    host: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The vendor has or may have got the request, and what it said about it is lost.

    Args:
        reason: as for `Unsent`.
        status: the status that was read before the rest was lost.
    """

    host: str
    reason: str
    status: int | None = None


@dataclass(frozen=True, slots=True)
class Redirected:
    """The vendor sends us elsewhere, and nothing is sent on: a key belongs to the host it was meant for.

    Args:
        to: the host that it named; empty where it named none.
    """

    host: str
    status: int
    to: str = ""

    @property
    def is_unmade(self) -> bool:
        """Whether the request was not acted on: 303 alone says that it was (RFC 9110, 15.4.4)."""
        return self.status in (301, 302, 307, 308)


class Fault(enum.StrEnum):
    """Why a download failed."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    BUSY = "busy"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    NOT_MEDIA = "not media"
    TOO_LARGE = "too large"
    EXPIRED = "expired"
    FORBIDDEN = "forbidden"
    ODD = "odd"


_PASSING = frozenset({Fault.UNREACHABLE, Fault.SLOW, Fault.BUSY, Fault.TRUNCATED, Fault.EMPTY, Fault.NOT_MEDIA})


class FetchFailed(ActionFailed):
    """A result could not be fetched; nothing stands at its path. The address, which may be as good as a key, is untold.

    Args:
        retry_after_s: when it may be tried again, as the vendor says.
    """

    def __init__(
        self,
        fault: Fault,
        sentence: str,
        facts: Mapping[str, str] | None = None,
        retry_after_s: float | None = None,
    ):
        super().__init__(sentence, facts)
        self.fault = fault
        self.retry_after_s = retry_after_s

    @property
    def may_pass(self) -> bool:
        """Whether fetching the same address again may help."""
        return self.fault in _PASSING

    @property
    def needs_fresh_link(self) -> bool:
        """Whether the job has to be asked for a fresh address."""
        return self.fault is Fault.EXPIRED


@dataclass(frozen=True, slots=True)
class Fetched:
    """What was fetched.

    Args:
        size: in bytes.
        media_type: as the server says, in lower case without parameters; empty where it doesn't.
        is_whole: whether the server told where it ends; if not, a cut can't be told from the end.
    """

    size: int
    media_type: str
    is_whole: bool
