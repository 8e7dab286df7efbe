"""Lines spoken here: the same bytes every time, words with times, in the languages that espeak-ng speaks."""

from __future__ import annotations

import itertools
import time

import numpy as np
import pytest
from lines import spoken

from vidbuild.runners.local import voice
from vidbuild.runners.local.voice import Voice


def test_a_line_repeats_in_its_bytes() -> None:
    """Whatever was spoken between: each line has a process of its own."""
    first = spoken("Come in.")
    spoken("Something else is said, and then some more.")
    assert spoken("Come in.").data == first.data


def test_a_voice_with_breath_repeats_too() -> None:
    """Its noise is drawn by chance, which the library seeds by the clock's seconds."""
    first = spoken("Fresh every morning.", "en+f3")
    time.sleep(1.05)
    assert spoken("Fresh every morning.", "en+f3").data == first.data


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("Come in. The first one is on us, all 42 of you!", "en-us"),
        ("Der Kaffee ist nicht kalt, und das ist gut.", "Rachel"),
        ("مرحبا بالعالم كيف حالك", "Rachel"),
        ("你好 世界 很好。", "Rachel"),
        ("नमस्ते दुनिया", "hi+m3"),
        ('one <break time="1s"/> two', "en"),
        ("... — 😀", "en"),
    ],
)
def test_every_word_has_its_time(text: str, id: str) -> None:
    """One for each that white space holds apart, in order, within the sound; tags of vendors are not spoken."""
    line = spoken(text, id)
    assert [word["text"] for word in line.words] == voice.spoken(text).split()
    times = [time for word in line.words for time in (word["start_s"], word["end_s"])]
    assert times == sorted(times)
    assert times[-1] <= line.seconds
    assert line.rate == 22050


def test_a_word_begins_where_it_is_heard() -> None:
    """The pause behind a sentence is quiet, and belongs to no word."""
    line = spoken("Stop. Go.")
    stop, go = line.words
    assert go["start_s"] >= stop["end_s"]
    first = round(go["start_s"] * line.rate)
    heard = np.abs(line.samples[first : first + 4000]).max()
    assert heard > 3000
    assert np.abs(line.samples[first - 1500 : first - 300]).max() < 0.05 * heard


def test_clauses_without_white_space_have_their_times() -> None:
    """Each ends where it does, and not all where the first one does."""
    line = spoken("请进，请坐，咖啡马上就好。今天！", "cmn")
    assert [word["text"] for word in line.words] == ["请进，", "请坐，", "咖啡马上就好。", "今天！"]
    starts = [word["start_s"] for word in line.words]
    assert starts == sorted(set(starts))
    assert line.words[-1]["end_s"] > 0.9 * line.seconds


def test_words_that_nothing_is_told_of_share_the_time_between_their_neighbours() -> None:
    """By their lengths: Chinese drops some."""
    told = {"words": [[0, 1, 0], [8, 1, 900]], "ends": [1000], "samples": 22050, "rate": 22050}
    found = list(voice.words("ab cccc d", told))
    assert [(word["start_s"], word["end_s"]) for word in found] == [(0.0, 0.3), (0.3, 0.9), (0.9, 1.0)]


@pytest.mark.parametrize(
    ("id", "text", "language"),
    [
        ("de", "hello", "de"),
        ("en-GB", "hello", "en-gb"),
        ("Rachel", "hello", "en-us"),
        ("Rachel", "Der Hund ist da", "de"),
        ("Rachel", "Le chat est sur la table", "fr"),
        ("Rachel", "Привет, мир", "ru"),
        ("Rachel", "Привіт, світ", "uk"),
        ("Rachel", "שלום עולם", "he"),
        ("Rachel", "สวัสดีชาวโลก", "th"),
        ("Rachel", "こんにちは世界", "ja"),
        ("zz", "hello", "en-us"),
    ],
)
def test_a_voice_speaks_its_language_or_the_texts(id: str, text: str, language: str) -> None:
    """A voice's id may be a language; a vendor's in a draft says nothing of it."""
    assert voice.voice(id, text).language == language


@pytest.mark.parametrize("code", ["zh", "en-gb", "en", "no", "pt-pt", "es-mx", "yue", "vi"])
def test_a_language_that_is_listed_is_spoken(code: str) -> None:
    """Also by the codes that its file is not named by."""
    assert spoken("hello 1", f"{code}+f3").seconds > 0.3


def test_a_timbre_is_named_or_somebodys_own() -> None:
    """So that two speakers of a draft are told apart, and each stays who they are."""
    assert voice.voice("de+f3", "x") == Voice("de", "f3")
    assert voice.voice("Rachel", "one") == voice.voice("Rachel", "two")
    assert len({voice.voice(id, "x").timbre for id in ("Rachel", "Adam", "Bella", "Josh")}) > 1


@pytest.mark.parametrize(
    ("id", "hint"),
    [
        ("de-DE", "did you mean `de`?"),
        ("EN", "did you mean `en`?"),
        ("en_GB+f3", "did you mean `en-gb`?"),
        ("en+f9", "its timbre is one of f1, f2,"),
        ("anna", "an id is a language, perhaps with a timbre (`de+f3`): af, am,"),
    ],
)
def test_an_id_that_is_no_voice_is_told_with_those_that_are(id: str, hint: str) -> None:
    """The language, or the timbre."""
    assert str(voice.unspoken(id)).startswith(hint)


@pytest.mark.parametrize("id", ["en", "en-GB", "de+f3", "cmn", "pt-BR+m8"])
def test_an_id_that_is_a_voice_is_nothing_to_tell(id: str) -> None:
    """In any case behind its language."""
    assert voice.unspoken(id) is None


@pytest.mark.parametrize("text", ["[[hə]] {x} %s \\n <b>bold</b>", "<emphasis>one</emphasis>"])
def test_a_text_is_never_interpreted(text: str) -> None:
    """Neither as phonemes nor as markup."""
    line = spoken(text)
    assert line.seconds > 0.2
    assert all(one["start_s"] < two["start_s"] for one, two in itertools.pairwise(line.words))
