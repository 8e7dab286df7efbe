"""Money: what a plan says before, what `cost` says after, and what became of jobs whose answer was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from small_films import film, shot, since

from vidbuild.testing.shop import Shop

BARE = {"model": "plain-bare-video", "options": {"lines": 360}}


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[Shop]:
    """Two shots by a vendor with neither key nor list, and music by another."""
    with Shop(tmp_path / "shop", "bare") as shop:
        music = {"model": "stable-audio-2", "prompt": "guitar"}
        film(shop, shot("wave", "a wave", **BARE), shot("cup", "a cup", **BARE), audio={"music": music})
        yield shop


def rows(shop: Shop, by: str) -> dict[str, float]:
    """Give what `cost` says, by one thing."""
    found: dict[str, Any] = json.loads(shop.run("cost", "--json", "--by", by).stdout)
    return {row["name"]: row["usd"] for row in found["rows"]}


def test_a_plan_prices_every_paid_action_by_shot_and_provider(bare: Shop) -> None:
    """Low is one attempt each, high all that reshoots allow; nobody's consent: nothing is bought."""
    totals = bare.plan()["totals"]
    assert totals["cost_usd"] == {"low": 0.4, "expected": 0.44, "high": 0.8}
    assert {name: one["cost_usd"]["high"] for name, one in totals["by_shot"].items()} == {
        "audio": 0.4, "shot cup": 0.2, "shot wave": 0.2,
    }  # fmt: skip
    assert list(totals["by_provider"]) == ["plain-bare", "stability"]
    assert "by provider: stability  $0.20 to $0.40, likely $0.22" in bare.run("plan").stdout
    bare.build("--max-cost", "0.3", ends=5)
    assert bare.vendors.requests.of() == []


@pytest.mark.slow
def test_what_was_bought_is_counted_by_whatever_one_asks(bare: Shop) -> None:
    """As the vendor tells, else by its list, and that is said."""
    bare.build("--max-cost", "1")
    assert rows(bare, "shot") == {"audio": 0.2, "shot cup": 0.1, "shot wave": 0.1}
    assert rows(bare, "model") == {"plain-bare-video": 0.2, "stable-audio-2": 0.2}
    assert rows(bare, "provider") == {"plain-bare": 0.2, "stability": 0.2}
    assert list(rows(bare, "day").values()) == [0.4]
    assert sum(row.usd for row in bare.vendors.ledger) == pytest.approx(0.4)
    assert "$0.20 of it is by list price" in bare.run("cost").stdout
    assert bare.run("jobs", "list").stdout == "no job is out\n"


@pytest.mark.slow
def test_a_lost_answer_is_put_to_the_user_who_tells_the_job(bare: Shop) -> None:
    """The plan and `jobs` say so; when told, the build fetches it and pays nothing."""
    bare.vendors.bare.fault("submit", "reset_after", where="a wave")
    unclear = bare.build("--yes", ends=3)
    (row,) = json.loads(bare.run("jobs", "list", "--json").stdout)
    assert f"vidbuild jobs resolve {row['attempt'][:12]}" in unclear.told
    assert "shot wave: what became of its last job isn't known" in bare.run("plan").stdout
    assert "shot wave" in bare.run("jobs", "resume").stderr
    paid = bare.paid
    (job,) = [job.id for job in bare.vendors.bare.jobs.values() if job.body["prompt"] == "a wave"]
    assert bare.run("jobs", "resolve", row["attempt"][:12], "--job", job).returncode == 0
    count = len(bare.vendors.requests)
    bare.build()
    assert bare.paid == paid == 3
    assert {one.step for one in since(bare, count)} == {"poll", "download"}
    assert sum(rows(bare, "shot").values()) == pytest.approx(0.4)
