"""Stability's wire for sound: a multipart form, and `Accept` decides whether bytes or JSON come back.

From providers.md section 11 (second hand, of their OpenAPI). Certain enough: path, fields, bounds, the form of
errors, 403 for moderation. Remembered: the error names, 402 for no credit, the headers `seed` and `finish-reason`
(CONTENT_FILTERED, on a 200, where moderation took the result).
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors.fields import No, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.forms import values_of
from vidbuild.testing.vendors.takes import MEDIA, Wants
from vidbuild.testing.vendors.vendor import Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_PATH = "/v2beta/audio/stable-audio-2/text-to-audio"
_STEPS = {"stable-audio-2": (30, 100), "stable-audio-2.5": (4, 8)}
_WRONG = {
    "key": (401, "unauthorized"),
    "credit": (402, "payment_required"),
    "refused": (403, "content_moderation"),
    "missing": (404, "not_found"),
    "retired": (404, "not_found"),
    "busy": (429, "rate_limit_exceeded"),
    "server": (500, "internal_error"),
}


def _read(check: Callable[[Any], object], kind: type) -> Callable[[Any], object]:
    """Give a check for a value that comes as text."""

    def checked(value: Any) -> bool:
        try:
            return bool(check(kind(value)))
        except ValueError:
            return False

    return checked


_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "prompt": text(10_000),
    "duration": _read(a_number(1, 190), float),
    "seed": _read(an_integer(0, 4_294_967_294), int),
    "steps": _read(an_integer(4, 100), int),
    "cfg_scale": _read(a_number(1, 25), float),
    "model": one_of(*_STEPS),
    "output_format": one_of("mp3", "wav"),
}


class Stability(Vendor):
    """Stability on loopback."""

    name = "stability"
    variables = ("STABILITY_API_KEY",)
    key = "sk-stability-dummy-51ab77"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        return "submit" if (asked.method, asked.path) == ("POST", _PATH) else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Make a sound, and answer with it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "missing or invalid authorization header")
        if step == "other":
            raise No("missing", "no such path")
        accept = asked.headers.get("accept", "*/*")
        if accept not in ("audio/*", "application/json", "*/*"):
            raise No("invalid", "accept: must be audio/* or application/json")
        body = values_of(asked)
        known(body, _FIELDS, ("prompt",))
        model = body.get("model", "stable-audio-2")
        least, most = _STEPS[model]
        steps = int(body.get("steps", 50 if most == 100 else 8))
        if not least <= steps <= most:
            raise No("invalid", f"steps: must be {least} to {most}")
        seconds = Fraction(body.get("duration", "190")).limit_denominator(1000)
        form = body.get("output_format", "mp3")
        usd = (17 + 0.06 * steps) / 100 if model == "stable-audio-2" else 0.2
        job = self.accept(asked, body, Wants(form, digest_of(body), seconds), usd)
        if job.end == "refused":
            headers = {"Content-Type": MEDIA[form], "finish-reason": "CONTENT_FILTERED"}
            return Answer(200, headers, await self.made(replace(job.wants, look="silent")))
        data = await self.done(job)
        seed = body.get("seed", "0")
        if accept == "application/json":
            told = {"audio": base64.b64encode(data).decode(), "seed": int(seed), "finish_reason": "SUCCESS"}
            return said(told)
        return Answer(200, {"Content-Type": MEDIA[form], "seed": seed, "finish-reason": "SUCCESS"}, data)

    def no(self, no: No) -> Answer:
        """Say no as Stability does."""
        status, name = _WRONG.get(no.kind, (400, "bad_request"))
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        return said({"id": "e-1", "name": name, "errors": [no.message]}, status, waiting)
