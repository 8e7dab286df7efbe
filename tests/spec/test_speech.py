"""Speech: who says what, with which voice, from when on."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.spec.model import Line, Voice
from vidbuild.spec.spoken_text import unmarked

HEAD = """\
vidbuild: 1
model: kling-3
cast:
  anna: {description: Anna, voice: {model: elevenlabs, id: A}}
audio: {voice: {model: elevenlabs, id: N}}
"""
ANNA, NARRATOR = Voice(("elevenlabs",), "A"), Voice(("elevenlabs",), "N")


def test_lines_are_anchored_where_they_are_said(desk) -> None:
    """The film's first; a group's from the first of its shots that plays to the last; further ones are numbered."""
    project = desk.project(
        HEAD
        + """\
say: welcome
shots:
  - id: bar
    say: {by: anna, text: at the bar, at: 0.5, gain_db: -3, seed: 7}
    shots:
      - {id: muted, prompt: x, when: false, say: never}
      - id: pour
        prompt: x
        say:
          - {by: anna, text: one}
          - {text: two, at: 2}
      - {id: end, prompt: x}
  - {shots: [{id: c, prompt: x}], say: nameless}
"""
    )
    assert project.lines == (
        Line("film", "welcome", NARRATOR),
        Line("bar", "at the bar", ANNA, "anna", "pour", Fraction(1, 2), Fraction(-3), 7, "end"),
        Line("pour", "one", ANNA, "anna", "pour", until="pour"),
        Line("pour.2", "two", NARRATOR, None, "pour", Fraction(2), until="pour"),
        Line("group_02", "nameless", NARRATOR, None, "c", until="c"),
    )
    assert str(project.lines[1].marks["text"]) == "project.yaml:9:27"


def test_lines_that_share_a_name_are_numbered(desk) -> None:
    """A shot may be called as the film is."""
    project = desk.project(HEAD + "say: one\nshots: [{id: film, prompt: x, say: two}]\n")
    assert [line.id for line in project.lines] == ["film", "film.2"]


def test_the_nearest_voice_speaks(desk) -> None:
    """A line's own, its speaker's, its shot's, its group's, the project's, the narrator's of `audio`."""
    project = desk.project(
        HEAD
        + """\
shots:
  - {prompt: x, say: a}
  - voice: {model: elevenlabs, id: G}
    shots:
      - {prompt: x, say: b}
      - {prompt: x, say: c, voice: {model: [elevenlabs], id: S, options: {speed: 2}}}
      - {prompt: x, say: {by: anna, text: d}}
      - {prompt: x, say: {by: anna, text: e, voice: {model: elevenlabs, id: L}}}
"""
    )
    assert [line.voice.id for line in project.lines] == ["N", "G", "S", "A", "L"]
    assert project.lines[2].voice.options == {"speed": 2}
    assert (
        desk.project(HEAD + "voice: {model: elevenlabs, id: P}\nshots: [{prompt: x, say: a}]\n").lines[0].voice.id
        == "P"
    )


def test_a_storyboards_voice_over_is_a_line_of_the_film(desk) -> None:
    """`audio.vo: {model, voice, script}`; `null` is none."""
    board = '{"shots": [{"prompt": "x", "model": "kling-3"}], "audio": {"vo": %s}}'
    script = '{"model": "elevenlabs", "voice": "Rachel", "script": "Come <a>in."}'
    (line,) = desk.load(board % script, "board.json").project.lines
    assert line == Line("film", "Come in.", Voice(("elevenlabs",), "Rachel"), moments={"a": 5})
    assert desk.load(board % "null", "board.json").project.lines == ()


def test_what_is_spoken_is_templated(desk) -> None:
    """As all texts are; numbers may be given by templates."""
    text = HEAD + "vars: {s: 1.5}\nshots: [{prompt: x, say: {text: 'after {{ s }}', at: '{{ s }}'}}]\n"
    (line,) = desk.project(text).lines
    assert (line.text, line.at) == ("after 1.5", Fraction(3, 2))


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("Come in. <sign>The first one is on us.", "Come in. The first one is on us."),
        ("one <a> two <b> three", "one two three"),
        ("<a> one<b>", "one"),
        ("  one\n<a>\ntwo ", "one\ntwo"),
        ("I <3 you, 1<2>0", "I <3 you, 1<2>0"),
        ('one <break time="1s"/> two', 'one <break time="1s"/> two'),
        ("<emphasis>one</emphasis> <a>two <br/>", "<emphasis>one</emphasis> two <br/>"),
    ],
)
def test_marks_are_taken_out_of_the_text(written: str, spoken: str) -> None:
    """Vendors' tags stay: they have attributes, a slash, or an end."""
    assert unmarked(written).text == spoken


@pytest.mark.parametrize("written", ["<m>one two three", "one <m>two three", "one two<m> three", "one two three <m>"])
def test_a_marks_place_changes_nothing_that_is_spoken(written: str) -> None:
    """So that moving one buys no speech."""
    assert unmarked(written).text == "one two three"
