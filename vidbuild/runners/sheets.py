"""The contact sheet: rows of small pictures below one another, each under its label, as one PNG or JPEG.

A sheet is looked at and kept nowhere else; text in it, whoever wrote it, is only drawn. It knows takes by their files.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw

from vidbuild.runners import probing
from vidbuild.runners.local import lettering
from vidbuild.runners.steps import evenly
from vidbuild.words.errors import clean

COLUMNS = 6
_CELL = (320, 240)
_GAP, _EDGE, _BAND, _LETTERS = 6, 18, 40, 19
_GROUND, _EMPTY, _INK, _FAINT, _MARK = "#15171a", "#24272c", "#f2f0ea", "#9aa0a8", "#f4b740"
_MOST_LETTERS = 400


def sheet(takes: Sequence[tuple[str, Path]], out: Path, circled: Collection[int] = ()) -> None:
    """Draw takes side by side: a label and six pictures each, evenly spaced; a still stands alone.

    Args:
        takes: label and file of each; a file that can't be read leaves its row empty.
        out: where it is written; its suffix says PNG or JPEG.
        circled: the indices of the takes that are circled.
    """
    rows = []
    for index, (label, path) in enumerate(takes):
        pictures = _pictures(path)
        cells = COLUMNS if len(pictures) != 1 else 1
        mark = "circled" if index in circled else ""
        rows.append(Row(label, (*pictures, *[None] * (cells - len(pictures))), mark, not pictures))
    board(rows, out, COLUMNS)


@dataclass(frozen=True)
class Row:
    """A label with pictures under it; `None` is an empty cell, no cell at all a heading.

    Args:
        mark: `circled` has a ring in front, `heading` is set bold.
    """

    label: str
    pictures: Sequence[Image.Image | None] = ()
    mark: str = ""
    is_unread: bool = False


def board(rows: Sequence[Row], out: Path, columns: int) -> None:
    """Draw rows of at most so many pictures below one another."""
    heights = [
        max((picture.height for picture in row.pictures if picture), default=_CELL[1] // 2) if row.pictures else 0
        for row in rows
    ]
    width = 2 * _EDGE + columns * _CELL[0] + (columns - 1) * _GAP
    drawn = Image.new("RGB", (width, 2 * _EDGE + sum(height + _BAND for height in heights)), _GROUND)
    top = _EDGE
    for row, height in zip(rows, heights, strict=True):
        _draw_label(drawn, row.label, top, row.mark, row.is_unread)
        for column, picture in enumerate(row.pictures):
            left = _EDGE + column * (_CELL[0] + _GAP)
            box = (left, top + _BAND - _GAP, left + _CELL[0] - 1, top + _BAND - _GAP + height - 1)
            ImageDraw.Draw(drawn).rectangle(box, fill=_EMPTY)
            if picture is not None:
                drawn.paste(picture, (left + (_CELL[0] - picture.width) // 2, box[1]))
        top += _BAND + height
    drawn.save(out)


def _draw_label(drawn: Image.Image, label: str, top: int, mark: str, is_unread: bool) -> None:
    """Draw a label on one line, cut off where the sheet ends; a circled take has its ring in front."""
    left, middle = _EDGE, top + (_BAND - 2 * _GAP) // 2 + 1
    pen = ImageDraw.Draw(drawn)
    if mark == "circled":
        pen.ellipse((left, middle - 9, left + 18, middle + 9), outline=_MARK, width=3)
        left += 28
    face = lettering.font(lettering.BOLD if mark else lettering.REGULAR, _LETTERS)
    text = _shortened(lettering.covered(clean(label[:_MOST_LETTERS])), face, drawn.width - _EDGE - left)
    if is_unread:
        text = _shortened(f"{text} (can't be read)", face, drawn.width - _EDGE - left)
    pen.text((left, middle), text, font=face, fill=_FAINT if is_unread else _INK, anchor="lm")


def _shortened(text: str, face: Any, width: int) -> str:
    if face.getlength(text) <= width:
        return text
    while text and face.getlength(f"{text}…") > width:
        text = text[: len(text) - max(1, len(text) // 20)]
    return f"{text}…"


def _pictures(path: Path) -> list[Image.Image]:
    """Take evenly spaced pictures of a take, upright and with square pixels; none of what can't be read."""
    try:
        probe = probing.probe(path)
        if probe.kind == "sound":
            return []
        total = 1 if probe.kind == "still" else probing.tally(path).frames
        places = evenly(total, COLUMNS) if total > 1 else [0]
        with probing.opened(path) as container:
            return _decoded(container, set(places), (probe.width, probe.height))
    except probing.NotMedia:
        return []


def _decoded(container: Any, places: set[int], shown: tuple[int, int]) -> list[Image.Image]:
    found: list[Image.Image] = []
    scale = min(_CELL[0] / shown[0], _CELL[1] / shown[1])
    size = (max(1, round(shown[0] * scale)), max(1, round(shown[1] * scale)))
    for index, frame in enumerate(container.decode(video=0)):
        if index in places:
            turns = round(getattr(frame, "rotation", 0) or 0) % 360
            picture = frame.to_image().convert("RGB").rotate(turns, expand=True) if turns else frame.to_image()
            found.append(picture.convert("RGB").resize(size, Image.Resampling.BOX))
        if index >= max(places):
            break
    return found
