"""Moving windows: where they lie, and that what is drawn goes along that path between pixels too."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from vidbuild.media import ffargs, framing, joins, moving
from vidbuild.media.framing import Frame, View
from vidbuild.media.moving import Box, Gaze, Move
from vidbuild.media.windows import Window
from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Workspace
from vidbuild.runners.steps import StepsRunner
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.errors import ActionFailed

FILM, SIZE = Fraction(24), (320, 180)
STILL, DOT = (800, 600), (452.3, 261.7)
SHARP = ffargs.Encoder("ultrafast", 4)
HALF = Fraction(1, 2)


def move(kind: str, scale: str = "1.3", focus: tuple[str, str] | None = ("0.6", "0.4"), seconds: str = "1") -> Move:
    """A move over the first second."""
    point = (Fraction(focus[0]), Fraction(focus[1])) if focus else None
    return Move(kind, point, Fraction(scale), Fraction(0), Fraction(seconds))


def seen(gaze: Gaze, frames: int = 24, rate: Fraction = FILM, still: bool = True, mode: str = "crop") -> View:
    """A view of the dot."""
    return View("clip", Window(Fraction(0), frames, rate), Frame(*SIZE, mode), still, gaze=gaze)


def record(view: View) -> dict[str, Any]:
    """What the view's step is told."""
    return dict(framing.segment(view, SHARP)["feeds"]["clip"])


def boxes(view: View, picture: tuple[int, int] = (800, 600)) -> list[Box]:
    """The windows of a view over a picture."""
    return list(moving.windows(record(view), picture, SIZE))


# Where windows lie


def test_a_push_in_begins_with_all_of_the_picture_and_ends_at_its_focus() -> None:
    """The largest window of the frame's aspect; then one as much smaller as was asked, about the focus."""
    first, *_, last = boxes(seen(Gaze(0, move("push-in", "2")), frames=25))
    assert first == pytest.approx((0, 75, 800, 450))
    assert last == pytest.approx((480 - 200, 240 - 112.5, 400, 225))


def test_a_pull_out_is_a_push_in_backwards() -> None:
    """Picture by picture."""
    there, back = (boxes(seen(Gaze(0, move(kind)), frames=25)) for kind in ("push-in", "pull-out"))
    assert np.allclose(there, back[::-1])


def test_a_push_in_keeps_one_point_of_the_picture_still() -> None:
    """And every window lies within the one before."""
    for before, after in pairwise(boxes(seen(Gaze(0, move("push-in", "3", ("0.9", "0.6")))))):
        assert before.left <= after.left
        assert before.top <= after.top
        assert after.left + after.width <= before.left + before.width + 1e-9
        assert after.top + after.height <= before.top + before.height + 1e-9


@pytest.mark.parametrize(
    ("kind", "begins", "ends"),
    [
        ("pan-right", (0, None), (160, None)),
        ("pan-left", (160, None), (0, None)),
        ("pan-down", (None, 0), (None, 240)),
        ("pan-up", (None, 240), (None, 0)),
    ],
)
def test_a_pan_goes_from_edge_to_edge(
    kind: str, begins: tuple[float | None, float | None], ends: tuple[float | None, float | None]
) -> None:
    """At one scale; across it, the window stays where it looks."""
    found = boxes(seen(Gaze(0, move(kind, "1.25", None)), frames=25))
    for box, place in ((found[0], begins), (found[-1], ends)):
        assert (box.left, box.top) == pytest.approx(
            (80 if place[0] is None else place[0], 120 if place[1] is None else place[1])
        )
    assert {(box.width, box.height) for box in found} == {(640, 360)}


def test_a_pan_with_a_focus_ends_there() -> None:
    """The focus comes to the middle, as far as the picture's edge lets it."""
    last = boxes(seen(Gaze(0, move("pan-right", "2", ("0.5", "0.5"))), frames=25))[-1]
    assert last == pytest.approx((200, 187.5, 400, 225))


def test_a_move_rests_before_and_after_its_time() -> None:
    """Half a second, half a second of moving, half a second."""
    found = boxes(seen(Gaze(0, replace(move("push-in"), start=HALF, end=Fraction(1))), frames=36))
    assert len(set(found[:13])) == 1
    assert len(set(found[12:25])) == 13
    assert len(set(found[24:])) == 1


def test_a_piece_goes_on_where_the_one_before_ended() -> None:
    """By the number of its first picture."""
    slow = move("push-in", seconds="12")
    whole = boxes(seen(Gaze(0, slow), frames=288))
    assert boxes(seen(Gaze(192, slow), frames=96)) == whole[192:]


def test_at_every_rate_the_path_is_the_same_in_time() -> None:
    """Every fifth picture at 30 a second is every fourth at 24."""
    film, fast = (boxes(seen(Gaze(0, move("pan-right")), 24 * rate // 24, Fraction(rate))) for rate in (24, 30))
    assert film[::4] == fast[::5]


def test_nothing_is_cropped_by_a_move_over_a_padded_picture() -> None:
    """Its far end is the whole picture, its windows have the picture's aspect."""
    first, *_, last = boxes(seen(Gaze(0, move("push-in", "2")), frames=25, mode="blur"))
    assert (first, (last.width, last.height)) == (Box(0, 0, 800, 600), (400, 300))


def test_what_runs_for_a_moved_piece_is_what_the_golden_says(golden: Callable[[str, Any], None]) -> None:
    """Footage, a still, and a window of both."""
    footage = replace(seen(Gaze(192, move("push-in"))), is_still=False, window=Window(Fraction(8), 24, FILM))
    still = seen(Gaze(0, move("pan-left", focus=None)), mode="pad")
    sides = replace(footage, slot="before"), replace(still, slot="after")
    golden(
        "argv_moving.json",
        {
            "footage": framing.segment(footage, SHARP),
            "still": framing.segment(still, SHARP),
            "join": joins.join("dissolve", *sides, SHARP),
        },
    )


def test_where_windows_lie_changes_with_their_revision(golden: Callable[[str, Any], None]) -> None:
    """Raise `moving.REVISION` with them."""
    path = ((Fraction(0), Fraction("0.2"), HALF), (Fraction("0.4"), HALF, HALF), (Fraction(1), Fraction("0.7"), HALF))
    gazes = {kind: Gaze(0, move(kind)) for kind in moving.KINDS} | {"path": Gaze(0, None, path)}
    found = {name: [[round(side, 3) for side in box] for box in boxes(seen(gaze))[::6]] for name, gaze in gazes.items()}
    golden("windows.json", {"revision": moving.REVISION, **found})


# What is drawn


class Desk:
    """A folder with a dot on a picture, and ffmpeg."""

    def __init__(self, folder: Path):
        self.folder = folder
        x, y = (np.arange(side) + 0.5 for side in STILL)
        far = (x[None, :] - DOT[0]) ** 2 + (y[:, None] - DOT[1]) ** 2
        Image.fromarray((40 + 180 * np.exp(-far / 200)).astype(np.uint8)).save(folder / "clip.png")

    def run(self, step: ffargs.Step, frames: int, *slots: str) -> np.ndarray:
        """Run a step on the dot; give the luma of its pictures."""
        action = BoundAction("Segment", {"steps": [step], "frames": frames}, {}, {"video": "video/mp4"}, "")
        inputs = dict.fromkeys(slots or ("clip",), self.folder / "clip.png")
        space = Workspace(self.folder, inputs, {"video": self.folder / "out.mp4"})
        asyncio.run(StepsRunner(ffmpeg.find(os.environ)).run(action, Conduct(), space))
        with av.open(str(self.folder / "out.mp4")) as container:
            return np.stack([frame.to_ndarray(format="gray") for frame in container.decode(video=0)]).astype(float)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return Desk(tmp_path_factory.mktemp("moving"))


def middles(pictures: np.ndarray) -> Iterator[tuple[float, float]]:
    """Give the dot's middle in every picture."""
    for picture in np.clip(pictures - 70, 0, None):
        x, y = np.arange(picture.shape[1]) + 0.5, np.arange(picture.shape[0]) + 0.5
        yield float((picture * x).sum() / picture.sum()), float((picture * y[:, None]).sum() / picture.sum())


@pytest.mark.parametrize("kind", ["push-in", "pan-right"])
def test_what_is_drawn_is_never_a_tenth_of_a_pixel_off(desk: Desk, kind: str) -> None:
    """The dot's middle in every picture, against where the window says it is."""
    view = seen(Gaze(0, move(kind, "1.5", ("0.55", "0.45"), "2")), 48)
    off = []
    for box, (x, y) in zip(boxes(view), middles(desk.run(framing.segment(view, SHARP), 48)), strict=True):
        off.append(((DOT[0] - box.left) / box.width * SIZE[0] - x, (DOT[1] - box.top) / box.height * SIZE[1] - y))
    assert np.abs(off).max() < 0.1
    assert np.abs(np.diff(off, axis=0)).max() < 0.1


def test_a_large_still_is_shown_pixel_by_pixel_at_the_near_end(desk: Desk) -> None:
    """Its own pixels: the dot is as sharp as in the picture, not as in one that was made small before."""
    view = seen(Gaze(0, move("push-in", "2.5", ("0.565", "0.436"), "0.125")), 6)
    last = desk.run(framing.segment(view, SHARP), 6)[-1]
    whole = np.asarray(Image.open(desk.folder / "clip.png")).astype(float)
    assert last.max() == pytest.approx(whole.max(), abs=3)
    wide = (whole > (whole.max() + whole.min()) / 2).sum()
    assert (last > (last.max() + last.min()) / 2).sum() == pytest.approx(wide, rel=0.03)


def test_both_sides_of_a_window_move_on(desk: Desk) -> None:
    """A transition's pictures lie where those of the two shots would."""
    before, after = Gaze(12, move("pan-right", focus=None)), Gaze(0, move("push-in"))
    alone = [desk.run(framing.segment(seen(gaze, 12), SHARP), 12) for gaze in (before, after)]
    sides = [replace(seen(gaze, 12), slot=slot) for gaze, slot in ((before, "before"), (after, "after"))]
    blended = desk.run(joins.join("dissolve", sides[0], sides[1], SHARP), 12, "before", "after")
    share = (np.arange(12)[:, None, None] + 1) / 13
    assert np.abs(alone[0] * (1 - share) + alone[1] * share - blended).mean() < 1.5


def test_what_can_not_be_read_is_told(desk: Desk) -> None:
    """By the program that reads it, not by the one that waits for its pictures."""
    (desk.folder / "broken.png").write_bytes(b"no picture")
    step = framing.segment(seen(Gaze(0, move("push-in")), 6), SHARP)
    action = BoundAction("Segment", {"steps": [step], "frames": 6}, {}, {"video": "video/mp4"}, "")
    space = Workspace(desk.folder, {"clip": desk.folder / "broken.png"}, {"video": desk.folder / "out.mp4"})
    with pytest.raises(ActionFailed) as failed:
        asyncio.run(StepsRunner(ffmpeg.find(os.environ)).run(action, Conduct(), space))
    assert "Invalid PNG signature" in failed.value.log


def test_a_stopped_step_leaves_nobody_behind(desk: Desk) -> None:
    """Neither who decodes, nor who encodes, nor a thread between them."""
    step = framing.segment(seen(Gaze(0, move("push-in", seconds="400")), 9600), SHARP)
    action = BoundAction("Segment", {"steps": [step], "frames": 9600}, {}, {"video": "video/mp4"}, "")
    space = Workspace(desk.folder, {"clip": desk.folder / "clip.png"}, {"video": desk.folder / "stopped.mp4"})

    async def stopped() -> None:
        running = asyncio.create_task(StepsRunner(ffmpeg.find(os.environ)).run(action, Conduct(), space))
        while not space.outputs["video"].exists():
            await asyncio.sleep(0.02)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    born = children.read_text().split() if children.exists() else []
    before, open_files = set(threading.enumerate()), set(os.listdir("/dev/fd"))
    asyncio.run(asyncio.wait_for(stopped(), 30))
    assert not children.exists() or set(children.read_text().split()) <= set(born)
    assert set(threading.enumerate()) <= before
    assert len(os.listdir("/dev/fd")) <= len(open_files)
