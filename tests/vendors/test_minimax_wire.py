"""MiniMax's double speaks MiniMax's two wires: `providers.md` section 7."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

V1 = {"model": "MiniMax-Hailuo-2.3", "prompt": "a harbour", "duration": 6, "resolution": "768P"}
PROMPT = {"type": "text", "text": "a harbour"}
V2 = {"model": "MiniMax-H3", "content": [PROMPT], "resolution": "768P", "duration": 5, "ratio": "16:9"}


@pytest.fixture
def minimax(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {vendors.environ['MINIMAX_API_KEY']}"}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_MINIMAX_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def test_a_task_of_v1_ends_with_a_file_that_is_asked_for(vendors: Vendors, minimax: httpx.Client, until) -> None:
    made = minimax.post("/v1/video_generation", json=V1).json()
    assert made["base_resp"] == {"status_code": 0, "status_msg": "success"}
    query = {"task_id": made["task_id"]}
    path = "/v1/query/video_generation"
    done = until(lambda: (found := minimax.get(path, params=query).json())["status"] == "Success" and found)
    file = minimax.get("/v1/files/retrieve", params={"file_id": done["file_id"]}).json()["file"]
    assert httpx.get(file["download_url"], trust_env=False).content[4:8] == b"ftyp"
    assert minimax.get(f"/v2/query/video_generation/{made['task_id']}").json()["base_resp"]["status_code"] != 0
    assert [row.usd for row in vendors.minimax.ledger] == [0.28]
    assert vendors.minimax.count("result") == 1


def test_a_task_of_v2_is_wrapped(vendors: Vendors, minimax: httpx.Client, picture_uri: str, until) -> None:
    parts = [{"type": "image_url", "image_url": {"url": picture_uri}, "role": role} for role in ("first_frame",)]
    made = minimax.post("/v2/video_generation", json={**V2, "content": [PROMPT, *parts]}).json()
    path = f"/v2/query/video_generation/{made['task_id']}"
    done = until(lambda: (found := minimax.get(path).json()["task"])["status"] == "succeeded" and found)
    assert httpx.get(done["content"]["url"], trust_env=False).content[4:8] == b"ftyp"
    vendors.minimax.latency_s = 60
    name = minimax.post("/v2/video_generation", json=V2).json()["task_id"]
    minimax.delete(f"/v2/video_generation/{name}")
    assert minimax.get(f"/v2/query/video_generation/{name}").json()["task"]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/video_generation", {**V1, "duration": 5}),
        ("/v1/video_generation", {**V1, "duration": 10, "resolution": "1080P"}),
        ("/v1/video_generation", {**V1, "resolution": "768p"}),
        ("/v1/video_generation", {**V1, "seed": 7}),
        ("/v1/video_generation", {**V1, "prompt": "x" * 2001}),
        ("/v1/video_generation", {**V1, "model": "MiniMax-Hailuo-2.3-Fast"}),
        ("/v2/video_generation", {**V2, "ratio": "adaptive"}),
        ("/v2/video_generation", {**V2, "duration": 16}),
        ("/v2/video_generation", {**V2, "content": []}),
        ("/v2/video_generation", {**V2, "generate_audio": True}),
        ("/v2/video_generation", {name: value for name, value in V2.items() if name != "resolution"}),
    ],
)
def test_what_it_does_not_take_is_told_inside_200(
    vendors: Vendors, minimax: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    answer = minimax.post(path, json=body)
    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (200, 2013)
    assert len(vendors.minimax.ledger) == 0


def test_moderation_is_told_by_its_codes(vendors: Vendors, minimax: httpx.Client) -> None:
    vendors.minimax.fault("submit", "refused")
    vendors.minimax.fault("submit", "refused_at_end", nth=2, times=2, polls=1)
    assert minimax.post("/v1/video_generation", json=V1).json()["base_resp"]["status_code"] == 1026
    name = minimax.post("/v1/video_generation", json=V1).json()["task_id"]
    ended = minimax.get("/v1/query/video_generation", params={"task_id": name}).json()
    assert (ended["status"], ended["base_resp"]["status_code"]) == ("Fail", 1027)
    name = minimax.post("/v2/video_generation", json=V2).json()["task_id"]
    ended = minimax.get(f"/v2/query/video_generation/{name}").json()["task"]
    assert (ended["status"], ended["error"]["code"]) == ("failed", "1027")


def test_a_wrong_key_is_1004_inside_200(vendors: Vendors, client: httpx.Client) -> None:
    answer = client.post(vendors.minimax.url + "/v1/video_generation", json=V1)
    assert (answer.status_code, answer.json()["base_resp"]["status_code"]) == (200, 1004)
