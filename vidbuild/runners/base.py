"""The runner's side of the waist: a clean directory with inputs by slot, and the protocol that runners keep.

It knows nothing of stores, keys, or the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vidbuild.words.action import ActionResult, BoundAction, Conduct
from vidbuild.words.digest import Digest


@dataclass(frozen=True)
class Workspace:
    """A clean directory for one run.

    Args:
        folder: the working directory; everything in it goes when the run ends.
        inputs: a read-only file in it by slot.
        outputs: where each output must stand when the run ends, by name.
    """

    folder: Path
    inputs: Mapping[str, Path]
    outputs: Mapping[str, Path]


class Runner(Protocol):
    """Whoever makes things."""

    async def run(self, action: BoundAction, conduct: Conduct, workspace: Workspace) -> Mapping[str, Any]:
        """Make every output of an action in its workspace and give the facts; raise `ActionFailed` when it can't be.

        A cancelled run leaves no process behind.
        """


class Asking(Protocol):
    """The engine, as who answers an ask meets it."""

    async def result(self, action: BoundAction, conduct: Conduct) -> ActionResult:
        """Give what a bound action makes: remembered, or made now; the same one asked twice is made once."""

    def spent(self, usd: float) -> None:
        """Note what an attempt cost that was bought now."""


class Buyer(Protocol):
    """Who answers asks, by attempts that the engine is asked for."""

    async def bought(self, ask: BoundAction, conduct: Conduct, asking: Asking) -> ActionResult:
        """Answer an ask; its outputs are those of the attempt that passed."""

    async def again(self, digest: Digest, asking: Asking) -> bool:
        """Bring bytes in once more that were paid for; say whether they were.

        Raises:
            Unclear: they were, and nobody has them any more.
        """

    def kept(self, ask: BoundAction, conduct: Conduct, result: ActionResult) -> None:
        """Hear of an ask that was answered from memory."""
