"""How a title or end card is laid out: a logo, a title, a subtitle, one below the other about the middle of an area.

Text is set as texts over pictures are, in the same fonts and by the same measures, and drawn by libass: any script
that a text may have, a card may have. It knows no shots and no platforms.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from vidbuild.media import ass, ffargs, text
from vidbuild.media.fonts import FontFile, Typeface
from vidbuild.media.graphs import graph_of, picture
from vidbuild.media.text import Area, Preset
from vidbuild.words.rationaltime import half_up

TITLE, SUBTITLE = "card-title", "card-subtitle"
PRESETS: Mapping[str, Preset] = {
    TITLE: Preset(Fraction(16, 100), edge_width=Fraction(0), most_lines=4, motion="none", font="title"),
    SUBTITLE: Preset(Fraction(7, 100), bold=False, edge_width=Fraction(0), most_lines=6, motion="none"),
}
GROUND = "ground.pam"
MARGIN = Fraction(1, 10)
"""What stays free on each side of a card, whatever a platform's own signs leave."""
_LEAST_PERCENT = 25
_STEP = 3
EDGE = Fraction(4, 100)
"""The outline's width over a picture, as a part of the font size."""
_GAP = Fraction(3, 100)
"""Between logo, title and subtitle, as a part of the picture's short side."""
_LOGO_WITH_TEXT, _LOGO_ALONE = (Fraction(1, 2), Fraction(3, 10)), (Fraction(7, 10), Fraction(6, 10))
_INKS = {True: ("#fafaf6", "#d0d1d5"), False: ("#181a20", "#464a54")}


@dataclass(frozen=True, slots=True)
class Block:
    """A text of a card, and how it looks."""

    text: str
    preset: Preset
    typeface: Typeface


@dataclass(frozen=True, slots=True)
class Layout:
    """A card as it is laid out.

    Args:
        logo: left, top, width and height in pixels; `None` without one.
    """

    logo: tuple[int, int, int, int] | None
    events: tuple[ass.Event, ...]
    files: tuple[FontFile, ...]


def room(safe: Area, size: tuple[int, int]) -> Area:
    """Give where a card's text may stand: inside the safe area, as far from the left as from the right."""
    side = max(-(-MARGIN * size[0] // 1), safe.left, size[0] - safe.right)
    edge = -(-MARGIN * size[1] // 1)
    return Area(side, max(edge, safe.top), size[0] - side, min(size[1] - edge, safe.bottom))


def inks(ground: str | None) -> tuple[str, str]:
    """Give the colours of title and subtitle that can be read: on a colour, else on something dark."""
    if ground is None:
        return _INKS[True]
    red, green, blue = (int(ground[at : at + 2], 16) for at in (1, 3, 5))
    return _INKS[red * 54 + green * 183 + blue * 19 < 140 * 256]


def laid(blocks: Sequence[Block], logo: tuple[int, int] | None, area: Area, size: tuple[int, int]) -> Layout | None:
    """Lay out a card at the largest size at which all of it lies inside an area; `None` where none does.

    Args:
        logo: the width and height of the logo's picture.
    """
    blocks = [block for block in blocks if block.text.strip()]
    if area.width <= 0 or area.height <= 0:
        return None
    mark = _scaled(logo, area, _LOGO_WITH_TEXT if blocks else _LOGO_ALONE) if logo is not None else None
    gap = half_up(_GAP * min(size))
    free = area.height - (mark[1] + gap * bool(blocks) if mark else 0)
    for percent in range(100, _LEAST_PERCENT - 1, -_STEP):
        found = _set(blocks, Fraction(percent, 100), Area(area.left, 0, area.right, free), gap, size)
        if found is not None:
            return _stacked(blocks, found, mark, area, gap)
    return None


def steps(layout: Layout, slots: Mapping[FontFile, str], size: tuple[int, int]) -> tuple[ffargs.Step, ...]:
    """Write out how a card's text is drawn over its ground, which the local engine leaves as `GROUND`."""
    if not layout.events:
        return ({"png": {"revision": 1, "from": GROUND, "to": "picture"}},)
    stream = picture("ground").filter("settb", ass.CLOCK).filter("setpts", "N")
    stream = stream.filter("ass", filename=ass.FILE, fontsdir=ass.FONTS)
    inputs = ["-protocol_whitelist", "file", "-f", "pam_pipe", "-i", GROUND]
    return (
        {"text": {"name": ass.FILE, "lines": ass.lines(layout.events, size)}},
        {"fonts": {"folder": ass.FONTS, "from": [slots[file] for file in layout.files]}},
        *ffargs.still(inputs, *graph_of(stream)),
    )


def _scaled(logo: tuple[int, int], area: Area, share: tuple[Fraction, Fraction]) -> tuple[int, int]:
    """Scale a logo into its share of an area."""
    scale = min(area.width * share[0] / logo[0], area.height * share[1] / logo[1])
    return max(1, half_up(logo[0] * scale)), max(1, half_up(logo[1] * scale))


def _set(
    blocks: Sequence[Block], scale: Fraction, free: Area, gap: int, size: tuple[int, int]
) -> list[text.Setting] | None:
    """Set all blocks at a scale, what stands below the title less small; `None` where they are higher together."""
    found: list[text.Setting] = []
    for block, share in zip(blocks, (scale, (1 + scale) / 2), strict=False):
        preset = replace(block.preset, size=block.preset.size * share)
        setting = text.set_in(block.text, preset, "wrap", free, "top", size, block.typeface)
        if setting is None:
            return None
        found.append(setting)
    taken = sum(_height(setting) for setting in found) + gap * (len(found) - 1)
    return found if taken <= free.height else None


def _stacked(
    blocks: Sequence[Block], found: Sequence[text.Setting], mark: tuple[int, int] | None, area: Area, gap: int
) -> Layout:
    parts = [*([mark[1]] if mark else []), *(_height(setting) for setting in found)]
    top = area.top + (area.height - sum(parts) - gap * (len(parts) - 1)) // 2
    middle = (area.left + area.right) // 2
    logo = (middle - mark[0] // 2, top, *mark) if mark else None
    top += mark[1] + gap if mark else 0
    events: list[ass.Event] = []
    files: dict[FontFile, None] = {}
    for block, setting in zip(blocks, found, strict=True):
        placed = replace(setting, align=8, x=middle, y=top + setting.pad)
        written, needed, look = text.lettered(placed, block.preset, block.typeface)
        events.append(ass.Event(0, 1, look, f"{{\\an8\\pos({placed.x},{placed.y})}}{written}"))
        files |= dict.fromkeys(needed)
        top += _height(setting) + gap
    return Layout(logo, tuple(events), tuple(files))


def _height(setting: text.Setting) -> int:
    return len(setting.lines) * setting.size + 2 * setting.pad
