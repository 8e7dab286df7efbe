"""Options of a model: which of what is written it takes, by the schemas that its catalog entry gives."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Model


def unasked(model: Model, options: Mapping[str, Any]) -> str | None:
    """Say which of the options that are written a model can't be sent, or `None` where it takes them all."""
    for name, value in options.items():
        if name not in model.options:
            return f"`{model.name}` takes no option `{name}`"
        if not takes(model.options[name], value):
            return f"the option `{name}` of `{model.name}` can't be {value!r}"
    return None


_KINDS: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "boolean": (bool,),
    "number": (int, Decimal, Fraction),
    "array": (list, tuple),
    "object": (dict,),
}


def takes(schema: Mapping[str, Any], value: Any) -> bool:
    """Say whether an option's schema (type, enum, minimum, maximum) takes a value."""
    wanted = str(schema.get("type", ""))
    if wanted in _KINDS and not isinstance(value, _KINDS[wanted]):
        return False
    if isinstance(value, bool) and wanted not in ("", "boolean"):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    low, high = schema.get("minimum"), schema.get("maximum")
    return (low is None or value >= low) and (high is None or value <= high)


def words(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return f"it is one of {', '.join(str(value) for value in schema['enum'])}"
    bounds = [
        f"{word} {schema[key]}" for key, word in (("minimum", "at least"), ("maximum", "at most")) if key in schema
    ]
    return f"it is {schema.get('type', 'a value')} {' and '.join(bounds)}".rstrip()
