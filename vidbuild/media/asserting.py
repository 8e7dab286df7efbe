"""What a project asserts of its finished videos, against what was measured of them. Values in, verdicts out.

It knows no graph and no file; how anything is measured is `screening`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from vidbuild.spec.model import Apart, Assertion
from vidbuild.words.amounts import counted
from vidbuild.words.rationaltime import clock_text, decimal_text

MEASURED = frozenset(
    ("duration_s", "frames", "size", "fps", "codec", "loudness_lufs", "true_peak_db", "black_s", "frozen_s", "silent_s")
)
"""Keys that look at the finished file."""
LETTERED = frozenset(("contrast", "text_size", "safe_area"))
"""Keys that look at the letters that are drawn."""

_ROUNDED = Fraction(1, 1000)
"""Facts are written to so many seconds, decibels, ..."""
_ONE_RATE = Fraction(1, 2000)
_MOST_TOLD = 4

Span = tuple[Fraction, Fraction]


@dataclass(frozen=True)
class Measured:
    """What was measured of one finished video.

    Args:
        film, captions: facts of the whole; of what nobody asserts, `None`.
        letters: facts of its pieces, with the time at which each begins.
        shots: where each shot stands in it.
        bytes: the size of the file.
        rate: its pictures a second.
        edges: what its platform's own signs may cover: parts of its top, right, bottom and left.
    """

    film: Mapping[str, Any] | None
    captions: Mapping[str, Any] | None
    letters: Sequence[tuple[Fraction, Mapping[str, Any]]]
    shots: Mapping[str, Sequence[Span]]
    bytes: int
    rate: Fraction
    edges: tuple[Fraction, Fraction, Fraction, Fraction]


@dataclass(frozen=True)
class Verdict:
    """Whether something asserted is so.

    Args:
        found: what was measured, in words.
        needed: what must be.
        places: where it is not so.
    """

    passed: bool
    found: str
    needed: str
    places: tuple[str, ...] = field(default=())


def judged(asserted: Assertion, of: Measured) -> Verdict:
    """Judge one assertion."""
    return _JUDGES[asserted.key](asserted, of)


def _bounded(asserted: Assertion, value: Fraction | None, unit: str, near: Fraction = _ROUNDED) -> Verdict:
    """Judge a number; `None` is what can't be measured, since there is none of it."""
    needed = _range(asserted, unit)
    if value is None:
        return Verdict(False, "there is none", needed)
    low = asserted.least is None or value >= asserted.least - near
    high = asserted.most is None or value <= asserted.most + near
    return Verdict(low and high, f"{_short(value)}{unit}", needed)


def _range(asserted: Assertion, unit: str) -> str:
    least, most = asserted.least, asserted.most
    if least == most and least is not None:
        return f"{_short(least)}{unit}"
    if least is not None and most is not None:
        return f"{_short(least)} to {_short(most)}{unit}"
    return f"at least {_short(least)}{unit}" if least is not None else f"at most {_short(most or Fraction(0))}{unit}"


def _duration(asserted: Assertion, of: Measured) -> Verdict:
    facts = _film(of)
    seconds = Fraction(facts["seconds"] if "frames" in facts else _sound(facts)["seconds"])
    near = 1 / (2 * of.rate) + _ROUNDED if asserted.least == asserted.most else _ROUNDED
    return _bounded(asserted, seconds, " s", near)


def _frames(asserted: Assertion, of: Measured) -> Verdict:
    return _bounded(asserted, Fraction(_film(of).get("frames", 0)), " frames", Fraction(0))


def _fps(asserted: Assertion, of: Measured) -> Verdict:
    facts, wanted = _film(of), asserted.most or Fraction(1)
    if "rate" not in facts:
        return _bounded(asserted, None, " fps")
    # Files whose clock counts milliseconds tell their last picture's end no better than that.
    near = wanted * max(_ONE_RATE, _ROUNDED / max(Fraction(facts["seconds"]), _ROUNDED))
    return _bounded(asserted, Fraction(facts["rate"]), " fps", min(near, wanted / 20))


def _size(asserted: Assertion, of: Measured) -> Verdict:
    facts = _film(of)
    found = f"{facts['width']}x{facts['height']}" if "width" in facts else "no picture"
    return Verdict(found == asserted.text, found, asserted.text)


def _codec(asserted: Assertion, of: Measured) -> Verdict:
    found = str(_film(of).get("codec", "no picture"))
    return Verdict(found == asserted.text, found, asserted.text)


def _loudness(asserted: Assertion, of: Measured) -> Verdict:
    found = _sound(_film(of))["loudness_lufs"]
    verdict = _bounded(asserted, None if found is None else Fraction(found), " LUFS", Fraction(0))
    return verdict if found is not None else Verdict(False, "silence", verdict.needed)


def _peak(asserted: Assertion, of: Measured) -> Verdict:
    found = _sound(_film(of))["true_peak_db"]
    if found is None:
        return Verdict(True, "silence", _range(asserted, " dB"))
    return _bounded(asserted, Fraction(found), " dB", Fraction(0))


def _bytes(asserted: Assertion, of: Measured) -> Verdict:
    most = asserted.most or Fraction(0)
    found = Fraction(of.bytes, 1_000_000)
    return Verdict(found <= most, f"{_short(found)} MB", _range(asserted, " MB"))


def _stretches(name: str) -> Callable[[Assertion, Measured], Verdict]:
    """Judge spans by the longest of what is left of them where they aren't meant."""

    def judge(asserted: Assertion, of: Measured) -> Verdict:
        facts = _film(of)
        if name == "silent":
            spans, total = _sound(facts)["silent"], Fraction(_sound(facts)["seconds"])
        else:
            spans, total = facts.get(name, ()), Fraction(facts.get("seconds", 0))
        meant = list(_meant(asserted.apart, of, total))
        left = [part for start, end in spans for part in _without((Fraction(start), Fraction(end)), meant)]
        longest = max((end - start for start, end in left), default=Fraction(0))
        most = asserted.most or Fraction(0)
        bad = [(start, end) for start, end in left if end - start > most + _ROUNDED]
        found = f"{clock_text(longest)} at a stretch" if longest else "none"
        places = _told(f"from {clock_text(start)} to {clock_text(end)}" for start, end in bad)
        return Verdict(not bad, found, f"at most {clock_text(most)} at a stretch", places)

    return judge


def _meant(apart: Sequence[Apart], of: Measured, total: Fraction) -> Iterator[Span]:
    """Give the times that aren't looked at; a shot's edges are its pictures', and a picture is let through there."""
    for each in apart:
        if each.shot is not None:
            yield from ((start - 1 / of.rate, end + 1 / of.rate) for start, end in of.shots.get(each.shot, ()))
            continue
        start = each.start + total if each.start < 0 else each.start
        end = total if each.end is None else each.end + total if each.end < 0 else each.end
        if start < end:
            yield start, end


def _without(span: Span, others: Iterable[Span]) -> list[Span]:
    """Give what is left of a span without others."""
    left = [span]
    for first, last in others:
        parts = [part for start, end in left for part in ((start, min(end, first)), (max(start, last), end))]
        left = [(start, end) for start, end in parts if start < end]
    return left


def _captions(asserted: Assertion, of: Measured) -> Verdict:
    facts = of.captions
    assert facts is not None, "BUG: captions were not measured"
    needed = f"at least {_short(100 * (asserted.least or Fraction(0)))} % of what is said"
    spoken = Fraction(facts["spoken_s"])
    if not spoken:
        return Verdict(True, "nothing is said", needed)
    if not facts["tracks"]:
        return Verdict(not asserted.least, "there are no captions", needed)
    shares = {name: Fraction(track["covered_s"]) / spoken for name, track in facts["tracks"].items()}
    worst = min(shares, key=lambda name: shares[name])
    bare = [(Fraction(start), Fraction(end)) for start, end in facts["tracks"][worst]["bare"]]
    passed = shares[worst] >= (asserted.least or Fraction(0))
    longest = sorted(bare, key=lambda span: span[0] - span[1])[:_MOST_TOLD]
    places = [f"from {clock_text(start)} to {clock_text(end)}" for start, end in sorted(longest)]
    which = "drawn" if worst == "drawn" else f"in the {worst}"
    found = f"{_short(100 * shares[worst], 1)} % {which}"
    return Verdict(passed, found, needed, () if passed else tuple(places))


@dataclass(frozen=True)
class _Seen:
    """Letters at one moment: when, which text, and what was measured of them."""

    at: Fraction
    text: str
    facts: Mapping[str, Any]

    @property
    def contrast(self) -> Fraction | None:
        """That of its letters; `None` where they can't be measured."""
        return None if self.facts["contrast"] is None else Fraction(self.facts["contrast"])

    @property
    def named(self) -> str:
        return f'"{self.text[:40]}" at {clock_text(self.at)}'


def _letters(of: Measured, kind: str = "moments") -> list[_Seen]:
    return [
        _Seen(start + Fraction(moment["at"]) / of.rate, moment["text"], moment)
        for start, facts in of.letters
        for moment in facts[kind]
    ]


def _looked(found: str, of: Measured) -> str:
    """Say what was found of letters; and of too many texts, at how many moments they were looked at."""
    left, seen = sum(facts["left_out"] for _, facts in of.letters), len(_letters(of))
    return f"{found}, at {seen} of {counted(left + seen, 'moment')} with texts" if left else found


def _contrast(asserted: Assertion, of: Measured) -> Verdict:
    letters, least = _letters(of), asserted.least or Fraction(1)
    needed = f"at least {_short(least)} : 1"
    if not letters:
        return Verdict(True, "no letters", needed)
    known = [one.contrast for one in letters if one.contrast is not None]
    found = [f"{_short(min(known), 1)} : 1"] if known else []
    found += ["letters too small, or too faint, to be measured"] if len(known) < len(letters) else []
    places = [
        f"{one.named}: {'not to be measured' if one.contrast is None else f'{_short(one.contrast, 1)} : 1'}"
        for one in letters
        if one.contrast is None or one.contrast < least
    ]
    return Verdict(not places, _looked(" and ".join(found), of), needed, _told(places))


def _text_size(asserted: Assertion, of: Measured) -> Verdict:
    seen, least = _letters(of, "texts"), asserted.least or Fraction(0)
    bad = [one for one in seen if Fraction(one.facts["size"]) < least]
    lowest = min((Fraction(one.facts["size"]) for one in seen), default=None)
    found = "no letters" if lowest is None else f"{_short(lowest)} of the short side"
    places = _told(f"{one.named}: {_short(Fraction(one.facts['size']))}" for one in bad)
    return Verdict(not bad, found, f"at least {_short(least)} of the short side", places)


def _safe_area(asserted: Assertion, of: Measured) -> Verdict:
    edges = of.edges if asserted.edges is None else asserted.edges
    sides = ("top", "right", "bottom", "left")
    out, nearest = [], dict.fromkeys(sides, Fraction(1))
    for one in _letters(of):
        for side, room, edge in zip(sides, one.facts["room"], edges, strict=True):
            nearest[side] = min(nearest[side], Fraction(room))
            if Fraction(room) < edge - _ROUNDED:
                out.append(f"{one.named}: {_short(Fraction(room))} at the {side}, not {_short(edge)}")
    found = ", ".join(f"{side} {_short(room)}" for side, room in nearest.items())
    found = _looked(found, of) if _letters(of) else "no letters"
    needed = ", ".join(f"{side} {_short(edge)}" for side, edge in zip(sides, edges, strict=True))
    return Verdict(not out, found, f"at least {needed}", _told(out))


_JUDGES: Mapping[str, Callable[[Assertion, Measured], Verdict]] = {
    "duration_s": _duration,
    "frames": _frames,
    "size": _size,
    "fps": _fps,
    "codec": _codec,
    "loudness_lufs": _loudness,
    "true_peak_db": _peak,
    "captions": _captions,
    "black_s": _stretches("black"),
    "frozen_s": _stretches("frozen"),
    "silent_s": _stretches("silent"),
    "size_mb": _bytes,
    "contrast": _contrast,
    "text_size": _text_size,
    "safe_area": _safe_area,
}


def _film(of: Measured) -> Mapping[str, Any]:
    assert of.film is not None, "BUG: the film was not measured"
    return of.film


def _sound(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = facts["sound"]
    return found


def _told(places: Iterable[str]) -> tuple[str, ...]:
    """Tell the first few places, and how many more there are."""
    found = list(dict.fromkeys(places))
    more = [f"and {len(found) - _MOST_TOLD} more"] if len(found) > _MOST_TOLD else []
    return (*found[:_MOST_TOLD], *more)


def _short(value: Fraction, places: int = 3) -> str:
    text = decimal_text(value, places)
    return text.rstrip("0").rstrip(".") if "." in text else text
