"""Secrets taken out of text: what a vendor says may repeat a key, and nobody should read it in a log.

It knows values, not whose they are.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Collection, Iterable
from urllib.parse import quote, quote_plus

MASK = "[secret]"
LEAST = 4
"""Shorter values are left: they would take half of every text with them."""
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*")
"""A JSON web token: made from a key, and as good as one while it lives."""


def masked(text: str, secrets: Collection[str]) -> str:
    """Replace every secret, however it is written (plain, JSON, percent-encoded, base64), and every web token."""
    for form in sorted(_forms(secrets), key=len, reverse=True):
        text = text.replace(form, MASK)
    return _TOKEN.sub(MASK, text)


def _forms(secrets: Iterable[str]) -> set[str]:
    found = set[str]()
    for secret in secrets:
        if len(secret) < LEAST:
            continue
        coded = base64.b64encode(secret.encode()).decode().rstrip("=")
        found |= {secret, json.dumps(secret)[1:-1], quote(secret, safe=""), quote_plus(secret)}
        found |= {coded, coded.replace("+", "-").replace("/", "_")}
    return found
