"""Vertex AI's wire: tokens for a service account's signed word, operations that are asked for by POST, bytes inline.

From providers.md section 2b (`google-genai==3.4.0`) and google-auth (grants). Certain: paths, fields, the poll, where
bytes and filtered reasons are, grants. Remembered: which HTTP status comes with which status word.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any
from urllib.parse import parse_qsl

from vidbuild.testing.vendors import pictures
from vidbuild.testing.vendors.faults import FAULTS
from vidbuild.testing.vendors.fields import No, a_flag, an_integer, known, one_of, text
from vidbuild.testing.vendors.takes import Wants
from vidbuild.testing.vendors.vendor import Job, Vendor, digest_of
from vidbuild.testing.vendors.wire import Answer, Asked, said

PROJECT = "film-project"
STANDING = "ya29.standing-dummy-7f31"
"""A token that always holds: for tests that sign by themselves."""
_SCOPE = "https://www.googleapis.com/auth/cloud-platform"
_AUDIENCE = "https://oauth2.googleapis.com/token"
_JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
_MODEL = re.compile(
    r"/v1(?:beta1)?/projects/([^/]+)/locations/([^/]+)/publishers/google/models/([^/:]+)"
    r":(predictLongRunning|fetchPredictOperation)"
)
_PICTURE_BYTES = 20 * 1024 * 1024
_LINES = {"720p": 720, "1080p": 1080, "4k": 2160}
_MODELS = {
    "veo-3.1-generate-001": (0.4, 0.2),
    "veo-3.1-fast-generate-001": (0.15, 0.1),
    "veo-3.1-lite-generate-001": (0.08, 0.05),
}
_WRONG = {
    "invalid": (400, "INVALID_ARGUMENT", ""),
    "key": (401, "UNAUTHENTICATED", "Request had invalid authentication credentials."),
    "credit": (403, "PERMISSION_DENIED", "This API method requires billing to be enabled."),
    "busy": (429, "RESOURCE_EXHAUSTED", "Quota exceeded for online prediction requests."),
    "refused": (400, "INVALID_ARGUMENT", "The prompt violated Google's Responsible AI practices."),
    "retired": (404, "NOT_FOUND", "Publisher model was not found."),
    "missing": (404, "NOT_FOUND", "The operation was not found."),
    "server": (500, "INTERNAL", "Internal error encountered."),
}
_FILTERED = "Veo could not generate videos because they violated Google's Responsible AI practices."
_PARAMETERS: Mapping[str, Callable[[Any], object]] = {
    "sampleCount": an_integer(1, 4),
    "durationSeconds": one_of(4, 6, 8),
    "seed": an_integer(),
    "aspectRatio": one_of("16:9", "9:16"),
    "resolution": one_of(*_LINES),
    "negativePrompt": text(4000, 0),
    "generateAudio": a_flag,
    "personGeneration": one_of("allow_adult", "dont_allow", "allow_all"),
    "enhancePrompt": a_flag,
    "storageUri": text(1000),
}
_INSTANCE: Mapping[str, Callable[[Any], object]] = {
    "prompt": text(16_000),
    "image": lambda value: isinstance(value, dict),
    "lastFrame": lambda value: isinstance(value, dict),
    "referenceImages": lambda value: isinstance(value, list) and len(value) <= 3,
}
# A key that signs nothing anywhere but here.
_DER = (
    "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBAMdFZu7b8DKkSWe+",
    "7L8yyMvPmpmzn2YH14XI/2L86knN0pm/4EObm34i+Gq9464FyLWARF+u5/0QHPFP",
    "ZpVGAbFy/G7qs5h7NjEx7EBOM2e0B7seiHw/Silrhaw3eNwdU0m8AhvyiyL7SwHz",
    "xDpUCWApiuEOL9THwc6aTP8g3BZNAgMBAAECgYBFYuEoouTMfXAh89Uz7lcEwNEw",
    "W99RA8IED6z9pttdv5Fpf+pzICfQkBS39k7lNZZhvLwSJTEaaRXq4J7zs2C678Vf",
    "+b+NCVKItwgx/1ap7+qRVr5VeNw1wCYHvSahF5ioM6rTltzFzPzPPoQj5fbnuCcn",
    "YHe7dfld1nwC/tjXAQJBAOtxPh8by0YpPbxXdltrakdxPmDWMBrzonRURE+1r2YR",
    "92dOeKb1pSxbtu6j+UpklWJNWxIy5bgnLpliC4svpn0CQQDYq6L2OkFUG4MI+oEU",
    "eS3Equ9r5ZWynHRt1uYB5ZEpTXCG1e3a52wE17tvKuge7UmwgJ0ZHtvKlIY/iiTe",
    "MKgRAkEAqbl82tgidXWNd5RlUgnhF5dfLFe7XfJ8DfghNoT26FHTU7mR6Gn0pEGJ",
    "Ygb60tInjjHNkRT33QUB5rhzMecr0QJAKeXeyGBxe5MqXpUaWtwn9ozbaXDm5rgM",
    "Z6UTqzA6RtNbvCcoLJltsO4Kp6+TXU+jXUcxmcb215Cq+SR8hp7AEQJAddcywYxi",
    "eOHCy8Xb7V9Ob0EwTWtNgVqQQXDFuFQwf3YnUNMmqP/qL3PEdmd+RjlSoF+KO3sE",
    "T7ju7NstYcZ5mg==",
)
_MODULUS = int(
    "C74566EEDBF032A44967BEECBF32C8CBCF9A99B39F6607D785C8FF62FCEA49CDD299BFE0439B9B7E22F86ABDE3AE05C8"
    "B580445FAEE7FD101CF14F66954601B172FC6EEAB3987B363131EC404E3367B407BB1E887C3F4A296B85AC3778DC1D53"
    "49BC021BF28B22FB4B01F3C43A540960298AE10E2FD4C7C1CE9A4CFF20DC164D",
    16,
)
_DIGEST = bytes.fromhex("3031300d060960864801650304020105000420")


def account_of(token_uri: str) -> dict[str, str]:
    """Write a service account's key, whose tokens are given out at an address."""
    label = "PRIVATE KEY"  # apart from its dashes, lest this file look like one that leaks
    return {
        "type": "service_account",
        "project_id": PROJECT,
        "private_key_id": "k1dummy",
        "private_key": "\n".join([f"-----BEGIN {label}-----", *_DER, f"-----END {label}-----", ""]),
        "client_email": f"films@{PROJECT}.iam.gserviceaccount.com",
        "token_uri": token_uri,
    }


class Vertex(Vendor):
    """Vertex AI on loopback.

    Args:
        token_s: how long its tokens hold, in seconds.
        granted: how many it gave out.
    """

    name = "vertex"
    variables = ("GOOGLE_APPLICATION_CREDENTIALS",)
    token_s = 3599.0
    granted = 0

    def __init__(self, *args: Any, **settings: Any):
        self._tokens: dict[str, float] = {}
        super().__init__(*args, **settings)

    @property
    def secrets(self) -> dict[str, str]:
        """The service account's key, as its file holds it."""
        return {"GOOGLE_APPLICATION_CREDENTIALS": json.dumps(account_of(f"{self.url}/token"))}

    def step_of(self, asked: Asked) -> str:
        """Say which step a request is."""
        if asked.method == "POST" and asked.path == "/token":
            return "token"
        found = _MODEL.fullmatch(asked.path) if asked.method == "POST" else None
        return {"predictLongRunning": "submit", "fetchPredictOperation": "poll"}[found[4]] if found else "other"

    async def answer(self, asked: Asked, step: str) -> Answer:
        """Give a token, begin an operation, or tell of one."""
        if step == "token":
            return self._token(asked)
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme != "Bearer" or (token != STANDING and self._tokens.get(token, 0.0) < time.time()):
            raise No("key", "")
        found = _MODEL.fullmatch(asked.path)
        if found is None or found[2] != "us-central1":
            raise No("missing", "")
        if found[1] != PROJECT:
            raise No("key", "")
        body = asked.json
        if not isinstance(body, dict):
            raise No("invalid", "the body must be a JSON object")
        folder = asked.path.partition("/projects/")[2].partition(":")[0]
        if step == "submit":
            told = self.told_id(self._submit(asked, body, found[3]))
            return said({} if told is None else {"name": f"projects/{folder}/operations/{told}"})
        known(body, {"operationName": text(1000)}, ("operationName",))
        within, _, name = str(body["operationName"]).rpartition("/")
        if within != f"projects/{folder}/operations":
            raise No("missing", "")
        return said(await self._told(self.job(name), str(body["operationName"])))

    def no(self, no: No) -> Answer:
        """Say no as Google does."""
        status, word, words = _WRONG.get(no.kind, _WRONG["server"])
        is_own = no.message.replace(" ", "_") not in ("", *FAULTS)
        message = no.message if is_own else words or no.message
        if no.kind == "refused" and is_own:
            message = f"{words} {no.message}"
        waiting = {} if no.retry_after_s is None else {"Retry-After": f"{no.retry_after_s:g}"}
        return said({"error": {"code": status, "message": message, "status": word}}, status, waiting)

    def _token(self, asked: Asked) -> Answer:
        """Give a token to whoever shows a grant that holds."""
        if asked.headers.get("content-type", "").split(";")[0] != "application/x-www-form-urlencoded":
            return said({"error": "invalid_request"}, 400)
        fields = dict(parse_qsl(asked.body.decode("ascii")))
        wrong = "" if fields.get("grant_type") == _JWT_GRANT else "unsupported_grant_type"
        wrong = wrong or self._wrong_with(fields.get("assertion", ""))
        if wrong:
            return said({"error": "invalid_grant", "error_description": wrong}, 400)
        self.granted += 1
        token = f"ya29.dummy-{self.granted}-{hashlib.sha256(asked.body).hexdigest()[:24]}"
        self._tokens[token] = time.time() + self.token_s
        return said({"access_token": token, "expires_in": int(self.token_s), "token_type": "Bearer"})

    def _wrong_with(self, assertion: str) -> str:
        """Say what is wrong with a signed word: its signature, or what it says."""
        try:
            head, payload, signature = assertion.split(".")
            claims, told = json.loads(_unpadded(payload)), json.loads(_unpadded(head))
            shown = pow(int.from_bytes(_unpadded(signature), "big"), 65537, _MODULUS).to_bytes(128, "big")
        except (ValueError, OverflowError):
            return "Invalid JWT"
        digest = _DIGEST + hashlib.sha256(f"{head}.{payload}".encode()).digest()
        if told.get("alg") != "RS256" or shown != b"\x00\x01".ljust(127 - len(digest), b"\xff") + b"\x00" + digest:
            return "Invalid JWT Signature."
        now, account = time.time(), json.loads(self.secrets["GOOGLE_APPLICATION_CREDENTIALS"])
        if claims.get("iss") != account["client_email"] or claims.get("aud") != _AUDIENCE:
            return "Invalid issuer or audience."
        if not now - 300 < claims.get("iat", 0) <= now + 5 or not now < claims.get("exp", 0) <= claims["iat"] + 3600:
            return "Invalid JWT: it is not for now."
        return "" if claims.get("scope") == _SCOPE else "Invalid scope."

    def _submit(self, asked: Asked, body: Mapping[str, Any], model: str) -> Job:
        if model not in _MODELS:
            raise No("retired", f"Publisher model {model} was not found.")
        known(body, {"instances": _one, "parameters": lambda value: isinstance(value, dict)}, ("instances",))
        instance, asked_for = body["instances"][0], body.get("parameters", {})
        known(instance, _INSTANCE, ("prompt",))
        known(asked_for, _PARAMETERS, ())
        given = {name: _picture(instance[name]) for name in ("image", "lastFrame") if name in instance}
        if "referenceImages" in instance and given:
            raise No("invalid", "referenceImages goes with neither image nor lastFrame")
        if "lastFrame" in given and "image" not in given:
            raise No("invalid", "lastFrame needs image")
        seconds, sound = asked_for.get("durationSeconds", 8), asked_for.get("generateAudio", True)
        lines = _LINES[asked_for.get("resolution", "720p")]
        wide = round(lines * 16 / 9 / 2) * 2
        wants = Wants(
            *("mp4", digest_of(body), Fraction(seconds)),
            (wide, lines) if asked_for.get("aspectRatio", "16:9") == "16:9" else (lines, wide),
            Fraction(self.rate),
            sound=sound,
            init=given.get("image"),
            end=given.get("lastFrame"),
        )
        return self.accept(asked, body, wants, _MODELS[model][0 if sound else 1] * seconds)

    async def _told(self, job: Job, name: str) -> dict[str, Any]:
        state = job.state
        if state in ("queued", "running"):
            return {"name": name}
        if state == "done":
            data = base64.b64encode(await self.made(job.wants)).decode()
            return {
                "name": name,
                "done": True,
                "response": {"videos": [{"bytesBase64Encoded": data, "mimeType": "video/mp4"}]},
            }
        if state == "refused":
            told = {"raiMediaFilteredCount": 1, "raiMediaFilteredReasons": [job.words or _FILTERED]}
            return {"name": name, "done": True, "response": told}
        codes = {"cancelled": 1, "expired": 4}
        words = job.words or {"cancelled": "cancelled", "expired": "deadline exceeded"}.get(state, "Internal error.")
        error = {"code": codes.get(state, 13), "message": words} | ({"status": job.code} if job.code else {})
        return {"name": name, "done": True, "error": error}


def _one(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict)


def _picture(given: Mapping[str, Any]) -> bytes | None:
    fields = {"bytesBase64Encoded": text(2**31), "mimeType": one_of("image/png", "image/jpeg")}
    known(given, fields, tuple(fields))
    return pictures.of_base64(given["bytesBase64Encoded"], "image", _PICTURE_BYTES, given["mimeType"])


def _unpadded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
