"""Where the lock and the store's own records disagree: somebody edited the lock, or a merge did.

The lock's word counts, since records may come from a store that others write; but it is told. What only the lock knows
(an answer that is circled, what a pin was asked for) can't be told so: then the build asks for something else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from vidbuild.plan import attempts
from vidbuild.session import Session
from vidbuild.stores.action_cache import ActionCache
from vidbuild.stores.cas import DiskCas
from vidbuild.stores.stamp import stamp_of
from vidbuild.words.action import ActionResult, Blob, BoundAction
from vidbuild.words.amounts import counted, usd_of
from vidbuild.words.locked import Asked, Bought, Pin

MOST = 20
"""Lines that are told; further ones are counted."""


def disagreements(session: Session) -> list[str]:
    """Tell what a lock says otherwise than the store remembers; nothing of what the store doesn't know."""
    if session.lock is None:
        return []
    told: dict[str, None] = {}
    for label, entries in session.lock.value.made.items():
        for entry in entries:
            if isinstance(entry, Pin):
                told |= dict.fromkeys(f"{label}: the pinned {text}" for text in _sizes(session, entry.outputs))
                continue
            for one in entry.attempts:
                told |= dict.fromkeys(f"{label}, {one.id}: {text}" for text in _of(session.cache, entry, one))
    found = [f"the lock and the store disagree: {text}; the lock's word counts" for text in told]
    return [*found[:MOST], *([f"and {len(found) - MOST} more"] if len(found) > MOST else [])]


def _of(cache: ActionCache, asked: Asked, bought: Bought) -> Iterator[str]:
    """Compare an attempt with its record."""
    result, record = cache.get(bought.key), cache.action(bought.key)
    if result is None or record is None or "ask" not in record.get("params", {}):
        return
    yield from _differing(bought, _as_recorded(result))
    if result.outputs != bought.outputs:
        yield "what it made is something else"
    ask = attempts.ask_of(BoundAction(**record))
    if ask.key != asked.ask:
        return  # it was adopted for another recipe
    seconds = Fraction(ask.params["seconds"]) if "seconds" in ask.params else None
    said = {"unsized": asked.unsized, "seconds": asked.seconds, "take": asked.take + 1}
    meant = {"unsized": attempts.unsized(ask), "seconds": seconds, "take": int(ask.params.get("take", 0)) + 1}
    yield from (_words(name, said[name], meant[name]) for name in said if said[name] != meant[name])


def _differing(bought: Bought, recorded: Mapping[str, Any]) -> Iterator[str]:
    for name, meant in recorded.items():
        said = getattr(bought, name)
        if said != meant and meant is not None:
            yield _words(name, said, meant)


def _as_recorded(result: ActionResult) -> Mapping[str, Any]:
    """Give what a record says of a purchase, by the lock's names; a price that came later only the lock knows."""
    facts = result.facts
    return {
        "model": facts.get("model"),
        "seed": facts.get("seed"),
        "job": facts.get("job"),
        "usd": usd_of(facts.get("usd")),
        "on": facts.get("on"),
    }


def _words(name: str, said: object, meant: object) -> str:
    return f"`{name}` is {said} here and {meant} there"


def _sizes(session: Session, outputs: Mapping[str, Blob]) -> Iterator[str]:
    """Compare sizes of blobs with the files that hold them."""
    for name, blob in outputs.items():
        stamp = stamp_of(DiskCas(session.store, session.memory).where(blob.digest))
        if stamp is not None and stamp[0] != blob.size:
            yield f"{name} has {counted(blob.size, 'byte')} here and {stamp[0]} there"
