"""Draw an animatic shot: a pleasant moving picture seeded by its prompt, with a slate, as yuv420p frames.

What is seen at a time does not depend on the take's length. Knows nothing of encoders, actions or files.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vidbuild.runners.local.blending import Dissolve
from vidbuild.runners.local.colour import U8, Planes, planes
from vidbuild.runners.local.prompt import own
from vidbuild.runners.local.setting import setting
from vidbuild.runners.local.slate import Slate, plate
from vidbuild.runners.local.stage import enlarged

REVISION = 1

_DISSOLVE = 1.5  # seconds
_PUSH = 0.05  # how much a given picture is enlarged in a second where the camera does not zoom itself


@dataclass(frozen=True)
class AnimaticShot:
    """What to draw: `prompt` is a style and the shot's own words, `slate` the first of those, or empty.

    `init` and `end` are pictures of any size.
    """

    prompt: str
    slate: str
    seed: int
    frames: int
    fps: Fraction
    size: tuple[int, int]
    init: NDArray[np.uint8] | None = None
    end: NDArray[np.uint8] | None = None


def frames(shot: AnimaticShot) -> Iterator[bytes]:
    """Yield the shot's frames, each as the Y, U and V planes of one yuv420p picture (BT.709, limited range)."""
    scene, camera = setting(shot.prompt, shot.slate, shot.seed, shot.size)
    goes_on = bool(shot.slate) and own(shot.prompt, shot.slate) != shot.slate
    slate = Slate(shot.slate.rstrip(" ,;:.") + "…" if goes_on else shot.slate, shot.seed, shot.size)
    init, end = (None if given is None else _Given(given, shot.size) for given in (shot.init, shot.end))
    for index in range(shot.frames):
        gone, left = (float(Fraction(number) / shot.fps) for number in (index, shot.frames - 1 - index))
        if init is not None and index == 0:
            picture = init.exact
        elif end is not None and left == 0:
            picture = end.exact
        else:
            view = camera.view(gone)
            drawn = scene.draw(gone, view)
            push = _PUSH if view.zoom == 1.0 else 0.0
            if init is not None:
                drawn = init.over(drawn, gone, push)
            if end is not None:
                drawn = end.over(drawn, left, push)
            picture = (drawn[0].copy(), drawn[1].copy(), drawn[2].copy())
            slate.lay(picture, Fraction(index) / shot.fps)
        yield b"".join(each.tobytes() for each in picture)


class _Given:
    """A given picture, which the shot leaves or comes to by a slow push and a dissolve."""

    def __init__(self, picture: U8, size: tuple[int, int]) -> None:
        self.exact = planes(fitted(picture, size))
        left, top, width, height = plate(size)
        y, u, v = (
            _without(plane, (left // step, top // step, width // step, height // step), 4 // step)
            for plane, step in zip(self.exact, (1, 2, 2), strict=True)
        )
        self._bare: Planes = (y, u, v)  # a plate on it may not be seen to grow beyond the new one
        self._dissolve = Dissolve(self._bare)

    def over(self, scene: Planes, away: float, push: float) -> Planes:
        """Return what is seen of it over the scene, `away` seconds from where it is seen alone."""
        if away >= _DISSOLVE:
            return scene
        seen = enlarged(self._bare, 1 + push * away) if push else self._bare
        return self._dissolve.at(seen, scene, away / _DISSOLVE)


def fitted(picture: U8, size: tuple[int, int]) -> U8:
    """Return the picture scaled to cover the size, cropped centrally; at the same size, itself."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    scale = min(width / size[0], height / size[1])
    left, top = (width - size[0] * scale) / 2, (height - size[1] * scale) / 2
    box = (left, top, width - left, height - top)
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.BICUBIC, box))


def _without(plane: U8, box: tuple[int, int, int, int], around: int) -> U8:
    """Return the plane with a box filled by what surrounds it, each edge counting the more the nearer it is."""
    left, top = max(0, box[0] - around), max(0, box[1] - around)
    right = min(plane.shape[1], box[0] + box[2] + around)
    bottom = min(plane.shape[0], box[1] + box[3] + around)
    rows, columns = np.arange(top, bottom)[:, None], np.arange(left, right)[None, :]
    total = weight = np.zeros((bottom - top, right - left))
    for edge, distance in (
        (plane[max(0, top - 1), left:right][None, :], rows - top + 1),
        (plane[min(plane.shape[0] - 1, bottom), left:right][None, :], bottom - rows),
        (plane[top:bottom, max(0, left - 1)][:, None], columns - left + 1),
        (plane[top:bottom, min(plane.shape[1] - 1, right)][:, None], right - columns),
    ):
        total, weight = total + edge / distance, weight + 1 / distance
    result = plane.copy()
    result[top:bottom, left:right] = np.rint(total / weight)
    return result
