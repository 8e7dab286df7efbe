"""A real ComfyUI server (`make comfy`): graphs of nodes that need no model, through the driver that builds have.

It is skipped unless `VIDBUILD_REAL_COMFYUI` names a server that answers, since no test reaches for the network. What
the server answers is held to the forms in `tests/golden/recorded/comfyui.json`.
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vidbuild import packaged
from vidbuild.catalog.model import Catalog, Workflow
from vidbuild.testing.contract import Case, Trial
from vidbuild.words.errors import VendorFailed, VidbuildError

SERVER = os.environ.get("VIDBUILD_REAL_COMFYUI", "").rstrip("/")
TOLD = json.loads((Path(__file__).parents[1] / "golden/recorded/comfyui.json").read_text())
CATALOG = packaged.catalog()
PICTURE = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 1, "color": 0}},
    "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0], "filename_prefix": "vidbuild/still"}},
    "3": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
}
FILM = {
    "1": {"class_type": "EmptyImage", "inputs": {"width": 64, "height": 64, "batch_size": 24, "color": 0}},
    "2": {"class_type": "CreateVideo", "inputs": {"images": ["1", 0], "fps": 24}},
    "3": {
        "class_type": "SaveVideo",
        "inputs": {"video": ["2", 0], "filename_prefix": "vidbuild/take", "format": "mp4", "codec": "h264"},
    },
}


def asked(path: str) -> Any:
    """Ask the server."""
    with urllib.request.urlopen(f"{SERVER}{path}", timeout=10) as got:
        return json.load(got)


@pytest.fixture(autouse=True)
def _reached() -> None:
    if not SERVER:
        pytest.skip("`make comfy` names a server")
    try:
        asked("/queue")
    except (OSError, ValueError, urllib.error.URLError) as error:
        pytest.skip(f"no ComfyUI answers at {SERVER}: {error}")


def running(graph: dict[str, Any], name: str) -> Catalog:
    """Give the catalog with a model that runs a graph; its first node's colour is the seed."""
    model = CATALOG.models[name]
    workflow = Workflow(graph, (("1", "color", "$seed"),))
    route = replace(model.routes[0], workflow=workflow)
    return replace(CATALOG, models={**CATALOG.models, name: replace(model, routes=(route,))})


def trial(folder: Path, graph: dict[str, Any], name: str, operation: str) -> Trial:
    case = Case("comfyui", operation, name, ())
    return Trial(folder, {"VIDBUILD_COMFYUI_URL": SERVER}, case, running(graph, name))


def like(form: Any, found: Any, at: str = "") -> None:
    """See that an answer has all keys of a form, with values of its kinds."""
    if isinstance(form, dict):
        assert isinstance(found, dict), at
        assert set(form) <= set(found), at
        for key in form:
            like(form[key], found[key], f"{at}.{key}")
    elif isinstance(form, list):
        assert isinstance(found, list), at
    else:
        assert isinstance(found, type(form)), at


@pytest.mark.parametrize(
    ("graph", "name", "operation"), [(PICTURE, "comfyui-flux", "picture"), (FILM, "comfyui-wan-2.2", "video")]
)
def test_a_graph_is_run_fetched_and_told_no_more(tmp_path: Path, graph: Any, name: str, operation: str) -> None:
    """Its id is ours, its history has the known form, and its file does not tell the graph."""
    one = trial(tmp_path, graph, name, operation)
    found = one.run()
    assert not isinstance(found, VidbuildError), found.text()
    id = found["job"].partition("/")[2]
    history = asked(f"/history/{id}")
    like(TOLD["done"]["ID"]["status"], history[id]["status"])
    like(TOLD["idle"], asked("/queue"))
    (path,) = one.outputs.values()
    assert b"class_type" not in path.read_bytes()


def test_a_graph_that_it_cannot_run_is_told_in_its_words(tmp_path: Path) -> None:
    """Nothing is queued."""
    wrong = {**PICTURE, "1": {"class_type": "EmptyImage", "inputs": {"width": "wide", "height": 64, "batch_size": 1}}}
    found = trial(tmp_path, wrong, "comfyui-flux", "picture").run()
    assert isinstance(found, VendorFailed), found
