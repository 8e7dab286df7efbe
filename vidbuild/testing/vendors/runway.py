"""Runway's wire: tasks in JSON, strict about every field, THROTTLED where too many run.

From providers.md section 3 and `runwayml==5.24.0` (`types/*_create_params.py`, `types/task_retrieve_response.py`).
Certain: paths, headers, fields, ratios, statuses, costs. Remembered: the form of HTTP errors, the failure codes,
204 for DELETE. Data URIs are held to 5 MB as a whole.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.forms import parts_of
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

VERSION = "2024-11-06"
_EPHEMERAL = "runway://"
_DATA_URI_BYTES = 5 * 1024 * 1024
_SUBMITS = ("/v1/image_to_video", "/v1/text_to_video", "/v1/text_to_image")
_GEN4 = ("1280:720", "720:1280", "1104:832", "960:960", "832:1104", "1584:672")
_VEO = ("1280:720", "720:1280", "1080:1920", "1920:1080")
_KLING = ("1280:720", "720:1280", "960:960")
_KLING_PRO = ("1920:1080", "1080:1920", "1440:1440")
_SEEDANCE_720 = (
    *("992:432", "864:496", "752:560", "640:640", "560:752", "496:864"),
    *("1470:630", "1280:720", "1112:834", "960:960", "834:1112", "720:1280"),
)
_SEEDANCE_1080 = ("2206:946", "1920:1080", "1664:1248", "1440:1440", "1248:1664", "1080:1920")
_SEEDANCE_4K = ("3840:1646", "3840:2160", "3840:2880", "3840:3840", "2880:3840", "2160:3840")
_HAILUO = ("adaptive", "21:9", "16:9", "4:3", "1:1", "3:4", "9:16")
_OMNI = ("640:360", "360:640", "1280:720", "720:1280", "1920:1080", "1080:1920", "3840:2160", "2160:3840")
_ENDS = {
    "failed": ("An unexpected error occurred.", "INTERNAL.BAD_OUTPUT.CODE01"),
    "refused": ("The output did not pass content moderation.", "SAFETY.OUTPUT.VIDEO"),
}
_ALWAYS_SOUNDING = ("hailuo3", "gemini_omni_flash_1.1")
_IMAGE = (
    *("1024:1024", "1080:1080", "1168:880", "1360:768", "1440:1080", "1080:1440", "1808:768", "1920:1080"),
    *("1080:1920", "2112:912", "1280:720", "720:1280", "720:720", "960:720", "720:960", "1680:720"),
)


_SHORT = text(1000, units=True)


@dataclass(frozen=True)
class Takes:
    """What one model takes at one path.

    Args:
        ratios: allowed values; empty where there is no such field.
        credits: for a second, or a picture; by what is asked.
        positions: of pictures: `first`, `last`.
        fields: its own, with their checks.
        needed: beside `model`.
    """

    ratios: Sequence[str]
    duration: Callable[[Any], object] | None
    credits: Callable[[Mapping[str, Any]], float]
    positions: Sequence[str] = ("first",)
    needed: Sequence[str] = ("promptText", "ratio")
    prompt: Callable[[Any], bool] = _SHORT
    fields: Mapping[str, Callable[[Any], object]] = field(default_factory=dict)


def _each(credits: float) -> Callable[[Mapping[str, Any]], float]:
    return lambda body: credits


def _voiced(loud: float, silent: float) -> Callable[[Mapping[str, Any]], float]:
    return lambda body: loud if body.get("audio", True) else silent


def _auto(least: int, most: int) -> Callable[[Any], bool]:
    return lambda value: value == "auto" or an_integer(least, most)(value)


def _uris(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(row, dict) and "uri" in row for row in value)


_SEED = {"seed": an_integer()}
_LENIENCE: Sequence[Mapping[str, str]] = ({}, {"publicFigureThreshold": "auto"}, {"publicFigureThreshold": "low"})
_MODERATED = {"contentModeration": lambda value: value in _LENIENCE}
_SOUND = {"audio": a_flag}
_REFERENCES = {"references": _uris, "referenceVideos": _uris, "referenceAudio": _uris}
_FREE = text(7000)
_VEO_FIELDS = {**_SEED, **_SOUND, "negativePrompt": text(1000, units=True)}
_KLING_FIELDS = {**_SOUND, "cfgScale": a_number(0, 1), "providerSettings": lambda value: isinstance(value, dict)}
_FORMATS = {"outputFormat": one_of("mp4")}


def _seedance(ratios: Sequence[str], credits: float, longest: int = 15) -> tuple[Takes, Takes]:
    common = {**_SEED, **_SOUND, "referenceAudio": _uris}
    first = Takes(ratios, _auto(4, longest), _each(credits), ("first", "last"), (), _FREE, common)
    return first, Takes(ratios, _auto(4, longest), _each(credits), (), (), _FREE, {**common, **_REFERENCES})


def _twice(takes: Takes, **text_only: Any) -> tuple[Takes, Takes]:
    """Give what a model takes with a picture and without one."""
    return takes, replace(takes, positions=(), **text_only)


_VIDEO: Mapping[str, tuple[Takes | None, Takes | None]] = {
    "gen4.5": _twice(
        Takes(
            *(_GEN4, an_integer(2, 10), _each(12)),
            needed=("promptText", "ratio", "duration"),
            fields={**_SEED, **_MODERATED, **_FORMATS},
        ),
        ratios=_GEN4[:2],
    ),
    "gen4_turbo": (
        Takes(_GEN4, an_integer(2, 10), _each(5), needed=("ratio",), fields={**_SEED, **_MODERATED}),
        None,
    ),
    "veo3.1": _twice(
        Takes(_VEO, one_of(4, 6, 8), _voiced(40, 20), ("first", "last"), ("ratio",), fields=_VEO_FIELDS),
        needed=("promptText", "ratio"),
    ),
    "veo3.1_fast": _twice(
        Takes(_VEO, one_of(4, 6, 8), _voiced(15, 10), ("first", "last"), ("ratio",), fields=_VEO_FIELDS),
        needed=("promptText", "ratio"),
    ),
    "kling3.0_standard": _twice(
        Takes(_KLING, an_integer(3, 15), _voiced(17, 12), ("first", "last"), (), text(2500), _KLING_FIELDS),
        needed=("ratio",),
    ),
    "kling3.0_pro": _twice(
        Takes(_KLING_PRO, an_integer(3, 15), _voiced(23, 16), ("first", "last"), (), text(2500), _KLING_FIELDS),
        needed=("ratio",),
    ),
    "hailuo3": _twice(
        Takes(
            *(_HAILUO, an_integer(4, 15), lambda body: 15 if str(body.get("resolution")).lower() == "2k" else 10),
            *(("first", "last"), ("promptText",), _FREE),
            {"resolution": one_of("768p", "2k", "768P", "2K"), "referenceAudio": _uris},
        ),
        fields={"resolution": one_of("768p", "2k", "768P", "2K"), **_REFERENCES},
    ),
    "seedance2": _seedance((*_SEEDANCE_720, *_SEEDANCE_1080, *_SEEDANCE_4K), 36),
    "seedance2_fast": _seedance(_SEEDANCE_720, 29),
    "seedance2_mini": _seedance(_SEEDANCE_720, 16),
    "gemini_omni_flash_1.1": _twice(
        Takes(_OMNI, _auto(3, 10), _each(10), ("first", "last"), ("promptText",), _FREE),
        fields={"references": _uris, "referenceVideos": _uris},
    ),
}
_PICTURE: Mapping[str, Takes] = {
    "gen4_image": Takes(
        *(_IMAGE, None, lambda body: 8 if "1080" in str(body.get("ratio")) else 5),
        fields={**_SEED, **_MODERATED, "referenceImages": _uris},
    ),
    "gen4_image_turbo": Takes(
        *(_IMAGE, None, _each(2)),
        needed=("promptText", "ratio", "referenceImages"),
        fields={**_SEED, **_MODERATED, "referenceImages": _uris},
    ),
}


class Runway(Vendor):
    """Runway on loopback."""

    name = "runway"
    variables = ("RUNWAYML_API_SECRET",)
    lets_wait = True
    key = "key_runway_dummy_4c1d2e"

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path in _SUBMITS:
            return "submit"
        if (asked.method, asked.path) == ("POST", "/v1/uploads"):
            return "upload"
        if asked.path.startswith("/v1/tasks/"):
            return {"GET": "poll", "DELETE": "cancel"}.get(asked.method, "other")
        return "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a task, tell of one, or cancel it."""
        if asked.headers.get("authorization") != f"Bearer {self.key}":
            raise No("key", "Unauthorized")
        if asked.headers.get("x-runway-version") != VERSION:
            raise No("invalid", f"X-Runway-Version must be {VERSION}")
        if step == "submit":
            told = self.told_id(self._submit(asked))
            return said({} if told is None else {"id": told})
        if step == "upload":
            return said(self._place(asked))
        if step == "other":
            raise No("missing", "Not found")
        name = asked.path.removeprefix("/v1/tasks/")
        if step == "cancel":
            job = self.jobs.get(name)
            if job is None:
                raise No("missing", "Task not found")
            job.is_cancelled = job.is_cancelled or not job.has_ended
            return Answer(204)
        return said(self._task(self.job(name)))

    def no(self, no: No) -> Answer:
        """Say no as Runway does; the forms are remembered, not verified."""
        statuses = {"key": 401, "missing": 404, "busy": 429, "server": 500, "retired": 410, "refused": 400}
        words = {"credit": "You do not have enough credits to run this task."}.get(no.kind, no.message)
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        told: dict[str, Any] = {"error": words, "docUrl": "https://docs.dev.runwayml.com/api"}
        if no.kind == "invalid":
            told = {**told, "error": f"Validation of body failed: {no.message}", "issues": [{"message": no.message}]}
        if no.kind == "refused":
            told = {**told, "failureCode": "SAFETY.INPUT.TEXT"}
        return said(told, statuses.get(no.kind, 400), waiting)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if asked.headers.get("content-type", "").split(";")[0] != "application/json" or not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        takes = self._takes(asked.path, body.get("model"))
        given = self._pictures(asked.path, body, takes)
        is_picture = asked.path == _SUBMITS[2]
        sound = body["model"] in _ALWAYS_SOUNDING or ("audio" in takes.fields and body.get("audio", True))
        wants = Wants(
            "png" if is_picture else "mp4",
            digest_of(body),
            seconds=Fraction(0) if is_picture else Fraction(_seconds(body.get("duration", 5))),
            size=_size(str(body.get("ratio", "1280:720")), str(body.get("resolution", ""))),
            rate=Fraction(self.rate),
            sound=bool(sound),
            init=given.get("first"),
            end=given.get("last"),
        )
        return self.accept(asked, body, wants, takes.credits(body) * float(wants.seconds or 1) / 100)

    def _place(self, asked: Asked) -> dict[str, Any]:
        """Give the place that an ephemeral file is brought to, with the fields that must come along before it."""
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        known(body, {"filename": text(255), "type": one_of("ephemeral")}, ("filename", "type"))
        fields = {"key": f"ephemeral/{body['filename']}", "policy": "cG9saWN5", "x-amz-signature": "51ab"}

        def taken(asked: Asked) -> bytes:
            *before, file = parts_of(asked)
            if {part.name: part.text for part in before} != fields or file.name != "file" or not file.file:
                raise No("invalid", "the form must have all fields, and then the file")
            return file.data

        slot = self.depot.slot(taken)
        return {"uploadUrl": self.address(slot), "fields": fields, "runwayUri": f"{_EPHEMERAL}{slot}"}

    def _picture(self, uri: Any, field: str) -> bytes | None:
        """Look at a picture: an ephemeral file, a data URI, or an https address, which nobody here fetches."""
        if isinstance(uri, str) and uri.startswith(_EPHEMERAL):
            return self.depot.picture(uri.removeprefix(_EPHEMERAL), field)
        return pictures.of_uri(uri, field, _DATA_URI_BYTES)

    def _takes(self, path: str, model: Any) -> Takes:
        known_here: Mapping[str, Takes | None] = (
            _PICTURE if path == _SUBMITS[2] else {name: pair[path == _SUBMITS[1]] for name, pair in _VIDEO.items()}
        )
        found = known_here.get(model) if isinstance(model, str) else None
        if found is None:
            raise No("invalid", f"model has the value {model!r}, which {path} does not know")
        return found

    def _pictures(self, path: str, body: Mapping[str, Any], takes: Takes) -> dict[str, bytes]:
        """Check all fields, pictures among them; give the first and the last frame."""
        fields: dict[str, Callable[[Any], object]] = {"model": text(64), "promptText": takes.prompt}
        fields |= {"ratio": one_of(*takes.ratios)} if takes.ratios else {}
        fields |= {"duration": takes.duration} if takes.duration else {}
        fields |= {"promptImage": lambda value: isinstance(value, str | list)} if path == _SUBMITS[0] else {}
        needed = ("model", *takes.needed, *(("promptImage",) if path == _SUBMITS[0] else ()))
        known(body, {**fields, **takes.fields}, needed)
        for name in ("references", "referenceImages"):
            for row in body.get(name, ()):
                self._picture(row["uri"], name)
                if set(row) - {"uri", "tag"} or not _is_tag(row.get("tag", "abc")):
                    raise No("invalid", f"{name} has a wrong tag or field")
        if len(body.get("referenceImages", ())) > 3:
            raise No("invalid", "referenceImages takes at most 3")
        rows = body.get("promptImage", [])
        rows = [{"uri": rows, "position": "first"}] if isinstance(rows, str) else rows
        given: dict[str, bytes] = {}
        for row in rows:
            if not isinstance(row, dict) or set(row) != {"uri", "position"} or row["position"] not in takes.positions:
                raise No("invalid", f"promptImage takes {{uri, position}} with position {' or '.join(takes.positions)}")
            if row["position"] in given:
                raise No("invalid", f"promptImage has two pictures as {row['position']}")
            given[row["position"]] = self._picture(row["uri"], "promptImage") or b""
        if path == _SUBMITS[0] and "first" not in given:
            raise No("invalid", "promptImage needs a first picture")
        return {name: data for name, data in given.items() if data}

    def _task(self, job: Job) -> dict[str, Any]:
        made = datetime.datetime.fromtimestamp(job.unix, datetime.UTC).isoformat(timespec="milliseconds")
        task: dict[str, Any] = {"id": job.id, "createdAt": made.replace("+00:00", "Z")}
        estimated, cost = {"estimatedCost": {"credits": job.usd * 100}}, {"cost": {"credits": round(job.usd * 100)}}
        state = job.state
        if state == "queued":
            return {**task, "status": "PENDING" if job.has_begun else "THROTTLED", **estimated}
        if state == "running":
            return {**task, "status": "RUNNING", "progress": job.progress, **estimated}
        if state == "done":
            return {**task, "status": "SUCCEEDED", "output": [self.link(job)], **cost}
        if state in ("cancelled", "expired"):
            return {**task, "status": "CANCELLED", "cost": {"credits": 0}}
        words, code = _ENDS[state]
        told = {"failure": job.words or words, "failureCode": job.code or code}
        return {**task, "status": "FAILED", **told, "cost": {"credits": 0}}


def _size(ratio: str, resolution: str) -> tuple[int, int]:
    if ratio == "adaptive":
        ratio = "16:9"
    width, height = (int(part) for part in ratio.split(":"))
    if max(width, height) > 100:
        return width, height
    lines = 1440 if resolution.lower() == "2k" else 768
    scale = Fraction(lines, min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def _seconds(duration: Any) -> int:
    return 5 if duration == "auto" else int(duration)


def _is_tag(tag: Any) -> bool:
    return isinstance(tag, str) and 3 <= len(tag) <= 16 and tag[0].isalpha() and tag.replace("_", "a").isalnum()
