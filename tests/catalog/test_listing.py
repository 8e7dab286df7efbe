"""What `vidbuild models` prints: legible at 100 columns, and no secret in it."""

from __future__ import annotations

from dataclasses import replace

from vidbuild import packaged
from vidbuild.catalog.listing import model_lines
from vidbuild.catalog.model import Catalog, Model

CATALOG = packaged.catalog()


def lines_of(name: str, present: set[str]) -> list[str]:
    """Give one model's lines."""
    only = Catalog({}, {name: CATALOG.models[name]}, {}, CATALOG.providers)
    lines = list(model_lines(only, present))
    return lines[: lines.index("")]


def test_a_model_is_told_in_full() -> None:
    """Kind, lengths, price, route and key, the day; then aspects, what it takes and is good at."""
    assert lines_of("kling-i2v", set()) == [
        "kling-i2v          footage  3 to 10 s   $0.042 to 0.14/s         kling (no key)           2026-11-20",
        "    Kling 2.6, from a picture (Kuaishou); takes a first and a last picture (needs it); sound on",
        "    request; good at people, faces, motion, camera, landscape, product; options: mode, audio; also",
        "    kling-image-to-video",
    ]


def test_keys_that_are_there_are_told_by_name() -> None:
    """All of a provider's keys are needed; one route of several is enough."""
    assert " kling (no key) " in lines_of("kling-i2v", {"KLING_ACCESS_KEY"})[0]
    assert " kling  " in lines_of("kling-i2v", {"KLING_ACCESS_KEY", "KLING_SECRET_KEY"})[0]
    assert "fal                FAL_KEY is set" in list(model_lines(CATALOG, {"FAL_KEY"}))


def test_many_ways_to_a_model_are_counted_and_named_below() -> None:
    """The first that there is a key for; two short ones are told beside each other."""
    veo = CATALOG.models["veo-3.1-fast"]
    assert [route.provider for route in veo.routes[:2]] == ["fal", "runway"]
    others = len(veo.routes) - 1
    assert "through fal, runway, " in " ".join(line.strip() for line in lines_of("veo-3.1-fast", set()))
    assert f" fal, {others} more (no keys) " in lines_of("veo-3.1-fast", set())[0]
    assert f" fal, {others} more " in lines_of("veo-3.1-fast", {"FAL_KEY", "RUNWAYML_API_SECRET"})[0]
    assert f" {others + 1} ways (no key) " in lines_of("veo-3.1-fast", {"REPLICATE_API_TOKEN"})[0]
    catalog = replace(CATALOG, models={"veo-3.1-fast": replace(veo, routes=veo.routes[:2])})
    assert " fal, runway (no key) " in next(model_lines(catalog, {"FAL_KEY"}))


def test_models_that_can_not_be_used_say_so() -> None:
    """Retired ones what to use instead, others that there is no way to them."""
    assert " use veo-3.1 " in lines_of("sora-2", set())[0]
    assert "retired on 2026-09-24" in lines_of("sora-2", set())[1]
    unreached = replace(CATALOG.models["ray-3.2"], routes=())
    lines = list(model_lines(Catalog({}, {"ray-3.2": unreached}, {}, CATALOG.providers), set()))
    assert " no way to it yet " in lines[0]
    assert lines_of("local/animatic", set())[0].endswith("here, free")


def test_no_line_is_longer_than_100_columns() -> None:
    """Whatever a title says; nor does one drive the terminal."""
    loud = Model("own-1", "footage", title="\x1b[31m" + "wide " * 60)
    catalog = replace(CATALOG, models={**CATALOG.models, "own-1": loud})
    lines = list(model_lines(catalog, set()))
    assert max(map(len, lines)) <= 100
    assert not any("\x1b" in line for line in lines)
