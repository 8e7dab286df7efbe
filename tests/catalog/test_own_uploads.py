"""How files get to a vendor, in a project's own file: what is told about it, and the page's own example, walked."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from vidbuild import packaged
from vidbuild.catalog.loader import with_own
from vidbuild.catalog.model import Catalog
from vidbuild.wire.reading import Wire
from vidbuild.wire.uploads import Held, Upload
from vidbuild.wire.values import Job, Media, Response

SCHEMAS = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
PACKAGED = packaged.catalog()
PAGE = Path(__file__).parents[2] / "docs/providers.md"
HEAD = """\
name: acme
base: https://a.example
hosts: {files: "https://files.a.example"}
auth: {kind: none}
operations: {film: {kind: footage, submit: {path: /films, body: {p: $prompt, i: $init|uploaded}}, result: {video: url}}}
"""
MODEL = "name: acme-1\nkind: footage\naccepts: {init: yes}\nroutes: [{provider: acme, id: a1, operation: film}]\n"
GOOD = "uploads: {f: {steps: [{path: /u, body: {n: $file_name}, keep: {id: id}}], give: $id}}\n"


def read(upload: str, model: str = MODEL) -> tuple[Catalog, list[str]]:
    """Read the vendor with a way for files."""
    catalog, problems = with_own(PACKAGED, {}, {"m.yaml": model}, {"a.yaml": HEAD + upload}, SCHEMAS)
    return catalog, [f"{each.mark} {each.sentence} | {each.hint}" for each in problems]


@pytest.mark.parametrize(
    ("upload", "expected"),
    [
        (GOOD, []),
        (GOOD.replace("path:", "host: files, path:"), []),
        (GOOD.replace("path:", "host: flies, path:"), ["`hosts` does not name `flies` | did you mean `files`?"]),
        ("", ["`uploaded` needs `uploads` | add how files get there"]),
        (GOOD.replace("give: $id", "give: $ids"), ["nothing gives `$ids` | did you mean `id`?"]),
        (GOOD.replace("$file_name", "$filename"), ["nothing gives `$filename` | did you mean `file_name`?"]),
        (GOOD.replace("{n: $file_name}", "{n: $id}"), ["nothing gives `$id` | `keep` it in an earlier step"]),
        (GOOD.replace("path: /u", "path: '/u/{id}'"), ["nothing gives `{id}` | None"]),
        (GOOD.replace("path: /u, ", ""), ["a step of the upload `f` needs `path` or `to` | None"]),
        (GOOD.replace(", give: $id", ""), ["the upload `f` needs both `steps` and `give`, or neither | None"]),
        ("uploads: {f: {lives_s: 60}}\n", ["the upload `f` needs `steps` or `inline` | None"]),
        ("uploads: {f: {inline: {most_bytes: 9, give: $fil|data_uri}}}\n",
         ["nothing gives `$fil` | did you mean `file`?"]),
    ],
)  # fmt: skip
def test_an_upload_is_told_about_at_its_place(upload: str, expected: list[str]) -> None:
    """Names that nothing gives yet, steps that lead nowhere, ways that nobody defined."""
    _, told = read(upload)
    assert [one.partition(" ")[2] for one in told] == expected


def test_a_way_that_a_route_names_must_be_there() -> None:
    """`uploaded(name)` is one of the provider's uploads."""
    _, told = read(GOOD, MODEL.replace("operation: film", "operation: film, send: {p: $init|uploaded(g)}"))
    assert [one.partition(" ")[2] for one in told] == ["`uploads` does not name `g` | add how files get there"]


def test_a_further_host_in_the_clear_is_told() -> None:
    """Keys go there, as to the base."""
    _, told = read(GOOD.replace("uploads:", "headers: {}\nuploads:").replace("$id", "$id"))
    assert told == []
    _, problems = with_own(PACKAGED, {}, {}, {"a.yaml": HEAD.replace("https://files", "http://files") + GOOD}, SCHEMAS)
    assert [each.sentence for each in problems] == ["`files.a.example` would be talked to in the clear"]


def test_the_example_of_the_page_is_taken_and_walked() -> None:
    """As it stands there: a place, the bytes, a look until it is ready, and what the job says then."""
    found = re.search(r"  ```yaml\n  uploads:\n(.*?)  ```", PAGE.read_text(), re.S)
    assert found is not None
    text = "uploads:\n" + re.sub(r"^  ", "", found[1], flags=re.M)
    catalog, told = read(text)
    assert told == []
    model, provider = catalog.models["acme-1"], catalog.providers["acme"]
    wire = Wire(provider, model, model.routes[0], provider.base)
    large = Media(bytes(4_000_000), "image/png")
    (enclosure,) = wire.enclosures(Job("footage", "a1", "x", "n", pictures={"init": large}))
    upload = Upload(provider, enclosure, lambda host: provider.base)
    answers: list[Mapping[str, object]] = [
        {"put_url": "https://s3.example/1", "id": "u1"}, {}, {"state": "checking"}, {"state": "ready"},
    ]  # fmt: skip
    lines, held = [], None
    for answer in answers:
        request = upload.request()
        lines.append(f"{request.method} {request.url} {request.is_signed}")
        held = upload.read(Response(200, {}, json.dumps(answer).encode()))
    assert lines == [
        "POST https://a.example/uploads True",
        "PUT https://s3.example/1 False",
        *["GET https://a.example/uploads/u1 True"] * 2,
    ]
    assert held == Held({"upload_id": "u1"}, 86400.0)
