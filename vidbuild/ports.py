"""What the engine is handed: own files, clean directories, the lock's pins, what stands behind the stores."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Protocol

from vidbuild.runners.base import Workspace
from vidbuild.words.action import ActionResult
from vidbuild.words.digest import Digest


class OwnFiles(Protocol):
    """The project's own files, read where they lie."""

    def path(self, digest: Digest) -> Path | None:
        """Give the file that had this content at planning, or `None` where it is no own file."""

    def moved(self, digest: Digest) -> Digest | None:
        """Give the new digest of a file whose stamp no longer stands, `None` where all is as it was."""


class Workspaces(Protocol):
    """Clean directories, and what keeps two processes from making the same thing at once."""

    def opened(
        self, inputs: Mapping[str, Path], outputs: Iterable[str]
    ) -> contextlib.AbstractContextManager[Workspace]:
        """Open a clean directory with inputs linked read-only; it is gone when the context ends."""

    def claim(self, key: Digest) -> Callable[[], None] | None:
        """Keep others from making a key: give what lets it go, or `None` when somebody makes it already."""


class Behind(Protocol):
    """What stands behind the stores, shared with other machines; each call may take a while."""

    def recall(self, key: Digest, known: ActionResult | None) -> None:
        """Look for a key, given what the stores know of it."""

    def look_again(self, key: Digest) -> None:
        """Look once more for a key that wasn't there."""

    def claim(self, key: Digest) -> Any:
        """Keep other machines from buying a key; `None` when one of them does already."""

    def renew(self, claim: Any) -> None:
        """Let a claim stand for longer."""

    def settle(self, claim: Any, key: Digest, result: ActionResult | None) -> None:
        """Share what was bought, then let the claim go."""


class Pins(Protocol):
    """What paid keys were bound from, as the lock holds it."""

    def pinned(self, question: Digest) -> ActionResult | None:
        """Give the result that is pinned for a question."""

    def pin(self, label: str, question: Digest, result: ActionResult) -> None:
        """Pin a result for a question."""
