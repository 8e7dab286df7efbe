"""Handles of jobs: what a vendor's answer may put into our log and later into our requests. Vendors are not trusted.

An id is a plain token; an address is kept as the path below the provider's own base, so that it leads nowhere else,
or whole where its host is one that the provider's file names.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

LONGEST_ID = 200
_ID = re.compile(rf"[A-Za-z0-9_-][A-Za-z0-9._:=+~@-]{{0,{LONGEST_ID - 1}}}\Z")
_PATH = re.compile(r"(?:/[A-Za-z0-9._~%:@!$&'()*+,;=-]+)+(?:\?[A-Za-z0-9._~%:@!$&'()*+,;=/-]*)?\Z")
_ELSEWHERE = re.compile(r"(?:https://|http://(?=127\.0\.0\.1:))([a-z0-9.-]+(?::[0-9]{1,5})?)(/.*)\Z")
LONGEST_ADDRESS = 2000


def plain_id(found: Any) -> str | None:
    """Give a job's id if it is a plain token of at most 200 characters; path tricks and other kinds are none."""
    return found if isinstance(found, str) and _ID.match(found) else None


def plain_name(found: Any) -> str | None:
    """Give a job's name if it is plain tokens with slashes between, `projects/p/operations/o`, as some vendors have."""
    parts = found.split("/") if isinstance(found, str) and len(found) <= 4 * LONGEST_ID else []
    return found if parts and all(map(plain_id, parts)) else None


def below(base: str, address: Any) -> str | None:
    """Give the path of an address that lies below a base, with its query; `None` for every other address."""
    if not isinstance(address, str) or len(address) > LONGEST_ADDRESS or not address.startswith(f"{base}/"):
        return None
    return plain_path(address.removeprefix(base))


def plain_path(path: Any) -> str | None:
    """Give a path that climbs nowhere and holds nothing odd, else `None`."""
    if not isinstance(path, str) or len(path) > LONGEST_ADDRESS or not _PATH.match(path):
        return None
    parts = path.split("?")[0].lower().replace("%2e", ".").split("/")[1:]
    return None if any(not part.strip(".") for part in parts) else path


def elsewhere(address: Any, hosts: Collection[str]) -> str | None:
    """Give an address whole if its host is one of some patterns, and its path plain; `None` for every other."""
    found = _ELSEWHERE.match(address) if isinstance(address, str) and len(address) <= LONGEST_ADDRESS else None
    if found is None or not is_one_of(found[1], hosts) or plain_path(found[2]) is None:
        return None
    return found[0]


def is_one_of(host: str, patterns: Collection[str]) -> bool:
    """Say whether a host is named by some patterns; `*.example.com` names all below `example.com`, not itself."""
    return any(host == one or (one.startswith("*.") and host.endswith(one[1:])) for one in patterns)
