"""The words for mistakes: whole texts, held still in tests/golden/errors.

`GOLDEN=write pytest tests/spec/test_errors.py` writes them anew; read the difference.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from slip_projects import SLIPS

GOLDEN = Path(__file__).parents[1] / "golden/errors"
PROJECTS = {
    "misspelt_key": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, promt: x}
""",
    "misspelt_model": """\
vidbuild: 1
shots:
  - {id: a, prompt: x, model: klng-3}
""",
    "misspelt_platform": """\
vidbuild: 1
model: kling-3
shots: [{prompt: x}]
outputs: [youtub, {platform: tiktokk}]
""",
    "unknown_style": """\
vidbuild: 1
model: kling-3
style: {template: cinematc}
shots: [{prompt: x}]
""",
    "style_param": """\
vidbuild: 1
model: kling-3
style: {template: cinematic, with: {lihgt: warm}}
shots: [{prompt: x}]
""",
    "unknown_shot": """\
vidbuild: 1
model: kling-3
shots:
  - {id: crema, prompt: x}
  - {prompt: y, init_image: creme.last_frame}
""",
    "muted_shot": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, prompt: x, when: false}
  - {id: b, prompt: y, init_image: a.last_frame}
""",
    "cycle": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, prompt: x, init_image: b.last_frame}
  - {id: b, prompt: y, init_image: a.last_frame}
  - {id: c, card: {title: x, background: c.last_frame}}
""",
    "missing_file": """\
vidbuild: 1
model: kling-3
shots:
  - {file: clip.mp4}
  - {prompt: x, init_image: assets/cup.png}
audio: {music: {file: x.wav}}
""",
    "no_shots": """\
vidbuild: 1
model: kling-3
shots: []
""",
    "shots_missing": """\
vidbuild: 1
model: kling-3
""",
    "all_muted": """\
vidbuild: 1
model: kling-3
shots: [{prompt: x, when: false}]
""",
    "duplicate_ids": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, prompt: x}
  - {id: a, prompt: y}
""",
    "bad_id": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a b, prompt: x}
  - {id: auto, prompt: y}
  - {id: 3, prompt: z}
""",
    "absurd_numbers": """\
vidbuild: 1
model: kling-3
fps: 500
seed: -1
duration_s: .nan
shots:
  - {prompt: x, duration_s: -3}
  - {prompt: x, duration_s: 100000}
  - {prompt: x, duration_s: '6'}
  - {prompt: x, duration_s: 6s}
""",
    "aspect": """\
vidbuild: 1
model: kling-3
aspect: 16/9
shots: [{prompt: x}]
""",
    "absurd_aspect": """\
vidbuild: 1
model: kling-3
aspect: 100:1
shots: [{prompt: x}]
""",
    "not_built_yet": """\
vidbuild: 1
model: kling-3
cast: {a: {image: b}}
budget: {max_usd: 3}
shots:
  - {prompt: x, duration_s: auto, model: auto, text: [], takes: 3}
  - {prompt: x, model: {needs: [hands]}, reframe: native}
  - {prompt: x, reframe: {mode: crop, focus: auto}}
  - {prompt: x, reframe: {focus: [[0,0.5,0.5]]}}
audio: {vo: {model: x, voice: y, script: z}, music: [{model: kling-3, prompt: x},{model: kling-3, prompt: x}]}
""",
    "forms_of_pictures": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, prompt: x}
  - {prompt: y, init_image: a}
  - {prompt: y, init_image: barista}
  - {prompt: y, init_image: clip.mp4}
  - {prompt: y, init_image: {model: flux, prompt: z}}
""",
    "slip_hash": """\
vidbuild: 1
model: kling-3
shots:
  - id: a
    card:
      title: x
      background: #10233f
  - id: b
    prompt: shot of a #1 seller
    sead: 3
""",
    "slip_comma": """\
vidbuild: 1
model: kling-3
shots:
  - card: {title: Fresh, warm}
""",
    "slip_colon": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: wide: a man
""",
    "slip_brace": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: {{ x }}
  - prmpt: x
""",
    "slip_bracket": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: [wide] a man
""",
    "slip_star": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: *bold* man
""",
    "slip_pct": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: %50 off
""",
    "slip_at": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: @home
""",
    "undefined_names": """\
vidbuild: 1
model: kling-3
vars: {drink: x}
shots:
  - prompt: |
      a line
      then {{ drnk }} here
  - prompt: 'some {{ vars.drnk }}'
  - prompt: '{{ x'
""",
    "when": """\
vidbuild: 1
model: kling-3
vars: {a: 1}
shots:
  - {prompt: x, when: a}
  - {prompt: x, when: '{{ a }}'}
  - {prompt: x, when: b == 1}
  - {prompt: x, when: a ==}
""",
    "two_sources": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, prompt: x, file: y.mp4}
  - {id: b}
  - {id: c, card: {title: x}, seed: 3}
  - {id: d, prompt: x, in_s: 3}
""",
    "outputs_twice": """\
vidbuild: 1
model: kling-3
shots: [{prompt: x}]
outputs:
  - youtube
  - {platform: youtube, reframe: pad}
  - {name: x}
  - {platform: square, poster: a}
""",
    "files_outside": """\
vidbuild: 1
model: kling-3
shots:
  - {file: ../../../etc/passwd.mp4}
  - {file: /etc/x.mp4}
  - {file: fifo.mp4}
  - {file: link.mp4}
  - {file: dir.mp4}
""",
    "wrong_types": """\
vidbuild: 1
model: kling-3
name: [x]
vars: 3
shots:
  - prompt: [a, b]
  - 3
  - {prompt: x, sound: loud, reframe: zoom, negative: {a: b}}
  - {prompt: x, options: 3, init_image: 3}
""",
    "group_keys": """\
vidbuild: 1
model: kling-3
shots:
  - prompt: x
    shots: [{prompt: y}]
""",
    "includes": """\
vidbuild: 1
model: kling-3
include: [nope.yaml, loop.yaml]
shots:
  - {include: scene.yaml}
""",
    "top_list": """\
- a
- b
""",
    "language_version": """\
vidbuild: 2
shots: [{id: a, prompt: x, model: kling-3}]
""",
    "own_footage": """\
vidbuild: 1
model: kling-3
shots:
  - {id: a, file: ok.mp4, in_s: 3, out_s: 2}
  - {id: b, file: ok.mp4, in_s: 3, out_s: 4, duration_s: 3}
  - {id: c, file: ok.txt}
""",
    "names_of_variables": """\
vidbuild: 1
model: kling-3
vars: {shot: 1, a-b: 2}
shots: [{prompt: 'x {{ shot.id }} '}]
""",
    "several_at_once": """\
vidbuild: 1
name: espresso
fsp: 24
style: {template: cinematic}
shots:
  - {id: pour, prompt: "{{ who }} pours", model: kling-33}
  - {id: serve, prompt: y, model: kling-3, init_image: pur.last_frame}
outputs: [tiktoc]
""",
    "indentation": """\
vidbuild: 1
model: kling-3
shots:
  - id: a
    prompt: x
   duration_s: 3
""",
    "duplicate_keys": """\
vidbuild: 1
model: kling-3
shots:
  - id: a
    prompt: x
    prompt: y
""",
    "tags_and_merges": """\
vidbuild: 1
model: kling-3
shots:
  - &a {id: a, prompt: !!str x}
  - {<<: *a, id: b}
""",
    "music": """\
vidbuild: 1
model: kling-3
shots: [{prompt: x}]
audio: {music: {model: stable-audo, gain: 3, fade_out_s: -1}}
""",
    "style_twice": """\
vidbuild: 1
model: kling-3
style: {text: a}
style_preamble: b
shots: [{prompt: x}]
""",
    "own_style": """\
vidbuild: 1
model: kling-3
style: {template: mine.j2}
shots: [{prompt: x}]
""",
    "broken_style": """\
vidbuild: 1
model: kling-3
style: {template: broken.j2}
shots: [{prompt: x}]
""",
    "replaced_models": """\
vidbuild: 1
model: kling-3
models: {sora-2: veo}
shots: [{prompt: x, model: sora-2}]
""",
    **SLIPS,
}


@pytest.fixture
def around(desk):
    """What lies beside each project: files good and bad."""
    (desk.folder / ".git").mkdir()
    os.mkfifo(desk.folder / "fifo.mp4")
    (desk.folder / "link.mp4").symlink_to("/etc/passwd")
    (desk.folder / "dir.mp4").mkdir()
    (desk.folder / "folder").mkdir()
    for name in ("ok.mp4", "ok.txt"):
        desk.write(name)
    desk.write("loop.yaml", "include: [loop.yaml]\n")
    desk.write("scene.yaml", "- {include: scene.yaml}\n- {prompt: x}\n")
    desk.write("scenes/1.yaml", "- {file: ok.mp4}\n- {file: nope.mp4}\n")
    desk.write("mine.j2", "shot in {{ light }}\n")
    desk.write("broken.j2", "fine\n{% if %}\n")
    return desk


@pytest.mark.parametrize("name", PROJECTS)
def test_a_mistake_has_these_words(around, name: str) -> None:
    """All mistakes of a project, at their places, with facts and hints."""
    text = around.mistakes(PROJECTS[name]).replace(str(around.folder), "/project") + "\n"
    golden = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        golden.write_text(text)
    assert text == golden.read_text()


def test_every_golden_has_its_project() -> None:
    """No words are kept for a mistake that nobody makes."""
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PROJECTS)
