"""How loud a mix is: the target met, the true peak kept, silence left alone; measured on the encoded file by ffmpeg."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stems import RATE, level_db, mixed, tone

from vidbuild.media import limiting
from vidbuild.media.sound import Laid, Loudness
from vidbuild.runners.local import bed
from vidbuild.testing import sounds

SECONDS = 24


def speech() -> Any:
    """Make syllables of a voice with pauses between."""
    chance, rows, at = np.random.default_rng(5), np.zeros((SECONDS * RATE, 2)), 0
    while at < len(rows) - RATE:
        length, pitch = int(chance.integers(4800, 16_000)), chance.uniform(110, 180)
        turn = np.arange(length) / RATE
        voiced = sum(np.sin(2 * np.pi * pitch * wave * turn + wave) / wave for wave in range(1, 18))
        rows[at : at + length] += (0.1 * voiced * np.hanning(length))[:, None]
        at += length + int(chance.integers(1000, 20_000))
    return rows.astype("f4")


def clicks() -> Any:
    """Make a quiet hum with sharp knocks: much to limit."""
    rows = tone(SECONDS, 120, 0.02)
    for at in range(RATE // 2, len(rows) - RATE, RATE // 2):
        rows[at : at + 600] += (np.hanning(600) * np.sin(np.arange(600) * 0.9))[:, None] * 0.9
    return rows


def drums() -> Any:
    """Make the local bed at its busiest."""
    return np.concatenate(list(bed.samples("techno club edm", 1, SECONDS)))


SOUNDS = {"speech": speech, "clicks": clicks, "drums": drums, "noise": lambda: sounds.noise(3, SECONDS * RATE)}


def levelled(folder: Path, rows: Any, loudness: Loudness, gain: int = 0) -> Any:
    """Mix one sound to a loudness."""
    return mixed(folder, len(rows), [Laid("s0", 0, len(rows), Fraction(gain))], {"s0": rows}, loudness)


TARGETS = ((-14, -1), (-16, -1), (-12, -1), (-23, -2))
CASES = [
    pytest.param(name, *target, marks=() if number == place and name in ("speech", "noise") else pytest.mark.slow)
    for number, name in enumerate(SOUNDS)
    for place, target in enumerate(TARGETS)
]


@pytest.mark.parametrize(("name", "lufs", "peak"), CASES)
def test_a_mix_is_as_loud_as_its_platform_wants(tmp_path: Path, name: str, lufs: int, peak: int) -> None:
    """Within 0.3 LU, its true peak under the limit, at every target."""
    made = levelled(tmp_path, SOUNDS[name](), Loudness(192, Fraction(lufs), Fraction(peak)))
    loud, high = made.metered()
    assert loud == pytest.approx(lufs, abs=0.3)
    assert high <= peak
    assert float(made.facts["lufs"]) == pytest.approx(loud, abs=0.06)


@pytest.mark.parametrize("gain", [pytest.param(-15, marks=pytest.mark.slow), pytest.param(18, marks=pytest.mark.slow)])
def test_a_mix_is_as_loud_however_loud_its_stems_are(tmp_path: Path, gain: int) -> None:
    """Far too quiet, or far over full scale."""
    loud, high = levelled(tmp_path, speech(), Loudness(192, Fraction(-14)), gain).metered()
    assert (loud, high) == (pytest.approx(-14, abs=0.3), pytest.approx(-5, abs=4.01))


@pytest.mark.parametrize("kbps", [pytest.param(64, marks=pytest.mark.slow), 320])
def test_the_codec_is_part_of_what_is_measured(tmp_path: Path, kbps: int) -> None:
    """White noise comes out of AAC quieter and with higher peaks than it went in."""
    rows = (np.random.default_rng(1).standard_normal((12 * RATE, 2)) * 0.2).astype("f4")
    loud, high = levelled(tmp_path, rows, Loudness(kbps, Fraction(-12))).metered()
    assert loud == pytest.approx(-12, abs=0.3)
    assert high <= -1


@pytest.mark.parametrize("rows", [np.zeros((2 * RATE, 2), "f4"), tone(0.25)], ids=["silence", "a moment"])
def test_what_has_no_loudness_stays_as_it_is(tmp_path: Path, rows: Any) -> None:
    """Silence is not turned up, nor is what is too short to be measured."""
    made = levelled(tmp_path, rows, Loudness(192, Fraction(-14)))
    assert made.facts == {"lufs": "silence"}
    assert level_db(made.samples()[: len(rows)]) == pytest.approx(level_db(rows), abs=1)


def test_hiss_is_not_made_a_roar(tmp_path: Path) -> None:
    """Nothing is turned up by more than 30 dB."""
    rows = tone(6, 1000, 0.001)
    assert levelled(tmp_path, rows, Loudness(192, Fraction(-14))).metered()[0] == pytest.approx(-30, abs=1)


def test_without_a_target_sound_stays_as_loud_as_it_is(tmp_path: Path) -> None:
    """But for what would pass full scale."""
    made = levelled(tmp_path, tone(3), Loudness())
    assert level_db(made.samples()[RATE : 2 * RATE]) == pytest.approx(level_db(tone(1)), abs=0.1)
    assert levelled(tmp_path, tone(3, level=3.0), Loudness()).metered()[1] <= -1


def test_a_gain_alone_changes_no_sample_but_by_a_factor() -> None:
    """What needs no limit is not touched."""
    rows = np.pad(tone(1, level=0.5), ((limiting.CONTEXT,) * 2, (0, 0)))
    kept, was_limited = limiting.limited(rows, 0.8)
    assert not was_limited
    assert np.array_equal(kept, tone(1, level=0.5))


def test_the_limiter_delays_nothing_and_does_not_see_blocks() -> None:
    """Cut into blocks, the same samples come out; the wave between them stays under the ceiling too."""
    rows = clicks()[: 3 * RATE].astype(float) * 1.5
    around = np.pad(rows, ((limiting.CONTEXT,) * 2, (0, 0)))
    whole, was_limited = limiting.limited(around, 0.5)
    edges = range(0, len(rows), 10_007)
    cut = [limiting.limited(around[at : min(at + 10_007, len(rows)) + 2 * limiting.CONTEXT], 0.5)[0] for at in edges]
    assert was_limited
    assert np.allclose(np.concatenate(cut), whole, atol=1e-9)
    assert limiting.true_peak(whole) <= 0.5 + 1e-6
    assert int(np.argmax(np.abs(whole[:RATE, 0]))) == int(np.argmax(np.abs(rows[:RATE, 0])))


def test_a_mix_that_begins_loud_keeps_its_peak_from_the_first_sample_on(tmp_path: Path) -> None:
    """AAC rings where a stream begins; the mix still begins at its own first sample."""
    music = sounds.noise(3, 4 * RATE)[RATE : 3 * RATE] * 4
    made = levelled(tmp_path, music, Loudness(192, Fraction(-14)))
    heard = made.samples()
    assert made.metered()[1] <= -1
    assert float(np.abs(heard[:2048]).max()) < 1.2 * float(np.abs(heard[4096:]).max())
    assert {each.late for each in sounds.listen(heard, music, [0, RATE])} == {0}
