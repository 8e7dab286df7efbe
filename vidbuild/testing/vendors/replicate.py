"""Replicate's wire: predictions whose input is each model's own, files brought in a form, results at addresses.

From providers.md section 13 (`replicate==1.0.7`) and the models' own pages (replicate.com/OWNER/NAME/api). Certain:
paths, auth, states, the form of errors. Remembered: 422 for inputs that are no good, the words of moderation, prices,
the inputs of gen-4.5, gen4-turbo and stable-audio-2.5.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.forms import form_of
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_MAKE = re.compile(r"/models/([a-z0-9-]+/[a-z0-9.-]+)/predictions")
_JOB = re.compile(r"/predictions/([^/]+|\.\./\.\./x)(/cancel)?")
_STATES = {"queued": "starting", "running": "processing", "done": "succeeded", "cancelled": "canceled"}
_LINES = {"480p": 480, "720p": 720, "768p": 768, "1080p": 1080, "4k": 2160, "standard": 720, "pro": 1080}
_DATA_URI_BYTES = 256 * 1024
Check = Callable[[Any], object]


def _a_list(most: int) -> Check:
    return lambda value: isinstance(value, list) and 1 <= len(value) <= most


def _uri(value: Any) -> bool:
    return isinstance(value, str)


@dataclass(frozen=True)
class Takes:
    """What one model takes.

    Args:
        first, last, others: the inputs that hold a first and a last picture, and pictures of references.
        usd: for a second, or for a picture or a sound.
    """

    form: str
    fields: Mapping[str, Check]
    usd: float
    first: str = ""
    last: str = ""
    others: str = ""
    is_list: bool = False


_PROMPT: Mapping[str, Check] = {"prompt": text(32_000)}
_WIDE = one_of("16:9", "9:16")
_SHAPES = one_of("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
_VEO: Mapping[str, Check] = {
    **_PROMPT,
    "image": _uri,
    "last_frame": _uri,
    "aspect_ratio": _WIDE,
    "duration": one_of(4, 6, 8),
    "resolution": one_of("720p", "1080p"),
    "negative_prompt": text(4000),
    "generate_audio": a_flag,
    "seed": an_integer(),
}
_GEN: Mapping[str, Check] = {**_PROMPT, "image": _uri, "aspect_ratio": _SHAPES, "seed": an_integer()}
_FLUX: Mapping[str, Check] = {
    **_PROMPT,
    "aspect_ratio": one_of("custom"),
    "width": lambda value: an_integer(256, 2048)(value) and value % 32 == 0,
    "height": lambda value: an_integer(256, 2048)(value) and value % 32 == 0,
    "seed": an_integer(),
    "output_format": one_of("png", "jpg", "webp"),
    "output_quality": an_integer(0, 100),
}
_MODELS: Mapping[str, Takes] = {
    "google/veo-3.1": Takes("mp4", {**_VEO, "reference_images": _a_list(3)}, 0.4, "image", "last_frame"),
    "google/veo-3.1-fast": Takes("mp4", _VEO, 0.15, "image", "last_frame"),
    "kwaivgi/kling-v3-video": Takes(
        "mp4",
        {
            "prompt": text(2500),
            "negative_prompt": text(2500),
            "start_image": _uri,
            "end_image": _uri,
            "mode": one_of("standard", "pro", "4k"),
            "aspect_ratio": one_of("16:9", "9:16", "1:1"),
            "duration": an_integer(3, 15),
            "generate_audio": a_flag,
        },
        0.224,
        "start_image",
        "end_image",
    ),
    "bytedance/seedance-2.0": Takes(
        "mp4",
        {
            "prompt": text(4000),
            "image": _uri,
            "last_frame_image": _uri,
            "reference_images": _a_list(9),
            "duration": an_integer(4, 15),
            "resolution": one_of("480p", "720p", "1080p", "4k"),
            "aspect_ratio": _SHAPES,
            "generate_audio": a_flag,
            "seed": an_integer(),
        },
        0.18,
        "image",
        "last_frame_image",
        "reference_images",
    ),
    "minimax/hailuo-2.3": Takes(
        "mp4",
        {
            **_PROMPT,
            "first_frame_image": _uri,
            "duration": one_of(6, 10),
            "resolution": one_of("768p", "1080p"),
            "prompt_optimizer": a_flag,
        },
        0.28 / 6,
        "first_frame_image",
    ),
    "runwayml/gen-4.5": Takes("mp4", {**_GEN, "duration": an_integer(2, 10)}, 0.12, "image"),
    "runwayml/gen4-turbo": Takes("mp4", {**_GEN, "duration": one_of(5, 10)}, 0.05, "image"),
    "runwayml/gen4-image": Takes(
        "png",
        {
            **_PROMPT,
            "seed": an_integer(),
            "aspect_ratio": _SHAPES,
            "resolution": one_of("720p", "1080p"),
            "reference_images": _a_list(3),
            "reference_tags": _a_list(3),
        },
        0.08,
        others="reference_images",
    ),
    "black-forest-labs/flux-1.1-pro": Takes(
        "png",
        {**_FLUX, "safety_tolerance": an_integer(1, 6), "prompt_upsampling": a_flag, "image_prompt": _uri},
        0.04,
    ),
    "black-forest-labs/flux-2-pro": Takes(
        "png",
        {**_FLUX, "safety_tolerance": an_integer(1, 5), "input_images": _a_list(8)},
        0.06,
        others="input_images",
        is_list=True,
    ),
    "stability-ai/stable-audio-2.5": Takes(
        "mp3",
        {
            **_PROMPT,
            "duration": an_integer(1, 190),
            "steps": an_integer(4, 8),
            "cfg_scale": a_number(1, 25),
            "seed": an_integer(),
        },
        0.2,
    ),
}
_WRONG = {
    "key": (401, "Unauthenticated", "You did not pass a valid authentication token"),
    "credit": (402, "Insufficient credit", "You have insufficient credit to run this model."),
    "busy": (429, "Throttled", "Request was throttled."),
    "missing": (404, "Not found", "The requested resource could not be found."),
    "retired": (404, "Not found", "The requested resource could not be found."),
    "server": (500, "Internal server error", "Something went wrong."),
}
_ENDS = {
    "refused": "The input or output was flagged as sensitive. Please try again with different inputs. (E005)",
    "failed": "Prediction failed: the model crashed.",
    "expired": "Prediction timed out.",
}


class Replicate(Vendor):
    """Replicate on loopback."""

    name = "replicate"
    variables = ("REPLICATE_API_TOKEN",)
    lets_wait = True
    key = "r8_replicate_dummy_20c4"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if (asked.method, asked.path) == ("POST", "/files"):
            return "upload"
        if _MAKE.fullmatch(asked.path):
            return "submit" if asked.method == "POST" else "other"
        found = _JOB.fullmatch(asked.path)
        if found is None or asked.method != ("POST" if found[2] else "GET"):
            return "other"
        return "cancel" if found[2] else "poll"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Keep a file, begin a prediction, tell of one, or cancel it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "")
        if step == "other":
            raise No("missing", "")
        if step == "upload":
            return said(self._kept(asked), 201)
        if step == "submit":
            return said(self._told(self._submit(asked)), 201)
        found = _JOB.fullmatch(asked.path)
        assert found is not None
        if step == "poll":
            return said(self._told(self.job(found[1])))
        if found[1] not in self.jobs:
            raise No("missing", "")
        job = self.jobs[found[1]]
        job.is_cancelled = job.is_cancelled or not job.has_ended
        return said(self._told(job))

    def no(self, no: No) -> Answer:
        """Say no as Replicate does."""
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        status, title, words = _WRONG.get(no.kind, (422, "Input validation failed", no.message))
        if no.kind == "refused":
            status, title, words = 422, "Unprocessable", _ENDS["refused"]
        planned = no.message if no.message not in ("", no.kind, no.kind.replace("_", " ")) else words
        told = f"{words} {planned}" if no.kind in ("credit", "refused") else planned
        return said({"title": title, "detail": told, "status": status}, status, waiting)

    def _kept(self, asked: Asked) -> dict[str, Any]:
        texts, files = form_of(asked)
        if set(texts) - {"metadata", "filename", "type"} or set(files) != {"content"} or len(files["content"]) != 1:
            raise No("invalid", "content: one file")
        (file,) = files["content"]
        slot = self.depot.keep(file.data)
        address = f"{self.url}/files/{slot}"
        return {"id": slot, "name": file.file, "content_type": file.media_type, "urls": {"get": address}}

    def _submit(self, asked: Asked) -> Job:
        found = _MAKE.fullmatch(asked.path)
        takes = _MODELS.get(found[1]) if found else None
        if takes is None:
            raise No("retired", "")
        body = asked.json
        if not isinstance(body, dict) or set(body) != {"input"} or not isinstance(body["input"], dict):
            raise No("invalid", "input: is required, and nothing else is known here")
        given = body["input"]
        known(given, takes.fields, ("prompt",))
        frames = [self._picture(given[name], name) for name in (takes.first, takes.last) if name and name in given]
        references = [self._picture(uri, takes.others) for uri in given.get(takes.others, ())]
        if takes.last in given and takes.first not in given:
            raise No("invalid", f"{takes.last}: needs {takes.first}")
        if references and frames:
            raise No("invalid", f"{takes.others}: not beside frames")
        seconds = Fraction(given.get("duration", 5)) if takes.form != "png" else Fraction(0)
        wants = Wants(
            takes.form,
            digest_of(given),
            seconds,
            _size(given),
            Fraction(self.rate),
            sound=bool(given.get("generate_audio", "generate_audio" in takes.fields)),
            init=frames[0] if frames else None,
            end=frames[1] if len(frames) > 1 else None,
        )
        job = self.accept(asked, given, wants, takes.usd * (float(seconds) if takes.form == "mp4" else 1))
        job.answered = takes.is_list
        return job

    def _picture(self, uri: Any, field: str) -> bytes | None:
        """Look at a picture: a file that was brought here, a data URI, or an address, which nobody here fetches."""
        ours = f"{self.url}/files/"
        if isinstance(uri, str) and uri.startswith(ours):
            return self.depot.picture(uri.removeprefix(ours), field)
        return pictures.of_uri(uri, field, _DATA_URI_BYTES)

    def _told(self, job: Job) -> dict[str, Any]:
        state = job.state
        told: dict[str, Any] = {
            "id": self.told_id(job),
            "status": _STATES.get(state, "failed"),
            "input": dict(job.body),
            "output": None,
            "error": (job.words or _ENDS[state]) if state in _ENDS else None,
            "logs": "",
            "metrics": {},
            "urls": {"get": f"{self.url}/predictions/{job.id}", "cancel": f"{self.url}/predictions/{job.id}/cancel"},
        }
        if state == "done":
            told["output"] = [self.link(job)] if job.answered else self.link(job)
            told["metrics"] = {"predict_time": round(job.ends - job.begins, 3)}
        return told


def _size(given: Mapping[str, Any]) -> tuple[int, int]:
    if "width" in given:
        return given["width"], given["height"]
    lines = _LINES[str(given.get("resolution", given.get("mode", "720p")))]
    across, down = map(int, str(given.get("aspect_ratio", "16:9")).split(":"))
    scale = Fraction(lines, min(across, down))
    return round(across * scale / 2) * 2, round(down * scale / 2) * 2
