"""What vendors hold of our files: what jobs say of each, since when, until when. Losing it costs uploads, no money.

It knows files by an id alone, and asks nobody whether a vendor still has them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vidbuild.stores import durable
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.workspaces import claim_on
from vidbuild.words.digest import Digest, is_digest

MARGIN_S = 3600.0
"""A file is taken for gone so long before it is: a job may wait for its turn."""
SKEW_S = 300.0
"""What was put there later than now by more was written down by a clock that was wrong."""


class Uploads:
    """One small file an upload, under `uploads/<id>`.

    Args:
        now: Unix time in seconds.
    """

    def __init__(self, root: Path, now: Callable[[], float]):
        self._root = root
        self._now = now

    def get(self, id: Digest) -> Any:
        """Give what jobs say of a file that a vendor should still hold, else `None`."""
        try:
            known = json.loads(self._where(id).read_text())
            since, lives_s, reference = float(known["since"]), known["lives_s"], known["reference"]
        except (OSError, ValueError, KeyError, TypeError):
            return None
        age_s = self._now() - since
        if age_s < -SKEW_S or (lives_s is not None and age_s > lives_s - min(MARGIN_S, lives_s / 4)):
            return None
        return reference

    def keep(self, id: Digest, reference: Any, lives_s: float | None) -> None:
        """Remember a file that was put at a vendor just now."""
        known = {"since": self._now(), "lives_s": lives_s, "reference": reference}
        durable.write_bytes(self._where(id), json.dumps(known, sort_keys=True).encode(), 0o600)

    def forget(self, id: Digest, reference: Any) -> None:
        """Forget a file that a vendor no longer has; one that was put there anew meanwhile is another."""
        if self.get(id) == reference:
            self._where(id).unlink(missing_ok=True)

    def claim(self, id: Digest) -> ProcessLock:
        """Name the lock that whoever brings a file there holds."""
        return claim_on(self._root, id)

    def _where(self, id: Digest) -> Path:
        if not is_digest(id):
            raise ValueError(f"BUG: not the id of a file: {id!r}")
        return self._root / "uploads" / id
