"""How a text is laid out: its look by preset, its lines, its size, its place in the safe area of a picture.

Widths come from `fonts`, which never measures too little, so that what fits here fits when it is drawn. It knows
no shots and no time but the pictures that a text comes and goes in.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from unicodedata import category, east_asian_width

from vidbuild.media import ass
from vidbuild.media.fonts import Face, FontFile, Typeface
from vidbuild.words.rationaltime import half_up

FITS = ("shrink", "wrap", "error")
_LEAST = Fraction(1, 2)
"""A text is never made smaller than this part of what its preset says."""
_MOTION_S = Fraction(3, 10)
_LEADING_THAI = "เแโใไ"


@dataclass(frozen=True, slots=True)
class Preset:
    """What a kind of text looks like.

    Args:
        size: the font's, as a part of the picture's short side.
        edge_width: the outline's, as a part of the font size.
        place: where it stands when the author says nothing.
        motion: how it comes: `fade`, `rise`, `slide`, `pop`, `none`.
        motion_out: how it goes, by the same words; without it as `fade`, or not at all where it only stands there.
        font: which of the brand's fonts it is set in: `text` or `title`.
        accent: the colour of the word that is being spoken.
    """

    size: Fraction
    bold: bool = True
    colour: str = "#ffffff"
    edge: str = "#000000b0"
    edge_width: Fraction = Fraction(6, 100)
    back: str | None = None
    accent: str = "#ffd23f"
    place: str = "center"
    most_lines: int = 3
    motion: str = "fade"
    font: str = "text"
    motion_out: str | None = None


PRESETS: Mapping[str, Preset] = {
    "title": Preset(Fraction(12, 100), motion="rise", font="title"),
    "lower-third": Preset(Fraction(65, 1000), back="#10141ce6", edge_width=Fraction(0), place="lower-third",
                          most_lines=2, motion="slide"),
    "callout": Preset(Fraction(55, 1000), colour="#10141c", back="#fffffff2", edge_width=Fraction(0), place="top",
                      most_lines=3, motion="pop"),
}  # fmt: skip
PLACES: Mapping[str, tuple[int, int]] = {
    "top-left": (-1, -1), "top": (0, -1), "top-right": (1, -1),
    "left": (-1, 0), "center": (0, 0), "right": (1, 0),
    "bottom-left": (-1, 1), "bottom": (0, 1), "bottom-right": (1, 1),
    "lower-third": (-1, 1),
}  # fmt: skip
"""Named places: to which side of the area, across and down."""
_FOR_CAPTIONS = Fraction(18, 100)
"""What a lower third leaves free below it for captions, as a part of the picture's short side."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of a picture in pixels."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """How wide it is."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """How high it is."""
        return self.bottom - self.top

    def within(self, other: Area) -> Area:
        """Give the part that lies in another."""
        return Area(
            max(self.left, other.left), max(self.top, other.top), min(self.right, other.right),
            min(self.bottom, other.bottom),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Setting:
    """A text as it is set: lines at a size, about a point.

    Args:
        align: ASS's number of the point that `x` and `y` are: 1 bottom left to 9 top right.
        area: what it was set in, out of which no movement takes it.
        width: how wide it is at most, without its pad.
    """

    lines: tuple[str, ...]
    size: int
    align: int
    x: int
    y: int
    pad: int
    area: Area = Area(0, 0, 0, 0)
    width: int = 0

    @property
    def room(self) -> Area:
        """How far it may be moved inside of its area: to the left, up, to the right, down."""
        across, down = (self.align - 1) % 3, 2 - (self.align - 1) // 3
        height = len(self.lines) * self.size
        left, top = self.x - self.width * across // 2 - self.pad, self.y - height * down // 2 - self.pad
        right, bottom = left + self.width + 2 * self.pad, top + height + 2 * self.pad
        far = (left - self.area.left, top - self.area.top, self.area.right - right, self.area.bottom - bottom)
        return Area(*(max(0, each) for each in far))


def fraction_area(box: Sequence[Fraction], size: tuple[int, int]) -> Area:
    """Give a box, in fractions of the picture from its top left, in pixels."""
    x, y, width, height = box
    return Area(
        half_up(x * size[0]), half_up(y * size[1]), half_up((x + width) * size[0]), half_up((y + height) * size[1])
    )


def reserved(place: str, safe: Area, size: tuple[int, int]) -> Area:
    """Give the area that a named place is in: the safe one, for a lower third without what captions take."""
    if place != "lower-third":
        return safe
    return Area(safe.left, safe.top, safe.right, safe.bottom - half_up(_FOR_CAPTIONS * min(size)))


def set_in(
    text: str, preset: Preset, fit: str, area: Area, place: str, size: tuple[int, int], typeface: Typeface
) -> Setting | None:
    """Set a text in an area; `None` where it doesn't fit.

    `shrink` breaks lines, then makes them smaller; `wrap` only breaks them; `error` leaves them as written.
    """
    largest = half_up(preset.size * min(size))
    smallest = half_up(largest * _LEAST) if fit == "shrink" else largest
    written = [line.strip() for line in text.splitlines() if line.strip()]
    for points in range(largest, smallest - 1, -1):
        pad = half_up(preset.edge_width * points) + (half_up(points * Fraction(35, 100)) if preset.back else 0)
        width, height = area.width - 2 * pad, area.height - 2 * pad
        most = max(len(written), min(preset.most_lines, height // points))
        found = written if fit == "error" else broken(written, width / points, most, typeface, preset.bold)
        widths = [typeface.width(line, preset.bold) * points for line in found or ()]
        if found and max(widths) <= width and len(found) * points <= height:
            return _placed(tuple(found), points, pad, area, place, math.ceil(max(widths)))
    return None


def broken(written: Sequence[str], width: float, most: int, typeface: Typeface, bold: bool) -> list[str] | None:
    """Break lines that are wider than a number of ems into lines about equally long; `None` where they are too many."""
    found: list[str] = []
    for number, line in enumerate(written):
        left = most - len(found) - (len(written) - number - 1)
        parts = balanced(units(line), width, left, typeface, bold)
        if parts is None:
            return None
        found += parts
    return found


def balanced(parts: Sequence[str], width: float, most: int, typeface: Typeface, bold: bool) -> list[str] | None:
    """Break units into the fewest lines, then make the longest of these as short as can be."""
    widths = [(typeface.width(part, bold), typeface.width(part.rstrip(), bold)) for part in parts]
    if any(bare > width for _, bare in widths):
        return None
    fewest = len(_filled(widths, width))
    if fewest > most:
        return None
    low, high = max(bare for _, bare in widths), width
    for _ in range(16):
        middle = (low + high) / 2
        if len(_filled(widths, middle)) <= fewest:
            high = middle
        else:
            low = middle
    ends = _filled(widths, high)
    starts = [0, *ends[:-1]]
    return ["".join(parts[start:end]).strip() for start, end in zip(starts, ends, strict=True)]


def _filled(widths: Sequence[tuple[float, float]], most: float) -> list[int]:
    """Fill lines from the first on; give where each ends."""
    ends: list[int] = []
    total = 0.0
    for place, (whole, bare) in enumerate(widths):
        if total + bare > most and total:
            ends.append(place)
            total = 0.0
        total += whole
    return [*ends, len(widths)]


def units(line: str) -> list[str]:
    """Split a line into what stays together: words with the space behind them, ideographs, Thai syllables (nearly).

    Closing signs stay with what is before them, opening ones with what is behind.
    """
    found: list[str] = []
    for char in line:
        if found and not _may_break(found[-1], char):
            found[-1] += char
        else:
            found.append(char)
    return found


def _may_break(before: str, char: str) -> bool:
    if char.isspace() or category(char) in ("Mn", "Me", "Mc", "Cf", "Pe", "Pf", "Po", "Sk"):
        return False
    last = before[-1]
    if last.isspace():
        return last not in "\u00a0\u202f\u2007"
    if category(last) in ("Ps", "Pi") or last == "\u200d":
        return False
    if _is_katakana(char) and _is_katakana(last):
        return False
    if _is_ideograph(char) or _is_ideograph(last):
        return not (category(char) == "Lm" or char in "ぁぃぅぇぉっゃゅょァィゥェォッャュョー")
    return (char in _LEADING_THAI and len(before) > 2) or (last in "-–—" and len(before) > 2 and char.isalpha())


def _is_katakana(char: str) -> bool:
    return "\u30a0" < char <= "\u30ff"


def _is_ideograph(char: str) -> bool:
    return east_asian_width(char) == "W" and category(char) in ("Lo", "Lm")


def _placed(lines: tuple[str, ...], points: int, pad: int, area: Area, place: str, width: int) -> Setting:
    across, down = PLACES[place]
    x = (area.left + pad, (area.left + area.right) // 2, area.right - pad)[across + 1]
    y = (area.top + pad, (area.top + area.bottom) // 2, area.bottom - pad)[down + 1]
    return Setting(lines, points, {-1: 7, 0: 4, 1: 1}[down] + across + 1, x, y, pad, area, width)


def look_of(preset: Preset, setting: Setting, family: str, bold: bool) -> ass.Look:
    """Give the ASS look of a text."""
    width = half_up(preset.edge_width * setting.size)
    return ass.Look(
        family, bold, setting.size, preset.colour, preset.edge, width, preset.back, setting.pad - width, preset.colour
    )


def drawn(
    setting: Setting, preset: Preset, typeface: Typeface, first: int, last: int, rate: Fraction
) -> tuple[list[ass.Event], tuple[FontFile, ...]]:
    """Write a text as events from picture `first` up to `last`, with the font files that it needs.

    It comes, stands and goes in an event each: how it stands has no time in it, and may be cut anywhere.
    """
    text, files, look = lettered(setting, preset, typeface)
    moves = min(half_up(_MOTION_S * rate), (last - first) // 3)
    coming, going = preset.motion, preset.motion_out or ("none" if preset.motion == "none" else "fade")
    stands = first if coming == "none" else first + moves
    leaves = last if going == "none" else last - moves
    parts = (
        (first, stands, _coming(setting, coming, moves), True),
        (stands, leaves, _standing(setting), False),
        (leaves, last, _leaving(setting, going, moves), True),
    )
    events = [
        ass.Event(at, to, look, f"{{{tags}}}{text}", moves=is_moved) for at, to, tags, is_moved in parts if at < to
    ]
    return events, files


def lettered(setting: Setting, preset: Preset, typeface: Typeface) -> tuple[str, tuple[FontFile, ...], ass.Look]:
    """Write a text's lines in ASS's language, each part in the font that has it."""
    written, drawers = inscribed(setting.lines, preset.bold, typeface)
    face = drawers[0][1]
    files = tuple(dict.fromkeys(file for file, _ in drawers))
    return "\\N".join(written), files, look_of(preset, setting, face.family, face.bold)


def inscribed(
    lines: Sequence[str], bold: bool, typeface: Typeface
) -> tuple[list[str], tuple[tuple[FontFile, Face], ...]]:
    """Write lines of one text in ASS's language, and give who draws them, the first drawer first."""
    rtl = ass.is_rtl(" ".join(lines))
    drawers: dict[tuple[FontFile, Face], None] = {}
    current: Face | None = None
    found = []
    for line in lines:
        shown = ""
        for file, face, part in typeface.runs(ass.directed(line, rtl), bold):
            drawers[file, face] = None
            if current is not None and current != face:
                shown += f"{{\\fn{face.family}\\b{int(face.bold)}}}"
            current = face
            shown += ass.escaped(part)
        found.append(shown)
    return found, tuple(drawers)


def _standing(setting: Setting) -> str:
    return f"\\an{setting.align}\\pos({setting.x},{setting.y})"


def _coming(setting: Setting, coming: str, moves: int) -> str:
    """Write how a text comes in its first pictures."""
    x, y = setting.x, setting.y
    fade, time = f"\\fad({ass.ms(moves)},0)", f"0,{ass.ms(moves)}"
    if coming in ("rise", "slide"):
        left, up = _away(setting, coming, True)
        return f"\\an{setting.align}\\move({x + left},{y + up},{x},{y},{time}){fade}"
    grows = f"\\fscx85\\fscy85\\t({time},\\fscx100\\fscy100)" if coming == "pop" else ""
    return f"{_standing(setting)}{grows}{fade}"


def _leaving(setting: Setting, going: str, moves: int) -> str:
    """Write how a text goes in its last pictures: on upwards, back to where it came from, smaller."""
    x, y = setting.x, setting.y
    fade, time = f"\\fad(0,{ass.ms(moves)})", f"0,{ass.ms(moves)}"
    if going in ("rise", "slide"):
        left, up = _away(setting, going, False)
        return f"\\an{setting.align}\\move({x},{y},{x + left},{y + up},{time}){fade}"
    shrinks = f"\\t({time},\\fscx85\\fscy85)" if going == "pop" else ""
    return f"{_standing(setting)}{shrinks}{fade}"


def _away(setting: Setting, motion: str, is_coming: bool) -> tuple[int, int]:
    """Say from where a text comes, or to where it goes: never out of its area, from the other side where it must."""
    room = setting.room
    if motion == "slide":
        far = setting.size
        return (-far if room.left >= far else min(far, room.right)), 0
    far = setting.size // 3
    if is_coming:
        return 0, (far if room.bottom >= far else -min(far, room.top))
    return 0, (-far if room.top >= far else min(far, room.bottom))
