"""Two locks made one: what git could not merge, and what it merged into a lock that contradicts itself.

All that either side bought is kept. Of two answers to one question the first side's stands, and that is told. It knows
neither git nor where a lock lies.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from vidbuild.stores.lock_changes import name_of
from vidbuild.stores.lock_conflict import parted
from vidbuild.stores.lock_text import BLOCKS, parsed
from vidbuild.words.digest import Digest
from vidbuild.words.locked import ANEW, Asked, Bought, Lock, Pin

_Name = tuple[type, Digest]


@dataclass(frozen=True)
class Merged:
    """A lock of two sides.

    Args:
        told: what the sides answered otherwise, and which answer stands, in sentences.
        files: own files of which the sides tell other bytes, with those of the second side.
    """

    lock: Lock
    told: tuple[str, ...]
    files: dict[str, Digest]


def resolved(text: str, file: str) -> Merged:
    """Give the lock that a text with conflicts, or one that contradicts itself, comes to.

    Raises:
        SpecError: where a side is no lock.
    """
    ours, theirs, conflicts = parted(text, file)
    first = parsed(ours, file, is_contradictory=True)
    second = parsed(theirs, file, is_contradictory=True) if conflicts else Lock()
    return merged(first, second)


def merged(ours: Lock, theirs: Lock) -> Merged:
    """Make two locks one; what stands in several places of one lock is made one, too."""
    told: dict[str, None] = {}
    bought = _bought(ours, theirs, told)
    known: dict[_Name, Asked | Pin] = {}
    places: dict[str, list[_Name]] = {}
    for label, entries in (*ours.made.items(), *theirs.made.items()):
        for entry in entries:
            name = (type(entry), name_of(entry))
            if name in known:
                known[name] = _joined(known[name], _by_key(entry), label, told)
            else:
                known[name] = _by_key(entry)
                places.setdefault(label, []).append(name)
    blocks = {}
    for block in BLOCKS:
        first, second = getattr(ours, block), getattr(theirs, block)
        blocks[block] = {**second, **first}
        if block == "models":
            differing = [question for question in first if second.get(question, first[question]) != first[question]]
            told |= {f"`{one}` is made by `{first[one]}`, not by `{second[one]}`": None for one in differing}
    files = {path: its for path, its in theirs.files.items() if ours.files.get(path, its) != its}
    made = {label: tuple(_by_id(known[name], bought) for name in names) for label, names in places.items()}
    return Merged(Lock(**blocks, made=made), tuple(told), files)


def _bought(ours: Lock, theirs: Lock, told: dict[str, None]) -> Mapping[Digest, Bought]:
    """Give every attempt once, by its key, with an id of its own: as many digits of its key as that takes."""
    found: dict[Digest, Bought] = {}
    for label, _, one in (*ours.attempts, *theirs.attempts):
        its = found.setdefault(one.key, one)
        if its.outputs != one.outputs:
            told.setdefault(f"{label}: `{its.id}` was bought twice; what `{its.job}` made stands, not `{one.job}`")
        elif its.usd is None:
            found[one.key] = one
    taken: dict[str, Digest] = {}
    for key, one in found.items():
        id = one.id
        while taken.setdefault(id, key) != key:
            id = f"k{key[: len(id)]}"
        found[key] = replace(one, id=id)
    return found


def _joined(first: Asked | Pin, second: Asked | Pin, label: str, told: dict[str, None]) -> Asked | Pin:
    """Make two entries of one question one; circles are keys."""
    if not isinstance(first, Asked) or not isinstance(second, Asked):
        if first != second:
            sentence = f"{label}: of two results that paid takes start from, one stands: takes of the other are lost"
            told.setdefault(sentence)
        return first
    keys = {one.key for one in first.attempts}
    mine, other = first.circled, second.circled
    if mine in (None, ANEW):
        if ANEW in (mine, other) and (answer := other or mine) not in (None, ANEW):
            told.setdefault(_not_anew(label, str(answer), (*second.attempts, *first.attempts)))
        mine = other or mine
    elif other == ANEW:
        told.setdefault(_not_anew(label, mine, (*first.attempts, *second.attempts)))
    elif other not in (None, ANEW, mine):
        ids = {one.key: one.id for one in (*second.attempts, *first.attempts)}
        names = (ids.get(Digest(circle), circle) for circle in (str(mine), str(other)))
        told.setdefault("{}: `{}` stays circled, not `{}`: `vidbuild pick` shows that one".format(label, *names))
    beside = (one for one in second.attempts if one.key not in keys)
    return replace(first, circled=mine, attempts=(*first.attempts, *beside))


def _not_anew(label: str, circle: str, attempts: Sequence[Bought]) -> str:
    id = next((one.id for one in attempts if one.key == circle), circle)
    return f"{label}: `{id}` stays circled, though one side asks anew: `vidbuild lock --update` says it again"


def _by_key(entry: Asked | Pin) -> Asked | Pin:
    """Circle an attempt by its key: an id may be two attempts' in two branches."""
    if isinstance(entry, Pin) or entry.answer is None:
        return entry
    return replace(entry, circled=entry.answer.key)


def _by_id(entry: Asked | Pin, bought: Mapping[Digest, Bought]) -> Asked | Pin:
    """Give an entry as it is written: its attempts as they are told everywhere, the circled one by its id."""
    if isinstance(entry, Pin):
        return entry
    circled = bought[Digest(entry.circled)].id if entry.circled not in (None, ANEW) else entry.circled
    return replace(entry, circled=circled, attempts=tuple(bought[one.key] for one in entry.attempts))
