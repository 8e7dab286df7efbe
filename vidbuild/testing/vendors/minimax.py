"""MiniMax's wires: v1 (Hailuo 2.3: task, state, then a file to be asked for) and v2 (H3: parts with roles, `task`).

From providers.md section 7, its own MCP server's code (v1) and second-hand transcriptions (v2). Certain: v1's paths,
Success, Fail, the third call, errors in `base_resp` inside HTTP 200. Guessed: that v2 tells errors the same way, that
a task that moderation ends tells its code beside Fail, and what it says of a task that it doesn't know (1000).
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

_V1, _V2 = "/v1/video_generation", "/v2/video_generation"
_V1_QUERY, _V2_QUERY, _FILES = "/v1/query/video_generation", "/v2/query/video_generation", "/v1/files/retrieve"
_PICTURE_BYTES = 20 * 1024 * 1024
_LINES = {"512P": 512, "768P": 768, "1080P": 1080, "2K": 1440}
_V1_USD: Mapping[str, Mapping[tuple[str, int], float]] = {
    "MiniMax-Hailuo-2.3": {("768P", 6): 0.28, ("768P", 10): 0.56, ("1080P", 6): 0.49},
    "MiniMax-Hailuo-2.3-Fast": {("768P", 6): 0.19, ("768P", 10): 0.32, ("1080P", 6): 0.33},
}
_V2_USD = {"768P": 0.08, "2K": 0.13}
_RATIOS = ("21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
_CODES = {
    "invalid": 2013,
    "key": 1004,
    "missing": 1000,
    "retired": 2013,
    "credit": 1008,
    "refused": 1026,
    "busy": 1002,
    "server": 1013,
}
_V1_STATES = {"queued": "Queueing", "running": "Processing", "done": "Success"}
_V2_STATES = {"done": "succeeded", "refused": "failed"}


class MiniMax(Vendor):
    """MiniMax on loopback."""

    name = "minimax"
    variables = ("MINIMAX_API_KEY",)
    key = "key_minimax_dummy_3de901"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is; the file is asked for at `result`."""
        if asked.method == "POST" and asked.path in (_V1, _V2):
            return "submit"
        if asked.method == "DELETE" and asked.path.startswith(f"{_V2}/"):
            return "cancel"
        if asked.method == "GET" and (asked.path == _V1_QUERY or asked.path.startswith(f"{_V2_QUERY}/")):
            return "poll"
        return "result" if asked.method == "GET" and asked.path == _FILES else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a task, tell of one, give its file's address, or cancel it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "login fail: Please carry the API secret key in the 'Authorization' field")
        if step == "submit":
            told = self.told_id(self._submit(asked))
            return _fine({} if told is None else {"task_id": told})
        if step == "result":
            return self._file_told(asked.query.get("file_id", ""))
        if step == "other":
            raise No("missing", "no such path")
        name = asked.query.get("task_id", "") if asked.path == _V1_QUERY else asked.path.rpartition("/")[2]
        if step == "cancel":
            job = self.jobs.get(name)
            if job is None:
                raise No("missing", "task not found")
            job.is_cancelled = job.is_cancelled or not job.has_ended
            return _fine({})
        job = self.job(name)
        if (job.path == _V1) != (asked.path == _V1_QUERY):
            raise No("missing", "task not found")
        return self._v1_task(job) if job.path == _V1 else self._v2_task(job)

    def no(self, no: No) -> Answer:
        """Say no inside HTTP 200."""
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        words = {"refused": "input new_sensitive", "credit": "insufficient balance", "busy": "rate limit"}
        message = f"{words[no.kind]}: {no.message}" if no.kind in words else no.message
        if no.kind == "retired":
            message = f"invalid params, unknown model: {no.message}"
        return said(_resp(_CODES.get(no.kind, 2013), message), 200, waiting)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "invalid params, the body must be a JSON object")
        wants, usd = self._v1_wants(body) if asked.path == _V1 else self._v2_wants(body)
        return self.accept(asked, body, wants, usd)

    def _v1_wants(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        prices = _V1_USD.get(str(body.get("model")))
        if prices is None:
            raise No("retired", str(body.get("model")))
        fields: dict[str, Callable[[Any], object]] = {
            "model": text(64),
            "prompt": text(2000),
            "first_frame_image": text(2**31),
            "duration": one_of(6, 10),
            "resolution": one_of("768P", "1080P"),
            "prompt_optimizer": a_flag,
            "fast_pretreatment": a_flag,
            "callback_url": text(2000),
        }
        known(body, fields, ("model", "prompt") if "first_frame_image" not in body else ("model",))
        first = None
        if "first_frame_image" in body:
            first = pictures.of_uri(body["first_frame_image"], "first_frame_image", _PICTURE_BYTES)
        elif body["model"].endswith("Fast"):
            raise No("invalid", "invalid params, first_frame_image is required")
        resolution, seconds = body.get("resolution", "768P"), body.get("duration", 6)
        if (resolution, seconds) not in prices:
            raise No("invalid", f"invalid params, {resolution} is not for {seconds} s")
        size = pictures.at_lines("16:9", _LINES[resolution], first)
        wants = Wants("mp4", digest_of(body), Fraction(seconds), size, Fraction(self.rate), init=first)
        return wants, prices[resolution, seconds]

    def _v2_wants(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        if body.get("model") != "MiniMax-H3":
            raise No("retired", str(body.get("model")))
        fields: dict[str, Callable[[Any], object]] = {
            "model": text(64),
            "content": lambda value: isinstance(value, list) and bool(value),
            "resolution": one_of(*_V2_USD),
            "duration": an_integer(4, 15),
            "ratio": one_of("adaptive", *_RATIOS),
            "callback_url": text(2000),
            "aigc_watermark": a_flag,
        }
        known(body, fields, ("model", "content", "resolution", "duration"))
        given = parts_of(body["content"], _PICTURE_BYTES, needs_text=True)
        ratio = body.get("ratio", "adaptive")
        if len(body["content"]) == 1 and ratio == "adaptive":
            raise No("invalid", "invalid params, ratio is required for text-to-video and can't be adaptive")
        first = given.get("first_frame")
        shown = "16:9" if ratio == "adaptive" else ratio
        wants = Wants(
            *("mp4", digest_of(body), Fraction(body["duration"])),
            size=pictures.at_lines(shown, _LINES[body["resolution"]], first),
            rate=Fraction(self.rate),
            sound=True,
            init=first,
            end=given.get("last_frame"),
        )
        return wants, _V2_USD[body["resolution"]] * body["duration"]

    def _v1_task(self, job: Job) -> Answer:
        state = job.state
        told = {"task_id": job.id, "status": _V1_STATES.get(state, "Fail")}
        if state == "done":
            width, height = job.wants.size
            return _fine({**told, "file_id": _file_id(job), "video_width": width, "video_height": height})
        if told["status"] != "Fail":
            return _fine(told)
        code = 1027 if state == "refused" else 0
        return said({**told, **_resp(code, job.words or ("output new_sensitive" if code else "generation failed"))})

    def _v2_task(self, job: Job) -> Answer:
        state = _V2_STATES.get(job.state, job.state)
        task: dict[str, Any] = {"id": job.id, "model": job.body["model"], "type": "video", "status": state}
        if state == "succeeded":
            task |= {"content": {"url": self.link(job)}, "usage": {"output_seconds": float(job.wants.seconds)}}
        if state == "failed":
            usual = ("1027", "output new_sensitive") if job.state == "refused" else ("1013", "generation failed")
            task["error"] = {"code": job.code or usual[0], "message": job.words or usual[1]}
        return _fine({"task": task})

    def _file_told(self, name: str) -> Answer:
        job = next((job for job in self.jobs.values() if _file_id(job) == name), None)
        if job is None or job.end != "done" or not job.has_ended:
            raise No("invalid", "invalid params, file not found")
        file = {"file_id": int(name), "filename": "output.mp4", "purpose": "video_generation"}
        return _fine({"file": {**file, "download_url": self.link(job)}})


def _file_id(job: Job) -> str:
    return str(int(job.id.replace("-", "")[:12], 16)) if len(job.id) > 30 else ""


def _resp(code: int, message: str) -> dict[str, Any]:
    return {"base_resp": {"status_code": code, "status_msg": message}}


def _fine(told: Mapping[str, Any]) -> Answer:
    return said({**told, **_resp(0, "success")})
