"""Catalog texts to values. Pure: who reads the files is `session`; what they may say is in `schemas/`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from vidbuild.catalog import names, own
from vidbuild.catalog.model import Accepts, Catalog, Lengths, Model, Preview, Price, Profile, Provider, Route, Rung
from vidbuild.catalog.workflows import workflow_of
from vidbuild.spec.reader import read
from vidbuild.spec.tree import Node, plain
from vidbuild.spec.validate import validated
from vidbuild.words.errors import Problem
from vidbuild.words.rationaltime import exact_rate


def packaged(
    platforms: Mapping[str, str],
    models: Mapping[str, str],
    providers: Mapping[str, str] | None = None,
    workflows: Mapping[str, str] | None = None,
) -> Catalog:
    """Make the catalog of vidbuild's own data, by file name; the tests hold it to the schemas."""
    graphs = workflows or {}
    profiles = {profile.name: profile for profile in (profile_of(_trusted(*one)) for one in platforms.items())}
    known = {model.name: model for model in (model_of(_trusted(*one), graphs) for one in models.items())}
    vendors = {vendor.name: vendor for vendor in (provider_of(_trusted(*one)) for one in (providers or {}).items())}
    return Catalog(profiles, known, _aliases(known), vendors)


def with_platforms(
    catalog: Catalog, platforms: Mapping[str, str], schema: Mapping[str, Any]
) -> tuple[Catalog, list[Problem]]:
    """Add a project's own profiles; a packaged name can't be redefined."""
    roots, problems = _read(platforms, schema)
    for root in list(roots):
        if uneven := _uneven_rates(root):
            problems += uneven
            roots.remove(root)
    problems += names.twice(roots, "platform", catalog.profiles, {})
    profiles = {profile.name: profile for profile in (profile_of(_mapping(root)) for root in roots)}
    return replace(catalog, profiles={**catalog.profiles, **profiles}), _ordered(problems, platforms)


def with_own(
    catalog: Catalog,
    platforms: Mapping[str, str],
    models: Mapping[str, str],
    providers: Mapping[str, str],
    schemas: Mapping[str, Mapping[str, Any]],
    workflows: Mapping[str, str] | None = None,
) -> tuple[Catalog, list[Problem]]:
    """Add a project's own platforms, models and providers: texts by file, schemas by name; problems have marks.

    A packaged name can't be redefined, a packaged provider's key can't be used, and a route must lead somewhere.
    """
    catalog, problems = with_platforms(catalog, platforms, schemas["platform"])
    catalog, wrong_providers = _with_providers(catalog, providers, schemas["provider"])
    is_whole = all(problem.warning for problem in wrong_providers)
    catalog, wrong_models = _with_models(catalog, models, schemas["model"], workflows or {}, is_whole)
    return catalog, [*problems, *wrong_providers, *wrong_models]


def _with_providers(
    catalog: Catalog, texts: Mapping[str, str], schema: Mapping[str, Any]
) -> tuple[Catalog, list[Problem]]:
    roots, problems = _read(texts, schema)
    for root in roots:
        problems += own.provider_mistakes(root, catalog)
    problems += names.twice(roots, "provider", catalog.providers, {})
    new = {vendor.name: vendor for vendor in (provider_of(_mapping(root), is_own=True) for root in roots)}
    return replace(catalog, providers={**new, **catalog.providers}), _ordered(problems, texts)


def _with_models(
    catalog: Catalog,
    texts: Mapping[str, str],
    schema: Mapping[str, Any],
    workflows: Mapping[str, str],
    is_whole: bool,
) -> tuple[Catalog, list[Problem]]:
    roots, problems = _read(texts, schema)
    for root in roots:
        problems += own.model_mistakes(root, catalog, workflows, is_whole)
    problems += names.twice(roots, "model", catalog.models, catalog.aliases)
    new = {model.name: model for model in (model_of(_mapping(root), workflows, is_own=True) for root in roots)}
    aliases = {**_aliases(new), **catalog.aliases}
    return replace(catalog, models={**new, **catalog.models}, aliases=aliases), _ordered(problems, texts)


def _read(texts: Mapping[str, str], schema: Mapping[str, Any]) -> tuple[list[Node], list[Problem]]:
    """Read and judge files; those without a mistake are given as trees."""
    roots, problems = list[Node](), list[Problem]()
    for file, text in texts.items():
        reading = read(text, file)
        found = list(reading.problems)
        if reading.root is not None and not found:
            found += validated(reading.root, (), schema)
        problems += found
        if reading.root is not None and all(problem.warning for problem in found):
            roots.append(reading.root)
    return roots, problems


def _aliases(models: Mapping[str, Model]) -> dict[str, str]:
    return {alias: model.name for model in models.values() for alias in model.aliases}


def _ordered(problems: list[Problem], texts: Mapping[str, str]) -> list[Problem]:
    """Put problems in the order of their files and places."""
    order = {file: number for number, file in enumerate(texts)}
    return sorted(problems, key=lambda told: (order.get(told.mark.file, 0) if told.mark else 0, _place(told)))


def _place(problem: Problem) -> tuple[int, int]:
    return (problem.mark.line, problem.mark.column) if problem.mark else (0, 0)


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


def profile_of(said: Mapping[str, Any]) -> Profile:
    """Make a platform's profile of what its file says."""
    size, fps, video = said.get("size", (None, None)), said.get("fps", {}), said.get("video", {})
    audio, poster, preview = said.get("audio", {}), said.get("poster"), said.get("preview")
    return Profile(
        name=said["name"],
        width=size[0],
        height=size[1],
        title=said.get("title", ""),
        fps_allowed=tuple(exact_rate(rate) for rate in fps.get("allowed", ())),
        fps_max=exact_rate(fps["max"]) if "max" in fps else None,
        codec=video.get("codec", "h264"),
        preset=video.get("preset", "veryfast"),
        crf=video.get("crf", 20),
        maxrate_kbps=video.get("maxrate_kbps"),
        bufsize_kbps=video.get("bufsize_kbps"),
        form=said.get("sound_only"),
        also=tuple(said.get("also", ())),
        ladder=tuple(_rung(rung, video) for rung in said.get("ladder", ())),
        stems=said.get("stems", False),
        audio_kbps=audio.get("kbps", 192),
        lufs=Fraction(audio["lufs"]) if "lufs" in audio else None,
        peak_db=Fraction(audio.get("peak_db", -1)),
        min_s=_amount(said, "min_s"),
        max_s=_amount(said, "max_s"),
        max_mb=said.get("max_mb"),
        captions=said.get("captions", "none"),
        poster=None if poster is None else (poster[0], poster[1]),
        preview=None if preview is None else _preview(preview),
        safe=(_margin(said, "top"), _margin(said, "right"), _margin(said, "bottom"), _margin(said, "left")),
    )


def _amount(said: Mapping[str, Any], key: str) -> Fraction | None:
    return Fraction(said[key]) if key in said else None


def _rung(said: Mapping[str, Any], video: Mapping[str, Any]) -> Rung:
    return Rung(said["lines"], said.get("crf", video.get("crf", 20)), said.get("maxrate_kbps"))


def _preview(said: Mapping[str, Any]) -> Preview:
    usual = Preview()
    return Preview(
        said.get("form", usual.form),
        said.get("width", usual.width),
        Fraction(said.get("fps", usual.fps)),
        Fraction(said.get("seconds", usual.seconds)),
    )


def _margin(said: Mapping[str, Any], side: str) -> Fraction:
    return Fraction(said.get("safe_area", {}).get(side, Decimal("0.05")))


def model_of(said: Mapping[str, Any], workflows: Mapping[str, str], is_own: bool = False) -> Model:
    """Make a model of what its file says, and the workflows' that its routes name."""
    retired, prompt, lengths = said.get("retired", {}), said.get("prompt", {}), said.get("lengths", {})
    unreachable = said.get("unreachable", {})
    usual, late = said.get("latency_s", (90, 240))
    return Model(
        name=said["name"],
        kind=said["kind"],
        title=said.get("title", ""),
        revision=said.get("revision", 1),
        aliases=tuple(said.get("aliases", ())),
        strengths=tuple(said.get("strengths", ())),
        lengths=_lengths(lengths),
        aspects=tuple(said.get("aspects", ())),
        accepts=Accepts(**said.get("accepts", {})),
        options=said.get("options", {}),
        prompt_limit=prompt.get("limit"),
        prompt_unit=prompt.get("unit", "characters"),
        template=prompt.get("template", ""),
        prices=_prices(said),
        latency_s=(float(usual), float(late)),
        reshoot_rate=Fraction(said.get("reshoot_rate", Fraction(1, 10))),
        routes=tuple(_route(route, said.get("send", {}), workflows) for route in said.get("routes", ())),
        retired_on=retired.get("on"),
        replaced_by=retired.get("replaced_by"),
        facts=said.get("facts", {}),
        still_at=tuple(retired.get("still_at", ())),
        unreachable=unreachable.get("because", ""),
        instead=tuple(unreachable.get("use", ())),
        checked=said.get("checked"),
        is_own=is_own,
    )


def _lengths(said: Mapping[str, Any]) -> Lengths:
    least, most = said.get("least"), said.get("most")
    return Lengths(
        choices=tuple(sorted(Fraction(choice) for choice in said.get("choices", ()))),
        least=None if least is None else Fraction(least),
        most=None if most is None else Fraction(most),
        step=Fraction(said.get("step", 1)),
    )


def _route(said: Mapping[str, Any], shared: Mapping[str, Any], workflows: Mapping[str, str]) -> Route:
    operation = said["operation"]
    ways = {"any": operation} if isinstance(operation, str) else operation
    cost, send = tuple(said.get("cost", ())), {**shared, **said.get("send", {})}
    workflow = workflow_of(said["workflow"], workflows) if "workflow" in said else None
    return Route(said["provider"], said["id"], ways, send, _prices(said), cost, workflow)


def _prices(said: Mapping[str, Any]) -> tuple[Price, ...]:
    return tuple(Price(Fraction(line["usd"]), line["per"], line.get("when", {})) for line in said.get("prices", ()))


def provider_of(said: Mapping[str, Any], is_own: bool = False) -> Provider:
    """Make a provider of what its file says; what it says for every operation is filled in."""
    every = said.get("every", {})
    operations = {name: _operation(every, one) for name, one in said["operations"].items()}
    facts = dict(said.get("facts", {}))
    for name, one in said["operations"].items():
        facts.update({f"{name}.{key}": fact for key, fact in one.get("facts", {}).items()})
    return Provider(
        name=said["name"],
        title=said.get("title", ""),
        base=said["base"],
        keys=tuple(said.get("keys", ())),
        auth=said["auth"],
        headers=said.get("headers", {}),
        errors=said.get("errors", {}),
        limits=said.get("limits", {}),
        poll=said.get("poll", {}),
        operations=operations,
        hosts=said.get("hosts", {}),
        uploads=said.get("uploads", {}),
        idempotency=said.get("idempotency", {}),
        domains=tuple(said.get("domains", ())),
        settings=said.get("settings", {}),
        facts=facts,
        checked=said.get("checked"),
        is_own=is_own,
    )


def _operation(every: Mapping[str, Any], said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fill in what holds for every operation; values and polling are joined key by key."""
    joined = {
        key: {**every.get(key, {}), **said.get(key, {})} for key in ("values", "poll") if key in every or key in said
    }
    return {key: value for key, value in {**every, **said, **joined}.items() if key != "facts"}
