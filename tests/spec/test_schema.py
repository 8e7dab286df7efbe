"""The schema of projects: whole, described, and of forms that our sentences know."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from vidbuild.spec import reader
from vidbuild.spec.outline import outline
from vidbuild.spec.tree import plain
from vidbuild.spec.validate import validated

WHOLE = """
vidbuild: 1
name: espresso
fps: 24
aspect: "16:9"
seed: 884412
style: {template: cinematic, with: {light: warm tungsten, lens: 35mm}}
negative: [text, watermark]
cast:
  barista:
    description: a woman in her thirties
    image: {model: flux-2-pro, prompt: "portrait of {{ description }}"}
    voice: {model: elevenlabs, id: Rachel}
  cup: {image: {file: assets/cup.png}, exact: true}
shots:
  - id: bar
    title: At the bar
    model: kling-3
    shots:
      - id: pour
        duration_s: 6
        model: {needs: [hands, close-up], max_usd_per_s: 0.2}
        prompt: "{{ cast.barista }} pours espresso"
        takes: 2
        take: 2
      - id: crema
        model: [kling-3, hailuo-3]
        prompt: crema swirling in the cup
        text: [{text: Pulled by hand, at: [1, 5], place: lower-third}]
  - id: serve
    duration_s: auto
    prompt: she slides the cup across the counter
    init_image: crema.last_frame
    say: {by: barista, text: "Come in."}
    layers: [{file: assets/logo.png, place: top-right, scale: 0.12, at: [sign, end], fade_in_s: 0.3}]
audio: {music: {model: stable-audio, prompt: guitar, duck_db: -12, fade_out_s: 1}}
captions: {preset: clean, sidecar: [srt, vtt]}
outputs: [youtube, {platform: tiktok, captions: burn}, {platform: square, reframe: blur}]
budget: {max_usd: 6}
"""


def parts(part: Any, path: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Walk the named keys of a schema."""
    if isinstance(part, dict):
        for name, inner in part.get("properties", {}).items() if isinstance(part.get("properties"), dict) else ():
            yield f"{path}.{name}", inner
            yield from parts(inner, f"{path}.{name}")
        for key in ("items", "additionalProperties", "then", "else"):
            yield from parts(part.get(key), f"{path}.{key}")


def described(part: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """Follow a reference, its own description first."""
    if "$ref" not in part:
        return part
    return {**schema["$defs"][part["$ref"].rsplit("/", 1)[-1]], **part}


def test_the_schema_is_a_schema(schema: Mapping[str, Any]) -> None:
    """Of draft 2020-12."""
    Draft202012Validator.check_schema(schema)


def test_every_key_is_described(schema: Mapping[str, Any]) -> None:
    """One line, ending in a period: editors show it."""
    keys = [*parts(schema)] + [found for name, part in schema["$defs"].items() for found in parts(part, name)]
    lacking = [
        path
        for path, part in keys
        if path.count(".") == 1 and not str(described(part, schema).get("description", "")).endswith((".", "`."))
    ]
    assert lacking == []


def test_no_variants_are_judged_by_oneof(schema: Mapping[str, Any]) -> None:
    """Their errors say nothing."""
    assert "oneOf" not in str(schema)
    assert "anyOf" not in str(schema)


def test_the_whole_language_is_in_the_schema(schema: Mapping[str, Any]) -> None:
    """The language page's example has no unknown key: what isn't built yet says so."""
    root = reader.read(WHOLE, "p.yaml").root
    assert root is not None
    told = {problem.sentence for problem in validated(root, outline(root), schema)}
    assert told == {
        f"`{key}` is not built yet"
        for key in [
        ]
    }  # fmt: skip


@pytest.mark.parametrize("key", ["vidbuild", "fps", "aspect", "seed", "shots", "outputs", "style_preamble"])
def test_top_level_keys_have_what_editors_complete_from(schema: Mapping[str, Any], key: str) -> None:
    """A type (or constant) and, where there is one, a default."""
    part = described(schema["properties"][key], schema)
    assert "type" in part or "const" in part
    assert "default" in part or key == "shots"


def test_the_schema_alone_judges_a_built_project(schema: Mapping[str, Any]) -> None:
    """Editors, which don't know our keywords, agree on plain projects."""
    root = reader.read("vidbuild: 1\nshots: [{id: a, prompt: x, duration_s: 6}]\n", "p.yaml").root
    assert root is not None
    assert list(Draft202012Validator(schema).iter_errors(plain(root))) == []
