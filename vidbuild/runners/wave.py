"""Laying PCM on one timeline, sample by sample: exact, in bounded memory, however many sounds there are.

Float WAV of one or two channels in, float stereo out, as `media.sound` asks for. It knows nothing of shots.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from vidbuild.media import hearing, looping
from vidbuild.words.rationaltime import SAMPLE_RATE

BLOCK = SAMPLE_RATE * 10
_SAMPLE = 4
FRAME = 2 * _SAMPLE
_UNSAID = 0xFFFF_FFFF
"""What a header says of a length that doesn't fit into it: it goes on to the file's end."""


@dataclass(frozen=True, slots=True)
class Pcm:
    """The samples of a WAV file: where they begin, how many there are, of one channel or two."""

    path: Path
    offset: int
    channels: int
    samples: int

    def read(self, first: int, last: int) -> Any:
        """Give samples `first` to `last` as rows of two; one channel sounds on both sides, as loud on each."""
        size = self.channels * _SAMPLE
        with open(self.path, "rb") as stream:
            stream.seek(self.offset + first * size)
            rows = np.frombuffer(stream.read((last - first) * size), dtype="<f4").reshape(-1, self.channels)
        return rows if self.channels == 2 else np.repeat(rows, 2, axis=1)

    def blocks(self) -> Iterator[Any]:
        """Give all samples in blocks of 10 s."""
        for first in range(0, self.samples, BLOCK):
            yield self.read(first, min(first + BLOCK, self.samples))


@dataclass(frozen=True, slots=True)
class _Track:
    """A sound on the timeline, from sample `at` on: one stretch of its file, or several where it is looped.

    Args:
        fade_in, fade_out: samples in which it rises and falls in a smooth curve.
        cross_in, cross_out: samples that it shares with a neighbour, at equal power.
        step_back: dB under speech.
        fades: further ones, as `media.sound` writes them.
    """

    pcm: Pcm
    stretches: Sequence[looping.Stretch]
    at: int
    samples: int
    gain: float
    fade_in: int = 0
    fade_out: int = 0
    cross_in: int = 0
    cross_out: int = 0
    step_back: float = 0.0
    fades: Sequence[Mapping[str, Any]] = ()

    @property
    def end(self) -> int:
        """The sample of the timeline behind its last."""
        return self.at + self.samples

    def add_to(self, block: Any, first: int, speech: Any) -> None:
        """Add what of it falls into the block that begins at sample `first` of the timeline.

        Args:
            speech: how much speech there is at each sample of the block, 0 to 1; `None` without any.
        """
        begin, end = max(first, self.at), min(first + len(block), self.end)
        if end <= begin:
            return
        gain = self._gain(begin - self.at, end - self.at)
        where = slice(begin - first, end - first)
        if self.step_back and speech is not None:
            gain *= 10.0 ** (self.step_back / 20.0 * speech[where])
        block[where] += (self._rows(begin - self.at, end - self.at) * gain[:, None]).astype("<f4")

    def _gain(self, first: int, last: int) -> Any:
        gain = np.full(last - first, self.gain)
        place = np.arange(first, last)
        for length, away, curve in (
            (self.fade_in, place, _smooth),
            (self.fade_out, self.samples - 1 - place, _smooth),
            (self.cross_in, place, _power),
            (self.cross_out, self.samples - 1 - place, _power),
        ):
            if length and away.min() < length:
                gain *= curve(np.minimum((away + 0.5) / length, 1.0))
        return gain * _faded(self.fades, first, last)

    def _rows(self, first: int, last: int) -> Any:
        """Give its samples `first` to `last`, the stretches that meet there summed."""
        rows = np.zeros((last - first, 2))
        for stretch in self.stretches:
            begin, end = max(first, stretch.at), min(last, stretch.at + stretch.samples)
            if end > begin:
                offset = begin - stretch.at
                there = self.pcm.read(stretch.start + offset, stretch.start + offset + end - begin)
                if stretch.cross_in or stretch.cross_out:
                    there = there * looping.crossed(stretch, offset, len(there))[:, None]
                rows[begin - first : begin - first + len(there)] += there
        return rows


def lay(folder: Path, plan: Mapping[str, Any], where: Mapping[str, Path]) -> None:
    """Write the sum of all sounds at their places.

    Args:
        plan: the step, as `media.sound` writes it.
        where: the file of each input by what a sound's `from` says; others lie in the folder.
    """
    sounds = sorted(plan["sounds"], key=lambda sound: (sound["at"], sound["from"]))
    opened = [(sound, opened_wav(where.get(sound["from"]) or folder / sound["from"])) for sound in sounds]
    duck = plan.get("duck")
    speech = spoken(opened, duck) if duck else []
    heard = [(sound, pcm) for sound, pcm in opened if not sound.get("unheard")]
    tracks = [track for sound, pcm in heard if (track := _track(sound, pcm)) is not None]
    blocks = _summed(plan["samples"], tracks, speech, duck)
    if "fades" in plan:
        blocks = _whole_faded(blocks, plan["fades"])
    write(folder / plan["to"], plan["samples"], blocks)


def write(path: Path, samples: int, blocks: Iterable[Any]) -> None:
    """Write blocks of float stereo samples as one WAV of exactly `samples` samples."""
    with open(path, "wb") as target:
        target.write(_header(samples))
        for block in blocks:
            target.write(np.ascontiguousarray(block, dtype="<f4").tobytes())


def _summed(
    samples: int, tracks: Sequence[_Track], spoken: Sequence[hearing.Span], duck: Mapping[str, Any] | None
) -> Iterator[Any]:
    waiting, under_way = list(reversed(tracks)), list[_Track]()
    for first in range(0, samples, BLOCK):
        last = min(first + BLOCK, samples)
        while waiting and waiting[-1].at < last:
            under_way.append(waiting.pop())
        block = np.zeros((last - first, 2), dtype="<f4")
        speech = hearing.under(spoken, first, last, duck["attack"], duck["release"]) if duck else None
        for track in under_way:
            track.add_to(block, first, speech)
        under_way = [track for track in under_way if track.end > last]
        yield block


def spoken(opened: Sequence[tuple[Mapping[str, Any], Pcm]], duck: Mapping[str, Any]) -> list[hearing.Span]:
    """Find where the timeline has speech: what is heard of each line, and short pauses between words."""
    found = []
    for sound, pcm in opened:
        if sound.get("is_voice"):
            length = min(sound["samples"], pcm.samples)
            levels = np.concatenate([np.zeros(0), *(hearing.levels(block) for block in pcm.blocks())])
            spans = hearing.sounding(levels, duck["floor_db"])
            found += [(sound["at"] + first, sound["at"] + min(last, length)) for first, last in spans if first < length]
    return hearing.joined(found, duck["hold"])


def _track(sound: Mapping[str, Any], pcm: Pcm) -> _Track | None:
    """Give a sound as it is laid, or `None` where nothing of it is heard."""
    start, edge = sound.get("start", 0), sound["edge"]
    stretches = _stretches(sound, pcm, start)
    length = min(sound["samples"], stretches[-1].at + stretches[-1].samples)
    if length <= 0:
        return None
    is_cut_off = stretches[-1].start + length - stretches[-1].at < pcm.samples
    ending = sound.get("fade_out", sound.get("ring", edge) if is_cut_off else edge)
    return _Track(
        pcm, stretches, sound["at"], length, 10.0 ** (float(sound["gain_db"]) / 20.0),
        min(sound.get("fade_in", edge), length), min(ending, length),
        min(sound.get("cross_in", 0), length), min(sound.get("cross_out", 0), length),
        float(sound.get("duck_db", 0)), sound.get("fades", ()),
    )  # fmt: skip


def _stretches(sound: Mapping[str, Any], pcm: Pcm, start: int) -> list[looping.Stretch]:
    there, needed = max(0, pcm.samples - start), sound["samples"]
    if not sound.get("loops") or not SAMPLE_RATE <= there < needed:
        return [looping.Stretch(0, start, min(there, needed))]
    envelope = np.concatenate([hearing.envelope(block) for block in pcm.blocks()])
    bar = Fraction(sound["bar"]) if "bar" in sound else None
    loop = looping.found(envelope, start, pcm.samples, bar)
    if bar is None:
        loop = looping.aligned(loop, pcm.read, pcm.samples)
    return looping.stretches(loop, start, needed)


def _faded(fades: Sequence[Mapping[str, Any]], first: int, last: int) -> Any:
    """Give the gain of samples `first` to `last` under fades; 1 without any."""
    gain: Any = 1.0
    for fade in fades:
        part = np.clip((np.arange(first, last) - fade["at"] + 0.5) / fade["samples"], 0.0, 1.0)
        gain = gain * _smooth(part if fade["way"] == "in" else 1.0 - part)
    return gain


def _whole_faded(blocks: Iterable[Any], fades: Sequence[Mapping[str, Any]]) -> Iterator[Any]:
    """Fade a sum as it goes by."""
    first = 0
    for block in blocks:
        gain = np.broadcast_to(_faded(fades, first, first + len(block)), len(block))
        yield block * gain[:, None]
        first += len(block)


def _smooth(part: Any) -> Any:
    return part * part * (3.0 - 2.0 * part)


def _power(part: Any) -> Any:
    return np.sin(part * (np.pi / 2))


def opened_wav(path: Path) -> Pcm:
    """Find the samples of a WAV; it must be float, of one channel or two, at our rate."""
    with open(path, "rb") as stream:
        riff = stream.read(12)
        if riff[8:] != b"WAVE":
            raise ValueError("BUG: not a WAV")
        channels = 0
        while len(head := stream.read(8)) == 8:
            kind, size = struct.unpack("<4sI", head)
            if kind == b"data":
                rest = path.stat().st_size - stream.tell()
                whole = rest if size == _UNSAID else min(size, rest)
                return Pcm(path, stream.tell(), channels, whole // (channels * _SAMPLE))
            body = stream.read(size + size % 2)
            if kind == b"fmt ":
                channels = _channels(body)
    raise ValueError("BUG: a WAV without samples")


def _channels(body: bytes) -> int:
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if channels not in (1, 2) or (rate, bits) != (SAMPLE_RATE, 8 * _SAMPLE):
        raise ValueError(f"BUG: a WAV of {channels} channels, {rate} Hz, {bits} bits")
    return int(channels)


def _header(samples: int) -> bytes:
    size = samples * FRAME if samples * FRAME <= _UNSAID - 36 else _UNSAID
    fmt = struct.pack("<HHIIHH", 3, 2, SAMPLE_RATE, SAMPLE_RATE * FRAME, FRAME, 32)
    return (
        struct.pack("<4sI4s4sI", b"RIFF", min(size + 36, _UNSAID), b"WAVE", b"fmt ", 16)
        + fmt
        + struct.pack("<4sI", b"data", size)
    )
