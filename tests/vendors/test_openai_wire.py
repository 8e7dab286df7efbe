"""OpenAI's double, the gateway's in its shape, and Anthropic's speak their wires: `providers.md` sections 1 and 18."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import httpx
import pytest
from PIL import Image

from vidbuild.testing.vendors import Vendors

SCHEMA = {"type": "object", "properties": {"answers": {"type": "array"}}}


@pytest.fixture
def ask(vendors: Vendors, client: httpx.Client) -> Any:
    """Post to one of the three, with its key."""

    def post(name: str, path: str, key: str | None = None, **said: Any) -> httpx.Response:
        vendor = vendors.called(name)
        headers = {"Authorization": f"Bearer {key or vendor.key}", "anthropic-version": "2026-10-21"}  # type: ignore[attr-defined]
        return client.post(vendor.url + path, headers=headers, **said)

    return post


def form(**fields: str) -> dict[str, Any]:
    return {name: (None, value) for name, value in fields.items()}


def test_pictures_come_as_base64_with_their_tokens(vendors: Vendors, ask: Any) -> None:
    body = {"model": "gpt-image-2", "prompt": "a cup", "size": "1280x720", "quality": "low", "output_format": "png"}
    told = ask("openai", "/images/generations", json=body).json()
    assert base64.b64decode(told["data"][0]["b64_json"])[:4] == b"\x89PNG"
    usage = told["usage"]
    usd = (usage["input_tokens_details"]["text_tokens"] * 5 + usage["output_tokens"] * 30) / 1e6
    assert vendors.openai.ledger.usd == pytest.approx(usd)


@pytest.mark.parametrize(
    "change", [{"size": "1000x1000"}, {"size": "4096x1024"}, {"seed": 7}, {"quality": "best"}, {"prompt": ""}]
)
def test_what_pictures_can_not_be_is_400(vendors: Vendors, ask: Any, change: dict[str, Any]) -> None:
    answer = ask("openai", "/images/generations", json={"model": "gpt-image-2", "prompt": "a cup", **change})
    assert (answer.status_code, "error" in answer.json(), len(vendors.openai.ledger)) == (400, True, 0)


def test_edits_are_a_form_with_pictures(vendors: Vendors, ask: Any, picture: bytes) -> None:
    fields = [("model", (None, "gpt-image-2")), ("prompt", (None, "the same cup")), ("size", (None, "1088x1088"))]
    files = [("image[]", ("a.png", picture, "image/png"))] * 2
    assert ask("openai", "/images/edits", files=[*fields, *files]).status_code == 200
    (row,) = vendors.openai.ledger
    assert row.asked["pictures"] == 2
    assert ask("openai", "/images/edits", files=fields).status_code == 400
    broken = [("image[]", ("a.png", b"no picture", "image/png"))]
    assert ask("openai", "/images/edits", files=[*fields, *broken]).status_code == 400
    assert ask("openai", "/images/edits", json={"prompt": "x"}).status_code == 400


def test_speech_is_bytes_and_no_more(ask: Any) -> None:
    body = {"model": "gpt-4o-mini-tts", "input": "Hello there", "voice": "coral", "response_format": "wav"}
    answer = ask("openai", "/audio/speech", json=body)
    assert (answer.headers["content-type"], answer.content[:4]) == ("audio/wav", b"RIFF")
    assert ask("openai", "/audio/speech", json={**body, "voice": "rachel"}).status_code == 400
    assert ask("openai", "/audio/speech", json={**body, "voice": {"id": "voice_1"}}).status_code == 200


def test_decisions_have_one_answer_for_each_question(vendors: Vendors, ask: Any, picture_uri: str) -> None:
    content = [{"type": "input_text", "text": "frames"}, {"type": "input_image", "image_url": picture_uri}]
    questions = [{"type": "predicate", "instructions": text} for text in ("is it red", "is it still")]
    body = {"model": "gpt-6-luna", "input": [{"role": "user", "content": content}], "questions": questions}
    vendors.openai.answers = [0.25, None]
    told = ask("openai", "/decisions", json=body).json()
    assert [one["type"] for one in told["answers"]] == ["predicate", "refusal"]
    assert told["answers"][0]["probability"] == 0.25
    assert ask("openai", "/decisions", json={**body, "questions": []}).status_code == 400


@pytest.mark.parametrize("name", ["openai", "openai-gateway", "anthropic"])
def test_keys_are_checked(ask: Any, name: str) -> None:
    paths = {"openai": "/decisions", "openai-gateway": "/videos", "anthropic": "/v1/messages"}
    assert ask(name, paths[name], key="other", json={}).status_code == 401


def test_a_video_is_made_told_of_and_fetched_with_the_key(
    vendors: Vendors, ask: Any, client: httpx.Client, until: Any
) -> None:
    first, vendors.gateway.latency_s = io.BytesIO(), 0.4
    Image.new("RGB", (1280, 720), "navy").save(first, "PNG")
    fields = form(model="sora-2", prompt="waves", seconds="4", size="1280x720")
    made = ask(
        "openai-gateway", "/videos", files={**fields, "input_reference": ("f.png", first.getvalue(), "image/png")}
    )
    base, auth = (
        vendors.gateway.url + "/videos/" + made.json()["id"],
        {"Authorization": f"Bearer {vendors.gateway.key}"},
    )
    assert client.get(f"{base}/content", headers=auth).status_code == 404
    until(lambda: client.get(base, headers=auth).json()["status"] == "completed")
    assert client.get(f"{base}/content").status_code == 401
    assert client.get(f"{base}/content?variant=video", headers=auth).content[4:8] == b"ftyp"
    assert vendors.leaks == []


@pytest.mark.parametrize("change", [{"seconds": "5"}, {"size": "1792x1024"}, {"seed": "1"}, {"prompt": ""}])
def test_what_videos_can_not_be_is_400(ask: Any, change: dict[str, str]) -> None:
    fields = {"model": "sora-2", "prompt": "waves", "seconds": "4", "size": "1280x720", **change}
    assert ask("openai-gateway", "/videos", files=form(**fields)).status_code == 400


def test_a_first_picture_of_another_size_is_refused(ask: Any, picture: bytes) -> None:
    fields = form(model="sora-2", prompt="waves", size="1280x720")
    files = {**fields, "input_reference": ("f.png", picture, "image/png")}
    assert "match the requested" in ask("openai-gateway", "/videos", files=files).json()["error"]["message"]


@pytest.mark.parametrize(
    ("fault", "code"), [("fails", "video_generation_failed"), ("refused_at_end", "moderation_blocked")]
)
def test_how_videos_end_badly(
    vendors: Vendors, ask: Any, client: httpx.Client, until: Any, fault: str, code: str
) -> None:
    vendors.gateway.fault("submit", fault)
    made = ask("openai-gateway", "/videos", files=form(model="sora-2", prompt="waves")).json()
    base, auth = vendors.gateway.url + "/videos/" + made["id"], {"Authorization": f"Bearer {vendors.gateway.key}"}
    until(lambda: client.get(base, headers=auth).json()["status"] == "failed")
    assert client.get(base, headers=auth).json()["error"]["code"] == code


def test_chat_answers_in_the_form_or_declines(vendors: Vendors, ask: Any, picture_uri: str) -> None:
    content = [{"type": "image_url", "image_url": {"url": picture_uri}}, {"type": "text", "text": "1. Is it red?"}]
    form = {"type": "json_schema", "json_schema": {"name": "verdict", "strict": True, "schema": SCHEMA}}
    body = {"model": "any", "messages": [{"role": "user", "content": content}], "response_format": form}
    message = ask("openai-gateway", "/chat/completions", json=body).json()["choices"][0]["message"]
    assert json.loads(message["content"]) == {"answers": [0.9]}
    vendors.gateway.refusal = "I can't help with that"
    message = ask("openai-gateway", "/chat/completions", json=body).json()["choices"][0]["message"]
    assert (message["content"], message["refusal"]) == (None, "I can't help with that")
    assert ask("openai-gateway", "/chat/completions", json={**body, "response_format": {}}).status_code == 400


def test_messages_with_pictures_are_answered_or_declined(vendors: Vendors, ask: Any, picture: bytes) -> None:
    source = {"type": "base64", "media_type": "image/png", "data": base64.b64encode(picture).decode()}
    content = [{"type": "image", "source": source}, {"type": "text", "text": "1. Is it red?\n2. Is it still?"}]
    body = {"model": "claude-sonnet-5-5", "max_tokens": 100, "messages": [{"role": "user", "content": content}]}
    told = ask("anthropic", "/v1/messages", json=body).json()
    assert json.loads(told["content"][-1]["text"]) == {"answers": [0.9, 0.9]}
    vendors.anthropic.declines = True
    assert ask("anthropic", "/v1/messages", json=body).json()["stop_reason"] == "refusal"
    assert ask("anthropic", "/v1/messages", json={**body, "temperature": 0}).status_code == 400
    assert ask("anthropic", "/v1/messages", json={**body, "model": "claude-2"}).status_code == 404
    wrong = {**source, "media_type": "image/jpeg"}
    content[0]["source"] = wrong
    assert ask("anthropic", "/v1/messages", json=body).status_code == 400
