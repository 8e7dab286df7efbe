"""Vertex's double speaks Vertex's wire: `providers.md` section 2b, and Google's grants."""

from __future__ import annotations

import base64
import json
import time
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors
from vidbuild.testing.vendors.vertex import PROJECT, STANDING
from vidbuild.wire import oauth

FOLDER = f"/v1beta1/projects/{PROJECT}/locations/us-central1/publishers/google/models/veo-3.1-generate-001"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
BODY: dict[str, Any] = {"instances": [{"prompt": "a harbour"}], "parameters": {"durationSeconds": 4, "sampleCount": 1}}


def post(vendors: Vendors, path: str, body: Any, token: str = STANDING) -> httpx.Response:
    url = vendors.environ["VIDBUILD_VERTEX_URL"] + path
    return httpx.post(url, json=body, headers={"Authorization": f"Bearer {token}"}, trust_env=False)


def granted(vendors: Vendors, scope: str = SCOPE, now: float | None = None, **change: str) -> httpx.Response:
    account = {**json.loads(vendors.environ["GOOGLE_APPLICATION_CREDENTIALS"]), **change}
    request = oauth.request(account, scope, now or time.time())
    return httpx.post(request.url, content=request.body, headers=dict(request.headers), trust_env=False)


def test_an_operation_is_asked_for_by_post_until_it_is_done(vendors: Vendors, until) -> None:
    vendors.vertex.latency_s = 0.5
    name = post(vendors, f"{FOLDER}:predictLongRunning", BODY).json()["name"]
    assert name.startswith(f"projects/{PROJECT}/locations/us-central1/publishers/google/models/")

    def asked() -> Any:
        return post(vendors, f"{FOLDER}:fetchPredictOperation", {"operationName": name}).json()

    assert "done" not in asked()
    done = until(lambda: (found := asked()).get("done") and found)
    (video,) = done["response"]["videos"]
    assert base64.b64decode(video["bytesBase64Encoded"])[4:8] == b"ftyp"


def test_a_filtered_film_is_done_without_one(vendors: Vendors) -> None:
    vendors.vertex.fault("submit", "refused_at_end", polls=1)
    name = post(vendors, f"{FOLDER}:predictLongRunning", BODY).json()["name"]
    done = post(vendors, f"{FOLDER}:fetchPredictOperation", {"operationName": name}).json()
    assert (done["done"], done["response"]["raiMediaFilteredCount"]) == (True, 1)


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("parameters", {"durationSeconds": 5}),
        ("parameters", {"durationSeconds": "4"}),
        ("parameters", {"aspectRatio": "1:1"}),
        ("parameters", {"prompt": "twice"}),
        ("instances", [{}]),
        ("instances", [{"prompt": "a", "lastFrame": {"bytesBase64Encoded": "eA==", "mimeType": "image/png"}}]),
        ("instances", []),
    ],
)
def test_what_vertex_would_not_take_is_not_taken(vendors: Vendors, part: str, change: Any) -> None:
    answer = post(vendors, f"{FOLDER}:predictLongRunning", {**BODY, part: change})
    assert (answer.status_code, answer.json()["error"]["status"]) == (400, "INVALID_ARGUMENT")
    assert len(vendors.vertex.ledger) == 0


def test_a_signed_word_is_worth_a_token_for_an_hour(vendors: Vendors) -> None:
    token = granted(vendors).json()["access_token"]
    assert post(vendors, f"{FOLDER}:predictLongRunning", BODY, token).status_code == 200
    assert post(vendors, f"{FOLDER}:predictLongRunning", BODY, f"{token}x").status_code == 401
    vendors.vertex.token_s = -1.0
    assert (
        post(vendors, f"{FOLDER}:predictLongRunning", BODY, granted(vendors).json()["access_token"]).status_code == 401
    )


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"client_email": "thief@example.com"}, "Invalid issuer"),
        ({"scope": "https://example.com/all"}, "Invalid scope"),
        ({"now": 1_500_000_000.0}, "not for now"),
    ],
)
def test_a_word_that_says_otherwise_is_worth_none(vendors: Vendors, change: Any, why: str) -> None:
    answer = granted(vendors, **change)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert why in answer.json()["error_description"]
    assert vendors.vertex.granted == 0


def test_a_word_that_is_signed_by_nobody_is_worth_none(vendors: Vendors) -> None:
    url = vendors.environ["VIDBUILD_VERTEX_URL"] + "/token"
    for assertion in ("", "a.b.c", "eyJhIjoxfQ.eyJhIjoxfQ.AAAA"):
        fields = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
        assert httpx.post(url, data=fields, trust_env=False).status_code == 400


def test_another_project_is_nobodys(vendors: Vendors) -> None:
    assert post(vendors, FOLDER.replace(PROJECT, "other") + ":predictLongRunning", BODY).status_code == 401
    other = {"operationName": "projects/other/operations/o"}
    assert post(vendors, f"{FOLDER}:fetchPredictOperation", other).status_code == 404
