"""Anthropic's wire: messages with pictures, answered in the form that a schema asks for.

From providers.md section 18 (`anthropic==2.11.0`). Certain: path, headers, fields, answers, stop reasons, error types.
Remembered: the words of an empty account; prices are those of Claude Sonnet 5.5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Vendor, digest_of
from vidbuild.testing.vendors.verdicts import said_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_MODELS = ("claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-5-5", "claude-fable-5-2")
_MOST = 5 * 1024 * 1024
_FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/gif": "GIF"}
_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "model": lambda value: isinstance(value, str),
    "max_tokens": an_integer(1),
    "system": text(100_000),
    "messages": lambda value: isinstance(value, list) and value,
    "output_config": lambda value: isinstance(value, dict),
}
_WRONG = {
    "key": (401, "authentication_error", "invalid bearer token"),
    "credit": (400, "invalid_request_error", "Your credit balance is too low to access the API."),
    "busy": (429, "rate_limit_error", "This request would exceed your rate limit."),
    "refused": (400, "invalid_request_error", "Output blocked by content filtering policy"),
    "missing": (404, "not_found_error", "Not found"),
    "retired": (404, "not_found_error", "model not found"),
    "server": (500, "api_error", "Internal server error"),
}


class Anthropic(Vendor):
    """Anthropic on loopback.

    Args:
        answers: what it says, as text, turn by turn; its last stays. By default 0.9 to every question.
        declines: whether it declines to answer.
    """

    name = "anthropic"
    variables = ("ANTHROPIC_API_KEY",)
    key = "sk-ant-dummy-4b90"
    answers: str | list[str] | None = None
    declines = False

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        return "submit" if (asked.method, asked.path) == ("POST", "/v1/messages") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Look at pictures, and say what was asked for."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "")
        if step == "other":
            raise No("missing", "")
        if asked.headers.get("anthropic-version") != "2026-10-21":
            raise No("invalid", "anthropic-version: header is required")
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        known(body, _FIELDS, ("model", "max_tokens", "messages"))
        if body["model"] not in _MODELS:
            raise No("retired", f"model: {body['model']}")
        words, count = _seen(body)
        tokens, made = 60 + 1000 * count, 20
        job = self.accept(asked, body, Wants("png", digest_of(body)), (tokens * 2 + made * 10) / 1e6)
        await self.done(job)
        told = (
            [] if self.declines else [{"type": "text", "text": said_of(job, self.jobs.values(), self.answers, words)}]
        )
        return said(
            {
                "id": f"msg_{job.id}",
                "type": "message",
                "role": "assistant",
                "model": body["model"],
                "content": [{"type": "thinking", "thinking": "", "signature": "x"}, *told],
                "stop_reason": "refusal" if self.declines else "end_turn",
                "stop_sequence": None,
                "usage": {"input_tokens": tokens, "output_tokens": made},
            }
        )

    def no(self, no: No) -> Answer:
        """Say no as Anthropic does."""
        waiting = {} if no.retry_after_s is None else {"retry-after": f"{no.retry_after_s:g}"}
        status, kind, words = _WRONG.get(no.kind, (400, "invalid_request_error", no.message))
        planned = no.message if no.message not in ("", no.kind, no.kind.replace("_", " ")) else words
        told = f"{words}: {planned}" if no.kind in ("credit", "refused") else planned
        return said({"type": "error", "error": {"type": kind, "message": told}, "request_id": "req_1"}, status, waiting)


def _seen(body: Mapping[str, Any]) -> tuple[str, int]:
    """Look at messages: give their words, and how many pictures they hold.

    Raises:
        No: something in them is no good.
    """
    words, count = "", 0
    for part in (part for message in body["messages"] for part in message["content"]):
        if part.get("type") == "text":
            words += part["text"]
            continue
        source = part.get("source", {})
        if part.get("type") != "image" or source.get("type") != "base64" or source.get("media_type") not in _FORMATS:
            raise No("invalid", "messages: content must be text, or an image as base64")
        data = pictures.of_base64(source.get("data"), "source.data", _MOST)
        pictures.looked_at(data or b"", "source.data", _FORMATS[source["media_type"]])
        count += 1
    form = body.get("output_config", {}).get("format")
    if form is not None:
        known(
            form, {"type": one_of("json_schema"), "schema": lambda value: isinstance(value, dict)}, ("type", "schema")
        )
    return words, count
