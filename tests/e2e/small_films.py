"""Small films of vendors' takes that build in a second or two: what the tests of films start from."""

from __future__ import annotations

import json
from typing import Any

from small_projects import add_profile

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio
from vidbuild.testing.vendors.ledger import Seen

VIDEO, PICTURE, SOUND = "plain-keyed-video", "plain-keyed-picture", "plain-keyed-sound"


def shot(id: str, prompt: str = "a barista pours espresso", **said: Any) -> dict[str, Any]:
    """Give a shot of one second by the plain vendor, at 360 lines."""
    told = {"id": id, "duration_s": 1, "model": VIDEO, "prompt": prompt, **said}
    return told if told["model"] != VIDEO or "options" in said else {**told, "options": {"lines": 360}}


def film(studio: Studio, *shots: dict[str, Any], **said: Any) -> None:
    """Write a film with one small output."""
    add_profile(studio, "wide", 160, 90)
    told = {"vidbuild": 1, "fps": 12, "shots": list(shots), "outputs": ["wide"], **said}
    studio.write(studio.file, json.dumps(told, indent=1))


def since(shop: Shop, count: int) -> list[Seen]:
    """Give the requests that came after the first so many."""
    return list(shop.vendors.requests)[count:]
