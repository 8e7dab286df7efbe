"""Words with their times: read, marks found in them, texts laid over recordings, lengths guessed."""

from __future__ import annotations

from fractions import Fraction

import pytest

from vidbuild.media.spoken import Spoken, Word, aligned, document, estimated, moment, words_in

TEXT = "Come in. Now go."
SAID = Spoken(
    Fraction(3),
    (
        Word("Come", Fraction(0), Fraction(1, 2)),
        Word("in.", Fraction(1, 2), Fraction(1)),
        Word("Now", Fraction(3, 2), Fraction(2)),
        Word("go.", Fraction(2), Fraction(3)),
    ),
)


def test_words_are_read_exactly() -> None:
    """What is written in decimals is no float; what is no good gives none."""
    text = '{"words": [{"text": "a", "start_s": 0.1, "end_s": 0.3}]}'
    assert words_in(text) == (Word("a", Fraction(1, 10), Fraction(3, 10)),)
    assert words_in('{"words": [{"text": "a"}]}') == ()
    assert words_in("no") == ()
    assert words_in("[]") == ()


@pytest.mark.parametrize(
    ("place", "second"),
    [(0, 0), (5, 0.5), (9, 1.5), (8, 1.0), (4, 0.5), (11, 1.5 + 1 / 3), (16, 3.0)],
)
def test_a_mark_is_said_with_its_word(place: int, second: float) -> None:
    """Before a word at its start, right behind one at its end, within one in between."""
    assert float(moment(TEXT, place, SAID)) == pytest.approx(second)


def test_a_mark_among_words_that_a_vendor_writes_otherwise_lies_by_its_share() -> None:
    """Numbers that are spelt out, say; without words by the line's length alone."""
    other = Spoken(Fraction(2), (Word("fortytwo", Fraction(0), Fraction(1)), Word("cups", Fraction(1), Fraction(2))))
    assert moment("42 cups", 3, other) == Fraction(1, 2)
    assert moment("ab cd", 3, Spoken(Fraction(2))) == 1


def test_a_guess_is_a_range_around_what_is_likely() -> None:
    """Digits are many words; wide scripts say more with a letter."""
    low, likely, high = (guess.seconds for guess in estimated("Come in. The first one is on us."))
    assert low < likely < high
    assert 1 < low < 2 < high < 5
    assert estimated("2026")[1].seconds > estimated("coat")[1].seconds
    assert estimated("你好世界")[1].seconds > estimated("coat")[1].seconds


def test_phrases_lie_between_the_pauses_that_are_heard() -> None:
    """Where there are as many as breaks in the text."""
    pauses = [(Fraction(0), Fraction(1, 2)), (Fraction(2), Fraction(3)), (Fraction(4), Fraction(5))]
    words = list(aligned("Come in. Now go.", Fraction(5), pauses))
    assert [(word.start, word.end) for word in words] == [
        (Fraction(1, 2), Fraction(3, 2)),
        (Fraction(3, 2), Fraction(2)),
        (Fraction(3), Fraction(18, 5)),
        (Fraction(18, 5), Fraction(4)),
    ]


def test_words_share_what_is_heard_where_pauses_and_text_differ() -> None:
    """By their lengths; none begins in a pause."""
    words = list(aligned("one two three four", Fraction(4), [(Fraction(1), Fraction(2))]))
    assert [word.text for word in words] == ["one", "two", "three", "four"]
    assert words[0].start == 0
    assert words[-1].end == 4
    assert not any(1 <= word.start < 2 or 1 < word.end <= 2 for word in words if word.end != 1)


def test_a_silent_recording_is_shared_as_it_is() -> None:
    """There is nothing to go by."""
    (one, two) = aligned("ab cd", Fraction(2), [(Fraction(0), Fraction(2))])
    assert (one.start, one.end, two.end) == (0, 1, 2)


def test_words_are_written_as_vendors_are() -> None:
    """In milliseconds."""
    assert document((Word("a", Fraction(1, 3), Fraction(2, 3)),)) == {
        "words": [{"text": "a", "start_s": 0.333, "end_s": 0.667}]
    }
