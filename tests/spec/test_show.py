"""`vidbuild show`: the resolved project is a project again."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vidbuild.spec.model import Music, Project, Prompted, Shot, When
from vidbuild.spec.show import shown_project

ONE = Fraction(1)
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
cast:
  anna:
    description: "Anna: tall"
    image: [a.png, {prompt: "portrait of {{ description }}", model: {needs: [faces]}, seed: 4}]
    voice: {model: elevenlabs, id: A, options: {speed: 1.1}}
  logo: {image: l.png, exact: true}
  bert: {image: a.last_frame}
takes: 2
judge: {model: kling-3, questions: [is it, sharp], threshold: 0.75, options: {a: b}}
budget: {max_usd: 6, per_shot_usd: 0.5}
say: {text: "welcome", seed: 3}
layers: {file: logo, place: top-right, scale: 0.12, at: [1, end], fade_out_s: 0.25}
sfx: {file: s.wav, in_s: 1}
vars: {who: "{{ nobody }}"}
style: {template: cinematic, with: {light: warm}}
models: {sora-2: kling-3}
brand: {logo: l.png, presets: {title: {motion_out: rise}}}
reframe: pad
tests:
  - {name: all, duration_s: [5, 20.5], loudness_lufs: -14, captions: 0.95, size_mb: 4.5, safe_area: true}
  - {black_s: {most: 0.2, except: [a, [0, 0.5], [-1, end]]}, frozen_s: 1, safe_area: {top: 0.1}, fps: 23.976, frames: 0}
  - {duration_s: 8, size: 1080x1920, codec: h264, contrast: 4.5, text_size: 0.03, silent_s: 0, true_peak_db: -1}
shots:
  - id: a
    prompt: "{{ who }} 'quoted' \\"twice\\" é 😀 # hash"
    motion: {type: pull-out, focus: [0.25, 1], scale: 1.5, at: [1, -0.5]}
    note: {any: [1, 2.50, "3"], empty: {}, none: []}
    take: k7e31
    reshoots: 0
    say:
      - {by: anna, text: hello}
      - {text: again, at: 1.5, gain_db: -3}
      - {by: anna, text: x, at: 2, voice: {model: elevenlabs, id: L}}
  - id: e
    prompt: "{{ cast.bert }} waits"
    cast: [bert, anna]
    model: {needs: [hands], max_usd_per_s: 0.25}
    init_image: anna
    end_image: {prompt: "{{ cast.anna }}", model: auto, negative: blur, options: {q: 1}}
    sfx: [{prompt: door, duration_s: 2.5, at: 1}, {prompt: steps, model: {max_usd_per_s: 1}}]
  - id: g
    reframe: {focus: [[0.25, 1, 0.5], [0.5, 1, 2]]}
    say: {by: anna, text: grouped <so>it is, at: [0.5, end - 1]}
    sfx: {prompt: y, at: [so, end - 0.5]}
    shots:
      - id: b
        text: {text: Hi, at: [so - 0.25, end - 1]}
        prompt: x
        init_image: a@1.5
        end_image: a.first_frame
        say: alone
        take: 3
  - id: c
    file: a.mp4
    in_s: 0.5
    out_s: 2
    sound: {gain_db: -3}
    layers:
      - {file: a.mp4, in_s: 1, at: [0.5, -0.25], place: [0.5, 0.75], shape: circle, motion: slide-up}
      - {box: [0, 0.25, 0.5, 0.5], colour: "#102030", width: 0.01, fade_in_s: 0.5, opacity: 0.5}
      - {blur: [0, 0, 1, 0.125], at: 1}
  - {id: d, card: {title: Fin, logo: l.png, background: "#102030"}, sound: drop}
  - {id: h, card: {title: Fin, logo: none, background: l.png}}
  - {id: i, card: {title: Fin, logo: a.png}}
audio:
  music: {model: [stable-audio, elevenlabs], prompt: guitar, fade_out_s: 1.25, at: 0.5}
  voice: {model: elevenlabs, id: N}
profiles: {preview: {takes: 1}}
outputs:
  - {platform: youtube, reframe: blur, codec: av1, captions: none}
  - {platform: tiktok, name: tall, fps: 29.97, poster: a@0.5, shots: [{id: c, duration_s: 1.25}, a], max_s: 9.5}
"""


def bare(project: Project) -> Project:
    """Leave out what showing resolves away: styles, groups and what they are called, the form."""

    def shot(each: Shot) -> Shot:
        source = replace(each.source, words="") if isinstance(each.source, Prompted) else each.source
        return replace(each, source=source, groups=())

    def hung(at: Any) -> Any:
        return replace(at, line="") if isinstance(at, When) and at.line is not None else at

    def effect(each: Music) -> Music:
        return replace(each, label="", at=hung(each.at), end=hung(each.end))

    return replace(
        project,
        shots=tuple(map(shot, project.shots)),
        promises=tuple(promise for promise in project.promises if promise.group is None),
        lines=tuple(replace(line, id="") for line in project.lines),
        effects=tuple(map(effect, project.effects)),
        texts=tuple(replace(text, start=hung(text.start), end=hung(text.end)) for text in project.texts),
        storyboard=True,
        profile=None,
    )


def test_what_is_shown_reads_back_as_the_same_project(desk) -> None:
    """Every value survives, exactly."""
    for name in ("a.mp4", "l.png", "a.png", "s.wav"):
        desk.write(name)
    project = desk.project(TEXT)
    assert len(project.lines) == 6
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


def test_a_groups_text_is_shown_as_the_films(desk) -> None:
    """From its first shot to where the shot behind it begins."""
    group = "  - {text: [Bar, {text: Out, at: [1, end - 1]}], shots: [{id: a, prompt: x}, {id: b, prompt: y}]}\n"
    project = desk.project(f"vidbuild: 1\nmodel: kling-3\nshots:\n{group}  - {{id: c, prompt: z}}\n")
    again = desk.project(shown_project(project))
    shown = [(text.shot, text.start, text.end) for text in again.texts]
    assert shown == [(None, When(shot="a"), When(shot="c")), (None, When(Fraction(1), shot="a"), When(-ONE, shot="c"))]
