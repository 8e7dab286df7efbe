"""What jobs are sent along with in tests of wires, where that is no picture: sound and footage of a second."""

from __future__ import annotations

import os
from fractions import Fraction

from vidbuild.runners import ffmpeg
from vidbuild.testing.vendors.loopback import kept
from vidbuild.testing.vendors.takes import MEDIA, Studio, Wants
from vidbuild.wire.values import Media

SLOTS = {"avatar": ("line",), "lipsync": ("clip", "line")}
"""What kinds of models are given that is no picture."""
_FORMS = {"line": "mp3", "clip": "mp4"}


def sample(slot: str) -> Media | None:
    """Give sound or footage of a second for a slot; `None` for one that takes a picture."""
    form = _FORMS.get(slot)
    if form is None:
        return None
    studio = Studio(kept(), ffmpeg.find(os.environ))
    return Media(studio.make(Wants(form, f"{len(slot):064x}", Fraction(1), (160, 90))), MEDIA[form])
