"""Higgsfield's requests: a path for each model, a key that makes one job of repeated submits, files in two steps.

From providers.md section 19 (`higgsfield-client==0.2.0`) and docs.higgsfield.ai (idempotency, errors, rate limits, file
uploads, webhooks). Certain: paths, auth, states, results, uploads, 400 for too many at once, 403 for no credit, 202 and
400 to a cancel. Remembered: the words of a refused input, what a 422 for another body with an old key says.
Fields are those that clients of these two models send; the vendor itself ignores those that it doesn't know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors.fields import No, a_flag, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_SOUL, _DOP = "/higgsfield-ai/soul/v2/standard", "/higgsfield-ai/dop/standard"
_SEED = {"seed": an_integer(1, 1_000_000)}
_FIELDS: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    _SOUL: {
        **_SEED,
        "prompt": text(10_000),
        "aspect_ratio": one_of("9:16", "16:9", "4:3", "3:4", "1:1", "2:3", "3:2"),
        "resolution": one_of("720p", "1080p"),
        "batch_size": one_of(1, 4),
        "enhance_prompt": a_flag,
    },
    _DOP: {**_SEED, "prompt": text(10_000), "image_url": text(2000), "duration": one_of(5)},
}
_NEEDED = {_SOUL: ("prompt",), _DOP: ("prompt", "image_url")}
_TYPES = ("image/jpeg", "image/jpg", "image/png", "image/webp", "image/gif", "audio/wav", "audio/x-wav", "video/mp4")
_STATES = {"queued": "queued", "running": "in_progress", "done": "completed", "failed": "failed", "refused": "nsfw"}
_WRONG = {"key": 401, "credit": 403, "missing": 404, "retired": 404, "server": 500, "invalid": 422, "twice": 422}
_WORDS = {
    "credit": "Not enough credits",
    "busy": "Maximum number of concurrent requests (4) has been reached",
    "retired": "Model not found",
}


class Higgsfield(Vendor):
    """Higgsfield on loopback."""

    name = "higgsfield"
    variables = ("HF_API_KEY", "HF_API_SECRET")
    key = "hf-dummy-id-77c1"
    secret = "hf-dummy-secret-e20b94"

    def __init__(self, *args: Any, **settings: Any):
        super().__init__(*args, **settings)
        self._replays: dict[str, tuple[str, Job]] = {}

    @property
    def secrets(self) -> dict[str, str]:
        """Two: an id, and what goes with it."""
        return {"HF_API_KEY": self.key, "HF_API_SECRET": self.secret}

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path in _FIELDS:
            return "submit"
        if (asked.method, asked.path) == ("POST", "/files/generate-upload-url"):
            return "upload"
        step = {"status": ("GET", "poll"), "cancel": ("POST", "cancel")}.get(asked.path.rpartition("/")[2])
        is_one = asked.path.startswith("/requests/") and step is not None and asked.method == step[0]
        return step[1] if is_one and step is not None else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a request, tell of one, or call it off."""
        if asked.headers.get("authorization") != f"Key {self.key}:{self.secret}":
            raise No("key", "Invalid credentials")
        if step == "submit":
            job = self._submit(asked)
            told = self._told(job, "queued")
            if self.told_id(job) is None:
                del told["request_id"]
            return said(told)
        if step == "upload":
            return said(self._place(asked))
        if step == "other":
            raise No("missing", "Not found")
        job = self.job(asked.path.removeprefix("/requests/").rpartition("/")[0])
        if step == "cancel":
            if job.state != "queued":
                raise No("late", "The request can't be canceled any more")
            job.is_cancelled = True
            return Answer(202)
        return said(self._status(job))

    def no(self, no: No) -> Answer:
        """Say no as Higgsfield does."""
        words = _WORDS.get(no.kind, no.message)
        told: Any = [{"loc": ["body"], "msg": words, "type": "value_error"}] if no.kind == "invalid" else words
        if no.kind == "refused":
            told = f"The input was flagged as NSFW: {no.message}"
        return said({"detail": told}, _WRONG.get(no.kind, 400))

    def _submit(self, asked: Asked) -> Job:
        body, key = asked.json, asked.headers.get("idempotency-key", "")
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        digest = digest_of({"path": asked.path, **body})
        if key in self._replays:
            first, job = self._replays[key]
            if first != digest:
                raise No("twice", "the key came with other parameters")
            return job
        known(body, _FIELDS[asked.path], _NEEDED[asked.path])
        if asked.path == _SOUL:
            wants = Wants("png", digest_of(body), size=_size(body))
            usd = 0.0057 if body.get("resolution") == "1080p" else 0.0032
        else:
            picture = self._picture(body["image_url"])
            wants = Wants("mp4", digest_of(body), Fraction(5), (1280, 720), Fraction(self.rate), init=picture)
            usd = 0.563
        job = self.accept(asked, body, wants, usd * body.get("batch_size", 1), key)
        if key:
            self._replays[key] = (digest, job)
        return job

    def _place(self, asked: Asked) -> dict[str, Any]:
        """Give the address that a file is brought to, and the one that it then has."""
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        known(body, {"content_type": one_of(*_TYPES)}, ("content_type",))
        headers = {"Content-Type": body["content_type"], "x-amz-tagging": "retention=temporary"}

        def taken(asked: Asked) -> bytes:
            if asked.method != "PUT" or any(asked.headers.get(name.lower()) != one for name, one in headers.items()):
                raise No("invalid", "the file must be PUT with every header that was told")
            return asked.body

        address = self.address(self.depot.slot(taken))
        return {"public_url": f"{address}/input", "upload_url": address, "upload_headers": headers}

    def _picture(self, url: str) -> bytes | None:
        """Look at a picture: a file that was brought here, or an https address, which nobody here fetches."""
        ours = self.address("")
        if url.startswith(ours):
            return self.depot.picture(url.removeprefix(ours).split("/")[0], "image_url")
        if not url.startswith("https://"):
            raise No("invalid", "image_url: must be an https address")
        return None

    def _told(self, job: Job, status: str) -> dict[str, Any]:
        base = f"{self.url}/requests/{job.id}"
        return {"status": status, "request_id": job.id, "status_url": f"{base}/status", "cancel_url": f"{base}/cancel"}

    def _status(self, job: Job) -> dict[str, Any]:
        state = job.state
        told = self._told(job, _STATES.get(state, "canceled" if state == "cancelled" else "failed"))
        if state == "done":
            file = {"url": self.link(job)}
            return {**told, **({"images": [file]} if job.wants.form == "png" else {"video": file})}
        if told["status"] == "failed":
            told["error"] = job.words or ("The request has expired" if state == "expired" else "Generation failed")
        return told


def _size(body: Mapping[str, Any]) -> tuple[int, int]:
    lines = 1080 if body.get("resolution") == "1080p" else 720
    width, height = (int(part) for part in str(body.get("aspect_ratio", "4:3")).split(":"))
    scale = Fraction(lines, min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2
