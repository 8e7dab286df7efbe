"""Luma's two wires: Agents (`ray-3.2`) and the older Dream Machine (`ray-2`), much alike and not the same.

From providers.md section 4 and the vendor's SDKs. Certain: paths, fields, states, where result and failure are.
Second hand: errors as `{"detail"}` with their statuses, 429 with Retry-After 60 for too many jobs. Guessed: how Dream
Machine words its errors, and that neither has a state of its own for what expired or was called off.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_flag, known, one_of, text, whole
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_PICTURE_BYTES = 50 * 1024 * 1024
_LINES = {"360p": 360, "540p": 540, "720p": 720, "1080p": 1080, "4k": 2160}
_AGENTS_USD = {"360p": (0.06, 0.18), "540p": (0.15, 0.45), "720p": (0.3, 0.9), "1080p": (1.2, 3.6)}
_MACHINE_USD = {"540p": 0.08, "720p": 0.142, "1080p": 0.319, "4k": 1.274}
_STATUSES = {
    "invalid": 400,
    "key": 401,
    "credit": 402,
    "missing": 404,
    "retired": 400,
    "busy": 429,
    "refused": 422,
    "server": 500,
}
_WORDS = {
    "key": "Invalid API key",
    "credit": "Insufficient credits. Please add credits to continue.",
    "retired": "Unknown model: {}",
    "refused": "Prompt was moderated: {}",
}
_FAILURES = {
    "refused": ("content_moderated", "Your prompt or output was moderated"),
    "failed": ("generation_failed", "The generation failed"),
    "cancelled": ("generation_failed", "The generation was stopped"),
    "expired": ("generation_failed", "The generation timed out"),
}


class _Generations(Vendor):
    """What both share: generations with a state, below `/generations`."""

    key = ""
    submits = ""
    made_status = 201
    running = ""
    rate = 24

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path == self.submits:
            return "submit"
        return "poll" if asked.method == "GET" and asked.path.startswith("/generations/") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a generation, or tell of one."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "Invalid API key")
        if step == "other":
            raise No("missing", "Not Found")
        if step == "poll":
            return said(self._told(self.job(asked.path.removeprefix("/generations/"))))
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "Request body must be a JSON object")
        job = self.accept(asked, body, *self.wanted(body))
        told = self._told(job, "queued")
        if self.told_id(job) is None:
            del told["id"]
        return said(told, self.made_status)

    def no(self, no: No) -> Answer:
        """Say no with a status and `detail`."""
        after = 60 if no.kind == "busy" and no.retry_after_s is None else no.retry_after_s
        waiting = {} if after is None else {"Retry-After": f"{after:g}"}
        words = _WORDS.get(no.kind, "{}").format(no.message)
        return said({"detail": words}, _STATUSES.get(no.kind, 400), waiting)

    def wanted(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        """Look at a submit; give what is to be made, and its price."""
        raise NotImplementedError

    def result(self, job: Job) -> Mapping[str, Any]:
        """Say where what was made is."""
        raise NotImplementedError

    def _told(self, job: Job, state: str = "") -> dict[str, Any]:
        made = datetime.datetime.fromtimestamp(job.unix, datetime.UTC).isoformat(timespec="seconds")
        state = state or job.state
        told: dict[str, Any] = {"id": job.id, "created_at": made, "model": job.body["model"], "failure_reason": None}
        if state in ("queued", "running"):
            return {**told, "state": self.running if state == "running" else "queued"}
        if state == "done":
            return {**told, "state": "completed", **self.result(job)}
        code, words = _FAILURES[state]
        return {**told, "state": "failed", "failure_code": job.code or code, "failure_reason": job.words or words}


class Luma(_Generations):
    """Luma Agents on loopback."""

    name = "luma"
    variables = ("LUMA_AGENTS_API_KEY",)
    key = "luma-api-dummy_5b2f10"
    submits = "/generations"
    running = "processing"

    def wanted(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        """Look at a generation of a video."""
        if body.get("model") != "ray-3.2":
            raise No("retired", str(body.get("model")))
        fields: dict[str, Callable[[Any], object]] = {
            "prompt": text(6000),
            "model": text(64),
            "type": one_of("video"),
            "aspect_ratio": one_of("9:16", "3:4", "1:1", "4:3", "16:9", "21:9"),
            "video": lambda value: isinstance(value, dict),
            "user_id": text(200),
        }
        known(body, fields, ("prompt", "model", "type"))
        video = body.get("video", {})
        shown = {"keyframes": lambda value: isinstance(value, list), "keyframe_indexes": _are_places}
        known(
            video,
            {
                "resolution": one_of(*_AGENTS_USD),
                "duration": one_of("5s", "10s"),
                "loop": a_flag,
                "hdr": a_flag,
                **shown,
            },
            (),
        )
        seconds = int(video.get("duration", "5s").removesuffix("s"))
        frames, places = video.get("keyframes", []), video.get("keyframe_indexes", [])
        if len(frames) != len(places) or any(place > seconds * 24 for place in places):
            raise No("invalid", "keyframe_indexes must match keyframes, within the duration x 24 grid")
        if video.get("loop") and (seconds == 10 or frames):
            raise No("invalid", "loop goes with neither 10s nor keyframes")
        given = {place: _picture(frame, f"keyframes[{place}]") for frame, place in zip(frames, places, strict=True)}
        resolution = video.get("resolution", "720p")
        wants = Wants(
            *("mp4", digest_of(body), Fraction(seconds)),
            size=pictures.at_lines(body.get("aspect_ratio", "16:9"), _LINES[resolution]),
            rate=Fraction(self.rate),
            init=given.get(0),
            end=given.get(seconds * 24),
        )
        return wants, _AGENTS_USD[resolution][seconds == 10]

    def result(self, job: Job) -> Mapping[str, Any]:
        """List what was made."""
        return {"output": [{"type": "video", "url": self.link(job)}]}


class DreamMachine(_Generations):
    """Luma Dream Machine on loopback."""

    name = "dream-machine"
    variables = ("LUMAAI_API_KEY",)
    key = "luma-dummy-77c3ee"
    submits = "/generations/video"
    running = "dreaming"

    def wanted(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        """Look at a generation of a video; frames come as addresses, which nobody here fetches."""
        if body.get("model") not in ("ray-2", "ray-flash-2"):
            raise No("retired", str(body.get("model")))
        fields: dict[str, Callable[[Any], object]] = {
            "prompt": text(5000),
            "model": text(64),
            "aspect_ratio": one_of("1:1", "16:9", "9:16", "4:3", "3:4", "21:9", "9:21"),
            "resolution": one_of(*_MACHINE_USD),
            "duration": one_of("5s", "9s"),
            "loop": a_flag,
            "callback_url": text(2000),
            "keyframes": lambda value: isinstance(value, dict) and all(_is_address(row) for row in value.values()),
        }
        known(body, fields, ("model",))
        seconds, resolution = int(body.get("duration", "5s").removesuffix("s")), body.get("resolution", "720p")
        wants = Wants(
            *("mp4", digest_of(body), Fraction(seconds)),
            size=pictures.at_lines(body.get("aspect_ratio", "16:9"), _LINES[resolution]),
            rate=Fraction(self.rate),
        )
        return wants, _MACHINE_USD[resolution] * seconds

    def result(self, job: Job) -> Mapping[str, Any]:
        """Name the assets."""
        return {"assets": {"video": self.link(job), "image": None, "progress_video": None}}


def _are_places(value: Any) -> bool:
    is_list = isinstance(value, list) and all(whole(place, 0, 240) for place in value)
    return is_list and len(set(value)) == len(value)


def _is_address(row: Any) -> bool:
    kinds = {"image": "url", "generation": "id"}
    if not isinstance(row, dict) or row.get("type") not in kinds:
        return False
    told = row.get(kinds[row["type"]])
    return isinstance(told, str) and (row["type"] != "image" or told.startswith("https://"))


def _picture(frame: Any, field: str) -> bytes | None:
    """Read one reference: exactly one of an address and of data with its type."""
    if not isinstance(frame, dict) or len({"url", "data", "generation_id", "file_id"} & set(frame)) != 1:
        raise No("invalid", f"{field}: provide exactly one of url, data, generation_id, file_id")
    if "data" not in frame:
        return None
    if "media_type" not in frame:
        raise No("invalid", f"{field}: 'media_type' is required with 'data'")
    return pictures.of_uri(f"data:{frame['media_type']};base64,{frame['data']}", field, _PICTURE_BYTES)
