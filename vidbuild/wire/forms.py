"""Bodies made from templates that are data: `$name` is a value with its own type, `|filter` changes its form.

What has no value is left out: a key of a mapping, a mapping in a list that would lack a value, an empty text.
It knows no vendor, no HTTP and no meaning of a name.
"""

from __future__ import annotations

import base64
import hashlib
import math
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any
from urllib.parse import quote

from vidbuild.wire.pictures import covering, fitting
from vidbuild.wire.values import Media

_VALUE = re.compile(r"\$([a-z][a-z0-9_]*)(?:\.([A-Za-z0-9_-]+))?((?:\|[a-z0-9_]+(?:\([^()]*\))?)*)\Z")
_FILTER = re.compile(r"\|([a-z0-9_]+)(?:\(([^()]*)\))?")
_IN_PATH = re.compile(r"\{(\+?)([a-z][a-z0-9_]*)\}")
REST = "..."
"""The key under which a mapping spreads: with `$options`, those that nothing else names. In a list, a member that is
a mapping of this key alone gives way to all that is in the list it holds."""

UPLOADED = "uploaded"
"""The filter for a file that may have to be at the vendor before: what a job says of it."""


class Form:
    """Fills templates with the values of one job.

    Args:
        values: by name; `None` for none.
        defined: further names, each a template; one may build upon the value of the same name.
        named: options that templates name, which a spread leaves out.
        picture_bytes: how large a picture may be that is sent; `None` for any size.
        uploaded: says what stands for a file that goes one of the provider's ways (`vidbuild.wire.uploads`).
    """

    def __init__(
        self,
        values: Mapping[str, Any],
        defined: Mapping[str, Any],
        named: frozenset[str] = frozenset(),
        picture_bytes: int | None = None,
        uploaded: Callable[[Media, str], Any] | None = None,
    ):
        self._values = values
        self._defined = defined
        self._named = named
        self._picture_bytes = picture_bytes
        self._uploaded = uploaded

    def filled(self, template: Any) -> Any:
        """Fill a template; `None` where nothing is left of it."""
        return self._filled(template, frozenset())

    def path(self, template: str) -> str:
        """Fill a path: `{name}` is one segment, `{+name}` may be several.

        Raises:
            KeyError: the name of what has no value.
        """

        def segment(found: re.Match[str]) -> str:
            value = self._value(found[2], frozenset())
            if value is None or value == "":
                raise KeyError(found[2])
            return _segments(text(value)) if found[1] else _segment(text(value))

        return _IN_PATH.sub(segment, template)

    def _filled(self, template: Any, above: frozenset[str]) -> Any:
        if isinstance(template, str):
            return self._text(template, above)
        if isinstance(template, Mapping):
            if "map" in template and "of" in template:
                return self._looked_up(template, above)
            if "each" in template and "give" in template:
                return self._listed(template, above)
            return self._mapping(template, above)
        if isinstance(template, Sequence):
            return self._list(template, above)
        return template

    def _text(self, template: str, above: frozenset[str]) -> Any:
        if template.startswith("$$"):
            return template[1:]
        found = _VALUE.match(template)
        if not found:
            return template or None
        value = self._value(found[1], above)
        if found[2]:
            value = value.get(found[2]) if isinstance(value, Mapping) else None
        for name, argument in _FILTER.findall(found[3]):
            value = self._changed(value, name, argument)
        return None if value in ("", [], ()) else value

    def _value(self, name: str, above: frozenset[str]) -> Any:
        if name in self._defined and name not in above:
            return self._filled(self._defined[name], above | {name})
        return self._values.get(name)

    def _changed(self, value: Any, name: str, argument: str) -> Any:
        if name == "or":
            return _literal(argument) if value is None else value
        if value is None:
            return None
        if isinstance(value, (list, tuple)) and name in ("data_uri", "base64", "media_type", UPLOADED):
            return [self._changed(member, name, argument) for member in value]
        if name == UPLOADED:
            assert self._uploaded is not None
            return self._uploaded(value, argument)
        if isinstance(value, Media):
            value = fitting(value, self._picture_bytes)
        return FILTERS[name](value, argument)

    def _mapping(self, template: Mapping[str, Any], above: frozenset[str]) -> dict[str, Any] | None:
        made: dict[str, Any] = {}
        for key, part in template.items():
            value = self._filled(part, above)
            if key == REST:
                made |= {name: one for name, one in (value or {}).items() if name not in self._named}
            elif value is not None:
                made[key] = value
        return made or None

    def _list(self, template: Sequence[Any], above: frozenset[str]) -> list[Any] | None:
        made: list[Any] = []
        for part in template:
            if isinstance(part, Mapping) and list(part) == [REST]:
                made += self._filled(part[REST], above) or []
            elif not _lacks(part, value := self._filled(part, above)):
                made.append(value)
        return made or None

    def _listed(self, template: Mapping[str, Any], above: frozenset[str]) -> list[Any] | None:
        """Give one filled template for each member of a list; `$tag` counts them, `ref1`."""
        members = self._filled(template["each"], above) or []
        forms = (
            Form(
                {**self._values, "each": member, "tag": f"ref{number}"},
                *(self._defined, self._named, self._picture_bytes, self._uploaded),
            )
            for number, member in enumerate(members, start=1)
        )
        return [form._filled(template["give"], above) for form in forms] or None

    def _looked_up(self, template: Mapping[str, Any], above: frozenset[str]) -> Any:
        """Look a value up in a table; of several, joined by spaces, those that are there."""
        parts = template["of"] if isinstance(template["of"], Sequence) and not isinstance(template["of"], str) else None
        found = [self._filled(part, above) for part in (parts if parts is not None else [template["of"]])]
        key = " ".join(text(value) for value in found if value is not None)
        if key in template["map"]:
            return self._filled(template["map"][key], above)
        return self._filled(template.get("else"), above)


def _lacks(part: Any, value: Any) -> bool:
    """Say whether a member of a list is missing, or is a mapping that lacks something."""
    if value is None:
        return True
    is_mapping = isinstance(part, Mapping) and not {"map", "give", REST} & set(part)
    return is_mapping and len(value) < len(part)


def named_options(*templates: Any) -> frozenset[str]:
    """Name the options that templates speak of by name."""
    return frozenset(name for template in templates for name in _options(template))


def _options(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        found = _VALUE.match(template)
        if found and found[1] == "options" and found[2]:
            yield found[2]
    elif isinstance(template, Mapping):
        for part in template.values():
            yield from _options(part)
    elif isinstance(template, Sequence):
        for part in template:
            yield from _options(part)


def plain(value: Any) -> Any:
    """Give a value as JSON has it: exact numbers become whole ones or floats, a picture its data URI."""
    if isinstance(value, (Fraction, Decimal)):
        return int(value) if value == int(value) else float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    return data_uri(value) if isinstance(value, Media) else value


def text(value: Any) -> str:
    """Write a value as text, as forms and addresses have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(plain(value))


def data_uri(picture: Media) -> str:
    """Write a picture as a data URI."""
    return f"data:{picture.media_type};base64,{_base64(picture)}"


def _base64(picture: Media) -> str:
    return base64.b64encode(picture.data).decode("ascii")


def _number(value: Any) -> Fraction:
    return Fraction(str(value)) if isinstance(value, float) else Fraction(value)


def _literal(argument: str) -> Any:
    if argument in ("true", "false"):
        return argument == "true"
    try:
        return plain(Fraction(argument))
    except ValueError:
        return argument


def _lines(value: str, _: str = "") -> list[str]:
    return [line for line in value.splitlines() if line.strip()]


def _numbered(value: str, _: str) -> str:
    return "\n".join(f"{number}. {line}" for number, line in enumerate(_lines(value), start=1))


FILTERS: Mapping[str, Callable[[Any, str], Any]] = {
    "int": lambda value, _: math.ceil(_number(value)),
    "number": lambda value, _: plain(_number(value)),
    "plus": lambda value, more: plain(_number(value) + Fraction(more)),
    "times": lambda value, by: plain(_number(value) * Fraction(by)),
    "at_least": lambda value, bound: plain(max(_number(value), Fraction(bound))),
    "modulo": lambda value, bound: plain(_number(value) % Fraction(bound)),
    "at_most": lambda value, bound: plain(min(_number(value), Fraction(bound))),
    "text": lambda value, _: text(value),
    "prefix": lambda value, start: start + text(value),
    "suffix": lambda value, end: text(value) + end,
    "uuid": lambda value, _: str(uuid.UUID(hashlib.sha256(text(value).encode()).hexdigest()[:32])),
    "upper": lambda value, _: text(value).upper(),
    "lower": lambda value, _: text(value).lower(),
    "on_off": lambda value, _: "on" if value else "off",
    "not": lambda value, _: not value,
    "join": lambda value, between: between.join(text(member) for member in value),
    "segments": lambda value, most: "/".join(text(value).split("/")[: int(most)]),
    "lines": _lines,
    "numbered": _numbered,
    "cover": lambda value, size: covering(value, size),
    "data_uri": lambda value, _: data_uri(value),
    "base64": lambda value, _: _base64(value),
    "media_type": lambda value, _: value.media_type,
    "member": lambda value, place: value[int(place)] if int(place) < len(value) else None,
}
"""What may follow a name: of the value and what the parentheses hold, another value. `or(x)` gives a missing one."""


def _segment(value: str) -> str:
    """Write a value as one segment of a path; a segment of dots alone would climb."""
    return quote(value, safe="") if value.strip(".") else value.replace(".", "%2E")


def _segments(value: str) -> str:
    return "/".join(_segment(part) for part in value.split("/") if part)
