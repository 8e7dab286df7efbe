"""Two finished files beside each other: pictures and sound compared exactly, loudness measured, what differs shown.

Every picture and every tenth of a second of sound is decoded once and kept as a digest, so memory grows by some tens of
bytes for each. It knows files, and neither projects nor where the files come from.
"""

from __future__ import annotations

import asyncio
import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vidbuild.media import ffargs
from vidbuild.media.likeness import Change, changes
from vidbuild.media.probe import Probe
from vidbuild.runners import probing, process
from vidbuild.runners.frame_list import frames
from vidbuild.runners.loudness import read
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import ActionFailed

CAPTIONS = (".srt", ".vtt")
STEP = 4800
"""Samples of sound that are compared together."""
MOST_SPOTS = 24
"""Places of a file whose pictures are shown."""
_LONG = 48
"""Pictures of a stretch that is shown in three places."""
_WIDTH = 320
_GAIN, _LEAST = 4, 40
"""How a difference is made to be seen: so many times as strong, and at least so strong."""
_NEAR = Fraction(2, 1000)
"""Seconds by which times of one thing may differ: clocks of some files count milliseconds."""
_CLEAR = 16
"""Levels of 255 by which pixels differ that people see; fewer are mostly the encoder's."""


@dataclass(frozen=True)
class Facts:
    """What is known of one file.

    Args:
        probe: its header; `None` for what is no picture, video or sound.
        frames: how many pictures were decoded.
        lufs, peak_db: integrated loudness and true peak; `None` for silence, or without sound.
        lag: how much later than its picture its sound begins, in seconds; `None` where one of them is lacking.
        colours: what it says of how its colours are to be read.
    """

    sha256: Digest
    bytes: int
    probe: Probe | None = None
    frames: int = 0
    seconds: Fraction = Fraction(0)
    lufs: float | None = None
    peak_db: float | None = None
    lag: Fraction | None = None
    colours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Spot:
    """One place that differs, shown: JPEG of what stood there, of what stands there, and of their difference.

    Args:
        frame, now_frame: their numbers; `None` where there is none.
        share: which part of the pixels differs.
        most: by how many levels of 255, at most.
        box: where they differ clearly, as left, top, right and bottom by parts of the picture; `None` where nowhere.
    """

    frame: int | None
    now_frame: int | None
    was: bytes | None
    now: bytes | None
    difference: bytes | None = None
    share: float | None = None
    most: int = 0
    box: tuple[float, float, float, float] | None = None


@dataclass(frozen=True)
class Beside:
    """Two files compared.

    Args:
        pictures: stretches of pictures that differ, by number; `times` are when they stand, in what is there now.
        sounds: stretches of sound that differ, in seconds of what is there now.
        captions: what was said and is said otherwise.
        is_otherwise: whether something that is neither picture nor sound has other bytes.
        is_retimed: whether the same pictures stand at other times.
    """

    was: Facts
    now: Facts
    pictures: tuple[Change, ...] = ()
    times: tuple[tuple[Fraction, Fraction], ...] = ()
    sounds: tuple[tuple[Fraction, Fraction], ...] = ()
    captions: tuple[tuple[str, str], ...] = ()
    spots: tuple[Spot, ...] = ()
    is_otherwise: bool = False
    is_retimed: bool = False

    @property
    def differs(self) -> bool:
        """Whether anything that is seen, heard or read is otherwise."""
        is_presented = self.is_retimed or self.is_reshaped or bool(self.slip) or self.was.colours != self.now.colours
        return bool(self.pictures or self.sounds or self.captions) or self.is_otherwise or is_presented

    @property
    def is_reshaped(self) -> bool:
        """Whether its picture is shown in another size or shape, be it of the same pixels."""
        was, now = self.was.probe, self.now.probe
        return was is not None and now is not None and (was.width, was.height) != (now.width, now.height)

    @property
    def slip(self) -> Fraction:
        """How much later its sound stands now against its picture, in seconds."""
        if self.was.lag is None or self.now.lag is None:
            return Fraction(0)
        slip = self.now.lag - self.was.lag
        return slip if abs(slip) > _NEAR else Fraction(0)


@dataclass(frozen=True)
class _Listed:
    """Digests of a file's pictures with their times, and of its sound by steps, which begins `lag` s behind them."""

    pictures: Sequence[bytes]
    times: Sequence[Fraction]
    sounds: Sequence[bytes]
    step: Fraction
    lag: Fraction | None


def facts(path: Path, name: str) -> Facts:
    """Say what there is to say of a file without decoding it; its name says whether it holds captions."""
    with open(path, "rb") as stream:
        digest = digest_stream(stream)
    size = path.stat().st_size
    if name.lower().endswith(CAPTIONS):
        return Facts(digest, size)
    try:
        probe = probing.probe(path)
    except probing.NotMedia:
        return Facts(digest, size)
    return Facts(digest, size, probe, seconds=probe.seconds)


async def compared(ffmpeg: Path, was: Path, now: Path, name: str, folder: Path, most: int = MOST_SPOTS) -> Beside:
    """Compare two files.

    Args:
        name: what they are called; in a store no file has a name that says what it is.
        folder: a clean one to work in.
        most: how many places are shown.

    Raises:
        ActionFailed: one of them can't be decoded.
    """
    before, after = [await asyncio.to_thread(facts, path, name) for path in (was, now)]
    if before.sha256 == after.sha256:
        return Beside(before, after)
    if name.lower().endswith(CAPTIONS):
        return Beside(before, after, captions=tuple(_captions(_text(was), _text(now))))
    if before.probe is None or after.probe is None:
        return Beside(before, after, is_otherwise=True)
    sides = [(was, before, folder / "was"), (now, after, folder / "now")]
    for _, _, place in sides:
        place.mkdir()
    lists = await asyncio.gather(*(_listed(ffmpeg, path, said.probe, place) for path, said, place in sides))
    before, after = await asyncio.gather(
        *(_heard(ffmpeg, *side, listed) for side, listed in zip(sides, lists, strict=True))
    )
    old, new = lists
    pictures = tuple(changes(old.pictures, new.pictures))
    is_apart = old.step != new.step and bool(old.sounds and new.sounds)
    sounds = [Change(0, len(old.sounds), 0, len(new.sounds))] if is_apart else changes(old.sounds, new.sounds)
    spots = await _spots(ffmpeg, sides, pictures, most)
    moved = (abs(one - other) > _NEAR for one, other in zip(old.times, new.times, strict=False))
    return Beside(
        before,
        after,
        pictures,
        tuple((new.times[change.now_first], new.times[change.now_end]) for change in pictures),
        tuple((change.now_first * new.step, change.now_end * new.step) for change in sounds),
        spots=spots,
        is_retimed=not pictures and any(moved),
    )


async def _listed(ffmpeg: Path, path: Path, probe: Probe | None, folder: Path) -> _Listed:
    """Decode a file, and list the digests of its pictures and of its sound."""
    assert probe is not None
    has_picture, has_sound = probe.kind != "sound", probe.has_sound
    maps = [*(["-map", "0:v:0", "-c:v", "rawvideo"] if has_picture else [])]
    maps += ["-map", "0:a:0", "-af", f"asetnsamples=n={STEP}:p=0", "-c:a", "pcm_f32le"] if has_sound else []
    await _run(
        ffmpeg, path, [*maps, "-fps_mode", "passthrough", "-f", "framehash", "-hash", "murmur3", "list.txt"], folder
    )
    return await asyncio.to_thread(_read_list, folder / "list.txt")


def _read_list(path: Path) -> _Listed:
    words: dict[tuple[str, str], str] = {}
    digests: dict[str, list[bytes]] = {"video": [], "audio": []}
    starts: list[int] = []
    last, sound = 0, 0
    for number, start, lasts, digest in frames(path, words):
        kind = words["media_type", number]
        if kind == "audio" and not digests[kind]:
            sound = start
        digests[kind].append(bytes.fromhex(digest))
        if kind == "video":
            starts.append(start)
            last = start + lasts
    numbers = {kind: number for (name, number), kind in words.items() if name == "media_type"}
    clock = Fraction(words["tb", numbers["video"]]) if "video" in numbers else Fraction(0)
    rate = int(words["sample_rate", numbers["audio"]]) if "audio" in numbers else 1
    begin = starts[0] if starts else 0
    times = [(start - begin) * clock for start in (*starts, last)]
    lag = None
    if starts and digests["audio"]:
        lag = sound * Fraction(words["tb", numbers["audio"]]) - begin * clock
    return _Listed(digests["video"], times, digests["audio"], Fraction(STEP, rate), lag)


async def _heard(ffmpeg: Path, path: Path, said: Facts, folder: Path, listed: _Listed) -> Facts:
    """Measure a file's loudness."""
    lufs, peak = None, None
    assert said.probe is not None
    if listed.sounds:
        argv = [str(ffmpeg), *ffargs.measure_loudness(f"file:{path.absolute()}")[1:]]
        ended = await process.run(argv, folder)
        if ended.code:
            raise _unread(path, ended)
        heard = read(folder / "loudness.txt")
        lufs = heard.lufs
        peak = 20 * math.log10(heard.peak) if heard.peak > 0 and lufs is not None else None
    seconds = listed.times[-1] if listed.pictures and said.probe.kind == "video" else said.probe.seconds
    colours = await asyncio.to_thread(probing.colours, path) if listed.pictures else {}
    return Facts(said.sha256, said.bytes, said.probe, len(listed.pictures), seconds, lufs, peak, listed.lag, colours)


async def _spots(
    ffmpeg: Path, sides: Sequence[tuple[Path, Facts, Path]], pictures: Sequence[Change], most: int
) -> tuple[Spot, ...]:
    """Show places that differ, of every stretch its middle, of a few long ones more."""
    places: list[tuple[int | None, int | None]] = []
    for change in pictures[:most]:
        length = max(change.was, change.now)
        parts = (1, 3, 5) if length > _LONG and len(pictures) * 3 <= most else (3,)
        places += [(_at(change.first, change.was, part), _at(change.now_first, change.now, part)) for part in parts]
    if not places:
        return ()
    numbers = [sorted({number for place in places if (number := place[side]) is not None}) for side in (0, 1)]
    await asyncio.gather(
        *(
            _pick(ffmpeg, path, folder, wanted)
            for (path, _, folder), wanted in zip(sides, numbers, strict=True)
            if wanted
        )
    )
    rows = [{number: index for index, number in enumerate(wanted, 1)} for wanted in numbers]
    folders = [folder for _, _, folder in sides]
    return tuple([await asyncio.to_thread(_shown, place, rows, folders) for place in places])


async def _pick(ffmpeg: Path, path: Path, folder: Path, wanted: Sequence[int]) -> None:
    """Decode some pictures of a file, as far as the last of them."""
    picked = "+".join(f"eq(n\\,{number})" for number in wanted)
    how = ["-map", "0:v:0", "-vf", f"select={picked},format=rgb24", "-fps_mode", "passthrough"]
    how += ["-frames:v", str(len(wanted)), "-c:v", "ppm", "-f", "image2", "picked%d.ppm"]
    await _run(ffmpeg, path, how, folder)


def _at(first: int, count: int, sixth: int) -> int | None:
    """Give the number of a picture so many sixths into a stretch; `None` in an empty one."""
    return first + min(count - 1, count * sixth // 6) if count else None


def _shown(place: tuple[int | None, int | None], rows: Sequence[Mapping[int, int]], folders: Sequence[Path]) -> Spot:
    found: list[Any] = []
    for number, row, folder in zip(place, rows, folders, strict=True):
        if number is None:
            found.append(None)
            continue
        with Image.open(folder / f"picked{row[number]}.ppm") as picture:
            found.append(picture.convert("RGB"))
    was, now = found
    small = [each and _jpeg(each.resize(_small(each.size), Image.Resampling.BOX)) for each in found]
    spot = Spot(place[0], place[1], small[0], small[1])
    if was is None or now is None or was.size != now.size:
        return spot
    apart = np.abs(np.asarray(was, np.int16) - np.asarray(now, np.int16)).max(axis=2).astype(np.uint8)
    share = float(np.count_nonzero(apart)) / apart.size
    return replace(spot, difference=_drawn(apart, now), share=share, most=int(apart.max()), box=_box(apart > _CLEAR))


def _box(is_clear: Any) -> tuple[float, float, float, float] | None:
    height, width = is_clear.shape
    rows, columns = np.flatnonzero(is_clear.any(axis=1)), np.flatnonzero(is_clear.any(axis=0))
    if not len(rows):
        return None
    return (
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )


def _drawn(apart: Any, now: Any) -> bytes:
    """Draw where two pictures differ: red over the grey of what is there now, every pixel that differs seen."""
    size = _small(now.size)
    factor = max(1, apart.shape[1] // size[0])
    pooled = np.pad(apart, [(0, -side % factor) for side in apart.shape])
    pooled = pooled.reshape(pooled.shape[0] // factor, factor, -1, factor).max(axis=(1, 3))
    strong = np.where(pooled > 0, np.maximum(_LEAST, np.minimum(255, pooled.astype(np.uint16) * _GAIN)), 0)
    cover = (
        np.asarray(Image.fromarray(strong.astype(np.uint8)).resize(size, Image.Resampling.BILINEAR), np.float32) / 255
    )
    ground = np.asarray(now.resize(size, Image.Resampling.BOX).convert("L"), np.float32)[..., None] * 0.5
    drawn = ground * (1 - cover[..., None]) + np.array([255, 60, 40], np.float32) * cover[..., None]
    return _jpeg(Image.fromarray(drawn.astype(np.uint8)))


def _small(size: tuple[int, int]) -> tuple[int, int]:
    """Give the size that a picture is shown at: no side longer than the width of a column."""
    scale = min(1.0, _WIDTH / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _jpeg(picture: Any) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=85)
    return kept.getvalue()


async def _run(ffmpeg: Path, path: Path, told: Sequence[str], folder: Path) -> None:
    reading = ["-protocol_whitelist", "file", "-format_whitelist", ffargs.FORMATS, "-i", f"file:{path.absolute()}"]
    ended = await process.run([str(ffmpeg), *ffargs.QUIET[1:], *reading, *told], folder)
    if ended.code:
        raise _unread(path, ended)


def _unread(path: Path, ended: process.Ended) -> ActionFailed:
    return ActionFailed(f"`{path.name}` can't be decoded", {"exit code": str(ended.code)}, log=ended.log)


def _captions(was: str, now: str) -> list[tuple[str, str]]:
    """Compare captions cue by cue; each with when it begins."""
    old, new = _cues(was), _cues(now)
    found = []
    for change in changes(old, new):
        before, after = old[change.first : change.end], new[change.now_first : change.now_end]
        rows = max(len(before), len(after))
        found += list(zip(*([*cues, *[""] * (rows - len(cues))] for cues in (before, after)), strict=True))
    return found


def _cues(text: str) -> list[str]:
    """Give every cue as `00:00:01.000 --> 00:00:02.000 what is said`."""
    cues = []
    for block in re.split(r"\n\s*\n", text.replace("\r\n", "\n")):
        lines = [line.strip() for line in block.splitlines()]
        at = next((index for index, line in enumerate(lines) if "-->" in line), None)
        if at is not None:
            cues.append(" ".join(lines[at:]))
    return cues


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8-sig", errors="replace")
