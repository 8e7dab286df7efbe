"""Projects with the slips that hands make; `test_errors` holds what is said about them."""

from __future__ import annotations

HEAD = "vidbuild: 1\nmodel: kling-3\nshots:\n"
SLIPS = {
    "slip_flow_hash": HEAD + "  - card: {title: Hi, background: #10233f}\n    id: a\n",
    "slip_flow_hash_last": HEAD + "  - id: a\n    card: {title: Hi,\n      background: #10233f}\n",
    "slip_flow_hash_text": HEAD + "  - {id: a, prompt: shot of a #1 seller}\n  - {id: b, prompt: 'a #1 {x}'}  # {c}\n",
    "slip_tight_colon": HEAD + "  - id: a\n    prompt:hills\n    duration_s: 3\n",
    "slip_tight_colon_first": HEAD + "  - prompt:hills at dawn\n    duration_s: 3\n",
    "slip_tight_colon_last": HEAD + "  - id: a\n    prompt:hills\n  - id: b\n",
    "slip_tight_colon_top": "vidbuild:1\nshots: []\n",
    "slip_tight_colon_flow": HEAD + "  - {id: a, prompt:hills}\n",
    "slip_tight_colon_alone": HEAD + "  - prompt:hills\n",
    "slip_no_break_space": HEAD + "  - id: a\n    prompt:\u00a0hills and sea\n    duration_s: 3\n",
    "slip_no_break_space_flow": HEAD + "  - {id: a, prompt:\u00a0hills}\n  - {prompt: x, duration_s: \u00a03}\n",
    "slip_open_quote": 'vidbuild: 1\nname: "x\nshots:\n  - prompt: "y"\n',
    "slip_open_quote_last": 'vidbuild: 1\nname: "x\nshots:\n  - prompt: y\n',
    "slip_open_quote_flow": HEAD + '  - {prompt: "x, id: a}\n  - {prompt: "y", id: b}\n',
    "slip_early_quote": HEAD + "  - prompt: 'a man's hat'\n    id: a\n",
    "slip_long_quote": HEAD + '  - prompt: "a: man\n      in a hat"\n    id: [x\n  - id: b\n',
    "slip_after_a_block": HEAD + '  - prompt: |\n      says: "x\n      note:this [a #1]\n  - id: x\n   prompt: y\n',
    "slip_tight_dash": HEAD + "  - id: a\n    prompt: x\n  -id: b\n    prompt: y\n",
    "slip_tight_dash_first": HEAD + "  -id: a\n    prompt: x\n",
    "slip_tight_dash_all": HEAD + "  -id: a\n  -id: b\n",
    "slip_focus": HEAD + "  - {id: a, prompt: x, reframe: {mode: crop, focus: 0.5, 0.5}}\n",
    "null_in_the_full_language": HEAD + "  - {prompt: x, seed: null, init_image: }\n",
    "null_that_is_a_comment": (
        "shots:\n  - prompt: x\n    model: kling-3\n    seed:  # later\n    negative:\n    init_image: null\n"
    ),
    "vars_without_vidbuild": "vars: {a: 1}\nshots: [{prompt: 'x {{ a }}', model: kling-3}]\n",
    "card_keys": HEAD
    + "  - card: {titel: k}\n  - card: {titel: k, backgroud: x}\n  - card: {}\n  - card: {title: '{{ no }}'}\n"
    + "audio: {musc: 1}\noutputs: [{platform: youtube, pster: x}]\n",
    "folders": HEAD
    + "  - {file: folder}\n  - {file: dir.mp4}\n  - {file: nope.txt}\n  - {file: ok.txt}\n"
    + "  - card: {title: x, logo: folder}\n  - card: {title: x, logo: ok.txt}\n",
    "outputs_with_bad_names": "vidbuild: 1\nmodel: kling-3\nshots: [{prompt: x}]\noutputs:\n"
    "  - youtub\n  - youtub\n  - {platform: tiktok, name: a b}\n  - {platform: tiktok, name: c d}\n"
    "  - {platform: square, name: a}\n  - {platform: reels, name: A}\n",
    "bad_references": HEAD
    + "  - {id: a, prompt: x, init_image: q.last_frame, end_image: r.last_frame}\n"
    + "  - {prompt: y, init_image: foo, end_image: bar}\n"
    + "outputs:\n  - {platform: youtube, poster: q@1}\n  - {platform: tiktok, poster: r@1}\n"
    + "  - {platform: square, poster: s}\n  - {platform: reels, poster: t}\n",
    "cut_backwards": "vidbuild: 1\nduration_s: 20\nshots:\n  - {file: ok.mp4, in_s: 3, out_s: 2, duration_s: 5}\n",
    "include_of_nothing": "vidbuild: 1\nmodel: kling-3\nshots: [{prompt: x}]\ninclude: [projet.yaml]\n",
    "included_from_elsewhere": HEAD + "  - {include: scenes/1.yaml}\n",
    "hint_when": HEAD + "  - {prompt: x, when: no}\n  - {prompt: x, when: yes}\n  - {prompt: x, when: nope}\n",
    "hint_version_quoted": "vidbuild: '1'\nmodel: kling-3\nshots: [{prompt: x}]\n",
    "hint_numbers": "vidbuild: 1\nmodel: kling-3\nfps: 24 fps\nshots:\n"
    "  - {prompt: x, duration_s: 5s, sound: {gain_db: -3 dB}}\n  - {prompt: x, duration_s: 01:05}\n"
    "  - {prompt: x, duration_s: '6', seed: '1.5'}\n  - {prompt: x, duration_s: soon}\n",
    "hint_aspect": "vidbuild: 1\nmodel: kling-3\naspect: 1080x1920\nshots: [{prompt: x}]\n",
    "hint_lists": "vidbuild: 1\nmodel: kling-3\noutputs: youtube\ninclude: b.yaml\nshots: [{prompt: x}]\n",
    "hint_output_alone": "vidbuild: 1\nmodel: kling-3\noutputs: {platform: youtube}\nshots: [{prompt: x}]\n",
    "hint_mappings": "vidbuild: 1\nmodel: kling-3\nstyle: cinematic\naudio: {music: local/bed}\n"
    'shots:\n  - {card: Hello}\n  - {card: "Fresh, warm"}\n',
    "hint_shots_by_name": "vidbuild: 1\nmodel: kling-3\nshots:\n  pour: {prompt: x}\n  serve: {prompt: y}\n",
    "hint_shots_without_dash": "vidbuild: 1\nmodel: kling-3\nshots:\n  prompt: x\n",
    "hint_id": HEAD + "  - {id: my shot, prompt: x}\n  - {id: Caf\u00e9 & Bar, prompt: x}\n",
    "hint_empty": "# nothing yet\n",
    "hint_limits": HEAD + "  - prompt: \"{{ 'x' * 10000000 }}\"\n  - prompt: '{{ 10 ** 100 }}'\n",
}
