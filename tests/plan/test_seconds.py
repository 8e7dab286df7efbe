"""Seconds are chosen once: the least that is enough at first, and what was bought ever after."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from films import (
    ANNA,
    CATALOG,
    MUSIC,
    OWN,
    PORTRAIT,
    Shop,
    card,
    cast,
    film,
    filmed,
    footage,
    last_of,
    nodes,
    shot,
    still_file,
    with_models,
)

from vidbuild.catalog.model import Lengths
from vidbuild.plan import attempts
from vidbuild.runners.generate import Buyer
from vidbuild.spec.model import CastPicture, FilePicture, Member, MomentOf, Project
from vidbuild.stores import lock_changes
from vidbuild.stores.job_log import JobLog
from vidbuild.stores.lockfile import LockFile
from vidbuild.testing.memory import MemoryCas
from vidbuild.words.action import ActionResult, Blob, BoundAction, Conduct, Hire
from vidbuild.words.digest import digest_of
from vidbuild.words.locked import Asked, Bought, Lock, attempt_id


def seconds(shop: Shop, project: Project) -> dict[str, str]:
    """Give what every take is asked for, by shot."""
    graph = shop.planned(project)
    found = {}
    for node in nodes(graph, "Footage"):
        for place in graph.places[node.action.id]:
            found[f"{place.shot}{f' {place.role}' if place.role else ''}"] = node.action.params["seconds"]
    return found


@pytest.mark.parametrize(
    ("model", "needed", "asked"),
    [
        ("kling-3", "1", "3"),
        ("kling-3", "3", "3"),
        ("kling-3", "3.2", "4"),
        ("kling-3", "10", "10"),
        ("veo-3.1", "2", "4"),
        ("veo-3.1", "4.1", "8"),
        ("local/animatic", "4.1", "6"),
        ("local/animatic", "2", "2"),
    ],
)
def test_a_first_purchase_asks_for_the_least_that_is_enough(model: str, needed: str, asked: str) -> None:
    """Of what the model makes; what is made here in steps of 2 s."""
    assert seconds(Shop(), film(shot("a", seconds=needed, models=(model,)))) == {"a": asked}


def test_enough_is_what_the_cut_needs_on_the_projects_clock() -> None:
    """3.01 s are 72 frames, which are 3 s."""
    assert seconds(Shop(), film(shot("a", seconds="3.01"))) == {"a": "3"}


def test_trimming_is_free() -> None:
    """By any amount: the plan asks for what was bought."""
    shop = Shop()
    shop.build(film(shot("a", seconds="8")))
    for shorter in ("7.9", "5", "3", "0.5"):
        assert seconds(shop, film(shot("a", seconds=shorter))) == {"a": "8"}


def test_the_shortest_locked_take_that_covers_the_cut_is_taken() -> None:
    """Each length that was bought stays of use."""
    shop = Shop()
    for bought in ("4", "8", "6"):
        shop.build(film(shot("a", seconds=bought)))
    found = [seconds(shop, film(shot("a", seconds=needed)))["a"] for needed in ("2", "4", "4.5", "6", "7", "8")]
    assert found == ["4", "4", "8", "8", "8", "8"]


def test_a_longer_use_buys_a_new_take_and_old_uses_keep_theirs() -> None:
    """A new variant never moves an old one."""
    shop = Shop()
    shop.build(film(shot("a", seconds="4")))
    both = film(shot("a", seconds="4"), shot("b", seconds="7"))
    assert seconds(shop, both) == {"a": "4", "b": "7"}
    assert [ask.params["seconds"] for ask in shop.build(both)] == ["7"]
    assert seconds(shop, both) == {"a": "4", "b": "7"}


def test_uses_that_none_covers_share_one_new_ask_for_the_longest() -> None:
    """One is bought, not three."""
    shop = Shop()
    shop.build(film(shot("a", seconds="4")))
    project = film(*(shot(id, seconds=needed) for id, needed in zip("abcd", ("4", "5", "9", "6"), strict=True)))
    assert seconds(shop, project) == {"a": "4", "b": "9", "c": "9", "d": "9"}


def test_asks_equal_but_for_seconds_are_one_question_and_the_plan_says_so() -> None:
    """At first all of them share the longest."""
    shop, project = Shop(), film(shot("a", seconds="4"), shot("b", seconds="8"), shot("c", "other", "5"))
    assert seconds(shop, project) == {"a": "8", "b": "8", "c": "5"}
    assert shop.planned(project).notes == ("shots `a`, `b` ask for the same and share one take",)


def pictures() -> dict[str, tuple[Any, Any]]:
    """Give pairs of pictures that are one, by how they are said."""
    return {
        "a member and its file": (CastPicture("anna"), FilePicture("anna.png")),
        "two members of one file": (CastPicture("anna"), CastPicture("other")),
        "a member and its still": (CastPicture("drawn"), PORTRAIT),
        "first and last picture of a card": (last_of("title"), MomentOf("title", Fraction(1))),
        "last picture and its time": (last_of("plate"), MomentOf("plate", Fraction(47, 24))),
    }


@pytest.mark.parametrize("name", pictures())
def test_pictures_that_are_one_make_one_question(name: str) -> None:
    """Whatever they are called: so one take is bought, not two."""
    one, other = pictures()[name]
    members = cast(ANNA, replace(ANNA, name="other"), Member("drawn", "", (PORTRAIT,)))
    project = film(
        card("title"), filmed("plate", "2"), shot("a", seconds="4", init=one), shot("b", seconds="8", init=other),
        cast=members,
    )  # fmt: skip
    shop = Shop()
    found = seconds(shop, project)
    assert (found["a"], found["b"]) == ("8", "8")
    assert len([ask for ask in shop.build(project) if ask.mnemonic == "Footage"]) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PORTRAIT, replace(PORTRAIT, models=("gpt-image-2",))),
        (PORTRAIT, replace(PORTRAIT, seed=1)),
        (PORTRAIT, replace(PORTRAIT, cast=("anna",))),
        (FilePicture("anna.png"), FilePicture("cup.png")),
        (last_of("plate"), MomentOf("plate", Fraction(0))),
        (last_of("title"), last_of("plain")),
    ],
    ids=["model", "seed", "cast", "file", "time", "logo"],
)
def test_pictures_that_differ_make_two_questions(one: Any, other: Any) -> None:
    """Neither use pays for the other's length."""
    project = film(
        card("title", logo="logo.png"), card("plain"), filmed("plate", "2"),
        shot("a", seconds="4", init=one), shot("b", seconds="8", init=other), cast=cast(ANNA),
    )  # fmt: skip
    found = seconds(Shop(), project)
    assert (found["a"], found["b"]) == ("4", "8")


def test_stills_of_one_prompt_by_two_models_are_two() -> None:
    """Each by the model that it names."""
    other = replace(PORTRAIT, models=("gpt-image-2",))
    graph = Shop().planned(film(shot("a", init=PORTRAIT, end=other)))
    assert [node.action.tool for node in nodes(graph, "Picture")] == ["flux-2-pro@1", "gpt-image-2@1"]


def test_shots_that_continue_equal_shots_are_one_question() -> None:
    """Along the whole chain."""
    project = film(
        shot("a"), shot("b"), shot("c", "it goes on", "4", init=last_of("a")),
        shot("d", "it goes on", "9", init=last_of("b")),
    )  # fmt: skip
    found = seconds(Shop(), project)
    assert (found["c"], found["d"]) == ("9", "9")


def test_shots_that_continue_different_takes_are_two_questions() -> None:
    """Of one ask another take may look otherwise."""
    project = film(
        shot("a", take=2), shot("b"), shot("c", "it goes on", "4", init=last_of("a")),
        shot("d", "it goes on", "9", init=last_of("b")),
    )  # fmt: skip
    found = seconds(Shop(), project)
    assert (found["c"], found["d"]) == ("4", "9")


def test_takes_are_questions_of_their_own() -> None:
    """A shot with two takes shares the first with a shot that asks for one."""
    project = film(shot("a", seconds="4", takes=2), shot("b", seconds="8"))
    assert seconds(Shop(), project) == {"a": "8", "a take 2": "4", "b": "8"}


def test_a_kept_take_asks_for_nothing_and_lengthens_nobody() -> None:
    """Its shot shows what was bought, whatever the others need."""
    shop = Shop()
    shop.build(film(shot("a", seconds="8")))
    (entry,) = next(iter(shop.lock.asks.values())).attempts
    project = film(shot("a", seconds="7", take=entry.id), shot("b", "a new cup", "4"), shot("c", "a new cup", "5"))
    assert seconds(shop, project) == {"b": "5", "c": "5"}


def test_what_continues_a_trimmed_shot_is_asked_with_its_own_seconds() -> None:
    """Seconds that are locked are found through pinned pictures."""
    shop = Shop()
    project = film(shot("a"), shot("b", "it goes on", "8", init=last_of("a")))
    shop.build(project)
    assert seconds(shop, film(shot("a"), shot("b", "it goes on", "4", init=last_of("a")))) == {"a": "6", "b": "8"}


def test_a_lock_of_another_picture_covers_nothing() -> None:
    """What starts from a new picture is a first purchase again."""
    shop = Shop()
    shop.build(film(shot("a", seconds="8", init=FilePicture("cup.png"))))
    shop.own = {**OWN, "cup.png": still_file("another cup")}
    assert seconds(shop, film(shot("a", seconds="4", init=FilePicture("cup.png")))) == {"a": "4"}


def test_a_failed_take_covers_nothing() -> None:
    """Its seconds bind nobody."""
    shop = Shop(failing={0})
    shop.build(film(shot("a", seconds="8", takes=2)))
    shop.lock = replace(shop.lock, made={
        label: tuple(entry for entry in entries if getattr(entry, "take", 0) == 0)
        for label, entries in shop.lock.made.items()
    })  # fmt: skip
    assert seconds(shop, film(shot("a", seconds="4")))["a"] == "4"


def test_what_no_model_makes_is_a_mistake_with_both_numbers() -> None:
    """Nothing is bought too short."""
    (sentence,) = Shop().sentences(film(shot("a", seconds="11")))
    assert sentence == "`kling-3` makes at most 10 s, and 11 s are needed"


def test_a_fallback_that_cannot_make_the_seconds_is_not_hired() -> None:
    """A take that several shots share may be longer than the shot that names it."""
    veo = replace(CATALOG.models["veo-3.1"], accepts=CATALOG.models["kling-3"].accepts)
    shop = Shop(catalog=with_models(veo))
    project = film(shot("a", seconds="4", models=("kling-3", "veo-3.1")), shot("b", seconds="9"))
    (node,) = nodes(shop.planned(project), "Footage")
    assert [hire.model for hire in node.conduct.hires] == ["kling-3"]
    (node,) = nodes(shop.planned(film(*project.shots[:1])), "Footage")
    assert [hire.model for hire in node.conduct.hires] == ["kling-3", "veo-3.1"]


def bed(shop: Shop, length: str, **said: Any) -> str:
    """Give the seconds that a bed is asked for under a film of a length."""
    project = film(filmed("a", length), music=(replace(MUSIC, **said),))
    shop.own = {**OWN, "a.mp4": replace(OWN["a.mp4"], probe=replace(OWN["a.mp4"].probe, seconds=Fraction(900)))}
    (node,) = nodes(shop.planned(project), "Music")
    shop.build(project)
    return str(node.action.params["seconds"])


def test_a_bed_is_asked_for_in_steps_of_thirty_seconds() -> None:
    """Up to the longest that its model makes."""
    assert [bed(Shop(), length) for length in ("1", "30", "30.5", "61", "185", "800")] == [
        "30", "30", "60", "90", "190", "190",
    ]  # fmt: skip


def test_a_bed_begins_at_its_in_point() -> None:
    """What is skipped is bought too."""
    assert bed(Shop(), "29", in_s=Fraction(2)) == "60"


def test_a_bed_that_was_bought_covers_every_shorter_film() -> None:
    """And a longer film within its step, or past what the model makes."""
    shop = Shop()
    assert [bed(shop, length) for length in ("65", "20", "90", "700", "300")] == ["90", "90", "90", "190", "190"]
    assert len(shop.bills) == 2


def test_cues_that_ask_for_the_same_share_a_bed() -> None:
    """It is as long as the longest of them needs."""
    cues = (MUSIC, replace(MUSIC, label="audio.2", at=Fraction(5), in_s=Fraction(20), gain_db=Fraction(-3)))
    shop = Shop()
    shop.own = {**OWN, "a.mp4": replace(OWN["a.mp4"], probe=replace(OWN["a.mp4"].probe, seconds=Fraction(900)))}
    (node,) = nodes(shop.planned(film(filmed("a", "40"), music=cues)), "Music")
    assert node.action.params["seconds"] == "60"


def test_a_model_without_lengths_is_asked_for_what_is_needed() -> None:
    """Nothing is known of what it makes."""
    free = replace(CATALOG.models["kling-3"], lengths=Lengths())
    assert seconds(Shop(catalog=with_models(free)), film(shot("a", seconds="3.5"))) == {"a": "3.5"}


def test_candidates_are_asked_for_like_the_shown_take() -> None:
    """Each with the seconds that were bought for it."""
    shop = Shop()
    shop.build(film(shot("a", seconds="8")))
    found = footage(shop.planned(film(shot("a", seconds="4", takes=2))))
    assert {name: node.action.params["seconds"] for name, node in found.items()} == {"a": "8", "a take 2": "4"}


def ask(seconds: str | None, **said: Any) -> BoundAction:
    """Give an ask, bound."""
    params = {"kind": "footage", "prompt": "a cup", "take": 0, **said, **({"seconds": seconds} if seconds else {})}
    return BoundAction("Footage", params, {"init": digest_of("pixels")}, {"video": "video/mp4"}, "kling-3@1")


HIRE = Hire("kling-3", "kling-3@1", "kling")


def locked(*asks: BoundAction, circled: bool = True) -> Lock:
    """Give a lock that holds asks, answered or not."""
    lock = Lock()
    for each in asks:
        attempt = attempts.attempt(each, HIRE, 0, ())
        blob = Blob(digest_of(attempt.key), 1, "video/mp4")
        entry = Bought(attempt_id(attempt.key), attempt.key, "kling-3", 0, "k/1", None, "2026-11-20", {"video": blob})
        length = Fraction(each.params["seconds"]) if "seconds" in each.params else None
        lock = lock_changes.with_bought(
            lock, "shot a", Asked(each.key, attempts.unsized(each), length, None, ()), entry
        )
        lock = lock_changes.with_circled(lock, each.key, attempt.key) if circled else lock
    return lock


@pytest.mark.parametrize(
    ("lock", "wanted", "covered"),
    [
        (locked(ask("8")), ask("5"), ask("8")),
        (locked(ask("8"), ask("6")), ask("5"), ask("6")),
        (locked(ask("8"), ask("5")), ask("5"), ask("5")),
        (locked(ask("4")), ask("5"), None),
        (locked(ask("8"), circled=False), ask("5"), None),
        (locked(ask("8", prompt="other")), ask("5"), None),
        (locked(ask("8", take=1)), ask("5"), None),
        (locked(ask(None)), ask(None), None),
        (Lock(), ask("5"), None),
    ],
)
def test_what_is_bound_late_is_covered_by_a_longer_locked_take(
    lock: Lock, wanted: BoundAction, covered: BoundAction | None
) -> None:
    """What it starts from turned out to be what it was."""
    found = attempts.covering(lock, wanted)
    assert (found and found.key) == (covered and covered.key)


def test_a_buyer_buys_nothing_that_a_longer_locked_take_covers(tmp_path: Path) -> None:
    """It asks for the attempt that answers that one."""
    lock = LockFile(tmp_path / "vidbuild.lock")
    long = attempts.attempt(ask("8"), HIRE, 0, ())
    outputs = {"video": Blob(digest_of("take"), 1, "video/mp4")}
    facts = {"model": "kling-3", "job": "kling/1", "on": "2026-11-20"}
    entry = Bought(attempt_id(long.key), long.key, "kling-3", 0, "kling/1", None, "2026-11-20", outputs)
    lock.bought("shot a", ask("8").key, attempts.unsized(ask("8")), Fraction(8), 0, entry)
    lock.circle(ask("8").key, long.key)
    before = lock.value

    class Remembering:
        async def result(self, action: BoundAction, conduct: Conduct) -> ActionResult:
            assert action.key == long.key
            return ActionResult(outputs, facts)

        def spent(self, usd: float) -> None:
            raise AssertionError("nothing is spent")

    buyer = Buyer(lock, JobLog(tmp_path), MemoryCas(tmp_path / "cas"), "ffmpeg", {}, lambda event: None)
    found = asyncio.run(buyer.bought(ask("5"), Conduct((HIRE,)), Remembering()))
    assert (dict(found.outputs), lock.value) == (outputs, before)
