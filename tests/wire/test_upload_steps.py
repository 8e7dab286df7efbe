"""Files that jobs name, as data: inline where small, else by steps that say what the ones before were told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from wire_of import CATALOG, OTHER, PNG, answer, job, wire

from vidbuild.catalog.model import Provider
from vidbuild.wire.reading import Wire
from vidbuild.wire.uploads import Enclosure, Held, Upload
from vidbuild.wire.values import Cause, Media, Pending, Response, Wrong
from vidbuild.words.errors import VendorFailed

LARGE = Media(b"\x89PNG" + bytes(4_000_000), "image/png")
THREE = {
    "steps": [
        {"method": "POST", "path": "/files", "body": {"size": "$size", "sum": "$sha256"},
         "keep": {"id": "id", "to": "put.url", "told": {"at": "put.headers", "else": {"Content-Type": "$type"}}}},
        {"method": "PUT", "to": "$to", "headers": {"...": "$told"}, "form": "bytes", "body": "$file"},
        {"method": "GET", "path": "/files/{id}", "query": {"full": True},
         "until": {"status": "state", "done": ["ready"], "failed": ["corrupt"]}},
    ],
    "give": {"file_id": "$id"},
    "lives_s": 60,
}  # fmt: skip


def vendor(**upload: Any) -> Provider:
    """Give Runway with another way for files."""
    return replace(CATALOG.providers["runway"], uploads={"file": upload})


def wire_of(provider: Provider) -> Wire:
    """Give the wire of a model that takes a first picture, at that vendor."""
    return wire("gen-4.5", catalog=replace(CATALOG, providers={**CATALOG.providers, "runway": provider}))


def upload_of(provider: Provider, picture: Media = PNG) -> Upload:
    """Begin to bring a picture there."""
    (enclosure,) = wire_of(provider).enclosures(job("gen-4.5", pictures={"init": picture}))
    return Upload(provider, enclosure, lambda host: f"https://{host or 'base'}.example")


def body_of(provider: Provider, **held: Any) -> Mapping[str, Any]:
    """Give the body of a job with one picture, of which so much is held."""
    asked = job("gen-4.5", pictures={"init": PNG})
    (enclosure,) = wire_of(provider).enclosures(asked)
    found: Mapping[str, Any] = json.loads(
        wire_of(provider).submit(replace(asked, enclosed={enclosure.id: held["said"]})).body
    )
    return found


def test_a_small_file_goes_with_the_job_and_a_large_one_before_it() -> None:
    """Runway: up to 5 MB as a data URI, in base64; nothing is scaled or made a JPEG."""
    here = wire("gen-4.5")
    assert here.enclosures(job("gen-4.5", pictures={"init": PNG})) == ()
    (large,) = here.enclosures(job("gen-4.5", pictures={"init": LARGE}))
    assert (large.upload, large.media) == ("file", LARGE)
    request = here.submit(job("gen-4.5", pictures={"init": LARGE}, enclosed={large.id: "runway://1"}))
    assert json.loads(request.body)["promptImage"] == [{"uri": "runway://1", "position": "first"}]


def test_a_file_that_is_named_twice_is_brought_once() -> None:
    """The same bytes on the same way are one file; others are another."""
    here = wire("veo-3.1")
    assert len(here.enclosures(job("veo-3.1", pictures={"init": LARGE, "end": LARGE}))) == 1
    other = Media(LARGE.data + b"1", "image/png")
    assert len(here.enclosures(job("veo-3.1", pictures={"init": LARGE, "end": other}))) == 2


def test_files_in_a_list_are_each_brought() -> None:
    """References, one by one, in the form that the list gives them."""
    here = wire("gen-4-image")
    pictures = {"reference0": LARGE, "reference1": OTHER}
    (large,) = here.enclosures(job("gen-4-image", pictures=pictures))
    request = here.submit(job("gen-4-image", pictures=pictures, enclosed={large.id: "runway://1"}))
    rows = json.loads(request.body)["referenceImages"]
    assert [row["tag"] for row in rows] == ["ref1", "ref2"]
    assert rows[0]["uri"] == "runway://1"
    assert rows[1]["uri"].startswith("data:image/png;base64,")


def test_a_job_that_names_what_nobody_holds_is_never_written() -> None:
    """It would be paid, and fail."""
    with pytest.raises(ValueError, match="doesn't hold"):
        wire("gen-4.5").submit(job("gen-4.5", pictures={"init": LARGE}))


def test_three_steps_each_say_what_the_ones_before_were_told() -> None:
    """A place, the bytes to an address that the vendor gave (unsigned), and a look until it is ready."""
    upload = upload_of(vendor(**THREE))
    first = upload.request()
    assert (first.method, first.url, first.is_signed) == ("POST", "https://base.example/files", True)
    assert json.loads(first.body)["size"] == len(PNG.data)
    told = {"url": "https://s3.example/x?sig=1", "headers": {"X-Meta": "1"}}
    assert upload.read(answer({"id": "f1", "put": told})) is None
    second = upload.request()
    assert (second.method, second.url, second.is_signed) == ("PUT", "https://s3.example/x?sig=1", False)
    assert second.headers == {"X-Meta": "1", "Content-Type": "image/png"}
    assert second.body == PNG.data
    assert upload.read(Response(200, {}, b"")) is None
    for _ in range(2):
        third = upload.request()
        assert (third.method, third.url) == ("GET", "https://base.example/files/f1?full=true")
        assert upload.read(answer({"state": "processing"})) == Pending("running")
    assert upload.read(answer({"state": "ready"})) == Held({"file_id": "f1"}, 60.0)


def test_what_an_answer_leaves_out_has_a_usual_value() -> None:
    """Higgsfield tells headers only sometimes."""
    upload = upload_of(vendor(**THREE))
    upload.read(answer({"id": "f1", "put": {"url": "https://s3.example/x"}}))
    assert upload.request().headers == {"Content-Type": "image/png"}


def test_a_form_has_the_fields_that_the_vendor_told_and_then_the_file() -> None:
    """Runway's: a signed form in which the file is last, under a name of ours."""
    upload = upload_of(CATALOG.providers["runway"], LARGE)
    name = json.loads(upload.request().body)["filename"]
    assert name.endswith(".png")
    fields = {"key": "k", "policy": "p"}
    assert upload.read(answer({"uploadUrl": "https://s3.example", "fields": fields, "runwayUri": "runway://1"})) is None
    body = upload.request().body
    places = [
        body.index(part) for part in (b'name="key"', b'name="policy"', f'name="file"; filename="{name}"'.encode())
    ]
    assert places == sorted(places)
    assert upload.read(Response(204, {}, b"")) == Held("runway://1", 86400.0)


def test_a_further_host_is_asked_by_its_name() -> None:
    """fal's files lie at another host of its own, which gets the key."""
    (enclosure,) = wire("flux-2-pro").enclosures(job("flux-2-pro", pictures={"reference0": LARGE}))
    upload = Upload(CATALOG.providers["fal"], enclosure, {"rest": "https://rest.fal.ai"}.__getitem__)
    request = upload.request()
    assert request.url == "https://rest.fal.ai/storage/upload/initiate?storage_type=gcs"
    assert request.is_signed


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        (answer({"error": "no"}, 401), Cause.KEY),
        (answer({"error": "later"}, 429, retry_after="3"), Cause.BUSY),
        (answer({"error": "oops"}, 503), Cause.SERVER),
        (answer({"put": {"url": "https://s3.example"}}), Cause.SERVER),
        (answer({"id": "f1"}), Cause.SERVER),
        (answer({"id": "f1", "put": {"url": "https://s3.example/\u202e"}}), Cause.SERVER),
        (answer({"id": {"a": {"b": "c"}}, "put": {"url": "https://s3.example"}}), Cause.SERVER),
        (answer({"id": "f" * 20_000, "put": {"url": "https://s3.example"}}), Cause.SERVER),
        (answer(b"<html>"), Cause.SERVER),
    ],
)
def test_what_goes_wrong_made_nothing(said: Response, cause: Cause) -> None:
    """It is told with its cause; what a vendor gives is only sent on if it is plain."""
    wrong = upload_of(vendor(**THREE)).read(said)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.is_unmade) == (cause, True)


def test_a_file_that_the_vendor_can_not_use_is_told() -> None:
    """It says so at the last step."""
    upload = upload_of(vendor(**THREE))
    upload.read(answer({"id": "f1", "put": {"url": "https://s3.example"}}))
    upload.read(Response(200, {}, b""))
    wrong = upload.read(answer({"state": "corrupt"}))
    assert isinstance(wrong, Wrong)
    assert "corrupt" in wrong.message


def test_no_key_goes_to_an_address_that_the_vendor_gave() -> None:
    """With a body or without."""
    first = {"method": "POST", "path": "/files", "body": {"size": "$size"}, "keep": {"to": "url"}}
    upload = upload_of(vendor(steps=[first, {"method": "GET", "to": "$to"}], give="$to"))
    assert upload.request().is_signed
    upload.read(answer({"url": "https://s3.example/1"}))
    assert (upload.request().url, upload.request().is_signed) == ("https://s3.example/1", False)


def test_an_id_of_the_vendors_is_no_path() -> None:
    """What it calls a file stays one segment."""
    upload = upload_of(vendor(**THREE))
    upload.read(answer({"id": "../../v1/tasks", "put": {"url": "https://s3.example"}}))
    upload.read(Response(200, {}, b""))
    assert upload.request().url == "https://base.example/files/..%2F..%2Fv1%2Ftasks?full=true"


def test_a_step_without_what_it_names_is_a_vendor_that_fails() -> None:
    """A path can't be written then."""
    steps = [{"method": "POST", "path": "/files/{place}", "body": "$file", "form": "bytes"}]
    with pytest.raises(VendorFailed, match="`place`"):
        upload_of(vendor(steps=steps, give="x")).request()


def test_what_a_job_says_of_a_file_may_have_any_form() -> None:
    """Text, or a mapping as Luma and HeyGen have it."""
    provider = vendor(**THREE)
    assert body_of(provider, said={"file_id": "f1"})["promptImage"][0]["uri"] == {"file_id": "f1"}
    assert body_of(provider, said="asset:1")["promptImage"][0]["uri"] == "asset:1"


def test_a_file_has_another_id_at_another_address_or_on_another_way() -> None:
    """A gateway doesn't hold what the vendor holds, and what a changed file says of a file is no longer the same."""

    def id_of(provider: Provider, base: str = "") -> Enclosure:
        catalog = replace(CATALOG, providers={**CATALOG.providers, "runway": provider})
        (found,) = wire("gen-4.5", catalog=catalog, base=base).enclosures(job("gen-4.5", pictures={"init": PNG}))
        return found

    ids = [id_of(vendor(**THREE)).id, id_of(vendor(**{**THREE, "give": "$id"})).id]
    ids.append(id_of(vendor(**THREE), "https://gateway.example").id)
    assert len(set(ids)) == 3
    assert id_of(vendor(**THREE)).id == ids[0]
