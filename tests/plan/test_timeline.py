"""The timeline: frames of shots, pieces, and the same cut on another clock."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.catalog.model import Profile
from vidbuild.media.probe import OwnFile, Probe
from vidbuild.plan import timeline
from vidbuild.spec.model import Filmed, Project, Promise, Prompted, Shot
from vidbuild.words.digest import Digest

FPS = Fraction(24)
NTSC = Fraction(30000, 1001)


def prompted(id: str, seconds: str) -> Shot:
    return Shot(id, Prompted("p", "p", (), (), {}, 0), Fraction(seconds))


def filmed(seconds: str | None = None, in_s: str = "0", out_s: str | None = None) -> Shot:
    source = Filmed("a.mp4", Fraction(in_s), Fraction(out_s) if out_s else None)
    return Shot("a", source, Fraction(seconds) if seconds else None)


def own(seconds: str) -> dict[str, OwnFile]:
    probe = Probe("video", Fraction(seconds), 640, 360, Fraction(30), True)
    return {"a.mp4": OwnFile(Digest("a" * 64), probe)}


def test_shots_lie_end_to_end_on_the_frame_clock() -> None:
    """Each is snapped by itself."""
    whole, problems = timeline.cut([prompted("a", "0.27"), prompted("b", "0.27")], FPS, {})
    assert ([(span.start, span.frames) for span in whole.spans], problems) == ([(0, 6), (6, 6)], [])


@pytest.mark.parametrize(
    ("shot", "frames"),
    [
        (filmed(), 240),
        (filmed("6"), 144),
        (filmed(in_s="2"), 192),
        (filmed(in_s="2", out_s="5"), 72),
    ],
)
def test_own_footage_is_as_long_as_it_is_unless_told(shot: Shot, frames: int) -> None:
    """From its in-point to its out-point."""
    whole, problems = timeline.cut([shot], FPS, own("10"))
    assert (whole.frames, problems) == (frames, [])


def test_an_out_point_behind_the_end_is_a_mistake() -> None:
    """It is told, not cut off in silence."""
    _, problems = timeline.cut([filmed(out_s="99")], FPS, own("10"))
    assert [problem.sentence for problem in problems] == ["`out_s` lies behind the end of `a.mp4`, which is 10 s long"]


@pytest.mark.parametrize("shot", [filmed("11"), filmed("9", in_s="2"), filmed(in_s="10")])
def test_more_than_own_footage_has_is_a_mistake_with_both_numbers(shot: Shot) -> None:
    """It names what is asked and what is there."""
    _, problems = timeline.cut([shot], FPS, own("10"))
    assert ["which has" in problem.sentence for problem in problems] == [True]


def test_a_shot_shorter_than_a_frame_is_a_mistake() -> None:
    """Nothing would be seen of it."""
    _, problems = timeline.cut([prompted("a", "0.01")], FPS, {})
    assert [problem.sentence for problem in problems] == ["shot `a` is shorter than one frame"]


@pytest.mark.parametrize(
    ("seconds", "pieces"),
    [
        ("6", [(0, 144)]),
        ("8", [(0, 192)]),
        ("9.9", [(0, 238)]),
        ("10", [(0, 192), (192, 48)]),
        ("17", [(0, 192), (192, 216)]),
        ("20", [(0, 192), (192, 192), (384, 96)]),
    ],
)
def test_long_shots_are_cut_every_eight_seconds(seconds: str, pieces: list[tuple[int, int]]) -> None:
    """A rest under two seconds joins the piece before."""
    frames = timeline.frames_in(Fraction(seconds), FPS)
    assert [(piece.first, piece.frames) for piece in timeline.pieces(frames, FPS)] == pieces


def test_another_clock_is_rounded_from_cumulative_time() -> None:
    """A thousand shots of 7 frames stay in step at 29.97."""
    whole, _ = timeline.cut([prompted(str(index), "0.29") for index in range(1000)], FPS, {})
    frames = [stretch.frames for stretch in timeline.on_clock(whole, NTSC)]
    assert set(frames) == {8, 9}
    assert sum(frames) == timeline.half_up(whole.seconds * NTSC)


@pytest.mark.parametrize(
    ("rate", "asked", "allowed", "most", "expected"),
    [
        (FPS, None, (), None, FPS),
        (FPS, None, (Fraction(24), Fraction(30)), None, FPS),
        (Fraction(48), None, (Fraction(24), Fraction(30)), None, Fraction(30)),
        (Fraction(120), None, (), Fraction(60), Fraction(60)),
        (FPS, Fraction(30), (Fraction(24), Fraction(30)), None, Fraction(30)),
        (Fraction(25), None, (Fraction(24), Fraction(26)), None, Fraction(24)),
    ],
)
def test_an_output_runs_at_the_projects_rate_where_it_may(
    rate: Fraction, asked: Fraction | None, allowed: tuple[Fraction, ...], most: Fraction | None, expected: Fraction
) -> None:
    """Else at the nearest allowed one."""
    assert timeline.output_rate(rate, asked, Profile("p", 16, 16, fps_allowed=allowed, fps_max=most)) == expected


def test_a_broken_promise_names_both_lengths() -> None:
    """`duration_s` of the whole is what its shots add up to, or a mistake."""
    shots = (prompted("a", "6"), prompted("b", "6"))
    project = Project("p", FPS, (16, 9), shots, (), promises=(Promise(Fraction(18), ("a", "b"), None),))
    whole, _ = timeline.cut(shots, FPS, {})
    sentences = [problem.sentence for problem in timeline.broken_promises(project, whole)]
    assert sentences == ["the project promises 18 s, but its shots add up to 12 s"]
