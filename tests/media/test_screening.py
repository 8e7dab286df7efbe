"""Where drawn letters are looked for: files of text read back, whitened, and the moments that are looked at."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from vidbuild.media import ass, screening, seeing
from vidbuild.media.screening import Shown

LOOK: dict[str, Any] = {"family": "Vidbuild Sans", "bold": True, "size": 40, "colour": "#102030", "edge": "#405060"}
PLAIN, BOXED = ass.Look(**LOOK, width=4), ass.Look(**LOOK, width=2, back="#708090c0", pad=6)


def written(*events: ass.Event) -> list[str]:
    return ass.lines(events, (640, 360))


@pytest.mark.parametrize("text", ["Words", "a {brace} \\ and, a comma", "שלום", "two\nlines"])
def test_a_text_is_read_as_it_was_written(text: str) -> None:
    """With its pictures and its size, whatever is in it, without what tells libass how to draw it."""
    tagged = f"{{\\an5\\pos(1,2)\\fad(40,0){ass.colour_tag(1, '#ffffff')}}}" + ass.escaped(text)
    (found,) = screening.shown(written(ass.Event(3, 71, BOXED, tagged)))
    assert (found.first, found.last, found.size, found.text) == (3, 71, 40, " ".join(text.split()))


def test_all_ink_is_white_and_letters_stand_alone() -> None:
    """Colours of looks and of words give way; of bare letters, so do outline and box. Nothing else changes."""
    word = f"{{\\pos(9,9){ass.colour_tag(1, '#ff0000')}}}red{{{ass.colour_tag(3, '#00ff00')}}} rest"
    lines = written(ass.Event(0, 9, PLAIN, word), ass.Event(4, 12, BOXED, "boxed"))
    ink, bare = (screening.drawn(lines, is_bare) for is_bare in (False, True))
    styles = [[line.split(",") for line in of if line.startswith("Style: ")] for of in (lines, ink, bare)]
    for before, all_ink, letters in zip(*styles, strict=True):
        assert all_ink[3:7] == letters[3:7] == ["&H00FFFFFF"] * 4
        assert (all_ink[:3], all_ink[7:]) == (before[:3], before[7:])
        assert (letters[15:18], letters[18:]) == (["1", "0", "0"], before[18:])
    events = [line for line in ink if line.startswith("Dialogue: ")]
    assert [event.rpartition(",,")[2] for event in events] == ["{\\pos(9,9)}red{} rest", "boxed"]
    assert len(ink) == len(bare) == len(lines)


def test_every_text_is_looked_at_in_its_middle() -> None:
    """As far as it is in the piece; of too many, some of all parts."""
    texts = [
        Shown(90, 110, 40, "before"),
        Shown(100, 140, 40, "in"),
        Shown(150, 300, 40, "over"),
        Shown(300, 310, 40, ""),
    ]
    assert screening.middles([(100, texts)], 100) == [(5, texts[0]), (20, texts[1]), (75, texts[2])]
    both = [Shown(0, 50, 40, "a"), Shown(1000, 1050, 40, "b"), Shown(0, 10, 40, "")]
    assert screening.middles([(0, both[:1]), (1000, both[1:])], 50) == [(25, both[0]), (25, both[1])]
    assert screening.chosen([5, 5, 20, 75], 8) == [5, 20, 75]
    assert screening.chosen(range(5, 400, 10), 8) == [25, 75, 125, 175, 225, 275, 325, 375]
    assert screening.chosen([], 8) == []


@pytest.mark.parametrize(("cells", "levels", "spans"), [(28, 50, 1), (14400, 6, 1), (29, 7, 2)])
def test_what_an_encoder_changes_is_no_movement(cells: int, levels: int, spans: int) -> None:
    """Every 2 s it draws a picture anew that stands still; what moves in more of it, or by more, is told."""
    rows = np.full((72, 90, 160), 60, np.uint8)
    rows[24:].reshape(48, -1)[:, :cells] += levels
    times = [Fraction(number, 12) for number in range(73)]
    assert len(seeing.frozen(rows, times, screening.SEEN)) == spans
