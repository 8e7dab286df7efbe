"""What vendors' answers mean: jobs, progress, results, and each way to say no."""

from __future__ import annotations

import base64
import json
from fractions import Fraction
from typing import Any

import pytest
from wire_of import NONCE, answer, job, ready, wire

from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Pending, Request, Response, Wrong

RUNWAY = {"id": "t1", "operation": "text_to_video"}
KLING = {"id": "8812", "operation": "text2video"}
FAL = {
    "id": "r1",
    "operation": "video",
    "status_url": "/fal-ai/veo3.1/requests/r1/status",
    "response_url": "/fal-ai/veo3.1/requests/r1",
    "cancel_url": "/fal-ai/veo3.1/requests/r1/cancel",
}


POLICY = {"detail": [{"type": "content_policy_violation", "msg": "no"}]}
FILTERED = answer(b"ID3", content_type="audio/mpeg", finish_reason="CONTENT_FILTERED")


def kling_failed(said: str) -> Response:
    """A job of Kling's that failed, in its words."""
    return answer({"code": 0, "data": {"task_status": "failed", "task_status_msg": said}})


def sent(model: str, provider: str | None = None, **said: Any) -> Wire:
    """Give a wire that has sent a job."""
    here = wire(model, provider)
    here.submit(ready(here, job(model, **said)))
    return here


# submits


def test_a_job_is_accepted_with_a_handle_that_is_all_it_takes() -> None:
    """Plain texts, safe to be written down, and enough for another process."""
    assert sent("gen-4.5").submitted(answer({"id": "t1"})) == Accepted(RUNWAY)
    assert sent("kling-2").submitted(answer({"code": 0, "data": {"task_id": "8812"}})) == Accepted(KLING)


def test_the_addresses_that_fal_gives_are_kept_below_the_base() -> None:
    """So another base can serve them later."""
    base = "https://queue.fal.run/fal-ai/veo3.1/requests/r1"
    body = {"request_id": "r1", "status_url": f"{base}/status", "response_url": base, "cancel_url": f"{base}/cancel"}
    assert sent("veo-3.1-fast", "fal").submitted(answer(body)) == Accepted(FAL)


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/steal",
        "https://queue.fal.run.evil.example/x",
        "https://queue.fal.run@evil.example/x",
        "https://queue.fal.run/../../admin",
        "https://queue.fal.run/a/%2e%2e/b",
        "https://queue.fal.run//evil.example/x",
        "https://queue.fal.run/a b",
        "https://queue.fal.run/" + "a" * 5000,
        "file:///etc/passwd",
        None,
        7,
    ],
)
def test_an_address_elsewhere_is_not_followed_and_the_paid_job_not_lost(address: Any) -> None:
    """Where the vendor's file says how addresses are built, that is used instead."""
    body = {"request_id": "r1", "status_url": address, "response_url": address, "cancel_url": address}
    assert sent("veo-3.1-fast", "fal").submitted(answer(body)) == Accepted(FAL)


@pytest.mark.parametrize(
    "id", ["../../x", "", "a/b", "a\nb", "x" * 201, 8812, None, ["a"], {"a": 1}, "a b", "..", "a?b", "%2e"]
)
def test_an_id_that_is_no_plain_token_is_no_job(id: Any) -> None:
    """Nothing of it reaches a path or a log; that no job was made is not sure."""
    told = sent("gen-4.5").submitted(answer({"id": id}))
    assert isinstance(told, Wrong)
    assert (told.cause, told.is_unmade) == (Cause.FAILED, False)


@pytest.mark.parametrize("body", [b"<html>hello</html>", b"", b"{", b"[" * 100_000, b"null", b"[]", b'"id"'])
def test_a_page_instead_of_an_answer_proves_nothing(body: bytes) -> None:
    """HTML as 200: whether a job was made is not known."""
    told = sent("gen-4.5").submitted(answer(body, content_type="text/html"))
    assert isinstance(told, Wrong)
    assert not told.is_unmade


@pytest.mark.parametrize(
    ("model", "response", "cause", "is_unmade"),
    [
        ("gen-4.5", answer({"error": "ratio must be one of"}, 400), Cause.INVALID, True),
        ("gen-4.5", answer({"error": "You do not have enough credits"}, 400), Cause.CREDIT, True),
        ("gen-4.5", answer({"error": "no"}, 401), Cause.KEY, True),
        ("gen-4.5", answer({"error": "no"}, 402), Cause.CREDIT, True),
        ("gen-4.5", answer({"error": "no"}, 410), Cause.RETIRED, True),
        ("gen-4.5", answer({"error": "slower"}, 429), Cause.BUSY, True),
        ("gen-4.5", answer({"error": "took too long"}, 408), Cause.SERVER, False),
        ("gen-4.5", answer({"error": "in progress"}, 409), Cause.BUSY, False),
        ("gen-4.5", answer(b"<html>502</html>", 502), Cause.SERVER, False),
        ("gen-4.5", answer({"error": "bad"}, 503), Cause.SERVER, False),
        ("gen-4.5", answer(b"", 302, location="https://evil.example"), Cause.FAILED, False),
        ("kling-2", answer({"code": 1004, "message": "token expired"}), Cause.KEY, True),
        ("kling-2", answer({"code": 1102, "message": "resource pack exhausted"}, 429), Cause.CREDIT, True),
        ("kling-2", answer({"code": 1201, "message": "no such mode"}), Cause.INVALID, True),
        ("kling-2", answer({"code": 1301, "message": "sensitive"}, 400), Cause.REFUSED, True),
        ("kling-2", answer({"code": 1303, "message": "too many at once"}, 429), Cause.BUSY, True),
        ("kling-2", answer({"code": 1201, "message": "external_task_id is in use"}, 400), Cause.SERVER, False),
        ("kling-2", answer({"code": 5001, "message": "try later"}), Cause.SERVER, False),
        ("kling-2", answer({"code": 1201, "message": "odd"}, 500), Cause.INVALID, False),
        ("kling-2", answer({"code": 4242, "message": "what is this"}), Cause.SERVER, False),
        ("flux-2-pro", answer(POLICY, 422), Cause.REFUSED, True),
        ("flux-2-pro", answer({"detail": [{"type": "missing", "msg": "Field required"}]}, 422), Cause.INVALID, True),
        ("flux-2-pro", answer({"detail": "User is locked. Reason: Exhausted balance"}, 403), Cause.CREDIT, True),
        ("elevenlabs", answer({"detail": {"status": "quota_exceeded", "message": "no"}}, 401), Cause.CREDIT, True),
        ("elevenlabs", answer({"detail": {"status": "invalid_api_key", "message": "no"}}, 401), Cause.KEY, True),
        ("elevenlabs", answer({"detail": {"status": "system_busy", "message": "no"}}, 429), Cause.BUSY, True),
        ("elevenlabs", answer({"detail": [{"msg": "field required"}]}, 422), Cause.INVALID, True),
        ("stable-audio-2", answer({"name": "content_moderation", "errors": ["flagged"]}, 403), Cause.REFUSED, True),
        ("stable-audio-2", answer({"name": "payment_required", "errors": ["buy"]}, 402), Cause.CREDIT, True),
        ("stable-audio-2", FILTERED, Cause.REFUSED, False),
    ],
)  # fmt: skip
def test_each_way_to_say_no_has_its_cause(model: str, response: Response, cause: Cause, is_unmade: bool) -> None:
    """And only what surely made no job is said to have made none."""
    told = sent(model).submitted(response)
    assert isinstance(told, Wrong)
    assert (told.cause, told.is_unmade) == (cause, is_unmade)
    assert told.message


def test_the_vendors_own_words_and_code_are_passed_on() -> None:
    """Who shows them cleans them."""
    told = sent("kling-2").submitted(answer({"code": 1201, "message": "no such \x1b[31mmode"}))
    assert told == Wrong(Cause.INVALID, "no such \x1b[31mmode", "1201", None, True)


def test_words_without_end_are_cut() -> None:
    """A vendor can't fill the terminal."""
    told = sent("gen-4.5").submitted(answer({"error": "a" * 100_000}, 400))
    assert isinstance(told, Wrong)
    assert len(told.message) <= 1000


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry_after": "7"}, 7.0),
        ({"retry_after_ms": "1500"}, 1.5),
        ({"retry_after": "Fri, 20 Nov 2026 10:00:30 GMT", "date": "Fri, 20 Nov 2026 10:00:00 GMT"}, 30.0),
        ({"retry_after": "Fri, 20 Nov 2026 10:00:30 GMT"}, None),
        ({"retry_after": "-3"}, None),
        ({"retry_after": "soon"}, None),
        ({"retry_after": "1e99"}, None),
        ({}, None),
    ],
)
def test_a_vendor_says_when_to_come_back(headers: dict[str, str], seconds: float | None) -> None:
    """In seconds, milliseconds, or as a date beside its own clock."""
    told = sent("gen-4.5").submitted(answer({"error": "slower"}, 429, **headers))
    assert isinstance(told, Wrong)
    assert told.retry_after_s == seconds


# answers that are the result


def test_speech_comes_inline_with_words_and_their_times() -> None:
    """Characters become words; the sound is the base64."""
    said = "Hi  there"
    times = [number / 10 for number in range(len(said) + 1)]
    alignment = {
        "characters": list(said),
        "character_start_times_seconds": times[:-1],
        "character_end_times_seconds": times[1:],
    }
    body = {"audio_base64": base64.b64encode(b"ID3 sound").decode(), "alignment": alignment}
    told = sent("elevenlabs").submitted(answer(body))
    assert isinstance(told, Done)
    assert told.artifacts["sound"] == Artifact("audio/mpeg", data=b"ID3 sound")
    assert json.loads(told.artifacts["words"].data or b"") == {
        "words": [{"text": "Hi", "start_s": 0.0, "end_s": 0.2}, {"text": "there", "start_s": 0.4, "end_s": 0.9}]
    }


@pytest.mark.parametrize("alignment", [None, {}, {"characters": ["a"]}, {"characters": "a"}, [1], "x"])
def test_paid_speech_without_times_is_kept(alignment: Any) -> None:
    """When its words are said is then heard here."""
    told = sent("elevenlabs").submitted(answer({"audio_base64": "SUQz", "alignment": alignment}))
    assert isinstance(told, Done)
    assert set(told.artifacts) == {"sound"}


@pytest.mark.parametrize("model", ["elevenlabs-music", "elevenlabs-sfx", "stable-audio-2"])
def test_sound_comes_as_the_body(model: str) -> None:
    """With the media type that the vendor says."""
    told = sent(model).submitted(answer(b"ID3 sound", content_type="audio/mpeg; charset=binary"))
    assert told == Done({"sound": Artifact("audio/mpeg", data=b"ID3 sound")})


@pytest.mark.parametrize(
    "response",
    [answer(b"<html>", content_type="text/html"), answer({"ok": True}), answer(b"", content_type="audio/mpeg")],
)
def test_a_page_instead_of_sound_is_no_result(response: Response) -> None:
    """That it was not paid is not said."""
    told = sent("elevenlabs-music").submitted(response)
    assert isinstance(told, Wrong)
    assert (told.cause, told.is_unmade) == (Cause.FAILED, False)


# polls


@pytest.mark.parametrize(
    ("model", "handle", "body", "state", "progress"),
    [
        ("gen-4.5", RUNWAY, {"status": "PENDING"}, "queued", None),
        ("gen-4.5", RUNWAY, {"status": "THROTTLED"}, "queued", None),
        ("gen-4.5", RUNWAY, {"status": "RUNNING", "progress": 0.4}, "running", 0.4),
        ("gen-4.5", RUNWAY, {"status": "RUNNING", "progress": "a lot"}, "running", None),
        ("gen-4.5", RUNWAY, {"status": "RUNNING", "progress": 40}, "running", None),
        ("gen-4.5", RUNWAY, {"status": "SOMETHING_NEW"}, "running", None),
        ("kling-2", KLING, {"code": 0, "data": {"task_status": "submitted"}}, "queued", None),
        ("kling-2", KLING, {"code": 0, "data": {"task_status": "processing"}}, "running", None),
        ("veo-3.1-fast", FAL, {"status": "IN_QUEUE", "queue_position": 3}, "queued", None),
        ("veo-3.1-fast", FAL, {"status": "IN_PROGRESS", "logs": []}, "running", None),
    ],
)
def test_a_job_that_is_not_done_is_pending(
    model: str, handle: dict[str, str], body: Any, state: str, progress: float | None
) -> None:
    """In the vendor's words; one that nobody knows means that it still runs."""
    assert wire(model).polled(answer(body, 202), handle) == Pending(state, progress)


def test_a_vendor_may_say_when_to_ask_again() -> None:
    """Retry-After on a good answer."""
    told = wire("gen-4.5").polled(answer({"status": "RUNNING"}, retry_after="12"), RUNWAY)
    assert told == Pending("running", None, 12.0)


def test_a_done_job_gives_its_address_and_cost() -> None:
    """Runway tells credits; Kling's units have no price, so the list's holds."""
    url = "https://cdn.example/a.mp4?sig=1"
    body = {"status": "SUCCEEDED", "output": [url], "cost": {"credits": 60}}
    told = wire("gen-4.5").polled(answer(body), RUNWAY)
    assert told == Done({"video": Artifact("video/mp4", url)}, Fraction(3, 5), RUNWAY)
    body = {"code": 0, "data": {"task_status": "succeed", "task_result": {"videos": [{"url": url}]}}}
    assert wire("kling-2").polled(answer(body), KLING) == Done({"video": Artifact("video/mp4", url)}, None, KLING)


def test_fal_takes_one_more_hop_to_the_result() -> None:
    """COMPLETED holds no result; its address does."""
    here = wire("veo-3.1-fast", "fal")
    hop = here.polled(answer({"status": "COMPLETED", "metrics": {}}), FAL)
    assert hop == Request("GET", "https://queue.fal.run/fal-ai/veo3.1/requests/r1")
    told = here.polled(answer({"video": {"url": "https://v3.fal.media/a.mp4"}}), FAL)
    assert told == Done({"video": Artifact("video/mp4", "https://v3.fal.media/a.mp4")}, None, FAL)


def test_fal_is_polled_at_its_own_addresses_or_at_those_of_an_id() -> None:
    """An id alone, from the lock, is enough."""
    here = wire("veo-3.1-fast", "fal", base="http://127.0.0.1:9")
    url = "http://127.0.0.1:9/fal-ai/veo3.1/requests/r1/status?logs=false"
    assert here.poll(FAL).url == url
    assert here.poll({"id": "r1"}).url == url
    assert here.poll({"id": "r1", "status_url": "https://evil.example/"}).url == url
    cancel = here.cancel({"id": "r1"})
    assert cancel is not None
    assert (cancel.method, cancel.url) == ("PUT", "http://127.0.0.1:9/fal-ai/veo3.1/requests/r1/cancel")


@pytest.mark.parametrize(
    ("model", "handle", "response", "cause"),
    [
        ("gen-4.5", RUNWAY, answer({"status": "FAILED", "failureCode": "SAFETY.INPUT.TEXT"}), Cause.REFUSED),
        ("gen-4.5", RUNWAY, answer({"status": "FAILED", "failureCode": "INTERNAL.BAD_OUTPUT.CODE01"}), Cause.FAILED),
        ("gen-4.5", RUNWAY, answer({"status": "FAILED", "failureCode": "ASSET.INVALID"}), Cause.FAILED),
        ("gen-4.5", RUNWAY, answer({"status": "CANCELLED"}), Cause.CANCELLED),
        ("gen-4.5", RUNWAY, answer({"status": "SUCCEEDED", "output": []}), Cause.FAILED),
        ("gen-4.5", RUNWAY, answer({"status": "SUCCEEDED", "output": ["ftp://a/b"]}), Cause.FAILED),
        ("gen-4.5", RUNWAY, answer({"error": "no such task"}, 404), Cause.GONE),
        ("gen-4.5", RUNWAY, answer({"error": "too old"}, 410), Cause.GONE),
        ("gen-4.5", RUNWAY, answer({"error": "slower"}, 429), Cause.BUSY),
        ("gen-4.5", RUNWAY, answer({"error": "key"}, 401), Cause.KEY),
        ("gen-4.5", RUNWAY, answer(b"<html>", 500), Cause.SERVER),
        ("gen-4.5", RUNWAY, answer(b"<html>hello</html>", content_type="text/html"), Cause.SERVER),
        ("gen-4.5", RUNWAY, answer({"progress": 1}), Cause.SERVER),
        ("kling-2", KLING, kling_failed("oh"), Cause.FAILED),
        ("kling-2", KLING, kling_failed("did not pass risk control"), Cause.REFUSED),
        ("kling-2", KLING, answer({"code": 1303, "message": "too many"}), Cause.BUSY),
        ("veo-3.1-fast", FAL, answer({"status": "COMPLETED", "error": "boom", "error_type": "internal"}), Cause.FAILED),
        (
            "veo-3.1-fast",
            FAL,
            answer({"status": "COMPLETED", "error": "no", "error_type": "content_policy_violation"}),
            Cause.REFUSED,
        ),
        ("veo-3.1-fast", FAL, answer(POLICY, 422), Cause.REFUSED),
        ("veo-3.1-fast", FAL, answer({"detail": [{"type": "value_error", "msg": "x"}]}, 422), Cause.FAILED),
        ("veo-3.1-fast", FAL, answer({"detail": "boom", "error_type": "internal_error"}, 500), Cause.FAILED),
        ("veo-3.1-fast", FAL, answer({"detail": "x"}, 500, x_fal_error_type="runner_error"), Cause.FAILED),
        ("veo-3.1-fast", FAL, answer(b"<html>", 502), Cause.SERVER),
        ("veo-3.1-fast", FAL, answer({"seed": 7}), Cause.SERVER),
    ],
)  # fmt: skip
def test_each_end_of_a_job_has_its_cause(model: str, handle: dict[str, str], response: Response, cause: Cause) -> None:
    """Failed, refused, cancelled, expired and gone are told apart, and from trouble on the way."""
    told = wire(model, "fal" if handle is FAL else None).polled(response, handle)
    assert isinstance(told, Wrong)
    assert (told.cause, told.is_unmade) == (cause, False)


def test_a_failed_job_may_cost_all_the_same() -> None:
    """What the vendor tells is passed on."""
    body = {"status": "FAILED", "failure": "x", "failureCode": "INTERNAL", "cost": {"credits": 10}}
    told = wire("gen-4.5").polled(answer(body), RUNWAY)
    assert isinstance(told, Wrong)
    assert (told.usd, told.code) == (Fraction(1, 10), "INTERNAL")


def test_a_result_may_be_a_data_uri() -> None:
    """Then its bytes are here."""
    handle = {**FAL, "operation": "image"}
    told = wire("flux-2-pro").polled(answer({"images": [{"url": "data:image/png;base64,iVBO"}]}), handle)
    assert isinstance(told, Done)
    assert told.artifacts["picture"] == Artifact("image/png", data=b"\x89PN")


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ('{"answers": [0.9, 1]}', [0.9, 1.0]),
        ('```json\n{"answers": [0, 0.5]}\n```', [0.0, 0.5]),
        ("[0.25]", [0.25]),
        ("yes", None),
        ('{"answers": [2]}', None),
        ('{"answers": [-0.1]}', None),
        ('{"answers": ["1"]}', None),
        ('{"answers": [true]}', None),
        ('{"answers": [NaN]}', None),
        ('{"answers": []}', None),
        ("[" * 50_000, None),
    ],
)
def test_a_judge_answers_in_numbers(said: str, numbers: list[float] | None) -> None:
    """From 0 to 1 each; of anything else what it said is kept: it is paid, and no job that will get better."""
    told = wire("vision-judge").polled(answer({"output": said, "usage": {"cost": 0.002}}), {"id": "r1"})
    assert isinstance(told, Done)
    kept = {"said": said[:500]} if numbers is None else {"answers": numbers}
    assert json.loads(told.artifacts["answers"].data or b"") == kept
    assert told.usd == Fraction(2, 1000)


# lookups


@pytest.mark.parametrize("model", ["gen-4.5", "veo-3.1-fast"])
def test_a_vendor_that_keeps_no_list_can_not_be_asked(model: str) -> None:
    """Nor does it take an idempotency key."""
    here = sent(model)
    assert here.find(NONCE, 0) is None
    assert not here.has_idempotency


def test_a_lost_answer_is_looked_up_at_kling_by_our_own_id() -> None:
    """Found, surely not there, or not to be told: three answers."""
    here = sent("kling-2")
    assert here.found(answer({"code": 0, "data": {"task_id": "8812"}}), NONCE) == Accepted(KLING)
    assert here.found(answer({"code": 1203, "message": "no such task"}, 404), NONCE) is None
    assert here.found(answer({"code": 1203, "message": "no such task"}), NONCE) is None
    for response in (answer(b"<html>", 502), answer(b"<html>"), answer({"code": 1004, "message": "key"})):
        assert isinstance(here.found(response, NONCE), Wrong)
    assert not here.is_list_complete


def test_nothing_is_polled_faster_than_the_vendor_says() -> None:
    """Runway: once in five seconds."""
    assert wire("gen-4.5").least_poll_s == 5
