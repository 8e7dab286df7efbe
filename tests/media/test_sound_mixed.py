"""The mix: stems on one timeline, music under speech, loops and endings, one channel and two."""

from __future__ import annotations

import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from stems import FFMPEG, RATE, level_db, mixed, mixed_files, tone, written

from vidbuild.media.sound import RING, Fade, Laid, samples_in
from vidbuild.runners import wave
from vidbuild.runners.local import bed
from vidbuild.testing import sounds

NTSC = Fraction(24_000, 1001)


@pytest.mark.parametrize(
    "rate",
    [
        pytest.param(Fraction(24), marks=pytest.mark.slow),
        NTSC,
        pytest.param(Fraction(30_000, 1001), marks=pytest.mark.slow),
    ],
)
def test_two_hundred_joins_drift_by_nothing(tmp_path: Path, rate: Fraction) -> None:
    """Every shot's sound lies at the sample of its frame, to the last one, in the encoded file."""
    frames, lead = 7, 2
    starts = [index * (frames - lead) for index in range(201)]
    edges = [(samples_in(start / rate), samples_in((start + frames) / rate)) for start in starts]
    over = samples_in(lead / rate)
    laid = [Laid(f"s{at}", at, until - at, cross_in=over, cross_out=over) for at, until in edges]
    noise = sounds.noise(1, 31 * RATE)
    own = {at: noise[at % (30 * RATE) :][: until - at] for at, until in edges}
    made = mixed(tmp_path, edges[-1][1], laid, {f"s{at}": rows for at, rows in own.items()})
    heard, late = made.samples(), set()
    reference = np.zeros_like(heard)
    for at, until in edges:
        reference[at:until] = own[at]
        late |= {found.late for found in sounds.listen(heard, reference, [at + over], until - at - 2 * over, 200)}
    assert late == {0}


@pytest.mark.slow
def test_the_last_word_of_ten_minutes_is_where_it_was_laid(tmp_path: Path) -> None:
    """To the sample before it is encoded, and to two milliseconds after."""
    at, whole = 599 * RATE + 123, 600 * RATE
    word = tone(0.5, 800, 0.5)
    made = mixed(tmp_path, whole, [Laid("l0", at, whole - at, is_voice=True)], {"l0": word})
    pcm = wave.opened_wav(tmp_path / "mix.wav")
    assert pcm.samples == whole
    loud = np.flatnonzero(np.abs(pcm.read(at - RATE, at + RATE)).max(axis=1) > 1e-6)
    assert loud[0] + at - RATE in (at, at + 1)
    heard = np.flatnonzero(np.abs(made.samples()[at - RATE :]).max(axis=1) > 0.1)[0] + at - RATE
    assert abs(heard - at) < RATE // 500


@pytest.mark.slow
def test_memory_does_not_grow_with_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is laid is read and written in blocks of 10 s."""
    read, most = wave.Pcm.read, []

    def noted(pcm: wave.Pcm, first: int, last: int) -> object:
        most.append(last - first)
        return read(pcm, first, last)

    monkeypatch.setattr(wave.Pcm, "read", noted)
    length = 45 * RATE
    laid = [Laid("m0", 0, length, duck_db=Fraction(-6), loops=True), Laid("l0", 0, length, is_voice=True)]
    mixed(tmp_path, length, laid, {"m0": tone(20), "l0": tone(30)})
    assert 0 < max(most) <= wave.BLOCK + 4096


# Music under speech


@pytest.mark.parametrize(
    "asked", [-6, pytest.param(-12, marks=pytest.mark.slow), pytest.param(-20, marks=pytest.mark.slow)]
)
def test_music_is_lower_under_speech_by_what_was_asked(tmp_path: Path, asked: int) -> None:
    """From the first word to the last, pauses between words too; before and behind it is as loud as it was."""
    silence = np.zeros((RATE // 2, 2), "f4")
    line = np.concatenate([silence, tone(2, 200), silence, tone(1, 200), silence])
    laid = [
        Laid("m0", 0, 12 * RATE, duck_db=Fraction(asked)),
        Laid("l0", 4 * RATE, 8 * RATE, gain_db=Fraction(-100), is_voice=True),
    ]
    music = mixed(tmp_path, 12 * RATE, laid, {"m0": tone(12), "l0": line}).sum
    usual = level_db(tone(1))
    second = [level_db(music[round(at * RATE) :][: RATE // 4]) - usual for at in (3.5, 4.5, 6.5, 7, 7.75, 9.25)]
    assert second[0] == pytest.approx(0, abs=0.05)
    assert all(found == pytest.approx(asked, abs=0.05) for found in second[1:5])
    assert second[5] == pytest.approx(0, abs=0.05)


def test_music_steps_back_without_a_step(tmp_path: Path) -> None:
    """No two neighbouring samples differ more than those of the tone itself."""
    laid = [Laid("m0", 0, 6 * RATE, duck_db=Fraction(-30)), Laid("l0", 2 * RATE, RATE, Fraction(-100), is_voice=True)]
    music = mixed(tmp_path, 6 * RATE, laid, {"m0": tone(6), "l0": tone(1)}).sum
    assert np.abs(np.diff(music, axis=0)).max() < 1.02 * np.abs(np.diff(tone(1), axis=0)).max()


def test_what_steps_back_is_each_cues_own_affair(tmp_path: Path) -> None:
    """An effect without `duck_db` stays as loud beside music that steps back."""
    laid = [
        Laid("e0", 0, 4 * RATE),
        Laid("m0", 0, 4 * RATE, Fraction(-100), duck_db=Fraction(-12)),
        Laid("l0", 0, 4 * RATE, Fraction(-100), is_voice=True),
    ]
    heard = mixed(tmp_path, 4 * RATE, laid, {"e0": tone(4), "m0": tone(4), "l0": tone(4)}).sum
    assert level_db(heard[RATE : 2 * RATE]) == pytest.approx(level_db(tone(1)), abs=0.01)


# Loops and endings


@pytest.mark.slow
def test_music_that_is_too_short_goes_on_by_bars(tmp_path: Path) -> None:
    """A bed of 90 beats a minute, looped: the beats after the loop are where they would be without it."""
    short, long = (np.concatenate(list(bed.samples("acoustic guitar, 90 bpm", 3, length))) for length in (30, 60))
    laid = [Laid("m0", 0, 55 * RATE, loops=True, bar=Fraction(128_000), rings=True)]
    heard = mixed(tmp_path, 55 * RATE, laid, {"m0": short}).sum

    def beats(rows: np.ndarray) -> np.ndarray:
        """Give how much louder every 10 ms is than the one before."""
        power = np.square(rows.mean(axis=1)).reshape(-1, 480).mean(axis=1)
        return np.maximum(0, np.diff(np.log10(power + 1e-7)))

    window = slice(35 * RATE, 50 * RATE)
    ours, theirs = beats(heard[window]), beats(long[window])
    shifts = [float(np.dot(np.roll(ours, shift), theirs)) for shift in range(-30, 31)]
    assert abs(int(np.argmax(shifts)) - 30) <= 1


@pytest.mark.slow
def test_a_loop_is_neither_heard_as_a_gap_nor_as_a_bump(tmp_path: Path) -> None:
    """Music that begins and ends with a fade is looped between them."""
    music = sounds.noise(4, 40 * RATE).copy()
    music[: 2 * RATE] *= np.linspace(0, 1, 2 * RATE)[:, None]
    music[-6 * RATE :] *= np.linspace(1, 0, 6 * RATE)[:, None]
    heard = mixed(tmp_path, 110 * RATE, [Laid("m0", 0, 110 * RATE, loops=True, rings=True)], {"m0": music}).sum
    levels = [level_db(heard[at : at + RATE // 2]) for at in range(3 * RATE, 107 * RATE, RATE // 2)]
    assert max(levels) - min(levels) < 3


def test_music_that_is_cut_off_rings_out(tmp_path: Path) -> None:
    """Trimmed or looped, it ends in silence over two seconds; where it ends by itself, it is left alone."""
    heard = mixed(tmp_path, 10 * RATE, [Laid("m0", 0, 10 * RATE, rings=True)], {"m0": tone(30)}).sum
    levels = [level_db(heard[round(at * RATE) :][:4800]) - level_db(tone(1)) for at in (7.8, 9, 9.85)]
    assert levels[0] == pytest.approx(0, abs=0.1)
    assert (-8 < levels[1] < -4, levels[2] < -25) == (True, True)
    whole = mixed(tmp_path, 10 * RATE, [Laid("m0", 0, 10 * RATE, rings=True)], {"m0": tone(9.5)}).sum
    assert level_db(whole[round(9.3 * RATE) : round(9.4 * RATE)]) == pytest.approx(level_db(tone(1)), abs=0.1)


def test_a_fade_that_was_written_is_kept(tmp_path: Path) -> None:
    """Also none at all: then only the last 5 ms keep it from clicking."""
    for fade, first, last in ((RATE, -0.1, -20), (0, -0.1, -0.1)):
        laid = [Laid("m0", 0, 6 * RATE, rings=True, fade_out=fade)]
        heard = mixed(tmp_path, 6 * RATE, laid, {"m0": tone(30)}).sum
        before, end = (level_db(heard[at : at + 960]) - level_db(tone(1)) for at in (6 * RATE - RING, 6 * RATE - 4800))
        assert before > first
        assert (end > last) == (fade == 0)


def test_fades_of_a_shot_and_of_the_film_go_by_their_own_clocks(tmp_path: Path) -> None:
    """One that began before its sound goes on in it; the film's lies over all, across blocks of 10 s."""
    ones = np.ones((12 * RATE, 2), "f4") / 4
    laid = [Laid("a", 0, 6 * RATE, fades=(Fade("out", 5 * RATE, RATE),)),
            Laid("b", 6 * RATE, 6 * RATE, fades=(Fade("in", -RATE, 3 * RATE),))]  # fmt: skip
    made = mixed(tmp_path, 12 * RATE, laid, {"a": ones, "b": ones}, fades=(Fade("out", 8 * RATE, 4 * RATE),))
    part = (np.arange(12 * RATE) + 0.5) / RATE
    expected = np.where(part < 6, _eased(6 - part), _eased((part - 5) / 3)) * _eased((12 - part) / 4) / 4
    inner = (part > 0.01) & ((part < 5.99) | (part > 6.01)) & (part < 11.99)
    assert np.abs(made.sum[:, 0] - expected)[inner].max() < 1e-6


def _eased(part: np.ndarray) -> np.ndarray:
    part = np.clip(part, 0, 1)
    return part * part * (3 - 2 * part)


# One channel and two, overlaps, part of a sound


@pytest.mark.parametrize(("layout", "expected"), [("mono", 0), ("stereo", 0)])
def test_one_channel_is_as_loud_as_two(tmp_path: Path, layout: str, expected: float) -> None:
    """A recording of one channel sounds on both sides as it is, not 3 dB quieter."""
    path = tmp_path / "m0.flac"
    made = f"aevalsrc=0.1*sin(2*PI*440*t){'' if layout == 'mono' else '|0.1*sin(2*PI*440*t)'}:s=44100:d=3"
    subprocess.run([FFMPEG, "-v", "error", "-f", "lavfi", "-i", made, path], check=True)
    laid = [Laid("m0", 0, 2 * RATE, is_pcm=False)]
    heard = mixed_files(tmp_path, 2 * RATE, laid, {"m0": path}).sum
    assert level_db(heard[RATE // 2 : RATE]) - level_db(tone(1)) == pytest.approx(expected, abs=0.05)


def test_sounds_cross_at_equal_power(tmp_path: Path) -> None:
    """The sum of two that are unlike stays as loud over the whole overlap."""
    over = RATE
    laid = [Laid("s0", 0, 3 * RATE, cross_out=over), Laid("s1", 2 * RATE, 3 * RATE, cross_in=over)]
    heard = mixed(tmp_path, 5 * RATE, laid, {f"s{seed}": sounds.noise(seed + 7, 3 * RATE) for seed in (0, 1)}).sum
    levels = [level_db(heard[at : at + RATE // 4]) for at in range(RATE, 4 * RATE, RATE // 4)]
    assert max(levels) - min(levels) < 1.5


def test_a_part_of_a_sound_is_heard_where_it_was_laid(tmp_path: Path) -> None:
    """From its in-point, as long as it says, however the blocks fall."""
    whole = sounds.noise(5, 30 * RATE)
    laid = [Laid("e0", 9 * RATE, 15 * RATE, start=3 * RATE, gain_db=Fraction(-6))]
    heard = mixed(tmp_path, 30 * RATE, laid, {"e0": whole}).sum
    inner = slice(9 * RATE + 240, 24 * RATE - 240)
    assert np.allclose(heard[inner], whole[3 * RATE + 240 : 18 * RATE - 240] * 10 ** (-6 / 20), atol=1e-6)
    assert not heard[: 9 * RATE].any()
    assert not heard[24 * RATE :].any()


def test_nothing_of_a_sound_is_nothing(tmp_path: Path) -> None:
    """An in-point behind its end, an empty file: silence, and no failure."""
    laid = [Laid("e0", 0, RATE, start=2 * RATE), Laid("e1", 0, RATE, loops=True), Laid("e2", 0, RATE, is_voice=True)]
    empty = np.zeros((0, 2), "f4")
    made = mixed(tmp_path, RATE, laid, {"e0": tone(1), "e1": empty, "e2": empty})
    assert not made.sum.any()
    assert written(tmp_path / "again.wav", made.sum).stat().st_size == (tmp_path / "mix.wav").stat().st_size


@pytest.mark.slow
def test_equal_inputs_mix_to_equal_bytes(tmp_path: Path) -> None:
    """Whatever the folder, with loops, ducking and limits at work."""
    files = []
    for name in ("one", "an other"):
        (tmp_path / name).mkdir()
        laid = [Laid("m0", 0, 25 * RATE, Fraction(12), duck_db=Fraction(-9), loops=True, rings=True)]
        laid += [Laid("l0", RATE, 24 * RATE, is_voice=True)]
        made = mixed(tmp_path / name, 25 * RATE, laid, {"m0": sounds.noise(1, 12 * RATE), "l0": tone(3, level=0.9)})
        files.append(made.file.read_bytes())
    assert files[0] == files[1]
