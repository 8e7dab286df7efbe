"""Captions in finished files: of the words that were spoken, burned and beside, and cheap to change."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from vidbuild.runners.ffmpeg import find
from vidbuild.testing.studio import Ran, Studio

FFMPEG = find(os.environ)
PROFILE = "name: {name}\nsize: [320, 180]\nvideo: {{preset: ultrafast, crf: 18}}\n"
PROJECT = """\
vidbuild: 1
name: small
fps: 12
audio: {voice: {model: local/voice, id: en}}
shots:
  - {id: long, file: grey.png, duration_s: 12, say: {text: "Come <in>in, {friend}.", at: 9},
     text: {text: Hi, at: [in, end], place: top}}
  - {id: next, file: dark.png, duration_s: 4, say: See you at seven.}
captions: {preset: clean, sidecar: [srt, vtt]}
outputs: [{platform: wide, captions: burn}, plain]
"""


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """A film of two stills with two spoken lines, drafted once."""
    studio = Studio(tmp_path_factory.mktemp("captions") / "project")
    for name in ("wide", "plain"):
        studio.write(f"platforms/{name}.yaml", PROFILE.format(name=name))
    studio.still("grey.png", "0x606060", "320x180")
    studio.still("dark.png", "0x303030", "320x180")
    studio.write("project.yaml", PROJECT)
    studio.build("--draft")
    return studio


@pytest.fixture
def studio(base: Studio, tmp_path: Path) -> Studio:
    """That film, to be edited."""
    return base.copy(tmp_path / "copy")


def shown(studio: Studio, name: str = "wide") -> list[int]:
    """List the frames with something white in their lower half."""
    video = studio.folder / "build" / "draft" / f"{name}.mp4"
    argv = [FFMPEG, "-v", "error", "-i", video, "-pix_fmt", "gray", "-f", "rawvideo", "-"]
    said = subprocess.run(argv, capture_output=True, check=True)
    pictures = np.frombuffer(said.stdout, np.uint8).reshape(-1, 180, 320)
    return [number for number, picture in enumerate(pictures) if (picture[90:] > 200).any()]


def test_captions_are_seen_while_words_are_spoken(base: Studio) -> None:
    """In the output that burns them, from the first word's frame on; the other one is clean."""
    frames = shown(base)
    assert frames[0] == 108
    assert 144 in frames
    assert not set(frames) & set(range(140, 144))
    assert shown(base, "plain") == []


def test_captions_stand_beside_the_videos(base: Studio) -> None:
    """As written, in the film's time."""
    folder = base.folder / "build" / "draft"
    srt, vtt = (folder / f"wide.{kind}" for kind in ("srt", "vtt"))
    assert srt.read_text().startswith("1\n00:00:09,000 --> 00:00:1")
    assert "\nCome in, {friend}.\n" in srt.read_text()
    assert vtt.read_text().startswith("WEBVTT\n\n00:00:09.000 --> ")
    assert (folder / "plain.srt").exists()


def test_a_lines_edit_makes_the_pieces_again_that_show_it(studio: Studio) -> None:
    """The line, the mix, one piece in the one output that burns captions."""
    studio.edit("See you at seven", "See you at eight")
    built = studio.build("--draft")
    assert built.counted == {
        Ran("Speech", ("next",), ()), Ran("Mix", (), ("wide", "plain")), Ran("Segment", ("next",), ("wide",)),
    }  # fmt: skip


def test_a_marks_place_generates_nothing_and_encodes_what_hangs_on_it(studio: Studio) -> None:
    """The text that hangs on it, in both outputs; the line is spoken as before."""
    studio.edit("Come <in>in, {friend}", "Come in, <in>{friend}")
    assert studio.build("--draft").counted == {Ran("Segment", ("long",), (name,)) for name in ("wide", "plain")}


def test_a_preset_makes_again_what_shows_captions(studio: Studio) -> None:
    """Nothing is spoken or mixed again."""
    studio.edit("preset: clean", "preset: karaoke")
    assert studio.build("--draft").counted == {Ran("Segment", (shot,), ("wide",)) for shot in ("long", "next")}


def test_moving_a_shot_encodes_no_captions_again(studio: Studio) -> None:
    """Cues are in the shot's own time: the mix alone is made again."""
    first, more, second = PROJECT.splitlines(keepends=True)[5:8]
    studio.edit(first + more + second, second + first + more)
    assert studio.build("--draft").counted == {Ran("Mix", (), ("wide", "plain"))}


def test_a_second_build_has_nothing_to_do(studio: Studio) -> None:
    """Sidecars that were removed are put there again."""
    path = studio.folder / "build" / "draft" / "wide.srt"
    before = path.read_bytes()
    path.unlink()
    assert studio.build("--draft").counted == set()
    assert path.read_bytes() == before


def test_captions_need_to_be_said(studio: Studio) -> None:
    """An output that burns them, in a project that says nothing of them."""
    studio.edit("captions: {preset: clean, sidecar: [srt, vtt]}\n", "")
    assert "the project says nothing of captions" in studio.run("plan").stderr
