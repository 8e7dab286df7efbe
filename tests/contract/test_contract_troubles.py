"""The contract: what passes is waited for, what was lost is looked up, and nothing is paid twice."""

from __future__ import annotations

from benches import EACH, Trying, made

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case
from vidbuild.words.errors import ActionFailed, Unclear, VidbuildError


@EACH
def test_a_vendor_that_is_busy_is_asked_again(bench: Trying, case: Case) -> None:
    """A 429 made nothing, and is no failure."""
    here = bench(case)
    here.vendor.fault("submit", "busy", retry_after_s=0.5)
    made(here.trial.run())
    assert (here.paid, here.count("submit")) == (1, 2)


@EACH
def test_a_lost_answer_is_never_paid_twice(bench: Trying, case: Case) -> None:
    """It is asked for by our key or tag, where the vendor has such a thing; else the user is asked, once and again."""
    here = bench(case)
    here.vendor.fault("submit", "reset_after")
    first, second = here.trial.run(), here.trial.run()
    assert here.paid == 1
    if "find" in here.trial.operation or here.trial.provider.idempotency:
        made(first)
    else:
        assert isinstance(first, Unclear), first
        assert isinstance(second, Unclear), second
        assert (here.count("submit"), here.trial.standing.stage) == (1, Stage.INTENDED)


@EACH
def test_trouble_at_the_vendor_passes(bench: Trying, case: Case) -> None:
    """What passes while a job is out, or a file is fetched, costs nothing."""
    here = bench(case)
    for fault in ("server_error", "reset_before"):
        here.vendor.fault("poll", fault)
        here.vendor.fault("result", fault)
        here.vendor.fault("download", fault)
    made(here.trial.run())
    assert here.paid == 1


@EACH
def test_a_link_that_has_expired_is_renewed(bench: Trying, case: Case) -> None:
    """Or the job is kept, where a vendor has but one link; never is it paid again."""
    here = bench(case)
    here.vendor.fault("download", "link_expired")
    found = here.trial.run()
    assert here.paid == 1
    if isinstance(found, VidbuildError):
        assert isinstance(found, ActionFailed), found
    made(here.trial.run())
    assert (here.paid, here.count("submit")) == (1, 1)
