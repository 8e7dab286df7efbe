"""What a prompt's words ask of a drawing: the kind of scene, the palette, the camera's move, moods.

Knows words only; unknown words leave the choice to the seed. The pictures are in `scenes/`.
"""

import re

import numpy as np

KINDS = {
    "hills": "hill mountain landscape valley field meadow forest tree desert dune canyon countryside farm nature "
    "grass vineyard road path trail park garden village cliff snow plain savanna rock autumn",
    "city": "city skyline street building office urban tower downtown rooftop apartment bridge traffic car taxi "
    "metropolis architecture skyscraper shop store crowd neon alley station subway crosswalk",
    "sea": "sea ocean beach water lake wave coast boat ship sail harbour harbor island river shore surf bay "
    "swimming fish underwater lagoon pier horizon",
    "interior": "interior table cup coffee mug kitchen room desk bottle cafe espresso tea glass product bowl vase "
    "home house bedroom window sofa bar restaurant plate food breakfast latte crema pour barista saucer book lamp "
    "candle chair shelf jar packshot perfume watch phone laptop studio bread cake chocolate pan",
    "portrait": "portrait person woman man girl boy face she he child people friend dancer runner athlete model "
    "actor presenter founder doctor teacher musician chef selfie smile hair eye customer mother father worker "
    "speaker host interview hand hands",
    "night": "night star moon galaxy space sky aurora milky constellation cosmos planet comet astronaut universe "
    "midnight nebula",
    "abstract": "abstract liquid swirl ink smoke gradient shape logo silk fluid particle energy flow pattern paint "
    "marble texture background data dream motion colour color wavey oil honey macro glow plasma fabric",
}
PALETTES = {
    "golden": "golden sunset sunrise dawn dusk evening autumn romantic",
    "amber": "warm amber honey cosy cozy wood coffee espresso candle bread chocolate caramel",
    "day": "blue sky day daylight sunny summer clear noon fresh morning bright",
    "night": "night midnight moon moonlit star dark navy galaxy space",
    "green": "green forest nature spring eco organic garden leaf plant grass matcha tea",
    "pastel": "pastel pink dream dreamy soft lavender rose blossom lilac purple violet baby",
    "mono": "mono monochrome noir grey gray black white minimal silver steel fog mist storm rain",
    "winter": "winter snow ice cold frost frozen icy arctic glacier",
    "neon": "neon cyber cyberpunk electric synthwave club disco futuristic tech digital magenta",
    "desert": "desert terracotta sand dune clay canyon rust earth earthy",
    "teal": "teal turquoise ocean sea tropical aqua cyan lagoon underwater",
}
USUAL_PALETTES = {
    "hills": ("golden", "green", "day", "pastel", "desert"),
    "city": ("golden", "day", "night", "pastel", "mono"),
    "sea": ("teal", "golden", "day", "pastel"),
    "interior": ("amber", "desert", "green", "pastel"),
    "portrait": ("amber", "pastel", "teal", "golden", "mono"),
    "night": ("night",),
    "abstract": ("neon", "teal", "pastel", "golden", "night"),
}
MOVES = (
    ("push-in", r"push(es|ing)?[- ]in|dolly[- ]in|zoom(s|ing)?[- ]in|moves? (closer|in)|track(s|ing)?[- ]in"),
    ("pull-out", r"pull(s|ing)?[- ](out|back|away)|dolly[- ]out|zoom(s|ing)?[- ]out|push[- ]out"),
    ("pan-left", r"(pan|pans|panning|truck|trucks|slide|slides|track|tracks|drift|drifts)[- ](to the )?left"),
    (
        "pan-right",
        r"(pan|pans|panning|truck|trucks|slide|slides|track|tracks|drift|drifts)[- ](to the )?right",
    ),
    ("tilt-up", r"(tilt|tilts|tilting|crane|cranes|pedestal)[- ]up"),
    ("tilt-down", r"(tilt|tilts|tilting|crane|cranes|pedestal)[- ]down"),
    (
        "static",
        r"static|locked[- ]off|lock[- ]off|tripod|still camera|fixed camera|no camera (move|movement)",
    ),
)
_USUAL_KINDS = ("hills", "sea", "abstract", "interior")
_USUAL_MOVES = ("drift-left", "drift-right", "push-in")


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(text.split())


def words(prompt: str) -> list[str]:
    """Return the prompt's words in order, lower-case, with a plural's last letter taken off."""
    found = re.findall(r"[^\W\d_]+", prompt.lower())
    return [word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word for word in found]


def kind(prompt: str, rng: np.random.Generator) -> str:
    """Choose the kind of scene that most words ask for, the first named winning a tie."""
    return _choice(prompt, KINDS, _USUAL_KINDS, rng)


def palette(prompt: str, scene: str, rng: np.random.Generator) -> str:
    """Choose a palette by the prompt's words, else one that suits the kind of scene."""
    return _choice(prompt, PALETTES, USUAL_PALETTES[scene], rng)


def move(prompt: str, rng: np.random.Generator) -> str:
    """Return the camera move that the prompt names first, else a gentle one."""
    usual = str(rng.choice(_USUAL_MOVES))
    found = [(match.start(), name) for name, form in MOVES if (match := re.search(rf"\b({form})\b", prompt.lower()))]
    return min(found)[1] if found else usual


def _choice(prompt: str, table: dict[str, str], usual: tuple[str, ...], rng: np.random.Generator) -> str:
    fallback = str(rng.choice(usual))
    sets = {name: vocabulary(text) for name, text in table.items()}
    score: dict[str, int] = {}
    for word in words(prompt):
        for name, known in sets.items():
            if word in known:
                score[name] = score.get(name, 0) + 1
    return max(score, key=lambda name: score[name]) if score else fallback
