"""What can change in a lock. Each change gives a lock, the same one where it has nothing to add.

An entry that is known stays where it stands, whatever label it is told under now. Values only: no text, no file.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from vidbuild.words.digest import Digest
from vidbuild.words.locked import ANEW, Asked, Bought, Lock, Pin

_Text = TypeVar("_Text", bound=str)
_SHORTEST_ID = 6


def with_bought(lock: Lock, label: str, asked: Asked, bought: Bought) -> Lock:
    """Enter an attempt; one that is known learns only what was not known of it, and what it makes now.

    Args:
        asked: the ask without attempts, for when it isn't known yet.
    """
    known = lock.asks.get(asked.ask)
    if known is None:
        return _added(lock, label, replace(asked, attempts=(_named(lock, bought),)))
    first = next((one for one in known.attempts if one.key == bought.key), None)
    if first is None:
        return _exchanged(lock, known, replace(known, attempts=(*known.attempts, _named(lock, bought))))
    usd = first.usd if bought.usd is None else bought.usd
    job = bought.job or first.job
    learned = replace(first, usd=usd, job=job, on=first.on if job == first.job else bought.on, outputs=bought.outputs)
    for asked in [one for one in lock.asks.values() if first in one.attempts]:  # what was adopted stands under several
        attempts = tuple(learned if one == first else one for one in asked.attempts)
        lock = _exchanged(lock, asked, replace(asked, attempts=attempts))
    return lock


def with_circled(lock: Lock, ask: Digest, attempt: str) -> Lock:
    """Circle an attempt by its id or key, or `ANEW`; an ask or attempt that isn't there changes nothing."""
    known = lock.asks.get(ask)
    if known is None:
        return lock
    ids = {ANEW: ANEW, **{name: one.id for one in known.attempts for name in (one.id, one.key)}}
    return _exchanged(lock, known, replace(known, circled=ids[attempt])) if attempt in ids else lock


def with_pin(lock: Lock, label: str, pin: Pin) -> Lock:
    """Pin a result; a question that is known gets it in its place."""
    known = lock.pins.get(pin.question)
    return _added(lock, label, pin) if known is None else _exchanged(lock, known, pin)


def with_models(lock: Lock, models: Mapping[str, str]) -> Lock:
    """Pin what routing chose, by question."""
    return replace(lock, models={**lock.models, **models}) if _adds(lock.models, models) else lock


def with_styles(lock: Lock, styles: Mapping[str, str]) -> Lock:
    """Pin bare names of styles."""
    return replace(lock, styles={**lock.styles, **styles}) if _adds(lock.styles, styles) else lock


def with_files(lock: Lock, files: Mapping[str, Digest]) -> Lock:
    """List own files."""
    return replace(lock, files={**lock.files, **files}) if _adds(lock.files, files) else lock


def with_toolchain(lock: Lock, toolchain: Mapping[str, str]) -> Lock:
    """Say what the project is made with."""
    return replace(lock, toolchain=dict(toolchain)) if lock.toolchain != toolchain else lock


def without(
    lock: Lock,
    entries: Collection[Digest] = (),
    models: Collection[str] = (),
    styles: Collection[str] = (),
    files: Collection[str] = (),
) -> Lock:
    """Forget entries (asks by key, pins by question), models by question, styles by name and files by path."""
    gone = frozenset(entries)
    made = {}
    for label, group in lock.made.items():
        kept = tuple(entry for entry in group if name_of(entry) not in gone)
        if kept:
            made[label] = group if len(kept) == len(group) else kept
    left = _left(lock.models, models), _left(lock.styles, styles), _left(lock.files, files)
    fresh = Lock(*left, made, lock.toolchain)
    return lock if fresh == lock else fresh


def _left(block: Mapping[str, _Text], gone: Collection[str]) -> dict[str, _Text]:
    return {name: text for name, text in block.items() if name not in gone}


def _adds(known: Mapping[str, str], told: Mapping[str, str]) -> bool:
    return any(known.get(name) != text for name, text in told.items())


def name_of(entry: Asked | Pin) -> Digest:
    """Give what an entry is found by: the ask's key, or the pin's question."""
    return entry.ask if isinstance(entry, Asked) else entry.question


def _named(lock: Lock, bought: Bought) -> Bought:
    """Give an attempt an id that no other attempt of the lock has: as many digits of its key as that takes."""
    id = bought.id
    while (other := lock.bought.get(id)) is not None and other.key != bought.key:
        id = f"k{bought.key[: max(len(id), _SHORTEST_ID)]}"
    return bought if id == bought.id else replace(bought, id=id)


def _added(lock: Lock, label: str, entry: Asked | Pin) -> Lock:
    return replace(lock, made={**lock.made, label: (*lock.made.get(label, ()), entry)})


def _exchanged(lock: Lock, known: Asked | Pin, entry: Asked | Pin) -> Lock:
    """Replace an entry in every place where it stands."""
    if known == entry:
        return lock
    name = name_of(known)
    groups = {
        label: tuple(entry if name_of(one) == name else one for one in entries)
        for label, entries in lock.made.items()
        if any(name_of(one) == name for one in entries)
    }
    return replace(lock, made={**lock.made, **groups})
