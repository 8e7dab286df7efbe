"""Captions from word times: broken by meaning and width, readable, and written as ASS, SRT and VTT."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest

from vidbuild.media import captions
from vidbuild.media.captions import PRESETS, Cue, Word
from vidbuild.media.fonts import FontFile, Typeface, faces
from vidbuild.media.text import Area
from vidbuild.spec.lettering import CAPTION_PRESETS
from vidbuild.words.digest import Digest

FOLDER = Path(__file__).parents[2] / "vidbuild" / "fonts"
FILES = (FOLDER / "VidbuildSans-Regular.ttf", FOLDER / "VidbuildSans-Bold.ttf")
FONTS = Typeface(tuple(FontFile(Digest(path.name), faces(path.read_bytes())) for path in FILES))
SIZE, AREA, RATE = (640, 360), Area(32, 18, 608, 331), Fraction(24)
SPEECH = (
    "Come in, the first one is on us. We roast every morning at six, and by seven the whole street smells of coffee,"
    " which is the best advertising there is."
)


def said(text: str, pace: str = "0.3") -> list[Word]:
    """Speak a text: each word for some seconds."""
    step = Fraction(pace)
    return [Word(word, place * step, (place + 1) * step) for place, word in enumerate(text.split())]


def cued(text: str, preset: str = "clean", width: int = 576, pace: str = "0.3") -> list[Cue]:
    """Break a spoken text into cues at 20 pixels."""
    return captions.cues(said(text, pace), PRESETS[preset], 20, width, FONTS)


def told(*words: tuple[str, float, float]) -> str:
    """Write word times as `Speech` does."""
    return json.dumps({"words": [{"text": text, "start_s": start, "end_s": end} for text, start, end in words]})


def timed(heard: str, *pieces: tuple[str, int | None], at: str = "0", tempo: str = "1") -> list[Word]:
    """Give the written words with the times of those heard."""
    return captions.words_of(heard, pieces, Fraction(at), Fraction(tempo))


def test_every_preset_is_known_to_the_language() -> None:
    """By the same names."""
    assert tuple(PRESETS) == CAPTION_PRESETS


def test_words_are_the_authors_at_the_times_they_were_spoken() -> None:
    """Counted from where their line begins."""
    words = timed(told(("come", 0, 0.25), ("in", 0.3, 0.5)), ("Come in!", None), at="2")
    assert words == [Word("Come", Fraction(2), Fraction(9, 4)), Word("in!", Fraction(23, 10), Fraction(5, 2))]


def test_what_is_spoken_otherwise_is_captioned_as_written() -> None:
    """Words between two that are the same share the time between them, by their letters."""
    heard = told(("the", 0, 1), ("G", 1, 2), ("D", 2, 3), ("P", 3, 4), ("R", 4, 5), ("is", 5, 6), ("here", 6, 7))
    for pieces in ([("the GDPR is here", None)], [("the", 1), ("GDPR", 4), ("is here", 2)]):
        words = timed(heard, *pieces)
        assert [(word.text, word.start, word.end) for word in words] == [
            ("the", 0, 1), ("GDPR", 1, 5), ("is", 5, 6), ("here", 6, 7),
        ]  # fmt: skip


def test_a_line_that_is_heard_faster_is_read_faster() -> None:
    """Its times are divided by its tempo."""
    (word,) = timed(told(("now", 1, 2)), ("now", None), at="3", tempo="1.25")
    assert (word.start, word.end) == (Fraction(38, 10), Fraction(46, 10))


@pytest.mark.parametrize(
    "data", ["", "[]", '{"words": 1}', '{"words": []}', '{"words": [{"text": "a", "start_s": NaN}]}']
)
def test_where_no_times_are_known_they_are_guessed(data: str) -> None:
    """A vendor may give none; the words are read all the same."""
    words = timed(data, ("one two", None))
    assert [word.text for word in words] == ["one", "two"]
    assert 0 == words[0].start < words[0].end == words[1].start < words[1].end


@pytest.mark.parametrize("preset", ["clean", "boxed", "karaoke"])
@pytest.mark.parametrize("width", [200, 330, 576])
def test_cues_have_at_most_two_lines_that_fit(preset: str, width: int) -> None:
    """All words are there, in order, each once."""
    made = cued(SPEECH, preset, width)
    assert " ".join(text for cue in made for text in cue.texts) == SPEECH
    assert all(len(cue.lines) <= 2 for cue in made)
    widest = max(FONTS.width(text, True) * 20 for cue in made for text in cue.texts)
    assert widest <= min(width, 20 * captions.WIDEST)


def test_cues_end_where_sentences_and_clauses_do() -> None:
    """Not in the middle of what belongs together."""
    assert [cue.texts for cue in cued(SPEECH, width=330)] == [
        ("Come in, the first one is on us.",),
        ("We roast every morning at six, and by seven", "the whole street smells of coffee,"),
        ("which is the best advertising there is.",),
    ]


def test_a_pause_ends_a_cue() -> None:
    """Nothing is shown ahead of a silence."""
    words = [Word("Wait", Fraction(0), Fraction(1)), Word("here.", Fraction(3), Fraction(4))]
    assert len(captions.cues(words, PRESETS["clean"], 20, 576, FONTS)) == 2


def test_cues_stay_long_enough_to_be_read_where_there_is_room() -> None:
    """Seventeen letters a second; never into the next cue, and none longer than it may be."""
    made = cued(SPEECH, pace="0.1")
    for cue, after in pairwise(made):
        assert cue.start < cue.end <= after.start
    letters = sum(len(word.text) + 1 for word in made[-1].words)
    assert made[-1].end - made[-1].start >= Fraction(letters, captions.MOST_LETTERS_PER_S)
    assert all(cue.words[-1].end - cue.start <= captions.MOST_S for cue in cued(SPEECH, pace="0.6"))


def test_a_word_wider_than_a_line_stands_alone() -> None:
    """It is drawn smaller."""
    made = cued("a Donaudampfschifffahrtsgesellschaftskapitän speaks", width=200)
    assert [cue.texts for cue in made] == [("a",), ("Donaudampfschifffahrtsgesellschaftskapitän",), ("speaks",)]
    assert captions.events(made, "clean", PRESETS["clean"], Area(0, 0, 200, 300), SIZE, FONTS, RATE)


def test_an_emoji_stays_with_the_word_before_it() -> None:
    """No cue and no line begins with a sign."""
    made = cued(
        "Coffee ☕ and cake 🍰 for the whole of the family 👨‍👩‍👧 today 🎉 says the crew 🏳️‍🌈 at last.", width=300
    )
    assert all(text[0].isalpha() for cue in made for text in cue.texts)


def test_thai_is_broken_at_its_spaces() -> None:
    """They stand between clauses there; elsewhere a line is broken only where it must be."""
    made = cued("เชิญเข้ามานั่งก่อนนะคะ กาแฟใกล้จะเสร็จแล้ว วันนี้แก้วแรกทางร้านเลี้ยงเองค่ะ", width=330, pace="0.1")
    assert [text for cue in made for text in cue.texts] == [
        "เชิญเข้ามานั่งก่อนนะคะ กาแฟใกล้จะเสร็จแล้ว", "วันนี้แก้วแรกทางร้านเลี้ยงเองค่ะ",
    ]  # fmt: skip


def test_pop_shows_three_words_at_most() -> None:
    """On one line."""
    made = cued(SPEECH, "pop")
    assert all(len(cue.words) <= 3 and len(cue.lines) == 1 for cue in made)


def test_lines_of_ideographs_have_no_spaces() -> None:
    """Words of the vendor are joined as they are written."""
    face = faces(FILES[1].read_bytes())[0]
    wide = Typeface(
        (FontFile(Digest("cjk"), (type(face)("CJK", True, 1000, dict.fromkeys(range(0x3000, 0x9FFF), 1000)),)),)
    )
    heard = told(("今日は", 0, 1.5), ("晴れです。", 1.5, 3))
    words = timed(heard, ("今日は晴れです。", None))
    assert [word.text for word in words] == ["今", "日", "は", "晴", "れ", "で", "す。"]
    assert [word.start for word in words][:5] == [0, Fraction(1, 2), 1, Fraction(3, 2), Fraction(9, 5)]
    (cue,) = captions.cues(words, PRESETS["clean"], 20, 576, wide)
    assert cue.texts == ("今日は晴れです。",)


def test_overlapping_lines_follow_each_other() -> None:
    """What is said into another's words ends them on the picture."""
    first, second = cued("one two three", pace="1")[0], cued("four")[0]
    later = Cue(second.words, second.lines, Fraction(2), Fraction(4))
    assert [(cue.start, cue.end) for cue in captions.without_overlaps([[first], [later]])] == [(0, 2), (2, 4)]


# Drawing


def drawn(text: str, preset: str) -> list[tuple[int, int, str]]:
    """Give events as first picture, last picture, text."""
    made = captions.events(cued(text, preset), preset, PRESETS[preset], AREA, SIZE, FONTS, RATE)
    return [(event.first, event.last, event.text) for event in made]


def test_a_clean_cue_is_one_event() -> None:
    """To the frame."""
    ((first, last, text),) = drawn("Come in {now}", "clean")
    assert (first, last) == (0, 29)
    assert text.endswith("Come in \\{now\\}")


def test_karaoke_marks_each_word_while_it_is_spoken() -> None:
    """One event a word, end to end: a piece may begin with any of them."""
    made = drawn("one two three", "karaoke")
    assert [(first, last) for first, last, _ in made] == [(0, 7), (7, 14), (14, 29)]
    marked = [text.split("&H00&}")[1].split("{")[0] for *_, text in made]
    assert marked == ["one", "two", "three"]


def test_a_marked_word_of_right_to_left_text_keeps_its_place() -> None:
    """The marks are in the text's own order; brackets keep their direction."""
    *_, text = drawn("שלום (hello) לכם", "karaoke")[1]
    assert "\u200f(\u200fhello\u200f)\u200f{\\1c" in text


# Beside the video


def test_srt_and_vtt_hold_the_cues_as_plain_text() -> None:
    """Numbers, times to the millisecond, lines; VTT escapes its markup, and no text is an arrow."""
    words = tuple(said("a <b> & --> c"))
    made = [Cue(words, (3, 2), Fraction(1, 3), Fraction(3661))]
    assert captions.srt(made) == "1\n00:00:00,333 --> 01:01:01,000\na <b> &\n--\u2060> c\n\n"
    assert captions.vtt(made) == "WEBVTT\n\n00:00:00.333 --> 01:01:01.000\na &lt;b&gt; &amp;\n--\u2060&gt; c\n\n"
