"""Files are brought to a vendor before a job names them: each once, whoever needs it, and again when it is gone.

Nothing is bought here: what fails is tried again, and leaves nothing to clear up. What a job says of a file is written
down with its intent, so that the same request can be sent again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from vidbuild.runners.vendor import sentences
from vidbuild.runners.vendor.errand import ASKED_S, Errand, NoAnswer
from vidbuild.wire.uploads import Enclosure, Held, Upload
from vidbuild.wire.values import Cause, Job, Pending, Response, Wrong
from vidbuild.words.errors import VendorFailed

TRIES = 4
"""How often an upload is begun anew after a passing trouble."""
READY_S = 300.0
"""So long may a vendor take to look at a file."""
SLOWEST = 100_000
"""Bytes a second; a body has at least so much time."""
MOST_WAIT_S = 10.0
_CLAIMED_S = 0.2
_PASSING = frozenset({Cause.SERVER, Cause.BUSY})


async def brought(errand: Errand, job: Job) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Give what a job says of its files, all of which the vendor holds; and which of them were there before.

    Raises:
        VendorFailed: one can't be brought there.
        Refused: the vendor's moderation refused one.
    """
    held: dict[str, Any] = {}
    known: dict[str, Any] = {}
    for enclosure in errand.wire.enclosures(job):
        reference = errand.desk.uploads.get(enclosure.id)
        if reference is not None:
            known[enclosure.id] = reference
        held[enclosure.id] = reference if reference is not None else await _once(errand, enclosure)
    return held, known


async def _once(errand: Errand, enclosure: Enclosure) -> Any:
    """Bring a file there, unless somebody else just does: another attempt, or another build."""
    claim = errand.desk.uploads.claim(enclosure.id)
    while not claim.take("upload"):
        await asyncio.sleep(_CLAIMED_S)
    try:
        reference = errand.desk.uploads.get(enclosure.id)
        return reference if reference is not None else await _brought(errand, enclosure)
    finally:
        claim.release(remove=True)


async def _brought(errand: Errand, enclosure: Enclosure) -> Any:
    for number in range(1, TRIES + 1):
        answer = await _walked(errand, enclosure)
        if isinstance(answer, Held):
            errand.desk.uploads.keep(enclosure.id, answer.reference, answer.lives_s)
            return answer.reference
        if answer.cause is Cause.REFUSED:
            raise sentences.refused(errand, answer)
        if answer.cause not in _PASSING or number == TRIES:
            raise _in_words(errand, answer)
        if answer.cause is Cause.BUSY:
            errand.pace.busy_poll(answer.retry_after_s)
        await asyncio.sleep(2.0**number)
    raise AssertionError("BUG: an upload neither ends nor is given up")


async def _walked(errand: Errand, enclosure: Enclosure) -> Held | Wrong:
    """Take all steps, each after the one before was answered well."""
    upload = Upload(errand.provider, enclosure, lambda host: errand.desk.hosts(errand.provider, host))
    ends, wait_s = asyncio.get_running_loop().time() + READY_S, errand.wire.least_poll_s
    while True:
        await errand.pace.may_poll()
        request = upload.request()
        try:
            response: Response = await errand.exchange(request, ASKED_S + len(request.body) / SLOWEST)
        except NoAnswer as error:
            return Wrong(Cause.SERVER, str(error))
        answer = upload.read(response)
        if isinstance(answer, (Held, Wrong)):
            return answer
        if isinstance(answer, Pending):
            if asyncio.get_running_loop().time() > ends:
                return Wrong(Cause.FAILED, "the file was not ready in time")
            await asyncio.sleep(wait_s)
            wait_s = min(2 * wait_s, MOST_WAIT_S)


def _in_words(errand: Errand, wrong: Wrong) -> VendorFailed:
    if wrong.cause in (Cause.KEY, Cause.CREDIT):
        return sentences.unusable(errand, wrong)
    facts = {"said": errand.said(wrong), "model": errand.hire.model}
    return VendorFailed(f"{errand.title} did not take a file that a job needs", facts, "nothing was bought")
