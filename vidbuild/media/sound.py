"""The sound of a cut: what lies where on one sample-exact timeline, and the graph that mixes it.

It knows samples at 48 kHz, stereo. Nothing here reads or writes sound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from vidbuild.media import ffargs
from vidbuild.media.graphs import graph_of, sound
from vidbuild.words.rationaltime import SAMPLE_RATE, decimal_text, half_up

EDGE = 240
"""Samples (5 ms) of ramp at each end of a laid sound, so that a cut never clicks."""


@dataclass(frozen=True, slots=True)
class Laid:
    """A sound on the timeline: `samples` of the input `slot` from sample `at` on."""

    slot: str
    at: int
    samples: int
    gain_db: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Bed:
    """Music under a cut: from `in_s` of the input `slot`; `loops` where that is too short for the cut."""

    slot: str
    loops: bool = False
    in_s: Fraction = Fraction(0)
    gain_db: Fraction = Fraction(0)
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class Heard:
    """Which part of a line or an effect is heard: from `in_s` on, `seconds` long where that is said, with fades."""

    in_s: Fraction = Fraction(0)
    seconds: Fraction | None = None
    fade_in_s: Fraction = Fraction(0)
    fade_out_s: Fraction = Fraction(0)


def samples_in(seconds: Fraction) -> int:
    """Count the samples of a length, half up."""
    return half_up(seconds * SAMPLE_RATE)


def own(slot: str, start: Fraction, seconds: Fraction) -> tuple[ffargs.Step, ...]:
    """Take an input's own sound as PCM as long as its picture, silence where there is none.

    Reading begins at a whole second, which every rate of samples holds exactly; the rest is counted in samples.
    """
    samples = -(-seconds * SAMPLE_RATE // 1)
    seek = Fraction(max(0, start // 1 - 1))
    skipped = samples_in(start - seek)
    track = _stereo(sound("tracks").filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0}))
    track = track.filter("apad", whole_len=skipped + samples)
    track = track.filter("atrim", start_sample=skipped, end_sample=skipped + samples).filter("asetpts", "PTS-STARTPTS")
    return (
        ffargs.own_sound(slot, seek, start - seek + seconds + 1),
        ffargs.wave(["-protocol_whitelist", "file", "-i", "tracks.nut"], *graph_of(track)),
    )


def heard(slot: str, part: Heard) -> tuple[ffargs.Step, ...]:
    """Take a line or an effect as PCM, no longer than it is; of moving pictures the first sound."""
    track = _stereo(sound(slot).filter("aresample", SAMPLE_RATE))
    if part.in_s:
        track = track.filter("atrim", start_sample=samples_in(part.in_s)).filter("asetpts", "PTS-STARTPTS")
    if part.seconds is not None:
        track = track.filter("atrim", end_sample=samples_in(part.seconds))
    if part.fade_in_s:
        track = track.filter("afade", type="in", nb_samples=samples_in(part.fade_in_s))
    if part.fade_out_s:
        length = samples_in(part.fade_out_s)
        track = track.filter("areverse").filter("afade", type="in", nb_samples=length).filter("areverse")
    return (ffargs.wave(ffargs.read(slot), *graph_of(track)),)


def _stereo(track: Any) -> Any:
    """Give a track two channels: one alone is heard on both as loud as it is, more than two are mixed down.

    ffmpeg by itself makes mono 3 dB quieter, and a voice that came as one channel would sink under its music.
    """
    track = track.filter("aformat", sample_fmts="flt", channel_layouts="mono|stereo")
    return track.filter("pan", args="stereo|FL=FL+FC|FR=FR+FC")


def mix(samples: int, laid: Sequence[Laid], bed: Bed | None, kbps: int) -> tuple[ffargs.Step, ...]:
    """Mix a cut: clips' sound laid end to end, a bed under it, nothing over full scale, encoded once."""
    steps: list[ffargs.Step] = []
    inputs: list[str] = []
    tracks: list[Any] = []
    if laid:
        steps.append(_lay(samples, laid))
        inputs += ["-protocol_whitelist", "file", "-i", "clips.wav"]
        tracks.append(sound("clips"))
    if bed is not None:
        inputs += ffargs.read(bed.slot)
        tracks.append(_bed(bed, samples))
    if not tracks:
        inputs += ["-f", "lavfi", "-i", "anullsrc=r=48000:cl=stereo"]
        tracks.append(sound("silence"))
    whole = ffmpeg.filter(tracks, "amix", inputs=len(tracks), normalize=0) if len(tracks) > 1 else tracks[0]
    whole = whole.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    whole = whole.filter("alimiter", limit="0.891", level=0, latency=1).filter("atrim", end_sample=samples)
    return (*steps, ffargs.mix(inputs, *graph_of(whole), kbps))


def _lay(samples: int, laid: Sequence[Laid]) -> ffargs.Step:
    placed = [
        {"from": f"{{in:{part.slot}}}", "at": part.at, "samples": part.samples, "gain_db": part.gain_db}
        for part in laid
    ]
    return {"lay": {"revision": 1, "to": "clips.wav", "samples": samples, "edge": EDGE, "sounds": placed}}


def _bed(bed: Bed, samples: int) -> Any:
    track = _stereo(sound(bed.slot).filter("aresample", SAMPLE_RATE))
    if bed.in_s:
        track = track.filter("atrim", start=decimal_text(bed.in_s)).filter("asetpts", "PTS-STARTPTS")
    track = track.filter("atrim", end_sample=samples)
    if bed.loops:
        track = track.filter("aloop", loop=-1, size=samples).filter("atrim", end_sample=samples)
    if bed.gain_db:
        track = track.filter("volume", f"{decimal_text(bed.gain_db, 3)}dB")
    if bed.fade_in_s:
        track = track.filter("afade", type="in", nb_samples=min(samples, samples_in(bed.fade_in_s)))
    if bed.fade_out_s:
        length = min(samples, samples_in(bed.fade_out_s))
        track = track.filter("afade", type="out", start_sample=samples - length, nb_samples=length)
    return track
