"""Text as libass draws it: an ASS file's lines, of events with looks, and text that stands exactly as written.

A picture lasts 2 cs on the file's clock, whatever the rate, and events begin and end between two pictures: so they
are exact to the frame, and a piece that begins in the middle of an event shows the middle of it. It knows no
shots, fonts only by name, and never what is too wide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from unicodedata import bidirectional

CLOCK = "1/50"
"""The time base in which ffmpeg must count pictures for these files."""
FILE = "text.ass"
CUES = "captions.ass"
FONTS = "fonts"
_FRAME_CS = 2
_FRAME_MS = 20
_KEEP = "\u2060"
"""A word joiner: behind a backslash it keeps libass from reading an escape, and shows nothing."""
_LTR, _RTL = "\u200e", "\u200f"
_PAIRS = {"(": ")", "[": "]", "{": "}", "⟨": "⟩"}


@dataclass(frozen=True, slots=True)
class Look:
    """How letters look: an ASS style, in pixels of the picture, colours as `#rrggbb` or `#rrggbbaa`.

    Args:
        edge: the colour of the letters' outline, `width` pixels wide.
        back: the colour of a box behind the text, `pad` pixels wider than it; `None` without one.
        second: the colour of words that are not spoken yet (karaoke).
    """

    family: str
    bold: bool
    size: int
    colour: str
    edge: str
    width: int
    back: str | None = None
    pad: int = 0
    second: str = "#ffffff"


@dataclass(frozen=True, slots=True)
class Event:
    """A text that is shown from picture `first` of the clock up to, not with, picture `last`.

    Args:
        text: in ASS's own language: what authors wrote has gone through `escaped`.
        moves: whether it changes from picture to picture, so that its times can't be cut.
    """

    first: int
    last: int
    look: Look
    text: str
    layer: int = 0
    moves: bool = False

    def within(self, first: int, last: int) -> Event | None:
        """Give what pictures from `first` up to `last` show of it; one that moves stays whole, `None` for nothing."""
        if self.last <= first or self.first >= last:
            return None
        return self if self.moves else replace(self, first=max(self.first, first), last=min(self.last, last))


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is drawn over a piece: files in their order, and the number of its first picture on their clock."""

    clock: int
    files: tuple[str, ...] = (FILE,)


def escaped(text: str) -> str:
    """Write a line so that libass draws it as it stands: no tags, no escapes."""
    found = []
    for char in text:
        if char in "{}":
            found.append(f"\\{char}")
        elif char == "\\":
            found.append(f"\\{_KEEP}")
        elif char in "\t\r\n\v\f\x85\u2028\u2029":
            found.append(" ")
        else:
            found.append(char)
    return "".join(found)


def is_rtl(text: str) -> bool:
    """Say whether a text runs from right to left: as its first letter does."""
    return next((kind != "L" for char in text if (kind := bidirectional(char)) in ("L", "R", "AL")), False)


def directed(line: str, rtl: bool) -> str:
    """Mark a line of a text that runs this way, so that it is drawn as Unicode's rules have it.

    libass decides each line's direction by itself, and doesn't know rule N0: that both brackets of a pair go the
    same way.
    """
    marks = {place: _RTL if goes_rtl else _LTR for place, goes_rtl in _brackets(line, rtl)}
    kinds = {bidirectional(char) for char in line}
    if not kinds & {"R", "AL"}:
        marks = {}
    shown = "".join(f"{marks[i]}{char}{marks[i]}" if i in marks else char for i, char in enumerate(line))
    is_other = is_rtl(line) != rtl or not kinds & {"L", "R", "AL"}
    return (_RTL if rtl else _LTR) + shown if is_other and (rtl or kinds & {"R", "AL"}) else shown


def _brackets(line: str, rtl: bool) -> list[tuple[int, bool]]:
    """Say of each bracket of a pair whether it goes from right to left (rule N0 of UAX 9)."""
    open_: list[int] = []
    pairs: list[tuple[int, int]] = []
    for place, char in enumerate(line):
        if char in _PAIRS:
            open_.append(place)
        elif char in _PAIRS.values():
            start = next((each for each in reversed(open_) if _PAIRS[line[each]] == char), None)
            if start is not None:
                del open_[open_.index(start) :]
                pairs.append((start, place))
    found = []
    for start, end in sorted(pairs):
        inside = {_strong(char) for char in line[start + 1 : end]} - {None}
        before = next((kind for char in reversed(line[:start]) if (kind := _strong(char)) is not None), rtl)
        goes = before if inside == {not rtl} else rtl
        found += [(start, goes), (end, goes)] if inside else []
    return found


def _strong(char: str) -> bool | None:
    """Say whether a letter or digit goes from right to left; nothing of what has no direction."""
    kind = bidirectional(char)
    return True if kind in ("R", "AL", "AN") else False if kind in ("L", "EN") else None


def ms(frames: int) -> int:
    """Give a number of pictures in milliseconds of the file's clock."""
    return frames * _FRAME_MS


def cs(frames: int) -> int:
    """Give a number of pictures in hundredths of a second of the file's clock."""
    return frames * _FRAME_CS


def colour_tag(number: int, colour: str) -> str:
    """Give the tags that set one of a text's colours, with its alpha."""
    red, green, blue, alpha = _parts(colour)
    return f"\\{number}c&H{blue}{green}{red}&\\{number}a&H{alpha}&"


def lines(events: Iterable[Event], size: tuple[int, int]) -> list[str]:
    """Write a whole file for pictures of a size."""
    ordered = sorted(events, key=lambda event: (event.layer, event.first, event.last, event.text))
    looks = list(dict.fromkeys(event.look for event in ordered))
    names = {look: f"l{number}" for number, look in enumerate(looks)}
    return [
        "[Script Info]",
        "ScriptType: v4.00+",
        f"PlayResX: {size[0]}",
        f"PlayResY: {size[1]}",
        "WrapStyle: 2",
        "ScaledBorderAndShadow: yes",
        "YCbCr Matrix: None",
        "",
        "[V4+ Styles]",
        "Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic,"
        " Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL,"
        " MarginR, MarginV, Encoding",
        *(_style(names[look], look) for look in looks),
        "",
        "[Events]",
        "Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text",
        *(
            f"Dialogue: {event.layer},{_time(event.first)},{_time(event.last)},{names[event.look]},,0,0,0,,{event.text}"
            for event in ordered
        ),
    ]


def _style(name: str, look: Look) -> str:
    """Write a look; encoding -1 has libass order each line whole, tags or not."""
    border, shadow = (4, look.pad) if look.back else (1, 0)
    colours = ",".join(_colour(each) for each in (look.colour, look.second, look.edge, look.back or "#000000"))
    bold = -1 if look.bold else 0
    return (
        f"Style: {name},{look.family},{look.size},{colours},{bold},0,0,0,100,100,0,0,{border},{look.width},{shadow},"
        "5,0,0,0,-1"
    )


def _colour(colour: str) -> str:
    red, green, blue, alpha = _parts(colour)
    return f"&H{alpha}{blue}{green}{red}"


def _parts(colour: str) -> Sequence[str]:
    """Give red, green, blue and ASS's alpha (which is what shows through) in hex digits."""
    digits = colour[1:].upper()
    shows = f"{255 - int(digits[6:8], 16):02X}" if len(digits) == 8 else "00"
    return digits[0:2], digits[2:4], digits[4:6], shows


def _time(frame: int) -> str:
    """Give the moment just before a picture."""
    whole = max(0, frame * _FRAME_CS - 1)
    seconds, hundredths = divmod(whole, 100)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{hundredths:02d}"
