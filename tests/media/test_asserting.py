"""What is asserted of finished videos, against facts; and speech laid against captions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vidbuild.media import screening
from vidbuild.media.asserting import Measured, judged
from vidbuild.runners import wave
from vidbuild.runners.base import Workspace
from vidbuild.runners.screening import captions
from vidbuild.spec.model import Apart, Assertion
from vidbuild.words.rationaltime import SAMPLE_RATE

RATE = Fraction(24)


def measured(**film: Any) -> Measured:
    """Give a video of 10 s with two shots of 5 s."""
    shots = {"one": [(Fraction(0), Fraction(5))], "two": [(Fraction(5), Fraction(10))]}
    facts = {"frames": 240, "seconds": "10", "rate": "24", "black": [], "frozen": [], **film}
    return Measured(facts, None, (), shots, 1_000_000, RATE, (Fraction(0),) * 4)


@pytest.mark.parametrize(
    ("spans", "apart", "longest"),
    [
        ([["1", "2"]], (), "1 s"),
        ([["1", "2"], ["4", "6"]], (), "2 s"),
        ([["4", "7"]], (Apart("one"),), "1.958 s"),
        ([["0", "5"]], (Apart("one"),), None),
        ([["0", "10"]], (Apart("one"), Apart("two")), None),
        ([["0", "10"]], (Apart(None, Fraction(2), Fraction(9)),), "2 s"),
        ([["0", "10"]], (Apart(None, Fraction(-9), None),), "1 s"),
        ([["0", "10"]], (Apart(None, Fraction(0), Fraction(-3)),), "3 s"),
        ([["0", "10"]], (Apart("three"),), "10 s"),
        ([["0", "10"]], (Apart(None, Fraction(8), Fraction(-5)),), "10 s"),
    ],
)
def test_a_stretch_counts_without_what_is_meant(
    spans: Sequence[Sequence[str]], apart: tuple[Apart, ...], longest: str | None
) -> None:
    """The longest of what is left of it; at a shot's edge one picture is let through."""
    verdict = judged(Assertion("black_s", most=Fraction(0), apart=apart), measured(black=spans))
    assert (verdict.passed, verdict.found) == (longest is None, f"{longest} at a stretch" if longest else "none")


@pytest.mark.parametrize(
    ("seconds", "asked", "passes"), [("10", 10, True), ("10.02", 10, True), ("10.03", 10, False), ("9.96", 10, False)]
)
def test_one_length_is_meant_to_half_a_picture(seconds: str, asked: int, passes: bool) -> None:
    """No cut is on another clock than its pictures'."""
    length = Fraction(asked)
    assert judged(Assertion("duration_s", least=length, most=length), measured(seconds=seconds)).passed is passes


@pytest.mark.parametrize(("rate", "passes"), [("23.976", True), ("24", False), ("23.9", False)])
def test_rates_that_are_nearly_alike_are_told_apart(rate: str, passes: bool) -> None:
    """24000/1001 isn't 24."""
    film = Fraction(24000, 1001)
    assert judged(Assertion("fps", least=film, most=film), measured(rate=rate)).passed is passes


def test_letters_that_can_not_be_measured_pass_no_test() -> None:
    """Be they some of many: only where no letters are drawn at all, there is nothing to say."""
    least = Assertion("contrast", least=Fraction(3))
    assert judged(least, measured()).passed
    alone, some = (judged(least, with_letters(*known, None)) for known in ((), ("10",)))
    assert (alone.passed, alone.found) == (False, "letters too small, or too faint, to be measured")
    assert (some.passed, some.found) == (False, "10 : 1 and letters too small, or too faint, to be measured")
    assert some.places == ('"x1" at 1 s: not to be measured',)
    assert judged(least, with_letters("10", "3")).passed


def with_letters(*contrasts: str | None, left_out: int = 0) -> Measured:
    """Give a video with a text each second, of which the last is the smallest."""
    of = measured()
    moments = [
        {"at": 24 * number, "text": f"x{number}", "room": ["0.1"] * 4, "contrast": contrast}
        for number, contrast in enumerate(contrasts)
    ]
    texts = [{"at": 24 * number, "text": f"x{number}", "size": f"0.0{9 - number}"} for number in range(4)]
    facts = {"texts": texts, "left_out": left_out, "moments": moments}
    return Measured(of.film, None, [(Fraction(0), facts)], {}, 0, RATE, of.edges)


def test_what_is_not_looked_at_is_told() -> None:
    """Of too many texts, only at some is looked; but the size of each is known."""
    of = with_letters("9", "8", left_out=2)
    assert judged(Assertion("contrast", least=Fraction(3)), of).found == "8 : 1, at 2 of 4 moments with texts"
    assert judged(Assertion("safe_area"), of).found.endswith("left 0.1, at 2 of 4 moments with texts")
    small = judged(Assertion("text_size", least=Fraction(7, 100)), of)
    assert (small.passed, small.places) == (False, ('"x3" at 3 s: 0.06',))


def laid(folder: Path, spoken: Sequence[tuple[float, float]], tracks: Mapping[str, str]) -> Any:
    """Lay captions against a voice of 6 s that sounds at these seconds, and speaks from second 1 of the film on."""
    rows = np.zeros((6 * SAMPLE_RATE, 2), "<f4")
    for start, end in spoken:
        time = np.arange(round(start * SAMPLE_RATE), round(end * SAMPLE_RATE))
        rows[time] = 0.3 * np.sin(time / 20)[:, None]
    wave.write(folder / "l0", len(rows), [rows])
    inputs = {"l0": folder / "l0"}
    for name, text in tracks.items():
        (folder / name).write_text(text)
        inputs[name] = folder / name
    voices = [{"from": "l0", "at": SAMPLE_RATE, "samples": len(rows), "is_voice": True}]
    files = {name: [{"from": name}] for name in tracks}
    return captions(screening.captions("24", voices, files), Workspace(folder, inputs, {}))


def srt(*spans: tuple[float, float]) -> str:
    return "".join(
        f"{number}\n00:00:{start:06.3f} --> 00:00:{end:06.3f}\nx\n\n".replace(".", ",")
        for number, (start, end) in enumerate(spans, 1)
    )


def test_captions_are_laid_against_what_is_heard(tmp_path: Path) -> None:
    """What is spoken with nothing to be read is told; the set of captions that lacks most counts."""
    facts = laid(tmp_path, [(0, 2), (3, 5)], {"srt": srt((1, 3)), "de.srt": srt((1, 3), (4, 6.1))})
    assert facts["spoken_s"] == "4"
    assert facts["tracks"]["de.srt"] == {"covered_s": "4", "bare": []}
    of = Measured(None, facts, (), {}, 0, RATE, (Fraction(0),) * 4)
    verdict = judged(Assertion("captions", least=Fraction(9, 10)), of)
    assert (verdict.passed, verdict.found, verdict.places) == (False, "50 % in the srt", ("from 4 s to 6 s",))
    assert judged(Assertion("captions", least=Fraction(1, 2)), of).passed


def test_a_caption_in_the_middle_leaves_what_is_around_it(tmp_path: Path) -> None:
    """It covers what it is shown over, and a moment on both sides."""
    facts = laid(tmp_path, [(0, 5)], {"srt": srt((2.5, 4), (9, 10))})
    assert facts["tracks"]["srt"]["bare"] == [["1", "2.35"], ["4.15", "6"]]


def test_without_speech_no_captions_are_needed(tmp_path: Path) -> None:
    """And without captions, speech has none."""
    silent = laid(tmp_path, [], {})
    assert (silent["spoken_s"], silent["tracks"]) == ("0", {})
    said = laid(tmp_path, [(0, 1)], {})
    for facts, passes in ((silent, True), (said, False)):
        of = Measured(None, json.loads(json.dumps(facts)), (), {}, 0, RATE, (Fraction(0),) * 4)
        assert judged(Assertion("captions", least=Fraction(1)), of).passed is passes
