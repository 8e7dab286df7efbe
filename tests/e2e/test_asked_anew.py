"""`vidbuild lock --update`: what was bought is judged again, and only where none of it passes is something bought."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_films import VIDEO, film, shot, since

from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.shop import Shop

JUDGE = {"model": "vision-judge", "questions": ["is there a cup"], "threshold": 0.1}
PASSES, FAILS = json.dumps({"answers": [0.9]}), json.dumps({"answers": [0.2]})


@pytest.fixture
def judged(tmp_path: Path) -> Iterator[Shop]:
    """A film of one shot, whose take passed at a low threshold and would not at a higher one."""
    with Shop(tmp_path / "shop", "keyed") as shop_:
        film(shop_, shot("pour"), judge=JUDGE)
        shop_.vendors.fal.answers = FAILS
        shop_.build("--yes")
        yield shop_


def takes(shop: Shop) -> int:
    """Say how many takes of footage were bought."""
    return len([row for row in shop.vendors.ledger if row.vendor == "plain-keyed"])


def circled(shop: Shop) -> list[str | None]:
    """Say what is circled of the footage."""
    asks = LockFile(shop.lock).value.asks.values()
    return [asked.circled for asked in asks if "answers" not in asked.attempts[0].outputs]


def test_a_take_that_still_passes_answers_again_for_nothing(judged: Shop) -> None:
    """Though the store remembers an answer; the plan shows what it may cost, and `--locked` is kept from it."""
    before, lock, count = judged.files(), judged.lock.read_bytes(), len(judged.vendors.requests)
    done = judged.run("lock", "--update", "pour")
    assert (done.returncode, "1 bought attempt will be judged again" in done.stdout) == (0, True), done.stderr
    assert circled(judged) == ["anew"]
    plan = judged.plan()
    row = next(row for row in plan["actions"] if row["mnemonic"] == "Footage")
    assert (row["standing"], plan["totals"]["cost_usd"]["low"]) == ("resume", 0)
    assert plan["totals"]["cost_usd"]["high"] > 0
    assert "asked anew" in judged.run("plan").stdout
    assert "asked anew: shot pour" in judged.run("lock").stdout
    assert "asked anew" in judged.build("--locked", ends=6).told
    assert judged.build().status == "built"
    assert (since(judged, count), judged.files(), judged.lock.read_bytes()) == ([], before, lock)


def test_a_take_that_passes_no_more_is_bought_anew_and_the_old_one_kept(judged: Shop) -> None:
    """Not without consent. Once the threshold is low again, the first take is back for nothing."""
    first, (old,) = judged.files(), circled(judged)
    judged.edit('"threshold": 0.1', '"threshold": 0.6')
    assert judged.build().counted == set()
    judged.run("lock", "--update", "pour")
    judged.vendors.fal.answers = PASSES
    assert judged.build(ends=5).status == "unapproved"
    assert takes(judged) == 1
    judged.build("--yes")
    (new,) = circled(judged)
    assert (takes(judged), old == new, judged.files() == first) == (2, False, False)
    judged.edit('"threshold": 0.6', '"threshold": 0.1')
    judged.run("lock", "--update", "shot pour")
    judged.build("--yes")
    assert (takes(judged), circled(judged), judged.files()) == (2, [old], first)


def test_another_machine_judges_what_it_finds_in_the_shared_store(tmp_path: Path) -> None:
    """It takes no old answer from there, and asks no vendor first who refused it where it was bought."""
    with Shop(tmp_path / "shop", "keyed") as shop_:
        own = (shop_.folder / f"models/{VIDEO}.yaml").read_text()
        shop_.write("models/other-video.yaml", own.replace(VIDEO, "other-video"))
        film(shop_, shot("pour", model=[VIDEO, "other-video"]))
        shop_.vendors.keyed.fault("submit", "refused", times=1)
        (tmp_path / "remote").mkdir()
        shop_.environ["VIDBUILD_REMOTE"] = str(tmp_path / "remote")
        shop_.build("--yes")
        assert "model: other-video" in shop_.lock.read_text()
        shop_.run("lock", "--update", "pour")
        clone = shop_.copy(tmp_path / "clone")
        shutil.rmtree(clone.store)
        shutil.rmtree(clone.folder / "build")
        count = len(shop_.vendors.requests)
        row = next(row for row in clone.plan()["actions"] if row["mnemonic"] == "Footage")
        assert row["standing"] == "resume"
        assert clone.build().status == "built"
        assert (since(shop_, count), clone.files()) == ([], shop_.files())


@pytest.fixture
def routed(tmp_path: Path) -> Iterator[Shop]:
    """Two shots that ask alike of routing, and one that asks otherwise."""
    with Shop(tmp_path / "shop", "keyed") as shop_:
        own = (shop_.folder / f"models/{VIDEO}.yaml").read_text()
        shop_.write("models/other-video.yaml", own.replace(VIDEO, "other-video").replace("usd: 0.1,", "usd: 0.01,"))
        either = [VIDEO, "other-video"]
        film(
            shop_,
            shot("one", "a wave", model=either),
            shot("two", "a tree", model=either),
            shot("three", "a bird", model=either, sound="keep"),
        )
        shop_.build("--yes")
        yield shop_


QUESTION = f"footage | {VIDEO}, other-video | 16:9"


def test_a_model_is_chosen_anew_where_nobody_elses_takes_hang_on_it(routed: Shop) -> None:
    """Else it stays, and whose it is too is told; named together they let go of it."""
    assert set(LockFile(routed.lock).value.models) == {QUESTION, f"{QUESTION} | sound"}
    done = routed.run("lock", "--update", "one")
    assert f"`{QUESTION}` stays: shot two asked for it too" in done.stdout
    assert "asked anew: shot one" in routed.run("lock").stdout
    assert set(LockFile(routed.lock).value.models) == {QUESTION, f"{QUESTION} | sound"}
    done = routed.run("lock", "--update", "one", "--update", "two")
    assert f"the model for `{QUESTION}` is chosen anew" in done.stdout
    assert set(LockFile(routed.lock).value.models) == {f"{QUESTION} | sound"}
    count = len(routed.vendors.requests)
    routed.build()
    assert since(routed, count) == []
    assert LockFile(routed.lock).value.models[QUESTION] == VIDEO


@pytest.mark.slow
def test_what_is_mapped_to_another_name_is_found_by_that(routed: Shop) -> None:
    """`models: {old: new}` is the question that was asked."""
    routed.edit('"vidbuild": 1', f'"vidbuild": 1, "models": {{"other-video": "{VIDEO}-2"}}')
    own = (routed.folder / f"models/{VIDEO}.yaml").read_text()
    routed.write(f"models/{VIDEO}-2.yaml", own.replace(VIDEO, f"{VIDEO}-2"))
    routed.build()
    done = routed.run("lock", "--update", "three")
    assert f"the model for `footage | {VIDEO}, {VIDEO}-2 | 16:9 | sound` is chosen anew" in done.stdout


REFUSED = {
    "puor": "nothing that is bought is called `puor`",
    "local": "nothing of shot local is bought",
    "fresh": "nothing of shot fresh is in the lock",
    "kept": "shows the take",
}


@pytest.mark.slow
def test_what_can_not_be_asked_anew_says_why(judged: Shop) -> None:
    """An unknown name, what is made here, what was never bought, a take that is picked by its id; the lock stays."""
    (id,) = circled(judged)
    local = {"id": "local", "duration_s": 1, "model": "local/animatic", "prompt": "a wall"}
    kept = shot("kept", "a door", take=id)
    film(judged, shot("pour"), local, shot("fresh", "a tree"), kept, judge=JUDGE)
    before = judged.lock.read_bytes()
    for name, sentence in REFUSED.items():
        done = judged.run("lock", "--update", name)
        assert (done.returncode, sentence in done.stderr, "hint: " in done.stderr) == (2, True, True), done.stderr
    assert "name one" in judged.run("lock", "--update", "pour", "--prune").stderr, "one thing at a time"
    assert judged.lock.read_bytes() == before
