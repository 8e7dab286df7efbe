"""What is known of a spoken line: how long it is, when its words are said, and when its marks are.

Values in, values out; times are exact. Words have the form of `Speech`'s second output: `{text, start_s, end_s}`.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

_WORD = re.compile(r"\S+")
_BREAK = re.compile(r"[.,;:!?…—–。、，；：！？؟،]+[\"'”’)\]»]*$")
_SLOW, _USUAL, _QUICK = Fraction(17, 2), Fraction(14), Fraction(20)
"""Characters a second."""


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its times from the line's start, in seconds."""

    text: str
    start: Fraction
    end: Fraction


@dataclass(frozen=True)
class Spoken:
    """A line as it was spoken."""

    seconds: Fraction
    words: tuple[Word, ...] = ()


def words_in(text: str) -> tuple[Word, ...]:
    """Read the words of a `words` output; none where it is no good."""
    try:
        found = json.loads(text, parse_float=Decimal)["words"]
        return tuple(Word(each["text"], Fraction(each["start_s"]), Fraction(each["end_s"])) for each in found)
    except (ValueError, KeyError, TypeError):
        return ()


def moment(text: str, place: int, spoken: Spoken) -> Fraction:
    """Say when the character at a place of a text is spoken.

    Before a word that is its start, right behind one its end, within one a part of it. Where a vendor's words aren't
    those of the text, by the share of characters before it.
    """
    before, all_ = _size(text[:place]), _size(text)
    if not spoken.words or not all_:
        return spoken.seconds * before / max(all_, 1)
    is_behind = place > 0 and not text[place - 1].isspace() and (place == len(text) or text[place].isspace())
    target = Fraction(before * sum(_size(word.text) for word in spoken.words), all_)
    passed = 0
    for word in spoken.words:
        size = _size(word.text)
        if target < passed + size or (is_behind and target == passed + size):
            return word.start + (word.end - word.start) * (target - passed) / size
        passed += size
    return spoken.words[-1].end


def estimated(text: str) -> tuple[Spoken, Spoken, Spoken]:
    """Guess how long a text is when it is spoken: at the least, likely, at the most."""
    size = sum(_weight(character) for character in text)
    low, likely, high = (Fraction(size) / pace for pace in (_QUICK, _USUAL, _SLOW))
    return Spoken(low + Fraction(1, 5)), Spoken(likely + Fraction(2, 5)), Spoken(high + Fraction(4, 5))


def aligned(text: str, seconds: Fraction, silences: Sequence[tuple[Fraction, Fraction]]) -> Iterator[Word]:
    """Lay the words of a text over a recording: by their lengths, over the time in which something is heard.

    Where the recording pauses as often as the text has breaks, each phrase lies between its two pauses.

    Args:
        silences: from when to when nothing is heard, in order.
    """
    voiced = _voiced(seconds, silences)
    phrases = _phrases(_WORD.findall(text))
    if len(voiced) == len(phrases):
        for phrase, span in zip(phrases, voiced, strict=True):
            yield from _laid(phrase, [span])
    else:
        yield from _laid([word for phrase in phrases for word in phrase], voiced)


def document(words: Sequence[Word]) -> dict[str, Any]:
    """Give words as the `words` output holds them, in milliseconds."""
    return {
        "words": [
            {"text": word.text, "start_s": float(round(word.start, 3)), "end_s": float(round(word.end, 3))}
            for word in words
        ]
    }


def _size(text: str) -> int:
    return sum(not character.isspace() for character in text)


def _weight(character: str) -> int:
    """Say how many letters' time a character takes: digits are words, and so is much of what is written wide."""
    if character.isdigit():
        return 5
    return 4 if unicodedata.east_asian_width(character) in "WF" else 1


def _voiced(seconds: Fraction, silences: Sequence[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    """Give what lies between silences; the whole where nothing does."""
    edges = [Fraction(0), *(edge for silence in silences for edge in silence), seconds]
    spans = [(start, end) for start, end in zip(edges[::2], edges[1::2], strict=True) if start < end]
    return spans or [(Fraction(0), seconds)]


def _phrases(words: Sequence[str]) -> list[list[str]]:
    """Part words where a sign of punctuation ends them."""
    phrases: list[list[str]] = [[]]
    for word in words:
        phrases[-1].append(word)
        if _BREAK.search(word):
            phrases.append([])
    return [phrase for phrase in phrases if phrase]


def _laid(words: Sequence[str], voiced: Sequence[tuple[Fraction, Fraction]]) -> Iterator[Word]:
    """Share heard time among words by their lengths; a word may go on behind a pause, but begins in none."""
    heard = sum((end - start for start, end in voiced), Fraction(0))
    sizes = [max(1, len(word.strip(".,;:!?…"))) for word in words]
    passed = 0
    for word, size in zip(words, sizes, strict=True):
        first, last = (Fraction(part, sum(sizes)) * heard for part in (passed, passed + size))
        yield Word(word, _at(first, voiced, False), _at(last, voiced, True))
        passed += size


def _at(heard: Fraction, voiced: Sequence[tuple[Fraction, Fraction]], is_end: bool) -> Fraction:
    """Say when so much has been heard; at a pause, its end begins a word and its start ends one."""
    for start, end in voiced:
        if heard < end - start or (is_end and heard == end - start):
            return start + heard
        heard -= end - start
    return voiced[-1][1]
