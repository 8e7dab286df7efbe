"""What a job made is brought in and seen to be what it must be. To fetch again is free; buying is not for here.

A vendor that speaks a line without telling when its words are said has them timed here, by the sound alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from vidbuild.media.untold import untold
from vidbuild.runners.untrusted import BadMedia
from vidbuild.runners.vendor import sentences
from vidbuild.runners.vendor.errand import Errand, usd_text
from vidbuild.runners.vendor.outcomes import FetchFailed
from vidbuild.wire.results import WORDS
from vidbuild.wire.values import Artifact, Done
from vidbuild.words.digest import digest_bytes
from vidbuild.words.errors import ActionFailed

TRIES = 4
MOST_BYTES = 2**30
FETCH_S = 600.0
MOST_BACK_OFF_S = 60.0


class Delivery:
    """What one job made, on its way in."""

    def __init__(self, errand: Errand, done: Done, handle: Mapping[str, str]):
        self._errand = errand
        self._done = done
        self._handle = handle

    async def facts(self) -> Mapping[str, Any]:
        """Bring everything in, and give what is known of the purchase."""
        errand = self._errand
        made = {name: path for name, path in errand.workspace.outputs.items() if name in self._done.artifacts}
        missing = errand.needed - set(made)
        if missing:
            raise sentences.unread(errand, min(missing))
        for name, path in made.items():
            await self._bring(name, path)
        if WORDS in errand.workspace.outputs and WORDS not in made:
            ask = errand.attempt.params["ask"]["params"]
            await errand.desk.timed(ask["text"], made["sound"], errand.workspace.outputs[WORDS])
        for name, path in errand.workspace.outputs.items():
            self._see_promised(name, path)
        errand.settle(errand.usd)
        if not errand.is_bought:
            errand.desk.paid[errand.key] = errand.usd
        errand.tell("done", usd=None if errand.is_bought else errand.usd)
        return {
            "model": errand.hire.model,
            "seed": errand.attempt.params.get("seed") if errand.is_seeded else None,
            "job": f"{errand.provider.name}/{self._handle['id']}",
            "usd": usd_text(errand.usd),
            "on": errand.promised.on if errand.promised else errand.today,
            **dict(self._done.facts),
        }

    def _see_promised(self, name: str, path: Path) -> None:
        """See that it is what the lock says that it made; other bytes are not that."""
        promised = self._errand.promised.outputs.get(name) if self._errand.promised else None
        if promised is not None and digest_bytes(path.read_bytes()) != promised.digest:
            raise sentences.lost(self._errand, "the vendor gives other bytes now than the lock names")

    async def _bring(self, name: str, path: Path) -> None:
        """Bring one file in; a bad download is tried again, and a link that no longer holds renewed."""
        why: FetchFailed | BadMedia | None = None
        for number in range(TRIES):
            if number:
                await self._asked_again(name, number, why)
            artifact = self._done.artifacts[name]
            try:
                await self._download(artifact, path)
                if artifact.is_told:
                    await asyncio.to_thread(_untell, path)
                await self._errand.desk.vet(path, artifact.media_type)
                return
            except (FetchFailed, BadMedia) as error:
                why = error
            except OSError as error:
                raise sentences.no_room(self._errand, path.parent, error) from error
            because = self._errand.desk.masked(str(why))
            is_settled = isinstance(why, BadMedia) and not why.again and number > 0
            if isinstance(why, BadMedia) and (artifact.url is None or is_settled):
                sentence = f"what {self._errand.title} sent is no {name}"
                raise sentences.worthless(self._errand, sentence, because) from why
            if isinstance(why, FetchFailed) and not (why.may_pass or why.needs_fresh_link):
                break
        raise ActionFailed(
            f"the {name} that {self._errand.title} made can't be fetched",
            {
                "because": self._errand.desk.masked(str(why)),
                "job": f"{self._errand.provider.name}/{self._handle['id']}",
                "attempt": self._errand.key,
            },
            "the job is kept: build again to fetch it, without paying again; or give it up and pay for another: "
            f"`vidbuild jobs resolve {self._errand.key[:12]} --buy-again`",
        ) from why

    async def _asked_again(self, name: str, number: int, why: FetchFailed | BadMedia | None) -> None:
        """Wait, then ask the job for its addresses once more."""
        told_s = why.retry_after_s if isinstance(why, FetchFailed) else None
        await asyncio.sleep(min(max(0.5 * 2.0 ** (number - 1), told_s or 0.0), MOST_BACK_OFF_S))
        await self._errand.pace.may_poll()
        again = await self._errand.asked(self._handle)
        if isinstance(again, Done) and name in again.artifacts:
            self._done = again

    async def _download(self, artifact: Artifact, path: Path) -> None:
        path.unlink(missing_ok=True)
        if artifact.data is not None:
            await asyncio.to_thread(path.write_bytes, artifact.data)
            return
        assert artifact.url is not None
        headers: Mapping[str, str] | None = None
        if artifact.is_signed:
            self._errand.allow(artifact.url)
            await self._errand.ready()
            headers = self._errand.signed({})
        await self._errand.desk.transport.fetch(artifact.url, path, MOST_BYTES, FETCH_S, headers)


def _untell(path: Path) -> None:
    """Take out of a file what it tells of how it was made."""
    path.write_bytes(untold(path.read_bytes()))
