"""Transitions on the clock: what overlaps, what is left of each shot, what can't be."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.plan import timeline
from vidbuild.plan.timeline import Cut
from vidbuild.spec.model import Project, Promise, Prompted, Shot, Transition
from vidbuild.words.errors import Problem

FPS = Fraction(24)
NTSC = Fraction(30000, 1001)


def shot(id: str, seconds: str, over: str | None = None, kind: str = "dissolve") -> Shot:
    """A shot, and how long it comes in over the one before."""
    transition = Transition(kind, Fraction(over)) if over else None
    return Shot(id, Prompted("p", "p", (), (), {}, 0), Fraction(seconds), transition=transition)


def cut(*shots: Shot) -> tuple[Cut, list[Problem]]:
    return timeline.cut(shots, FPS, {})


def test_a_transition_overlaps_its_two_shots() -> None:
    """The cut is as long as its shots less the overlap."""
    whole, problems = cut(shot("a", "2"), shot("b", "2", "0.5"), shot("c", "1"))
    assert ([(span.start, span.frames, span.lead) for span in whole.spans], problems) == (
        [(0, 48, 0), (36, 48, 12), (84, 24, 0)],
        [],
    )
    assert whole.frames == 108


def test_the_first_shot_comes_out_of_black_and_overlaps_nothing() -> None:
    """`fade` and its kin alone."""
    whole, problems = cut(shot("a", "2", "0.5", "fade-to-black"), shot("b", "1"))
    assert ([(span.start, span.lead) for span in whole.spans], whole.frames, problems) == ([(0, 12), (48, 0)], 72, [])


@pytest.mark.parametrize("kind", ["dissolve", "wipe-left", "push-up"])
def test_the_first_shot_comes_in_over_nothing(kind: str) -> None:
    """There is nothing before it."""
    _, problems = cut(shot("a", "2", "0.5", kind))
    assert [problem.sentence for problem in problems] == [
        f"`a` can't come in by `{kind}`: there is no shot before it",
    ]


def test_a_transition_leaves_a_frame_of_both_of_its_shots() -> None:
    """23 of 24 frames go, 24 don't."""
    assert cut(shot("a", "2"), shot("b", "1", "0.9583"))[1] == []
    _, problems = cut(shot("a", "2"), shot("b", "1", "1"))
    assert [problem.sentence for problem in problems] == [
        "the `dissolve` into `b` lasts 1 s, and leaves nothing of it",
    ]


def test_a_shot_s_two_transitions_leave_a_frame_of_it() -> None:
    """Both are named."""
    shots = [shot("a", "2"), shot("b", "1", "0.5"), shot("c", "2", "0.5")]
    _, problems = cut(*shots)
    assert [(problem.sentence, problem.facts) for problem in problems] == [
        (
            "the `dissolve` into `c` lasts 0.5 s, and leaves nothing of `b`",
            ("`b` lasts 1 s", "its own transition takes 0.5 s"),
        ),
    ]


def test_a_promise_is_about_the_finished_cut() -> None:
    """Overlaps are taken off."""
    shots = (shot("a", "2"), shot("b", "2", "0.5"))
    whole, _ = cut(*shots)
    kept = Project("p", FPS, (16, 9), shots, (), promises=(Promise(Fraction("3.5"), ("a", "b"), None),))
    broken = Project("p", FPS, (16, 9), shots, (), promises=(Promise(Fraction(4), ("a", "b"), None),))
    assert timeline.broken_promises(kept, whole) == []
    assert [problem.facts for problem in timeline.broken_promises(broken, whole)] == [
        ("a: 2 s", "b: 2 s, 0.5 s of it over the one before"),
    ]


def test_pieces_leave_out_what_transitions_show() -> None:
    """20 s are cut at 8 and 16 s of the shot's own time, whatever overlaps it."""
    whole, _ = cut(shot("a", "2"), shot("b", "20", "0.5"), shot("c", "2", "1"))
    _, stretch, _ = timeline.on_clock(whole, FPS)
    found = [(piece.index, piece.first, piece.frames) for piece in timeline.bodies(stretch, FPS)]
    assert found == [(0, 12, 180), (1, 192, 192), (2, 384, 72)]


def test_a_transition_s_length_moves_no_piece_but_the_two_it_cuts_into() -> None:
    """The middle of the shot stays as it is."""

    def middle(over: str) -> set[tuple[int, int, int]]:
        whole, _ = cut(shot("a", "2"), shot("b", "24", over), shot("c", "2"))
        pieces = timeline.bodies(timeline.on_clock(whole, FPS)[1], FPS)
        return {(piece.index, piece.first, piece.frames) for piece in pieces}

    assert len(middle("0.5") ^ middle("1")) == 2


def test_on_another_clock_the_parts_of_a_cut_still_make_it_whole() -> None:
    """Bodies and windows end to end, at 29.97 frames a second."""
    whole, _ = cut(*(shot(str(index), "0.79", "0.21" if index else None) for index in range(300)))
    stretches = timeline.on_clock(whole, NTSC)
    frames = sum(each.lead + sum(piece.frames for piece in timeline.bodies(each, NTSC)) for each in stretches)
    assert frames == round(whole.seconds * NTSC)
