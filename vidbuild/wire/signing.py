"""Secrets put on a request's headers: a key in a template, a token signed with one (JWT, HS256), or one fetched before.

Secrets come in as a mapping and go out in headers; they are in no error, and nothing is kept.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from typing import Any

from vidbuild.catalog.model import Provider
from vidbuild.words.errors import VendorFailed

_VARIABLE = re.compile(r"\{([A-Z][A-Z0-9_]*|token)\}")


def authorized(
    provider: Provider, headers: Mapping[str, str], secrets: Mapping[str, str], now_unix: float, token: str = ""
) -> dict[str, str]:
    """Give the headers with the provider's own and its auth.

    Args:
        secrets: by the names that the provider's `keys` list; no other is looked at.
        token: that an account's key was exchanged for, where the provider wants one.

    Raises:
        VendorFailed: a secret is missing, or can't stand in a header.
    """
    auth = provider.auth
    made = {**provider.headers, **headers}
    if auth["kind"] == "none":
        return made

    def secret(name: str) -> str:
        found = secrets.get(name, "").strip() if name in provider.keys else ""
        if not found:
            raise VendorFailed(f"the key of {provider.title or provider.name} is not set", hint=f"set {name}")
        if not found.isascii() or not found.isprintable():
            raise VendorFailed(f"{name} holds characters that no key has", hint="set it anew, without line breaks")
        return found

    def put(found: re.Match[str]) -> str:
        if found[1] == "token" and auth["kind"] == "jwt_hs256":
            return web_token(secret(auth["access"]), secret(auth["secret"]), now_unix, auth)
        if found[1] == "token" and auth["kind"] == "oauth":
            if not token:
                raise VendorFailed(f"there is no token for {provider.title or provider.name}")
            return token
        return secret(found[1])

    return {**made, auth["name"]: _VARIABLE.sub(put, auth["value"])}


def web_token(access: str, secret: str, now_unix: float, auth: Mapping[str, Any]) -> str:
    """Sign a token as PyJWT does: `iss` the access key, `exp` in `lives_s` seconds, `nbf` `early_s` seconds ago."""
    now = int(now_unix)
    head = {"alg": "HS256", "typ": "JWT"}
    claims = {"iss": access, "exp": now + auth.get("lives_s", 1800), "nbf": now - auth.get("early_s", 5)}
    said = f"{web_part(head)}.{web_part(claims)}"
    signature = hmac.new(secret.encode(), said.encode("ascii"), hashlib.sha256).digest()
    return f"{said}.{url64(signature)}"


def web_part(claims: Mapping[str, Any]) -> str:
    """Write a part of a web token."""
    return url64(json.dumps(claims, separators=(",", ":")).encode())


def url64(data: bytes) -> str:
    """Write bytes as web tokens do: base64 for addresses, without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")
