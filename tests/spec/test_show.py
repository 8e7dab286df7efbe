"""`vidbuild show`: the resolved project is a project again."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbuild.spec.model import Project, Prompted, Shot
from vidbuild.spec.show import shown_project

TEXT = """
vidbuild: 1
name: "a: name"
fps: 23.976
aspect: "9:16"
duration_s: 20.5
seed: 3
model: [kling-3, hailuo-3]
options: {cfg: 1.50, list: [a, {b: null}], "no": true}
negative: ["- x", "#y", "1e3", "null", "it's: so"]
vars: {who: "{{ nobody }}"}
style: {template: cinematic, with: {light: warm}}
models: {sora-2: kling-3}
reframe: pad
shots:
  - id: a
    prompt: "{{ who }} 'quoted' \\"twice\\" é 😀 # hash"
    note: {any: [1, 2.50, "3"], empty: {}, none: []}
  - id: g
    reframe: {focus: [0.25, 1]}
    shots: [{id: b, prompt: x, init_image: a@1.5, end_image: a.first_frame}]
  - {id: c, file: a.mp4, in_s: 0.5, out_s: 2, sound: {gain_db: -3}}
  - {id: d, card: {title: Fin, logo: l.png, background: "#102030"}, sound: drop}
audio: {music: {model: stable-audio, prompt: guitar, fade_out_s: 1.25}}
outputs: [youtube, {platform: tiktok, name: tall, fps: 29.97, reframe: blur, poster: a@0.5}]
"""


def bare(project: Project) -> Project:
    """Leave out what showing resolves away: styles, groups, the form."""

    def shot(each: Shot) -> Shot:
        source = replace(each.source, words="") if isinstance(each.source, Prompted) else each.source
        return replace(each, source=source, groups=())

    whole = tuple(promise for promise in project.promises if promise.group is None)
    return replace(project, shots=tuple(map(shot, project.shots)), promises=whole, storyboard=True)


def test_what_is_shown_reads_back_as_the_same_project(desk) -> None:
    """Every value survives, exactly."""
    for name in ("a.mp4", "l.png"):
        desk.write(name)
    project = desk.project(TEXT)
    text = shown_project(project)
    again = desk.project(text)
    assert bare(again) == bare(project)
    assert shown_project(again) == text


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30).filter(str.strip))
def test_any_text_reads_back(desk, text: str) -> None:
    """However strange a title is."""
    project = desk.project("vidbuild: 1\nshots: [{id: a, card: {title: x}}]\n")
    card = replace(project.shots[0].source, title=text)
    shown = shown_project(replace(project, shots=(replace(project.shots[0], source=card),)))
    assert desk.project(shown).shots[0].source.title == text


@pytest.mark.parametrize("text", ["plain words, here", "a/b.png", "kling-3", "shot.last_frame"])
def test_ordinary_texts_stay_bare(desk, text: str) -> None:
    """Quotes stand only where they are needed."""
    project = desk.project("vidbuild: 1\nshots: [{id: a, card: {title: x}}]\n")
    card = replace(project.shots[0].source, title=text)
    assert f"title: {text}\n" in shown_project(replace(project, shots=(replace(project.shots[0], source=card),)))
