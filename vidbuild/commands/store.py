"""`vidbuild store gc` and `store stats`: what the store holds, what it cost, and letting go of what isn't used."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import click

from vidbuild import inventory
from vidbuild.console import say
from vidbuild.inventory import Inventory
from vidbuild.plan.price import usd_text
from vidbuild.settings import lock_name
from vidbuild.stores import sweeping
from vidbuild.stores.cas import SWEEPING
from vidbuild.stores.holdings import File, Holdings, Paid, holdings
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.remotes.remote import Remote, is_held
from vidbuild.stores.sweeping import Broom, Limits, Sweep
from vidbuild.words.amounts import bytes_of, counted, seconds_of, size_text
from vidbuild.words.errors import BusyError, Exit, UsageError, VidbuildError, clean


@dataclass(frozen=True)
class Wanted:
    """What `gc` is asked for, as it was written."""

    keep: str | None
    max_size: str | None
    paid: bool = False
    dry_run: bool = False
    yes: bool = False
    as_json: bool = False

    def limits(self, now: float) -> Limits:
        """Read the limits.

        Raises:
            UsageError: there are none, or they can't be read.
        """
        age = seconds_of(self.keep) if self.keep is not None else 0
        most = bytes_of(self.max_size) if self.max_size is not None else None
        if age is None:
            raise UsageError(f"`{self.keep}` is no age", hint="write it like `30d`, `12h` or `4w`")
        if self.max_size is not None and most is None:
            raise UsageError(f"`{self.max_size}` is no size", hint="write it like `20GB` or `500MiB`")
        if self.keep is None and self.max_size is None:
            hint = "`--keep 30d` keeps what was used since, `--max-size 20GB` the newest; with both, both hold"
            raise UsageError("nothing says what the store should keep", hint=hint)
        return Limits(now - age, most)


def gc(store: str | None, named: Sequence[Path], wanted: Wanted, environ: Mapping[str, str]) -> int:
    """Let go of what isn't used: derived results, then (where it is safe, or asked for) what was paid for."""
    limits = wanted.limits(time.time())
    stock = inventory.taken(store, named, environ)
    lock = ProcessLock(stock.root / SWEEPING)
    if not lock.take("vidbuild store gc"):
        raise BusyError(f"the store is swept already: {lock.holder()}")
    try:
        ended = _swept(stock, limits, wanted, inventory.elsewhere(named, store, environ))
        lock.release(remove=True)
        return ended
    finally:
        lock.release()  # it lies there where this failed: what was half removed is put back
        stock.index.close()


def _swept(stock: Inventory, limits: Limits, wanted: Wanted, remotes: Sequence[Remote]) -> int:
    held = stock.held
    for path, why in stock.unreadable.items():
        say(f"`{path}` can't be read, so nothing that was paid for goes: {clean(why)}", sys.stderr)
    if held.foreign:
        keeps = ", and so does all that no result has" if held.is_blind else " with what they name"
        say(f"{_records(held.foreign)}: they stay{keeps}", sys.stderr)
    sweep = sweeping.derived(held, limits)
    elsewhere = _Elsewhere(held, remotes)

    def may_go(one: Paid) -> bool:
        return not stock.unreadable and (wanted.paid or (not one.named and elsewhere(one)))

    paid = sweeping.bought(held, limits, sweep.size, may_go)
    lost = [one for one in paid if not elsewhere(one)]
    dear = [one for one in paid if one.named or one in lost]
    if dear and not wanted.as_json:
        _tell_dear(dear, lost)
    if dear and not wanted.dry_run and not wanted.yes and not _agreed(dear, wanted):
        if wanted.as_json:
            _say_row(_gc_row(held, sweep, paid, lost, held.size, _without(held, sweep, paid).size), True)
        hint = "look at the list, then say `--yes` too; `--dry-run` shows it alone"
        raise Unagreed("what was paid for goes only when it is said twice", hint=hint)
    before = held.size
    if not wanted.dry_run:
        broom = Broom(stock.root, stock.cas, stock.cache)
        if paid:
            paid = broom.let_go(held, paid)
        broom.sweep(sweep)
        broom.forget_requests(held, limits.before)
        held = holdings(stock.root, stock.cas, stock.cache, {}, held.at)
    else:
        held = _without(held, sweep, paid)
    is_over = limits.most is not None and held.size > limits.most
    row = _gc_row(stock.held, sweep, paid, lost, before, held.size)
    if wanted.as_json:
        _say_row(row, wanted.dry_run)
    else:
        _tell(row, wanted.dry_run)
        if is_over:
            say(_why_over(held, wanted), sys.stderr)
    return int(Exit.FAILED if is_over else Exit.BUILT)


def _say_row(row: Mapping[str, Any], is_dry: bool) -> None:
    say(json.dumps({"vidbuild_gc": 1, "dry_run": is_dry, **row}))


def _records(files: Sequence[File]) -> str:
    one = f"`{files[0].path}`"
    more = f" and {counted(len(files) - 1, 'more record')}" if len(files) > 1 else ""
    return f"{one}{more} can't be read by this vidbuild, or not now"


class Unagreed(VidbuildError):
    """What would be lost was not agreed to."""

    exit = Exit.UNAPPROVED


class _Elsewhere:
    """Whether all that an attempt made lies, whole, in a store that is shared; each blob is read once."""

    def __init__(self, held: Holdings, remotes: Sequence[Remote]):
        self._held, self._remotes = held, remotes
        self._known: dict[str, bool] = {}

    def __call__(self, one: Paid) -> bool:
        return all(self._is_there(digest) for digest in self._held.here(one))

    def _is_there(self, digest: Any) -> bool:
        if digest not in self._known:
            size = self._held.blobs[digest].size
            self._known[digest] = any(is_held(remote, digest, size) for remote in self._remotes)
        return self._known[digest]


def _tell_dear(dear: Sequence[Paid], lost: Sequence[Paid]) -> None:
    gone = {one.key for one in lost}
    for one in dear:
        what = "exists nowhere else" if one.key in gone else "the shared store has it"
        named = f"; named by {', '.join(one.named)}" if one.named else ""
        say(f"paid: {clean(one.words)}; {what}{clean(named)}")
    if lost:
        say(f"would be lost: {len(lost)}, which cost {_cost(lost)}")


def _agreed(dear: Sequence[Paid], wanted: Wanted) -> bool:
    if wanted.as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    return click.confirm(f"remove the bytes of {len(dear)} that were paid for?", err=True)


def _without(held: Holdings, sweep: Sweep, paid: Sequence[Paid]) -> Holdings:
    """Give what would be left."""
    gone = {*sweep.blobs, *(digest for one in paid for digest in held.here(one))}
    kept = {digest for one in held.paid.values() if one not in paid for digest in one.blobs}
    files = {file.path for file in sweep.files}
    return Holdings(
        held.at,
        {digest: file for digest, file in held.blobs.items() if digest not in gone or digest in kept},
        {key: record for key, record in held.records.items() if key not in set(sweep.keys)},
        [file for file in held.unread if file.path not in files],
        held.foreign,
        damaged=[file for file in held.damaged if file.path not in files],
        refused=[file for file in held.refused if file.path not in files],
    )


def _gc_row(
    held: Holdings, sweep: Sweep, paid: Sequence[Paid], lost: Sequence[Paid], before: int, after: int
) -> dict[str, Any]:
    return {
        "derived": len(sweep.keys),
        "paid": [_paid_row(held, one, one in lost) for one in paid],
        "freed_bytes": before - after,
        "bytes": after,
    }


def _paid_row(held: Holdings, one: Paid, is_lost: bool) -> dict[str, Any]:
    usd = None if one.usd is None else round(float(one.usd), 6)
    told = {"attempt": one.key, "label": one.label, "model": one.model, "job": one.job, "usd": usd}
    size = sum(held.blobs[digest].size for digest in held.here(one))
    return {**told, "named": one.named, "lost": is_lost, "bytes": size}


def _tell(row: Mapping[str, Any], is_dry: bool) -> None:
    would, goes = ("would be ", "would go") if is_dry else ("", "gone")
    results, paid = row["derived"], len(row["paid"])
    say(f"{would}freed: {size_text(row['freed_bytes'])}; {counted(results, 'derived result')} and {paid} paid {goes}")
    if far := sum(not each["lost"] for each in row["paid"]):
        lies = "would lie" if is_dry else "lies"
        say(f"{far} of what was paid for {lies} in the shared store alone: it must keep that, whatever it evicts")
    say(f"the store {'would have' if is_dry else 'has'} {size_text(row['bytes'])}")


def _why_over(held: Holdings, wanted: Wanted) -> str:
    paid = sum(held.blobs[digest].size for digest in held.paid_blobs.keys() & held.blobs.keys())
    kept = f"what was used since {wanted.keep} ago stays, and so does" if wanted.keep else "what stays is"
    hint = "" if wanted.paid else "; `--paid` lets go of that too, with a list of what would be lost"
    said = f"{kept} what running builds use, what was paid for ({size_text(paid)}) and what says so{hint}"
    return f"larger than {wanted.max_size}: {said}"


def stats(store: str | None, named: Sequence[Path], as_json: bool, environ: Mapping[str, str]) -> int:
    """Tell what the store holds: derived and paid, by kind, by project, and the money in it."""
    stock = inventory.taken(store, named, environ)
    stock.index.close()
    told = {
        "vidbuild_store": 1,
        "store": str(stock.root),
        "bytes": stock.held.size,
        "derived": _derived_row(stock.held),
        "paid": _money_row(stock.held),
        "damaged": len(stock.held.damaged),
        "kinds": _kinds(stock.held),
        "projects": _by_project(stock),
    }
    if as_json:
        say(json.dumps(told))
        return Exit.BUILT
    for line in _table(told):
        say(clean(line))
    return Exit.BUILT


def _derived_row(held: Holdings) -> dict[str, Any]:
    paid = held.paid_blobs
    blobs = [file.size for digest, file in held.blobs.items() if digest not in paid]
    results = sum(not record.is_paid for record in held.records.values())
    return {"results": results, "blobs": len(blobs), "bytes": sum(blobs)}


def _money_row(held: Holdings) -> dict[str, Any]:
    here = [one for one in held.paid.values() if held.here(one)]
    digests = {digest for one in here for digest in held.here(one)}
    usd = sum((one.usd for one in here if one.usd is not None), Fraction(0))
    return {
        "takes": len(here),
        "blobs": len(digests),
        "bytes": sum(held.blobs[digest].size for digest in digests),
        "usd": round(float(usd), 6),
        "unpriced": sum(one.usd is None for one in here),
        "elsewhere": len(held.paid) - len(here),
    }


def _kinds(held: Holdings) -> list[dict[str, Any]]:
    """Add up by what made it; a blob of several counts in the first by name."""
    found: dict[str, tuple[int, int]] = {}
    counted: set[str] = set()
    for record in sorted(held.records.values(), key=lambda record: (not record.is_paid, record.kind)):
        count, size = found.get(record.kind, (0, 0))
        digests = {blob.digest for blob in record.result.outputs.values()} - counted
        counted |= digests
        size += sum(held.blobs[digest].size for digest in digests if digest in held.blobs)
        found[record.kind] = (count + 1, size)
    left = [file.size for digest, file in held.blobs.items() if digest not in counted]
    rows = [{"kind": kind, "results": count, "bytes": size} for kind, (count, size) in found.items()]
    rows += [{"kind": "of no result", "results": len(left), "bytes": sum(left)}] if left else []
    return sorted(rows, key=lambda row: -int(row["bytes"]))


def _by_project(stock: Inventory) -> list[dict[str, Any]]:
    """Add up what each project's last builds used, and what it bought; what several share counts in each."""
    held, rows = stock.held, list[dict[str, Any]]()
    for project in stock.projects:
        lock = str(project.parent / lock_name(project))
        keys = {key for _, use in held.uses if use.project == project for key in use.keys}
        mine = [one for one in held.paid.values() if one.project == str(project) or lock in one.named]
        outputs = (record.result.outputs.values() for key, record in held.records.items() if key in keys)
        digests = {blob.digest for blobs in outputs for blob in blobs} | {d for one in mine for d in held.here(one)}
        usd = sum((one.usd for one in mine if one.usd is not None), Fraction(0))
        size = sum(held.blobs[digest].size for digest in digests if digest in held.blobs)
        row = {"project": str(project), "is_there": project.is_file(), "takes": len(mine)}
        rows.append({**row, "usd": round(float(usd), 6), "bytes": size})
    return sorted(rows, key=lambda row: -int(row["bytes"]))


def _table(told: Mapping[str, Any]) -> Iterable[str]:
    derived, paid = told["derived"], told["paid"]
    unpriced = f" + {paid['unpriced']} of unknown price" if paid["unpriced"] else ""
    yield f"{told['store']}: {size_text(told['bytes'])}"
    cost = usd_text(Fraction(str(paid["usd"])))
    yield f"paid     {size_text(paid['bytes']):>10}  {counted(paid['takes'], 'take')}, {cost}{unpriced}"
    yield f"derived  {size_text(derived['bytes']):>10}  {counted(derived['results'], 'result')}, made again for nothing"
    if paid["elsewhere"]:
        yield f"not here, though known of: {counted(paid['elsewhere'], 'take')}"
    if told["damaged"]:
        yield f"set aside: {counted(told['damaged'], 'damaged blob')}"
    yield ""
    for row in told["kinds"]:
        yield f"{row['kind']:<14} {size_text(row['bytes']):>10}  {row['results']}"
    yield ""
    for row in told["projects"]:
        gone = "" if row["is_there"] else " (not there any more)"
        money = f", {counted(row['takes'], 'take')}, {usd_text(Fraction(str(row['usd'])))}" if row["takes"] else ""
        yield f"{size_text(row['bytes']):>10}  {row['project']}{gone}{money}"


def _cost(of: Sequence[Paid]) -> str:
    usd = sum((one.usd for one in of if one.usd is not None), Fraction(0))
    unknown = sum(one.usd is None for one in of)
    return usd_text(usd) + (f" and what nobody knows of {unknown}" if unknown else "")
