"""Text as it is laid out and written for libass: nothing interpreted, lines by width, brackets the right way round."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from vidbuild.media import ass, text
from vidbuild.media.fonts import FAMILY, FontFile, Typeface, faces
from vidbuild.media.text import PLACES, PRESETS, Area
from vidbuild.runners.ffmpeg import find
from vidbuild.runners.process import ENVIRONMENT
from vidbuild.spec.lettering import TEXT_PRESETS
from vidbuild.words.digest import Digest

FOLDER = Path(__file__).parents[2] / "vidbuild" / "fonts"
FILES = (FOLDER / "VidbuildSans-Regular.ttf", FOLDER / "VidbuildSans-Bold.ttf")
FONTS = Typeface(tuple(FontFile(Digest(path.name), faces(path.read_bytes())) for path in FILES))
SIZE = (640, 360)
SAFE = Area(32, 18, 608, 342)
FFMPEG = find(os.environ)


def test_every_preset_and_place_is_known_to_the_language() -> None:
    """The reader knows the names, and this floor what they mean."""
    assert set(TEXT_PRESETS) <= set(PRESETS)
    assert {preset.place for preset in PRESETS.values()} <= set(PLACES)


@pytest.mark.parametrize(
    ("written", "drawn"),
    [
        ("50 % off: 'now' \"here\"", "50 % off: 'now' \"here\""),
        ("{\\b1}x", "\\{\\\u2060b1\\}x"),
        ("C:\\New\\here", "C:\\\u2060New\\\u2060here"),
        ("ends with \\", "ends with \\\u2060"),
        ("{in:clip}", "\\{in:clip\\}"),
        ("a\tb", "a b"),
    ],
)
def test_what_libass_would_interpret_is_escaped(written: str, drawn: str) -> None:
    """Braces, backslashes; a word joiner shows nothing."""
    assert ass.escaped(written) == drawn


def test_no_text_becomes_a_slot() -> None:
    """A text step fills slots, and an author's text has none."""
    assert not re.search(r"\{(in|out):\w+\}", ass.escaped("{in:clip}{out:video}"))


@pytest.mark.parametrize(
    ("line", "rtl", "marked"),
    [
        ("hello (world)", False, "hello (world)"),
        ("שלום (hello) 42", True, "שלום \u200f(\u200fhello\u200f)\u200f 42"),
        ("hello (שלום) x", False, "hello \u200e(\u200eשלום\u200e)\u200e x"),
        ("hello there", True, "\u200fhello there"),
        ("42", True, "\u200f42"),
    ],
)
def test_lines_are_marked_where_libass_would_turn_them_round(line: str, rtl: bool, marked: str) -> None:
    """Brackets go as rule N0 has it, and a line of a text runs as the whole text does."""
    assert ass.directed(line, rtl) == marked


def test_a_text_runs_as_its_first_letter_does() -> None:
    """Digits and signs say nothing."""
    assert ass.is_rtl("12: مرحبا hello")
    assert not ass.is_rtl("12: hello مرحبا")


@pytest.mark.parametrize(
    ("line", "parts"),
    [
        ("one two-three 3", ["one ", "two-", "three ", "3"]),
        ("10\u00a0km now", ["10\u00a0km ", "now"]),
        ("日本語（です）。", ["日", "本", "語", "（で", "す）。"]),
        ("ที่นี่เมืองไทย", ["ที่นี่", "เมือง", "ไทย"]),
        ("👨‍👩‍👧 🇩🇪", ["👨‍👩‍👧 ", "🇩🇪"]),
    ],
)
def test_a_line_is_split_where_it_may_be_broken(line: str, parts: list[str]) -> None:
    """Words, ideographs with their signs, Thai before its leading vowels."""
    assert text.units(line) == parts


def test_lines_are_as_few_as_can_be_and_about_equally_long() -> None:
    """No word stands alone on the last line."""
    parts = text.units("the quick brown fox jumps over a dog")
    assert text.balanced(parts, 12, 3, FONTS, True) == ["the quick brown fox", "jumps over a dog"]


def test_a_text_is_broken_then_made_smaller() -> None:
    """What `shrink` may do, `wrap` and `error` may not."""
    long = "a title that is far too long for one line of a small picture"
    narrow = Area(0, 0, 200, 90)
    shrunk = text.set_in(long, PRESETS["title"], "shrink", narrow, "center", SIZE, FONTS)
    assert shrunk is not None
    assert len(shrunk.lines) == 3
    assert 16 <= shrunk.size < 32
    assert text.set_in(long, PRESETS["title"], "wrap", narrow, "center", SIZE, FONTS) is None
    assert text.set_in("two words", PRESETS["title"], "error", Area(0, 0, 100, 90), "center", SIZE, FONTS) is None


def test_lines_as_written_stay() -> None:
    """A newline is a new line; empty ones are dropped."""
    found = text.set_in("one\n\ntwo \n three", PRESETS["title"], "error", SAFE, "center", SIZE, FONTS)
    assert found is not None
    assert found.lines == ("one", "two", "three")


def test_another_font_draws_only_what_the_first_has_not() -> None:
    """Letters are in the first family that has them, signs in that of the letters before; in ASS's own tags."""
    other = FontFile(
        Digest("cjk"),
        (faces(FILES[1].read_bytes())[0].__class__("Own CJK", False, 1000, {0x65E5: 1000, 0x2C: 300, 0x62: 500}),),
    )
    setting = text.set_in("a 日, b", PRESETS["title"], "shrink", SAFE, "center", SIZE, Typeface((*FONTS.files, other)))
    assert setting is not None
    written, files, look = text.lettered(setting, PRESETS["title"], Typeface((*FONTS.files, other)))
    assert written == "a {\\fnOwn CJK\\b0}日, {\\fnVidbuild Sans\\b1}b"
    assert files == (FONTS.files[1], other)
    assert (look.family, look.bold) == (FAMILY, True)


# What libass makes of it


def drawn(events: list[ass.Event], folder: Path, frame: int = 20) -> np.ndarray:
    """Draw events over black, and give the picture's luma."""
    (folder / "fonts").mkdir(exist_ok=True)
    for file in FILES:
        if not (folder / "fonts" / file.name).exists():
            (folder / "fonts" / file.name).symlink_to(file)
    (folder / ass.FILE).write_text("\n".join(ass.lines(events, SIZE)) + "\n", encoding="utf-8")
    graph = f"format=gray,settb={ass.CLOCK},setpts=N+{frame},ass={ass.FILE}:fontsdir=fonts"
    argv = [FFMPEG, "-v", "error", "-f", "lavfi", "-i", f"color=black:s={SIZE[0]}x{SIZE[1]}", "-vf", graph]
    said = subprocess.run(
        [*argv, "-frames:v", "1", "-f", "rawvideo", "-"], cwd=folder, env=ENVIRONMENT, capture_output=True, check=True
    )
    return np.frombuffer(said.stdout, np.uint8).reshape(SIZE[1], SIZE[0])


def event(words: str, preset: str = "title", place: str = "center", first: int = 0, last: int = 100) -> ass.Event:
    """Set a text in the safe area and write how it stands."""
    look = PRESETS[preset]
    setting = text.set_in(words, look, "shrink", text.reserved(place, SAFE, SIZE), place, SIZE, FONTS)
    assert setting is not None
    (found,) = [each for each in text.drawn(setting, look, FONTS, first, last, Fraction(24))[0] if not each.moves]
    return found


def moving(preset: text.Preset, place: str, last: int = 48, first: int = 0) -> list[ass.Event]:
    """Set a text that moves at a place."""
    setting = text.set_in("Hello", preset, "shrink", SAFE, place, SIZE, FONTS)
    assert setting is not None
    return text.drawn(setting, preset, FONTS, first, last, Fraction(24))[0]


@pytest.mark.parametrize("going", ["none", "fade", "rise", "slide", "pop"])
@pytest.mark.parametrize("coming", ["none", "fade", "rise", "slide", "pop"])
def test_a_text_comes_and_goes_as_its_preset_says(coming: str, going: str, tmp_path: Path) -> None:
    """It stands still between 0.3 s and 0.3 s before its end; there it moves, and is never outside of its area."""
    events = moving(replace(PRESETS["title"], motion=coming, motion_out=going), "bottom-left")
    pictures = {frame: drawn(events, tmp_path, frame) for frame in (1, 8, 39, 46)}
    assert (pictures[8] == pictures[39]).all()
    assert ((pictures[1] == pictures[8]).all(), (pictures[46] == pictures[8]).all()) == (
        coming == "none", going == "none",
    )  # fmt: skip
    rows, columns = np.nonzero(np.maximum(pictures[1], pictures[46]) > 16)
    assert SAFE.left <= columns.min()
    assert rows.max() < SAFE.bottom + 2
    assert not drawn(events, tmp_path, 48).any()


def test_a_text_that_says_nothing_of_its_end_fades() -> None:
    """Unless it only stands there; one that is too short for a movement stands too."""
    assert "\\fad(0,140)" in moving(PRESETS["title"], "center")[-1].text
    for stands in (moving(replace(PRESETS["title"], motion="none"), "center"), moving(PRESETS["title"], "center", 2)):
        assert [each.moves for each in stands] == [False]


@pytest.mark.parametrize("motion", ["fade", "rise", "slide", "pop"])
def test_a_cut_in_how_a_text_stands_is_not_seen(motion: str, tmp_path: Path) -> None:
    """It has no time in it: cut or not, the picture is the one that the whole movement ends in."""
    whole = moving(replace(PRESETS["title"], motion=motion, motion_out=motion), "bottom-left", 58, 10)
    coming, stands, leaving = whole
    assert (coming.within(20, 30), leaving.within(20, 30)) == (None, None)
    cut = stands.within(20, 30)
    assert cut is not None
    assert (cut.first, cut.last, "(0," in cut.text) == (20, 30, False)
    pictures = [drawn(events, tmp_path, 25) for events in (whole, [cut], [replace(coming, last=58)])]
    assert (pictures[0] == pictures[1]).all()
    assert (pictures[0] == pictures[2]).all()
    assert coming.within(12, 13) == coming
    assert leaving.within(57, 99) == leaving


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("words", ["Ågjpqy {W}", "مرحبا بالعالم (hello) ١٢٣ كيف حالك", "क्षत्रिय हिन्दी ที่นี่ก้ำ"])
def test_a_text_is_drawn_inside_the_safe_area(preset: str, place: str, words: str, tmp_path: Path) -> None:
    """Measured on the pixels, box, outline and marks above and below included."""
    rows, columns = np.nonzero(drawn([event(words, preset, place)], tmp_path) > 40)
    assert SAFE.left <= columns.min() < columns.max() < SAFE.right
    assert SAFE.top - 2 <= rows.min() < rows.max() < SAFE.bottom + 2


@pytest.mark.parametrize("sign", ["\\N", "\\n", "\\h", "\\{", "{\\pos(0,0)}", "{}", "\\", "%d", ":", "<b>", "&amp;"])
def test_signs_are_seen(sign: str, tmp_path: Path) -> None:
    """A sign between two letters leaves them on one line, and takes room."""
    shown = drawn([event(f"a{sign}a")], tmp_path) > 128
    plain = drawn([event("aa")], tmp_path) > 128
    width = [np.ptp(np.nonzero(picture)[1]) for picture in (shown, plain)]
    assert np.ptp(np.nonzero(shown)[0]) < 40
    assert width[0] > width[1]


@pytest.mark.parametrize("first", [1, 7, 29, 1000, 86_400])
def test_a_text_is_there_from_its_first_picture_to_its_last(first: int, tmp_path: Path) -> None:
    """To the frame, whatever the rate and however late in the shot."""
    still = PRESETS["callout"]
    setting = text.set_in("now", still, "shrink", SAFE, "center", SIZE, FONTS)
    assert setting is not None
    shown, _, look = text.lettered(setting, still, FONTS)
    one = ass.Event(first, first + 2, look, f"{{\\an5\\pos(320,180)}}{shown}")
    seen = [bool((drawn([one], tmp_path, frame) > 128).any()) for frame in range(first - 1, first + 3)]
    assert seen == [False, True, True, False]


def test_the_machines_fonts_are_not_seen(tmp_path: Path) -> None:
    """Families that the machine may have, and that aren't given, all draw as the one that is."""
    look = event("Hamburg").look
    shown = []
    for family in ("DejaVu Sans", "Liberation Serif"):
        named = ass.Look(family, True, look.size, look.colour, look.edge, look.width)
        shown.append(drawn([ass.Event(0, 99, named, "{\\an5\\pos(320,180)}Hamburg")], tmp_path).tobytes())
    assert shown[0] == shown[1]
