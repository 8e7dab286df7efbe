"""Who makes a shot: the cheapest that fits and can be reached, a list in order, a profile's; pinned once bought."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from small_films import VIDEO, film, shot, since

from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio

MODELS = f"models/{VIDEO}.yaml"


@pytest.fixture
def routed(tmp_path: Path) -> Iterator[Shop]:
    """One shot that any model may make which is cheap and good at motion, and one by a list; with two profiles."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(
            shop,
            shot("needy", "a wave", model={"needs": ["motion"], "max_usd_per_s": 0.11}),
            shot("listed", "a tree", model=["kling-3", VIDEO]),
            profiles={"preview": {"model": VIDEO}, "final": {"model": "kling-2", "options": {"mode": "pro"}}},
        )
        yield shop


def hired(studio: Studio, *options: str) -> dict[str, str]:
    """Say through which model each shot would be made first."""
    actions: list[dict[str, Any]] = studio.plan(*options)["actions"]
    return {row["shots"][0]: row["hires"][0]["model"] for row in actions if row["mnemonic"] == "Footage"}


def test_the_cheapest_that_fits_and_can_be_reached_is_chosen_and_why_is_told(routed: Shop) -> None:
    """Without a key another model stands in, and `why` names the key."""
    assert hired(routed) == {"needy": "kling-2", "listed": "kling-3"}
    told = routed.run("why", "needy").stdout
    assert "routed to kling-2: the first of" in told
    assert "`gen-4.5` costs $0.120 a second, and `max_usd_per_s` is 0.11" in told
    del routed.environ["KLING_ACCESS_KEY"], routed.environ["REPLICATE_API_TOKEN"]
    assert hired(routed)["listed"] == VIDEO
    assert "kling-3 passed over: KLING_ACCESS_KEY not set" in routed.run("why", "listed").stdout
    assert "kling-2 passed over: KLING_ACCESS_KEY not set" in routed.run("why", "needy").stdout


@pytest.mark.slow
def test_what_was_bought_stays_with_its_model_whatever_prices_and_keys_become(routed: Shop) -> None:
    """The lock pins the answer to the question, and a cheaper model asks nobody anew."""
    for key in routed.vendors.secrets.keys() - {"PLAIN_API_KEY"}:
        routed.environ[key] = ""
    routed.build("--yes")
    assert {row.vendor for row in routed.vendors.ledger} == {"plain-keyed"}
    lock = yaml.safe_load((routed.folder / "vidbuild.lock").read_text())
    assert lock["models"]["footage | auto | needs motion | 16:9"] == VIDEO
    routed.environ |= routed.vendors.secrets
    routed.edit("usd: 0.1,", "usd: 9.1,", MODELS)
    count = len(routed.vendors.requests)
    routed.build()
    assert since(routed, count) == []
    assert hired(routed)["listed"] == VIDEO
    routed.edit("a wave", "a high wave")
    dear = routed.build("--yes", ends=5)
    assert "costs $9.100 a second, and `max_usd_per_s` is 0.11" in dear.told
    assert since(routed, count) == []


@pytest.mark.slow
def test_profiles_are_a_ladder_of_quality(routed: Shop) -> None:
    """Each with its own models and its own folder; the draft is free and asks nobody."""
    assert hired(routed, "--profile", "preview") == {"needy": VIDEO, "listed": VIDEO}
    final = routed.plan("--profile", "final")["totals"]["cost_usd"]
    assert hired(routed, "--profile", "final") == {"needy": "kling-2", "listed": "kling-2"}
    assert final["low"] == pytest.approx(2 * 3 * 0.07)
    routed.build("--profile", "preview", "--yes")
    routed.build("--draft")
    assert (routed.folder / "build/preview/wide.mp4").is_file()
    assert (routed.folder / "build/draft/wide.mp4").is_file()
    assert {row.vendor for row in routed.vendors.ledger} == {"plain-keyed"}
    unknown = routed.run("plan", "--profile", "finel")
    assert unknown.returncode == 2
    assert "`final`" in unknown.stderr


@pytest.mark.slow
def test_a_retired_model_says_what_replaced_it_and_can_be_mapped(routed: Shop) -> None:
    """With `--draft` it is no error at all."""
    del routed.environ["OPENAI_GATEWAY_API_KEY"]
    film(routed, shot("old", "a wave", model="sora-2", duration_s=4))
    wrong = routed.run("plan")
    assert wrong.returncode == 2
    assert f"project.yaml:{routed.place('sora-2')[:-1]}" in wrong.stderr
    assert "`veo-3.1` replaced it" in wrong.stderr
    assert "models: {sora-2: veo-3.1}" in wrong.stderr
    assert routed.run("plan", "--draft").returncode == 0
    film(routed, shot("old", "a wave", model="sora-2", duration_s=4), models={"sora-2": "veo-3.1"})
    assert hired(routed) == {"old": "veo-3.1"}


def test_models_are_listed_with_what_an_author_must_know(routed: Shop) -> None:
    """Kind, lengths, price, route, whether its key is there, when it was checked; the project's own too."""
    del routed.environ["KLING_SECRET_KEY"], routed.environ["OPENAI_GATEWAY_API_KEY"]
    told = routed.run("models").stdout
    (line,) = [row for row in told.splitlines() if row.startswith("kling-2 ")]
    assert " ".join(line.split()) == "kling-2 footage 3 to 10 s $0.042 to 0.14/s kling (no key) 2026-11-20"
    assert "KLING_ACCESS_KEY is set, KLING_SECRET_KEY is not set" in told
    assert "PLAIN_API_KEY is set (this project's own)" in told
    (old,) = [row for row in told.splitlines() if row.startswith("sora-2 ")]
    assert "use veo-3.1" in old
