"""How footage runs, as it is written: speed, fit, fill, how much is bought; and what of it can't be together."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.show import shown_project

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def test_what_is_said_of_a_shot_s_footage_is_read_and_shown(desk) -> None:
    """And reads back."""
    desk.write("a.mp4")
    text = f"{HEAD}shots:\n" + "".join(
        f"  - {{{keys}}}\n"
        for keys in (
            "prompt: x, speed: 1.5, footage_s: 9",
            "prompt: y, fit: speed",
            "file: a.mp4, fill: loop, duration_s: 9",
            "prompt: z",
        )
    )
    project = desk.project(text)
    assert [(shot.speed, shot.fit, shot.fill, shot.footage_s) for shot in project.shots] == [
        (Fraction(3, 2), "trim", "error", 9),
        (1, "speed", "error", None),
        (1, "trim", "loop", None),
        (1, "trim", "error", None),
    ]
    again = desk.project(shown_project(project))
    assert again.shots == project.shots


def test_fill_is_handed_down_to_what_moves(desk) -> None:
    """The nearest wins; a card has nothing to fill."""
    text = f"""{HEAD}fill: freeze
shots:
  - {{prompt: a}}
  - {{card: {{title: x}}}}
  - fill: slow
    shots: [{{prompt: b}}, {{prompt: c, fill: error}}]
"""
    assert [shot.fill for shot in desk.project(text).shots] == ["freeze", "error", "slow", "error"]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ("prompt: x, speed: 5", "4:24 `speed` must be at most 4, not 5"),
        ("prompt: x, speed: 0.2", "4:24 `speed` must be at least 0.25, not 0.2"),
        ("prompt: x, speed: 2, fit: speed", "4:17 `fit: speed` chooses the speed, and `speed` says one"),
        ("card: {title: x}, speed: 2", "4:24 `speed` is for footage, and `a` shows a `card`"),
        ("card: {title: x}, fill: loop", "4:24 `fill` is for footage, and `a` shows a `card`"),
        ("file: a.png, fit: speed", "4:19 `fit` is for a video, and `a.png` is a still"),
        ("file: a.mp4, footage_s: 2", "4:19 `footage_s` is for a shot with a `prompt`, and `a` shows a `file`"),
        (
            "file: a.mp4, fit: speed",
            "4:24 `fit: speed` retimes footage to the shot's length, and that isn't said",
        ),
        (
            "prompt: x, end_image: a.png, footage_s: 8",
            "4:35 with `end_image` a take is used whole, and `footage_s` buys what is cut off",
        ),
        (
            "file: a.mp4, in_s: 1, out_s: 3, duration_s: 2, speed: 2",
            "4:50 `in_s` to `out_s` is 1 s at that speed, and `duration_s` asks for 2 s",
        ),
    ],
)
def test_what_cannot_be_is_told_at_its_place(desk, keys: str, told: str) -> None:
    """With line and column."""
    desk.write("a.mp4")
    desk.write("a.png")
    (found,) = desk.sentences(f"{HEAD}shots:\n  - {{id: a, {keys}}}\n")
    place, _, sentence = told.partition(" ")
    line, column = (int(part) for part in place.split(":"))
    assert found == f"{line}:{column + 7} {sentence}"


@pytest.mark.parametrize("way", ["fill: loop", "fit: speed"])
def test_a_cut_that_is_filled_may_be_shorter_than_its_shot(desk, way: str) -> None:
    """That is what it is for."""
    desk.write("a.mp4")
    assert desk.project(f"{HEAD}shots:\n  - {{file: a.mp4, out_s: 1, duration_s: 3, {way}}}\n").shots
