"""Speak a line: which voice of espeak-ng says it, in which language, and when each word is said.

Pure but for the list of languages; the speaking itself is `voice_child`. Knows nothing of lines, shots or mixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any

REVISION = 2
WORDS_A_MINUTE = 160
SPEAKER = "espeakng-loader 0.2.4"

_ID = re.compile(r"([a-z]{2,4}(?:-[A-Za-z0-9]+)*)(?:\+([a-z]+[0-9]?))?")
_ENDS = "，。！？、；："
"""Signs behind clauses of scripts that have no space there."""
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_TIMBRES = ("f1", "f2", "f3", "f4", "f5", "m1", "m2", "m3", "m4", "m6", "m7", "m8")
_SCRIPTS = (
    ("ko", "\uac00-\ud7a3\u1100-\u11ff"),
    ("ja", "\u3040-\u30ff"),
    ("cmn", "\u4e00-\u9fff\u3400-\u4dbf"),
    ("ar", "\u0600-\u06ff"),
    ("he", "\u0590-\u05ff"),
    ("hi", "\u0900-\u097f"),
    ("bn", "\u0980-\u09ff"),
    ("ta", "\u0b80-\u0bff"),
    ("th", "\u0e00-\u0e7f"),
    ("el", "\u0370-\u03ff"),
    ("ka", "\u10a0-\u10ff"),
    ("hy", "\u0530-\u058f"),
    ("am", "\u1200-\u137f"),
    ("ru", "\u0400-\u04ff"),
)
_OFTEN = {
    "en-us": "the and is of to in it you that for with this on are we our your from at not",
    "de": "der die das und ist nicht ein eine mit auf für sie wir ihr den dem von zu im auch so",
    "fr": "le la les et est un une des du pour avec dans sur nous vous que qui pas au ce cette",
    "es": "el la los las y es un una de del para con en por que no se su nuestro lo como más",
    "it": "il lo la gli le e è un una di del per con che non si nel della sono più questo",
    "pt": "o a os as e é um uma de do da para com em por que não se no na nosso mais",
    "nl": "de het een en is niet van op met voor in dat wij je zijn aan te ook uw bij",
    "pl": "i w na z do nie się jest to że o jak za od po dla przez nasz są",
    "sv": "och är en ett att det som på med för av inte vi du den till har om",
    "tr": "ve bir bu için ile da de çok ne değil var daha gibi olan en",
}


@dataclass(frozen=True)
class Voice:
    """A voice of espeak-ng: a language, and who speaks it."""

    language: str
    timbre: str

    @property
    def name(self) -> str:
        """Its name, as espeak-ng knows it."""
        return f"{languages().get(self.language, self.language)}+{self.timbre}"


def voice(id: str, text: str, spoken_in: str | None = None) -> Voice:
    """Choose the voice for a voice's id: a language (`de`), perhaps with a timbre (`de+f3`).

    Any other id, a vendor's in a draft, is somebody with a timbre of their own, who speaks the text's language.

    Args:
        spoken_in: the language, of a project that says so.
    """
    found = _ID.fullmatch(id)
    if found is not None and found[1].lower() in languages():
        return Voice(found[1].lower(), found[2] if found[2] in _TIMBRES else _TIMBRES[0])
    told = next((code for code in _codes(spoken_in) if code in languages()), None)
    return Voice(told or language(text), _TIMBRES[sha256(id.encode()).digest()[0] % len(_TIMBRES)])


def unspoken(id: str) -> str | None:
    """Say what voices there are, of an id that is none of them; nothing of one that is."""
    found, code = _ID.fullmatch(id), id.partition("+")[0]
    if found is not None and code.lower() in languages() and found[2] in (None, *_TIMBRES):
        return None
    if code.lower() in languages() and code != id:
        return f"its timbre is one of {', '.join(_TIMBRES)}"
    near = code.lower().replace("_", "-")
    while "-" in near and near not in languages():
        near = near.rpartition("-")[0]
    if near in languages():
        return f"did you mean `{near}`?"
    return f"an id is a language, perhaps with a timbre (`de+f3`): {', '.join(sorted(languages()))}"


def _codes(spoken_in: str | None) -> tuple[str, ...]:
    """Give the codes of a language, the narrower first; Chinese is spoken as Mandarin."""
    if spoken_in is None:
        return ()
    code = spoken_in.lower()
    first = code.partition("-")[0]
    return code, {"zh": "cmn", "en": "en-us"}.get(first, first)


def language(text: str) -> str:
    """Guess a text's language: by its script, else by the small words in it; English where nothing tells."""
    letters = {name: len(re.findall(f"[{range}]", text)) for name, range in _SCRIPTS}
    latin = len(re.findall("[A-Za-z\u00c0-\u024f]", text))
    if letters["ja"]:
        letters["ja"] += letters["cmn"]
    name = max(letters, key=lambda each: letters[each])
    if letters[name] * 2 > latin:
        return "uk" if name == "ru" and re.search("[іїєґІЇЄҐ]", text) else name
    said = re.findall(r"[^\W\d_]+", text.lower())
    scores = {each: sum(word in often.split() for word in said) for each, often in _OFTEN.items()}
    best = max(scores, key=lambda each: scores[each])
    return best if scores[best] else "en-us"


@cache
def languages() -> Mapping[str, str]:
    """List the languages that espeak-ng speaks, by their codes in lower case, each with the name of its best file."""
    files = [path for path in sorted((data() / "lang").rglob("*")) if path.is_file()]
    found = {path.name.lower(): (0, path.name) for path in files}
    for path in files:
        for code, rank in re.findall(r"^language +(\S+) *(\d*)", path.read_text(errors="replace"), re.MULTILINE):
            found[code.lower()] = min(found.get(code.lower(), (99, "")), (int(rank or 5), path.name))
    return {code: name for code, (_, name) in found.items()}


def data() -> Path:
    """Find espeak-ng's data."""
    import espeakng_loader

    return Path(espeakng_loader.get_data_path())


def library() -> Path:
    """Find espeak-ng's library."""
    import espeakng_loader

    return Path(espeakng_loader.get_library_path())


def spoken(text: str) -> str:
    """Take vendors' tags out of a text; every character keeps its place."""
    return _TAG.sub(lambda tag: " " * len(tag[0]), text)


def words(text: str, told: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Give each word with its times, in the form of vendors' words: `{text, start_s, end_s}`.

    A word is what stands between white space, in scripts without it a clause. Of what espeak-ng tells of its parts the
    earliest begins it; words that it tells nothing of share the time between their neighbours, by their lengths.

    Args:
        told: `words` (character, length, milliseconds), `ends` of clauses in milliseconds, `samples`, `rate`.
    """
    whole = told["samples"] * 1000 // told["rate"]
    places = [(found.start(), found.end()) for found in re.finditer(rf"[^\s{_ENDS}]+[{_ENDS}]*|[{_ENDS}]+", text)]
    starts = _starts(places, told["words"], whole)
    for number, (first, last) in enumerate(places):
        following = starts[number + 1] if number + 1 < len(places) else whole
        pause = [end for end in told["ends"] if starts[number] < end <= following]
        end = max(starts[number], min([following, *pause]))
        yield {"text": text[first:last], "start_s": starts[number] / 1000, "end_s": end / 1000}


def _starts(places: Sequence[tuple[int, int]], events: Sequence[Sequence[int]], whole: int) -> list[int]:
    """Give each word's start in milliseconds."""
    known: list[int | None] = []
    for first, last in places:
        times = [time for place, _, time in events if first <= place < last]
        known.append(min(times) if times else None)
    starts: list[int] = []
    before = 0
    for is_known, run in groupby(enumerate(known), key=lambda each: each[1] is not None):
        found = list(run)
        if is_known:
            starts += [max(before, time) for _, time in found if time is not None]
        else:
            shown = found if not starts else [(found[0][0] - 1, None), *found]
            starts = starts[: len(starts) - (len(shown) - len(found))]
            after = next((time for time in known[found[-1][0] + 1 :] if time is not None), whole)
            starts += _shared([places[number] for number, _ in shown], before, max(before, after))
        before = starts[-1]
    return starts


def _shared(places: Sequence[tuple[int, int]], first: int, last: int) -> list[int]:
    """Share a time among words by their lengths; give where each begins."""
    lengths = [end - start for start, end in places]
    return [first + (last - first) * sum(lengths[:number]) // sum(lengths) for number in range(len(places))]
