"""What changes what, of presenters and lip-sync: a line, footage, a trim, and what else is said of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from presented_films import CAST, HELLO, bought, made, presented, talking
from small_films import film

from vidbuild.testing.shop import Shop

CHANGES: list[tuple[dict[str, Any], dict[str, Any], set[tuple[str, str]], list[str]]] = [
    ({"id": "opening"}, {"duration_s": 1}, set(), []),
    ({"text": "Ann", "say": {"text": HELLO, "gain_db": -3}}, {"text": "Bert"}, set(), []),
    ({}, {"lipsync": "none"}, set(), []),
    ({}, {"cast": []}, set(), []),
    ({"pad_s": 0.5}, {}, {("Footage", "intro")}, ["plain-avatar-1"]),
    ({"say": "Hello, all."}, {}, {("Speech", "intro"), ("Footage", "intro")}, ["elevenlabs", "plain-avatar-1"]),
    (
        *({}, {"say": {"by": "guest", "text": "No."}}),
        *({("Speech", "talk"), ("LipSync", "talk")}, ["elevenlabs", "plain-lipsync-1"]),
    ),
    (
        *({}, {"prompt": "a guest in a garden"}),
        *({("Footage", "talk"), ("LipSync", "talk")}, ["plain-lipsync-1", "plain-video-1"]),
    ),
]
"""Of the presenter's shot and the guest's: what is said otherwise, what runs, and what of that is paid."""


def test_a_change_makes_again_what_hangs_on_it(tmp_path: Path) -> None:
    """A line: itself and what is made with it; footage: its lips; a trim, a gain, a text: nothing that is paid."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, presented(), talking(), cast=CAST)
        shop.build("--yes")
        for intro, talk, expected, paid in CHANGES:
            count = len(shop.vendors.ledger)
            film(shop, presented(**intro), talking(**talk), cast=CAST)
            built = shop.build("--yes")
            assert made(built) == expected, (intro, talk)
            assert bought(shop, count) == paid, (intro, talk)
