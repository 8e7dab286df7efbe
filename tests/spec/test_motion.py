"""Motion as it is written: a kind, or a kind with its focus, scale and time; inherited, and refused on cards."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Motion, When

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def motions(desk, text: str) -> list[Motion | None]:
    return [shot.motion for shot in desk.project(HEAD + text).shots]


def test_a_motion_is_a_kind_or_a_kind_with_all_that_it_may_say(desk) -> None:
    """A mapping without a kind pushes in."""
    shots = """\
shots:
  - {prompt: a}
  - {prompt: b, motion: pan-left}
  - {prompt: c, motion: {focus: [0.75, 0.8], scale: 3, at: [1, -0.5]}}
  - {prompt: d, motion: {type: pull-out, at: 2}}
  - {prompt: e, motion: {type: pan-up, at: [0.5, end]}}
"""
    assert motions(desk, shots) == [
        None,
        Motion("pan-left"),
        Motion(
            "push-in", (Fraction(3, 4), Fraction(4, 5)), Fraction(3), Fraction(1), When(Fraction(-1, 2), is_end=True)
        ),
        Motion("pull-out", start=Fraction(2)),
        Motion("pan-up", start=Fraction(1, 2)),
    ]


def test_a_motion_holds_for_a_group_s_shots(desk) -> None:
    """The nearest wins, `none` takes it away, cards stand still."""
    shots = """\
motion: push-in
shots:
  - {prompt: a}
  - motion: pull-out
    shots: [{prompt: b}, {prompt: c, motion: none}, {prompt: d, motion: {type: none}}]
  - {card: {title: The end}}
"""
    assert [each and each.kind for each in motions(desk, shots)] == ["push-in", "pull-out", None, None, None]


@pytest.mark.parametrize(
    ("motion", "told"),
    [
        ("push-inn", "did you mean `push-in`?"),
        ("{type: zoom}", "zoom"),
        ("{scale: 0.5}", "scale"),
        ("{focus: [0.5]}", "two numbers from 0 to 1"),
        ("{focus: [0.5, 1.5]}", "at most 1, not 1.5"),
        ("{focus: auto}", "two numbers from 0 to 1"),
        ("{speed: 2}", "speed"),
    ],
)
def test_what_is_no_motion_is_told_at_its_place(desk, motion: str, told: str) -> None:
    """With what to write instead."""
    said = desk.mistakes(f"{HEAD}shots:\n  - {{prompt: a, motion: {motion}}}\n")
    assert "project.yaml:4:" in said
    assert told in said


def test_a_motion_hangs_on_what_is_said(desk) -> None:
    """On a mark; a wrong one is told once, however many shots inherit it."""
    text = "motion: {at: [sign, end]}\nshots: [{prompt: a, say: 'Come in. <sign>Hello.'}, {prompt: b}]\n"
    voice = "audio: {voice: {model: elevenlabs, id: Rachel}}\n"
    assert motions(desk, voice + text)[0] == Motion("push-in", start=When(line="shot_01", mark="sign"))
    assert desk.mistakes(HEAD + voice + text.replace("[sign", "[sing")).count("no mark") == 1


def test_a_card_has_no_motion_of_its_own(desk) -> None:
    """It is drawn at its frame's size."""
    said = desk.mistakes(f"{HEAD}shots:\n  - {{card: {{title: x}}, motion: push-in}}\n")
    assert "`motion` is for stills and footage, and `shot_01` shows a `card`" in said
