"""The list that ffmpeg writes of every frame it decoded (`-f framecrc`, `framehash`), read. It decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path


@dataclass(slots=True)
class Track:
    """What was decoded of one track.

    Args:
        clock: seconds a tick.
        starts: when each frame begins, in ticks.
        end: when the last one to end does.
        width, height: of its pictures; 0 for sound.
        pixel: the shape of a pixel, width by height.
    """

    clock: Fraction
    width: int
    height: int
    pixel: Fraction
    starts: list[int] = field(default_factory=list)
    end: int = 0

    @property
    def seconds(self) -> Fraction:
        """How long it lasts."""
        return (self.end - min(self.starts)) * self.clock if self.starts else Fraction(0)

    @property
    def times(self) -> list[Fraction]:
        """When each frame begins after the first, and at last when the last one ends."""
        return [(start - self.starts[0]) * self.clock for start in (*self.starts, self.end)]


def listed(path: Path) -> Mapping[str, Track]:
    """Read a list by kind of track (`video`, `audio`); tracks of which nothing was decoded are left out."""
    words: dict[tuple[str, str], str] = {}
    tracks: dict[str, Track] = {}
    for number, start, lasts, _ in frames(path, words):
        if number not in tracks:
            tracks[number] = _track(words, number)
        tracks[number].starts.append(start)
        tracks[number].end = max(tracks[number].end, start + lasts)
    return {words["media_type", number]: track for number, track in tracks.items()}


def frames(path: Path, words: dict[tuple[str, str], str]) -> Iterator[tuple[str, int, int, str]]:
    """Read a list row by row: the track's number, when a frame begins and how long it lasts in ticks, its digest.

    Args:
        words: gets what the list says of each track, by word and number.
    """
    with open(path, encoding="ascii", errors="replace") as lines:
        for line in lines:
            if line.startswith("#"):
                label, _, value = line[1:].partition(":")
                name, _, number = label.partition(" ")
                words[name, number] = value.strip()
                continue
            number, _, start, lasts, _, digest = (part.strip() for part in line.split(",")[:6])
            yield number, int(start), int(lasts), digest


def _track(words: Mapping[tuple[str, str], str], number: str) -> Track:
    width, _, height = words.get(("dimensions", number), "0x0").partition("x")
    across, _, down = words.get(("sar", number), "1/1").partition("/")
    pixel = Fraction(int(across), int(down)) if int(across) and int(down) else Fraction(1)
    return Track(Fraction(words["tb", number]), int(width), int(height), pixel)
