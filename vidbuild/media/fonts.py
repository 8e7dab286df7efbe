"""Font files as values: which characters they have, how wide each is, what libass calls them.

Bytes in, values out: it reads the tables of TrueType, OpenType and collections by itself. Widths are those of
characters by themselves, without kerning and joining: what is drawn is seldom wider (see `width`).
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from unicodedata import category

from vidbuild.words.digest import Digest

FAMILY = "Vidbuild Sans"
"""The packaged family (`tools/merge_fonts.py`)."""

MOST_FACES = 64
"""A collection with every weight and region of a large script has about fifty."""
MOST_CHARACTERS = 0x110000
"""There are no more code points."""
_MOST_SHOWN = 4 * MOST_CHARACTERS
_MOST_TABLES, _MOST_MAPS, _MOST_NAMES, _LONGEST_NAME = 256, 64, 4096, 1024

_JOINER = "\u200d"


class NotAFont(ValueError):
    """The bytes are no font that text can be drawn with."""


@dataclass(frozen=True)
class Face:
    """One face of a font file.

    Args:
        family: the name that libass finds it by.
        height: what libass scales to the font size, in the font's own units: above and below the line.
        advances: how far each character moves the pen, in the same units.
    """

    family: str
    bold: bool
    height: int
    advances: Mapping[int, int] = field(repr=False, compare=False)


@dataclass(frozen=True)
class FontFile:
    """A font file as planning sees it: its digest, and its faces."""

    digest: Digest
    faces: tuple[Face, ...]


@dataclass(frozen=True)
class Typeface:
    """The font files that a text is drawn with: each character by the first that has it."""

    files: tuple[FontFile, ...]

    @cached_property
    def _faces(self) -> tuple[tuple[FontFile, Face], ...]:
        return tuple((file, face) for file in self.files for face in file.faces)

    @cached_property
    def _drawers(self) -> dict[tuple[str, bool], tuple[FontFile, Face] | None]:
        return {}

    def of(self, char: str, bold: bool) -> tuple[FontFile, Face] | None:
        """Give who draws a character: the first family that has it, in this weight where it has that."""
        if (char, bold) not in self._drawers:
            self._drawers[char, bold] = self._found(char, bold)
        return self._drawers[char, bold]

    def _found(self, char: str, bold: bool) -> tuple[FontFile, Face] | None:
        code = ord(char)
        having = [each for each in self._faces if code in each[1].advances]
        same = [each for each in having if each[1].family == having[0][1].family]
        return next((each for each in same if each[1].bold == bold), same[0] if same else None)

    def uncovered(self, text: str) -> tuple[str, ...]:
        """List the characters that no font has, each once, in order."""
        wanted = dict.fromkeys(char for char in text if not char.isspace() and category(char) != "Cc")
        return tuple(char for char in wanted if not any(ord(char) in face.advances for _, face in self._faces))

    def runs(self, text: str, bold: bool) -> list[tuple[FontFile, Face, str]]:
        """Split a text by who draws it; signs, white space and what shows nothing go with what is before them."""
        found: list[tuple[FontFile, Face, str]] = []
        for char in text:
            last = found[-1] if found else None
            stays = last is not None and not char.isalpha() and ord(char) in last[1].advances
            drawer = last[:2] if last and stays else self.of(char, bold)
            if drawer is None or (last is not None and (char.isspace() or category(char) in ("Cf", "Mn"))):
                drawer = last[:2] if last else self._faces[0]
            if last is not None and last[1] is drawer[1]:
                found[-1] = (*drawer, last[2] + char)
            else:
                found.append((*drawer, char))
        return found

    def width(self, text: str, bold: bool) -> float:
        """Measure a line at a font size of 1, never less than what is drawn but for rare ligatures.

        Conjuncts and joined letters are narrower than their parts; kerning is mostly negative.
        """
        total, paired = 0.0, False
        joined = False
        for _, face, part in self.runs(text, bold):
            for char in part:
                is_flag = 0x1F1E6 <= ord(char) <= 0x1F1FF
                paired = is_flag and not paired
                hidden = joined or (is_flag and not paired) or 0x1F3FB <= ord(char) <= 0x1F3FF
                joined = char == _JOINER
                if not hidden:
                    total += face.advances.get(ord(char), 0) / face.height
        return total


def faces(data: bytes) -> tuple[Face, ...]:
    """Read all faces of a font file.

    Raises:
        NotAFont: it is something else, or lacks what drawing needs.
    """
    try:
        maps = _Maps(data)
        return tuple(_face(data, tables, maps) for tables in _fonts(data))
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise NotAFont(str(error)) from error


def characters(data: bytes) -> set[int]:
    """Give the characters that a font file's first face has glyphs for."""
    return set(_Maps(data).glyphs(_fonts(data)[0][b"cmap"]))


def _fonts(data: bytes) -> list[Mapping[bytes, int]]:
    """Give the tables of each font in a file, by where they begin."""
    starts: Iterable[int] = (0,)
    if data[:4] == b"ttcf":
        count = _few(struct.unpack_from(">I", data, 8)[0], MOST_FACES, "faces")
        starts = struct.unpack_from(f">{count}I", data, 12)
    elif data[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise NotAFont("it does not begin as TrueType or OpenType does")
    found: list[Mapping[bytes, int]] = []
    for start in starts:
        count = _few(struct.unpack_from(">H", data, start + 4)[0], _MOST_TABLES, "tables")
        places = [start + 12 + 16 * index for index in range(count)]
        found.append({data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0] for at in places})
    return found


def _few(count: int, most: int, what: str) -> int:
    """Give a number that a file tells, unless reading so many would take long: tables may overlap."""
    if count > most:
        raise NotAFont(f"it tells of {count} {what}; {most} are the most that are read")
    return count


def _face(data: bytes, tables: Mapping[bytes, int], maps: _Maps) -> Face:
    glyphs = maps.glyphs(tables[b"cmap"])
    count = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    widths = struct.unpack_from(f">{2 * count}H", data, tables[b"hmtx"])[::2]
    above, below = struct.unpack_from(">hh", data, tables[b"hhea"] + 4)
    win = struct.unpack_from(">HH", data, tables[b"OS/2"] + 74)
    height = sum(win) or above - below
    if height <= 0 or not widths:
        raise NotAFont("it has no height")
    bold = bool(struct.unpack_from(">H", data, tables[b"head"] + 44)[0] & 1)
    advances = {code: widths[min(glyph, count - 1)] for code, glyph in glyphs.items()}
    return Face(_family(data, tables[b"name"]), bold, height, advances)


def _family(data: bytes, start: int) -> str:
    """Give the family by which libass finds a face: of the Windows names the English one, else the first."""
    count, texts = struct.unpack_from(">HH", data, start + 2)
    found = []
    for index in range(_few(count, _MOST_NAMES, "names")):
        platform, _, language, name, length, offset = struct.unpack_from(">6H", data, start + 6 + 12 * index)
        if platform == 3 and name == 1:
            at = start + texts + offset
            _few(length, _LONGEST_NAME, "bytes of one name")
            found.append((language != 0x409, data[at : at + length].decode("utf-16-be")))
    name = min(found)[1] if found else ""
    if not name.isprintable() or set(name) & set(",;{}\\@") or not name.strip():
        raise NotAFont("its family has no name that text can call it by")
    return name


class _Maps:
    """The character maps (OpenType `cmap`, formats 4 and 12) of a file's faces.

    A map may say in a few bytes that everything has a glyph, so what is read is counted before it is.
    """

    def __init__(self, data: bytes):
        self._data = data
        self._read: dict[int, dict[int, int]] = {}
        self._shown = 0

    def glyphs(self, start: int) -> dict[int, int]:
        """Give the glyph of each character of a face, by where its map begins."""
        data, known = self._data, dict[int, int]()
        count = _few(struct.unpack_from(">H", data, start + 2)[0], _MOST_MAPS, "character maps")
        offsets = [start + struct.unpack_from(">I", data, start + 8 + 8 * index)[0] for index in range(count)]
        total = 0
        for offset in dict.fromkeys(offsets):
            if offset not in self._read:
                self._read[offset] = _mapped(data, offset, MOST_CHARACTERS - total)
            part = self._read[offset]
            total = _few(total + len(part), MOST_CHARACTERS, "characters in a face")
            known |= part
        self._shown = _few(self._shown + total, _MOST_SHOWN, "characters in all its faces")
        return known


def _mapped(data: bytes, offset: int, most: int) -> dict[int, int]:
    """Read one map of no more than so many characters; of another format, nothing."""
    match struct.unpack_from(">H", data, offset)[0]:
        case 4:
            return _segments(data, offset)
        case 12:
            return _groups(data, offset, most)
    return {}


def _groups(data: bytes, offset: int, most: int) -> dict[int, int]:
    """Read a format 12 map: runs of characters, in order, with the glyph of each one's first."""
    known: dict[int, int] = {}
    end = -1
    for group in range(struct.unpack_from(">I", data, offset + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", data, offset + 16 + 12 * group)
        if not end < first <= last <= 0x10FFFF:
            raise NotAFont("its character map is broken: groups overlap or are out of order")
        end = last
        _few(len(known) + last + 1 - first, most, "characters in a face")
        known |= {code: glyph + code - first for code in range(first, last + 1)}
    return known


def _segments(data: bytes, offset: int) -> dict[int, int]:
    """Read a format 4 map: runs of characters, each with a shift or a list of glyphs; glyph 0 is none.

    They lie in order. Known fonts for Asian scripts have runs that share a few characters, so that is suffered, but
    all of them together are never more than there can be.
    """
    count = struct.unpack_from(">H", data, offset + 6)[0] // 2
    lasts, firsts, shifts, lists = (
        struct.unpack_from(f">{count}H", data, offset + 14 + 2 * count * part + (2 if part else 0)) for part in range(4)
    )
    if sum(last + 1 - first for first, last in zip(firsts, lasts, strict=True) if first <= last) > 0x10000:
        raise NotAFont("its character map is broken: segments overlap")
    if list(lasts) != sorted(lasts):
        raise NotAFont("its character map is broken: segments are out of order")
    known: dict[int, int] = {}
    for index, (first, last, shift, start) in enumerate(zip(firsts, lasts, shifts, lists, strict=True)):
        at = offset + 16 + 6 * count + 2 * index + start
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", data, at + 2 * (code - first))[0] if start else code
            if glyph and (glyph + shift) & 0xFFFF:
                known[code] = (glyph + shift) & 0xFFFF
    return known
