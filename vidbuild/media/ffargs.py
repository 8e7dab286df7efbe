"""ffmpeg's command line, written out: inputs, encoders, joins. Slots `{in:NAME}` and `{out:NAME}` stand for files.

The settings and why: docs/design.md, "Encoding". It knows nothing of shots; graphs come from `framing` and `sound`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.media import codecs
from vidbuild.media.codecs import Encoder as Encoder
from vidbuild.words.rationaltime import decimal_text, half_up, rate_text

Argv = list[str]
Step = Mapping[str, Any]

QUIET = ("ffmpeg", "-hide_banner", "-nostdin", "-v", "error", "-filter_threads", "1", "-filter_complex_threads", "1")
FORMATS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mxf,flv,wav,mp3,aac,flac,ogg,aiff,caf,"
    "png_pipe,jpeg_pipe,webp_pipe,bmp_pipe,tiff_pipe,image2,gif"
)
"""Demuxers that own files and takes are read with: none that opens another file (playlists, concat scripts)."""

ACCURATE = "bicubic+accurate_rnd+full_chroma_int+bitexact"
"""How pictures are scaled and converted: the same on every machine."""

_SAME_BYTES = ("-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact")


def ticks(rate: Fraction) -> int:
    """Give a track timescale in which every frame lasts a whole number of ticks."""
    return rate.numerator * (1000 if rate.denominator == 1 else 1)


def read(slot: str, decoder: str = "") -> Argv:
    """Read an input slot with one decoder thread, from local files only."""
    return [
        *(["-c:v", decoder] if decoder else []),
        "-threads",
        "1",
        "-protocol_whitelist",
        "file",
        "-format_whitelist",
        FORMATS,
        "-i",
        f"{{in:{slot}}}",
    ]


def fed(slot: str) -> Argv:
    """Read pictures that a step's feed sends through a pipe."""
    return ["-f", "yuv4mpegpipe", "-protocol_whitelist", "pipe", "-i", f"{{feed:{slot}}}"]


def sent(inputs: Argv, graph: str, label: str, frames: int) -> Argv:
    """Send pictures as they are through a pipe."""
    how = ["-fps_mode", "passthrough", "-frames:v", str(frames), "-f", "yuv4mpegpipe", "pipe:1"]
    return [*QUIET, *inputs, "-filter_complex", graph, "-map", label, *how]


def kept(inputs: Argv, graph: str, label: str, frames: int, name: str) -> Step:
    """Keep pictures in a file of the workspace, without any loss."""
    how = ["-c:v", "ffv1", "-threads:v", "1", "-an", "-fps_mode", "passthrough", "-frames:v", str(frames)]
    return {"argv": [*QUIET, *inputs, "-filter_complex", graph, "-map", label, *how, *_SAME_BYTES, "-f", "mov", name]}


def again(name: str, times: int) -> Argv:
    """Read a file of the workspace so many times, one behind the other."""
    return ["-stream_loop", str(times - 1), "-threads", "1", "-protocol_whitelist", "file", "-i", name]


def seek(seconds: Fraction) -> Argv:
    """Start reading at a time; nothing for the start.

    The picture that is held at that time began before it, so pictures from the key frame on are decoded.
    """
    return ["-noaccurate_seek", "-ss", decimal_text(seconds)] if seconds else []


def segment(inputs: Argv, graph: str, label: str, encoder: Encoder, rate: Fraction, frames: int) -> Step:
    """Encode a piece: exactly `frames` pictures in a closed GOP that joins with others by copying."""
    if encoder.pixels != "yuv420p":
        graph = f"{graph};{label}scale=flags={ACCURATE},format={encoder.pixels}[deep]"
        label = "[deep]"
    return {
        "argv": [
            *QUIET, *inputs, "-filter_complex", graph, "-map", label,
            *codecs.of_pictures(encoder, rate),
            "-pix_fmt", encoder.pixels, "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
            "-color_range", "tv", "-video_track_timescale", str(ticks(rate)), "-an", *_SAME_BYTES,
            "-flags:v", "+bitexact", "-fps_mode", "passthrough", "-frames:v", str(frames),
            "-f", encoder.form, "{out:video}",
        ]
    }  # fmt: skip


def join_list(pieces: Sequence[tuple[str, int]], rate: Fraction) -> Step:
    """Write the list of a join: `(slot, frames)` in order.

    Durations are differences of rounded sums, so that rounding to microseconds never adds up.
    """
    lines, total, said = ["ffconcat version 1.0"], 0, Fraction(0)
    for slot, frames in pieces:
        total += frames
        until = Fraction(half_up(total / rate * 1_000_000), 1_000_000)
        lines += [f"file '{{in:{slot}}}'", f"duration {decimal_text(until - said)}"]
        said = until
    return {"text": {"name": "join.ffconcat", "lines": lines}}


def deliver(rate: Fraction, sound_slot: str, form: str = "mp4") -> Step:
    """Join by copying: pictures from the list, the one sound beside them, the index in front."""
    index = ["-cues_to_front", "1"] if form == "webm" else ["-movflags", "+faststart"]
    return {
        "argv": [
            *QUIET, "-protocol_whitelist", "file", "-f", "concat", "-safe", "0", "-i", "join.ffconcat",
            "-protocol_whitelist", "file", "-i", f"{{in:{sound_slot}}}",
            "-map", "0:v", "-map", "1:a", "-c", "copy", "-video_track_timescale", str(ticks(rate)),
            *_SAME_BYTES, *index, "-f", form, "{out:video}",
        ]
    }  # fmt: skip


def deliver_sound(slot: str, form: str) -> Step:
    """Give a mix the form of a file of sound alone, by copying, the index in front."""
    index = ["-movflags", "+faststart", "-f", "ipod"] if form == "m4a" else ["-f", form]
    return {
        "argv": [
            *QUIET, "-protocol_whitelist", "file", "-i", f"{{in:{slot}}}", "-map", "0:a", "-c", "copy",
            *_SAME_BYTES, *index, "{out:video}",
        ]
    }  # fmt: skip


def preview(rate: Fraction, frames: int, fps: Fraction, width: int, form: str) -> Step:
    """Make a short animation that repeats of the list's beginning, `frames` pictures, no wider than `width`."""
    small = (
        f"[0:v]settb={rate.denominator}/{rate.numerator},setpts=N,fps={rate_text(fps)},trim=end_frame={frames},"
        f"scale=w=min({width}\\,iw):h=-2:out_range=full:flags={ACCURATE}"
    )
    if form == "gif":
        graph = f"{small},format=rgb24,split[a][b];[a]palettegen=stats_mode=diff[p];[b][p]paletteuse=dither=bayer[v]"
        how = ["-c:v", "gif", "-loop", "0", "-f", "gif"]
    else:
        graph, how = (
            f"{small},format=yuv420p[v]",
            ["-c:v", "libwebp_anim", "-quality", "70", "-loop", "0", "-f", "webp"],
        )
    return {
        "argv": [
            *QUIET, "-protocol_whitelist", "file", "-threads", "1", "-f", "concat", "-safe", "0", "-i", "join.ffconcat",
            "-filter_complex", graph, "-map", "[v]", *how[:2], "-threads:v", "1", *_SAME_BYTES, "-flags:v", "+bitexact",
            *how[2:], "{out:picture}",
        ]
    }  # fmt: skip


def still(inputs: Argv, graph: str, label: str) -> tuple[Step, Step]:
    """Take one picture of an input and write it as PNG by our own writer (equal pixels, equal bytes)."""
    argv = [*QUIET, *inputs, "-filter_complex", graph, "-map", label, "-frames:v", "1", "-c:v", "pam"]
    return {"argv": [*argv, "-f", "image2", "-update", "1", "frame.pam"]}, {
        "png": {"revision": 1, "from": "frame.pam", "to": "picture"}
    }


def poster(inputs: Argv, graph: str, label: str) -> Step:
    """Write one picture of an input as JPEG."""
    return {
        "argv": [
            *QUIET, *inputs, "-filter_complex", graph, "-map", label, "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3",
            *_SAME_BYTES, "-flags:v", "+bitexact", "-f", "image2", "-update", "1", "{out:picture}",
        ]
    }  # fmt: skip


def whole_waves(name: str, output: str) -> Step:
    """Write a WAV of the workspace as 24-bit PCM."""
    return {
        "argv": [
            *QUIET, "-protocol_whitelist", "file", "-i", name, "-c:a", "pcm_s24le", *_SAME_BYTES,
            "-f", "wav", "-rf64", "auto", f"{{out:{output}}}",
        ]
    }  # fmt: skip


def own_sound(slot: str, start: Fraction, seconds: Fraction) -> Step:
    """Copy out a part of an input's first sound, with silence behind it for an input that has none."""
    length = ["-t", decimal_text(seconds)]
    return {
        "argv": [
            *QUIET, *(["-ss", decimal_text(start)] if start else []), *length, *read(slot),
            "-f", "lavfi", *length, "-i", "anullsrc=r=48000:cl=stereo",
            "-map", "0:a:0?", "-map", "1:a", "-c:a", "pcm_f32le", *_SAME_BYTES, "-f", "nut", "tracks.nut",
        ]
    }  # fmt: skip


def wave(inputs: Argv, graph: str, label: str, to: str = "{out:sound}") -> Step:
    """Write 48 kHz float PCM."""
    return {
        "argv": [
            *QUIET, *inputs, "-filter_complex", graph, "-map", label, "-c:a", "pcm_f32le", *_SAME_BYTES,
            "-f", "wav", "-rf64", "auto", to,
        ]
    }  # fmt: skip


def spoken(inputs: Argv, graph: str, label: str) -> Step:
    """Write speech for those who move lips by it: MP3, which all of them take."""
    return {
        "argv": [
            *QUIET, *inputs, "-filter_complex", graph, "-map", label, *codecs.of_sound("mp3", 192), *_SAME_BYTES,
            "-f", "mp3", "{out:sound}",
        ]
    }  # fmt: skip


def samples(slot: str, name: str) -> Argv:
    """Read an input's first sound as raw samples: 48 kHz, one channel, 16 bit."""
    return [*QUIET, *read(slot), "-map", "0:a:0", "-ac", "1", "-ar", "48000", "-f", "s16le", f"file:{name}"]


def voice_shown(clip: str, line: str) -> Argv:
    """Show the wave of a line at the foot of footage: what stands in for lips that move."""
    graph = (
        "[1:a:0]showwaves=s=320x48:mode=cline:r=25:colors=white[w];"
        "[0:v:0][w]overlay=x=(W-w)/2:y=H-h:eof_action=pass:format=yuv420[v]"
    )
    return [
        *QUIET, *read(clip), *read(line), "-filter_complex", graph, "-map", "[v]",
        "-c:v", "libx264", "-preset", "superfast", "-crf", "12", "-threads:v", "1", "-pix_fmt", "yuv420p",
        "-an", "-fps_mode", "passthrough", *_SAME_BYTES, "-flags:v", "+bitexact", "-f", "mp4", "{out:video}",
    ]  # fmt: skip


_PIPED = ("-f", "f32le", "-ar", "48000", "-ch_layout", "stereo", "-i", "pipe:0")


def measure_loudness(of: str) -> Argv:
    """Measure loudness (EBU R 128) as it adds up: of samples in a pipe; of a finished file its true peak as well."""
    is_piped = of == "pipe:0"
    inputs = _PIPED if is_piped else ("-protocol_whitelist", "file", "-i", of)
    meter = "ebur128=metadata=1:framelog=quiet" + ("" if is_piped else ":peak=true")
    said = "ametadata=mode=print:file=loudness.txt" + (":key=lavfi.r128.I" if is_piped else "")
    return [*QUIET, *inputs, "-af", f"{meter},{said}", "-f", "null", "-"]


def mix(kbps: int, codec: str = "aac") -> Argv:
    """Encode samples in a pipe, once."""
    return [
        *QUIET, *_PIPED, *codecs.of_sound(codec, kbps), *_SAME_BYTES, "-f", codecs.SOUNDS[codec], "{out:sound}",
    ]  # fmt: skip


def take(size: tuple[int, int], rate: Fraction) -> Argv:
    """Encode raw pictures from standard input as a take of the local engine."""
    return [
        *QUIET, "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{size[0]}x{size[1]}",
        "-r", rate_text(rate), "-i", "pipe:0",
        "-vf", "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv",
        "-c:v", "libx264", "-preset", "superfast", "-crf", "10", "-g", str(half_up(rate)), "-threads:v", "1",
        "-pix_fmt", "yuv420p", "-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709",
        "-color_range", "tv", "-video_track_timescale", str(ticks(rate)), "-an", *_SAME_BYTES,
        "-flags:v", "+bitexact", "-f", "mp4",
    ]  # fmt: skip
