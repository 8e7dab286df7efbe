"""Takes measured: through ffmpeg, from the file to the facts, in the same bytes each time."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import motions
import numpy as np
import pytest
from PIL import Image

from vidbuild.media.measures import frames_action, measure_action
from vidbuild.runners import ffmpeg
from vidbuild.runners.base import Workspace
from vidbuild.runners.measuring import MeasuringRunner
from vidbuild.runners.png import write_png
from vidbuild.runners.steps import StepsRunner
from vidbuild.testing import marks
from vidbuild.testing.clips import Clip, make
from vidbuild.testing.marks import Mark
from vidbuild.words.action import BoundAction, Conduct
from vidbuild.words.digest import digest_bytes
from vidbuild.words.errors import ActionFailed

FFMPEG = ffmpeg.find({})
TAKE = digest_bytes(b"a take")
Encode = Callable[[str, str], Path]


def worked(action: BoundAction, take: Path, folder: Path) -> dict[str, Path]:
    """Run an action in a clean folder."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "take").symlink_to(take)
    outputs = {name: folder / name for name in action.outputs}
    runner = MeasuringRunner(FFMPEG) if action.mnemonic == "Measure" else StepsRunner(FFMPEG)
    asyncio.run(runner.run(action, Conduct(), Workspace(folder, {"take": folder / "in" / "take"}, outputs)))
    return outputs


def measured(take: Path, folder: Path, kind: str = "footage") -> Any:
    return json.loads(worked(measure_action(TAKE, kind, "ffmpeg"), take, folder / "work")["facts"].read_text())


def test_a_take_is_measured_whole(take: Path, tmp_path: Path) -> None:
    """What a verdict needs, in exact decimals."""
    facts = measured(take, tmp_path)
    sound = facts.pop("sound")
    assert facts.pop("brightness").startswith("0.4")
    assert facts == {
        "kind": "footage",
        "frames": 48,
        "seconds": "2",
        "rate": "24",
        "width": 640,
        "height": 360,
        "has_sound": True,
        "black": [],
        "frozen": [],
        "cuts": [],
    }
    assert (sound["seconds"], sound["silent"], sound["clipped"]) == ("2", [], "0")
    assert -25 < Fraction(sound["loudness_lufs"]) < -15


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("cut", {"cuts": ["2.083"], "frozen": [], "black": []}),
        pytest.param("freezes", {"cuts": [], "frozen": [["1", "4"]], "black": []}, marks=pytest.mark.slow),
        pytest.param(
            "black_in_the_middle",
            {"cuts": [], "frozen": [["1", "2.5"]], "black": [["1", "2.5"]]},
            marks=pytest.mark.slow,
        ),
        ("still_product", {"cuts": [], "frozen": [], "black": []}),
        pytest.param("dark_forest", {"cuts": [], "frozen": [], "black": []}, marks=pytest.mark.slow),
    ],
)
def test_what_is_wrong_survives_the_encoder(name: str, found: dict[str, Any], tmp_path: Path) -> None:
    """Few bits and many pixels change nothing."""
    motion = {**motions.GOOD, **motions.WRONG}[name]
    facts = measured(motions.encoded(motion, tmp_path / "take.mp4", FFMPEG, 30, "1280x720"), tmp_path)
    assert {check: facts[check] for check in found} == found
    assert not facts["has_sound"]


def test_the_same_take_gives_the_same_bytes(take: Path, tmp_path: Path) -> None:
    """In another folder, under another name."""
    action = measure_action(TAKE, "footage", "ffmpeg")
    other = tmp_path / "50% of: a take.mp4"
    shutil.copy(take, other)
    one = worked(action, take, tmp_path / "one")["facts"].read_bytes()
    assert worked(action, other, tmp_path / "two")["facts"].read_bytes() == one


def test_turned_and_stretched_takes_are_measured_as_they_are_shown(tmp_path: Path) -> None:
    """Upright, in square pixels."""
    turned = make(Clip(4, (108, 192), quarter_turns=1, sound_rate=0), tmp_path / "turned.mov", FFMPEG)
    wide = make(Clip(4, (192, 108), pixel=Fraction(4, 3), sound_rate=0), tmp_path / "wide.mp4", FFMPEG)
    assert [measured(turned, tmp_path)[side] for side in ("width", "height")] == [108, 192]
    assert [measured(wide, tmp_path)[side] for side in ("width", "height")] == [192, 108]


def test_rates_and_lengths_are_those_of_the_pictures(tmp_path: Path) -> None:
    """Broadcast rates in three decimals; a take whose clock skips has the rate that is seen."""
    broadcast = make(Clip(5, rate=Fraction(30000, 1001), frames=30, sound_rate=0), tmp_path / "ntsc.mp4", FFMPEG)
    facts = measured(broadcast, tmp_path)
    assert (facts["frames"], facts["rate"], facts["seconds"]) == (30, "29.97", "1.001")


def test_a_silence_and_an_overdriven_sound_are_heard(encode: Encode, tmp_path: Path) -> None:
    """Where, and how much of it."""
    pause = "-f lavfi -i aevalsrc=exprs=sin(2*PI*300*t)*(lt(t\\,1)+gte(t\\,2))/3:d=3"
    loud = "-f lavfi -i sine=f=300:d=1:r=48000 -af volume=40dB -c:a pcm_s16le"
    heard = measured(encode("pause.wav", pause), tmp_path, "music")
    assert heard["sound"]["silent"] == [["1", "2"]]
    assert heard["kind"] == "music"
    assert "width" not in heard
    driven = measured(encode("loud.wav", loud), tmp_path, "speech")["sound"]
    assert Fraction(driven["clipped"]) > Fraction(9, 10)
    assert driven["peak"] == "1"


def test_a_silent_sound_has_no_loudness(encode: Encode, tmp_path: Path) -> None:
    """Nothing is not minus seventy."""
    quiet = measured(encode("quiet.mp3", "-f lavfi -i anullsrc -t 1"), tmp_path, "effect")["sound"]
    assert quiet["loudness_lufs"] is None
    assert quiet["silent"][0][0] == "0"


def test_a_picture_is_measured(tmp_path: Path) -> None:
    """Its size, and whether it is anything at all."""
    scene = motions.textured(3).astype(np.uint8)
    Image.fromarray(scene).save(tmp_path / "scene.png")
    Image.new("RGB", (640, 640), (90, 90, 90)).save(tmp_path / "grey.jpg")
    Image.new("RGB", (640, 640)).save(tmp_path / "black.webp")
    facts = measured(tmp_path / "scene.png", tmp_path, "picture")
    assert (facts["width"], facts["height"], facts["is_uniform"], facts["is_black"]) == (320, 180, False, False)
    assert measured(tmp_path / "grey.jpg", tmp_path, "picture")["is_uniform"]
    assert measured(tmp_path / "black.webp", tmp_path, "picture")["is_black"]


def test_a_take_that_can_not_be_read_fails(tmp_path: Path) -> None:
    """With what ffmpeg said."""
    (tmp_path / "take").write_bytes(b"nothing")
    with pytest.raises(ActionFailed, match="could not measure"):
        measured(tmp_path / "take", tmp_path)


def test_the_key_holds_the_take_the_tool_and_how_it_is_measured_and_no_verdict(
    golden: Callable[[str, Any], None],
) -> None:
    """A change of any of it measures again; a change of a threshold of `checks` does not."""
    kinds = ("footage", "picture", "music")
    actions = {kind: measure_action(TAKE, kind, "ffmpeg version 9 sha256:0") for kind in kinds}
    assert len({action.key for action in actions.values()}) == 3
    assert actions["footage"].tool == "ffmpeg version 9 sha256:0 measure@1"
    frames = frames_action(TAKE, "ffmpeg version 9 sha256:0")
    golden("measures.json", {kind: action.params for kind, action in actions.items()} | {"frames": frames.params})


def test_a_judge_is_shown_evenly_spaced_frames_in_equal_bytes(take: Path, tmp_path: Path) -> None:
    """They are inputs of paid keys."""
    action = frames_action(TAKE, "ffmpeg")
    first = worked(action, take, tmp_path / "one")
    again = worked(action, take, tmp_path / "two")
    assert [path.read_bytes() for path in first.values()] == [path.read_bytes() for path in again.values()]
    seen = []
    for name in (f"frame{number}" for number in range(6)):
        luma = np.asarray(Image.open(first[name]).convert("L"))
        assert luma.shape == (360, 640)
        seen.append(marks.read(luma, marks.view((640, 360), (640, 360))))
    assert seen == [Mark(3, frame) for frame in (4, 12, 20, 28, 36, 44)]


def test_large_takes_are_shown_to_a_judge_at_768_columns(encode: Encode, tmp_path: Path) -> None:
    """Also a very short one: some of its frames are shown twice."""
    wide = encode("wide.mp4", "-f lavfi -i testsrc2=s=1920x1080:r=24 -frames:v 4 -c:v libx264 -preset ultrafast")
    made = worked(frames_action(TAKE, "ffmpeg", 6), wide, tmp_path / "work")
    assert {Image.open(path).size for path in made.values()} == {(768, 432)}
    assert len({path.read_bytes() for path in made.values()}) == 4


def test_no_frame_is_compressed(tmp_path: Path, take: Path) -> None:
    """The one writer of pictures that feed keys."""
    made = worked(frames_action(TAKE, "ffmpeg", 1), take, tmp_path / "work")["frame0"]
    pixels = np.asarray(Image.open(made))
    write_png(tmp_path / "same.png", 640, 360, pixels.tobytes(), 3)
    assert made.read_bytes() == (tmp_path / "same.png").read_bytes()
