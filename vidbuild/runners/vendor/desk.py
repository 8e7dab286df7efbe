"""What the drivers of a build share: the catalog, the edge to vendors, the log, the purse, paces, latencies, the clock.

It does nothing itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Protocol

from vidbuild.catalog.model import Catalog, Provider
from vidbuild.runners.vendor.cadence import Cadence, Latencies
from vidbuild.runners.vendor.outcomes import Fetched, Redirected, Unanswered, Unsent
from vidbuild.runners.vendor.pace import Pace
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.uploads import Uploads
from vidbuild.wire.values import Request, Response
from vidbuild.words.digest import Digest
from vidbuild.words.events import Sink
from vidbuild.words.locked import Bought


class Exchange(Protocol):
    """The edge to vendors; `vidbuild.runners.vendor.transport` is the real one."""

    async def exchange(
        self,
        request: Request,
        signed: Callable[[Mapping[str, str]], Mapping[str, str]] | None = None,
        deadline_s: float = 60.0,
    ) -> Response | Unsent | Unanswered | Redirected:
        """Send one request and give its answer, or why there is none."""

    async def fetch(
        self, url: str, path: Path, most_bytes: int, deadline_s: float, headers: Mapping[str, str] | None = None
    ) -> Fetched:
        """Download to a new file; raise `FetchFailed`."""


class Purse(Protocol):
    """Who keeps the caps."""

    def reserve(self, attempt: Digest, label: str, usd: Fraction | None) -> None:
        """Set money aside; raise `OverBudget`."""

    def settle(self, attempt: Digest, usd: Fraction | None) -> None:
        """Say what it came to."""

    def release(self, attempt: Digest) -> None:
        """Say that nothing was bought."""


async def nothing_to_get(provider: Provider) -> None:
    """Be ready at once: most vendors want a key alone."""


@dataclass
class Desk:
    """What the drivers of a build share.

    Args:
        bases: the address to reach each provider at.
        hosts: the address of one of its further hosts, by name.
        sign: puts a provider's secrets on headers, at a time.
        ready: sees that a provider's token, if it wants one, can be put there.
        settings: gives what a provider's templates take from the environment.
        allow: raises where a provider's secrets may not be sent to an address.
        masked: takes secrets and control characters out of a vendor's words.
        vet: sees that a file is what it must be; raises `BadMedia`.
        timed: writes when the words of a text are said in a recording of it: text, sound, where to.
        now: Unix time in seconds.
        nonce: gives a new nonce.
        uploads: what vendors hold of our files.
        project: whose purchases these are.
        locked: what the lock knows of an attempt.
        paid: what was bought in this build, by attempt.
        out: who holds each job of this build, by provider and id.
        holder: who holds a job by what earlier builds wrote down.
    """

    catalog: Catalog
    transport: Exchange
    bases: Callable[[Provider], str]
    sign: Callable[[Provider, Mapping[str, str], float], Mapping[str, str]]
    allow: Callable[[Provider, str], None]
    masked: Callable[[str], str]
    vet: Callable[[Path, str], Awaitable[object]]
    timed: Callable[[str, Path, Path], Awaitable[object]]
    log: JobLog
    purse: Purse
    pace: Callable[[Provider], Pace]
    latencies: Latencies
    now: Callable[[], float]
    nonce: Callable[[], str]
    sink: Sink
    uploads: Uploads
    hosts: Callable[[Provider, str], str]
    project: str = ""
    cadence: Cadence = field(default_factory=Cadence)
    retry_refused: bool = False
    locked: Callable[[Digest], Bought | None] = lambda key: None
    paid: dict[Digest, Fraction | None] = field(default_factory=dict)
    out: dict[tuple[str, str], Digest] = field(default_factory=dict)
    holder: Callable[[str, str], Digest | None] = lambda provider, id: None
    ready: Callable[[Provider], Awaitable[None]] = nothing_to_get
    settings: Callable[[Provider], Mapping[str, str]] = lambda provider: {}
