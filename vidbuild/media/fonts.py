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
        return tuple(_face(data, tables) for tables in _fonts(data))
    except (struct.error, IndexError, KeyError, UnicodeDecodeError) as error:
        raise NotAFont(str(error)) from error


def characters(data: bytes) -> set[int]:
    """Give the characters that a font file's first face has glyphs for."""
    return set(_glyphs(data, _fonts(data)[0]))


def _fonts(data: bytes) -> list[Mapping[bytes, int]]:
    """Give the tables of each font in a file, by where they begin."""
    starts: Iterable[int] = (0,)
    if data[:4] == b"ttcf":
        count = struct.unpack_from(">I", data, 8)[0]
        starts = struct.unpack_from(f">{min(count, 256)}I", data, 12)
    elif data[:4] not in (b"\0\1\0\0", b"OTTO", b"true"):
        raise NotAFont("it does not begin as TrueType or OpenType does")
    found: list[Mapping[bytes, int]] = []
    for start in starts:
        count = struct.unpack_from(">H", data, start + 4)[0]
        places = [start + 12 + 16 * index for index in range(count)]
        found.append({data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0] for at in places})
    return found


def _face(data: bytes, tables: Mapping[bytes, int]) -> Face:
    glyphs = _glyphs(data, tables)
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
    for index in range(count):
        platform, _, language, name, length, offset = struct.unpack_from(">6H", data, start + 6 + 12 * index)
        if platform == 3 and name == 1:
            at = start + texts + offset
            found.append((language != 0x409, data[at : at + length].decode("utf-16-be")))
    name = min(found)[1] if found else ""
    if not name.isprintable() or set(name) & set(",;{}\\@") or not name.strip():
        raise NotAFont("its family has no name that text can call it by")
    return name


def _glyphs(data: bytes, tables: Mapping[bytes, int]) -> dict[int, int]:
    """Give the glyph of each character in a font's character map (OpenType `cmap`, format 4 or 12)."""
    start = tables[b"cmap"]
    known: dict[int, int] = {}
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        offset = start + struct.unpack_from(">I", data, start + 8 + 8 * index)[0]
        match struct.unpack_from(">H", data, offset)[0]:
            case 4:
                known |= _segments(data, offset)
            case 12:
                for group in range(struct.unpack_from(">I", data, offset + 12)[0]):
                    first, last, glyph = struct.unpack_from(">III", data, offset + 16 + 12 * group)
                    if last > 0x10FFFF:
                        raise NotAFont("its character map is broken")
                    known |= {code: glyph + code - first for code in range(first, last + 1)}
    return known


def _segments(data: bytes, offset: int) -> dict[int, int]:
    """Read a format 4 map: runs of characters, each with a shift or a list of glyphs; glyph 0 is none."""
    count = struct.unpack_from(">H", data, offset + 6)[0] // 2
    lasts, firsts, shifts, lists = (
        struct.unpack_from(f">{count}H", data, offset + 14 + 2 * count * part + (2 if part else 0)) for part in range(4)
    )
    known: dict[int, int] = {}
    for index, (first, last, shift, start) in enumerate(zip(firsts, lasts, shifts, lists, strict=True)):
        at = offset + 16 + 6 * count + 2 * index + start
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", data, at + 2 * (code - first))[0] if start else code
            if glyph and (glyph + shift) & 0xFFFF:
                known[code] = (glyph + shift) & 0xFFFF
    return known
