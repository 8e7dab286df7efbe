"""Black Forest Labs' wire: the model is the path, and a job is asked for at the address that it was answered with.

From providers.md section 8 and callers of the vendor's own address. Certain: `x-key`, paths, `id` and `polling_url`,
states, `result.sample`. Second hand: fields and bounds of each model, cost in credits. Guessed: what `details` holds,
and that a job which isn't known is told by its state inside HTTP 404.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_flag, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_RESULT = "/v1/get_result"
_REGION = "/us7"
_PICTURE_BYTES = 20 * 1024 * 1024
_RATIOS = ("auto", "21:9", "2:1", "16:9", "4:3", "1:1", "3:4", "9:16")
_LINES = {"hd": 720, "fhd": 1080}
_VIDEO_USD = {"hd": 0.17, "fhd": 0.29}
_SIDE = an_integer(64, 4096)
_STEPPED = {side: lambda value: an_integer(256, 1440)(value) and value % 32 == 0 for side in ("width", "height")}
_COMMON: Mapping[str, Callable[[Any], object]] = {
    "prompt": text(10_000),
    "seed": an_integer(),
    "output_format": one_of("jpeg", "png", "webp"),
    "webhook_url": text(2083),
    "webhook_secret": text(200),
}
_PICTURES = ("input_image", *(f"input_image_{number}" for number in range(2, 9)))
_IMAGE: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    "flux-2-pro": {
        **_COMMON,
        **dict.fromkeys(_PICTURES, text(2**31)),
        "width": _SIDE,
        "height": _SIDE,
        "safety_tolerance": an_integer(0, 5),
        "disable_pup": a_flag,
    },
    "flux-pro-1.1": {**_COMMON, **_STEPPED, "safety_tolerance": an_integer(0, 6), "prompt_upsampling": a_flag},
}
_VIDEO: Mapping[str, Callable[[Any], object]] = {
    "mode": one_of("t2v", "i2v"),
    "prompt": text(10_000),
    "aspect_ratio": one_of(*_RATIOS),
    "duration": lambda value: value == "auto" or an_integer(5, 20)(value),
    "resolution": one_of(*_LINES),
    "generate_audio": a_flag,
    "draft": a_flag,
    "safety_tolerance": an_integer(0, 4),
}
_STATUSES = {"key": 403, "credit": 402, "missing": 404, "retired": 404, "busy": 429, "server": 500, "refused": 422}
_STATES = {"queued": "Pending", "running": "Generating", "done": "Ready", "refused": "Content Moderated"}


class Bfl(Vendor):
    """Black Forest Labs on loopback.

    Args:
        region: the address that jobs are asked for below; another path of its own by default.
        is_regional: whether a job is known there alone.
    """

    name = "bfl"
    variables = ("BFL_API_KEY",)
    key = "key_bfl_dummy_0af4d2"
    region = ""
    is_regional = False

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path.startswith("/v1/"):
            return "submit"
        return "poll" if asked.method == "GET" and asked.path in (_RESULT, f"{_REGION}{_RESULT}") else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a job, or tell of one where it is."""
        if asked.headers.get("x-key") != self.key:
            raise No("key", "Not authenticated - Invalid Authentication")
        if step == "submit":
            return said(self._taken(self._submit(asked)))
        if step == "other" or (self.is_regional and asked.path == _RESULT):
            return said({"id": asked.query.get("id", ""), "status": "Task not found", "result": None}, 404)
        return said(self._told(self.job(asked.query.get("id", ""))))

    def no(self, no: No) -> Answer:
        """Say no with a status and `detail`, a list where the body is no good."""
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        if no.kind == "missing":
            return said({"id": "", "status": "Task not found", "result": None}, 404)
        words: Any = {"credit": "Insufficient credits", "retired": "Not Found"}.get(no.kind, no.message)
        if no.kind == "invalid":
            words = [{"loc": ["body"], "msg": no.message, "type": "value_error"}]
        if no.kind == "refused":
            words = f"Request Moderated: {no.message}"
        return said({"detail": words}, _STATUSES.get(no.kind, 422), waiting)

    def _submit(self, asked: Asked) -> Job:
        body, model = asked.json, asked.path.removeprefix("/v1/")
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        if model == "flux-3-video":
            return self.accept(asked, body, *self._film(body))
        if model not in _IMAGE:
            raise No("retired", "Not Found")
        known(body, _IMAGE[model], ("prompt",))
        for name in _PICTURES:
            if name in body:
                pictures.of_base64(body[name], name, _PICTURE_BYTES)
        size = int(body.get("width", 1024)), int(body.get("height", 768))
        megapixels = size[0] * size[1] / 1e6
        usd = 0.04 if model == "flux-pro-1.1" else 0.03 + 0.015 * max(0, round(megapixels - 1))
        return self.accept(asked, body, Wants("png", digest_of(body), size=size), usd)

    def _film(self, body: Mapping[str, Any]) -> tuple[Wants, float]:
        mode = body.get("mode")
        fields = {**_VIDEO, "keyframes": lambda value: bool(value)} if mode == "i2v" else _VIDEO
        known(body, fields, ("mode", "prompt", *(("keyframes",) if mode == "i2v" else ())))
        seconds = 5 if body.get("duration", "auto") == "auto" else int(body["duration"])
        given = _frames(body.get("keyframes", []), seconds)
        resolution, ratio = body.get("resolution", "hd"), body.get("aspect_ratio", "auto")
        wants = Wants(
            *("mp4", digest_of(body), Fraction(seconds)),
            size=pictures.at_lines("16:9" if ratio == "auto" else ratio, _LINES[resolution]),
            rate=Fraction(self.rate),
            sound=bool(body.get("generate_audio", True)),
            init=given.get(0),
            end=given.get(seconds),
        )
        return wants, _VIDEO_USD[resolution] * seconds

    def _taken(self, job: Job) -> dict[str, Any]:
        told = self.told_id(job)
        address = f"{self.region or self.url + _REGION}{_RESULT}?id={job.id}"
        taken = {"polling_url": address, "cost": round(job.usd * 100, 4), "input_mp": 0.0, "output_mp": 1.0}
        return taken if told is None else {"id": told, **taken}

    def _told(self, job: Job) -> dict[str, Any]:
        status = _STATES.get(job.state, "Error")
        told: dict[str, Any] = {"id": job.id, "status": status, "result": None, "progress": job.progress}
        if status == "Ready":
            told["result"] = {"sample": self.link(job), "prompt": job.body["prompt"], "seed": job.body.get("seed", 1)}
        if status in ("Error", "Content Moderated"):
            told["details"] = {"reason": job.words or f"the job was {job.state}"}
        return told


def _frames(keyframes: Any, seconds: int) -> dict[int, bytes]:
    """Read the frames of a film: one, its first and last, or pairs of a second and a picture."""
    rows = keyframes if isinstance(keyframes, list) else [keyframes]
    if len(rows) > 10 or (len(rows) > 2 and not all(isinstance(row, list) for row in rows)):
        raise No("invalid", "keyframes takes up to ten pictures, more than two with their seconds")
    if not all(isinstance(row, list) for row in rows):
        rows = [[place, row] for place, row in zip((0, seconds), rows, strict=False)]
    given: dict[int, bytes] = {}
    for row in rows:
        if len(row) != 2 or not isinstance(row[0], int | float) or not 0 <= row[0] <= seconds:
            raise No("invalid", "keyframes: a pair is a second and a picture")
        given[int(row[0])] = pictures.of_base64(row[1], "keyframes", _PICTURE_BYTES) or b""
    return {place: data for place, data in given.items() if data}
