"""Claims in a store that is shared: who makes a paid thing, so that two machines don't buy it both.

A claim is an object that only one asker can create. Its holder may die: so it is renewed, and who has seen one that
stayed the same for as long as a lease takes it over. No two clocks are compared. Then a job may be out at a vendor
that only the dead machine knows of: that is as much as can be had between machines. Whoever holds a claim and comes
again, with the same local store, has it still: what is out is in that store's job log.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable

from vidbuild.stores.remotes.remote import Remote
from vidbuild.words.digest import Digest

LEASE_S, SETTLE_S = 600.0, 2.0
"""How long a claim that nobody renews stands, and how long a take-over waits for another's."""
_MOST = 1 << 12


class Claim:
    """A claim on a key.

    Args:
        owner: names the local store that asks; it holds one claim on a key at a time.
    """

    def __init__(self, remote: Remote, path: str, owner: str, clock: Callable[[], float] = time.monotonic):
        self._remote, self._path, self._owner, self._clock = remote, path, owner, clock
        self._count = 0
        self._seen: tuple[bytes, float] | None = None

    def take(self) -> bool:
        """Take it; say whether it is ours. To be asked again and again until it is. Trouble is the remote's own."""
        if self._remote.create(self._path, self._note()):
            return True
        data = self._remote.read(self._path, _MOST)
        if data is None:
            return self._remote.create(self._path, self._note()) or self._is_ours()
        if _owner(data) == self._owner:
            return True
        if self._seen is None or self._seen[0] != data:
            self._seen = (data, self._clock())
        if self._clock() - self._seen[1] < LEASE_S:
            return False
        self._remote.write(self._path, self._note())
        time.sleep(SETTLE_S)
        return self._is_ours()

    def renew(self) -> None:
        """Let it stand for longer, if it is still ours."""
        if self._is_ours():
            self._remote.write(self._path, self._note())

    def release(self) -> None:
        """Let it go, if it is still ours."""
        if self._is_ours():
            self._remote.remove(self._path)

    def _is_ours(self) -> bool:
        data = self._remote.read(self._path, _MOST)
        return data is not None and _owner(data) == self._owner

    def _note(self) -> bytes:
        self._count += 1
        return json.dumps({"owner": self._owner, "renewed": self._count, "nonce": secrets.token_hex(4)}).encode()


def claim_path(key: Digest) -> str:
    """Name the object that claims a key."""
    return f"claims/{key}"


def _owner(data: bytes) -> str | None:
    """Say whose a claim is; nobody's where it can't be read."""
    try:
        return str(json.loads(data)["owner"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
