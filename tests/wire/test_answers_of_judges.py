"""What judges say, through each of their wires: probabilities, text in a form, refusals that come with HTTP 200."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import pytest
from wire_of import OTHER, PNG, answer, job, wire

from vidbuild.wire.reading import Wire
from vidbuild.wire.values import Cause, Done, Wrong

QUESTIONS = "is there a cup\nis it whole"
TEXT = '{"answers": [0.9, 0.2]}'


def chat(content: str | None, **message: Any) -> Mapping[str, Any]:
    return {"choices": [{"finish_reason": "stop", "message": {"content": content, **message}}]}


def asked(model: str) -> Wire:
    here = wire(model)
    here.submit(job(model, prompt=QUESTIONS, pictures={"frame0": PNG, "frame1": OTHER}))
    return here


@pytest.mark.parametrize(
    ("model", "body", "usd"),
    [
        (
            "gpt-6-luna",
            {"answers": [{"type": "predicate", "probability": p} for p in (0.9, 0.2)], "usage": {"input_tokens": 7000}},
            Fraction("0.0007"),
        ),
        (
            "claude-sonnet-5.5",
            {
                "stop_reason": "end_turn",
                "content": [{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": TEXT}],
                "usage": {"input_tokens": 7000, "output_tokens": 20},
            },
            Fraction("0.0142"),
        ),
        ("chat-judge", {**chat(TEXT), "usage": {"cost": 0.004}}, Fraction("0.004")),
        ("chat-judge", chat(f"```json\n{TEXT}\n```"), None),
    ],
)
def test_numbers_are_read_and_what_they_cost(model: str, body: Any, usd: Fraction | None) -> None:
    """Tokens at the model's own prices, where the vendor counts them."""
    told = asked(model).submitted(answer(body))
    assert isinstance(told, Done)
    assert json.loads(told.artifacts["answers"].data or b"") == {"answers": [0.9, 0.2]}
    assert told.usd == usd


@pytest.mark.parametrize(
    ("model", "body"),
    [
        ("gpt-6-luna", {"answers": [{"type": "refusal", "name": None}] * 2}),
        ("claude-sonnet-5.5", {"stop_reason": "refusal", "content": []}),
        ("chat-judge", chat(None, refusal="I can't help with that")),
    ],
)
def test_a_refusal_that_comes_as_an_answer_is_one(model: str, body: Any) -> None:
    """Paid for all the same, for all that is known."""
    told = asked(model).submitted(answer(body))
    assert isinstance(told, Wrong)
    assert (told.cause, told.is_unmade) == (Cause.REFUSED, False)


def test_one_question_that_is_declined_leaves_no_verdict() -> None:
    """What was said is kept for whoever asks why."""
    body = {"answers": [{"type": "predicate", "probability": 0.9}, {"type": "refusal"}]}
    told = asked("gpt-6-luna").submitted(answer(body))
    assert isinstance(told, Done)
    assert "said" in json.loads(told.artifacts["answers"].data or b"")


@pytest.mark.parametrize(
    ("model", "body", "status", "cause"),
    [
        ("gpt-6-luna", {"error": {"code": "insufficient_quota", "message": "quota"}}, 429, Cause.CREDIT),
        ("gpt-6-luna", {"error": {"code": "rate_limit_exceeded", "message": "slow"}}, 429, Cause.BUSY),
        ("gpt-6-luna", {"error": {"code": "model_not_found", "message": "no"}}, 404, Cause.RETIRED),
        ("claude-haiku-5.5", {"error": {"type": "overloaded_error", "message": "busy"}}, 529, Cause.BUSY),
        ("claude-haiku-5.5", {"error": {"type": "not_found_error", "message": "model"}}, 404, Cause.RETIRED),
        (
            "claude-haiku-5.5",
            {"error": {"type": "invalid_request_error", "message": "Your credit balance is too low"}},
            400,
            Cause.CREDIT,
        ),
    ],
)
def test_errors_are_told_apart(model: str, body: Any, status: int, cause: Cause) -> None:
    """By the vendors' own words for them."""
    told = asked(model).submitted(answer(body, status))
    assert isinstance(told, Wrong)
    assert told.cause == cause


def test_every_judge_sees_all_frames_and_every_question() -> None:
    """As each of them takes pictures."""
    pictures = {"frame0": PNG, "frame1": OTHER}
    sent = {
        model: json.loads(wire(model).submit(job(model, prompt=QUESTIONS, pictures=pictures)).body)
        for model in ("gpt-6-luna", "claude-sonnet-5.5", "chat-judge", "vision-judge")
    }
    numbered = "1. is there a cup\n2. is it whole"
    assert [one["instructions"] for one in sent["gpt-6-luna"]["questions"]] == QUESTIONS.splitlines()
    assert [part["type"] for part in sent["gpt-6-luna"]["input"][0]["content"]] == ["input_text", *["input_image"] * 2]
    content = sent["claude-sonnet-5.5"]["messages"][0]["content"]
    assert [part["type"] for part in content] == ["image", "image", "text"]
    assert content[2]["text"] == sent["chat-judge"]["messages"][1]["content"][2]["text"] == numbered
    assert sent["vision-judge"]["prompt"] == numbered
    assert sent["claude-sonnet-5.5"]["system"] == sent["vision-judge"]["system_prompt"]


def test_a_gateways_model_is_the_authors_choice() -> None:
    """An option of the judge names it."""
    assert json.loads(wire("chat-judge").submit(job("chat-judge")).body)["model"] == "gpt-6-sol"
    chosen = wire("chat-judge").submit(job("chat-judge", options={"model": "qwen3-vl"}))
    assert json.loads(chosen.body)["model"] == "qwen3-vl"
