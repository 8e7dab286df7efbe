"""Draw a still: the picture that an animatic of the same prompt and seed is about, without move or slate.

Knows nothing of files or formats.
"""

from vidbuild.runners.local.camera import View
from vidbuild.runners.local.colour import U8
from vidbuild.runners.local.colour import picture as to_picture
from vidbuild.runners.local.setting import setting

REVISION = 1


def picture(prompt: str, seed: int, size: tuple[int, int]) -> U8:
    """Return a picture of the given width and height as (H, W, 3) sRGB."""
    width, height = size
    scene, _ = setting(prompt, "", seed, (width + width % 2, height + height % 2))
    return to_picture(*scene.draw(0.0, View(0.0, 0.0, 1.0)))[:height, :width]
