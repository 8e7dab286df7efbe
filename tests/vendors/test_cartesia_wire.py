"""Cartesia's double speaks its wire: `providers.md` section 10."""

from __future__ import annotations

import base64
import json
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

BODY: dict[str, Any] = {
    "model_id": "sonic-3.5",
    "transcript": "Come in, the first one is on us.",
    "voice": {"id": "a0e99841"},
    "output_format": {"container": "raw", "encoding": "pcm_s16le", "sample_rate": 44100},
    "add_timestamps": True,
}


def ask(vendors: Vendors, client: httpx.Client, body: Any = None, **headers: str) -> httpx.Response:
    usual = {"Authorization": f"Bearer {vendors.cartesia.key}", "Cartesia-Version": "2026-08-14"}
    return client.post(vendors.cartesia.url + "/tts/sse", json=body or BODY, headers={**usual, **headers})


def events(answer: httpx.Response) -> list[dict[str, Any]]:
    assert answer.headers["content-type"] == "text/event-stream"
    blocks = [block.split("\n") for block in answer.text.strip().split("\n\n")]
    found = [(name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks]
    assert all(name == data["type"] for name, data in found)
    return [data for _, data in found]


def test_samples_and_words_come_as_events_and_then_that_it_is_done(vendors: Vendors, client: httpx.Client) -> None:
    told = events(ask(vendors, client))
    samples = b"".join(base64.b64decode(event["data"]) for event in told if event["type"] == "chunk")
    assert len(samples) / 2 / 44100 == pytest.approx(len(BODY["transcript"]) * 0.06, abs=0.02)
    words = [word for event in told if event["type"] == "timestamps" for word in event["word_timestamps"]["words"]]
    assert words == BODY["transcript"].split()
    assert told[-1] == {"type": "done", "done": True, "status_code": 200}


def test_without_being_asked_it_tells_no_times(vendors: Vendors, client: httpx.Client) -> None:
    told = events(ask(vendors, client, {**BODY, "add_timestamps": False}))
    assert {event["type"] for event in told} == {"chunk", "done"}


@pytest.mark.parametrize("is_in_band", [True, False])
def test_a_job_that_fails_says_so_in_an_event_or_not_at_all(
    vendors: Vendors, client: httpx.Client, is_in_band: bool
) -> None:
    vendors.cartesia.in_band = is_in_band
    vendors.cartesia.fault("submit", "refused_at_end")
    answer = ask(vendors, client)
    assert (answer.status_code, len(vendors.cartesia.ledger)) == (200 if is_in_band else 400, 1)
    if is_in_band:
        (event,) = events(answer)
        assert (event["type"], event["error_code"]) == ("error", "content_moderated")


@pytest.mark.parametrize(
    "change",
    [
        {"output_format": {"container": "wav", "encoding": "pcm_s16le", "sample_rate": 44100}},
        {"generation_config": {"speed": 3}},
        {"transcript": ""},
        {"seed": 7},
    ],
)
def test_what_it_does_not_take_is_400(vendors: Vendors, client: httpx.Client, change: dict[str, Any]) -> None:
    assert ask(vendors, client, {**BODY, **change}).status_code == 400
    assert len(vendors.cartesia.ledger) == 0


def test_key_and_version_are_checked(vendors: Vendors, client: httpx.Client) -> None:
    assert ask(vendors, client, Authorization="Bearer x").status_code == 401
    assert ask(vendors, client, **{"Cartesia-Version": "2024-01-01"}).status_code == 400
