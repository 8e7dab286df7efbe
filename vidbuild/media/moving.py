"""Where a moving window looks at a picture: moves (push-in, pans) and paths of a focus, frame by frame.

Windows are rectangles in a picture's pixels. What lies in them is drawn by the runner; it knows no files, no planes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import repeat
from typing import Any, NamedTuple

from vidbuild.words.rationaltime import seconds_text

REVISION = 1
"""Bumped when a window lies elsewhere, or is drawn otherwise: moved pictures are resampled by vidbuild itself."""

UNITS = 10_000
"""Points that are followed are whole numbers: so many are a whole side of the picture."""

PUSHES, PANS = (
    ("push-in", "pull-out"),
    {"pan-left": (-1, 0), "pan-right": (1, 0), "pan-up": (0, -1), "pan-down": (0, 1)},
)
KINDS = (*PUSHES, *PANS)


class Box(NamedTuple):
    """A rectangle in a picture, in pixels and parts of them."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Move:
    """One move of a window over a picture, eased, at rest before and after it.

    Args:
        focus: what a push-in ends at, a pull-out begins at and a pan goes to, in fractions; `None` for where it looks.
        scale: how much larger the picture is at the near end; of a pan, all the time.
        start, end: seconds of the shot's own time.
    """

    kind: str
    focus: tuple[Fraction, Fraction] | None
    scale: Fraction
    start: Fraction
    end: Fraction


@dataclass(frozen=True, slots=True)
class Span:
    """So many pictures of a source from a time on, at a speed; none later than `until`."""

    frames: int
    start: Fraction
    speed: Fraction = Fraction(1)
    until: Fraction | None = None

    @property
    def record(self) -> dict[str, Any]:
        """What a step is told of it."""
        told: dict[str, Any] = {"frames": self.frames, "start": seconds_text(self.start)}
        told |= {"speed": seconds_text(self.speed)} if self.speed != 1 else {}
        return told | ({"until": seconds_text(self.until)} if self.until is not None else {})


@dataclass(frozen=True, slots=True)
class Gaze:
    """How a window moves over a source.

    Args:
        first: the number of its first picture, on the shot's own clock.
        path: where it looks, as seconds of the shot's own time, x and y in fractions; empty for the frame's own focus.
        follow: inputs that say where it looks.
        spans: which times of the source its pictures show, which what is followed counts in.
    """

    first: int
    move: Move | None = None
    path: tuple[tuple[Fraction, Fraction, Fraction], ...] = ()
    follow: tuple[str, ...] = ()
    spans: tuple[Span, ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """What a step is told of it."""
        told: dict[str, Any] = {"first": self.first}
        if self.path:
            told["path"] = [[seconds_text(part) for part in point] for point in self.path]
        if self.follow:
            told["follow"] = {"from": list(self.follow), "spans": [span.record for span in self.spans]}
        if self.move is not None:
            focus = {"focus": [seconds_text(part) for part in self.move.focus]} if self.move.focus else {}
            told["move"] = {
                "type": self.move.kind,
                **focus,
                "scale": seconds_text(self.move.scale),
                "from": seconds_text(self.move.start),
                "to": seconds_text(self.move.end),
            }
        return told


def windows(
    gaze: Mapping[str, Any],
    picture: tuple[int, int],
    frame: tuple[int, int],
    parts: Sequence[Mapping[str, Any]] = (),
) -> Iterator[Box]:
    """Give the window of every picture of a step, in a picture of square pixels.

    Args:
        gaze: its record, with `frames`, `rate`, the frame's `mode` and `focus`.
        parts: what is followed, in order: points of the source's pictures, as a `Path` says them.
    """
    rate, first = Fraction(gaze["rate"]), int(gaze["first"])
    fixed = (float(Fraction(gaze["focus"][0])), float(Fraction(gaze["focus"][1])))
    path = _Path(gaze["path"]) if "path" in gaze else None
    followed = _followed(gaze["follow"]["spans"], rate, _Points(parts)) if "follow" in gaze else repeat(None)
    move = _Moving(gaze["move"]) if "move" in gaze else None
    for number, point in zip(range(first, first + int(gaze["frames"])), followed, strict=False):
        seconds = float(number / rate)
        focus = point or (path.at(seconds) if path else fixed)
        base = whole(picture, frame, gaze["mode"], focus)
        yield move.window(base, picture, seconds) if move else base


def whole(picture: tuple[int, int], frame: tuple[int, int], mode: str, focus: tuple[float, float]) -> Box:
    """Give the largest window of a frame's aspect about a focus; where nothing is cropped, the whole picture."""
    (width, height), (wide, high) = picture, frame
    if mode != "crop":
        return Box(0.0, 0.0, float(width), float(height))
    scale = max(wide / width, high / height)
    return _about(wide / scale, high / scale, picture, focus)


def held(picture: tuple[int, int], frame: tuple[int, int], mode: str) -> tuple[int, int]:
    """Give the even size at which a window is drawn: the frame's, or what is just held in it."""
    if mode == "crop":
        return frame
    (width, height), (wide, high) = picture, frame
    scale = min(wide / width, high / height)
    return min(wide, max(2, 2 * round(width * scale / 2))), min(high, max(2, 2 * round(height * scale / 2)))


def eased(part: float) -> float:
    """Go from 0 to 1 as a hand would: slow, fast, slow."""
    part = min(1.0, max(0.0, part))
    return part * part * (3 - 2 * part)


class _Moving:
    """A move, read from its record."""

    def __init__(self, told: Mapping[str, Any]):
        self._kind = told["type"]
        self._scale = float(Fraction(told["scale"]))
        self._start, self._end = float(Fraction(told["from"])), float(Fraction(told["to"]))
        focus = told.get("focus")
        self._focus = (float(Fraction(focus[0])), float(Fraction(focus[1]))) if focus else None

    def window(self, base: Box, picture: tuple[int, int], seconds: float) -> Box:
        """Give the window at a time of the shot."""
        done = eased((seconds - self._start) / (self._end - self._start))
        focus = self._focus or _middle(base, picture)
        near = _about(base.width / self._scale, base.height / self._scale, picture, focus)
        if self._kind in PUSHES:
            return _between(base, near, 1 - done if self._kind == "pull-out" else done, self._scale)
        across, down = PANS[self._kind]
        left = _panned(across, near.left, picture[0] - near.width, self._focus is not None, done)
        top = _panned(down, near.top, picture[1] - near.height, self._focus is not None, done)
        return Box(left, top, near.width, near.height)


def _panned(way: int, target: float, room: float, stops: bool, done: float) -> float:
    """Give one side of a pan: from the edge that it comes from to the other one, or to its focus."""
    if not way:
        return target
    begin, end = (0.0, room) if way > 0 else (room, 0.0)
    return begin + ((target if stops else end) - begin) * done


def _between(far: Box, near: Box, done: float, scale: float) -> Box:
    """Zoom evenly from one window into another one: each picture is larger than the last by the same part.

    Edges go along straight lines, so that one point of the picture stands still on the screen.
    """
    width = far.width * scale**-done
    share = (far.width - width) / (far.width - near.width) if far.width != near.width else done
    height = far.height + (near.height - far.height) * share
    return Box(far.left + (near.left - far.left) * share, far.top + (near.top - far.top) * share, width, height)


def _about(width: float, height: float, picture: tuple[int, int], focus: tuple[float, float]) -> Box:
    """Give a window about a focus that stays in its picture."""
    left = min(max(picture[0] * focus[0] - width / 2, 0.0), picture[0] - width)
    top = min(max(picture[1] * focus[1] - height / 2, 0.0), picture[1] - height)
    return Box(left, top, width, height)


def _middle(box: Box, picture: tuple[int, int]) -> tuple[float, float]:
    return (box.left + box.width / 2) / picture[0], (box.top + box.height / 2) / picture[1]


class _Path:
    """A smooth curve through points, at rest at its ends; it never swings past a point (Fritsch and Carlson)."""

    def __init__(self, points: Sequence[Sequence[str]]):
        read = [[float(Fraction(part)) for part in point] for point in points]
        self._times = [point[0] for point in read]
        self._values = [(point[1], point[2]) for point in read]
        slopes = [
            [_slope(before[0], before[axis], here[0], here[axis], after[0], after[axis]) for axis in (1, 2)]
            for before, here, after in zip(read, read[1:], read[2:], strict=False)
        ]
        self._slopes = [[0.0, 0.0], *slopes, [0.0, 0.0]]

    def at(self, seconds: float) -> tuple[float, float]:
        """Say where it is at a time."""
        if seconds <= self._times[0]:
            return self._values[0]
        if seconds >= self._times[-1]:
            return self._values[-1]
        index = max(place for place, time in enumerate(self._times) if time <= seconds)
        length = self._times[index + 1] - self._times[index]
        part = (seconds - self._times[index]) / length
        x, y = (self._curve(index, axis, part, length) for axis in (0, 1))
        return x, y

    def _curve(self, index: int, axis: int, part: float, length: float) -> float:
        begin, end = self._values[index][axis], self._values[index + 1][axis]
        first, last = self._slopes[index][axis] * length, self._slopes[index + 1][axis] * length
        rest = 1 - part
        share = part * part * (3 - 2 * part)
        return begin + (end - begin) * share + part * rest * (first * rest - last * part)


def _followed(
    spans: Sequence[Mapping[str, Any]], rate: Fraction, points: _Points
) -> Iterator[tuple[float, float] | None]:
    """Give where each picture of some spans looks."""
    for span in spans:
        start, step = Fraction(span["start"]), Fraction(span.get("speed", 1)) / rate
        for number in range(int(span["frames"])):
            time = start + number * step
            yield points.at(min(time, Fraction(span["until"])) if "until" in span else time)


class _Points:
    """What is followed, picture by picture of its source; between two of them on a straight line, but for cuts."""

    def __init__(self, parts: Sequence[Mapping[str, Any]]):
        self._rate = Fraction(parts[0]["rate"]) if parts else Fraction(1)
        self._points = {
            int(part["first"]) + place: (x / UNITS, y / UNITS)
            for part in parts
            for place, (x, y) in enumerate(part["points"])
        }
        self._cuts = {int(cut) for part in parts for cut in part["cuts"]}
        self._last = max(self._points, default=0)

    def at(self, time: Fraction) -> tuple[float, float]:
        """Say where it is at a time of the source."""
        place = time * self._rate
        index = min(int(place), self._last)
        here = self._points.get(index, (0.5, 0.5))
        after = self._points.get(index + 1, here)
        if index + 1 in self._cuts:
            return here
        part = float(place - index) if index < self._last else 0.0
        return here[0] + (after[0] - here[0]) * part, here[1] + (after[1] - here[1]) * part


def _slope(t0: float, v0: float, t1: float, v1: float, t2: float, v2: float) -> float:
    """Give the slope at a point: none where the path turns, else the harmonic mean of those beside it."""
    before, after = (v1 - v0) / (t1 - t0), (v2 - v1) / (t2 - t1)
    return 2 * before * after / (before + after) if before * after > 0 else 0.0
