"""A studio whose command meets loopback vendors: their addresses and keys, and a user's configuration that polls fast.

What was bought, the vendors' ledger says; what a build should have bought, the tests say.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import yaml

from vidbuild.settings import lock_name
from vidbuild.testing.studio import Studio
from vidbuild.testing.vendors import Vendors, own_files
from vidbuild.testing.vendors.vendor import Latency, Vendor

LINES = 360
"""Takes are no larger, for speed; the check `size` lets them pass."""


class Shop(Studio):
    """A project folder, a store, the command, and vendors; a context that ends them.

    Args:
        folder: an empty one; project, store, the vendors' books and the user's configuration are made below it.
        moods: of the plain vendor, whose provider and models the project then brings (`plain-keyed-video`, ...).
        settings: of the user's configuration.
        more: kinds of vendors beside those that all shops have.
    """

    def __init__(
        self,
        folder: Path,
        *moods: str,
        latency_s: Latency = 0.05,
        settings: Mapping[str, Any] | None = None,
        has_files_elsewhere: bool = False,
        more: Sequence[type[Vendor]] = (),
    ):
        super().__init__(folder / "project", folder / "store")
        books = folder / "books"
        self.vendors = Vendors(books, latency_s, lines=LINES, has_files_elsewhere=has_files_elsewhere, more=more)
        self.configuration = folder / "config.yaml"
        self.configure(**(settings or {}))
        for mood in moods:
            own_files(self.folder, mood)

    def __enter__(self) -> Shop:
        self.vendors.__enter__()
        self.environ |= self.vendors.environ
        self.environ["VIDBUILD_CONFIG"] = str(self.configuration)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.vendors.__exit__(kind, error, trace)
        super().__exit__(kind, error, trace)

    def configure(self, **settings: Any) -> None:
        """Write the user's configuration, outside the project."""
        self.configuration.write_text(yaml.safe_dump({"poll_s": 0.05, **settings}))

    def project(self, **spec: Any) -> None:
        """Write the project file."""
        self.write(self.file, json.dumps(spec, indent=1, ensure_ascii=False))

    def copy(self, folder: Path) -> Studio:
        """Give a studio with a copy of the project and of the store, whose command meets the same vendors."""
        other = super().copy(folder)
        other.environ = {**self.environ, "VIDBUILD_STORE": str(other.store)}
        return other

    def forget(self) -> None:
        """Leave the project as its author wrote it, on a machine that never built it; the vendors forget nothing."""
        for folder in (self.store, self.folder / "build", self.folder / ".vidbuild"):
            shutil.rmtree(folder, ignore_errors=True)
        self.lock.unlink(missing_ok=True)

    @property
    def lock(self) -> Path:
        """The project's lock, where it has one."""
        return self.folder / lock_name(self.folder / self.file)

    @property
    def submits(self) -> int:
        """How many requests for a job were sent, whatever became of them."""
        return sum(row.step == "submit" for row in self.vendors.requests)

    @property
    def paid(self) -> int:
        """How many jobs were paid."""
        return len(self.vendors.ledger)
