"""What Google's answers mean: results within steps, operations without a word for how they are, empty answers."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from wire_of import PROJECT, answer, job, wire

from vidbuild.wire.paths import at
from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Accepted, Artifact, Cause, Done, Pending, Wrong

FILM = {"id": "v1_i-1", "operation": "video"}
NAME = f"projects/{PROJECT}/locations/us-central1/publishers/google/models/veo-3.1-generate-001/operations/o1"
VEO = {"id": NAME, "operation": "video"}
LINK = "https://generativelanguage.googleapis.com/v1beta/files/f1:download?alt=media"


def sent(model: str, provider: str) -> Wire:
    """Give a wire that has sent a job."""
    here = wire(model, provider)
    here.submit(job(model, **({"voice": "Kore"} if model == "gemini-tts" else {})))
    return here


def interaction(status: str, *steps: Any, **more: Any) -> Any:
    """Write an interaction's answer: what was asked comes first."""
    asked = {"type": "user_input", "content": [{"type": "video", "uri": "https://no.example/asked.mp4"}]}
    return answer({"id": "v1_i-1", "status": status, "steps": [asked, *steps], **more})


def output(*content: Any) -> dict[str, Any]:
    """Write a step that holds what was made."""
    return {"type": "model_output", "content": list(content)}


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("steps[type=out].url", 3),
        ("steps[type=in].url", 1),
        ("steps[type=none].url", None),
        ("steps[*].url", 3),
        ("steps[*].more[kind=b].at", "there"),
        ("steps[n=4].n", 4),
        ("steps[type=out]", {"type": "out", "n": 4}),
        ("url[type=out].url", None),
        ("steps[9].url", None),
    ],
)
def test_a_path_takes_the_last_of_a_list_that_is_such_and_has_what_follows(path: str, found: Any) -> None:
    """Whatever else lies there."""
    more = [{"kind": "a"}, {"kind": "b", "at": "there"}, "odd", None]
    steps = [{"type": "in", "url": 1, "more": more}, {"type": "out", "url": 2}, 7, {"type": "out", "url": 3}]
    assert at({"steps": [*steps, {"type": "out", "n": 4}], "url": "text"}, path) == found


def test_a_film_is_the_last_one_among_what_was_made() -> None:
    """Not the one that was asked with, nor words beside it; its address wants the key."""
    first, last = ({"type": "video", "uri": uri, "mime_type": "video/mp4"} for uri in (f"{LINK}&n=1", LINK))
    said = interaction("completed", output(first), {"type": "thought"}, output({"type": "text", "text": "!"}, last))
    done = wire("gemini-omni", "gemini").polled(said, FILM)
    assert isinstance(done, Done)
    assert done.artifacts == {"video": Artifact("video/mp4", url=LINK, is_signed=True)}


def test_a_film_may_come_with_the_answer() -> None:
    """As base64, where the vendor would rather."""
    said = interaction("completed", output({"type": "video", "data": base64.b64encode(b"film").decode()}))
    done = wire("gemini-omni", "gemini").polled(said, FILM)
    assert isinstance(done, Done)
    assert done.artifacts == {"video": Artifact("video/mp4", data=b"film")}


def test_a_film_that_is_completed_with_words_alone_was_refused() -> None:
    """The words say why."""
    said = interaction("completed", output({"type": "text", "text": "I can't make this."}))
    wrong = wire("gemini-omni", "gemini").polled(said, FILM)
    assert isinstance(wrong, Wrong)
    assert wrong.cause is Cause.REFUSED
    assert wrong.message == "the answer holds no video: I can't make this."


@pytest.mark.parametrize(
    ("status", "error", "cause"),
    [
        ("failed", {"code": "SAFETY", "message": "no"}, Cause.REFUSED),
        ("failed", {"code": "INTERNAL", "message": "oops"}, Cause.FAILED),
        ("cancelled", None, Cause.CANCELLED),
        ("budget_exceeded", None, Cause.CREDIT),
        ("requires_action", None, Cause.FAILED),
    ],
)
def test_each_end_of_an_interaction_is_told_apart(status: str, error: Any, cause: Cause) -> None:
    """And is the job's own."""
    wrong = wire("gemini-omni", "gemini").polled(interaction(status, **({"error": error} if error else {})), FILM)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended) == (cause, True)


@pytest.mark.parametrize("status", ["queued", "in_progress"])
def test_an_interaction_that_is_not_done_is_waited_for(status: str) -> None:
    """Though it may have steps already."""
    assert isinstance(wire("gemini-omni", "gemini").polled(interaction(status, output()), FILM), Pending)


def test_an_interaction_that_google_does_not_know_is_gone() -> None:
    """It says so with 400, which is no fault of the question."""
    told = answer({"error": {"code": "invalid_request", "message": "Invalid interaction name: x"}}, 400)
    wrong = wire("gemini-omni", "gemini").polled(told, FILM)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended) == (Cause.GONE, False)


def test_a_model_that_is_overloaded_has_made_nothing() -> None:
    """It is asked again later."""
    told = {"error": {"code": 503, "message": "The model is overloaded. Please try again.", "status": "UNAVAILABLE"}}
    wrong = sent("gemini-omni", "gemini").submitted(answer(told, 503))
    assert isinstance(wrong, Wrong)
    assert wrong.cause is Cause.BUSY


@pytest.mark.parametrize(
    ("said", "cause"),
    [
        ({"promptFeedback": {"blockReason": "PROHIBITED_CONTENT"}}, Cause.REFUSED),
        ({"candidates": [{"finishReason": "IMAGE_SAFETY"}]}, Cause.REFUSED),
        ({"candidates": [{"finishReason": "STOP", "content": {"parts": [{"text": "a poem"}]}}]}, Cause.FAILED),
        ({"candidates": [{"finishReason": "NO_IMAGE"}]}, Cause.FAILED),
        ({}, Cause.FAILED),
    ],
)
def test_a_whole_answer_without_a_picture_has_ended(said: Any, cause: Cause) -> None:
    """Nothing was made, and nobody needs to be asked what became of it."""
    wrong = sent("gemini-image", "gemini").submitted(answer(said))
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended) == (cause, True)


def test_an_answer_that_is_none_of_theirs_says_nothing_of_what_was_made() -> None:
    """A page of a proxy's, with 200: the picture may have been paid for."""
    wrong = sent("gemini-image", "gemini").submitted(answer(b"<html>", content_type="text/html"))
    assert isinstance(wrong, Wrong)
    assert not wrong.has_ended
    assert not wrong.is_unmade


def test_the_last_picture_is_taken_whatever_stands_beside_it() -> None:
    """Words, and drafts of models that think."""
    parts = [{"text": "Here"}, *({"inlineData": {"data": base64.b64encode(data).decode()}} for data in (b"1", b"2"))]
    done = sent("gemini-image", "gemini").submitted(answer({"candidates": [{"content": {"parts": parts}}]}))
    assert isinstance(done, Done)
    assert done.artifacts["picture"].data == b"2"


def test_speech_is_the_sound_among_the_steps() -> None:
    """Its words are timed elsewhere."""
    sound = {"type": "audio", "data": base64.b64encode(b"RIFF").decode()}
    done = sent("gemini-tts", "gemini").submitted(
        interaction("completed", output({"type": "text", "text": "x"}, sound))
    )
    assert isinstance(done, Done)
    assert done.artifacts == {"sound": Artifact("audio/wav", data=b"RIFF")}


@pytest.mark.parametrize(("said", "cause"), [({}, Cause.REFUSED), ({"error": {"code": "INTERNAL"}}, Cause.FAILED)])
def test_what_is_empty_without_a_word_why_is_what_the_file_says(said: Any, cause: Cause) -> None:
    """A code that tells of something else counts for more."""
    told = interaction("completed", output({"type": "text", "text": "no"}), **said)
    wrong = sent("gemini-tts", "gemini").submitted(told)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended) == (cause, True)


# Vertex


def test_an_operation_is_known_by_its_whole_name() -> None:
    """It is sent back as it came, so another process can ask for it."""
    accepted = sent("veo-3.1", "vertex").submitted(answer({"name": NAME}))
    assert accepted == Accepted(VEO)
    request = wire("veo-3.1", "vertex").poll(VEO)
    assert (request.method, request.body) == ("POST", f'{{"operationName":"{NAME}"}}'.encode())


@pytest.mark.parametrize("name", ["", "/o1", "a//b", "a/../b", "a/b?c", "a/" + "b" * 300, 7, None])
def test_a_name_that_is_none_is_no_job(name: Any) -> None:
    """It would lead elsewhere, or nowhere."""
    assert isinstance(sent("veo-3.1", "vertex").submitted(answer({"name": name})), Wrong)


@pytest.mark.parametrize("said", [{}, {"done": False}, {"done": "yes"}])
def test_an_operation_runs_until_it_says_that_it_is_done(said: Any) -> None:
    """There is no word for how it is."""
    assert wire("veo-3.1", "vertex").polled(answer({"name": NAME, **said}), VEO) == Pending("running")


def test_a_page_in_an_operations_place_tells_nothing_of_it() -> None:
    """It is trouble that may pass, and no sign of work."""
    wrong = wire("veo-3.1", "vertex").polled(answer(b"<html>", content_type="text/html"), VEO)
    assert isinstance(wrong, Wrong)
    assert (wrong.cause, wrong.has_ended) == (Cause.SERVER, False)


def test_a_film_comes_with_the_answer_of_its_operation() -> None:
    """As base64."""
    said = {"done": True, "response": {"videos": [{"bytesBase64Encoded": base64.b64encode(b"film").decode()}]}}
    done = wire("veo-3.1", "vertex").polled(answer(said), VEO)
    assert isinstance(done, Done)
    assert done.artifacts == {"video": Artifact("video/mp4", data=b"film")}


@pytest.mark.parametrize(
    ("said", "cause", "words"),
    [
        ({"response": {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": ["a face"]}}, Cause.REFUSED, "a face"),
        ({"error": {"code": 13, "message": "Internal error."}}, Cause.FAILED, "Internal error."),
        ({"error": {"code": 3, "message": "violates our usage guidelines"}}, Cause.REFUSED, "usage guidelines"),
    ],
)
def test_an_operation_that_made_no_film_says_why(said: Any, cause: Cause, words: str) -> None:
    """Filtered ones are done, without a film."""
    wrong = wire("veo-3.1", "vertex").polled(answer({"done": True, **said}), VEO)
    assert isinstance(wrong, Wrong)
    assert wrong.cause is cause
    assert words in wrong.message
