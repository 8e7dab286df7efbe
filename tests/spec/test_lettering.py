"""Texts over the picture, and the brand, as they are read."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Brand, Captions, Card, FilePicture, Text, When

HEAD = "vidbuild: 1\nmodel: kling-3\n"


def test_texts_are_read_of_shots_and_of_the_film(desk) -> None:
    """As a text, a mapping or a list; times as points or from and to."""
    project = desk.project(
        HEAD
        + """\
text: {text: "@us", at: -2, place: bottom-right}
shots:
  - {id: a, prompt: x, text: Hello}
  - id: b
    prompt: x
    text:
      - {text: "Anna\\nBarista", at: [1, 5], place: lower-third, fit: wrap}
      - {text: Look, at: [0.5, end], box: [0, 0.1, 0.5, 0.2], preset: tag}
brand: {presets: {tag: {like: callout}}}
"""
    )
    assert project.texts == (
        Text("@us", None, When(Fraction(-2), is_end=True), place="bottom-right", preset="callout"),
        Text("Hello", "a"),
        Text("Anna\nBarista", "b", Fraction(1), Fraction(5), "lower-third", preset="lower-third", fit="wrap"),
        Text("Look", "b", Fraction(1, 2), None, None,
             (Fraction(0), Fraction(1, 10), Fraction(1, 2), Fraction(1, 5)), "tag"),
    )  # fmt: skip


def test_a_text_hangs_on_marks_shots_and_ends(desk) -> None:
    """By the grammar of times; a group's lies over all of its shots."""
    project = desk.project(
        HEAD
        + """\
audio: {voice: {model: elevenlabs, id: N}}
shots:
  - id: bar
    say: Come in. <sign>The first is free.
    text: {text: Free, at: [sign + 0.3, b]}
    shots:
      - {id: a, prompt: x, text: {text: Here, at: sign}}
      - {id: b, prompt: x, text: {text: Gone, at: [end - 1, end]}}
"""
    )
    sign = When(line="bar", mark="sign")
    assert project.texts == (
        Text("Free", "a", When(Fraction(3, 10), line="bar", mark="sign"), When(shot="b"), until="b"),
        Text("Here", "a", sign),
        Text("Gone", "b", When(Fraction(-1), is_end=True)),
    )


def test_a_text_is_a_template_and_braces_are_not_asss(desk) -> None:
    """What a template gives stands as it is."""
    project = desk.project(HEAD + "vars: {who: '{\\b1}Anna'}\nshots: [{prompt: x, text: 'by {{ who }}'}]\n")
    assert [text.text for text in project.texts] == ["by {\\b1}Anna"]


def test_the_brand_is_read(desk) -> None:
    """Fonts as files of the project, colours by name in presets."""
    desk.write("fonts/own.ttf")
    project = desk.project(
        HEAD
        + """\
brand:
  colours: {ink: "#FFD23F"}
  fonts: {title: fonts/own.ttf}
  presets: {title: {colour: ink, size: 0.1}, tag: {like: callout, back: none}}
shots: [{prompt: x}]
"""
    )
    assert project.brand == Brand(
        {"ink": "#ffd23f"},
        {"title": ("fonts/own.ttf",)},
        {"title": {"like": "title", "colour": "#ffd23f", "size": Fraction(1, 10)},
         "tag": {"like": "callout", "back": "none"}},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{text: ' '}", "the text is empty"),
        ("{text: x, place: top, box: [0, 0, 1, 1]}", "a text has `place` or `box`, not both"),
        ("{text: x, preset: titel}", "no preset for text is called `titel`"),
        ("{text: x, place: middle}", "`place` must be"),
        ("{text: x, box: [0, 0, 1]}", "`box`"),
        ("{text: x, at: [1, 2, 3]}", "`at`"),
        ("{text: x, at: [1, soon]}", "no mark and no shot is called `soon`"),
        ("{text: x, at: sign}", "no mark and no shot is called `sign`"),
        ("{text: x, at: [4, 2]}", "`at` must end after it begins: 4 to 2 is nothing"),
        ("{text: x, at: [end, end]}", "`at` must end after it begins: end to end is nothing"),
        ("{txt: x}", "`txt` is not a key"),
    ],
)
def test_mistakes_in_texts_are_told(desk, text: str, told: str) -> None:
    """Each at its place."""
    assert told in "\n".join(desk.sentences(HEAD + f"shots:\n  - prompt: x\n    text: {text}\n"))


@pytest.mark.parametrize(
    ("brand", "told"),
    [
        ("{colours: {ink: red}}", "`ink` must be # and six hex digits"),
        ("{colours: {ink: '#12'}}", "`ink` must be"),
        ("{presets: {title: {colour: inc}}, colours: {ink: '#000000'}}", "no colour of the brand is called `inc`"),
        ("{presets: {title: {size: 0}}}", "`size` must be more than 0"),
        ("{fonts: {text: nowhere.ttf}}", "isn't there"),
        ("{logo: x.png}", "isn't there"),
        ("{logo: x.mp4}", "isn't there"),
    ],
)
def test_mistakes_in_a_brand_are_told(desk, brand: str, told: str) -> None:
    """Each at its place."""
    assert told in "\n".join(desk.sentences(HEAD + f"brand: {brand}\nshots: [{{prompt: x}}]\n"))


def test_cards_have_the_brands_logo_and_ground(desk) -> None:
    """Unless they say otherwise; a colour may be said by its name."""
    for name in ("logo.png", "own.png"):
        desk.write(name)
    project = desk.project(
        HEAD
        + """\
brand: {logo: logo.png, colours: {background: "#102030FF", warm: "#ff8800"}}
shots:
  - card: {title: a}
  - card: {title: b, logo: none, background: warm}
  - card: {title: c, logo: own.png, background: "#000000"}
  - card: {title: d, background: own.png}
"""
    )
    assert [shot.source for shot in project.shots] == [
        Card("a", "", "logo.png", "#102030"),
        Card("b", "", None, "#ff8800"),
        Card("c", "", "own.png", "#000000"),
        Card("d", "", "logo.png", FilePicture("own.png")),
    ]


def test_captions_are_read_of_the_project_and_its_outputs(desk) -> None:
    """A preset or a mapping; an output says whether they are burned."""
    project = desk.project(
        HEAD
        + "captions: {preset: loud, sidecar: [srt, vtt, srt]}\nbrand: {presets: {loud: {like: pop}}}\n"
        + "outputs: [{platform: tiktok, captions: burn}, youtube]\nshots: [{prompt: x}]\n"
    )
    assert project.captions == Captions("loud", ("srt", "vtt"))
    assert [output.captions for output in project.outputs] == ["burn", None]
    assert desk.project(HEAD + "captions: boxed\nshots: [{prompt: x}]\n").captions == Captions("boxed")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("captions: karoke", "no preset for captions is called `karoke`"),
        ("captions: {preset: title}", "no preset for captions is called `title`"),
        ("captions: {sidecar: [sub]}", "`sidecar`"),
        ("captions: {languages: [en]}", "the project is in no language `en`"),
        ("outputs: [{platform: tiktok, captions: burn}]", "the project says nothing of captions"),
        ("text: {text: x, preset: pop}", "no preset for text is called `pop`"),
    ],
)
def test_mistakes_in_captions_are_told(desk, text: str, told: str) -> None:
    """Each at its place."""
    assert told in "\n".join(desk.sentences(f"{HEAD}{text}\nshots: [{{prompt: x}}]\n"))
