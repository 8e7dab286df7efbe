"""What vendors are sent: a golden for each model, each provider and each way to ask."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from wire_of import CATALOG, NONCE, OTHER, PNG, answer, asked_for, job, ready, wire

from vidbuild.catalog.model import Route
from vidbuild.wire.values import Accepted, Media, Request
from vidbuild.words.errors import VendorFailed

REACHED = [(model.name, route) for model in CATALOG.models.values() for route in model.routes]


def shown(request: Request | None) -> Mapping[str, Any] | None:
    """Write a request for a golden; its body as JSON where it is any."""
    if request is None:
        return None
    is_json = request.headers.get("Content-Type") == "application/json"
    body: Any = json.loads(request.body) if is_json else request.body.decode(errors="backslashreplace")
    return {"line": f"{request.method} {request.url}", "headers": dict(request.headers), "body": body}


def test_every_operation_of_every_provider_is_some_models() -> None:
    """So the goldens below cover each of them."""
    reached = {(route.provider, name) for _, route in REACHED for name in route.operation.values()}
    made = {(name, operation) for name, provider in CATALOG.providers.items() for operation in provider.operations}
    assert reached == made


@pytest.mark.parametrize("provider", sorted(CATALOG.providers))
def test_what_a_vendor_is_sent_is_what_the_golden_says(provider: str, golden: Callable[[str, Any], None]) -> None:
    """Submits of every model in every way, and the requests that follow each operation's."""
    sent: dict[str, Any] = {}
    for model, route in REACHED:
        if route.provider != provider:
            continue
        for way, pictures in asked_for(model, provider).items():
            here = wire(model, provider)
            sent[f"{model}, {way}"] = shown(here.submit(ready(here, job(model, pictures=pictures))))
            handle = {"id": "job-1", "operation": _operation(route, way)}
            if "accepted" in CATALOG.providers[provider].operations[handle["operation"]]:
                sent[f"{handle['operation']}, then"] = {
                    "poll": shown(here.poll(handle)),
                    "find": shown(here.find(NONCE, 1_700_000_000.5)),
                    "cancel": shown(here.cancel(handle)),
                }
    golden(f"wire/{provider}.json", sent)


def _operation(route: Route, way: str) -> str:
    ways = route.operation
    return next(ways[key] for key in (*reversed(way.split()), "init", "any", "text") if key in ways)


def test_the_same_job_is_sent_as_the_same_bytes() -> None:
    """A submit can be sent again, byte for byte, under its idempotency key."""
    for model, route in REACHED:
        for pictures in asked_for(model, route.provider).values():
            one = ready(wire(model, route.provider), job(model, pictures=pictures))
            assert wire(model, route.provider).submit(one) == wire(model, route.provider).submit(one)


def test_options_go_where_the_vendor_has_them() -> None:
    """By name where nothing else is said; an option that makes another value isn't sent twice."""
    kling = json.loads(wire("kling-2").submit(job("kling-2", options={"mode": "pro", "audio": "on"})).body)
    assert (kling["mode"], kling["sound"]) == ("pro", "on")
    assert "audio" not in kling
    veo = json.loads(wire("veo-3.1").submit(job("veo-3.1", options={"resolution": "1080p"})).body)
    assert veo["ratio"] == "1920:1080"
    assert "resolution" not in veo
    fal = json.loads(wire("veo-3.1-fast", "fal").submit(job("veo-3.1-fast", options={"resolution": "1080p"})).body)
    assert fal["resolution"] == "1080p"
    speech = json.loads(wire("elevenlabs").submit(job("elevenlabs", options={"stability": Fraction(3, 10)})).body)
    assert speech["voice_settings"] == {"stability": 0.3}


def test_silence_is_asked_for_where_the_model_can_be_silent() -> None:
    """`sound: drop` turns sound off at the vendor; a model without a choice is told nothing."""
    assert json.loads(wire("veo-3.1").submit(job("veo-3.1", silent=True)).body)["audio"] is False
    assert json.loads(wire("veo-3.1").submit(job("veo-3.1")).body)["audio"] is True
    kling = job("kling-3", silent=True, options={"audio": "on"})
    assert json.loads(wire("kling-3").submit(kling).body)["sound"] == "off"
    assert "audio" not in json.loads(wire("gen-4.5").submit(job("gen-4.5")).body)


def test_the_model_may_be_part_of_the_path() -> None:
    """fal's models differ by what they are given."""
    lines = {
        way: wire("veo-3.1-fast", "fal").submit(job("veo-3.1-fast", pictures=pictures)).url.removeprefix("https://")
        for way, pictures in asked_for("veo-3.1-fast").items()
    }
    assert lines == {
        "text": "queue.fal.run/fal-ai/veo3.1/fast",
        "init": "queue.fal.run/fal-ai/veo3.1/fast/image-to-video",
        "init end": "queue.fal.run/fal-ai/veo3.1/fast/first-last-frame-to-video",
    }


@pytest.mark.parametrize(
    ("voice", "sent"),
    [("Rachel", "21m00Tcm4TlvDq8ikWAM"), ("own-voice", "own-voice"), ("a/../b", "a%2F..%2Fb"), ("..", "%2E%2E")],
)
def test_a_voice_is_one_segment_of_the_path(voice: str, sent: str) -> None:
    """An author's text leads to no other path."""
    request = wire("elevenlabs").submit(job("elevenlabs", voice=voice))
    assert request.url.startswith(f"https://api.elevenlabs.io/v1/text-to-speech/{sent}/with-timestamps?")


def test_speech_without_a_voice_is_told_before_anything_is_sent() -> None:
    """The sentence names what is missing."""
    for model, title in (("elevenlabs", "ElevenLabs"), ("sonic-3.5", "Cartesia"), ("gpt-4o-mini-tts", "OpenAI")):
        with pytest.raises(VendorFailed, match=f"{title} needs a voice here"):
            wire(model).submit(job(model, voice=None))


def test_effects_are_asked_for_within_the_vendors_bounds() -> None:
    """Half a second to thirty."""
    for seconds, sent in ((Fraction(1, 5), 0.5), (Fraction(5, 2), 2.5), (Fraction(40), 30)):
        request = wire("elevenlabs-sfx").submit(job("elevenlabs-sfx", seconds=seconds))
        assert json.loads(request.body)["duration_seconds"] == sent


def test_a_base_that_is_overridden_serves_every_request() -> None:
    """`VIDBUILD_RUNWAY_URL`, a gateway or a test."""
    here = wire("gen-4.5", base="http://127.0.0.1:9/gate/")
    assert here.submit(job("gen-4.5")).url == "http://127.0.0.1:9/gate/v1/text_to_video"
    assert here.poll({"id": "a"}).url == "http://127.0.0.1:9/gate/v1/tasks/a"


def test_no_secret_is_in_a_request_yet() -> None:
    """Who sends it signs it; pictures and bodies stay out of reprs."""
    request = wire("kling-2").submit(
        job("kling-2", prompt="planted words", pictures={"init": Media(b"planted", "image/png")})
    )
    assert request.is_signed
    assert "planted" not in repr(request)
    assert "Authorization" not in request.headers


def test_a_large_picture_is_made_to_fit_what_the_vendor_takes() -> None:
    """Kling takes them with the job alone; one that is too large for that is packed, else made a JPEG."""
    import base64
    import io
    import random

    from PIL import Image

    grain = random.Random(1)
    picture = Image.frombytes("RGB", (1400, 1400), grain.randbytes(1400 * 1400 * 3))
    raw = io.BytesIO()
    picture.save(raw, "PNG", compress_level=0)
    small = replace(CATALOG.providers["kling"], limits={"picture_bytes": 3_700_000})
    known = replace(CATALOG, providers={**CATALOG.providers, "kling": small})
    pictures = {"init": Media(raw.getvalue(), "image/png")}
    request = wire("kling-i2v", catalog=known).submit(job("kling-i2v", pictures=pictures))
    data = base64.b64decode(json.loads(request.body)["image"])
    assert len(data) < 3_700_000
    with Image.open(io.BytesIO(data)) as sent:
        assert (sent.format, sent.size) == ("JPEG", (1400, 1400))


def test_the_pictures_decide_which_operation_is_polled_and_found() -> None:
    """Kling's paths differ; with the slots known, an id alone is enough."""
    for slots, path in (((), "text2video"), (("init",), "image2video"), (("init", "end"), "image2video")):
        here = wire("kling-2", slots=slots)
        found = here.find(NONCE, 0)
        assert here.poll({"id": "8812"}).url.endswith(f"/v1/videos/{path}/8812")
        assert found is not None
        assert found.url.endswith(f"/v1/videos/{path}/{NONCE}")
    accepted = wire("kling-2", slots=("init",)).submitted(answer({"code": 0, "data": {"task_id": "8812"}}))
    assert isinstance(accepted, Accepted)
    assert wire("kling-2").poll(accepted.handle).url.endswith("/v1/videos/image2video/8812")


def test_references_go_along_with_tags_where_the_model_knows_them() -> None:
    """`@ref1` in the prompt is the first of them."""
    pictures = {"reference0": PNG, "reference1": OTHER}
    body = json.loads(wire("gen-4-image").submit(job("gen-4-image", pictures=pictures)).body)
    assert [one["tag"] for one in body["referenceImages"]] == ["ref1", "ref2"]


def test_a_seed_is_told_only_of_a_way_that_takes_one() -> None:
    """One model, one vendor of three without seeds; a workflow's slot names it too."""
    ways = {way: wire("seedance-2", way, slots=()).sends_seed for way in ("ark", "replicate")}
    assert ways == {"ark": False, "replicate": True}
