"""The words for what a schema refuses: what must stand there, what does, what was probably meant.

It sees one verdict of jsonschema and the node that it is about.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from vidbuild.spec import syntax
from vidbuild.spec.rewrite import rewritten
from vidbuild.spec.tree import Node, Style
from vidbuild.words.amounts import counted
from vidbuild.words.errors import Problem
from vidbuild.words.names import did_you_mean

_KINDS = {
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_LEAST = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}


def problem(place: Node, path: list[str | int], error: Any, role: str) -> Problem:
    """Put a verdict into words."""
    name, rule = label(path, role), str(error.validator)
    wanted, part = error.validator_value, error.schema
    if rule.startswith("x-planned"):
        return _planned(place, path, rule, error)
    if rule == "required":
        return _lacking(place, name, wanted)
    if rule == "type":
        return _kind(place, name, wanted, part, path)
    if rule in ("enum", "const"):
        return _choice(place, name, [wanted] if rule == "const" else wanted, part, path)
    if rule == "multipleOf" and wanted == 2:
        return Problem(place.mark, f"{name} must be even, not {shown(place)}")
    if rule in _LEAST:
        unit = f" {part['x-unit']}" if "x-unit" in part and part["x-unit"] != "fractions of the picture" else ""
        return Problem(place.mark, f"{name} must be {_LEAST[rule]} {wanted}{unit}, not {shown(place)}")
    if rule == "minItems" and wanted == 1:
        return Problem(place.mark, f"{name} is empty")
    if rule == "pattern" or "x-form" in part:
        sentence = f"{name} must be {part.get('x-form', 'well formed')}, not {shown(place)}"
        return Problem(place.mark, sentence, hint=rewritten(place, path, part))
    return Problem(place.mark, _amount(name, rule, wanted))


def stranger(key: str, child: Node, known: list[str], role: str, instead: str | None) -> Problem:
    """Tell an unknown key of a role: a project's, a shot's, or that of the key that holds it.

    Args:
        instead: what the schema says to do instead.
    """
    if child.style is Style.BARE:
        return bare(key, child)
    hint = instead or did_you_mean(key, known) or _elsewhere(key, role)
    return Problem(child.key_mark, f"`{key}` is not a key of {_role(role)}", hint=hint)


def bare(key: str, child: Node) -> Problem:
    """Tell a key in brackets that has no value: what a comma in a text leaves behind, or a colon without its space."""
    if told := syntax.tight(key, child.key_mark):
        return told
    sentence = f"the comma before `{key}` ends the text, so that `{key}` became a key"
    return Problem(child.key_mark, sentence, hint="put a text with a comma inside `{ }` in quotes")


def label(path: list[str | int], role: str = "") -> str:
    """Name a value by its nearest key."""
    if not path:
        return f"a {role}" if role not in ("project", "") else "the project"
    key = next((step for step in reversed(path) if isinstance(step, str)), "")
    if isinstance(path[-1], int):
        return f"an entry of `{key}`" if key else "an entry"
    return f"`{key}`"


def shown(node: Node) -> str:
    """Show a found value briefly."""
    value = node.value
    if value is None:
        return "nothing" if node.style in (Style.EMPTY, Style.BARE, Style.HASHED) else "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value[:40]}..."' if len(value) > 43 else f'"{value}"'
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list) else str(value)


def is_number(value: object) -> bool:
    """Say whether a value is a number; true and false are none."""
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)


def _role(role: str) -> str:
    """Name what has keys; a leading dot marks one that is known by the key that holds it."""
    return {
        "included": "an entry that includes a file",
        ".card": "a card",
        ".style": "a style",
        ".music": "a cue of music",
        ".sfx": "a sound effect",
        ".say": "a spoken line",
        ".image": "a picture",
        ".init_image": "a picture",
        ".end_image": "a picture",
        ".background": "a picture",
        ".outputs": "an output",
        ".tests": "a test",
    }.get(role) or (f"`{role[1:]}`" if role.startswith(".") else f"a {role}")


def _elsewhere(key: str, role: str) -> str | None:
    """Say where a key belongs that people put elsewhere."""
    if role == "group" and key in ("prompt", "file", "card", "init_image", "end_image", "in_s", "out_s"):
        return "it belongs to a shot; this entry is a group, since it holds `shots`"
    if role == "included":
        return "put it on a group that holds the `include`"
    return None


def _planned(place: Node, path: list[str | int], rule: str, error: Any) -> Problem:
    wanted, part, what = error.validator_value, error.schema, label(path)
    if rule == "x-planned-values":
        what = f"`{what.strip('`')}: {place.value}`"
    elif rule == "x-planned-types":
        kind = "object" if isinstance(place.value, dict) else "array" if isinstance(place.value, list) else "string"
        key = next((step for step in reversed(path) if isinstance(step, str)), "")
        what = f"`{key}: {str(place.value)[:40] if kind == 'string' else wanted[kind]}`"
    hint = part.get("x-instead", "leave it out with this version")
    return Problem(place.key_mark, f"{what} is not built yet", hint=hint)


def _lacking(place: Node, name: str, wanted: list[str]) -> Problem:
    missing = next((key for key in wanted if not place.has(key)), wanted[0])
    return Problem(place.mark, f"{name} needs `{missing}`")


def _kind(place: Node, name: str, wanted: str | list[str], part: Mapping[str, Any], path: list[str | int]) -> Problem:
    """Tell that a value is of another kind; a comment that swallowed it is told as that."""
    if place.style is Style.HASHED:
        return syntax.commented(name, place.mark)
    if place.style is Style.BARE:
        sentence = f"{name} has no value here: a comma in a text ends it, inside `{{ }}`"
        return Problem(place.mark, sentence, hint="put a text with a comma in quotes")
    kinds = [wanted] if isinstance(wanted, str) else wanted
    said = part.get("x-form") or " or ".join(_KINDS[kind] for kind in kinds)
    if "object" in kinds and type(place.value) is str and place.style in (Style.PLAIN, Style.CUT):
        is_key = place.value.partition(":")[0] in part.get("properties", {})
        if is_key and (told := syntax.tight(place.value, place.mark)):
            return told
        if syntax.is_dashed(key := place.value.partition(":")[0]):
            return syntax.dashed(key, place.mark)
    hint = rewritten(place, path, part)
    is_text = "string" in kinds and not {"integer", "number"} & set(kinds)
    is_text = is_text and ("x-form" not in part or "pattern" in part)
    if is_text and (is_number(place.value) or isinstance(place.value, bool)):
        hint = "quote it"
    return Problem(place.mark, f"{name} must be {said}, not {shown(place)}", hint=hint)


def _choice(place: Node, name: str, wanted: list[Any], part: Mapping[str, Any], path: list[str | int]) -> Problem:
    planned = part.get("x-planned-values", ())
    open_ = [str(choice) for choice in wanted if choice not in planned]
    if not open_ or (planned and "x-form" in part) or place.value is None or isinstance(place.value, (list, dict)):
        form = part.get("x-form", " or ".join(open_))
        sentence = f"{name} must be {form}, not {shown(place)}"
        return Problem(place.mark, sentence, hint=rewritten(place, path, part))
    listed = open_[0] if len(open_) == 1 else ", ".join(open_[:-1]) + f" or {open_[-1]}"
    hint = part.get("x-instead") if part.get("const") else None
    if isinstance(place.value, str):
        hint = "leave out the quotes" if place.value in map(str, wanted) else did_you_mean(place.value, open_)
    return Problem(place.mark, f"{name} must be {listed}, not {shown(place)}", hint=hint)


def _amount(name: str, rule: str, wanted: Any) -> str:
    if rule in ("minLength", "minItems"):
        return f"{name} is empty" if wanted == 1 else f"{name} must have at least {counted(wanted, 'entry', 'entries')}"
    if rule == "maxLength":
        return f"{name} is longer than {counted(wanted, 'character')}"
    if rule == "maxItems":
        return f"{name} must have at most {counted(wanted, 'entry', 'entries')}"
    return f"{name} is not right ({rule})"
