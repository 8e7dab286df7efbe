"""Stability's double speaks its wire: `providers.md` section 11."""

from __future__ import annotations

import base64
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

PATH = "/v2beta/audio/stable-audio-2/text-to-audio"


def ask(vendors: Vendors, client: httpx.Client, fields: dict[str, Any], accept: str = "audio/*") -> httpx.Response:
    headers = {"Authorization": f"Bearer {vendors.environ['STABILITY_API_KEY']}", "Accept": accept}
    form = {name: (None, str(value)) for name, value in fields.items()}
    return client.post(vendors.environ["VIDBUILD_STABILITY_URL"] + PATH, files=form, headers=headers)


def test_accept_decides_between_bytes_and_json(vendors: Vendors, client: httpx.Client) -> None:
    fields = {
        "prompt": "warm guitar — 90 bpm",
        "duration": 3,
        "seed": 9,
        "model": "stable-audio-2",
        "output_format": "wav",
    }
    plain = ask(vendors, client, fields)
    assert (plain.headers["content-type"], plain.headers["seed"]) == ("audio/wav", "9")
    wrapped = ask(vendors, client, fields, "application/json").json()
    assert base64.b64decode(wrapped["audio"]) == plain.content
    assert [row.asked["prompt"] for row in vendors.stability.ledger] == ["warm guitar — 90 bpm"] * 2
    assert round(vendors.stability.ledger.usd, 2) == 0.40


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"prompt": "x", "duration": 191},
        {"prompt": "x", "duration": "long"},
        {"prompt": "x", "steps": 8},
        {"prompt": "x", "steps": 50, "model": "stable-audio-2.5"},
        {"prompt": "x", "negative_prompt": "y"},
        {"prompt": "x", "output_format": "flac"},
    ],
)
def test_what_it_does_not_take_is_400_with_errors(
    vendors: Vendors, client: httpx.Client, fields: dict[str, Any]
) -> None:
    answer = ask(vendors, client, fields)
    assert (answer.status_code, set(answer.json())) == (400, {"id", "name", "errors"})
    assert len(vendors.stability.ledger) == 0


def test_json_is_no_form(vendors: Vendors, client: httpx.Client) -> None:
    headers = {"Authorization": f"Bearer {vendors.stability.key}", "Accept": "audio/*"}
    assert client.post(vendors.stability.url + PATH, json={"prompt": "x"}, headers=headers).status_code == 400


def test_its_refusal_is_403_content_moderation(vendors: Vendors, client: httpx.Client) -> None:
    vendors.stability.fault("submit", "refused")
    answer = ask(vendors, client, {"prompt": "x"})
    assert (answer.status_code, answer.json()["name"]) == (403, "content_moderation")


def test_a_result_that_moderation_took_says_so_beside_a_200(vendors: Vendors, client: httpx.Client) -> None:
    vendors.stability.fault("submit", "refused_at_end")
    answer = ask(vendors, client, {"prompt": "x", "duration": 2})
    assert (answer.status_code, answer.headers["finish-reason"]) == (200, "CONTENT_FILTERED")
    assert len(vendors.stability.ledger) == 1
