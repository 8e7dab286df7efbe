"""Edits that must cost nothing, all in one project, one after the other: the vendors see no request at all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from small_films import VIDEO, since

from vidbuild.testing.shop import Shop

FILM = """\
vidbuild: 1
name: film
fps: 12
seed: 7
style: {template: cinematic, with: {light: warm tungsten}}
negative: [text]
outputs: [wide]
judge: {model: vision-judge, questions: [is it a cup], threshold: 0.5}
budget: {max_usd: 5}
shots:
  - id: pour
    duration_s: 2
    model: {needs: [motion]}
    prompt: a barista pours espresso into a cup, slow push-in
  - id: crema
    duration_s: 2
    model: MODEL
    options: {lines: 360}
    prompt: crema swirling
  - id: serve
    duration_s: 2
    model: [MODEL, kling-3]
    options: {lines: 360}
    prompt: she slides the cup
    init_image: crema.last_frame
audio:
  music: {model: stable-audio-2, prompt: warm guitar}
"""
PROFILE = "name: wide\nsize: [160, 90]\nvideo: {preset: ultrafast, crf: 30}\naudio: {kbps: 64}\n"
MODEL, PROVIDER = f"models/{VIDEO}.yaml", "providers/plain-keyed.yaml"

EDITS: tuple[tuple[str, list[tuple[str, str, str]]], ...] = (
    ("comments", [("name: film\n", "# a film\nname: film  # ours\n", "")]),
    ("a wrapped prompt", [(
        "prompt: a barista pours espresso into a cup, slow push-in",
        "prompt: >-\n      a barista pours espresso\n      into a cup,  slow push-in", "",
    )]),
    ("ids", [("- id: pour", "- id: opening", "")]),
    ("a note", [("    prompt: crema swirling\n", "    prompt: crema swirling\n    note: lovely\n", "")]),
    ("a shorter shot", [("- id: opening\n    duration_s: 2", "- id: opening\n    duration_s: 1", "")]),
    (
        "a threshold, caps",
        [("threshold: 0.5", "threshold: 0.8", ""), ("max_usd: 5", "max_usd: 1", "")],
    ),
    ("reshoots", [("seed: 7\n", "seed: 7\nreshoots: 3\n", "")]),
    ("a price", [("usd: 0.1,", "usd: 0.7,", MODEL)]),
    ("the catalog's default of an option", [("default: 720", "default: 1080", MODEL)]),
    ("a mended prompt template", [
        ("prompt: {limit: 4000}", 'prompt: {limit: 4000, template: "{prompt}, film grain{avoid}"}', MODEL),
    ]),
    ("a vendor's limits, its polling, its wire", [
        ("concurrent: 20", "concurrent: 2", PROVIDER),
        ("usual_s: 0.1", "usual_s: 3", PROVIDER),
        ("first_frame: $init|uploaded", "start: $init|uploaded", PROVIDER),
    ]),
    ("a route", [(
        "routes: [{provider: plain-keyed, id: plain-video-1, operation: video}]",
        "routes: [{provider: plain-keyed, id: plain-video-2, operation: video}]", MODEL,
    )]),
    ("a platform's bitrate", [("crf: 30", "crf: 34", "platforms/wide.yaml")]),
    ("the music's gain", [("prompt: warm guitar}", "prompt: warm guitar, gain_db: -6}", "")]),
)  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """The film, bought."""
    with Shop(tmp_path / "shop", "keyed") as shop:
        for key in ("KLING_ACCESS_KEY", "RUNWAYML_API_SECRET"):
            shop.environ[key] = ""
        shop.write("platforms/wide.yaml", PROFILE)
        shop.write(shop.file, FILM.replace("MODEL", VIDEO))
        shop.build("--yes")
        yield shop


def test_no_edit_of_these_is_ever_submitted(shop: Shop) -> None:
    """All of them, with the order of shots and the keys of cheaper vendors: free to plan, and built unasked.

    Each by itself is told at the level of plans (`tests/plan/test_costs_nothing.py`).
    """
    count, paid = len(shop.vendors.requests), shop.paid
    assert paid == 7
    for _, edits in EDITS:
        for old, new, file in edits:
            shop.edit(old, new, file or None)
    swap(shop)
    shop.environ |= shop.vendors.secrets
    assert shop.plan()["totals"]["cost_usd"]["high"] == 0
    built = shop.build()
    assert built.counted != set()
    assert {ran.mnemonic for ran in built.counted} <= {"Segment", "Join", "Mix"}
    assert since(shop, count) == []
    assert shop.paid == paid


def swap(shop: Shop) -> None:
    """Put the first shot behind the others."""
    path = shop.folder / shop.file
    spec = yaml.safe_load(path.read_text())
    spec["shots"] = [*spec["shots"][1:], spec["shots"][0]]
    path.write_text(yaml.safe_dump(spec, sort_keys=False))
