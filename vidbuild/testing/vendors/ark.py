"""Ark's wire (BytePlus ModelArk, Seedance): tasks of parts with roles, told and cancelled by id.

From providers.md section 6 and the vendor's SDK. Certain: path, parts, roles, statuses, where result, error and usage
are. Second hand: lengths and resolutions of each model, that frames and references don't mix, that 2.x takes no seed.
Guessed: the HTTP status of codes that moderation has, and that only a queued task can be cancelled (409 else).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_flag, an_integer, known, one_of, text
from vidbuild.testing.vendors.parts import parts_of
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_TASKS = "/contents/generations/tasks"
_PICTURE_BYTES = 30 * 1024 * 1024
_BODY_BYTES = 64 * 1024 * 1024
_LINES = {"480p": 480, "720p": 720, "1080p": 1080, "4k": 2160}
_RATIOS = ("16:9", "4:3", "1:1", "3:4", "9:16", "21:9")
_MODELS: Mapping[str, tuple[int, Mapping[str, float]]] = {
    "dreamina-seedance-2-5-260628": (30, {"480p": 0.103, "720p": 0.231}),
    "dreamina-seedance-2-0-260128": (15, {"480p": 0.07, "720p": 0.15, "1080p": 0.37, "4k": 0.78}),
    "dreamina-seedance-2-0-fast-260128": (15, {"480p": 0.06, "720p": 0.12}),
    "dreamina-seedance-2-0-mini-260615": (15, {"480p": 0.04, "720p": 0.08}),
}
"""The longest take, in seconds, and the price of one by resolution."""
_CODES = {
    "invalid": ("InvalidParameter", 400),
    "key": ("AuthenticationError", 401),
    "missing": ("ResourceNotFound", 404),
    "retired": ("InvalidEndpointOrModel.NotFound", 404),
    "credit": ("AccountOverdueError", 403),
    "refused": ("InputTextSensitiveContentDetected", 400),
    "busy": ("ModelAccountRpmRateLimitExceeded", 429),
    "server": ("InternalServiceError", 500),
    "twice": ("InvalidAction", 409),
}
_ENDS = {
    "refused": (
        "OutputVideoSensitiveContentDetected.PolicyViolation",
        "the output video may contain sensitive content",
    ),
    "failed": ("InternalServiceError", "The service encountered an unexpected internal error."),
}


class Ark(Vendor):
    """Ark on loopback."""

    name = "ark"
    variables = ("ARK_API_KEY",)
    key = "key_ark_dummy_91d0c7"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.path == _TASKS:
            return {"POST": "submit", "GET": "list"}.get(asked.method, "other")
        if asked.path.startswith(f"{_TASKS}/"):
            return {"GET": "poll", "DELETE": "cancel"}.get(asked.method, "other")
        return "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a task, tell of one, or cancel it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "The API key in the request is missing or invalid.")
        if step == "submit":
            told = self.told_id(self._submit(asked))
            return said({} if told is None else {"id": told})
        if step not in ("poll", "cancel"):
            raise No("missing", "The requested resource is not found.")
        name = asked.path.removeprefix(f"{_TASKS}/")
        if step == "poll":
            return said(self._task(self.job(name)))
        job = self.jobs.get(name)
        if job is None:
            raise No("missing", f"The specified task {name} is not found.")
        if job.state == "running":
            raise No("twice", "The task is running and can't be cancelled.")
        job.is_cancelled = job.is_cancelled or not job.has_ended
        return said({})

    def no(self, no: No) -> Answer:
        """Say no with a code and a message."""
        code, status = _CODES.get(no.kind, ("InvalidParameter", 400))
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        told = {"code": code, "message": f"{no.message} Request id: 0217", "param": "", "type": "BadRequest"}
        return said({"error": told}, status, waiting)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict) or len(asked.body) > _BODY_BYTES:
            raise No("invalid", "the body must be a JSON object of at most 64 MB")
        body = {name: value for name, value in body.items() if value is not None}
        if body.get("model") not in _MODELS:
            raise No("retired", f"The model or endpoint {body.get('model')} does not exist.")
        longest, prices = _MODELS[body["model"]]
        fields: dict[str, Callable[[Any], object]] = {
            "model": text(64),
            "content": lambda value: isinstance(value, list) and bool(value),
            "resolution": one_of(*prices),
            "ratio": one_of(*_RATIOS, "adaptive"),
            "duration": lambda value: value == -1 or an_integer(4, longest)(value),
            "generate_audio": a_flag,
            "watermark": a_flag,
            "return_last_frame": a_flag,
            "callback_url": text(2000),
            "safety_identifier": text(64),
            "priority": an_integer(0, 9),
            "execution_expires_after": an_integer(3600, 259200),
        }
        known(body, fields, ("model", "content"))
        given = parts_of(body["content"], _PICTURE_BYTES)
        resolution, seconds = body.get("resolution", "720p"), max(4, int(body.get("duration", 5)))
        wants = Wants(
            *("mp4", digest_of(body), Fraction(seconds)),
            size=_shape(body.get("ratio", "adaptive"), _LINES[resolution], given.get("first_frame")),
            rate=Fraction(self.rate),
            sound=bool(body.get("generate_audio", True)),
            init=given.get("first_frame"),
            end=given.get("last_frame"),
        )
        return self.accept(asked, body, wants, prices[resolution] * seconds)

    def _task(self, job: Job) -> dict[str, Any]:
        state = {"done": "succeeded", "refused": "failed"}.get(job.state, job.state)
        made = int(job.unix)
        task: dict[str, Any] = {"id": job.id, "model": job.body["model"], "status": state, "created_at": made}
        if state == "succeeded":
            width, height = job.wants.size
            tokens = int(job.wants.seconds * width * height * self.rate / 1024)
            task |= {"content": {"video_url": self.link(job)}, "usage": {"completion_tokens": tokens}}
        if state == "failed":
            code, words = _ENDS[job.state]
            task["error"] = {"code": job.code or code, "message": job.words or words}
        return task


def _shape(ratio: str, lines: int, first: bytes | None) -> tuple[int, int]:
    if ratio == "adaptive":
        return pictures.at_lines("16:9", lines, first)
    return pictures.at_lines(ratio, lines)
