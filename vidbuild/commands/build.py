"""`vidbuild build`: run a build, show it, give its exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from vidbuild.building import Conditions, build
from vidbuild.console import Bar, sink_for
from vidbuild.plan.approved import Approved, parsed
from vidbuild.plan.money import Consent
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.spec.files import taken
from vidbuild.words.errors import UsageError, clean

MOST_BYTES = 256 * 2**20
"""A plan of many thousand actions has tens of megabytes."""


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Build, and end with the last word; a project that can't be built at all is raised."""
    interactive = sys.stderr.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
    sink = sink_for(told["as_json"], interactive)
    approved = None if told["plan"] is None else _read(Path(told["plan"]))
    if approved is not None:
        settings = _as_approved(settings, approved, told)
    session = Session(settings, os.environ)
    is_ci = os.environ.get("CI", "").lower() not in ("", "0", "false", "no")
    can_ask = sys.stdin.isatty() and sys.stderr.isatty() and not told["as_json"]
    most = None if told["max_cost"] is None else Fraction(str(told["max_cost"]))
    consent = Consent(told["yes"], most, can_ask, is_ci, told["allow_unknown_price"])
    jobs = told["jobs"] or session.configuration.jobs or os.cpu_count() or 1
    conditions = Conditions(
        jobs, not told["keep_going"], not told["no_wait"], consent, _asked, told["retry_refused"],
        told["locked"], told["frozen"], approved,
    )  # fmt: skip
    try:
        last = build(session, conditions, sink)
    finally:
        session.close()
        if isinstance(sink, Bar):
            sink.close()
    sink(last)
    return last.exit


def _read(file: Path) -> Approved:
    """Read a plan that was approved."""
    try:
        data = taken(file, MOST_BYTES)
    except OSError as error:
        raise UsageError(f"the plan `{file}` can't be read", {"because": error.strerror or str(error)}) from error
    if len(data) > MOST_BYTES:
        raise UsageError(f"`{file}` is no plan", {"because": f"it is larger than {MOST_BYTES // 2**20} MB"})
    return parsed(data.decode(errors="replace"), str(file))


def _as_approved(settings: Settings, approved: Approved, told: Mapping[str, Any]) -> Settings:
    """Ask for what was approved, and for nothing else."""
    for name, given in (
        ("--draft", settings.draft),
        ("--output", settings.outputs),
        ("--only", settings.only),
        ("--profile", settings.profile),
        ("--yes", told["yes"]),
    ):
        if given:
            raise UsageError(f"`--plan` says what is built, and at what price: leave `{name}` out")
    return replace(
        settings, draft=approved.draft, outputs=approved.outputs, only=approved.only, profile=approved.profile
    )


def _asked(question: str) -> bool:
    """Put a question to who sits at the terminal."""
    return click.confirm(clean(question), err=True)
