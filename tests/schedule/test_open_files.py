"""As many connections as the system allows: the soft limit is raised to the hard one where something may be bought."""

from __future__ import annotations

import asyncio
import resource
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from vidbuild import purchasing
from vidbuild.runners.process import allow_open_files
from vidbuild.session import Session
from vidbuild.settings import Settings
from vidbuild.stores.purse import Purse


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


def test_a_build_that_may_buy_raises_it(tmp_path: Path) -> None:
    """Every job that is out holds a connection now and then, and every take a file."""
    (tmp_path / "project.yaml").write_text(
        "vidbuild: 1\nname: few\nmodel: local/animatic\nshots: [{id: a, duration_s: 1, prompt: x}]\noutputs: [square]\n"
    )
    session = Session(Settings(tmp_path, store=str(tmp_path / "store")), {})
    session.plan()
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))

    async def limit_while_buying() -> int:
        async with purchasing.opened(session, Purse(Fraction(0)), lambda event: None):
            return resource.getrlimit(resource.RLIMIT_NOFILE)[0]

    try:
        limit = asyncio.run(limit_while_buying())
    finally:
        session.close()
    assert limit == allow_open_files() > 256
