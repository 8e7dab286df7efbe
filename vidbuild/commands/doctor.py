"""`doctor`: what a build here would find: ffmpeg, fonts, disk, the shared store, what models need, keys, vendors.

No key is read, sent or shown: a vendor is asked for nothing, and any answer will do.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from vidbuild import packaged, typefaces
from vidbuild.catalog.listing import keys_told
from vidbuild.catalog.model import Catalog, Provider
from vidbuild.checkup import disk, remote, toolchain, written
from vidbuild.checkup.finding import Finding
from vidbuild.console import say
from vidbuild.runners.vendor.outcomes import Unanswered, Unsent
from vidbuild.runners.vendor.transport import Transport
from vidbuild.runners.vendor.trust import Trust
from vidbuild.session import Planned, Session
from vidbuild.settings import Settings, out_folder
from vidbuild.spec.load import Loaded
from vidbuild.stores.remotes.remote import opened, shown
from vidbuild.wire.values import Request
from vidbuild.words.errors import Exit, SpecError, VendorFailed, VidbuildError, clean

PATIENCE_S = 10.0
_ANSWERS = "answers"


@dataclass
class _Read:
    """What could be read of a project: it may have mistakes, or not be there at all."""

    loaded: Loaded | None = None
    planned: Planned | None = None
    finding: Finding | None = None


def run(settings: Settings, as_json: bool = False) -> int:
    """Look after everything; it is a failure where a build would fail, or a vendor whose keys are here is silent."""
    session = Session(settings, os.environ)
    try:
        catalog = session.catalog() if settings.file.is_file() else packaged.catalog()
        read = _read(session, catalog)
        found = [*_machine(session), *_project(session, read), *_shared(session, read)]
        configuration = session.configuration
    finally:
        session.close()
    trust = Trust(os.environ, configuration.trust, catalog.providers.values())
    found += _models(catalog, trust, read)
    asked = [provider for provider in _listed(catalog) if not trust.missing(provider)]
    names = [provider.name for provider in asked]
    told = dict(zip(names, asyncio.run(_asked(asked, trust, configuration.proxy)), strict=True))
    silent = [p.name for p in asked if p.variables and _ANSWERS not in told[p.name]]
    is_wrong = bool(silent) or any(one.is_wrong for one in found)
    if as_json:
        rows = [{"name": p.name, **_keys(p, trust), "said": told.get(p.name)} for p in _listed(catalog)]
        told_all = {"vidbuild_doctor": 1, "is_well": not is_wrong, "found": [one.row() for one in found]}
        say(json.dumps({**told_all, "vendors": rows}))
    else:
        _tell(found, catalog, trust, told)
    return int(Exit.FAILED if is_wrong else Exit.BUILT)


def _read(session: Session, catalog: Catalog) -> _Read:
    """Read and plan the project, as far as it goes."""
    if not session.settings.file.is_file():
        return _Read(finding=Finding("project", f"none here: there is no `{session.settings.file}`"))
    read = _Read()
    try:
        read.loaded = session.load(catalog)
        read.planned = session.plan()
    except SpecError as error:
        partial = error.partial
        read.loaded = read.loaded or (partial if isinstance(partial, Loaded) else None)
        count = len(error.problems)
        said = error.sentence if count == 1 else f"{count} mistakes, the first: {error.sentence}"
        read.finding = Finding("project", said, True, "`vidbuild check` shows them all")
    except VidbuildError as error:
        read.finding = Finding("project", error.sentence, True, error.hint)
    return read


def _machine(session: Session) -> Iterator[Finding]:
    finished = session.settings.home / out_folder(session.settings)
    try:
        yield Finding("ffmpeg", f"{session.ffmpeg}: {session.encoder}")
    except VidbuildError as error:
        yield Finding("ffmpeg", error.sentence, True, error.hint)
    yield disk.room("store", session.store)
    yield disk.abilities("file system", session.store, finished if finished.is_dir() else None)
    if session.settings.home.is_dir() and os.stat(session.settings.home).st_dev != os.stat(session.store).st_dev:
        yield disk.room("finished files", session.settings.home)


def _project(session: Session, read: _Read) -> Iterator[Finding]:
    if read.finding is not None:
        yield read.finding
    if read.planned is not None:
        yield toolchain.has(session.ffmpeg, toolchain.needs(read.planned.graph))
    if read.loaded is not None:
        projects, home = read.loaded.projects, session.settings.home
        faces = [typefaces.gather(each, home, read.loaded.accepted, session.own)[0] for each in projects]
        yield written.coverage(
            projects, {f"{n}{role}": face for n, of in enumerate(faces) for role, face in of.items()}
        )


def _shared(session: Session, read: _Read) -> Iterator[Finding]:
    try:
        place = session.shared(read.loaded.project.remote if read.loaded is not None else None)
        if place is None:
            yield Finding("shared store", "none is named (`remote:` in the project, or VIDBUILD_REMOTE)")
        else:
            yield remote.probe(shown(place.url), opened(place.url, os.environ), place.reads_only)
    except VidbuildError as error:
        yield Finding("shared store", error.sentence, True, error.hint)


def _models(catalog: Catalog, trust: Trust, read: _Read) -> Iterator[Finding]:
    """Say of each model that the project buys from which keys it needs, and whether they are here."""
    planned = read.planned
    if planned is None:
        return
    hired = {hire.model for node in planned.graph.nodes.values() for hire in node.conduct.hires}
    for name in sorted(hired):
        model = catalog.models.get(name)
        if model is None or model.is_local:
            continue
        ways = [catalog.providers[route.provider] for route in model.routes if route.provider in catalog.providers]
        ready = [way.name for way in ways if not trust.missing(way)]
        if ready:
            yield Finding(f"model {name}", f"can be asked through {', '.join(ready)}")
        else:
            lacks = " or ".join(f"{' and '.join(trust.missing(way))} ({way.name})" for way in ways)
            yield Finding(f"model {name}", f"needs {lacks or 'a way to it'}", hint="set them, or build with `--draft`")


def _tell(found: Sequence[Finding], catalog: Catalog, trust: Trust, told: Mapping[str, str]) -> None:
    for one in found:
        mark = "WRONG: " if one.is_wrong else ""
        say(f"{clean(one.what):<22} {mark}{clean(one.said)}")
        if one.hint:
            say(f"{'':<22} hint: {clean(one.hint)}")
    asked = [catalog.providers[name] for name in told]
    present = frozenset(key for provider in asked for key in provider.variables) | _some(catalog, trust)
    say("")
    for provider in _listed(catalog):
        say(f"{provider.name:<18} {keys_told(provider, present)}; {clean(told.get(provider.name, 'not asked'))}")
    if not any(provider.keys for provider in asked):
        say("")
        say("no key is here: drafts (`--draft`) are made without any; docs/providers.md says what a vendor needs")


def _keys(provider: Provider, trust: Trust) -> dict[str, list[str]]:
    missing = trust.missing(provider)
    return {"present": [key for key in provider.variables if key not in missing], "missing": list(missing)}


def _listed(catalog: Catalog) -> list[Provider]:
    return sorted(catalog.providers.values(), key=lambda provider: provider.name)


def _some(catalog: Catalog, trust: Trust) -> frozenset[str]:
    """Name the keys that are here of vendors that lack another."""
    lacking = [(provider, trust.missing(provider)) for provider in catalog.providers.values()]
    return frozenset(key for provider, missing in lacking for key in provider.variables if key not in missing)


async def _asked(providers: Sequence[Provider], trust: Trust, proxy: str | None) -> list[str]:
    """Ask each at its base address, all at once."""
    async with Transport(trust.named, proxy) as transport:
        return await asyncio.gather(*(_answer(provider, trust, transport) for provider in providers))


async def _answer(provider: Provider, trust: Trust, transport: Transport) -> str:
    try:
        base = trust.base(provider)
    except VendorFailed as error:
        return f"not asked: {error.sentence}" + (f" ({error.hint})" if error.hint else "")
    begun = time.monotonic()
    outcome = await transport.exchange(Request("GET", f"{base}/"), None, PATIENCE_S)
    if isinstance(outcome, Unsent | Unanswered):
        return f"`{outcome.host}` does not answer: {outcome.reason}"
    return f"{_ANSWERS} in {(time.monotonic() - begun) * 1000:.0f} ms"
