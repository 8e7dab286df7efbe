"""What a schema can't tell of a project's own providers and models: keys that are others', routes that lead nowhere.

A file of the project is data from a stranger. It knows the catalog, no disk and no environment.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from vidbuild.catalog import workflows
from vidbuild.catalog.model import FILE_VALUES, JOB_VALUES, Catalog
from vidbuild.spec.tree import Node
from vidbuild.words.errors import Problem
from vidbuild.words.names import did_you_mean

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_NAMED = re.compile(r"\$([a-z][a-z0-9_]*)")
_WAY = re.compile(r"\$[^|]*.*\|uploaded(?:\(([^()]*)\))?")
_IN_PATH = re.compile(r"\{\+?([^{}]*)\}")


_VIDEO = ("video",)
_MADE: Mapping[str, tuple[str, ...]] = {
    "footage": _VIDEO, "avatar": _VIDEO, "lipsync": _VIDEO, "picture": ("picture",), "music": ("sound",),
    "effect": ("sound",), "speech": ("sound", "words"), "judge": ("answers",),
}  # fmt: skip
"""What an operation's result is called, by its kind: first what it must give."""


def provider_mistakes(root: Node, catalog: Catalog) -> Iterator[Problem]:
    """Tell what is wrong with a project's own provider beyond its form."""
    taken = {key: provider.name for provider in catalog.providers.values() for key in provider.keys}
    keys, settings = root.get("keys"), root.get("settings")
    named = [*(keys.members() if keys is not None else ())]
    named += settings.entries().values() if settings is not None else ()
    for key in named:
        if key.value in taken:
            sentence = f"`{key.value}` is the key of the packaged provider `{taken[str(key.value)]}`"
            hint = "a project's own provider needs a variable of its own"
            yield Problem(key.mark, sentence, hint=hint)
    yield from _auth_mistakes(root)
    yield from _base_mistakes(root)
    for name, upload in _entries(root, "uploads"):
        yield from _upload_mistakes(root, name, upload)
    every, given = root.get("every"), {name for name, _ in _entries(root, "settings")}
    if every is not None:
        yield from _unknown_names(every, given | {name for name, _ in _entries(every, "values")})
    ways = [name for name, _ in _entries(root, "uploads")]
    for part in filter(None, (every, root.get("operations"))):
        yield from _unknown_ways(part, ways)
    for name, operation in _entries(root, "operations"):
        yield from _operation_mistakes(root, name, operation)


def model_mistakes(
    root: Node, catalog: Catalog, texts: Mapping[str, str] | None = None, is_whole: bool = True
) -> Iterator[Problem]:
    """Tell what is wrong with a project's own model beyond its form.

    Args:
        is_whole: whether every provider of the project could be read; else one that isn't known may be such a one,
            whose mistakes are told already.
    """
    name = root.get("name")
    if name is not None and str(name.value).startswith("local/"):
        yield Problem(name.mark, "names that begin with `local/` are vidbuild's own", hint="give it another name")
    routes, kind = root.get("routes"), root.get("kind")
    if routes is None and not root.has("retired") and not root.has("unreachable"):
        hint = "add `routes: [{provider: ..., id: ..., operation: ...}]`"
        yield Problem(root.mark, "a model of the project needs `routes`", hint=hint)
    for route in routes.members() if routes is not None else ():
        named = route.get("provider")
        if is_whole or named is None or named.value in catalog.providers:
            yield from _route_mistakes(route, str(kind.value) if kind else "", catalog, root.get("send"))
        if (workflow := route.get("workflow")) is not None:
            yield from workflows.mistakes(workflow, texts or {})
    lengths = root.get("lengths")
    if lengths is not None and lengths.has("least") != lengths.has("most"):
        yield Problem(lengths.mark, "a range of `lengths` needs `least` and `most`")


def _route_mistakes(route: Node, kind: str, catalog: Catalog, shared: Node | None) -> Iterator[Problem]:
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
    values = {name for one in provider.operations.values() for name in one.get("values", {})}
    sent = [send for send in (shared, route.get("send")) if send is not None]
    values |= {name for send in sent for name in send.entries()}
    for send in sent:
        yield from _unknown_ways(send, list(provider.uploads))
        yield from _unknown(send, values)
    workflow = route.get("workflow")
    if workflow is not None and (slots := workflow.get("slots")) is not None:
        yield from _unknown_ways(slots, list(provider.uploads))
        yield from _unknown(slots, values)
    if workflow is None and any("$workflow" in str(found["submit"]) for found in provider.operations.values()):
        hint = "add `workflow: {file: workflows/..., slots: {...}}`"
        yield Problem(route.mark, f"a route to `{provider.name}` needs `workflow`", hint=hint)


def _auth_mistakes(root: Node) -> Iterator[Problem]:
    """Tell an auth that lacks something, or that names a variable which `keys` doesn't."""
    auth, keys = root.get("auth"), root.get("keys")
    if auth is None:
        return
    known = {str(key.value) for key in keys.members()} if keys is not None else set()
    said = {name: str(node.value) for name, node in auth.entries().items()}
    needed = {
        "header": ("name", "value"),
        "jwt_hs256": ("name", "value", "access", "secret"),
        "oauth": ("name", "value", "account", "scope"),
    }.get(said["kind"], ())
    for name in needed:
        if name not in said:
            yield Problem(auth.mark, f"an auth of the kind `{said['kind']}` needs `{name}`")
    used = {variable: "value" for variable in _VARIABLE.findall(said.get("value", "")) if variable != "token"}
    used |= {said[name]: name for name in ("access", "secret", "account") if name in said}
    for variable, name in used.items():
        place = auth.get(name)
        if variable not in known and place is not None:
            yield Problem(place.mark, f"`keys` does not name `{variable}`", hint=f"add it: `keys: [{variable}]`")


def _base_mistakes(root: Node) -> Iterator[Problem]:
    """Tell a base, or a further host, that keys would reach in the clear."""
    for base in filter(None, (root.get("base"), *(host for _, host in _entries(root, "hosts")))):
        host = str(base.value).removeprefix("http://").split("/")[0]
        is_clear = str(base.value).startswith("http://")
        if is_clear and not re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?", host):
            yield Problem(base.mark, f"`{host}` would be talked to in the clear", hint="write `https://`")


def _upload_mistakes(root: Node, name: str, upload: Node) -> Iterator[Problem]:
    """Tell what an upload lacks, and names in its templates that nothing gives yet."""
    steps, inline, give = upload.get("steps"), upload.get("inline"), upload.get("give")
    if steps is None and inline is None:
        yield Problem(upload.mark, f"the upload `{name}` needs `steps` or `inline`")
    if (steps is None) != (give is None):
        yield Problem(upload.mark, f"the upload `{name}` needs both `steps` and `give`, or neither")
    if inline is not None and (said := inline.get("give")) is not None:
        yield from _unnamed(said, set(FILE_VALUES), "it is no value of a file")
    hosts, known = [key for key, _ in _entries(root, "hosts")], set(FILE_VALUES)
    for step in steps.members() if steps is not None else ():
        for part in ("to", "query", "headers", "body"):
            if (template := step.get(part)) is not None:
                yield from _unnamed(template, known, "`keep` it in an earlier step")
        yield from _unknown_in_path(step, known)
        host = step.get("host")
        if host is not None and host.value not in hosts:
            yield Problem(host.mark, f"`hosts` does not name `{host.value}`", hint=did_you_mean(str(host.value), hosts))
        if not step.has("path") and not step.has("to"):
            yield Problem(step.mark, f"a step of the upload `{name}` needs `path` or `to`")
        known |= {key for key, _ in _entries(step, "keep")}
    if give is not None:
        yield from _unnamed(give, known, "`keep` it in a step")


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
    else:
        yield from _unmade(name, operation, parts["result"])
    if "poll" in parts and "accepted" not in parts:
        yield Problem(operation.mark, f"the operation `{name}` has `poll`, so it needs `accepted`: what is asked for")
    told = {key for part in (every, operation) if part is not None for key, _ in _entries(part, "poll")}
    if "poll" in parts and not told & {"status", "ended", "listed"}:
        hint = "add `status: PATH`, where the vendor's word for the job's state is"
        yield Problem(parts["poll"].mark, f"the poll of `{name}` tells no status", hint=hint)
    if "accepted" in parts and "poll" not in parts:
        yield Problem(operation.mark, f"the operation `{name}` has `accepted`, so it needs `poll`")
    find = parts.get("find")
    if find is not None and not find.has("as_poll") and not (find.has("path") and find.has("id")):
        yield Problem(find.mark, f"the find of `{name}` needs `path` and `id`, or `as_poll`")
    parts_with_values = [(root, "settings"), (operation, "values"), *([(every, "values")] if every is not None else [])]
    values = {key for part, name in parts_with_values for key, _ in _entries(part, name)}
    yield from _unknown_names(operation, values)


def _unmade(name: str, operation: Node, result: Node) -> Iterator[Problem]:
    """Tell results that an operation's kind doesn't make, and the one that it must."""
    kind = operation.get("kind")
    made = _MADE.get(str(kind.value)) if kind is not None else None
    if made is None or type(result.value) is not dict:
        return
    for key, found in result.entries().items():
        if key not in made:
            told = f"the operation `{name}` makes {' and '.join(f'`{each}`' for each in made)}, not `{key}`"
            yield Problem(found.key_mark, told, hint=did_you_mean(key, made) or f"call it `{made[0]}`")
    if made[0] not in result.entries() and set(result.entries()) <= set(made):
        yield Problem(result.mark, f"the result of the operation `{name}` needs `{made[0]}`")


def _unknown_names(part: Node, values: set[str]) -> Iterator[Problem]:
    """Tell names in the templates and paths of an operation, or of what holds for every one."""
    if (own := part.get("values")) is not None:
        yield from _unknown(own, values)
    for key in ("submit", "poll", "find", "cancel"):
        if (request := part.get(key)) is not None:
            yield from _unknown_in_request(request, values)
    poll = part.get("poll")
    if poll is not None and (then := poll.get("then")) is not None:
        yield from _unknown_in_request(then, {*values, *(name for name, _ in _entries(poll, "take"))})


def _unknown_in_request(request: Node, values: set[str]) -> Iterator[Problem]:
    """Tell names in a request's query, body and path that nothing gives."""
    for template in filter(None, (request.get("query"), request.get("body"))):
        yield from _unknown(template, values)
    yield from _unknown_in_path(request, {*JOB_VALUES, *values, "id"})


def _unknown(template: Node, values: set[str]) -> Iterator[Problem]:
    """Tell names in a template that no job has and nobody defines."""
    yield from _unnamed(template, {*JOB_VALUES, *values}, "define it in `values`")


def _unknown_ways(template: Node, ways: list[str]) -> Iterator[Problem]:
    """Tell uploads that templates name and nobody defines."""
    if isinstance(template.value, (dict, list)):
        children = list(template.entries().values()) if isinstance(template.value, dict) else template.members()
        for child in children:
            yield from _unknown_ways(child, ways)
        return
    found = _WAY.match(str(template.value)) if isinstance(template.value, str) else None
    if found and (found[1] or "") not in (ways if found[1] else ways and [""]):
        named = f"`uploads` does not name `{found[1]}`" if found[1] else "`uploaded` needs `uploads`"
        yield Problem(template.mark, named, hint=did_you_mean(found[1] or "", ways) or "add how files get there")


def _unnamed(template: Node, known: set[str], otherwise: str) -> Iterator[Problem]:
    """Tell names in a template that nothing gives."""
    if isinstance(template.value, (dict, list)):
        children = list(template.entries().values()) if isinstance(template.value, dict) else template.members()
        for child in children:
            yield from _unnamed(child, known, otherwise)
        return
    found = _NAMED.match(str(template.value)) if isinstance(template.value, str) else None
    if found and found[1] not in known:
        hint = did_you_mean(found[1], sorted(known)) or otherwise
        yield Problem(template.mark, f"nothing gives `${found[1]}`", hint=hint)


def _unknown_in_path(request: Node, known: set[str]) -> Iterator[Problem]:
    path = request.get("path")
    if path is None:
        return
    for name in _IN_PATH.findall(str(path.value)):
        if name not in known:
            yield Problem(path.mark, f"nothing gives `{{{name}}}`", hint=did_you_mean(name, sorted(known)))


def _entries(root: Node, key: str) -> list[tuple[str, Node]]:
    found = root.get(key)
    return list(found.entries().items()) if found is not None else []


def _listed(what: str, known: Mapping[str, object] | list[str]) -> str:
    return f"{what} are {', '.join(sorted(known))}"
