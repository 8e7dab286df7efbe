"""What is measured of finished videos for a project's `tests`, and how: `Measure` actions of the film, of its captions
against its speech, and of the letters that are drawn in a piece.

The numbers here say what is *seen*; what a video must be, and so every verdict, is `asserting`. Black and silent are
what they are of takes (`measures`), told from shorter stretches on; still allows for what our own encoder changes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vidbuild.media import ass, ffargs, measures
from vidbuild.words.rationaltime import SAMPLE_RATE

FACTS = {"facts": "application/json"}
REVISION = 2
"""Bumped whenever the same video may come to be measured otherwise with the same numbers."""

SEEN: Mapping[str, int] = {
    **{name: measures.SEEN[name] for name in ("black_level", "black_cells")},
    "black_least_ms": 0,
    "frozen_levels": 6,
    "frozen_cells": 28,
    "frozen_least_ms": 250,
}
"""x264 draws what stands still anew with each of its key frames: of a card, at default settings, up to 5 cells differ
by more than 2 levels, and 1 by more than 6. What moves in less than 0.2 % of the picture is taken for still."""
HEARD: Mapping[str, int] = {**measures.HEARD, "silent_least_ms": 100}
SPOKEN: Mapping[str, int] = {"floor_db": -40, "hold": SAMPLE_RATE * 3 // 10, "grace": SAMPLE_RATE * 15 // 100}
"""What of a line is heard: what lies at most `floor_db` below its loudest, and pauses of up to `hold` samples in it. A
caption may come and go `grace` samples beside that."""

LETTERS: Mapping[str, int] = {
    "moments": 64, "at_once": 16, "solid": 230, "clear": 26, "ring": 270, "tiles": 14, "least": 12,
}  # fmt: skip
"""How letters are looked at: at so many moments of a piece at most, `at_once` of them on the disk; covered from `solid`
(of 255) on, not at all up to `clear`; around them is a ring a `ring`th of the short side wide; tile by tile, each a
`tiles`th of it, with at least `least` pixels of both."""

_SOUND = "aresample=48000,ebur128=metadata=1:framelog=quiet:peak=true,ametadata=mode=print:file=loudness.txt"
_STYLE, _EVENT = "Style: ", "Dialogue: "
_WHITE = "&H00FFFFFF"
_COLOURS = re.compile(r"\\[1-4][ca]&H[0-9A-F]+&")
_TAGS = re.compile(r"(?<!\\)\{[^}]*\}")
_TIME = re.compile(r"(\d+):(\d\d):(\d\d)\.(\d\d)")
_UNSEEN = dict.fromkeys(map(ord, "\u2060\u2061\u2062\u200e\u200f"))


@dataclass(frozen=True, slots=True)
class Shown:
    """A text of a file: from picture `first` up to, not with, `last` of its clock; its letters' size in pixels."""

    first: int
    last: int
    size: int
    text: str


def film(has_picture: bool) -> dict[str, Any]:
    """Say how a finished file is measured: what is seen and heard in it."""
    heard = [
        *ffargs.QUIET, *ffargs.read("take"), "-map", "0:a:0", "-af", f"{_SOUND},aformat=channel_layouts=stereo",
        "-c:a", "pcm_s16le", "-f", "s16le", "sound.raw",
    ]  # fmt: skip
    params: dict[str, Any] = {"kind": "film", "heard": HEARD, "sound": heard}
    if has_picture:
        params |= {"seen": SEEN, "grid": list(measures.GRID), "picture": measures.shrunk(still=False)}
    return params


def captions(
    rate: str, voices: Sequence[Mapping[str, Any]], tracks: Mapping[str, Sequence[Mapping[str, Any]]]
) -> dict[str, Any]:
    """Say how captions are laid against what is heard.

    Args:
        voices: of each line its slot, and from which sample on how many are heard.
        tracks: of each set of captions its files; of one that is drawn also the clock's first picture, the number of
            pictures, and the place in the film.
    """
    return {"kind": "captions", "rate": rate, "spoken": SPOKEN, "voices": list(voices), "tracks": dict(tracks)}


def lettering(size: tuple[int, int], frames: int, files: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Say how the letters of a piece are looked at.

    Args:
        files: of each file of text its name, the number of the piece's first picture on its clock, and its lines, or
            the slot that it comes in.
    """
    picking = [
        *ffargs.QUIET, *ffargs.read("piece"), "-filter_complex",
        f"[0:v:0]select=PICKED,scale=in_color_matrix=bt709:in_range=tv:out_range=full:flags={ffargs.ACCURATE},"
        "format=rgb24[s]",
        "-map", "[s]", "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "picture.raw",
    ]  # fmt: skip
    blank = f"color=c=black:s={size[0]}x{size[1]}:r=50,format=rgb24"
    drawing = [
        *ffargs.QUIET, "-f", "lavfi", "-i", blank, "-filter_complex",
        f"[0:v:0]trim=end_frame=COUNT,settb={ass.CLOCK},DRAWN,scale=out_range=full,format=gray[s]",
        "-map", "[s]", "-fps_mode", "passthrough", "-c:v", "rawvideo", "-f", "rawvideo", "DRAWN.raw",
    ]  # fmt: skip
    return {
        "kind": "lettering", "size": list(size), "frames": frames, "letters": LETTERS, "files": list(files),
        "picture": picking, "drawn": drawing,
    }  # fmt: skip


def drawn(lines: Iterable[str], is_bare: bool) -> list[str]:
    """Give a file of text all in white, for where its ink lies; `is_bare`: of its letters alone, without what is about
    and behind them.
    """
    return [_whitened(line, is_bare) for line in lines]


def _whitened(line: str, is_bare: bool) -> str:
    if line.startswith(_EVENT):
        return _COLOURS.sub("", line)
    if not line.startswith(_STYLE):
        return line
    said = line.split(",")
    said[3:7] = [_WHITE] * 4
    if is_bare:
        said[15:18] = ["1", "0", "0"]
    return ",".join(said)


def shown(lines: Iterable[str]) -> list[Shown]:
    """Read which texts a file shows, and when."""
    sizes: dict[str, int] = {}
    found = []
    for line in lines:
        if line.startswith(_STYLE):
            said = line[len(_STYLE) :].split(",")
            sizes[said[0]] = int(said[2])
        elif line.startswith(_EVENT):
            _, start, end, style, *_, text = line[len(_EVENT) :].split(",", 9)
            found.append(Shown(_picture(start), _picture(end), sizes[style], plain(text)))
    return found


def _picture(time: str) -> int:
    """Give the number of the picture before which a time lies."""
    found = _TIME.fullmatch(time)
    assert found is not None, "BUG: a file of text has another form of time"
    hours, minutes, seconds, hundredths = (int(part) for part in found.groups())
    return (((hours * 60 + minutes) * 60 + seconds) * 100 + hundredths + 1) // 2


def plain(text: str) -> str:
    """Give what is read of a text in ASS's own language."""
    text = _TAGS.sub("", text).replace("\\N", " ").replace("\\{", "{").replace("\\}", "}")
    return " ".join(text.translate(_UNSEEN).split())


def middles(files: Iterable[tuple[int, Sequence[Shown]]], frames: int) -> list[tuple[int, Shown]]:
    """Give each text that a piece shows with the picture of the piece in its middle, in order.

    Args:
        files: the first picture on each file's clock, and what it shows.
    """
    found = []
    for clock, texts in files:
        for text in texts:
            first, last = max(0, text.first - clock), min(frames, text.last - clock)
            if first < last and text.text:
                found.append(((first + last) // 2, text))
    return sorted(found, key=lambda one: one[0])


def chosen(moments: Sequence[int], most: int) -> list[int]:
    """Choose at which moments letters are looked at: at all, or evenly of too many."""
    found = sorted(set(moments))
    if len(found) <= most:
        return found
    return [found[(2 * part + 1) * len(found) // (2 * most)] for part in range(most)]
