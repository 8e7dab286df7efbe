"""Finding faces in a picture, with the cascades that OpenCV brings: the extra `faces`.

Source: OpenCV, "Cascade Classifier" tutorial; the cascades lie in the package (`cv2.data.haarcascades`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from vidbuild.media.following import Face

_LEAST = 24
"""Pixels of the smallest face that is found."""
_STEP, _NEIGHBOURS = 1.1, 3


def finder() -> Callable[[Any], list[Face]]:
    """Give what finds the faces of an 8-bit grey picture, seen from the front and from both sides."""
    import cv2
    import cv2.data

    cv2.setNumThreads(1)
    front, side = (
        cv2.CascadeClassifier(f"{cv2.data.haarcascades}haarcascade_{name}.xml")
        for name in ("frontalface_alt2", "profileface")
    )

    def seen(cascade: Any, picture: Any) -> list[tuple[int, ...]]:
        found = cascade.detectMultiScale(picture, _STEP, _NEIGHBOURS, minSize=(_LEAST, _LEAST))
        return [tuple(int(part) for part in box) for box in found]

    def find(picture: Any) -> list[Face]:
        high, wide = picture.shape
        even = cv2.equalizeHist(picture)
        turned = ((wide - x - w, y, w, h) for x, y, w, h in seen(side, even[:, ::-1].copy()))
        boxes = (*seen(front, even), *seen(side, even), *turned)
        return [Face((x + w / 2) / wide, (y + h / 2) / high, w / wide) for x, y, w, h in boxes]

    return find
