"""Vendors that send us on: to another host of theirs, or by a name that only the poll's answer tells."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from wire_of import answer

from vidbuild.catalog.model import Model, Provider, Route
from vidbuild.wire.handles import elsewhere
from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Job, Request, Wrong

OPERATION = {
    "kind": "footage",
    "submit": {"method": "POST", "path": "/make", "body": {"prompt": "$prompt"}},
    "accepted": {"id": "id", "addresses": {"ask": {"at": "ask", "else": "/result"}}},
    "poll": {"address": "ask", "query": {"id": "$id"}, "status": "status"},
    "result": {"video": "url"},
    "cost": {"at": "cost", "usd_each": Fraction(1, 100)},
}
POLLED = {"path": "/jobs/{id}", "status": "status", "take": {"file": "file_id"}}
HOPPING = {
    **OPERATION,
    "accepted": {"id": "id"},
    "poll": {**POLLED, "then": {"method": "GET", "path": "/files", "query": {"file": "$file"}}},
}
JOB = Job("footage", "m-1", "a boat", "n-1")


def wire(operation: Any = OPERATION, base: str = "https://api.acme.example") -> Wire:
    provider = Provider(
        "acme", "Acme", base, (), {"kind": "none"}, operations={"make": operation}, domains=("*.acme.example",)
    )
    here = Wire(provider, Model("acme-1", "footage"), Route("acme", "m-1", {"any": "make"}), base)
    here.submit(JOB)
    return here


def test_a_job_is_polled_at_the_address_that_the_vendor_gave_for_it() -> None:
    """Word for word, also at another of its hosts; what the address says already isn't said again."""
    address = "https://api.us3.acme.example/v1/get_result?id=j1"
    accepted = wire().submitted(answer({"id": "j1", "ask": address}))
    assert isinstance(accepted, Accepted)
    assert accepted.handle["ask"] == address
    assert wire().poll(accepted.handle) == Request("GET", address)
    bare = wire().submitted(answer({"id": "j1", "ask": "https://eu.acme.example/result"}))
    assert isinstance(bare, Accepted)
    assert wire().poll(bare.handle).url == "https://eu.acme.example/result?id=j1"


def test_below_its_base_an_address_is_kept_as_a_path() -> None:
    """So another base can serve it later."""
    accepted = wire().submitted(answer({"id": "j1", "ask": "https://api.acme.example/v1/get_result?id=j1"}))
    assert isinstance(accepted, Accepted)
    assert accepted.handle["ask"] == "/v1/get_result?id=j1"
    moved = wire(base="https://gate.example")
    assert moved.poll(accepted.handle).url == "https://gate.example/v1/get_result?id=j1"


@pytest.mark.parametrize(
    "address",
    [
        "https://acme.example.evil.example/r?id=j1",
        "https://evil-acme.example/r",
        "https://user@api.acme.example/r",
        "https://evil.example/#.acme.example/r",
        "https://evil.example\\.acme.example/r",
        "http://eu.acme.example/r?id=j1",
        "https://eu.acme.example/../r",
        "https://acme.example/r",
        "https://EU.acme.example/" + "a" * 3000,
        None,
    ],
)
def test_no_other_address_is_ever_kept_or_asked(address: Any) -> None:
    """It is then polled by its id, at the base; a handle that was tampered with leads nowhere else either."""
    accepted = wire().submitted(answer({"id": "j1", "ask": address}))
    assert isinstance(accepted, Accepted)
    assert accepted.handle["ask"] == "/result"
    assert wire().poll(accepted.handle).url == "https://api.acme.example/result?id=j1"
    assert wire().poll({"id": "j1", "ask": str(address)}).url == "https://api.acme.example/result?id=j1"


def test_hosts_of_this_machine_may_be_named_with_their_port() -> None:
    """For gateways and tests; http goes nowhere else."""
    assert elsewhere("http://127.0.0.1:8001/r", ["127.0.0.1:8001"]) == "http://127.0.0.1:8001/r"
    assert elsewhere("http://127.0.0.1:8002/r", ["127.0.0.1:8001"]) is None
    assert elsewhere("http://10.0.0.1:8001/r", ["10.0.0.1:8001"]) is None


def test_what_a_job_costs_may_be_told_when_it_is_taken() -> None:
    """In the vendor's own units."""
    accepted = wire().submitted(answer({"id": "j1", "cost": 4.5}))
    assert isinstance(accepted, Accepted)
    assert accepted.usd == Fraction(45, 1000)


def test_a_third_call_is_made_by_what_the_poll_told() -> None:
    """A number or a word, and nothing that would change the request."""
    here = wire(HOPPING)
    handle = {"id": "j1", "operation": "make"}
    hop = here.polled(answer({"status": "Success", "file_id": 241342648594580}), handle)
    assert hop == Request("GET", "https://api.acme.example/files?file=241342648594580")
    made = here.polled(answer({"url": "https://cdn.example/a.mp4"}), handle)
    assert made == Done({"video": Artifact("video/mp4", "https://cdn.example/a.mp4")}, None, handle)
    for odd in (None, {}, "../x", "a b", ""):
        told = here.polled(answer({"status": "Success", "file_id": odd}), handle)
        assert isinstance(told, Wrong)
        assert (told.cause, told.has_ended) == (Cause.SERVER, False)


def test_a_third_call_that_goes_wrong_is_no_end_of_the_job() -> None:
    """It is made and paid for; where the answer is the job's own verdict, the vendor's file says so."""
    here, handle = wire(HOPPING), {"id": "j1", "operation": "make"}
    told = here.polled(answer({"error": "boom"}, 500), handle)
    assert isinstance(told, Wrong)
    assert told.cause is Cause.SERVER
    gone = here.polled(answer({"error": "no such file"}, 404), handle)
    assert isinstance(gone, Wrong)
    assert gone.cause is Cause.GONE
