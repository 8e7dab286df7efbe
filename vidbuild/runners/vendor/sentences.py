"""What can end an attempt, put into words: whether it was refused, failed, can't be asked for, or is not clear.

Each also writes down what follows from it, so that the next build knows.
"""

from __future__ import annotations

import contextlib
import math
import shutil
from fractions import Fraction
from pathlib import Path

from vidbuild.runners.vendor.cadence import Wait
from vidbuild.runners.vendor.errand import Errand, usd_text
from vidbuild.stores.job_log import Standing
from vidbuild.wire.values import Cause, Wrong
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed

_ENDED = {Cause.CANCELLED: "was cancelled", Cause.EXPIRED: "expired"}


def refused_before(errand: Errand, before: Standing) -> Refused:
    """Say that it was refused in an earlier build, and isn't sent again."""
    return Refused(
        f"{errand.title} refused this before",
        {"said": before.message, "model": errand.hire.model},
        "write it otherwise, or send it again with `--retry-refused`",
    )


def refused(errand: Errand, wrong: Wrong) -> Refused:
    """Say, and remember, that the vendor's moderation refused it."""
    errand.step("refused", message=errand.said(wrong))
    errand.settle(wrong.usd or Fraction(0))
    errand.pace.refused()
    errand.tell("refused", why=errand.said(wrong))
    return Refused(
        f"{errand.title} refused it",
        {"said": errand.said(wrong), "model": errand.hire.model},
        "write it otherwise, or name another model behind this one; it is not sent again without `--retry-refused`",
    )


def ended(errand: Errand, wrong: Wrong, seen_s: float) -> ActionFailed:
    """Put the end of a job that made nothing into words; vendors take no money for one that failed.

    Args:
        seen_s: the age at which it was last seen at work.
    """
    if errand.is_bought:
        return lost(errand, f"the vendor gives it no more: {errand.said(wrong)}")
    if wrong.cause is Cause.REFUSED:
        return refused(errand, wrong)
    errand.step("failed", message=errand.said(wrong), cause=str(wrong.cause), usd=usd_text(wrong.usd))
    errand.forget(errand.standing().intent.get("enclosed") or {})
    errand.desk.latencies.saw(errand.model.name, Wait(seen_s, math.inf))
    errand.settle(wrong.usd or Fraction(0))
    errand.pace.failed()
    errand.tell("failed", why=errand.said(wrong))
    if wrong.cause in (Cause.KEY, Cause.CREDIT, Cause.RETIRED):
        return unusable(errand, wrong)
    sentence = f"the job at {errand.title} {_ENDED.get(wrong.cause, 'failed')}"
    return AttemptFailed(sentence, {"said": errand.said(wrong), "model": errand.hire.model})


def worthless(errand: Errand, sentence: str, because: str = "") -> ActionFailed:
    """Say that what was paid for is nothing that can be used."""
    if errand.is_bought:
        return lost(errand, sentence)
    errand.step("failed", message=because or sentence, usd=usd_text(errand.usd))
    errand.settle(errand.usd)
    errand.pace.failed()
    errand.tell("failed", why=sentence)
    return AttemptFailed(sentence, {"because": because} if because else None)


def unread(errand: Errand, name: str) -> ActionFailed:
    """Say that a vendor ended a job, and what it made can't be found in its answer: its file may be wrong.

    It stays what is out: no further attempt is bought, and the next build asks for it again.
    """
    sentence = f"{errand.title} ended the job, and its answer holds no {name}"
    errand.tell("failed", why=sentence)
    hint = "the next build asks for it again: see `result` in the provider's file, or give it up: `vidbuild jobs`"
    return Unclear(sentence, {"job": str(errand.key)[:12]}, hint)


def unusable(errand: Errand, wrong: Wrong) -> VendorFailed:
    """Put into words why a vendor can't be used, with what to do."""
    title, keys = errand.title, " and ".join(f"`{key}`" for key in errand.provider.keys)
    sentence, hint = {
        Cause.KEY: (f"{title} does not accept the key", f"see that {keys} holds a key that is valid"),
        Cause.CREDIT: (f"{title} has no credit left", "buy credit there, then build again: what is paid is kept"),
        Cause.RETIRED: (
            f"{title} no longer has the model `{errand.hire.model}`",
            "name another model; `vidbuild models` lists them",
        ),
        Cause.SERVER: (f"{title} has trouble of its own", "build again later; nothing was bought"),
    }.get(wrong.cause, (f"{title} does not take the request", "see what it says; nothing was bought"))
    return VendorFailed(sentence, {"said": errand.said(wrong), "model": errand.hire.model}, hint)


def out_of_reach(errand: Errand, why: str, hint: str = "") -> ActionFailed:
    """Say that a job that is out can't be asked for; another vendor is not asked instead, which would pay twice."""
    return ActionFailed(
        f"a job is out at {errand.title}, and can't be asked for",
        {"because": why, "attempt": errand.key},
        hint or "it is logged: build again to go on, without paying again",
    )


def unreachable(errand: Errand, why: str) -> VendorFailed:
    """Say that nothing can be sent to a vendor."""
    errand.desk.purse.release(errand.key)
    errand.pace.failed()
    hint = "nothing was bought; build again when the network is there"
    return VendorFailed(f"{errand.title} can't be reached", {"because": errand.desk.masked(why)}, hint)


def too_busy(errand: Errand, wrong: Wrong, is_out: bool = False) -> VendorFailed:
    """Say that a vendor takes nothing, though nothing of ours runs there."""
    if not is_out:
        errand.desk.purse.release(errand.key)
    sentence = f"{errand.title} takes no job, though none of this build's runs there"
    return VendorFailed(sentence, {"said": errand.said(wrong)}, "nothing was bought; build again later")


def unclear(errand: Errand, why: str, said: str = "") -> Unclear:
    """Say that nobody knows whether it was bought: the user decides."""
    usd = errand.hire.list_usd
    facts = {"why": why, "attempt": errand.key, "price": "unknown" if usd is None else f"${float(usd):.2f}"}
    facts |= {"said": said} if said else {}
    return Unclear(
        f"whether {errand.title} made this, and took the money, is not known",
        facts,
        f"look into your jobs at {errand.title}, then tell it with `vidbuild jobs resolve "
        f"{errand.key[:12]}` and `--job ID`, `--lost` (it was never made) or `--buy-again`",
    )


def lost(errand: Errand, why: str) -> Unclear:
    """Say that something paid is gone: the user decides whether it is bought again."""
    return Unclear(
        "something that was paid for is in no store any more",
        {"why": why, "attempt": errand.key},
        f"find the store that holds it, or buy it again: `vidbuild jobs resolve {errand.key[:12]} --buy-again`",
    )


def vanished(errand: Errand, why: str = "") -> Unclear:
    """Say that the vendor no longer knows a job."""
    if errand.is_bought:
        return lost(errand, "the vendor has it no more")
    errand.step("vanished")
    errand.tell("lost")
    return unclear(errand, why or "the vendor no longer knows the job that it had accepted")


def no_room(errand: Errand, folder: Path, error: OSError) -> ActionFailed:
    """Say that what a job made can't be written here."""
    facts = {"because": error.strerror or str(error), "folder": str(folder)}
    with contextlib.suppress(OSError):
        facts["free"] = f"{shutil.disk_usage(folder).free / 1e6:.0f} MB"
    hint = "make room; the job is kept: build again to fetch it, without paying again"
    return ActionFailed(f"what {errand.title} made can't be written", {**facts, "attempt": errand.key}, hint)


def still_out(errand: Errand, age_s: float, said: str = "") -> ActionFailed:
    """Say that a job takes longer than anybody waits.

    Args:
        said: what was last said instead of how it is.
    """
    return ActionFailed(
        f"{errand.title} has not finished the job after {age_s / 60:.0f} min",
        {"attempt": errand.key} | ({"said": said} if said else {}),
        "it is logged: build again to go on waiting, without paying again",
    )
