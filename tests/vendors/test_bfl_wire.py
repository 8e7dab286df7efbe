"""Black Forest Labs' double speaks its wire: `providers.md` section 8."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from vidbuild.testing.vendors import Vendors

IMAGE = {"prompt": "a harbour", "width": 1280, "height": 720, "output_format": "png"}
FILM = {"mode": "t2v", "prompt": "a harbour", "duration": 5, "aspect_ratio": "16:9", "resolution": "hd"}


@pytest.fixture
def bfl(vendors: Vendors) -> Iterator[httpx.Client]:
    headers = {"x-key": vendors.environ["BFL_API_KEY"]}
    with httpx.Client(base_url=vendors.environ["VIDBUILD_BFL_URL"], headers=headers, trust_env=False) as opened:
        yield opened


def test_a_job_is_asked_for_where_its_submit_was_answered_to(vendors: Vendors, bfl: httpx.Client, until) -> None:
    vendors.bfl.is_regional = True
    made = bfl.post("/v1/flux-2-pro", json=IMAGE).json()
    assert (made["cost"], f"id={made['id']}" in made["polling_url"]) == (3.0, True)
    done = until(lambda: (found := bfl.get(made["polling_url"]).json())["status"] == "Ready" and found)
    assert httpx.get(done["result"]["sample"], trust_env=False).content[1:4] == b"PNG"
    elsewhere = bfl.get("/v1/get_result", params={"id": made["id"]})
    assert (elsewhere.status_code, elsewhere.json()["status"]) == (404, "Task not found")


def test_frames_are_pictures_or_pairs(vendors: Vendors, bfl: httpx.Client, picture: bytes, picture_uri: str) -> None:
    bare = base64.b64encode(picture).decode()
    film = {**FILM, "mode": "i2v"}
    for keyframes in (bare, [bare], [bare, bare], [[5, bare]], [[0, bare], [2.5, bare], [5, bare]]):
        assert bfl.post("/v1/flux-3-video", json={**film, "keyframes": keyframes}).status_code == 200
    ends = [(job.wants.init is not None, job.wants.end is not None) for job in vendors.bfl.jobs.values()]
    assert ends == [(True, False), (True, False), (True, True), (False, True), (True, True)]
    for wrong in ([], [picture_uri], [bare] * 3, [[6, bare]], "no base64"):
        assert bfl.post("/v1/flux-3-video", json={**film, "keyframes": wrong}).status_code == 422
    assert bfl.post("/v1/flux-3-video", json={**FILM, "keyframes": [bare]}).status_code == 422


@pytest.mark.parametrize(
    ("path", "change"),
    [
        ("flux-2-pro", {"width": 32}),
        ("flux-2-pro", {"aspect_ratio": "16:9"}),
        ("flux-2-pro", {"safety_tolerance": "2"}),
        ("flux-2-pro", {"input_image": "data:image/png;base64,bm8="}),
        ("flux-pro-1.1", {"width": 1500}),
        ("flux-pro-1.1", {"height": 720}),
        ("flux-pro-1.1", {"input_image": "bm8="}),
    ],
)
def test_what_a_model_does_not_take_is_told(
    vendors: Vendors, bfl: httpx.Client, path: str, change: dict[str, Any]
) -> None:
    answer = bfl.post(f"/v1/{path}", json={**IMAGE, **change})
    assert (answer.status_code, isinstance(answer.json()["detail"], list)) == (422, True)
    assert bfl.post("/v1/flux-9", json=IMAGE).status_code == 404
    assert len(vendors.bfl.ledger) == 0


@pytest.mark.parametrize("change", [{"seed": 7}, {"duration": 4}, {"duration": "5"}, {"resolution": "720p"}])
def test_what_films_do_not_take_is_told(vendors: Vendors, bfl: httpx.Client, change: dict[str, Any]) -> None:
    assert bfl.post("/v1/flux-3-video", json={**FILM, **change}).status_code == 422
    assert len(vendors.bfl.ledger) == 0


def test_moderation_is_a_state_of_its_own(vendors: Vendors, bfl: httpx.Client) -> None:
    vendors.bfl.fault("submit", "refused_at_end", polls=1)
    made = bfl.post("/v1/flux-2-pro", json=IMAGE).json()
    assert bfl.get(made["polling_url"]).json()["status"] == "Content Moderated"
    assert httpx.get(made["polling_url"], trust_env=False).status_code == 403
