"""The camera: where it looks at a time in seconds, for each move that a prompt can name.

A move never depends on the take's length: it slows down for ever instead of ending.
Knows nothing of what it looks at.
"""

from dataclasses import dataclass
from math import ceil, exp

_SLOWING = 8.0  # seconds in which a move loses most of its speed
_TRAVEL = 0.22  # of the picture's width, for the nearest things, over a whole move
_RISE = 0.22  # of the picture's height
_ZOOM = 0.17
_START = 0.36  # how much of a move lies before the middle of the set


@dataclass(frozen=True)
class View:
    """One look: the nearest things stand `x`, `y` pixels off their place, then all is enlarged by `zoom`."""

    x: float
    y: float
    zoom: float


@dataclass(frozen=True)
class Camera:
    """A move over a picture of the given size."""

    move: str
    size: tuple[int, int]

    def view(self, seconds: float) -> View:
        """Return the look at a time."""
        width, height = self.size
        gone = 1.0 - exp(-seconds / _SLOWING)
        across, up = (gone - _START) * _TRAVEL * width, (gone - _START) * _RISE * height
        match self.move:
            case "pan-right":
                return View(-across, 0.0, 1.0)
            case "pan-left":
                return View(across, 0.0, 1.0)
            case "drift-right":
                return View(-across / 2, 0.0, 1.0)
            case "drift-left":
                return View(across / 2, 0.0, 1.0)
            case "tilt-up":
                return View(0.0, up, 1.0)
            case "tilt-down":
                return View(0.0, -up, 1.0)
            case "push-in":
                return View(0.0, 0.0, 1.0 + _ZOOM * gone)
            case "pull-out":
                return View(0.0, 0.0, 1.0 + _ZOOM * (1.0 - gone))
        return View(0.0, 0.0, 1.0)

    @property
    def reach(self) -> tuple[int, int]:
        """Return how far the nearest things can come off their place, in pixels, across and up."""
        ends = [self.view(0.0), self.view(1000.0)]
        return ceil(max(abs(end.x) for end in ends)), ceil(max(abs(end.y) for end in ends))
