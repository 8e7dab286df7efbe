"""Make a bed: quiet music for under a voice, seeded by its prompt, which may name moods and a tempo.

A usual tempo fits whole bars into 30 s, so that the bed loops. Knows nothing of files, mixes or loudness.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from math import ceil

import numpy as np

from vidbuild.media.tempo import tempo_in
from vidbuild.runners.local.colour import F32
from vidbuild.runners.local.prompt import words
from vidbuild.runners.local.seeded import generator
from vidbuild.runners.local.voices import RATE, bass, brush, kick, pad, pitch, pluck, snare, wave

REVISION = 1

_MAJOR, _MINOR, _DORIAN = (0, 2, 4, 5, 7, 9, 11), (0, 2, 3, 5, 7, 8, 10), (0, 2, 3, 5, 7, 9, 10)
_FADE = RATE // 2
_GAIN = 1.4


@dataclass(frozen=True)
class Mood:
    """How a bed sounds; tempo in beats a minute, a multiple of 8, so that bars fit into 30 s."""

    words: str
    tempo: int
    scale: tuple[int, ...]
    chords: tuple[tuple[int, ...], ...]  # roots, a bar each, as steps of the scale
    pad: tuple[float, ...]
    pluck: tuple[float, ...]
    drums: int  # 0 none, 1 brushes, 2 a light kit, 3 four to the floor
    busy: float  # how many of the eighths are plucked


_MOODS = (
    Mood("warm cosy gentle soft hopeful tender romantic piano sweet morning", 80, _MAJOR,
         ((0, 5, 3, 4), (0, 2, 3, 3), (3, 0, 5, 4)), (1, 0.45, 0.2, 0.08), (1, 0.5, 0.3, 0.1, 0.08), 0, 0.55),
    Mood("calm ambient peaceful slow relaxing meditation dreamy quiet serene spa minimal", 64, _MAJOR,
         ((0, 3, 0, 3), (0, 5, 3, 0)), (1, 0.3, 0.08), (1, 0.25, 0.1), 0, 0.4),
    Mood("dark moody brooding night noir mystery mysterious sad melancholy deep", 72, _MINOR,
         ((0, 5, 2, 6), (0, 3, 5, 4)), (1, 0.6, 0.35, 0.2), (1, 0.4, 0.2), 0, 0.45),
    Mood("upbeat happy energetic bright fun cheerful pop corporate inspiring positive summer lively", 112, _MAJOR,
         ((0, 4, 5, 3), (0, 3, 5, 4)), (1, 0.5, 0.3, 0.15), (1, 0.7, 0.4, 0.25, 0.15), 2, 0.75),
    Mood("tense suspense dramatic epic cinematic thriller urgent driving action trailer", 96, _MINOR,
         ((0, 0, 5, 5), (0, 5, 0, 6)), (1, 0.7, 0.5, 0.3, 0.2), (1, 0.6, 0.5, 0.3), 1, 0.9),
    Mood("acoustic folk guitar organic natural country ukulele handmade", 96, _MAJOR,
         ((0, 3, 4, 0), (0, 5, 3, 4)), (1, 0.25, 0.1), (1, 0.85, 0.6, 0.45, 0.3, 0.2), 1, 0.8),
    Mood("electronic techno synth house tech futuristic digital edm dance club electro", 120, _MINOR,
         ((0, 5, 2, 6), (0, 0, 3, 5)), (1, 0.7, 0.5, 0.4, 0.3, 0.2), (1, 0.2, 0.6, 0.1, 0.4), 3, 0.85),
    Mood("lofi chill lounge jazz jazzy groovy hip hop beat coffee", 80, _DORIAN,
         ((0, 3, 0, 4), (1, 4, 0, 5)), (1, 0.4, 0.15), (1, 0.35, 0.15), 2, 0.5),
)  # fmt: skip


@dataclass(frozen=True)
class _Sound:
    """A sound at a sample of the whole, as (n, 2)."""

    start: int
    line: F32


def samples(prompt: str, seed: int, seconds: int) -> Iterator[F32]:
    """Yield the bed bar by bar as (n, 2) float32 at 48 kHz, `seconds * 48000` samples in all."""
    band = _Band(prompt, seed)
    total = seconds * RATE
    bars = ceil(Fraction(total) / band.bar)
    fits = Fraction(total) % band.bar == 0
    over = np.zeros((0, 2), np.float32)
    for index in range(bars):
        start, stop = round(index * band.bar), round((index + 1) * band.bar)
        played = band.play(index)
        length = max([stop - start, len(over), *(sound.start + len(sound.line) for sound in played)])
        block = np.zeros((length, 2), np.float32)
        block[: len(over)] = over
        for sound in played:
            block[sound.start : sound.start + len(sound.line)] += sound.line
        over = block[stop - start :]
        yield _finished(block[: min(stop, total) - start], start, total, RATE // 50 if fits else _FADE)


def tempo(prompt: str, seed: int) -> int:
    """Return the beats a minute: as the prompt says (50 to 200), else what suits its mood."""
    return _tempo(prompt, _mood(prompt, seed))


def _tempo(prompt: str, mood: Mood) -> int:
    return tempo_in(prompt) or mood.tempo


def _mood(prompt: str, seed: int) -> Mood:
    score = [sum(word in mood.words.split() for word in words(prompt)) for mood in _MOODS]
    if max(score):
        return _MOODS[score.index(max(score))]
    return _MOODS[int(generator("mood", prompt, seed).integers(0, 2))]


def _finished(block: F32, start: int, total: int, fade: int) -> F32:
    """Bound the block softly below 0.9, with a fade at the bed's two ends."""
    loud = np.clip(block * np.float32(_GAIN), -3, 3)
    square = loud * loud
    loud *= (27 + square) / (27 + 9 * square)  # a rational curve near tanh: no function that differs by machine
    loud *= np.float32(0.88)
    where = np.arange(start, start + len(loud), dtype=np.float32)
    ends = np.minimum(where / np.float32(RATE / 200), (np.float32(total - 1) - where) / np.float32(fade))
    if ends[0] < 1 or ends[-1] < 1:
        ends = np.clip(ends, 0, 1)
        loud *= (ends * ends * (3 - 2 * ends))[:, None]
    return loud.astype(np.float32)


class _Band:
    """The players of one bed: what each bar sounds like."""

    def __init__(self, prompt: str, seed: int) -> None:
        rng = generator("bed", prompt, seed)
        self._mood = mood = _mood(prompt, seed)
        self.bar = Fraction(240 * RATE, _tempo(prompt, mood))
        self._beat = self.bar / 4
        self._key = int(rng.integers(45, 53))
        self._chords = mood.chords[int(rng.integers(0, len(mood.chords)))]
        self._pad, self._low = wave(list(mood.pad)), wave([1.0, 0.35, 0.1])
        self._bright, self._dull = wave(list(mood.pluck)), wave([1.0, 0.12])
        self._pattern = [self._step(rng, eighth) for eighth in range(16)]
        self._kit = {
            "kick": kick(),
            "hat": brush(rng, 0.06, 1),
            "brush": brush(rng, 0.16, 3),
            "snare": snare(rng),
        }
        self._made: dict[tuple[str, int], F32] = {}

    def play(self, bar: int) -> list[_Sound]:
        """Return the sounds that begin in a bar, their starts counted from its first sample."""
        root = self._chords[bar % len(self._chords)]
        sounds = [_Sound(0, self._chord(root)), *self._plucks(bar, root)]
        if bar >= 2:
            sounds += self._basses(root)
        if bar >= 1:
            sounds += self._drums(bar)
        return sounds

    def _step(self, rng: np.random.Generator, eighth: int) -> tuple[int, float] | None:
        """Choose which note of the chord an eighth plucks, and how hard; beats are plucked most."""
        note, chance, hard = int(rng.integers(0, 5)), float(rng.uniform()), float(rng.uniform(0.8, 1.0))
        on_beat = eighth % 2 == 0
        if eighth % 8 == 0:
            return 0, 1.0
        if chance > self._mood.busy + (0.4 if on_beat else -0.15):
            return None
        return note, hard * (0.85 if on_beat else 0.5)

    def _note(self, step: int) -> int:
        return self._key + self._mood.scale[step % 7] + 12 * (step // 7)

    def _chord(self, root: int) -> F32:
        def make() -> F32:
            notes = [
                self._note(root),
                *(self._near(root + up) for up in (2, 4, 6 if self._mood.drums < 2 else 7)),
            ]
            length = round(self.bar)
            return pad(self._pad, [float(note) for note in notes], length, length // 3, length // 2) * np.float32(0.21)

        return self._once("pad", root, make)

    def _near(self, step: int) -> int:
        """Return a step's note in the octave above the middle of the pads."""
        return 55 + (self._note(step) - 55) % 12

    def _plucks(self, bar: int, root: int) -> list[_Sound]:
        sounds = []
        apart = Fraction(3, 2) if self._mood.drums else Fraction(1)
        for eighth in range(8):
            step = self._pattern[eighth + 8 * (bar % 2)]
            if step is None:
                continue
            note = self._near(root + (0, 2, 4, 7, 9)[step[0]]) + 12 * (step[0] > 2) + 12 * (self._key < 48)
            line = self._once("pluck", note, partial(self._plucked, note))
            start, side = round(self._beat * eighth / 2), 0.5 + 0.22 * (-1) ** eighth
            for echo in range(4):  # each a beat or three eighths later, softer, from the other side
                level = np.float32(0.24 * step[1] * 0.42**echo)
                sides = np.array([side, 1 - side] if echo % 2 == 0 else [1 - side, side], np.float32) * level
                sounds.append(_Sound(start + round(self._beat * apart * echo), line * sides))
        return sounds

    def _plucked(self, note: int) -> F32:
        seconds = min(1.5, 1.1 * (261.6 / pitch(note)) ** 0.4)
        return pluck(self._bright, self._dull, float(note), seconds)[:, None]

    def _basses(self, root: int) -> list[_Sound]:
        note = self._note(root) - 12 if self._note(root) < 57 else self._note(root) - 24
        often = {0: (0,), 1: (0, 4), 2: (0, 3, 4), 3: (1, 3, 5, 7)}[self._mood.drums]
        length = round(self._beat * (3 if self._mood.drums == 0 else 1))
        line = self._once(
            "bass", note, lambda: bass(self._low, float(note), length)[:, None] * np.array([0.17, 0.17], np.float32)
        )
        return [_Sound(round(self._beat * eighth / 2), line) for eighth in often]

    def _drums(self, bar: int) -> list[_Sound]:
        kind = self._mood.drums
        plan: dict[str, tuple[tuple[int, ...], float]] = {}
        if kind == 1:
            plan = {"brush": ((0, 2, 3, 4, 6, 7), 0.11), "kick": ((0,), 0.22)}
        elif kind == 2:
            plan = {"kick": ((0, 5), 0.34), "snare": ((2, 6), 0.16), "hat": ((0, 1, 2, 3, 4, 5, 6, 7), 0.09)}
        elif kind == 3:
            plan = {"kick": ((0, 2, 4, 6), 0.36), "hat": ((1, 3, 5, 7), 0.13), "snare": ((2, 6), 0.10)}
        sounds = []
        for name, (eighths, level) in plan.items():
            for eighth in eighths:
                hard = np.float32(level * (1.0 if eighth % 2 == 0 else 0.7))
                line = self._once(name, round(1000 * hard), partial(self._hit, name, hard))
                sounds.append(_Sound(round(self._beat * eighth / 2), line))
        return sounds

    def _hit(self, name: str, hard: np.float32) -> F32:
        right = np.float32(0.8 if name in ("hat", "brush") else 1.0)
        return np.stack([self._kit[name] * hard, self._kit[name] * hard * right], axis=1)

    def _once(self, name: str, number: int, make: Callable[[], F32]) -> F32:
        """Return a sound that is made when first asked for."""
        key = (name, number)
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]
