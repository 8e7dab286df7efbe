"""What a file tells of how it was made is taken out, and nothing else moves."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin

from vidbuild.media.untold import untold
from vidbuild.testing.studio import run_ffmpeg

SECRET = '{"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "the secret prompt"}}}'
FLAGS = ("+use_metadata_tags", "+use_metadata_tags+faststart", "+faststart", "+frag_keyframe")
TORN = (b"", b"x", b"\0\0\0\x08ftyp", b"\0\0\0\x20ftypisom", b"\x89PNG\r\n\x1a\n\0\0", b"ID3")
LYING = (b"\xff\xff\xff\xffudta" + b"x" * 8, b"\0\0\0\x01udta" + b"\xff" * 8, b"\0\0\0\x02moov" + b"z" * 8)
TELLING = ["-metadata", f"prompt={SECRET}", "-metadata", f"comment={SECRET}"]


def frames(path: Path) -> str:
    """Give the digests of all packets, as ffmpeg reads them."""
    run_ffmpeg(["-i", str(path), "-map", "0", "-c", "copy", "-f", "streamhash", str(path) + ".hash"])
    return Path(str(path) + ".hash").read_text()


@pytest.mark.parametrize("flags", FLAGS)
def test_a_films_prompt_goes_and_its_pictures_stay(tmp_path: Path, flags: str) -> None:
    """As ComfyUI writes it (`use_metadata_tags`), before the pictures or behind them; size and places are the same."""
    film, clean = tmp_path / "film.mp4", tmp_path / "clean.mp4"
    source = ["-f", "lavfi", "-i", "testsrc=size=160x90:rate=12:duration=1", "-f", "lavfi", "-i", "sine=duration=1"]
    coded = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    run_ffmpeg([*source, *coded, *TELLING, "-movflags", flags, str(film)])
    assert b"secret prompt" in film.read_bytes()
    clean.write_bytes(untold(film.read_bytes()))
    assert b"secret prompt" not in clean.read_bytes()
    assert clean.stat().st_size == film.stat().st_size
    assert frames(clean) == frames(film)
    assert untold(clean.read_bytes()) == clean.read_bytes()


def test_a_pictures_texts_go_and_its_pixels_stay() -> None:
    """Prompt and workflow, as ComfyUI writes them; `iTXt` and `zTXt` too."""
    told = PngImagePlugin.PngInfo()
    told.add_text("prompt", SECRET)
    told.add_itxt("workflow", SECRET)
    told.add_text("more", SECRET, zip=True)
    written = io.BytesIO()
    picture = Image.effect_noise((64, 36), 50).convert("RGB")
    picture.save(written, "PNG", pnginfo=told)
    with Image.open(io.BytesIO(untold(written.getvalue()))) as opened:
        opened.load()
        assert dict(opened.info) == {}
        assert opened.tobytes() == picture.tobytes()


def test_a_sounds_tags_go_and_its_samples_stay(tmp_path: Path) -> None:
    """The ID3 tag stays as room."""
    sound, clean = tmp_path / "s.mp3", tmp_path / "c.mp3"
    run_ffmpeg(["-f", "lavfi", "-i", "sine=duration=1", "-metadata", f"title={SECRET}", str(sound)])
    assert b"secret prompt" in sound.read_bytes()
    clean.write_bytes(untold(sound.read_bytes()))
    assert b"secret prompt" not in clean.read_bytes()
    assert frames(clean) == frames(sound)


@pytest.mark.parametrize("data", TORN)
def test_torn_and_other_files_stay_as_they_are(data: bytes) -> None:
    """Whether they are any good, others see."""
    assert untold(data) == data


def test_a_box_that_lies_about_its_size_ends_the_walk() -> None:
    """Nothing is read outside the file, and it ends."""
    head = b"\0\0\0\x08ftyp"
    for box in LYING:
        assert untold(head + box) == head + box
    assert untold(head + b"\0\0\0\0udtasecret") == head + b"\0\0\0\0free" + bytes(6)
