"""Which store a project shares: who says so, and whether it is written to. It opens nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vidbuild.spec.model import RemoteStore
from vidbuild.stores.remotes.remote import VARIABLE

READ_ONLY_VARIABLE = "VIDBUILD_REMOTE_READ_ONLY"
_OF_PULL_REQUESTS = {
    "GITHUB_EVENT_NAME": ("pull_request", "pull_request_target"),
    "CI_PIPELINE_SOURCE": ("merge_request_event", "external_pull_request_event"),
}
"""What says that CI builds what nobody has approved (GitHub Actions, GitLab CI: "Default environment variables")."""
VARIABLES = (READ_ONLY_VARIABLE, *_OF_PULL_REQUESTS)
_OFF = ("", "0", "false", "no")


def shared(
    told: RemoteStore | None, usual: RemoteStore | None, home: Path, environ: Mapping[str, str]
) -> RemoteStore | None:
    """Give the store that is shared: as the environment names it, else the project, else the user's configuration.

    An empty `VIDBUILD_REMOTE` is none. It is only read in the CI of a pull request, unless the environment says else.

    Args:
        home: the project's folder, which a folder's path counts from.
    """
    found = told or usual
    if (named := environ.get(VARIABLE)) is not None:
        found = RemoteStore(named, found is not None and found.reads_only) if named else None
    if found is None:
        return None
    if "://" not in found.url:
        found = replace(found, url=os.path.abspath(home / os.path.expanduser(found.url)))
    said = environ.get(READ_ONLY_VARIABLE)
    if said is not None:
        return replace(found, reads_only=said.lower() not in _OFF)
    return replace(found, reads_only=found.reads_only or is_pull_request(environ))


def is_pull_request(environ: Mapping[str, str]) -> bool:
    """Say whether CI builds a pull request, whose author may be anybody."""
    return any(environ.get(name) in values for name, values in _OF_PULL_REQUESTS.items())
