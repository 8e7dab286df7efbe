"""A project's own workflow: a file and slots, with each mistake at its place."""

from __future__ import annotations

import json

import pytest

from vidbuild import packaged
from vidbuild.catalog.loader import with_own
from vidbuild.catalog.model import Catalog

CATALOG = packaged.catalog()
SCHEMAS = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
GRAPH = {
    "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "a", "clip": ["4", 1]}, "_meta": {"title": "Prompt"}},
    "2": {"class_type": "CLIPTextEncode", "inputs": {"text": "b", "clip": ["4", 1]}, "_meta": {"title": "Twice"}},
    "3": {"class_type": "CLIPTextEncode", "inputs": {"text": "c", "clip": ["4", 1]}, "_meta": {"title": "Twice"}},
    "5": {"class_type": "SaveVideo", "inputs": {"format.codec": "h264"}},
}
MODEL = """name: mine
kind: footage
prices: [{usd: 0, per: take}]
routes:
- provider: comfyui
  id: mine
  operation: video
  workflow:
    file: workflows/FILE
    slots: {"SLOT": $prompt}
"""


def read(file: str = "mine.json", slot: str = "Prompt.text", text: str | None = None) -> tuple[Catalog, list[str]]:
    """Read a project's model; give the catalog, and what is wrong."""
    texts = {"workflows/mine.json": json.dumps(GRAPH) if text is None else text}
    model = {"models/mine.yaml": MODEL.replace("FILE", file).replace("SLOT", slot)}
    catalog, problems = with_own(CATALOG, {}, model, {}, SCHEMAS, texts)
    return catalog, [f"{one.mark}: {one.sentence} | {one.hint}" for one in problems]


@pytest.mark.parametrize(
    ("slot", "place"),
    [("Prompt.text", ("1", "text")), ("2.text", ("2", "text")), ("5.format.codec", ("5", "format.codec"))],
)
def test_a_slot_is_a_nodes_title_or_number_and_its_input(slot: str, place: tuple[str, str]) -> None:
    """An input may have a dot in its name."""
    catalog, problems = read(slot=slot)
    assert problems == []
    workflow = catalog.models["mine"].routes[0].workflow
    assert workflow is not None
    assert workflow.slots == ((*place, "$prompt"),)


@pytest.mark.parametrize("slot", ["Promt.text", "Twice.text", "1.clip", "1.txt", "9.text", "text"])
def test_a_slot_that_is_nowhere_is_told_with_its_place(slot: str) -> None:
    """Misspelt, of two nodes with one title, a link, no input, no node."""
    _, (told,) = read(slot=slot)
    assert told.startswith("models/mine.yaml:10:")
    assert f": `workflows/mine.json` has no input `{slot}` that could be filled | " in told
    if slot == "Promt.text":
        assert "did you mean `Prompt.text`?" in told


def test_files_that_are_no_workflow_are_told() -> None:
    """One that isn't there, the editor's own form, no JSON at all."""
    assert "there is no workflow `workflows/mien.json` | did you mean `workflows/mine.json`?" in read("mien.json")[1][0]
    for text in ('{"nodes": [], "links": []}', "[", "[]", "{}"):
        assert "is no workflow in the API format | save it in ComfyUI with `Export (API)`" in read(text=text)[1][0]


def test_a_route_to_comfyui_needs_a_workflow() -> None:
    """Else there is nothing to run."""
    model = {"models/mine.yaml": MODEL[: MODEL.index("  workflow:")]}
    _, problems = with_own(CATALOG, {}, model, {}, SCHEMAS, {})
    assert [one.sentence for one in problems] == ["a route to `comfyui` needs `workflow`"]
