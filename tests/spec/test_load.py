"""The language: what projects say, and what they come to."""

from __future__ import annotations

import time
from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild.spec.model import Card, FilePicture, Filmed, FrameOf, MomentOf, Prompted, Reframe

HEAD = "vidbuild: 1\nmodel: kling-3\n"
STORYBOARD = """
{"duration_s": 18, "fps": 24, "aspect": "16:9", "style_preamble": "cinematic,  35mm", "seed": 884412,
 "shots": [
  {"id": "shot_01", "duration_s": 6, "model": "kling-2", "prompt": "a {{ cup }}", "negative": "text"},
  {"duration_s": 6, "model": "kling-i2v", "prompt": "b", "init_image": "shot_01.last_frame"},
  {"id": "shot_03", "duration_s": 6, "model": "kling-2", "prompt": "c"}],
 "audio": {"music": {"model": "stable-audio-2", "prompt": "guitar"}, "vo": null}}
"""


def test_a_storyboard_is_a_project(desk) -> None:
    """JSON without `vidbuild` is read unchanged, and nothing in it is a template."""
    loaded = desk.load(STORYBOARD, "board.json")
    project = loaded.project
    assert [problem.sentence for problem in loaded.warnings] == [
        "`{{ cup }}` stands as it is: without `vidbuild: 1` nothing is a template"
    ]
    assert (project.storyboard, project.name, project.fps, project.aspect) == (True, "board", 24, (16, 9))
    assert [shot.id for shot in project.shots] == ["shot_01", "shot_02", "shot_03"]
    first, second = project.shots[0].source, project.shots[1].source
    assert isinstance(first, Prompted)
    assert isinstance(second, Prompted)
    assert (first.prompt, first.words) == ("cinematic, 35mm a {{ cup }}", "a {{ cup }}")
    assert (first.negative, first.seed, first.models) == (("text",), 884412, ("kling-2",))
    assert second.init == FrameOf("shot_01", last=True)
    assert [(output.name, output.platform) for output in project.outputs] == [("master", "master")]
    (music,) = project.music
    assert (music.prompt, music.models) == ("guitar", ("stable-audio-2",))
    assert [(each.seconds, each.shots, each.group) for each in project.promises] == [
        (18, ("shot_01", "shot_02", "shot_03"), None)
    ]


def test_a_storyboard_may_use_the_full_language(desk) -> None:
    """Groups, outputs and `when` need no `vidbuild:`."""
    text = """
vars: {on: 1}
shots:
  - model: kling-3
    shots: [{prompt: a}, {prompt: b, when: on == 2}]
outputs: [tiktok]
"""
    assert [shot.id for shot in desk.project(text).shots] == ["shot_01"]


def test_what_is_not_said_has_its_default(desk) -> None:
    """24 frames a second, 16:9, seed 0, five seconds, own video its own length."""
    for name in ("a.mp4", "a.png"):
        desk.write(name)
    project = desk.project(HEAD + "shots: [{prompt: x}, {file: a.mp4}, {file: a.png}, {card: {title: x}}]\n")
    assert (project.name, project.fps, project.aspect, project.music) == ("project", 24, (16, 9), ())
    assert [shot.duration_s for shot in project.shots] == [5, None, 5, 5]
    assert [type(shot.source) for shot in project.shots] == [Prompted, Filmed, Filmed, Card]
    source = project.shots[0].source
    assert isinstance(source, Prompted)
    assert (source.seed, source.negative, source.options, source.init, source.end) == (0, (), {}, None, None)


@pytest.mark.parametrize(
    ("written", "rate"),
    [
        ("23.976", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("25", 25),
        ("12.5", Fraction(25, 2)),
    ],
)
def test_frame_rates_are_exact(desk, written: str, rate: Fraction) -> None:
    """23.976 means 24000/1001."""
    assert desk.project(HEAD + f"fps: {written}\nshots: [{{prompt: x}}]\n").fps == rate


def test_lengths_are_exact(shot_of) -> None:
    """No float stands between what is written and what is counted."""
    assert shot_of("prompt: x, duration_s: 0.1").duration_s == Fraction(1, 10)
    assert shot_of("prompt: x, duration_s: 1e1").duration_s == 10


def test_the_nearest_describing_key_wins(desk) -> None:
    """Model, seed, sound and reframe come from the shot, its group, or the project."""
    text = """
vidbuild: 1
model: kling-2
seed: 1
sound: drop
reframe: pad
shots:
  - {id: a, prompt: x}
  - seed: 2
    reframe: {mode: crop, focus: [0.25, 1]}
    shots:
      - {id: b, prompt: x, model: kling-3}
      - {id: c, prompt: x, seed: 3, sound: {gain_db: -3}, reframe: blur}
"""
    project = desk.project(text)
    a, b, c = project.shots
    assert project.reframe == Reframe("pad")
    assert [shot.source.models for shot in (a, b, c)] == [("kling-2",), ("kling-3",), ("kling-2",)]
    assert [shot.source.seed for shot in (a, b, c)] == [1, 2, 3]
    assert [(shot.sound, shot.gain_db) for shot in (a, b, c)] == [("drop", 0), ("drop", 0), ("keep", -3)]
    assert [shot.reframe for shot in (a, b, c)] == [
        None,
        Reframe("crop", (Fraction(1, 4), Fraction(1))),
        Reframe("blur"),
    ]


def test_options_belong_to_the_model_beside_them(desk) -> None:
    """They merge by key inwards; a nearer model drops those inherited."""
    text = """
vidbuild: 1
model: kling-2
options: {cfg: 7, mode: std}
shots:
  - {id: a, prompt: x, options: {mode: pro}}
  - {id: b, prompt: x, model: kling-3}
  - {id: c, prompt: x, model: kling-3, options: {mode: pro}}
"""
    assert [shot.source.options for shot in desk.project(text).shots] == [
        {"cfg": 7, "mode": "pro"},
        {},
        {"mode": "pro"},
    ]


def test_negatives_add_up_outermost_first(desk) -> None:
    """Duplicates are dropped, white space is folded."""
    text = (
        HEAD
        + "negative: [text, water  mark]\nshots:\n"
        + "  - negative: blood\n    shots:\n      - {prompt: x, negative: [text, fog]}\n"
    )
    assert desk.project(text).shots[0].source.negative == ("text", "water mark", "blood", "fog")


def test_white_space_is_folded_in_prompts(shot_of, desk) -> None:
    """Wrapping a prompt changes nothing."""
    text = HEAD + "style_preamble: |\n  a\n  b\nshots:\n  - prompt: |\n      c\n\n        d\te\n"
    assert desk.project(text).shots[0].source.prompt == "a b c d e"


def test_a_style_is_rendered_with_its_parameters(desk) -> None:
    """A bare name is the newest packaged version; `with` merges by key inwards."""
    text = """
vidbuild: 1
model: kling-3
vars: {light: warm tungsten}
style: {template: documentary, with: {light: "{{ light }}", lens: 35mm}}
shots:
  - {prompt: x}
  - style: {with: {lens: 85mm}}
    shots: [{prompt: y, style: {with: {mood: tense}}}]
"""
    first, second = (shot.source.prompt for shot in desk.project(text).shots)
    assert first.startswith("Observational documentary footage, warm tungsten, handheld camera")
    assert "35mm lens" in first
    assert first.endswith("nothing staged. x")
    assert "warm tungsten" in second
    assert "85mm lens" in second
    assert "tense mood" in second


@pytest.mark.parametrize("name", ["cinematic", "cinematic@1", "documentary", "documentary@1"])
def test_packaged_styles_need_no_parameters(desk, name: str) -> None:
    """Their defaults make a preamble of one line."""
    prompt = desk.project(HEAD + f"style: {{template: {name}}}\nshots: [{{prompt: x}}]\n").shots[0].source.prompt
    assert len(prompt) > 60
    assert "  " not in prompt
    assert "{" not in prompt


def test_a_style_may_be_a_file_of_the_project(desk) -> None:
    """Its path is relative to the file that names it; it is among the files read."""
    desk.write("styles/mine.j2", "{# mine #}seen in {{ light }}\n")
    loaded = desk.load(HEAD + "style: {template: styles/mine.j2, with: {light: fog}}\nshots: [{prompt: x}]\n")
    assert loaded.project.shots[0].source.prompt == "seen in fog x"
    assert Path("styles/mine.j2") in loaded.read


def test_a_parameter_that_a_template_gives_stays_text(desk) -> None:
    """Only where the schema wants a number is a rendered text read as one."""
    desk.write("s.j2", "lens {{ lens }}")
    text = HEAD + 'vars: {n: "010"}\nstyle: {template: s.j2, with: {lens: "{{ n }}"}}\nshots: [{prompt: x}]\n'
    assert desk.project(text).shots[0].source.prompt == "lens 010 x"


@pytest.mark.parametrize("name", ["cinematc", "nope.j2"])
def test_a_lost_style_is_one_mistake(desk, name: str) -> None:
    """Its parameters are not told as well."""
    text = HEAD + f"style: {{template: {name}, with: {{light: warm}}}}\nshots: [{{prompt: x}}]\n"
    assert len(desk.sentences(text)) == 1


def test_templates_see_variables_the_shot_and_the_project(desk) -> None:
    """Only in files with `vidbuild:`, only leaf texts, each once."""
    text = """
vidbuild: 1
name: espresso
model: kling-3
vars: {drink: tea, raw: "{{ drink }}", s: 2.5, n: {a: [x, y]}}
shots:
  - id: pour
    title: Pouring
    duration_s: "{{ s }}"
    prompt: "{{ drink }} {{ vars.drink }} {{ raw }} {{ n.a[1] }} {{ shot.id }} {{ shot.title }}
      {{ project.name }}"
    options: {cfg: "{{ s }}", text: "v{{ s }}"}
    note: "{{ not a template"
"""
    shot = desk.project(text).shots[0]
    assert shot.source.words == "tea tea {{ drink }} y pour Pouring espresso"
    assert shot.duration_s == Fraction(5, 2)
    assert {key: str(value) for key, value in shot.source.options.items()} == {"cfg": "2.5", "text": "v2.5"}
    assert shot.note == "{{ not a template"


def test_a_rendered_id_is_the_shots_id(desk) -> None:
    """Ids may be templates; references are to what they come to."""
    text = HEAD + 'vars: {k: a}\nshots: [{id: "{{ k }}", prompt: x}, {prompt: y, init_image: a.first_frame}]\n'
    project = desk.project(text)
    assert project.shots[0].id == "a"
    assert project.shots[1].source.init == FrameOf("a", last=False)


def test_when_is_and_ed_and_mutes(desk) -> None:
    """A false `when` mutes a shot, a group, an output; ids by place don't move."""
    text = (
        HEAD
        + """
vars: {launch: "yes", big: true}
shots:
  - {prompt: a, when: launch == 'no'}
  - when: launch == 'yes'
    shots: [{prompt: b}, {prompt: "{{ undefined_when_muted }}", when: not big}]
  - when: false
    duration_s: 99
    shots: [{prompt: d}]
outputs: [youtube, {platform: tiktok, when: not big}]
"""
    )
    project = desk.project(text)
    assert [shot.id for shot in project.shots] == ["shot_02"]
    assert [output.name for output in project.outputs] == ["youtube"]
    assert project.promises == ()


def test_groups_promise_their_length(desk) -> None:
    """`duration_s` on a group is about its shots that play, at any depth."""
    text = (
        HEAD
        + "shots:\n  - id: g\n    duration_s: 10\n    shots:\n"
        + "      - {prompt: a}\n      - {prompt: b, when: false}\n      - shots: [{prompt: c}]\n"
        + "  - {prompt: d}\n"
    )
    (promise,) = desk.project(text).promises
    assert (promise.seconds, promise.shots, promise.group) == (10, ("shot_01", "shot_03"), "g")


@pytest.mark.parametrize(
    ("written", "picture"),
    [
        ("a.last_frame", FrameOf("a", last=True)),
        ("a.first_frame", FrameOf("a", last=False)),
        ("a@1.5", MomentOf("a", Fraction(3, 2))),
        ("a@0", MomentOf("a", Fraction(0))),
        ("in/p.PNG", FilePicture("in/p.PNG")),
    ],
)
def test_a_picture_has_four_forms(desk, written: str, picture: object) -> None:
    """A shot's end, its beginning, a moment, a file."""
    desk.write("in/p.PNG")
    text = HEAD + f"shots: [{{id: a, prompt: x}}, {{prompt: y, init_image: {written}, end_image: {written}}}]\n"
    source = desk.project(text).shots[1].source
    assert (source.init, source.end) == (picture, picture)


def test_a_card_has_words_a_logo_and_a_background(desk) -> None:
    """The background is a picture or a colour."""
    desk.write("logo.png")
    text = (
        HEAD
        + """
shots:
  - {card: {title: Fin, subtitle: "2026", logo: logo.png, background: "#10233F"}}
  - {card: {title: Fin, background: logo.png}}
"""
    )
    first, second = (shot.source for shot in desk.project(text).shots)
    assert first == Card("Fin", "2026", "logo.png", "#10233f")
    assert second == Card("Fin", background=FilePicture("logo.png"))


def test_own_footage_has_a_cut(desk) -> None:
    """`in_s` to `out_s`, exact."""
    desk.write("a.mov")
    source = desk.project(HEAD + "shots: [{file: ./x/../a.mov, in_s: 0.5, out_s: 2}]\n").shots[0].source
    assert source == Filmed("a.mov", Fraction(1, 2), Fraction(2))


def test_outputs_are_named_for_their_platform(desk) -> None:
    """A name, a rate, a reframe and a poster may be given."""
    text = (
        HEAD
        + "shots: [{id: a, prompt: x}]\noutputs:\n  - youtube\n"
        + "  - {platform: youtube, name: wide, fps: 29.97, reframe: pad, poster: a@1.0}\n"
    )
    first, second = desk.project(text).outputs
    assert (first.name, first.platform, first.fps) == ("youtube", "youtube", None)
    assert (second.name, second.fps, second.reframe) == ("wide", Fraction(30000, 1001), Reframe("pad"))
    assert second.poster == MomentOf("a", Fraction(1))


def test_music_may_be_a_file_or_a_list_of_one(desk) -> None:
    """Its fades and gain are exact."""
    desk.write("m.wav")
    text = HEAD + "shots: [{prompt: x}]\naudio: {music: [{file: m.wav, in_s: 1.5, gain_db: -6, fade_out_s: 1}]}\n"
    (music,) = desk.project(text).music
    assert (music.file, music.in_s, music.gain_db, music.fade_out_s) == ("m.wav", Fraction(3, 2), -6, 1)


def test_replaced_models_are_known(desk) -> None:
    """`models: {sora-2: kling-3}` makes the old name usable."""
    project = desk.project("vidbuild: 1\nmodels: {sora-2: kling-3}\nshots: [{prompt: x, model: sora-2}]\n")
    assert project.replaced == {"sora-2": "kling-3"}
    assert project.shots[0].source.models == ("sora-2",)


def test_a_comment_after_two_spaces_is_no_slip(desk) -> None:
    """Only a ` #` that looks like text is told."""
    assert desk.load(HEAD + "shots:\n  - prompt: a cat  # the hero\n").warnings == ()
    (warning,) = desk.load(HEAD + "shots:\n  - prompt: a cat #1\n").warnings
    assert (str(warning.mark), warning.warning) == ("project.yaml:4:19", True)


def test_values_know_where_they_stand(desk) -> None:
    """For errors that the timeline or the catalog finds later."""
    project = desk.project(HEAD + "fps: 25\nshots:\n  - {id: a, prompt: x}\noutputs: [youtube]\n")
    assert str(project.marks["fps"]) == "project.yaml:3:6"
    assert str(project.shots[0].marks[""]) == "project.yaml:5:5"
    assert str(project.outputs[0].marks[""]) == "project.yaml:6:11"


@pytest.mark.slow
def test_a_chain_of_ten_thousand_shots_is_no_recursion(desk) -> None:
    """Shots that continue each other, all the way; and back to the first."""
    rows = [f"  - {{id: s{i}, prompt: x, init_image: s{i - 1}.last_frame}}\n" for i in range(1, 3000)]
    assert len(desk.project(HEAD + "shots:\n  - {id: s0, prompt: x}\n" + "".join(rows)).shots) == 3000
    told = desk.sentences(HEAD + "shots:\n  - {id: s0, prompt: x, init_image: s2999.last_frame}\n" + "".join(rows))
    assert len(told) == 1
    assert "s0 -> s2999 -> " in told[0]


def test_a_thousand_shots_load_in_a_moment(desk) -> None:
    """A storyboard of this size costs less than half a second of our time."""
    text = (
        HEAD
        + "shots:\n"
        + "".join(f"  - {{id: s{i}, duration_s: 0.25, prompt: x {i}, seed: {i}}}\n" for i in range(1000))
    )
    desk.load(text)
    start = time.process_time()
    desk.load(text)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    "text",
    [
        HEAD
        + "shots:\n"
        + "".join(f"  - {{promt: x{i}, model: nope{i}, init_image: y{i}.last_frame}}\n" for i in range(2000)),
        HEAD
        + "shots:\n"
        + "".join(f"  - {{prompt: x, model: nope{i}, init_image: y{i}.last_frame}}\n" for i in range(2000)),
        HEAD + "shots:\n" + "".join(f"  - {{file: nope{i}.mp4}}\n" for i in range(2000)),
        HEAD + "shots:\n" + "".join(f"  - {{prompt: 'x {{{{ nope{i} }}}}'}}\n" for i in range(2000)),
        HEAD + "shots: [{prompt: x}]\n" + "".join(f"nope{i}: 1\n" for i in range(20000)),
    ],
    ids=["keys", "names", "files", "templates", "strangers"],
)
def test_thousands_of_mistakes_are_told_in_a_moment(desk, text: str) -> None:
    """Two hundred are shown, the rest counted."""
    start = time.process_time()
    told = desk.sentences(text)
    assert time.process_time() - start < 6
    assert len(told) == 201
    assert told[-1].endswith("more mistakes like these")


def test_a_project_that_is_not_there_is_a_mistake(desk, tmp_path: Path) -> None:
    """So are folders and pipes; nothing hangs."""
    from vidbuild.spec.load import load
    from vidbuild.words.errors import SpecError

    with pytest.raises(SpecError, match=r"the file `nope.yaml` isn't there"):
        load(Path("nope.yaml"), desk.vocabulary, desk.schema)
    with pytest.raises(SpecError, match="can't be read"):
        load(tmp_path, desk.vocabulary, desk.schema)
    with pytest.raises(SpecError, match="can't be read"):
        load(Path("/dev/zero"), desk.vocabulary, desk.schema)


def test_secrets_of_the_environment_are_in_no_template(desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a template tries, it sees the project's names alone."""
    monkeypatch.setenv("FAL_KEY", "sk-planted-value")
    for attempt in (
        "{{ environ }}",
        "{{ FAL_KEY }}",
        "{{ self._TemplateReference__context }}",
        "{{ vars.__class__ }}",
    ):
        told = desk.mistakes(HEAD + f"shots:\n  - prompt: '{attempt}'\n")
        assert "sk-planted-value" not in told
