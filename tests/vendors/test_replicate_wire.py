"""Replicate's double speaks its wire: `providers.md` section 13."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

VEO = "/models/google/veo-3.1/predictions"
FLUX = "/models/black-forest-labs/flux-2-pro/predictions"


@pytest.fixture
def replicate(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {vendors.replicate.key}"}
    with httpx.Client(base_url=vendors.replicate.url, headers=headers, trust_env=False) as opened:
        yield opened


def test_a_prediction_is_made_told_of_and_its_file_needs_no_key(
    vendors: Vendors, replicate: httpx.Client, picture_uri: str, until: Any
) -> None:
    vendors.replicate.latency_s = 0.5
    given = {"prompt": "waves", "image": picture_uri, "duration": 4, "aspect_ratio": "16:9"}
    made = replicate.post(VEO, json={"input": given})
    assert (made.status_code, made.json()["status"]) == (201, "starting")
    path = f"/predictions/{made.json()['id']}"
    done = until(lambda: (found := replicate.get(path).json())["status"] == "succeeded" and found)
    assert httpx.get(done["output"], trust_env=False).content[4:8] == b"ftyp"


def test_some_models_answer_with_a_list(replicate: httpx.Client, until: Any) -> None:
    given = {"prompt": "a cup", "aspect_ratio": "custom", "width": 640, "height": 480, "output_format": "png"}
    made = replicate.post(FLUX, json={"input": given}).json()
    done = until(lambda: (found := replicate.get(f"/predictions/{made['id']}").json())["output"] and found)
    assert httpx.get(done["output"][0], trust_env=False).content[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"prompt": "x", "duration": 5},
        {"prompt": "x", "size": "big"},
        {"prompt": "x", "last_frame": "https://example.com/a.png"},
        {"prompt": "x", "image": "data:image/png;base64,AAAA"},
    ],
)
def test_inputs_are_each_models_own(vendors: Vendors, replicate: httpx.Client, given: dict[str, Any]) -> None:
    answer = replicate.post(VEO, json={"input": given})
    assert (answer.status_code, set(answer.json())) == (422, {"title", "detail", "status"})
    assert len(vendors.replicate.ledger) == 0


def test_a_file_is_brought_first_where_it_is_large(
    vendors: Vendors, replicate: httpx.Client, picture: bytes, until: Any
) -> None:
    kept = replicate.post("/files", files={"content": ("first.png", picture, "image/png")})
    assert kept.status_code == 201
    made = replicate.post(VEO, json={"input": {"prompt": "waves", "image": kept.json()["urls"]["get"]}}).json()
    assert vendors.replicate.jobs[made["id"]].wants.init == picture
    far = replicate.post(VEO, json={"input": {"prompt": "waves", "image": f"{vendors.replicate.url}/files/other"}})
    assert far.status_code == 422


@pytest.mark.parametrize(("fault", "words"), [("fails", "failed"), ("refused_at_end", "flagged as sensitive")])
def test_how_predictions_end_badly(
    vendors: Vendors, replicate: httpx.Client, until: Any, fault: str, words: str
) -> None:
    vendors.replicate.fault("submit", fault)
    made = replicate.post(VEO, json={"input": {"prompt": "x"}}).json()
    done = until(lambda: (found := replicate.get(f"/predictions/{made['id']}").json())["status"] == "failed" and found)
    assert words in done["error"]


def test_a_prediction_is_called_off(vendors: Vendors, replicate: httpx.Client) -> None:
    vendors.replicate.latency_s = 5
    made = replicate.post(VEO, json={"input": {"prompt": "x"}}).json()
    assert replicate.post(f"/predictions/{made['id']}/cancel").json()["status"] == "canceled"
    assert replicate.get(f"/predictions/{made['id']}").json()["status"] == "canceled"


def test_the_key_is_checked_and_models_that_are_none_are_not_there(replicate: httpx.Client) -> None:
    assert replicate.post(VEO, json={"input": {"prompt": "x"}}, headers={"Authorization": "x"}).status_code == 401
    assert replicate.post("/models/google/veo-9/predictions", json={"input": {"prompt": "x"}}).status_code == 404
