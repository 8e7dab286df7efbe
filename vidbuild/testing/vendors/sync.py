"""sync.'s wire: lip-sync in JSON by assets, which come in three steps; neither key nor list for lost answers.

From providers.md section 17, `syncsdk==0.3.0` and sync.so's pages on assets. Certain: paths, the key's header, fields,
statuses, the steps. Remembered: the codes of errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import depot, spoken
from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_MOST_BYTES = 1024 * 1024 * 1024
_A_SECOND = {"sync-3": 0.133, "lipsync-2": 0.05, "lipsync-2-pro": 0.083, "lipsync-1.9.0-beta": 0.02, "react-1": 0.1}
_TYPES = {"VIDEO": "video/mp4", "AUDIO": "audio/mpeg"}
_STATUSES = {"key": 401, "credit": 402, "missing": 404, "busy": 429, "server": 500, "retired": 410, "refused": 422}
_CODES = {"busy": "concurrency_limit_reached", "credit": "payment_required", "refused": "content_moderation"}
_STATES = {"queued": "PENDING", "running": "PROCESSING", "done": "COMPLETED", "refused": "REJECTED"}


class SyncSo(Vendor):
    """sync. on loopback."""

    name = "sync"
    variables = ("SYNC_API_KEY",)
    key = "key_sync_dummy_77c04b"

    def __init__(self, *args: Any, **settings: Any):
        self._assets: dict[str, str] = {}
        super().__init__(*args, **settings)

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST":
            return {"/v2/generate": "submit", "/v2/assets/upload": "upload", "/v2/assets": "upload"}.get(
                asked.path, "other"
            )
        return "poll" if asked.method == "GET" and asked.path.startswith("/v2/generate/") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a file's step or a job, or tell of a job."""
        if asked.headers.get("x-api-key") != self.key:
            raise No("key", "Unauthorized")
        body = asked.json
        if step == "upload" and isinstance(body, dict):
            return said(self._place(body) if asked.path.endswith("/upload") else self._registered(body), 201)
        if step == "submit" and isinstance(body, dict):
            job = self._submit(asked, body)
            told = self._told(job)
            if self.told_id(job) is None:
                del told["id"]
            return said(told, 201)
        if step == "poll":
            return said(self._told(self.job(asked.path.removeprefix("/v2/generate/"))))
        raise No("missing" if step == "other" else "invalid", "no such path" if step == "other" else "no JSON object")

    def no(self, no: No) -> Answer:
        """Say no with a status and a message, some with a code."""
        status = _STATUSES.get(no.kind, 400)
        code = {"errorCode": _CODES[no.kind]} if no.kind in _CODES else {}
        words = "content policy violation: " + no.message if no.kind == "refused" else no.message
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        return said({"message": words, "statusCode": status, **code}, status, waiting)

    def _place(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fields = {"fileName": text(200), "contentType": text(100), "size": an_integer(1, _MOST_BYTES)}
        known(body, fields, tuple(fields))
        name = self.depot.slot()
        return {"uploadUrl": f"{self.url}{depot.PATH}{name}", "url": f"{self.url}/public/{name}", "expiresIn": 3600}

    def _registered(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fields = {"url": text(2000), "type": one_of(*_TYPES, "IMAGE"), "name": text(200)}
        known(body, fields, ("url", "type"))
        name = body["url"].rpartition("/")[2]
        spoken.checked(self.depot.file(name, "url"), "url", _TYPES[body["type"]], _MOST_BYTES)
        id = f"asset-{len(self._assets)}"
        self._assets[id] = name
        return {"id": id, "type": body["type"], "url": body["url"], "visibility": "USER"}

    def _submit(self, asked: Asked, body: Mapping[str, Any]) -> Job:
        known(body, _FIELDS, ("model", "input"))
        options = body.get("options", {})
        known(options, _OPTIONS, ())
        given = body["input"]
        if [sorted(each) for each in given] != [["assetId", "type"]] * 2:
            raise No("invalid", "input must be a video and an audio, each by its assetId")
        if [each["type"] for each in given] != ["video", "audio"]:
            raise No("invalid", "input must be a video, then an audio")
        footage, heard = (
            spoken.seconds_of(self._media(each["assetId"], each["type"], media_type))
            for each, media_type in zip(given, _TYPES.values(), strict=True)
        )
        seconds = footage if options.get("sync_mode", "bounce") == "silence" else heard
        wants = Wants("mp4", digest_of(body), seconds, rate=Fraction(self.rate), sound=True)
        return self.accept(asked, body, wants, _A_SECOND[body["model"]] * float(seconds))

    def _media(self, id: Any, field: str, media_type: str) -> bytes:
        if id not in self._assets:
            raise No("invalid", f"{field}: no such asset")
        return spoken.checked(self.depot.file(self._assets[id], field), field, media_type, _MOST_BYTES)

    def _told(self, job: Job) -> dict[str, Any]:
        told: dict[str, Any] = {
            "id": job.id,
            "createdAt": "2026-11-21T00:00:00Z",
            "model": job.body["model"],
            "input": job.body["input"],
            "status": _STATES.get(job.state, "FAILED"),
        }
        if job.state == "done":
            told |= {"outputUrl": self.link(job), "outputDuration": float(job.wants.seconds)}
        elif job.state not in _STATES or job.state == "refused":
            told |= {"error": job.words or f"the job {job.state}", "error_code": job.code or "generation_failed"}
        return told


_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "model": one_of(*_A_SECOND),
    "input": lambda value: isinstance(value, list) and all(isinstance(each, dict) for each in value),
    "options": lambda value: isinstance(value, dict),
    "outputFileName": text(200),
}
_OPTIONS: Mapping[str, Callable[[Any], object]] = {
    "sync_mode": one_of("bounce", "loop", "cut_off", "silence", "remap"),
    "temperature": a_number(0, 1),
    "occlusion_detection_enabled": a_flag,
}
