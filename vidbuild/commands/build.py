"""`vidbuild build`: run a build, show it, give its exit code."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from typing import Any

import click

from vidbuild.building import Conditions, build
from vidbuild.console import Bar, sink_for
from vidbuild.plan.money import Consent
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.words.errors import clean


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Build, and end with the last word; a project that can't be built at all is raised."""
    interactive = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    sink = sink_for(told["as_json"], interactive)
    session = Session(settings, os.environ)
    is_ci = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
    can_ask = sys.stdin.isatty() and sys.stderr.isatty() and not told["as_json"]
    most = None if told["max_cost"] is None else Fraction(str(told["max_cost"]))
    consent = Consent(told["yes"], most, can_ask, is_ci, told["allow_unknown_price"])
    jobs = told["jobs"] or session.configuration.jobs or os.cpu_count() or 1
    conditions = Conditions(
        jobs, not told["keep_going"], not told["no_wait"], consent, _asked, told["retry_refused"],
        told["locked"], told["frozen"],
    )  # fmt: skip
    try:
        last = build(session, conditions, sink)
    finally:
        session.close()
        if isinstance(sink, Bar):
            sink.close()
    sink(last)
    return last.exit


def _asked(question: str) -> bool:
    """Put a question to who sits at the terminal."""
    return click.confirm(clean(question), err=True)
