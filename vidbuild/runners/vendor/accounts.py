"""Accounts that the environment names by their file, as Google's tools do: read once, and put in the name's place.

What an account is, `vidbuild.wire.oauth` knows; what can't be read stays as it is, and is told there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from vidbuild.catalog.model import Provider

MOST_BYTES = 64 * 1024


def with_accounts(environ: Mapping[str, str], providers: Iterable[Provider]) -> Mapping[str, str]:
    """Give the environment in which variables of packaged providers' accounts hold the account, in one line."""
    named = {provider.auth["account"] for provider in providers if "account" in provider.auth and not provider.is_own}
    found = {variable: _read(environ[variable].strip()) for variable in named if environ.get(variable, "").strip()}
    return {**environ, **found} if found else environ


def _read(value: str) -> str:
    try:
        if not value.startswith("{"):
            with Path(value).expanduser().open("rb") as stream:
                text = stream.read(MOST_BYTES + 1)[:MOST_BYTES].decode()
        else:
            text = value
        return json.dumps(json.loads(text))
    except (OSError, ValueError, RuntimeError):
        return value
