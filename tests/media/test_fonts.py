"""The packaged fonts and what is measured of them: every script promised, never a box, never wider than measured."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import ImageFont, features

from vidbuild.media.fonts import FAMILY, FontFile, NotAFont, Typeface, faces
from vidbuild.words.digest import Digest

FOLDER = Path(__file__).parents[2] / "vidbuild" / "fonts"
FILES = (FOLDER / "VidbuildSans-Regular.ttf", FOLDER / "VidbuildSans-Bold.ttf")
PACKAGED = Typeface(tuple(FontFile(Digest(path.name), faces(path.read_bytes())) for path in FILES))
TEXTS = {
    "latin": "Größe, façade, Łódź, naïve “quotes” — 50 % & more…",
    "cyrillic": "Съешь ещё этих мягких французских булок",
    "greek": "Ελληνικά, τέχνη και ζωή",
    "arabic": "مرحبا بالعالم، كيف حالك اليوم؟ ١٢٣",
    "hebrew": "שלום עולם, מה שלומך היום?",
    "devanagari": "नमस्ते दुनिया, क्षत्रिय हिन्दी १२३।",
    "thai": "สวัสดีชาวโลก ที่นี่ ก้ำ",
    "emoji": "😀🎬👨‍👩‍👧🇩🇪❤️👍🏽🏳️‍🌈1️⃣",
    "signs": "→ ✓ ★ × ½ € ₹ ₪ ∞ ≤ ▶ ☕",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_every_promised_script_is_in_the_packaged_fonts(text: str) -> None:
    """No character of them asks for another font."""
    assert PACKAGED.uncovered(text) == ()


def test_what_no_font_has_is_listed_once_and_in_order() -> None:
    """The list is what an error shows."""
    assert PACKAGED.uncovered("日本 and 日 中") == ("日", "本", "中")


def test_both_weights_are_one_family_with_the_same_characters() -> None:
    """Bold never falls back to something else."""
    regular, bold = (faces(path.read_bytes())[0] for path in FILES)
    assert (regular.family, bold.family, regular.bold, bold.bold) == (FAMILY, FAMILY, False, True)
    assert regular.advances.keys() == bold.advances.keys()
    assert regular.height == bold.height


def test_the_packaged_fonts_stay_small() -> None:
    """Both weights together."""
    assert sum(path.stat().st_size for path in FILES) < 4_000_000


@pytest.mark.skipif(not features.check("raqm"), reason="Pillow without shaping")
@pytest.mark.parametrize("bold", [False, True])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_never_wider_than_measured(text: str, bold: bool) -> None:
    """What the planner measures holds what is shaped, and isn't far from it."""
    face = ImageFont.truetype(str(FILES[bold]), 1000, layout_engine=ImageFont.Layout.RAQM)
    drawn = face.getlength(text) / 1362
    assert drawn <= PACKAGED.width(text, bold) * 1.001 <= drawn * 1.45


def test_runs_keep_to_one_font_as_long_as_it_has_the_characters() -> None:
    """Spaces and marks go with what is before them."""
    assert [part for _, _, part in PACKAGED.runs("abc שלום, नमस्ते", False)] == ["abc שלום, नमस्ते"]


@pytest.mark.parametrize("data", [b"", b"no font at all", b"\0\1\0\0" + b"\0" * 40, b"ttcf" + b"\xff" * 12])
def test_what_is_no_font_is_refused(data: bytes) -> None:
    """Own fonts are files from anywhere."""
    with pytest.raises(NotAFont):
        faces(data)


@pytest.mark.parametrize("cut", [20, 200, 2000, 20_000, 100_000])
def test_a_font_that_ends_early_is_refused_or_read(cut: int) -> None:
    """It never ends in anything but `NotAFont`."""
    try:
        faces(FILES[0].read_bytes()[:cut])
    except NotAFont:
        return
