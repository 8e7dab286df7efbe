"""Finished files as platforms want them, built by the command: every codec, renditions, stems, previews, limits."""

from __future__ import annotations

import os
import subprocess
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from vidbuild.runners.ffmpeg import find
from vidbuild.testing import browser, clips, marks
from vidbuild.testing.clips import Clip
from vidbuild.testing.marks import Mark, View
from vidbuild.testing.studio import Ran, Studio

FFMPEG = find(os.environ)
PROFILES = {
    "modern": "size: [192, 108]\nvideo: {codec: av1, preset: ultrafast, crf: 24}\n",
    "page": "size: [192, 108]\nvideo: {preset: ultrafast, crf: 22, maxrate_kbps: 900}\naudio: {kbps: 96, lufs: -14}\n"
    "also: [webm]\nladder: [{lines: 72, maxrate_kbps: 300}]\npreview: {width: 96, fps: 8, seconds: 1}\n"
    "poster: [96, 54]\n",
    "hand-over": "size: [192, 108]\nvideo: {codec: prores}\nstems: true\n",
    "radio": "sound_only: m4a\naudio: {lufs: -16}\n",
}
PROJECT = """\
vidbuild: 1
name: small
fps: 24
shots:
  - {id: one, file: one.mov, duration_s: 1, text: {text: "@us", place: top-left, preset: callout}}
  - {id: two, file: two.mov, duration_s: 1.5, transition: {type: dissolve, duration_s: 0.25}}
audio: {music: {file: song.wav, gain_db: -6}}
outputs:
  - page
  - modern
  - hand-over
  - {platform: radio, max_s: 3}
  - {platform: page, name: teaser, shots: [two, {id: one, duration_s: 0.5}], codec: vp9}
"""
FIRST = [Mark(1, n) for n in range(18)] + [None] * 6 + [Mark(2, n) for n in range(6, 36)]
"""What the film shows, picture by picture; nothing is sure where two shots blend."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """The project, built once."""
    studio = Studio(tmp_path_factory.mktemp("outputs") / "project")
    for name, text in PROFILES.items():
        studio.write(f"platforms/{name}.yaml", f"name: {name}\n{text}")
    for number, name in enumerate(("one", "two"), 1):
        clips.make(Clip(number, frames=40), studio.folder / f"{name}.mov", FFMPEG)
    clips.make(Clip(9, frames=72), studio.folder / "song.mov", FFMPEG)
    sound = ["-i", str(studio.folder / "song.mov"), "-vn", str(studio.folder / "song.wav")]
    subprocess.run([str(FFMPEG), "-v", "error", *sound], check=True)
    studio.write("project.yaml", PROJECT)
    made = studio.build()
    assert made.status == "built", made.stderr
    return studio


def shown(path: Path) -> list[tuple[Fraction, Mark | None]]:
    """Decode a video: when each picture stands, and its mark."""
    with av.open(str(path)) as container:
        found = []
        for frame in container.decode(video=0):
            luma = frame.to_ndarray(format="gray")
            found.append((frame.pts * frame.time_base, marks.read(luma, View(0, 0, frame.width, frame.height))))
        return found


def pcm(path: Path) -> np.ndarray:
    """Decode a file's sound."""
    argv = [str(FFMPEG), "-v", "error", "-i", str(path), "-f", "f32le", "-ar", "48000", "-ac", "2", "-"]
    return np.frombuffer(subprocess.run(argv, capture_output=True, check=True).stdout, "<f4").reshape(-1, 2)


FILES = (
    "page.mp4", "page.webm", "page-72p.mp4", "modern.mp4", "hand-over.mov", "radio.m4a", "teaser.webm",
    "page.webp", "hand-over-own.wav", "hand-over-music.wav",
)  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_ffmpeg_has_nothing_to_say_of_any_file(built: Studio, name: str) -> None:
    """Read from its first to its last packet."""
    argv = [str(FFMPEG), "-v", "error", "-nostdin", "-i", str(built.folder / "build" / name), "-f", "null", "-"]
    assert subprocess.run(argv, capture_output=True, text=True, check=False).stderr == ""


@pytest.mark.parametrize(
    "name", [name for name in FILES if name.endswith(("mp4", "mov", "webm")) and "teaser" not in name]
)
def test_every_form_shows_the_same_pictures_at_the_same_times(built: Studio, name: str) -> None:
    """To the frame; a WebM's clock has milliseconds."""
    found = shown(built.folder / "build" / name)
    assert [mark if must else None for (_, mark), must in zip(found, FIRST, strict=True)] == FIRST
    late = max(abs(time - Fraction(index, 24)) for index, (time, _) in enumerate(found))
    assert late <= (Fraction(1, 1000) if name.endswith("webm") else 0)


def test_another_cut_shows_its_own_order_and_lengths(built: Studio) -> None:
    """The second shot first, half a second of the first; its transition is gone with the shot before it."""
    found = [mark for _, mark in shown(built.folder / "build/teaser.webm")]
    assert found == [*(Mark(2, n) for n in range(36)), *(Mark(1, n) for n in range(12))]


def test_sound_lies_at_the_same_sample_in_every_form(built: Studio) -> None:
    """AAC, Opus and PCM alike: each hides what its codec begins with."""
    reference = pcm(built.folder / "build/hand-over.mov")[:, 0]
    for name in ("page.mp4", "page.webm", "radio.m4a"):
        heard = pcm(built.folder / "build" / name)[: len(reference), 0]
        size = 2 * len(reference)
        crossed = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(reference, size)))
        assert (name, int(np.argmax(crossed))) == (name, 0)


def test_stems_add_up_to_the_sound_beside_them(built: Studio) -> None:
    """Where nothing had to be limited, to a bit of 24."""
    parts = [pcm(built.folder / f"build/hand-over-{stem}.wav") for stem in ("own", "music")]
    whole = pcm(built.folder / "build/hand-over.mov")
    assert all(len(part) == len(whole) == 54 * 2000 for part in parts)
    assert np.median(np.abs(parts[0] + parts[1] - whole)) < 2**-22


def test_the_preview_moves_and_the_poster_has_its_own_size(built: Studio) -> None:
    """A second at eight pictures a second, no wider than asked, that repeats."""
    with Image.open(built.folder / "build/page.webp") as preview:
        assert (preview.n_frames, preview.size[0], preview.info["loop"]) == (8, 96, 0)
    with Image.open(built.folder / "build/page.jpg") as poster:
        assert poster.size == (96, 54)


def test_a_platforms_bitrate_makes_its_pieces_and_joins_again(built: Studio, tmp_path: Path) -> None:
    """Those of the outputs that are for it, in every form; nothing is generated, no other platform is touched."""
    studio = built.copy(tmp_path / "copy")
    studio.edit("maxrate_kbps: 900", "maxrate_kbps: 800", "platforms/page.yaml")
    counted = studio.build().counted
    assert {row.mnemonic for row in counted} == {"Segment", "Join"}
    assert {output for row in counted for output in row.outputs} == {"page", "teaser"}


@pytest.mark.slow
def test_another_order_of_an_outputs_cut_makes_what_lies_between_its_shots_again(built: Studio, tmp_path: Path) -> None:
    """The window that now leads into the second shot, the piece that it cuts into, the mix; no other output's."""
    studio = built.copy(tmp_path / "copy")
    studio.edit("[two, {id: one, duration_s: 0.5}]", "[{id: one, duration_s: 0.5}, two]")
    only = ("teaser",)
    pieces = {Ran("Segment", (shot,), only) for shot in ("one", "two")}
    assert studio.build().counted == {*pieces, Ran("Join", ("one", "two"), only), Ran("Mix", (), only)}


def test_a_file_that_came_out_too_large_fails_its_output_alone(built: Studio, tmp_path: Path) -> None:
    """The others are put in place; a limit that is raised makes nothing again."""
    studio = built.copy(tmp_path / "copy")
    studio.edit("stems: true\n", "stems: true\nmax_mb: 1\n", "platforms/hand-over.yaml")
    (studio.folder / "build/hand-over.mov").unlink()
    failed = studio.build(ends=1)
    assert failed.counted == set()
    assert "`hand-over` takes 1.0 MB" in failed.last["failed"][0]["error"]
    assert not (studio.folder / "build/hand-over.mov").exists()
    studio.edit("max_mb: 1\n", "max_mb: 100\n", "platforms/hand-over.yaml")
    again = studio.build()
    assert again.counted == set()


@pytest.mark.slow
@pytest.mark.skipif(browser.found() is None, reason="there is no Chromium here")
@pytest.mark.parametrize("name", ["page.mp4", "page.webm", "page-72p.mp4", "modern.mp4", "teaser.webm"])
def test_it_plays_in_chromium_from_its_first_to_its_last_picture(built: Studio, name: str) -> None:
    """To `ended`; every picture decoded, the first and the last one seen."""
    frames = 48 if "teaser" in name else 54
    found = browser.played(str(browser.found()), built.folder / "build" / name, rate=0.5)
    assert (found.how, found.error, found.total) == ("ended", "", frames)
    assert found.times[0] == 0
    assert found.times[-1] == pytest.approx((frames - 1) / 24, abs=0.002)
    assert found.at == pytest.approx(found.seconds)


@pytest.mark.slow
@pytest.mark.skipif(browser.found() is None, reason="there is no Chromium here")
def test_sound_alone_plays_in_chromium(built: Studio) -> None:
    """To its end."""
    found = browser.played(str(browser.found()), built.folder / "build/radio.m4a")
    assert (found.how, found.error) == ("ended", "")


def test_clean_takes_away_every_form_of_a_finished_file(built: Studio, tmp_path: Path) -> None:
    """And what stands beside it; the store gives all of it back."""
    studio = built.copy(tmp_path / "copy")
    before = {path.name for path in (studio.folder / "build").iterdir()}
    studio.run("clean")
    assert [path.name for path in (studio.folder / "build").rglob("*") if path.is_file()] == []
    assert studio.build().ran() == set()
    assert {path.name for path in (studio.folder / "build").iterdir()} == before
