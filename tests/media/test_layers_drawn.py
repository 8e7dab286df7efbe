"""Layers as pixels: when and where they are seen, their edges, colours and fades; marks in the picture."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from vidbuild.media import ffargs, framing, joins, layers
from vidbuild.media.framing import Frame, View
from vidbuild.media.layers import BlurLook, BoxLook, Fades, PictureLook, Seen
from vidbuild.media.windows import Window
from vidbuild.runners.ffmpeg import find
from vidbuild.runners.probing import probe
from vidbuild.testing import clips
from vidbuild.testing.clips import Clip

FFMPEG = find(os.environ)
RATE, SIZE = Fraction(24), (192, 108)
STILL = PictureLook(RATE, 48, 108, False, "138-w", "6")
HALF = (Fraction(1, 4), Fraction(1, 2), Fraction(1, 2), Fraction(1, 4))
Render = Callable[..., np.ndarray]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A moving picture, a grey one, a video of ten pictures, a red disc on clear black, a white square."""
    folder = tmp_path_factory.mktemp("layers")
    clips.make(Clip(1, frames=48, sound_rate=0), folder / "clip.mp4", FFMPEG)
    clips.make(Clip(2, frames=10, sound_rate=0), folder / "video.mp4", FFMPEG)
    far = np.hypot(*np.mgrid[-239.5:240, -239.5:240])
    disc = np.zeros((480, 480, 4), np.uint8)
    disc[far < 230] = (255, 40, 40, 255)
    Image.fromarray(disc).save(folder / "disc.png")
    Image.new("RGB", (64, 64), (255, 255, 255)).save(folder / "white.png")
    Image.new("RGB", SIZE, (128, 128, 128)).save(folder / "grey.png")
    return folder


@pytest.fixture(scope="module")
def drawn(folder: Path) -> Render:
    """Draw a piece as it is before it is encoded: luma of every picture, or all three planes."""

    def draw(step: ffargs.Step, planes: bool = False, **files: str) -> np.ndarray:
        argv = step["argv"][: step["argv"].index("libx264") - 1]
        for slot, name in files.items():
            argv = [word.replace(f"{{in:{slot}}}", str(folder / name)) for word in argv]
        told = [*argv, "-fps_mode", "passthrough", "-pix_fmt", "yuv444p", "-f", "rawvideo", "-"]
        said = subprocess.run([str(FFMPEG), *told[1:]], capture_output=True, check=True)
        pictures = np.frombuffer(said.stdout, np.uint8).reshape(-1, 3, SIZE[1], SIZE[0])
        return pictures if planes else pictures[:, 0]

    return draw


def piece(frames: int, *seen: Seen, first: int = 0, is_still: bool = True, marks: tuple[Seen, ...] = ()) -> ffargs.Step:
    """Give what makes a piece with layers."""
    window = Window(first / RATE, frames, RATE)
    return framing.segment(View("clip", window, Frame(*SIZE), is_still, marks=marks, layers=seen), ffargs.Encoder())


def seen(
    look: Any = STILL, at: int = 0, frames: int = 12, whole: int = 24, slot: str | None = "layer0", **more: Any
) -> Seen:
    """Give a layer as it is seen in a piece."""
    return Seen(look, at, frames, whole, slot, **more)


def test_what_runs_for_layers_is_what_the_golden_says(golden: Callable[[str, Any], None]) -> None:
    """The thing hashed is the thing executed."""
    fades = layers.fades(0, 12, 12, 4, 4)
    video = replace(STILL, is_still=False, has_alpha=False, shape="circle", opacity=Fraction(1, 2))
    plain = replace(STILL, has_alpha=False, covers=True)
    window = Window(Fraction(1), 12, RATE, spare=3)
    golden(
        "argv_layers.json",
        {
            "still with alpha": piece(24, seen(replace(STILL, fades=fades.ways, slide="left"), fades=fades, moves=5)),
            "plain still": piece(24, seen(plain)),
            "video in a circle": piece(24, seen(video, window=window)),
            "video with alpha": piece(24, seen(replace(video, has_alpha=True), window=window)),
            "marks": piece(
                24,
                is_still=False,
                marks=(
                    seen(BoxLook(RATE, HALF, "#ffd23f", Fraction(1, 100), "rounded", fades=("in",)), slot=None),
                    seen(BlurLook(RATE, HALF, "circle"), slot=None),
                ),
            ),
        },
    )


def test_a_layer_is_seen_in_just_its_frames(drawn: Render) -> None:
    """From the fifth to the sixteenth; nothing else of the picture changes, to the bit."""
    bare = drawn(piece(24), clip="grey.png")
    shown = drawn(piece(24, seen(at=5)), clip="grey.png", layer0="white.png")
    changed = (shown != bare).any(axis=(1, 2))
    assert list(np.flatnonzero(changed)) == list(range(5, 17))
    rows, columns = np.nonzero((shown != bare).any(axis=0))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 53, 90, 137)
    assert (shown[5, 6:54, 90:138] == 235).all()


def test_of_a_fade_s_pictures_none_is_lost(drawn: Render) -> None:
    """The k-th of N shows k/(N+1), in and out; a piece that begins in it goes on with it."""
    ways = layers.fades(0, 12, 12, 4, 4)
    look = replace(STILL, fades=ways.ways)
    whole = drawn(piece(24, seen(look, 5, fades=ways)), clip="grey.png", layer0="white.png")
    share = (whole[5:17, 30, 114].astype(float) - 126) / (235 - 126)
    up = [1 / 5, 2 / 5, 3 / 5, 4 / 5]
    assert share == pytest.approx([*up, 1, 1, 1, 1, *up[::-1]], abs=0.015)
    parts = []
    for first, frames in ((0, 7), (7, 8), (15, 9)):
        begun, until = max(0, first - 5), min(12, first + frames - 5)
        now = layers.fades(begun, until - begun, 12, 4, 4)
        one = seen(replace(STILL, fades=now.ways), max(0, 5 - first), until - begun, frames, fades=now)
        parts.append(drawn(piece(frames, one), clip="grey.png", layer0="white.png"))
    assert (np.concatenate(parts) == whole).all()


def test_fades_longer_than_their_layer_are_as_long_as_it() -> None:
    """And nothing is counted where none is seen."""
    assert layers.fades(0, 10, 10, 100, 0) == Fades(0, 10, 0, 0)
    assert layers.fades(20, 10, 100, 5, 5) == Fades()
    assert layers.fades(97, 3, 100, 5, 5) == Fades(2, 0, 5, 0)


def test_clear_pixels_leave_no_fringe(drawn: Render) -> None:
    """A red disc cut out of clear black: at its edge there is red and ground, and nothing darker or paler."""
    bare = drawn(piece(1), planes=True, clip="grey.png")[0].astype(float)
    shown = drawn(piece(1, seen(frames=1, whole=1)), planes=True, clip="grey.png", layer0="disc.png")[0].astype(float)
    red = shown[:, 30, 114]
    assert red.round().tolist() == [90, 106, 222]  # (255, 40, 40) as BT.709 in the broadcast range
    share = [(plane - ground) / (full - ground) for plane, ground, full in zip(shown, bare, red, strict=True)]
    edge = (share[0] > 0.1) & (share[0] < 0.9)
    assert edge.sum() > 40
    assert (share[2][edge] - share[0][edge]).mean() == pytest.approx(0, abs=0.04)
    assert share[0].min() > -0.05


def test_a_circle_leaves_its_corners(drawn: Render) -> None:
    """Cut out of the middle, with half of what is below it."""
    look = replace(STILL, width=48, height=48, covers=True, shape="circle", opacity=Fraction(1, 2), has_alpha=False)
    shown = drawn(piece(1, seen(look, frames=1, whole=1)), clip="grey.png", layer0="white.png")[0]
    assert [int(shown[at]) for at in ((6, 90), (53, 137), (30, 114), (30, 91))] == [126, 126, 180, 180]


def test_a_single_pixel_may_cover_the_picture(folder: Path, drawn: Render) -> None:
    """Half of it: a shade over all."""
    Image.new("RGBA", (1, 1), (0, 0, 0, 255)).save(folder / "pixel.png")
    look = replace(STILL, width=192, height=108, covers=True, left="0", top="0", opacity=Fraction(1, 2))
    shown = drawn(piece(1, seen(look, frames=1, whole=1)), clip="grey.png", layer0="pixel.png")[0]
    assert set(shown.ravel().tolist()) == {71}  # between 126 and 16


def test_a_slide_ends_where_the_layer_stands(drawn: Render) -> None:
    """It comes from the right edge, ever slower, and stands from its fifth picture on; in a later piece too."""
    look = replace(STILL, slide="left")
    whole = drawn(piece(12, seen(look, moved=0, moves=5)), clip="grey.png", layer0="white.png")
    left = [int(np.flatnonzero(row == 235)[0]) for row in whole[:, 30]]
    assert left[:5] == sorted(left[:5], reverse=True)
    assert left[0] > 130
    assert set(left[4:]) == {90}
    later = drawn(piece(9, seen(look, frames=9, moved=3, moves=5)), clip="grey.png", layer0="white.png")
    assert (later == whole[3:]).all()


def test_a_video_holds_its_last_picture(drawn: Render) -> None:
    """Ten pictures over sixteen frames, then read on in a later piece."""
    look = replace(STILL, is_still=False, has_alpha=False, width=96)

    def part(first: int, frames: int) -> np.ndarray:
        window = Window(first / RATE, frames, RATE, spare=max(1, first + frames - 10 + 1), seeks=first < 10)
        step = piece(frames, seen(look, frames=frames, whole=frames, window=window))
        return drawn(step, clip="grey.png", layer0="video.mp4")

    whole = part(0, 16)
    moved = [(whole[index] != whole[index - 1]).any() for index in range(1, 16)]
    assert moved == [True] * 9 + [False] * 6
    assert (np.concatenate([part(0, 5), part(5, 8), part(13, 3)]) == whole).all()


def test_a_video_s_clear_parts_are_seen_through(folder: Path, drawn: Render) -> None:
    """WebM keeps them in a picture beside the picture, which one decoder alone looks at."""
    white = ["-f", "lavfi", "-i", "color=white:s=64x64:r=24:d=0.5,format=yuva420p,colorchannelmixer=aa=0.5"]
    codec = ["-c:v", "libvpx-vp9", "-cpu-used", "8", "-pix_fmt", "yuva420p"]
    subprocess.run([FFMPEG, "-v", "error", *white, *codec, folder / "clear.webm"], check=True)
    found = probe(folder / "clear.webm")
    assert (found.has_alpha, found.decoder) == (True, "libvpx-vp9")
    look = replace(STILL, is_still=False)
    window = Window(Fraction(0), 4, RATE, decoder=found.decoder)
    one = seen(look, frames=4, whole=4, window=window)
    shown = drawn(piece(4, one), clip="grey.png", layer0="clear.webm")
    assert shown[3, 30, 114] == pytest.approx((126 + 235) / 2, abs=2)


def test_a_blurred_region_can_t_be_read(drawn: Render) -> None:
    """Nothing of its structure is left; around it, before and after it every bit is as it was."""
    bare = drawn(piece(12, is_still=False), clip="clip.mp4")
    mark = seen(BlurLook(RATE, HALF), 4, 4, 12, slot=None)
    shown = drawn(piece(12, is_still=False, marks=(mark,)), clip="clip.mp4")
    assert list(np.flatnonzero((shown != bare).any(axis=(1, 2)))) == [4, 5, 6, 7]
    outside = np.ones(SIZE[::-1], bool)
    outside[54:82, 48:144] = False
    assert (shown[:, outside] == bare[:, outside]).all()
    steps = [np.abs(np.diff(pictures[5, 54:80, 48:144].astype(float))).mean() for pictures in (bare, shown)]
    assert steps[1] < steps[0] / 8


def test_a_frame_is_a_line_inside_of_its_region(drawn: Render) -> None:
    """In its colour to the bit; what it holds is as it was."""
    bare = drawn(piece(2, is_still=False), planes=True, clip="clip.mp4")
    look = BoxLook(RATE, HALF, "#ff2828", Fraction(4, 192))
    shown = drawn(
        piece(2, is_still=False, marks=(seen(look, frames=2, whole=2, slot=None),)), planes=True, clip="clip.mp4"
    )
    changed = (shown[:, 0] != bare[:, 0]).any(axis=0)
    rows, columns = np.nonzero(changed)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (54, 81, 48, 143)
    assert not changed[60:74, 54:138].any()
    assert (shown[0, 0, 54:58, 60:130] == 90).all()


def test_a_mark_goes_along_when_the_picture_is_cropped(folder: Path, drawn: Render) -> None:
    """To the left edge of a frame that shows the right half."""
    look = BoxLook(RATE, (Fraction(1, 2), Fraction(0), Fraction(1, 8), Fraction(1)), "#ffffff", Fraction(1, 96))
    frame = Frame(*SIZE, focus=(Fraction(1), Fraction(1, 2)))
    view = View("clip", Window(Fraction(0), 1, RATE), frame, True, marks=(seen(look, frames=1, whole=1, slot=None),))
    Image.new("RGB", (384, 108), (0, 0, 0)).save(folder / "broad.png")
    shown = drawn(framing.segment(view, ffargs.Encoder()), clip="broad.png")[0]
    assert list(np.flatnonzero(shown[50] > 180)) == [0, 1, 2, 3, 44, 45, 46, 47]


def test_a_layer_over_both_sides_of_a_window_stands_still(drawn: Render) -> None:
    """While the pictures below it are pushed."""
    sides = [View(slot, Window(Fraction(0), 6, RATE), Frame(*SIZE), True) for slot in ("before", "after")]
    step = joins.join("push-left", *sides, ffargs.Encoder(), layers=(seen(slot="over0", frames=6, whole=6),))
    shown = drawn(step, before="grey.png", after="grey.png", over0="white.png")
    assert (shown[:, 6:54, 90:138] == 235).all()
    assert (shown[:, 60:] == shown[0, 60, 0]).all()


def test_a_large_still_is_shrunk_first_and_looks_the_same(folder: Path, drawn: Render) -> None:
    """Its clear edges above all; what takes little is drawn as it was."""
    far = np.hypot(*np.mgrid[-1199.5:1200, -1199.5:1200])
    disc = np.zeros((2400, 2400, 4), np.uint8)
    disc[far < 1150] = (255, 40, 40, 255)
    Image.fromarray(disc).save(folder / "large.png", compress_level=1)
    shrunk = STILL.of(2400, 2400)
    assert (shrunk.block, STILL.of(2000, 2000), STILL.of(192, 60000)) == (25, STILL, STILL.of(192, 60000))
    one, all_ = (
        drawn(piece(1, seen(look, frames=1, whole=1)), planes=True, clip="grey.png", layer0="large.png")[0].astype(int)
        for look in (shrunk, STILL)
    )
    assert (one[0] != 126).sum() > 1500
    assert np.abs(one - all_).max() <= 12
    assert np.abs(one - all_)[:, 6:54, 90:138].mean() < 0.5


def test_a_large_still_is_worked_out_band_by_band() -> None:
    """None of them is larger than what little memory holds, and hardly a row of blocks is lost."""
    for width, height in ((12000, 8000), (10000, 9999), (4001, 1009), (3000, 30000)):
        look = STILL.of(width, height)
        assert width * height / look.bands <= layers.BAND
        assert min(width / 48, height / 108) / look.block < 4 or look.block * 48 * 2 <= width
        assert height // look.block % look.bands <= 1


def test_marks_that_stand_in_a_still_are_drawn_once(drawn: Render) -> None:
    """Not in each picture; what is seen is the same to the bit."""
    marks = tuple(
        seen(look, frames=12, whole=12, slot=None)
        for look in (
            BoxLook(RATE, HALF, "#ff2828", Fraction(4, 192), pixels="yuv444"),
            BlurLook(RATE, (Fraction(0), Fraction(0), Fraction(1, 2), Fraction(1, 3)), "circle", pixels="yuv444"),
        )
    )
    once = piece(12, marks=marks)
    graph = once["argv"][once["argv"].index("-filter_complex") + 1]
    assert graph.index("boxblur") < graph.index("crop=2*min") < graph.index("loop=loop=11")
    shown = drawn(once, planes=True, clip="disc.png")
    each = drawn(piece(12, marks=(replace(marks[0], whole=13), marks[1])), planes=True, clip="disc.png")
    assert len(shown) == 12
    assert (shown == each).all()
