"""Runway's double speaks Runway's wire: `providers.md` section 3."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

TEXT = {"model": "gen4.5", "promptText": "a harbour at dawn", "ratio": "1280:720", "duration": 5, "seed": 7}


def headers(vendors: Vendors) -> dict[str, str]:
    return {
        "Authorization": f"Bearer {vendors.environ['RUNWAYML_API_SECRET']}",
        "X-Runway-Version": "2024-11-06",
    }


def submit(vendors: Vendors, client: httpx.Client, path: str, body: dict[str, Any]) -> httpx.Response:
    return client.post(vendors.environ["VIDBUILD_RUNWAY_URL"] + path, json=body, headers=headers(vendors))


def task(vendors: Vendors, client: httpx.Client, name: str) -> dict[str, Any]:
    return dict(client.get(f"{vendors.runway.url}/v1/tasks/{name}", headers=headers(vendors)).json())


def test_a_task_goes_from_pending_through_running_to_its_video(vendors: Vendors, client: httpx.Client, until) -> None:
    vendors.runway.latency_s = 2  # a machine that stands still for a moment sees it pending all the same
    name = submit(vendors, client, "/v1/text_to_video", TEXT).json()["id"]
    first = task(vendors, client, name)
    assert first["status"] == "PENDING"
    assert first["estimatedCost"] == {"credits": 60}
    running = until(lambda: (found := task(vendors, client, name))["status"] == "RUNNING" and found)
    assert 0 < running["progress"] < 1
    done = until(lambda: (found := task(vendors, client, name))["status"] == "SUCCEEDED" and found)
    assert done["cost"] == {"credits": 60}
    file = client.get(done["output"][0])
    assert file.headers["content-type"] == "video/mp4"
    assert file.content[4:8] == b"ftyp"


def test_each_accepted_task_is_one_purchase_at_its_list_price(vendors: Vendors, client: httpx.Client) -> None:
    for seed in (1, 2):
        submit(vendors, client, "/v1/text_to_video", {**TEXT, "seed": seed})
    assert [(row.path, round(row.usd, 2)) for row in vendors.runway.ledger] == [("/v1/text_to_video", 0.6)] * 2
    assert vendors.runway.ledger.twice == set()
    submit(vendors, client, "/v1/text_to_video", {**TEXT, "seed": 2})
    assert len(vendors.runway.ledger.twice) == 1


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("/v1/text_to_video", {"ratio": "16:9"}),
        ("/v1/text_to_video", {"ratio": "960:960"}),
        ("/v1/text_to_video", {"duration": 11}),
        ("/v1/text_to_video", {"duration": "5"}),
        ("/v1/text_to_video", {"duration": 5.0}),
        ("/v1/text_to_video", {"negativePrompt": "text"}),
        ("/v1/text_to_video", {"prompt": "x"}),
        ("/v1/text_to_video", {"seed": -1}),
        ("/v1/text_to_video", {"seed": True}),
        ("/v1/text_to_video", {"promptText": "😀" * 501}),
        ("/v1/text_to_video", {"promptText": ""}),
        ("/v1/text_to_video", {"model": "gen4_turbo"}),
        ("/v1/text_to_video", {"model": "sora-2"}),
        ("/v1/text_to_video", {"model": "veo3.1", "duration": 5}),
        ("/v1/image_to_video", {}),
        ("/v1/image_to_video", {"promptImage": "aGVsbG8="}),
        ("/v1/image_to_video", {"promptImage": "http://example.com/x.png"}),
        ("/v1/image_to_video", {"promptImage": "data:image/png;base64,aGVsbG8="}),
        ("/v1/text_to_image", {"model": "gen4_image", "ratio": "1000:1000"}),
        ("/v1/text_to_image", {"model": "gen4_image", "duration": 5}),
    ],
)
def test_what_its_types_do_not_allow_is_refused_and_costs_nothing(
    vendors: Vendors, client: httpx.Client, path: str, change: dict[str, Any]
) -> None:
    answer = submit(vendors, client, path, {**TEXT, **change})
    assert answer.status_code == 400
    assert "error" in answer.json()
    assert len(vendors.runway.ledger) == 0
    assert len(vendors.complaints) == 1


@pytest.mark.parametrize("last", [False, True])
def test_a_first_picture_and_for_veo_a_last_one(
    vendors: Vendors, client: httpx.Client, picture_uri: str, last: bool
) -> None:
    rows = [{"uri": picture_uri, "position": "first"}] + [{"uri": picture_uri, "position": "last"}] * last
    veo = {"model": "veo3.1", "promptText": "x", "ratio": "1280:720", "duration": 4, "promptImage": rows}
    assert submit(vendors, client, "/v1/image_to_video", veo).status_code == 200
    gen = submit(vendors, client, "/v1/image_to_video", {**TEXT, "promptImage": rows})
    assert gen.status_code == (400 if last else 200)


def test_a_last_picture_alone_is_refused(vendors: Vendors, client: httpx.Client, picture_uri: str) -> None:
    veo = {"model": "veo3.1", "ratio": "1280:720", "promptImage": [{"uri": picture_uri, "position": "last"}]}
    assert submit(vendors, client, "/v1/image_to_video", veo).status_code == 400


def test_pictures_with_tagged_references(vendors: Vendors, client: httpx.Client, picture_uri: str, until) -> None:
    body = {"model": "gen4_image", "promptText": "@ref1 in the rain", "ratio": "1920:1080"}
    rows = [{"uri": picture_uri, "tag": "ref1"}]
    name = submit(vendors, client, "/v1/text_to_image", {**body, "referenceImages": rows}).json()["id"]
    done = until(lambda: (found := task(vendors, client, name))["status"] == "SUCCEEDED" and found)
    assert client.get(done["output"][0]).content[:8] == b"\x89PNG\r\n\x1a\n"
    bad = submit(
        vendors, client, "/v1/text_to_image", {**body, "referenceImages": [{"uri": picture_uri, "tag": "a-b"}]}
    )
    assert bad.status_code == 400


def test_without_key_or_version_nothing_is_done(vendors: Vendors, client: httpx.Client) -> None:
    url = vendors.runway.url + "/v1/text_to_video"
    assert client.post(url, json=TEXT, headers={"X-Runway-Version": "2024-11-06"}).status_code == 401
    only_key = {"Authorization": headers(vendors)["Authorization"]}
    assert client.post(url, json=TEXT, headers=only_key).status_code == 400
    assert len(vendors.runway.ledger) == 0


def test_over_its_limit_tasks_wait_as_throttled(vendors: Vendors, client: httpx.Client, until) -> None:
    vendors.runway.latency_s, vendors.runway.max_inflight = 0.2, 1
    names = [submit(vendors, client, "/v1/text_to_video", {**TEXT, "seed": seed}).json()["id"] for seed in (1, 2)]
    assert task(vendors, client, names[1])["status"] == "THROTTLED"
    until(lambda: task(vendors, client, names[1])["status"] == "SUCCEEDED")
    assert vendors.runway.turned_away == 1
    assert vendors.runway.peak == 2


def test_a_task_can_be_cancelled(vendors: Vendors, client: httpx.Client) -> None:
    vendors.runway.latency_s = 5
    name = submit(vendors, client, "/v1/text_to_video", TEXT).json()["id"]
    assert client.delete(f"{vendors.runway.url}/v1/tasks/{name}", headers=headers(vendors)).status_code == 204
    assert task(vendors, client, name)["status"] == "CANCELLED"


@pytest.mark.parametrize(
    ("fault", "code"), [("fails", "INTERNAL.BAD_OUTPUT.CODE01"), ("refused_at_end", "SAFETY.OUTPUT.VIDEO")]
)
def test_failures_carry_their_code(vendors: Vendors, client: httpx.Client, fault: str, code: str) -> None:
    vendors.runway.fault("submit", fault, polls=2)
    name = submit(vendors, client, "/v1/text_to_video", TEXT).json()["id"]
    assert task(vendors, client, name)["status"] in ("PENDING", "RUNNING")
    failed = task(vendors, client, name)
    assert (failed["status"], failed["failureCode"], failed["cost"]) == ("FAILED", code, {"credits": 0})
