"""Presenters and lip-sync: an avatar's take is made from what is said, lips are joined where both exist."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_films import film, since
from small_films import shot as footage

from vidbuild.testing.shop import Shop

VOICE = {"model": "elevenlabs", "id": "Rachel"}
HOST = {"description": "a host", "avatar": {"model": "plain-keyed-avatar", "id": "ann"}, "voice": VOICE}
GUEST = {"description": "a guest", "voice": {"model": "elevenlabs", "id": "Adam"}}
HELLO = "Hello, and welcome."
JOINED = "plain-keyed-lipsync"


def presented(**said: object) -> dict[str, object]:
    """Give a shot that the host presents."""
    return {"id": "intro", "avatar": "host", "say": HELLO, **said}


def talking(**said: object) -> dict[str, object]:
    """Give a shot of footage in which the guest says something."""
    told = {"prompt": "a guest at a table", "cast": ["guest"], "say": {"by": "guest", "text": "Thanks."}, **said}
    return footage("talk", **{"duration_s": 2, "lipsync": JOINED, **told})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A film of a presenter and of a guest who answers."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, presented(), talking(), cast={"host": HOST, "guest": GUEST})
        yield shop


def bought(shop: Shop) -> list[str]:
    """Name what was paid, sorted: by vendor, or by the plain vendor's model."""
    jobs = [str(job.body["model"]) for job in shop.vendors.keyed.jobs.values()]
    return sorted([*jobs, *(row.vendor for row in shop.vendors.ledger if row.vendor != "plain-keyed")])


ALL = ["elevenlabs", "elevenlabs", "plain-avatar-1", "plain-lipsync-1", "plain-video-1"]


def test_a_presenter_and_a_guest_are_built_once(shop: Shop) -> None:
    """Lines first, then what is made with them; the avatar's shot is as long as its line; once is enough."""
    built = shop.build("--yes")
    assert bought(shop) == ALL
    (file,) = built.last["deliverables"]
    spoken = len(HELLO) * 0.06
    assert 2 + spoken <= file["seconds"] < 2 + spoken + 0.2
    count = len(shop.vendors.requests)
    assert shop.build().ran() == set()
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    assert since(shop, count) == []
