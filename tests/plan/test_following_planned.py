"""An automatic crop in a plan: its path hangs on the source alone, and is made once for all that show it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from films import FINAL, OWN, SQUARE, YOUTUBE, Shop, card, film, filmed, nodes, shot

from vidbuild.plan.following import unable
from vidbuild.spec.model import Filmed, Output, Project, Reframe, Shot, Transition
from vidbuild.words.action import Node

AUTO = Reframe(follows="auto")
TALL = Output("tiktok", "tiktok")
POINTS = ((Fraction("0.2"), Fraction("0.5")), (Fraction("0.8"), Fraction("0.5")))


def followed(*shots: Shot, outputs: tuple[Output, ...] = (YOUTUBE, SQUARE, TALL), reframe: Reframe = AUTO) -> Project:
    return film(*shots, outputs=outputs, reframe=reframe)


def paths(project: Project) -> dict[str, Node]:
    return {node.action.id: node for node in nodes(Shop().planned(project, FINAL), "Path")}


def encoded(project: Project) -> list[Node]:
    return nodes(Shop().planned(project, FINAL), "Segment", "Join")


def keys(project: Project) -> set[str]:
    return {node.action.id for node in encoded(project)}


def test_a_path_is_made_once_for_all_outputs() -> None:
    """Two sizes, at other rates too; what crops nothing needs none."""
    project = followed(shot("a"), outputs=(YOUTUBE, SQUARE, replace(TALL, fps=Fraction(30))))
    assert len(paths(project)) == 1
    inputs = [sorted(node.action.inputs) for node in encoded(project)]
    assert inputs == [["clip"], ["clip", "clip_path0"], ["clip", "clip_path0"]]


def test_a_trim_makes_no_path_anew() -> None:
    """Nor another in-point: the source is looked at in parts of its own time."""
    one = set(paths(followed(filmed("a", "5"))))
    assert set(paths(followed(filmed("a", "4")))) == one
    assert set(paths(followed(filmed("a", "4", in_s=Fraction(2))))) == one
    shop = Shop()
    shop.build(followed(shot("a", seconds="6")))
    long, short = (nodes(shop.planned(followed(shot("a", seconds=seconds))), "Path") for seconds in ("6", "4"))
    assert [node.action for node in long] == [node.action for node in short]


def test_long_footage_is_watched_where_it_is_shown() -> None:
    """Of an hour the half minute around a shot, with what lies before and behind it."""
    hour = {**OWN, "a.mp4": replace(OWN["a.mp4"], probe=replace(OWN["a.mp4"].probe, seconds=Fraction(3600)))}
    graph = Shop(own=hour).planned(followed(filmed("a", "6", in_s=Fraction(1000)), outputs=(TALL,)), FINAL)
    (node,) = nodes(graph, "Path")
    step = node.action.params["steps"][0]["watch"]
    assert (step["first"], step["from"], step["until"]) == (985 * 24, 990 * 24, 1020 * 24)


def test_a_piece_reads_the_parts_that_it_shows() -> None:
    """A shot that crosses 30 s of its source."""
    hour = {**OWN, "a.mp4": replace(OWN["a.mp4"], probe=replace(OWN["a.mp4"].probe, seconds=Fraction(3600)))}
    graph = Shop(own=hour).planned(followed(filmed("a", "16", in_s=Fraction(20)), outputs=(TALL,)), FINAL)
    pieces = nodes(graph, "Segment")
    assert len(nodes(graph, "Path")) == 2
    assert [sorted(node.action.inputs)[1:] for node in pieces] == [["clip_path0"], ["clip_path0", "clip_path1"]]
    spans = [node.action.params["steps"][-1]["feeds"]["clip"]["follow"]["spans"] for node in pieces]
    assert spans == [[{"frames": 192, "start": "20"}], [{"frames": 192, "start": "28"}]]


def test_a_still_and_both_sides_of_a_transition_are_followed_and_cards_are_not() -> None:
    """Each side by its own path."""
    still = Shot("s", Filmed("cup.png"), Fraction(2))
    over = Transition("dissolve", Fraction(1, 2))
    project = followed(still, replace(shot("a", seconds="4"), transition=over), card("end"), outputs=(TALL,))
    assert [sorted(node.action.inputs) for node in encoded(project)] == [
        ["clip", "clip_path0"],
        ["after", "after_path0", "before", "before_path0"],
        ["clip", "clip_path0"],
        ["clip"],
    ]


@pytest.mark.parametrize("reframe", [AUTO, Reframe(path=POINTS), Reframe("blur"), Reframe(focus=POINTS[0])])
def test_a_reframe_buys_nothing_and_encodes_what_it_crops(reframe: Reframe) -> None:
    """Pieces of that shot, in outputs of another aspect."""
    shop, plain = Shop(), followed(shot("a"), shot("b"), reframe=Reframe())
    shop.build(plain)
    other = followed(replace(shot("a"), reframe=reframe), shot("b"), reframe=Reframe())
    assert shop.build(other) == []
    changed = [node for node in encoded(other) if node.action.id not in keys(plain)]
    assert len(changed) == (3 if reframe.mode == "blur" or not (reframe.follows or reframe.path) else 2)


def test_a_path_s_points_are_spread_over_the_shot_or_stand_at_their_seconds() -> None:
    """And every piece is told all of them."""
    timed = tuple((x, y, Fraction(second)) for (x, y), second in zip(POINTS, (1, 2), strict=True))

    def told(reframe: Reframe) -> list[list[list[str]]]:
        project = followed(filmed("a", "16"), outputs=(TALL,), reframe=reframe)
        return [node.action.params["steps"][-1]["feeds"]["clip"]["path"] for node in encoded(project)]

    assert told(Reframe(path=POINTS)) == [[["0", "0.2", "0.5"], ["16", "0.8", "0.5"]]] * 2
    assert told(Reframe(path=timed)) == [[["1", "0.2", "0.5"], ["2", "0.8", "0.5"]]] * 2


def test_moving_a_shot_in_the_film_changes_no_piece_of_it() -> None:
    """Its path is its source's."""
    assert keys(followed(shot("a"), filmed("b"))) == keys(followed(filmed("b"), shot("a")))


def test_what_runs_faster_or_goes_round_is_followed_in_its_source_s_time() -> None:
    """At twice the speed; in a loop of two seconds, window by window."""
    fast = replace(filmed("a", "2"), speed=Fraction(2))
    round_ = replace(filmed("a", "5", out_s=Fraction(2)), fill="loop")

    def told(shot: Shot) -> list[dict[str, object]]:
        (node,) = encoded(followed(shot, outputs=(TALL,)))
        return list(node.action.params["steps"][-1]["feeds"]["clip"]["follow"]["spans"])

    assert told(fast) == [{"frames": 48, "start": "0", "speed": "2"}]
    assert told(round_) == [{"frames": 48, "start": "0"}] * 2 + [{"frames": 24, "start": "0"}]


def test_faces_need_what_finds_them() -> None:
    """Without the extra a plan says so; with it the path is another action than `auto`'s, of its version."""
    project = followed(shot("a"), reframe=Reframe(follows="faces"))
    (problem,) = unable(project, Shop().world)
    assert "vidbuild[faces]" in problem.hint
    world = replace(Shop().world, faces="opencv 4")
    assert unable(project, world) == []
    assert unable(followed(shot("a")), Shop().world) == []
