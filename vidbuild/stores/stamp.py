"""The stamp of a file: what tells, without reading it, that it has not been touched.

Standard library only, since the trace reads it before anything else is imported.
"""

from __future__ import annotations

import os
from pathlib import Path

Stamp = tuple[int, int, int, int]
"""Size, mtime_ns, ctime_ns, inode."""


def stamp_of(path: str | Path) -> Stamp | None:
    """Give a file's stamp, following links; `None` where there is nothing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
