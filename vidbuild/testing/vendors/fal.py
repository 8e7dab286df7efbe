"""fal's queue: addresses told by the answer to a submit, COMPLETED that may be an error, one more hop for the result.

From providers.md section 12 (`fal-client==1.0.3`) and fal.ai/docs (errors: `detail` is a list with `type` and `msg`;
vision: openrouter/router/vision). Certain: paths, auth, statuses, addresses without the sub path, files in two steps
(the SDK's way `fal`, at a host of their own, here `/rest`). Remembered: 202 for a job that isn't done, 400 for a
result asked for too early, the words of 403. Bodies are each model's own: here only what all have in common is
checked, and a fault in them shows at the result, as at fal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, known, text
from vidbuild.testing.vendors.takes import MEDIA, Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.verdicts import said_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_INITIATE = "/rest/storage/upload/initiate"
_APP = re.compile(r"/([a-z0-9-]+/[A-Za-z0-9._-]+)((?:/[A-Za-z0-9._-]+)*)")
_JOB = re.compile(r"/([a-z0-9-]+/[A-Za-z0-9._-]+)/requests/([^/]+|\.\./\.\./x)(/status|/cancel)?")
_NAMED_SIZES = {
    "square_hd": (1024, 1024),
    "square": (512, 512),
    "portrait_4_3": (768, 1024),
    "portrait_16_9": (576, 1024),
    "landscape_4_3": (1024, 768),
    "landscape_16_9": (1024, 576),
}
_LINES = {
    "480p": 480,
    "540p": 540,
    "580p": 580,
    "720p": 720,
    "1080p": 1080,
    "4k": 2160,
    "0.5K": 512,
    "1K": 1024,
    "2K": 2048,
    "4K": 4096,
}
_PICTURE_BYTES = 10 * 1024 * 1024
_USD = {"video": 0.2, "picture": 0.04, "sound": 0.02, "answers": 0.001}
_MODERATION = "The content could not be processed because it was flagged by a content checker."


class Fal(Vendor):
    """fal on loopback.

    Args:
        answers: what its vision model says, as text, or job by job in a list whose last one stays; by default every
            question in the prompt gets 0.9.
    """

    name = "fal"
    variables = ("FAL_KEY",)
    lets_wait = True
    key = "key_fal_dummy_id:9f3a55d7"
    answers: str | list[str] | None = None

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.path == _INITIATE:
            return "upload" if asked.method == "POST" else "other"
        found = _JOB.fullmatch(asked.path)
        if found is not None:
            step = {None: "result", "/status": "poll", "/cancel": "cancel"}[found[3]]
            return step if asked.method == ("PUT" if step == "cancel" else "GET") else "other"
        return "submit" if asked.method == "POST" and _APP.fullmatch(asked.path) else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Queue a job, tell of one, give its result, or cancel it."""
        if asked.headers.get("authorization") != f"Key {self.key}":
            raise No("key", "Cannot access application: authentication is required")
        if step == "upload":
            return said(self._place(asked))
        if step == "submit":
            return said(self._queued(self._submit(asked)))
        found = _JOB.fullmatch(asked.path)
        if found is None or step == "other":
            raise No("missing", "Path not found")
        if found[2] not in self.jobs:
            raise No("missing", "Request not found")
        job = self.job(found[2]) if step == "poll" else self.jobs[found[2]]
        if _app(job.path) != found[1]:
            raise No("missing", "Request not found")
        if step == "cancel":
            if job.has_ended:
                return said({"status": "ALREADY_COMPLETED"}, 400)
            job.is_cancelled = True
            return said({"status": "CANCELLATION_REQUESTED"}, 202)
        return self._status(job) if step == "poll" else await self._result(job)

    def no(self, no: No) -> Answer:
        """Say no as fal does."""
        statuses = {"key": 401, "missing": 404, "busy": 429, "server": 500, "retired": 404, "credit": 403}
        words: Any = no.message
        headers = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        if no.kind == "credit":
            words = "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing."
        if no.kind in ("invalid", "refused"):
            type_ = "content_policy_violation" if no.kind == "refused" else "value_error"
            words = [{"loc": ["body", "prompt"], "msg": no.message, "type": type_}]
            headers["x-fal-error-type"] = type_
        return said({"detail": words}, statuses.get(no.kind, 422), headers)

    def _place(self, asked: Asked) -> dict[str, Any]:
        """Give the address that a file is brought to, and the one that it then has."""
        body, kept = asked.json, asked.headers.get("x-fal-object-lifecycle-preference", "{}")
        if not isinstance(body, dict) or asked.query != {"storage_type": "gcs"}:
            raise No("invalid", "storage_type and a JSON object are needed")
        known(body, {"file_name": text(255), "content_type": text(100)}, ("file_name", "content_type"))
        if set(json.loads(kept)) - {"expiration_duration_seconds", "initial_acl"}:
            raise No("invalid", "X-Fal-Object-Lifecycle-Preference knows no such key")

        def taken(asked: Asked) -> bytes:
            if asked.method != "PUT" or asked.headers.get("content-type") != body["content_type"]:
                raise No("invalid", "the file must be PUT with the type that was said")
            return asked.body

        address = self.address(self.depot.slot(taken))
        return {"upload_url": address, "file_url": f"{address}/{body['file_name']}"}

    def _picture(self, uri: Any, field: str) -> bytes | None:
        """Look at a picture: a file that was brought here, a data URI, or an address, which nobody here fetches."""
        ours = self.address("")
        if isinstance(uri, str) and uri.startswith(ours):
            return self.depot.picture(uri.removeprefix(ours).split("/")[0], field)
        return pictures.of_uri(uri, field, _PICTURE_BYTES)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        kind = _kind(asked.path)
        wants, wrong = Wants("mp4", digest_of(body)), None
        try:
            wants = self._wants(kind, body)
        except No as no:
            wrong = no
        seconds = float(wants.seconds) if kind == "video" else 1.0
        job = self.accept(asked, body, wants, _USD[kind] * seconds)
        job.answered = wrong
        return job

    def _wants(self, kind: str, body: Mapping[str, Any]) -> Wants:
        if not isinstance(body.get("prompt"), str) or not body["prompt"].strip():
            raise No("invalid", "prompt: field required")
        given = {
            name: [self._picture(uri, name) for uri in _list(body[name])]
            for name in (
                "image_url",
                "first_frame_url",
                "start_image_url",
                "last_frame_url",
                "end_image_url",
                "image_urls",
            )
            if name in body
        }
        firsts = [
            rows[0] for name, rows in given.items() if name in ("image_url", "first_frame_url", "start_image_url")
        ]
        lasts = [rows[0] for name, rows in given.items() if name in ("last_frame_url", "end_image_url")]
        if kind == "answers":
            return Wants("png", digest_of(body))
        if kind == "sound":
            return Wants("mp3", digest_of(body), _seconds(body, "30"))
        if kind == "picture":
            return Wants("png", digest_of(body), size=_size(body))
        return Wants(
            *("mp4", digest_of(body), _seconds(body, "8"), _size(body), Fraction(self.rate)),
            sound=bool(body.get("generate_audio", True)),
            init=firsts[0] if firsts else None,
            end=lasts[0] if lasts else None,
        )

    def _queued(self, job: Job) -> dict[str, Any]:
        told = self.told_id(job)
        queued = {"status": "IN_QUEUE", "queue_position": self.waiting, **self._addresses(job)}
        return queued if told is None else {"request_id": told, **queued}

    def _addresses(self, job: Job) -> dict[str, str]:
        base = f"{self.url}/{_app(job.path)}/requests/{job.id}"
        return {"response_url": base, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}

    def _said(self, job: Job) -> str:
        """Say what the vision model says of a job."""
        looks = (other for other in self.jobs.values() if _kind(other.path) == "answers")
        return said_of(job, looks, self.answers, str(job.body.get("prompt", "")))

    def _status(self, job: Job) -> Answer:
        told: dict[str, Any] = {"request_id": job.id, **self._addresses(job)}
        state = job.state
        if state == "queued":
            return said({"status": "IN_QUEUE", "queue_position": self.waiting, **told}, 202)
        if state == "running":
            return said({"status": "IN_PROGRESS", "logs": None, **told}, 202)
        told |= {"logs": None, "metrics": {"inference_time": round(job.ends - job.begins, 3)}}
        wrong = self._wrong(job)
        if wrong is not None:
            told |= {"error": wrong[0], "error_type": wrong[1]}
        return said({"status": "COMPLETED", **told})

    def _wrong(self, job: Job) -> tuple[str, str] | None:
        """Say what is wrong with a job that has ended: words and type."""
        if job.answered is not None:
            return job.answered.message, "value_error"
        ends = {
            "failed": ("Internal server error", "internal_server_error"),
            "refused": (_MODERATION, "content_policy_violation"),
            "cancelled": ("Request was cancelled", "client_cancelled"),
            "expired": ("Request timed out", "request_timeout"),
        }
        found = ends.get(job.state)
        return (job.words or found[0], job.code or found[1]) if found else None

    async def _result(self, job: Job) -> Answer:
        if not job.has_ended:
            return said({"detail": "Request is still in progress"}, 400)
        wrong = self._wrong(job)
        if wrong is not None:
            words, type_ = wrong
            status = 422 if type_ in ("value_error", "content_policy_violation") else 500
            detail = [{"loc": ["body", "prompt"], "msg": words, "type": type_}] if status == 422 else words
            return said({"detail": detail, "error_type": type_}, status, {"x-fal-error-type": type_})
        kind = _kind(job.path)
        if kind == "answers":
            return said({"output": self._said(job), "usage": {"cost": job.usd}, "partial": False})
        file = {"url": self.link(job), "content_type": MEDIA[job.wants.form], "file_name": f"output.{job.wants.form}"}
        if kind == "picture":
            width, height = job.wants.size
            row = {**file, "width": width, "height": height}
            return said({"images": [row], "seed": job.body.get("seed", 0), "prompt": job.body["prompt"]})
        return said({"video" if kind == "video" else "audio": file, "seed": job.body.get("seed", 0)})


def _app(path: str) -> str:
    """Give owner and app of a path, without what comes below them."""
    return "/".join(path.split("/")[1:3])


def _kind(path: str) -> str:
    """Say what an app makes, by its name."""
    if path.endswith("/vision"):
        return "answers"
    if any(word in path for word in ("flux", "text-to-image", "seedream", "nano-banana", "imagen", "/edit")):
        return "picture"
    if any(word in path for word in ("audio", "music", "speech", "tts", "sound")):
        return "sound"
    return "video"


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) and value else [value]


def _seconds(body: Mapping[str, Any], usual: str) -> Fraction:
    """Read a length in any of the forms that fal's models write: 5, "5", "5s"."""
    written = str(body.get("duration", body.get("seconds_total", usual))).removesuffix("s")
    try:
        found = Fraction(written)
    except ValueError as error:
        raise No("invalid", f"duration can't be {written!r}") from error
    if not 0 < found <= 600:
        raise No("invalid", f"duration can't be {written!r}")
    return found


def _size(body: Mapping[str, Any]) -> tuple[int, int]:
    """Read a size in any of the forms that fal's models write."""
    size = body.get("image_size")
    if isinstance(size, dict):
        return int(size["width"]), int(size["height"])
    if isinstance(size, str):
        if size not in _NAMED_SIZES:
            raise No("invalid", f"image_size can't be {size!r}")
        return _NAMED_SIZES[size]
    lines = _LINES.get(str(body.get("resolution", "720p")), 0)
    shape = re.fullmatch(r"(\d+):(\d+)", str(body.get("aspect_ratio", "16:9")).replace("auto", "16:9"))
    if not lines or shape is None:
        raise No("invalid", "resolution or aspect_ratio is not known")
    scale = Fraction(lines, min(int(shape[1]), int(shape[2])))
    return round(int(shape[1]) * scale / 2) * 2, round(int(shape[2]) * scale / 2) * 2
