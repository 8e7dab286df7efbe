"""As many connections as the system allows: the soft limit is raised to the hard one, never lowered."""

from __future__ import annotations

import resource
from collections.abc import Iterator

import pytest

from vidbuild.runners.process import allow_open_files


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_soft_limit_is_raised_to_the_hard_one() -> None:
    """A thousand jobs need more than the usual 1,024 open files."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    assert allow_open_files() == (65536 if hard == resource.RLIM_INFINITY else min(hard, 65536))


def test_it_is_never_lowered() -> None:
    """Asked twice, nothing changes."""
    assert allow_open_files() == allow_open_files()
