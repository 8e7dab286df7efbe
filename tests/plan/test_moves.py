"""Motion in a plan: on the shot's own clock, in its pieces and windows, in every output; nobody else moves."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from films import FINAL, SQUARE, YOUTUBE, Shop, film, filmed, nodes, shot

from vidbuild.spec.model import Kept, Motion, Output, Project, Shot, Transition, When
from vidbuild.words.action import Node

PUSH = Motion("push-in", (Fraction(3, 4), Fraction(1, 2)), Fraction(2))


def moving(id: str = "a", seconds: str = "20", motion: Motion | None = PUSH) -> Shot:
    """A shot of own footage that moves."""
    return replace(filmed(id, seconds), motion=motion)


def pieces(project: Project, *mnemonics: str) -> list[Node]:
    """The pieces and windows of a plan, in order."""
    return nodes(Shop().planned(project, FINAL), *(mnemonics or ("Segment", "Join")))


def fed(node: Node) -> dict[str, Any]:
    """What feeds a piece, by slot."""
    return dict(node.action.params["steps"][-1].get("feeds", {}))


def keys(project: Project) -> set[str]:
    return {node.action.id for node in pieces(project)}


def test_each_piece_goes_on_where_the_one_before_ended() -> None:
    """By the shot's own frame numbers, and one move from its first frame to its last."""
    feeds = [fed(node)["clip"] for node in pieces(film(moving()))]
    assert [(feed["first"], feed["frames"]) for feed in feeds] == [(0, 192), (192, 192), (384, 96)]
    told = {"type": "push-in", "focus": ["0.75", "0.5"], "scale": "2", "from": "0", "to": "20"}
    assert [feed["move"] for feed in feeds] == [told] * 3


def test_a_move_s_times_count_from_the_shot_s_ends_on_the_frame_clock() -> None:
    """`[1.01, -2]` of 20 s."""
    timed = replace(PUSH, start=Fraction("1.01"), end=When(Fraction(-2), is_end=True))
    feed = fed(pieces(film(moving(motion=timed)))[0])["clip"]
    assert (feed["move"]["from"], feed["move"]["to"]) == ("1", "18")


def test_both_sides_of_a_transition_move() -> None:
    """Each on its own clock."""
    over = Transition("dissolve", Fraction(1, 2))
    project = film(moving("a", "2"), replace(moving("b", "3"), transition=over))
    (join,) = pieces(project, "Join")
    assert {slot: (feed["first"], feed["move"]["to"]) for slot, feed in fed(join).items()} == {
        "before": (36, "2"),
        "after": (0, "3"),
    }


def test_what_draws_the_windows_is_in_the_key_of_what_moves_alone() -> None:
    """Another one encodes moved pieces again, and nothing else."""
    project = film(moving("a", "2"), filmed("b", "2"))
    tools = [node.action.tool for node in pieces(project)]
    assert [tool.partition(", ")[2] for tool in tools] == ["moving@1", ""]


def test_moving_a_shot_in_the_film_changes_none_of_its_pieces() -> None:
    """Its clock is its own."""
    assert keys(film(moving("a"), filmed("b", "2"))) == keys(film(filmed("b", "2"), moving("a")))


def test_a_motion_is_in_no_ask() -> None:
    """It moves over what was bought, in every output; another one buys nothing."""
    outputs = (YOUTUBE, SQUARE)
    still, pushed = (film(shot("a", motion=motion), shot("b"), outputs=outputs) for motion in (None, PUSH))
    shop = Shop()
    shop.build(still)
    assert shop.build(pushed) == []
    before, after = keys(still), keys(pushed)
    assert len(before & after) == 2  # those of the other shot
    assert len(after - before) == 2


def test_a_trim_leaves_pieces_alone_where_the_move_has_its_own_time() -> None:
    """The last piece alone is another one."""
    timed = replace(PUSH, start=Fraction(1), end=Fraction(3))
    assert len(keys(film(moving(motion=timed))) - keys(film(moving(seconds="19", motion=timed)))) == 1


@pytest.mark.parametrize(
    "times",
    [
        (Fraction(2), Fraction(1)),
        (Fraction(2), Fraction(2)),
        (Fraction(19), When(Fraction(-2), is_end=True)),
        (Fraction(20), None),
    ],
)
def test_a_move_that_ends_before_it_begins_is_a_mistake(times: tuple[Fraction, Fraction | When | None]) -> None:
    """With both times."""
    start, end = times
    (said,) = Shop().sentences(film(moving(motion=replace(PUSH, start=start, end=end))))
    assert said.startswith("the motion of `a` ends at ")


def test_a_move_that_counts_from_a_shot_s_end_does_so_in_another_cut_too() -> None:
    """10 s of 20: it is over 2 s before that."""
    timed = replace(PUSH, end=When(Fraction(-2), is_end=True))
    short = Output("short", "youtube", shots=(Kept("a", Fraction(10)),))
    project = film(moving(motion=timed), outputs=(YOUTUBE, short))
    assert {fed(node)["clip"]["move"]["to"] for node in pieces(project)} == {"18", "8"}
