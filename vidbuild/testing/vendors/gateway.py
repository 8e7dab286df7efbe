"""A gateway's wire, in OpenAI's shape: `/videos` by a form with downloads that need the key, and chat that looks.

From providers.md section 1a and 1d (`openai==3.52.0`; OpenAI itself has shut its videos down). Certain: paths, fields,
statuses, the content's address. Remembered: that the first picture must have the size asked for, the codes of jobs.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.faults import Fault
from vidbuild.testing.vendors.fields import No, known, one_of, text
from vidbuild.testing.vendors.forms import form_of
from vidbuild.testing.vendors.openai import wrong
from vidbuild.testing.vendors.takes import MEDIA, Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of, looking
from vidbuild.testing.vendors.verdicts import said_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_JOB = re.compile(r"/videos/([^/]+|\.\./\.\./x)(/content)?")
_SIZES = {"sora-2": ("1280x720", "720x1280"), "sora-2-pro": ("1280x720", "720x1280", "1792x1024", "1024x1792")}
_STATES = {"queued": "queued", "running": "in_progress", "done": "completed"}
_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "model": one_of(*_SIZES),
    "prompt": text(32_000),
    "seconds": one_of("4", "8", "12"),
    "size": one_of(*_SIZES["sora-2-pro"]),
}


class Gateway(Vendor):
    """A gateway on loopback.

    Args:
        answers: what its chat says, as text, turn by turn; its last stays. By default 0.9 to every question.
        refusal: what its chat says where it declines.
    """

    name = "openai-gateway"
    variables = ("OPENAI_GATEWAY_API_KEY",)
    key = "sk-gateway-dummy-0d31"
    answers: str | list[str] | None = None
    refusal: str | None = None

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST":
            return "submit" if asked.path in ("/videos", "/chat/completions") else "other"
        found = _JOB.fullmatch(asked.path)
        return "other" if found is None or asked.method != "GET" else "download" if found[2] else "poll"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Begin a video, tell of one, or look at pictures."""
        self._see_key(asked)
        found = _JOB.fullmatch(asked.path)
        if step == "poll" and found is not None:
            return said(self._told(self.job(found[1])))
        if step == "other":
            raise No("missing", "")
        return self._begun(asked) if asked.path == "/videos" else await self._looked(asked)

    def no(self, no: No) -> Answer:
        """Say no as OpenAI does."""
        return wrong(no)

    def _see_key(self, asked: Asked) -> None:
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "")

    def _begun(self, asked: Asked) -> Answer:
        texts, files = form_of(asked)
        known(texts, _FIELDS, ("prompt",))
        given = files.pop("input_reference", [])
        if len(given) > 1 or files:
            raise No("invalid", "input_reference: one file, and no other")
        model, size = texts.get("model", "sora-2"), texts.get("size", "720x1280")
        if size not in _SIZES[model]:
            raise No("invalid", f"size: {model} can't make {size}")
        width, height = map(int, size.split("x"))
        first = pictures.looked_at(given[0].data, "input_reference") if given else None
        if first is not None and pictures.size_of(first) != (width, height):
            raise No("invalid", "Inpaint image must match the requested width and height")
        seconds = Fraction(texts.get("seconds", "4"))
        digest = digest_of({**texts, "first": hashlib.sha256(first or b"").hexdigest()})
        wants = Wants("mp4", digest, seconds, (width, height), Fraction(self.rate), sound=True, init=first)
        job = self.accept(asked, texts, wants, float(seconds) * 0.1)
        told = self._told(job)
        if self.told_id(job) is None:
            del told["id"]
        return said(told)

    def _told(self, job: Job) -> dict[str, Any]:
        state, body = job.state, job.body
        told: dict[str, Any] = {
            "id": job.id,
            "object": "video",
            "status": _STATES.get(state, "failed"),
            "progress": round(100 * job.progress),
            "model": body.get("model", "sora-2"),
            "seconds": body.get("seconds", "4"),
            "size": body.get("size", "720x1280"),
            "created_at": int(job.unix),
            "error": None,
        }
        if told["status"] == "failed":
            usual = {"refused": "moderation_blocked"}.get(state, "video_generation_failed")
            told["error"] = {"code": job.code or usual, "message": job.words or f"the video was {state}"}
        return told

    async def _file(self, asked: Asked, fault: Fault | None) -> Answer:
        """Give a video, to whoever shows the key."""
        if not asked.path.startswith("/videos/"):
            return await super()._file(asked, fault)
        self._see_key(asked)
        job = self.jobs.get(asked.path.split("/")[2])
        if job is None or job.state != "done" or asked.query.get("variant", "video") != "video":
            raise No("missing", "")
        return Answer(200, {"Content-Type": MEDIA["mp4"]}, await self.made(looking(job.wants, fault)))

    def _expire(self, asked: Asked) -> Answer:
        """Say once that a video is not there: its address has no life of its own, the job has."""
        return wrong(No("missing", ""))

    async def _looked(self, asked: Asked) -> Answer:
        body = asked.json
        if not isinstance(body, dict) or not isinstance(body.get("model"), str):
            raise No("invalid", "model: is required")
        parts = [
            part for message in body["messages"] if isinstance(message["content"], list) for part in message["content"]
        ]
        words = "".join(part["text"] for part in parts if part["type"] == "text")
        for part in parts:
            if part["type"] == "image_url":
                pictures.of_uri(part["image_url"]["url"], "image_url", 50_000_000)
        asking = body.get("response_format", {}).get("json_schema", {})
        if asking.get("strict") is not True or set(asking.get("schema", {})) & {"minItems", "maxItems"}:
            raise No("invalid", "response_format: must be a strict json_schema")
        job = self.accept(asked, body, Wants("png", digest_of(body)), 0.004)
        await self.done(job)
        looks = (other for other in self.jobs.values() if other.path == asked.path)
        told = None if self.refusal else said_of(job, looks, self.answers, words)
        message = {"role": "assistant", "content": told, "refusal": self.refusal}
        choice = {"index": 0, "finish_reason": "stop", "message": message}
        usage = {"prompt_tokens": 2000, "completion_tokens": 20, "total_tokens": 2020, "cost": job.usd}
        return said(
            {"id": job.id, "object": "chat.completion", "model": body["model"], "choices": [choice], "usage": usage}
        )
