"""Speed, fit and fill: what is asked of models, which picture is the last, what is encoded again, what can't be."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import FINAL, YOUTUBE, Shop, card, film, filmed, footage, last_of, nodes, shot

from vidbuild.plan.planner import mistakes, plan
from vidbuild.spec.model import FilePicture, MomentOf, Motion, Project, Shot, Transition
from vidbuild.words.action import Node
from vidbuild.words.errors import Mark

CUP = FilePicture("cup.png")
OVER = Transition("dissolve", Fraction(1))
HAILUO = ("hailuo-3",)
"""It makes 6 s or 15 s; `kling-3` makes 3 to 10 s."""


def said(made: Shot, **more: Any) -> Shot:
    """Say more of a shot, as text where it is a number."""
    return replace(made, **{name: Fraction(it) if name in ("speed", "footage_s") else it for name, it in more.items()})


def seconds(*shots: Shot, shop: Shop | None = None) -> dict[str, str]:
    """Give what every take is asked for."""
    made = footage((shop or Shop()).planned(film(*shots)))
    return {name: node.action.params["seconds"] for name, node in made.items()}


def sentences(*shots: Shot) -> list[str]:
    """Give what is wrong with a film."""
    return Shop().sentences(film(*shots))


def step(node: Node) -> str:
    """Give the graph of what makes a picture."""
    return str(node.action.params["steps"])


# What is asked for


@pytest.mark.parametrize(("speed", "asked"), [("0.5", "3"), ("1.5", "9"), ("1", "6")])
def test_an_ask_is_for_what_the_speed_needs(speed: str, asked: str) -> None:
    """Six seconds of film."""
    assert seconds(said(shot("a"), speed=speed)) == {"a": asked}


def test_a_speed_that_a_model_cannot_serve_is_told() -> None:
    """With both numbers."""
    assert sentences(said(shot("a"), speed="2")) == ["`kling-3` makes at most 10 s, and 12 s are needed"]


def test_a_speed_within_what_was_bought_buys_nothing() -> None:
    """Trimming by any amount is free."""
    shop = Shop()
    shop.build(film(shot("a", seconds="9")))
    assert shop.build(film(said(shot("a", seconds="4"), speed="2"))) == []
    assert [ask.params["seconds"] for ask in shop.build(film(said(shot("a", seconds="4"), speed="2.5")))] == ["10"]


def test_more_is_bought_than_is_shown_where_that_is_said() -> None:
    """And what was bought is kept as long as it is enough of that."""
    shop = Shop()
    assert seconds(said(shot("a"), footage_s="9"), shop=shop) == {"a": "9"}
    shop.build(film(said(shot("a"), footage_s="9")))
    assert seconds(shot("a"), shop=shop) == {"a": "9"}
    assert seconds(said(shot("a"), footage_s="10"), shop=shop) == {"a": "10"}


def test_less_is_bought_than_is_shown_only_where_it_is_filled() -> None:
    """Else that is a mistake."""
    assert sentences(said(shot("a"), footage_s="4")) == ["`footage_s` buys 4 s, and `a` shows 6 s of them"]
    assert seconds(said(shot("a"), footage_s="4", fill="freeze")) == {"a": "4"}


# A model that can't make so much


@pytest.mark.parametrize("fill", ["freeze", "loop", "slow"])
def test_of_a_model_that_makes_less_its_longest_is_asked_for(fill: str) -> None:
    """`fill` says what is seen then."""
    assert seconds(said(shot("a", seconds="14"), fill=fill)) == {"a": "10"}
    shop = Shop()
    shop.build(film(said(shot("a", seconds="14"), fill=fill)))
    assert shop.build(film(said(shot("a", seconds="12"), fill=fill))) == []


def test_without_fill_it_is_a_mistake() -> None:
    """As it was."""
    assert sentences(shot("a", seconds="14")) == ["`kling-3` makes at most 10 s, and 14 s are needed"]


def test_routing_prefers_what_makes_enough() -> None:
    """A dearer model that makes the whole, before one that has to be filled."""
    wanted = said(shot("a", seconds="14", models=()), fill="freeze")
    (node,) = nodes(Shop().planned(film(wanted)), "Footage")
    assert node.action.tool == "hailuo-3@1"


@pytest.mark.parametrize(
    ("fill", "inside"),
    [
        ("freeze", "trim=end_frame=72"),
        ("loop", "concat"),
        ("slow", "*(144/5)+0.501"),
    ],
)
def test_the_second_piece_is_filled_from_where_the_take_ends(fill: str, inside: str) -> None:
    """12 s at 24 pictures a second, of a take of 10 s."""
    graph = Shop().planned(film(said(shot("a", seconds="12"), fill=fill)))
    assert inside in step(nodes(graph, "Segment")[1])


@pytest.mark.parametrize("motion", [None, Motion("push-in")])
def test_many_rounds_are_read_from_one_that_is_made_first(motion: Motion | None) -> None:
    """A second at four times its speed, 32 times in 8 s: two inputs, and one round in memory at no time."""
    quick = said(filmed("a", "20", out_s=Fraction(1)), speed="4", fill="loop", motion=motion)
    for node in nodes(Shop().planned(film(quick)), "Segment"):
        make, show = node.action.params["steps"]
        argv = show["feeds"]["clip"]["argv"] if motion else show["argv"]
        assert (make["argv"].count("-i"), argv.count("-i")) == (1, 1)
        assert argv[argv.index("-stream_loop") + 1] in ("15", "31")


def test_a_few_rounds_are_read_one_by_one() -> None:
    """Of five seconds, each from where it begins; more than two would need more memory."""
    slow = said(filmed("a", "12", out_s=Fraction(5)), fill="loop")
    for node in nodes(Shop().planned(film(slow)), "Segment"):
        (show,) = node.action.params["steps"]
        assert show["argv"].count("-i") == 2


def test_a_longer_loop_makes_the_last_piece_again() -> None:
    """The rounds in front of it stand."""
    loops = [film(said(filmed("a", length, out_s=Fraction(1)), fill="loop")) for length in ("20", "21")]
    assert changed(*loops) == {("Segment", "a", 2), ("Sound", "a", None)}


def test_what_is_slowed_or_looped_too_much_is_told() -> None:
    """At its place, with the way out."""
    marks = {"fill": Mark("project.yaml", 7, 3)}
    slow = replace(filmed("a", "20", out_s=Fraction(4)), fill="slow", marks=marks)
    found = plan(film(slow), Shop().world, FINAL).problems
    assert [(problem.sentence, problem.mark) for problem in found] == [
        ("`fill: slow` would run the 4 s of `a` 0.2 times as fast", marks["fill"])
    ]
    loop = replace(filmed("a", "20", out_s=Fraction(1, 5)), fill="loop", marks=marks)
    assert sentences(loop) == ["`fill: loop` would repeat 0.2 s of `a`"]


# A take that ends on a picture


def test_a_take_that_ends_on_a_picture_is_as_long_as_its_shot() -> None:
    """A length that its model makes."""
    assert seconds(shot("a", seconds="5", end=CUP)) == {"a": "5"}
    marks = {"duration_s": Mark("project.yaml", 4, 5)}
    (problem,) = mistakes(
        film(replace(shot("a", seconds="5", end=CUP, models=HAILUO), marks=marks)), Shop().world, FINAL
    )
    assert problem.sentence == "`hailuo-3` makes 6 s or 15 s, and `end_image` needs just 5 s"
    assert problem.hint == "change `duration_s`, or have the whole take retimed to it: `fit: speed`"
    assert problem.mark == marks["duration_s"]
    assert sentences(shot("a", seconds="5.5", end=CUP)) == [
        "`kling-3` makes 3 s to 10 s in steps of 1 s, and `end_image` needs just 5.5 s"
    ]


def test_in_a_list_the_model_that_makes_just_that_is_taken() -> None:
    """The others would have to be cut."""
    (node,) = nodes(Shop().planned(film(shot("a", seconds="5", end=CUP, models=("hailuo-3", "kling-3")))), "Footage")
    assert [hire.model for hire in node.conduct.hires] == ["kling-3"]


def test_takes_that_end_on_a_picture_are_not_shared_by_shots_of_other_lengths() -> None:
    """Each is bought as long as it is shown, whatever was bought before."""
    shots = [shot("a", seconds="5", end=CUP), shot("b", seconds="8", end=CUP)]
    shop = Shop()
    assert seconds(*shots, shop=shop) == {"a": "5", "b": "8"}
    shop.build(film(shots[1]))
    assert [ask.params["seconds"] for ask in shop.build(film(*shots))] == ["5"]


@pytest.mark.parametrize(("length", "asked", "speed"), [("5", "6", "6/5"), ("7", "15", "15/7"), ("20", "15", "3/4")])
def test_a_fitted_take_is_retimed_whole(length: str, asked: str, speed: str) -> None:
    """The least that is enough, else the longest."""
    project = film(said(shot("a", seconds=length, end=CUP, models=HAILUO), fit="speed"))
    graph = Shop().planned(project)
    assert footage(graph)["a"].action.params["seconds"] == asked
    assert f"*({24 / Fraction(speed)})+0.501" in step(nodes(graph, "Segment")[0])


def test_a_fitted_take_stands_when_its_shot_gets_shorter() -> None:
    """It runs faster then, down to a quarter of its length."""
    shop = Shop()

    def fitted(length: str) -> Project:
        return film(said(shot("a", seconds=length, end=CUP, models=HAILUO), fit="speed"))

    shop.build(fitted("5"))
    assert shop.build(fitted("3")) == []
    assert shop.sentences(fitted("1")) == ["`fit: speed` would run the 6 s of `a` 6 times as fast"]


# Own footage


def test_own_footage_lasts_as_long_as_it_runs() -> None:
    """Thirty seconds, twice as fast."""
    made = replace(filmed("a"), duration_s=None, speed=Fraction(2))
    assert Shop().planned(film(made)).deliverables[0].seconds == 15


def test_own_footage_that_is_too_short_is_told_with_the_ways_out() -> None:
    """At that speed."""
    (problem,) = mistakes(film(replace(filmed("a", "20"), speed=Fraction(2))), Shop().world, FINAL)
    assert problem.sentence == "shot `a` asks for 20 s of `a.mp4`, which has 15 s there at 2 times its speed"
    assert problem.hint is not None
    assert "`fill: freeze`" in problem.hint


# Frames between shots


def last_frame(made: Shot) -> Node:
    """Give the action that takes the last picture of a shot."""
    graph = Shop().planned(film(made, shot("on", "it goes on", init=last_of(made.id))))
    return next(node for node in nodes(graph, "Frame") if "clip" in node.action.inputs)


@pytest.mark.parametrize(
    ("made", "at", "more"),
    [
        (filmed("a", in_s=Fraction(1)), "167/24", {}),
        (said(filmed("a", in_s=Fraction(1)), speed="2"), "155/12", {"in": "1", "speed": "2"}),
        (said(shot("a"), speed="0.5"), "143/48", {"in": "0", "speed": "0.5"}),
        (said(filmed("a", out_s=Fraction(2)), fill="freeze"), "143/24", {"in": "0", "speed": "1", "held after": "48"}),
        (said(filmed("a", out_s=Fraction(4)), fill="loop"), "47/24", {}),
        (said(filmed("a", out_s=Fraction(3)), fill="slow"), "143/48", {"in": "0", "speed": "0.5"}),
    ],
)
def test_the_last_frame_is_that_of_the_shot_as_it_is_cut(made: Shot, at: str, more: dict[str, str]) -> None:
    """In-point, speed and fill applied; its question says so."""
    assert last_frame(made).conduct.question == {"picture at": at, **more}


def test_a_fixed_time_is_one_of_the_take() -> None:
    """Whatever the speed."""
    graphs = [
        Shop().planned(film(said(filmed("a"), speed=speed), shot("b", init=MomentOf("a", Fraction(3, 2)))))
        for speed in ("1", "2")
    ]
    assert len({node.action.id for graph in graphs for node in nodes(graph, "Frame")}) == 1


def test_a_speed_makes_what_continues_the_last_frame_again() -> None:
    """It is another picture; nothing else is asked anew."""
    shop = Shop()
    chain = shot("b", "it goes on", init=last_of("a")), shot("c", "other", init=MomentOf("a", Fraction(1)))
    shop.build(film(shot("a", seconds="8"), *chain))
    again = shop.build(film(said(shot("a", seconds="4"), speed="2"), *chain))
    assert [ask.params["prompt"] for ask in again] == ["it goes on"]


# What is encoded again


def encoded(project: Project) -> dict[tuple[str, str | None, int | None], Any]:
    """Give pieces and sounds by place."""
    graph = Shop().planned(project)
    return {
        (node.action.mnemonic, place.shot, place.piece): id
        for id, node in graph.nodes.items()
        for place in graph.places[id]
        if node.action.mnemonic in ("Segment", "Sound")
    }


def changed(before: Project, after: Project) -> set[tuple[str, str | None, int | None]]:
    """Name what is made again."""
    known = set(encoded(before).values())
    return {place for place, id in encoded(after).items() if id not in known}


def test_a_speed_makes_its_shot_and_its_sound_again() -> None:
    """And nothing of the others, wherever it stands."""
    before = film(filmed("a", "10"), filmed("b", "3", in_s=Fraction(20)))
    fast = replace(before, shots=(said(before.shots[0], speed="2"), before.shots[1]))
    assert changed(before, fast) == {("Segment", "a", 0), ("Segment", "a", 1), ("Sound", "a", None)}
    assert changed(fast, replace(fast, shots=fast.shots[::-1])) == set()


def test_a_longer_hold_makes_the_last_piece_again() -> None:
    """The footage in front of it stands."""
    held = [film(said(filmed("a", length, out_s=Fraction(10)), fill="freeze")) for length in ("20", "21")]
    assert changed(*held) == {("Segment", "a", 2), ("Sound", "a", None)}


def trimmed(shop: Shop, before: Project, after: Project) -> set[tuple[str, str | None, int | None]]:
    """Name the pieces and joins that a trim of what is bought makes again; nothing is bought for it."""
    shop.build(before)
    found = [shop.planned(before)]
    assert shop.build(after) == []
    found.append(shop.planned(after))
    made = [
        {
            (node.action.mnemonic, place.shot, place.piece): json.dumps(node.action.params["steps"], default=str)
            for id, node in graph.nodes.items()
            for place in graph.places[id]
            if node.action.mnemonic in ("Segment", "Join", "Frame")
        }
        for graph in found
    ]
    return {place for place, steps in made[1].items() if made[0].get(place) != steps}


def test_trimming_a_bought_shot_makes_its_last_piece_again() -> None:
    """Not those before it, nor the transition into it."""
    films = [film(shot("a"), shot("b", seconds=length, models=HAILUO, transition=OVER)) for length in ("6", "5")]
    assert trimmed(Shop(), *films) == {("Segment", "b", 0)}
    films = [film(shot("a"), shot("b", seconds=length, models=HAILUO, transition=OVER)) for length in ("15", "13")]
    assert trimmed(Shop(), *films) == {("Segment", "b", 1)}


@pytest.mark.parametrize(("length", "held"), [("15", 16), ("14.5", 4), ("14", 1)])
def test_only_what_a_take_may_lack_is_held(length: str, held: int) -> None:
    """Of 15 s at least 14.4 are there: 14.4 x 24 pictures, and one for the rounding."""
    shop = Shop()
    shop.build(film(shot("a", seconds="15", models=HAILUO)))
    cut = film(shot("a", seconds=length, models=HAILUO), shot("b", init=last_of("a")))
    first, last = nodes(shop.planned(cut), "Segment")[:2]
    (frame,) = nodes(shop.planned(cut), "Frame")
    assert [f"tpad=stop={number}:" in step(node) for node, number in ((first, 1), (last, held), (frame, held))] == [
        True,
        True,
        True,
    ]


def test_what_says_how_footage_runs_and_changes_nothing_is_in_no_key() -> None:
    """Defaults, a `fill` that isn't needed, more that is bought of a file's own length."""
    before = film(filmed("a"), shot("b"), card("c"))
    after = film(said(filmed("a"), fill="loop"), said(shot("b"), fill="slow", speed="1"), card("c"))
    assert changed(before, after) == set()


def test_a_poster_s_time_is_one_of_the_take() -> None:
    """At twice the speed it is shown at half of its time."""
    poster = MomentOf("a", Fraction(4))
    made = [film(said(filmed("a"), speed=speed), outputs=(replace(YOUTUBE, poster=poster),)) for speed in ("1", "2")]
    words = [nodes(Shop().planned(project), "Poster")[0].words["poster"] for project in made]
    assert words == ["a at 4 s", "a at 2 s"]
