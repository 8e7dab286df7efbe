"""Higgsfield's double speaks Higgsfield's wire: `providers.md` section 19 and docs.higgsfield.ai."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

SOUL, DOP = "/higgsfield-ai/soul/v2/standard", "/higgsfield-ai/dop/standard"
PICTURE = {"prompt": "a harbour at dawn", "aspect_ratio": "16:9", "resolution": "720p", "batch_size": 1, "seed": 8}


def asked(
    vendors: Vendors, client: httpx.Client, path: str, body: dict[str, Any] | None = None, **headers: str
) -> httpx.Response:
    key = {"Authorization": f"Key {vendors.environ['HF_API_KEY']}:{vendors.environ['HF_API_SECRET']}"}
    method = "GET" if path.endswith("/status") else "POST"
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.request(method, vendors.higgsfield.url + path, json=body, headers={**key, **sent})


def brought(vendors: Vendors, client: httpx.Client, data: bytes) -> str:
    place = asked(vendors, client, "/files/generate-upload-url", {"content_type": "image/png"}).json()
    assert client.put(place["upload_url"], content=data, headers=place["upload_headers"]).status_code == 200
    return str(place["public_url"])


def test_a_request_goes_from_queued_to_its_picture(
    vendors: Vendors, client: httpx.Client, until: Callable[[Callable[[], Any]], Any]
) -> None:
    """Its id and addresses come with the answer; the result lies in the status."""
    made = asked(vendors, client, SOUL, PICTURE).json()
    assert (made["status"], made["status_url"]) == (
        "queued",
        f"{vendors.higgsfield.url}/requests/{made['request_id']}/status",
    )
    path = f"/requests/{made['request_id']}/status"
    done = until(lambda: (told := asked(vendors, client, path).json())["status"] == "completed" and told)
    assert client.get(done["images"][0]["url"]).content[:4] == b"\x89PNG"
    assert [round(row.usd, 4) for row in vendors.higgsfield.ledger] == [0.0032]


def test_a_film_starts_from_a_file_that_was_brought(vendors: Vendors, client: httpx.Client, picture: bytes) -> None:
    """To an address that is asked for, with every header that it tells; no key goes there."""
    url = brought(vendors, client, picture)
    body = {"prompt": "waves", "image_url": url, "duration": 5}
    assert asked(vendors, client, DOP, body).status_code == 200
    (job,) = vendors.higgsfield.jobs.values()
    assert job.wants.init == picture
    vendors.higgsfield.depot.lose()
    assert asked(vendors, client, DOP, body).status_code == 422


def test_a_file_without_its_headers_is_not_taken(vendors: Vendors, client: httpx.Client) -> None:
    """They are part of what was signed."""
    place = asked(vendors, client, "/files/generate-upload-url", {"content_type": "image/png"}).json()
    bare = client.put(place["upload_url"], content=b"x", headers={"Content-Type": "image/png"})
    assert bare.status_code == 422


def test_one_key_is_one_request(vendors: Vendors, client: httpx.Client) -> None:
    """The same body gives the same request; another is told, and makes none."""
    first = asked(vendors, client, SOUL, PICTURE, Idempotency_Key="k1").json()
    again = asked(vendors, client, SOUL, PICTURE, Idempotency_Key="k1").json()
    other = asked(vendors, client, SOUL, {**PICTURE, "seed": 9}, Idempotency_Key="k1")
    assert first["request_id"] == again["request_id"]
    assert (other.status_code, len(vendors.higgsfield.ledger)) == (422, 1)


@pytest.mark.parametrize(
    ("path", "change"),
    [
        (SOUL, {"seed": 0}),
        (SOUL, {"seed": 1_000_001}),
        (SOUL, {"aspect_ratio": "21:9"}),
        (SOUL, {"image_url": "https://example.com/x.png"}),
        (SOUL, {"batch_size": 2}),
        (DOP, {}),
    ],
)
def test_what_is_not_known_of_a_model_is_refused(
    vendors: Vendors, client: httpx.Client, path: str, change: dict[str, Any]
) -> None:
    """Stricter than the vendor, who drops what it doesn't know, so that a wrong field is seen."""
    assert asked(vendors, client, path, {**PICTURE, **change}).status_code == 422
    assert len(vendors.higgsfield.ledger) == 0


def test_too_many_at_once_is_told_as_a_bad_request(vendors: Vendors, client: httpx.Client) -> None:
    """Not as 429, and without a time to wait."""
    vendors.higgsfield.latency_s, vendors.higgsfield.max_inflight = 5, 1
    codes = [asked(vendors, client, SOUL, {**PICTURE, "seed": seed}) for seed in (1, 2)]
    assert [answer.status_code for answer in codes] == [200, 400]
    assert "Maximum number of concurrent requests" in codes[1].json()["detail"]


def test_only_what_waits_can_be_called_off(vendors: Vendors, client: httpx.Client, until: Callable[..., Any]) -> None:
    """202, then canceled; 400 once it runs or has ended."""
    vendors.higgsfield.latency_s = 5
    name = asked(vendors, client, SOUL, PICTURE).json()["request_id"]
    assert asked(vendors, client, f"/requests/{name}/cancel").status_code == 202
    assert asked(vendors, client, f"/requests/{name}/status").json()["status"] == "canceled"
    assert asked(vendors, client, f"/requests/{name}/cancel").status_code == 400


def test_moderation_and_failure_are_states(vendors: Vendors, client: httpx.Client, until: Callable[..., Any]) -> None:
    """`nsfw`, and `failed` with an error."""
    for fault, state in (("refused_at_end", "nsfw"), ("fails", "failed")):
        vendors.higgsfield.fault("submit", fault)
        name = asked(vendors, client, SOUL, PICTURE).json()["request_id"]
        path = f"/requests/{name}/status"
        told = until(
            lambda path=path, state=state: (seen := asked(vendors, client, path).json())["status"] == state and seen
        )
        assert ("error" in told) is (state == "failed")


def test_without_both_halves_of_the_key_nothing_is_done(vendors: Vendors, client: httpx.Client) -> None:
    """Both stand in one header."""
    headers = {"Authorization": f"Key {vendors.environ['HF_API_KEY']}"}
    assert client.post(vendors.higgsfield.url + SOUL, json=PICTURE, headers=headers).status_code == 401
