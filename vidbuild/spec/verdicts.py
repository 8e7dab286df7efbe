"""jsonschema with the language's own keywords: what is planned is an error, decimals are exact numbers.

Imported only when something is refused: importing jsonschema costs as much as reading 2 000 shots.
It knows no nodes and no sentences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import referencing
from jsonschema import Draft202012Validator, ValidationError, validators


def validator_of(schema: Mapping[str, Any]) -> Any:
    """Give the validator of a schema, which must not name its `$schema`: that would choose another."""
    checker = Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole)
    keywords = {"x-planned": _planned, "x-planned-values": _planned_value, "x-planned-types": _planned_type}
    extend: Any = validators.extend
    kind = extend(Draft202012Validator, keywords, type_checker=checker)
    return kind(schema, registry=referencing.Registry())


def _is_whole(_: Any, value: object) -> bool:
    if isinstance(value, Decimal):
        return value == int(value)
    return isinstance(value, int) and not isinstance(value, bool)


def _planned(_: Any, on: bool, __: object, ___: object) -> Iterator[ValidationError]:
    if on:
        yield ValidationError("planned")


def _planned_value(_: Any, values: list[str], value: object, __: object) -> Iterator[ValidationError]:
    if isinstance(value, str) and value in values:
        yield ValidationError("planned")


def _planned_type(_: Any, kinds: Mapping[str, str], value: object, __: object) -> Iterator[ValidationError]:
    forms = {"object": dict, "array": list, "string": str}
    if any(isinstance(value, forms[kind]) for kind in kinds):
        yield ValidationError("planned")
