"""The models of a catalog as lines for people: kind, lengths, price, routes and keys, and what each is good at.

It is told which variables are set, never what they hold.
"""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Catalog, Lengths, Model, Price, Provider
from vidbuild.words.amounts import counted
from vidbuild.words.errors import clean

WIDTH = 100
_REACHED = 24
_INDENT = " " * 4
_PER = {"second": "/s", "minute": "/min", "take": " each", "1000 characters": "/1000 chars"}


def model_lines(catalog: Catalog, present: Collection[str]) -> Iterator[str]:
    """List models, local ones first, then by kind; then which keys reach whom.

    Args:
        present: the environment variables that are set.
    """
    listed = sorted(catalog.models.values(), key=lambda model: (not model.is_local, model.kind, model.name))
    for model in listed:
        head = f"{model.name:<18} {model.kind:<8} {_lengths(model.lengths):<11} {prices(model.prices):<24}"
        yield f"{head} {_reached(model, catalog, present):<{_REACHED}} {model.checked or '':>10}".rstrip()
        told = "; ".join(filter(None, (model.title, *_abilities(model))))
        yield from textwrap.wrap(
            clean(told), WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False
        )
    yield ""
    for provider in sorted(catalog.providers.values(), key=lambda provider: provider.name):
        yield f"{provider.name:<18} {keys_told(provider, present)}"


def model_rows(catalog: Catalog, present: Collection[str]) -> Iterator[dict[str, Any]]:
    """Give models as programs read them, by name."""
    for name, model in sorted(catalog.models.items()):
        ways = dict.fromkeys(route.provider for route in model.routes)
        yield {
            "name": name,
            "kind": model.kind,
            "title": model.title,
            "aliases": list(model.aliases),
            "strengths": list(model.strengths),
            "seconds": [
                float(each) for each in model.lengths.choices or (model.lengths.least, model.lengths.most) if each
            ],
            "any_between": not model.lengths.choices,
            "aspects": list(model.aspects),
            "prices": [
                {"usd": float(line.usd), "per": line.per, "when": {key: str(value) for key, value in line.when.items()}}
                for line in model.prices
            ],
            "providers": [{"name": way, "keys_present": _has_keys(catalog, way, present)} for way in ways],
            "retired_on": model.retired_on,
            "replaced_by": model.replaced_by,
            "checked": model.checked,
            "own": model.is_own,
        }


def keys_told(provider: Provider, present: Collection[str]) -> str:
    """Say which of the variables that a provider needs are set."""
    own = " (this project's own)" if provider.is_own else ""
    keys = ", ".join(f"{key} {'is set' if key in present else 'is not set'}" for key in provider.variables)
    return f"{keys or 'needs no key'}{own}"


def prices(lines: tuple[Price, ...]) -> str:
    """Give a price list as a range."""
    if not lines:
        return ""
    low, high = min(line.usd for line in lines), max(line.usd for line in lines)
    per = _PER[lines[0].per]
    return f"${_usd(low)}{per}" if low == high else f"${_usd(low)} to {_usd(high)}{per}"


def _usd(usd: Fraction) -> str:
    return f"{float(usd):.3f}".rstrip("0").rstrip(".") if usd * 100 % 1 else f"{float(usd):.2f}"


def _lengths(lengths: Lengths) -> str:
    if lengths.choices:
        return f"{', '.join(f'{float(choice):g}' for choice in lengths.choices)} s"
    if lengths.least is None or lengths.most is None:
        return ""
    return f"{float(lengths.least):g} to {float(lengths.most):g} s"


def _reached(model: Model, catalog: Catalog, present: Collection[str]) -> str:
    """Say through whom a model is reached, and whether the keys for it are there."""
    if model.is_local:
        return "here, free"
    if model.retired_on and not any(_has_keys(catalog, way, present) for way in model.still_at):
        return f"use {model.replaced_by}"
    if model.unreachable:
        return f"use {model.instead[0]}"
    if not model.routes:
        return "no way to it yet"
    ways = _ways(model)
    there = [way for way in ways if _has_keys(catalog, way, present)]
    told = [way if way in there else f"{way} (no key)" for way in ways]
    whole = ", ".join(told) if there else f"{', '.join(ways)} ({'no key' if len(ways) == 1 else 'no keys'})"
    if len(whole) <= _REACHED:
        return whole
    first, others = (there or ways)[0], len(ways) - 1
    lacks = "" if len(there) > 1 else " (no key)" if there else " (no keys)"
    short = f"{first}, {others} more{lacks}"
    return short if len(short) <= _REACHED else f"{len(ways)} ways{lacks}"


def _ways(model: Model) -> list[str]:
    return [route.provider for route in model.routes]


def _has_keys(catalog: Catalog, name: str, present: Collection[str]) -> bool:
    provider = catalog.providers.get(name)
    return provider is not None and all(key in present for key in provider.variables)


def _abilities(model: Model) -> Iterator[str]:
    """Say what a model makes and takes."""
    takes = model.accepts
    if model.retired_on:
        yield f"retired on {model.retired_on}"
    if model.aspects:
        yield " ".join(model.aspects)
    pictures = [word for word, taken in (("first", takes.init), ("last", takes.end)) if taken != "no"]
    if pictures:
        must = " (needs it)" if takes.init == "must" else ""
        yield f"takes a {' and a '.join(pictures)} picture{must}"
    if takes.references:
        yield f"up to {counted(takes.references, 'picture')} of the cast"
    if takes.sound != "never":
        yield "with sound" if takes.sound == "always" else "sound on request"
    if len(model.routes) > 1:
        yield f"through {', '.join(_ways(model))}"
    if model.strengths:
        yield f"good at {', '.join(model.strengths)}"
    if model.options:
        yield f"options: {', '.join(model.options)}"
    if model.aliases:
        yield f"also {', '.join(model.aliases)}"
