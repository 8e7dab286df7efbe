"""Pieces of every codec, encoded by the real ffmpeg: joined by copying they stay what they were, and bytes repeat."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import pytest

from vidbuild.media import codecs, ffargs
from vidbuild.media.codecs import Encoder
from vidbuild.runners.ffmpeg import find

FFMPEG = find(os.environ)
FILM = Fraction(24)
CODECS = tuple(codecs.SUFFIXES)


def run(step: Any, folder: Path, **slots: Path) -> None:
    """Run an argv with its slots filled."""
    argv = [str(FFMPEG), "-y", *step["argv"][1:]]
    for name, path in slots.items():
        argv = [part.replace(f"{{in:{name}}}", str(path)).replace(f"{{out:{name}}}", str(path)) for part in argv]
    ended = subprocess.run(
        argv, cwd=folder, capture_output=True, text=True, check=False, env={**os.environ, "SVT_LOG": "1"}
    )
    assert (ended.returncode, ended.stderr) == (0, "")


def piece(folder: Path, encoder: Encoder, number: int, frames: int, name: str = "") -> Path:
    """Encode a few pictures that move."""
    path = folder / f"{name or number}.{encoder.form}"
    colours = "setparams=color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
    graph = f"[0:v]trim=start_frame={number * 20},format=yuv420p,{colours},settb=1/24,setpts=N[v]"
    source = ["-f", "lavfi", "-i", "testsrc2=size=96x54:rate=24"]
    run(ffargs.segment(source, graph, "[v]", encoder, FILM, frames), folder, video=path)
    return path


def pictures(path: Path) -> list[tuple[Fraction, bytes]]:
    """Decode a file: when each picture stands, and what it shows."""
    with av.open(str(path)) as container:
        return [(frame.pts * frame.time_base, frame.to_ndarray().tobytes()) for frame in container.decode(video=0)]


@pytest.mark.parametrize("codec", CODECS)
def test_joined_pieces_show_exactly_what_they_showed(codec: str, tmp_path: Path) -> None:
    """Picture by picture, one header for all, evenly timed (a WebM's clock has milliseconds); one has one picture."""
    encoder = Encoder("ultrafast", 26, codec)
    made = [piece(tmp_path, encoder, number, frames) for number, frames in enumerate((20, 1, 9))]
    form = codecs.SUFFIXES[codec]
    silence = tmp_path / f"sound.{codecs.SOUNDS[codecs.SOUND_OF[form]]}"
    sound = ["-f", "lavfi", "-i", "anullsrc=r=48000", "-t", "1.25", *codecs.of_sound(codecs.SOUND_OF[form], 64)]
    subprocess.run([str(FFMPEG), "-v", "error", *sound, str(silence)], check=True)
    listed = ffargs.join_list([(str(path), frames) for path, frames in zip(made, (20, 1, 9), strict=True)], FILM)
    lines = [line.replace("{in:", "").replace("}", "") for line in listed["text"]["lines"]]
    (tmp_path / "join.ffconcat").write_text("\n".join(lines) + "\n")
    whole = tmp_path / f"whole.{form}"
    run(ffargs.deliver(FILM, "mix", form), tmp_path, mix=silence, video=whole)
    shown = pictures(whole)
    assert [picture for _, picture in shown] == [picture for path in made for _, picture in pictures(path)]
    off = max(abs(time - index / FILM) for index, (time, _) in enumerate(shown))
    assert off <= (Fraction(1, 1000) if form == "webm" else 0)
    headers = set()
    for path in made:
        with av.open(str(path)) as container:
            headers.add(bytes(container.streams.video[0].codec_context.extradata or b""))
    assert len(headers) == 1


@pytest.mark.parametrize("codec", CODECS)
def test_a_piece_encoded_again_has_the_same_bytes(codec: str, tmp_path: Path) -> None:
    """With a bound on its rate too."""
    encoder = Encoder("superfast", 24, codec, maxrate_kbps=300)
    first, second = (piece(tmp_path, encoder, 0, 12, name).read_bytes() for name in ("a", "b"))
    assert first == second


def test_colours_are_told_in_every_codec(tmp_path: Path) -> None:
    """BT.709, in the broadcast range."""
    for codec in CODECS:
        with av.open(str(piece(tmp_path, Encoder("ultrafast", 26, codec), 0, 2, codec))) as container:
            stream = container.streams.video[0].codec_context
            told = (stream.color_primaries, stream.color_trc, stream.colorspace, stream.color_range)
            assert (codec, *map(int, told)) == (codec, 1, 1, 1, 1)


def test_one_scale_of_quality_serves_all() -> None:
    """x264's words are each codec's own numbers; ProRes has none."""
    said = {codec: codecs.of_pictures(Encoder("veryfast", 20, codec), FILM) for codec in CODECS}
    assert {codec: argv[argv.index("-crf") + 1] for codec, argv in said.items() if "-crf" in argv} == {
        "h264": "20", "h265": "24", "av1": "34", "vp9": "36",
    }  # fmt: skip
    for preset in codecs.PRESETS:
        assert all(codecs.of_pictures(Encoder(preset, 51, codec), FILM) for codec in CODECS)
