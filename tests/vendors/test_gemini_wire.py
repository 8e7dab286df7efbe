"""Gemini's double speaks Gemini's wire: `providers.md` sections 2a and 2c."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors


def film(*content: Any, **more: Any) -> dict[str, Any]:
    body = {
        "model": "gemini-omni-1.1-flash",
        "background": True,
        "store": True,
        "input": [
            {"type": "user_input", "content": [*content, {"type": "text", "text": more.pop("text", "a harbour")}]}
        ],
        "response_format": {"type": "video", "duration": "4s", "delivery": "uri", **more.pop("form", {})},
    }
    return {**body, **more}


def block(picture: bytes) -> dict[str, str]:
    return {"type": "image", "data": base64.b64encode(picture).decode(), "mime_type": "image/png"}


@pytest.fixture
def gemini(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"x-goog-api-key": vendors.environ["GEMINI_API_KEY"]}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_GEMINI_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def test_an_interaction_goes_from_queued_to_completed_and_its_file_wants_the_key(gemini: httpx.Client, until) -> None:
    made = gemini.post("/v1/interactions", json=film()).json()
    assert made["status"] in ("queued", "in_progress")
    path = f"/v1/interactions/{made['id']}"
    done = until(lambda: (found := gemini.get(path).json())["status"] == "completed" and found)
    assert [step["type"] for step in done["steps"]] == ["user_input", "model_output"]
    (video,) = done["steps"][-1]["content"]
    assert gemini.get(video["uri"]).content[4:8] == b"ftyp"
    assert httpx.get(video["uri"], trust_env=False).status_code == 400
    assert gemini.get(video["uri"].partition("?")[0]).status_code == 400


def test_pictures_are_what_the_prompt_says(vendors: Vendors, gemini: httpx.Client, picture: bytes) -> None:
    both = "<FIRST_FRAME> <LAST_FRAME> a harbour"
    made = gemini.post("/v1/interactions", json=film(block(picture), block(picture), text=both)).json()
    wants = vendors.gemini.jobs[made["id"]].wants
    assert (wants.init, wants.end) == (picture, picture)
    reference = gemini.post("/v1/interactions", json=film(block(picture))).json()
    assert vendors.gemini.jobs[reference["id"]].wants.init is None


@pytest.mark.parametrize(
    "body",
    [
        film(text="<LAST_FRAME> a harbour"),
        film(text="<FIRST_FRAME> a harbour"),
        film(text="[# References <IMAGE_REF_0>@Image1] a harbour"),
        film(form={"duration": 4}),
        film(form={"duration": "11s"}),
        film(form={"aspect_ratio": "1:1"}),
        film(form={"resolution": "480p"}),
        film(generation_config={"temperature": 1}),
        film(generation_config={"video_config": {"task": "image_to_video"}}),
        film(negative_prompt="text"),
        film({"type": "image", "data": "no base64", "mime_type": "image/png"}),
        film(input="" * 2),
    ],
)
def test_what_the_api_would_not_take_is_not_taken(vendors: Vendors, gemini: httpx.Client, body: Any) -> None:
    answer = gemini.post("/v1/interactions", json=body)
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert len(vendors.gemini.ledger) == 0


def test_a_filtered_film_is_completed_with_words_alone(vendors: Vendors, gemini: httpx.Client) -> None:
    vendors.gemini.fault("submit", "refused_at_end", polls=1)
    made = gemini.post("/v1/interactions", json=film()).json()
    done = gemini.get(f"/v1/interactions/{made['id']}").json()
    assert (done["status"], done["steps"][-1]["content"][0]["type"]) == ("completed", "text")


def test_an_unknown_interaction_is_no_name(gemini: httpx.Client) -> None:
    answer = gemini.get("/v1/interactions/none")
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, "Invalid interaction name.")
    made = gemini.post("/v1/interactions", json=film()).json()
    assert gemini.post(f"/v1/interactions/{made['id']}/cancel").json()["status"] == "cancelled"


def test_pictures_verdicts_speech_and_music_come_at_once(gemini: httpx.Client, picture: bytes) -> None:
    part = {"inlineData": {"mimeType": "image/png", "data": base64.b64encode(picture).decode()}}
    asked = {"contents": [{"role": "user", "parts": [{"text": "a harbour"}, part]}]}
    drawn = gemini.post("/v1/models/gemini-3.1-flash-image:generateContent", json=asked).json()
    inline = drawn["candidates"][0]["content"]["parts"][-1]["inlineData"]
    assert base64.b64decode(inline["data"]).startswith(b"\x89PNG")
    asked["contents"][0]["parts"][0]["text"] = "1. is it day?\n2. is it night?"  # type: ignore[index]
    judged = gemini.post("/v1/models/gemini-3.8-flash:generateContent", json=asked).json()
    assert json.loads(judged["candidates"][0]["content"]["parts"][0]["text"]) == {"answers": [0.9, 0.9]}
    for model, sign in (("gemini-3.8-flash-tts", b"RIFF"), ("lyria-3-clip-preview", b"ID3")):
        heard = gemini.post("/v1/interactions", json={"model": model, "input": "hello"}).json()
        assert base64.b64decode(heard["steps"][-1]["content"][-1]["data"]).startswith(sign)
    assert gemini.post("/v1/models/veo-9:generateContent", json=asked).status_code == 404
