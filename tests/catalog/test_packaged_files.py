"""vidbuild's own catalog files: held to their schemas, whole, and sourced."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from vidbuild import packaged
from vidbuild.catalog import own
from vidbuild.catalog.model import JOB_VALUES, Catalog, Model
from vidbuild.spec.reader import read
from vidbuild.spec.tree import plain
from vidbuild.spec.validate import validated
from vidbuild.wire.forms import FILTERS, UPLOADED

ROOT = Path(__file__).parents[2]
CATALOG = packaged.catalog()
FILES = sorted((ROOT / "vidbuild/catalog").glob("*/*.yaml"))
SCHEMAS = {
    kind: json.loads((ROOT / f"schemas/{kind}.schema.json").read_text()) for kind in ("platform", "model", "provider")
}
REACHED = [model for model in CATALOG.models.values() if model.routes]
ALIASES = {
    "kling": "kling-3", "kling-v3": "kling-3", "kling-2.1": "kling-2", "kling-2.5": "kling-2", "kling-2.6": "kling-2",
    "kling-image-to-video": "kling-i2v", "runway": "gen-4.5", "runway-gen-4.5": "gen-4.5", "runway-gen-4": "gen-4",
    "gen-4-turbo": "gen-4", "veo": "veo-3.1", "veo-3": "veo-3.1", "seedance": "seedance-2", "minimax": "hailuo-3",
    "hailuo": "hailuo-3", "hailuo-2": "hailuo-2.3", "luma": "ray-3.2", "ray-3": "ray-3.2", "flux": "flux-2-pro",
    "flux-2": "flux-2-pro", "gpt-image": "gpt-image-2", "eleven": "elevenlabs", "eleven-music": "elevenlabs-music",
    "stable-audio": "stable-audio-2", "sora": "sora-2", "seedance-2.0": "seedance-2", "seedance-2-5": "seedance-2.5",
    "ray": "ray-3.2", "luma-ray-2": "ray-2", "dream-machine": "ray-2",
    "minimax-h3": "hailuo-3", "hailuo-03": "hailuo-3",
    "omni": "gemini-omni", "gemini-omni-flash": "gemini-omni", "veo-fast": "veo-3.1-fast", "imagen": "imagen-4",
    "nano-banana": "gemini-image", "nano-banana-pro": "gemini-image-pro", "lyria-3.5": "lyria",
    "flux.2-pro": "flux-2-pro", "flux-pro-1.1": "flux-1.1-pro", "flux-1.1": "flux-1.1-pro", "flux-pro": "flux-1.1-pro",
    "flux-3": "flux-3-video", "flux-video": "flux-3-video",
}  # fmt: skip


def said(file: Path) -> Mapping[str, Any]:
    reading = read(file.read_text(), file.name)
    assert reading.root is not None
    found = plain(reading.root)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_packaged_file_holds_to_its_schema(file: Path) -> None:
    """Read as strictly as a project's own."""
    reading = read(file.read_text(), file.name)
    assert reading.root is not None
    assert reading.problems == () or list(reading.problems) == []
    assert validated(reading.root, (), SCHEMAS[file.parent.name.removesuffix("s")]) == []
    name = str(reading.root.get("name").value)  # type: ignore[union-attr]
    assert file.stem == name.replace("/", "-")


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.parent.name == "providers"], ids=lambda file: file.stem
)
def test_each_fact_of_a_provider_has_source_and_certainty(file: Path) -> None:
    """Each key that says how the vendor is talked to, those of operations too."""
    provider = said(file)
    facts = provider["facts"]
    stated = {
        "domains",
        "base",
        "auth",
        "headers",
        "limits",
        "poll",
        "errors",
        "idempotency",
        "hosts",
        "uploads",
        "settings",
    } & set(provider)
    stated |= {f"every.{key}" for key in provider.get("every", {})}
    assert stated == set(facts)
    for operation in provider["operations"].values():
        assert set(operation) - {"kind", "facts"} == set(operation["facts"])
    assert provider["checked"]


@pytest.mark.parametrize(
    "file", [file for file in FILES if file.parent.name == "providers"], ids=lambda file: file.stem
)
def test_a_packaged_provider_is_as_sound_as_a_projects_own_must_be(file: Path) -> None:
    """Names in templates, auth and keys, what operations need."""
    root = read(file.read_text(), file.name).root
    assert root is not None
    assert list(own.provider_mistakes(root, Catalog({}, {}))) == []


@pytest.mark.parametrize("model", REACHED, ids=lambda model: model.name)
def test_a_model_that_is_driven_is_told_in_full(model: Model) -> None:
    """Its routes lead somewhere, its price is known, its facts have a day and sources."""
    for route in model.routes:
        provider = CATALOG.providers[route.provider]
        for operation in route.operation.values():
            assert provider.operations[operation]["kind"] == model.kind
    assert model.prices
    assert model.checked
    assert model.strengths
    assert 0 < model.latency_s[0] < model.latency_s[1]
    if model.kind == "footage":
        assert model.lengths.longest
        assert model.prompt_limit or model.name == "gemini-omni"
    facts = said(ROOT / f"vidbuild/catalog/models/{model.name}.yaml")["facts"]
    assert "prices" in facts


@pytest.mark.parametrize("model", REACHED, ids=lambda model: model.name)
def test_prices_speak_of_options_that_the_model_has(model: Model) -> None:
    """With values that those take; `init` and `sound` are true or false."""
    for price in (*model.prices, *(price for route in model.routes for price in route.prices)):
        for name, value in price.when.items():
            if name in ("init", "sound"):
                assert isinstance(value, bool)
            elif name == "seconds":
                assert model.lengths.enough(Fraction(value)) == value
            else:
                assert value in model.options[name]["enum"]
                assert model.options[name]["default"] in model.options[name]["enum"]


def test_retired_models_say_what_replaced_them() -> None:
    """With a model that is there and not retired itself."""
    for model in CATALOG.models.values():
        if model.retired_on:
            replaced = CATALOG.models[model.replaced_by or ""]
            assert not replaced.retired_on
            assert replaced.routes


def test_names_that_people_write_mean_what_they_meant() -> None:
    """A changed alias would make another film; `elevenlabs-v3` has become a model of its own."""
    assert {alias: CATALOG.aliases.get(alias) for alias in ALIASES} == ALIASES
    assert CATALOG.model("elevenlabs-v3") is not None
    assert not set(CATALOG.aliases) & set(CATALOG.models)


def test_no_two_providers_share_a_key_or_an_address() -> None:
    """A key belongs to one vendor."""
    keys = [key for provider in CATALOG.providers.values() for key in provider.keys]
    assert len(keys) == len(set(keys))
    bases = [provider.base for provider in CATALOG.providers.values()]
    assert len(bases) == len(set(bases))
    assert all(base.startswith("https://") for base in bases)
    assert CATALOG.providers["runway"].base_variable == "VIDBUILD_RUNWAY_URL"


def test_the_models_of_this_version_are_there() -> None:
    """By the names that the language page and the storyboard form use."""
    assert {
        "kling-2", "kling-i2v", "kling-3", "gen-4.5", "gen-4", "gen-4-image", "veo-3.1", "seedance-2", "hailuo-3",
        "gemini-omni", "flux-2-pro", "veo-3.1-fast", "elevenlabs", "elevenlabs-music", "elevenlabs-sfx",
        "stable-audio-2", "stable-audio-2.5", "vision-judge",
    } <= {model.name for model in REACHED}  # fmt: skip


def test_lengths_are_exact() -> None:
    """The least that is enough, or nothing."""
    lengths = CATALOG.models["elevenlabs-sfx"].lengths
    assert [lengths.enough(Fraction(need, 10)) for need in (1, 11, 300, 301)] == [
        Fraction(1, 2),
        Fraction(3, 2),
        30,
        None,
    ]
    assert CATALOG.models["veo-3.1"].lengths.enough(Fraction(5)) == 6


def test_the_schema_knows_the_filters_that_there_are() -> None:
    """A filter that nothing does is a mistake at load, not at the submit."""
    pattern = SCHEMAS["provider"]["$defs"]["template"]["pattern"]
    listed = pattern.partition("\\|(")[2].partition(")")[0].split("|")
    assert sorted(listed) == sorted([*FILTERS, "or", UPLOADED])


def test_templates_name_only_what_a_job_has() -> None:
    """In routes too: a misspelt name would silently send nothing."""

    def names(template: Any) -> Iterator[str]:
        if isinstance(template, str) and template.startswith("$") and not template.startswith("$$"):
            yield template[1:].split("|")[0].split(".")[0]
        elif isinstance(template, Mapping):
            for part in template.values():
                yield from names(part)
        elif isinstance(template, list):
            for part in template:
                yield from names(part)

    for model in REACHED:
        for route in model.routes:
            values = {
                name for one in CATALOG.providers[route.provider].operations.values() for name in one.get("values", {})
            }
            assert set(names(route.send)) <= {*JOB_VALUES, *values, *route.send}
