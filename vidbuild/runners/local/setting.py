"""A setting: the scene and the camera that a prompt and a seed ask for.

The one place that knows all kinds of scene. Knows nothing of frames, slates or given pictures.
"""

from collections.abc import Callable

from vidbuild.runners.local import prompt as asked
from vidbuild.runners.local.camera import Camera
from vidbuild.runners.local.colour import PALETTES, jittered
from vidbuild.runners.local.scenes import abstract, city, hills, interior, night, portrait, sea
from vidbuild.runners.local.seeded import generator
from vidbuild.runners.local.stage import Scene, Sketch

_SCENES: dict[str, Callable[[Sketch], Scene]] = {
    "hills": hills.stage,
    "city": city.stage,
    "sea": sea.stage,
    "interior": interior.stage,
    "portrait": portrait.stage,
    "night": night.stage,
    "abstract": abstract.stage,
}


def setting(prompt: str, seed: int, size: tuple[int, int]) -> tuple[Scene, Camera]:
    """Set up the scene at an even size, and the camera before it."""
    if min(size) < 16 or size[0] % 2 or size[1] % 2:
        raise ValueError(f"a drawn picture needs even sides of 16 or more, not {size[0]}x{size[1]}")
    choice = generator("setting", prompt, seed)
    kind = asked.kind(prompt, choice)
    palette = jittered(PALETTES[asked.palette(prompt, kind, choice)], choice)
    camera = Camera(asked.move(prompt, choice), size)
    drawing = generator("drawing", prompt, seed)
    sketch = Sketch(size, camera.reach, palette, frozenset(asked.words(prompt)), drawing)
    return _SCENES[kind](sketch), camera
