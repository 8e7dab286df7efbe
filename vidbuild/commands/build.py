"""`vidbuild build`: run a build, show it, give its exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

from vidbuild.building import Conditions, build
from vidbuild.console import sink_for
from vidbuild.session import Session
from vidbuild.settings import Settings


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Build, and end with the last word; a project that can't be built at all is raised."""
    interactive = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    sink = sink_for(told["as_json"], interactive)
    conditions = Conditions(told["jobs"] or os.cpu_count() or 1, not told["keep_going"], not told["no_wait"])
    session = Session(settings, os.environ)
    try:
        last = build(session, conditions, sink)
    finally:
        session.close()
    sink(last)
    return last.exit
