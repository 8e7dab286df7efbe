"""How pictures and sound are encoded, codec by codec, so that pieces join by copying and bytes repeat.

One scale of quality and of speed for all, in x264's own words; what others make of them was measured (docs/design.md).
It knows no shots and no platforms.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from vidbuild.words.rationaltime import half_up

PRESETS = ("ultrafast", "superfast", "veryfast", "faster", "fast", "medium", "slow")

SUFFIXES: Mapping[str, str] = {"h264": "mp4", "h265": "mp4", "av1": "mp4", "vp9": "webm", "prores": "mov"}
"""What a finished video in each codec is: the form of its file."""

TYPES: Mapping[str, str] = {
    "mp4": "video/mp4", "webm": "video/webm", "mov": "video/quicktime", "m4a": "audio/mp4", "mp3": "audio/mpeg",
    "ogg": "audio/ogg", "wav": "audio/wav",
}  # fmt: skip

SOUND_OF: Mapping[str, str] = {"mp4": "aac", "mov": "pcm", "webm": "opus", "m4a": "aac", "mp3": "mp3"}
"""How sound is encoded in each form of file."""

SOUNDS: Mapping[str, str] = {"aac": "mp4", "opus": "ogg", "mp3": "mp3", "pcm": "wav"}
"""The form in which a mix in each codec is kept until it is delivered."""

SOUND_TYPES: Mapping[str, str] = {**{codec: TYPES[form] for codec, form in SOUNDS.items()}, "aac": TYPES["m4a"]}
"""What such a mix is: an MP4 without a picture is an M4A."""

LEADS: Mapping[str, int] = {"aac": 1024}
"""Samples of silence in front of a mix, which its timestamps leave out: ffmpeg's AAC rings for 2048 samples where a
stream begins loud, to twice its peak; behind a silent frame it does not (measured)."""

_SVT = dict(zip(PRESETS, (11, 10, 10, 9, 8, 6, 4), strict=True))
_VPX_QUICK = {"ultrafast": 8, "superfast": 7, "veryfast": 5}
_VPX_GOOD = {"faster": 5, "fast": 4, "medium": 2, "slow": 1}
_X265 = {**dict.fromkeys(PRESETS[:3], "superfast"), "ultrafast": "ultrafast", "faster": "veryfast", "fast": "fast"}


@dataclass(frozen=True, slots=True)
class Encoder:
    """How pictures are encoded.

    Args:
        preset, crf: speed and constant quality, in x264's words; ProRes has neither.
        codec: `h264`, `h265`, `av1`, `vp9` or `prores`.
        maxrate_kbps: the highest rate, in kilobits a second, over `bufsize_kbps` of buffer; no bound where `None`.
    """

    preset: str = "veryfast"
    crf: int = 20
    codec: str = "h264"
    maxrate_kbps: int | None = None
    bufsize_kbps: int | None = None

    @property
    def form(self) -> str:
        """The form of a piece's file: a finished WebM's pieces too are MP4, whose clock is exact."""
        return "mov" if self.codec == "prores" else "mp4"

    @property
    def pixels(self) -> str:
        """How pictures are given to it."""
        return "yuv422p10le" if self.codec == "prores" else "yuv420p"

    @property
    def words(self) -> str:
        """What the author is told of it."""
        said = "" if self.codec == "h264" else f"{self.codec}, "
        said += "422 HQ" if self.codec == "prores" else f"{self.preset}, crf {self.crf}"
        return said + (f", at most {self.maxrate_kbps} kbit/s" if self.maxrate_kbps else "")


def of_pictures(encoder: Encoder, rate: Fraction) -> list[str]:
    """Give the options that encode a piece: closed groups of pictures, one header for all pieces, one thread."""
    group = str(half_up(2 * rate))
    if encoder.codec == "h264":
        params = "open-gop=0:scenecut=40:stitchable=1:8x8dct=1:cabac=1"
        return [
            "-c:v", "libx264", "-preset", encoder.preset, "-crf", str(encoder.crf), *_bound(encoder),
            "-profile:v", "high", "-g", group, "-threads:v", "1", "-x264-params", params,
        ]  # fmt: skip
    if encoder.codec == "h265":
        params = "open-gop=0:pools=none:frame-threads=1:info=0:log-level=error"
        return [
            "-c:v", "libx265", "-preset", _X265.get(encoder.preset, encoder.preset),
            "-crf", str(min(51, encoder.crf + 4)), *_bound(encoder), "-g", group,
            "-threads:v", "1", "-x265-params", params, "-tag:v", "hvc1",
        ]  # fmt: skip
    if encoder.codec == "av1":
        return [
            "-c:v", "libsvtav1", "-preset", str(_SVT[encoder.preset]), "-crf", str(min(63, encoder.crf + 14)),
            *_bound(encoder), "-g", group, "-svtav1-params", "lp=1",
        ]  # fmt: skip
    if encoder.codec == "vp9":
        is_quick = encoder.preset in _VPX_QUICK
        most = f"{encoder.maxrate_kbps}k" if encoder.maxrate_kbps else "0"
        deadline, speed = "realtime" if is_quick else "good", (_VPX_QUICK if is_quick else _VPX_GOOD)[encoder.preset]
        return [
            "-c:v", "libvpx-vp9", "-deadline", deadline, "-cpu-used", str(speed),
            "-crf", str(min(63, encoder.crf + 16)), "-b:v", most, *_bound(encoder),
            "-g", group, "-threads:v", "1", "-row-mt", "0", "-tile-columns", "0",
        ]  # fmt: skip
    return ["-c:v", "prores", "-profile:v", "3", "-vendor", "apl0", "-threads:v", "1"]


def of_sound(codec: str, kbps: int) -> list[str]:
    """Give the options that encode a finished mix."""
    rate = ["-b:a", f"{kbps}k", "-flags:a", "+bitexact"]
    if codec == "opus":
        return ["-c:a", "libopus", *rate, "-vbr", "on"]
    if codec == "mp3":
        return ["-c:a", "libmp3lame", *rate, "-write_xing", "1", "-id3v2_version", "3"]
    if codec == "pcm":
        return ["-c:a", "pcm_s24le"]
    return ["-c:a", "aac", *rate, "-bsf:a", f"setts=ts=TS-{LEADS['aac']}"]


def _bound(encoder: Encoder) -> list[str]:
    if encoder.maxrate_kbps is None:
        return []
    buffer = encoder.bufsize_kbps or 2 * encoder.maxrate_kbps
    return ["-maxrate", f"{encoder.maxrate_kbps}k", "-bufsize", f"{buffer}k"]
