"""The wiring of what buys: transport, trust, purse, paces and latencies around one build's driver and buyer."""

from __future__ import annotations

import contextlib
import functools
import json
import random
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vidbuild.catalog.model import Provider
from vidbuild.runners import process, untrusted
from vidbuild.runners.base import Workspace
from vidbuild.runners.generate import Buyer
from vidbuild.runners.local_engine import LocalRunner
from vidbuild.runners.vendor import cadence, pace
from vidbuild.runners.vendor.cadence import Cadence
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.driver import JobRunner
from vidbuild.runners.vendor.pace import Pace
from vidbuild.runners.vendor.tokens import Tokens
from vidbuild.runners.vendor.transport import Transport
from vidbuild.session import Session
from vidbuild.stores import durable
from vidbuild.stores.purse import Purse
from vidbuild.stores.uploads import Uploads
from vidbuild.wire.signing import authorized
from vidbuild.words.digest import Digest
from vidbuild.words.events import Sink

LATENCIES = "latency.json"


@dataclass(frozen=True)
class Counter:
    """Who buys in a build: the driver of attempts and the buyer of asks."""

    jobs: JobRunner
    buyer: Buyer


@contextlib.asynccontextmanager
async def opened(session: Session, purse: Purse, sink: Sink, retry_refused: bool = False) -> AsyncIterator[Counter]:
    """Open everything that buying takes; what was learned of latencies is kept when it closes."""
    process.allow_open_files()
    trust, lock = session.trust, session.lock
    assert trust is not None
    assert lock is not None
    latencies = cadence.recalled(_read(session.store / LATENCIES))
    paces: dict[str, Pace] = {}

    def pace_of(provider: Provider) -> Pace:
        if provider.name not in paces:
            paces[provider.name] = Pace(provider.name, pace.told(provider.limits), random.Random())
        return paces[provider.name]

    async def vet(path: Path, media_type: str) -> object:
        return await untrusted.vetted(path, media_type, session.ffmpeg)

    async def timed(text: str, sound: Path, words: Path) -> None:
        await LocalRunner(session.ffmpeg).aligned(text, Workspace(sound.parent, {"sound": sound}, {"words": words}))

    async with Transport(trust.named, session.configuration.proxy) as transport:
        tokens = Tokens(transport, lambda provider: trust.secrets(provider)[provider.auth["account"]], time.time)
        desk = Desk(
            catalog=session.known,
            transport=transport,
            bases=trust.base,
            sign=lambda provider, headers, now: authorized(
                provider, headers, trust.secrets(provider), now, tokens.of(provider)
            ),
            allow=trust.check,
            masked=lambda text: tokens.masked(trust.masked(text)),
            vet=vet,
            timed=timed,
            log=session.jobs,
            purse=purse,
            pace=pace_of,
            latencies=latencies,
            now=time.time,
            nonce=lambda: secrets.token_hex(16),
            sink=sink,
            uploads=Uploads(session.store, time.time),
            hosts=trust.host,
            project=str(session.settings.file.absolute()),
            cadence=Cadence(fixed_s=session.configuration.poll_s),
            retry_refused=retry_refused,
            locked=lambda key: lock.value.bought.get(key),
            holder=_holder(session),
            ready=tokens.ready,
            settings=trust.settings,
        )
        buyer = Buyer(lock, session.jobs, session.cas, session.encoder, desk.paid, sink)
        try:
            yield Counter(JobRunner(desk), buyer)
        finally:
            with contextlib.suppress(OSError):
                durable.write_bytes(session.store / LATENCIES, json.dumps(latencies.record()).encode())


def _holder(session: Session) -> Callable[[str, str], Digest | None]:
    """Give who says which attempt holds a job, by the job log and the lock, which are read when it is first asked."""

    @functools.cache
    def held() -> Mapping[tuple[str, str], Digest]:
        assert session.lock is not None
        bought = session.lock.value.bought.items()
        jobs = {(provider, id): Digest(key) for key, one in bought for provider, _, id in [one.job.partition("/")]}
        return {**jobs, **session.jobs.held()}

    return lambda provider, id: held().get((provider, id))


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return None
