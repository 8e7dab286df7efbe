"""`trust`: the hosts that projects' own providers may be asked at, listed and changed."""

from __future__ import annotations

import sys
from collections.abc import Mapping

from vidbuild.configuration import change, configuration, distrusting, trusting
from vidbuild.console import say
from vidbuild.runners.vendor.addresses import BadAddress, host_name
from vidbuild.words.errors import Exit, UsageError


def run(host: str | None, is_removed: bool, environ: Mapping[str, str]) -> int:
    """Trust a host, trust it no more, or list those that are trusted.

    Args:
        host: `api.example.com` or `127.0.0.1:8188`; `None` lists.
    """
    if host is None:
        if is_removed:
            raise UsageError("no host is named", hint="`vidbuild trust` lists those that are trusted")
        known = configuration(environ).trust
        for name in known:
            say(name)
        if not known:
            say("no host is trusted but the packaged vendors' own", sys.stderr)
        return Exit.BUILT
    name = _read(host)
    known = configuration(environ).trust
    if is_removed and name not in known:
        raise UsageError(f"`{name}` is not trusted", hint="`vidbuild trust` lists those that are")
    if not is_removed and name in known:
        say(f"`{name}` is trusted already", sys.stderr)
        return Exit.BUILT
    edit = distrusting if is_removed else trusting
    file = change(environ, lambda text, path: edit(text, path, name))
    how = "not trusted any more" if is_removed else "trusted: a project's own provider there is sent its own keys"
    say(f"`{name}` is {how} ({file})", sys.stderr)
    return Exit.BUILT


def _read(host: str) -> str:
    try:
        return host_name(host)
    except BadAddress as error:
        raise UsageError(
            f"`{host}` {error}", hint="name the host alone, with its port where it isn't 443: `api.example.com`"
        ) from error
