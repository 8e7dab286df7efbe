"""Each request to Google equals what google-genai 3.4.0 sends for the same call: `make sdk`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import OTHER, PNG, job, wire

from vidbuild.wire.values import Media

__all__ = ["recorder"]


def gemini_of(recorder: Recorder, **more: Any) -> Any:
    """Make Google's client, which talks to the recorder."""
    needs("google-genai")
    from google import genai

    return genai.Client(http_options={"base_url": recorder.base}, **(more or {"api_key": "the-key"}))


def block(picture: Media) -> Mapping[str, Any]:
    """Write a picture as Google's interactions have it."""
    return {"type": "image", "data": base64.b64encode(picture.data).decode(), "mime_type": picture.media_type}


def film(task: str, *content: Mapping[str, Any], **form: Any) -> Mapping[str, Any]:
    """Write what the client is asked for, for a film."""
    return {
        "background": True,
        "store": True,
        "input": [{"type": "user_input", "content": list(content)}],
        "response_format": {"type": "video", "aspect_ratio": "16:9", "duration": "5s", "delivery": "uri", **form},
        "generation_config": {"video_config": {"task": task}},
    }


def words(said: str) -> Mapping[str, Any]:
    """Write a text as Google's interactions have it."""
    return {"type": "text", "text": said}


INTERACTIONS: Mapping[str, tuple[str, Mapping[str, Any], Mapping[str, Any]]] = {
    "from text": (
        "gemini-omni",
        {"options": {"resolution": "1080p"}},
        {
            "model": "gemini-omni-1.1-flash",
            **film("text_to_video", words("a boat at night"), resolution="1080p"),
        },
    ),
    "from a picture": (
        "gemini-omni-1.2",
        {"pictures": {"init": PNG}},
        {
            "model": "gemini-omni-1.2-flash",
            **film("image_to_video", block(PNG), words("<FIRST_FRAME> a boat at night")),
        },
    ),
    "between two pictures": (
        "gemini-omni-1.2",
        {"pictures": {"init": PNG, "end": OTHER}},
        {
            "model": "gemini-omni-1.2-flash",
            **film("image_to_video", block(PNG), block(OTHER), words("<FIRST_FRAME> <LAST_FRAME> a boat at night")),
        },
    ),
}


@pytest.mark.parametrize("call", INTERACTIONS)
def test_gemini_is_sent_what_its_sdk_sends(call: str, recorder: Recorder) -> None:
    """Films by interactions, with and without pictures."""
    model, said, arguments = INTERACTIONS[call]
    client = gemini_of(recorder)
    client.interactions.create(**arguments)
    assert ours(wire(model, "gemini").submit(job(model, **said)), "gemini") == recorder.seen[0]


def test_gemini_is_polled_and_cancelled_as_its_sdk_does(recorder: Recorder) -> None:
    """By the interaction's id."""
    client = gemini_of(recorder)
    client.interactions.get("t1")
    client.interactions.cancel("t1")
    here, handle = wire("gemini-omni", "gemini"), {"id": "t1", "operation": "video"}
    assert [ours(here.poll(handle), "gemini"), ours(here.cancel(handle), "gemini")] == recorder.seen


def test_gemini_draws_and_judges_as_its_sdk_asks(recorder: Recorder) -> None:
    """Pictures and verdicts by `generateContent`."""
    client = gemini_of(recorder)
    from google.genai import types

    def picture(media: Media) -> Any:
        return types.Part(inline_data=types.Blob(data=media.data, mime_type=media.media_type))

    drawn = types.GenerateContentConfig(
        response_modalities=["IMAGE"], seed=7, image_config=types.ImageConfig(aspect_ratio="16:9", image_size="2K")
    )
    parts = [types.Part(text="a boat at night"), picture(PNG), picture(OTHER)]
    client.models.generate_content(
        model="gemini-3.1-flash-image", contents=[types.Content(role="user", parts=parts)], config=drawn
    )
    said = {"pictures": {"reference0": PNG, "reference1": OTHER}, "options": {"size": "2K"}}
    ask = wire("gemini-judge").submit(job("gemini-judge", pictures={"frame0": PNG}))
    asked = json.loads(ask.body)
    judged = types.GenerateContentConfig(
        system_instruction=asked["systemInstruction"]["parts"][0]["text"],
        response_mime_type="application/json",
        response_json_schema=asked["generationConfig"]["responseJsonSchema"],
        temperature=0,
    )
    parts = [picture(PNG), types.Part(text="1. a boat at night")]
    client.models.generate_content(
        model="gemini-3.8-flash", contents=[types.Content(role="user", parts=parts)], config=judged
    )
    sent = [wire("gemini-image").submit(job("gemini-image", **said)), ask]
    assert [ours(request, "gemini") for request in sent] == recorder.seen
