"""The words for mistakes: whole texts, held still in tests/golden/errors."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
    "presenters": """\
vidbuild: 1
cast:
  host: {avatar: [{model: kling-3, id: x}, {model: kling-3, id: y}], voice: {model: elevenlabs, id: x}}
  mute: {avatar: {model: auto, id: x}}
  guest: {description: a guest}
shots:
  - {avatar: nobody, say: hello}
  - {avatar: guest, say: hello}
  - {avatar: host}
  - {avatar: mute, say: hello}
  - {avatar: host, say: {by: guest, text: hello}}
  - {avatar: host, prompt: x, say: hello}
  - {avatar: host, say: hello, model: kling-3, cast: [guest], lipsync: none, in_s: 1}
  - {prompt: x, lipsync: klng-3, model: kling-3}
  - {card: {title: x}, lipsync: kling-3, takes: 2}
  - {file: still.png, lipsync: {options: {}}}
""",
    "tests": """\
vidbuild: 1
shots:
  - {id: a, card: {title: x}, duration_s: 2}
outputs: [youtube]
tests:
  - {outputs: tiktok, duration_s: [7, 5]}
  - {name: x}
  - {durations: 5, outputs: []}
  - {duration_s: "5s", black_s: {most: 1, except: [b, [0, x], [end, 3], 7, [1]]}}
  - {size: 1080, codec: mpeg, captions: 95, safe_area: false, fps: 0}
  - {loudness_lufs: [-14], size_mb: 0, safe_area: {top: 2, up: 1}, contrast: 0}
  - 5
  - {frozen_s: {except: [a]}}
  - {silent_s: {most: 1, except: [[5, 2], [-3, 2], [-2, -2], [0, end], [-2, end], [5, -2]]}, size: 1080X1080}
""",
    "not_built_yet": """\
vidbuild: 1
model: kling-3
cast: {a: {description: x, avatar: {model: kling-3, id: z}, voice: {model: elevenlabs, id: x}}}
captions: {preset: clean}
shots:
  - {prompt: x, duration_s: auto, text: [], layers: [{avatar: a}], lipsync: none, fill: freeze}
  - {prompt: x, say: {by: a, file: y.wav}, footage_s: 3}
  - {prompt: x, say: {by: a, text: x, at: sign, fit: stretch}}
  - {prompt: x, sfx: {prompt: x, at: [1, end], duck_db: -3}, speed: 2, fit: speed}
  - {avatar: a, say: {by: a, text: x}, transition: {type: fade, duration_s: 1}, fade_in_s: 1}
variants: {}
audio: {music: [{prompt: x, duck_db: -3}, {prompt: x}]}
profiles: {preview: {lipsync: none, fill: freeze}}
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
    "cast": """\
vidbuild: 1
model: kling-3
cast:
  barista: {description: grey hair, image: {prompt: "portrait of {{ desc }}"}, voice: {model: elevenlabs}}
  the cup: {image: cup.png}
  cup: {imgae: cup.png, exact: maybe}
  hero-cup: {image: [hero.png, {prompt: x, file: y.png}]}
  guest: a woman
  auto: {}
  pour: {}
shots:
  - {id: pour, prompt: "{{ cast.barrista }} pours"}
  - {id: wait, prompt: "{{ barista }} waits", take: 1.5}
  - {prompt: "{{ cast.hero-cup }}", cast: [baristo, nobody-at-all]}
  - {prompt: x, cast: barista, init_image: pour}
""",
    "cast_pictures": """\
vidbuild: 1
model: kling-3
cast:
  barista: {description: grey hair}
  cup: {image: ok.png, exact: true}
shots:
  - {id: a, prompt: x, init_image: barista}
  - {id: b, prompt: x, init_image: cup, end_image: barist}
  - {id: c, prompt: x, init_image: cup.last_frame, end_image: {model: kling-3}}
  - {id: d, prompt: x, init_image: {file: ok.txt, seed: 3}, end_image: {prompt: x, file: ok.png}}
  - {id: e, prompt: x, init_image: {prompt: x, cast: [cupp]}, end_image: {promt: x}}
  - {id: f, card: {title: x, background: barista}}
""",
    "cast_circles": """\
vidbuild: 1
model: kling-3
cast:
  alone: {image: {prompt: "portrait of {{ cast.alone }}"}}
  barista: {description: grey hair, image: crema.last_frame}
  one: {image: {prompt: x, cast: [two]}}
  two: {image: one}
shots:
  - {id: crema, prompt: "{{ cast.barista }} pours"}
  - {id: pour, prompt: x, init_image: {prompt: y, cast: [other]}}
""",
    "models": """\
vidbuild: 1
model: [kling-3, auto]
cast: {a: {image: {prompt: x, model: flx-2-pro}, voice: {model: elevnlabs, id: x}}}
shots:
  - {prompt: x, model: {needs: hands, max_usd: 3}}
  - {prompt: x, model: {needs: [hands], max_usd_per_s: -1}}
  - {prompt: x, model: []}
audio: {voice: {model: elevenlab, id: x}}
judge: {model: gpt, questions: [x]}
profiles: {preview: {model: hailo-3}}
""",
    "speech": """\
vidbuild: 1
model: kling-3
cast:
  mute: {description: a mime}
  anna: {voice: {model: elevenlabs, id: x}}
  bert: {voice: {model: auto, id: x}, image: []}
  carl: {voice: {model: elevenlabs, id: 37}}
shots:
  - {prompt: x, say: hello}
  - {prompt: x, say: {by: mute, text: hello}}
  - {prompt: x, say: {by: ana, text: hello}}
  - {prompt: x, say: [{by: anna, text: hello}, {by: anna, text: again}]}
  - {prompt: x, say: {by: anna, text: hello, at: -1}}
  - {prompt: x, say: {by: anna, txt: hello}}
  - {prompt: x, say: {by: anna}}
  - {prompt: x, say: {by: anna, text: <sign>}}
  - {prompt: x, say: {by: bert, text: hello}}
  - {prompt: x, say: [], voice: {id: y}}
""",
    "effects": """\
vidbuild: 1
model: kling-3
shots:
  - {prompt: x, sfx: {model: stable-audio, promt: x}}
  - {prompt: x, sfx: [{prompt: x, file: ok.wav}, {}, {file: nope.wav, duration_s: 3}]}
  - {prompt: x, sfx: [{prompt: " ", duration_s: 0, at: later}]}
sfx: door slams
""",
    "takes": """\
vidbuild: 1
model: kling-3
shots:
  - {prompt: x, take: 0, takes: 0, reshoots: -1}
  - {prompt: x, take: best}
  - {prompt: x, take: "2"}
  - {file: ok.mp4, take: 2, takes: 3, reshoots: 2, cast: []}
  - {shots: [{prompt: x}], take: 2}
""",
    "terms": """\
vidbuild: 1
model: kling-3
budget: {max_usd: 6 USD, total: 3, per_shot_usd: -1}
judge: {question: [is it sharp], threshold: 80}
shots: [{prompt: x}]
""",
    "voice_over_twice": """\
vidbuild: 1
model: kling-3
say: hello
audio: {voice: {model: elevenlabs, id: x}, vo: {model: elevenlabs, voice: y, script: z}}
shots: [{prompt: x}]
""",
    "profiles": """\
vidbuild: 1
model: kling-3
shots: [{prompt: x}]
outputs: [youtube, {platform: tiktok, name: tall}]
profiles:
  preview: {modle: hailuo-3, outputs: [tiktok, youtub], cast: [anna]}
  final: [youtube]
  short: {shots: [x]}
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
    for name in ("ok.mp4", "ok.txt", "ok.png", "ok.wav"):
        desk.write(name)
    desk.write("loop.yaml", "include: [loop.yaml]\n")
    desk.write("scene.yaml", "- {include: scene.yaml}\n- {prompt: x}\n")
    desk.write("scenes/1.yaml", "- {file: ok.mp4}\n- {file: nope.mp4}\n")
    desk.write("mine.j2", "shot in {{ light }}\n")
    desk.write("broken.j2", "fine\n{% if %}\n")
    return desk


@pytest.mark.parametrize("name", PROJECTS)
def test_a_mistake_has_these_words(around, name: str, golden: Callable[[str, Any], None]) -> None:
    """All mistakes of a project, at their places, with facts and hints."""
    golden(f"errors/{name}.txt", around.mistakes(PROJECTS[name]).replace(str(around.folder), "/project") + "\n")


def test_every_golden_has_its_project() -> None:
    """No words are kept for a mistake that nobody makes."""
    assert {path.stem for path in GOLDEN.glob("*.txt")} == set(PROJECTS)
