"""`vidbuild jobs`: what is out at vendors, going on with it, and telling what became of what is unclear."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vidbuild.console import say
from vidbuild.session import Session
from vidbuild.settings import Settings, lock_name
from vidbuild.stores.job_log import JobLog, Stage, Standing, standing
from vidbuild.stores.lockfile import LockFile
from vidbuild.stores.workspaces import claim_on
from vidbuild.words.amounts import usd_of
from vidbuild.words.digest import Digest
from vidbuild.words.errors import BusyError, Exit, UsageError, clean
from vidbuild.words.locked import Lock

_WORDS = {
    Stage.INTENDED: "unclear: no answer named a job",
    Stage.OUT: "out at the vendor",
    Stage.VANISHED: "unclear: the vendor no longer knows it",
}


@dataclass(frozen=True)
class Open:
    """An attempt that leaves something to do."""

    attempt: Digest
    standing: Standing

    def row(self) -> dict[str, Any]:
        """Give it for programs."""
        intent = self.standing.intent
        return {
            "attempt": self.attempt,
            "stage": str(self.standing.stage),
            "label": intent.get("label"),
            "model": intent.get("model"),
            "provider": intent.get("provider"),
            "job": self.standing.handle.get("id"),
            "sent": intent.get("at"),
            "reserved_usd": intent.get("reserved_usd"),
            "project": intent.get("project"),
        }


def opened(log: JobLog) -> list[Open]:
    """List the attempts that leave something to do, the oldest first."""
    found = [Open(key, standing(log.steps(key))) for key in log.open_attempts()]
    return sorted(found, key=lambda one: str(one.standing.intent.get("at")))


def unclear(session: Session) -> list[str]:
    """Say of which jobs of the project nobody knows whether they were bought; a build looks them up, or stops there."""
    mine = str(session.settings.file.absolute())
    found = [one for one in opened(session.jobs) if one.standing.stage in (Stage.INTENDED, Stage.VANISHED)]
    whose = [str(one.standing.intent.get("label")) for one in found if one.standing.intent.get("project") == mine]
    told = "what became of its last job isn't known: a build looks it up, or asks you; `vidbuild jobs list` shows it"
    return [f"{label}: {told}" for label in dict.fromkeys(whose)]


def list_(settings: Settings, everywhere: bool, as_json: bool) -> int:
    """List what is out, of the project or of the whole store."""
    session = Session(settings, os.environ)
    try:
        mine = str(settings.file.absolute())
        found = [one for one in opened(session.jobs) if everywhere or one.standing.intent.get("project") == mine]
    finally:
        session.close()
    if as_json:
        say(json.dumps([one.row() for one in found]))
        return Exit.BUILT
    for one in found:
        intent = one.standing.intent
        job = one.standing.handle.get("id", "no id")
        where = f"{intent.get('model')} at {intent.get('provider')}, {job}"
        say(clean(f"{one.attempt[:12]}  {intent.get('label', '')}: {where}"))
        say(f"              {_WORDS[one.standing.stage]}; sent {intent.get('at')}, at most {_usd(intent)}")
    if not found:
        say("no job is out")
    elif any(one.standing.stage is not Stage.OUT for one in found):
        say("tell what became of an unclear one: `vidbuild jobs resolve KEY --job ID`, `--lost` or `--buy-again`")
    return Exit.BUILT


def resolve(settings: Settings, key: str, job: str | None, lost: bool, again: bool) -> int:
    """Write down what the user says of an attempt; the next build goes on from there.

    Raises:
        BusyError: a build has the attempt in its hands, and may be finding it out.
    """
    if (job is not None) + lost + again != 1:
        raise UsageError("say one thing of it: `--job ID`, `--lost` or `--buy-again`")
    if job is not None and (len(job.split()) != 1 or len(job) > 200 or not job.isprintable()):
        raise UsageError("a job's id is one word, as the vendor shows it")
    session = Session(settings, os.environ)
    try:
        lock = LockFile(settings.home / lock_name(settings.file)).value
        attempt = _meant({*session.jobs.attempts(), *(one.key for one in lock.bought.values())}, key)
        if job is not None:
            _see_free(session.jobs, lock, attempt, job.strip())
        claim = claim_on(session.store, attempt)
        if not claim.take("vidbuild jobs resolve"):
            raise BusyError(f"a build goes on with this job: {claim.holder()}", hint="tell it when that has ended")
        before = standing(session.jobs.steps(attempt))
        if job is not None:
            session.jobs.append(attempt, "submitted", handle={"id": job.strip()}, since=0, told="by hand")
            told = "the next build fetches that job"
        elif lost:
            session.jobs.append(attempt, "lost", told="by hand")
            told = "it counts as never made, and costs nothing; the next build sends it again"
        else:
            session.jobs.append(attempt, "again", told="by hand", usd=before.intent.get("list_usd"))
            told = "its price stays spent; the next build buys it again"
        claim.release(remove=True)
    finally:
        session.close()
    say(f"{attempt[:12]}: {told}")
    return Exit.BUILT


def _see_free(jobs: JobLog, lock: Lock, attempt: Digest, job: str) -> None:
    """See that an id may be that of an attempt's job: not another's, and the vendor's own alone.

    Whether there is such a job, the vendor tells the next build.
    """
    provider = str(standing(jobs.steps(attempt)).intent.get("provider") or "")
    if provider and job.startswith(f"{provider}/"):
        raise UsageError(f"`{clean(job)}` is how a lock names a job", hint=f"leave out `{provider}/`")
    bought = {(one.key, one.job) for one in lock.bought.values()}
    others = {key for key, name in bought if name == f"{provider}/{job}" and key != attempt}
    if (other := jobs.held().get((provider, job))) is not None and other != attempt:
        others.add(other)
    for other in sorted(others)[:1]:
        sentence = f"the job `{clean(job)}` is another attempt's, `{other[:12]}`"
        raise UsageError(sentence, hint="look for the job that was sent for this one in your account at the vendor")


def _meant(known: Collection[Digest], key: str) -> Digest:
    """Find the attempt that a key or its beginning means, of those that the log or the lock knows."""
    found = [attempt for attempt in known if attempt.startswith(key)] if len(key) >= 6 else []
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"`{clean(key)}` may mean {len(found)} attempts", hint="write more of it")
    raise UsageError(f"no attempt begins with `{clean(key)}`", hint="`vidbuild jobs list` shows what is out")


def _usd(intent: Mapping[str, Any]) -> str:
    usd = usd_of(intent.get("reserved_usd"))
    return "an unknown price" if usd is None else f"${float(usd):.2f}"
