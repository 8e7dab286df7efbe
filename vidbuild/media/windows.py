"""Windows in time: which pictures of a source a part of a shot shows, on the shot's own frame clock.

It is read from near the window, counted in frames, and says how its graph begins. It knows no picture sizes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import ffmpeg

from vidbuild.media import ffargs
from vidbuild.media.graphs import filled, picture
from vidbuild.words.rationaltime import decimal_text, half_up, rate_text


@dataclass(frozen=True, slots=True)
class Pace:
    """How a window runs otherwise than its source: counted from where its shot begins in it.

    Args:
        origin: seconds of the source at which its shot begins.
        speed: how fast it runs.
        end: how many pictures of the shot the source has; the last one is held behind them. `None` for all.
    """

    origin: Fraction
    speed: Fraction = Fraction(1)
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Where in a source a piece lies: `frames` pictures at `rate`, from `start` seconds of the source on.

    Args:
        spare: how many pictures may be missing at the end; the last one is held for them.
        late: how long after the file's beginning its picture begins; `start` counts from there.
        seeks: whether reading may begin near the window; a file without an index is read from its start.
        pace: where the source isn't simply shown as it runs.
        decoder: what reads its pictures, where the usual one leaves something out.
    """

    start: Fraction
    frames: int
    rate: Fraction
    spare: int = 1
    late: Fraction = Fraction(0)
    seeks: bool = True
    pace: Pace | None = None
    decoder: str = ""

    @property
    def clock(self) -> Clock:
        """What its clock's graph is made from."""
        return bool(self.late), self.pace is not None, self.pace is not None and self.pace.end is not None


MOST_READ = 2
"""How many rounds of a loop are each read by an input of its own: each takes 25 MB at 1080p."""

Clock = tuple[bool, bool, bool]
"""Of a window: whether its picture begins late, whether it has a pace, and whether it holds its last picture."""


def entry(start: Fraction, rate: Fraction) -> tuple[Fraction, int]:
    """Say where to begin reading and how many frames from there the window begins.

    source   |----unit----|----unit----|--
    seek                  ^                   a whole number of units, at least one before the window
    window                      first->[####

    A unit is `rate` frames rounded up: 1 s, or 1.001 s, which milliseconds hold exactly, so that the frame
    clock after a seek is that of the whole source.
    """
    unit = -(-rate.numerator // rate.denominator) / rate
    units = max(0, start // unit - 1)
    return units * unit, half_up((start - units * unit) * rate)


def opened(slot: str, window: Window) -> ffargs.Argv:
    """Read an input from where a window can be entered."""
    return [*ffargs.seek(reading(window)[0]), *ffargs.read(slot, window.decoder)]


def entered(graph: str, window: Window, side: str = "") -> str:
    """Put the numbers of a window into a graph."""
    seek, first = reading(window)
    spare, pace = window.spare, window.pace
    words: dict[str, object] = {"LATE": decimal_text(window.late)}
    if pace is not None:
        begin = half_up((window.start - pace.origin) / pace.speed * window.rate) - first
        words |= {"SEEK": seek, "ORIGIN": f"({pace.origin})", "PACE": f"({window.rate / pace.speed})", "BEGIN": begin}
        if pace.end is not None:
            words["END"] = pace.end - begin
            spare += max(0, first + window.frames - (pace.end - begin))
    words |= {"FIRST": first, "LAST": first + window.frames, "SPARE": spare}
    return filled(graph, words, side)


def turn(parts: tuple[Window, ...]) -> Window | None:
    """Give the one round that all windows are parts of, where they are too many to be read each by itself.

    All but the first begin where a round begins.
    """
    if len(parts) <= MOST_READ:
        return None
    begins = parts[1]
    frames = max(last for _, last in _turns(parts))
    return replace(begins, frames=frames, spare=max(part.spare for part in parts) + frames - begins.frames)


def turned(graph: str, parts: tuple[Window, ...], frames: int, side: str = "") -> str:
    """Put into a graph which pictures of a round of so many `frames` are seen, as it goes round again and again."""
    seen = (
        f"between(n\\,{number * frames + first}\\,{number * frames + last - 1})"
        for number, (first, last) in enumerate(_turns(parts))
    )
    return filled(graph, {"TURNS": "+".join(seen)}, side)


def _turns(parts: tuple[Window, ...]) -> list[tuple[int, int]]:
    """Say which pictures of its round each window shows."""
    begin, pace = parts[1].start, parts[1].pace
    each = parts[1].rate / (pace.speed if pace is not None else 1)
    firsts = [half_up((part.start - begin) * each) for part in parts]
    return [(first, first + part.frames) for first, part in zip(firsts, parts, strict=True)]


def sides(count: int, side: str) -> tuple[str, ...]:
    """Give what stands before the words of each of so many windows."""
    return (side,) if count == 1 else tuple(f"{side}W{number}_" for number in range(count))


def shown(clocks: tuple[Clock, ...], rate: Fraction, side: str) -> Any:
    """Give the pictures of all windows, one behind the other; without clocks those of a round that was made before."""
    if not clocks:
        stream = (
            picture(f"{side}clip").filter("settb", period(rate)).filter("setpts", "N").filter("select", f"{side}TURNS")
        )
        return stream.filter("setpts", "N").filter("fps", fps=rate_text(rate))
    parts = [
        clocked(picture(f"{name}clip"), rate, clock, name)
        for clock, name in zip(clocks, sides(len(clocks), side), strict=True)
    ]
    return parts[0] if len(parts) == 1 else ffmpeg.concat(*parts)


def clocked(stream: Any, rate: Fraction, clock: Clock, side: str = "") -> Any:
    """Put pictures on a frame clock, cut the window, and hold the last picture where rounding left some out.

    With a pace each picture is first given its tick: that which is nearest to its time on the shot's clock, half up.
    A thousandth of a tick is added, since containers' clocks round.
    """
    is_late, is_paced, is_held = clock
    if is_paced:
        stream = stream.filter("setpts", f"PTS+round({side}SEEK/TB)")
    if is_late:
        stream = stream.filter("setpts", f"PTS-round({side}LATE/TB)")
    if is_paced:
        tick = f"floor((PTS*TB-{side}ORIGIN)*{side}PACE+0.501)-{side}BEGIN"
        stream = stream.filter("settb", "AVTB").filter("setpts", f"({tick})/({rate_text(rate)})/TB")
    stream = stream.filter("fps", fps=rate_text(rate), start_time=0, eof_action="pass")
    if is_held:
        stream = stream.filter("trim", end_frame=f"{side}END")
    stream = stream.filter("tpad", stop=f"{side}SPARE", stop_mode="clone")
    stream = stream.filter("trim", start_frame=f"{side}FIRST", end_frame=f"{side}LAST")
    return stream.filter("setpts", "PTS-STARTPTS")


def period(rate: Fraction) -> str:
    """Write the length of a frame as a time base."""
    return f"{rate.denominator}/{rate.numerator}"


def reading(window: Window) -> tuple[Fraction, int]:
    """Say where reading begins, and how many pictures from there the window does.

    With a pace that is a whole second, at least one before the window, and before the end of the source.
    """
    pace = window.pace
    if pace is not None:
        first, each = half_up((window.start - pace.origin) / pace.speed * window.rate), window.rate / pace.speed
        there = window.start if pace.end is None else min(window.start, pace.origin + pace.end / each)
        seek = Fraction(max(0, there // 1 - 1) if window.seeks else 0)
        return seek, first - max(0, int((seek - pace.origin) * each // 1))
    if window.seeks:
        return entry(window.start, window.rate)
    return Fraction(0), half_up(window.start * window.rate)
