"""The contract: each end of a job is told as what it is, and what may have been paid is never bought again unasked."""

from __future__ import annotations

import pytest
from benches import JOBS, WITH_JOBS, Trying, moderates, operation

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case
from vidbuild.testing.vendors import HOSTILE
from vidbuild.wire.values import Cause, Wrong
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed


@JOBS
def test_a_job_that_fails_says_why(bench: Trying, case: Case) -> None:
    """It is over: the next attempt is another purchase."""
    here = bench(case)
    here.vendor.fault("submit", "fails", message=f"no gulls {HOSTILE}")
    found = here.trial.run()
    assert isinstance(found, AttemptFailed), found
    assert "no gulls" in found.text()
    assert "\x1b" not in found.text() + str(here.trial.events)
    assert (here.paid, here.trial.standing.stage) == (1, Stage.FRESH)


@pytest.mark.parametrize("case", [case for case in WITH_JOBS if moderates(case)], ids=str)
def test_a_job_that_moderation_ends_is_not_sent_again(bench: Trying, case: Case) -> None:
    """It is a refusal, as at the submit."""
    here = bench(case)
    here.vendor.fault("submit", "refused_at_end")
    first, second = here.trial.run(), here.trial.run()
    assert isinstance(first, Refused), first
    assert isinstance(second, Refused)
    assert (here.paid, here.count("submit")) == (1, 1)


@pytest.mark.parametrize("end", ["expired", "cancelled"])
@JOBS
def test_a_job_that_expires_or_is_cancelled_is_over(bench: Trying, case: Case, end: str) -> None:
    """It made nothing, and is not waited for."""
    here = bench(case)
    here.vendor.fault("submit", end)
    found = here.trial.run()
    assert isinstance(found, AttemptFailed), found
    assert (here.paid, here.trial.standing.stage) == (1, Stage.FRESH)


@JOBS
def test_a_job_that_its_vendor_forgets_is_put_to_the_user(bench: Trying, case: Case) -> None:
    """It may have been paid: neither failed nor bought again. Where "unknown" is but an error, it stays logged."""
    here = bench(case)
    here.vendor.fault("submit", "vanishes")
    found = here.trial.run(hurry=300)
    assert isinstance(found, Unclear | ActionFailed), found
    assert not isinstance(found, AttemptFailed | VendorFailed | Refused)
    assert (here.paid, here.count("submit")) == (1, 1)
    assert here.trial.standing.stage in (Stage.VANISHED, Stage.OUT)


@pytest.mark.parametrize("case", [case for case in WITH_JOBS if "cancel" in operation(case)], ids=str)
def test_a_job_is_called_off_where_its_vendor_can(bench: Trying, case: Case) -> None:
    """What the file says of it is what the vendor does."""
    here = bench(case)
    here.vendor.fault("submit", "late", seconds=3)
    answer = here.trial.called_off()
    assert isinstance(answer, Wrong), answer
    assert (answer.cause, here.complaints) == (Cause.CANCELLED, [])
    assert here.count("cancel") >= 1
