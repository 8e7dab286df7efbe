"""Where a shot's keys stand, for whoever tells a mistake later: in the shot, its groups, or the project."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("text", "model", "options"),
    [
        ("model: kling-3\noptions: {cfg: 3}\nshots: [{prompt: x}]\n", (2, 8), (3, 10)),
        ("model: kling-3\nshots:\n- options: {cfg: 3}\n  shots: [{prompt: x}]\n", (2, 8), (4, 12)),
        ("model: kling-3\noptions: {a: 1}\nshots:\n- options: {b: 2}\n  shots: [{prompt: x}]\n", (2, 8), (5, 12)),
        ("model: kling-3\noptions: {a: 1}\nshots:\n- model: hailuo-3\n  shots: [{prompt: x}]\n", (5, 10), None),
        ("shots:\n- model: kling-3\n  options: {a: 1}\n  shots: [{prompt: x, options: {b: 1}}]\n", (3, 10), (5, 32)),
        ("shots:\n- prompt: x\n  model: kling-3\n  options: {a: 1}\n", (4, 10), (5, 12)),
    ],
)
def test_a_model_and_its_options_are_where_they_are_written(desk, text: str, model, options) -> None:
    """The nearest place holds; options that a nearer model drops have none."""
    marks = desk.project(f"vidbuild: 1\n{text}").shots[0].marks
    assert (marks["model"].line, marks["model"].column) == model
    found = marks.get("options")
    assert (found and (found.line, found.column)) == options


def test_footage_has_no_place_for_a_model(desk) -> None:
    """What doesn't hold for a shot has no place in it."""
    desk.write("a.mp4")
    assert "model" not in desk.project("vidbuild: 1\nmodel: kling-3\nshots: [{file: a.mp4}]\n").shots[0].marks


@pytest.mark.parametrize("keys", ["in_s: 3, out_s: 2", "in_s: 3, out_s: 2, duration_s: 5", "out_s: 2, duration_s: 5"])
def test_a_cut_that_cannot_be_leaves_a_length_that_is_told(desk, keys: str) -> None:
    """Its shot runs its own length, and the place of its length says that this is a mistake."""
    from vidbuild.spec.load import Loaded
    from vidbuild.words.errors import SpecError

    desk.write("a.mp4")
    with pytest.raises(SpecError) as raised:
        desk.load(f"vidbuild: 1\nshots: [{{file: a.mp4, {keys}}}]\n")
    assert len(raised.value.problems) == 1
    assert isinstance(raised.value.partial, Loaded)
    shot = raised.value.partial.project.shots[0]
    assert (shot.duration_s, shot.source.in_s, shot.source.out_s) == (None, 0, None)
    assert "duration_s" in shot.marks
