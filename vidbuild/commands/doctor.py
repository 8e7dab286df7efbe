"""`doctor`: what a build here would find: ffmpeg, the store, which keys are present, which vendors answer.

No key is read, sent or shown: a vendor is asked for nothing, and any answer will do.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

from vidbuild import packaged
from vidbuild.catalog.listing import keys_told
from vidbuild.catalog.model import Catalog, Provider
from vidbuild.console import say
from vidbuild.runners.vendor.outcomes import Unanswered, Unsent
from vidbuild.runners.vendor.transport import Transport
from vidbuild.runners.vendor.trust import Trust
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.wire.values import Request
from vidbuild.words.errors import Exit, VendorFailed, clean

PATIENCE_S = 10.0
_ANSWERS = "answers"


def run(settings: Settings) -> int:
    """Look after everything; it is a failure where a vendor whose keys are here doesn't answer."""
    session = Session(settings, os.environ)
    try:
        catalog = session.catalog() if settings.file.is_file() else packaged.catalog()
        say(f"{'ffmpeg':<18} {session.ffmpeg}")
        say(f"{'store':<18} {session.store}, {_room(session.store)}")
        configuration = session.configuration
    finally:
        session.close()
    trust = Trust(os.environ, configuration.trust, catalog.providers.values())
    asked = [provider for provider in _listed(catalog) if not trust.missing(provider)]
    names = [provider.name for provider in asked]
    told = dict(zip(names, asyncio.run(_asked(asked, trust, configuration.proxy)), strict=True))
    present = frozenset(key for provider in asked for key in provider.variables) | _some(catalog, trust)
    say("")
    for provider in _listed(catalog):
        say(f"{provider.name:<18} {keys_told(provider, present)}; {clean(told.get(provider.name, 'not asked'))}")
    if not any(provider.keys for provider in asked):
        say("")
        say("no key is here: drafts (`--draft`) are made without any; docs/providers.md says what a vendor needs")
    return (
        Exit.FAILED
        if any(provider.variables and _ANSWERS not in told[provider.name] for provider in asked)
        else Exit.BUILT
    )


def _listed(catalog: Catalog) -> list[Provider]:
    return sorted(catalog.providers.values(), key=lambda provider: provider.name)


def _some(catalog: Catalog, trust: Trust) -> frozenset[str]:
    """Name the keys that are here of vendors that lack another."""
    lacking = [(provider, trust.missing(provider)) for provider in catalog.providers.values()]
    return frozenset(key for provider, missing in lacking for key in provider.variables if key not in missing)


def _room(folder: Path) -> str:
    return f"{shutil.disk_usage(folder).free / 1e9:.0f} GB free"


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
