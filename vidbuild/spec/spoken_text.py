"""What is written of a line -> what is spoken: marks taken out, words pronounced as the project says. Pure text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

MARK = re.compile(r"<([A-Za-z_][A-Za-z0-9_-]*)>")


_ENDS = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”）]*")
_SHORT = re.compile(
    r"(?:^|[\s(])(?:[^\W\d_]|Dr|Mr|Mrs|Ms|Prof|St|Nr|No|vs|etc|bzw|ca|inkl|usw|Fig|approx|[^\W\d_]\.[^\W\d_])\.$"
)
_LEAST = 24


@dataclass(frozen=True)
class SpokenText:
    """A text without its marks.

    Args:
        moments: the marks by name, each with the character that it stands before.
        twice: marks that stand in it more than once.
        shown: what is read where that isn't what is spoken: pieces of text, each with the words spoken for it.
    """

    text: str
    moments: Mapping[str, int]
    twice: tuple[str, ...] = ()
    shown: tuple[tuple[str, int], ...] = ()


def unmarked(text: str) -> SpokenText:
    """Take marks out of a spoken text, with the white space that only they held apart; vendors' tags stay.

    A tag with attributes or a slash is a vendor's, and so is one that is closed later (`<emphasis>...</emphasis>`).
    """
    spoken, rest = "", 0
    moments: dict[str, int] = {}
    twice = []
    for found in MARK.finditer(text):
        if f"</{found[1]}>" in text:
            continue
        spoken = _joined(spoken, text[rest : found.start()])
        rest = found.end()
        if found[1] in moments:
            twice.append(found[1])
        moments[found[1]] = len(spoken)
    spoken = _joined(spoken, text[rest:])
    before = len(spoken) - len(spoken.lstrip())
    whole = spoken.strip()
    within = {name: min(max(place - before, 0), len(whole)) for name, place in moments.items()}
    return SpokenText(whole, within, tuple(twice))


def sentences(text: str) -> list[str]:
    """Part a script into its sentences, marks and all; very short ones stay with what follows.

    A text in which a vendor's tag is closed stays whole, since it may span several. No sentence ends behind an
    abbreviation or an initial, nor before a word in lower case.
    """
    if "</" in text:
        return [text]
    parts, start = [], 0
    for found in _ENDS.finditer(text):
        part, rest = text[start : found.end()], MARK.sub("", text[found.end() :]).lstrip()
        is_end = not _SHORT.search(MARK.sub("", part)) and rest[:1] == rest[:1].upper()
        if rest and is_end and len(MARK.sub("", part).strip()) >= _LEAST:
            parts.append(part.strip())
            start = found.end()
    return [*parts, text[start:].strip()]


def pronounced(written: SpokenText, sounds: Mapping[str, str]) -> SpokenText:
    """Exchange words by how they are spoken: whole words, as they are written, the longest first."""
    names = sorted(filter(None, sounds), key=lambda name: (-len(name), name))
    if not names:
        return written
    wanted = re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, names)) + r")(?!\w)")
    swaps = [(found.start(), found.end(), sounds[found[0]]) for found in wanted.finditer(written.text)]
    if not swaps:
        return written
    text, rest = "", 0
    places: list[tuple[int, int, int, int]] = []
    for start, end, sound in swaps:
        text += written.text[rest:start]
        places.append((start, end, len(text), len(text) + len(sound)))
        text += sound
        rest = end
    text += written.text[rest:]
    moments = {name: _moved(place, places) for name, place in written.moments.items()}
    return SpokenText(text, moments, written.twice, tuple(_shown(written.text, text, places)))


def _joined(before: str, after: str) -> str:
    return before + (after.lstrip() if not before or before[-1].isspace() else after)


def _moved(place: int, swaps: list[tuple[int, int, int, int]], at_end: bool = False) -> int:
    """Say where a character of the written text is in the spoken one; within a swap, at its start or its end."""
    shift = 0
    for start, end, first, last in swaps:
        if place >= end:
            shift = last - end
        elif place > start:
            return last if at_end else first
    return place + shift


def _shown(written: str, spoken: str, swaps: list[tuple[int, int, int, int]]) -> list[tuple[str, int]]:
    """Pair what is read with how many words are spoken for it; words that one sound stands for stay together."""
    groups: list[tuple[int, int]] = []
    for found in re.finditer(r"\S+", written):
        start, end = found.span()
        for first, last, _, _ in swaps:
            if first < end and start < last:
                start, end = min(start, first), max(end, last)
        if groups and start < groups[-1][1]:
            start, end = groups[-1][0], max(end, groups.pop()[1])
        groups.append((start, end))
    return [
        (written[start:end].strip(), len(spoken[_moved(start, swaps) : _moved(end, swaps, True)].split()))
        for start, end in groups
    ]
