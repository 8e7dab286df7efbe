"""ElevenLabs' double speaks its wire: `providers.md` section 9."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

VOICE = "21m00Tcm4TlvDq8ikWAM"


@pytest.fixture
def eleven(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"xi-api-key": vendors.environ["ELEVENLABS_API_KEY"]}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_ELEVENLABS_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def test_speech_comes_with_the_times_of_its_characters(vendors: Vendors, eleven: httpx.Client) -> None:
    body = {"text": "Come in. It is warm.", "model_id": "eleven_v3", "seed": 4, "voice_settings": {"speed": 1.1}}
    answer = eleven.post(f"/v1/text-to-speech/{VOICE}/with-timestamps?output_format=mp3_44100_128", json=body).json()
    assert base64.b64decode(answer["audio_base64"])[:1] in (b"\xff", b"I")
    times = answer["alignment"]
    assert "".join(times["characters"]) == body["text"]
    starts, ends = times["character_start_times_seconds"], times["character_end_times_seconds"]
    assert starts == sorted(starts)
    assert all(start < end for start, end in zip(starts, ends, strict=True))
    assert len(vendors.elevenlabs.ledger) == 1


def test_plain_speech_music_and_effects_are_bytes(eleven: httpx.Client) -> None:
    speech = eleven.post(f"/v1/text-to-speech/{VOICE}?output_format=wav_16000", json={"text": "Hello"})
    music = eleven.post("/v1/music", json={"prompt": "guitar", "music_length_ms": 3000, "model_id": "music_v2"})
    effect = eleven.post("/v1/sound-generation", json={"text": "a door", "duration_seconds": 1.5})
    assert speech.content[:4] == b"RIFF"
    assert [answer.headers["content-type"] for answer in (music, effect)] == ["audio/mpeg"] * 2
    assert "song-id" in music.headers


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/music", {"prompt": "x", "seed": 1}),
        ("/v1/music", {"prompt": "x", "music_length_ms": 2999}),
        ("/v1/music", {"prompt": "x", "duration": 3}),
        ("/v1/music", {}),
        ("/v1/sound-generation", {"text": "x", "duration_seconds": 31}),
        (f"/v1/text-to-speech/{VOICE}/with-timestamps", {"text": ""}),
        (f"/v1/text-to-speech/{VOICE}/with-timestamps", {"text": "x", "voice_settings": {"speed": 3}}),
        (f"/v1/text-to-speech/{VOICE}/with-timestamps", {"text": "x", "output_format": "mp3_44100_128"}),
        (f"/v1/text-to-speech/{VOICE}/with-timestamps?output_format=ogg", {"text": "x"}),
    ],
)
def test_what_its_types_do_not_allow_is_422(
    vendors: Vendors, eleven: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = eleven.post(path, json=body)
    assert answer.status_code == 422
    assert isinstance(answer.json()["detail"], list)
    assert len(vendors.elevenlabs.ledger) == 0


def test_its_errors_carry_a_status_word(vendors: Vendors, eleven: httpx.Client) -> None:
    for fault in ("bad_key", "out_of_credit", "busy", "refused", "retired"):
        vendors.elevenlabs.fault("submit", fault, nth=1)
        answer = eleven.post("/v1/sound-generation", json={"text": "x"})
        assert answer.status_code >= 400
        assert set(answer.json()["detail"]) == {"status", "message"}
        vendors.elevenlabs.script.clear()
    assert eleven.post("/v1/sound-generation", json={"text": "x"}, headers={"xi-api-key": "no"}).status_code == 401


def test_what_fails_at_the_end_was_paid_for(vendors: Vendors, eleven: httpx.Client) -> None:
    vendors.elevenlabs.fault("submit", "fails")
    assert eleven.post("/v1/sound-generation", json={"text": "x", "duration_seconds": 1}).status_code == 500
    assert len(vendors.elevenlabs.ledger) == 1
