"""Each request to Google equals what google-genai 3.4.0 sends for the same call: `make sdk`."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import OTHER, PNG, PROJECT, job, wire

from vidbuild.testing.vendors.vertex import account_of
from vidbuild.wire import oauth, rsa
from vidbuild.wire.values import Media

__all__ = ["recorder"]
SCOPE = "https://www.googleapis.com/auth/cloud-platform"


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


def test_veo_on_vertex_is_sent_what_the_sdk_sends(recorder: Recorder) -> None:
    """A film between two pictures, and the question of how it is, which is a POST."""
    needs("google-genai")
    from google.auth.credentials import Credentials
    from google.genai import types

    class Held(Credentials):  # type: ignore[misc]
        """A token that holds."""

        def refresh(self, request: Any) -> None:
            """Take it."""
            self.token = "the-key"

    client = gemini_of(recorder, vertexai=True, project=PROJECT, location="us-central1", credentials=Held())
    name = f"projects/{PROJECT}/locations/us-central1/publishers/google/models/veo-3.1-generate-001/operations/o1"
    recorder.told = {"name": name}

    def picture(media: Media) -> Any:
        return types.Image(image_bytes=media.data, mime_type=media.media_type)

    client.models.generate_videos(
        model="veo-3.1-generate-001",
        prompt="a boat at night",
        image=picture(PNG),
        config=types.GenerateVideosConfig(
            number_of_videos=1,
            duration_seconds=6,
            seed=7,
            aspect_ratio="16:9",
            resolution="1080p",
            negative_prompt="text, logos",
            generate_audio=False,
            last_frame=picture(OTHER),
        ),
    )
    client.operations.get(types.GenerateVideosOperation(name=name))
    here = wire("veo-3.1", "vertex")
    pictures = {"init": PNG, "end": OTHER}
    sent = here.submit(job("veo-3.1", pictures=pictures, options={"resolution": "1080p"}, silent=True))
    asked = here.poll({"id": name, "operation": "video"})
    assert [ours(request, "vertex") for request in (sent, asked)] == recorder.seen


@pytest.mark.parametrize("kind", ["service_account", "authorized_user"])
def test_tokens_are_asked_for_as_google_auth_asks(kind: str) -> None:
    """The same fields; the signed word says the same, and its signature is the same."""
    needs("google-genai")
    from google.oauth2 import credentials, service_account

    account = account_of("https://127.0.0.1:9/token")
    user = {"type": "authorized_user", "client_id": "i", "client_secret": "s", "refresh_token": "r"}
    seen: list[dict[str, str]] = []

    class Answer:
        """What google-auth reads of an answer."""

        status, data = 200, b'{"access_token": "t", "expires_in": 3600}'

    def asked(url: str, method: str, headers: Mapping[str, str], body: bytes, **more: Any) -> Answer:
        assert (method, headers["Content-Type"]) == ("POST", "application/x-www-form-urlencoded")
        seen.append({**dict(parse_qsl(body.decode())), "url": url})
        return Answer()

    if kind == "service_account":
        theirs = service_account.Credentials.from_service_account_info(account, scopes=[SCOPE])
        request = oauth.request(oauth.account_of(json.dumps(account)), SCOPE, 1_800_000_000)
    else:
        theirs = credentials.Credentials.from_authorized_user_info(user)
        request = oauth.request(oauth.account_of(json.dumps(user)), SCOPE, 1_800_000_000)
    theirs.refresh(asked)
    sent = {**dict(parse_qsl(request.body.decode())), "url": request.url}
    if kind == "service_account":
        head, claims, _ = (_read(part) for part in sent.pop("assertion").split("."))
        their_head, their_claims, _ = (_read(part) for part in seen[0].pop("assertion").split("."))
        assert head == their_head
        assert [each["exp"] - each["iat"] for each in (claims, their_claims)] == [3600, 3600]
        for name in ("iss", "aud", "scope"):
            assert claims[name] == their_claims[name]
        assert rsa.signed(b"a boat", account["private_key"]) == theirs.signer.sign(b"a boat")
    assert sent == seen[0]


def _read(part: str) -> Any:
    data = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
    return json.loads(data) if data.startswith(b"{") else data


def test_gemini_speaks_and_plays_as_its_sdk_asks(recorder: Recorder) -> None:
    """A line with a style in a language, and a piece of music."""
    client = gemini_of(recorder)
    said = {**words("a boat at night"), "annotations": [{"type": "speech_metadata", "style": "calm"}]}
    client.interactions.create(
        model="gemini-3.8-flash-tts",
        input=[{"type": "user_input", "content": [said]}],
        response_format={"type": "audio", "mime_type": "audio/wav"},
        generation_config={"speech_config": [{"voice": "Kore", "language": "de"}]},
    )
    client.interactions.create(
        model="lyria-3.5",
        input="a boat at night The piece is 60 seconds long. Instrumental only, no vocals.",
        response_format={"type": "audio", "mime_type": "audio/mp3"},
    )
    spoken = job("gemini-tts", voice="Kore", language="de", options={"style": "calm"})
    sent = [wire("gemini-tts").submit(spoken), wire("lyria").submit(job("lyria", seconds=Fraction(60)))]
    assert [ours(request, "gemini") for request in sent] == recorder.seen
