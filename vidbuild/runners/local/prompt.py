"""What a prompt's words ask of a drawing: the kind of scene, the palette, the camera's move, moods.

Knows words only; unknown words leave the choice to the seed. The pictures are in `scenes/`.
"""

import re

import numpy as np

KINDS = {
    "hills": "hill mountain landscape valley field meadow forest tree desert dune canyon countryside farm nature "
    "grass vineyard road trail garden village cliff snow savanna rock pine jungle waterfall peak summit alp "
    "glacier moor orchard wilderness hiker",
    "city": "city skyline street building urban tower downtown rooftop bridge traffic car taxi bus tram subway "
    "metropolis architecture skyscraper alley station crosswalk crowd market boulevard avenue pavement sidewalk "
    "town square",
    "sea": "sea ocean beach lake coast boat ship sail harbour harbor island river shore surf surfer bay swim swimmer "
    "underwater lagoon pier tide yacht ferry lighthouse fjord seagull",
    "interior": "interior table cup coffee mug kitchen room desk bottle cafe espresso tea product bowl vase bedroom "
    "sofa bar restaurant plate food breakfast latte crema pour barista saucer book lamp candle chair shelf jar "
    "packshot perfume watch laptop bread cake chocolate counter kettle teapot spoon jug milk dough oven pastry "
    "croissant wine beer soup bakery grinder cook bake",
    "portrait": "portrait woman man girl boy face friend dancer runner athlete actor presenter founder doctor "
    "teacher musician chef selfie smile mother father worker speaker interview",
    "night": "star moon galaxy aurora constellation cosmos cosmic planet comet astronaut universe nebula meteor",
    "abstract": "abstract liquid swirl ink gradient fluid particle plasma",
}
WEAK_KINDS = {  # words that choose only where no other word does, or between equals
    "hills": "mist fog path park autumn cloud sky sun sunrise sunset dawn dusk sheep horse dog flower leaf bird wind",
    "city": "shop store apartment neon train bicycle bike cyclist rain umbrella",
    "sea": "water wave fish horizon sand storm",
    "interior": "home house window door glass office studio phone slide steam wood fruit machine cosy cozy",
    "portrait": "she he her his they person people child model host customer hair eye hand walk dance run laugh talk",
    "night": "night midnight space milky northern sky",
    "abstract": "smoke shape logo silk energy flow pattern paint marble texture background data dream oil honey "
    "macro glow fabric",
}
PALETTES = {
    "golden": "golden sunset sunrise dawn dusk evening autumn romantic",
    "amber": "warm amber honey cosy cozy coffee espresso candle bread chocolate caramel crema tungsten",
    "day": "blue sky day daylight sunny summer clear noon fresh morning bright",
    "night": "night midnight moon moonlit star dark navy galaxy space",
    "green": "green forest nature spring eco organic garden leaf plant grass matcha tea",
    "pastel": "pastel pink dream dreamy lavender rose blossom lilac purple violet baby",
    "mono": "mono monochrome noir grey gray minimal silver steel fog mist storm rain",
    "winter": "winter snow ice cold frost frozen icy arctic glacier",
    "neon": "neon cyber cyberpunk electric synthwave club disco futuristic tech digital magenta",
    "desert": "desert terracotta sand dune clay canyon rust earth earthy",
    "teal": "teal turquoise ocean sea tropical aqua cyan lagoon underwater",
}
WEAK_PALETTES = {
    "amber": "wood counter cup latte barista tea",
    "mono": "black white",
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
_LENS = r"\b(depth of field|field of view|slow[- ]motion)\b"  # words about the camera that name things as well
_FORMS = {
    form: word
    for word, forms in {
        "mist": "misty", "fog": "foggy", "snow": "snowy snowing", "rock": "rocky", "sand": "sandy", "star": "starry",
        "wood": "wooden wooded", "cloud": "cloudy", "rain": "rainy raining", "storm": "stormy",
        "smoke": "smoky", "grass": "grassy", "hill": "hilly", "mountain": "mountainous", "pour": "pouring poured",
        "swirl": "swirling", "slide": "sliding", "walk": "walking", "dance": "dancing", "run": "running",
        "smile": "smiling", "sail": "sailing", "swim": "swimming", "surf": "surfing", "cook": "cooking",
        "bake": "baking baked", "flow": "flowing", "glow": "glowing", "paint": "painting", "beach": "beaches",
        "city": "cities", "person": "persons", "woman": "women", "man": "men", "leaf": "leaves",
        "child": "children", "glass": "glasses", "galaxy": "galaxies", "steam": "steaming",
    }.items()
    for form in forms.split()
}  # fmt: skip


def vocabulary(text: str) -> frozenset[str]:
    """Return the words of a line as a set."""
    return frozenset(text.split())


def words(prompt: str) -> list[str]:
    """Return the prompt's words in order, lower-case, each in its plain form as far as that is known."""
    return [_plain(word) for word in re.findall(r"[^\W\d_]+", prompt.lower())]


def own(prompt: str, slate: str) -> str:
    """Return the shot's own part of a prompt, which begins with the slate's words and follows a style."""
    start = prompt.rfind(slate) if slate else 0
    return prompt[start:] if start >= 0 else slate


def kind(prompt: str, rng: np.random.Generator, last: int = 1) -> str:
    """Choose the kind of scene that most words ask for, the first named winning a tie.

    The words of the last sentence count `last` times: what comes before them may be a style.
    """
    fallback = str(rng.choice(_USUAL_KINDS))
    text = re.sub(_LENS, " ", _without_moves(prompt.lower()))
    before, end = _sentences(text)
    score = _score(before, KINDS, WEAK_KINDS, 1)
    for name, points in _score(end, KINDS, WEAK_KINDS, last).items():
        score[name] = score.get(name, 0) + points
    return _most(score, fallback)


def palette(prompt: str, style: str, scene: str, rng: np.random.Generator) -> str:
    """Choose a palette by the prompt's words, then by its style's, else one that suits the kind of scene."""
    fallback = str(rng.choice(USUAL_PALETTES[scene]))
    score = _score(prompt, PALETTES, WEAK_PALETTES, 2)
    for name, points in _score(style, PALETTES, WEAK_PALETTES, 1).items():
        score[name] = score.get(name, 0) + points
    return _most(score, fallback)


def move(prompt: str, rng: np.random.Generator) -> str:
    """Return the camera move that the prompt names first, else a gentle one."""
    usual = str(rng.choice(_USUAL_MOVES))
    found = [(match.start(), name) for name, form in MOVES if (match := re.search(rf"\b({form})\b", prompt.lower()))]
    return min(found)[1] if found else usual


def _plain(word: str) -> str:
    if word in _FORMS:
        return _FORMS[word]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _without_moves(text: str) -> str:
    for _, form in MOVES:
        text = re.sub(rf"\b({form})\b", " ", text)
    return text


def _sentences(text: str) -> tuple[str, str]:
    """Return what stands before the last sentence, and that."""
    ends = [match.end() for match in re.finditer(r"[.!?]\s+(?=\S)", text)]
    return (text[: ends[-1]], text[ends[-1] :]) if ends else ("", text)


def _score(text: str, table: dict[str, str], weak: dict[str, str], times: int) -> dict[str, int]:
    """Return the points of each name whose words occur, in the order of the first: 3 for a word, 1 for a weak one."""
    score: dict[str, int] = {}
    for points, known in ((3 * times, table), (times, weak)):
        sets = {name: vocabulary(line) for name, line in known.items()}
        for word in words(text):
            for name, each in sets.items():
                if word in each:
                    score[name] = score.get(name, 0) + points
    return score


def _most(score: dict[str, int], fallback: str) -> str:
    return max(score, key=lambda name: score[name]) if score else fallback
