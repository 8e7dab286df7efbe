"""The driver of attempts: intent, submit, job id, polls, download, vetting. Every step is on disk before the next.

What an attempt is worth, and whether its take is good, others know.
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Mapping
from typing import Any

from vidbuild.runners.base import Workspace
from vidbuild.runners.vendor import sentences
from vidbuild.runners.vendor.delivery import Delivery
from vidbuild.runners.vendor.desk import Desk
from vidbuild.runners.vendor.errand import Errand
from vidbuild.runners.vendor.polling import Polling
from vidbuild.runners.vendor.submission import INLINE, Submission
from vidbuild.stores.job_log import Stage
from vidbuild.wire.values import Artifact, Done
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.amounts import usd_of
from vidbuild.words.errors import VendorFailed, VidbuildError


class JobRunner:
    """Runs attempts; each has one hire in its conduct."""

    def __init__(self, desk: Desk):
        self._desk = desk

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        """Bring an attempt to its end from wherever it stands; give its facts."""
        errand = Errand(self._desk, action, conduct, workspace)
        try:
            return await _seen_to(errand, self._made(errand))
        except VidbuildError as error:
            errand.tell_end(error)
            raise

    async def _made(self, errand: Errand) -> Mapping[str, Any]:
        before, conduct = errand.before, errand.conduct
        await errand.ready()
        if before.stage is Stage.REFUSED and not errand.is_bought and not self._desk.retry_refused:
            raise sentences.refused_before(errand, before)
        if before.stage is Stage.FRESH:
            errand.tell("waiting")
        expected_s = math.exp(self._desk.latencies.of(errand.model.name, errand.model.latency_s).mu)
        async with errand.pace.turn(expected_s + conduct.behind, conduct.is_awaited, expected_s) as turn:
            out = await Submission(errand, turn).out()
            is_here = out.handle.get("id") == INLINE
            if errand.wire.is_answered_at_once and not is_here:
                raise sentences.vanished(errand, "it gives what it makes with its answer alone, and no job by an id")
            done = _parcel(errand) if is_here else await Polling(errand, turn, out).done()
        return await Delivery(errand, done, out.handle).facts()


async def _seen_to(errand: Errand, made: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    """See that a vendor that fails is passed over for another only where nothing of ours is there."""
    try:
        return await made
    except VendorFailed as error:
        if errand.is_ours:
            raise sentences.out_of_reach(errand, error.sentence, error.hint or "") from error
        raise


def _parcel(errand: Errand) -> Done:
    """Give what came with the answer to the submit, as it was kept."""
    steps = [step for step in errand.desk.log.steps(errand.key) if step.get("parcels")]
    artifacts = {}
    for name, media_type in (dict(steps[-1]["parcels"]) if steps else {}).items():
        path = errand.desk.log.kept(errand.key, name)
        if path is not None:
            artifacts[name] = Artifact(media_type, data=path.read_bytes())
    if not artifacts:
        raise sentences.lost(errand, "it came with the answer alone, and is no longer here")
    usd = steps[-1].get("usd")
    errand.usd = usd_of(usd) if usd is not None else errand.usd
    return Done(artifacts, None)
