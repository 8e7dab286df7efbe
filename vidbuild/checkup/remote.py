"""What the store that is shared takes and gives: one small record and blob are put there, and read again.

They have the same name each time, so that a store which removes nothing gets no larger.
"""

from __future__ import annotations

import json
import secrets

from vidbuild.checkup.finding import Finding
from vidbuild.stores.action_cache import verified
from vidbuild.stores.claims import claim_path
from vidbuild.stores.remotes.remote import Remote, RemoteTrouble, is_held
from vidbuild.words.action import BoundAction
from vidbuild.words.digest import digest_bytes

_BYTES = b"vidbuild doctor looked whether this store keeps what it is given\n"
_DIGEST = digest_bytes(_BYTES)
_ACTION = BoundAction("Doctor", {}, {}, {"text": "text/plain"}, "doctor@1")


def probe(place: str, remote: Remote, reads_only: bool) -> Finding:
    """Say whether a store can be read, written, and claimed in."""
    try:
        said, is_wrong = _read(remote) if reads_only else _written(remote)
    except RemoteTrouble as trouble:
        return Finding("shared store", f"{place}: {trouble.sentence}", True, trouble.hint)
    return Finding("shared store", f"{place}: {said}", is_wrong)


def _read(remote: Remote) -> tuple[str, bool]:
    remote.has(f"cas/{_DIGEST}")
    return "answers; it is only read here", False


def _written(remote: Remote) -> tuple[str, bool]:
    remote.write(f"cas/{_DIGEST}", _BYTES)
    if not is_held(remote, _DIGEST, len(_BYTES)):
        return "gives other bytes than it was given", True
    record = {
        "vidbuild_result": 1,
        "key": _ACTION.key,
        "outputs": {"text": [_DIGEST, len(_BYTES), "text/plain"]},
        "facts": {},
        "action": _ACTION.record(),
    }
    remote.write(f"ac/{_ACTION.key}", json.dumps(record).encode())
    held = remote.read(f"ac/{_ACTION.key}", 1 << 16)
    if held is None or verified(held.decode("utf-8", "replace"), _ACTION.key) is None:
        return "gives another record than it was given", True
    return f"takes and gives blobs and records; {_claims(remote)}", False


def _claims(remote: Remote) -> str:
    """Try what claims rest on: of two who create one object, one is told no."""
    path = claim_path(digest_bytes(secrets.token_bytes(16)))
    try:
        created = [remote.create(path, b"doctor"), remote.create(path, b"doctor")]
        remote.remove(path)
    except RemoteTrouble as trouble:
        return f"no claims ({trouble.sentence}): two machines at once may both buy"
    if remote.claims:
        return "claims" if created == [True, False] else "claims don't hold: two machines at once may both buy"
    heeds = "though this one heeds `If-None-Match`" if created == [True, False] else "as this one shows"
    return f"no claims by plain HTTP, {heeds}: two machines at once may both buy, and neither loses anything"
