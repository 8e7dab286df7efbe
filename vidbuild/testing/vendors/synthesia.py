"""Synthesia v2's wire: videos in JSON, speech brought as MP3 to another host, a list of videos with their callback ids.

From providers.md section 16, docs.synthesia.io and third-party notes of 2026-09-12. Certain: paths, the bare key, the
fields of a clip. Remembered: the form of errors, where a failed video says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import spoken
from vidbuild.testing.vendors.fields import No, a_flag, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_MOST_BYTES = 100 * 1024 * 1024
_SIZES = {"16:9": (1920, 1080), "9:16": (1080, 1920), "1:1": (1080, 1080), "4:5": (1080, 1350), "5:4": (1350, 1080)}
_STATUSES = {"key": 401, "credit": 402, "missing": 404, "busy": 429, "server": 500, "retired": 410}
_STATES = {"queued": "in_progress", "running": "in_progress", "done": "complete", "refused": "rejected"}


class Synthesia(Vendor):
    """Synthesia on loopback; its upload host is below `/upload`."""

    name = "synthesia"
    variables = ("SYNTHESIA_API_KEY",)
    key = "key_synthesia_dummy_31f9d8"
    list_lag_s = 0.0

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.path == "/v2/videos":
            return {"POST": "submit", "GET": "list"}.get(asked.method, "other")
        if (asked.method, asked.path) == ("POST", "/upload/v2/scriptAudio"):
            return "upload"
        return "poll" if asked.method == "GET" and asked.path.startswith("/v2/videos/") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take speech or a video, or tell of one or of all."""
        if asked.headers.get("authorization") != self.key:
            raise No("key", "Unauthorized")
        if step == "upload":
            if asked.headers.get("content-type") != "audio/mpeg":
                raise No("invalid", "the body must be audio/mpeg")
            data = spoken.checked(asked.body, "body", "audio/mpeg", _MOST_BYTES)
            return said({"id": self.depot.keep(data)}, 201)
        if step == "submit":
            job = self._submit(asked)
            told = self._told(job)
            if self.told_id(job) is None:
                del told["id"]
            return said(told, 201)
        if step == "list":
            return said({"videos": [self._told(job) for job in reversed(list(self.jobs.values()))][:100]})
        if step == "poll":
            return said(self._told(self.job(asked.path.removeprefix("/v2/videos/"))))
        raise No("missing", "no such path")

    def no(self, no: No) -> Answer:
        """Say no; the form is remembered, not verified."""
        words = {"refused": f"rejected by content moderation: {no.message}", "credit": "the quota is used up"}
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        told = {"error": no.kind, "context": words.get(no.kind, no.message)}
        return said(told, _STATUSES.get(no.kind, 400), waiting)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        known(body, _FIELDS, ("input",))
        if len(body["input"]) != 1 or not isinstance(body["input"][0], dict):
            raise No("invalid", "input must be one clip")
        clip = body["input"][0]
        known(clip, _CLIP, ("avatar", "background", "scriptAudio", "scriptLanguage"))
        data = spoken.checked(
            self.depot.file(clip["scriptAudio"], "scriptAudio"), "scriptAudio", "audio/mpeg", _MOST_BYTES
        )
        tag = str(body.get("callbackId", ""))
        size = _SIZES[body.get("aspectRatio", "16:9")]
        digest = digest_of({name: value for name, value in body.items() if name != "callbackId"})
        wants = Wants("mp4", digest, spoken.seconds_of(data), size, Fraction(self.rate), sound=True)
        return self.accept(asked, body, wants, 0.0 if body.get("test") else 0.5, tag)

    def _told(self, job: Job) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": job.id,
            "status": _STATES.get(job.state, "error"),
            "title": job.body.get("title"),
            "visibility": job.body.get("visibility", "private"),
            "callbackId": job.body.get("callbackId"),
        }
        if job.state == "done":
            told |= {"download": self.link(job), "duration": f"0:00:{float(job.wants.seconds):06.3f}"}
        elif told["status"] != "in_progress":
            told |= {"error": job.code or "failed", "context": job.words or f"the video {job.state}"}
        return told


_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "test": a_flag,
    "title": text(200),
    "description": text(2000),
    "visibility": one_of("private", "public"),
    "aspectRatio": one_of(*_SIZES),
    "callbackId": text(200),
    "input": lambda value: isinstance(value, list),
}
_CLIP: Mapping[str, Callable[[Any], object]] = {
    "avatar": text(100),
    "background": text(2000),
    "scriptAudio": text(200),
    "scriptLanguage": text(10, 2),
    "avatarSettings": lambda value: isinstance(value, dict) and set(value) <= {"style", "horizontalAlign", "scale"},
}
