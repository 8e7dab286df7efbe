"""Each request equals what the vendor's official SDK sends for the same call: `make sdk`.

The SDKs (runwayml 5.24.0, elevenlabs 2.78.0, fal-client 1.0.3) talk to a recorder on loopback; where one isn't
installed its tests are skipped. Stability and Kling have no SDK for this.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import OTHER, PNG, job, wire

from vidbuild.wire.forms import data_uri
from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Request

__all__ = ["recorder"]
FIRST, LAST = data_uri(PNG), data_uri(OTHER)


Call = Callable[[Any], Any]
RUNWAY: Mapping[str, tuple[str, Mapping[str, Any], str, Mapping[str, Any]]] = {
    "gen-4.5 from text": (
        "gen-4.5",
        {},
        "text_to_video",
        {"model": "gen4.5", "ratio": "1280:720", "duration": 5, "seed": 7},
    ),
    "gen-4.5 from a picture": (
        "gen-4.5",
        {"pictures": {"init": PNG}},
        "image_to_video",
        {
            "model": "gen4.5",
            "prompt_image": [{"uri": FIRST, "position": "first"}],
            "ratio": "1280:720",
            "duration": 5,
            "seed": 7,
        },
    ),
    "gen-4": (
        "gen-4",
        {"pictures": {"init": PNG}, "aspect": "9:16"},
        "image_to_video",
        {
            "model": "gen4_turbo",
            "prompt_image": [{"uri": FIRST, "position": "first"}],
            "ratio": "720:1280",
            "duration": 5,
            "seed": 7,
        },
    ),
    "veo-3.1 between two pictures": (
        "veo-3.1",
        {"pictures": {"init": PNG, "end": OTHER}, "options": {"resolution": "1080p"}, "silent": True},
        "image_to_video",
        {
            "model": "veo3.1",
            "prompt_image": [{"uri": FIRST, "position": "first"}, {"uri": LAST, "position": "last"}],
            "ratio": "1920:1080",
            "duration": 6,
            "seed": 7,
            "audio": False,
            "negative_prompt": "text, logos",
        },
    ),
    "veo-3.1-fast": (
        "veo-3.1-fast",
        {},
        "text_to_video",
        {
            "model": "veo3.1_fast",
            "ratio": "1280:720",
            "duration": 6,
            "seed": 7,
            "audio": True,
            "negative_prompt": "text, logos",
        },
    ),
    "seedance-2 with references": (
        "seedance-2",
        {"pictures": {"reference0": PNG, "reference1": OTHER}},
        "text_to_video",
        {
            "model": "seedance2",
            "ratio": "1280:720",
            "duration": 5,
            "seed": 7,
            "audio": True,
            "references": [{"uri": FIRST}, {"uri": LAST}],
        },
    ),
    "hailuo-3": (
        "hailuo-3",
        {"options": {"resolution": "2k"}},
        "text_to_video",
        {"model": "hailuo3", "ratio": "16:9", "duration": 5, "resolution": "2k"},
    ),
    "gemini-omni": (
        "gemini-omni",
        {"pictures": {"init": PNG}},
        "image_to_video",
        {
            "model": "gemini_omni_flash_1.1",
            "prompt_image": [{"uri": FIRST, "position": "first"}],
            "ratio": "1280:720",
            "duration": 5,
        },
    ),
    "gen-4-image with tags": (
        "gen-4-image",
        {"pictures": {"reference0": PNG, "reference1": OTHER}},
        "text_to_image",
        {
            "model": "gen4_image",
            "ratio": "1920:1080",
            "seed": 7,
            "reference_images": [{"uri": FIRST, "tag": "ref1"}, {"uri": LAST, "tag": "ref2"}],
        },
    ),
}


@pytest.mark.parametrize("call", RUNWAY)
def test_runway_is_sent_what_its_sdk_sends(call: str, recorder: Recorder) -> None:
    """Each operation, with and without pictures."""
    model, said, resource, arguments = RUNWAY[call]
    client = needs("runwayml").RunwayML(api_key="the-key", base_url=recorder.base)
    getattr(client, resource).create(prompt_text="a boat at night", **arguments)
    assert ours(wire(model, "runway").submit(job(model, **said)), "runway") == recorder.seen[0]


def test_runway_is_polled_and_cancelled_as_its_sdk_does(recorder: Recorder) -> None:
    """One path for all operations."""
    client = needs("runwayml").RunwayML(api_key="the-key", base_url=recorder.base)
    client.tasks.retrieve("t1")
    client.tasks.delete("t1")
    here = wire("gen-4.5")
    handle = {"id": "t1", "operation": "image_to_video"}
    assert [ours(here.poll(handle), "runway"), ours(here.cancel(handle), "runway")] == recorder.seen


ELEVENLABS: Mapping[str, tuple[Wire, Mapping[str, Any], str, Call]] = {
    "speech": (
        wire("elevenlabs"),
        {"voice": "own-voice", "options": {"stability": Fraction(1, 2), "apply_text_normalization": "off"}},
        "elevenlabs",
        lambda client: client.text_to_speech.convert_with_timestamps(
            "own-voice",
            text="a boat at night",
            model_id="eleven_multilingual_v2",
            output_format="mp3_44100_128",
            seed=7,
            voice_settings={"stability": 0.5},
            apply_text_normalization="off",
        ),
    ),
    "speech in a language": (
        wire("elevenlabs-v3"),
        {"voice": "own-voice", "language": "de"},
        "elevenlabs-v3",
        lambda client: client.text_to_speech.convert_with_timestamps(
            "own-voice",
            text="a boat at night",
            model_id="eleven_v3",
            output_format="mp3_44100_128",
            language_code="de",
            seed=7,
        ),
    ),
    "music": (
        wire("elevenlabs-music"),
        {"seconds": Fraction(30)},
        "elevenlabs-music",
        lambda client: list(
            client.music.compose(
                prompt="a boat at night",
                music_length_ms=30000,
                model_id="music_v2",
                force_instrumental=True,
                output_format="mp3_44100_128",
            )
        ),
    ),
    "effect": (
        wire("elevenlabs-sfx"),
        {"seconds": Fraction(5, 2), "options": {"prompt_influence": Fraction(2, 5), "loop": True}},
        "elevenlabs-sfx",
        lambda client: list(
            client.text_to_sound_effects.convert(
                text="a boat at night",
                duration_seconds=2.5,
                prompt_influence=0.4,
                loop=True,
                model_id="eleven_text_to_sound_v2",
                output_format="mp3_44100_128",
            )
        ),
    ),
}


@pytest.mark.parametrize("call", ELEVENLABS)
def test_elevenlabs_is_sent_what_its_sdk_sends(call: str, recorder: Recorder) -> None:
    """Speech with times, music, effects."""
    here, said, model, use = ELEVENLABS[call]
    needs("elevenlabs")
    from elevenlabs.client import ElevenLabs

    use(ElevenLabs(api_key="the-key", base_url=recorder.base))
    assert ours(here.submit(job(model, **said)), "elevenlabs") == recorder.seen[0]


@pytest.mark.parametrize(
    ("model", "said", "app", "arguments"),
    [
        (
            "veo-3.1-fast",
            {"pictures": {"init": PNG}},
            "fal-ai/veo3.1/fast/image-to-video",
            {
                "prompt": "a boat at night",
                "image_url": FIRST,
                "aspect_ratio": "16:9",
                "duration": "6s",
                "negative_prompt": "text, logos",
                "generate_audio": True,
                "seed": 7,
            },
        ),
        (
            "flux-2-pro",
            {"options": {"resolution": "720p"}},
            "fal-ai/flux-2-pro",
            {
                "prompt": "a boat at night",
                "image_size": {"width": 1280, "height": 720},
                "seed": 7,
                "output_format": "png",
            },
        ),
    ],
)
def test_fal_is_sent_what_its_sdk_sends(
    model: str, said: Mapping[str, Any], app: str, arguments: Any, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Submit, status, cancel; the SDK's addresses are patched, since it takes none."""
    sdk = needs("fal-client")
    monkeypatch.setattr("fal_client.client.QUEUE_URL_FORMAT", f"{recorder.base}/")
    handle = sdk.SyncClient(key="the-key").submit(app, arguments)
    handle.status()
    handle.cancel()
    here = wire(model, "fal")
    job_handle = {
        "id": "r1",
        "status_url": "/fal-ai/veo3.1/requests/r1/status",
        "cancel_url": "/fal-ai/veo3.1/requests/r1/cancel",
    }
    sent = [here.submit(job(model, **said)), here.poll(job_handle), here.cancel(job_handle)]
    assert [ours(request, "fal") for request in sent] == recorder.seen


def test_fal_takes_its_result_where_its_sdk_does(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address of the answer, without the rest of the model's path; so does an id alone."""
    sdk = needs("fal-client")
    monkeypatch.setattr("fal_client.client.QUEUE_URL_FORMAT", f"{recorder.base}/")
    client = sdk.SyncClient(key="the-key")
    handle = client.get_handle("fal-ai/veo3.1/fast/image-to-video", "r1")
    client.status("fal-ai/veo3.1/fast/image-to-video", "r1")
    here = wire("veo-3.1-fast", "fal", base=recorder.base)
    hop = here.polled(_completed(), {"id": "r1"})
    assert isinstance(hop, Request)
    assert hop.url == handle.response_url
    assert ours(here.poll({"id": "r1"}), "fal") == recorder.seen[0]


def _completed() -> Any:
    from wire_of import answer

    return answer({"status": "COMPLETED"})
