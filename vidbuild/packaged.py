"""What ships with vidbuild, read: schemas, styles, its own catalog."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from vidbuild.catalog import loader
from vidbuild.catalog.model import Catalog
from vidbuild.share import PACKAGE, share


def schema(name: str) -> Mapping[str, Any]:
    """Read one of the shipped schemas."""
    found: Mapping[str, Any] = json.loads(share(f"schemas/{name}.schema.json").read_text(encoding="utf-8"))
    return found


def styles() -> Mapping[str, Path]:
    """List the shipped style templates by full name, `cinematic@1`."""
    return {path.stem: path for path in sorted(share("templates/styles").glob("*.j2"))}


@cache
def catalog() -> Catalog:
    """Read vidbuild's own platforms, models and providers; once, however many sessions ask."""
    workflows = {f"workflows/{name}": text for name, text in _texts("workflows", "json").items()}
    return loader.packaged(_texts("platforms"), _texts("models"), _texts("providers"), workflows)


def _texts(kind: str, suffix: str = "yaml") -> Mapping[str, str]:
    files = sorted((PACKAGE / "catalog" / kind).glob(f"*.{suffix}"))
    return {file.name: file.read_text(encoding="utf-8") for file in files}


def unspoken(id: str) -> str | None:
    """Say what voices `local/voice` has, of an id that is none of them."""
    from vidbuild.runners.local import voice

    return voice.unspoken(id)
