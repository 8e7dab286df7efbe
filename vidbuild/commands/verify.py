"""`vidbuild verify`: tell whether a project's videos come out the same here, and what differs where they don't."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from vidbuild.console import Bar, say, sink_for
from vidbuild.plan.why import describe
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.verifying import Verified, verify
from vidbuild.words.amounts import counted
from vidbuild.words.errors import Exit, clean

MOST = 20
"""Lines that are told of what differs."""


def run(settings: Settings, told: dict[str, Any]) -> int:
    """Verify a project; exit 1 where anything differs, or nothing could be compared."""
    session = Session(settings, os.environ)
    sink = sink_for(False, sys.stderr.isatty() and not told["as_json"])
    jobs = told["jobs"] or session.configuration.jobs or os.cpu_count() or 1
    try:
        found = verify(session, jobs, sink if isinstance(sink, Bar) else lambda event: None)
    finally:
        session.close()
        if isinstance(sink, Bar):
            sink.close()
    if told["as_json"]:
        say(json.dumps(found.document()))
    else:
        _tell(found)
    return int(Exit.BUILT if found.status == "same" else Exit.FAILED)


def _tell(found: Verified) -> None:
    first = [one for one in found.differing if one.is_first]
    for one in first[:MOST]:
        said = "the first that differs" if one is first[0] else "differs too"
        say(clean(f"{said}: {describe(found.graph, one.id)}, `{one.output}`: made {one.made}, held {one.held}"))
    if len(first) > MOST:
        say(f"and {len(first) - MOST} more")
    if len(found.differing) > len(first):
        say(f"because of what they are made from: {counted(len(found.differing) - len(first), 'more output')}")
    for id, error in found.failed.items():
        say(clean(f"can't be made: {describe(found.graph, id)}: {error.sentence}"))
    for name, (was, here) in found.moved.items():
        say(clean(f"{name}: {here} here, {was} as {found.says} says"))
    if found.differing and not found.moved:
        say("the tools are the same: the step gives other bytes each time, or what is held came from elsewhere")
    if found.unknown and found.status != "unknown":
        say(f"{len(found.unknown)} made, of which nothing is held to compare with")
    if found.status == "unknown":
        say("nothing is held to compare with: build first, or name the store that holds it (VIDBUILD_REMOTE)")
    say(f"the same: {found.same}; otherwise: {len({one.id for one in found.differing})}")
