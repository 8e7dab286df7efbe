"""A vendor that nobody packages, in three moods: `keyed` takes an idempotency key, `listed` lists jobs, `bare` neither.

Its wire stands at `Plain`; `own/` has provider and models of each mood as a project would write them (`own_files`).
It is there for what a build may promise where a vendor offers so much, or so little.
"""

from __future__ import annotations

import datetime
import hashlib
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from vidbuild.testing.vendors import pictures, spoken
from vidbuild.testing.vendors.fields import No, a_flag, a_number, an_integer, known, one_of, text
from vidbuild.testing.vendors.forms import parts_of
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

_PICTURE_BYTES = 10 * 1024 * 1024
_MEDIA_BYTES = 100 * 1024 * 1024
_PRICES = {"video": 0.1, "picture": 0.03, "sound": 0.01, "avatar": 0.05, "lipsync": 0.04}
_MODELS = {f"plain-{kind}-1": kind for kind in _PRICES}
_SIZES = {
    "1280x720": (1280, 720),
    "720x1280": (720, 1280),
    "960x960": (960, 960),
    "1920x1080": (1920, 1080),
    "1080x1920": (1080, 1920),
    "640x360": (640, 360),
    "360x640": (360, 640),
    "320x180": (320, 180),
    "180x320": (180, 320),
}
_WRONG = {
    "invalid": 400,
    "key": 401,
    "credit": 402,
    "refused": 422,
    "missing": 404,
    "retired": 410,
    "busy": 429,
    "twice": 409,
    "server": 500,
}
_KEY_LIFE_S = 24 * 3600.0


class Plain(Vendor):
    """The plain vendor. Its wire, in JSON both ways, with the key in `X-Api-Key`:

    - `POST /jobs {"model", "prompt", "negative"?, "seed"?, "seconds"?, "size": "1280x720"?, "sound"?, "first_frame"?,
      "last_frame"?}`, pictures as data URIs; models `plain-video-1`, `plain-picture-1`, `plain-sound-1`. Answer 201
      and the job. `plain-avatar-1` takes `"avatar"` and `"said"` (sound as a data URI) instead of a prompt,
      `plain-lipsync-1` `"footage"` (an MP4 as a data URI) and `"said"`, which is no longer than it. `keyed`: with
      `Idempotency-Key`, the same key and body within 24 h are the same job, with another body 409 `twice`. `listed`: a
      field `"tag"` is kept with the job.
    - A job: `{"id", "state", "made", "tag", "progress"?, "wait_s"?, "url"?, "usd"?, "error"?: {"code", "message"}}`,
      its state `queued`, `running`, `done` (with `url`, fetched without a key, and `usd`), `failed`, `refused`,
      `cancelled`, `expired` (these with `error`).
    - `GET /jobs/{id}` gives a job, `DELETE /jobs/{id}` cancels it; 404 `no_such_job`.
    - `listed`: `GET /jobs?tag=&from=` gives `{"jobs": [...], "next": number or null}`, newest first, 20 at a time.
    - Pictures may be files that came before, as `held:ID`, each mood in its way. `keyed`, three steps: `POST /places
      {"name", "type", "size"}` gives `{"id", "url", "with": {headers}}`, then `PUT url` with those headers, then
      `POST /places/{id}` and `GET /places/{id}`, which say `{"id", "state": "checking" | "ready"}`. `listed`, two:
      `POST /places` and `PUT url`. `bare`, one: `POST /files`, a form with `name` and `file`, gives `{"id"}`.
    - What is wrong comes as `{"error": {"code", "message"}}`: 400 `invalid`, 401 `key`, 402 `credit`, 409 `twice`,
      410 `retired`, 422 `refused`, 429 `busy` (with `Retry-After`), 500 `server`.

    Args:
        mood: `keyed`, `listed`, `bare`.
        list_lag_s: so long after its submit a job is missing from the list.
        retry_after_s: what a 429 for too many jobs says.
        checks: how often a file that came is said to be looked at still.
        is_telling: whether polls tell how long to wait before the next, in `wait_s`.
    """

    variables = ("PLAIN_API_KEY",)
    key = "key_plain_dummy_08b2c6"
    rate = 25
    list_lag_s = 0.0
    retry_after_s = 1.0
    is_telling = False
    checks = 1
    longest_page = 20

    def __init__(self, mood: str, *args: Any, **settings: Any):
        self.mood = mood
        self.name = f"plain-{mood}"
        self._looks: dict[str, int] = {}
        self._replays: dict[str, tuple[str, Job, float]] = {}
        super().__init__(*args, **settings)

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.path == "/jobs":
            return {"POST": "submit", "GET": "list"}.get(asked.method, "other")
        if asked.path.startswith("/jobs/"):
            return {"GET": "poll", "DELETE": "cancel"}.get(asked.method, "other")
        if asked.path == "/files" or asked.path.split("/")[1] == "places":
            return "upload"
        return "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Take a job, tell of one or of all, or cancel one."""
        if asked.headers.get("x-api-key") != self.key:
            raise No("key", "this key is not known")
        if step == "submit":
            job = self._submit(asked)
            told = self._told(job)
            if self.told_id(job) is None:
                del told["id"]
            return said(told, 201)
        if step == "upload":
            return said(self._brought(asked), 201)
        if step == "list" and self.mood == "listed":
            return said(self._list(asked.query))
        if step not in ("poll", "cancel"):
            raise No("missing", "no such path")
        job = self.job(asked.path.removeprefix("/jobs/"))
        if step == "cancel":
            job.is_cancelled = job.is_cancelled or not job.has_ended
        return said(self._told(job))

    def no(self, no: No) -> Answer:
        """Say no with a status, a code and a message."""
        after = self.retry_after_s if no.kind == "busy" and no.retry_after_s is None else no.retry_after_s
        waiting = {} if after is None else {"Retry-After": f"{after:g}"}
        told = {"error": {"code": "no_such_job" if no.kind == "missing" else no.kind, "message": no.message}}
        return said(told, _WRONG.get(no.kind, 400), waiting)

    def _submit(self, asked: Asked) -> Job:
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        key = asked.headers.get("idempotency-key", "") if self.mood == "keyed" else ""
        digest = digest_of(body)
        if key in self._replays:
            first, job, until = self._replays[key]
            if time.monotonic() < until:
                if first != digest:
                    raise No("twice", "this Idempotency-Key came with another body")
                return job
        kind = _MODELS.get(str(body.get("model")))
        if kind is None:
            raise No("retired", f"there is no model {body.get('model')!r}")
        fields = {**_COMMON, **_FIELDS[kind], **({"tag": text(100)} if self.mood == "listed" else {})}
        known(body, fields, ("model", *_NEEDED.get(kind, ("prompt",))))
        given = {name: self._picture(body[name], name) for name in ("first_frame", "last_frame") if name in body}
        tag = str(body.get("tag", "")) or key
        form = {"picture": "png", "sound": "mp3"}.get(kind, "mp4")
        seconds = Fraction(0) if kind == "picture" else Fraction(body.get("seconds", 5)).limit_denominator(1000)
        if "said" in body:
            seconds = spoken.seconds_of(self._media(body["said"], "said", "audio/mpeg"))
        if "footage" in body:
            footage = spoken.seconds_of(self._media(body["footage"], "footage", "video/mp4"))
            if seconds > footage + Fraction(1, 10):
                raise No("invalid", "what is said is longer than the footage")
            seconds = footage
        seen = {**body, **{name: hashlib.sha256(data).hexdigest() for name, data in given.items() if data}}
        wants = Wants(
            *(form, digest_of(seen, tag), seconds, _SIZES[body.get("size", "1280x720")], Fraction(self.rate)),
            sound=bool(body.get("sound", False)) or "said" in body,
            init=given.get("first_frame"),
            end=given.get("last_frame"),
        )
        job = self.accept(asked, body, wants, _PRICES[kind] * float(seconds or 1), tag)
        if key:
            self._replays[key] = (digest, job, time.monotonic() + _KEY_LIFE_S)
        return job

    def _brought(self, asked: Asked) -> dict[str, Any]:
        """Take a step of a file on its way here, of the way that the mood has."""
        _, kind, *rest = asked.path.split("/")
        if kind == "files" and asked.method == "POST" and self.mood == "bare":
            name, file = parts_of(asked)
            if (name.name, name.text, file.name) != ("name", file.file, "file"):
                raise No("invalid", "the form must have `name`, and then the `file` that is called so")
            return {"id": self.depot.keep(file.data)}
        if kind != "places" or self.mood == "bare":
            raise No("missing", "no such path")
        if not rest and asked.method == "POST" and isinstance(asked.json, dict):
            return self._place(asked.json)
        if not rest or self.mood != "keyed" or asked.method not in ("GET", "POST"):
            raise No("missing", "no such path")
        self.depot.file(rest[0], "id")
        looks = self._looks[rest[0]] = self._looks.get(rest[0], 0) + 1
        return {"id": rest[0], "state": "ready" if looks > self.checks else "checking"}

    def _place(self, body: dict[str, Any]) -> dict[str, Any]:
        fields = {"name": text(200), "type": one_of("image/png", "image/jpeg"), "size": an_integer(1)}
        known(body, fields, tuple(fields))

        def taken(asked: Asked) -> bytes:
            if asked.method != "PUT" or asked.headers.get("x-place") != slot or len(asked.body) != body["size"]:
                raise No("invalid", "the file must be PUT with the size and the headers that were told")
            return asked.body

        slot = self.depot.slot(taken)
        return {"id": slot, "url": self.address(slot), "with": {"Content-Type": body["type"], "X-Place": slot}}

    def _picture(self, uri: Any, field: str) -> bytes | None:
        if isinstance(uri, str) and uri.startswith("held:"):
            return self.depot.picture(uri.removeprefix("held:"), field)
        return pictures.of_uri(uri, field, _PICTURE_BYTES)

    def _media(self, uri: Any, field: str, media_type: str) -> bytes:
        if isinstance(uri, str) and uri.startswith("held:"):
            return spoken.checked(self.depot.file(uri.removeprefix("held:"), field), field, media_type, _MEDIA_BYTES)
        return spoken.of_uri(uri, field, media_type, _MEDIA_BYTES)

    def _told(self, job: Job) -> dict[str, Any]:
        made = datetime.datetime.fromtimestamp(job.unix, datetime.UTC).isoformat(timespec="milliseconds")
        told: dict[str, Any] = {"id": job.id, "state": job.state, "made": made, "tag": job.body.get("tag")}
        if job.state in ("queued", "running"):
            told["progress"] = job.progress
            if self.is_telling:
                told["wait_s"] = round(max(0.01, job.ends - time.monotonic()), 2)
        elif job.state == "done":
            told |= {"url": self.link(job), "usd": job.usd}
        else:
            words = job.words or f"the job was {job.state}"
            told["error"] = {"code": job.code or job.state, "message": words}
        return told

    def _list(self, query: Mapping[str, str]) -> dict[str, Any]:
        """List jobs, newest first, page by page."""
        shown = [job for job in self.jobs.values() if time.monotonic() >= job.made + self.list_lag_s]
        shown = [job for job in reversed(shown) if query.get("tag") in (None, job.tag)]
        first = int(query.get("from", "0"))
        rest = shown[first + self.longest_page :]
        page = [self._told(job) for job in shown[first : first + self.longest_page]]
        return {"jobs": page, "next": first + self.longest_page if rest else None}


_COMMON: Mapping[str, Callable[[Any], object]] = {
    "model": text(64),
    "prompt": text(4000),
    "negative": text(4000, 0),
    "seed": an_integer(),
}
_FRAME = {"first_frame": text(2**31), "last_frame": text(2**31)}
_NEEDED = {"avatar": ("avatar", "said"), "lipsync": ("footage", "said")}
_FIELDS: Mapping[str, Mapping[str, Callable[[Any], object]]] = {
    "video": {**_FRAME, "seconds": a_number(1, 20), "size": one_of(*_SIZES), "sound": a_flag},
    "picture": {**_FRAME, "size": one_of(*_SIZES)},
    "sound": {"seconds": a_number(1, 600)},
    "avatar": {"avatar": text(100), "said": text(2**31), "size": one_of(*_SIZES)},
    "lipsync": {"footage": text(2**31), "said": text(2**31)},
}
MOODS = ("keyed", "listed", "bare")


def own_files(folder: Path, mood: str) -> list[Path]:
    """Write the provider and the models of a mood into a project's `providers/` and `models/`."""
    here = Path(__file__).parent / "own"
    written = []
    for path in sorted(here.glob(f"*/plain-{mood}*.yaml")):
        target = folder / path.parent.name / path.name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(path.read_text())
        written.append(target)
    return written
