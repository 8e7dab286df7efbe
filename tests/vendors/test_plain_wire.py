"""The plain vendor keeps its own promises, in three moods."""

from __future__ import annotations

import httpx
import pytest

from vidbuild.testing.vendors import Vendors
from vidbuild.testing.vendors.plain import Plain

BODY = {"model": "plain-video-1", "prompt": "a harbour", "seconds": 2, "size": "320x180", "seed": 5}


def ask(vendors: Vendors, client: httpx.Client, vendor: Plain, body: dict, **headers: str) -> httpx.Response:
    key = {"X-Api-Key": vendors.environ["PLAIN_API_KEY"], **headers}
    return client.post(f"{vendor.url}/jobs", json=body, headers=key)


def get(vendors: Vendors, client: httpx.Client, url: str) -> dict:
    return dict(client.get(url, headers={"X-Api-Key": vendors.keyed.key}).json())


@pytest.mark.parametrize("mood", ["keyed", "listed", "bare"])
def test_a_job_ends_with_its_video(vendors: Vendors, client: httpx.Client, until, mood: str) -> None:
    vendor = getattr(vendors, mood)
    assert vendors.environ[f"VIDBUILD_PLAIN_{mood.upper()}_URL"] == vendor.url
    made = ask(vendors, client, vendor, BODY)
    assert made.status_code == 201
    url = f"{vendor.url}/jobs/{made.json()['id']}"
    done = until(lambda: (found := get(vendors, client, url))["state"] == "done" and found)
    assert done["usd"] == pytest.approx(0.2)
    assert client.get(done["url"]).content[4:8] == b"ftyp"


def test_keyed_the_same_key_and_body_are_one_job(vendors: Vendors, client: httpx.Client) -> None:
    first, second = (ask(vendors, client, vendors.keyed, BODY, **{"Idempotency-Key": "k1"}).json()["id"] for _ in "ab")
    assert first == second
    assert ask(vendors, client, vendors.keyed, {**BODY, "seed": 6}, **{"Idempotency-Key": "k1"}).status_code == 409
    other = ask(vendors, client, vendors.keyed, BODY, **{"Idempotency-Key": "k2"}).json()["id"]
    assert other != first
    assert [row.tag for row in vendors.keyed.ledger] == ["k1", "k2"]


@pytest.mark.parametrize("mood", ["listed", "bare"])
def test_others_pay_again_for_the_same_key(vendors: Vendors, client: httpx.Client, mood: str) -> None:
    vendor = getattr(vendors, mood)
    for _ in range(2):
        ask(vendors, client, vendor, BODY, **{"Idempotency-Key": "k1"})
    assert len(vendor.ledger) == 2
    assert len(vendor.ledger.twice) == 1


def test_listed_jobs_are_found_by_tag_newest_first_after_a_lag(vendors: Vendors, client: httpx.Client, until) -> None:
    vendors.listed.list_lag_s = 0.2
    names = [ask(vendors, client, vendors.listed, {**BODY, "tag": f"t{n}"}).json()["id"] for n in range(25)]
    listing = f"{vendors.listed.url}/jobs"
    assert get(vendors, client, f"{listing}?tag=t24")["jobs"] == []
    until(lambda: get(vendors, client, f"{listing}?tag=t24")["jobs"])
    page = get(vendors, client, listing)
    assert [row["id"] for row in page["jobs"]] == names[:4:-1]
    assert page["next"] == 20
    assert [row["tag"] for row in get(vendors, client, f"{listing}?from=20")["jobs"]] == ["t4", "t3", "t2", "t1", "t0"]


def test_bare_has_no_list_and_no_tag(vendors: Vendors, client: httpx.Client) -> None:
    assert client.get(f"{vendors.bare.url}/jobs", headers={"X-Api-Key": vendors.bare.key}).status_code == 404
    assert ask(vendors, client, vendors.bare, {**BODY, "tag": "t"}).status_code == 400


def test_over_its_limit_it_says_429_with_retry_after(vendors: Vendors, client: httpx.Client) -> None:
    vendors.bare.max_inflight, vendors.bare.latency_s = 1, 5
    ask(vendors, client, vendors.bare, BODY)
    answer = ask(vendors, client, vendors.bare, BODY)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert len(vendors.bare.ledger) == 1


def test_it_can_tell_how_long_to_wait(vendors: Vendors, client: httpx.Client) -> None:
    vendors.bare.is_telling, vendors.bare.latency_s = True, 5
    made = ask(vendors, client, vendors.bare, BODY).json()
    assert 4 < made["wait_s"] <= 5
