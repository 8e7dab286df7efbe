"""Captions from word times: words broken into cues by meaning and width, cues as ASS events, SRT and VTT.

Values in, values out; times are exact seconds. It knows no shots: who calls says where a line begins.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from fractions import Fraction
from itertools import pairwise

from vidbuild.media import ass
from vidbuild.media.fonts import Typeface
from vidbuild.media.spoken import estimated, words_in
from vidbuild.media.text import Area, Preset, inscribed, look_of, set_in, units
from vidbuild.words.rationaltime import half_up

PRESETS: Mapping[str, Preset] = {
    "clean": Preset(Fraction(70, 1000), edge="#000000f4", edge_width=Fraction(11, 100), place="bottom", most_lines=2,
                    motion="none"),
    "boxed": Preset(Fraction(65, 1000), back="#000000c0", edge_width=Fraction(0), place="bottom", most_lines=2,
                    motion="none"),
    "karaoke": Preset(Fraction(72, 1000), edge="#000000f4", edge_width=Fraction(11, 100), place="bottom", most_lines=2,
                      motion="none"),
    "pop": Preset(Fraction(100, 1000), edge="#000000f4", edge_width=Fraction(12, 100), place="bottom", most_lines=1,
                  motion="pop"),
}  # fmt: skip
MOST_LETTERS_PER_S = 17
"""The reading speed that a cue's time on screen is stretched to, where there is room behind it."""
MOST_S = Fraction(6)
LINGER_S = Fraction(3, 10)
PAUSE_S = Fraction(8, 10)
WIDEST = 20.0
"""The longest line in ems, about 42 Latin letters, which the eye takes in at once."""
_GROWS = Fraction(10, 100)
"""The room about a line whose words grow as they are spoken, as a part of the font size."""
_SENTENCE = ".?!؟।。！？…"
_CLAUSE = ",;:،؛、，；：—–"
_CLOSING = "\"')]}”’»›"
_ON, _OFF = "\u2061", "\u2062"
"""Where the word that is spoken begins and ends: signs that show nothing and have no direction."""
_UNMARKED = {ord(_ON): None, ord(_OFF): None}


@dataclass(frozen=True, slots=True)
class Word:
    """A spoken word as it is written, in seconds, and whether a space stands behind it."""

    text: str
    start: Fraction
    end: Fraction
    spaced: bool = True


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the picture at once: words over one or two lines, by how many words each line has."""

    words: tuple[Word, ...]
    lines: tuple[int, ...]
    start: Fraction
    end: Fraction

    @property
    def rows(self) -> tuple[tuple[Word, ...], ...]:
        """The words of each line."""
        found, at = [], 0
        for count in self.lines:
            found.append(self.words[at : at + count])
            at += count
        return tuple(found)

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as they are read."""
        return tuple(_joined(row) for row in self.rows)


def words_of(data: str, pieces: Sequence[tuple[str, int | None]], at: Fraction, tempo: Fraction) -> list[Word]:
    """Read word times, from where their line begins, and give the author's own words with them.

    Written words that are as many as those heard have their times; else they share by their letters the time between
    two words that are the same. Where nothing is known of the times, they are guessed.

    Args:
        pieces: what is read, each piece with the number of words that were spoken for it, where that is known.
    """
    said = words_in(data)
    written = [(units(" ".join(text.translate(_UNMARKED).split())), count) for text, count in pieces]
    heard = [Word(word.text, max(word.start, Fraction(0)), max(word.end, word.start, Fraction(0))) for word in said]
    parts = [part for row, _ in written for part in row]
    if not heard:
        whole = "".join(parts)
        heard = [Word(whole, Fraction(0), estimated(whole)[1].seconds)]
    timed: list[Word] = []
    if all(count is not None for _, count in written) and sum(count or 0 for _, count in written) == len(heard):
        place = 0
        for row, count in written:
            timed += _matched([part.rstrip() for part in row], heard[place : place + (count or 0)])
            place += count or 0
    else:
        timed = _matched([part.rstrip() for part in parts], heard)
    spaces = [part.endswith(" ") or place + 1 == len(row) for row, _ in written for place, part in enumerate(row)]
    return [
        Word(word.text, at + word.start / tempo, at + word.end / tempo, spaced)
        for word, spaced in zip(timed, spaces, strict=True)
    ]


def _matched(written: Sequence[str], heard: Sequence[Word]) -> list[Word]:
    """Lay the times of heard words under the written ones."""
    if not heard:
        return [Word(text, Fraction(0), Fraction(0)) for text in written]
    said = [word.text.casefold() for word in heard]
    wanted = [word.casefold() for word in written]
    if len(said) == len(wanted):
        return [replace(word, text=text) for word, text in zip(heard, written, strict=True)]
    if "".join(word.text for word in heard) == "".join(written):
        return _cut(written, heard)
    found: list[Word] = []
    for tag, first, last, begin, end in SequenceMatcher(None, wanted, said, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [replace(heard[begin + i], text=written[first + i]) for i in range(last - first)]
        elif last > first:
            before = heard[begin - 1].end if begin else heard[0].start
            start = heard[begin].start if end > begin else before
            stop = heard[end - 1].end if end > begin else before
            letters = sum(len(word) for word in written[first:last])
            at = start
            for word in written[first:last]:
                until = at + (stop - start) * len(word) / letters
                found.append(Word(word, at, until))
                at = until
    return found


def _cut(written: Sequence[str], heard: Sequence[Word]) -> list[Word]:
    """Give times to the same letters cut otherwise: each heard word's letters share its time evenly."""
    edges: list[tuple[Fraction, Fraction]] = []
    for word in (word for word in heard if word.text):
        each = (word.end - word.start) / len(word.text)
        edges += [(word.start + place * each, word.start + (place + 1) * each) for place in range(len(word.text))]
    found, place = [], 0
    for text in written:
        found.append(Word(text, edges[place][0], edges[place + len(text) - 1][1]))
        place += len(text)
    return found


def cues(words: Sequence[Word], preset: Preset, size: int, width: int, typeface: Typeface) -> list[Cue]:
    """Break the words of one line of speech into cues of at most so many lines, each at most so wide.

    Of all ways to break them the best is taken: at the ends of sentences and clauses and at pauses, not behind a short
    word, not far from even. A word that is wider than a line stands alone, and is drawn smaller.
    """
    best: list[tuple[float, int, tuple[int, ...]]] = [(0.0, 0, ())]
    for end in range(1, len(words) + 1):
        found: tuple[float, int, tuple[int, ...]] | None = None
        for start in range(end - 1, -1, -1):
            lines = _lines(words[start:end], preset, min(width / size, WIDEST), typeface)
            if lines is None and start < end - 1:
                break
            if _has_pause(words[start:end]) or (words[end - 1].end - words[start].start > MOST_S and start < end - 1):
                break
            cost = best[start][0] + _cost(words, start, end, lines or (1,), preset)
            if found is None or cost < found[0]:
                found = (cost, start, lines or (1,))
        assert found is not None
        best.append(found)
    made: list[Cue] = []
    end = len(words)
    while end:
        _, start, lines = best[end]
        made.append(Cue(tuple(words[start:end]), lines, words[start].start, words[end - 1].end))
        end = start
    return _timed(made[::-1])


def _lines(words: Sequence[Word], preset: Preset, width: float, typeface: Typeface) -> tuple[int, ...] | None:
    """Break words into one line, or two by meaning; give how many each has, or `None` where they don't fit."""
    if preset.motion == "pop" and len(words) > 3:
        return None
    if typeface.width(_joined(words), preset.bold) <= width:
        return (len(words),)
    if preset.most_lines == 1:
        return None
    found = []
    for first in range(1, len(words)):
        lengths = [typeface.width(_joined(row), preset.bold) for row in (words[:first], words[first:])]
        if max(lengths) <= width:
            found.append((abs(lengths[0] - lengths[1]) / width + _edge(words, first) / 3, first))
    return (min(found)[1], len(words) - min(found)[1]) if found else None


def _spaced(words: Sequence[Word], place: int) -> str:
    """Give a word with the space behind it, which the last one of a line doesn't need."""
    word = words[place]
    return f"{word.text} " if word.spaced and place + 1 < len(words) else word.text


def _joined(words: Sequence[Word]) -> str:
    return "".join(_spaced(words, place) for place in range(len(words)))


def _has_pause(words: Sequence[Word]) -> bool:
    return any(after.start - before.end > PAUSE_S for before, after in pairwise(words))


def _cost(words: Sequence[Word], start: int, end: int, lines: Sequence[int], preset: Preset) -> float:
    """Say how bad a cue is: where it ends, how few words it has, how uneven its lines are."""
    edge = 0.0 if end == len(words) else _edge(words, end)
    inside = sum(word.text.rstrip(_CLOSING).endswith(tuple(_SENTENCE)) for word in words[start : end - 1])
    alone = 0.8 if end - start == 1 and len(words) > 1 and preset.most_lines > 1 else 0.0
    return 1.0 + edge + 1.2 * inside + alone + 0.1 * (len(lines) - 1)


def _edge(words: Sequence[Word], end: int) -> float:
    """Say how bad it is to break in front of a word: not behind a sentence, most behind a short one, before a sign."""
    if not any(char.isalnum() for char in words[end].text):
        return 2.5
    last = words[end - 1].text.rstrip(_CLOSING)
    if last.endswith(tuple(_SENTENCE)):
        return 0.0
    is_thai = words[end - 1].spaced and "\u0e00" <= last[-1:] <= "\u0e7f"  # a space there is a clause's end
    if is_thai or last.endswith(tuple(_CLAUSE)) or words[end].start - words[end - 1].end > PAUSE_S / 2:
        return 0.5
    return 1.5 if len(last) > 3 and words[end - 1].spaced else 2.2


def _timed(made: Sequence[Cue]) -> list[Cue]:
    """Leave cues on the picture long enough to be read, never into the next one."""
    found = []
    for place, cue in enumerate(made):
        letters = sum(len(word.text) + 1 for word in cue.words)
        wanted = max(cue.end + LINGER_S, cue.start + Fraction(letters, MOST_LETTERS_PER_S))
        if place + 1 < len(made):
            wanted = min(wanted, made[place + 1].start)
        found.append(replace(cue, end=max(wanted, cue.end) if place + 1 == len(made) else wanted))
    return found


def lingering(text: str) -> Fraction:
    """Say how long the last cue of a text may stay behind the end of its line, at the most."""
    letters = sum(len(part) + 1 for part in units(text))
    return max(LINGER_S, Fraction(letters, MOST_LETTERS_PER_S))


def without_overlaps(spoken: Iterable[Sequence[Cue]]) -> list[Cue]:
    """Put the cues of several lines in order; one that reaches into the next ends where that begins."""
    ordered = sorted((cue for line in spoken for cue in line), key=lambda cue: (cue.start, cue.end))
    found = []
    for cue, after in zip(ordered, [*ordered[1:], None], strict=True):
        end = min(cue.end, after.start) if after is not None else cue.end
        if end > cue.start:
            found.append(replace(cue, end=end))
    return found


def events(
    made: Iterable[Cue],
    name: str,
    preset: Preset,
    area: Area,
    size: tuple[int, int],
    typeface: Typeface,
    rate: Fraction,
) -> list[ass.Event]:
    """Draw cues on the clock of pictures at a rate; `karaoke` and `pop` by the word that is spoken."""
    found: list[ass.Event] = []
    grows = math.ceil(_GROWS * half_up(preset.size * min(size))) if preset.motion == "pop" else 0
    area = Area(area.left + grows, area.top + grows, area.right - grows, area.bottom - grows)
    for cue in made:
        setting = set_in("\n".join(cue.texts), preset, "shrink", area, preset.place, size, typeface)
        if setting is None:
            continue
        begins, ends = half_up(cue.start * rate), half_up(cue.end * rate)
        stands = f"\\an{setting.align}\\pos({setting.x},{setting.y})"
        steps = _steps(cue, begins, ends, rate) if name in ("karaoke", "pop") else [(None, begins, ends)]
        for place, first, last in steps:
            lines = list(cue.texts) if place is None else _marked(cue, place)
            written, drawers = inscribed(lines, preset.bold, typeface)
            face = drawers[0][1]
            look = look_of(preset, setting, face.family, face.bold)
            on = ass.colour_tag(1, preset.accent)
            if preset.motion == "pop":
                half, whole = ass.ms(2), ass.ms(4)
                on += f"\\fscx88\\fscy88\\t(0,{half},\\fscx106\\fscy106)\\t({half},{whole},\\fscx100\\fscy100)"
            off = ass.colour_tag(1, preset.colour) + ("\\fscx100\\fscy100" if preset.motion == "pop" else "")
            text = "\\N".join(written).replace(_ON, f"{{{on}}}").replace(_OFF, f"{{{off}}}")
            if last > max(first, 0):
                found.append(ass.Event(max(first, 0), last, look, f"{{{stands}}}{text}"))
    return found


def _steps(cue: Cue, begins: int, ends: int, rate: Fraction) -> list[tuple[int | None, int, int]]:
    """Say from which picture to which each word is the one that is spoken."""
    starts = [half_up(word.start * rate) for word in cue.words]
    edges = [begins, *starts[1:], ends]
    return [(place, first, last) for place, (first, last) in enumerate(pairwise(edges)) if first < last]


def _marked(cue: Cue, place: int) -> list[str]:
    """Give a cue's lines with signs about one word."""
    found, at = [], 0
    for row in cue.rows:
        parts = [_spaced(row, index) for index in range(len(row))]
        if at <= place < at + len(row):
            word = parts[place - at]
            bare = word.rstrip(" ")
            parts[place - at] = f"{_ON}{bare}{_OFF}{word[len(bare) :]}"
        found.append("".join(parts))
        at += len(row)
    return found


def srt(made: Iterable[Cue]) -> str:
    """Write cues as SubRip."""
    return "".join(
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_plain(cue)}\n\n"
        for number, cue in enumerate(made, 1)
    )


def vtt(made: Iterable[Cue]) -> str:
    """Write cues as WebVTT; what it would read as markup is escaped."""
    found = ["WEBVTT\n\n"]
    for cue in made:
        text = _plain(cue).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
        found.append(f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{text}\n\n")
    return "".join(found)


def _plain(cue: Cue) -> str:
    """Give a cue's lines; an arrow of times in the text is broken up, which no reader of SubRip would survive."""
    return "\n".join(cue.texts).replace("-->", "--\u2060>")


def _clock(seconds: Fraction, point: str) -> str:
    whole = half_up(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}{point}{whole % 1000:03d}"
