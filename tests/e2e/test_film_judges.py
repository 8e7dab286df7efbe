"""Takes judged through each judge's own wire: OpenAI's decisions, Anthropic's messages, any OpenAI-shaped chat."""

from __future__ import annotations

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest
from small_films import film, shot, since

from vidbuild.testing.shop import Shop

QUESTIONS = ["is there a cup", "is it whole"]
NO = json.dumps({"answers": [0.9, 0.2]})


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """A shop with a plain vendor of takes."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        yield shop


def judged(shop: Shop, *models: str, **options: str) -> None:
    """Write a film whose takes are judged by the first model that does."""
    judge = {"model": list(models), "questions": QUESTIONS, "threshold": 0.6}
    film(shop, shot("pour"), judge={**judge, "options": options} if options else judge)


def bought(shop: Shop) -> list[str]:
    """Name whom was paid, in order."""
    return [row.vendor for row in shop.vendors.ledger]


@pytest.mark.parametrize(
    ("model", "vendor"),
    [
        ("gpt-6-luna", "openai"),
        pytest.param("claude-haiku-5.5", "anthropic", marks=pytest.mark.slow),
        pytest.param("chat-judge", "openai-gateway", marks=pytest.mark.slow),
    ],
)
def test_each_judge_sees_the_take_and_what_it_cost_is_known(shop: Shop, model: str, vendor: str) -> None:
    """Six pictures, both questions; the vendor's own count of tokens is the price, and nothing is asked twice."""
    judged(shop, model)
    shop.build("--yes")
    assert bought(shop) == ["plain-keyed", vendor]
    (job,) = shop.vendors.called(vendor).jobs.values()
    assert json.dumps(job.body).count("iVBORw0KGgo") == 6
    assert all(question in json.dumps(job.body) for question in QUESTIONS)
    (row,) = [line for line in (shop.lock.read_text()).splitlines() if f"model: {model}" in line]
    told = Fraction(row.partition("usd: ")[2].partition(",")[0])
    listed = {"gpt-6-luna": Fraction(1, 1000), "claude-haiku-5.5": Fraction(3, 1000), "chat-judge": Fraction(1, 20)}
    assert 0 < told < listed[model]
    count = len(shop.vendors.requests)
    shop.build()
    assert since(shop, count) == []


@pytest.mark.slow
def test_a_probability_under_the_threshold_is_a_no(shop: Shop) -> None:
    """It is shot again, and why is told; each take was judged once."""
    judged(shop, "gpt-6-luna")
    shop.vendors.openai.answers = [0.95, 0.3]
    built = shop.build("--yes", ends=1)
    assert built.told.count("the judge says no to `is it whole`") == 2
    assert bought(shop).count("openai") == 2


def test_a_judge_that_declines_leaves_it_to_the_next(shop: Shop) -> None:
    """A refusal that comes as an answer: asked once, paid, remembered; the take is not bought again."""
    judged(shop, "gpt-6-luna", "claude-sonnet-5.5")
    shop.vendors.openai.answers = [None, None]
    shop.build("--yes")
    assert bought(shop) == ["plain-keyed", "openai", "anthropic"]
    count = len(shop.vendors.requests)
    shop.build()
    assert since(shop, count) == []


@pytest.mark.slow
def test_a_gateways_model_is_named_by_an_option(shop: Shop) -> None:
    """And another name is another question."""
    judged(shop, "chat-judge", model="qwen3-vl")
    shop.build("--yes")
    (job,) = shop.vendors.gateway.jobs.values()
    assert job.body["model"] == "qwen3-vl"


@pytest.mark.slow
def test_what_a_gateway_still_has_is_bought_there(shop: Shop) -> None:
    """Sora by a gateway: a form, polls, a download with the key; without the gateway's address it is retired."""
    film(shop, shot("wave", "a wave", model="sora-2", duration_s=4))
    shop.build("--yes")
    assert bought(shop) == ["openai-gateway"]
    assert shop.vendors.leaks == []
    shop.forget()
    del shop.environ["VIDBUILD_OPENAI_GATEWAY_URL"]
    wrong = shop.run("plan")
    assert wrong.returncode == 2
    assert "`veo-3.1` replaced it" in wrong.stderr
