"""What is heard: lines at their shots' starts, effects, music under them; each as loud as it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from small_films import SOUND, film, since

from vidbuild.testing import sounds
from vidbuild.testing.shop import Shop
from vidbuild.testing.studio import Studio, run_ffmpeg

START_S, EFFECT_S, SECONDS, MUSIC_DB = 1.5, 0.6, 4, -20


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Two silent shots; the first has an effect, the second a line, music lies under both; built."""
    with Shop(tmp_path_factory.mktemp("sound") / "shop", "keyed") as shop:
        shop.film("silent.mp4", 4, tone=None)
        line = {"by": "barista", "text": "Come in. <sign>The first one is on us."}
        door = {"model": "elevenlabs-sfx", "prompt": "a door", "at": EFFECT_S, "duration_s": 0.5}
        film(
            shop,
            {"id": "one", "file": "silent.mp4", "duration_s": START_S, "sfx": [door]},
            {"id": "two", "file": "silent.mp4", "duration_s": SECONDS - START_S, "say": line},
            cast={"barista": {"description": "a woman", "voice": {"model": "elevenlabs", "id": "Rachel"}}},
            audio={"music": {"model": SOUND, "prompt": "guitar", "gain_db": MUSIC_DB, "fade_out_s": 0}},
        )
        shop.build("--yes")
        yield shop


def heard(path: Path) -> Any:
    """Decode a film's sound: rows of two channels."""
    with av.open(str(path)) as container:
        return np.concatenate([frame.to_ndarray().T for frame in container.decode(audio=0)])


def db(samples: Any) -> float:
    """Give the level of samples in decibels of full scale."""
    return float(20 * np.log10(np.sqrt(np.mean(np.square(samples))) + 1e-9))


def job(shop: Shop, words: str) -> Any:
    """Give the job that was asked for with some words."""
    found = [job for vendor in shop.vendors.all for job in vendor.jobs.values()]
    (one,) = [job for job in found if words in str(job.body.get("prompt", job.body.get("text")))]
    return one


def test_a_line_begins_with_its_shot_and_an_effect_at_its_time(shop: Shop) -> None:
    """Marks are not spoken."""
    film = heard(shop.folder / "build/wide.mp4")
    assert job(shop, "Come in.").body["text"] == "Come in. The first one is on us."
    for words, at in (("Come in.", START_S), ("a door", EFFECT_S)):
        first = int(at * sounds.RATE)
        before, after = film[first - 4800 : first - 480], film[first + 2400 : first + 7200]
        assert db(after) > db(before) + 3, words
        rest = np.abs(film[first - 4800 :]).max(axis=1)
        begins = first - 4800 + np.flatnonzero(rest > 4 * np.abs(before).max())[0]
        assert begins / sounds.RATE == pytest.approx(at, abs=0.06), words


def test_music_lies_under_it_all_at_its_gain(shop: Shop) -> None:
    """From the first sample to the last."""
    film = heard(shop.folder / "build/wide.mp4")
    alone = film[int(0.2 * sounds.RATE) : int((EFFECT_S - 0.1) * sounds.RATE)]
    assert db(alone) == pytest.approx(db(np.float32(sounds.LEVEL)) + MUSIC_DB, abs=1)
    assert db(film[-4800:]) > db(alone) - 1.5


def test_its_words_come_with_their_times(shop: Shop) -> None:
    """Kept beside the sound, for captions."""
    lock = (shop.folder / "vidbuild.lock").read_text()
    assert "words: [" in lock
    assert "sound: [" in lock


def test_gains_and_places_cost_nothing(shop: Shop) -> None:
    """They are the mix's alone."""
    count = len(shop.vendors.requests)
    shop.edit(f'"gain_db": {MUSIC_DB}', '"gain_db": -30')
    shop.edit('"duration_s": 0.5', '"duration_s": 0.5, "gain_db": -6')
    built = shop.build()
    assert {ran.mnemonic for ran in built.ran()} == {"Mix", "Deliver"}
    assert since(shop, count) == []


def test_one_channel_is_as_loud_as_two(empty: Studio) -> None:
    """Where a vendor's voice comes as one channel, it does not sink under its music."""
    shots = []
    for name, count in (("one", 1), ("two", 2)):
        tone = f"aevalsrc={'|'.join(['0.1*sin(440*2*PI*t)'] * count)}:s=48000:d=1"
        run_ffmpeg(["-f", "lavfi", "-i", tone, f"file:{empty.folder / name}.wav"])
        shots.append({"id": name, "file": "silent.mp4", "duration_s": 1, "sfx": [{"file": f"{name}.wav"}]})
    empty.film("silent.mp4", 1, tone=None)
    film(empty, *shots)
    empty.build()
    sound = heard(empty.folder / "build/wide.mp4")
    one, two = (db(sound[at : at + sounds.RATE // 2]) for at in (12_000, 60_000))
    assert one == pytest.approx(two, abs=0.2)
    assert one == pytest.approx(-23, abs=0.3)
