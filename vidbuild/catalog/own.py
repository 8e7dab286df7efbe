"""What a schema can't tell of a project's own providers and models: keys that are others', routes that lead nowhere.

A file of the project is data from a stranger. It knows the catalog, no disk and no environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vidbuild.catalog.model import JOB_VALUES, Catalog
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem
from vidbuild.words.names import did_you_mean

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NAMED = re.compile(r"\$([a-z][a-z0-9_]*)")
_IN_PATH = re.compile(r"\{\+?([^{}]*)\}")


def provider_mistakes(root: Node, catalog: Catalog) -> Iterator[Problem]:
    """Tell what is wrong with a project's own provider beyond its form."""
    taken = {key: provider.name for provider in catalog.providers.values() for key in provider.keys}
    keys = root.get("keys")
    for key in keys.members() if keys is not None else ():
        if key.value in taken:
            sentence = f"`{key.value}` is the key of the packaged provider `{taken[str(key.value)]}`"
            hint = "a project's own provider needs a variable of its own"
            yield Problem(key.mark, sentence, hint=hint)
    yield from _auth_mistakes(root)
    yield from _base_mistakes(root)
    every = root.get("every")
    if every is not None:
        yield from _unknown_names(every, {name for name, _ in _entries(every, "values")})
    for name, operation in _entries(root, "operations"):
        yield from _operation_mistakes(root, name, operation)


def model_mistakes(root: Node, catalog: Catalog) -> Iterator[Problem]:
    """Tell what is wrong with a project's own model beyond its form."""
    name = root.get("name")
    if name is not None and str(name.value).startswith("local/"):
        yield Problem(name.mark, "names that begin with `local/` are vidbuild's own", hint="give it another name")
    routes, kind = root.get("routes"), root.get("kind")
    if routes is None and not root.has("retired"):
        hint = "add `routes: [{provider: ..., id: ..., operation: ...}]`"
        yield Problem(root.mark, "a model of the project needs `routes`", hint=hint)
    for route in routes.members() if routes is not None else ():
        yield from _route_mistakes(route, str(kind.value) if kind else "", catalog)
    lengths = root.get("lengths")
    if lengths is not None and lengths.has("least") != lengths.has("most"):
        yield Problem(lengths.mark, "a range of `lengths` needs `least` and `most`")


def _route_mistakes(route: Node, kind: str, catalog: Catalog) -> Iterator[Problem]:
    named, operation = route.get("provider"), route.get("operation")
    provider = catalog.providers.get(str(named.value)) if named else None
    if named is not None and provider is None:
        hint = did_you_mean(str(named.value), list(catalog.providers)) or _listed("providers", catalog.providers)
        yield Problem(named.mark, f"no provider is called `{named.value}`", hint=hint)
    if provider is None or operation is None:
        return
    ways = list(operation.entries().values()) if isinstance(operation.value, dict) else [operation]
    for way in ways:
        found = provider.operations.get(str(way.value))
        if found is None:
            known = list(provider.operations)
            hint = did_you_mean(str(way.value), known) or _listed("its operations", known)
            yield Problem(way.mark, f"`{provider.name}` has no operation `{way.value}`", hint=hint)
        elif found["kind"] != kind:
            sentence = f"the operation `{way.value}` of `{provider.name}` makes {found['kind']}, not {kind}"
            yield Problem(way.mark, sentence)
    send = route.get("send")
    if send is not None:
        values = {name for one in provider.operations.values() for name in one.get("values", {})}
        yield from _unknown(send, {*values, *send.entries()})


def _auth_mistakes(root: Node) -> Iterator[Problem]:
    """Tell an auth that lacks something, or that names a variable which `keys` doesn't."""
    auth, keys = root.get("auth"), root.get("keys")
    if auth is None:
        return
    known = {str(key.value) for key in keys.members()} if keys is not None else set()
    said = {name: str(node.value) for name, node in auth.entries().items()}
    needed = {"header": ("name", "value"), "jwt_hs256": ("name", "value", "access", "secret")}.get(said["kind"], ())
    for name in needed:
        if name not in said:
            yield Problem(auth.mark, f"an auth of the kind `{said['kind']}` needs `{name}`")
    used = {variable: "value" for variable in _VARIABLE.findall(said.get("value", "")) if variable != "token"}
    used |= {said[name]: name for name in ("access", "secret") if name in said}
    for variable, name in used.items():
        place = auth.get(name)
        if variable not in known and place is not None:
            yield Problem(place.mark, f"`keys` does not name `{variable}`", hint=f"add it: `keys: [{variable}]`")


def _base_mistakes(root: Node) -> Iterator[Problem]:
    """Tell a base that keys would reach in the clear."""
    base = root.get("base")
    if base is None or not str(base.value).startswith("http://"):
        return
    host = str(base.value).removeprefix("http://").split("/")[0]
    if not re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", host):
        yield Problem(base.mark, f"`{host}` would be talked to in the clear", hint="write `https://`")


def _operation_mistakes(root: Node, name: str, operation: Node) -> Iterator[Problem]:
    """Tell what an operation lacks, and names in its templates and paths that nothing gives."""
    every = root.get("every")
    shared = every.entries() if every is not None else {}
    parts: dict[str, Node] = {**shared, **operation.entries()}
    submit = parts.get("submit")
    if submit is not None and not submit.has("path"):
        yield Problem(submit.mark, f"the submit of `{name}` needs `path`")
    if "result" not in parts:
        yield Problem(operation.mark, f"the operation `{name}` needs `result`")
    if "accepted" in parts and "poll" not in parts:
        yield Problem(operation.mark, f"the operation `{name}` has `accepted`, so it needs `poll`")
    values = {key for part in (every, operation) if part is not None for key, _ in _entries(part, "values")}
    yield from _unknown_names(operation, values)


def _unknown_names(part: Node, values: set[str]) -> Iterator[Problem]:
    """Tell names in the templates and paths of an operation, or of what holds for every one."""
    if (own := part.get("values")) is not None:
        yield from _unknown(own, values)
    for key in ("submit", "poll", "find", "cancel"):
        if (request := part.get(key)) is not None:
            for template in filter(None, (request.get("query"), request.get("body"))):
                yield from _unknown(template, values)
            yield from _unknown_in_path(request, values)


def _unknown(template: Node, values: set[str]) -> Iterator[Problem]:
    """Tell names in a template that no job has and nobody defines."""
    if isinstance(template.value, (dict, list)):
        children = list(template.entries().values()) if isinstance(template.value, dict) else template.members()
        for child in children:
            yield from _unknown(child, values)
        return
    found = _NAMED.match(str(template.value)) if isinstance(template.value, str) else None
    known = {*JOB_VALUES, *values}
    if found and found[1] not in known:
        hint = did_you_mean(found[1], sorted(known)) or "define it in `values`"
        yield Problem(template.mark, f"nothing gives `${found[1]}`", hint=hint)


def _unknown_in_path(request: Node, values: set[str]) -> Iterator[Problem]:
    path = request.get("path")
    if path is None:
        return
    known = {*JOB_VALUES, *values, "id"}
    for name in _IN_PATH.findall(str(path.value)):
        if name not in known:
            yield Problem(path.mark, f"nothing gives `{{{name}}}`", hint=did_you_mean(name, sorted(known)))


def _entries(root: Node, key: str) -> list[tuple[str, Node]]:
    found = root.get(key)
    return list(found.entries().items()) if found is not None else []


def _listed(what: str, known: Mapping[str, object] | list[str]) -> str:
    return f"{what} are {', '.join(sorted(known))}"
