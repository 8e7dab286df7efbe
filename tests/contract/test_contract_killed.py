"""The contract: who is killed by SIGKILL, wherever that is, goes on and pays no second time."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from benches import SHAPES, WITH_JOBS, Trying, operation

from vidbuild.testing.contract import Case, forms_of
from vidbuild.testing.vendors import Vendors
from vidbuild.testing.warm import Starter
from vidbuild.words.errors import Unclear, VidbuildError

FETCHED = {"url", "saved"}
KILLS = [
    (case, step)
    for case in SHAPES
    for step in ("submit", "poll", "download")
    if step == "submit" or (case in WITH_JOBS and (step == "poll" or forms_of(operation(case)["result"]) & FETCHED))
]
"""Who answers at once is asked no more, and what comes with an answer is not fetched."""


@pytest.fixture(scope="module")
def starter() -> Starter:
    """Who starts attempts in processes of their own."""
    return Starter()


@pytest.mark.parametrize(("case", "step"), KILLS, ids=str)
def test_who_is_killed_goes_on_and_pays_no_second_time(
    bench: Trying, vendors: Vendors, starter: Starter, case: Case, step: str
) -> None:
    """SIGKILL at the answer to a submit, a poll, a download; what was known before it is enough."""
    here = bench(case)
    here.vendor.fault(step, "kill_after")
    words = [str(here.folder), case.provider, case.operation]
    environ = {**vendors.environ, "PATH": "/usr/bin:/bin"}
    with tempfile.TemporaryFile("w+") as errors:
        child = starter.start(words, Path.cwd(), environ, errors, "vidbuild.testing.contract")
        assert child.wait(90) == -9, errors.seek(0) or errors.read()
        assert child.stdout is not None
        child.stdout.close()
    found = here.trial.run()
    assert here.paid == 1
    assert here.count("submit") == 1 or here.trial.provider.idempotency
    is_told = step != "submit" or "find" in here.trial.operation or bool(here.trial.provider.idempotency)
    assert isinstance(found, VidbuildError) is not is_told, found
    if not is_told:
        assert isinstance(found, Unclear)
    here.see_no_secret()
