"""How unlike footage becomes alike before anything else is done with it: what is clear lies on black, what is
brighter than a screen of the usual range is brought into it.

It knows pixels, and no frames or times.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vidbuild.media import ffargs
from vidbuild.words.rationaltime import decimal_text

WHITE_NITS = 203
"""How bright white is in the usual range, by BT.2408: 58 % of PQ's signal, 75 % of HLG's."""

PEAK_NITS = 1000
"""What is brighter than this is shown as this."""

TRANSFERS = {"pq": "smpte2084", "hlg": "arib-std-b67"}


@dataclass(frozen=True, slots=True)
class Unlike:
    """What is unusual about a source's pictures.

    Args:
        is_clear: whether some of them may be clear.
        light: `pq` or `hlg` where they are of a high dynamic range (BT.2020), else empty.
    """

    is_clear: bool = False
    light: str = ""


ALIKE = Unlike()
"""Pictures as most are."""


def plain(stream: Any, matrix: str, unlike: Unlike) -> tuple[Any, str]:
    """Make pictures opaque, as BT.709; give the matrix that they are then read with."""
    if unlike.light:
        stream, matrix = _mapped(stream, unlike.light), "bt709"
    elif unlike.is_clear:
        stream = stream.filter("scale", in_color_matrix=matrix, flags=ffargs.ACCURATE).filter("format", "gbrap")
        stream, matrix = stream.filter("premultiply", inplace=1).filter("format", "gbrp"), "auto"
    return stream, matrix


def _mapped(stream: Any, light: str) -> Any:
    """Map light to a screen's: white stays white at 85 % of the signal, what is brighter lies above it."""
    source = {"tin": TRANSFERS[light], "min": "2020_ncl", "pin": "2020"}
    stream = stream.filter("zscale", **source, t="linear", npl=WHITE_NITS).filter("format", "gbrpf32le")
    peak = decimal_text(Fraction(PEAK_NITS, WHITE_NITS))
    stream = stream.filter("zscale", p="709").filter("tonemap", tonemap="mobius", desat=0, peak=peak)
    stream = stream.filter("zscale", t="709", m="709", r="tv", dither="none")
    return stream.filter("format", "yuv420p").filter("limiter", max=235, planes=1)
