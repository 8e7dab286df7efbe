"""The `at` grammar, and what names in it mean; marks in what is said; how words are pronounced."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import When
from vidbuild.spec.spoken_text import pronounced, sentences, unmarked

HEAD = "vidbuild: 1\nmodel: kling-3\naudio: {voice: {model: elevenlabs, id: N}}\n"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("1.5", Fraction(3, 2)),
        ("-1.5", When(Fraction(-3, 2), is_end=True)),
        ("end", When(is_end=True)),
        ("end - 0.3", When(Fraction(-3, 10), is_end=True)),
        ("sign", When(line="a", mark="sign")),
        ("sign + 0.3", When(Fraction(3, 10), line="a", mark="sign")),
        ("sign+0.3", When(Fraction(3, 10), line="a", mark="sign")),
        ("sign - 1", When(Fraction(-1), line="a", mark="sign")),
        ("b", When(shot="b")),
        ("b + 1", When(Fraction(1), shot="b")),
        ("late-mark", When(line="a", mark="late-mark")),
    ],
)
def test_a_time_is_seconds_an_end_a_mark_or_a_shot(desk, written: str, meant: object) -> None:
    """From the start of what holds it; with seconds behind or before it."""
    shots = (
        f"shots:\n  - {{id: a, prompt: x, say: one <sign>two <late-mark>three, sfx: {{prompt: y, at: {written}}}}}\n"
    )
    assert desk.project(HEAD + shots + "  - {id: b, prompt: x}\n").effects[0].at == meant


def test_a_mark_is_looked_for_where_it_is_named_and_then_around(desk) -> None:
    """In the shot's own lines, its groups', the film's; else wherever the only one is."""
    text = """\
say: the <here>film <whole>says
shots:
  - id: bar
    say: the <here>group <bar-mark>says
    shots:
      - {id: a, prompt: x, say: the <here>shot says, sfx: {prompt: y, at: here}}
      - {id: b, prompt: x, sfx: [{prompt: y, at: here}, {prompt: y, at: whole}]}
  - {id: c, prompt: x, sfx: [{prompt: y, at: here}, {prompt: y, at: bar-mark}]}
"""
    found = [effect.at for effect in desk.project(HEAD + text).effects]
    assert [(at.line, at.mark) for at in found] == [
        ("a", "here"),
        ("bar", "here"),
        ("film", "whole"),
        ("film", "here"),
        ("bar", "bar-mark"),
    ]


@pytest.mark.parametrize(
    ("shot", "told"),
    [
        ("sfx: {prompt: y, at: sgin}", "no mark and no shot is called `sgin`"),
        ("sfx: {prompt: y, at: 1 + sign}", "`at` must be seconds, `end`, a mark or a shot's id"),
        ("say: {text: one <me>two, at: me}", "`me` is in the line itself, and can't say when it begins"),
        ("say: one <a>two <a>three", "`<a>` stands twice in one line"),
        ("at: sign", "`x` has `duration_s`, and `at` of `y` says where it ends"),
        ("at: x", "`at` of a shot is a mark of what its group says"),
        ("pad_s: 1", "`pad_s` is for `duration_s: auto`"),
    ],
)
def test_a_wrong_time_is_told_at_its_place(desk, shot: str, told: str) -> None:
    """With what is meant, where it can be guessed."""
    text = (
        HEAD
        + f"shots:\n  - {{id: x, prompt: x, duration_s: 3, say: one <sign>two}}\n  - {{id: y, prompt: x, {shot}}}\n"
    )
    assert any(told in sentence for sentence in desk.sentences(text))


def test_a_mark_cuts_to_a_shot(desk) -> None:
    """The shot before says no length of its own; the last of the group may be as long as the line."""
    text = """\
shots:
  - say: one <two>two
    shots:
      - {id: a, prompt: x}
      - {id: b, prompt: x, at: two + 0.1, duration_s: auto, pad_s: 1}
"""
    one, two = desk.project(HEAD + text).shots
    assert (one.duration_s, one.at) == (None, None)
    assert (two.at, two.pad_s) == (When(Fraction(1, 10), line="group_01", mark="two"), Fraction(1))


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ("one <a>two", {"a": 4}),
        ("<a>one", {"a": 0}),
        ("one<a> two", {"a": 3}),
        ("one two <a>", {"a": 7}),
        ("  one <a> two", {"a": 4}),
        ("o<a>ne", {"a": 1}),
        ("<b>one <i>x</i> <a>two", {"b": 0, "a": 13}),
    ],
)
def test_a_mark_stands_before_a_character_of_what_is_spoken(written: str, places: dict[str, int]) -> None:
    """Counted without the marks themselves."""
    assert unmarked(written).moments == places


@pytest.mark.parametrize(
    ("written", "spoken", "shown"),
    [
        ("All about GDPR.", "All about G D P R.", (("All", 1), ("about", 1), ("GDPR.", 4))),
        ("GDPR-ready", "G D P R-ready", (("GDPR-ready", 4),)),
        ("my GDPRS", "my GDPRS", ()),
        ("In New York, now", "In Nuh York, now", (("In", 1), ("New York,", 2), ("now", 1))),
        ("CEO", "chief", (("CEO", 1),)),
    ],
)
def test_a_word_is_spoken_as_the_project_pronounces_it(written: str, spoken: str, shown: object) -> None:
    """Whole words alone; what is read stays beside, with how many words are spoken for it."""
    sounds = {"GDPR": "G D P R", "New York": "Nuh York", "CEO": "chief", "York": "no"}
    found = pronounced(unmarked(written), sounds)
    assert (found.text, found.shown) == (spoken, shown)


def test_marks_move_with_what_is_pronounced(desk) -> None:
    """They stand before the same word."""
    text = HEAD + "pronounce: {GDPR: {en: G D P R}, CEO: chief}\nshots: [{prompt: x, say: GDPR and <now>the CEO}]\n"
    (line,) = desk.project(text).lines
    assert line.text == "G D P R and the chief"
    assert line.moments == {"now": 12}


@pytest.mark.parametrize(
    ("script", "parts"),
    [
        ("This is the first of them. And <two>this is the second one! Why?",
         ["This is the first of them.", "And <two>this is the second one!", "Why?"]),
        ("Yes. No. This goes together. <m>Here is another.", ["Yes. No. This goes together.", "<m>Here is another."]),
        ("It was made by Dr. Miller and J. Smith in 3.5 hours, z.B. Hello there.",
         ["It was made by Dr. Miller and J. Smith in 3.5 hours, z.B. Hello there."]),
        ("A pause of some kind... and then it goes on.", ["A pause of some kind... and then it goes on."]),
        ("<b>This is one of them. And</b> this is another.", ["<b>This is one of them. And</b> this is another."]),
        ("这是一个很长的句子，它说明了很多很多的东西，也很好听。这是第二个。",
         ["这是一个很长的句子，它说明了很多很多的东西，也很好听。", "这是第二个。"]),
        ("one", ["one"]),
    ],
)  # fmt: skip
def test_a_script_is_parted_into_its_sentences(script: str, parts: list[str]) -> None:
    """Marks stay with theirs; short ones, abbreviations and tags part nothing."""
    assert sentences(script) == parts


def test_each_sentence_of_a_films_script_is_a_line_behind_the_one_before(desk) -> None:
    """So that a changed one is spoken again alone; what a shot or a group says is one line."""
    text = "say: {text: 'This is the first of them. And <two>this is the second one.', at: 2}\nshots: [{prompt: x}]\n"
    one, two = desk.project(HEAD + text).lines
    assert (one.id, one.text, one.at) == ("film", "This is the first of them.", 2)
    assert (two.id, two.moments, two.at) == ("film.2", {"two": 4}, When(Fraction(1, 5), line="film"))
    shots = "shots: [{prompt: x, say: This is the first of them. And this is the second one.}]\n"
    assert len(desk.project(HEAD + shots).lines) == 1


def test_a_recording_needs_no_voice(desk) -> None:
    """It is laid over what it says."""
    desk.write("voice.wav")
    said = "{file: voice.wav, text: one <m>two, fit: stretch}"
    text = f"vidbuild: 1\nmodel: kling-3\nshots: [{{id: a, prompt: x, say: {said}}}]\n"
    (line,) = desk.project(text).lines
    assert (line.file, line.text, line.moments, line.fit) == ("voice.wav", "one two", {"m": 4}, "stretch")


def test_a_resolved_project_shows_its_times(desk) -> None:
    """As they are written, so that it can be read again."""
    from vidbuild.spec.show import shown_project

    text = """\
shots:
  - {id: a, prompt: x, duration_s: auto, say: [one <sign>two, three], sfx: {prompt: y, at: sign + 0.3}}
  - {id: b, prompt: x, say: {text: four, at: end - 1}}
"""
    project = desk.project(HEAD + text)
    again = desk.project(shown_project(project))
    assert again.lines == project.lines
    assert again.effects == project.effects
    assert again.shots[0].pad_s == project.shots[0].pad_s
