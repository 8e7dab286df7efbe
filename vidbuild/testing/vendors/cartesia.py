"""Cartesia's wire: speech by server-sent events, samples and words with times in parts, errors among them.

From providers.md section 10 (`cartesia==4.2.0`). Certain: path, fields, version, the events. Remembered: error codes,
that times come between chunks.
"""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors.fields import No, a_flag, a_number, known, one_of, text
from vidbuild.testing.vendors.takes import Wants, spoken
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_MODELS = ("sonic-3.5", "sonic-3", "sonic-2", "sonic-turbo")
_RATES = (8000, 16000, 22050, 24000, 44100, 48000)
_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "model_id": one_of(*_MODELS),
    "transcript": text(10_000),
    "voice": lambda value: isinstance(value, str) or (isinstance(value, dict) and isinstance(value.get("id"), str)),
    "output_format": lambda value: isinstance(value, dict),
    "language": lambda value: isinstance(value, str) and 2 <= len(value) <= 5,
    "generation_config": lambda value: isinstance(value, dict),
    "add_timestamps": a_flag,
    "add_phoneme_timestamps": a_flag,
    "use_normalized_timestamps": a_flag,
}
_FORMAT: Mapping[str, Callable[[Any], object]] = {
    "container": one_of("raw"),
    "encoding": one_of("pcm_s16le"),
    "sample_rate": one_of(*_RATES),
}
_HOW: Mapping[str, Callable[[Any], object]] = {
    "speed": a_number(0.6, 1.5),
    "volume": a_number(0.5, 2),
    "emotion": text(100),
}
_WRONG = {
    "key": (401, "unauthorized", "Invalid API key"),
    "credit": (402, "insufficient_credits", "You have run out of credits."),
    "busy": (429, "concurrency_limited", "Too many concurrent requests."),
    "refused": (400, "content_moderated", "The transcript is against our content policy."),
    "missing": (404, "not_found", "Not found"),
    "retired": (404, "model_not_found", "The model does not exist."),
    "server": (500, "internal_error", "Something went wrong."),
}
_CHUNK = 32_768
_TOGETHER = 3


class Cartesia(Vendor):
    """Cartesia on loopback.

    Args:
        in_band: whether a job that ends badly tells so by an event after HTTP 200.
        is_telling: whether words come with times.
    """

    name = "cartesia"
    variables = ("CARTESIA_API_KEY",)
    key = "sk_car_dummy_e19d"
    in_band = True
    is_telling = True

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        return "submit" if (asked.method, asked.path) == ("POST", "/tts/sse") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Speak, and send events."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "")
        if step == "other":
            raise No("missing", "")
        if asked.headers.get("cartesia-version") != "2026-08-14":
            raise No("invalid", "the header Cartesia-Version is required")
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        known(body, _FIELDS, ("model_id", "transcript", "voice", "output_format"))
        known(body["output_format"], _FORMAT, ("container", "encoding", "sample_rate"))
        known(body.get("generation_config", {}), _HOW, ())
        seconds = Fraction(self._times(body)[1][-1]).limit_denominator(1000)
        rate = body["output_format"]["sample_rate"]
        wants = Wants("wav", digest_of(body), seconds, text=body["transcript"], sample_rate=rate)
        job = self.accept(asked, body, wants, len(body["transcript"]) * 5e-5)
        try:
            data = await self.done(job)
        except No as no:
            if not self.in_band:
                raise
            return _stream([{"type": "error", **_said(no), "done": True}])
        return _stream(self._events(job, data))

    def no(self, no: No) -> Answer:
        """Say no as Cartesia does."""
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        told = _said(no)
        return said(told, told["status_code"], waiting)

    def _times(self, body: Mapping[str, Any]) -> tuple[list[float], list[float]]:
        return spoken(body["transcript"], float(body.get("generation_config", {}).get("speed", 1)))

    def _events(self, job: Job, data: bytes) -> Iterator[Mapping[str, Any]]:
        """Give the samples in chunks, between them the words with their times, a few together; then that it is done."""
        with wave.open(io.BytesIO(data)) as file:
            mixed = file.readframes(file.getnframes())
            width = 2 * file.getnchannels()
        samples = b"".join(mixed[at : at + 2] for at in range(0, len(mixed), width))
        for at in range(0, len(samples), _CHUNK):
            part = base64.b64encode(samples[at : at + _CHUNK]).decode()
            yield {"type": "chunk", "data": part, "done": False, "status_code": 206, "step_time": 1.0}
        begins, ends = self._times(job.body)
        words, at = [], 0
        for word in job.body["transcript"].split():
            at = job.body["transcript"].index(word, at)
            words.append((word, begins[at], ends[at + len(word) - 1]))
            at += len(word)
        for number in range(0, len(words), _TOGETHER) if job.body.get("add_timestamps") and self.is_telling else ():
            told = dict(
                zip(
                    ("words", "start", "end"),
                    map(list, zip(*words[number : number + _TOGETHER], strict=True)),
                    strict=True,
                )
            )
            yield {"type": "timestamps", "word_timestamps": told, "done": False, "status_code": 206}
        yield {"type": "done", "done": True, "status_code": 200}


def _said(no: No) -> dict[str, Any]:
    status, code, words = _WRONG.get(no.kind, (400, "invalid_request", no.message))
    planned = no.message if no.message not in ("", no.kind, no.kind.replace("_", " ")) else words
    return {"title": code, "message": planned, "error_code": code, "request_id": "r-1", "status_code": status}


def _stream(told: Any) -> Answer:
    """Send events."""
    body = "".join(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n" for event in told)
    return Answer(200, {"Content-Type": "text/event-stream"}, body.encode())
