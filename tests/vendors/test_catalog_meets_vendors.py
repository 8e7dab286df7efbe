"""The catalog's wires, data about vendors, meet the doubles, which know vendors from the facts: no complaint."""

from __future__ import annotations

import base64
import time
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import httpx
import pytest

from vidbuild import packaged
from vidbuild.catalog.loader import with_own
from vidbuild.catalog.model import Catalog, Model, Route
from vidbuild.testing import enclosing
from vidbuild.testing.bringing import brought
from vidbuild.testing.vendors import MOODS, Vendors, own_files
from vidbuild.testing.vendors.vertex import STANDING
from vidbuild.wire.reading import Wire
from vidbuild.wire.signing import authorized
from vidbuild.wire.values import Accepted, Artifact, Done, Job, Media, Pending, Request, Response, Wrong

CATALOG = packaged.catalog()
SLOTS = ((), ("init",), ("init", "end"), ("reference0", "reference1"))


ROUTES = [(name, route.provider) for name, model in CATALOG.models.items() for route in model.routes]


@pytest.fixture
def vendors(tmp_path: Path) -> Iterator[Vendors]:
    """Vendors that are asked for everything, and deliver something small."""
    with Vendors(tmp_path / "vendors", latency_s=0.02, lines=64, most_s=1) as running:
        yield running
        assert running.leaks == []


def slots_of(model: Model, route: Route) -> list[tuple[str, ...]]:
    takes = model.accepts
    if model.kind in enclosing.SLOTS:
        return [enclosing.SLOTS[model.kind]]
    allowed = {(): takes.init != "must", ("init",): takes.init != "no"}
    allowed |= {("init", "end"): takes.init != "no" and takes.end != "no"}
    allowed |= {
        ("reference0", "reference1"): takes.references > 1 and takes.form != "first frame" and takes.init != "must"
    }
    uses = {slots: ["references"] if "reference0" in slots else list(slots) for slots in SLOTS}
    return [slots for slots in SLOTS if allowed[slots] and route.takes(uses[slots])]


def job_of(model: Model, route: Route, pictures: Mapping[str, Media], aspect: str | None, **more: Any) -> Job:
    lengths = {"footage": 4, "music": 30, "effect": 2}
    needed = Fraction(lengths.get(model.kind, 0))
    return Job(
        kind=model.kind,
        model=route.id,
        prompt="a harbour at dawn, gulls",
        nonce=more.pop("nonce", "n-0001"),
        negative="text" if model.accepts.negative else "",
        seed=7 if model.accepts.seed else None,
        seconds=(model.lengths.enough(needed) or needed) if needed else None,
        aspect=aspect if model.kind in ("footage", "picture", "avatar") else None,
        avatar="ann" if model.kind == "avatar" else None,
        voice="Rachel" if model.kind == "speech" else None,
        language="en" if model.kind == "speech" else None,
        pictures=pictures,
        **more,
    )


def given(picture: bytes, slots: Iterable[str]) -> dict[str, Media]:
    """Give what goes into slots: pictures, sound and footage."""
    return {slot: enclosing.sample(slot) or Media(picture, "image/png") for slot in slots}


class Sender:
    """Sends what a wire asks for, signed, and nothing else."""

    def __init__(self, vendors: Vendors, client: httpx.Client, catalog: Catalog, model: Model, route: Route):
        self.client, self.environ = client, vendors.environ
        self.provider = catalog.providers[route.provider]
        self.base = self.environ[self.provider.base_variable]
        given = {name: self.environ[variable] for name, variable in self.provider.settings.items()}
        self.wire = Wire(self.provider, model, route, self.base, None, given)

    def send(self, request: Request) -> Response:
        secrets = {key: self.environ[key] for key in self.provider.keys}
        signed = request.headers
        if request.is_signed:
            signed = authorized(self.provider, request.headers, secrets, time.time(), STANDING)
        answer = self.client.request(request.method, request.url, headers=signed, content=request.body)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, headers, answer.content)

    def bought(self, job: Job) -> Accepted | Done | Wrong:
        ready = brought(
            *(self.wire, self.provider, job, self.send), lambda host: self.environ[self.provider.variable(host)]
        )
        return self.wire.submitted(self.send(self.wire.submit(ready)))

    def ended(self, made: Accepted | Done | Wrong) -> Done:
        for _ in range(500):
            if isinstance(made, Done):
                return made
            assert isinstance(made, Accepted), made
            answer = self.wire.polled(self.send(self.wire.poll(made.handle)), made.handle)
            if isinstance(answer, Request):
                answer = self.wire.polled(self.send(answer), made.handle)
            if isinstance(answer, Done):
                return answer
            assert isinstance(answer, Pending), answer
            time.sleep(0.01)
        raise AssertionError("it never ended")

    def got(self, one: Artifact) -> bytes:
        secrets = {key: self.environ[key] for key in self.provider.keys}
        headers = authorized(self.provider, {}, secrets, time.time()) if one.is_signed else {}
        return self.client.get(one.url or "", headers=headers).raise_for_status().content

    def fetched(self, done: Done) -> dict[str, bytes]:
        return {name: one.data if one.data is not None else self.got(one) for name, one in done.artifacts.items()}


@pytest.mark.parametrize(("name", "provider"), ROUTES)
def test_every_packaged_model_is_bought_and_fetched(
    vendors: Vendors, client: httpx.Client, picture: bytes, name: str, provider: str
) -> None:
    model = CATALOG.models[name]
    route = next(route for route in model.routes if route.provider == provider)
    for slots in slots_of(model, route):
        if model.kind == "judge":
            slots = ("frame0", "frame1")
        sender = Sender(vendors, client, CATALOG, model, route)
        job = job_of(model, route, given(picture, slots), "16:9")
        got = sender.fetched(sender.ended(sender.bought(job)))
        assert all(got.values())
        vendors.kling.tagged.clear()
    assert vendors.complaints == []


@pytest.mark.parametrize(("name", "provider"), ROUTES)
def test_every_aspect_option_and_length_of_a_packaged_model_is_taken(
    vendors: Vendors, client: httpx.Client, picture: bytes, name: str, provider: str
) -> None:
    model = CATALOG.models[name]
    route = next(route for route in model.routes if route.provider == provider)
    slots = slots_of(model, route)[0] if model.kind != "judge" else ("frame0",)
    pictures = given(picture, slots)
    usual = job_of(model, route, pictures, "16:9")
    asked = [{**usual.__dict__, "aspect": aspect} for aspect in model.aspects]
    for option, schema in model.options.items():
        values = schema.get("enum", [schema[end] for end in ("minimum", "maximum") if end in schema])
        asked += [{**usual.__dict__, "options": {option: value}} for value in values]
    shortest, longest = model.lengths.enough(Fraction(1)), model.lengths.longest
    asked += [{**usual.__dict__, "seconds": seconds} for seconds in (shortest, longest) if seconds and usual.seconds]
    asked += [{**usual.__dict__, "silent": True}] if model.kind == "footage" else []
    for nonce, one in enumerate(asked):
        sender = Sender(vendors, client, CATALOG, model, route)
        sender.bought(Job(**{**one, "nonce": f"n-{nonce}"}))
    assert vendors.complaints == []
    assert len(vendors.ledger) == len(asked)


@pytest.mark.parametrize("mood", MOODS)
@pytest.mark.parametrize("kind", ["video", "picture", "sound", "avatar", "lipsync"])
def test_the_plain_vendor_is_used_through_its_own_files(
    vendors: Vendors, client: httpx.Client, picture: bytes, tmp_path: Path, mood: str, kind: str
) -> None:
    written = own_files(tmp_path, mood)
    texts = {path.relative_to(tmp_path).as_posix(): path.read_text() for path in written}
    own = [
        {name: text for name, text in texts.items() if name.startswith(folder)} for folder in ("models", "providers")
    ]
    schemas = {name: packaged.schema(name) for name in ("platform", "provider", "model")}
    catalog, problems = with_own(CATALOG, {}, own[0], own[1], schemas)
    assert problems == []
    model = catalog.models[f"plain-{mood}-{kind}"]
    pictures = given(picture, ("init", "end") if kind == "video" else enclosing.SLOTS.get(kind, ()))
    options = {"lines": 360} if kind == "video" else {}
    sender = Sender(vendors, client, catalog, model, model.routes[0])
    job = job_of(model, model.routes[0], pictures, "16:9", options=options)
    made = sender.bought(job)
    assert isinstance(made, Accepted)
    assert all(sender.fetched(sender.ended(made)).values())
    again = sender.bought(job)
    assert isinstance(again, Accepted)
    assert (again.handle["id"] == made.handle["id"]) is (mood == "keyed")
    finding = sender.wire.find("n-0001", time.time() - 60)
    assert (finding is not None) is (mood == "listed")
    if finding is not None:
        found = sender.wire.found(sender.send(finding), "n-0001")
        assert isinstance(found, Accepted)
        assert found.handle["id"] == again.handle["id"]
    assert vendors.complaints == []


def test_a_lost_kling_task_is_found_by_our_nonce(vendors: Vendors, client: httpx.Client) -> None:
    model = CATALOG.models["kling-3"]
    sender = Sender(vendors, client, CATALOG, model, model.routes[0])
    job = job_of(model, model.routes[0], {}, "16:9", nonce="n-77")
    vendors.kling.fault("submit", "reset_after")
    with pytest.raises(httpx.TransportError):
        sender.bought(job)
    request = sender.wire.find("n-77", time.time())
    assert request is not None
    found = sender.wire.found(sender.send(request), "n-77")
    assert isinstance(found, Accepted)
    assert [row.job for row in vendors.kling.ledger] == [found.handle["id"]]
    missing = sender.wire.find("n-78", time.time())
    assert missing is not None
    assert sender.wire.found(sender.send(missing), "n-78") is None


@pytest.mark.parametrize(
    "name",
    [
        "gen-4.5",
        "kling-3",
        "veo-3.1-fast",
        "elevenlabs",
        "stable-audio-2",
        "heygen",
        "synthesia",
        "sync-3",
        "ray-3.2",
        "ray-2",
        "seedance-2.5",
        "hailuo-2.3",
        "flux-1.1-pro",
        "flux-3-video",
    ],
)
@pytest.mark.parametrize("fault", ["refused", "busy", "out_of_credit", "bad_key", "server_error"])
def test_every_no_is_read_as_what_it_is(vendors: Vendors, client: httpx.Client, name: str, fault: str) -> None:
    causes = {
        "refused": "refused",
        "busy": "busy",
        "out_of_credit": "credit",
        "bad_key": "key",
        "server_error": "server",
    }
    model = CATALOG.models[name]
    sender = Sender(vendors, client, CATALOG, model, model.routes[0])
    vendors.called(model.routes[0].provider).fault("submit", fault)
    pictures = given(b"", enclosing.SLOTS.get(model.kind, ()))
    answer = sender.bought(job_of(model, model.routes[0], pictures, "16:9"))
    assert isinstance(answer, Wrong)
    assert answer.cause == causes[fault]


def test_pictures_reach_kling_without_a_prefix(vendors: Vendors, client: httpx.Client, picture: bytes) -> None:
    model = CATALOG.models["kling-i2v"]
    sender = Sender(vendors, client, CATALOG, model, model.routes[0])
    sender.bought(job_of(model, model.routes[0], {"init": Media(picture, "image/png")}, None))
    (job,) = vendors.kling.jobs.values()
    assert base64.b64decode(job.body["image"]) == picture
    assert job.wants.init == picture
