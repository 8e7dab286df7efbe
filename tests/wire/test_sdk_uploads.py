"""Files are brought as the vendors' own packages bring them, and Higgsfield is asked as its own asks: `make sdk`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sdks import Recorder, needs, ours, recorder
from wire_of import CATALOG, PNG, answer, job, ready, wire

from vidbuild.wire.uploads import Held, Upload
from vidbuild.wire.values import Media

__all__ = ["recorder"]
LARGE = Media(b"\x89PNG" + bytes(4_000_000), "image/png")


def brought(
    model: str, provider: str, slot: str, picture: Media, told: Mapping[str, Any]
) -> tuple[list[Any], str, Any]:
    """Bring a picture to a vendor who says what it is told: what is sent, the file's name, what a job says of it."""
    (enclosure,) = wire(model, provider).enclosures(job(model, pictures={slot: picture}))
    upload = Upload(CATALOG.providers[provider], enclosure, lambda host: "http://vendor.example")
    sent, held = [], None
    while not isinstance(held, Held):
        sent.append(ours(upload.request(), provider))
        held = upload.read(answer(told))
    name = str(upload.known["file_name"])
    return sent, name, held.reference


def test_runway_is_brought_a_file_as_its_sdk_brings_it(recorder: Recorder) -> None:
    """A place is asked for, then a form goes there with the fields that were told, the file last, without the key."""
    sdk = needs("runwayml")
    fields = {"key": "k", "policy": "p"}
    recorder.told = {"uploadUrl": f"{recorder.base}/put", "fields": fields, "runwayUri": "runway://1"}
    sent, name, reference = brought("gen-4.5", "runway", "init", LARGE, recorder.told)
    made = sdk.RunwayML(api_key="the-key", base_url=recorder.base).uploads.create_ephemeral(file=(name, LARGE.data))
    assert sent == recorder.seen
    assert reference == made.uri == "runway://1"


def test_fal_is_brought_a_file_as_its_sdk_brings_it(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its storage's way: an address is asked for, and the bytes are put there.

    The package sends its key along to that address, which is a stranger's word and signed by itself; we don't.
    """
    sdk = needs("fal-client")
    monkeypatch.setattr("fal_client.client.REST_URL", recorder.base)
    recorder.told = {"upload_url": f"{recorder.base}/put", "file_url": "https://files.example/1"}
    sent, name, reference = brought("flux-2-pro", "fal", "reference0", LARGE, recorder.told)
    client = sdk.SyncClient(key="the-key")
    url = client.upload(LARGE.data, "image/png", name, repository="fal", fallback_repository="fal")
    first, second = recorder.seen
    keyless = {name: value for name, value in second["headers"].items() if name != "authorization"}
    assert sent == [first, {**second, "headers": keyless}]
    assert reference == url == "https://files.example/1"


@pytest.mark.parametrize("headers", [None, {"Content-Type": "image/png", "x-amz-tagging": "retention=temporary"}])
def test_higgsfield_is_brought_a_file_as_its_sdk_brings_it(headers: Any, recorder: Recorder) -> None:
    """With the headers that are told, else the file's own type."""
    sdk = needs("higgsfield-client")
    told = {"upload_url": f"{recorder.base}/put", "public_url": "https://files.example/1"}
    recorder.told = {**told, "upload_headers": headers} if headers else told
    sent, _, reference = brought("higgsfield-dop", "higgsfield", "init", PNG, recorder.told)
    client = sdk.SyncClient(base_url=recorder.base, api_key="the-key:the-key")
    assert client.upload(PNG.data, "image/png") == reference == "https://files.example/1"
    assert sent == recorder.seen


@pytest.mark.parametrize(
    ("model", "said", "arguments"),
    [
        (
            "higgsfield-soul",
            {"options": {"resolution": "1080p"}},
            {"aspect_ratio": "16:9", "resolution": "1080p", "batch_size": 1, "enhance_prompt": False, "seed": 8},
        ),
        (
            "higgsfield-dop",
            {"pictures": {"init": PNG}},
            {"image_url": "https://files.example/1", "duration": 5, "seed": 8},
        ),
    ],
)
def test_higgsfield_is_sent_what_its_sdk_sends(
    model: str, said: Mapping[str, Any], arguments: Mapping[str, Any], recorder: Recorder
) -> None:
    """Submit, status, cancel; seeds are 1 to 1,000,000, and ours begin with 0."""
    sdk, here = needs("higgsfield-client"), wire(model)
    base = f"{recorder.base}/requests/r1"
    recorder.told = {"request_id": "r1", "status": "queued", "status_url": f"{base}/status"}
    recorder.told |= {"cancel_url": f"{base}/cancel"}
    client = sdk.SyncClient(base_url=recorder.base, api_key="the-key:the-key")
    id = CATALOG.models[model].routes[0].id
    made = client.submit(id, {"prompt": "a boat at night", **arguments})
    made.status()
    made.cancel()
    handle = {"id": "r1"}
    sent = [here.submit(ready(here, job(model, **said))), here.poll(handle), here.cancel(handle)]
    assert [ours(request, "higgsfield") for request in sent] == recorder.seen
