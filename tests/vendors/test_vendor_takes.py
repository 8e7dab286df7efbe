"""What vendors deliver is real: it decodes, moves, is as long, large and fast as asked, begins with what was given."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from PIL import Image

from vidbuild.runners import ffmpeg
from vidbuild.testing.vendors import Studio, Wants, kept
from vidbuild.testing.vendors.takes import flipped, spoken

SIZE = (320, 180)


@pytest.fixture(scope="module")
def studio() -> Studio:
    return Studio(kept(), ffmpeg.find(os.environ))


def wants(form: str = "mp4", of: str = "x", **more: Any) -> Wants:
    return Wants(form, hashlib.sha256(of.encode()).hexdigest(), **{"seconds": Fraction(2), "size": SIZE, **more})


def pictures_of(data: bytes) -> list[Any]:
    with av.open(io.BytesIO(data)) as file:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in file.decode(video=0)]


def sound_of(data: bytes) -> tuple[float, float]:
    """Give length in seconds and root mean square."""
    with av.open(io.BytesIO(data)) as file:
        stream = file.streams.audio[0]
        frames = [frame.to_ndarray().astype(float) for frame in file.decode(stream)]
    whole = np.concatenate([frame.reshape(-1) for frame in frames])
    scale = 1.0 if np.abs(whole).max() <= 2 else 32768.0
    channels = 2 if stream.layout.nb_channels == 2 else 1
    return len(whole) / channels / stream.rate, float(np.sqrt(np.mean((whole / scale) ** 2)))


def far(one: Any, other: Any) -> float:
    return float(np.abs(one - other).mean())


@pytest.mark.parametrize(("seconds", "size", "rate"), [(2, (320, 180), 24), (3, (180, 320), 30), (1, (240, 240), 25)])
def test_a_take_has_the_asked_length_size_and_rate_and_moves(
    studio: Studio, seconds: int, size: tuple[int, int], rate: int
) -> None:
    shown = pictures_of(studio.make(wants(seconds=Fraction(seconds), size=size, rate=Fraction(rate))))
    assert len(shown) == seconds * rate
    assert shown[0].shape == (size[1], size[0], 3)
    assert min(far(one, other) for one, other in pairwise(shown)) > 1
    assert all(picture.mean() > 40 for picture in shown)


def test_equal_wants_are_equal_bytes_and_others_are_not(studio: Studio) -> None:
    assert studio.make(wants()) == studio.make(wants())
    assert len({studio.make(wants(of=name)) for name in "abcd"}) == 4


def test_each_distinct_take_is_encoded_once_for_all_sessions(tmp_path: Path) -> None:
    for expected in (1, 0):
        studio = Studio(tmp_path, ffmpeg.find(os.environ))
        for _ in range(3):
            studio.make(wants(seconds=Fraction(1)))
        assert studio.encodes == expected


def test_a_take_begins_and_ends_with_the_pictures_given(studio: Studio, picture: bytes) -> None:
    with Image.open(io.BytesIO(picture)) as opened:
        given = np.asarray(opened.convert("RGB").resize(SIZE)).astype(int)
    shown = pictures_of(studio.make(wants(init=picture, end=picture)))
    assert far(shown[0], given) < 8
    assert far(shown[-1], given) < 8
    assert far(shown[24], given) > 30
    assert max(far(one, other) for one, other in pairwise(shown)) < 25
    assert len(shown) == 48


def test_sound_comes_on_request(studio: Studio) -> None:
    seconds, level = sound_of(studio.make(wants(sound=True)))
    assert seconds == pytest.approx(2, abs=0.1)
    assert level > 0.03
    with av.open(io.BytesIO(studio.make(wants()))) as silent:
        assert not silent.streams.audio


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_sounds_have_the_asked_length(studio: Studio, form: str) -> None:
    seconds, level = sound_of(studio.make(wants(form, seconds=Fraction(3))))
    assert seconds == pytest.approx(3, abs=0.1)
    assert level > 0.03


def test_spoken_text_is_as_long_as_its_characters(studio: Studio) -> None:
    text = "come in out of the rain"
    seconds, _ = sound_of(studio.make(wants("wav", text=text, seconds=Fraction(0))))
    assert seconds == pytest.approx(spoken(text)[1][-1], abs=0.05)


def test_pictures_have_the_asked_size_and_differ(studio: Studio) -> None:
    made = [studio.make(wants("png", of=name, size=(640, 400))) for name in "ab"]
    with Image.open(io.BytesIO(made[0])) as opened:
        assert opened.size == (640, 400)
    assert far(*(np.asarray(Image.open(io.BytesIO(data))).astype(int) for data in made)) > 5


def test_what_is_wrong_with_a_take_shows(studio: Studio) -> None:
    def made(look: str) -> list[Any]:
        return pictures_of(studio.make(wants(look=look)))

    assert max(picture.mean() for picture in made("black")) < 2
    assert sum(far(one, other) < 0.1 for one, other in pairwise(made("frozen"))) > 40
    assert len(made("short")) == 24
    assert made("wrong_size")[0].shape[:2] != (180, 320)
    steps = [far(one, other) for one, other in pairwise(made("jumps"))]
    assert sum(step > 20 for step in steps) == 3
    assert sound_of(studio.make(wants(look="silent", sound=True)))[1] < 0.001


def test_a_bent_file_does_not_decode_whole(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "bent.mp4"
    path.write_bytes(flipped(studio.make(wants())))
    argv = [ffmpeg.find(os.environ), "-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-f", "null", "-"]
    assert subprocess.run(argv, capture_output=True).returncode != 0


def test_takes_may_be_made_smaller_in_the_same_aspect(tmp_path: Path) -> None:
    studio = Studio(tmp_path, ffmpeg.find(os.environ), lines=90)
    shown = pictures_of(studio.make(wants(size=(1280, 720), seconds=Fraction(1))))
    assert shown[0].shape[:2] == (90, 160)
