"""Requests to Luma and Ark equal those of their makers' own packages: `make sdk`."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import OTHER, PNG, job, wire

from vidbuild.wire.forms import data_uri
from vidbuild.wire.values import Media

__all__ = ["recorder"]
FIRST, LAST = data_uri(PNG), data_uri(OTHER)
PROMPT = {"type": "text", "text": "a boat at night"}
ARK: Mapping[str, tuple[str, Mapping[str, Any], list[Mapping[str, Any]], Mapping[str, Any]]] = {
    "from text": (
        "seedance-2",
        {"options": {"resolution": "1080p"}, "silent": True},
        [PROMPT],
        {"resolution": "1080p", "generate_audio": False},
    ),
    "between two pictures": (
        "seedance-2",
        {"pictures": {"init": PNG, "end": OTHER}, "aspect": "9:16"},
        [
            PROMPT,
            {"type": "image_url", "image_url": {"url": FIRST}, "role": "first_frame"},
            {"type": "image_url", "image_url": {"url": LAST}, "role": "last_frame"},
        ],
        {"resolution": "720p", "generate_audio": True, "ratio": "9:16"},
    ),
    "with references": (
        "seedance-2.5",
        {"pictures": {"reference0": PNG, "reference1": OTHER}},
        [
            PROMPT,
            {"type": "image_url", "image_url": {"url": FIRST}, "role": "reference_image"},
            {"type": "image_url", "image_url": {"url": LAST}, "role": "reference_image"},
        ],
        {"resolution": "720p", "generate_audio": True},
    ),
}
IDS = {"seedance-2": "dreamina-seedance-2-0-260128", "seedance-2.5": "dreamina-seedance-2-5-260628"}


@pytest.mark.parametrize("call", ARK)
def test_ark_is_sent_what_its_sdk_sends(call: str, recorder: Recorder) -> None:
    """Text, frames, references; what the SDK writes as null is left out."""
    model, said, content, arguments = ARK[call]
    client = needs("byteplus-python-sdk-v2").Ark(base_url=f"{recorder.base}/api/v3", api_key="the-key")
    recorder.told = {"id": "cgt-1"}
    create = client.content_generation.tasks.create
    create(model=IDS[model], content=content, **{"ratio": "16:9", "duration": 5, "watermark": False, **arguments})
    assert ours(wire(model, "ark").submit(job(model, **said)), "ark") == recorder.seen[0]


def test_ark_is_polled_and_cancelled_as_its_sdk_does(recorder: Recorder) -> None:
    """One path for all tasks."""
    client = needs("byteplus-python-sdk-v2").Ark(base_url=f"{recorder.base}/api/v3", api_key="the-key")
    recorder.told = {"id": "cgt-1", "status": "running"}
    client.content_generation.tasks.get(task_id="cgt-1")
    client.content_generation.tasks.delete(task_id="cgt-1")
    here, handle = wire("seedance-2", "ark"), {"id": "cgt-1", "operation": "from_text"}
    assert [ours(here.poll(handle), "ark"), ours(here.cancel(handle), "ark")] == recorder.seen


def inline(picture: Media) -> Mapping[str, str]:
    """Write a picture as Luma takes it."""
    return {"data": base64.b64encode(picture.data).decode(), "media_type": picture.media_type}


LUMA: Mapping[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "from text": ({"options": {"resolution": "1080p"}}, {"resolution": "1080p", "duration": "5s"}),
    "from a picture": (
        {"pictures": {"init": PNG}, "seconds": Fraction(10)},
        {"resolution": "720p", "duration": "10s", "keyframes": [inline(PNG)], "keyframe_indexes": [0]},
    ),
    "between two pictures": (
        {"pictures": {"init": PNG, "end": OTHER}},
        {
            "resolution": "720p",
            "duration": "5s",
            "keyframes": [inline(PNG), inline(OTHER)],
            "keyframe_indexes": [0, 120],
        },
    ),
}


@pytest.mark.parametrize("call", LUMA)
def test_luma_is_sent_and_polled_as_its_sdk_does(call: str, recorder: Recorder) -> None:
    """Frames at their places, inline."""
    said, video = LUMA[call]
    client = needs("luma-agents").Luma(auth_token="the-key", base_url=f"{recorder.base}/v1")
    recorder.told = {"id": "g1", "state": "queued"}
    client.generations.create(
        prompt="a boat at night", model="ray-3.2", type="video", aspect_ratio="16:9", video=dict(video)
    )
    client.generations.get("g1")
    here = wire("ray-3.2", "luma")
    sent = [here.submit(job("ray-3.2", **said)), here.poll({"id": "g1"})]
    assert [ours(request, "luma") for request in sent] == recorder.seen


def test_dream_machine_is_sent_and_polled_as_its_sdk_does(recorder: Recorder) -> None:
    """From text; its SDK takes pictures as addresses alone."""
    client = needs("lumaai").LumaAI(auth_token="the-key", base_url=f"{recorder.base}/dream-machine/v1")
    recorder.told = {"id": "g1", "state": "queued"}
    client.generations.create(
        model="ray-2", prompt="a boat at night", aspect_ratio="16:9", resolution="540p", duration="5s", loop=True
    )
    client.generations.get("g1")
    here = wire("ray-2", "dream-machine")
    options = {"resolution": "540p", "loop": True}
    sent = [here.submit(job("ray-2", options=options)), here.poll({"id": "g1"})]
    assert [ours(request, "dream-machine") for request in sent] == recorder.seen
