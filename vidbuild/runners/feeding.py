"""Programs that feed each other through pipes, with a thread of ours between them. It knows argv and bytes alone."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from vidbuild.runners import process
from vidbuild.runners.process import Ended, Pipes

_Taken = TypeVar("_Taken")


@dataclass(frozen=True)
class Feed:
    """What a program is fed: what another one says, as it is changed on the way."""

    argv: Sequence[str]
    changed: Callable[[BinaryIO], Iterable[bytes]]


async def run(argv: Sequence[str], feeds: Mapping[str, Feed], folder: Path) -> Ended:
    """Run a program whose slots `{feed:NAME}` are pipes; tell of the first of all that failed."""
    pipes = {slot: os.pipe() for slot in feeds}
    named = {f"{{feed:{slot}}}": f"pipe:{reading}" for slot, (reading, _) in pipes.items()}
    feeding = [
        asyncio.ensure_future(taken(feed.argv, folder, _pumping(feed.changed, pipes[slot][1])))
        for slot, feed in feeds.items()
    ]
    try:
        inputs = tuple(reading for reading, _ in pipes.values())
        ended = await process.run([named.get(part, part) for part in argv], folder, pipes=Pipes(inputs=inputs))
    finally:
        for reading, _ in pipes.values():
            os.close(reading)  # whoever still writes is told that nobody reads
        told = await asyncio.gather(*feeding, return_exceptions=True)
    for each in told:
        if isinstance(each, BaseException):
            raise each
    fed = [each[0] for each in told if not isinstance(each, BaseException)]
    return next((each for each in fed if each.code and ended.code), ended)


async def taken(argv: Sequence[str], folder: Path, take: Callable[[BinaryIO], _Taken]) -> tuple[Ended, _Taken]:
    """Run a program, and give what is made of what it says, in another thread as it comes."""
    reading, writing = os.pipe()

    def made() -> _Taken:
        with os.fdopen(reading, "rb", buffering=1 << 20) as stream:
            return take(stream)

    async def said() -> Ended:
        try:
            return await process.run(argv, folder, pipes=Pipes(output=writing))
        finally:
            os.close(writing)

    saying = asyncio.ensure_future(said())
    making = asyncio.ensure_future(asyncio.to_thread(made))
    try:
        found = await asyncio.shield(making)
        return await saying, found
    finally:
        saying.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await saying
        await making


def _pumping(changed: Callable[[BinaryIO], Iterable[bytes]], writing: int) -> Callable[[BinaryIO], None]:
    """Write what is made of a stream into a pipe, for as long as somebody reads."""

    def pump(stream: BinaryIO) -> None:
        with contextlib.suppress(BrokenPipeError), os.fdopen(writing, "wb", buffering=0) as pipe:
            for chunk in changed(stream):
                view = memoryview(chunk)
                while view:
                    view = view[pipe.write(view) :]

    return pump
