"""Files brought to a vendor for a job, by whatever sends a request: for tests that drive wires by hand."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import Any

from vidbuild.catalog.model import Provider
from vidbuild.wire.reading import Wire
from vidbuild.wire.uploads import Held, Upload
from vidbuild.wire.values import Job, Request, Response, Wrong


def steps(wire: Wire, provider: Provider, job: Job, address: Callable[[str], str]) -> Generator[Request, Response, Job]:
    """Give the requests that bring all that a job names to a vendor, each for its answer, and the job to be sent then.

    Args:
        address: gives the provider's base, or one of its further hosts.

    Raises:
        AssertionError: the vendor does not take a file.
    """
    held: dict[str, Any] = {}
    for enclosure in wire.enclosures(job):
        upload = Upload(provider, enclosure, address)
        while not isinstance(answer := upload.read((yield upload.request())), Held):
            assert not isinstance(answer, Wrong), answer
        held[enclosure.id] = answer.reference
    return replace(job, enclosed=held)


def brought(
    wire: Wire, provider: Provider, job: Job, send: Callable[[Request], Response], address: Callable[[str], str]
) -> Job:
    """Take all steps, one after the other; give the job that may be sent."""
    going = steps(wire, provider, job, address)
    try:
        request = next(going)
        while True:
            request = going.send(send(request))
    except StopIteration as end:
        ready: Job = end.value
        return ready
