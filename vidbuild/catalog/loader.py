"""Catalog texts to values. Pure: who reads the files is `session`; what they may say is in `schemas/`."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.catalog.model import Catalog, Model, Profile
from vidbuild.spec.reader import read
from vidbuild.spec.tree import Node, plain
from vidbuild.spec.validate import validated
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import exact_rate


def packaged(platforms: Mapping[str, str], models: Mapping[str, str]) -> Catalog:
    """Make the catalog of vidbuild's own data, by file name; the tests hold it to the schemas."""
    profiles = {profile.name: profile for profile in (_profile(_trusted(*one)) for one in platforms.items())}
    known = {model.name: model for model in (_model(_trusted(*one)) for one in models.items())}
    aliases = {alias: model.name for model in known.values() for alias in model.aliases}
    return Catalog(profiles, known, aliases)


def with_platforms(
    catalog: Catalog, platforms: Mapping[str, str], schema: Mapping[str, Any]
) -> tuple[Catalog, list[Problem]]:
    """Add a project's own profiles; a packaged name can't be redefined."""
    profiles, problems = dict(catalog.profiles), list[Problem]()
    homes: dict[str, str] = {}
    for file, text in platforms.items():
        reading = read(text, file)
        found = list(reading.problems)
        if reading.root is not None and not found:
            found += validated(reading.root, (), schema)
        problems += sorted(found, key=_place)
        if reading.root is None or any(not problem.warning for problem in found):
            continue
        problems += (uneven := _uneven_rates(reading.root))
        if uneven:
            continue
        profile = _profile(_mapping(reading.root))
        if profile.name in catalog.profiles:
            problems.append(_taken(reading.root, profile.name))
        elif profile.name in homes:
            problems.append(_twice(reading.root, profile.name, homes[profile.name]))
        homes.setdefault(profile.name, file)
        profiles[profile.name] = profile
    return Catalog(profiles, catalog.models, catalog.aliases), problems


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.mark.line, problem.mark.column) if problem.mark else (0, 0)


def _taken(root: Node, name: str) -> Problem:
    place = root.get("name") or root
    return Problem(place.mark, f"the platform `{name}` is packaged and can't be redefined", hint="give it another name")


def _twice(root: Node, name: str, first: str) -> Problem:
    place = root.get("name") or root
    sentence = f"two platforms are called `{name}`: in {first} and in {place.file}"
    return Problem(place.mark, sentence, hint="give one another name")


def _uneven_rates(root: Node) -> list[Problem]:
    """Tell rates with more decimals than rates have: 23.976 means 24000/1001."""
    fps = root.get("fps")
    allowed, most = (fps.get("allowed"), fps.get("max")) if fps else (None, None)
    rates = [*(allowed.members() if allowed else ()), *([most] if most else ())]
    hint = "write 23.976, 29.97 or 59.94 for N x 1000/1001"
    return [
        Problem(rate.mark, f"a frame rate has at most three decimals, not {rate.value}", hint=hint)
        for rate in rates
        if isinstance(rate.value, Decimal) and rate.value * 1000 % 1
    ]


def _mapping(root: Node) -> Mapping[str, Any]:
    said = plain(root)
    assert isinstance(said, dict)
    return said


def _trusted(file: str, text: str) -> Any:
    reading = read(text, file)
    if reading.root is None or reading.problems:
        raise ValueError(f"BUG: {file}: {reading.problems}")
    return _mapping(reading.root)


def _profile(said: Mapping[str, Any]) -> Profile:
    size, fps, video = said.get("size", (None, None)), said.get("fps", {}), said.get("video", {})
    most = said.get("max_s")
    return Profile(
        name=said["name"],
        width=size[0],
        height=size[1],
        title=said.get("title", ""),
        fps_allowed=tuple(exact_rate(rate) for rate in fps.get("allowed", ())),
        fps_max=exact_rate(fps["max"]) if "max" in fps else None,
        preset=video.get("preset", "veryfast"),
        crf=video.get("crf", 20),
        audio_kbps=said.get("audio", {}).get("kbps", 192),
        max_s=None if most is None else Fraction(most),
    )


def _model(said: Mapping[str, Any]) -> Model:
    retired = said.get("retired", {})
    return Model(
        name=said["name"],
        kind=said["kind"],
        title=said.get("title", ""),
        revision=said.get("revision", 1),
        aliases=tuple(said.get("aliases", ())),
        retired_on=retired.get("on"),
        replaced_by=retired.get("replaced_by"),
        checked=said.get("checked"),
    )
