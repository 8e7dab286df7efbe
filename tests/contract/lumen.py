"""Lumen on loopback, the made-up vendor of docs/providers.md: what a double looks like. Its wire stands on that page.

It checks what it is sent: every field, every value, the picture. It knows nothing of our files.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import Job, Vendor, Wants, pictures
from vidbuild.testing.vendors.fields import No, an_integer, known, one_of, text
from vidbuild.testing.vendors.vendor import digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_STAGES = {
    "queued": "QUEUED", "running": "DRAWING", "done": "READY", "failed": "BROKEN",
    "refused": "BLOCKED", "cancelled": "STOPPED", "expired": "STOPPED",
}  # fmt: skip
_WRONG = {
    "key": (401, "who"), "credit": (402, "empty_purse"), "refused": (422, "unsafe"), "busy": (429, "slow_down"),
    "missing": (404, "no_film"), "retired": (410, "gone"), "server": (500, "ours"),
}  # fmt: skip
_FIELDS: Mapping[str, Callable[[Any], object]] = {
    "engine": one_of("film-1"),
    "scene": lambda value: isinstance(value, dict) and "text" in value and set(value) <= {"text", "avoid"},
    "clip_length": one_of(*(f"{seconds}s" for seconds in range(3, 13))),
    "shape": one_of("wide", "tall"),
    "seed": an_integer(),
    "opening": text(2**25),
    "grain": one_of("none", "fine"),
}
_SIZES = {"wide": (1280, 720), "tall": (720, 1280)}


class Lumen(Vendor):
    """Lumen on loopback."""

    name = "lumen"
    variables = ("LUMEN_KEY",)
    key = "lumen-dummy-31c7aa"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        steps = {("POST", "/films"): "submit"}
        if asked.path.startswith("/films/"):
            steps[("POST", f"{asked.path.removesuffix('/stop')}/stop")] = "cancel"
            steps[("GET", asked.path)] = "poll"
        return steps.get((asked.method, asked.path), "other")

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a film, tell of one, or stop one."""
        if asked.headers.get("authorization") != f"Token {self.key}":
            raise No("key", "who are you?")
        if step == "submit":
            job = self._submit(asked)
        elif step in ("poll", "cancel"):
            job = self.job(asked.path.split("/")[2])
            job.is_cancelled = job.is_cancelled or (step == "cancel" and not job.has_ended)
        else:
            raise No("missing", "no such path")
        return said({"film": self._film(job)})

    def no(self, no: No) -> Answer:
        """Say what is wrong."""
        status, kind = _WRONG.get(no.kind, (400, "bad"))
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        return said({"trouble": {"kind": kind, "text": no.message}}, status, waiting)

    def _submit(self, asked: Asked) -> Job:
        once = asked.headers.get("lumen-once", "")
        if once in self.tagged:
            return self.tagged[once]
        body = asked.json if isinstance(asked.json, dict) else {}
        known(body, _FIELDS, ("engine", "scene", "clip_length", "shape"))
        opening = pictures.of_base64(body["opening"], "opening", 2**25) if "opening" in body else None
        seconds = Fraction(body["clip_length"].removesuffix("s"))
        wants = Wants("mp4", digest_of(body), seconds, _SIZES[body["shape"]], init=opening)
        return self.accept(asked, body, wants, 0.07 * float(seconds), once)

    def _film(self, job: Job) -> dict[str, Any]:
        film: dict[str, Any] = {"id": self.told_id(job), "stage": _STAGES[job.state]}
        if job.state == "running":
            film["done"] = job.progress
        elif job.state == "done":
            film |= {"file": {"href": self.link(job)}, "cents": round(job.usd * 100)}
        elif job.has_ended:
            film["trouble"] = {"kind": job.code or job.state, "text": job.words or f"the film was {job.state}"}
        return film
