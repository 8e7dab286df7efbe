"""What is known of a media file from its header, as a value. Who reads it is `runners.probing`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from vidbuild.media.reading import Unlike
from vidbuild.words.digest import Digest


@dataclass(frozen=True, slots=True)
class Probe:
    """A file's header.

    Args:
        kind: `video`, `still` or `sound`.
        seconds: of its picture, else of its sound; 0 for a still.
        width, height: upright, in square pixels, as it is shown.
        rate: average frames a second; 0 without moving picture.
        has_index: whether a time in it can be found without reading up to it.
        start: where the picture begins in the file's own time (its sound may begin before).
        has_alpha: whether some of its picture may be clear.
        light: `pq` or `hlg` where it is of a high dynamic range, else empty.
        decoder: the one that sees what is clear, where that isn't the usual one (WebM keeps it apart).
        matrix: the colour matrix to read it with (`bt709`, `smpte170m`, ...), or `auto` where it says so itself.
    """

    kind: str
    seconds: Fraction
    width: int
    height: int
    rate: Fraction
    has_sound: bool
    matrix: str = "auto"
    start: Fraction = Fraction(0)
    has_index: bool = True
    has_alpha: bool = False
    light: str = ""
    decoder: str = ""

    @property
    def unlike(self) -> Unlike:
        """What its pictures need before they can be shown."""
        return Unlike(self.has_alpha, self.light)


MOST_PIXELS = {"still": 100_000_000, "video": 8192 * 8192}
"""Larger pictures take more memory than a build may want of a machine; none of a film's are shown so large."""


def too_large(kind: str, width: int, height: int) -> str:
    """Say why a picture isn't read, if it is too large."""
    most = MOST_PIXELS[kind]
    if width * height <= most:
        return ""
    megapixels = -(-width * height // 1_000_000)
    return f"it has {width}x{height} pixels, {megapixels} million; {most // 1_000_000} million are the most"


@dataclass(frozen=True, slots=True)
class OwnFile:
    """An own file as planning sees it: what is in it, and what its header says."""

    digest: Digest
    probe: Probe


def assumed_matrix(tagged: bool, is_rgb: bool, width: int, height: int) -> str:
    """Say which matrix untagged YUV is in: BT.709 from 720 lines or 1280 columns on, else BT.601.

    swscale would take all of it for BT.601 and shift the colours of untagged HD (measured on ffmpeg 9.0.2).
    """
    if tagged or is_rgb:
        return "auto"
    return "bt709" if width >= 1280 or height >= 720 else "smpte170m"
