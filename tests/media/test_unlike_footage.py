"""Own footage that isn't like most: pictures that are clear in places, and of a high dynamic range, in real builds."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from vidbuild.runners.ffmpeg import find
from vidbuild.runners.probing import probe
from vidbuild.testing.studio import Studio

FFMPEG = find(os.environ)
WIDTH, HEIGHT = 96, 54
PQ_203, HLG_75 = 573, 721
"""The code values (10 bits, broadcast range) of reference white: 58.1 % of PQ's signal, 75 % of HLG's."""
HDR = {"pq": ("smpte2084", PQ_203), "hlg": ("arib-std-b67", HLG_75)}


def clear(path: Path, *codec: str) -> Path:
    """Write a video whose left half is green, and whose right half is a white that is clear."""
    rows = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    rows[:, : WIDTH // 2] = (0, 255, 0, 255)
    rows[:, WIDTH // 2 :] = (255, 255, 255, 0)
    argv = ["-f", "rawvideo", "-pix_fmt", "rgba", "-s", f"{WIDTH}x{HEIGHT}", "-r", "24", "-i", "-"]
    written = [str(FFMPEG), "-v", "error", *argv, *codec, str(path)]
    subprocess.run(written, input=rows.tobytes() * 24, check=True)
    return path


def bright(path: Path, light: str) -> Path:
    """Write a video of a high dynamic range: black, then a middle grey, reference white, and what is much brighter."""
    transfer, white = HDR[light]
    luma = np.repeat(np.array([64, 400, white, 940], "<u2"), WIDTH // 4)[None].repeat(HEIGHT, 0)
    chroma = np.full((HEIGHT // 2) * (WIDTH // 2) * 2, 512, "<u2")
    argv = ["-f", "rawvideo", "-pix_fmt", "yuv420p10le", "-s", f"{WIDTH}x{HEIGHT}", "-r", "24", "-i", "-"]
    colours = ["-color_primaries", "bt2020", "-color_trc", transfer, "-colorspace", "bt2020nc", "-color_range", "tv"]
    tags = f"setparams=color_primaries=bt2020:color_trc={transfer}:colorspace=bt2020nc:range=tv"
    coded = ["-vf", tags, "-c:v", "libx265", "-x265-params", "log-level=error:lossless=1", *colours, str(path)]
    subprocess.run(
        [str(FFMPEG), "-v", "error", *argv, *coded], input=(luma.tobytes() + chroma.tobytes()) * 24, check=True
    )
    return path


def first(path: Path) -> Any:
    """Give the first picture of a video."""
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray(format="rgb24").astype(int)


def luma(path: Path) -> Any:
    with av.open(str(path)) as container:
        return next(container.decode(video=0)).to_ndarray()[:HEIGHT].astype(int)


CLEAR = {
    "a.mov": ("-c:v", "qtrle"),
    "b.mov": ("-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"),
    "c.webm": ("-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-b:v", "0", "-crf", "10"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """One film of all of it, once, an output for each shot: what each shows is in its own file."""
    studio = Studio(tmp_path_factory.mktemp("unlike") / "project")
    for name, codec in CLEAR.items():
        clear(studio.folder / name, *codec)
    rows = np.zeros((HEIGHT, WIDTH, 4), np.uint8)
    rows[:, : WIDTH // 2] = (0, 255, 0, 255)
    rows[:, WIDTH // 2 :] = (255, 255, 255, 0)
    Image.fromarray(rows).save(studio.folder / "d.png")
    Image.fromarray(rows[..., :3]).convert("RGBA").save(studio.folder / "opaque.png")
    for light in HDR:
        bright(studio.folder / f"{light}.mov", light)
    files = [*CLEAR, "d.png", *(f"{light}.mov" for light in HDR)]
    names = [Path(file).stem for file in files]
    shots = "".join(f"  - {{id: {Path(file).stem}, file: {file}, duration_s: 0.25}}\n" for file in files)
    moved = "  - {id: moved, file: b.mov, duration_s: 0.25, motion: push-in}\n"
    cuts = "".join(f"  - {{platform: small, name: {name}, shots: [{name}]}}\n" for name in [*names, "moved"])
    studio.write(
        "platforms/small.yaml", f"name: small\nsize: [{WIDTH}, {HEIGHT}]\nvideo: {{preset: ultrafast, crf: 4}}\n"
    )
    studio.write("project.yaml", f"vidbuild: 1\nfps: 24\nshots:\n{shots}{moved}outputs:\n{cuts}")
    studio.build()
    return studio


@pytest.mark.parametrize("name", ["a", "b", "c", "d", "moved"])
def test_what_is_clear_lies_on_black(built: Studio, name: str) -> None:
    """QuickTime, ProRes 4444, WebM, PNG; moving or still: never the colour that is hidden in clear pixels."""
    shown = first(built.folder / f"build/{name}.mp4")
    middle = shown[HEIGHT // 2]
    assert np.abs(middle[WIDTH // 4] - (0, 255, 0)).max() < 24
    assert middle[3 * WIDTH // 4].max() < 8


@pytest.mark.parametrize("light", HDR)
def test_a_high_dynamic_range_is_brought_into_the_usual_one(built: Studio, light: str) -> None:
    """Black stays, reference white is bright and not burnt out, what is brighter lies above; nothing is tinted."""
    rows = luma(built.folder / f"build/{light}.mp4")[HEIGHT // 2]
    black, grey, white, most = (int(rows[WIDTH * (2 * part + 1) // 8]) for part in range(4))
    assert black <= 18
    assert black < grey < white < most
    assert white == pytest.approx(202, abs=4)
    assert most == pytest.approx(235, abs=4)
    pixels = first(built.folder / f"build/{light}.mp4")[HEIGHT // 2, WIDTH * 5 // 8]
    assert pixels.max() - pixels.min() <= 6


def test_headers_say_what_is_unlike(built: Studio) -> None:
    """A still whose alpha is full everywhere is like any other."""
    told = {path.name: probe(path) for path in built.folder.iterdir() if path.suffix in (".mov", ".webm", ".png")}
    assert {name for name, found in told.items() if found.has_alpha} == {"a.mov", "b.mov", "c.webm", "d.png"}
    assert {name: found.light for name, found in told.items() if found.light} == {"pq.mov": "pq", "hlg.mov": "hlg"}
    assert told["c.webm"].decoder == "libvpx-vp9"
