"""Watching a film to say where it should be looked at: shrunk pictures in, a small file of points out.

How they are looked at is `media.following`'s; it knows no ffmpeg.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from PIL import Image

from vidbuild.media.measures import GRID
from vidbuild.media.moving import UNITS
from vidbuild.runners import moving
from vidbuild.words.rationaltime import half_up

_HALF = (GRID[0] // 2, GRID[1] // 2)
_LOOKS = 4
"""How often a second faces are looked for."""


def watched(told: Mapping[str, Any], to: Path, stream: BinaryIO) -> None:
    """Write the points of the pictures that a step asks for, of all that are sent.

    Args:
        told: `rate`, `first`: the number of the first picture that is sent, `from` and `until`: those that are told;
            `finds`, where faces are followed.
    """
    import numpy as np

    from vidbuild.media import following

    size, rate = moving.size_of(stream), Fraction(told["rate"])
    planes: tuple[list[Any], ...] = ([], [], [])
    faces: dict[int, list[following.Face]] = {}
    find, each = (_finder(), half_up(rate / _LOOKS) or 1) if "finds" in told else (None, 1)
    while size is not None and (picture := moving.read(stream, size)) is not None:
        number = len(planes[0])
        if find is not None:
            if number % each == 0:
                faces[number] = find(np.asarray(picture[0]))
            picture = _small(picture)
        for kept, plane in zip(planes, picture, strict=True):
            kept.append(np.asarray(plane))
    first = int(told["first"])
    begin, end = int(told["from"]) - first, int(told["until"]) - first
    points, cuts = [], []
    if len(planes[0]) > begin:
        luma, *chroma = (np.stack(kept) for kept in planes)
        found, at = following.points(luma, chroma, rate, faces if find is not None else None)
        points = np.rint(found[begin:end] * UNITS).astype(int).tolist()
        cuts = [first + cut for cut in at if begin <= cut <= end]
    path = {"rate": told["rate"], "first": int(told["from"]), "points": points, "cuts": cuts}
    to.write_text(json.dumps(path, separators=(",", ":")) + "\n", encoding="utf-8")


def _finder() -> Any:
    """Give what finds the faces of a picture."""
    from vidbuild.runners import faces

    return faces.finder()


def _small(picture: moving.Planes) -> moving.Planes:
    """Shrink a picture to the grid that everything else is looked for in."""
    luma, first, second = (
        plane.resize(size, Image.Resampling.BOX) for plane, size in zip(picture, (GRID, _HALF, _HALF), strict=True)
    )
    return luma, first, second
