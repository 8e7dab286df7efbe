"""ElevenLabs' wire: every call is answered with its result; speech comes with the times of its characters.

From providers.md section 9 (`elevenlabs==2.78.0`). Certain: paths, query, fields, answers, `xi-api-key`. From their
help pages: `detail.status` and `detail.message`. Remembered: which status comes with which HTTP status, prices,
`character-cost`.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import MEDIA, Wants, spoken
from vidbuild.testing.vendors.vendor import Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_SPEECH = re.compile(r"/v1/text-to-speech/([A-Za-z0-9]{4,64})(/with-timestamps)?")
_FORMAT = re.compile(
    r"(mp3)_(22050|24000|44100)_(32|48|64|96|128|192)|(wav)_(8000|16000|22050|24000|32000|44100|48000)"
)
_SPEECH_MODELS = ("eleven_v3", "eleven_multilingual_v2", "eleven_flash_v2_5", "eleven_turbo_v2_5", "eleven_v4")
_MUSIC_MODELS = ("music_v1", "music_v2", "music_v2_5")
_EFFECT_MODELS = ("eleven_text_to_sound_v2", "eleven_text_to_sound_v3")
_VOICE: Mapping[str, Callable[[Any], object]] = {
    "stability": a_number(0, 1),
    "similarity_boost": a_number(0, 1),
    "style": a_number(0, 1),
    "use_speaker_boost": a_flag,
    "speed": a_number(0.7, 1.2),
}
_SPOKEN: Mapping[str, Callable[[Any], object]] = {
    "text": text(10_000),
    "model_id": one_of(*_SPEECH_MODELS),
    "language_code": lambda value: isinstance(value, str) and re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]+)?", value),
    "voice_settings": lambda value: isinstance(value, dict),
    "seed": an_integer(),
    "previous_text": text(10_000, 0),
    "next_text": text(10_000, 0),
    "previous_request_ids": lambda value: isinstance(value, list) and len(value) <= 3,
    "next_request_ids": lambda value: isinstance(value, list) and len(value) <= 3,
    "pronunciation_dictionary_locators": lambda value: isinstance(value, list),
    "apply_text_normalization": one_of("auto", "on", "off"),
    "audio_effects": lambda value: isinstance(value, list),
}
_MUSIC: Mapping[str, Callable[[Any], object]] = {
    "prompt": text(4100),
    "composition_plan": lambda value: isinstance(value, dict),
    "music_length_ms": an_integer(3000, 600_000),
    "model_id": one_of(*_MUSIC_MODELS),
    "force_instrumental": a_flag,
    "seed": an_integer(),
    "sign_with_c2pa": a_flag,
}
_EFFECT: Mapping[str, Callable[[Any], object]] = {
    "text": text(1000),
    "duration_seconds": lambda value: value is None or a_number(0.5, 30)(value),
    "prompt_influence": a_number(0, 1),
    "loop": a_flag,
    "model_id": one_of(*_EFFECT_MODELS),
}
_WRONG = {
    "key": (401, "invalid_api_key", "Invalid API key"),
    "credit": (401, "quota_exceeded", "This request exceeds your quota."),
    "busy": (429, "too_many_concurrent_requests", "Too many concurrent requests."),
    "refused": (400, "content_against_policy", "The text is against our content policy."),
    "missing": (404, "not_found", "Not found"),
    "retired": (400, "model_not_found", "A model with this id does not exist."),
    "server": (500, "internal_server_error", "Something went wrong."),
}


class ElevenLabs(Vendor):
    """ElevenLabs on loopback.

    Args:
        voices: ids that it knows; `None` for any.
    """

    name = "elevenlabs"
    variables = ("ELEVENLABS_API_KEY",)
    key = "sk_elevenlabs_dummy_c0ffee"
    voices: frozenset[str] | None = None

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        paths = ("/v1/music", "/v1/sound-generation")
        return (
            "submit" if asked.method == "POST" and (asked.path in paths or _SPEECH.fullmatch(asked.path)) else "other"
        )

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Speak, play or sound, and answer with it."""
        if asked.headers.get("xi-api-key") != self.key:
            raise No("key", "")
        if step == "other":
            raise No("missing", "")
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        shape = _form(asked.query.get("output_format", "mp3_44100_128"))
        if asked.path == "/v1/music":
            return await self._play(asked, body, shape)
        if asked.path == "/v1/sound-generation":
            return await self._sound(asked, body, shape)
        return await self._speak(asked, body, shape)

    def no(self, no: No) -> Answer:
        """Say no as ElevenLabs does: by a status word, or as a list where a field is wrong."""
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        if no.kind == "invalid":
            return said({"detail": [{"loc": ["body"], "msg": no.message, "type": "value_error"}]}, 422, waiting)
        status, word, words = _WRONG.get(no.kind, _WRONG["server"])
        planned = no.message if no.message not in ("", no.kind, no.kind.replace("_", " ")) else words
        return said({"detail": {"status": word, "message": planned}}, status, waiting)

    async def _speak(self, asked: Asked, body: Mapping[str, Any], shape: Mapping[str, Any]) -> Answer:
        found = _SPEECH.fullmatch(asked.path)
        assert found is not None
        known(body, _SPOKEN, ("text",))
        known(body.get("voice_settings", {}), _VOICE, ())
        if self.voices is not None and found[1] not in self.voices:
            raise No("missing", f"A voice with the id {found[1]} was not found.")
        digest = digest_of({**body, "voice": found[1]})
        speed = float(body.get("voice_settings", {}).get("speed", 1.0))
        begins, ends = spoken(body["text"], speed)
        wants = Wants(digest=digest, text=body["text"], seconds=Fraction(ends[-1]).limit_denominator(1000), **shape)
        job = self.accept(asked, {**body, "voice": found[1]}, wants, len(body["text"]) / 10_000)
        data = await self.done(job)
        headers = {"request-id": job.id, "character-cost": str(len(body["text"]))}
        if not found[2]:
            return Answer(200, {"Content-Type": MEDIA[wants.form], **headers}, data)
        times = {
            "characters": list(body["text"]),
            "character_start_times_seconds": begins,
            "character_end_times_seconds": ends,
        }
        told = {"audio_base64": base64.b64encode(data).decode(), "alignment": times, "normalized_alignment": times}
        return said(told, 200, headers)

    async def _play(self, asked: Asked, body: Mapping[str, Any], shape: Mapping[str, Any]) -> Answer:
        known(body, _MUSIC, ())
        if ("prompt" in body) == ("composition_plan" in body):
            raise No("invalid", "give prompt or composition_plan")
        if "prompt" in body and "seed" in body:
            raise No("invalid", "seed is not for a prompt")
        seconds = Fraction(body.get("music_length_ms", 30_000), 1000)
        job = self.accept(
            asked, body, Wants(digest=digest_of(body), seconds=seconds, **shape), float(seconds) / 60 * 0.8
        )
        data = await self.done(job)
        return Answer(200, {"Content-Type": MEDIA[job.wants.form], "song-id": job.id}, data)

    async def _sound(self, asked: Asked, body: Mapping[str, Any], shape: Mapping[str, Any]) -> Answer:
        known(body, _EFFECT, ("text",))
        seconds = Fraction(body.get("duration_seconds") or 5).limit_denominator(1000)
        job = self.accept(asked, body, Wants(digest=digest_of(body), seconds=seconds, **shape), 0.02 * float(seconds))
        return Answer(200, {"Content-Type": MEDIA[job.wants.form], "request-id": job.id}, await self.done(job))


def _form(written: str) -> dict[str, Any]:
    """Read `output_format`.

    Raises:
        No: it is none that is made here.
    """
    found = _FORMAT.fullmatch(written)
    if found is None:
        raise No("invalid", f"output_format can't be {written!r}")
    if found[1]:
        return {"form": "mp3", "sample_rate": int(found[2]), "kbps": int(found[3])}
    return {"form": "wav", "sample_rate": int(found[5])}
