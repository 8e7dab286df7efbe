"""A vendor that a project adds by files alone: idempotency keys, lists with our tag, other ways to poll."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from wire_of import CATALOG, NONCE, PNG, answer, job, wire

from vidbuild import packaged
from vidbuild.catalog.loader import with_own
from vidbuild.catalog.model import Catalog
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Pending, Request, Wrong

SCHEMAS = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
PROVIDER = """
name: acme
title: Acme
base: https://api.acme.example/v2
keys: [ACME_KEY]
auth: {kind: header, name: X-Key, value: "{ACME_KEY}"}
idempotency: {header: Idempotency-Key}
errors: {code: [err.no], message: [err.said], codes: {E1*: refused}}
operations:
  film:
    kind: footage
    submit:
      method: POST
      path: /films
      body: {text: $prompt, len: $seconds|suffix(s), tag: $nonce, first: $init|base64, seed: $seed}
    accepted: {id: "film.id"}
    poll:
      method: POST
      path: /films/query
      body: {ids: ["$id"]}
      status: films[0].state
      progress: films[0].done
      wait: films[0].wait_s
      empty: refused
    result: {video: {at: "films[0].file", is_signed: true}}
    find:
      path: /films
      query: {since: $since|text}
      list: films
      where: tag
      id: id
      more: next
      is_complete: true
      lag_s: 0.5
    cancel: {method: POST, path: "/films/{id}/stop"}
"""
MODEL = """
name: acme-1
kind: footage
lengths: {choices: [5, 10]}
accepts: {init: yes, seed: true}
prices: [{usd: 0.1, per: second}]
routes: [{provider: acme, id: a1, operation: film}]
"""


@pytest.fixture
def acme() -> Catalog:
    """The catalog with a vendor of a project's own."""
    catalog, problems = with_own(CATALOG, {}, {"models/a.yaml": MODEL}, {"providers/a.yaml": PROVIDER}, SCHEMAS)
    assert problems == []
    return catalog


def test_a_vendor_is_added_by_files_alone(acme: Catalog) -> None:
    """No code: a submit with its key, a poll with a body, a stop."""
    here = wire("acme-1", catalog=acme)
    sent = here.submit(job("acme-1", acme, pictures={"init": PNG}))
    assert (sent.method, sent.url) == ("POST", "https://api.acme.example/v2/films")
    assert sent.headers == {"Content-Type": "application/json", "Idempotency-Key": NONCE}
    body = {"text": "a boat at night", "len": "5s", "tag": NONCE, "first": "iVBORyBvbmU=", "seed": 7}
    assert json.loads(sent.body) == body
    assert here.has_idempotency
    poll = here.poll({"id": "f1"})
    assert (poll.method, poll.url, json.loads(poll.body)) == (
        "POST",
        "https://api.acme.example/v2/films/query",
        {"ids": ["f1"]},
    )
    cancel = here.cancel({"id": "f1"})
    assert cancel is not None
    assert (cancel.method, cancel.url) == ("POST", "https://api.acme.example/v2/films/f1/stop")


def test_its_words_for_states_need_not_be_listed(acme: Catalog) -> None:
    """What such words usually mean is known."""
    here = wire("acme-1", catalog=acme)
    handle = {"id": "f1", "operation": "film"}

    def polled(**film: Any) -> Any:
        return here.polled(answer({"films": [film]}), handle)

    assert polled(state="In Queue") == Pending("queued")
    assert polled(state="generating", done=0.5, wait_s=3) == Pending("running", 0.5, 3.0)
    assert polled(state="Succeeded", file="https://a.example/f.mp4") == Done(
        {"video": Artifact("video/mp4", "https://a.example/f.mp4", is_signed=True)}, None, handle
    )
    assert polled(state="NSFW").cause is Cause.REFUSED
    assert polled(state="canceled").cause is Cause.CANCELLED
    assert polled(state="expired").cause is Cause.EXPIRED
    assert polled(state="ready").cause is Cause.REFUSED, "done without a film is moderation here"
    refusal = here.submitted(answer({"err": {"no": "E17", "said": "no"}}, 400))
    assert refusal == Wrong(Cause.REFUSED, "no", "E17", None, True)


def test_a_lost_job_is_found_in_its_list_by_our_tag(acme: Catalog) -> None:
    """Its absence is proof only where the list is whole."""
    here = wire("acme-1", catalog=acme)
    asked = here.find(NONCE, 1_700_000_000.25)
    assert asked is not None
    assert asked.url == "https://api.acme.example/v2/films?since=1699999700"
    assert (here.is_list_complete, here.list_lag_s) == (True, 0.5)
    others = [{"id": "f0", "tag": "other"}, "odd", None]
    found = here.found(answer({"films": [*others, {"id": "f1", "tag": NONCE}]}), NONCE)
    assert found == Accepted({"id": "f1", "operation": "film"})
    assert here.found(answer({"films": others}), NONCE) is None
    for body, status in (
        ({"films": others, "next": "p2"}, 200),
        ({"nothing": 1}, 200),
        ({"err": {}}, 500),
        (b"<html>", 200),
    ):
        assert isinstance(here.found(answer(body, status), NONCE), Wrong)
    assert isinstance(here.found(answer({"films": [{"id": "../x", "tag": NONCE}]}), NONCE), Wrong)


def test_what_a_model_costs_and_takes_is_exact(acme: Catalog) -> None:
    """No float comes out of a file."""
    model = acme.models["acme-1"]
    assert model.is_own
    assert acme.providers["acme"].is_own
    assert model.prices[0].usd == Fraction(1, 10)
    assert model.lengths.enough(Fraction(6)) == 10


def test_a_result_that_a_third_call_does_not_tell_is_said_and_not_waited_for() -> None:
    """A packaged vendor's answer of an unknown shape may pass; a project's own file may be wrong."""
    text = PROVIDER.replace(
        "      empty: refused\n", "      take: {file: 'films[0].id'}\n      then: {path: '/files/{file}'}\n"
    )
    catalog, problems = with_own(CATALOG, {}, {"models/a.yaml": MODEL}, {"providers/a.yaml": text}, SCHEMAS)
    assert problems == []
    here, handle = wire("acme-1", catalog=catalog), {"id": "f1", "operation": "film"}
    further = here.polled(answer({"films": [{"state": "done", "id": "x9"}]}), handle)
    assert isinstance(further, Request)
    assert further.url == "https://api.acme.example/v2/files/x9"
    shapes: list[dict[str, Any]] = [{"film": "here"}, {"films": [{"state": "done", "id": "x9"}]}]
    for shape in shapes:
        told = here.polled(answer(shape), handle, is_further=True)
        assert isinstance(told, Done)
        assert told.artifacts == {}
    assert here.polled(answer({"films": [{"state": "running"}]}), handle, is_further=True) == Pending("running")
    theirs = wire("hailuo-2.3").polled(answer({"file": {}}), {"id": "1"}, is_further=True)
    assert isinstance(theirs, Wrong)
    assert not theirs.has_ended


def test_the_providers_schema_is_where_editors_find_it() -> None:
    """`vidbuild schema provider` prints it."""
    assert (Path(__file__).parents[2] / "schemas/provider.schema.json").is_file()
