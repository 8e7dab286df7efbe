"""Native shots: generated again in an output's aspect, as asks of their own; what they continue is native too."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from films import (
    ANNA,
    DRAFT,
    FINAL,
    PORTRAIT,
    SQUARE,
    YOUTUBE,
    Shop,
    asked,
    card,
    cast,
    film,
    filmed,
    last_of,
    nodes,
    shot,
)  # fmt: skip

from vidbuild.plan.planner import mistakes, plan
from vidbuild.spec.model import Filmed, FrameOf, Member, Output, Project, Reframe, Shot
from vidbuild.words.action import Graph, Node, Ref

NATIVE = Reframe("native")
TIKTOK = Output("tiktok", "tiktok", NATIVE)
REELS = Output("reels", "reels", NATIVE)


def natively(*shots: Shot, outputs: tuple[Output, ...] = (YOUTUBE, TIKTOK), **said: object) -> Project:
    return film(*shots, outputs=outputs, **said)


def aspects(graph: Graph) -> list[tuple[str, str]]:
    """What is asked for, and in which aspect."""
    return [(params["prompt"], params["aspect"]) for params in asked(graph)]


def cut_from(graph: Graph) -> dict[tuple[str, str], Node]:
    """The take of every piece, by shot and output."""
    found = {}
    for node in nodes(graph, "Segment"):
        clip = node.action.inputs["clip"]
        if isinstance(clip, Ref):
            place = graph.places[node.action.id][0]
            found[str(place.shot), str(place.output)] = graph.nodes[clip.action]
    return found


def test_a_native_shot_is_another_ask_in_the_output_s_aspect() -> None:
    """With a price of its own; its pieces are cut from it."""
    graph = Shop().planned(natively(shot("a", "a cup")))
    assert sorted(aspects(graph)) == [("a cup", "16:9"), ("a cup", "9:16")]
    takes = cut_from(graph)
    assert takes["a", "youtube"].action.params["aspect"] == "16:9"
    assert takes["a", "tiktok"].action.params["aspect"] == "9:16"
    assert takes["a", "tiktok"].conduct.hires[0].list_usd == takes["a", "youtube"].conduct.hires[0].list_usd


def test_a_native_output_that_is_added_buys_its_own_takes_alone() -> None:
    """What was bought before stays."""
    shop = Shop()
    shop.build(natively(shot("a"), shot("b", "a glass"), outputs=(YOUTUBE,)))
    assert [ask.params["aspect"] for ask in shop.build(natively(shot("a"), shot("b", "a glass")))] == ["9:16"] * 2


def test_outputs_of_one_aspect_share_their_takes() -> None:
    """Whatever their size."""
    graph = Shop().planned(natively(shot("a"), outputs=(YOUTUBE, TIKTOK, REELS)))
    assert len(asked(graph)) == 2


def test_where_nothing_but_natives_shows_a_shot_the_film_s_take_is_not_bought() -> None:
    """One ask."""
    assert aspects(Shop().planned(natively(shot("a", "a cup"), outputs=(TIKTOK, REELS)))) == [("a cup", "9:16")]


def test_in_the_film_s_own_aspect_native_is_what_is_there() -> None:
    """As are own footage and cards, which are cropped."""
    wide = replace(YOUTUBE, reframe=NATIVE)
    assert len(asked(Shop().planned(natively(shot("a"), outputs=(wide,))))) == 1
    graph = Shop().planned(natively(filmed("f"), card("c"), outputs=(TIKTOK,)))
    assert asked(graph) == []


def test_a_shot_s_own_reframe_wins_over_a_native_output() -> None:
    """`crop` where it says so; `native` of a shot alone in a project that crops."""
    graph = Shop().planned(natively(shot("a", "one", reframe=Reframe()), shot("b", "two")))
    assert sorted(aspects(graph)) == [("one", "16:9"), ("two", "16:9"), ("two", "9:16")]
    plain = Output("tiktok", "tiktok")
    graph = Shop().planned(natively(shot("a", "one", reframe=NATIVE), shot("b", "two"), outputs=(YOUTUBE, plain)))
    assert ("one", "9:16") in aspects(graph)
    assert ("two", "9:16") not in aspects(graph)


def test_a_native_shot_starts_from_the_native_take_of_what_it_continues() -> None:
    """Its last frame is another picture than the film's."""
    graph = Shop().planned(natively(shot("a", "one"), shot("b", "two", init=last_of("a"))))
    takes = cut_from(graph)
    frame = graph.nodes[takes["b", "tiktok"].action.inputs["init"].action]
    assert frame.action.inputs["clip"] == Ref(takes["a", "tiktok"].action.id, "video")


def test_a_native_shot_can_not_continue_what_is_not_native() -> None:
    """All that would have to be native is named, with what it costs."""
    chain = (
        shot("a", seconds="5", reframe=Reframe()),
        shot("b", seconds="5", init=last_of("a"), reframe=Reframe()),
        shot("c", seconds="5", init=last_of("b")),
    )
    (problem,) = plan(natively(*chain), Shop().world, FINAL).problems
    assert problem.sentence == "`c` is native in `tiktok`, and starts from `b`, which isn't"
    assert problem.facts == ("`b`, `a` would have to be native there too: about 1.00 USD",)
    assert problem.hint == "give `b`, `a` `reframe: native` too, or crop `c`"


def test_a_native_shot_may_start_from_a_still_and_not_from_own_footage() -> None:
    """A still's first frame is a still; a film's is not."""
    still = Shot("s", Filmed("cup.png"), Fraction(2))
    assert Shop().sentences(natively(still, shot("a", init=FrameOf("s", False)))) == []
    assert Shop().sentences(natively(filmed("f"), shot("a", init=last_of("f")))) == [
        "`a` is native in `tiktok`, and starts from `f`, which isn't"
    ]


def test_members_pictures_are_those_of_the_film() -> None:
    """A portrait is bought once, in the film's aspect."""
    members = cast(ANNA, Member("bert", "Bert", (replace(PORTRAIT, label="bert"),)))
    project = natively(shot("a", models=("hailuo-3",), references=("anna", "bert")), cast=members)
    graph = Shop().planned(project)
    kinds = [(params["kind"], params["aspect"]) for params in asked(graph)]
    assert sorted(kinds) == [("footage", "16:9"), ("footage", "9:16"), ("picture", "16:9")]


def test_a_model_that_can_not_make_the_aspect_is_told_before_anything_is_bought() -> None:
    """`kling-3` makes no squares here."""
    said = Shop().sentences(natively(shot("a"), outputs=(YOUTUBE, replace(SQUARE, reframe=NATIVE))))
    assert len(said) == 1
    assert "kling-3" in said[0]


def test_a_native_take_is_heard_in_its_own_output() -> None:
    """Where its model makes sound."""
    graph = Shop().planned(natively(shot("a", models=("hailuo-3",), sound="keep")))
    heard = {graph.nodes[node.action.inputs["clip"].action].action.params["aspect"] for node in nodes(graph, "Sound")}
    assert heard == {"16:9", "9:16"}


def test_a_picked_take_is_picked_natively_by_its_number() -> None:
    """The second take of both."""
    graph = Shop().planned(natively(shot("a", takes=2, take=2)))
    assert [(params["take"], params["aspect"]) for params in asked(graph)] == [(1, "16:9"), (1, "9:16")]


def test_an_attempt_that_is_kept_by_its_id_is_kept_in_the_film_s_aspect_alone() -> None:
    """It was made in that."""
    shop = Shop()
    shop.build(natively(shot("a"), outputs=(YOUTUBE,)))
    (kept,) = (name for name in shop.lock.bought if name.startswith("k"))
    graph = shop.planned(natively(shot("a", take=kept)))
    assert [params["aspect"] for params in asked(graph)] == ["9:16"]


def test_a_trim_of_a_native_shot_buys_nothing() -> None:
    """The seconds that are locked cover it."""
    shop = Shop()
    shop.build(natively(shot("a", seconds="6")))
    assert shop.build(natively(shot("a", seconds="5"))) == []


def test_in_a_draft_native_shots_are_made_here_in_their_aspect() -> None:
    """Free, and as large as the first output needs."""
    graph = Shop().planned(natively(shot("a")), DRAFT)
    sizes = {tuple(node.action.params["size"]) for node in nodes(graph, "Footage")}
    assert sizes == {(1280, 720), (720, 1280)}


def test_of_a_project_that_is_partly_read_no_native_shot_is_told() -> None:
    """A platform and a shot that aren't there are mistakes of their own."""
    lost = natively(shot("a", init=last_of("gone")), outputs=(replace(TIKTOK, platform="wyde"), TIKTOK))
    assert mistakes(lost, Shop().world, FINAL) == []
