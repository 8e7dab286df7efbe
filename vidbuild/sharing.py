"""Which store a project shares: who says so, and whether it is written to. It opens nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from vidbuild.spec.model import RemoteStore
from vidbuild.stores.remotes.remote import VARIABLE, check, shown
from vidbuild.words.errors import UsageError

READ_ONLY_VARIABLE = "VIDBUILD_REMOTE_READ_ONLY"
_OF_PULL_REQUESTS = {
    "GITHUB_EVENT_NAME": ("pull_request", "pull_request_target"),
    "CI_PIPELINE_SOURCE": ("merge_request_event", "external_pull_request_event"),
}
"""What says that CI builds what nobody has approved (GitHub Actions, GitLab CI: "Default environment variables")."""
VARIABLES = (READ_ONLY_VARIABLE, *_OF_PULL_REQUESTS)
_OFF = ("", "0", "false", "no")


def shared(
    told: RemoteStore | None,
    usual: RemoteStore | None,
    home: Path,
    environ: Mapping[str, str],
    trusted: Callable[[str], bool],
) -> RemoteStore | None:
    """Give the store that is shared: as the environment names it, else the project, else the user's configuration.

    An empty `VIDBUILD_REMOTE` is none. It is only read in the CI of a pull request, unless the environment says else.

    Args:
        home: the project's folder, which a folder's path counts from.
        trusted: whether a place counts that a project names, which may be anybody's: what comes from there answers
            other projects too, and what is made here goes there.

    Raises:
        UsageError: the project names a place that doesn't, or something that is none.
    """
    if (named := environ.get(VARIABLE)) is not None:
        found = RemoteStore(named, told is not None and told.reads_only) if named else None
    else:
        found = told or usual
    if found is None:
        return None
    check(found.url)
    if "://" not in found.url:
        found = replace(found, url=os.path.abspath(home / os.path.expanduser(found.url)))
    if named is None and told is not None and (usual is None or usual.url != told.url) and not trusted(found.url):
        host = urlsplit(found.url).hostname if "://" in found.url else None
        hint = f"`vidbuild trust {host}`, or name it in {VARIABLE}" if host else f"name it in {VARIABLE}"
        raise UsageError(f"the project names `{shown(found.url)}` as its shared store, and you don't", hint=hint)
    said = environ.get(READ_ONLY_VARIABLE)
    if said is not None:
        return replace(found, reads_only=said.lower() not in _OFF)
    return replace(found, reads_only=found.reads_only or is_pull_request(environ))


def is_pull_request(environ: Mapping[str, str]) -> bool:
    """Say whether CI builds a pull request, whose author may be anybody."""
    return any(environ.get(name) in values for name, values in _OF_PULL_REQUESTS.items())
