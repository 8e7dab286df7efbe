"""`vidbuild store verify`: every blob hashed, every record read; what is damaged is set aside, and mended if it can be.

Three classes: what can be made again (the next build does), what was paid for and is to be had again (from a store that
is shared, or by its vendor's job, for nothing), and what was paid for and is lost.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from vidbuild import inventory
from vidbuild.commands import resume
from vidbuild.commands.jobs import Open
from vidbuild.console import say
from vidbuild.inventory import Inventory
from vidbuild.session import Session, open_state
from vidbuild.settings import Settings
from vidbuild.stores.holdings import Paid
from vidbuild.stores.job_log import standing
from vidbuild.stores.process_lock import ProcessLock
from vidbuild.stores.remotes.remote import Remote
from vidbuild.stores.tiered import Behind
from vidbuild.words.amounts import counted
from vidbuild.words.digest import Digest, digest_stream
from vidbuild.words.errors import BusyError, Exit, VidbuildError, clean

SHOWN = 20
"""Lines of a kind that people are told."""


@dataclass
class Found:
    """What was found.

    Args:
        damaged: blobs that held other bytes.
        derived: of those, what the next build makes again.
        fetched: attempts that are here again, with where from.
        lost: attempts whose bytes can't be had, with what to do.
        restored: blobs that were set aside, and hold what their name says.
        unopened: blobs that can't be read now, with why.
        unread: records that are none.
        incomplete: derived records without their blobs.
    """

    blobs: int = 0
    records: int = 0
    damaged: list[Digest] = field(default_factory=list)
    derived: list[Digest] = field(default_factory=list)
    restored: list[Digest] = field(default_factory=list)
    unopened: list[tuple[Digest, str]] = field(default_factory=list)
    fetched: list[tuple[Paid, str]] = field(default_factory=list)
    lost: list[tuple[Paid, str]] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    incomplete: int = 0

    @property
    def exit(self) -> Exit:
        if self.lost:
            return Exit.UNCLEAR
        return Exit.FAILED if self.damaged or self.unopened or self.unread else Exit.BUILT


def run(store: str | None, named: Sequence[Path], as_json: bool, environ: Mapping[str, str]) -> int:
    """Look at everything, mend what can be, and tell."""
    stock = inventory.taken(store, named, environ)
    found = Found(len(stock.held.blobs), _records(stock))
    try:
        _look(stock, found)
        lacking = _lacking(stock, found)
        if lacking:
            lacking = _from_remotes(stock, lacking, inventory.elsewhere(named, store, environ), found)
        _by_jobs(stock, lacking, found, environ)
    finally:
        stock.index.close()
    if as_json:
        say(json.dumps(_document(found)))
    else:
        _tell(found)
    for path, why in stock.unreadable.items():
        say(f"`{path}` can't be read, so what it names isn't looked for: {clean(why)}", sys.stderr)
    return int(found.exit)


def _records(stock: Inventory) -> int:
    return len(stock.held.records) + len(stock.held.unread) + len(stock.held.foreign)


def _restore(stock: Inventory, found: Found) -> None:
    """Put back what was set aside, and reads as its name says after all."""
    held = stock.held
    for file in list(held.damaged):
        digest = Digest(file.path.name[:64])
        try:
            if _is_whole(file.path, digest) and not stock.cas.has(digest):
                os.replace(file.path, place := stock.cas.where(digest))
                held.damaged.remove(file)
                held.blobs[digest] = replace(file, path=place)
                found.restored.append(digest)
        except (OSError, ValueError):
            continue  # it isn't read this time either


def _is_whole(path: Path, digest: Digest) -> bool:
    with open(path, "rb") as stream:
        return digest_stream(stream) == digest


def _look(stock: Inventory, found: Found) -> None:
    """Hash every blob; set aside what isn't what its name says."""
    held, paid = stock.held, stock.held.paid_blobs
    _restore(stock, found)
    for digest, file in list(held.blobs.items()):
        try:
            if _is_whole(file.path, digest):
                continue
        except FileNotFoundError:
            continue  # swept just now
        except OSError as error:
            # a drive that stutters says nothing of the bytes
            found.unopened.append((digest, error.strerror or str(error)))
            continue
        stock.cas.set_aside(file.path, digest)
        del held.blobs[digest]
        found.damaged.append(digest)
        if digest not in paid:
            found.derived.append(digest)
    found.unread = [file.path.name for file in (*held.unread, *held.foreign)]
    for record in held.records.values():
        is_whole = all(blob.digest in held.blobs for blob in record.result.outputs.values())
        found.incomplete += not record.is_paid and not is_whole


def _gone(stock: Inventory, one: Paid, found: Found) -> frozenset[Digest]:
    """List what of a purchase should be here, whole, and isn't; what another machine bought need not be."""
    aside = {file.path.name[:64] for file in stock.held.damaged} | set(found.damaged)
    should = one.blobs & aside | (one.stored if one.is_kept else frozenset())
    return frozenset(digest for digest in should if not stock.cas.has(digest))


def _lacking(stock: Inventory, found: Found) -> list[Paid]:
    """List the purchases that aren't here as they should be."""
    return [one for one in stock.held.paid.values() if _gone(stock, one, found)]


def _from_remotes(stock: Inventory, lacking: list[Paid], remotes: Sequence[Remote], found: Found) -> list[Paid]:
    """Fetch what stores that are shared have; give what they haven't."""
    told: list[str] = []
    for remote in remotes:
        behind = Behind(stock.cas, stock.cache, remote, told.append, True, "verify")
        still = []
        for one in lacking:
            for digest in _gone(stock, one, found):
                behind.blob(digest)
            if not _gone(stock, one, found):
                found.fetched.append((one, "the shared store"))
            else:
                still.append(one)
        lacking = still
    for text in told:
        say(clean(text), sys.stderr)
    return lacking


def _by_jobs(stock: Inventory, lacking: Sequence[Paid], found: Found, environ: Mapping[str, str]) -> None:
    """Fetch what vendors' jobs still have, project by project."""
    for project in dict.fromkeys(one.project for one in lacking):
        mine = [one for one in lacking if one.project == project]
        if not project or not Path(project).is_file():
            why = f"the project `{project}` isn't there" if project else "no job log here knows its job"
            hint = "build its project: what the vendor still has is fetched again, for nothing"
            found.lost += [(one, f"{why}; {hint}") for one in mine]
            continue
        try:
            failed = _fetched(Settings(Path(project), store=str(stock.root)), mine, environ)
        except VidbuildError as error:
            failed = {one.key: error for one in mine}
        for one in mine:
            if not _gone(stock, one, found):
                found.fetched.append((one, "its vendor"))
            else:
                found.lost.append((one, _said(failed.get(one.key), one)))


def _fetched(settings: Settings, lacking: Sequence[Paid], environ: Mapping[str, str]) -> Mapping[Digest, VidbuildError]:
    """Fetch by their jobs what a project bought; give what stands in the way."""
    session = Session(settings, environ)
    lock = ProcessLock(settings.state / "lock")
    try:
        open_state(settings)
        if not lock.take("vidbuild store verify"):
            raise BusyError(f"a build holds the project: {lock.holder()}", hint="verify again when it has ended")
        session.plan()
        nodes, keys = [], {}
        for one in lacking:
            node = resume.node_of(Open(one.key, standing(session.jobs.steps(one.key))))
            nodes.append(node)
            keys[node.action.id] = one.key
        outcome = resume.brought_in(session, nodes, lambda event: None)
        return {keys[id]: error for id, error in outcome.failed.items()}
    finally:
        lock.release()
        session.close()


def _said(error: VidbuildError | None, one: Paid) -> str:
    """Say why something can't be had, and what to do."""
    again = f"`vidbuild jobs resolve {one.key[:12]} --buy-again` lets the next build buy it"
    if error is None:
        return f"its vendor gave something else; {again}"
    facts = ", ".join(f"{name}: {fact}" for name, fact in error.facts.items())
    more = None if "--buy-again" in (error.hint or "") else again
    return "; ".join(part for part in (error.sentence, facts, error.hint, more) if part)


def _document(found: Found) -> dict[str, Any]:
    def row(one: Paid, why: str) -> dict[str, Any]:
        usd = None if one.usd is None else round(float(one.usd), 6)
        told = {"attempt": one.key, "label": one.label, "model": one.model, "job": one.job, "usd": usd}
        return {**told, "project": one.project, "why": why}

    return {
        "vidbuild_verify": 1,
        "blobs": found.blobs,
        "records": found.records,
        "damaged": found.damaged,
        "derived": found.derived,
        "restored": found.restored,
        "unopened": [digest for digest, _ in found.unopened],
        "fetched": [row(*each) for each in found.fetched],
        "lost": [row(*each) for each in found.lost],
        "unreadable": found.unread,
        "incomplete": found.incomplete,
        "exit": int(found.exit),
    }


def _tell(found: Found) -> None:
    _some([f"damaged, set aside; the next build makes it again: {digest}" for digest in found.derived])
    _some([f"was set aside, and is whole: it is put back: {digest}" for digest in found.restored])
    _some(
        [f"can't be read now ({why}), so nobody knows whether it is whole: {digest}" for digest, why in found.unopened]
    )
    _some([f"damaged or gone, fetched again from {where}: {one.words}" for one, where in found.fetched])
    for one, why in found.lost:
        say(f"paid and lost: {clean(one.words)}\n  {clean(why)}")
    _some([f"can't be read as a record: {name}" for name in found.unread])
    say(
        f"{counted(found.blobs, 'blob')}, {len(found.damaged)} damaged; "
        f"{counted(found.records, 'record')}, {len(found.unread)} unreadable, "
        f"{found.incomplete} without their blobs; paid: {len(found.fetched)} fetched again, {len(found.lost)} lost"
    )


def _some(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN]:
        say(clean(line))
    if len(lines) > SHOWN:
        say(f"  and {len(lines) - SHOWN} more")
