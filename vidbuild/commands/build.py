"""`vidbuild build`: run a build, show it, give its exit code."""

from __future__ import annotations

import os
import sys
from typing import Any

from vidbuild.building import Conditions, build, ended
from vidbuild.console import complain, sink_for
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.words.errors import Exit, VidbuildError
from vidbuild.words.events import Told


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Build; every exit has a last word."""
    interactive = sys.stderr.isatty() and not os.environ.get("CI")
    sink = sink_for(told["as_json"], interactive)
    jobs = told["jobs"] or os.cpu_count() or 1
    try:
        session = Session(settings, os.environ)
        try:
            last = build(session, Conditions(jobs, not told["keep_going"], not told["no_wait"]), sink)
        finally:
            session.close()
    except VidbuildError as error:
        if told["as_json"]:
            sink(Told(error.text()))
        complain(error)
        last = ended(error.exit)
        if not told["as_json"]:
            return last.exit
    except KeyboardInterrupt:
        last = ended(Exit.INTERRUPTED)
    sink(last)
    return last.exit
