"""What a job made, taken out of a vendor's answer: addresses, bytes, words with times, a judge's numbers.

It fetches nothing; whether bytes are what they say, others find out.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
import re
import wave
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from vidbuild.wire.paths import Reply
from vidbuild.wire.values import Artifact

_TYPES = {
    "video": "video/mp4",
    "picture": "image/png",
    "sound": "audio/mpeg",
    "words": "application/json",
    "answers": "application/json",
}
WORDS = "words"
"""What no vendor must give: when words are said can be heard in the sound."""
_SAVED = {"video/mp4": ".mp4", "image/png": ".png", "audio/mpeg": ".mp3"}
_ADDRESS = re.compile(r"https?://[^\s\x00-\x20\x7f<>\"\\]{1,8000}\Z")
_DATA = re.compile(r"data:([a-z]+/[a-z0-9.+-]+);base64,", re.IGNORECASE)
_NO_MEDIA = ("text/", "application/json", "application/xml", "application/problem+json")
_SHOWN = 500
_FENCE = re.compile(r"\s*```[a-z]*\s*(.*?)\s*```\s*\Z", re.DOTALL)


def artifacts(reply: Reply, results: Mapping[str, Any], base: str = "") -> dict[str, Artifact]:
    """Take out what is there, by output name; what is missing or no good is left out.

    Args:
        base: what the paths of saved files are added to.
    """
    found = {name: _artifact(reply, name, spec, base) for name, spec in results.items()}
    return {name: artifact for name, artifact in found.items() if artifact is not None}


def _artifact(reply: Reply, name: str, spec: str | Mapping[str, Any] | Sequence[Any], base: str) -> Artifact | None:
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        return next((found for one in spec if (found := _artifact(reply, name, one, base)) is not None), None)
    said: Mapping[str, Any] = {"at": spec} if isinstance(spec, str) else spec
    media_type = type_of(name, said)
    form, value = said.get("as", "url"), reply.at(said.get("at"))
    if "whole" in said and not reply.at(said["whole"]):
        return None
    if form == "saved":
        query = saved(value, _SAVED[media_type])
        url = f"{base}{said['served']}?{query}"
        return Artifact(media_type, url=url, is_signed=True, is_told=said.get("is_told", False)) if query else None
    if form == "body":
        return _whole(reply, media_type)
    if form == "pcm":
        return _wave(value, said.get("rate", 44_100))
    if form in ("alignment", "times"):
        words = list(words_of(value) if form == "alignment" else timed_words(value))
        return _json({"words": words}) if words else None
    if form == "answers":
        numbers = answers_of(value)
        if numbers is not None:
            return _json({"answers": numbers})
        return _json({"said": _told(value)}) if value else None
    if not isinstance(value, str):
        return None
    inline = _DATA.match(value)
    if form == "base64" or inline:
        data = _decoded(value[inline.end() :] if inline else value)
        return Artifact(inline[1].lower() if inline else media_type, data=data) if data else None
    return Artifact(media_type, url=value, is_signed=said.get("is_signed", False)) if _ADDRESS.match(value) else None


def type_of(name: str, said: Mapping[str, Any]) -> str:
    """Give the media type of a result: as it is said, else what is usual by its name."""
    return str(said.get("type", _TYPES.get(name, "application/octet-stream")))


def saved(outputs: Any, suffix: str) -> str | None:
    """Find a kept file among what the nodes of a workflow put out, `{node: {kind: [{filename, subfolder, type}]}}`.

    Previews (`temp`) are none. It is given as a query that names it.
    """
    nodes = outputs.values() if isinstance(outputs, dict) else ()
    lists = (rows for node in nodes if isinstance(node, dict) for rows in node.values() if isinstance(rows, list))
    for row in (row for rows in lists for row in rows if isinstance(row, dict)):
        name, folder, kind = (row.get(key, "") for key in ("filename", "subfolder", "type"))
        if kind == "output" and isinstance(name, str) and isinstance(folder, str) and name.lower().endswith(suffix):
            return urlencode({"filename": name, "subfolder": folder, "type": kind})
    return None


def _whole(reply: Reply, media_type: str) -> Artifact | None:
    """Take the whole body, unless it says that it is text."""
    kind = reply.response.headers.get("content-type", "").split(";")[0].strip().lower()
    if not reply.response.body or kind.startswith(_NO_MEDIA):
        return None
    said = kind if kind.startswith(("audio/", "video/", "image/")) else media_type
    return Artifact(said, data=reply.response.body)


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _wave(parts: Any, rate: int) -> Artifact | None:
    """Join base64 parts of 16-bit samples, one channel, little end first, into a WAV file."""
    told = parts if isinstance(parts, list) else [parts]
    decoded = [_decoded(part) if isinstance(part, str) else None for part in told]
    samples = b"".join(part for part in decoded if part)
    if None in decoded or not samples or len(samples) % 2:
        return None
    written = io.BytesIO()
    with wave.open(written, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples)
    return Artifact("audio/wav", data=written.getvalue())


def _json(found: Any) -> Artifact:
    return Artifact("application/json", data=json.dumps(found, ensure_ascii=False, sort_keys=True).encode())


def words_of(alignment: Any) -> Iterator[Mapping[str, Any]]:
    """Make words with times of characters with times: `{text, start_s, end_s}`; none where the lists don't fit.

    The form is ElevenLabs' `alignment` (`characters`, `character_start_times_seconds`, `character_end_times_seconds`).
    """
    if not isinstance(alignment, dict):
        return
    characters = alignment.get("characters")
    starts, ends = (alignment.get(f"character_{edge}_times_seconds") for edge in ("start", "end"))
    if not isinstance(characters, list) or not isinstance(starts, list) or not isinstance(ends, list):
        return
    if not len(characters) == len(starts) == len(ends):
        return
    if not all(isinstance(each, str) for each in characters) or not all(map(_is_time, (*starts, *ends))):
        return
    run: list[int] = []
    for number, character in enumerate([*characters, " "]):
        if not character.isspace():
            run.append(number)
        elif run:
            said = "".join(characters[one] for one in run)
            yield {"text": said, "start_s": round(starts[run[0]], 3), "end_s": round(ends[run[-1]], 3)}
            run = []


def timed_words(found: Any) -> Iterator[Mapping[str, Any]]:
    """Give words of what tells them with times: `{text, start_s, end_s}`; none where it is no good.

    The form is lists that go together, `{words, start, end}`, once or in several parts (Cartesia), or a list of
    `{word, start, end}` (OpenAI's and Cartesia's transcriptions).
    """
    rows = list[Any]()
    for part in found if isinstance(found, list) else [found]:
        if not isinstance(part, dict):
            return
        lists = [part.get(name) for name in ("words", "start", "end")]
        if (
            all(isinstance(each, list) for each in lists)
            and len({len(each) for each in lists if each is not None}) == 1
        ):
            rows += zip(*lists, strict=True)
        else:
            rows.append((part.get("word"), part.get("start"), part.get("end")))
    if not all(isinstance(word, str) and _is_time(start) and _is_time(end) for word, start, end in rows):
        return
    for word, start, end in rows:
        if word.strip():
            yield {"text": word.strip(), "start_s": round(start, 3), "end_s": round(max(start, end), 3)}


def _is_time(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < math.inf


def _told(value: Any) -> str:
    """Give what a judge said instead of numbers, shortened."""
    return (value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))[:_SHOWN]


def answers_of(said: Any) -> list[float] | None:
    """Read a judge's numbers, 0 to 1, from the text that it gave: JSON, perhaps fenced; `None` when it is no good."""
    if isinstance(said, str):
        fenced = _FENCE.match(said)
        try:
            said = json.loads(fenced[1] if fenced else said)
        except (ValueError, RecursionError):
            return None
    found = said.get("answers") if isinstance(said, dict) else said
    if not isinstance(found, Sequence) or isinstance(found, str) or not found:
        return None
    if not all(_is_time(value) and value <= 1 for value in found):
        return None
    return [float(value) for value in found]
