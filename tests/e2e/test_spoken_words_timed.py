"""Words have their times whichever model speaks: told by the vendor's events, else heard here in what it said."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from one_shot import same_words
from small_films import film, shot, since

from vidbuild.testing import dying
from vidbuild.testing.shop import Shop
from vidbuild.testing.vendors.takes import spoken

LINE = "Come in, the first one is on us."


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A film of one shot with a line over it, not longer than that."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        yield shop


def says(shop: Shop, model: str, voice: str) -> None:
    """Write the film."""
    film(shop, shot("serve", duration_s=3, say=LINE), audio={"voice": {"model": model, "id": voice}})


def words(shop: Shop) -> list[Mapping[str, Any]]:
    """Read the words that were bought, or made, with the line."""
    made = yaml.safe_load(shop.lock.read_text())["made"]
    attempts = [one for entries in made.values() for entry in entries for one in entry.get("attempts", ())]
    (digest,) = [one["words"][0] for one in attempts if "words" in one]
    (path,) = [path for path in shop.store.rglob("*") if path.name == digest]
    found = json.loads(path.read_text())["words"]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("model", "voice", "vendor", "is_telling"),
    [
        ("sonic-3.5", "a0e99841-438c-4a64-b679-ae501e7d6091", "cartesia", True),
        pytest.param("sonic-3.5", "a0e99841-438c-4a64-b679-ae501e7d6091", "cartesia", False, marks=pytest.mark.slow),
        ("gpt-4o-mini-tts", "coral", "openai", True),
    ],
)
def test_each_word_has_its_time(shop: Shop, model: str, voice: str, vendor: str, is_telling: bool) -> None:
    """Cartesia tells it, and where it doesn't it is heard; OpenAI never does. The second build asks nobody."""
    says(shop, model, voice)
    shop.vendors.cartesia.is_telling = is_telling
    shop.build("--yes")
    assert [row.vendor for row in shop.vendors.ledger].count(vendor) == 1
    found = words(shop)
    assert [word["text"] for word in found] == LINE.split()
    begins, ends = spoken(LINE)
    at = 0
    near_s = 0.001 if is_telling and vendor == "cartesia" else 0.2
    for word in found:
        at = LINE.index(word["text"], at)
        assert word["start_s"] == pytest.approx(begins[at], abs=near_s)
        assert word["end_s"] == pytest.approx(ends[at + len(word["text"]) - 1], abs=near_s)
    count = len(shop.vendors.requests)
    shop.build()
    assert since(shop, count) == []


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["write submitted", "half of submitted", "rename vidbuild.lock", "write stored"])
def test_a_line_whose_words_are_heard_here_is_paid_once_wherever_a_build_dies(shop: Shop, moment: str) -> None:
    """What came with the answer was kept; when its words are said is heard again, and is the same."""
    says(shop, "gpt-4o-mini-tts", "coral")
    shop.build("--yes")
    lock, bought = same_words(shop.lock.read_text()), len(shop.vendors.ledger)
    shop.forget()
    dying.killed(shop, moment, "--yes")
    shop.build("--yes")
    assert same_words(shop.lock.read_text()) == lock
    assert [row.vendor for row in shop.vendors.ledger[bought:]].count("openai") == 1
