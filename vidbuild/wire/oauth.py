"""Tokens that an account's key is exchanged for (OAuth 2): what is sent for one, and what the answer means.

An account is the JSON of a service account's key, or of a user's refresh token, as Google's tools write them. Nothing
is sent or kept here, and no error holds anything of a key.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from vidbuild.wire import rsa
from vidbuild.wire.causes import LONGEST_MESSAGE
from vidbuild.wire.paths import Reply
from vidbuild.wire.signing import url64, web_part
from vidbuild.wire.values import Request, Response
from vidbuild.words.errors import VendorFailed

LIVES_S = 3600
USUAL_ADDRESS = "https://oauth2.googleapis.com/token"
_HINT = "name the file of a service account's key, or of `gcloud auth application-default login`"
_SECRET = ("private_key", "client_secret", "refresh_token")
_NEEDED = {
    "service_account": ("client_email", "private_key"),
    "authorized_user": ("client_id", "client_secret", "refresh_token"),
}


@dataclass(frozen=True)
class Token:
    """A token, and how long it holds, in seconds."""

    text: str = field(repr=False)
    lives_s: float


def account_of(text: str) -> Mapping[str, str]:
    """Read an account.

    Raises:
        VendorFailed: it is none.
    """
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    kind = str(found.get("type")) if isinstance(found, dict) else ""
    if not isinstance(found, dict) or kind not in _NEEDED:
        raise VendorFailed("the account is neither a service account's key nor a user's refresh token", hint=_HINT)
    lacking = [name for name in _NEEDED[kind] if not isinstance(found.get(name), str) or not found[name]]
    if lacking:
        raise VendorFailed(f"the account lacks `{lacking[0]}`", hint=_HINT)
    return {name: value for name, value in found.items() if isinstance(value, str)}


def address_of(account: Mapping[str, str]) -> str:
    """Say where an account's tokens are given out."""
    return account.get("token_uri") or USUAL_ADDRESS


def secrets_of(text: str) -> list[str]:
    """List what of an account nobody may see; none of what is no account."""
    try:
        account = account_of(text)
    except VendorFailed:
        return []
    return [account[name] for name in _SECRET if name in account]


def request(account: Mapping[str, str], scope: str, now_unix: float) -> Request:
    """Ask for a token.

    Raises:
        VendorFailed: the account's key can't sign.
    """
    fields = {
        "grant_type": "refresh_token",
        **{name: account[name] for name in ("client_id", "client_secret", "refresh_token") if name in account},
    }
    if account["type"] == "service_account":
        fields = {
            "assertion": _assertion(account, scope, int(now_unix)),
            "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
        }
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Request("POST", address_of(account), headers, urlencode(fields).encode(), is_signed=False)


def token_in(response: Response) -> Token | str:
    """Read the answer: a token, or why there is none."""
    reply = Reply(response)
    found, lives_s = reply.at("access_token"), reply.at("expires_in")
    if response.status == 200 and isinstance(found, str) and found and found.isascii() and found.isprintable():
        told = isinstance(lives_s, (int, float)) and not isinstance(lives_s, bool) and lives_s > 0
        return Token(found, float(lives_s) if told else LIVES_S)
    return (reply.text("error_description", "error", "error.message") or f"HTTP {response.status}")[:LONGEST_MESSAGE]


def _assertion(account: Mapping[str, str], scope: str, now: int) -> str:
    """Write who asks for what, signed with the account's key (a JSON web token, RS256)."""
    head = {"typ": "JWT", "alg": "RS256"}
    head |= {"kid": account["private_key_id"]} if "private_key_id" in account else {}
    claims = {"iat": now, "exp": now + LIVES_S, "iss": account["client_email"], "aud": USUAL_ADDRESS, "scope": scope}
    said = f"{web_part(head)}.{web_part(claims)}"
    try:
        signature = rsa.signed(said.encode("ascii"), account["private_key"])
    except ValueError as error:
        raise VendorFailed(f"the account can't sign: {error}", hint=_HINT) from None
    return f"{said}.{url64(signature)}"
