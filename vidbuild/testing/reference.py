"""What a cut must show and sound like, worked out from its shots alone: a mark a frame, the sound to the sample.

It is written from the language page, not from the planner, so that the two can disagree. No files, no graphs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from vidbuild.testing import sounds
from vidbuild.testing.clips import Clip
from vidbuild.testing.marks import Mark, View, view


@dataclass(frozen=True)
class Laid:
    """A shot in a cut: `frames` of the project's clock out of a clip, from `start` seconds of it on.

    Args:
        clip: the footage; a shot's number with its size for a still.
        mode, focus: how it meets another aspect.
        silent: its own sound is dropped.
        lead: how many of its frames lie over the end of the shot before; of the first shot, come out of black.
        speed: how fast the clip runs, counted from `start`; its sound isn't compared then.
        there: how many seconds of the clip there are from `start` on, if they are fewer than are shown.
        fill: what comes behind them: `freeze` or `loop`.
    """

    clip: Clip | tuple[int, tuple[int, int]]
    frames: int
    start: Fraction = Fraction(0)
    mode: str = "crop"
    focus: tuple[float, float] = (0.5, 0.5)
    silent: bool = False
    lead: int = 0
    speed: Fraction = Fraction(1)
    there: Fraction | None = None
    fill: str = "freeze"


@dataclass(frozen=True, slots=True)
class Shown:
    """What a frame must show: a mark, and where the source's picture lies in the frame.

    Args:
        is_blended: whether another shot is seen as well, so that no mark can be read.
    """

    mark: Mark
    where: View
    is_moving: bool = True
    is_blended: bool = False


@dataclass(frozen=True)
class Expected:
    """What a finished file must be.

    Args:
        pictures: one for every frame.
        sound: the reference in samples at 48 kHz.
        joins: the frames at which another shot begins.
    """

    size: tuple[int, int]
    rate: Fraction
    pictures: tuple[Shown, ...]
    sound: Any
    joins: tuple[int, ...] = ()

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return Fraction(len(self.sound), sounds.RATE)


def expect(
    shots: Sequence[Laid],
    project_rate: Fraction,
    rate: Fraction,
    size: tuple[int, int],
    edge: int = 0,
    music: Any = None,
) -> Expected:
    """Say what an output of a cut must be.

    Args:
        rate: the output's; boundaries are rounded from exact time.
        edge: samples of ramp that each shot's sound is laid with.
        music: samples under the whole, as they should sound.
    """
    pictures: list[Shown] = []
    joins = []
    for shot, first, until in _on_clock(shots, project_rate, rate):
        joins.append(first)
        shown = _shown(shot, until - first, rate, size)
        over = len(pictures) - first if pictures else _half_up(shot.lead / project_rate * rate)
        blended = pictures[first:] or shown[:over]
        pictures[first:] = [replace(picture, is_blended=True) for picture in blended]
        pictures += shown[over:]
    sound = _sounding(_on_clock(shots, project_rate, Fraction(sounds.RATE)), edge)
    if music is not None:
        sound[: len(music)] += music[: len(sound)]
    return Expected(size, rate, tuple(pictures), sound, tuple(joins[1:]))


def faded_out(music: Any, samples: int, length: int) -> Any:
    """Cut music to a length, its last `length` samples fading out by a straight line."""
    bed = np.zeros((samples, 2), np.float32)
    bed[: len(music)] = music[:samples]
    if length:
        bed[samples - length :] *= (1 - np.arange(length) / length)[:, None]
    return bed


def _on_clock(shots: Sequence[Laid], project_rate: Fraction, rate: Fraction) -> list[tuple[Laid, int, int]]:
    """Give each shot's first tick and the one after its last, on a clock of frames or samples.

    |--shot 0--|----shot 1----|     project's frames: 0, 24, 56
    |---shot 0---|-----shot 1----|  ticks: half up, from exact time
    """
    placed: list[tuple[Laid, int, int]] = []
    start = 0
    for shot in shots:
        start -= shot.lead if placed else 0
        end = start + shot.frames
        placed.append((shot, _half_up(start / project_rate * rate), _half_up(end / project_rate * rate)))
        start = end
    return placed


def _sounding(placed: Sequence[tuple[Laid, int, int]], edge: int) -> Any:
    """Lay every shot's own sound at its place in samples."""
    parts = [
        (at, shot.clip.samples(_half_up(shot.start * sounds.RATE), until - at))
        for shot, at, until in placed
        if isinstance(shot.clip, Clip) and shot.clip.sound_rate and not shot.silent
    ]
    return sounds.lay(placed[-1][2], parts, edge)


def _shown(shot: Laid, frames: int, rate: Fraction, size: tuple[int, int]) -> list[Shown]:
    if not isinstance(shot.clip, Clip):
        number, shape = shot.clip
        return [Shown(Mark(number, 0), view(shape, size, shot.mode, shot.focus), False)] * frames
    where = view(shot.clip.size, size, shot.mode, shot.focus)
    if shot.speed == 1 and shot.there is None:
        stands = shot.clip.frames_on(rate, _half_up(shot.start * rate), frames)
    else:
        places = [_place(shot, index, rate) for index in range(frames)]
        stands = shot.clip.frames_from(shot.start, shot.speed, rate, places)
    return [Shown(Mark(shot.clip.shot, frame), where) for frame in stands]


def _place(shot: Laid, index: int, rate: Fraction) -> int:
    """Say which of its own pictures a shot shows as its `index`-th, where its footage may end before it does."""
    if shot.there is None:
        return index
    length = shot.there / shot.speed * rate
    if shot.fill == "freeze":
        return min(index, _half_up(length) - 1)
    return max(
        index - edge
        for turn in range(index + 1)
        if (edge := _half_up(turn * length)) <= index and index < _half_up((turn + 1) * length)
    )


def _half_up(value: Fraction) -> int:
    return int((2 * value + 1) // 2)
