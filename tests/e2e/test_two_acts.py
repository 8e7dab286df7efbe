"""Builds whose lengths hang on how lines are spoken: the lines first, then what is as long as they turn out to be."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from small_films import film, shot, since

from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Ran, Studio

VOICE = {"model": "elevenlabs", "id": "Rachel"}
LOCAL = {"model": "local/voice", "id": "en"}
GREETING = "Come in. <sign>The first one is on us."
SENTENCE = (
    "This is a sentence of a hundred and twenty letters, "
    "which is spoken a little slower than the quickest speaker speaks it."
)


def auto(said: object = GREETING, **given: object) -> dict[str, object]:
    """Give a shot that is as long as its line."""
    return shot("serve", duration_s="auto", say=said, **given)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A film of one shot that is as long as its line, and an effect at a mark in it."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        shop.film("bell.mp4", 1, tone=440)
        film(shop, auto(sfx={"file": "bell.mp4", "at": "sign"}), audio={"voice": VOICE})
        yield shop


def bought(shop: Shop) -> list[str]:
    """Name what was paid, in order."""
    return [row.vendor for row in shop.vendors.ledger]


def cloned(shop: Shop, folder: Path, voice: Mapping[str, str]) -> Studio:
    """Build a shot that is as long as its line and one that continues it; give a clone without store and films."""
    film(shop, auto(), shot("next", "a street", init_image="serve.last_frame"), audio={"voice": voice})
    shop.build("--yes")
    clone = shop.copy(folder / "clone")
    for left in (clone.store, clone.folder / "build"):
        shutil.rmtree(left)
    return clone


def test_the_line_is_bought_first_and_then_as_much_footage_as_it_needs(shop: Shop) -> None:
    """The range that was planned holds the price; what came is as long as the line and its pad; once is enough."""
    told = shop.plan()
    assert told["totals"]["cost_usd"]["low"] < told["totals"]["cost_usd"]["high"]
    built = shop.build("--yes")
    assert bought(shop) == ["elevenlabs", "plain-keyed"]
    spoken = 31 * 0.06
    (file,) = built.last["deliverables"]
    assert 0 <= file["seconds"] - spoken - 0.3 < 1 / 12 + 0.1
    assert {row.mnemonic for row in built.ran("Speech", "Footage")} == {"Speech", "Footage"}
    count = len(shop.vendors.requests)
    assert shop.build().ran() == set()
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    assert since(shop, count) == []


def test_what_is_nowhere_is_named_though_lengths_are_guessed_without_it(shop: Shop, tmp_path: Path) -> None:
    """On an empty store lines can't be heard, so nobody knows which frame is a shot's last: that is no drift."""
    clone = cloned(shop, tmp_path, VOICE)
    built = clone.build("--frozen", ends=6)
    assert "bytes that the lock names are in no store" in built.told
    assert "asks for what" not in built.told
    takes = LockFile(shop.lock).value.made_by
    assert len(takes) == 4
    assert [digest for digest in takes if digest not in built.told] == []
    assert "not in the lock" not in clone.run("lock").stdout


def test_a_clone_hears_what_is_spoken_for_nothing_before_it_says_what_drifted(shop: Shop, tmp_path: Path) -> None:
    """Where the shared store has the bought takes alone: until then nobody knows which frame is a shot's last."""
    clone = cloned(shop, tmp_path, LOCAL)
    (tmp_path / "remote" / "cas").mkdir(parents=True)
    clone.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
    for digest in LockFile(shop.lock).value.made_by:
        shutil.copy(shop.store / "cas" / digest[:2] / digest, tmp_path / "remote" / "cas" / digest)
    count = len(shop.vendors.requests)
    clone.build("--frozen")
    assert clone.files() == shop.files()
    shutil.rmtree(clone.store)
    clone.edit("a street", "a road")
    told = clone.build("--frozen", ends=6).told
    assert ("shot next: prompt changed" in told or "shot next: the lock holds" in told, since(shop, count)) == (
        True,
        [],
    )


def test_what_was_not_approved_is_not_bought(shop: Shop) -> None:
    """The line turns out longer than was paid for: it is kept, nothing else is bought, exit 5."""
    film(shop, auto(SENTENCE), audio={"voice": VOICE})
    built = shop.build("--max-cost", "0.75", ends=5)
    assert bought(shop) == ["elevenlabs"]
    assert "more than is left" in built.told
    shop.build("--max-cost", "0.9")
    assert bought(shop) == ["elevenlabs", "plain-keyed"]


def test_a_line_of_speech_makes_itself_and_the_mix_again_and_with_auto_the_last_piece(shop: Shop) -> None:
    """A shorter line fits into what was bought."""
    shop.build("--yes")
    shop.edit("is on us.", "is ours.")
    built = shop.build("--yes")
    assert bought(shop) == ["elevenlabs", "plain-keyed", "elevenlabs"]
    assert built.counted == {
        Ran("Speech", ("serve",), ()),
        Ran("Segment", ("serve",), ("wide",)),
        Ran("Mix", (), ("wide",)),
    }


@pytest.mark.slow
def test_a_marks_place_makes_only_what_hangs_on_it_again(shop: Shop) -> None:
    """Nothing is spoken again."""
    shop.build("--yes")
    shop.edit("<sign>The first", "The <sign>first")
    built = shop.build()
    assert built.counted == {Ran("Mix", (), ("wide",))}
    assert len(bought(shop)) == 2


@pytest.mark.slow
def test_a_line_longer_than_its_shot_is_told_before_footage_is_bought(shop: Shop) -> None:
    """With both numbers and the ways out, in `plan` as well; the line is kept."""
    film(shop, shot("serve", say=GREETING), audio={"voice": VOICE})
    assert "has 1 s for it" in shop.build("--yes", ends=2).told
    assert bought(shop) == ["elevenlabs"]
    done = shop.run("plan")
    assert done.returncode == 2
    assert "duration_s: auto" in done.stderr


def test_a_draft_speaks_its_lines_first_and_costs_nothing(shop: Shop) -> None:
    """The same two acts, here."""
    built = shop.build("--draft")
    assert built.listed[0].mnemonic == "Speech"
    assert since(shop, 0) == []
    assert shop.build("--draft").ran() == set()


def test_a_line_that_can_not_be_spoken_ends_the_build_before_anything_else(shop: Shop) -> None:
    """Its failure is told; no footage is bought for it."""
    shop.vendors.elevenlabs.voices = {"Nobody"}
    built = shop.build("--yes", ends=1)
    assert bought(shop) == []
    assert "was not found" in built.told
