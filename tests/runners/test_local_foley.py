"""The local effects: the right kind of sound for the words, as long as is asked, without clicks, seeded."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from vidbuild.runners.local import foley

RATE = 48_000
PROMPTS = {
    "a soft whoosh as the camera flies past": "whoosh",
    "button click": "click",
    "typing on a keyboard": "keys",
    "heavy impact, deep boom": "impact",
    "tension riser": "riser",
    "notification bell": "bell",
    "footsteps in a hall": "steps",
    "coffee pouring into a cup": "pour",
    "rain on a window": "rain",
    "howling wind": "wind",
    "waves on a beach": "sea",
    "busy restaurant, people chatting": "crowd",
    "a car engine": "engine",
    "quiet room tone": "room",
    "flurb": "whoosh",
}


def made(prompt: str, seed: int = 1, seconds: float | None = None) -> Any:
    """Make all of an effect."""
    return np.concatenate(list(foley.samples(prompt, seed, seconds)))


def brightness(rows: Any) -> float:
    """Give the middle of a sound's spectrum in hertz."""
    power = np.abs(np.fft.rfft(rows.mean(axis=1))) ** 2
    return float((power * np.fft.rfftfreq(len(rows), 1 / RATE)).sum() / power.sum())


@pytest.mark.parametrize(("prompt", "kind"), PROMPTS.items())
def test_words_choose_the_kind(prompt: str, kind: str) -> None:
    """What nobody knows is a whoosh."""
    assert foley.kind(prompt) == kind


@pytest.mark.parametrize("prompt", PROMPTS)
def test_an_effect_neither_clips_nor_clicks_at_its_ends(prompt: str) -> None:
    """It can be heard, stays below full scale, begins and ends in silence."""
    sound = made(prompt)
    assert 0.15 < np.abs(sound).max() <= 0.51
    assert np.abs(sound[[0, -1]]).max() < 0.01


@pytest.mark.parametrize("prompt", PROMPTS)
@pytest.mark.parametrize("seconds", [0.01, 0.5, 25])
def test_an_effect_has_exactly_the_length_that_is_asked_for(prompt: str, seconds: float) -> None:
    """In blocks of 10 s at most, however long it is."""
    blocks = list(foley.samples(prompt, 1, seconds))
    assert sum(len(block) for block in blocks) == round(seconds * RATE) == foley.count(prompt, seconds)
    assert max(len(block) for block in blocks) <= 10 * RATE


def test_what_a_place_sounds_like_goes_on_without_a_seam() -> None:
    """No two samples of it lie further apart where its ground repeats than elsewhere."""
    rain = made("rain", seconds=30)
    steps = np.abs(np.diff(rain, axis=0)).max(axis=1)
    assert steps[12 * RATE - 10 : 12 * RATE + 10].max() <= steps[RATE : 11 * RATE].max()


def test_an_effect_repeats_and_follows_its_seed_and_its_words() -> None:
    """Equal asks are equal samples."""
    one, same, other = (made("whoosh", seed) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert not np.array_equal(one, made("a whoosh"))


def test_kinds_sound_as_different_as_they_are() -> None:
    """A thud is dull, rain bright; a whoosh is loudest in its middle, a knock at its start, a riser at its end."""
    assert brightness(made("impact")) < 400 < 1500 < brightness(made("rain"))
    thirds = {
        name: [np.abs(part).mean() for part in np.array_split(made(name), 3)] for name in ("whoosh", "impact", "riser")
    }
    assert {name: int(np.argmax(levels)) for name, levels in thirds.items()} == {"whoosh": 1, "impact": 0, "riser": 2}
