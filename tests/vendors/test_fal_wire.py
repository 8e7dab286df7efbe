"""fal's double speaks fal's queue: `providers.md` section 12."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

APP = "/fal-ai/veo3.1/fast/image-to-video"


@pytest.fixture
def fal(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Key {vendors.environ['FAL_KEY']}"}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_FAL_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def ended(fal: httpx.Client, made: dict[str, Any], until) -> dict[str, Any]:
    return dict(until(lambda: (found := fal.get(made["status_url"]).json())["status"] == "COMPLETED" and found))


def test_it_tells_its_own_addresses_without_the_sub_path(
    vendors: Vendors, fal: httpx.Client, picture_uri: str, until
) -> None:
    body = {"prompt": "waves", "image_url": picture_uri, "duration": "4s", "aspect_ratio": "16:9"}
    vendors.fal.latency_s = 1.0
    made = fal.post(APP, json=body).json()
    base = f"{vendors.fal.url}/fal-ai/veo3.1/requests/{made['request_id']}"
    assert (made["response_url"], made["status_url"]) == (base, f"{base}/status")
    assert fal.get(made["status_url"]).status_code == 202
    assert fal.get(made["response_url"]).status_code == 400
    assert "error" not in ended(fal, made, until)
    video = fal.get(made["response_url"]).json()["video"]
    assert httpx.get(video["url"], trust_env=False).content[4:8] == b"ftyp"
    assert fal.get(base.replace("veo3.1", "veo3") + "/status").status_code == 404


def test_completed_may_be_an_error_and_the_result_tells_it(vendors: Vendors, fal: httpx.Client, until) -> None:
    made = fal.post(APP, json={"prompt": ""}).json()
    assert ended(fal, made, until)["error_type"] == "value_error"
    answer = fal.get(made["response_url"])
    assert (answer.status_code, answer.headers["x-fal-error-type"]) == (422, "value_error")
    assert len(vendors.fal.ledger) == 1


@pytest.mark.parametrize(
    ("fault", "type_", "status"),
    [("refused_at_end", "content_policy_violation", 422), ("fails", "internal_server_error", 500)],
)
def test_how_jobs_end_badly(vendors: Vendors, fal: httpx.Client, until, fault: str, type_: str, status: int) -> None:
    vendors.fal.fault("submit", fault, polls=2)
    made = fal.post("/fal-ai/veo3.1", json={"prompt": "x"}).json()
    assert ended(fal, made, until)["error_type"] == type_
    assert fal.get(made["response_url"]).status_code == status


def test_pictures_in_the_asked_size(vendors: Vendors, fal: httpx.Client, until) -> None:
    body = {"prompt": "a cup", "image_size": {"width": 640, "height": 480}, "output_format": "png", "seed": 3}
    made = fal.post("/fal-ai/flux-2-pro", json=body).json()
    ended(fal, made, until)
    row = fal.get(made["response_url"]).json()["images"][0]
    assert (row["width"], row["height"], row["content_type"]) == (640, 480, "image/png")
    assert httpx.get(row["url"], trust_env=False).content[:4] == b"\x89PNG"


def test_a_vision_model_scores_each_numbered_question(
    vendors: Vendors, fal: httpx.Client, picture_uri: str, until
) -> None:
    body = {"prompt": "1. Is it red?\n2. Is it still?", "image_urls": [picture_uri], "model": "google/gemini-2.5-flash"}
    made = fal.post("/openrouter/router/vision", json=body).json()
    ended(fal, made, until)
    assert fal.get(made["response_url"]).json()["output"] == '{"answers": [0.9, 0.9]}'


def test_a_wrong_key_and_an_empty_account(vendors: Vendors, fal: httpx.Client) -> None:
    assert fal.post(APP, json={"prompt": "x"}, headers={"Authorization": "Bearer x"}).status_code == 401
    vendors.fal.fault("submit", "out_of_credit")
    answer = fal.post(APP, json={"prompt": "x"})
    assert (answer.status_code, "Exhausted balance" in answer.json()["detail"]) == (403, True)


def test_a_job_can_be_cancelled_and_over_the_limit_jobs_wait(vendors: Vendors, fal: httpx.Client) -> None:
    vendors.fal.max_inflight, vendors.fal.latency_s = 1, 5
    first, second = (fal.post(APP, json={"prompt": name}).json() for name in "ab")
    assert fal.get(second["status_url"]).json()["status"] == "IN_QUEUE"
    assert fal.put(first["cancel_url"]).status_code == 202
    assert fal.get(first["status_url"]).json()["error_type"] == "client_cancelled"
