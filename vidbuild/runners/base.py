"""The runner's side of the waist: a clean directory with inputs by slot, and the protocol that runners keep.

It knows nothing of stores, keys, or the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from vidbuild.words.action import BoundAction, Conduct


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
