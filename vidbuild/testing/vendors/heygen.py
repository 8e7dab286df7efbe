"""HeyGen v3's wire: avatars and lip-sync in JSON, files as assets before, equal keys answered with the same job.

From providers.md section 15 and third-party transcriptions of its OpenAPI (2026-08-25). Certain: paths, the key's
header, `Idempotency-Key`, required fields, statuses. Remembered: most codes of errors, limits of texts.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import spoken
from vidbuild.testing.vendors.fields import No, a_flag, a_number, known, one_of, text
from vidbuild.testing.vendors.forms import parts_of
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_ASSET_BYTES = 32 * 1024 * 1024
_KEY_LIFE_S = 24 * 3600.0
_SUBMITS = ("/v3/videos", "/v3/lipsyncs")
_LINES = {"720p": 720, "1080p": 1080, "4k": 2160}
_ASPECTS = {"16:9": (16, 9), "9:16": (9, 16), "4:5": (4, 5), "5:4": (5, 4), "1:1": (1, 1)}
_A_SECOND = {"avatar_iii": 0.0433, "avatar_iv": 0.0667, "avatar_v": 0.0667, "speed": 0.0333, "precision": 0.0667}
_WRONG = {
    "invalid": (400, "invalid_parameter"),
    "key": (401, "unauthorized"),
    "credit": (402, "insufficient_credit"),
    "refused": (400, "content_moderated"),
    "missing": (404, "not_found"),
    "retired": (410, "deprecated"),
    "busy": (429, "rate_limit_exceeded"),
    "twice": (409, "idempotency_key_reused"),
    "server": (500, "internal_error"),
}


class HeyGen(Vendor):
    """HeyGen on loopback."""

    name = "heygen"
    variables = ("HEYGEN_API_KEY",)
    key = "key_heygen_dummy_5e7a10"

    def __init__(self, *args: Any, **settings: Any):
        self._replays: dict[str, tuple[str, Job, float]] = {}
        super().__init__(*args, **settings)

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path in _SUBMITS:
            return "submit"
        if (asked.method, asked.path) == ("POST", "/v3/assets"):
            return "upload"
        return (
            "poll" if asked.method == "GET" and asked.path.startswith(tuple(f"{one}/" for one in _SUBMITS)) else "other"
        )

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a file or a job, or tell of a job."""
        if asked.headers.get("x-api-key") != self.key:
            raise No("key", "Unauthorized")
        if step == "upload":
            return said({"data": {"asset_id": self._kept(asked), "url": f"{self.url}/asset"}})
        if step == "submit":
            name = self.told_id(self._submit(asked))
            called = "video_id" if asked.path == "/v3/videos" else "lipsync_id"
            return said({"data": {"status": "waiting"} | ({} if name is None else {called: name})})
        if step == "poll":
            path, _, name = asked.path.rpartition("/")
            job = self.job(name)
            if job.path != path:
                raise No("missing", "not found")
            return said({"data": self._told(job)})
        raise No("missing", "not found")

    def no(self, no: No) -> Answer:
        """Say no with a status, a code and a message."""
        status, code = _WRONG.get(no.kind, (400, no.kind))
        waiting = {"Retry-After": f"{no.retry_after_s or 1:g}"} if no.kind == "busy" else {}
        return said({"error": {"code": code, "message": no.message, "param": None}}, status, waiting)

    def _kept(self, asked: Asked) -> str:
        parts = parts_of(asked)
        if [part.name for part in parts] != ["file"] or not parts[0].file:
            raise No("invalid", "the form must have one `file`")
        if len(parts[0].data) > _ASSET_BYTES:
            raise No("invalid", "the file is larger than 32 MB")
        return self.depot.keep(parts[0].data)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        key, digest = asked.headers.get("idempotency-key", ""), digest_of(body)
        if key in self._replays and time.monotonic() < self._replays[key][2]:
            first, job, _ = self._replays[key]
            if first != digest:
                raise No("twice", "this Idempotency-Key came with another body")
            return job
        wants, usd = (self._avatar if asked.path == "/v3/videos" else self._lipsync)(body)
        job = self.accept(asked, body, wants, usd, key)
        if key:
            self._replays[key] = (digest, job, time.monotonic() + _KEY_LIFE_S)
        return job

    def _avatar(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        known(body, _AVATAR, ("type", "avatar_id", "audio_asset_id"))
        engine = body.get("engine", {"type": "avatar_iv"})
        if not isinstance(engine, dict) or engine.get("type") not in _A_SECOND:
            raise No("invalid", "engine has a type that isn't known")
        if "expressiveness" in body and engine["type"] != "avatar_iv":
            raise No("invalid", f"expressiveness is not for {engine['type']}")
        seconds = spoken.seconds_of(self._media(body["audio_asset_id"], "audio_asset_id", "audio/mpeg"))
        lines = _LINES[body.get("resolution", "1080p")]
        wide, high = _ASPECTS[body.get("aspect_ratio", "16:9")]
        size = (lines * wide // high, lines) if wide >= high else (lines, lines * high // wide)
        return Wants("mp4", digest_of(body), seconds, size, Fraction(self.rate), sound=True), self._usd(
            engine["type"], seconds
        )

    def _lipsync(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        known(body, _LIPSYNC, ("video", "audio"))
        footage = spoken.seconds_of(self._media(_asset(body, "video"), "video", "video/mp4"))
        heard = spoken.seconds_of(self._media(_asset(body, "audio"), "audio", "audio/mpeg"))
        seconds = heard if body.get("enable_dynamic_duration", True) else footage
        return Wants("mp4", digest_of(body), seconds, rate=Fraction(self.rate), sound=True), self._usd(
            body.get("mode", "speed"), seconds
        )

    def _usd(self, what: str, seconds: Fraction) -> float:
        return _A_SECOND[what] * float(seconds)

    def _media(self, name: Any, field: str, media_type: str) -> bytes:
        if not isinstance(name, str):
            raise No("invalid", f"{field} is no asset")
        return spoken.checked(self.depot.file(name, field), field, media_type, _ASSET_BYTES)

    def _told(self, job: Job) -> dict[str, Any]:
        states = {"queued": "pending", "running": "processing" if job.path == "/v3/videos" else "running"}
        told: dict[str, Any] = {"id": job.id, "status": states.get(job.state, "failed")}
        if job.state == "done":
            told |= {"status": "completed", "video_url": self.link(job), "duration": float(job.wants.seconds)}
        elif job.state not in states:
            code = job.code or ("content_moderated" if job.state == "refused" else "rendering_failed")
            told |= {"failure_code": code, "failure_message": job.words or f"the job {job.state}"}
        return told


def _asset(body: Mapping[str, Any], name: str) -> Any:
    said_ = body[name]
    if not isinstance(said_, dict) or set(said_) != {"type", "asset_id"} or said_["type"] != "asset_id":
        raise No("invalid", f"{name} must be an asset")
    return said_["asset_id"]


_NAMED: Mapping[str, Callable[[Any], object]] = {"title": text(200), "callback_id": text(200)}
_AVATAR: Mapping[str, Callable[[Any], object]] = {
    **_NAMED,
    "type": one_of("avatar"),
    "avatar_id": text(100),
    "audio_asset_id": text(200),
    "engine": lambda value: isinstance(value, dict),
    "resolution": one_of(*_LINES),
    "aspect_ratio": one_of(*_ASPECTS),
    "fit": one_of("contain", "cover"),
    "output_format": one_of("mp4"),
    "motion_prompt": text(2000),
    "expressiveness": one_of("low", "medium", "high"),
}
_LIPSYNC: Mapping[str, Callable[[Any], object]] = {
    **_NAMED,
    "video": lambda value: isinstance(value, dict),
    "audio": lambda value: isinstance(value, dict),
    "mode": one_of("speed", "precision"),
    "enable_dynamic_duration": a_flag,
    "enable_speech_enhancement": a_flag,
    "keep_the_same_format": a_flag,
    "start_time": a_number(0, 3600),
    "end_time": a_number(0, 3600),
}
