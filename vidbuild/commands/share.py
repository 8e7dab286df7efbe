"""`vidbuild push` and `vidbuild pull`: what a project needs, to the store that is shared and from it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

from vidbuild.console import say
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.stores.tiered import AT_ONCE, Behind
from vidbuild.survey import Standing
from vidbuild.words.action import ActionResult, Blob
from vidbuild.words.amounts import counted, size_text
from vidbuild.words.digest import Digest
from vidbuild.words.errors import Exit, UsageError, clean

MOST = 20
"""Lines that are told of what is nowhere."""


def push(settings: Settings, environ: Mapping[str, str]) -> int:
    """Send everything that is here of a project: what is bought, and what was made of it."""
    return _with(settings, environ, _push)


def pull(settings: Settings, environ: Mapping[str, str]) -> int:
    """Fetch all that the shared store holds of a project, so that it builds without it."""
    return _with(settings, environ, _pull)


def _with(
    settings: Settings, environ: Mapping[str, str], act: Callable[[Session, Behind, Mapping[Digest, ActionResult]], int]
) -> int:
    session = Session(settings, environ)
    try:
        results = _results(session)
        if session.behind is None:
            hint = "name one: `remote:` in the project, or VIDBUILD_REMOTE"
            raise UsageError("no shared store is named", hint=hint)
        return act(session, session.behind, results)
    finally:
        session.close()
        for text in session.told:
            print(clean(text), file=sys.stderr)


def _results(session: Session) -> Mapping[Digest, ActionResult]:
    """Give every result that a build of the project rests on, by key: of the plan as it stands, and of the lock."""
    graph = session.plan().graph
    found = {
        each.bound.key: each.result
        for each in session.survey(graph).values()
        if each.bound is not None and each.result is not None and each.standing in (Standing.CACHED, Standing.LOST)
    }
    bought = session.lock.value.bought if session.lock is not None else {}
    return {**found, **{one.key: ActionResult(one.outputs) for one in bought.values()}}


def _push(session: Session, behind: Behind, results: Mapping[Digest, ActionResult]) -> int:
    if behind.reads_only:
        raise UsageError("the shared store is only read here", hint="see `read_only`, and VIDBUILD_REMOTE_READ_ONLY")
    for key, result in results.items():
        behind.send(key, result, waits=True)
    traffic = behind.flush()
    has_failed = bool(session.told or traffic.unsent)
    if traffic.sent or traffic.there or not has_failed:
        sent = f"{counted(traffic.sent, 'blob')}, {size_text(traffic.sent_bytes)}"
        say(f"sent: {sent}; {traffic.there} there already")
    if traffic.unsent:
        say(f"not sent: {traffic.unsent} of {counted(len(results), 'result')}; push again", sys.stderr)
    return int(Exit.FAILED if has_failed else Exit.BUILT)


def _pull(session: Session, behind: Behind, results: Mapping[Digest, ActionResult]) -> int:
    blobs: dict[Digest, Blob] = {blob.digest: blob for result in results.values() for blob in result.outputs.values()}
    behind.recall_all(dict(results))
    with ThreadPoolExecutor(AT_ONCE) as pool:
        there = dict(zip(blobs, pool.map(session.cas.fetch, blobs), strict=True))
    traffic = behind.traffic
    fetched = f"{counted(traffic.fetched, 'blob')}, {size_text(traffic.fetched_bytes)}"
    say(f"fetched: {fetched}; {len(blobs)} needed in all")
    lacking = [digest for digest, path in there.items() if path is None]
    for digest in lacking[:MOST]:
        print(
            f"nowhere: {digest} ({clean(blobs[digest].media_type)}, {size_text(blobs[digest].size)})", file=sys.stderr
        )
    return int(Exit.FAILED if lacking else Exit.BUILT)
