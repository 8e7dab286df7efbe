"""Downloaded files: what is whole is kept, what is not is refused in plain words, quickly and in little memory."""

from __future__ import annotations

import asyncio
import random
import resource
import struct
import time
import zlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from PIL import Image

from vidbuild.runners import ffmpeg
from vidbuild.runners.png import write_png
from vidbuild.runners.untrusted import DECODERS, MIB, BadMedia, Limits, Vetted, vetted
from vidbuild.testing.clips import Clip, make

FFMPEG = ffmpeg.find({})
Encode = Callable[[str, str], Path]
MOVING = "-f lavfi -i testsrc2=s=320x180:r=24:d=1"
TONE = "-f lavfi -i sine=f=440:d=1:r=44100"


def vet(path: Path, media_type: str = "video/mp4", limits: Limits | None = None) -> Vetted:
    return asyncio.run(vetted(path, media_type, FFMPEG, limits))


def refused(path: Path, media_type: str = "video/mp4", limits: Limits | None = None) -> BadMedia:
    with pytest.raises(BadMedia) as caught:
        vet(path, media_type, limits)
    return caught.value


def written(folder: Path, data: bytes, name: str = "take.mp4") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_a_good_take_is_told_by_what_was_decoded(take: Path) -> None:
    """Every picture was counted."""
    assert vet(take) == Vetted("video/mp4", take.stat().st_size, 48, Fraction(2), 640, 360, Fraction(24), True)


@pytest.mark.parametrize(
    ("name", "arguments", "asked", "is_now"),
    [
        (
            "fragmented.mp4",
            f"{MOVING} {TONE} -c:v libx264 -movflags frag_keyframe+empty_moov",
            "video/mp4",
            "video/mp4",
        ),
        ("hevc.mp4", f"{MOVING} -c:v libx265 -x265-params log-level=none", "video/mp4", "video/mp4"),
        ("prores.mov", f"{MOVING} -c:v prores_ks", "video/mp4", "video/quicktime"),
        ("vp9.webm", f"{MOVING} {TONE} -c:v libvpx-vp9 -deadline realtime -c:a libopus", "video/mp4", "video/webm"),
        ("vp8.webm", f"{MOVING} -c:v libvpx -auto-alt-ref 1 -lag-in-frames 8", "video/webm", "video/webm"),
    ],
)
def test_a_video_may_come_in_another_container(
    encode: Encode, name: str, arguments: str, asked: str, is_now: str
) -> None:
    """Its own bytes say what it is, not what the vendor called it."""
    found = vet(encode(name, arguments), asked)
    assert (found.media_type, found.frames, found.seconds) == (is_now, 24, 1)


@pytest.mark.parametrize(
    ("name", "arguments", "is_now"),
    [
        ("tone.mp3", "-b:a 128k", "audio/mpeg"),
        ("variable.mp3", "-q:a 4", "audio/mpeg"),
        ("bare.mp3", "-write_xing 0 -id3v2_version 0 -ar 22050 -b:a 32k", "audio/mpeg"),
        ("tone.wav", "", "audio/wav"),
        ("tone.flac", "", "audio/flac"),
        ("tone.ogg", "-c:a libvorbis", "audio/ogg"),
        ("tone.m4a", "", "audio/mp4"),
    ],
)
def test_a_sound_may_come_in_another_container(encode: Encode, name: str, arguments: str, is_now: str) -> None:
    """What plays is taken, and its length is what was decoded."""
    found = vet(encode(name, f"{TONE} {arguments}"), "audio/mpeg")
    assert found.media_type == is_now
    assert abs(found.seconds - 1) < Fraction(1, 10)
    assert found.has_sound


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("still.png", ""), ("still.jpg", ""), ("still.webp", "-c:v libwebp"), ("bare.webp", "-c:v libwebp -lossless 1")],
)
def test_a_picture_may_come_in_another_form(encode: Encode, name: str, arguments: str) -> None:
    """What shows is taken."""
    found = vet(encode(name, f"{MOVING} -frames:v 1 {arguments}"), "image/png")
    assert (found.frames, found.width, found.height) == (1, 320, 180)


def test_a_large_picture_with_much_depth_is_taken(tmp_path: Path) -> None:
    """The rope is long enough for what image models make at their best."""
    rows = bytes(range(256)) * (4096 * 4096 * 3 // 256)
    write_png(tmp_path / "large.png", 4096, 4096, rows, 3)
    assert vet(tmp_path / "large.png", "image/png").width == 4096


@pytest.mark.parametrize(
    ("data", "sentence", "again"),
    [
        (b"", "nothing came instead of a video: the file is empty", True),
        (b"<!DOCTYPE html><html><body>503</body></html>", "a web page came instead of a video", True),
        (b"\n\n<html>", "a web page came instead of a video", True),
        (b"<?xml version='1.0'?><Error/>", "an answer in XML came instead of a video", True),
        (b'{"error": "expired"}', "an answer in JSON came instead of a video", True),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "a playlist of addresses (HLS) came instead of a video", False),
        (b"ffconcat version 1.0\nfile 'other.mp4'\n", "a list of files (ffconcat) came instead of a video", False),
        (b"Not found", "text came instead of a video", True),
        (b"\0\1\2\3\4\5\6\7\x08", "bytes of no known kind came instead of a video", True),
        (b"GIF89a...", "a GIF came instead of a video", False),
    ],
)  # fmt: skip
def test_what_is_no_media_is_called_by_its_name(tmp_path: Path, data: bytes, sentence: str, again: bool) -> None:
    """Truncated, HTML as 200, JSON as mp4, empty: detected before it is stored."""
    error = refused(written(tmp_path, data))
    assert (error.sentence, error.again) == (sentence, again)
    assert error.facts == {"expected": "video/mp4", "bytes": str(len(data))}


def test_flipped_bits_are_found(take: Path, tmp_path: Path) -> None:
    """A few in the coded pictures, wherever they lie; plain ffmpeg says nothing of them."""
    whole, chance = take.read_bytes(), random.Random(7)
    for _ in range(6):
        damaged = bytearray(whole)
        for _ in range(16):
            damaged[chance.randrange(len(whole) // 4, len(whole))] ^= 1 << chance.randrange(8)
        error = refused(written(tmp_path, bytes(damaged)))
        assert error.sentence.startswith("the video is damaged")
        assert error.again


@pytest.mark.parametrize("share", [0.01, 0.3, 0.6, 0.999])
def test_a_video_that_was_cut_off_is_found(take: Path, tmp_path: Path, share: float) -> None:
    """Half of a faststart file plays without a complaint, were it not counted."""
    whole = take.read_bytes()
    error = refused(written(tmp_path, whole[: int(len(whole) * share)]))
    assert "it is cut off" in error.sentence or "is missing" in error.sentence
    assert error.again


def test_a_video_whose_index_was_cut_off_is_found(encode: Encode, tmp_path: Path) -> None:
    """The index of a file that is written in one go stands at its end."""
    whole = encode("slow.mp4", f"{MOVING} -c:v libx264").read_bytes()
    assert "is cut off" in refused(written(tmp_path, whole[:-100])).sentence


@pytest.mark.parametrize("share", [0.1, 0.5])
def test_a_tail_of_zeros_is_found(take: Path, tmp_path: Path, share: float) -> None:
    """As a download leaves it that was given its room beforehand."""
    whole = take.read_bytes()
    zeros = int(len(whole) * share)
    assert refused(written(tmp_path, whole[:-zeros] + bytes(zeros))).sentence.startswith("the video is damaged")


def test_an_index_that_lists_more_than_can_be_decoded_is_found(take: Path, tmp_path: Path) -> None:
    """A picture that the container counts and the stream lacks is a damaged video, whatever ffmpeg says."""
    whole = bytearray(take.read_bytes())
    at = whole.index(b"stsz") + 12
    last = at + 4 * struct.unpack_from(">I", whole, at)[0]
    size = struct.unpack_from(">I", whole, last)[0]
    struct.pack_into(">I", whole, last, size - 20)
    assert refused(written(tmp_path, bytes(whole))).sentence.startswith("the video is damaged")


def test_a_still_and_a_sound_are_no_video(encode: Encode) -> None:
    """However they are wrapped."""
    png = encode("still.png", f"{MOVING} -frames:v 1")
    one = encode("one.mp4", f"{MOVING} -frames:v 1 -c:v libx264")
    only = encode("only.mp4", f"{TONE} -c:a aac")
    mp3 = encode("tone.mp3", f"{TONE} -b:a 128k")
    assert refused(png).sentence == "a picture came instead of a video"
    assert refused(one).sentence == "a still picture came instead of a video"
    assert refused(only).sentence == "sound without a picture came instead of a video"
    assert refused(mp3).sentence == "sound came instead of a video"
    assert refused(mp3, "image/png").sentence == "sound came instead of a picture"
    assert not refused(one).again


def test_a_video_that_names_other_files_is_refused(encode: Encode, tmp_path: Path) -> None:
    """A data reference that leaves the file."""
    whole = bytearray(encode("slow.mp4", f"{MOVING} -c:v libx264").read_bytes())
    at = whole.index(b"url ")
    whole[at + 7] = 0
    error = refused(written(tmp_path, bytes(whole)))
    assert "it names media outside itself" in error.sentence
    assert not error.again


def test_a_huge_picture_is_refused_before_it_is_decoded(tmp_path: Path) -> None:
    """30000x30000 pixels in a few bytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(90_001)))
        + chunk(b"IEND", b"")
    )
    error = refused(written(tmp_path, bomb, "bomb.png"), "image/png")
    assert error.sentence == "its pictures of 30000x30000 are larger than any that are taken"
    assert not error.again


def test_a_video_that_hides_its_true_size_is_refused(encode: Encode, tmp_path: Path) -> None:
    """The index says 320x180, the stream 2560x1440: the decoder itself keeps the cap, in a short time."""
    large = encode("large.mp4", "-f lavfi -i testsrc2=s=2560x1440:r=24:d=0.2 -c:v libx264 -preset ultrafast")
    lying = bytearray(large.read_bytes())
    at = lying.index(b"avc1", lying.index(b"stsd")) + 28
    assert struct.unpack_from(">HH", lying, at) == (2560, 1440)
    struct.pack_into(">HH", lying, at, 320, 180)
    refused(written(tmp_path, bytes(lying)), limits=Limits(pixels=1280 * 720))


def test_a_long_video_and_a_large_file_are_refused(take: Path) -> None:
    """Both caps are told in the words of the file."""
    assert refused(take, limits=Limits(seconds=1)).sentence == "it lasts 2 s, longer than any that are taken"
    assert "larger than 0 MiB" in refused(take, limits=Limits(size=1000)).sentence


def test_the_decoder_is_ended_when_it_takes_too_long_or_too_much(tmp_path: Path) -> None:
    """The rope is short in time, in computing and in memory, and none of it is a crash of ours."""
    clip = make(Clip(5, (1280, 720), Fraction(24), 96, sound_rate=0), tmp_path / "long.mp4", FFMPEG)
    began = time.monotonic()
    assert "s of computing" in refused(clip, limits=Limits(cpu_s=0)).sentence
    assert "can't be decoded" in refused(clip, limits=Limits(memory=200 * MIB)).sentence
    assert "longer than 0.05 s" in refused(clip, limits=Limits(wall_s=0.05)).sentence
    assert time.monotonic() - began < 5


def test_pictures_that_are_damaged_or_cut_off_are_found(encode: Encode, tmp_path: Path) -> None:
    """Every form, at every place."""
    for name, arguments in (("still.png", ""), ("still.jpg", ""), ("still.webp", "-c:v libwebp")):
        whole = encode(name, f"{MOVING} -frames:v 1 {arguments}").read_bytes()
        assert "cut off" in refused(written(tmp_path, whole[:-100]), "image/png").sentence, name
        assert "cut off" in refused(written(tmp_path, whole[: len(whole) // 2]), "image/png").sentence, name
    png = bytearray(encode("still.png", f"{MOVING} -frames:v 1").read_bytes())
    png[len(png) // 2] ^= 4
    assert "it is damaged" in refused(written(tmp_path, bytes(png)), "image/png").sentence


def test_an_animated_picture_is_no_still(tmp_path: Path) -> None:
    """One picture was asked for."""
    frames = [Image.new("RGB", (64, 64), colour) for colour in ("red", "blue")]
    for name in ("a.png", "a.webp"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
        assert "an animated picture" in refused(tmp_path / name, "image/png").sentence


def test_sounds_that_are_damaged_or_cut_off_are_found(encode: Encode, tmp_path: Path) -> None:
    """A body without a length that was cut off looks complete to HTTP."""
    for name in ("tone.mp3", "tone.wav", "tone.flac", "tone.ogg", "tone.m4a"):
        whole = encode(name, TONE).read_bytes()
        assert refused(written(tmp_path, whole[: len(whole) * 2 // 3 + 11]), "audio/mpeg").again, name
    mp3 = encode("tone.mp3", TONE).read_bytes()
    zeros = mp3[: len(mp3) // 2] + bytes(len(mp3) // 2)
    assert "damaged" in refused(written(tmp_path, zeros), "audio/mpeg").sentence


def test_an_answer_in_json_is_whole_json(tmp_path: Path) -> None:
    """Word times and a judge's answers come in it."""
    assert vet(written(tmp_path, b'{"answers": [0.9]}'), "application/json").media_type == "application/json"
    for data in (b"", b'{"answers": [0.9', b"<html>", b'{"answers": [NaN]}', b"[" * 100_000, b"\xff\xfe"):
        assert refused(written(tmp_path, data), "application/json").sentence == "it is no whole JSON"


def test_a_link_is_not_followed(take: Path, tmp_path: Path) -> None:
    """The file that was downloaded is the one that is read."""
    (tmp_path / "link.mp4").symlink_to(take)
    with pytest.raises(OSError, match="symbolic"):
        vet(tmp_path / "link.mp4")


def test_noise_with_the_right_first_bytes_is_refused_and_nothing_else_happens(tmp_path: Path) -> None:
    """Whatever comes, the only error is `BadMedia`."""
    chance = random.Random(3)
    starts = (
        b"\0\0\0\x18ftypisom",
        b"\x1a\x45\xdf\xa3",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\x40\0\0\0WEBPVP8X",
    )
    starts += (b"RIFF\x40\0\0\0WAVEfmt ", b"fLaC", b"OggS", b"ID3\x04\0\0\0\0\0\x08", b"\xff\xfb\x90\x64")
    for start in starts:
        for length in (0, 5, 60, 3000):
            path = written(tmp_path, start + chance.randbytes(length))
            for media_type in ("video/mp4", "image/png", "audio/mpeg"):
                refused(path, media_type)


def test_an_index_with_any_byte_changed_is_whole_or_refused(take: Path, tmp_path: Path) -> None:
    """Mutations of the index never escape as another error."""
    whole, chance = take.read_bytes(), random.Random(11)
    first = whole.index(b"moov")
    last = whole.index(b"mdat")
    outcomes = set()
    for _ in range(25):
        damaged = bytearray(whole)
        for _ in range(3):
            damaged[chance.randrange(first, last)] = chance.choice((0, 1, 127, 255))
        try:
            outcomes.add(vet(written(tmp_path, bytes(damaged))).frames)
        except BadMedia:
            outcomes.add(0)
    assert outcomes <= {0, 48}


def test_nothing_is_left_behind(take: Path, tmp_path: Path) -> None:
    """The list of frames goes with its folder."""
    path = written(tmp_path, take.read_bytes())
    vet(path)
    refused(written(tmp_path, take.read_bytes()[:-9], "cut.mp4"))
    assert {entry.name for entry in tmp_path.iterdir()} == {"take.mp4", "cut.mp4"}


def test_eight_seconds_of_720_lines_take_about_a_second_of_computing(encode: Encode) -> None:
    """It is 0.6 s on the machine this was written on; the bound, of half as much, is for slower ones."""
    clip = encode(
        "hd.mp4", "-f lavfi -i testsrc2=s=1280x720:r=24:d=4,noise=alls=4:allf=t -c:v libx264 -preset ultrafast"
    )
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    vet(clip)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 2


def test_the_decoder_sees_one_file_and_no_secret(take: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No environment, one demuxer, local files alone, a short rope."""
    monkeypatch.setenv("KLING_SECRET_KEY", "planted-value")
    spy = tmp_path / "spy"
    told = tmp_path / "told"
    spy.write_text(f'#!/bin/sh\n{{ env; ulimit -v; ulimit -t; ulimit -n; echo "$@"; }} > {told}\nexit 1\n')
    spy.chmod(0o755)
    with pytest.raises(BadMedia):
        asyncio.run(vetted(written(tmp_path, take.read_bytes(), "50% a:b.mp4"), "video/mp4", spy))
    said = told.read_text()
    assert "planted-value" not in said
    assert "\n921600\n20\n32\n" in said
    assert f"-protocol_whitelist file -codec_whitelist {DECODERS} -f mov" in said
    assert f"-i file:{tmp_path}/50% a:b.mp4 " in said
    assert "-xerror -err_detect explode" in said
