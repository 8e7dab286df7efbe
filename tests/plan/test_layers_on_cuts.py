"""Layers on a cut: which pieces and joins they touch, what they are made from, where they lie in each output."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import CATALOG, FFMPEG, OWN, SQUARE, YOUTUBE, cast, film, filmed, nodes, shot
from test_overlays import changed, drawn, sentences

from vidbuild.media.probe import OwnFile, Probe
from vidbuild.plan.planner import plan
from vidbuild.plan.world import Request, World
from vidbuild.spec.model import (
    FilePicture,
    Layer,
    LayerMotion,
    Member,
    Output,
    Project,
    Reframe,
    Still,
    Transition,
    When,
)
from vidbuild.words.digest import digest_of

TIKTOK = Output("tiktok", "tiktok")
CLIP = OwnFile(digest_of("sting.mov"), Probe("video", Fraction(4), 400, 400, Fraction(24), True, has_alpha=True))
WORLD = World(CATALOG, {**OWN, "sting.mov": CLIP}, FFMPEG)
LONG = film(filmed("a", "20"), filmed("b", "6", in_s=Fraction(8)), outputs=(YOUTUBE, SQUARE))
SLID = replace(LONG, shots=(LONG.shots[0], replace(LONG.shots[1], transition=Transition("push-left", Fraction(1)))))
HALVES = (Fraction(1, 2), Fraction(1, 2))


def logo(shot: str | None = "a", start: str = "1", end: str | None = "3", **more: Any) -> Layer:
    """Give a picture from a time to a time."""
    said = {"file": "logo.png", "place": "top-right"} | more
    return Layer(shot=shot, start=Fraction(start), end=None if end is None else Fraction(end), **said)


def laid(project: Project, *layers: Layer) -> Project:
    """Lay layers over a project."""
    return replace(project, layers=layers)


def argv(project: Project, *place: Any, world: World = WORLD) -> str:
    """Give what runs for a piece or a join."""
    return " ".join(drawn(project, world)[place].params["steps"][-1]["argv"])


def test_a_layer_touches_only_the_pieces_that_show_it() -> None:
    """From 7 to 9 s of a shot that is cut at 8 and 16 s; its file is an input, by digest."""
    project = laid(LONG, logo(start="7", end="9"))
    assert changed(LONG, project) == {
        ("Segment", "a", name, piece) for name in ("youtube", "square") for piece in (0, 1)
    }
    inputs = drawn(project)["Segment", "a", "youtube", 0].inputs
    assert dict(inputs) == {"clip": OWN["a.mp4"].digest, "layer0": OWN["logo.png"].digest}


def test_an_edit_of_one_layer_leaves_the_pieces_of_others() -> None:
    """Two of them, in the first and in the last piece."""
    bye = logo(start="17", end="19")
    before, after = laid(LONG, logo(), bye), laid(LONG, logo(opacity=Fraction(1, 2)), bye)
    assert changed(before, after) == {("Segment", "a", "youtube", 0), ("Segment", "a", "square", 0)}


@pytest.mark.parametrize("how", [{}, {"fade_in_s": Fraction(2), "fade_out_s": Fraction(9)}, {"file": "sting.mov"}])
def test_moving_a_shot_with_its_layers_costs_nothing(how: dict[str, Any]) -> None:
    """Their times are the shot's own, whatever they are."""
    project = laid(
        LONG, logo(start="7", end="9", **how), logo("b", "0", None), Layer(blur=(*HALVES, *HALVES), shot="b")
    )
    moved = replace(project, shots=project.shots[::-1])
    ids = {action.id for action in drawn(project, WORLD).values()}
    assert {action.id for action in drawn(moved, WORLD).values()} == ids


def test_moving_a_shot_under_a_standing_layer_of_the_film_costs_nothing() -> None:
    """A logo over all is the same in every piece; only where it fades or slides a piece knows when it is."""
    project = laid(LONG, logo(None, "0", None))
    assert changed(project, replace(project, shots=project.shots[::-1])) == set()
    fading = laid(LONG, logo(None, "0", None, fade_in_s=Fraction(1, 2)))
    assert changed(project, fading) == {("Segment", "a", "youtube", 0), ("Segment", "a", "square", 0)}


def test_a_layer_of_a_group_lies_over_its_shots_alone() -> None:
    """From the start of the first to the end of the last."""
    three = film(*(filmed(id, "4") for id in "abc"), outputs=(YOUTUBE,))
    project = laid(three, logo("a", "3", None, until="b"))
    assert {place[1] for place in changed(three, project)} == {"a", "b"}


def test_a_layer_over_both_sides_of_a_transition_stands_still_over_it() -> None:
    """It is drawn over the pushed pictures; one of a side goes with its picture."""
    everywhere = argv(laid(SLID, logo(None, "0", None)), "Join", "b", "youtube", None)
    assert everywhere.index("xfade") < everywhere.index("overlay")
    inputs = drawn(laid(SLID, logo(None, "0", None)))["Join", "b", "youtube", None].inputs
    assert set(inputs) == {"before", "after", "over0"}
    own = laid(SLID, logo("b", "0", None))
    assert argv(own, "Join", "b", "youtube", None).index("overlay") < argv(own, "Join", "b", "youtube", None).index(
        "xfade"
    )
    assert set(drawn(own)["Join", "b", "youtube", None].inputs) == {"before", "after", "after_layer0"}


def test_marks_are_drawn_in_the_picture_before_it_is_cropped() -> None:
    """So that they stay on what they mark."""
    project = laid(LONG, Layer(blur=(Fraction(0), Fraction(0), *HALVES), shot="b"))
    graph = argv(project, "Segment", "b", "square", 0)
    assert graph.index("boxblur") < graph.index("crop=2*min")


def test_a_video_begins_when_its_layer_does_and_holds_its_last_picture() -> None:
    """Later pieces read on where the one before ended; behind its end it is read whole."""
    project = laid(LONG, logo(start="6", end=None, file="sting.mov", in_s=Fraction(1)))
    first, second, third = (argv(project, "Segment", "a", "youtube", piece) for piece in (0, 1, 2))
    assert "trim=end_frame=72:start_frame=24" in first
    assert "-ss 2.000000 -threads 1 -protocol_whitelist file" in second
    assert "tpad=stop=" in second
    assert third.count("-ss") == 1


def test_a_member_of_the_cast_is_a_layer_by_its_name() -> None:
    """A file's own pixels; a generated picture is made once, and given to no model."""
    cup = Member("cup", images=(FilePicture("cup.png"),), exact=True)
    project = replace(LONG, cast=cast(cup), layers=(logo(file=None, member="cup"),))
    assert drawn(project)["Segment", "a", "youtube", 0].inputs["layer0"] == OWN["cup.png"].digest
    anna = Member("anna", images=(Still("portrait of Anna", ("flux-2-pro",), label="anna"),))
    made = plan(replace(LONG, cast=cast(anna), layers=(logo(file=None, member="anna"),)), WORLD, Request()).graph
    assert made is not None
    assert [node.action.params["prompt"] for node in nodes(made, "Picture")] == ["portrait of Anna"]


def test_named_places_are_inside_of_the_safe_area_of_each_output() -> None:
    """At even places: the right edge of TikTok's is 14 % in, its top 8 %."""
    project = laid(film(filmed("a"), outputs=(TIKTOK,)), logo(scale=Fraction(1, 4)))
    graph = argv(project, "Segment", "a", "tiktok", 0)
    assert "x=928-w:y=154" in graph
    assert re.search(r"w=max\(2\W+min\(270\W+round\(1324\*dar/2\)\*2\)\)", graph)


def test_plan_tells_what_reaches_out_and_where() -> None:
    """Of places of the author's own; what is blurred may be cut off."""
    box = (Fraction(8, 10), Fraction(4, 10), Fraction(1, 10), Fraction(1, 10))
    layers = (
        logo(place=(Fraction(95, 100), Fraction(1, 2))),
        Layer(box=box, shot="a"),
        Layer(blur=box, shot="a"),
        logo(place="bottom-right"),
    )
    project = laid(film(filmed("a"), outputs=(YOUTUBE, TIKTOK)), *layers)
    made = plan(project, WORLD, Request()).graph
    assert made is not None
    assert list(made.notes) == [
        "the layer `logo.png` reaches out of the safe area of `youtube`",
        "the layer `logo.png` reaches out of the safe area of `tiktok`",
        "the box in `a` is cut off in `tiktok`",
    ]
    held = replace(project, reframe=Reframe("blur"))
    graph = plan(held, WORLD, Request()).graph
    assert graph is not None
    assert "the box in `a` reaches out of the safe area of `tiktok`" in graph.notes


def test_a_layer_that_is_never_seen_is_a_mistake() -> None:
    """With how long there is to see it."""
    assert sentences(laid(LONG, logo(start="21", end=None))) == ["the layer `logo.png` is never seen"]


def test_a_layer_hangs_on_ends_and_shots() -> None:
    """In the last half second of its shot, and from another shot's start on."""
    ends = laid(LONG, replace(logo(), start=When(Fraction(-1, 2), is_end=True), end=None))
    assert changed(LONG, ends) == {("Segment", "a", name, 2) for name in ("youtube", "square")}
    begins = laid(LONG, replace(logo(None), start=When(shot="b"), end=None))
    assert {place[1] for place in changed(LONG, begins)} == {"b"}


def test_a_slide_is_known_only_to_the_pieces_that_show_it() -> None:
    """Behind it the layer stands, and the numbers of the slide are in no key."""
    project = laid(LONG, logo(start="7.9", end=None, motion=LayerMotion("slide-up", HALVES[0])))
    assert "eval=frame" in argv(project, "Segment", "a", "youtube", 1)
    assert argv(project, "Segment", "a", "youtube", 2) == argv(laid(LONG, logo(end=None)), "Segment", "a", "youtube", 2)


def test_a_picture_that_is_moved_over_is_fed_at_its_size() -> None:
    """A quarter of 1920 pixels wide, in the aspect of its file; a later piece goes on where the one before ended."""
    layer = logo(start="7", end=None, motion=LayerMotion("push-in", Fraction(4)))
    project = laid(film(filmed("a", "20"), outputs=(YOUTUBE,)), layer)
    pieces = [drawn(project, WORLD)["Segment", "a", "youtube", piece] for piece in (0, 1)]
    feeds = [action.params["steps"][-1]["feeds"]["layer0"] for action in pieces]
    assert [(feed["size"], feed["first"], feed["frames"]) for feed in feeds] == [
        ([480, 480], 0, 24),
        ([480, 480], 24, 192),
    ]
    assert feeds[0]["move"] == {"type": "push-in", "scale": "1.2", "from": "0", "to": "4"}
    assert pieces[0].tool != FFMPEG
    moved = replace(project, layers=(replace(layer, shot=None),))
    assert "feeds" in drawn(replace(SLID, layers=moved.layers), WORLD)["Join", "b", "youtube", None].params["steps"][-1]


def test_why_is_told_what_the_author_said() -> None:
    """In words."""
    made = plan(laid(film(shot("a")), logo(scale=Fraction(12, 100))), WORLD, Request()).graph
    assert made is not None
    assert nodes(made, "Segment")[0].words["layers"] == "logo.png (place top-right; scale 0.12)"
