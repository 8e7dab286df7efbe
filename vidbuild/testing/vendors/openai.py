"""OpenAI's wire: pictures as base64, pictures edited through a form, speech as bytes, decisions with probabilities.

From providers.md section 1 (`openai==3.52.0`). Certain: paths, fields, bounds, answers, the bearer. Remembered: the
wrapper `error`, which code comes with which status, how many tokens a picture is.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_number, known, one_of, text
from vidbuild.testing.vendors.forms import form_of
from vidbuild.testing.vendors.takes import MEDIA, Wants, spoken
from vidbuild.testing.vendors.vendor import Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_IMAGE_MODELS = ("gpt-image-2", "gpt-image-2.5-sunburst", "gpt-image-2.5-flare", "gpt-image-1.5", "gpt-image-1-mini")
_GONE = ("gpt-image-1", "dall-e-3", "dall-e-2")
_VOICES = (
    "alloy",
    "ash",
    "ballad",
    "coral",
    "echo",
    "fable",
    "onyx",
    "nova",
    "sage",
    "shimmer",
    "verse",
    "marin",
    "cedar",
)
_TOKENS = {"low": 200, "medium": 1767, "high": 7033, "auto": 1767}
"""Of a picture of 1024 by 1024."""
_PICTURE_TOKENS, _TEXT_TOKENS = 1000, 60
_MOST_BYTES = 50_000_000


def _is_size(value: Any) -> bool:
    found = re.fullmatch(r"(\d+)x(\d+)", value) if isinstance(value, str) else None
    if found is None:
        return bool(value == "auto")
    width, height = int(found[1]), int(found[2])
    return bool(
        width % 16 == 0
        and height % 16 == 0
        and Fraction(1, 3) <= Fraction(width, height) <= 3
        and max(width, height) <= 3840
        and min(width, height) <= 2160
    )


_IMAGE: Mapping[str, Callable[[Any], object]] = {
    "model": one_of(*_IMAGE_MODELS),
    "prompt": text(32_000),
    "n": lambda value: value in (1, "1"),
    "size": _is_size,
    "quality": one_of(*_TOKENS),
    "background": one_of("transparent", "opaque", "auto"),
    "output_format": one_of("png", "jpeg", "webp"),
    "moderation": one_of("auto", "low"),
    "input_fidelity": one_of("low", "high"),
}
_SPEECH: Mapping[str, Callable[[Any], object]] = {
    "model": one_of("gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15", "tts-1", "tts-1-hd"),
    "input": text(4096),
    "voice": lambda value: value in _VOICES or (isinstance(value, dict) and set(value) == {"id"}),
    "instructions": text(4096),
    "response_format": one_of("mp3", "wav"),
    "speed": a_number(0.25, 4),
    "stream_format": one_of("audio"),
}
_DECISION: Mapping[str, Callable[[Any], object]] = {
    "model": one_of("gpt-6-luna"),
    "input": lambda value: isinstance(value, list),
    "questions": lambda value: isinstance(value, list) and 1 <= len(value) <= 400,
    "safety_identifier": text(128),
}
WRONG = {
    "key": (401, "invalid_api_key", "Incorrect API key provided."),
    "credit": (
        429,
        "insufficient_quota",
        "You exceeded your current quota, please check your plan and billing details.",
    ),
    "busy": (429, "rate_limit_exceeded", "Rate limit reached."),
    "refused": (400, "moderation_blocked", "Your request was rejected by the safety system."),
    "missing": (404, "not_found", "Not found"),
    "retired": (404, "model_not_found", "The model does not exist or you do not have access to it."),
    "server": (500, "server_error", "The server had an error while processing your request."),
}


def wrong(no: No) -> Answer:
    """Say no as OpenAI does, and whoever speaks its wire."""
    waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
    status, code, words = WRONG.get(no.kind, (400, "invalid_value", no.message))
    planned = no.message if no.message not in ("", no.kind, no.kind.replace("_", " ")) else words
    kind = "invalid_request_error" if status < 500 else "server_error"
    return said({"error": {"message": planned, "type": kind, "param": None, "code": code}}, status, waiting)


class OpenAi(Vendor):
    """OpenAI on loopback.

    Args:
        answers: the probabilities that its decisions have, by question; 0.9 for all by default, `None` for a refusal.
    """

    name = "openai"
    variables = ("OPENAI_API_KEY",)
    key = "sk-proj-openai-dummy-77c1"
    answers: Sequence[float | None] | None = None
    _STEPS: Mapping[str, str] = {
        "/images/generations": "_drawn",
        "/images/edits": "_edited",
        "/audio/speech": "_spoken",
        "/decisions": "_decided",
    }

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        return "submit" if asked.method == "POST" and asked.path in self._STEPS else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Draw, speak or decide, and answer with it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "")
        if step == "other":
            raise No("missing", "")
        made: Answer = await getattr(self, self._STEPS[asked.path])(asked)
        return made

    def no(self, no: No) -> Answer:
        """Say no as OpenAI does."""
        return wrong(no)

    async def _drawn(self, asked: Asked) -> Answer:
        return await self._pictured(asked, _body(asked), 0)

    async def _edited(self, asked: Asked) -> Answer:
        texts, files = form_of(asked)
        given = files.pop("image[]", [])
        if not 1 <= len(given) <= 16 or files:
            raise No("invalid", "image[]: 1 to 16 pictures, and no other file but mask")
        for file in given:
            if len(file.data) > _MOST_BYTES:
                raise No("invalid", "image[]: is larger than 50 MB")
            pictures.looked_at(
                file.data, "image[]", {"image/png": "PNG", "image/jpeg": "JPEG"}.get(file.media_type, "?")
            )
        return await self._pictured(asked, texts, len(given))

    async def _pictured(self, asked: Asked, body: Mapping[str, Any], given: int) -> Answer:
        if body.get("model") in _GONE:
            raise No("retired", f"The model `{body['model']}` has been shut down.")
        known(body, _IMAGE, ("model", "prompt"))
        width, height = map(int, str(body.get("size", "1024x1024")).replace("auto", "1024x1024").split("x"))
        tokens = round(_TOKENS[body.get("quality", "auto")] * width * height / 1024**2)
        usage = {
            "input_tokens": _TEXT_TOKENS + given * _PICTURE_TOKENS,
            "input_tokens_details": {"text_tokens": _TEXT_TOKENS, "image_tokens": given * _PICTURE_TOKENS},
            "output_tokens": tokens,
            "total_tokens": _TEXT_TOKENS + given * _PICTURE_TOKENS + tokens,
        }
        usd = (_TEXT_TOKENS * 5 + given * _PICTURE_TOKENS * 8 + tokens * 30) / 1e6
        shown = {**body, "pictures": given}
        job = self.accept(asked, shown, Wants("png", digest_of(shown, ""), size=(width, height)), usd)
        data = await self.done(job)
        return said({"created": int(job.unix), "data": [{"b64_json": base64.b64encode(data).decode()}], "usage": usage})

    async def _spoken(self, asked: Asked) -> Answer:
        body = _body(asked)
        known(body, _SPEECH, ("model", "input", "voice"))
        shape = body.get("response_format", "mp3")
        seconds = Fraction(spoken(body["input"], float(body.get("speed", 1)))[1][-1]).limit_denominator(1000)
        wants = Wants(shape, digest_of(body), seconds, text=body["input"], sample_rate=24_000)
        job = self.accept(asked, body, wants, float(seconds) / 60 * 0.015)
        return Answer(200, {"Content-Type": MEDIA[shape]}, await self.done(job))

    async def _decided(self, asked: Asked) -> Answer:
        body = _body(asked)
        known(body, _DECISION, ("model", "input", "questions"))
        parts = [part for message in body["input"] for part in message["content"]]
        looks = [part for part in parts if part.get("type") == "input_image"]
        for part in looks:
            pictures.of_uri(part.get("image_url"), "image_url", _MOST_BYTES)
        for question in body["questions"]:
            known(
                question,
                {"type": one_of("predicate"), "instructions": text(4000), "name": text(128)},
                ("type", "instructions"),
            )
        tokens = _TEXT_TOKENS + len(looks) * _PICTURE_TOKENS
        job = self.accept(asked, body, Wants("png", digest_of(body)), tokens / 1e7)
        await self.done(job)
        scores = [*(self.answers or ()), *[0.9] * len(body["questions"])][: len(body["questions"])]
        answers = [
            {"type": "refusal", "name": None}
            if score is None
            else {"type": "predicate", "name": None, "probability": score}
            for score in scores
        ]
        usage = {"input_tokens": tokens, "output_tokens": 0, "total_tokens": tokens}
        return said({"model": body["model"], "answers": answers, "usage": usage})


def _body(asked: Asked) -> dict[str, Any]:
    body = asked.json
    if not isinstance(body, dict):
        raise No("invalid", "We could not parse the JSON body of your request.")
    return body
