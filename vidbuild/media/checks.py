"""What a take must be, whether it is, and what to tell the model when it isn't. Values only; thresholds stand on top.

A false alarm costs money: where the author's words may mean what looks like a fault, that check is left out.
Checks never reach a key. What is detected at all is `measures`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.words.amounts import counted
from vidbuild.words.errors import AttemptFailed
from vidbuild.words.rationaltime import clock_text, decimal_text

SHORT = Fraction(4, 100)
"""How much of what was asked for a take may lack."""
ASPECT = Fraction(2, 100)
LEAST_LINES = 360
LEAST_RATE = 12
MOST_BLACK_S = Fraction(1, 2)
MOST_FROZEN = Fraction(1, 2)
MOST_SILENT = Fraction(95, 100)
MOST_CLIPPED = Fraction(10, 100)

SHARPER: Mapping[str, tuple[str, ...]] = {
    "black": ("black frames", "fade to black"),
    "frozen": ("frozen picture", "still image", "slideshow"),
    "cuts": ("cuts", "scene change", "montage"),
}
"""What is added to a negative for a fault, in this order."""

MEANT: Mapping[str, tuple[str, ...]] = {
    "black": (
        r"fad(?:e|es|ed|ing)", r"black(?:out| screen| frames?)", r"pitch[- ](?:black|dark)", r"darkness",
        r"(?:to|from|into|out of|goes|turns|becomes) (?:black|dark)", r"lights? (?:go |goes |turn )?(?:out|off)",
        r"schwarzblende", r"schwarzbild", r"fondu", r"fundido",
    ),
    "frozen": (
        r"still(?:ness|s)?", r"froze(?:n)?", r"freez(?:e|es|ing)", r"static", r"motionless", r"unmoving", r"immobile",
        r"statues?", r"tableau", r"nothing moves", r"(?:no|without|hardly any) (?:movement|motion)", r"time stops",
        r"slideshow", r"stop[- ]motion", r"title card", r"logo", r"poster", r"diagram", r"chart",
        r"standbild", r"unbewegt", r"reglos", r"inmóvil",
    ),
    "cuts": (
        r"cuts? (?:to|between|away|back|from)", r"(?:jump|quick|fast|rapid|hard|smash|match|sharp)[- ]cuts?",
        r"cutaways?", r"intercut\w*", r"montage", r"multi[- ]?shots?", r"shots? (?:\d+|one|two)", r"sequence of",
        r"series of", r"(?:next|new|second|another|different) (?:shot|scene|angle)", r"scenes? changes?",
        r"split[- ]screen", r"slideshow", r"collage", r"flash\w*", r"glitch\w*", r"teleports?", r"transitions?",
        r"switch(?:es)?", r"time[- ]?lapse", r"hyperlapse", r"stop[- ]motion", r"suddenly", r"snaps?", r"schnitte?",
    ),
}  # fmt: skip
"""Words of a prompt after which a check is left out, since what it looks for may be what was asked for."""

_MEANT = {name: re.compile(rf"\b(?:{'|'.join(words)})\b", re.IGNORECASE) for name, words in MEANT.items()}
_UNMEANT = re.compile(
    r"\b(?:no|without|avoid(?:ing)?|free of)(?: any| \w+)? (?:cuts?|fad(?:e|es|ing)|transitions?|scene changes?)\b",
    re.IGNORECASE,
)
_SOUND_OPTIONS = frozenset({"sound", "audio", "generateaudio", "withaudio", "enableaudio", "soundeffects"})
_SHOT_OPTIONS = ("multishot", "multiprompt", "shottype", "storyboard")


@dataclass(frozen=True)
class Fault:
    """Something a take is not.

    Args:
        check: the name of the check.
        sentence: what is wrong, in the user's words, without a period.
        facts: what was measured and what is needed, as labelled text.
    """

    check: str
    sentence: str
    facts: Mapping[str, str] = field(default_factory=dict)


def expected(ask: Mapping[str, Any], has_init: bool = False) -> dict[str, Any]:
    """Say what a take of an ask must be, by check: plain values, numbers as exact text.

    Args:
        ask: the params of an ask (`vidbuild.plan.asks`); a local one says its own size.
        has_init: whether it begins with a given picture: then that picture decides the aspect.
    """
    checks: dict[str, Any] = {}
    kind = ask["kind"]
    if "seconds" in ask:
        asked = Fraction(ask["seconds"])
        checks["length"] = {"asked": str(asked), "least": str(asked * (1 - SHORT))}
    if kind in ("footage", "avatar", "picture") and "size" not in ask:
        checks["size"] = {"lines": LEAST_LINES}
        if "aspect" in ask and not has_init and not _names(ask, ("aspect", "ratio", "size", "width")):
            checks["size"] |= {"aspect": ask["aspect"], "off": str(ASPECT)}
    if kind in ("avatar", "lipsync"):
        # A presenter may stand as still as a picture, and own footage may be dark.
        checks |= {"rate": {"least": str(LEAST_RATE)}, "silence": {"most": str(MOST_SILENT)}}
        checks |= {"black": {"most_s": str(MOST_BLACK_S)}} if kind == "avatar" else {}
    elif kind == "picture":
        checks["uniform"] = {"most": 0}
    elif kind != "footage":
        checks["silence"] = {"most": str(MOST_SILENT)}
        checks["clipping"] = {"most": str(MOST_CLIPPED)}
    else:
        checks |= _seen(ask)
        if _asks_sound(ask):
            checks["silence"] = {"most": str(MOST_SILENT)}
    return checks


def verdict(facts: Mapping[str, Any], checks: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Compare what was measured (`Measure`'s facts) with what a take must be; no faults is a pass."""
    found = [_VERDICTS[name](facts, held) for name, held in sorted(checks.items()) if name in _VERDICTS]
    return tuple(fault for fault in found if fault is not None)


def sharpened(negative: Sequence[str], faults: Sequence[Fault]) -> tuple[str, ...]:
    """Add to a negative the words for just these faults; what it says already isn't said twice."""
    words = list(negative)
    said = {word.casefold() for word in words}
    wanted = {fault.check for fault in faults}
    for check, sharper in SHARPER.items():
        for word in sharper if check in wanted else ():
            if word.casefold() not in said:
                said.add(word.casefold())
                words.append(word)
    return tuple(words)


def sharpenings(negative: Sequence[str]) -> Sequence[tuple[str, ...]]:
    """List all that a negative may become by being sharpened, however often; itself first."""
    found = [tuple(negative)]
    for known in found:
        each = (sharpened(known, [Fault(check, "")]) for check in SHARPER)
        found += [sharper for sharper in dict.fromkeys(each) if sharper not in found]
    return found


def judged(answers: Mapping[str, Any], questions: Sequence[str], threshold: Fraction) -> tuple[Fault, ...]:
    """Compare a vision model's answers (`{"answers": [0.9, 0.2]}`, 0 no to 1 yes) with what each must reach.

    Raises `AttemptFailed` for answers that aren't one number from 0 to 1 for each question.
    """
    given = answers.get("answers") if isinstance(answers, Mapping) else None
    if not isinstance(given, list) or len(given) != len(questions) or not all(_is_share(one) for one in given):
        raise AttemptFailed(
            "the judge did not answer as it was asked to",
            {"asked": counted(len(questions), "question"), "answered": _answered(answers)},
        )
    return tuple(
        Fault(
            "judge",
            f"the judge says no to `{question}`",
            {"answer": _short(Fraction(str(answer))), "needed": _short(threshold)},
        )
        for question, answer in zip(questions, given, strict=True)
        if Fraction(str(answer)) < threshold
    )


def _answered(answers: object) -> str:
    """Give what a judge said, as far as it was any good."""
    if not isinstance(answers, Mapping):
        return str(answers)[:200]
    return str(answers.get("said", answers.get("answers")))[:200]


def _is_share(answer: object) -> bool:
    return isinstance(answer, (int, float)) and not isinstance(answer, bool) and 0 <= answer <= 1


def _seen(ask: Mapping[str, Any]) -> dict[str, Any]:
    """Give the checks of what is seen, but for what the prompt may mean."""
    prompt = _UNMEANT.sub(" ", str(ask.get("prompt", "")))
    checks: dict[str, Any] = {"rate": {"least": str(LEAST_RATE)}}
    if not _MEANT["black"].search(prompt):
        checks["black"] = {"most_s": str(MOST_BLACK_S)}
    if not _MEANT["frozen"].search(prompt):
        checks["frozen"] = {"most": str(MOST_FROZEN)}
    if not _MEANT["cuts"].search(prompt) and not _names(ask, _SHOT_OPTIONS):
        checks["cuts"] = {"most": 0}
    return checks


def _options(ask: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give an ask's options, their names without case and joints."""
    return {re.sub(r"[\W_]", "", str(name)).casefold(): value for name, value in ask.get("options", {}).items()}


def _names(ask: Mapping[str, Any], words: Sequence[str]) -> bool:
    """Say whether an option's name has one of some words in it."""
    return any(word in name for name in _options(ask) for word in words)


def _asks_sound(ask: Mapping[str, Any]) -> bool:
    """Say whether the author asked for sound by an option of the model."""
    asked = any(name in _SOUND_OPTIONS and value in (True, "on", "true") for name, value in _options(ask).items())
    return asked and not ask.get("silent")


def _length(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    seconds = Fraction(facts["seconds"] if "seconds" in facts else facts["sound"]["seconds"])
    if seconds >= Fraction(held["least"]):
        return None
    asked = Fraction(held["asked"])
    sentence = f"the take is {clock_text(seconds)} long, {clock_text(asked)} were asked for"
    return Fault("length", sentence, {"length": clock_text(seconds), "needed": clock_text(Fraction(held["least"]))})


def _size(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    width, height = facts["width"], facts["height"]
    size = f"{width}x{height}"
    if min(width, height) < held["lines"]:
        return Fault("size", f"the picture is only {size}", {"size": size, "needed": f"at least {held['lines']} lines"})
    if "aspect" not in held:
        return None
    across, down = (Fraction(part) for part in held["aspect"].split(":"))
    off = abs(Fraction(width, height) / (across / down) - 1)
    if off <= Fraction(held["off"]):
        return None
    return Fault(
        "size", f"the picture is {size}, which is not {held['aspect']}", {"size": size, "needed": held["aspect"]}
    )


def _rate(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    if Fraction(facts["rate"]) >= Fraction(held["least"]):
        return None
    facts = {"rate": f"{facts['rate']} fps", "needed": f"at least {held['least']} fps"}
    return Fault("rate", f"the take has only {facts['rate'].split()[0]} pictures a second", facts)


def _black(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    spans, total = _spans(facts["black"])
    if total <= Fraction(held["most_s"]):
        return None
    sentence = "the take is black" if total >= _all(facts) else f"the take is black {_named(spans)}"
    return Fault("black", sentence, {"black": clock_text(total), "allowed": clock_text(Fraction(held["most_s"]))})


def _frozen(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    spans, total = _spans(facts["frozen"])
    total -= sum((_shared(span, _spans(facts["black"])[0]) for span in spans), Fraction(0))
    if total <= Fraction(held["most"]) * Fraction(facts["seconds"]):
        return None
    sentence = "nothing moves in the take" if total >= _all(facts) else f"nothing moves {_named(spans)}"
    return Fault("frozen", sentence, {"frozen": clock_text(total), "of": clock_text(Fraction(facts["seconds"]))})


def _shared(span: tuple[Fraction, Fraction], others: Sequence[tuple[Fraction, Fraction]]) -> Fraction:
    """Say how much of a span lies in others: what is black doesn't move either, and that is one fault."""
    parts = (min(span[1], end) - max(span[0], start) for start, end in others)
    return sum((part for part in parts if part > 0), Fraction(0))


def _cuts(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    times = [clock_text(Fraction(time)) for time in facts["cuts"]]
    if len(times) <= held["most"]:
        return None
    return Fault("cuts", f"the take cuts to another scene at {_listed(times)}", {"cuts": str(len(times))})


def _silence(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    if not facts["has_sound"]:
        return Fault("silence", "the take has no sound")
    _, total = _spans(facts["sound"]["silent"])
    if total < Fraction(held["most"]) * Fraction(facts["sound"]["seconds"]):
        return None
    return Fault(
        "silence",
        "nothing is heard",
        {"silent": clock_text(total), "of": clock_text(Fraction(facts["sound"]["seconds"]))},
    )


def _clipping(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    if not facts["has_sound"] or Fraction(facts["sound"]["clipped"]) <= Fraction(held["most"]):
        return None
    share = _short(100 * Fraction(facts["sound"]["clipped"]))
    return Fault("clipping", "the sound is overdriven", {"clipped": f"{share} % of it"})


def _uniform(facts: Mapping[str, Any], held: Mapping[str, Any]) -> Fault | None:
    if facts["is_black"]:
        return Fault("uniform", "the picture is black")
    return Fault("uniform", "the picture is of one colour") if facts["is_uniform"] else None


_VERDICTS = {
    "length": _length,
    "size": _size,
    "rate": _rate,
    "black": _black,
    "frozen": _frozen,
    "cuts": _cuts,
    "silence": _silence,
    "clipping": _clipping,
    "uniform": _uniform,
}


def _spans(said: Sequence[Sequence[str]]) -> tuple[list[tuple[Fraction, Fraction]], Fraction]:
    spans = [(Fraction(start), Fraction(end)) for start, end in said]
    return spans, sum((end - start for start, end in spans), Fraction(0))


def _all(facts: Mapping[str, Any]) -> Fraction:
    """Give the length from which on nearly all of a take is meant."""
    return Fraction(facts["seconds"]) * Fraction(98, 100)


def _named(spans: Sequence[tuple[Fraction, Fraction]]) -> str:
    return _listed([f"from {clock_text(start)} to {clock_text(end)}" for start, end in spans])


def _listed(parts: Sequence[str]) -> str:
    """List a few in words, and say how many more there are."""
    shown = list(parts[:3])
    if len(parts) > len(shown):
        return f"{', '.join(shown)} and {len(parts) - len(shown)} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _short(value: Fraction) -> str:
    return decimal_text(value, 3).rstrip("0").rstrip(".") or "0"
