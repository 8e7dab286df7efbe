"""Claims in a store that is shared: who makes a paid thing, so that two machines don't buy it both.

A claim is an object that only one asker can create. It is a lease, since its holder may die: it says until when it
stands, its holder renews it, and who finds one that ran out takes it over. Then a job may be out at a vendor that only
the dead machine knows of: that is as much as can be had between machines.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import time
from collections.abc import Callable

from vidbuild.stores.remotes.remote import Remote
from vidbuild.words.digest import Digest

LEASE_S, SETTLE_S = 600.0, 1.0
"""How long a claim stands by itself, and how long a take-over waits for another's."""
_MOST = 1 << 12


class Claim:
    """A claim that is held."""

    def __init__(self, remote: Remote, path: str, clock: Callable[[], float] = time.time):
        self._remote, self._path, self._clock = remote, path, clock
        self._nonce = secrets.token_hex(8)

    def take(self) -> bool:
        """Take it; say whether it is ours. Trouble is the remote's own."""
        if self._remote.create(self._path, self._note()):
            return True
        data = self._remote.read(self._path, _MOST)
        if data is None:
            return self._remote.create(self._path, self._note())
        if _until(data) > self._clock():
            return False
        self._remote.write(self._path, self._note())
        time.sleep(SETTLE_S)
        return self._is_ours()

    def renew(self) -> None:
        """Let it stand for longer."""
        self._remote.write(self._path, self._note())

    def release(self) -> None:
        """Let it go, if it is still ours."""
        if self._is_ours():
            self._remote.remove(self._path)

    def _is_ours(self) -> bool:
        data = self._remote.read(self._path, _MOST)
        return data is not None and self._nonce.encode() in data

    def _note(self) -> bytes:
        who = f"{socket.gethostname()} {os.getpid()}"
        return json.dumps({"who": who, "until": self._clock() + LEASE_S, "nonce": self._nonce}).encode()


def claim_path(key: Digest) -> str:
    """Name the object that claims a key."""
    return f"claims/{key}"


def _until(data: bytes) -> float:
    """Say until when a claim stands; one that can't be read has run out."""
    try:
        return float(json.loads(data)["until"])
    except (ValueError, TypeError, KeyError):
        return 0.0
