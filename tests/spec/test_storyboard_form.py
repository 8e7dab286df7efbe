"""The storyboard form, as programs write it: every key is there, and nothing in it is a template."""

from __future__ import annotations

import pytest

from vidbuild.spec.model import Prompted

EVERY_KEY = """
{"name": null, "duration_s": null, "fps": null, "aspect": null, "style_preamble": null, "style": null, "seed": null,
 "model": null, "negative": null, "outputs": null, "reframe": null, "vars": null, "include": null,
 "shots": [{"id": "a", "prompt": "x", "model": "kling-3", "duration_s": null, "negative": null, "seed": null,
            "init_image": null, "end_image": null, "file": null, "card": null, "sound": null, "say": null,
            "text": null, "reframe": {"mode": "pad", "focus": null}, "options": {"cfg": null}, "note": {"b": null}},
           {"id": null, "prompt": "y", "model": "kling-3"}],
 "audio": {"music": null, "vo": null}}
"""


def test_a_null_is_absent(desk) -> None:
    """In a storyboard a key that is null says nothing; options and notes keep theirs."""
    loaded = desk.load(EVERY_KEY, "board.json")
    project, (first, second) = loaded.project, loaded.project.shots
    assert loaded.warnings == ()
    assert (project.name, project.fps, project.aspect, project.promises) == ("board", 24, (16, 9), ())
    assert (project.music, project.reframe) == ((), None)
    assert [output.name for output in project.outputs] == ["master"]
    assert isinstance(first.source, Prompted)
    assert (first.source.init, first.source.seed, first.source.negative) == (None, 0, ())
    assert (first.duration_s, first.source.options, first.note) == (5, {"cfg": None}, {"b": None})
    assert second.id == "shot_02"


def test_a_null_hides_nothing_that_is_included(desk) -> None:
    """What a storyboard includes holds where the storyboard says null, and may say null itself."""
    desk.write("more.yaml", "seed: 7\naspect: null\n")
    text = "include: [more.yaml]\nseed: null\naspect: '1:1'\nshots: [{prompt: x, model: kling-3}]\n"
    project = desk.project(text)
    assert (project.shots[0].source.seed, project.aspect) == (7, (1, 1))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "shots:\n- {prompt: 'a {{ t0 }} b {{ t1 }}', model: kling-3}\n"
            "- {prompt: '{{ t2 }}', model: kling-3}\nname: '{{ n }}'\n",
            ["2:12 `{{ t0 }}` stands as it is: without `vidbuild: 1` nothing is a template"],
        ),
        (
            "shots: [{prompt: '{% if a %}x{% endif %}', model: kling-3}]\n",
            ["1:18 `{% if a %}` stands as it is: without `vidbuild: 1` nothing is a template"],
        ),
        (
            "style: {template: cinematic, with: {light: '{{ q }}'}}\nvars: {a: 1}\n"
            "shots: [{prompt: x, model: kling-3}]\n",
            ["1:44 `{{ q }}` stands as it is: without `vidbuild: 1` nothing is a template"],
        ),
        ("vars: {a: 1}\nshots: [{prompt: x, model: kling-3, when: a == 1}]\n", []),
        ("include: [more.yaml]\nshots: [{prompt: x, model: kling-3}]\n", []),
        ("shots: [{prompt: x, model: kling-3, note: '{{ a }}'}]\n", []),
        ("vidbuild: 1\nvars: {a: 1}\nshots: [{prompt: '{{ a }}', model: kling-3}]\n", []),
    ],
)
def test_braces_in_a_storyboard_are_told(desk, text: str, told: list[str]) -> None:
    """One warning for a file, at the first place; what has an effect is no matter."""
    desk.write("more.yaml", "vars: {ink: red}\n")
    found = desk.load(text).warnings
    assert [f"{each.mark.line}:{each.mark.column} {each.sentence}" for each in found if each.mark] == told
    assert all(each.warning for each in found)
