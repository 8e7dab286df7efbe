"""The packaged models against vendors on loopback that were written from the same facts by others."""

from __future__ import annotations

import io
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping

import pytest
from PIL import Image
from wire_of import CATALOG, asked_for, job, wire

from vidbuild.catalog.model import Provider
from vidbuild.testing import enclosing
from vidbuild.testing.bringing import brought
from vidbuild.testing.vendors.loopback import Vendors
from vidbuild.testing.vendors.vertex import STANDING
from vidbuild.wire.reading import Wire
from vidbuild.wire.signing import authorized
from vidbuild.wire.values import Accepted, Done, Media, Pending, Request, Response, Wrong

WAYS = [
    (model.name, route.provider, way)
    for model in CATALOG.models.values()
    for route in model.routes
    for way in asked_for(model.name, route.provider)
]
OUTPUTS = {
    "footage": {"video"},
    "picture": {"picture"},
    "music": {"sound"},
    "effect": {"sound"},
    "speech": {"sound"},
    "judge": {"answers"},
    "avatar": {"video"},
    "lipsync": {"video"},
}


@pytest.fixture(scope="module")
def vendors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vendors]:
    """All of them, quick and small."""
    with Vendors(tmp_path_factory.mktemp("vendors"), 0.02, lines=90) as vendors:
        yield vendors


@pytest.fixture(scope="module")
def picture() -> Media:
    """A real PNG."""
    written = io.BytesIO()
    Image.new("RGB", (1280, 720), "navy").save(written, "PNG")
    return Media(written.getvalue(), "image/png")


def exchanged(request: Request, provider: Provider, secrets: Mapping[str, str]) -> Response:
    """Send a request over loopback."""
    signed = authorized(provider, request.headers, secrets, time.time(), STANDING)
    headers = signed if request.is_signed else request.headers
    sent = urllib.request.Request(request.url, request.body or None, dict(headers), method=request.method)
    try:
        with urllib.request.urlopen(sent, timeout=20) as got:
            return Response(got.status, {name.lower(): value for name, value in got.headers.items()}, got.read())
    except urllib.error.HTTPError as got:
        return Response(got.code, {name.lower(): value for name, value in got.headers.items()}, got.read())


def ended(here: Wire, handle: Mapping[str, str], provider: Provider, secrets: Mapping[str, str]) -> Done | Wrong:
    """Poll a job to its end."""
    for _ in range(400):
        answer = here.polled(exchanged(here.poll(handle), provider, secrets), handle)
        if isinstance(answer, Request):
            answer = here.polled(exchanged(answer, provider, secrets), handle)
        if isinstance(answer, (Done, Wrong)):
            return answer
        assert isinstance(answer, Pending)
        time.sleep(0.02)
    raise AssertionError("the job never ended")


@pytest.mark.parametrize(("model", "name", "way"), WAYS)
def test_a_vendor_takes_what_it_is_sent_and_is_understood(
    model: str, name: str, way: str, vendors: Vendors, picture: Media
) -> None:
    """Each model, through each of its routes, in each way: sent, polled by another wire, made."""
    provider, secrets = CATALOG.providers[name], vendors.secrets
    base = vendors.environ[provider.base_variable]
    pictures = {slot: enclosing.sample(slot) or picture for slot in asked_for(model)[way]}
    nonce = f"n-{model}-{name}-{way}".replace(" ", "-").replace(".", "-")
    here = wire(model, name, base=base)
    asked = brought(
        *(here, provider, job(model, pictures=pictures, nonce=nonce)),
        lambda request: exchanged(request, provider, secrets),
        lambda host: vendors.environ[provider.variable(host)],
    )
    answer = here.submitted(exchanged(here.submit(asked), provider, secrets))
    if isinstance(answer, Accepted):
        later = wire(model, name, base=base, slots=tuple(pictures))
        if (lookup := later.find(nonce, time.time())) is not None:
            found = later.found(exchanged(lookup, provider, secrets), nonce)
            if isinstance(found, Request):
                found = later.found(exchanged(found, provider, secrets), nonce)
            assert found == answer
        answer = ended(later, {"id": answer.handle["id"]}, provider, secrets)
    assert isinstance(answer, Done), answer
    assert set(answer.artifacts) - {"words"} == OUTPUTS[CATALOG.models[model].kind]
