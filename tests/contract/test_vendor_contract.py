"""The contract that every packaged vendor keeps: submit, poll, fetch, fail, refuse, moderate, expire, cancel, resume.

How a vendor joins: it has a file in `vidbuild/catalog/providers/`, a model whose route names each of its operations,
and a loopback double (`vidbuild/testing/vendors/NAME.py`, called as the provider is, added to `Vendors`). Nothing is
written here: cases are every operation of every provider (`vidbuild.testing.contract.cases`), faults those that all
doubles know (`vidbuild.testing.vendors.faults`), brought to their end by the driver that builds have, through real
sockets. Operations that are asked and told alike are tried once where it is the vendor's manners that count.
What a vendor makes of an end it has no word for (Runway: expired) is its double's to say, not a test's to excuse.
A provider that costs nothing and needs no key (ComfyUI) is in it like any other.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from benches import CATALOG, Bench

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case, cases, forms_of, shapes
from vidbuild.testing.vendors import HOSTILE, Vendors
from vidbuild.testing.warm import Starter
from vidbuild.wire.values import Cause, Wrong
from vidbuild.words.errors import ActionFailed, AttemptFailed, Refused, Unclear, VendorFailed, VidbuildError

Trying = Callable[[Case], Bench]
ALL = pytest.mark.parametrize("case", cases(CATALOG), ids=str)
EACH = pytest.mark.parametrize("case", shapes(CATALOG), ids=str)
JOBS = pytest.mark.parametrize(
    "case",
    [case for case in shapes(CATALOG) if "accepted" in CATALOG.providers[case.provider].operations[case.operation]],
    ids=str,
)


def made(found: Mapping[str, Any] | VidbuildError) -> Mapping[str, Any]:
    """See that an attempt was made, and give its facts."""
    assert not isinstance(found, VidbuildError), found.text()
    return found


def without_moderation(bench: Bench) -> None:
    """Leave out vendors that refuse nothing: their files know no refusal."""
    provider = bench.trial.provider
    if "refused" not in str(provider.errors) + str(bench.trial.operation.get("poll")):
        pytest.skip(f"{provider.title} moderates nothing")


def test_every_operation_of_every_provider_is_tried(vendors: Vendors) -> None:
    """One that no packaged model uses would be tried by nobody; one without a double can't be."""
    known = {(name, operation) for name, one in CATALOG.providers.items() for operation in one.operations}
    assert {(case.provider, case.operation) for case in cases(CATALOG)} == known
    assert {case.provider for case in shapes(CATALOG)} == set(CATALOG.providers)
    for name, provider in CATALOG.providers.items():
        assert provider.base_variable in vendors.environ, f"no double is called {name}"
        assert set(provider.keys) <= set(vendors.secrets)


@ALL
def test_it_is_submitted_polled_and_fetched(bench: Trying, case: Case) -> None:
    """Paid once, understood by both sides, and no key is written down."""
    here = bench(case)
    facts = made(here.trial.run())
    assert (here.paid, here.complaints) == (1, [])
    assert all(path.stat().st_size for path in here.trial.outputs.values())
    assert facts["model"] == case.model
    assert here.trial.standing.stage is Stage.OUT
    here.see_no_secret()


@EACH
def test_a_refusal_buys_nothing_and_is_remembered(bench: Trying, case: Case) -> None:
    """The next build sends nothing; the vendor's words come in one clean line."""
    here = bench(case)
    without_moderation(here)
    here.vendor.fault("submit", "refused", message=f"content policy: {HOSTILE}")
    first, second = here.trial.run(), here.trial.run()
    assert isinstance(first, Refused), first
    assert "\x1b" not in first.text() + str(here.trial.events)
    assert isinstance(second, Refused)
    assert (here.paid, here.count("submit")) == (0, 1)


@pytest.mark.parametrize("fault", ["bad_key", "out_of_credit", "retired", "invalid"])
@EACH
def test_what_cannot_be_bought_is_left_to_another_vendor(bench: Trying, case: Case, fault: str) -> None:
    """Nothing of ours is there then, and the vendor is named."""
    here = bench(case)
    if fault != "invalid" and not here.trial.provider.keys:
        pytest.skip("it has no accounts, and what it runs is the user's own")
    here.vendor.fault("submit", fault)
    found = here.trial.run()
    assert isinstance(found, VendorFailed), found
    assert here.trial.provider.title in found.text()
    assert (here.paid, here.trial.standing.stage) == (0, Stage.FRESH)


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


@JOBS
def test_a_job_that_moderation_ends_is_not_sent_again(bench: Trying, case: Case) -> None:
    """It is a refusal, as at the submit."""
    here = bench(case)
    without_moderation(here)
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


@JOBS
def test_a_job_is_called_off_where_its_vendor_can(bench: Trying, case: Case) -> None:
    """What the file says of it is what the vendor does."""
    here = bench(case)
    if "cancel" not in here.trial.operation:
        pytest.skip(f"{here.trial.provider.title} calls nothing off")
    here.vendor.fault("submit", "late", seconds=3)
    answer = here.trial.called_off()
    assert isinstance(answer, Wrong), answer
    assert (answer.cause, here.complaints) == (Cause.CANCELLED, [])
    assert here.count("cancel") >= 1


@pytest.fixture(scope="module")
def starter() -> Starter:
    """Who starts attempts in processes of their own."""
    return Starter()


@pytest.mark.parametrize("step", ["submit", "poll", "download"])
@EACH
def test_who_is_killed_goes_on_and_pays_no_second_time(
    bench: Trying, vendors: Vendors, starter: Starter, case: Case, step: str
) -> None:
    """SIGKILL at the answer to a submit, a poll, a download; what was known before it is enough."""
    here = bench(case)
    if step != "submit" and (here.trial.is_sync or "url" not in forms_of(here.trial.operation["result"])):
        pytest.skip("it answers at once, or without a file to fetch")
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
