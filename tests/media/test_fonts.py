"""The packaged fonts and what is measured of them: every script promised, never a box, never wider than measured."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from PIL import ImageFont, features

from vidbuild.media import fonts
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


def font(*maps: bytes, collected: int = 0) -> bytes:
    """Write a small font with character maps, perhaps as a collection of so many equal faces."""
    records, at = b"", 4 + 8 * len(maps)
    for part in maps:
        records += struct.pack(">HHI", 3, 10, at)
        at += len(part)
    name = "X".encode("utf-16-be")
    tables = {
        b"cmap": struct.pack(">HH", 0, len(maps)) + records + b"".join(maps),
        b"name": struct.pack(">HHH", 0, 1, 18) + struct.pack(">6H", 3, 1, 0x409, 1, len(name), 0) + name,
        b"hhea": struct.pack(">Ihhh", 0x10000, 800, -200, 0) + bytes(24) + struct.pack(">H", 1),
        b"head": bytes(54),
        b"OS/2": bytes(74) + struct.pack(">HH", 800, 200),
        b"hmtx": struct.pack(">Hh", 500, 0),
    }
    head = b"ttcf" + struct.pack(">II", 0x10000, collected) if collected else b""
    start = len(head) + 4 * collected
    at = start + 12 + 16 * len(tables)
    directory, body = b"\0\1\0\0" + struct.pack(">HHHH", len(tables), 0, 0, 0), b""
    for tag, table in tables.items():
        directory += tag + struct.pack(">III", 0, at + len(body), len(table))
        body += table
    return head + struct.pack(">I", start) * collected + directory + body


def groups(*spans: tuple[int, int]) -> bytes:
    """Write a format 12 map."""
    told = b"".join(struct.pack(">III", first, last, 1) for first, last in spans)
    return struct.pack(">HHIII", 12, 0, 16 + len(told), 0, len(spans)) + told


def segments(*spans: tuple[int, int]) -> bytes:
    """Write a format 4 map."""
    lasts, firsts = (b"".join(struct.pack(">H", span[place]) for span in spans) for place in (1, 0))
    told = lasts + b"\0\0" + firsts + bytes(4 * len(spans))
    return struct.pack(">7H", 4, 16 + len(told), 0, 2 * len(spans), 0, 0, 0) + told


def test_a_small_font_is_read() -> None:
    """Groups, segments and both together."""
    (face,) = faces(font(groups((65, 70), (0x1F600, 0x1F601)), segments((32, 66), (0xFFFF, 0xFFFF))))
    assert sorted(face.advances) == [*range(32, 71), 0x1F600, 0x1F601]
    assert len(faces(font(groups((65, 70)), collected=50))) == 50


EVERYTHING = (0, 0x10FFFF)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (font(groups(EVERYTHING, EVERYTHING)), "groups overlap"),
        (font(groups((65, 70), (70, 80))), "groups overlap"),
        (font(groups((65, 70), (32, 40))), "out of order"),
        (font(groups((70, 65))), "out of order"),
        (font(groups((0, 0xFFFFFFFF))), "broken"),
        (font(groups(EVERYTHING), groups((65, 70))), "characters in a face"),
        (font(segments((0, 0xFFFF), (0, 0xFFFF))), "segments overlap"),
        (font(segments((65, 70), (32, 40))), "out of order"),
        (font(*[groups((65, 65))] * 65), "character maps"),
        (font(groups((65, 70)), collected=65), "faces"),
    ],
)  # fmt: skip
def test_a_few_bytes_never_say_more_than_there_can_be(data: bytes, why: str) -> None:
    """A font of a few hundred bytes whose groups overlap held planning up for minutes."""
    assert len(data) < 3000
    with pytest.raises(NotAFont, match=why):
        faces(data)


def test_all_faces_of_a_collection_have_no_more_than_a_few_large_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often they name one map."""
    monkeypatch.setattr(fonts, "_MOST_SHOWN", 2000)
    assert len(faces(font(groups((1, 1000)), collected=2))) == 2
    with pytest.raises(NotAFont, match="all its faces"):
        faces(font(groups((1, 1000)), collected=3))


def test_runs_that_share_a_character_are_suffered() -> None:
    """Known fonts for Asian scripts have them; what draws text suffers them too."""
    (face,) = faces(font(segments((32, 66), (66, 70), (0xFFFF, 0xFFFF))))
    assert sorted(face.advances) == list(range(32, 71))


def test_a_map_is_read_once_however_often_it_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """By every face of a collection, and by each of a face's own platforms."""
    calls: list[int] = []
    read = fonts._groups
    monkeypatch.setattr(fonts, "_groups", lambda *said: calls.append(said[1]) or read(*said))
    assert len(faces(font(groups((65, 70)), collected=9))) == 9
    assert len(calls) == 1
