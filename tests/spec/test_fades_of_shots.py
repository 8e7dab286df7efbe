"""Fades as they are written: on shots, on groups and on the film, each over what takes part of it."""

from __future__ import annotations

from fractions import Fraction

from vidbuild.spec.model import Fades
from vidbuild.spec.show import shown_project

HEAD = "vidbuild: 1\nmodel: kling-3\n"
TEXT = f"""{HEAD}fade_out_s: 1.5
shots:
  - {{id: a, prompt: x, fade_in_s: 0.5, fade_out_s: 0}}
  - id: bar
    fade_in_s: 2
    shots:
      - {{id: muted, prompt: x, when: false, fade_in_s: 1}}
      - {{id: b, prompt: x, fade_out_s: 0.25}}
      - fade_out_s: 1
        shots: [{{id: c, prompt: x, fade_in_s: 0.5}}]
"""


def test_fades_lie_over_the_film_groups_and_shots(desk) -> None:
    """The outermost first; a fade of 0 is none, and what is muted has none."""
    assert desk.project(TEXT).fades == (
        Fades(out_s=Fraction(3, 2)),
        Fades(("a",), in_s=Fraction(1, 2)),
        Fades(("b", "c"), in_s=Fraction(2)),
        Fades(("b",), out_s=Fraction(1, 4)),
        Fades(("c",), out_s=Fraction(1)),
        Fades(("c",), in_s=Fraction(1, 2)),
    )


def test_a_group_of_which_nothing_plays_has_no_fades(desk) -> None:
    """There is nothing to fade."""
    text = f"{HEAD}shots:\n  - {{prompt: x}}\n  - {{fade_in_s: 1, shots: [{{prompt: y, when: false}}]}}\n"
    assert desk.project(text).fades == ()


def test_fades_that_are_shown_read_back(desk) -> None:
    """A group that fades stays a group."""
    project = desk.project(TEXT)
    shown = shown_project(project)
    assert set(desk.project(shown).fades) == set(project.fades)
    assert shown_project(desk.project(shown)) == shown


def test_a_fade_is_a_number_of_seconds(desk) -> None:
    """At its place."""
    assert desk.sentences(f"{HEAD}shots:\n  - {{prompt: x, fade_in_s: -1}}\n") == [
        "4:28 `fade_in_s` must be at least 0 seconds, not -1"
    ]
