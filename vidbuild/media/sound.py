"""The sound of a cut: what lies where on one sample-exact timeline, how music steps back, how loud the whole is.

It knows samples at 48 kHz. Nothing here reads or writes sound: `runners.wave` lays it, `runners.loudness` levels it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import ffmpeg

from vidbuild.media import codecs, ffargs
from vidbuild.media.graphs import graph_of, sound
from vidbuild.words.rationaltime import SAMPLE_RATE, decimal_text, half_up, seconds_text

EDGE = 240
"""Samples (5 ms) of ramp at each end of a laid sound, so that a cut never clicks."""

RING = 2 * SAMPLE_RATE
"""Samples in which music rings out where it is cut off and nothing was said of its end."""

DUCK: Mapping[str, int] = {"attack": 12_000, "hold": 48_000, "release": 28_800, "floor_db": -40}
"""How sound steps back under speech, in samples: down in the 250 ms before it, up in the 600 ms behind it.

Between words it stays down for as long as `hold`; speech is what lies at most `floor_db` below a line's loudest.
"""

_CODEC_ROOM = Fraction(1, 2)
"""How much lower than the true peak a mix is limited: AAC brings its peaks back a little higher."""


@dataclass(frozen=True, slots=True)
class Fade:
    """A fade of a laid sound: from its sample `at` on, which may lie before its first one, for so many `samples`.

    Args:
        way: `in` from silence, `out` to silence.
    """

    way: str
    at: int
    samples: int


@dataclass(frozen=True, slots=True)
class Laid:
    """A sound on the timeline: at most `samples` of the input `slot` from sample `at` on.

    Args:
        start: the sample of the input at which it begins.
        fade_in, fade_out: samples of rise and fall; the usual edge where `None`.
        cross_in, cross_out: samples that it shares with the sound before and behind it, at equal power.
        is_voice: whether others step back under it.
        duck_db: how far it steps back itself.
        loops: whether it goes on from its beginning where it is too short.
        bar: samples of a bar, where the tempo is known.
        rings: whether it rings out where it is cut off.
        is_pcm: whether the input is PCM as `Sound` makes it.
        fades: those of what it belongs to, beside its own.
    """

    slot: str
    at: int
    samples: int
    gain_db: Fraction = Fraction(0)
    start: int = 0
    fade_in: int | None = None
    fade_out: int | None = None
    cross_in: int = 0
    cross_out: int = 0
    is_voice: bool = False
    duck_db: Fraction = Fraction(0)
    loops: bool = False
    bar: Fraction | None = None
    rings: bool = False
    is_pcm: bool = True
    fades: tuple[Fade, ...] = ()

    @property
    def place(self) -> str:
        """Where its samples are read from."""
        return f"{{in:{self.slot}}}" if self.is_pcm else f"{self.slot}.wav"


@dataclass(frozen=True, slots=True)
class Loudness:
    """How a finished mix must be.

    Args:
        kbps: the codec's rate.
        lufs: integrated loudness (EBU R 128); as it comes where `None`.
        peak_db: true peak at most.
        codec: `aac`, `opus`, `mp3` or `pcm`.
    """

    kbps: int = 192
    lufs: Fraction | None = None
    peak_db: Fraction = Fraction(-1)
    codec: str = "aac"


def samples_in(seconds: Fraction) -> int:
    """Count the samples of a length, half up."""
    return half_up(seconds * SAMPLE_RATE)


@dataclass(frozen=True, slots=True)
class Pace:
    """How a shot's own sound is taken with its picture.

    Args:
        speed: how fast it runs; its pitch is kept.
        there: how many seconds of it there are; silence behind them.
        round: after how many seconds it begins again, as it is heard.
    """

    speed: Fraction
    there: Fraction
    round: Fraction | None = None


def own(slot: str, start: Fraction, seconds: Fraction, pace: Pace | None = None) -> tuple[ffargs.Step, ...]:
    """Take an input's own sound as PCM as long as its picture, silence where there is none.

    Reading begins at a whole second, which every rate of samples holds exactly; the rest is counted in samples.
    """
    samples = -(-seconds * SAMPLE_RATE // 1)
    seek = Fraction(max(0, start // 1 - 1))
    skipped = samples_in(start - seek)
    taken = samples if pace is None else samples_in(min(pace.there, seconds * pace.speed))
    track = sound("tracks").filter("aresample", SAMPLE_RATE, **{"async": 1, "first_pts": 0})
    track = _pcm(track).filter("apad", whole_len=skipped + taken)
    track = track.filter("atrim", start_sample=skipped, end_sample=skipped + taken).filter("asetpts", "PTS-STARTPTS")
    if pace is not None:
        track = _paced(track, pace, samples)
    return (
        ffargs.own_sound(slot, seek, start - seek + (seconds if pace is None else Fraction(taken, SAMPLE_RATE)) + 1),
        ffargs.wave(["-protocol_whitelist", "file", "-i", "tracks.nut"], *graph_of(track)),
    )


def _paced(track: Any, pace: Pace, samples: int) -> Any:
    """Run sound faster or slower at its own pitch, in steps that `atempo` does well; loop it, and make it as long."""
    if pace.speed != 1:
        steps = 1 if Fraction(1, 2) <= pace.speed <= 2 else 2
        first = Fraction(1) if steps == 1 else Fraction(2) if pace.speed > 1 else Fraction(1, 2)
        for tempo in (first, pace.speed / first)[2 - steps :]:
            track = track.filter("atempo", decimal_text(tempo))
    if pace.round is not None:
        length = samples_in(pace.round)
        track = track.filter("apad", whole_len=length).filter("atrim", end_sample=length)
        track = track.filter("afade", type="in", nb_samples=EDGE)
        track = track.filter("afade", type="out", start_sample=length - EDGE, nb_samples=EDGE)
        track = track.filter("aloop", loop=-1, size=length)
    return track.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)


def heard(slot: str, tempo: Fraction = Fraction(1)) -> tuple[ffargs.Step, ...]:
    """Take all of a line or an effect as PCM, so much faster than it is; of moving pictures the first sound."""
    track = _pcm(sound(slot).filter("aresample", SAMPLE_RATE))
    if tempo != 1:
        track = track.filter("atempo", decimal_text(tempo))
    return (ffargs.wave(ffargs.read(slot), *graph_of(track)),)


def said(
    lines: Sequence[tuple[str, Fraction, Fraction]], rest_s: Fraction = Fraction(0), whole_s: Fraction | None = None
) -> tuple[ffargs.Step, ...]:
    """Lay what is said in a shot on one sound of one channel, as those take it who move lips by it.

    Args:
        lines: each an input's slot, when it begins, and how much faster than it is it is heard.
        rest_s: silence behind the last of them.
        whole_s: how long the sound is in all, where that isn't told by the lines.
    """
    placed = []
    for slot, at, tempo in lines:
        track = sound(slot).filter("aresample", SAMPLE_RATE).filter("aformat", channel_layouts="mono")
        track = track.filter("atempo", decimal_text(tempo)) if tempo != 1 else track
        if at > 0:
            track = track.filter("adelay", f"{samples_in(at)}S")
        elif at < 0:
            track = track.filter("atrim", start_sample=samples_in(-at)).filter("asetpts", "PTS-STARTPTS")
        placed.append(track)
    whole = placed[0]
    if len(placed) > 1:
        whole = ffmpeg.filter(placed, "amix", inputs=len(placed), duration="longest", normalize=0)
    if whole_s is not None:
        samples = samples_in(whole_s)
        whole = whole.filter("apad", whole_len=samples).filter("atrim", end_sample=samples)
    elif rest_s:
        whole = whole.filter("apad", pad_len=samples_in(rest_s))
    inputs = [part for slot, _, _ in lines for part in ffargs.read(slot)]
    return (ffargs.spoken(inputs, *graph_of(whole)),)


def mix(samples: int, laid: Sequence[Laid], loudness: Loudness, fades: Sequence[Fade] = ()) -> tuple[ffargs.Step, ...]:
    """Mix a cut: every sound at its place, the whole as loud as is asked, encoded once.

    Args:
        fades: of the whole.
    """
    steps = [_decoded(part) for part in laid if not part.is_pcm]
    ducks = any(part.is_voice for part in laid) and any(part.duck_db for part in laid)
    placed = [_placed(part, ducks) for part in laid]
    return (*steps, _lay("mix.wav", samples, placed, fades, ducks), {"level": _level(loudness)})


def stems(
    samples: int, laid: Sequence[Laid], fades: Sequence[Fade], names: Mapping[str, str]
) -> tuple[ffargs.Step, ...]:
    """Lay each stem of a cut by itself, as it lies in the mix before that is made as loud as asked.

    Args:
        names: the stem of each slot.
    """
    ducks = any(part.is_voice for part in laid) and any(part.duck_db for part in laid)
    steps: list[ffargs.Step] = [_decoded(part) for part in laid if not part.is_pcm]
    for name in dict.fromkeys(names[part.slot] for part in laid):
        placed = [
            _placed(part, ducks) | ({} if names[part.slot] == name else {"unheard": True})
            for part in laid
            if names[part.slot] == name or (ducks and part.is_voice)
        ]
        steps += [_lay(f"{name}.f32.wav", samples, placed, fades, ducks), ffargs.whole_waves(f"{name}.f32.wav", name)]
    return tuple(steps)


def _lay(to: str, samples: int, placed: Sequence[Any], fades: Sequence[Fade], ducks: bool) -> ffargs.Step:
    lay: dict[str, Any] = {"revision": 2, "to": to, "samples": samples, "sounds": placed}
    if ducks:
        lay["duck"] = dict(DUCK)
    if fades:
        lay["fades"] = _faded(fades)
    return {"lay": lay}


def _pcm(track: Any) -> Any:
    """Bring sound to one channel or two; one stays one, since ffmpeg would make each of two 3 dB quieter."""
    return track.filter("aformat", sample_fmts="flt", channel_layouts="mono|stereo")


def _decoded(part: Laid) -> ffargs.Step:
    """Decode as much of an input as is heard, to a file in the workspace."""
    until = part.start + part.samples
    track = _pcm(sound(part.slot).filter("aresample", SAMPLE_RATE)).filter("atrim", end_sample=until)
    return ffargs.wave(ffargs.read(part.slot), *graph_of(track), to=part.place)


def _placed(part: Laid, ducks: bool) -> dict[str, Any]:
    """Write a sound's place; what is not used is absent."""
    said: dict[str, Any] = {
        "from": part.place, "at": part.at, "samples": part.samples, "gain_db": seconds_text(part.gain_db), "edge": EDGE,
    }  # fmt: skip
    for key in ("start", "fade_in", "fade_out", "cross_in", "cross_out", "loops"):
        if getattr(part, key):
            said[key] = getattr(part, key)
    if ducks and part.is_voice:
        said["is_voice"] = True
    if part.rings and part.fade_out is None:
        said["ring"] = RING
    if ducks and part.duck_db:
        said["duck_db"] = seconds_text(part.duck_db)
    if part.loops and part.bar is not None:
        said["bar"] = str(part.bar)
    if part.fades:
        said["fades"] = _faded(part.fades)
    return said


def _faded(fades: Sequence[Fade]) -> list[dict[str, Any]]:
    return [{"way": fade.way, "at": fade.at, "samples": fade.samples} for fade in fades]


def _level(loudness: Loudness) -> dict[str, Any]:
    """Say how loud the mix is made, and how it is encoded and measured; samples go through pipes."""
    ceiling = seconds_text(loudness.peak_db - _CODEC_ROOM)
    said = {
        "revision": 1,
        "from": "mix.wav",
        "ceiling_db": ceiling,
        "encode": ffargs.mix(loudness.kbps, loudness.codec),
    }
    if loudness.codec in codecs.LEADS:
        said["lead"] = codecs.LEADS[loudness.codec]
    if loudness.lufs is None:
        return said
    target = {"lufs": seconds_text(loudness.lufs), "peak_db": seconds_text(loudness.peak_db)}
    measured = {"measure": ffargs.measure_loudness("pipe:0"), "check": ffargs.measure_loudness("{out:sound}")}
    return said | target | measured
