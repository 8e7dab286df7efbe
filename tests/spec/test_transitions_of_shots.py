"""Transitions as they are written: on shots and on groups, which hand theirs to the shot that they begin with."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.model import Transition

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def transitions(desk, shots: str) -> list[Transition | None]:
    return [shot.transition for shot in desk.project(f"{HEAD}shots:\n{shots}").shots]


def test_a_transition_is_a_kind_or_a_kind_with_its_length(desk) -> None:
    """Half a second where nothing is said."""
    shots = """\
  - {prompt: a}
  - {prompt: b, transition: dissolve}
  - {prompt: c, transition: {type: wipe-left, duration_s: 0.25}}
  - {prompt: d, transition: {type: push-up}}
  - {prompt: e, transition: cut}
"""
    half = Fraction(1, 2)
    assert transitions(desk, shots) == [
        None,
        Transition("dissolve", half),
        Transition("wipe-left", Fraction(1, 4)),
        Transition("push-up", half),
        None,
    ]


def test_a_group_s_transition_leads_into_it(desk) -> None:
    """Into its first shot that takes part; the nearest wins, and `cut` takes an outer one away."""
    shots = """\
  - {prompt: a}
  - transition: dissolve
    shots:
      - {prompt: muted, when: false}
      - {prompt: b}
      - {prompt: c}
  - transition: fade-to-black
    shots:
      - transition: {type: slide-left}
        shots: [{prompt: d}, {prompt: e}]
      - shots: [{prompt: f}]
  - transition: dissolve
    shots: [{prompt: g, transition: cut}]
"""
    found = [each.kind if each else None for each in transitions(desk, shots)]
    assert found == [None, "dissolve", None, "slide-left", None, None, None]


def test_a_kind_that_does_not_exist_is_told_with_what_was_meant(desk) -> None:
    """At its place."""
    told = desk.mistakes(f"{HEAD}shots:\n  - {{prompt: a}}\n  - {{prompt: b, transition: disolve}}\n")
    assert "project.yaml:5:29: " in told
    assert "did you mean `dissolve`?" in told
