"""Luma's doubles speak Luma's two wires: `providers.md` section 4."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

BODY = {"prompt": "a harbour", "model": "ray-3.2", "type": "video", "aspect_ratio": "16:9"}
OLD = {"prompt": "a harbour", "model": "ray-2", "aspect_ratio": "16:9", "resolution": "720p", "duration": "5s"}


@pytest.fixture
def luma(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {vendors.environ['LUMA_AGENTS_API_KEY']}"}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_LUMA_URL"], headers=headers, trust_env=False) as opened:
        yield opened


@pytest.fixture
def machine(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {vendors.environ['LUMAAI_API_KEY']}"}
    address = vendors.environ["VIDBUILD_DREAM_MACHINE_URL"]
    with httpx.Client(base_url=address, headers=headers, trust_env=False) as opened:
        yield opened


def frame(picture: bytes) -> dict[str, str]:
    return {"data": base64.b64encode(picture).decode(), "media_type": "image/png"}


def test_a_generation_goes_from_queued_to_completed(vendors: Vendors, luma: httpx.Client, until) -> None:
    made = luma.post("/generations", json={**BODY, "video": {"resolution": "1080p", "duration": "10s"}})
    assert (made.status_code, made.json()["state"]) == (201, "queued")
    path = f"/generations/{made.json()['id']}"
    done = until(lambda: (found := luma.get(path).json())["state"] == "completed" and found)
    assert done["output"][0]["type"] == "video"
    assert httpx.get(done["output"][0]["url"], trust_env=False).content[4:8] == b"ftyp"
    assert [row.usd for row in vendors.luma.ledger] == [3.6]


def test_frames_lie_at_places_of_the_grid(vendors: Vendors, luma: httpx.Client, picture: bytes) -> None:
    two = {"duration": "5s", "keyframes": [frame(picture)] * 2, "keyframe_indexes": [0, 120]}
    assert luma.post("/generations", json={**BODY, "video": two}).status_code == 201
    (job,) = vendors.luma.jobs.values()
    assert (job.wants.init, job.wants.end) == (picture, picture)
    wrong: list[dict[str, Any]] = [
        {"keyframe_indexes": [0]},
        {"keyframe_indexes": [0, 240]},
        {"keyframe_indexes": [0, 0]},
        {"keyframes": [{"data": "bm8="}, frame(picture)]},
        {"keyframes": [{**frame(picture), "url": "https://example.com/a.png"}, frame(picture)]},
        {"loop": True},
    ]
    for change in wrong:
        answer = luma.post("/generations", json={**BODY, "video": {**two, **change}})
        assert (answer.status_code, set(answer.json())) == (400, {"detail"})
    assert len(vendors.luma.ledger) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 7},
        {"negative_prompt": "text"},
        {"aspect_ratio": "9:21"},
        {"model": "ray-9"},
        {"prompt": ""},
        {"video": {"duration": "7s"}},
        {"video": {"duration": 5}},
        {"video": {"resolution": "4k"}},
    ],
)
def test_what_agents_do_not_take_is_told(vendors: Vendors, luma: httpx.Client, change: dict[str, Any]) -> None:
    assert luma.post("/generations", json={**BODY, **change}).status_code == 400
    assert len(vendors.luma.ledger) == 0


def test_failures_have_a_code(vendors: Vendors, luma: httpx.Client) -> None:
    vendors.luma.fault("submit", "refused_at_end", polls=1)
    vendors.luma.max_inflight = 1
    name = luma.post("/generations", json=BODY).json()["id"]
    full = luma.post("/generations", json=BODY)
    assert (full.status_code, full.headers["retry-after"]) == (429, "60")
    failed = luma.get(f"/generations/{name}").json()
    assert (failed["state"], failed["failure_code"]) == ("failed", "content_moderated")


def test_dream_machine_takes_pictures_as_addresses_alone(
    vendors: Vendors, machine: httpx.Client, picture_uri: str, until
) -> None:
    made = machine.post("/generations/video", json={**OLD, "loop": True}).json()
    done = until(lambda: (found := machine.get(f"/generations/{made['id']}").json())["state"] == "completed" and found)
    assert httpx.get(done["assets"]["video"], trust_env=False).content[4:8] == b"ftyp"
    for wrong in ({"type": "image", "url": picture_uri}, {"type": "image"}, {"url": "https://example.com/a.png"}):
        assert machine.post("/generations/video", json={**OLD, "keyframes": {"frame0": wrong}}).status_code == 400
    hosted = {"frame0": {"type": "image", "url": "https://example.com/a.png"}}
    assert machine.post("/generations/video", json={**OLD, "keyframes": hosted}).status_code == 201
    other = httpx.post(vendors.dream_machine.url + "/generations/video", json=OLD, trust_env=False)
    assert other.status_code == 401
