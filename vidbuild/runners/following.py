"""Watching a film to say where it should be looked at: shrunk pictures in, a small file of points out.

How they are looked at is `media.following`'s; it knows no ffmpeg.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from vidbuild.media.moving import UNITS
from vidbuild.runners import moving


def watched(told: Mapping[str, Any], to: Path, stream: BinaryIO) -> None:
    """Write the points of the pictures that a step asks for, of all that are sent.

    Args:
        told: `rate`, `first`: the number of the first picture that is sent, `from` and `until`: those that are told.
    """
    import numpy as np

    from vidbuild.media import following

    size = moving.size_of(stream)
    planes: tuple[list[Any], ...] = ([], [], [])
    while size is not None and (picture := moving.read(stream, size)) is not None:
        for kept, plane in zip(planes, picture, strict=True):
            kept.append(np.asarray(plane))
    first = int(told["first"])
    begin, end = int(told["from"]) - first, int(told["until"]) - first
    points, cuts = [], []
    if len(planes[0]) > begin:
        luma, *chroma = (np.stack(kept) for kept in planes)
        found, at = following.points(luma, chroma, Fraction(told["rate"]))
        points = np.rint(found[begin:end] * UNITS).astype(int).tolist()
        cuts = [first + cut for cut in at if begin <= cut <= end]
    path = {"rate": told["rate"], "first": int(told["from"]), "points": points, "cuts": cuts}
    to.write_text(json.dumps(path, separators=(",", ":")) + "\n", encoding="utf-8")
