"""Ark's double speaks Ark's wire: `providers.md` section 6."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

TASKS = "/contents/generations/tasks"
PROMPT = {"type": "text", "text": "a harbour"}
BODY = {"model": "dreamina-seedance-2-0-260128", "content": [PROMPT], "ratio": "16:9", "duration": 5}


@pytest.fixture
def ark(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {vendors.environ['ARK_API_KEY']}"}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_ARK_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def image(uri: str, role: str) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": uri}, "role": role}


def test_a_task_goes_from_queued_to_succeeded(vendors: Vendors, ark: httpx.Client, until) -> None:
    made = ark.post(TASKS, json={**BODY, "seed": None}).json()
    assert set(made) == {"id"}
    path = f"{TASKS}/{made['id']}"
    done = until(lambda: (found := ark.get(path).json())["status"] == "succeeded" and found)
    assert done["usage"]["completion_tokens"] == 5 * 1280 * 720 * 24 / 1024
    assert httpx.get(done["content"]["video_url"], trust_env=False).content[4:8] == b"ftyp"
    (bought,) = vendors.ark.ledger
    assert bought.usd == pytest.approx(0.75)


def test_frames_and_references_do_not_mix(vendors: Vendors, ark: httpx.Client, picture_uri: str) -> None:
    first, last, more = (image(picture_uri, role) for role in ("first_frame", "last_frame", "reference_image"))
    for content in ([PROMPT, first], [PROMPT, first, last], [PROMPT, more, more], [first]):
        assert ark.post(TASKS, json={**BODY, "content": content}).status_code == 200
    odd = {"type": "image_url", "image_url": {"url": picture_uri}}
    for content in ([PROMPT, first, more], [PROMPT, last], [PROMPT, first, first], [PROMPT, odd], [PROMPT, PROMPT], []):
        answer = ark.post(TASKS, json={**BODY, "content": content})
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidParameter")
    assert len(vendors.ark.ledger) == 4


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"duration": 16}, "InvalidParameter"),
        ({"duration": "5"}, "InvalidParameter"),
        ({"duration": 3}, "InvalidParameter"),
        ({"ratio": "4:5"}, "InvalidParameter"),
        ({"resolution": "540p"}, "InvalidParameter"),
        ({"resolution": "1080p", "model": "dreamina-seedance-2-5-260628"}, "InvalidParameter"),
        ({"seed": 7}, "InvalidParameter"),
        ({"camera_fixed": True}, "InvalidParameter"),
        ({"content": [image("https://example.com/a.png", "nobody")]}, "InvalidParameter"),
        ({"content": [image("data:image/png;base64,bm8=", "first_frame")]}, "InvalidParameter"),
        ({"model": "seedance-9"}, "InvalidEndpointOrModel.NotFound"),
    ],
)
def test_what_it_does_not_take_is_told(vendors: Vendors, ark: httpx.Client, change: dict[str, Any], code: str) -> None:
    answer = ark.post(TASKS, json={**BODY, **change})
    assert answer.json()["error"]["code"] == code
    assert len(vendors.ark.ledger) == 0


def test_what_is_queued_is_called_off_and_what_runs_is_not(vendors: Vendors, ark: httpx.Client, until) -> None:
    vendors.ark.latency_s = 60
    path = f"{TASKS}/{ark.post(TASKS, json=BODY).json()['id']}"
    assert ark.delete(path).status_code == 200
    assert ark.get(path).json()["status"] == "cancelled"
    vendors.ark.latency_s = 2
    path = f"{TASKS}/{ark.post(TASKS, json=BODY).json()['id']}"
    until(lambda: ark.get(path).json()["status"] == "running")
    assert ark.delete(path).status_code == 409


def test_moderation_and_failures_have_codes(vendors: Vendors, ark: httpx.Client) -> None:
    vendors.ark.fault("submit", "refused")
    vendors.ark.fault("submit", "refused_at_end", nth=2, polls=1)
    vendors.ark.fault("submit", "fails", nth=3, polls=1)
    refused = ark.post(TASKS, json=BODY)
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "InputTextSensitiveContentDetected")
    ends = [ark.get(f"{TASKS}/{ark.post(TASKS, json=BODY).json()['id']}").json() for _ in range(2)]
    assert [end["status"] for end in ends] == ["failed", "failed"]
    assert ends[0]["error"]["code"].startswith("OutputVideoSensitiveContentDetected")


def test_a_key_is_needed(vendors: Vendors, client: httpx.Client) -> None:
    answer = client.post(vendors.ark.url + TASKS, json=BODY, headers={"Authorization": "Bearer other"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "AuthenticationError")
