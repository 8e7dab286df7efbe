"""ComfyUI's protocol as its server writes it: slots filled, an id of our own, queue, then history, a file."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import pytest
from wire_of import CATALOG, NONCE, PNG, answer, job, ready, wire

from vidbuild.wire.values import Accepted, Cause, Done, Pending, Request, Wrong

TOLD = (Path(__file__).parents[1] / "golden/recorded/comfyui.json").read_text()
BASE = "http://127.0.0.1:8188"


def here() -> Any:
    return wire("comfyui-wan-2.2", base=BASE)


def sent(**said: Any) -> dict[str, Any]:
    """Give the body of a submit."""
    one = here()
    body: dict[str, Any] = json.loads(one.submit(ready(one, job("comfyui-wan-2.2", **said))).body)
    return body


ID = str(sent()["prompt_id"])
HANDLE = {"id": ID, "operation": "video"}


def told(name: str) -> Any:
    """Give an answer of the server, for our prompt."""
    return answer(json.loads(TOLD.replace('"ID"', f'"{ID}"'))[name])


def test_slots_are_filled_and_all_else_is_the_graphs_own() -> None:
    """Also what is no slot; titles aren't sent; an option is a slot like any other."""
    graph = sent(options={"steps": 30})["prompt"]
    assert graph["6"]["inputs"]["text"] == "a boat at night"
    assert graph["7"]["inputs"]["text"] == "text, logos"
    assert (graph["3"]["inputs"]["seed"], graph["3"]["inputs"]["steps"], graph["3"]["inputs"]["cfg"]) == (7, 30, 5)
    size = graph["55"]["inputs"]
    assert (size["width"], size["height"], size["length"]) == (1024, 576, 121)
    assert graph["37"] == {"class_type": "UNETLoader", "inputs": CATALOG_GRAPH["37"]["inputs"]}
    assert not any("_meta" in node for node in graph.values())


CATALOG_GRAPH = CATALOG.models["comfyui-wan-2.2"].routes[0].workflow.graph  # type: ignore[union-attr]


def test_without_a_first_picture_its_node_goes_and_with_one_it_is_brought() -> None:
    """One graph serves both: the link to the node goes with it."""
    bare, begun = sent()["prompt"], sent(pictures={"init": PNG})["prompt"]
    assert "56" not in bare
    assert "start_image" not in bare["55"]["inputs"]
    assert begun["55"]["inputs"]["start_image"] == ["56", 0]
    assert begun["56"]["inputs"]["image"].startswith("https://files.example/")


def test_the_prompts_id_is_ours_in_the_form_that_the_server_takes() -> None:
    """Canonical, lower case, with hyphens; the same for the same purchase, another for another."""
    assert str(uuid.UUID(ID)) == ID
    assert sent()["prompt_id"] == ID
    assert sent(nonce="another")["prompt_id"] != ID
    one = here()
    one.submit(ready(one, job("comfyui-wan-2.2")))
    assert one.submitted(told("submitted")) == Accepted(HANDLE)


def test_the_queue_is_asked_first_and_then_the_history() -> None:
    """So a job that ends in between is in one of them; one that is in neither is gone, and not failed."""
    one = here()
    assert one.poll(HANDLE).url == f"{BASE}/queue"
    assert one.polled(told("waiting"), HANDLE) == Pending("queued")
    assert one.polled(told("running"), HANDLE) == Pending("running")
    then = one.polled(told("idle"), HANDLE)
    assert isinstance(then, Request)
    assert (then.method, then.url) == ("GET", f"{BASE}/history/{ID}")
    gone = one.polled(told("unknown"), HANDLE)
    assert isinstance(gone, Wrong)
    assert (gone.cause, gone.has_ended) == (Cause.GONE, False)


def test_the_kept_film_is_fetched_and_no_preview() -> None:
    """By the names that the history tells, which lead nowhere else; what the file tells is taken out."""
    done = here().polled(told("done"), HANDLE)
    assert isinstance(done, Done)
    film = done.artifacts["video"]
    assert film.url == f"{BASE}/view?filename=take_00001_.mp4&subfolder=vidbuild&type=output"
    assert film.is_told
    odd = json.loads(TOLD.replace('"ID"', f'"{ID}"').replace("take_00001_.mp4", "../../x&y=1.mp4"))["done"]
    climbing = here().polled(answer(odd), HANDLE)
    assert isinstance(climbing, Done)
    assert climbing.artifacts["video"].url == (
        f"{BASE}/view?filename=..%2F..%2Fx%26y%3D1.mp4&subfolder=vidbuild&type=output"
    )
    webm = json.loads(TOLD.replace('"ID"', f'"{ID}"').replace("take_00001_.mp4", "take_00001_.webm"))["done"]
    assert isinstance(here().polled(answer(webm), HANDLE), Wrong), "only an MP4 is a take"


@pytest.mark.parametrize(
    ("name", "cause", "words"),
    [("failed", Cause.FAILED, "Allocation on device"), ("interrupted", Cause.CANCELLED, "")],
)
def test_a_job_that_ended_badly_says_why(name: str, cause: Cause, words: str) -> None:
    """By the last of its messages."""
    wrong = here().polled(told(name), HANDLE)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended, wrong.message) == (cause, True, words)


def test_a_graph_that_cant_run_says_which_node_lacks_what() -> None:
    """Nothing was queued; a model that isn't installed is told by name."""
    for name, words in (("invalid", "wan2.2_ti2v_5B_fp16.safetensors' not in"), ("bad_id", "canonical lowercase")):
        wrong = here().submitted(answer(json.loads(TOLD)[name], 400))
        assert isinstance(wrong, Wrong)
        assert (wrong.cause, wrong.is_unmade) == (Cause.INVALID, True)
        assert words in wrong.message


def test_a_lost_answer_is_looked_up_as_a_poll_is_sent() -> None:
    """In the queue, in the history, or surely nowhere."""
    one = here()
    one.submit(ready(one, job("comfyui-wan-2.2")))
    asked = one.find(NONCE, 0)
    assert asked is not None
    assert asked.url == f"{BASE}/queue"
    assert one.found(told("running"), NONCE) == Accepted(HANDLE)
    assert isinstance(one.found(told("idle"), NONCE), Request)
    assert one.found(told("done"), NONCE) == Accepted(HANDLE)
    assert one.found(told("failed"), NONCE) == Accepted(HANDLE)
    assert one.found(told("unknown"), NONCE) is None
    assert one.is_list_complete
