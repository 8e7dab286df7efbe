"""Kling's double speaks Kling's wire: `providers.md` section 5."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

BODY = {"model_name": "kling-v3", "prompt": "a harbour", "duration": "5", "aspect_ratio": "16:9", "mode": "std"}


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def token(vendors: Vendors, secret: str = "", expires: float = 1800, begins: float = -5, issuer: str = "") -> str:
    environ = vendors.environ
    claims = {
        "iss": issuer or environ["KLING_ACCESS_KEY"],
        "exp": int(time.time() + expires),
        "nbf": int(time.time() + begins),
    }
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    key = (secret or environ["KLING_SECRET_KEY"]).encode()
    return f"{signed}.{part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


@pytest.fixture
def kling(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {token(vendors)}"}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_KLING_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def test_a_task_goes_from_submitted_to_succeed_at_its_own_path(vendors: Vendors, kling: httpx.Client, until) -> None:
    made = kling.post("/v1/videos/text2video", json=BODY).json()
    assert (made["code"], made["data"]["task_status"]) == (0, "submitted")
    path = f"/v1/videos/text2video/{made['data']['task_id']}"
    done = until(lambda: (found := kling.get(path).json()["data"])["task_status"] == "succeed" and found)
    video = done["task_result"]["videos"][0]
    assert video["duration"] == "5"
    assert done["final_unit_deduction"] == "3.00"
    assert httpx.get(video["url"], trust_env=False).content[4:8] == b"ftyp"
    elsewhere = kling.get(path.replace("text2video", "image2video"))
    assert (elsewhere.status_code, elsewhere.json()["code"]) == (200, 1203)


def test_a_picture_comes_as_bare_base64(
    vendors: Vendors, kling: httpx.Client, picture: bytes, picture_uri: str
) -> None:
    body = {name: value for name, value in BODY.items() if name != "aspect_ratio"}
    bare = base64.b64encode(picture).decode()
    assert kling.post("/v1/videos/image2video", json={**body, "image": bare, "image_tail": bare}).json()["code"] == 0
    for wrong in (picture_uri, "not base64", base64.b64encode(b"no picture").decode(), "http://example.com/x.png"):
        answer = kling.post("/v1/videos/image2video", json={**body, "image": wrong})
        assert (answer.status_code, answer.json()["code"]) == (200, 1201)
    assert len(vendors.kling.ledger) == 1


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"duration": 5}, 1201),
        ({"duration": "16"}, 1201),
        ({"duration": "2"}, 1201),
        ({"aspect_ratio": "4:3"}, 1201),
        ({"mode": "720p"}, 1201),
        ({"mode": "4k", "model_name": "kling-v2-6"}, 1201),
        ({"sound": True}, 1201),
        ({"sound": "on", "model_name": "kling-v2-5-turbo"}, 1201),
        ({"seed": 7}, 1201),
        ({"cfg_scale": 0.5}, 1201),
        ({"prompt": "x" * 2501}, 1201),
        ({"model_name": "kling-v9"}, 1203),
    ],
)
def test_what_it_does_not_take_is_told_with_a_code_inside_200(
    vendors: Vendors, kling: httpx.Client, change: dict[str, Any], code: int
) -> None:
    answer = kling.post("/v1/videos/text2video", json={**BODY, **change})
    assert (answer.status_code, answer.json()["code"]) == (200, code)
    assert len(vendors.kling.ledger) == 0


@pytest.mark.parametrize(
    ("wrong", "code"),
    [({"secret": "other"}, 1000), ({"expires": -1}, 1004), ({"begins": 60}, 1003), ({"issuer": "other"}, 1002)],
)
def test_its_token_is_verified(vendors: Vendors, client: httpx.Client, wrong: dict[str, Any], code: int) -> None:
    vendors.kling.in_band = False
    headers = {"Authorization": f"Bearer {token(vendors, **wrong)}"}
    answer = client.post(vendors.kling.url + "/v1/videos/text2video", json=BODY, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, code)


@pytest.mark.parametrize("sent", ["", "Bearer", "Bearer a.b", "Bearer a.b.c", "Basic abc"])
def test_anything_but_a_token_is_no_token(vendors: Vendors, client: httpx.Client, sent: str) -> None:
    answer = client.post(vendors.kling.url + "/v1/videos/text2video", json=BODY, headers={"Authorization": sent})
    assert 1000 <= answer.json()["code"] <= 1004


def test_our_own_id_is_unique_and_finds_its_task(vendors: Vendors, kling: httpx.Client) -> None:
    made = kling.post("/v1/videos/text2video", json={**BODY, "external_task_id": "n-1"}).json()["data"]
    assert made["task_info"] == {"external_task_id": "n-1"}
    again = kling.post("/v1/videos/text2video", json={**BODY, "external_task_id": "n-1"}).json()
    assert again["code"] != 0
    assert kling.get("/v1/videos/text2video/n-1").json()["data"]["task_id"] == made["task_id"]
    assert kling.get("/v1/videos/text2video/n-2").json()["code"] == 1203
    assert [(row.job, row.tag) for row in vendors.kling.ledger] == [(made["task_id"], "n-1")]
    assert vendors.kling.count("lookup") == 1


@pytest.mark.parametrize("in_band", [True, False])
def test_over_its_limit_it_says_1303(vendors: Vendors, kling: httpx.Client, in_band: bool) -> None:
    vendors.kling.max_inflight, vendors.kling.latency_s, vendors.kling.in_band = 1, 5, in_band
    kling.post("/v1/videos/text2video", json=BODY)
    answer = kling.post("/v1/videos/text2video", json=BODY)
    assert (answer.status_code, answer.json()["code"]) == (200 if in_band else 429, 1303)
    assert (len(vendors.kling.ledger), vendors.kling.peak, vendors.kling.turned_away) == (1, 1, 1)


def test_its_refusal_is_1301_and_a_failed_task_says_why(vendors: Vendors, kling: httpx.Client) -> None:
    vendors.kling.fault("submit", "refused")
    vendors.kling.fault("submit", "refused_at_end", nth=2, polls=1)
    refused = kling.post("/v1/videos/text2video", json=BODY).json()
    assert (refused["code"], "risk control" in refused["message"]) == (1301, True)
    name = kling.post("/v1/videos/text2video", json=BODY).json()["data"]["task_id"]
    failed = kling.get(f"/v1/videos/text2video/{name}").json()
    assert (failed["code"], failed["data"]["task_status"]) == (0, "failed")
    assert "risk control" in failed["data"]["task_status_msg"]
