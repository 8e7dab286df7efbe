"""A film of a presenter and of a guest who answers, for the tests of both: its shots, and what was made and paid."""

from __future__ import annotations

from typing import Any

from small_films import shot as footage

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Built

VOICE = {"model": "elevenlabs", "id": "Rachel"}
HOST = {"description": "a host", "avatar": {"model": "plain-keyed-avatar", "id": "ann"}, "voice": VOICE}
GUEST = {"description": "a guest", "voice": {"model": "elevenlabs", "id": "Adam"}}
CAST = {"host": HOST, "guest": GUEST}
HELLO = "Hello, and welcome."
JOINED = "plain-keyed-lipsync"
ALL = ["elevenlabs", "elevenlabs", "plain-avatar-1", "plain-lipsync-1", "plain-video-1"]


def presented(**said: Any) -> dict[str, Any]:
    """Give a shot that the host presents."""
    return {"id": "intro", "avatar": "host", "say": HELLO, **said}


def talking(**said: Any) -> dict[str, Any]:
    """Give a shot of footage in which the guest says something."""
    told = {"prompt": "a guest at a table", "cast": ["guest"], "say": {"by": "guest", "text": "Thanks."}, **said}
    return footage("talk", **{"duration_s": 2, "lipsync": JOINED, **told})


def bought(shop: Shop, count: int = 0) -> list[str]:
    """Name what was paid after the first so many, sorted: by vendor, or by the plain vendor's model."""
    bodies = {job.id: str(job.body["model"]) for job in shop.vendors.keyed.jobs.values()}
    return sorted(bodies.get(row.job, row.vendor) for row in shop.vendors.ledger[count:])


def made(built: Built) -> set[tuple[str, str]]:
    """Name the generations that ran, with their shots; another id is the same shot."""
    rows = built.ran("Footage", "LipSync", "Speech")
    return {(row.mnemonic, "intro" if row.shots == ("opening",) else row.shots[0]) for row in rows}
