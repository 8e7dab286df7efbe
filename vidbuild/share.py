"""Where `schemas/` and `templates/` are: inside an installed package, else at the top of the source tree."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def share(name: str) -> Path:
    """Find a shipped folder or file by its path from the top of the source tree."""
    installed = PACKAGE / "shipped" / name
    return installed if installed.exists() else PACKAGE.parent / name
