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


def setting(prompt: str, slate: str, seed: int, size: tuple[int, int]) -> tuple[Scene, Camera]:
    """Set up the scene at an even size, and the camera before it.

    The shot's own words, which begin with the slate's, decide all but the palette; without a slate the prompt does.
    """
    if min(size) < 16 or size[0] % 2 or size[1] % 2:
        raise ValueError(f"a drawn picture needs even sides of 16 or more, not {size[0]}x{size[1]}")
    own = asked.own(prompt, slate)
    choice, mood = generator("setting", own, seed), generator("mood", prompt, seed)
    kind = asked.kind(own, choice, last=1 if slate else 2)
    palette = jittered(PALETTES[asked.palette(own, prompt.removesuffix(own), kind, mood)], mood)
    camera = Camera(asked.move(own, choice), size)
    drawing = generator("drawing", own, seed)
    sketch = Sketch(size, camera.reach, palette, frozenset(asked.words(own)), drawing)
    return _SCENES[kind](sketch), camera
