"""The Gemini API's wire: interactions, whose results lie in steps, and `generateContent`, which answers at once.

From providers.md sections 2a and 2c (`google-genai==3.4.0`), and ai.google.dev/gemini-api/docs/omni as it was on
2026-09-18. Certain: paths, fields, states, steps, the key's header, also for files. Second hand: 400 for an unknown
interaction, a filtered one that is completed with words alone. Remembered: which errors come with which HTTP status.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.faults import FAULTS
from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import MEDIA, Wants, spoken
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

Fields = Mapping[str, Callable[[Any], object]]

_INTERACTION = re.compile(r"/v1(beta)?/interactions/([^/]+|\.\./\.\./x)(/cancel)?")
_SUBMIT = re.compile(r"/v1(beta)?/interactions")
_CONTENT = re.compile(r"/v1(beta)?/models/([A-Za-z0-9.-]+):generateContent")
_FILE = re.compile(r"/v1beta/files/([a-z0-9]+):download")
_PICTURE_BYTES = 20 * 1024 * 1024
_VIDEO = {"gemini-omni-1.1-flash": (10, 6), "gemini-omni-1.2-flash": (15, 6)}
_SPEECH = ("gemini-3.8-flash-tts", "gemini-3.8-flash-lite-tts")
_MUSIC = {"lyria-3.5": (150, 0.08), "lyria-3-clip-preview": (30, 0.04)}
_IMAGES = ("gemini-3.1-flash-image", "gemini-3.1-flash-lite-image", "gemini-3-pro-image")
_TEXTS = ("gemini-3.8-flash", "gemini-3.7-flash", "gemini-2.5-flash")
_LINES = {"360p": (360, 0.03), "720p": (720, 0.1), "1080p": (1080, 0.15), "4k": (2160, 0.3)}
_SIDES = {"512": 512, "1K": 1024, "2K": 2048, "4K": 4096}
_ASPECTS = ("1:1", "2:3", "3:2", "3:4", "4:3", "4:5", "5:4", "9:16", "16:9", "21:9", "1:8", "8:1", "1:4", "4:1")
_TASKS = ("text_to_video", "image_to_video", "reference_to_video", "edit", "extend", "upscale")
_TAGS = re.compile(r"<(FIRST_FRAME|LAST_FRAME)>")
_NAMED = re.compile(r"@Image(\d+)")
_WRONG = {
    "invalid": (400, "INVALID_ARGUMENT", ""),
    "key": (400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key."),
    "credit": (429, "RESOURCE_EXHAUSTED", "Your prepayment credits are depleted."),
    "busy": (429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    "refused": (400, "PROHIBITED_CONTENT", "The request was blocked for safety reasons."),
    "retired": (404, "NOT_FOUND", "This model is not found for API version v1."),
    "missing": (404, "NOT_FOUND", "Requested entity was not found."),
    "gone": (400, "INVALID_ARGUMENT", "Invalid interaction name."),
    "server": (500, "INTERNAL", "An internal error has occurred."),
}
_REFUSAL = "I can't make this, since it goes against the usage guidelines."


def _a_mapping(value: Any) -> bool:
    return isinstance(value, dict)


def _a_list(value: Any) -> bool:
    return isinstance(value, list) and bool(value)


_INTERACTIONS: Fields = {
    "model": text(100),
    "input": lambda value: isinstance(value, str | list) and bool(value),
    "background": a_flag,
    "store": a_flag,
    "response_format": _a_mapping,
    "generation_config": _a_mapping,
    "previous_interaction_id": text(200),
    "labels": _a_mapping,
}
_FILM: Fields = {
    "type": one_of("video"),
    "aspect_ratio": one_of("16:9", "9:16"),
    "resolution": one_of(*_LINES),
    "duration": lambda value: isinstance(value, str) and re.fullmatch(r"\d{1,2}(\.\d+)?s", value),
    "delivery": one_of("inline", "uri"),
}
_SOUND: Fields = {
    "type": one_of("audio"),
    "mime_type": one_of("audio/mp3", "audio/wav"),
    "sample_rate": an_integer(8000, 48_000),
    "delivery": one_of("inline"),
}
_CONTENTS: Fields = {
    "contents": _a_list,
    "systemInstruction": _a_mapping,
    "generationConfig": _a_mapping,
    "safetySettings": _a_list,
}
_CONFIG: Fields = {
    "seed": an_integer(0, 2**31 - 1),
    "temperature": a_number(0, 2),
    "responseModalities": lambda value: value in (["IMAGE"], ["TEXT", "IMAGE"]),
    "imageConfig": _a_mapping,
    "responseMimeType": one_of("application/json"),
    "responseJsonSchema": _a_mapping,
}


class Gemini(Vendor):
    """The Gemini API on loopback.

    Args:
        answers: what its models say of frames, as text; by default every question gets 0.9.
    """

    name = "gemini"
    variables = ("GEMINI_API_KEY",)
    key = "AIza_gemini_dummy_51d7"
    signs_files = True
    answers: str | None = None

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and (_SUBMIT.fullmatch(asked.path) or _CONTENT.fullmatch(asked.path)):
            return "submit"
        if asked.method == "GET" and _FILE.fullmatch(asked.path):
            return "download"
        found = _INTERACTION.fullmatch(asked.path)
        if found is None:
            return "other"
        return {("POST", True): "cancel", ("GET", False): "poll"}.get((asked.method, bool(found[3])), "other")

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Begin an interaction, tell of one, cancel it, or answer at once."""
        self._check_key(asked)
        if step == "submit":
            body = asked.json
            if not isinstance(body, dict):
                raise No("invalid", "the body must be a JSON object")
            content = _CONTENT.fullmatch(asked.path)
            return await (self._content(asked, body, content[2]) if content else self._interaction(asked, body))
        found = _INTERACTION.fullmatch(asked.path)
        if found is None or step == "other":
            raise No("missing", "")
        if found[2] not in self.jobs:
            raise No("gone", "")
        if step == "cancel":
            job = self.jobs[found[2]]
            job.is_cancelled = job.is_cancelled or not job.has_ended
        else:
            job = self._polled(found[2])
        return said(self._told(job))

    def no(self, no: No) -> Answer:
        """Say no as Google does."""
        status, word, words = _WRONG.get(no.kind, _WRONG["server"])
        is_own = no.message.replace(" ", "_") not in ("", *FAULTS)
        told = {"code": status, "message": no.message if is_own else words or no.message, "status": word}
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        return said({"error": told}, status, waiting)

    def link(self, job: Job, place: int = 0) -> str:
        """Give the address of a file, which wants the key."""
        plain = super().link(job, place)
        return f"{self.url}/v1beta/files/{plain.split('/')[4]}:download?alt=media"

    def token_of(self, asked: Asked) -> str:
        """Give the token in a download's path."""
        found = _FILE.fullmatch(asked.path)
        return found[1] if found else super().token_of(asked)

    async def _file(self, asked: Asked, fault: Any) -> Answer:
        self._check_key(asked)
        if asked.query.get("alt") != "media":
            raise No("invalid", "alt must be media")
        return await super()._file(asked, fault)

    def _check_key(self, asked: Asked) -> None:
        if asked.headers.get("x-goog-api-key") != self.key:
            raise No("key", "")

    def _polled(self, name: str) -> Job:
        try:
            return self.job(name)
        except No as no:
            raise No("gone", "") from no

    # interactions

    async def _interaction(self, asked: Asked, body: Mapping[str, Any]) -> Answer:
        known(body, _INTERACTIONS, ("model", "input"))
        model = body["model"]
        if model in _VIDEO:
            job = self._film(asked, body)
            if not body.get("background"):
                await asyncio.sleep(max(0.0, job.ends - time.monotonic()))
            told = self._told(job)
            if self.told_id(job) is None:
                del told["id"]
            return said(told)
        if model not in _SPEECH and model not in _MUSIC:
            raise No("retired", f"{model} is not found")
        if body.get("background"):
            raise No("invalid", "background is not supported by this model")
        job = self._heard(asked, body)
        await asyncio.sleep(max(0.0, job.ends - time.monotonic()))
        told = self._told(job)
        if job.end == "done":
            data = base64.b64encode(await self.made(job.wants)).decode()
            block = {"type": "audio", "mime_type": MEDIA[job.wants.form].replace("mpeg", "mp3"), "data": data}
            told["steps"][-1]["content"] = [{"type": "text", "text": "[0:00] Intro"}, block]
        return said(told)

    def _film(self, asked: Asked, body: Mapping[str, Any]) -> Job:
        form, config = body.get("response_format", {}), body.get("generation_config", {})
        known(form, _FILM, ("type",) if form else ())
        known(config, {"seed": an_integer(), "video_config": _a_mapping}, ())
        known(config.get("video_config", {}), {"task": one_of(*_TASKS)}, ())
        most_s, most = _VIDEO[body["model"]]
        seconds = Fraction(form.get("duration", "8s").removesuffix("s"))
        if not 3 <= seconds <= most_s:
            raise No("invalid", f"duration must be from 3s to {most_s}s")
        words, given = _read(body["input"])
        roles = _TAGS.findall(words)
        if "LAST_FRAME" in roles and "FIRST_FRAME" not in roles:
            raise No("invalid", "<LAST_FRAME> must be used with <FIRST_FRAME>")
        if (
            len(roles) > len(given)
            or len(given) > most + len(roles)
            or any(int(number) > len(given) for number in _NAMED.findall(words))
        ):
            raise No("invalid", "the prompt names pictures that are not there, or there are too many")
        task = config.get("video_config", {}).get("task", "")
        if (task == "text_to_video" and given) or (task in ("image_to_video", "reference_to_video") and not given):
            raise No("invalid", f"{task} does not go with {len(given)} pictures")
        lines, usd = _LINES[form.get("resolution", "720p")]
        frames = dict(zip(roles, given, strict=False))
        wants = Wants(
            *("mp4", digest_of(body), seconds, _size(form.get("aspect_ratio", "16:9"), lines), Fraction(self.rate)),
            sound=True,
            init=frames.get("FIRST_FRAME"),
            end=frames.get("LAST_FRAME"),
        )
        return self.accept(asked, body, wants, usd * float(seconds))

    def _heard(self, asked: Asked, body: Mapping[str, Any]) -> Job:
        form, config = body.get("response_format", {}), body.get("generation_config", {})
        known(form, _SOUND, ("type",) if form else ())
        known(config, {"seed": an_integer(), "speech_config": _a_list}, ())
        words, _ = _read(body["input"])
        kind = "mp3" if form.get("mime_type", "") == "audio/mp3" else "wav"
        if body["model"] in _MUSIC:
            if form.get("mime_type") is None:
                kind = "mp3"
            length, usd = _MUSIC[body["model"]]
            told = re.search(r"(\d+) seconds", words)
            seconds = Fraction(min(int(told[1]), 184) if told and length != 30 else length)
            return self.accept(asked, body, Wants(kind, digest_of(body), seconds), usd)
        for voice in config.get("speech_config", ()):
            known(voice, {"voice": text(100), "language": text(20), "speaker": text(100)}, ("voice",))
        seconds = Fraction(spoken(words)[1][-1]).limit_denominator(1000)
        wants = Wants(kind, digest_of(body), seconds, text=words, sample_rate=24_000)
        return self.accept(asked, body, wants, 25 * float(seconds) * 9e-6)

    def _told(self, job: Job) -> dict[str, Any]:
        """Tell of an interaction: what was asked, and what came of it, in steps."""
        state = job.state
        asked = {"type": "user_input", "content": [{"type": "text", "text": _read(job.body["input"])[0][:200]}]}
        told: dict[str, Any] = {"id": job.id, "object": "interaction", "model": job.body["model"], "steps": [asked]}
        if state in ("queued", "running"):
            return {**told, "status": "in_progress" if state == "running" or job.polls else "queued"}
        words = {"type": "text", "text": job.words or _REFUSAL}
        if state == "refused" and not job.code:
            return {**told, "status": "completed", "steps": [asked, {"type": "model_output", "content": [words]}]}
        if state == "done":
            content: list[Any] = []
            if job.wants.form == "mp4":
                content = [{"type": "video", "mime_type": "video/mp4", "uri": self.link(job)}]
            return {**told, "status": "completed", "steps": [asked, {"type": "model_output", "content": content}]}
        if state == "cancelled":
            return {**told, "status": "cancelled"}
        code = job.code or {"refused": "SAFETY", "expired": "DEADLINE_EXCEEDED"}.get(state, "INTERNAL")
        return {**told, "status": "failed", "error": {"code": code, "message": job.words or "generation failed"}}

    # generateContent

    async def _content(self, asked: Asked, body: Mapping[str, Any], model: str) -> Answer:
        known(body, _CONTENTS, ("contents",))
        config = body.get("generationConfig", {})
        known(config, _CONFIG, ())
        words, given = _parts(body["contents"])
        if model in _IMAGES:
            return await self._drawn(asked, body, config, given)
        if model not in _TEXTS:
            raise No("retired", f"models/{model} is not found for API version v1")
        if not given:
            raise No("invalid", "there are no pictures to look at")
        job = self.accept(asked, {**body, "model": model}, Wants("png", digest_of(body)), 0.002)
        said_of = self.answers if self.answers is not None else _scores(words)
        return await self._candidate(job, [{"text": said_of}])

    async def _drawn(
        self, asked: Asked, body: Mapping[str, Any], config: Mapping[str, Any], given: Sequence[bytes]
    ) -> Answer:
        shape = config.get("imageConfig", {})
        known(shape, {"aspectRatio": one_of(*_ASPECTS), "imageSize": one_of(*_SIDES)}, ())
        if len(given) > 14:
            raise No("invalid", "at most 14 pictures")
        size = _size(shape.get("aspectRatio", "1:1"), _SIDES[shape.get("imageSize", "1K")] * 9 // 16)
        job = self.accept(asked, body, Wants("png", digest_of(body), size=size), 0.067)
        await asyncio.sleep(max(0.0, job.ends - time.monotonic()))
        if job.end != "done":
            return await self._candidate(job, [])
        data = base64.b64encode(await self.made(job.wants)).decode()
        return await self._candidate(
            job, [{"text": "Here it is."}, {"inlineData": {"mimeType": "image/png", "data": data}}]
        )

    async def _candidate(self, job: Job, parts: list[Any]) -> Answer:
        """Answer with one candidate, or without what it should hold."""
        await asyncio.sleep(max(0.0, job.ends - time.monotonic()))
        usage = {"promptTokenCount": 20, "totalTokenCount": 1300}
        if job.end == "done":
            told: dict[str, Any] = {"content": {"role": "model", "parts": parts}, "finishReason": "STOP", "index": 0}
            return said({"candidates": [told], "usageMetadata": usage})
        if job.end == "refused":
            return said({"promptFeedback": {"blockReason": job.code or "PROHIBITED_CONTENT"}, "usageMetadata": usage})
        told = {"finishReason": job.code or "OTHER", "index": 0}
        return said({"candidates": [told], "usageMetadata": usage})


def _read(given: Any) -> tuple[str, list[bytes]]:
    """Read an interaction's input: its text, and the pictures before and behind it."""
    if isinstance(given, str):
        return given, []
    content: list[Any] = []
    for step in given:
        if not isinstance(step, dict) or step.get("type") not in ("user_input", "text", "image"):
            raise No("invalid", "input must be steps of user_input, or content")
        content += step.get("content", []) if step["type"] == "user_input" else [step]
    words, found = [], list[bytes]()
    for block in content:
        if block.get("type") == "image":
            known(block, {"type": text(10), "data": text(2**31), "mime_type": text(40)}, ("data", "mime_type"))
            found.append(_picture(block["data"], block["mime_type"]))
        else:
            known(block, {"type": one_of("text"), "text": text(100_000), "annotations": _a_list}, ("type", "text"))
            for note in block.get("annotations", ()):
                known(note, {"type": one_of("speech_metadata"), "style": text(1000)}, ("type",))
            words.append(block["text"])
    if not words:
        raise No("invalid", "there is no text")
    return "\n".join(words), found


def _parts(contents: Sequence[Any]) -> tuple[str, list[bytes]]:
    words, found = [], list[bytes]()
    for turn in contents:
        known(turn, {"role": one_of("user"), "parts": _a_list}, ("role", "parts"))
        for part in turn["parts"]:
            known(part, {"text": text(100_000), "inlineData": _a_mapping}, ())
            if "inlineData" in part:
                blob = part["inlineData"]
                found.append(_picture(blob.get("data"), blob.get("mimeType", blob.get("mime_type"))))
            else:
                words.append(part["text"])
    return "\n".join(words), found


def _picture(data: Any, media_type: Any) -> bytes:
    if media_type not in ("image/png", "image/jpeg", "image/webp"):
        raise No("invalid", f"the type {media_type!r} is not taken")
    return pictures.of_base64(data, "data", _PICTURE_BYTES, media_type) or b""


def _size(aspect: str, lines: int) -> tuple[int, int]:
    width, height = (int(part) for part in aspect.split(":"))
    scale = Fraction(lines, min(width, height))
    return round(width * scale / 2) * 2, round(height * scale / 2) * 2


def _scores(words: str) -> str:
    """Answer every numbered question with 0.9."""
    questions = re.findall(r"^\s*\d+[.)]", words, re.MULTILINE)
    return json.dumps({"answers": [0.9] * max(1, len(questions))})
