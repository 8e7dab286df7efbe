"""The contract: what a vendor does not take buys nothing, and is told as what it is."""

from __future__ import annotations

import pytest
from benches import CATALOG, SHAPES, Trying, moderates

from vidbuild.stores.job_log import Stage
from vidbuild.testing.contract import Case
from vidbuild.testing.vendors import HOSTILE
from vidbuild.words.errors import Refused, VendorFailed

NOES = [
    (case, fault)
    for case in SHAPES
    for fault in ("invalid", "bad_key", "out_of_credit", "retired")
    if fault == "invalid" or CATALOG.providers[case.provider].keys
]
"""Who has no accounts knows no key and no credit, and what it runs is the user's own."""


@pytest.mark.parametrize("case", [case for case in SHAPES if moderates(case)], ids=str)
def test_a_refusal_buys_nothing_and_is_remembered(bench: Trying, case: Case) -> None:
    """The next build sends nothing; the vendor's words come in one clean line."""
    here = bench(case)
    here.vendor.fault("submit", "refused", message=f"content policy: {HOSTILE}")
    first, second = here.trial.run(), here.trial.run()
    assert isinstance(first, Refused), first
    assert "\x1b" not in first.text() + str(here.trial.events)
    assert isinstance(second, Refused)
    assert (here.paid, here.count("submit")) == (0, 1)


@pytest.mark.parametrize(("case", "fault"), NOES, ids=str)
def test_what_cannot_be_bought_is_left_to_another_vendor(bench: Trying, case: Case, fault: str) -> None:
    """Nothing of ours is there then, and the vendor is named."""
    here = bench(case)
    here.vendor.fault("submit", fault)
    found = here.trial.run()
    assert isinstance(found, VendorFailed), found
    assert here.trial.provider.title in found.text()
    assert (here.paid, here.trial.standing.stage) == (0, Stage.FRESH)
