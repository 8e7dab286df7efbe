"""Kling's wire: tokens signed with HS256, errors inside HTTP 200, tasks polled below the path they were submitted to.

From providers.md section 5 (second hand: two transcriptions agree). Certain enough: token, fields, bare base64,
statuses, code ranges. Guessed there or here: that `external_task_id` is unique (a second one is code 1201) and finds
its task; 1203 for no such task; units of $0.14. Codes come with their own HTTP status where `in_band` is off.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_number, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_SUBMITS = ("/v1/videos/text2video", "/v1/videos/image2video")
_PICTURE_BYTES = 10 * 1024 * 1024
_USD_A_UNIT = 0.14
_SIZES = {"std": 720, "pro": 1080, "4k": 2160}
_SHAPES = ("16:9", "9:16", "1:1")
_THREE_TO = {longest: one_of(*(str(seconds) for seconds in range(3, longest + 1))) for longest in (10, 15)}
_FIVE_OR_TEN = one_of("5", "10")
_MODELS: Mapping[str, tuple[Callable[[Any], bool], Mapping[str, tuple[float, float]]]] = {
    "kling-v3": (_THREE_TO[15], {"std": (0.084, 0.126), "pro": (0.112, 0.168), "4k": (0.42, 0.42)}),
    "kling-v2-6": (_THREE_TO[10], {"std": (0.042, 0.084), "pro": (0.07, 0.14)}),
    "kling-v2-5-turbo": (_FIVE_OR_TEN, {"std": (0.042, 0), "pro": (0.07, 0)}),
    "kling-v2-1-master": (_FIVE_OR_TEN, {"std": (0.28, 0), "pro": (0.28, 0)}),
    "kling-v2-1": (_FIVE_OR_TEN, {"std": (0.056, 0), "pro": (0.098, 0)}),
    "kling-v2-master": (_FIVE_OR_TEN, {"std": (0.28, 0), "pro": (0.28, 0)}),
    "kling-v1": (_FIVE_OR_TEN, {"std": (0.028, 0), "pro": (0.098, 0)}),
}
_SOUNDING = ("kling-v3", "kling-v2-6")
_CODES = {
    "invalid": (1201, 400),
    "twice": (1201, 400),
    "missing": (1203, 404),
    "retired": (1203, 404),
    "credit": (1102, 429),
    "refused": (1301, 400),
    "busy": (1303, 429),
    "server": (5000, 500),
}
_TOKENS = {1000: "Authentication failed", 1001: "Authorization is empty", 1003: "not valid yet", 1004: "expired"}
_REFUSAL = "Failure to pass the risk control system"


class Kling(Vendor):
    """Kling on loopback.

    Args:
        in_band: whether errors come inside HTTP 200, all of them; else with their own status.
    """

    name = "kling"
    variables = ("KLING_ACCESS_KEY", "KLING_SECRET_KEY")
    rate = 30
    access = "ak_kling_dummy_77aa01"
    key = "sk_kling_dummy_b8e5f0"
    in_band = True

    @property
    def secrets(self) -> dict[str, str]:
        """Two: who it is, and what signs."""
        return {"KLING_ACCESS_KEY": self.access, "KLING_SECRET_KEY": self.key}

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path in _SUBMITS:
            return "submit"
        if asked.method == "GET" and asked.path.rpartition("/")[0] in _SUBMITS:
            name = asked.path.rpartition("/")[2]
            return "lookup" if name in self.tagged and name not in self.jobs else "poll"
        return "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a task, or tell of one."""
        self._check_token(asked.headers.get("authorization", ""))
        if step == "submit":
            job = self._submit(asked)
            told = self._task(job, "submitted")
            if self.told_id(job) is None:
                del told["task_id"]
            return _fine(told)
        if step == "other":
            raise No("missing", "no such path")
        folder, _, name = asked.path.rpartition("/")
        job = self.job(self.tagged[name].id if step == "lookup" else name)
        if job.path != folder:
            raise No("missing", "this task was submitted to another path")
        states = {"queued": "submitted", "running": "processing", "done": "succeed"}
        return _fine(self._task(job, states.get(job.state, "failed")))

    def no(self, no: No) -> Answer:
        """Say no with a code, inside HTTP 200 or with its status."""
        code, status = _CODES.get(no.kind, (1002, 401))
        if no.kind == "key" and no.message.isdigit():
            code, no = int(no.message), No("key", _TOKENS.get(int(no.message), "Authorization is invalid"))
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        words = _REFUSAL if no.kind == "refused" and no.message == "refused" else no.message
        return said({"code": code, "message": words, "request_id": "r-0"}, 200 if self.in_band else status, waiting)

    def _check_token(self, authorization: str) -> None:
        """Look at the token as a server must: its signature first, then what it says."""
        scheme, _, token = authorization.partition(" ")
        if scheme != "Bearer" or not token:
            raise No("key", "1001")
        try:
            head, payload, signature = token.split(".")
            expected = hmac.new(self.key.encode(), f"{head}.{payload}".encode(), hashlib.sha256).digest()
            if not hmac.compare_digest(expected, _unpadded(signature)) or json.loads(_unpadded(head))["alg"] != "HS256":
                raise No("key", "1000")
            claims = json.loads(_unpadded(payload))
            expires, begins = float(claims["exp"]), float(claims["nbf"])
        except (ValueError, KeyError, TypeError, binascii.Error) as error:
            raise No("key", "1002") from error
        if claims.get("iss") != self.access:
            raise No("key", "1002")
        if begins > time.time():
            raise No("key", "1003")
        if expires <= time.time():
            raise No("key", "1004")

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        named = body.get("model_name", "kling-v1")
        if named not in _MODELS:
            raise No("retired", f"the model {named} does not exist")
        lengths, prices = _MODELS[named]
        is_image = asked.path == _SUBMITS[1]
        known(body, self._fields(named, is_image), ("image",) if is_image else ("prompt",))
        if body.get("sound") == "on" and named not in _SOUNDING:
            raise No("invalid", f"sound is not for {named}")
        if not lengths(body.get("duration", "5")):
            raise No("invalid", f"duration can't be {body.get('duration')!r} for {named}")
        given = {
            name: pictures.of_base64(body[name], name, _PICTURE_BYTES)
            for name in ("image", "image_tail")
            if name in body
        }
        tag = str(body.get("external_task_id", ""))
        if tag in self.tagged:
            raise No("twice", "external_task_id is in use")
        seconds, mode = int(body.get("duration", "5")), body.get("mode", "std")
        if mode not in prices:
            raise No("invalid", f"{named} has no mode {mode}")
        size = pictures.at_lines(body.get("aspect_ratio", "16:9"), _SIZES[mode], given.get("image"))
        wants = Wants(
            *("mp4", digest_of(body, tag), Fraction(seconds), size, Fraction(self.rate), body.get("sound") == "on"),
            init=given.get("image"),
            end=given.get("image_tail"),
        )
        return self.accept(asked, body, wants, prices[mode][wants.sound] * seconds, tag)

    def _fields(self, named: str, is_image: bool) -> dict[str, Callable[[Any], object]]:
        fields: dict[str, Callable[[Any], object]] = {
            "model_name": text(64),
            "prompt": text(2500),
            "negative_prompt": text(2500, 0),
            "mode": one_of("std", "pro", "4k"),
            "duration": text(2),
            "sound": one_of("on", "off"),
            "watermark_info": lambda value: isinstance(value, dict),
            "callback_url": text(2000),
            "external_task_id": text(200),
        }
        if named == "kling-v3":
            fields |= {name: lambda value: value is not None for name in ("multi_shot", "shot_type", "multi_prompt")}
        if named.startswith("kling-v1"):
            fields |= {"cfg_scale": a_number(0, 1), "camera_control": lambda value: isinstance(value, dict)}
        if is_image:
            return fields | {"image": text(2**31), "image_tail": text(2**31)}
        return fields | {"aspect_ratio": one_of(*_SHAPES)}

    def _task(self, job: Job, status: str) -> dict[str, Any]:
        task: dict[str, Any] = {
            "task_id": job.id,
            "task_status": status,
            "task_info": {"external_task_id": job.tag} if job.tag else {},
            "created_at": int(job.unix * 1000),
            "updated_at": int(time.time() * 1000),
        }
        if status == "failed":
            words = {"refused": _REFUSAL, "cancelled": "task cancelled", "expired": "task expired"}
            task["task_status_msg"] = job.words or words.get(job.state, "internal error, try again")
        if status == "succeed":
            seconds = f"{float(job.wants.seconds):g}"
            task["task_result"] = {"videos": [{"id": f"v-{job.id}", "url": self.link(job), "duration": seconds}]}
            task["final_unit_deduction"] = f"{job.usd / _USD_A_UNIT:.2f}"
        return task


def _fine(task: dict[str, Any]) -> Answer:
    return said({"code": 0, "message": "SUCCEED", "request_id": "r-1", "data": task})


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
