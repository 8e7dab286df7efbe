"""Laying PCM on one timeline, sample by sample: exact, in bounded memory, however many sounds there are.

Float stereo WAV in and out, as `media.sound` asks for. It knows nothing of shots.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from vidbuild.words.rationaltime import SAMPLE_RATE

_BLOCK = SAMPLE_RATE * 10
_FRAME = 8


def lay(folder: Path, plan: Mapping[str, Any], where: Mapping[str, Path]) -> None:
    """Write the sum of all sounds at their places, ramped at their edges.

    Args:
        plan: `to`, `samples`, `edge`, and `sounds`, each `{from, at, samples, gain_db}`.
        where: the file of each sound by what its `from` says.
    """
    samples, edge = plan["samples"], plan["edge"]
    sounds = sorted(plan["sounds"], key=lambda sound: (sound["at"], sound["from"]))
    with open(folder / plan["to"], "wb") as target:
        target.write(_header(samples))
        waiting, under_way = list(reversed(sounds)), []
        for start in range(0, samples, _BLOCK):
            end = min(start + _BLOCK, samples)
            while waiting and waiting[-1]["at"] < end:
                under_way.append(waiting.pop())
            block = np.zeros((end - start, 2), dtype="<f4")
            for sound in under_way:
                _add(block, start, sound, where[sound["from"]], edge)
            under_way = [sound for sound in under_way if sound["at"] + sound["samples"] > end]
            target.write(block.tobytes())


def write(path: Path, samples: int, blocks: Iterable[Any]) -> None:
    """Write blocks of float stereo samples as one WAV of exactly `samples` samples."""
    with open(path, "wb") as target:
        target.write(_header(samples))
        for block in blocks:
            target.write(np.ascontiguousarray(block, dtype="<f4").tobytes())


def _add(block: Any, start: int, sound: Mapping[str, Any], path: Path, edge: int) -> None:
    """Add the part of a sound that falls into a block."""
    first = max(start, sound["at"])
    last = min(start + len(block), sound["at"] + sound["samples"])
    if last <= first:
        return
    offset = first - sound["at"]
    with open(path, "rb") as stream:
        stream.seek(_data_offset(stream) + offset * _FRAME)
        part = np.frombuffer(stream.read((last - first) * _FRAME), dtype="<f4").reshape(-1, 2)
    place = np.arange(offset, offset + len(part))
    ramp = np.minimum(np.minimum(place + 1, sound["samples"] - place), edge) / edge
    gain = 10.0 ** (float(sound["gain_db"]) / 20.0)
    block[first - start : first - start + len(part)] += (part * (ramp * gain)[:, None]).astype("<f4")


def _data_offset(stream: BinaryIO) -> int:
    """Find where a WAV's samples begin; it must be float stereo at our rate."""
    riff = stream.read(12)
    if riff[8:] != b"WAVE":
        raise ValueError("BUG: not a WAV")
    while len(head := stream.read(8)) == 8:
        kind, size = struct.unpack("<4sI", head)
        if kind == b"data":
            return stream.tell()
        body = stream.read(size + size % 2)
        if kind == b"fmt ":
            _check_format(body)
    raise ValueError("BUG: a WAV without samples")


def _check_format(body: bytes) -> None:
    _, channels, rate, _, _, bits = struct.unpack("<HHIIHH", body[:16])
    if (channels, rate, bits) != (2, SAMPLE_RATE, 32):
        raise ValueError(f"BUG: a WAV of {channels} channels, {rate} Hz, {bits} bits")


def _header(samples: int) -> bytes:
    size = min(samples * _FRAME, 0xFFFF_FFFF - 36)
    fmt = struct.pack("<HHIIHH", 3, 2, SAMPLE_RATE, SAMPLE_RATE * _FRAME, _FRAME, 32)
    return struct.pack("<4sI4s4sI", b"RIFF", size + 36, b"WAVE", b"fmt ", 16) + fmt + struct.pack("<4sI", b"data", size)
