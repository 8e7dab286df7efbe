"""Takes judged by a vision model: what it says no to is shot again; a judge that talks costs no take."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_films import VIDEO, film, shot, since

from vidbuild.testing.shop import Shop

JUDGE = {"model": "vision-judge", "questions": ["is there a cup", "is it whole"], "threshold": 0.6}
YES, NO = json.dumps({"answers": [0.9, 0.7]}), json.dumps({"answers": [0.9, 0.2]})


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Shop]:
    """One shot of a film whose takes are judged."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        film(shop, shot("pour"), judge=JUDGE)
        yield shop


def takes(shop: Shop) -> int:
    """Say how many takes of footage were bought."""
    return len([row for row in shop.vendors.ledger if row.vendor == "plain-keyed"])


@pytest.mark.slow
def test_a_take_that_the_judge_likes_is_shown(judged: Shop) -> None:
    """It sees six pictures and the questions; the plan had its price, and nothing of it is asked twice."""
    assert judged.plan()["totals"]["by_provider"]["fal"]["cost_usd"]["low"] == 0.02
    judged.vendors.fal.answers = YES
    judged.build("--yes")
    (asked,) = judged.vendors.fal.jobs.values()
    assert asked.body["prompt"] == "1. is there a cup\n2. is it whole"
    assert len(asked.body["image_urls"]) == 6
    count = len(judged.vendors.requests)
    judged.edit("0.6", "0.7")
    judged.build()
    assert since(judged, count) == []


def test_what_the_judge_says_no_to_is_shot_again_and_why_is_told(judged: Shop) -> None:
    """Then the shot fails; what was bought is kept, and each take says what is wrong with it."""
    judged.vendors.fal.answers = NO
    built = judged.build("--yes", ends=1)
    assert takes(judged) == 2
    assert built.told.count("the judge says no to `is it whole`") == 2
    told = judged.run("takes", "pour").stdout
    assert told.count("the judge says no to `is it whole`") == 2
    count = len(judged.vendors.requests)
    judged.edit('"threshold": 0.6', '"threshold": 0.1')
    judged.build("--yes")
    assert since(judged, count) == []


@pytest.mark.slow
def test_a_judge_that_does_not_answer_is_asked_once_again_and_no_take_is_bought_for_it(judged: Shop) -> None:
    """Nothing is known to be wrong with the take: it is kept, and picking it is free."""
    judged.vendors.fal.answers = ["I think so", '{"answers": [0.9]}']
    built = judged.build("--yes", ends=1)
    assert (takes(judged), judged.vendors.fal.count("submit")) == (1, 2)
    assert "can't be judged" in built.told
    assert "BUG" not in built.told
    (bought,) = json.loads(judged.run("takes", "pour", "--json").stdout)
    assert f"vidbuild pick pour {bought['id']}" in built.told
    count = len(judged.vendors.requests)
    assert judged.run("pick", "pour", bought["id"]).returncode == 0
    judged.build()
    assert since(judged, count) == []


@pytest.mark.slow
def test_a_judge_of_the_projects_own_takes_over_from_one_that_has_no_key(judged: Shop) -> None:
    """Provider and model of kind `judge` are two files, a list is tried in order; one odd answer is forgiven."""
    judged.write("providers/oracle.yaml", ORACLE)
    judged.write("models/oracle-eye.yaml", EYE)
    del judged.environ["FAL_KEY"]
    judged.environ["VIDBUILD_ORACLE_URL"] = judged.vendors.fal.url
    judged.environ["ORACLE_KEY"] = judged.vendors.fal.key
    judged.edit('"vision-judge"', '["vision-judge", "oracle-eye"]')
    judged.vendors.fal.answers = ["Sure! Let me look.", YES]
    judged.build("--yes")
    assert (takes(judged), judged.vendors.fal.count("submit")) == (1, 2)
    assert "oracle-eye" in (judged.folder / "vidbuild.lock").read_text()
    assert VIDEO in (judged.folder / "vidbuild.lock").read_text()


ORACLE = """\
name: oracle
title: An oracle
base: https://oracle.example
keys: [ORACLE_KEY]
auth: {kind: header, name: Authorization, value: "Key {ORACLE_KEY}"}
errors: {message: [detail]}
operations:
  look:
    kind: judge
    submit:
      method: POST
      path: /openrouter/router/vision
      body: {image_urls: $frames|data_uri, prompt: $prompt|numbered}
    accepted: {id: request_id}
    poll:
      path: /openrouter/router/requests/{id}/status
      status: status
      words: {queued: [IN_QUEUE], running: [IN_PROGRESS], done: [COMPLETED]}
      then: {method: GET, path: "/openrouter/router/requests/{id}"}
    result: {answers: {at: output, as: answers}}
checked: 2026-11-20
"""
EYE = """\
name: oracle-eye
kind: judge
title: The oracle's eye
prices: [{usd: 0.01, per: take}]
routes: [{provider: oracle, id: eye-1, operation: look}]
checked: 2026-11-20
"""
