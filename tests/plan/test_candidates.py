"""Takes: how many are asked for, which one is shown, and what an attempt that is kept by its id stands for."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import (
    CATALOG,
    DRAFT,
    OWN,
    SQUARE,
    YOUTUBE,
    Shop,
    film,
    footage,
    last_of,
    nodes,
    shot,
    still_file,
    with_models,
)

from vidbuild.plan.world import Request
from vidbuild.spec.model import FilePicture, MomentOf, Project
from vidbuild.words.action import Graph, Ref


def takes(graph: Graph) -> list[int]:
    """Give the takes that are asked for, from 0."""
    return [node.action.params["take"] for node in nodes(graph, "Footage")]


def shown(graph: Graph) -> list[Any]:
    """Give what the pieces of the first shot are cut from: a take's number, or a digest."""
    found = []
    for node in nodes(graph, "Segment"):
        clip = node.action.inputs["clip"]
        found.append(graph.nodes[clip.action].action.params["take"] if isinstance(clip, Ref) else clip)
    return found


@pytest.mark.parametrize(
    ("said", "asked", "shows"),
    [
        ({}, [0], 0),
        ({"takes": 3}, [0, 1, 2], 0),
        ({"takes": 3, "take": 2}, [1], 1),
        ({"take": 5}, [4], 4),
        ({"takes": 1, "take": 1}, [0], 0),
    ],
)
def test_without_a_number_takes_one_to_takes_are_asked_for(said: dict[str, Any], asked: list[int], shows: int) -> None:
    """With one, only that take, also above `takes`."""
    graph = Shop().planned(film(shot("a", **said)))
    assert (takes(graph), shown(graph)) == (asked, [shows])


def test_candidates_are_in_the_graph_though_no_deliverable_needs_them() -> None:
    """Each under its shot, told by its role."""
    graph = Shop().planned(film(shot("a", takes=2)))
    assert list(footage(graph)) == ["a", "a take 2"]


def test_takes_that_were_bought_are_left_as_they_are() -> None:
    """Picking one by number asks for no other, and going back is free."""
    shop = Shop()
    shop.build(film(shot("a", takes=3)))
    for said in ({"takes": 3, "take": 2}, {"take": 3}, {"takes": 2}, {}):
        assert shop.build(film(shot("a", **said))) == []
    assert len(shop.lock.asks) == 3


def test_one_shot_by_itself_asks_for_nobody_elses_candidates() -> None:
    """`--only` buys what that shot shows."""
    project = film(shot("a", takes=3), shot("b", "other", init=last_of("a"), takes=2))
    graph = Shop().planned(project, Request(only="b"))
    assert list(footage(graph)) == ["a", "b", "b take 2"]
    assert list(footage(Shop().planned(project, Request(only="a")))) == ["a", "a take 2", "a take 3"]


def test_candidates_serve_every_output_once() -> None:
    """Two outputs ask for no more."""
    assert takes(Shop().planned(film(shot("a", takes=2), outputs=(YOUTUBE, SQUARE)))) == [0, 1]


def test_what_continues_a_shot_continues_the_take_that_it_shows() -> None:
    """Another circled take is another picture, unless it looks the same."""
    shop = Shop()
    plain = film(shot("a", takes=2), shot("b", "on", init=last_of("a")))
    circled = film(shot("a", takes=2, take=2), shot("b", "on", init=last_of("a")))
    shop.build(plain)
    assert [ask.params["prompt"] for ask in shop.build(circled)] == ["on"]
    assert shop.build(plain) == []


def test_the_first_take_that_passed_is_shown() -> None:
    """One of which no attempt passed is left out, and not asked for again."""
    shop, project = Shop(failing={0}), film(shot("a", takes=3), shot("b", "on", init=last_of("a")))
    shop.failing = {0}
    shop.build(film(shot("a", takes=3)))
    graph = shop.planned(project)
    assert takes(graph) == [1, 2, 0]
    assert shown(graph) == [1, 0]


def test_as_long_as_no_take_passed_all_are_asked_for() -> None:
    """Further reshoots may help."""
    shop = Shop(failing={0})
    project = film(shot("a", takes=2))
    (node, other) = nodes(shop.planned(project), "Footage")
    assert (node.conduct.takes, other.conduct.takes) == (2, 1)


def test_a_take_that_has_a_number_stands_for_itself_alone() -> None:
    """No other one is shown in its place."""
    (node,) = nodes(Shop().planned(film(shot("a", takes=2, take=1))), "Footage")
    assert node.conduct.takes == 1


def kept_film(shop: Shop, **said: Any) -> tuple[Project, str]:
    """Buy a take, and give a film that keeps it by its id, with what is said besides."""
    shop.build(film(shot("a", seconds="6")))
    id = next(iter(shop.lock.bought))
    return film(shot("a", **{"seconds": "6", **said}, take=id)), id


def test_a_kept_take_is_shown_and_nothing_is_asked_for() -> None:
    """By its pixels."""
    shop = Shop()
    project, id = kept_film(shop)
    graph = shop.planned(project)
    assert (nodes(graph, "Footage"), shown(graph)) == ([], [shop.lock.bought[id].outputs["video"].digest])
    assert graph.notes == ()


@pytest.mark.parametrize(
    "said",
    [
        {"prompt": "another"},
        {"seed": 2},
        {"models": ("hailuo-3",)},
        {"models": ("local/animatic",)},
        {"init": FilePicture("cup.png")},
    ],
    ids=lambda said: next(iter(said)),
)
def test_a_kept_take_stays_whatever_its_recipe_becomes_and_the_plan_says_so(said: dict[str, Any]) -> None:
    """It has no key any more, it has pixels."""
    shop = Shop()
    project, id = kept_film(shop, **said)
    graph = shop.planned(project)
    assert shown(graph) == [shop.lock.bought[id].outputs["video"].digest]
    assert graph.notes == (f"shot `a`: the take `{id}` is kept, its recipe has changed",)
    assert shop.build(project) == []


@pytest.mark.parametrize("said", [{"seconds": "3"}, {"takes": 4}, {"reshoots": 3}, {"models": ("kling-3", "hailuo-3")}])
def test_what_is_in_no_recipe_is_not_told(said: dict[str, Any]) -> None:
    """Lengths, candidates and fallbacks."""
    shop = Shop()
    project, _ = kept_film(shop, **said)
    assert shop.planned(project).notes == ()


def test_a_second_take_that_is_kept_has_its_own_recipe() -> None:
    """It was bought under its number."""
    shop = Shop()
    shop.build(film(shot("a", takes=2)))
    second = next(ask for ask in shop.lock.asks.values() if ask.take == 1)
    graph = shop.planned(film(shot("a", take=second.attempts[0].id)))
    assert graph.notes == ()


def test_a_kept_take_is_continued_by_its_pixels() -> None:
    """As its take by number is."""
    shop = Shop()
    by_number = film(shot("a"), shot("b", "on", init=last_of("a")))
    shop.build(by_number)
    id = next(bought.id for ask in shop.lock.asks.values() for bought in ask.attempts if ask.seconds == 6)
    assert shop.build(film(shot("a", "anything", take=id), shot("b", "on", init=last_of("a")))) == []


def test_a_kept_take_may_lack_some_pictures_at_its_end() -> None:
    """It was bought, whoever would make the shot now."""
    shop = Shop()
    project, _ = kept_film(shop, models=("local/animatic",))
    (kept,) = nodes(shop.planned(project), "Segment")
    (bought,) = nodes(shop.planned(film(shot("a", seconds="6"))), "Segment")
    assert kept.action.params == bought.action.params


def test_a_take_that_was_never_bought_is_a_mistake() -> None:
    """With those that the lock holds."""
    shop = Shop()
    assert shop.sentences(film(shot("a", take="k123456"))) == ["no take `k123456` was bought"]


def test_a_kept_take_that_is_too_short_is_a_mistake_with_both_numbers() -> None:
    """Nothing is cut from where nothing is."""
    shop = Shop()
    project, id = kept_film(shop, seconds="7")
    assert shop.sentences(project) == [f"the take `{id}` is 6 s long, and the shot `a` shows 7 s"]


def test_a_moment_behind_the_end_of_a_kept_take_is_a_mistake() -> None:
    """It is as long as it was bought."""
    shop = Shop()
    project, _ = kept_film(shop, seconds="3")
    wrong = replace(project, shots=(*project.shots, shot("b", "on", init=MomentOf("a", Fraction(13, 2)))))
    assert shop.sentences(wrong) == ["`a@6.5` lies behind the end of that take, which is 6 s long"]


def test_a_draft_keeps_no_take_and_has_no_candidates() -> None:
    """It never uses what was paid for."""
    shop = Shop()
    project, _ = kept_film(shop)
    for made in (project, film(shot("a", takes=4))):
        graph = shop.planned(made, DRAFT)
        assert takes(graph) == [0]
        assert nodes(graph, "Footage")[0].action.tool == "local/animatic@1"


def test_a_kept_take_is_no_longer_than_it_is_whatever_else_was_asked_for() -> None:
    """An equal ask that was never bought says nothing of it."""
    shop = Shop()
    project, _ = kept_film(shop, init=FilePicture("cup.png"))
    shop.own = {**OWN, "cup.png": still_file("another")}
    assert shop.build(project) == []


def test_a_kept_take_of_another_model_keeps_that_models_sound() -> None:
    """Its own sound is taken where the shot keeps it."""
    mute = replace(CATALOG.models["veo-3.1"], name="mute")
    shop = Shop(catalog=with_models(mute))
    shop.build(film(shot("a", models=("hailuo-3",))))
    id = next(iter(shop.lock.bought))
    graph = shop.planned(film(shot("a", models=("mute",), take=id, sound="keep")))
    assert len(nodes(graph, "Sound")) == 1
