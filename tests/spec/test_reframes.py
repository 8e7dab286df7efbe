"""Reframing as it is written: a focus, a path of it with or without times, `auto`; what is wrong with one."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Reframe

HEAD = "vidbuild: 1\nmodel: kling-3\n"
HALF = Fraction(1, 2)


def test_a_focus_is_a_point_a_path_or_auto(desk) -> None:
    """Points spread over the shot, or with seconds."""
    shots = """\
shots:
  - {prompt: a, reframe: {focus: [0.5, 1]}}
  - {prompt: b, reframe: {mode: crop, focus: [[0, 0.5], [1, 0.5]]}}
  - {prompt: c, reframe: {focus: [[0, 0.5, 0], [1, 0.5, 2.5]]}}
  - {prompt: d, reframe: {focus: auto}}
"""
    assert [shot.reframe for shot in desk.project(HEAD + shots).shots] == [
        Reframe(focus=(HALF, Fraction(1))),
        Reframe(path=((Fraction(0), HALF), (Fraction(1), HALF))),
        Reframe(path=((Fraction(0), HALF, Fraction(0)), (Fraction(1), HALF, Fraction(5, 2)))),
        Reframe(follows="auto"),
    ]


@pytest.mark.parametrize(
    ("reframe", "told"),
    [
        ("{focus: [0.5]}", "two numbers from 0 to 1"),
        ("{focus: [[0.5, 0.5]]}", "at least two points"),
        ("{focus: [[0.5, 0.5], [0.5, 1.5]]}", "from 0 to 1"),
        ("{focus: [[0.5], [0.5, 0.5]]}", "[x, y]"),
        ("{focus: [[0.5, 0.5], 0.5]}", "[x, y]"),
        ("{focus: [[0, 0.5, 0], [1, 0.5]]}", "either every point of a path has its seconds, or none"),
        ("{focus: [[0, 0.5, 1], [1, 0.5, 1]]}", "must grow"),
        ("{focus: centre}", "or auto"),
        ("{mode: blur, focus: auto}", "a focus that moves is for `crop`, and `blur` shows the whole picture"),
        ("{mode: pad, focus: [[0, 0.5], [1, 0.5]]}", "a focus that moves is for `crop`"),
    ],
)
def test_a_focus_that_can_not_be_is_told_at_its_place(desk, reframe: str, told: str) -> None:
    """Of a shot, and of an output."""
    of_shot = desk.mistakes(f"{HEAD}shots:\n  - {{prompt: a, reframe: {reframe}}}\n")
    assert "project.yaml:4:" in of_shot
    assert told in of_shot
    outputs = f"outputs:\n  - {{platform: youtube, reframe: {reframe}}}\n"
    assert told in desk.mistakes(f"{HEAD}shots:\n  - {{prompt: a}}\n{outputs}")
