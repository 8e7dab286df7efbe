"""A project's own models and providers: what is told about their files."""

from __future__ import annotations

import pytest

from vidbuild import packaged
from vidbuild.catalog.loader import with_own

SCHEMAS = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
CATALOG = packaged.catalog()
OPERATION = "operations: {film: {kind: footage, submit: {path: /films, body: {p: $prompt}}, result: {video: url}}}"
PROVIDER = f"name: acme\nbase: https://a.example\nauth: {{kind: none}}\n{OPERATION}\n"
MODEL = "name: acme-1\nkind: footage\nroutes: [{provider: acme, id: a1, operation: film}]\n"


TAKEN = "is packaged and can't be redefined | give it another name"
KEYED = 'keys: [FAL_KEY]\nauth: {kind: header, name: X, value: "{FAL_KEY}"}'
UNSIGNED = "keys: [A, B]\nauth: {kind: jwt_hs256, name: X, value: '{token}', access: A}"
KINDS = "footage, picture, music, speech, effect, judge, avatar or lipsync"
ROUTES = "`routes: [{provider: ..., id: ..., operation: ...}]`"


def told(providers: str = "", models: str = "") -> list[str]:
    """Load one file of each kind, and give what is told."""
    texts = [{"a.yaml": text} if text else {} for text in (models, providers)]
    _, problems = with_own(CATALOG, {}, texts[0], texts[1], SCHEMAS)
    return [f"{each.mark} {each.sentence} | {each.hint}" for each in problems]


def test_a_project_adds_a_vendor_and_its_model_by_files() -> None:
    """Both are marked as its own."""
    catalog, problems = with_own(CATALOG, {}, {"m.yaml": MODEL}, {"p.yaml": PROVIDER}, SCHEMAS)
    assert problems == []
    assert catalog.providers["acme"].is_own
    assert catalog.models["acme-1"].is_own
    assert not any(provider.is_own for provider in CATALOG.providers.values())
    assert catalog.models["kling-2"] is CATALOG.models["kling-2"]


def test_a_model_of_the_project_may_use_a_packaged_provider() -> None:
    """A further model of a known vendor is three lines."""
    assert (
        told(models="name: gen-9\nkind: footage\nroutes: [{provider: runway, id: gen9, operation: text_to_video}]\n")
        == []
    )


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        (PROVIDER.replace("acme", "runway", 1), [f"a.yaml:1:7 the provider `runway` {TAKEN}"]),
        (PROVIDER.replace("name:", "nam:"), ["a.yaml:1:1 `nam` is not a key of a provider | did you mean `name`?"]),
        (
            PROVIDER.replace("auth: {kind: none}", KEYED),
            ["a.yaml:3:8 `FAL_KEY` is the key of the packaged provider `fal`"
             " | a project's own provider needs a variable of its own"],
        ),
        (
            PROVIDER.replace("auth: {kind: none}", 'auth: {kind: header, name: X, value: "{OTHER}"}'),
            ["a.yaml:3:38 `keys` does not name `OTHER` | add it: `keys: [OTHER]`"],
        ),
        (
            PROVIDER.replace("auth: {kind: none}", UNSIGNED),
            ["a.yaml:4:7 an auth of the kind `jwt_hs256` needs `secret` | None"],
        ),
        (
            PROVIDER.replace("https://", "http://"),
            ["a.yaml:2:7 `a.example` would be talked to in the clear | write `https://`"],
        ),
        (PROVIDER.replace("https://a.example", "http://127.0.0.1:8188"), []),
        (
            PROVIDER.replace("https://a.example", "https://user:pw@a.example"),
            ["a.yaml:2:7 `base` must be an address like `https://api.example.com/v1`, without a slash at its end,"
             ' not "https://user:pw@a.example" | None'],
        ),
        (PROVIDER.replace("$prompt", "$promt"), ["a.yaml:4:69 nothing gives `$promt` | did you mean `prompt`?"]),
        (
            PROVIDER.replace("$prompt", "$prompt|shout"),
            ["a.yaml:4:69 `p` must be a template: text, or `$name` with filters, like `$seconds|int`,"
             ' not "$prompt|shout" | None'],
        ),
        (PROVIDER.replace("/films", "'/../films/{app}'"), ["a.yaml:4:51 nothing gives `{app}` | None"]),
        (PROVIDER.replace(", result: {video: url}", ""), ["a.yaml:4:20 the operation `film` needs `result` | None"]),
        (
            PROVIDER.replace("result: {video: url}", "result: {vido: url}"),
            ["a.yaml:4:89 the operation `film` makes `video`, not `vido` | did you mean `video`?"],
        ),
        (
            PROVIDER.replace("result:", "accepted: {id: id}, result:"),
            ["a.yaml:4:20 the operation `film` has `accepted`, so it needs `poll` | None"],
        ),
        (
            PROVIDER.replace("result:", "accepted: {id: id}, poll: {path: '/films/{id}'}, result:"),
            ["a.yaml:4:106 the poll of `film` tells no status"
             " | add `status: PATH`, where the vendor's word for the job's state is"],
        ),
        (PROVIDER.replace("kind: footage", "kind: film"), [f'a.yaml:4:27 `kind` must be {KINDS}, not "film" | None']),
        ("- x\n", ["a.yaml:1:1 a provider must be a mapping, not a list | None"]),
    ],
)  # fmt: skip
def test_a_provider_file_is_told_about_at_its_place(provider: str, expected: list[str]) -> None:
    """Form, keys that are others', templates that name nothing."""
    assert told(providers=provider) == expected


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (MODEL.replace("acme-1", "kling-2"), [f"a.yaml:1:7 the model `kling-2` {TAKEN}"]),
        (
            MODEL.replace("kind:", "aliases: [veo]\nkind:"),
            [f"a.yaml:2:11 the model `veo` {TAKEN}"],
        ),
        (
            MODEL.replace("acme-1", "local/fast"),
            ["a.yaml:1:7 names that begin with `local/` are vidbuild's own | give it another name"],
        ),
        (
            MODEL.replace("provider: acme", "provider: acm"),
            ["a.yaml:3:21 no provider is called `acm` | did you mean `acme`?"],
        ),
        (
            MODEL.replace("operation: film", "operation: {init: flim}"),
            ["a.yaml:3:53 `acme` has no operation `flim` | did you mean `film`?"],
        ),
        (
            MODEL.replace("kind: footage", "kind: music"),
            ["a.yaml:3:46 the operation `film` of `acme` makes footage, not music | None"],
        ),
        (
            MODEL.replace("operation: film", "operation: film, send: {x: $promt}"),
            ["a.yaml:3:62 nothing gives `$promt` | did you mean `prompt`?"],
        ),
        ("name: a\nkind: footage\n", [
            f"a.yaml:1:1 a model of the project needs `routes` | add {ROUTES}"
        ]),
        (MODEL + "lengths: {least: 3}\n", ["a.yaml:4:10 a range of `lengths` needs `least` and `most` | None"]),
        (MODEL + "prices: [{usd: -1, per: second}]\n", ["a.yaml:4:16 `usd` must be at least 0, not -1 | None"]),
        (MODEL + "accepts: {seed: perhaps}\n", ["a.yaml:4:17 `seed` must be true or false, not \"perhaps\" | None"]),
    ],
)  # fmt: skip
def test_a_model_file_is_told_about_at_its_place(model: str, expected: list[str]) -> None:
    """Names that are taken, routes that lead nowhere, forms."""
    assert told(PROVIDER, model) == expected


def test_two_files_of_one_name_are_told_in_the_second() -> None:
    """Whichever comes first by file name stands."""
    models = {"a.yaml": MODEL, "b.yaml": MODEL}
    _, problems = with_own(CATALOG, {}, models, {"p.yaml": PROVIDER}, SCHEMAS)
    assert [f"{each.mark} {each.sentence}" for each in problems] == [
        "b.yaml:1:7 two models are called `acme-1`: in a.yaml and in b.yaml"
    ]


def test_all_mistakes_of_all_files_are_told_at_once() -> None:
    """Platforms, providers, models."""
    _, problems = with_own(CATALOG, {"k.yaml": "nme: x\n"}, {"m.yaml": "kind: x\n"}, {"p.yaml": "name: [\n"}, SCHEMAS)
    assert {each.mark.file for each in problems if each.mark} == {"k.yaml", "m.yaml", "p.yaml"}


def test_a_route_to_a_provider_whose_file_is_wrong_is_no_further_mistake() -> None:
    """It is called so, and its own mistakes are told."""
    for wrong in (PROVIDER.replace("$prompt", "$promt"), PROVIDER.replace("base:", "bas:"), "name: [\n"):
        _, problems = with_own(CATALOG, {}, {"m.yaml": MODEL}, {"p.yaml": wrong}, SCHEMAS)
        assert problems
        assert {each.mark.file for each in problems if each.mark} == {"p.yaml"}


def test_a_broken_file_takes_nothing_from_the_packaged_catalog() -> None:
    """What is packaged stands, whatever a project says."""
    hostile = PROVIDER.replace("acme", "fal", 1)
    catalog, problems = with_own(
        CATALOG, {}, {"m.yaml": MODEL.replace("acme-1", "veo-3.1")}, {"p.yaml": hostile}, SCHEMAS
    )
    assert problems
    assert catalog.providers["fal"] == CATALOG.providers["fal"]
    assert catalog.models["veo-3.1"] == CATALOG.models["veo-3.1"]


def test_a_third_call_names_what_the_poll_told() -> None:
    """What `take` names is known there, and nowhere else."""
    poll = "poll: {path: '/films/{id}', status: state, take: {file: file_id}, then: {path: /files, query: {f: $NAME}}}"
    for name, expected in (("$file", []), ("$fille", ["a.yaml:4:198 nothing gives `$fille` | did you mean `file`?"])):
        text = PROVIDER.replace("result:", f"accepted: {{id: id}}, {poll.replace('$NAME', name)}, result:")
        assert told(providers=text) == expected
